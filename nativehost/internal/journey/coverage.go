package journey

import (
	"iter"
	"slices"
	"strings"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/words"
	"userlike-inspector/schema"
)

// Seen is how often an event came.
type Seen struct {
	Event      string
	Documented bool
	Calls      int
	Invalid    int // calls with an error of their own
	First      record.Time
	Last       record.Time
}

// maxNames bounds how many undocumented names are counted each for itself.
const maxNames = 1000

// newCoverage has the documented events, none of which has come yet: they are
// counted each for itself, whatever other names come.
func newCoverage(c *schema.Documented) map[string]*Seen {
	coverage := map[string]*Seen{}
	for _, e := range c.Events {
		coverage[e.Name] = &Seen{Event: e.Name, Documented: true}
	}
	return coverage
}

func (j *Judge) cover(r *record.Record, event string, found []record.Finding) {
	s := j.coverage[event]
	if s == nil {
		if len(j.coverage) >= len(j.inspector.Catalogue().Events)+maxNames {
			event = "…" // all others
			s = j.coverage[event]
		}
		if s == nil {
			s = &Seen{Event: event}
			j.coverage[event] = s
		}
	}
	if s.Calls == 0 {
		s.First, s.Last = r.Time, r.Time
	}
	s.Calls++
	if record.Worst(found) == record.Error {
		s.Invalid++
	}
	if r.Time.Before(s.First.Time) {
		s.First = r.Time
	}
	if r.Time.After(s.Last.Time) {
		s.Last = r.Time
	}
}

// Coverage lists the documented events, seen or not, and then all others that
// were seen, each by name. Undocumented names beyond a thousand are one, "…".
func (j *Judge) Coverage() []Seen {
	var all []Seen
	for _, e := range j.inspector.Catalogue().Events {
		all = append(all, *j.coverage[e.Name])
	}
	n := len(all)
	for _, s := range j.coverage {
		if !s.Documented {
			all = append(all, *s)
		}
	}
	slices.SortFunc(all[n:], func(a, b Seen) int { return strings.Compare(a.Event, b.Event) })
	return all
}

// Expectation is something that a journey's calls are expected to bring.
type Expectation struct {
	Journey  string
	Event    string
	Expected string // in words
	Source   string // where it is written
	State    State
	Deadline record.Time // of what is pending, zero for none
}

// State is how far an expectation has come.
type State string

// The states of an expectation.
const (
	Met      State = "met"
	Pending  State = "pending"
	Missing  State = "missing"
	Exceeded State = "exceeded"
)

// Expectations tells what is expected of each journey while the recording goes
// on: everything by the plan, and by the catalogue the answers that are still
// to come. It says nothing of journeys that began before the recording.
func (j *Judge) Expectations() iter.Seq[Expectation] {
	return func(yield func(Expectation) bool) {
		for _, u := range j.units {
			v, ok := u.(*journey)
			if !ok || len(v.calls) == 0 {
				continue
			}
			if v.catchUp(j); !v.begun() {
				continue
			}
			for _, x := range append(v.answers(j), v.plannedStates(j)...) {
				if !yield(x) {
					return
				}
			}
		}
	}
}

// answers are those that the journey still waits for.
func (v *journey) answers(j *Judge) (all []Expectation) {
	for i, a := range j.rules.answers {
		w := v.asked.get(i)
		if w == nil {
			continue
		}
		for _, p := range w.open {
			q := v.question(p)
			deadline := q.time + a.within
			if q.late == 0 && !j.origin(q.call).document.open(j, q.time, deadline) && j.clock <= deadline {
				all = append(all, Expectation{
					Journey: v.id, Event: words.List(a.doc.Then, "or"), Expected: "after " + a.doc.Name, Source: j.inspector.Catalogue().Source,
					State: Pending, Deadline: clockTime(deadline),
				})
			}
		}
	}
	return all
}

// plannedStates is how far the plan's expectations of the journey have come.
func (v *journey) plannedStates(j *Judge) (all []Expectation) {
	if !v.onSite(j) {
		return nil
	}
	for i, e := range j.rules.planned {
		p, n := v.planned.get(i), int(v.tally(j.names.id(e.Name)).count)
		if p == nil {
			p = &progress{}
		}
		x := Expectation{Journey: v.id, Event: e.Name, State: Met, Source: e.Source}
		if e.Count != nil {
			x.Expected, x.Source = e.Count.Text, e.Count.Source
		}
		if e.Count != nil && n < e.Count.Min {
			x.State = Pending
		}
		if p.armed != nil && n == 0 {
			x.Expected, x.Source, x.State = "within "+e.Within.String(), e.WithinSource, Pending
			from := v.calls[*p.armed]
			deadline := from.time + ms(e.Within)
			x.Deadline = clockTime(deadline)
			if v.went(j, from, deadline) {
				x.State = Missing
			}
		}
		switch {
		case len(p.late) > 0:
			x.State = Missing
		case len(p.excess) > 0:
			x.State = Exceeded
		}
		all = append(all, x)
	}
	return all
}
