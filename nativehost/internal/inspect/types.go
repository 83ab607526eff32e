package inspect

import (
	"encoding/json"
	"fmt"
	"strings"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/words"
	"userlike-inspector/schema"
)

// wrongType judges an argument or field whose type is not the documented one.
func (in *Inspector) wrongType(c *call, v schema.Violation) record.Finding {
	want := fmt.Sprint(v.Want)
	return record.Finding{
		At:       v.At,
		Message:  fmt.Sprintf("%s must be %s, but %s sent %s.%s", in.path(c, v.At), words.Article(want), c.subject(), c.describe(v.At), in.typeHint(c, v.At, want)),
		Expected: want,
		Actual:   c.typeOf(v.At),
		Demand:   in.demand(v.At),
	}
}

// typeHint says what to look at when a value has the wrong type, "" if there is no
// useful hint.
func (in *Inspector) typeHint(c *call, at, want string) string {
	field := in.fields[at]
	value, actual := c.at(at), c.typeOf(at)
	text, isText := value.(string)
	_, isNumber := value.(json.Number)
	switch {
	case isText && want == "integer" && isNumeric(text):
		return " Check where it becomes a string: code that compares it with the number will not find it equal."
	case isText && want == "object" && strings.HasPrefix(text, "{"):
		return " Check where it is turned into JSON text: the object itself is expected."
	case isNumber && want == "integer":
		return " Check where it gets its fraction: an integer has none."
	case (actual == "null" || actual == "undefined") && field.Type == "object" && field.Required:
		return throwsHint(field)
	case actual == "null" && !field.Required:
		return " Check where it is set: what is not known is to be left out or undefined."
	}
	return ""
}

// typeOf is the JSON type of the value at a place, or its JavaScript type if JSON has no
// such type.
func (c *call) typeOf(at string) string {
	if name, ok := noted(c.notes[at].Is); ok {
		return name
	}
	switch c.at(at).(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case json.Number:
		return "number"
	case string:
		return "string"
	case []any:
		return "array"
	}
	return "object"
}

// noted is JavaScript's name for the type that a note says. It is false for notes on
// values whose type exists in JSON.
func noted(is string) (name string, ok bool) {
	switch is {
	case "undefined", "bigint", "symbol", "function", "getter", "hole":
		return is, true
	case "nan":
		return "NaN", true
	case "infinity":
		return "Infinity", true
	case "-infinity":
		return "-Infinity", true
	case "date":
		return "Date", true
	case "regexp":
		return "RegExp", true
	case "map":
		return "Map", true
	case "set":
		return "Set", true
	case "error":
		return "Error", true
	case "node":
		return "Node", true
	}
	return "", false
}
