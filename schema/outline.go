package schema

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"sync"
)

// Memory makes checking fast: most texts need not be decoded or passed to the validator.
// (Without it, a call costs 12 times as much as with Ajv, with it half as much; see
// BenchmarkCheck.) For each text that the validator found valid, it keeps an outline of
// everything that the schema checks, and it recognises other texts with the same outline. It
// never decides anything itself; FuzzMemory tests that it agrees with the validator.
//
// What the schema checks is found from the schema itself. Of a string this may be nothing,
// only whether it is empty, or all of it; of an object with any content, only that it is an
// object. If a schema has a keyword that is not known here, the outline has the whole value.
//
// A Memory is safe for concurrent use.
type Memory struct {
	schema *Schema
	root   *aspect

	mu    sync.RWMutex
	valid map[string]bool // outlines
}

// maxOutlines is how many outlines a memory keeps; when it is full, it is emptied. There is
// one outline for each combination of event, fields, and values of enums and formats.
const maxOutlines = 4096

// aspect is what a schema checks of a value.
type aspect struct {
	all     bool               // the whole value
	empty   bool               // of a string, whether it is empty
	integer bool               // of a number, whether it is an integer
	members map[string]*aspect // of an object, these and all members' names
	items   []*aspect          // of an array, these and the number of elements
	inside  bool               // it checks the content of objects and arrays
	at      string             // the value's JSON Pointer
}

// Memory makes an empty memory for s.
func (s *Schema) Memory() *Memory {
	return &Memory{schema: s, root: s.aspect(s.compiled.Location, nil, ""), valid: map[string]bool{}}
}

// Check checks a JSON text as the schema's Check does. If the text has the outline of one
// that was accepted before, v is nil and seen has the values at the places that the schema
// names; otherwise v is the decoded value. err says that the text is not JSON.
func (m *Memory) Check(raw []byte) (v any, found []Violation, seen *Outline, err error) {
	o := outlines.Get().(*Outline)
	defer outlines.Put(o)
	known := o.read(m.root, raw)
	if known {
		m.mu.RLock()
		hit := m.valid[string(o.key)]
		m.mu.RUnlock()
		if hit {
			return nil, nil, &Outline{raw: raw, spans: slices.Clone(o.spans)}, nil
		}
	}
	if v, err = Decode(raw); err != nil {
		return nil, nil, nil, err
	}
	if found = m.schema.Check(v); len(found) == 0 && known {
		m.mu.Lock()
		if len(m.valid) >= maxOutlines {
			clear(m.valid)
		}
		m.valid[string(o.key)] = true
		m.mu.Unlock()
	}
	return v, found, nil, nil
}

// aspect finds from a schema what it checks of a value.
func (s *Schema) aspect(location string, from []string, at string) *aspect {
	doc, tokens := splitLocation(location)
	node, ok := Lookup(s.docs[doc], append(tokens, from...))
	rule, isObject := node.(map[string]any)
	a := &aspect{at: at}
	if !ok || !isObject {
		a.all = true
		return a
	}
	for keyword, value := range rule {
		switch keyword {
		case "$schema", "$id", "title", "description":
		case "type":
			a.integer = value == "integer"
			a.all = a.all || value != "integer" && !slices.Contains([]any{"string", "object", "array"}, value)
		case "minLength":
			a.empty = value == json.Number("1")
			a.all = a.all || !a.empty
		case "required", "minItems", "maxItems":
			a.inside = true
		case "additionalProperties":
			a.inside = true
			a.all = a.all || value != false
		case "properties", "prefixItems", "$ref": // below
		default:
			a.all = true
		}
	}
	s.parts(a, rule, doc, append(tokens, from...))
	return a
}

