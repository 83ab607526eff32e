package inspect

import (
	"strconv"
	"strings"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/schema"
)

// call is a record's arguments, corrected by its notes so that the schema can check them.
type call struct {
	args   []any
	notes  map[string]record.Note // what JSON could not say of a value, by JSON Pointer
	cut    map[string]bool        // where only a value's beginning was recorded
	event  string                 // the event's name, "" if it has none
	hidden []record.Note          // notes on values that are incomplete in the record, at any depth

	shapes Shapes // the results of the plan's schemas

	pseudonyms []string // JSON Pointers at and below which texts and numbers are pseudonyms
}

// read decodes a call's arguments and checks them against the schema. It returns nil for the
// call if the arguments are not an array, or if the schema's memory knows them to be as
// documented, so that they need not be decoded.
func (in *Inspector) read(r *record.Record) (*call, []schema.Violation, VisitFacts) {
	if !in.plain(r) {
		value, err := schema.Decode(r.Args)
		if err != nil {
			return nil, nil, VisitFacts{}
		}
		c, ok := newCall(value, r)
		if !ok {
			return nil, nil, VisitFacts{}
		}
		return c, in.schema.Check(c.args), c.facts(r)
	}
	value, found, seen, err := in.call.Check(r.Args)
	switch {
	case err != nil:
		return nil, nil, VisitFacts{}
	case seen != nil:
		return nil, nil, seenFacts(seen, r)
	}
	c, ok := newCall(value, r)
	if !ok {
		return nil, nil, VisitFacts{}
	}
	return c, found, c.facts(r)
}

// plain tells whether a call can be judged by its JSON alone: none of its notes changes
// what the schema sees or is judged itself, and no schema of the plan applies to it.
func (in *Inspector) plain(r *record.Record) bool {
	for _, n := range r.Notes {
		switch n.Is {
		case "-0", "lone-surrogate":
		case "undefined":
			if within(n.At, customData) {
				return false
			}
		default:
			return false
		}
	}
	return !in.plan.OnSite(r.Address()) || in.plan.CustomData == nil && !in.plan.HasContexts()
}

// judgeCall judges the arguments of one call, given their violations of the schema.
func (in *Inspector) judgeCall(v *verdicts, c *call, violations []schema.Violation, r *record.Record) {
	judgeThrow(v, c, r)
	if r.Simulated {
		return // the tester chose the arguments, not the client
	}
	planned := in.plan.OnSite(r.Address())
	for _, violation := range violations {
		if !in.unknowable(c, violation) && !(planned && in.allowed(c, violation)) {
			in.violated(v, c, violation)
		}
	}
	if planned {
		in.judgePlanned(v, c)
	}
	in.notSerializable(v, c, r.Notes)
}

// violated finds the rule that a violation belongs to, by the keyword and the place.
func (in *Inspector) violated(v *verdicts, c *call, demand schema.Violation) {
	switch {
	case demand.Keyword == "minItems":
		for i := len(c.args); i < len(in.catalogue.Arguments); i++ {
			v.add(MissingArgument, func() record.Finding { return in.missingArgument(c, i) })
		}
	case demand.Keyword == "maxItems":
		for i := len(in.catalogue.Arguments); i < len(c.args); i++ {
			v.add(ExtraArgument, func() record.Finding { return in.extraArgument(c, i) })
		}
	case demand.Keyword == "required":
		v.add(MissingField, func() record.Finding { return in.missingField(c, demand) })
	case demand.Keyword == "type":
		v.add(WrongType, func() record.Finding { return in.wrongType(c, demand) })
	case demand.Keyword == "additionalProperties":
		v.add(UndocumentedField, func() record.Finding { return in.undocumentedField(c, demand) })
	case demand.Keyword == "enum" && demand.At == "/0":
		v.add(UndocumentedEvent, func() record.Finding { return in.undocumentedEvent(c) })
	default:
		v.add(InvalidValue, func() record.Finding { return in.invalidValue(c, demand) })
	}
}

