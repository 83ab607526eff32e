package journey

import (
	"slices"
	"strings"

	"userlike-inspector/nativehost/internal/record"
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
