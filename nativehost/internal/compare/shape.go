package compare

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/words"
	"userlike-inspector/schema"
)

// maxPlaces is how many places are kept: a site may use ids as names of members.
const maxPlaces = 10_000

// shape is which places calls have, with which types.
type shape struct {
	places map[string]*place // by JSON Pointer with "*" for elements of arrays
	missed bool
}

// place is what calls have at one place.
type place struct {
	types  map[string]int // values by type
	values map[string]int // values by event
	holds  map[string]int // of these, objects
}

func newShape() shape { return shape{places: map[string]*place{}} }

// add adds the contexts of a call.
func (s *shape) add(r *record.Record) {
	decoded, err := schema.Decode(r.Args)
	args, ok := decoded.([]any)
	if err != nil || !ok {
		return
	}
	special := map[string]string{} // types that JSON has no name for, by place
	for _, n := range r.Notes {
		switch n.Is {
		case "truncated", "instance", "lone-surrogate", "-0":
		case "nan", "infinity", "-infinity":
			special[n.At] = "number"
		default:
			special[n.At] = n.Is
		}
	}
	event := r.EventName()
	for i := 1; i < len(args); i++ {
		s.value(event, args[i], special, []string{strconv.Itoa(i)}, []string{strconv.Itoa(i)})
	}
	for at, is := range special { // values that are not in the JSON, but were passed
		tokens, ok := schema.Tokens(at)
		if _, there := schema.Lookup(args, tokens); ok && !there && is != "undefined" && len(tokens) > 1 {
			s.count(event, generalised(args, tokens), is)
		}
	}
}

// value counts a value and what is in it.
func (s *shape) value(event string, v any, special map[string]string, exact, general []string) {
	is, ok := special[schema.Pointer(exact...)]
	if !ok {
		is = typeOf(v)
	}
	if is == "undefined" || !s.count(event, general, is) {
		return
	}
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			s.value(event, v[name], special, with(exact, name), with(general, name))
		}
	case []any:
		for i, element := range v {
			s.value(event, element, special, with(exact, strconv.Itoa(i)), with(general, "*"))
		}
	}
}

// count counts a value at a place. It returns false if there are too many places.
func (s *shape) count(event string, tokens []string, is string) bool {
	at := schema.Pointer(tokens...)
	p := s.places[at]
	if p == nil {
		if len(s.places) >= maxPlaces {
			s.missed = true
			return false
		}
		p = &place{types: map[string]int{}, values: map[string]int{}, holds: map[string]int{}}
		s.places[at] = p
	}
	p.types[is]++
	p.values[event]++
	if is == "object" {
		p.holds[event]++
	}
	return true
}

func typeOf(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case json.Number:
		return "number" // includes integers: a price may be 12 or 12.5
	case string:
		return "string"
	case []any:
		return "array"
	}
	return "object"
}

func with(tokens []string, name string) []string {
	return append(tokens[:len(tokens):len(tokens)], name)
}

// generalised replaces the indexes of arrays in tokens by "*".
func generalised(args []any, tokens []string) []string {
	general := slices.Clone(tokens)
	for i := 1; i < len(tokens); i++ {
		parent, _ := schema.Lookup(args, tokens[:i])
		if _, ok := parent.([]any); ok {
			general[i] = "*"
		}
	}
	return general
}

// general replaces the numbers in a JSON Pointer by "*", except that of the argument.
func general(at string) string {
	tokens, ok := schema.Tokens(at)
	if !ok {
		return at
	}
	for i := 1; i < len(tokens); i++ {
		if strings.Trim(tokens[i], "0123456789") == "" && tokens[i] != "" {
			tokens[i] = "*"
		}
	}
	return schema.Pointer(tokens...)
}

