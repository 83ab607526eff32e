package inspect

import (
	"fmt"
	"slices"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/schema"
)

// customData is the only field whose content the site chooses.
const customData = "/2/custom_data"

// notSerializable judges values in custom_data that JSON drops or changes.
func (in *Inspector) notSerializable(v *verdicts, c *call, notes []record.Note) {
	prefix, _ := schema.Tokens(customData)
	for _, n := range notes {
		tokens, ok := schema.Tokens(n.At)
		if !ok || len(tokens) < len(prefix) || !slices.Equal(tokens[:len(prefix)], prefix) {
			continue
		}
		if n.Is == "undefined" && len(tokens) == len(prefix) {
			continue // custom_data itself is undefined: this session has none
		}
		_, inArray := in.parent(c, tokens).([]any)
		if fate := jsonFate(n, inArray); fate != "" {
			v.add(NotSerializable, func() record.Finding { return in.lost(c, n, fate) })
		}
	}
}

// lost is the finding on a value that JSON drops or changes.
func (in *Inspector) lost(c *call, n record.Note, fate string) record.Finding {
	actual, ok := noted(n.Is)
	if !ok {
		actual = n.Is
	}
	return record.Finding{
		At: n.At,
		Message: fmt.Sprintf("%s must be a JSON value, but %s sent %s, which JSON %s. Check where it is put into custom_data, and send a plain value instead.",
			in.path(c, n.At), c.subject(), describeNote(n), fate),
		Expected: "a JSON value",
		Actual:   actual,
		Demand:   in.demand(customData) + " must be JSON-serialisable",
	}
}

// parent is the object or array that contains the value at tokens.
func (in *Inspector) parent(c *call, tokens []string) any {
	v, _ := schema.Lookup(c.args, tokens[:len(tokens)-1])
	return v
}

// jsonFate says what JSON.stringify does with a value of n's kind. It is "" if JSON keeps
// the value, or if n says something of the recording instead of the value.
func jsonFate(n record.Note, inArray bool) string {
	switch n.Is {
	case "undefined", "function", "symbol":
		if inArray {
			return "turns into null"
		}
		return "drops"
	case "nan", "infinity", "-infinity", "hole":
		return "turns into null"
	case "date":
		if n.Text == "Invalid Date" {
			return "turns into null"
		}
		return "turns into a string"
	case "map", "set", "regexp", "error", "node":
		return "turns into {}"
	case "bigint", "cycle":
		return "refuses with an exception"
	}
	return ""
}
