package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"userlike-inspector/nativehost/internal/words"
	"userlike-inspector/schema"
)

// consent reads what has to wait for the contact's consent.
func (r *reader) consent() {
	if r.valueAt("/consent") == nil {
		return
	}
	c := &Consent{Event: "disclaimer_ok", Source: r.line("/consent")}
	if name := r.text("/consent/event"); name != "" {
		c.Event = name
		r.known(name, r.at("/consent/event"))
	}
	guards, pointers := r.texts("/consent/guards")
	for i, g := range guards {
		guard := Guard{Source: fmt.Sprintf("%s: %s guards %s", r.at(pointers[i]), c.Event, g)}
		if strings.HasPrefix(g, "/") {
			guard.Field = g
			r.guardedField(g, r.at(pointers[i]))
		} else {
			guard.Event = g
			r.guardedEvent(g, r.at(pointers[i]))
		}
		if g == c.Event {
			r.problem(r.at(pointers[i]), "%s cannot have to wait for itself", g)
		}
		c.Guards = append(c.Guards, guard)
	}
	if len(guards) == 0 {
		for _, f := range schema.Catalogue().Fields {
			if f.Personal && f.Type == "string" {
				c.Guards = append(c.Guards, Guard{Field: f.At, Source: fmt.Sprintf("%s: %s", c.Source, c.Event)})
			}
		}
	}
	r.plan.Consent = c
}

// guardedEvent reports a guard that is neither an event nor a field's JSON Pointer. If
// a field seems to be meant, it says how to write it.
func (r *reader) guardedEvent(name string, at position) {
	if slices.Contains(r.documented, name) || r.plan.events[name] {
		return
	}
	if field := r.fieldMeant(name); field != "" {
		r.problem(at, "%s is no event but a field; write %s", words.Quote(name), field)
		return
	}
	r.known(name, at)
}

// fieldMeant is the JSON Pointer of the field that a text seems to mean, such as
// client_email, session_ctx.client_email or custom_data/items/*/mail; "" for none.
func (r *reader) fieldMeant(text string) string {
	path := strings.FieldsFunc(text, func(c rune) bool { return strings.ContainsRune("./[]", c) })
	if len(path) == 0 {
		return ""
	}
	for _, f := range r.fields() {
		tokens, _ := schema.Tokens(f)
		for first := range tokens {
			at := slices.Clone(path)
			if first == 0 { // the text begins with the name of a context
				at[0] = strings.NewReplacer("global_ctx", "1", "session_ctx", "2").Replace(at[0])
			}
			meant := append(slices.Clone(tokens[:first]), at...)
			if len(meant) >= len(tokens) && slices.Equal(meant[:len(tokens)], tokens) && (len(meant) == len(tokens) || r.holdsMembers(f)) {
				return schema.Pointer(meant...)
			}
		}
	}
	if strings.Contains(text, "/") { // only custom_data has members in members
		return schema.Pointer(append([]string{"2", "custom_data"}, path...)...)
	}
	return ""
}

// fields are the JSON Pointers of the fields that are documented or allowed, sorted.
func (r *reader) fields() []string {
	all := slices.Collect(maps.Keys(r.plan.fields))
	for _, f := range schema.Catalogue().Fields {
		all = append(all, f.At)
	}
	slices.Sort(all)
	return all
}

// holdsMembers tells whether a field may hold members of its own.
func (r *reader) holdsMembers(at string) bool {
	for _, f := range schema.Catalogue().Fields {
		if f.At == at {
			return f.Type == "object"
		}
	}
	return true
}

// guardedField reports a field that no call can have.
func (r *reader) guardedField(at string, where position) {
	tokens, _ := schema.Tokens(at)
	top := schema.Pointer(tokens[:2]...)
	fields := r.fields()
	switch i := slices.Index(fields, top); {
	case i < 0 && tokens[1] == "*":
		r.problem(where, "%s can match nothing: * stands for any member within /2/custom_data; list the fields themselves", at)
	case i < 0:
		hint := ""
		if near := words.Nearest(top, fields); near != "" {
			hint = "; did you mean " + near + "?"
		}
		r.problem(where, "%s can match nothing: there is no field %s; expected a documented one, or one that allow.fields lists%s", words.Short(at), words.Short(top), hint)
	case len(tokens) > 2 && !r.holdsMembers(top):
		r.problem(where, "%s can match nothing: %s has no members; write %s", words.Short(at), top, top)
	}
}
