package hits

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"userlike-inspector/schema"
)

// question is what a candidate has of calls that it may belong to.
type question struct {
	at    time.Time
	scope scope
	found []found
	place string // where it arrives
}

// byContent are the calls that a candidate carries something of that is theirs alone.
//
// A name that was called tells an event; what else is beside it tells of which call.
// A name is asked for once for every time that it is there as an event: a batch has
// several. Where there is no name, the id of a chat tells its newest call, and so
// does what only some calls of the visit have; who the contact is, is in all of them,
// and in whatever else the page sends.
func (t *Tracker) byContent(q *question) []*Call {
	var owners []*Call
	asked := map[*Call]int{}
	for _, event := range t.events(q) {
		calls := q.calls(event.name.plain)
		beside := q.beside(event)
		calls = narrow(calls, beside)
		calls = slices.DeleteFunc(calls, func(c *Call) bool { return !t.proves(event.name, c, q.at, beside) })
		if c := q.choose(calls, asked); c != nil {
			asked[c]++
			owners = append(owners, c)
		}
	}
	if len(owners) == 0 {
		if c := q.withoutName(); c != nil {
			owners = append(owners, c)
		}
	}
	return owners
}

// event is a name that was found as one event's.
type event struct {
	name found
	unit string // the place of what belongs to it, "" for everything
}

// events lists the events whose names were found, in the order of the data. The same
// name at several places of one event counts once: it is its place among elements
// of arrays that tells them apart.
func (t *Tracker) events(q *question) []event {
	var names []*pattern
	places := map[*pattern]map[string][]found{} // by their shape
	shapes := map[*pattern][]string{}
	uncalled := 0
	for _, f := range q.found {
		p := f.plain
		if p.role != eventName {
			continue
		}
		if len(p.calls) == 0 {
			if !t.called[p.text] {
				uncalled++
			}
			continue
		}
		if places[p] == nil {
			names = append(names, p)
			places[p] = map[string][]found{}
		}
		shape := shapeOf(f.at)
		if places[p][shape] == nil {
			shapes[p] = append(shapes[p], shape)
		}
		if same := places[p][shape]; !slices.ContainsFunc(same, func(other found) bool { return other.at == f.at }) {
			places[p][shape] = append(same, f)
		}
	}
	if uncalled >= listed {
		return nil
	}
	var all []event
	for _, p := range names {
		most := slices.MaxFunc(shapes[p], func(a, b string) int { return cmp.Compare(len(places[p][a]), len(places[p][b])) })
		same := places[p][most]
		for _, f := range same {
			all = append(all, event{f, unitOf(f.at, same)})
		}
	}
	return all
}

func itoa(i int) string { return strconv.Itoa(i) }

func isIndex(token string) bool {
	return token != "" && len(token) < 10 && strings.Trim(token, "0123456789") == ""
}

// shapeOf is a pointer without the indexes of arrays.
func shapeOf(at string) string {
	tokens, _ := schema.Tokens(at)
	for i, token := range tokens {
		if isIndex(token) {
			tokens[i] = "*"
		}
	}
	return schema.Pointer(tokens...)
}

// unitOf is the part of the data that belongs to one event, which is at one of the
// places: an element of the array in which these differ; of one place the outermost
// element.
func unitOf(at string, places []found) string {
	tokens, _ := schema.Tokens(at)
	depth := len(tokens)
	if len(places) == 1 {
		depth = slices.IndexFunc(tokens, isIndex)
	}
	for _, other := range places {
		if other.at == at {
			continue
		}
		theirs, _ := schema.Tokens(other.at)
		for i := range min(len(tokens), len(theirs), depth) {
			if tokens[i] != theirs[i] {
				depth = i
			}
		}
	}
	if depth < 0 || depth >= len(tokens) {
		return ""
	}
	return schema.Pointer(tokens[:depth+1]...)
}

// beside is what else was found that belongs to an event: in its unit, or in none.
func (q *question) beside(e event) []*pattern {
	var all []*pattern
	for _, f := range q.found {
		if f.plain.role == eventName || slices.Contains(all, f.plain) {
			continue
		}
		if e.unit == "" || f.at == e.unit || strings.HasPrefix(f.at, e.unit+"/") || !strings.Contains(shapeOf(f.at), "*") {
			all = append(all, f.plain)
		}
	}
	return all
}

