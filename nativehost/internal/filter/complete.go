package filter

import (
	"strings"
	"unicode"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/schema"
)

// Known is what values there are, by field name; under "/" are the places.
type Known map[string][]string

// Documented is what is known without a recording: documented events and
// places, rules, kinds and severities. Each caller has a copy of its own.
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

// Suggestion is one way to go on. Meaning may be empty.
type Suggestion struct{ Text, Meaning string }

// Complete says how the filter that is being typed can go on at the cursor, a
// position in bytes: each suggestion stands for text[from:cursor]. Fields come in
// the order of the help, values in that of known.
func Complete(text string, cursor int, known Known) (from int, suggestions []Suggestion) {
	p := parser{text: text[:max(0, min(cursor, len(text)))]}
	from = p.lastTerm()
	if strings.HasPrefix(p.text[from:], "-") {
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
	from = p.lastAlternative()
	typed := lower(strings.ReplaceAll(p.text[from:], `"`, ""))
	for _, v := range known[lower(name)] {
		if strings.HasPrefix(lower(v), typed) {
			suggestions = append(suggestions, Suggestion{Text: Quote(v)})
		}
	}
	return from, suggestions
}

// completeNames suggests fields, or places after a "/".
func completeNames(typed string, known Known) (suggestions []Suggestion) {
	for _, f := range fields() {
		if strings.HasPrefix(f.name, lower(typed)) {
			op := ":"
			if f.name == "severity" {
				op = ">=" // what is mostly wanted of it
			}
			suggestions = append(suggestions, Suggestion{f.name + op, f.meaning})
		}
	}
	if strings.HasPrefix(typed, "/") {
		for _, at := range known["/"] {
			if strings.HasPrefix(at, typed) && !strings.ContainsFunc(at, func(r rune) bool { return !typeable(r) }) {
				suggestions = append(suggestions, Suggestion{quoteName(at) + ":", ""})
			}
		}
	}
	return suggestions
}

// lastTerm is where the last term of the text begins, its end if that is a space.
func (p *parser) lastTerm() int {
	start, inQuotes := 0, false
	for i := 0; i < len(p.text); i++ {
		switch c := p.text[i]; {
		case c == '\\' && inQuotes:
			i++
		case c == '"':
			inQuotes = !inQuotes
		case isSpace(c) && !inQuotes:
			start = i + 1
		}
	}
	return start
}

// lastAlternative is where the last value between commas begins, from pos on.
func (p *parser) lastAlternative() int {
	start, inQuotes := p.pos, false
	for i := p.pos; i < len(p.text); i++ {
		switch c := p.text[i]; {
		case c == '\\' && inQuotes:
			i++
		case c == '"':
			inQuotes = !inQuotes
		case c == ',' && !inQuotes:
			start = i + 1
		}
	}
	return start
}

// quotedLimit is how many bytes of a value are written, with * for the rest.
const quotedLimit = 256

// Quote writes a value so that it is read as it is, but for what can't be typed or
// seen, the end of a long value or of one that was cut: * stands there.
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

// typeable tells whether people can see a character, and so type it.
func typeable(r rune) bool {
	return unicode.IsPrint(r) && !unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// quoteName writes a place so that it is read as it is.
func quoteName(name string) string { return quote(name, ` :<>=!"`) }

// quote puts a text that has one of the special characters in quotes.
func quote(text, special string) string {
	if !strings.ContainsAny(text, special) {
		return text
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}

// Add adds to what is known values that were seen, each once.
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
