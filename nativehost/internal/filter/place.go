package filter

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/store"
	"userlike-inspector/nativehost/internal/words"
	"userlike-inspector/schema"
)

// anyMember is the token of a place that stands for all members or elements.
const anyMember = "*"

// place is a test on what a call's arguments have at a JSON Pointer.
type place struct {
	tokens   []string
	patterns []pattern // one of them fits, or
	op       string    // the value stands so
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

// leadsTo tells whether tokens are those of the place.
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

// find looks for a value that fits where tokens lead to from v.
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
	switch v := v.(type) {
	case string:
		return t.fits(v)
	case json.Number:
		if t.op == "" {
			return t.fits(v.String())
		}
		n, err := v.Float64()
		return err == nil && t.stands(n)
	case bool:
		return t.fits(strconv.FormatBool(v))
	case nil:
		return t.fits("null")
	}
	for _, p := range t.patterns { // an object or array has no text
		if p.anything() {
			return true
		}
	}
	return false
}

func (t place) fits(text string) bool {
	for _, p := range t.patterns {
		if p.match(text) {
			return true
		}
	}
	return false
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

// condition knows that only calls have arguments.
func (t place) condition() store.Condition {
	return store.All(store.Like(store.Kind, string(record.Call)), store.Unknown())
}

// mayBeIn tells by a record's line of JSON, without decoding it, that it has
// nothing at the place: names that it lacks. A name can be written with escapes,
// of JSON's or, in a note, a pointer's.
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
		return nil, p.fail(at, fmt.Sprintf("%s is not a JSON Pointer", words.Quote(pointer)), `write "~" in a name as ~0 and "/" as ~1`)
	}
	if _, err := strconv.ParseUint(tokens[0], 10, 16); err != nil && tokens[0] != anyMember {
		return nil, p.fail(at, fmt.Sprintf("%s does not begin with an argument's number", words.Quote(pointer)),
			"want /0 for the event's name, /1/… for global_ctx or /2/… for session_ctx; quote it to search for the text")
	}
	t := place{tokens: tokens, patterns: v.patterns}
	if op == ":" {
		return t, nil
	}
	n, err := strconv.ParseFloat(v.texts[0], 64)
	if err != nil || math.IsNaN(n) || math.IsInf(n, 0) || len(v.texts) > 1 {
		return nil, p.fail(v.columns[0], fmt.Sprintf("%s is not a number", words.Quote(strings.Join(v.texts, ","))), "only numbers compare by "+op)
	}
	t.patterns, t.op, t.number = nil, op, n
	return t, nil
}