// calls are those in scope that have a value, the newest first, that came before the
// candidate and not too long ago.
func (q *question) calls(p *pattern) []*Call {
	var before, after []*Call
	// They come in the order of their times, or nearly so.
	later, _ := slices.BinarySearchFunc(p.calls, q.at.Add(overtakes), func(c *Call, at time.Time) int { return c.Time.Compare(at) })
	from := p.calls[:min(len(p.calls), later+disorder)]
	for i, c := range slices.Backward(from) {
		if len(from)-i > maxLooked {
			break
		}
		if !q.scope.has(c) {
			continue
		}
		switch since := q.at.Sub(c.Time); {
		case since > Window || since < -overtakes:
		case since < 0:
			after = append(after, c)
		default:
			before = append(before, c)
		}
	}
	if len(before) == 0 {
		return after
	}
	return before
}

// has tells whether a call has a value.
func (c *Call) has(p *pattern) bool { return slices.Contains(c.patterns, p) }

// narrow keeps the calls that have what was found as well, as far as there are some.
func narrow(calls []*Call, beside []*pattern) []*Call {
	slices.SortStableFunc(beside, func(a, b *pattern) int { return cmp.Compare(len(a.calls), len(b.calls)) })
	for _, p := range beside {
		if len(calls) < 2 {
			break
		}
		var some []*Call
		for _, c := range calls {
			if c.has(p) {
				some = append(some, c)
			}
		}
		if len(some) > 0 {
			calls = some
		}
	}
	return calls
}

// proves tells whether a name says enough. One that the documentation has not may be
// a word of anybody's: it is to come soon, all by itself, or with something else of
// its call.
func (t *Tracker) proves(name found, c *Call, at time.Time, beside []*pattern) bool {
	p := name.plain
	if t.documented[p.text] {
		return true
	}
	if slices.ContainsFunc(beside, func(p *pattern) bool { return length(p.text) >= shortest && c.has(p) }) {
		return true
	}
	return length(p.text) >= shortest && (name.whole || name.form != "") && at.Sub(c.Time) <= Soon
}

// choose takes one of calls, the newest first, that the candidate could belong to
// alike. Of calls that are equal each request belongs to one, in order. A request
// follows its call soon, unless it waited for others.
func (q *question) choose(calls []*Call, asked map[*Call]int) *Call {
	reached := func(c *Call) int {
		n := asked[c]
		for _, failed := range c.reached[q.place] {
			if failed.IsZero() || failed.After(q.at) { // or this may be sent again because of that
				n++
			}
		}
		return n
	}
	least := func(calls []*Call) (best *Call) {
		for _, c := range calls {
			if best == nil || reached(c) < reached(best) || reached(c) == 0 {
				best = c
			}
		}
		return best
	}
	soon := slices.DeleteFunc(slices.Clone(calls), func(c *Call) bool { return q.at.Sub(c.Time) > Soon })
	if best := least(soon); best != nil && asked[best] == 0 {
		return best
	}
	return least(calls)
}

// withoutName is the newest call that what was found is of alone, nil for none.
func (q *question) withoutName() *Call {
	var proofs []*pattern
	for _, f := range q.found {
		if p := f.plain; (p.role == chatID || p.role == person || p.role == operator || p.role == custom) && length(p.text) >= shortest && !slices.Contains(proofs, p) {
			proofs = append(proofs, p)
		}
	}
	var best *Call
	most := 0
	for _, p := range proofs {
		calls := q.calls(p)
		if len(calls) == 0 {
			continue
		}
		newest := slices.MaxFunc(calls, func(a, b *Call) int { return a.Time.Compare(b.Time) })
		if !q.own(p, newest) {
			continue
		}
		n := 0
		for _, other := range proofs {
			if newest.has(other) {
				n++
			}
		}
		if best == nil || n > most || n == most && newest.Time.After(best.Time) {
			best, most = newest, n
		}
	}
	return best
}

// own tells whether a value says of itself that a candidate is because of calls with
// it, of which this is the newest.
func (q *question) own(p *pattern, newest *Call) bool {
	if p.role == chatID {
		return true
	}
	if newest.ofThePage(p.text) || strings.Trim(p.text, "0123456789.,-") == "" {
		return false
	}
	of, all := 0, 0
	for i, c := range slices.Backward(q.scope.calls) {
		if len(q.scope.calls)-i > maxLooked {
			break
		}
		all++
		if c.has(p) {
			of++
		}
	}
	soon := q.at.Sub(newest.Time) <= Soon
	switch {
	case all > 1 && of == all:
		return false // it tells of the visit
	case all == 1:
		return soon && p.role != custom
	}
	return soon || p.role != person
}
