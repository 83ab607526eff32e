package inspect

import (
	"encoding/json"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/schema"
)

// Facts are what a call says about the visit that it is a part of. What the
// call does not say, or not as text or number, is "".
type Facts struct {
	Event      string
	SessionID  string
	ClientUUID string
	WidgetID   string
	call       *call
	notes      []record.Note
}

func (c *call) facts(r *record.Record) Facts {
	return Facts{notes: r.Notes, Event: c.event, SessionID: c.text("/2/session_id"), ClientUUID: c.text("/1/client_uuid"), WidgetID: c.text("/1/widget_id"), call: c}
}

// text is the string or number at a place, else "".
func (c *call) text(at string) string {
	switch v := c.at(at).(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

// Value is what JSON Pointer tokens lead to in the call's arguments, nil where
// nothing is.
func (f Facts) Value(tokens []string) any {
	if f.call == nil {
		return nil
	}
	v, _ := schema.Lookup(f.call.args, tokens)
	return v
}

// CustomDataAt is where a call has the site's own data.
const CustomDataAt = customData

// CustomData is the site's own data, and the places within that are not what
// their JSON says, by JSON Pointer: "number" for numbers that JSON lacks, "" for
// what is unknown. It is false where the call has none.
func (f Facts) CustomData() (data any, odd map[string]string, there bool) {
	if f.call == nil {
		return nil, nil, false
	}
	data, there = schema.Lookup(f.call.args, []string{"2", "custom_data"})
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
func (f Facts) oddity(n record.Note) (is string, odd bool) {
	switch n.Is {
	case "nan", "infinity", "-infinity":
		return "number", true
	case "undefined", "hole", "function", "symbol", "bigint", "cycle", "getter":
		return "", true
	case "truncated", "instance": // of what was cut whole nothing is there
		tokens, _ := schema.Tokens(n.At)
		v, _ := schema.Lookup(f.call.args, tokens)
		return "", v == nil || unreadable(n)
	}
	return "", false
}
