// Package schema contains what is documented, as data: the JSON Schemas (draft 2020-12) of
// records, of the messages between extension and host and of a call's arguments, and the
// catalogue of events and fields.
//
// The schemas decide on types and on what is required. Rules follow from the keyword that
// failed and its place, never from the validator's messages. Only this package imports the
// validator, github.com/santhosh-tekuri/jsonschema/v5, and handles its traps: by default it
// fetches references and ignores "format", it reports errors in random order, and some JSON
// numbers make it fail (see Decode).
package schema

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// The embedded schemas, by the name of their file.
const (
	Record     = "record.schema.json"
	Wire       = "wire.schema.json"
	Event      = "event.schema.json" // the arguments of a call, an array
	GlobalCtx  = "global_ctx.schema.json"
	SessionCtx = "session_ctx.schema.json"
	Plan       = "plan.schema.json"
)

// Names lists the embedded schemas.
func Names() []string { return []string{Record, Wire, Event, GlobalCtx, SessionCtx, Plan} }

// Text is the text of an embedded schema, nil for an unknown name.
func Text(name string) []byte {
	raw, err := files.ReadFile(name)
	if err != nil {
		return nil
	}
	return raw
}

//go:embed *.json
var files embed.FS

// base is the beginning of the embedded schemas' $id. The top-level domain "invalid" is
// reserved (RFC 2606), so nothing can be fetched from there.
const base = "https://userlike-inspector.invalid/schema/"

// Schema is a compiled schema. It is safe for concurrent use.
type Schema struct {
	compiled *jsonschema.Schema
	docs     map[string]any // every document it may consist of, by URL
	patterns *patterns      // its regular expressions; nil for an embedded schema, which has none
}

// Compile compiles one of the embedded schemas. The error names the file.
func Compile(name string) (*Schema, error) {
	c := newCompiler()
	c.LoadURL = func(u string) (io.ReadCloser, error) {
		return nil, fmt.Errorf("%q is not one of the embedded schemas and nothing is fetched", u)
	}
	docs := map[string]any{}
	for _, n := range Names() {
		raw, err := files.ReadFile(n)
		if err != nil {
			return nil, fmt.Errorf("schema %s: %w", n, err)
		}
		if docs[base+n], err = Decode(raw); err != nil {
			return nil, fmt.Errorf("schema %s: %w", n, err)
		}
		if err := c.AddResource(base+n, strings.NewReader(string(raw))); err != nil {
			return nil, fmt.Errorf("schema %s: %w", n, err)
		}
	}
	compiled, err := c.Compile(base + name)
	if err != nil {
		return nil, fmt.Errorf("schema %s: %w", name, err)
	}
	return &Schema{compiled: compiled, docs: docs}, nil
}

func newCompiler() *jsonschema.Compiler {
	c := jsonschema.NewCompiler()
	c.AssertFormat = true
	for name, is := range ownFormats {
		c.Formats[name] = is
	}
	return c
}

// Place splits a violation's Source into the document's URL and the JSON Pointer within it.
func (v Violation) Place() (doc, at string) {
	doc, tokens := splitLocation(v.Source)
	return doc, Pointer(tokens...)
}

// Violation is one demand of a schema that a value does not meet.
type Violation struct {
	// Keyword is the schema's keyword that failed, such as "type". It is
	// "false" where the schema allows nothing at all.
	Keyword string
	// At is the JSON Pointer (RFC 6901) of what is wrong. For "required",
	// "additionalProperties" and "unevaluatedProperties" it is the property
	// that is absent or surplus, one violation for each.
	At string
	// Want is the keyword's value in the schema, nil if it cannot be told.
	Want any
	// Name says that the demand is about the name of the member at At, not its value.
	Name bool
	// Alternatives are, for "anyOf" and "oneOf", the unmet demands of each
	// alternative. There are none if several alternatives of "oneOf" are met.
	Alternatives [][]Violation
	// Source says where the keyword is written: a file or URL, "#", a JSON Pointer.
	Source string
}

