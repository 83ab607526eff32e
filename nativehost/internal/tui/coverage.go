package tui

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"userlike-inspector/nativehost/internal/journey"
)

// coverageLines are the events that came and are not documented, then all that
// are, each with what is expected of it.
func (a *app) coverageLines(cells int) (head []span, all []line) {
	state := max(cells-60, 8)
	head = []span{{faint, "  " + pad("EVENT", 32, "") + pad("CALLS", 7, "") + pad("INVALID", 9, "") + pad("LAST", 10, "") + "EXPECTED"}}
	expected := map[string][]journey.Expectation{}
	for _, x := range a.verdicts.expect {
		expected[x.Event] = append(expected[x.Event], x)
	}
	seen := map[string]bool{}
	for _, s := range a.verdicts.seen {
		seen[s.Event] = true
	}
	for _, event := range sortedKeys(expected) {
		if !seen[event] { // such as one of several answers
			all = append(all, a.coverageLine(journey.Seen{Event: event, Documented: true}, expected[event], state))
		}
	}
	n := slices.IndexFunc(a.verdicts.seen, func(s journey.Seen) bool { return !s.Documented })
	if n < 0 {
		n = len(a.verdicts.seen)
	}
	if others := a.verdicts.seen[n:]; len(others) > 0 {
		all = append(all, line{spans: []span{{strong, "Not documented"}}})
		for _, s := range others {
			all = append(all, a.coverageLine(s, expected[s.Event], state))
		}
		all = append(all, line{spans: []span{{strong, "Documented"}}})
	}
	for _, s := range a.verdicts.seen[:n] {
		all = append(all, a.coverageLine(s, expected[s.Event], state))
	}
	return head, all
}

func sortedKeys(m map[string][]journey.Expectation) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// coverageLine tells of an event.
func (a *app) coverageLine(s journey.Seen, expect []journey.Expectation, room int) line {
	glyph, st, text := a.theme.good, isGood, plain
	switch {
	case s.Calls == 0:
		glyph, st, text = a.theme.other, faint, faint
	case s.Invalid > 0 || !s.Documented:
		glyph, st = a.theme.bad, isError
	}
	says, loud := a.expectation(expect)
	if loud == isError || loud == isWarning && s.Calls == 0 {
		glyph, st = a.theme.warn, loud
		if loud == isError {
			glyph = a.theme.bad
		}
	}
	calls, invalid, last := "never", "", ""
	if s.Calls > 0 {
		calls, last = strconv.Itoa(s.Calls), a.clock(s.Last.Time)
	}
	if s.Invalid > 0 {
		invalid = strconv.Itoa(s.Invalid)
	}
	cell := func(s string, n int) string { return pad(visible(a.theme.head(s, maxSpan)), n, a.theme.ellipsis) }
	return line{
		key: s.Event,
		spans: []span{{st, glyph + " "}, {text, cell(cmp.Or(s.Event, noName), 31) + " " + cell(calls, 7)}, {isError, cell(invalid, 9)},
			{faint, cell(last, 10)}, {loud, cell(says, room)}},
		open: func(a *app) {
			if s.Calls == 0 {
				a.flash = "there is no call of this event to show"
				return
			}
			a.openRows("event "+s.Event, nil, "kind:call event:"+quoted(s.Event))
		},
		about: func(d *detail) {
			if e, ok := a.detail.docs.events[s.Event]; ok {
				d.text(plain, e.Description)
			} else if !s.Documented {
				d.text(plain, "This event is not documented; the plan may allow it.")
			}
			if s.Calls > 0 {
				d.text(plain, fmt.Sprintf("%s, of which %d with an error of their own; first at %s, last at %s.", plural(s.Calls, "call"), s.Invalid, a.clock(s.First.Time), a.clock(s.Last.Time)))
			}
			for _, x := range expect {
				d.text(plain, x.Journey+": "+a.standing(x))
				d.fact("demanded", x.Source)
			}
		},
	}
}

// expectation is the worst of what is expected of an event, in a word or two.
func (a *app) expectation(all []journey.Expectation) (says string, st style) {
	if len(all) == 0 {
		return "", faint
	}
	weight := map[journey.State]int{journey.Met: 0, journey.Pending: 1, journey.Exceeded: 2, journey.Missing: 3}
	worst := slices.MaxFunc(all, func(x, y journey.Expectation) int {
		return cmp.Or(weight[x.State]-weight[y.State], y.Deadline.Compare(x.Deadline.Time)) // the deadline that is next
	})
	says = a.standing(worst)
	switch worst.State {
	case journey.Met:
		return says, isGood
	case journey.Pending:
		return says, isWarning
	}
	return says, isError
}

// standing is how an expectation stands, and what it is.
func (a *app) standing(x journey.Expectation) string {
	says := string(x.State)
	if d := a.deadline(x); d != "" {
		says += " " + d
	}
	if x.Expected != "" {
		says += ", " + x.Expected
	}
	return says
}

// deadline counts down what is pending.
func (a *app) deadline(x journey.Expectation) string {
	if x.State != journey.Pending || x.Deadline.IsZero() {
		return ""
	}
	if left := x.Deadline.Sub(a.opts.Now()); left > 0 {
		return fmt.Sprintf("%d s left", int(left/time.Second)+1)
	}
	return "due"
}
