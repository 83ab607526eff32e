package plan

import (
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"userlike-inspector/nativehost/internal/files"
	"userlike-inspector/nativehost/internal/words"
	"userlike-inspector/schema"
)

// maxExtends is how many plans may extend one another in a row.
const maxExtends = 20

// extended merges s with the plan that it extends, if any. above are the plans that
// led to s; a plan must not extend one of these.
func (r *reader) extended(s *source, above []*source) (*source, error) {
	root, _ := s.value.(map[string]any)
	if root == nil {
		return s, nil
	}
	ref, _ := root["extends"].(string)
	if ref == "" {
		return s, nil
	}
	at := s.at("/extends")
	if strings.Contains(ref, "://") {
		return nil, at.wrong("%s is an address, and nothing is fetched; put the plan beside this one and write ./NAME", words.Typed(ref))
	}
	file := filepath.ToSlash(ref)
	if !path.IsAbs(file) && filepath.VolumeName(ref) == "" {
		file = path.Join(path.Dir(s.abs), file)
	}
	above = append(above, s)
	if slices.ContainsFunc(above, func(a *source) bool { return a.abs == file }) {
		return nil, at.wrong("this plan would extend itself by way of %s; remove this line or that one", r.shortName(file))
	}
	if len(above) > maxExtends {
		return nil, at.wrong("more than %d plans extend one another", maxExtends)
	}
	data, err := r.read(filepath.FromSlash(file))
	if err != nil {
		return nil, at.wrong("%v", files.Unreadable("plan", r.shortName(file), err))
	}
	base, err := readSource(r.shortName(file), file, data, false)
	if err != nil {
		return nil, err
	}
	if err := r.grammar(base); err != nil {
		return nil, err
	}
	r.sources["extends "+file] = base
	if base, err = r.extended(base, above); err != nil {
		return nil, err
	}
	return base.under(s), nil
}

// How a plan is merged with the plan that it extends. Members that are not listed
// here are taken from the extending plan if it has them.
var (
	// mergedMembers are objects that are merged member by member; "*" is any name.
	mergedMembers = [][]string{{}, {"events"}, {"events", "*"}, {"allow"}, {"consent"}, {"severity"}, {"personal_data"}}
	// addedMembers are lists that are joined, the extended plan's first.
	addedMembers = [][]string{{"allow", "events"}, {"allow", "fields"}, {"accept"}, {"forward"}, {"personal_data", "allow"}}
)

func listed(paths [][]string, at []string) bool {
	return slices.ContainsFunc(paths, func(p []string) bool {
		return slices.EqualFunc(p, at, func(a, b string) bool { return a == "*" || a == b })
	})
}

// under merges s with own, the plan that extends it.
func (s *source) under(own *source) *source {
	m := newSource(own.name, own.abs)
	m.digest, m.text, m.shown = own.digest, own.text, own.shown
	m.value = m.merge(s, own, s.value, own.value, nil)
	return m
}

// merge returns the merged value at one place, and notes in which file and line its
// parts are written.
func (s *source) merge(base, own *source, below, above any, at []string) any {
	lower, lowerIs := below.(map[string]any)
	upper, upperIs := above.(map[string]any)
	pointer := schema.Pointer(at...)
	switch {
	case lowerIs && upperIs && listed(mergedMembers, at):
		s.values[pointer] = own.at(pointer)
		object := map[string]any{}
		for _, name := range base.order[pointer] {
			v, again := upper[name]
			inside := append(at[:len(at):len(at)], name)
			switch {
			case !again:
				object[name] = s.take(base, lower[name], inside, schema.Pointer(inside...))
			case v != nil:
				object[name] = s.merge(base, own, lower[name], v, inside)
			default:
				continue // the extending plan removes it, with null
			}
			s.named(base, pointer, name)
		}
		for _, name := range own.order[pointer] {
			if _, there := object[name]; there {
				s.keys[pointer+schema.Pointer(name)] = own.key(pointer + schema.Pointer(name))
				continue
			}
			inside := append(at[:len(at):len(at)], name)
			object[name] = s.take(own, upper[name], inside, schema.Pointer(inside...))
			s.named(own, pointer, name)
		}
		return object
	case listed(addedMembers, at):
		first, _ := below.([]any)
		second, _ := above.([]any)
		s.values[pointer] = own.at(pointer)
		var list []any
		for i, v := range first {
			list = append(list, s.take(base, v, append(at[:len(at):len(at)], strconv.Itoa(i)), pointer+"/"+strconv.Itoa(i)))
		}
		for i, v := range second {
			list = append(list, s.take(own, v, append(at[:len(at):len(at)], strconv.Itoa(len(first)+i)), pointer+"/"+strconv.Itoa(i)))
		}
		return list
	}
	return s.take(own, above, at, pointer)
}

// named notes a member, and where its name is written.
func (s *source) named(from *source, pointer, name string) {
	s.order[pointer] = append(s.order[pointer], name)
	s.keys[pointer+schema.Pointer(name)] = from.key(pointer + schema.Pointer(name))
}

// take takes a value from another source, and notes where its parts are written there.
func (s *source) take(from *source, v any, at []string, place string) any {
	pointer := schema.Pointer(at...)
	s.values[pointer] = from.at(place)
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			inside := append(at[:len(at):len(at)], name)
			s.keys[schema.Pointer(inside...)] = from.key(place + schema.Pointer(name))
			s.take(from, v[name], inside, place+schema.Pointer(name))
		}
		s.order[pointer] = from.order[place]
	case []any:
		for i, e := range v {
			n := strconv.Itoa(i)
			s.take(from, e, append(at[:len(at):len(at)], n), place+"/"+n)
		}
	}
	return v
}
