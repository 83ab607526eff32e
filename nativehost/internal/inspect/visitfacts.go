package inspect

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/schema"
)

// VisitFacts are what a call says about the visit that it is a part of. What the
// call does not say, or not as text or number, is "".
type VisitFacts struct {
	Event      string
	SessionID  string
	ChatID     string
	ClientUUID string
	WidgetID   string
	call       *call           // nil where the arguments were not decoded
	seen       *schema.Outline // what is known of them then
	notes      []record.Note
}

// seenFacts are those of a call that was recognised.
func seenFacts(seen *schema.Outline, r *record.Record) VisitFacts {
	text := func(at string) string {
		raw := seen.Raw(at)
		if len(raw) == 0 || raw[0] != '"' {
			return digits(string(raw))
		}
		if bytes.IndexByte(raw, '\\') < 0 {
			return string(raw[1 : len(raw)-1])
		}
		var s string
		if json.Unmarshal(raw, &s) != nil {
			return "" // cannot be: it has been read
		}
		return s
	}
	return VisitFacts{Event: text("/0"), SessionID: text("/2/session_id"), ChatID: text("/2/chat_id"), ClientUUID: text("/1/client_uuid"), WidgetID: text("/1/widget_id"), seen: seen, notes: r.Notes}
}

func (c *call) facts(r *record.Record) VisitFacts {
	return VisitFacts{notes: r.Notes, Event: c.event, SessionID: c.text("/2/session_id"), ChatID: c.text("/2/chat_id"), ClientUUID: c.text("/1/client_uuid"), WidgetID: c.text("/1/widget_id"), call: c}
}

// text is the string or number at a place, else "".
func (c *call) text(at string) string {
	switch v := c.at(at).(type) {
	case string:
		return v
	case json.Number:
		return digits(v.String())
	}
	return ""
}

// digits writes equal numbers equally: 2 for 2.0. What is no number is kept.
func digits(n string) string {
	if !strings.ContainsAny(n, ".eE") {
		return n
	}
	f, err := strconv.ParseFloat(n, 64)
	if err != nil {
		return n
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

// Shapes are how the plan's schemas hold in the call, once it has been judged.
func (f VisitFacts) Shapes() Shapes {
	if f.call == nil {
		return Shapes{}
	}
	return f.call.shapes
}

// Value is what JSON Pointer tokens lead to in the call's arguments, nil where
// nothing is.
func (f VisitFacts) Value(tokens []string) any {
	v, _ := f.lookup(tokens)
	return v
}

// Says tells whether the call has a value that tells anything at a place, given as
// JSON Pointer tokens of which "*" is any member or element. An empty text, object
// or array tells nothing; a value that JSON cannot hold, or that was cut, does.
func (f VisitFacts) Says(tokens []string) bool {
	for _, n := range f.notes {
		if n.Is == "undefined" || n.Is == "hole" {
			continue
		}
		if at, ok := schema.Tokens(n.At); ok && len(at) >= len(tokens) && matchTokens(tokens, at[:len(tokens)]) {
			return true
		}
	}
	first := slices.Index(tokens, "*")
	if first < 0 {
		return says(f.Value(tokens))
	}
	return saysAny(f.Value(tokens[:first]), tokens[first:])
}

// matchTokens tells whether a pointer's tokens are those of a pattern.
func matchTokens(pattern, at []string) bool {
	return slices.EqualFunc(pattern, at, func(p, t string) bool { return p == "*" || p == t })
}

// saysAny tells whether a value says anything at one of the places that tokens
// lead to.
func saysAny(v any, tokens []string) bool {
	if len(tokens) == 0 {
		return says(v)
	}
	token, rest := tokens[0], tokens[1:]
	if token != "*" {
		member, _ := schema.Lookup(v, []string{token})
		return saysAny(member, rest)
	}
	switch v := v.(type) {
	case map[string]any:
		for _, member := range v {
			if saysAny(member, rest) {
				return true
			}
		}
	case []any:
		for _, element := range v {
			if saysAny(element, rest) {
				return true
			}
		}
	}
	return false
}

// says tells whether a value tells anything.
func says(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case string:
		return v != ""
	case []any:
		return len(v) > 0
	case map[string]any:
		return len(v) > 0
	}
	return true
}

func (f VisitFacts) lookup(tokens []string) (v any, there bool) {
	switch {
	case f.call != nil:
		return schema.Lookup(f.call.args, tokens)
	case f.seen == nil:
		return nil, false
	}
	// The fields are known; the site's own data is decoded when it is asked for.
	field := min(2, len(tokens))
	raw := f.seen.Raw(schema.Pointer(tokens[:field]...))
	if raw == nil {
		return nil, false
	}
	v, err := schema.Decode(raw)
	if err != nil {
		return nil, false // cannot be: it has been read
	}
	return schema.Lookup(v, tokens[field:])
}

// CustomDataAt is where a call has the site's own data.
const CustomDataAt = customData

var customDataTokens = []string{"2", "custom_data"}

// CustomData is the site's own data, and the places within that are not what
// their JSON says, by JSON Pointer: "number" for numbers that JSON lacks, "" for
// what is unknown. It is false where the call has none.
func (f VisitFacts) CustomData() (data any, odd map[string]string, there bool) {
	data, there = f.lookup(customDataTokens)
	if !there {
		return nil, nil, false
	}
	for _, n := range f.notes {
		if n.At != customData && !within(n.At, customData) {
			continue
		}
		if is, ok := f.oddity(n); ok {
			if odd == nil {
				odd = map[string]string{}
			}
			odd[n.At] = is
		}
	}
	return data, odd, true
}

// oddity tells whether a note says that a value's JSON has not its type, and
// which it has if JSON has such a type.
func (f VisitFacts) oddity(n record.Note) (is string, odd bool) {
	switch n.Is {
	case "nan", "infinity", "-infinity":
		return "number", true
	case "undefined", "hole", "function", "symbol", "bigint", "cycle", "getter":
		return "", true
	case "truncated", "instance": // of what was cut whole nothing is there
		tokens, _ := schema.Tokens(n.At)
		v, _ := f.lookup(tokens)
		return "", v == nil || unreadable(n)
	}
	return "", false
}