// Within is the same violation in a larger value that has this value at a place.
func (v Violation) Within(at string) Violation {
	v.At = at + v.At
	alternatives := make([][]Violation, len(v.Alternatives))
	for i, a := range v.Alternatives {
		for _, one := range a {
			alternatives[i] = append(alternatives[i], one.Within(at))
		}
	}
	v.Alternatives = alternatives
	return v
}

// Check lists the violations of s in v, sorted by place and then by source. v must be a
// value that Decode returned.
func (s *Schema) Check(v any) []Violation {
	err := s.compiled.Validate(v)
	if err == nil {
		return nil
	}
	failed, ok := errors.AsType[*jsonschema.ValidationError](err)
	if !ok {
		// A schema that refers to itself endlessly accepts nothing.
		return []Violation{{Keyword: "$ref", Source: shortSource(s.compiled.Location)}}
	}
	return s.sorted(s.collect(nil, failed, v))
}

// sorted sorts violations by place, and drops equal ones.
func (s *Schema) sorted(found []Violation) []Violation {
	slices.SortFunc(found, func(a, b Violation) int {
		if c := strings.Compare(a.At, b.At); c != 0 {
			return c
		}
		return strings.Compare(a.Source, b.Source)
	})
	return slices.CompactFunc(found, func(a, b Violation) bool { return a.At == b.At && a.Source == b.Source })
}

// collect adds the violations in e. Errors of several alternatives ("anyOf") stay one
// violation. Everything else is followed down to the keyword that failed.
func (s *Schema) collect(found []Violation, e *jsonschema.ValidationError, root any) []Violation {
	doc, tokens := splitLocation(e.AbsoluteKeywordLocation)
	keyword := ""
	if len(tokens) > 0 {
		keyword = tokens[len(tokens)-1]
	}
	// An error without a message only contains others.
	alternatives := keyword == "anyOf" || keyword == "oneOf" || keyword == "minContains"
	if len(e.Causes) > 0 && (e.Message == "" || !alternatives) {
		for _, cause := range e.Causes {
			found = s.collect(found, cause, root)
		}
		return found
	}
	at := decodeTokens(e.InstanceLocation)
	for i, t := range at {
		if t == hidden { // see memberPath
			at[i] = ""
		}
	}
	v := Violation{Keyword: keyword, At: Pointer(at...), Source: shortSource(doc + "#" + escapedPointer(tokens))}
	v.Want, _ = Lookup(s.docs[doc], tokens)
	v.Name = ofName(decodeTokens(e.KeywordLocation))
	if alternatives && keyword != "minContains" {
		for _, cause := range e.Causes {
			v.Alternatives = append(v.Alternatives, s.sorted(s.collect(nil, cause, root)))
		}
	}
	if e.Message == errSlow && s.patterns != nil {
		v.Keyword = SlowPattern
		return append(found, v)
	}
	instance, _ := Lookup(root, at)
	object, _ := instance.(map[string]any)
	switch {
	case keyword == "required" && object != nil:
		names, _ := v.Want.([]any)
		for _, name := range names {
			if n, ok := name.(string); ok {
				if _, there := object[n]; !there {
					v.At = Pointer(append(slices.Clone(at), n)...)
					found = append(found, v)
				}
			}
		}
		return found
	case keyword == "additionalProperties" && v.Want == false && object != nil:
		parent, _ := Lookup(s.docs[doc], tokens[:len(tokens)-1])
		for _, n := range s.surplus(parent, object) {
			v.At = Pointer(append(slices.Clone(at), n)...)
			found = append(found, v)
		}
		return found
	case len(tokens) > 2 && tokens[len(tokens)-3] == "dependentRequired":
		v.Keyword = "required"
		if name, ok := v.Want.(string); ok {
			v.At = Pointer(append(slices.Clone(at), name)...)
		}
	case v.Want == false && keyword != "unevaluatedProperties":
		v.Keyword = "false"
	}
	return append(found, v)
}

// ofName tells whether "propertyNames" is among the keywords on the way to a demand.
func ofName(way []string) bool {
	for i := 0; i < len(way); i++ {
		switch way[i] {
		case "propertyNames":
			return true
		case "properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "allOf", "anyOf", "oneOf", "prefixItems":
			i++ // a name or a number
		}
	}
	return false
}

