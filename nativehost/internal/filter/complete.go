package filter

import (
	"strings"
	"unicode"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/schema"
)

// Known lists the values that can be suggested, by field name, or by JSON Pointer for those
// of a place. Under "/" are JSON Pointers.
type Known map[string][]string

// Documented lists what is known without a recording: documented events and fields,
// rules, kinds and severities. Each call returns a new copy.
func Documented() Known {
	k := Known{}
	for _, f := range fields() {
		k[f.name] = f.values
	}
	catalogue := schema.Catalogue()
	for _, e := range catalogue.Events {
		k["event"] = append(k["event"], e.Name)
	}
	for _, f := range catalogue.Fields {
		k["/"] = append(k["/"], f.At)
		k["carries"] = append(k["carries"], f.At)
	}
	for _, r := range inspect.Rules() {
		k["rule"] = append(k["rule"], r.Name)
	}
	return k
}

// Suggestion is one way to complete a filter. Meaning explains it and may be empty.
type Suggestion struct{ Text, Meaning string }

// Complete says how the filter that is being typed can be completed at the cursor, a
// position in bytes. Each suggestion replaces text[from:cursor]. Fields are in the order
// of the help, values in the order of known.
func Complete(text string, cursor int, known Known) (from int, suggestions []Suggestion) {
	p := parser{text: text[:max(0, min(cursor, len(text)))]}
	from = p.last(isSpace)
	if rest := p.text[from:]; rest != "" && (rest[0] == '-' || rest[0] == '!') {
		from++
	}
	p.pos = from
	name, _, quoted, err := p.word()
	op := p.operator()
	switch {
	case err != nil: // within a quoted text
		return from, nil
	case op == "" && !quoted:
		return from, completeNames(name, known)
	case op == "":
		return from, nil
	}
	from = p.last(func(c byte) bool { return c == ',' })
	typed := lower(unquoted.Replace(p.text[from:]))
	if !strings.HasPrefix(name, "/") { // the names of places are as they are
		name = lower(name)
	}
	for _, v := range known[name] {
		if strings.HasPrefix(lower(v), typed) {
			suggestions = append(suggestions, Suggestion{Text: Quote(v)})
		}
	}
	return from, suggestions
}

// unquoted removes quotes, and the backslashes that escape characters.
var unquoted = strings.NewReplacer(`\"`, `"`, `\\`, `\`, `"`, "")

// completeNames suggests fields, or places after a "/".
func completeNames(typed string, known Known) (suggestions []Suggestion) {
	for _, f := range fields() {
		if strings.HasPrefix(f.name, lower(typed)) {
			op := ":"
			if f.name == "severity" {
				op = ">=" // the operator that is wanted most often
			}
			suggestions = append(suggestions, Suggestion{f.name + op, f.meaning})
		}
	}
	if strings.HasPrefix(typed, "/") {
		for _, at := range known["/"] {
			if strings.HasPrefix(at, typed) && !strings.ContainsFunc(at, func(r rune) bool { return !typeable(r) }) {
				suggestions = append(suggestions, Suggestion{QuoteName(at) + ":", ""})
			}
		}
	}
	return suggestions
}

// last is where the last part of the text begins, from pos on. A part ends where ends says so
// outside quotes.
func (p *parser) last(ends func(c byte) bool) int {
	start, inQuotes := p.pos, false
	for i := p.pos; i < len(p.text); i++ {
		switch c := p.text[i]; {
		case c == '\\' && inQuotes:
			i++
		case c == '"':
			inQuotes = !inQuotes
		case ends(c) && !inQuotes:
			start = i + 1
		}
	}
	return start
}

// quotedLimit is how many bytes of a value Quote writes. * stands for the rest.
const quotedLimit = 256

// Quote writes a value in such a way that Parse reads the same value. * stands for
// characters that cannot be typed or seen, and for the end of a value that is long or was
// cut.
func Quote(value string) string {
	const gap = "\x00"
	if len(value) > quotedLimit {
		value = strings.ToValidUTF8(value[:quotedLimit], "") + gap
	}
	if cut, was := strings.CutSuffix(value, "…"); was {
		value = cut + gap
	}
	var b strings.Builder
	gaps := func(r rune) rune {
		if typeable(r) {
			return r
		}
		return 0
	}
	for i, part := range strings.Split(strings.Map(gaps, value), gap) {
		if i > 0 && !strings.HasSuffix(b.String(), "*") {
			b.WriteByte('*')
		}
		if part != "" {
			b.WriteString(quote(part, ` ,"*`))
		}
	}
	if b.Len() == 0 {
		return `""`
	}
	return b.String()
}

// typeable tells whether people can see and type a character.
func typeable(r rune) bool {
	return unicode.IsPrint(r) && !unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// QuoteName writes a place so that it is read as it is, before a colon.
func QuoteName(name string) string { return quote(name, ` :<>=!"`) }

// quote puts a text that has one of the special characters in quotes.
func quote(text, special string) string {
	if !strings.ContainsAny(text, special) {
		return text
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}

// Add adds values that were seen in a recording, each once.
func (k Known) Add(field string, values ...string) {
	known := map[string]bool{"": true}
	for _, v := range k[field] {
		known[v] = true
	}
	for _, v := range values {
		if !known[v] {
			known[v] = true
			k[field] = append(k[field], v)
		}
	}
}
