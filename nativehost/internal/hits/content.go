package hits

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"userlike-inspector/schema"
)

// question is a candidate whose calls are to be found: where and when it was, and which values
// of calls it contains.
type question struct {
	at    time.Time
	scope scope
	found []found
	place string // where it arrives

	eventAt []string // where its system has events' names: see systems.EventAt
}

// byContent are the calls that a candidate belongs to, by what it carries.
//
// The name of an event that was called says which event it is; other values beside the
// name say which of the calls with that name. A batch holds several events, and each is
// looked up by itself. Where there is no name, the newest call of a chat is found by the
// chat's id, or by a value that only some calls of the visit have. The contact's ids prove
// nothing: all calls have them, and so has whatever else the page sends.
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

// event is an event's name that was found in the data.
type event struct {
	name found
	unit string // JSON Pointer to the part of the data that is about this event, "" for all of it
}

// events lists the events whose names were found, in the order of the data. One event may
// have its name at several places, and counts once. Two events of the same name are in
// different elements of an array. Where the system has its events' names, the name counts
// there alone: parameters of later events may repeat it.
func (t *Tracker) events(q *question) []event {
	var names []*pattern
	places := map[*pattern]map[string][]found{} // by shapeOf
	shapes := map[*pattern][]string{}
	uncalled := map[*pattern]bool{}
	for _, f := range q.found {
		p := f.plain
		if p.role != eventName {
			continue
		}
		if len(p.calls) == 0 {
			if !t.called[p.text] {
				uncalled[p] = true
			}
			continue
		}
		if places[p] == nil {
			names = append(names, p)
			places[p] = map[string][]found{}
		}
		shape := shapeOf(f.path())
		if places[p][shape] == nil {
			shapes[p] = append(shapes[p], shape)
		}
		if same := places[p][shape]; !slices.ContainsFunc(same, func(other found) bool { return other.position == f.position }) {
			places[p][shape] = append(same, f)
		}
	}
	if len(uncalled) >= listed {
		return nil
	}
	var all []event
	for _, p := range names {
		best := slices.MaxFunc(shapes[p], func(a, b string) int { return cmp.Compare(len(places[p][a]), len(places[p][b])) })
		if i := slices.IndexFunc(shapes[p], func(shape string) bool { return slices.Contains(q.eventAt, shape) }); i >= 0 {
			best = shapes[p][i]
		}
		same := places[p][best]
		for _, f := range same {
			all = append(all, event{f, unitOf(f.path(), same)})
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

// unitOf is the part of the data that is about one event. places are where its name was found;
// they differ only in indexes of arrays. The unit is the array element at the first index that
// differs. If there is only one place, it is the outermost element.
func unitOf(at string, places []found) string {
	tokens, _ := schema.Tokens(at)
	depth := len(tokens)
	if len(places) == 1 {
		depth = slices.IndexFunc(tokens, isIndex)
	}
	for _, other := range places {
		if other.path() == at {
			continue
		}
		theirs, _ := schema.Tokens(other.path())
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

// beside are the other values that may be about an event: those in its unit, and those outside
// of any array.
func (q *question) beside(e event) []*pattern {
	var all []*pattern
	for _, f := range q.found {
		if f.plain.role == eventName || slices.Contains(all, f.plain) {
			continue
		}
		if path := f.path(); e.unit == "" || path == e.unit || strings.HasPrefix(path, e.unit+"/") || !strings.Contains(shapeOf(path), "*") {
			all = append(all, f.plain)
		}
	}
	return all
}

// calls are the calls in scope with a value, the newest first, that were made before the
// candidate and not too long ago.
func (q *question) calls(p *pattern) []*Call {
	var before, after []*Call
	// They are nearly in the order of their times.
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

// narrow keeps the calls that also have the other values, one value after the other. A value
// that no remaining call has is ignored.
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

// proves tells whether an event's name alone proves that a candidate belongs to a call. A
// documented name does. Any other name may be an ordinary word: it must be the whole text
// and come soon after the call, or another value of the call must be beside it.
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

// choose picks one of several calls, the newest first, to which the candidate may equally
// belong. Of equal calls, each gets one request, in order. Recent calls come first, because a
// request follows its call soon, unless it waited for a batch. Calls of which no request was
// sent come before those whose request failed: an ad blocker lets all requests fail.
func (q *question) choose(calls []*Call, asked map[*Call]int) *Call {
	reached := func(c *Call) int {
		n := asked[c]
		for _, failed := range c.reached[q.place] {
			if failed.IsZero() || failed.After(q.at) { // a request that failed before may be sent again now
				n++
			}
		}
		return n
	}
	sent := func(c *Call) int { return asked[c] + len(c.reached[q.place]) }
	least := func(calls []*Call) (best *Call) {
		for _, c := range calls {
			if best == nil || reached(c) < reached(best) || reached(c) == 0 && sent(c) <= sent(best) {
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

// withoutName finds the call of a candidate that has no event's name, nil for none.
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

// own tells whether a value alone proves that a candidate belongs to calls with it, of
// which newest is the newest.
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
	case all == 1:
		return soon && p.role != custom
	case of == all:
		// All calls of the visit have it, so it does not say which. But an address or a full
		// name is no word that a page has by chance: the newest call is the reason.
		return soon && p.role == person && strings.ContainsAny(p.text, "@ ")
	}
	return soon || p.role != person
}
