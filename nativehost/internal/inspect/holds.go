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

// maxUnpacked is how often a text in a hit's data is decoded again, when the result is
// encoded too.
const maxUnpacked = 3

// Holds tells whether a hit's decoded data contains text as a whole value or, if words
// is set, as whole words of a value. Values that are JSON, escaped or base64 are decoded
// and searched too.
func Holds(data any, text string, words bool) bool {
	return anyText(data, maxUnpacked, func(value string) bool {
		return value == text || words && holdsWords(value, text)
	})
}

// HoldsInAnyCase is Holds for words in upper or lower case, as addresses and names are
// compared.
func HoldsInAnyCase(data any, text string) bool {
	text = strings.ToLower(text)
	return anyText(data, maxUnpacked, func(value string) bool {
		value = strings.ToLower(value)
		return value == text || holdsWords(value, text)
	})
}

// anyText tells whether f is true for any text or number in data.
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

// unpacked decodes a text that is JSON, escaped or base64. It is false for other texts.
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

// holdsWords tells whether text contains part with no letter, digit or underscore right
// before or after it.
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

// Texts are the texts and numbers of a call at and below a place. The place is given as
// JSON Pointer tokens, in which "*" is any member or element.
func (f VisitFacts) Texts(tokens []string) (all []string) {
	first := slices.Index(tokens, "*")
	if first < 0 {
		first = len(tokens)
	}
	gather(f.Value(tokens[:first]), tokens[first:], &all)
	return all
}

// maxTexts is how many texts Texts returns at most.
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