// compareFields compares which members the arguments have, and of which types.
func (c *comparison) compareFields() {
	before, after := c.before.shape.places, c.after.shape.places
	for _, at := range union(before, after, strings.Compare) {
		b, a := before[at], after[at]
		tokens, _ := schema.Tokens(at)
		aspect, what := "field", c.path(at)
		if len(tokens) > 2 && tokens[0] == "2" && tokens[1] == "custom_data" {
			aspect = "custom_data"
		}
		switch {
		case b == nil && len(tokens) > 1:
			if c.parentIn(c.before, tokens) {
				c.add(Changed, aspect, what, "is new, a %s", words.List(types(a), "or"))
			}
			continue
		case a == nil && len(tokens) > 1:
			c.comparePresence(aspect, what, tokens, b, &place{})
			continue
		case a == nil || b == nil:
			continue // a missing argument is compared as a finding
		}
		if len(tokens) > 1 {
			c.comparePresence(aspect, what, tokens, b, a)
		}
		if aspect == "field" {
			aspect = "type"
		}
		c.compareTypes(aspect, what, b, a)
	}
}

// path is a place in the form of JavaScript.
func (c *comparison) path(at string) string {
	return words.OneLine(c.before.inspector.Path(at))
}

func (c *comparison) parentIn(r *Recording, tokens []string) bool {
	parent := r.shape.places[schema.Pointer(tokens[:len(tokens)-1]...)]
	return parent != nil && len(parent.holds) > 0
}

// comparePresence compares how often an object's member is there, event by event, and
// reports it once.
func (c *comparison) comparePresence(aspect, what string, tokens []string, before, after *place) {
	if tokens[len(tokens)-1] == "*" {
		return // the number of elements of an array always varies
	}
	parent := schema.Pointer(tokens[:len(tokens)-1]...)
	b, a := c.before.shape.places[parent], c.after.shape.places[parent]
	if b == nil || a == nil {
		return // already reported for its parent
	}
	var less, more []string
	for _, event := range union(b.holds, a.holds, strings.Compare) {
		was, is := share{before.values[event], b.holds[event]}, share{after.values[event], a.holds[event]}
		said := words.Shown(event) + ": " + is.in("value") + ", was " + was.in("value")
		if strings.Count(parent, "/") == 1 {
			said = strings.ReplaceAll(said, "value", "call")
		}
		switch fewer, grown := differ(was, is); {
		case fewer:
			less = append(less, said)
		case grown:
			more = append(more, said)
		case was.of > 0 && is.of > 0 && was.with*is.of != is.with*was.of:
			c.add(Small, aspect, what, "is in %s", said)
		}
	}
	bad := Worse
	if aspect == "field" && len(tokens) == 2 && !c.documentedField(schema.Pointer(tokens...)) {
		bad = Better
	}
	if len(less) > 0 {
		c.add(bad, aspect, what, "is missing in %s", some(less))
	}
	if len(more) > 0 {
		c.add(Changed, aspect, what, "is there more often in %s", some(more))
	}
}

// documentedField tells whether a field is documented or allowed by the plan.
func (c *comparison) documentedField(at string) bool {
	return c.before.inspector.Plan().AllowsField(at) || slices.ContainsFunc(c.before.inspector.Catalogue().Fields, func(f schema.Field) bool { return f.At == at })
}

// maxSaid is how many events a sentence lists.
const maxSaid = 4

func some(said []string) string {
	if more := len(said) - maxSaid; more > 0 {
		return strings.Join(said[:maxSaid], "; ") + "; and " + words.Plural(more, "other event")
	}
	return strings.Join(said, "; ")
}

// compareTypes compares the types of a place's values.
func (c *comparison) compareTypes(aspect, what string, before, after *place) {
	var fresh []string
	for _, is := range types(after) {
		if before.types[is] == 0 {
			fresh = append(fresh, is)
		}
	}
	switch {
	case len(fresh) > 0:
		c.add(Worse, aspect, what, "is now %s, was %s", words.List(types(after), "or"), words.List(types(before), "or"))
	case len(after.types) < len(before.types):
		c.add(Small, aspect, what, "is now %s, was %s", words.List(types(after), "or"), words.List(types(before), "or"))
	}
}

func types(p *place) []string { return slices.Sorted(maps.Keys(p.types)) }
