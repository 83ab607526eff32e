package compare

import (
	"slices"
	"strings"
	"time"

	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/observed"
	"userlike-inspector/nativehost/internal/words"
)

// maxEvents is for how many events the order is compared, as it takes all pairs.
const maxEvents = 200

// pair is two different events.
type pair struct{ first, second string }

// compareOrder compares the pairs of events of which the same one always came first.
func (c *comparison) compareOrder() {
	before, after := orders(c.before.Journeys), orders(c.after.Journeys)
	for _, p := range union(before, after, func(a, b pair) int {
		return strings.Compare(a.first+"\x00"+a.second, b.first+"\x00"+b.second)
	}) {
		b, a := before[p], after[p]
		if b.of == 0 || a.of == 0 || b.with*2 < b.of || b.with*2 == b.of && p.first > p.second {
			continue // the reversed pair reports it
		}
		switch fewer, _ := differ(b, a); {
		case fewer && (b.of >= enough && a.of >= enough || c.needed(p)):
			c.add(Worse, "order", words.Shown(p.first)+" before "+words.Shown(p.second), "so in %s, now in %s", b.in("journey"), a.in("journey"))
		case b.with*a.of != a.with*b.of:
			c.add(Small, "order", words.Shown(p.first)+" before "+words.Shown(p.second), "so in %s, now in %s", b.in("journey"), a.in("journey"))
		}
	}
}

// needed tells whether, by the documentation, the second event needs the first.
func (c *comparison) needed(p pair) bool {
	for _, e := range c.before.inspector.Catalogue().Events {
		if e.Name == p.second {
			return slices.Contains(e.Needs, p.first)
		}
	}
	return false
}

// orders counts, for each pair of events, in how many journeys the first one came first, of
// those in which the order is certain.
func orders(journeys []journey.Journey) map[pair]share {
	all := map[pair]share{}
	for _, j := range journeys {
		first := map[string]time.Time{}
		var events []string
		for _, call := range j.Calls { // in the order of their times
			if _, seen := first[call.Event]; !seen && len(events) < maxEvents {
				first[call.Event] = call.Time.Time
				events = append(events, call.Event)
			}
		}
		for i, a := range events {
			for _, b := range events[i+1:] {
				if first[b].Sub(first[a]) < observed.Tolerance*time.Millisecond {
					continue
				}
				s, t := all[pair{a, b}], all[pair{b, a}]
				s.with, s.of, t.of = s.with+1, s.of+1, t.of+1
				all[pair{a, b}], all[pair{b, a}] = s, t
			}
		}
	}
	return all
}
