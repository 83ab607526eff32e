package infer

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"userlike-inspector/schema"
)

// Lost says in how many calls a place had a kind of value that JSON does not keep. Is is the
// kind, as in a record's notes.
type Lost struct {
	Is    string
	Calls int
}

// lostAt counts the calls of one kind.
type lostAt struct {
	calls int
	last  int // the newest of them, as Shape.calls counts
}

// Lose learns that the value which was added last had, at a JSON Pointer, a kind of value that
// JSON does not keep. root is the JSON Pointer of the added value.
func (s *Shape) Lose(value any, root, at, is string) {
	place := PlaceOf(value, root, at)
	kinds := s.lost[place]
	if kinds == nil {
		if len(s.lost) == maxNodes {
			s.Missed = true
			return
		}
		if s.lost == nil {
			s.lost = map[string]map[string]*lostAt{}
		}
		kinds = map[string]*lostAt{}
		s.lost[place] = kinds
	}
	if kinds[is] == nil {
		kinds[is] = &lostAt{}
	}
	if one := kinds[is]; one.last != s.calls {
		one.last = s.calls
		one.calls++
	}
}

// PlaceOf turns a JSON Pointer to something within a value into a place, as in Path.At: all
// elements of an array are "*". root is the JSON Pointer of the value.
func PlaceOf(value any, root, at string) string {
	tokens, ok := schema.Tokens(strings.TrimPrefix(at, root))
	if !ok {
		return at
	}
	place := root
	for _, token := range tokens {
		if _, list := value.([]any); list {
			place += "/*"
		} else {
			place += schema.Pointer(token)
		}
		value, _ = schema.Lookup(value, []string{token})
	}
	return place
}

// TypesAt returns the types that a value has at a place, which is as in Path.At. root is the
// JSON Pointer of the value, and odd is that of Add.
func TypesAt(value any, root, place string, odd map[string]string) (found []string) {
	tokens, ok := schema.Tokens(strings.TrimPrefix(place, root))
	if !ok {
		return nil
	}
	mask := maskAt(value, root, tokens, odd)
	for i, name := range types {
		if mask&(1<<i) != 0 {
			found = append(found, name)
		}
	}
	return found
}

func maskAt(value any, at string, tokens []string, odd map[string]string) (mask byte) {
	if is, ok := odd[at]; ok {
		if len(tokens) == 0 && is == "number" {
			return isNumber
		}
		return 0
	}
	if len(tokens) == 0 {
		return kindOf(value)
	}
	switch v := value.(type) {
	case []any:
		if tokens[0] == "*" {
			for i, element := range v {
				mask |= maskAt(element, at+"/"+strconv.Itoa(i), tokens[1:], odd)
			}
		}
	case map[string]any:
		if member, there := v[tokens[0]]; there {
			mask = maskAt(member, at+schema.Pointer(tokens[0]), tokens[1:], odd)
		}
	}
	return mask
}

// lostOf are the lost kinds of values at a place, sorted.
func (s *Shape) lostOf(place string) (all []Lost) {
	for is, one := range s.lost[place] {
		all = append(all, Lost{is, one.calls})
	}
	slices.SortFunc(all, func(a, b Lost) int { return cmp.Compare(a.Is, b.Is) })
	return all
}

// withLost adds the lost values to paths. It adds paths for places that had no other value,
// as members whose value is lost are not in the JSON at all.
func (s *Shape) withLost(all []Path) []Path {
	if len(s.lost) == 0 {
		return all
	}
	known := map[string]int{}
	for i := range all {
		known[all[i].At] = i
		all[i].Lost = s.lostOf(all[i].At)
	}
	more := map[string][]Path{} // by what they are in
	for place := range s.lost {
		if _, there := known[place]; !there {
			in := place[:strings.LastIndexByte(place, '/')]
			p := Path{At: place, Lost: s.lostOf(place)}
			if i, there := known[in]; there {
				p.Of, p.OfVisits = all[i].Values, all[i].Visits
			}
			more[in] = append(more[in], p)
		}
	}
	var out []Path
	for _, p := range all {
		out = append(out, p)
		lost := more[p.At]
		slices.SortFunc(lost, func(a, b Path) int { return cmp.Compare(a.At, b.At) })
		out = append(out, lost...)
		delete(more, p.At)
	}
	for _, in := range slices.Sorted(maps.Keys(more)) { // there was no room for what they are in
		lost := more[in]
		slices.SortFunc(lost, func(a, b Path) int { return cmp.Compare(a.At, b.At) })
		out = append(out, lost...)
	}
	return out
}
