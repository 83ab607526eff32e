package schema

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// CompileOwn compiles a user's schema, given its absolute URL. load is called once for each
// document that the schema consists of, with its URL, and returns values as Decode does. If
// load fails, CompileOwn fails. The error is of type Faults if a document is not a JSON
// Schema, or probably not the intended one.
func CompileOwn(at string, load func(u string) (any, error)) (s *Schema, err error) {
	docs := map[string]any{}
	var last string // a document is checked as soon as it was loaded
	var faults Faults
	c := newCompiler()
	found := &patterns{compiled: map[string]*pattern{}}
	c.RegisterExtension("ecma-262", nil, found)
	c.Formats["regex"] = isPattern
	c.LoadURL = func(u string) (io.ReadCloser, error) {
		last = u
		v, err := load(u)
		if err != nil {
			return nil, err
		}
		docs[u] = v
		if id := ownID(u, v); id != "" {
			docs[id] = v
		}
		r := rewriter{url: u, patterns: found}
		v = r.schema(v, nil)
		faults = append(faults, r.faults...)
		raw, err := json.Marshal(v)
		return io.NopCloser(strings.NewReader(string(raw))), err
	}
	// The validator may panic on broken schemas, as it was not written for
	// untrusted ones.
	defer func() {
		if p := recover(); p != nil {
			s, err = nil, fmt.Errorf("the schema cannot be compiled: %v", p)
		}
	}()
	compiled, err := c.Compile(at)
	if err != nil {
		err = refusal(err, last)
		more, known := errors.AsType[Faults](err)
		if len(faults) == 0 || !known {
			return nil, err
		}
		return nil, append(faults, more...).sorted()
	}
	s = &Schema{compiled: compiled, docs: docs, patterns: found}
	if faults = append(faults, s.unknownKeywords()...); len(faults) > 0 {
		return nil, faults.sorted()
	}
	return s, nil
}

// ownID is the URL that a document gives itself with $id, "" for none.
func ownID(at string, v any) string {
	m, _ := v.(map[string]any)
	id, _ := m["$id"].(string)
	base, err := url.Parse(at)
	if err != nil || id == "" {
		return ""
	}
	u, err := base.Parse(strings.TrimSuffix(id, "#"))
	if err != nil {
		return ""
	}
	return u.String()
}

// Fault says where and why a document is not a JSON Schema.
type Fault struct {
	URL     string // of the document
	At      string // JSON Pointer of the place within it
	Named   bool   // it is about the name of the member at this place, not about its value
	Message string
}

// Faults are the mistakes in documents, sorted by URL and place.
type Faults []Fault

func (f Faults) Error() string {
	messages := make([]string, len(f))
	for i, one := range f {
		messages[i] = one.Message
	}
	return strings.Join(messages, "; ")
}

func (f Faults) sorted() Faults {
	slices.SortFunc(f, func(a, b Fault) int {
		return cmp.Or(strings.Compare(a.URL, b.URL), strings.Compare(a.At, b.At), strings.Compare(a.Message, b.Message))
	})
	return slices.Compact(f)
}

// refusal turns the validator's error into Faults with places. An error of load stays
// wrapped.
func refusal(err error, last string) error {
	if s, ok := errors.AsType[*jsonschema.SchemaError](err); ok {
		err = s.Err
	}
	failed, ok := errors.AsType[*jsonschema.ValidationError](err)
	if !ok {
		return err
	}
	return invalid(nil, failed, last, "").sorted()
}

// invalid adds the faults that the meta-schema finds in a document's part at a place.
func invalid(faults Faults, failed *jsonschema.ValidationError, of, at string) Faults {
	for _, cause := range failed.Causes {
		faults = invalid(faults, cause, of, at)
	}
	if len(failed.Causes) > 0 {
		return faults
	}
	tokens := decodeTokens(failed.InstanceLocation)
	for i, t := range tokens {
		tokens[i] = strings.TrimPrefix(t, hidden)
	}
	return append(faults, Fault{URL: of, At: at + Pointer(tokens...), Message: "this is no JSON Schema: " + failed.Message})
}
