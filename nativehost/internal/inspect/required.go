package inspect

import (
	"fmt"
	"strconv"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/words"
	"userlike-inspector/schema"
)

// missingArgument judges an argument that a call lacks.
func (in *Inspector) missingArgument(c *call, i int) record.Finding {
	a, want := in.catalogue.Arguments[i], len(in.catalogue.Arguments)
	return record.Finding{
		At: a.At,
		Message: fmt.Sprintf("%s is missing: %s was sent with %s instead of %d.%s",
			a.Name, c.subject(), words.Plural(len(c.args), "argument"), want, throwsHint(a)),
		Expected: a.Type,
		Actual:   "absent",
		Demand:   in.demand(a.At),
	}
}

// throwsHint warns that the handler will probably throw when a context is missing:
// handlers read its fields without a check, as Userlike's own sample does.
func throwsHint(argument schema.Field) string {
	if argument.Type != "object" {
		return ""
	}
	return fmt.Sprintf(" Check that the handler does not read fields of %s without a guard, for that throws.", argument.Name)
}

// extraArgument judges an argument beyond the documented three.
func (in *Inspector) extraArgument(c *call, i int) record.Finding {
	at := schema.Pointer(strconv.Itoa(i))
	return record.Finding{
		At: at,
		Message: fmt.Sprintf("%s is one too many: %s was sent with %d arguments instead of %d, and this one is %s. Check who made the call: the documented client passes no more.",
			in.path(c, at), c.subject(), len(c.args), len(in.catalogue.Arguments), c.describe(at)),
		Expected: "absent",
		Actual:   c.typeOf(at),
		Demand:   in.catalogue.Source + ": arguments",
	}
}

// missingField judges a required field that is absent or undefined.
func (in *Inspector) missingField(c *call, v schema.Violation) record.Finding {
	field := in.fields[v.At]
	place := in.path(c, v.At)
	is, actual := "missing", "absent"
	if c.notes[v.At].Is == "undefined" {
		is, actual = "undefined", "undefined"
	}
	f := record.Finding{
		At:       v.At,
		Message:  fmt.Sprintf("%s is %s in %s, but every call has to send it as %s.", place, is, c.subject(), words.Article(field.Type)),
		Expected: field.Type,
		Actual:   actual,
		Demand:   in.demand(v.At),
	}
	context, name := contextOf(v.At)
	if near := in.misnamed(c, v.At); near != "" {
		f.Message += fmt.Sprintf(" Check %s, which is not documented: it may be meant for this.", in.path(c, context+schema.Pointer(near)))
	} else if other, ok := in.inArguments(c, v.At, name); ok {
		f.Message += fmt.Sprintf(" Check %s, which the call has instead.", other)
	} else if class := c.class(context); class != "" {
		f.Message += fmt.Sprintf(" Check %s: it is %s, of which only its own data members count.", in.path(c, context), class)
	}
	return f
}

// inArguments says in which other context the call has a member of that name.
func (in *Inspector) inArguments(c *call, at, name string) (where string, ok bool) {
	for _, a := range in.catalogue.Arguments {
		members, _ := c.at(a.At).(map[string]any)
		if _, there := members[name]; there && a.At+schema.Pointer(name) != at {
			return in.path(c, a.At+schema.Pointer(name)), true
		}
	}
	return "", false
}
