package inspect

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/words"
	"userlike-inspector/schema"
)

// undocumentedEvent judges a name that is none of the documented events.
func (in *Inspector) undocumentedEvent(c *call) record.Finding {
	names := make([]string, len(in.catalogue.Events))
	for i, e := range in.catalogue.Events {
		names[i] = e.Name
	}
	f := record.Finding{
		At:       "/0",
		Expected: fmt.Sprintf("one of the %d documented events", len(names)),
		Actual:   words.Shown(c.event),
		Demand:   in.catalogue.Source + ": event names",
	}
	next := "Check where the call is made, and whether a newer client than the documented one sends it."
	if e, ok := in.elsewhere(c.event); ok {
		next = fmt.Sprintf("The name comes from %s.", e.Where)
		if e.Here != "" {
			f.Expected = e.Here
			next += fmt.Sprintf(" Here it is %s.", e.Here)
		}
	} else if near := words.Nearest(c.event, names); near != "" {
		f.Expected = near
		next = fmt.Sprintf("Did you mean %s? Check the spelling where the call is made.", near)
	}
	f.Message = fmt.Sprintf("event_name is %s, which is none of the %d documented events. %s", words.Quote(c.event), len(names), next)
	return f
}

func (in *Inspector) elsewhere(name string) (schema.Elsewhere, bool) {
	i := slices.IndexFunc(in.catalogue.Elsewhere, func(e schema.Elsewhere) bool { return e.Name == name })
	if i < 0 {
		return schema.Elsewhere{}, false
	}
	return in.catalogue.Elsewhere[i], true
}

// undocumentedField judges a member of a context that is not documented.
func (in *Inspector) undocumentedField(c *call, v schema.Violation) record.Finding {
	context, name := contextOf(v.At)
	f := record.Finding{
		At:       v.At,
		Expected: "a documented field",
		Actual:   words.Shown(name),
		Demand:   in.catalogue.Source + ": fields of " + in.path(c, context),
	}
	next := "If the site adds it, custom_data is the place for its own values; otherwise check whether a newer client than the documented one sends it."
	if other, ok := in.inOtherContext(v.At); ok {
		f.Expected = other
		next = fmt.Sprintf("It is documented as %s.", other)
	} else if near := words.Nearest(name, in.names(context)); near != "" {
		f.Expected = in.path(c, context+"/"+near)
		next = fmt.Sprintf("Did you mean %s? Check the spelling where it is set.", f.Expected)
	}
	f.Message = fmt.Sprintf("%s is not a documented field, but %s sent it as %s. %s",
		in.path(c, v.At), c.subject(), c.describe(v.At), next)
	return f
}

// contextOf splits a field's pointer into its context's pointer and its name.
func contextOf(at string) (context, name string) {
	tokens, _ := schema.Tokens(at)
	return schema.Pointer(tokens[:len(tokens)-1]...), tokens[len(tokens)-1]
}

// inOtherContext says in which other context a field of that name is documented.
func (in *Inspector) inOtherContext(at string) (where string, ok bool) {
	_, name := contextOf(at)
	for _, f := range in.catalogue.Fields {
		if f.Name == name && f.At != at {
			return in.path(nil, f.At), true
		}
	}
	return "", false
}

// names lists the documented fields of a context.
func (in *Inspector) names(context string) []string {
	var names []string
	for _, f := range in.catalogue.Fields {
		if strings.HasPrefix(f.At, context+"/") {
			names = append(names, f.Name)
		}
	}
	return names
}

// misnamed finds an undocumented member of the context whose name is probably a spelling
// mistake for the field at a place.
func (in *Inspector) misnamed(c *call, at string) string {
	context, name := contextOf(at)
	members, _ := c.at(context).(map[string]any)
	if len(members) > maxOfRule {
		return "" // the names are too different for a spelling mistake
	}
	var candidates []string
	for _, n := range slices.Sorted(maps.Keys(members)) {
		if _, documented := in.fields[context+schema.Pointer(n)]; !documented && words.Nearest(n, in.names(context)) == name {
			candidates = append(candidates, n)
		}
	}
	return words.Nearest(name, candidates)
}