// splitLocation splits a keyword's absolute location.
func splitLocation(location string) (doc string, tokens []string) {
	doc, pointer, _ := strings.Cut(location, "#")
	tokens = decodeTokens(pointer)
	for i, t := range tokens {
		tokens[i] = strings.TrimPrefix(t, hidden)
	}
	return doc, tokens
}

// decodeTokens reads a pointer of the validator, which escapes it as a JSON Pointer and then
// as a path of a URL.
func decodeTokens(pointer string) []string {
	if pointer == "" {
		return nil
	}
	tokens := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	for i, t := range tokens {
		if u, err := url.PathUnescape(t); err == nil {
			t = u
		}
		tokens[i] = unescape.Replace(t)
	}
	return tokens
}

// escapedPointer is a pointer in the form of the validator.
func escapedPointer(tokens []string) string {
	if len(tokens) == 0 {
		return ""
	}
	return "/" + validatorPath(slices.Clone(tokens)...)
}

func shortSource(location string) string { return strings.TrimPrefix(location, base) }

var (
	escape   = strings.NewReplacer("~", "~0", "/", "~1")
	unescape = strings.NewReplacer("~1", "/", "~0", "~")
)

// Pointer is the JSON Pointer (RFC 6901) made of tokens; "" of none.
func Pointer(tokens ...string) string {
	var b strings.Builder
	for _, t := range tokens {
		b.WriteByte('/')
		b.WriteString(escape.Replace(t))
	}
	return b.String()
}

// Tokens splits a JSON Pointer. It returns false if the text is not one.
func Tokens(pointer string) ([]string, bool) {
	if pointer == "" {
		return nil, true
	}
	if pointer[0] != '/' {
		return nil, false
	}
	tokens := strings.Split(pointer[1:], "/")
	for i, t := range tokens {
		for j := 0; j < len(t); j++ {
			if t[j] == '~' && (j+1 == len(t) || t[j+1] != '0' && t[j+1] != '1') {
				return nil, false
			}
		}
		tokens[i] = unescape.Replace(t)
	}
	return tokens, true
}

// Lookup finds the value at tokens in v. It returns false if there is none.
func Lookup(v any, tokens []string) (any, bool) {
	for _, t := range tokens {
		switch c := v.(type) {
		case map[string]any:
			member, ok := c[t]
			if !ok {
				return nil, false
			}
			v = member
		case []any:
			i, err := strconv.Atoi(t)
			if err != nil || i < 0 || i >= len(c) || strconv.Itoa(i) != t {
				return nil, false
			}
			v = c[i]
		default:
			return nil, false
		}
	}
	return v, true
}

// Decode reads one JSON value for Check: objects are map[string]any, arrays
// []any, numbers json.Number. The validator computes with exact fractions and fails on
// numbers such as 1e999999999. So a number that is longer than any that JavaScript writes
// becomes the nearest double, as in JavaScript, or the greatest one if it is out of range.
func Decode(raw []byte) (any, error) {
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("not JSON: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("not JSON: there is more after the value")
	}
	return Tame(v), nil
}

// Tame changes the numbers in v as Decode does, so that computing with them is safe.
func Tame(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, member := range v {
			v[k] = Tame(member)
		}
	case []any:
		for i, element := range v {
			v[i] = Tame(element)
		}
	case json.Number:
		return tameNumber(v)
	}
	return v
}

// maxNumber is the length of a number in bytes up to which it is kept. JavaScript's longest
// has 25 bytes, such as -1.7976931348623157e+308. Computing with numbers this short is fast,
// unless they have an exponent.
const maxNumber = 32

func tameNumber(n json.Number) json.Number {
	if len(n) <= maxNumber && !strings.ContainsAny(string(n), "eE") {
		return n
	}
	f, err := strconv.ParseFloat(string(n), 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return "0" // cannot be: the decoder has checked the syntax
	}
	f = max(min(f, math.MaxFloat64), -math.MaxFloat64)
	return json.Number(strconv.FormatFloat(f, 'g', -1, 64))
}
