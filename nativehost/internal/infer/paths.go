package infer

import (
	"cmp"
	"maps"
	"slices"

	"userlike-inspector/schema"
)

// Path is what is known of one place.
type Path struct {
	At       string   // a JSON Pointer, with "*" for all elements of an array
	Types    []string // names of JSON types; integers are numbers
	Calls    []int    // in how many calls each of these was there
	Values   int      // how many values it has had
	Of       int      // how many it could have had: the number of objects around it
	Visits   int      // in how many visits it had one
	OfVisits int      // in how many it could have had one
	Distinct []string // its texts, nil if there are many or none
	Low      string   // the least of its numbers, "" without any
	High     string   // the greatest
	Lost     []Lost   // values that JSON does not keep, by kind
	First    []First  // the first call with each type, oldest first, if calls differ
}

// First is the first call that had a value of a type at a place.
type First struct {
	Type string
	At   string // the value's own JSON Pointer
	Call
}

// Paths lists all places, each before those within it. at is the JSON Pointer of the root.
func (s *Shape) Paths(at string) []Path {
	var all []Path
	s.root.paths(at, s.calls, len(s.visits), &all)
	return s.withLost(all)
}

func (n *node) paths(at string, of, ofVisits int, all *[]Path) {
	visits := n.seen.visits.count()
	p := Path{At: at, Values: n.values, Of: of, Visits: visits, OfVisits: ofVisits, First: n.drift()}
	for i, name := range types {
		if n.kinds()&(1<<i) != 0 {
			calls := 0
			for mask, s := range n.first {
				if mask&(1<<i) != 0 {
					calls += s.calls
				}
			}
			p.Types, p.Calls = append(p.Types, name), append(p.Calls, calls)
		}
	}
	if n.numbers != nil {
		p.Low, p.High = n.numbers.low.text.String(), n.numbers.high.text.String()
	}
	p.Distinct = slices.Sorted(maps.Keys(n.texts))
	*all = append(*all, p)
	for _, name := range slices.Sorted(maps.Keys(n.members)) {
		n.members[name].paths(at+schema.Pointer(name), n.objects, visits, all)
	}
	if n.items != nil {
		n.items.paths(at+"/*", n.items.values, visits, all)
	}
}

// Drift lists the places within the root at which the types differ between calls.
func (s *Shape) Drift(at string) []Path {
	return slices.DeleteFunc(s.Paths(at), func(p Path) bool { return p.At == at || len(p.First) == 0 })
}

// drift returns the first call of each type if two calls have no type in common at this
// place. An array may mix types, if all calls do so.
func (n *node) drift() []First {
	differ := false
	for a := range n.first {
		for b := range n.first {
			// null often means "not known yet", so it does not differ from other types.
			differ = differ || a&b == 0 && a != isNull && b != isNull
		}
	}
	if !differ {
		return nil
	}
	var firsts []First
	for i, name := range types {
		var best *sighting
		for mask, s := range n.first {
			if mask&(1<<i) != 0 && 1<<i != isNull && (best == nil || s.Order < best.Order) {
				best = s
			}
		}
		if best != nil {
			firsts = append(firsts, First{name, best.at, best.Call})
		}
	}
	slices.SortFunc(firsts, func(a, b First) int {
		return cmp.Or(cmp.Compare(a.Order, b.Order), cmp.Compare(a.Type, b.Type))
	})
	return firsts
}
