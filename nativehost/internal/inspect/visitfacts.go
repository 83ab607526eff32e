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

// VisitFacts are what a call says about the visit that it is a part of. A field is "" if
// the call does not have it as a text or number.
type VisitFacts struct {
	Event      string
	SessionID  string
	ChatID     string
	ClientUUID string
	WidgetID   string
	call       *call           // nil if the arguments were not decoded
	seen       *schema.Outline // then this is what is known of them
	notes      []record.Note
}

// seenFacts are the facts of a call that the schema's memory recognised, so that its
// arguments were not decoded.
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
	return VisitFacts{
		Event:      text("/0"),
		SessionID:  text("/2/session_id"),
		ChatID:     text("/2/chat_id"),
		ClientUUID: text("/1/client_uuid"),
		WidgetID:   text("/1/widget_id"),
		seen:       seen,
		notes:      r.Notes,
	}
}

func (c *call) facts(r *record.Record) VisitFacts {
	return VisitFacts{
		Event:      c.event,
		SessionID:  c.text("/2/session_id"),
		ChatID:     c.text("/2/chat_id"),
		ClientUUID: c.text("/1/client_uuid"),
		WidgetID:   c.text("/1/widget_id"),
		call:       c,
		notes:      r.Notes,
	}
}

// text is the string or number at a JSON Pointer, else "".
func (c *call) text(at string) string {
	switch v := c.at(at).(type) {
	case string:
		return v
	case json.Number:
		return digits(v.String())
	}
	return ""
}

// digits writes equal numbers in the same way: 2 for 2.0. Other texts stay as they are.
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

// Shapes are the results of the plan's schemas for the call, after it was judged.
func (f VisitFacts) Shapes() Shapes {
	if f.call == nil {
		return Shapes{}
	}
	return f.call.shapes
}

// Value is the value at JSON Pointer tokens in the call's arguments, nil for none.
func (f VisitFacts) Value(tokens []string) any {
	v, _ := f.lookup(tokens)
	return v
}

// Says tells whether the call has a value with content at a place. The place is given as
// JSON Pointer tokens, in which "*" is any member or element. An empty text, object or
// array has no content; a value that JSON cannot express, or that was cut, has.
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

// matchTokens tells whether a pointer's tokens match a pattern.
func matchTokens(pattern, at []string) bool {
	return slices.EqualFunc(pattern, at, func(p, t string) bool { return p == "*" || p == t })
}

// saysAny tells whether a value has content at one of the places that tokens match.
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

// says tells whether a value has content.
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
	// The fields are known. Only custom_data has to be decoded now.
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

// CustomDataAt is the JSON Pointer of custom_data in a call's arguments.
const CustomDataAt = customData

var customDataTokens = []string{"2", "custom_data"}

// CustomData is the call's custom_data; there is false if it has none. odd lists, by JSON
// Pointer, the places whose value in data has a wrong type: "number" for numbers that
// JSON does not have, "" for an unknown type.
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

// Lost are the notes on values of custom_data that JSON does not keep.
func (f VisitFacts) Lost() (all []record.Note) {
	for _, n := range f.notes {
		if within(n.At, customData) && jsonFate(n, false) != "" {
			all = append(all, n)
		}
	}
	return all
}

// oddity tells whether a note says that a value's type differs from that of its JSON. is
// is the real type if JSON has it.
func (f VisitFacts) oddity(n record.Note) (is string, odd bool) {
	switch n.Is {
	case "nan", "infinity", "-infinity":
		return "number", true
	case "undefined", "hole", "function", "symbol", "bigint", "cycle", "getter":
		return "", true
	case "truncated", "instance": // of a value that was cut completely, nothing is there
		tokens, _ := schema.Tokens(n.At)
		v, _ := f.lookup(tokens)
		return "", v == nil || unreadable(n)
	}
	return "", false
}
