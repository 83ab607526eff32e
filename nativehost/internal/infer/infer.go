// Package infer learns the shape of values: which members they have, of which types, how
// often, and where calls differ. From that it makes a JSON Schema. The schema accepts all
// values that were learnt, and demands only what a careful tester would demand after
// seeing the same: that one visit does something often says nothing of other visits.
package infer

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/sanitize"
	"userlike-inspector/nativehost/internal/words"
	"userlike-inspector/schema"
)

const (
	// maxNodes is how many places are kept: a site may use ids as names of members.
	maxNodes = 10_000
	// maxValues is how many different texts can be an enum. Each must have come in
	// minVisits visits and all together in manyVisits, of several contacts.
	maxValues  = 8
	minVisits  = 2
	manyVisits = 5
	// minTexts is how many different texts are needed to infer a format.
	minTexts = 3
	// maxText is the longest text of an enum, in bytes.
	maxText = 60
)

// types are the JSON types as bits of a mask.
var types = [...]string{"null", "boolean", "number", "string", "array", "object"}

const (
	isNull = 1 << iota
	isBoolean
	isNumber
	isString
	isArray
	isObject
)

// formats are the formats that can be inferred for texts.
var formats = [...]string{"date-time", "date", "time", "uuid", "email", "uri", "ipv4"}

// Call is the call that has a value.
type Call struct {
	Record  string
	Event   string
	URL     string
	Time    record.Time
	Order   int64  // of arrival
	Visit   string // that it belongs to
	Contact string // whose visit it is
}

// Shape is what was learnt of values. The zero value knows nothing.
type Shape struct {
	root     node
	nodes    int
	calls    int
	visits   map[string]int // their numbers
	contacts map[string]int
	lost     map[string]map[string]*lostAt // what JSON does not keep, by place and kind
	// Missed says that there were more places than are kept.
	Missed bool
}

// node is what is known of the values at one place. All elements of an array count as one
// place.
type node struct {
	values   int // how many were there
	seen     evidence
	objects  int // of these, objects
	members  map[string]*node
	items    *node
	texts    map[string]*evidence // nil when there are too many
	strings  int
	distinct int                // how many different texts, counted up to one more than are kept
	long     bool               // one of the texts is too long for an enum
	formats  [len(formats)]bool // the formats that some text did not have
	numbers  *span              // nil for none

	first map[byte]*sighting // the first call with each set of types
	call  int                // the call that mask is of
	mask  byte
	at    string // where that call had it
}

// sighting is the first call that had some types at a place, with where it had them, and
// how many did.
type sighting struct {
	Call
	at    string
	calls int
}

// span is the least and the greatest of numbers.
type span struct{ low, high bound }

type bound struct {
	value float64
	text  json.Number
}

// number learns from a number.
func (n *node) number(text json.Number) {
	value, err := text.Float64()
	if err != nil {
		return // beyond what any program calculates with
	}
	one := bound{value, text}
	if n.numbers == nil {
		n.numbers = &span{one, one}
	}
	if value < n.numbers.low.value {
		n.numbers.low = one
	}
	if value > n.numbers.high.value {
		n.numbers.high = one
	}
}

// Add learns from a value of a call, in the form that schema.Decode returns. at is the
// value's JSON Pointer. odd lists, by JSON Pointer, places in it whose real type is not that of
// the value: "number", or "" for an unknown type.
func (s *Shape) Add(value any, at string, odd map[string]string, call Call) {
	s.calls++
	if s.visits == nil {
		s.visits, s.contacts = map[string]int{}, map[string]int{}
	}
	l := lesson{Shape: s, odd: odd, visit: number(s.visits, call.Visit), contact: number(s.contacts, call.Contact)}
	l.learn(&s.root, value, at)
	touched := l.touched
	for _, n := range touched {
		if n.first == nil {
			n.first = map[byte]*sighting{}
		}
		if n.first[n.mask] == nil {
			n.first[n.mask] = &sighting{Call: call, at: n.at}
		}
		n.first[n.mask].calls++
	}
}

// Calls is how many values have been added.
func (s *Shape) Calls() int { return s.calls }

// number returns the number of a name. A new name gets a new one.
func number(numbers map[string]int, name string) int {
	n, known := numbers[name]
	if !known {
		n = len(numbers)
		numbers[name] = n
	}
	return n
}

// lesson is one call that is being learnt.
type lesson struct {
	*Shape
	odd            map[string]string
	visit, contact int
	touched        []*node
}

func (s *lesson) learn(n *node, value any, at string) {
	n.values++
	n.seen.add(s.visit, s.contact)
	kind := kindOf(value)
	if is, ok := s.odd[at]; ok {
		if is != "number" {
			return
		}
		kind, value = isNumber, nil
	}
	if n.call != s.calls {
		n.call, n.mask, n.at = s.calls, 0, at
		s.touched = append(s.touched, n)
	}
	n.mask |= kind
	switch v := value.(type) {
	case string:
		n.text(v, s.visit, s.contact)
	case json.Number:
		n.number(v)
	case []any:
		for i, element := range v {
			if n.items == nil {
				n.items = s.node()
			}
			if n.items != nil {
				s.learn(n.items, element, at+"/"+strconv.Itoa(i))
			}
		}
	case map[string]any:
		n.objects++
		s.meet(n, v)
		for name, member := range v {
			if m := n.members[name]; m != nil {
				s.learn(m, member, at+schema.Pointer(name))
			}
		}
	}
}

