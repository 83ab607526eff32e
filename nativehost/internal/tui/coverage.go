package tui

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"
	"time"

	"userlike-inspector/nativehost/internal/filter"
	"userlike-inspector/nativehost/internal/journey"
)

func coverageView() viewKind {
	return viewKind{
		name: "Coverage", meaning: "the coverage: which events came, which are expected",
		empty: []string{"No event is documented."},
		content: func(j *judge) content {
			c := coverage{seen: j.judge.Coverage()}
			c.expect, c.until = expectations(j.judge.Expectations(), j.now())
			return c
		},
	}
}

// coverage is which events came, and what is expected of them.
type coverage struct {
	seen   []journey.Seen
	expect map[string]*expected // by event
	until  time.Time            // it may change by time alone until then
}

func (c coverage) changesUntil() time.Time { return c.until }

// lines are the events that came and are not documented, then all that are, each
// with what is expected of it.
func (c coverage) lines(a *app, cells int) (head []span, all []line) {
	state := max(cells-60, 8)
	head = []span{{faint, "  " + pad("EVENT", 32, "") + pad("CALLS", 7, "") + pad("INVALID", 9, "") + pad("LAST", 10, "") + "EXPECTED"}}
	expected := c.expect
	seen := map[string]bool{}
	for _, s := range c.seen {
		seen[s.Event] = true
	}
	for _, event := range slices.Sorted(maps.Keys(expected)) {
		if event == "" { // of the calls of any
			all = append(all, a.coverageLine(allEvents(c.seen), expected[event], state))
		} else if !seen[event] { // such as one of several answers
			all = append(all, a.coverageLine(journey.Seen{Event: event, Documented: true}, expected[event], state))
		}
	}
	n := slices.IndexFunc(c.seen, func(s journey.Seen) bool { return !s.Documented })
	if n < 0 {
		n = len(c.seen)
	}
	if others := c.seen[n:]; len(others) > 0 {
		all = append(all, line{spans: []span{{strong, "Not documented"}}})
		for _, s := range others {
			all = append(all, a.coverageLine(s, expected[s.Event], state))
		}
		all = append(all, line{spans: []span{{strong, "Documented"}}})
	}
	for _, s := range c.seen[:n] {
		all = append(all, a.coverageLine(s, expected[s.Event], state))
	}
	return head, all
}

// allEvents is all that was seen, as one.
func allEvents(seen []journey.Seen) journey.Seen {
	all := journey.Seen{Event: "all events", Documented: true}
	for _, s := range seen {
		all.Calls += s.Calls
		all.Invalid += s.Invalid
		if s.Calls > 0 && (all.First.IsZero() || s.First.Before(all.First.Time)) {
			all.First = s.First
		}
		if s.Last.After(all.Last.Time) {
			all.Last = s.Last
		}
	}
	return all
}

// expected is what visits are expected to bring of one event.
type expected struct {
	listed []journey.Outcome // all or, if there are too many, the worst of them
	more   int               // those that are not listed
}

// maxExpected bounds how many are listed.
const maxExpected = 20

// expectations sorts what is expected by event, and tells until when that may
// change by time alone.
func expectations(all iter.Seq[journey.Outcome], now time.Time) (by map[string]*expected, until time.Time) {
	by = map[string]*expected{}
	for x := range all {
		e := by[x.Event]
		if e == nil {
			e = &expected{}
			by[x.Event] = e
		}
		if e.listed = append(e.listed, x); len(e.listed) == 2*maxExpected {
			e.cut(now)
		}
		// A while later: whether the page was open then may still show.
		if late := x.Deadline.Add(2 * time.Minute); x.State == journey.Pending && !x.Deadline.IsZero() && late.After(until) {
			until = late
		}
	}
	for _, e := range by {
		if len(e.listed) > maxExpected || e.more > 0 {
			e.cut(now)
		}
	}
	return by, until
}

// cut keeps the worst.
func (e *expected) cut(now time.Time) {
	slices.SortStableFunc(e.listed, func(x, y journey.Outcome) int { return worse(y, x, now) })
	n := min(maxExpected, len(e.listed))
	e.more += len(e.listed) - n
	e.listed = e.listed[:n]
}

// worse compares how badly two expectations stand; the deadline that is next is
// worse, and one that has passed or is none is better than any to come.
func worse(x, y journey.Outcome, now time.Time) int {
	coming := func(x journey.Outcome) int {
		if x.Deadline.After(now) {
			return 1
		}
		return 0
	}
	return cmp.Or(slices.Index(states[:], x.State)-slices.Index(states[:], y.State), coming(x)-coming(y), y.Deadline.Compare(x.Deadline.Time))
}

// states are in the order in which they are worse.
var states = [...]journey.State{journey.Met, journey.Unjudged, journey.Pending, journey.Missing}

// coverageLine tells of an event.
func (a *app) coverageLine(s journey.Seen, expect *expected, room int) line {
	glyph, st, text := a.theme.good, isGood, plain
	switch {
	case s.Calls == 0:
		glyph, st, text = a.theme.other, faint, faint
	case s.Invalid > 0:
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
			if _, documented := a.detail.docs.events[s.Event]; !documented && s.Documented {
				a.openRows("kind:call")
				return
			}
			a.openRows("kind:call event:" + filter.Quote(s.Event))
		},
		about: func(d *detail) {
			if e, ok := a.detail.docs.events[s.Event]; ok {
				d.text(plain, e.Description)
			} else if !s.Documented {
				if a.opts.Inspector.Plan().AllowsEvent(s.Event) {
					d.text(plain, "This event is not documented; the plan allows it.")
				} else {
					d.text(plain, "This event is not documented.")
				}
			}
			if s.Calls > 0 {
				d.text(plain, fmt.Sprintf("%s; %d with an error. First at %s, last at %s.", plural(s.Calls, "call"), s.Invalid, a.clock(s.First.Time), a.clock(s.Last.Time)))
			}
			if expect == nil {
				return
			}
			if expect.more > 0 {
				d.text(faint, fmt.Sprintf("Of %s, those that stand worst:", plural(expect.more+len(expect.listed), "visit")))
			}
			for _, x := range expect.listed {
				d.text(plain, x.Journey+": "+a.standing(x))
				d.fact("demanded", x.Source)
			}
		},
	}
}

// expectation is the worst of what is expected of an event, in a word or two.
func (a *app) expectation(all *expected) (says string, st style) {
	if all == nil {
		return "", faint
	}
	now := a.opts.Now()
	worst := slices.MaxFunc(all.listed, func(x, y journey.Outcome) int { return worse(x, y, now) })
	says = a.standing(worst)
	switch worst.State {
	case journey.Met:
		return says, isGood
	case journey.Pending, journey.Unjudged:
		return says, isWarning
	}
	return says, isError
}

// standing is how an expectation stands, counting down what is pending, and what it is.
func (a *app) standing(x journey.Outcome) string {
	says := string(x.State)
	if x.State == journey.Pending && !x.Deadline.IsZero() {
		says = "overdue, missing if nothing follows"
		if left := x.Deadline.Sub(a.opts.Now()); left > 0 {
			says = fmt.Sprintf("pending %d s left", int(left/time.Second)+1)
		}
	}
	if x.Expected != "" {
		says += ", " + x.Expected
	}
	if x.Why != "" {
		says += ": " + x.Why
	}
	return says
}
