package inspect

import (
	"encoding/json"

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
}

func (c *call) facts() Facts {
	return Facts{Event: c.event, SessionID: c.text("/2/session_id"), ClientUUID: c.text("/1/client_uuid"), WidgetID: c.text("/1/widget_id"), call: c}
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
