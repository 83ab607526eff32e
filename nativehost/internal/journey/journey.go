package journey

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"

	"userlike-inspector/nativehost/internal/words"
)

// call is a call as its journey keeps it. There are millions of them, so they
// are small.
type call struct {
	time  int64  // ms
	seq   uint32 // the greatest for all that are beyond it
	order uint32 // of arrival, from 1
	event uint32 // interned
	from  uint32 // where it came from, as index of the judge's origins
}

// origin is what many calls have in common.
type origin struct {
	document *document
	client   uint32 // interned
	sent     uint64 // the guards that they meet
}

func (j *Judge) byTime(a, b call) int {
	if j.origin(a).document == j.origin(b).document {
		return cmp.Or(cmp.Compare(a.time, b.time), cmp.Compare(a.seq, b.seq), cmp.Compare(a.order, b.order))
	}
	return cmp.Or(cmp.Compare(a.time, b.time), cmp.Compare(a.order, b.order))
}

// journey is one contact's visit.
type journey struct {
	kept
	id      string
	session string
	site    *site
	into    *journey // what it was found to be a part of
	calls   []call   // in the order of their times

	rebuild bool // state is not that of calls any more
	state
}

// state is what a journey's calls come to, taken in one after the other. Of
// those that may be many it has their indexes only.
type state struct {
	done      int           // so many calls have been taken in
	documents []*document   // in the order of their numbers
	events    []tally       // in the order of their events' numbers
	unmet     few[[]uint32] // calls whose need has not been met, by need
	asked     few[wanted]   // by answer
	planned   few[progress] // by expectation
	shown     []uint32      // errors that the contact saw
	clients   []call        // the first call with each client_uuid
	acted     int64         // when somebody did something first, 0 for never
	resumed   bool          // what was done first was to go on

	agreements []agreement // by the rules' consents
}

// few are values by small numbers. Most journeys have few of those that there
// can be, and there are many journeys, for which maps would be too large.
type few[T any] []*numbered[T]

type numbered[T any] struct {
	n     int
	value T
}

// get is the value of n, nil for none.
func (f few[T]) get(n int) *T {
	for _, one := range f {
		if one.n == n {
			return &one.value
		}
	}
	return nil
}

// make is the value of n, a new one if there is none.
func (f *few[T]) make(n int) *T {
	if v := f.get(n); v != nil {
		return v
	}
	one := &numbered[T]{n: n}
	*f = append(*f, one)
	return &one.value
}

// tally counts an event.
type tally struct {
	event uint32
	count uint32
	first int64 // its earliest time
}

// tally is what is counted of an event.
func (v *journey) tally(event uint32) tally {
	if i, ok := v.find(event); ok {
		return v.events[i]
	}
	return tally{}
}

func (v *journey) find(event uint32) (i int, found bool) {
	return slices.BinarySearchFunc(v.events, event, func(t tally, event uint32) int { return cmp.Compare(t.event, event) })
}

// count counts a call.
func (v *journey) count(c call) {
	i, found := v.find(c.event)
	if !found {
		v.events = slices.Insert(v.events, i, tally{event: c.event, first: c.time})
	}
	v.events[i].count++
}

// in notes a document that the journey has calls in.
func (v *journey) in(d *document) {
	i, found := slices.BinarySearchFunc(v.documents, d.number, func(d *document, number int) int { return cmp.Compare(d.number, number) })
	if !found {
		v.documents = slices.Insert(v.documents, i, d)
	}
}

// wanted are the questions that want one kind of answer.
type wanted struct {
	open []pair // the question and, once it came too late, the answer; else 0
	last int64  // the newest time of such an answer, once there was one
	ever bool
}

// pair is two calls.
type pair struct{ first, second uint32 }

// question is a call that wants an answer, which came too late or not yet.
type question struct {
	call
	late int64 // when it came, 0 for never
}

func (v *journey) question(p pair) question {
	q := question{call: v.calls[p.first]}
	if p.second > 0 {
		q.late = v.calls[p.second].time
	}
	return q
}

// progress is how far an expectation of the plan's has come.
type progress struct {
	armed  *uint32  // the newest event that the time counts from, while it does
	last   int64    // when the event came last
	late   []pair   // it came, but too late: what its time counts from, and the event itself
	excess []uint32 // beyond the count
}

func (v *journey) root() *journey {
	for v.into != nil {
		v = v.into
	}
	return v
}

// add puts a call where its time belongs.
func (v *journey) add(j *Judge, c call) {
	i := len(v.calls)
	for i > 0 && j.byTime(v.calls[i-1], c) > 0 {
		i--
	}
	if n := len(v.calls); n == cap(v.calls) { // by less than append would: most of it is never needed
		v.calls = append(make([]call, 0, n+n/8+4), v.calls...)
	}
	v.calls = slices.Insert(v.calls, i, c)
	if i < v.done {
		v.rebuild = true
	}
}

// catchUp takes in the calls that have not been yet.
func (v *journey) catchUp(j *Judge) {
	if v.rebuild {
		v.state, v.rebuild = state{}, false
	}
	for ; v.done < len(v.calls); v.done++ {
		v.take(j, v.calls[v.done])
	}
}

