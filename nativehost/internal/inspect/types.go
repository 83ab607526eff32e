package inspect

import (
	"encoding/json"
	"fmt"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/schema"
)

// wrongType judges an argument or field of another type than the schema's.
func (in *Inspector) wrongType(c *call, v schema.Violation) record.Finding {
	want := fmt.Sprint(v.Want)
	next := ""
	switch value := c.at(v.At).(type) {
	case string:
		if want == "integer" && isNumeric(value) {
			next = " Check where it becomes a string: code that compares it with the number will not find it equal."
		}
	case json.Number:
		if want == "integer" {
			next = " Check where it gets its fraction: an integer has none."
		}
	default:
		if a := in.fields[v.At]; a.Type == "object" && a.Required {
			next = throwsHint(a)
		}
	}
	return record.Finding{
		At:       v.At,
		Message:  fmt.Sprintf("%s must be %s, but %s sent %s.%s", in.words(c, v.At), article(want), c.subject(), c.describe(v.At), next),
		Expected: want,
		Actual:   c.typeOf(v.At),
		Demand:   in.demand(v.At),
	}
}

// typeOf is the JSON type of the value at a place, or what it is in JavaScript
// if JSON has no such type.
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

// noted is JavaScript's name for what a note says a value is. It is false for
// notes on values that are of a JSON type nevertheless.
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