// parts finds what a schema checks of the parts of a value.
func (s *Schema) parts(a *aspect, rule map[string]any, doc string, place []string) {
	location := doc + "#" + Pointer(place...)
	if properties, ok := rule["properties"].(map[string]any); ok {
		a.inside, a.members = true, map[string]*aspect{}
		for name := range properties {
			a.members[name] = s.aspect(location, []string{"properties", name}, a.at+Pointer(name))
		}
	}
	if list, ok := rule["prefixItems"].([]any); ok {
		a.inside = true
		for i := range list {
			n := string(rune('0' + i%10))
			a.items = append(a.items, s.aspect(location, []string{"prefixItems", n}, a.at+Pointer(n)))
		}
		a.all = a.all || len(list) > 10
	}
	if ref, ok := rule["$ref"].(string); ok {
		if len(rule) > 1 || strings.Contains(ref, "#") || s.docs[base+ref] == nil {
			a.all = true
			return
		}
		*a = *s.aspect(base+ref+"#", nil, a.at)
	}
}

// Outline is the part of a JSON text that the schema checks.
type Outline struct {
	raw   []byte
	pos   int
	key   []byte
	spans []span
	deep  int
}

// span is where in the text a value is that the schema names.
type span struct {
	at       string
	from, to int
}

var outlines = sync.Pool{New: func() any { return new(Outline) }}

// Raw is the JSON text of the value at a place that the schema names, nil if there is none.
// If a member occurs twice, it is the last one.
func (o *Outline) Raw(at string) []byte {
	for i := len(o.spans) - 1; i >= 0; i-- {
		if o.spans[i].at == at {
			return o.raw[o.spans[i].from:o.spans[i].to]
		}
	}
	return nil
}

// maxOutlined is how deep values may nest, and maxKey the length of an outline in bytes. Texts
// beyond these limits are decoded.
const (
	maxOutlined = 100
	maxKey      = 4096
)

// read reads a text. It returns false if the text is not JSON, or has to be decoded.
func (o *Outline) read(root *aspect, raw []byte) bool {
	o.raw, o.pos, o.deep, o.key, o.spans = raw, 0, 0, o.key[:0], o.spans[:0]
	defer func() { o.raw = nil }()
	o.space()
	if !o.value(root) {
		return false
	}
	o.space()
	return o.pos == len(raw) && len(o.key) <= maxKey
}

func (o *Outline) space() {
	for o.pos < len(o.raw) {
		switch o.raw[o.pos] {
		case ' ', '\t', '\n', '\r':
			o.pos++
		default:
			return
		}
	}
}

// value reads the next value, and adds to the key what a says; nil adds nothing.
func (o *Outline) value(a *aspect) bool {
	if o.pos == len(o.raw) {
		return false
	}
	from, kind := o.pos, o.raw[o.pos]
	mark := len(o.key)
	inside := a
	if a != nil && (a.all || !a.inside) {
		inside = nil
	}
	ok := false
	switch kind {
	case '{':
		ok = o.object(inside)
	case '[':
		ok = o.array(inside)
	case '"':
		ok = o.text()
	case 't':
		ok = o.word("true")
	case 'f':
		ok = o.word("false")
	case 'n':
		ok = o.word("null")
	default:
		ok = o.number()
		kind = '0'
	}
	if !ok || a == nil {
		return ok
	}
	if a.at != "" {
		o.spans = append(o.spans, span{a.at, from, o.pos})
	}
	text := o.raw[from:o.pos]
	switch {
	case a.all || kind == '0' && a.integer && !plainInteger(text):
		o.key = append(append(o.key[:mark], '='), text...)
	case kind == '"' && a.empty && len(text) == 2:
		o.key = append(o.key, 'e')
	case inside == nil || kind != '{' && kind != '[':
		o.key = append(o.key, kind)
	}
	return len(o.key) <= maxKey
}

// plainInteger tells whether a number consists of a few digits and nothing else.
func plainInteger(number []byte) bool {
	return len(number) <= maxNumber && !bytes.ContainsAny(number, ".eE")
}

