package filter

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/store"
	"userlike-inspector/nativehost/internal/words"
	"userlike-inspector/schema"
)

// anyMember is the token of a JSON Pointer that stands for all members or elements.
const anyMember = "*"

// place is a test on what a call's arguments have at a JSON Pointer.
type place struct {
	tokens   []string
	patterns []pattern // one of these must match; or, if there are none,
	op       string    // the value must be a number with this relation
	number   float64   // to this
}

func (t place) match(s *subject) bool {
	if s.Kind != record.Call {
		return false
	}
	if s.args == nil {
		args, err := schema.Decode(s.Args)
		if err != nil {
			return false
		}
		s.args = args
	}
	for _, n := range s.Notes {
		if tokens, ok := schema.Tokens(n.At); ok && t.leadsTo(tokens) && t.fits(n.Is) {
			return true
		}
	}
	return t.find(s.args, t.tokens)
}

// leadsTo tells whether tokens match those of the place.
func (t place) leadsTo(tokens []string) bool {
	if len(tokens) != len(t.tokens) {
		return false
	}
	for i, want := range t.tokens {
		if want != anyMember && want != tokens[i] {
			return false
		}
	}
	return true
}

// find tells whether a value that tokens lead to from v passes the test.
func (t place) find(v any, tokens []string) bool {
	if len(tokens) == 0 {
		return t.fitsValue(v)
	}
	if tokens[0] != anyMember {
		member, there := schema.Lookup(v, tokens[:1])
		return there && t.find(member, tokens[1:])
	}
	switch v := v.(type) {
	case map[string]any:
		for _, member := range v {
			if t.find(member, tokens[1:]) {
				return true
			}
		}
	case []any:
		for _, element := range v {
			if t.find(element, tokens[1:]) {
				return true
			}
		}
	}
	return false
}

func (t place) fitsValue(v any) bool {
	if n, ok := v.(json.Number); ok && t.op != "" {
		n, err := n.Float64()
		return err == nil && t.stands(n)
	}
	if text, ok := TextOf(v); ok {
		return t.fits(text)
	}
	return slices.ContainsFunc(t.patterns, pattern.anything)
}

// TextOf is the text of a decoded value that terms on places compare. An object or array has
// none.
func TextOf(v any) (text string, ok bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		return strconv.FormatBool(v), true
	case nil:
		return "null", true
	}
	return "", false
}

func (t place) fits(text string) bool {
	return slices.ContainsFunc(t.patterns, func(p pattern) bool { return p.match(text) })
}

func (t place) stands(n float64) bool {
	switch t.op {
	case ">=":
		return n >= t.number
	case ">":
		return n > t.number
	case "<=":
		return n <= t.number
	}
	return n < t.number
}

// condition excludes what is not a call, as only calls have arguments.
func (t place) condition() store.Condition {
	return store.All(ofKind(record.Call), store.Unknown())
}

// mayBeIn tells whether a record may have a value at the place, without decoding its line
// of JSON: all names of the place must occur in it. A name may be written with escapes, of
// JSON or, in a note, of JSON Pointers.
func (t place) mayBeIn(line []byte) bool {
	for _, name := range t.tokens[1:] {
		if name == anyMember || strings.ContainsAny(name, "~/") {
			continue
		}
		if !bytes.Contains(line, []byte(name)) && bytes.IndexByte(line, '\\') < 0 {
			return false
		}
	}
	return true
}

// place reads a term on a JSON Pointer.
func (p *parser) place(at int, pointer, op string, v value) (test, error) {
	tokens, ok := schema.Tokens(pointer)
	if !ok {
		return nil, p.fail(at, fmt.Sprintf("%s is not a JSON Pointer", words.Typed(pointer)), `write "~" in a name as ~0 and "/" as ~1`)
	}
	if _, err := strconv.ParseUint(tokens[0], 10, 16); err != nil && tokens[0] != anyMember {
		return nil, p.fail(at, fmt.Sprintf("%s does not begin with an argument's number", words.Typed(pointer)),
			"write /0 for the event's name, /1/… for global_ctx or /2/… for session_ctx; put it in quotes to search for the text")
	}
	t := place{tokens: tokens, patterns: v.patterns}
	if op == ":" {
		return t, nil
	}
	n, err := strconv.ParseFloat(v.texts[0], 64)
	if err != nil || math.IsNaN(n) || math.IsInf(n, 0) || len(v.texts) > 1 {
		return nil, p.fail(v.columns[0], fmt.Sprintf("%s is not a number", words.Typed(strings.Join(v.texts, ","))), "only numbers compare by "+op)
	}
	t.patterns, t.op, t.number = nil, op, n
	return t, nil
}
