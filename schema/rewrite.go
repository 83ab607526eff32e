package schema

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// rewriter copies a document, hides the keywords with regular expressions, and notes those
// that are wrong.
type rewriter struct {
	url      string
	patterns *patterns
	draft    string // its meta-schema
	faults   Faults
}

func (r *rewriter) fault(at []string, format string, args ...any) {
	r.faults = append(r.faults, Fault{URL: r.url, At: Pointer(at...), Message: fmt.Sprintf(format, args...)})
}

// data are the keywords whose values are never schemas, whatever they look like.
var data = []string{"enum", "const", "default", "examples", "example"}

// holders are the keywords that contain schemas by names that the user chooses.
var holders = []string{"properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies"}

// schema copies a value that may be a schema or a list of schemas.
func (r *rewriter) schema(v any, at []string) any {
	switch v := v.(type) {
	case []any:
		list := make([]any, len(v))
		for i, e := range v {
			list[i] = r.schema(e, inside(at, strconv.Itoa(i)))
		}
		return list
	case map[string]any:
		if len(at) == 0 {
			r.draft, _ = v["$schema"].(string)
		}
		return r.object(v, at)
	}
	return v
}

func inside(at []string, token string) []string { return append(at[:len(at):len(at)], token) }

func (r *rewriter) object(rule map[string]any, at []string) any {
	out := make(map[string]any, len(rule))
	named, _ := rule["patternProperties"].(map[string]any)
	for keyword, v := range rule {
		place := inside(at, keyword)
		text, isText := v.(string)
		switch {
		case keyword == "pattern" && isText:
			if err := r.patterns.add(text); err != nil {
				r.fault(place, "this is no regular expression: %v", err)
			}
			out[hidden+keyword] = v
		case keyword == "patternProperties" && named != nil:
			out[hidden+keyword] = r.named(named, place)
		case keyword == "additionalProperties" && named != nil:
			v = r.schema(v, place)
			r.check(v, place)
			out[hidden+keyword] = v
		case slices.Contains(data, keyword):
			out[keyword] = v
		case slices.Contains(holders, keyword):
			out[keyword] = r.each(v, place)
		default:
			out[keyword] = r.schema(v, place)
		}
	}
	return out
}

// each copies schemas by name.
func (r *rewriter) each(v any, at []string) any {
	object, ok := v.(map[string]any)
	if !ok {
		return r.schema(v, at)
	}
	out := make(map[string]any, len(object))
	for name, v := range object {
		out[name] = r.schema(v, inside(at, name))
	}
	return out
}

// named copies schemas by pattern.
func (r *rewriter) named(object map[string]any, at []string) map[string]any {
	out := make(map[string]any, len(object))
	for text, v := range object {
		place := inside(at, text)
		if err := r.patterns.add(text); err != nil {
			r.fault(place, "this is no regular expression: %v", err)
			r.faults[len(r.faults)-1].Named = true
		}
		out[text] = r.schema(v, place)
		r.check(out[text], place)
	}
	return out
}

// check checks the keywords that are hidden from the validator, which checks the others.
func (r *rewriter) check(v any, at []string) {
	const usual = "https://json-schema.org/draft/2020-12/schema"
	draft := r.draft
	if draft == "" {
		draft = usual
	}
	c := newCompiler()
	c.LoadURL = func(u string) (io.ReadCloser, error) { return nil, fmt.Errorf("%q is no draft that is known", u) }
	meta, err := c.Compile(draft)
	if err != nil {
		return // the validator will refuse the document anyway
	}
	if failed, ok := errors.AsType[*jsonschema.ValidationError](meta.Validate(v)); ok {
		r.faults = invalid(r.faults, failed, r.url, Pointer(at...))
	}
}
