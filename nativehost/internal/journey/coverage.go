package journey

import (
	"slices"
	"strings"
	"time"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/schema"
)

// Seen is how often an event came.
type Seen struct {
	Event      string
	Documented bool
	Calls      int
	Invalid    int // calls with an error of their own that the plan does not accept
	First      record.Time
	Last       record.Time
}

// coverage is what was seen of an event. Calls whose errors the plan accepts now are
// counted by the time at which the first of their acceptances ends.
type coverage struct {
	Seen
	accepted map[time.Time]int
}

// maxNames is how many undocumented names are counted separately.
const maxNames = 1000

// newCoverage has an entry for each documented event, so that each is counted separately
// however many other names come.
func newCoverage(c *schema.Documented) map[string]*coverage {
	all := map[string]*coverage{}
	for _, e := range c.Events {
		all[e.Name] = &coverage{Seen: Seen{Event: e.Name, Documented: true}}
	}
	return all
}

func (j *Judge) cover(r *record.Record, event string, found []record.Finding) {
	s := j.coverage[event]
	if s == nil {
		if len(j.coverage) >= len(j.inspector.Catalogue().Events)+maxNames {
			event = "…" // all others
			s = j.coverage[event]
		}
		if s == nil {
			s = &coverage{Seen: Seen{Event: event}}
			j.coverage[event] = s
		}
	}
	if s.Calls == 0 {
		s.First, s.Last = r.Time, r.Time
	}
	s.Calls++
	if record.Worst(found) == record.Error {
		if until := j.acceptedUntil(r, found); until.IsZero() {
			s.Invalid++
		} else {
			if s.accepted == nil {
				s.accepted = map[time.Time]int{}
			}
			s.accepted[until]++
		}
	}
	if r.Time.Before(s.First.Time) {
		s.First = r.Time
	}
	if r.Time.After(s.Last.Time) {
		s.Last = r.Time
	}
}

// acceptedUntil is the time until which the plan accepts all errors of a call, zero if it
// does not.
func (j *Judge) acceptedUntil(r *record.Record, found []record.Finding) (until time.Time) {
	for _, f := range found {
		if f.Severity != record.Error {
			continue
		}
		last := j.plan.AcceptedUntil(f.Rule, f.At, r.EventName(), r.Address())
		if last.IsZero() {
			return last
		}
		if until.IsZero() || last.Before(until) {
			until = last
		}
	}
	return until
}

// at is what was seen, with what the plan accepts at the time now.
func (c *coverage) at(now time.Time) Seen {
	s := c.Seen
	for until, calls := range c.accepted {
		if !now.Before(until) {
			s.Invalid += calls
		}
	}
	return s
}

// Coverage lists the documented events, seen or not, and then the others that were seen,
// sorted by name. Undocumented names beyond a thousand are counted together as "…". Errors
// that the plan accepts at the time now do not make a call invalid.
func (j *Judge) Coverage(now time.Time) []Seen {
	var all []Seen
	for _, e := range j.inspector.Catalogue().Events {
		all = append(all, j.coverage[e.Name].at(now))
	}
	n := len(all)
	for _, s := range j.coverage {
		if !s.Documented {
			all = append(all, s.at(now))
		}
	}
	slices.SortFunc(all[n:], func(a, b Seen) int { return strings.Compare(a.Event, b.Event) })
	return all
}
