package plan

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"userlike-inspector/nativehost/internal/files"
	"userlike-inspector/nativehost/internal/words"
	"userlike-inspector/schema"
)

// schema compiles the schema that is written at pointer in the plan. It applies to the
// value at the JSON Pointer at in a call's arguments. nil if the plan has no such schema.
func (r *reader) schema(pointer, at string) *Schema {
	v := r.valueAt(pointer)
	if v == nil {
		return nil
	}
	// The schema gets an address of its own in the plan's folder, so that "#" is
	// its own root and relative references find files beside the plan.
	file := &url.URL{Scheme: "file", Path: "/" + strings.TrimPrefix(r.at(pointer).in.abs, "/") + "~" + strings.ReplaceAll(pointer[1:], "/", ".")}
	own := file.String()
	r.sources[own] = r.source
	s, err := schema.CompileOwn(own, func(u string) (any, error) {
		if u == own {
			return v, nil
		}
		return r.document(u)
	})
	if err != nil {
		r.badSchema(own, pointer, err)
		return nil
	}
	sourceOf := func(v schema.Violation) string {
		doc, place := v.Place()
		if doc == own {
			return fmt.Sprintf("%s: %s#%s", r.line(pointer+place), pointer[1:], place)
		}
		if from := r.sources[doc]; from != nil {
			return fmt.Sprintf("%s: #%s", from.line(place), place)
		}
		return fmt.Sprintf("%s: %s#%s", r.line(pointer), doc, place)
	}
	return &Schema{
		Schema:   s,
		At:       at,
		OnValues: r.onValues(own, v, map[string]bool{own: true}),
		Where:    fmt.Sprintf("%s: %s", r.line(pointer), pointer[1:]),
		Source:   sourceOf,
	}
}

// onValues tells whether a schema depends on the values themselves. A redacted recording
// has pseudonyms, which keep only types, lengths, and which members there are.
func (r *reader) onValues(base string, v any, seen map[string]bool) bool {
	switch v := v.(type) {
	case []any:
		return slices.ContainsFunc(v, func(one any) bool { return r.onValues(base, one, seen) })
	case map[string]any:
		for name, one := range v {
			switch name {
			case "anyOf", "const", "contains", "enum", "exclusiveMaximum", "exclusiveMinimum", "format", "if", "maximum", "minimum", "multipleOf", "not", "oneOf",
				"pattern", "patternProperties", "propertyNames":
				return true
			case "$ref":
				if text, ok := one.(string); ok && r.refersToValues(base, text, seen) {
					return true
				}
			}
			if r.onValues(base, one, seen) {
				return true
			}
		}
	}
	return false
}

// refersToValues is onValues for the file that a schema refers to.
func (r *reader) refersToValues(base, ref string, seen map[string]bool) bool {
	from, err := url.Parse(base)
	if err != nil {
		return true
	}
	to, err := from.Parse(ref)
	if err != nil {
		return true
	}
	to.Fragment = ""
	file := to.String()
	if seen[file] {
		return false
	}
	seen[file] = true
	s := r.sources[file]
	return s == nil || r.onValues(file, s.value, seen)
}

// document reads a file that a schema refers to.
func (r *reader) document(u string) (any, error) {
	if s := r.sources[u]; s != nil {
		return s.value, nil
	}
	parsed, err := url.Parse(u)
	if err != nil || parsed.Scheme != "file" || parsed.Host != "" {
		return nil, fmt.Errorf("%s is not a local file, and nothing is fetched; put the schema beside the plan and refer to it as ./NAME", words.Typed(u))
	}
	path := filepath.FromSlash(parsed.Path)
	if volume := filepath.VolumeName(strings.TrimPrefix(path, string(filepath.Separator))); volume != "" {
		path = path[1:] // a URL has "/C:/…"
	}
	name := r.shortName(parsed.Path)
	data, err := r.read(path)
	if err != nil {
		return nil, files.Unreadable("file", name, err)
	}
	s, err := readSource(name, filepath.ToSlash(path), data, false)
	if err != nil {
		return nil, err
	}
	r.sources[u] = s
	return s.value, nil
}

// shortName is a file's path as seen from the plan's.
func (r *reader) shortName(file string) string {
	dir := "/" + strings.Trim(r.root, "/") + "/"
	return cmp.Or(strings.TrimPrefix("/"+strings.TrimPrefix(file, "/"), dir), file)
}

// badSchema says why a schema cannot be used.
func (r *reader) badSchema(own, pointer string, err error) {
	if problems := (Problems)(nil); errors.As(err, &problems) {
		r.problems = append(r.problems, problems...)
		return
	}
	if faults := (schema.Faults)(nil); errors.As(err, &faults) {
		for _, f := range faults {
			from, place := r.source, pointer+f.At
			if other := r.sources[f.URL]; f.URL != own && other != nil {
				from, place = other, f.At
			}
			at := from.at(place)
			if f.Named {
				at = from.key(place)
			}
			r.problem(at, "%s", words.Verbatim(f.Message))
		}
		return
	}
	r.problem(r.key(pointer), "the schema cannot be used: %s", oneLine(err))
}

// oneLine is an error's text without line breaks.
func oneLine(err error) string {
	return words.OneLine(strings.TrimPrefix(words.Plain(err), "jsonschema: "))
}
