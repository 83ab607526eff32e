package inspect

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"userlike-inspector/schema"
)

// maxUnpacked bounds how often a text within a hit's data is taken for data in
// another wrapping.
const maxUnpacked = 3

// Holds tells whether a hit's decoded data has a text as a whole value or, if words
// suffice, as whole words of one. Texts that are data themselves, as JSON, escaped or
// in base64, are looked into.
func Holds(data any, text string, words bool) bool {
	return anyText(data, maxUnpacked, func(value string) bool {
		return value == text || words && holdsWords(value, text)
	})
}

// anyText tells whether a text or number of data is one that f wants.
func anyText(data any, depth int, f func(string) bool) bool {
	switch v := data.(type) {
	case string:
		if f(v) {
			return true
		}
		inner, ok := unpacked(v)
		return ok && depth > 0 && anyText(inner, depth-1, f)
	case json.Number:
		return f(v.String())
	case []any:
		return slices.ContainsFunc(v, func(e any) bool { return anyText(e, depth, f) })
	case map[string]any:
		for _, e := range v {
			if anyText(e, depth, f) {
				return true
			}
		}
	}
	return false
}

// unpacked is what a text holds in another wrapping.
func unpacked(text string) (any, bool) {
	switch trimmed := strings.TrimSpace(text); {
	case trimmed == "":
		return nil, false
	case trimmed[0] == '{' || trimmed[0] == '[':
		v, err := schema.Decode([]byte(trimmed))
		return v, err == nil
	case strings.ContainsRune(text, '%'):
		plain, err := url.QueryUnescape(text)
		return plain, err == nil && plain != text
	case strings.ContainsAny(text, "=&") && !strings.HasSuffix(text, "="):
		query, err := url.ParseQuery(text)
		var all []any
		for _, values := range query {
			for _, v := range values {
				all = append(all, v)
			}
		}
		return all, err == nil
	case len(text) >= 8:
		encoding := base64.RawStdEncoding
		if strings.ContainsAny(text, "-_") {
			encoding = base64.RawURLEncoding
		}
		plain, err := encoding.DecodeString(strings.TrimRight(text, "="))
		return string(plain), err == nil && utf8.Valid(plain)
	}
	return nil, false
}

// holdsWords tells whether a text has another one in it that no letter, digit or
// underscore goes on with.
func holdsWords(text, part string) bool {
	for from := 0; part != ""; {
		i := strings.Index(text[from:], part)
		if i < 0 {
			return false
		}
		before, _ := utf8.DecodeLastRuneInString(text[:from+i])
		after, _ := utf8.DecodeRuneInString(text[from+i+len(part):])
		if !ofWord(before) && !ofWord(after) {
			return true
		}
		_, size := utf8.DecodeRuneInString(text[from+i:])
		from += i + size
	}
	return false
}

func ofWord(r rune) bool {
	return r != utf8.RuneError && (r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r))
}

// Texts are the texts and numbers of a call at a place, given as JSON Pointer tokens of
// which "*" is any member or element, and below it.
func (f VisitFacts) Texts(tokens []string) (all []string) {
	first := slices.Index(tokens, "*")
	if first < 0 {
		first = len(tokens)
	}
	gather(f.Value(tokens[:first]), tokens[first:], &all)
	return all
}

// maxTexts bounds how many of them are looked for.
const maxTexts = 100

func gather(v any, tokens []string, all *[]string) {
	inside := func(name string) ([]string, bool) {
		switch {
		case len(tokens) == 0:
			return nil, true
		case tokens[0] == "*" || tokens[0] == name:
			return tokens[1:], true
		}
		return nil, false
	}
	switch v := v.(type) {
	case string:
		if len(tokens) == 0 && v != "" && len(*all) < maxTexts {
			*all = append(*all, v)
		}
	case json.Number:
		if len(tokens) == 0 && len(*all) < maxTexts {
			*all = append(*all, v.String())
		}
	case []any:
		for i, e := range v {
			if rest, ok := inside(strconv.Itoa(i)); ok {
				gather(e, rest, all)
			}
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if rest, ok := inside(name); ok {
				gather(v[name], rest, all)
			}
		}
	}
}