func (o *Outline) object(a *aspect) bool {
	if o.deep++; o.deep > maxOutlined {
		return false
	}
	o.pos++
	o.add(a, '{')
	o.space()
	if o.pos < len(o.raw) && o.raw[o.pos] == '}' {
		o.pos++
		o.deep--
		o.add(a, '}')
		return true
	}
	for {
		from := o.pos
		if o.pos == len(o.raw) || o.raw[o.pos] != '"' || !o.text() {
			return false
		}
		name := o.raw[from:o.pos]
		var member *aspect
		if a != nil {
			if bytes.IndexByte(name, '\\') >= 0 {
				return false // it may be a known name, written with escapes
			}
			o.key = append(o.key, name...)
			if member = a.members[string(name[1:len(name)-1])]; member == nil {
				member = &nothing
			}
		}
		o.space()
		if o.pos == len(o.raw) || o.raw[o.pos] != ':' {
			return false
		}
		o.pos++
		o.space()
		if !o.value(member) {
			return false
		}
		more, ok := o.next(a, '}')
		if !ok {
			return false
		}
		if !more {
			o.deep--
			o.add(a, '}')
			return true
		}
	}
}

// nothing is the aspect of members that a schema does not name: only their type counts.
var nothing = aspect{}

func (o *Outline) array(a *aspect) bool {
	if o.deep++; o.deep > maxOutlined {
		return false
	}
	o.pos++
	o.add(a, '[')
	o.space()
	if o.pos < len(o.raw) && o.raw[o.pos] == ']' {
		o.pos++
		o.deep--
		o.add(a, ']')
		return true
	}
	for i := 0; ; i++ {
		var element *aspect
		if a != nil {
			element = &nothing
			if i < len(a.items) {
				element = a.items[i]
			}
		}
		if !o.value(element) {
			return false
		}
		more, ok := o.next(a, ']')
		if !ok {
			return false
		}
		if !more {
			o.deep--
			o.add(a, ']')
			return true
		}
	}
}

// add adds a byte to the key, if a says that the value is checked.
func (o *Outline) add(a *aspect, b byte) {
	if a != nil {
		o.key = append(o.key, b)
	}
}

// next reads a comma, after which there is more, or the closing bracket.
func (o *Outline) next(a *aspect, end byte) (more, ok bool) {
	o.space()
	if o.pos == len(o.raw) {
		return false, false
	}
	b := o.raw[o.pos]
	o.pos++
	if b == ',' {
		o.add(a, ',')
		o.space()
	}
	return b == ',', b == ',' || b == end
}

func (o *Outline) word(word string) bool {
	if !bytes.HasPrefix(o.raw[o.pos:], []byte(word)) {
		return false
	}
	o.pos += len(word)
	return true
}

// text reads a string.
func (o *Outline) text() bool {
	raw := o.raw
	for i := o.pos + 1; i < len(raw); i++ {
		switch b := raw[i]; {
		case b == '"':
			o.pos = i + 1
			return true
		case b < ' ':
			return false
		case b == '\\':
			i++
			if i == len(raw) {
				return false
			}
			switch raw[i] {
			case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
			case 'u':
				if i+4 >= len(raw) || !isHex(raw[i+1:i+5]) {
					return false
				}
				i += 4
			default:
				return false
			}
		}
	}
	return false
}

func isHex(digits []byte) bool {
	for _, b := range digits {
		if (b < '0' || b > '9') && (b|0x20 < 'a' || b|0x20 > 'f') {
			return false
		}
	}
	return true
}

// number reads a number.
func (o *Outline) number() bool {
	if o.raw[o.pos] == '-' {
		o.pos++
	}
	if o.pos < len(o.raw) && o.raw[o.pos] == '0' {
		o.pos++
	} else if !o.digits() {
		return false
	}
	if o.pos < len(o.raw) && o.raw[o.pos] == '.' {
		if o.pos++; !o.digits() {
			return false
		}
	}
	if o.pos < len(o.raw) && o.raw[o.pos]|0x20 == 'e' {
		o.pos++
		if o.pos < len(o.raw) && (o.raw[o.pos] == '+' || o.raw[o.pos] == '-') {
			o.pos++
		}
		return o.digits()
	}
	return true
}

func (o *Outline) digits() bool {
	from := o.pos
	for o.pos < len(o.raw) && o.raw[o.pos] >= '0' && o.raw[o.pos] <= '9' {
		o.pos++
	}
	return o.pos > from
}