// newCall makes a call from r's decoded arguments v. Notes correct the arguments and
// fields that JSON could not express. It returns false if v is not an array.
func newCall(v any, r *record.Record) (*call, bool) {
	args, ok := v.([]any)
	if !ok {
		return nil, false
	}
	c := &call{args: args, notes: map[string]record.Note{}, cut: map[string]bool{}}
	for _, place := range r.Redacted {
		if at, ok := strings.CutPrefix(place, "/args"); ok {
			c.pseudonyms = append(c.pseudonyms, at)
		}
	}
	for _, n := range r.Notes {
		if hides(n) {
			c.hidden = append(c.hidden, n)
		}
		tokens, ok := schema.Tokens(n.At)
		switch {
		case !ok || len(tokens) > 2: // the schema describes nothing deeper than a field
		case n.Is == "truncated":
			c.cut[n.At] = true
		case n.Is != "lone-surrogate": // a text with a lone surrogate is still a text
			c.notes[n.At] = n
			c.apply(n, tokens)
		}
	}
	if len(args) > 0 {
		c.event, _ = args[0].(string)
	}
	return c, true
}

// apply puts a value at a noted place that makes the schema decide correctly: null, which
// no type of the catalogue allows, for a value that JSON cannot express, and an object
// for an object whose content is not known.
func (c *call) apply(n record.Note, tokens []string) {
	value, there := schema.Lookup(c.args, tokens)
	_, isString := value.(string)
	switch n.Is {
	case "function", "symbol", "getter":
		if !there {
			c.put(tokens, nil)
		}
	case "date":
		if isString {
			c.put(tokens, nil)
		}
	case "cycle", "instance":
		if there && value == nil {
			c.put(tokens, map[string]any{})
		}
	}
}

// put sets the value at tokens: an argument or a member of one.
func (c *call) put(tokens []string, v any) {
	if len(tokens) == 0 {
		return
	}
	i, err := strconv.Atoi(tokens[0])
	if err != nil || i < 0 || i >= len(c.args) {
		return
	}
	if len(tokens) == 1 {
		c.args[i] = v
	} else if m, ok := c.args[i].(map[string]any); ok {
		m[tokens[1]] = v
	}
}

// unknowable tells whether the record has too little of the value to be sure of the
// violation v.
func (in *Inspector) unknowable(c *call, v schema.Violation) bool {
	switch v.Keyword {
	case "additionalProperties":
		return false
	case "minItems":
		return c.partial("")
	case "required":
		return c.partial(v.At[:strings.LastIndexByte(v.At, '/')])
	}
	if !c.cut[v.At] {
		return c.notes[v.At].Is == "getter"
	}
	head := c.at(v.At)
	switch {
	case v.Keyword == "type":
		return head == nil
	case v.At == "/0":
		return in.beginsEvent(head)
	}
	return true
}

// partial tells whether the object at a place may have had members that are not in the
// record.
func (c *call) partial(at string) bool {
	n := c.notes[at]
	return c.cut[at] || n.Is == "cycle" || n.Is == "getter" || unreadable(n)
}

// unreadable tells whether n is about an object that throws when its members are read.
func unreadable(n record.Note) bool {
	return n.Is == "instance" && strings.Contains(n.Text, "unreadable")
}

// beginsEvent tells whether a documented name begins with head, a name that was cut.
func (in *Inspector) beginsEvent(head any) bool {
	s, _ := head.(string)
	for _, e := range in.catalogue.Events {
		if strings.HasPrefix(e.Name, s) {
			return true
		}
	}
	return false
}

// at is the value at a JSON Pointer, nil where there is none.
func (c *call) at(pointer string) any {
	tokens, _ := schema.Tokens(pointer)
	v, _ := schema.Lookup(c.args, tokens)
	return v
}