// meet makes nodes for new members, sorted by name: if there is no room for all, the
// result must not depend on the random order of maps.
func (s *Shape) meet(n *node, object map[string]any) {
	var fresh []string
	for name := range object {
		if n.members[name] == nil {
			fresh = append(fresh, name)
		}
	}
	slices.Sort(fresh)
	for _, name := range fresh {
		m := s.node()
		if m == nil {
			return
		}
		if n.members == nil {
			n.members = map[string]*node{}
		}
		n.members[name] = m
	}
}

// node makes one more node, nil if there are too many.
func (s *Shape) node() *node {
	if s.nodes == maxNodes {
		s.Missed = true
		return nil
	}
	s.nodes++
	return &node{}
}

func kindOf(v any) byte {
	switch v.(type) {
	case nil:
		return isNull
	case bool:
		return isBoolean
	case json.Number:
		return isNumber
	case string:
		return isString
	case []any:
		return isArray
	}
	return isObject
}

// text learns from a text.
func (n *node) text(s string, visit, contact int) {
	if n.strings == 0 {
		n.texts = map[string]*evidence{}
	}
	n.strings++
	for i, name := range formats {
		n.formats[i] = n.formats[i] || !schema.HasFormat(name, s)
	}
	if n.texts == nil {
		return
	}
	e := n.texts[s]
	if e == nil {
		n.distinct++
		e = &evidence{}
		n.texts[s] = e
	}
	e.add(visit, contact)
	n.long = n.long || len(s) > maxText
	if len(n.texts) > maxValues {
		n.texts = nil
	}
}

// kinds are all types that calls had at a place, as bits.
func (n *node) kinds() (mask byte) {
	for m := range n.first {
		mask |= m
	}
	return mask
}

// Schema is a JSON Schema with the keywords that can be inferred.
type Schema struct {
	Draft      string             `json:"$schema,omitempty"`
	Comment    string             `json:"$comment,omitempty"` // the evidence: how often it was there
	Type       any                `json:"type,omitempty"`     // a name or a list of names
	Format     string             `json:"format,omitempty"`
	Enum       []any              `json:"enum,omitempty"`
	Properties map[string]*Schema `json:"properties,omitempty"`
	Required   []string           `json:"required,omitempty"`
	Items      *Schema            `json:"items,omitempty"`
}

// Schema is the JSON Schema (2020-12) of what was learnt. It accepts all these values. The
// same values give the same schema, in whatever order they came.
func (s *Shape) Schema() *Schema {
	inferred := s.root.schema(nil)
	inferred.Draft = "https://json-schema.org/draft/2020-12/schema"
	return inferred
}

// Write writes the schema as indented JSON.
func (s *Schema) Write(w io.Writer) error { return sanitize.WriteJSON(w, s) }

func (n *node) schema(of *node) *Schema {
	out := &Schema{Comment: n.evidence(of)}
	kinds := n.kinds()
	var names []string
	for i, name := range types {
		if kinds&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	switch len(names) {
	case 0: // nothing is known
		return out
	case 1:
		out.Type = names[0]
	default:
		out.Type = names
	}
	if kinds&isString != 0 {
		out.Format = n.format()
		if out.Format == "" && kinds&^(isString|isNull) == 0 {
			out.Enum = n.enum(kinds&isNull != 0)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(n.members)) {
		if out.Properties == nil {
			out.Properties = map[string]*Schema{}
		}
		m := n.members[name]
		out.Properties[name] = m.schema(n)
		if m.values == n.objects {
			out.Required = append(out.Required, name)
		}
	}
	if n.items != nil {
		out.Items = n.items.schema(nil)
	}
	return out
}

// evidence says in how many visits a place had a value, of those in which the object
// around it was there.
func (n *node) evidence(of *node) string {
	visits, contacts := n.seen.visits.count(), n.seen.contacts.count()
	if visits == 0 {
		return ""
	}
	whole := visits
	if of != nil {
		whole = of.seen.visits.count()
	}
	often := "in " + words.Plural(visits, "visit")
	if of != nil {
		often = fmt.Sprintf("in %d of %s", visits, words.Plural(whole, "visit"))
		if visits == whole && n.values < of.objects {
			often += ", not always"
		}
	}
	return often + ", of " + words.Plural(contacts, "contact")
}

// format is the first format that every text had, "" if there were too few texts, or all
// came in one visit.
func (n *node) format() string {
	if n.distinct < minTexts || n.seen.visits.count() < minVisits {
		return ""
	}
	for i, name := range formats {
		if !n.formats[i] {
			return name
		}
	}
	return ""
}

// enum lists the texts if they are few, and came in enough visits of several contacts.
func (n *node) enum(null bool) []any {
	if n.texts == nil || n.long || len(n.texts) < 2 || n.seen.visits.count() < manyVisits {
		return nil
	}
	var list []any
	for _, text := range slices.Sorted(maps.Keys(n.texts)) {
		if e := n.texts[text]; e.visits.count() < minVisits || e.contacts.count() < minVisits {
			return nil
		}
		list = append(list, text)
	}
	if null {
		list = append(list, nil)
	}
	return list
}
