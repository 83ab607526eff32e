package journey

import (
	"slices"
	"strings"

	"userlike-inspector/nativehost/internal/record"
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

func (j *Judge) cover(r *record.Record, event string, found []record.Finding) {
	s := j.coverage[event]
	if s == nil {
		if len(j.coverage) >= maxNames {
			event = "…" // all others
			s = j.coverage[event]
		}
		if s == nil {
			s = &Seen{Event: event, First: r.Time, Last: r.Time}
			j.coverage[event] = s
		}
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
	documented := map[string]bool{}
	for _, e := range j.inspector.Catalogue().Events {
		documented[e.Name] = true
		s := Seen{Event: e.Name}
		if known := j.coverage[e.Name]; known != nil {
			s = *known
		}
		s.Documented = true
		all = append(all, s)
	}
	n := len(all)
	for name, s := range j.coverage {
		if !documented[name] {
			all = append(all, *s)
		}
	}
	slices.SortFunc(all[n:], func(a, b Seen) int { return strings.Compare(a.Event, b.Event) })
	return all
}