// take takes in the next call.
func (v *journey) take(j *Judge, c call) {
	r := j.rules
	v.resumed = v.resumed || c.event == r.resumes && (v.acted == 0 || c.time-v.acted < tolerance)
	if v.acted == 0 && !r.passive[c.event] {
		v.acted = c.time
	}
	v.in(j.origin(c).document)
	v.meet(r, c)
	v.count(c)
	v.ask(r, c)
	v.expect(r, c)
	if r.errors[c.event] {
		v.shown = append(v.shown, uint32(v.done))
	}
	client := j.origin(c).client
	if client != 0 && len(v.clients) < maxIdentities && !slices.ContainsFunc(v.clients, func(k call) bool { return j.origin(k).client == client }) {
		v.clients = append(v.clients, c)
	}
	v.agree(j, c)
}

// meet looks at what the call needs, and at what needs it.
func (v *journey) meet(r *rules, c call) {
	for _, i := range r.metBy[c.event] {
		waiting := v.unmet.get(i)
		if waiting == nil {
			continue
		}
		if slices.Contains(r.needs[i].later, c.event) {
			*waiting = nil
		}
		for n := len(*waiting); n > 0 && c.time-v.calls[(*waiting)[n-1]].time < tolerance; n-- {
			*waiting = (*waiting)[:n-1]
		}
	}
	for _, i := range r.needsOf[c.event] {
		met := slices.ContainsFunc(r.needs[i].any, func(e uint32) bool { return v.tally(e).count > 0 })
		if !met {
			waiting := v.unmet.make(i)
			*waiting = append(*waiting, uint32(v.done))
		}
	}
}

// ask looks whether the call is an answer, and whether it wants one.
func (v *journey) ask(r *rules, c call) {
	for _, i := range r.answeredBy[c.event] {
		w := v.asked.make(i)
		open := w.open
		for n := len(open); n > 0 && open[n-1].second == 0 && c.time-v.calls[open[n-1].first].time <= r.answers[i].within; n-- {
			open = open[:n-1]
		}
		for k := len(open) - 1; k >= 0 && open[k].second == 0; k-- {
			open[k].second = uint32(v.done)
		}
		w.open, w.last, w.ever = open, c.time, true
	}
	if i, ok := r.asks[c.event]; ok {
		if w := v.asked.make(i); !w.ever || c.time-w.last >= tolerance {
			w.open = append(w.open, pair{first: uint32(v.done)})
		}
	}
}

// expect looks at what the plan says of the call.
func (v *journey) expect(r *rules, c call) {
	if len(r.planned) == 0 {
		return
	}
	now := uint32(v.done)
	if v.done == 0 {
		for i, e := range r.planned {
			if e.Within > 0 && len(e.after) == 0 {
				v.planned.make(i).armed = &now
			}
		}
	}
	for _, i := range r.arms[c.event] {
		if p := v.planned.make(i); p.last == 0 || c.time-p.last >= tolerance {
			p.armed = &now
		}
	}
	i, ok := r.isEvent[c.event]
	if !ok {
		return
	}
	p, e := v.planned.make(i), r.planned[i]
	p.last = c.time
	if p.armed != nil && c.time-v.calls[*p.armed].time > ms(e.Within) {
		p.late = append(p.late, pair{*p.armed, now})
	}
	p.armed = nil
	if e.Count != nil && e.Count.Max >= 0 && int(v.tally(c.event).count) > e.Count.Max {
		p.excess = append(p.excess, now)
	}
}

// begun tells whether the journey was recorded from its beginning.
func (v *journey) begun() bool {
	for _, d := range v.documents {
		if !d.begun() {
			return false
		}
	}
	return !v.resumed
}

// gapSpan is how far from a journey's calls lost ones may belong to it, in ms.
const gapSpan = 10_000

// whole tells whether no call of the journey may have been lost.
func (v *journey) whole() bool {
	for _, d := range v.documents {
		if d.gaps {
			return false
		}
	}
	from, to := v.calls[0].time-gapSpan, v.calls[len(v.calls)-1].time+gapSpan
	return !slices.ContainsFunc(v.site.gaps, func(t int64) bool { return from <= t && t <= to })
}

// onSite tells whether the plan is about this journey: whether any of its pages is.
func (v *journey) onSite(j *Judge) bool {
	for _, d := range v.documents {
		if j.plan.OnSite(d.url) {
			return true
		}
	}
	return false
}

// journeyID names a journey: by its session, or by the document that it began
// in; then by its site, and by the browser's profile where that is known.
func journeyID(d *document, session string) string {
	name := session
	if name == "" {
		name = "document " + d.id
	}
	if short := words.Short(name); short != name {
		// Different names must not become one by being cut.
		h := fnv.New32a()
		h.Write([]byte(name))
		name = fmt.Sprintf("%s#%08x", short, h.Sum32())
	}
	if site := strings.TrimPrefix(d.site.key.site, "https://"); site != "" {
		name += "@" + words.Short(site)
	}
	if profile := words.OneLine(d.site.key.profile); profile != "" {
		name += "/" + profile[:min(8, len(profile))]
	}
	return name
}
