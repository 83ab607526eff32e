package journey

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"

	"userlike-inspector/nativehost/internal/words"
)

// call is a call as its journey keeps it.
type call struct {
	document *document
	time     int64 // ms
	order    int64 // of arrival, from 1
	seq      int64
	event    uint32 // interned, as are the next two
	client   uint32
	sent     uint64 // the guards that it meets
}

func byTime(a, b call) int {
	if a.document == b.document {
		return cmp.Or(cmp.Compare(a.time, b.time), cmp.Compare(a.seq, b.seq), cmp.Compare(a.order, b.order))
	}
	return cmp.Or(cmp.Compare(a.time, b.time), cmp.Compare(a.order, b.order))
}

// journey is one contact's visit.
type journey struct {
	verdicts
	id      string
	session string
	site    *site
	into    *journey // what it was found to be a part of
	calls   []call   // in the order of their times

	rebuild bool // state is not that of calls any more
	state
}

// state is what a journey's calls come to, taken in one after the other.
type state struct {
	done       int // so many calls have been taken in
	documents  map[*document]bool
	events     map[uint32]tally
	unmet      map[int][]call     // calls whose need has not been met, by need
	asked      map[int][]question // by answer
	answered   map[int]int64      // the newest time of each answer
	planned    map[int]*progress  // by expectation
	shown      []call             // errors that the contact saw
	clients    []call             // the first call with each client_uuid
	acted      int64              // when somebody did something first, 0 for never
	resumed    bool               // what was done first was to go on
	agreements []agreement        // by the rules' consents
}

// tally counts an event.
type tally struct {
	first int64 // its earliest time
	count int
}

// question is a call that wants an answer, which came too late or not yet.
type question struct {
	call
	late int64 // when it came, 0 for never
}

// progress is how far an expectation of the plan's has come.
type progress struct {
	armed  *call      // the newest event that the time counts from, while it does
	last   int64      // when the event came last
	late   []question // it came, but too late: call is what its time counts from
	lateAt []call     // the event itself
	excess []call     // beyond the count
}

func (v *journey) root() *journey {
	for v.into != nil {
		v = v.into
	}
	return v
}

// add puts a call where its time belongs.
func (v *journey) add(c call) {
	i := len(v.calls)
	for i > 0 && byTime(v.calls[i-1], c) > 0 {
		i--
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
	if v.documents == nil {
		v.state = state{
			documents: map[*document]bool{}, events: map[uint32]tally{}, unmet: map[int][]call{}, asked: map[int][]question{},
			answered: map[int]int64{}, planned: map[int]*progress{},
		}
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
	v.documents[c.document] = true
	v.meet(r, c)
	n := v.events[c.event]
	if n.count == 0 {
		n.first = c.time
	}
	n.count++
	v.events[c.event] = n
	v.ask(r, c)
	v.expect(r, c)
	if r.errors[c.event] {
		v.shown = append(v.shown, c)
	}
	if c.client != 0 && len(v.clients) < maxIdentities && !slices.ContainsFunc(v.clients, func(k call) bool { return k.client == c.client }) {
		v.clients = append(v.clients, c)
	}
	v.agree(r, c)
}

// meet looks at what the call needs, and at what needs it.
func (v *journey) meet(r *rules, c call) {
	for _, i := range r.metBy[c.event] {
		waiting := v.unmet[i]
		if slices.Contains(r.needs[i].later, c.event) {
			waiting = nil
		}
		for len(waiting) > 0 && c.time-waiting[len(waiting)-1].time < tolerance {
			waiting = waiting[:len(waiting)-1]
		}
		v.unmet[i] = waiting
	}
	for _, i := range r.needsOf[c.event] {
		met := slices.ContainsFunc(r.needs[i].any, func(e uint32) bool { return v.events[e].count > 0 })
		if !met {
			v.unmet[i] = append(v.unmet[i], c)
		}
	}
}

// ask looks whether the call is an answer, and whether it wants one.
func (v *journey) ask(r *rules, c call) {
	for _, i := range r.answeredBy[c.event] {
		open := v.asked[i]
		for len(open) > 0 && c.time-open[len(open)-1].time <= r.answers[i].within && open[len(open)-1].late == 0 {
			open = open[:len(open)-1]
		}
		for k := len(open) - 1; k >= 0 && open[k].late == 0; k-- {
			open[k].late = c.time
		}
		v.asked[i], v.answered[i] = open, c.time
	}
	if i, ok := r.asks[c.event]; ok {
		if last, ok := v.answered[i]; !ok || c.time-last >= tolerance {
			v.asked[i] = append(v.asked[i], question{call: c})
		}
	}
}

// expect looks at what the plan says of the call.
func (v *journey) expect(r *rules, c call) {
	if len(r.planned) == 0 {
		return
	}
	if v.done == 0 {
		for i, e := range r.planned {
			if e.Within > 0 && len(e.after) == 0 {
				v.progress(i).armed = &c
			}
		}
	}
	for _, i := range r.arms[c.event] {
		if p := v.progress(i); p.last == 0 || c.time-p.last >= tolerance {
			p.armed = &c
		}
	}
	i, ok := r.isEvent[c.event]
	if !ok {
		return
	}
	p, e := v.progress(i), r.planned[i]
	p.last = c.time
	if p.armed != nil && c.time-p.armed.time > ms(e.Within) {
		p.late = append(p.late, question{*p.armed, c.time})
		p.lateAt = append(p.lateAt, c)
	}
	p.armed = nil
	if e.Count != nil && e.Count.Max >= 0 && v.events[c.event].count > e.Count.Max {
		p.excess = append(p.excess, c)
	}
}

func (v *journey) progress(i int) *progress {
	p := v.planned[i]
	if p == nil {
		p = &progress{}
		v.planned[i] = p
	}
	return p
}

// begun tells whether the journey was recorded from its beginning.
func (v *journey) begun() bool {
	for d := range v.documents {
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
	for d := range v.documents {
		if d.gaps {
			return false
		}
	}
	from, to := v.calls[0].time-gapSpan, v.calls[len(v.calls)-1].time+gapSpan
	return !slices.ContainsFunc(v.site.gaps, func(t int64) bool { return from <= t && t <= to })
}

// onSite tells whether the plan is about this journey: whether any of its pages is.
func (v *journey) onSite(j *Judge) bool {
	for d := range v.documents {
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
	if site := strings.TrimPrefix(d.key.site, "https://"); site != "" {
		name += "@" + words.Short(site)
	}
	if profile := words.OneLine(d.key.profile); profile != "" {
		name += "/" + profile[:min(8, len(profile))]
	}
	return name
}
