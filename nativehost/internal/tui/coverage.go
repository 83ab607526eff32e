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
	"userlike-inspector/nativehost/internal/plan"
	"userlike-inspector/nativehost/internal/words"
	"userlike-inspector/schema"
)

func coverageView() viewKind {
	docs := documentedEvents()
	return viewKind{
		name: "Coverage", meaning: "the coverage: which events came, which are expected",
		empty: []string{"No event is documented."},
		content: func(j *judge) content {
			c := coverage{docs: docs, plan: j.inspector.Plan(), seen: j.visits.Coverage(j.now())}
			c.expect, c.until = expectations(j.demands(), j.now())
			return c
		},
	}
}

// A demand is one expectation and how it stands in one visit.
type demand struct {
	journey.Outcome
	by *plan.Acceptance // by what the plan accepts that it is missing, nil if it does not
}

// demands are all expectations of all visits.
func (j *judge) demands() iter.Seq[demand] {
	return func(yield func(demand) bool) {
		accepts := j.accepts.Clone()
		broken := map[string][]journey.Finding{} // by journey
		if accepts.Any() {
			for f := range j.visits.All() {
				broken[f.Journey] = append(broken[f.Journey], f)
			}
		}
		for o := range j.visits.Expectations() {
			if !yield(demandOf(o, broken[o.Journey], accepts)) {
				return
			}
		}
	}
}

// demandOf makes a demand of an expectation of a visit. found are the visit's findings: the
// demand is accepted if the plan accepts all of those that say that it is missing.
func demandOf(o journey.Outcome, found []journey.Finding, accepts *journey.Accepting) demand {
	d := demand{Outcome: o}
	if o.State != journey.Missing {
		return d
	}
	for _, f := range found {
		if !o.Breaks(f) {
			continue
		}
		if d.by = accepts.By(f); d.by == nil {
			break
		}
	}
	return d
}

// coverage says which events came, and what is expected of them.
type coverage struct {
	docs   map[string]schema.DocEvent // the documented events, by name
	plan   *plan.Plan                 // nil without one
	seen   []journey.Seen             // all documented events, and the others that came
	expect map[string]*expected       // by event; "" is the calls of any event
	until  time.Time                  // until then it counts down deadlines
}

func (c coverage) changesUntil() time.Time { return c.until }

// lines are the events of which something is expected, those that stand worst first, then
// those that came and are not documented, then all others.
func (c coverage) lines(t *theme, cells int) (head []span, all []line) {
	if cells < narrowest { // there is no room for the numbers; the pane below has them
		head = []span{{faint, "  " + pad("EVENT", (cells-2)/2, "") + "EXPECTED"}}
	} else {
		head = []span{{faint, "  " + pad("EVENT", 32, "") + pad("CALLS", 7, "") + pad("INVALID", 9, "") + pad("LAST", 10, "") + "EXPECTED"}}
	}
	expected := c.expect
	seen := map[string]journey.Seen{}
	for _, s := range c.seen {
		seen[s.Event] = s
	}
	section := func(title string, lines []line) {
		if len(lines) > 0 {
			all = append(append(all, line{spans: []span{{strong, title}}}), lines...)
		}
	}
	now := t.now()
	worst := func(event string) demand {
		return slices.MaxFunc(expected[event].listed, func(x, y demand) int { return worse(x, y, now) })
	}
	var awaited, others, documented []line
	events := slices.SortedFunc(maps.Keys(expected), func(x, y string) int { return cmp.Or(worst(y).badness()-worst(x).badness(), cmp.Compare(x, y)) })
	for _, event := range events {
		s, came := seen[event]
		switch {
		case event == "": // what is expected of the calls of any event
			s = allEvents(c.seen)
		case !came: // such as "a or b", of which either may come
			s = journey.Seen{Event: event, Documented: true}
		}
		awaited = append(awaited, c.line(t, s, expected[event], cells))
	}
	for _, s := range c.seen {
		switch {
		case expected[s.Event] != nil && s.Event != "":
		case !s.Documented:
			others = append(others, c.line(t, s, nil, cells))
		default:
			documented = append(documented, c.line(t, s, nil, cells))
		}
	}
	section("Expected", awaited)
	section("Not documented", others)
	if len(all) == 0 {
		return head, documented
	}
	section("Documented", documented)
	return head, all
}

// allEvents sums up all events as if they were one.
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

// expected are the demands on one event, in all visits.
type expected struct {
	listed []demand // all or, if there are too many, the worst of them
	more   int      // how many are not listed
}

// maxExpected bounds how many demands are listed for an event.
const maxExpected = 20

// expectations sorts demands by event. until is when the last of their deadlines is over:
// as long as one runs, its countdown changes every second.
func expectations(all iter.Seq[demand], now time.Time) (by map[string]*expected, until time.Time) {
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
		// Two minutes more than the deadline, because records that come late may still tell
		// whether the page was open then.
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

// cut keeps the worst demands and counts the others.
func (e *expected) cut(now time.Time) {
	slices.SortStableFunc(e.listed, func(x, y demand) int { return worse(y, x, now) })
	n := min(maxExpected, len(e.listed))
	e.more += len(e.listed) - n
	e.listed = e.listed[:n]
}

// worse is positive if x stands worse than y. Of two that are equally bad, a deadline that
// is still to come is worse than one that has passed or none, and of those the next one.
func worse(x, y demand, now time.Time) int {
	coming := func(x demand) int {
		if x.Deadline.After(now) {
			return 1
		}
		return 0
	}
	return cmp.Or(x.badness()-y.badness(), coming(x)-coming(y), y.Deadline.Compare(x.Deadline.Time))
}

// states are all states of an expectation, from the best to the worst.
var states = [...]journey.State{journey.Met, journey.Unjudged, journey.Pending, journey.Missing}

// badness is the place of a demand's state in states; what is accepted counts as met.
func (d demand) badness() int {
	if d.by != nil {
		return slices.Index(states[:], journey.Met)
	}
	return slices.Index(states[:], d.State)
}

// line is the line of an event; expect is nil where nothing is expected of it.
func (c coverage) line(t *theme, s journey.Seen, expect *expected, cells int) line {
	room := max(cells-60, 8)
	glyph, st, text := t.good, isGood, plain
	switch {
	case s.Calls == 0:
		glyph, st, text = t.other, faint, faint
	case s.Invalid > 0:
		glyph, st = t.bad, isError
	}
	says, loud := expect.standing(t.now())
	if loud == isError || loud == isWarning && s.Calls == 0 {
		glyph, st = t.warn, loud
		if loud == isError {
			glyph = t.bad
		}
	}
	calls, invalid, last := "never", "", ""
	if s.Calls > 0 {
		calls, last = strconv.Itoa(s.Calls), t.clock(s.Last.Time)
	}
	if s.Invalid > 0 {
		invalid = strconv.Itoa(s.Invalid)
	}
	name := cmp.Or(s.Event, noName)
	rows, only := "kind:call event:"+filter.Quote(s.Event), "event:"+filter.Quote(s.Event)
	if _, documented := c.docs[s.Event]; !documented && s.Documented { // the line of all events
		rows, only = "kind:call", "kind:call"
	}
	spans := []span{
		{st, glyph + " "},
		{text, t.cell(name, 31) + " " + t.cell(calls, 7)},
		{isError, t.cell(invalid, 9)},
		{faint, t.cell(last, 10)},
		{loud, t.cell(says, room)},
	}
	if half := (cells - 2) / 2; cells < narrowest {
		spans = []span{{st, glyph + " "}, {text, t.cell(name, half-1) + " "}, {loud, t.cell(says, half)}}
	}
	return line{
		key:   s.Event,
		spans: spans,
		open: func(a *app) {
			if s.Calls == 0 {
				a.flash = "there is no call of this event to show"
				return
			}
			a.openRows(rows)
		},
		choices: textChoices([2]string{"e", only}),
		about:   func(d *detail) { c.aboutEvent(d, s, expect) },
	}
}

// aboutEvent tells about an event: what it means, how often it came, and how its demands stand.
func (c coverage) aboutEvent(d *detail, s journey.Seen, expect *expected) {
	e, documented := c.docs[s.Event]
	switch {
	case documented:
		d.text(plain, e.Description)
	case s.Documented: // the line of all events
	case c.plan.AllowsEvent(s.Event):
		d.text(plain, "This event is not documented; the plan allows it.")
	default:
		d.text(plain, "This event is not documented.")
	}
	if s.Calls > 0 {
		d.text(plain, fmt.Sprintf("%s; %d with an error. First at %s, last at %s.", words.Plural(s.Calls, "call"), s.Invalid, d.theme.clock(s.First.Time), d.theme.clock(s.Last.Time)))
	}
	if expect == nil {
		return
	}
	if expect.more > 0 {
		d.text(faint, fmt.Sprintf("Of %s, those that stand worst:", words.Plural(expect.more+len(expect.listed), "visit")))
	}
	for _, x := range expect.listed {
		d.text(plain, x.Journey+": "+x.standing(d.theme.now()))
		d.fact("demanded", x.Source)
	}
}

// standing is how the worst of an event's demands stands. Of an event of which nothing is
// expected (nil) it is "".
func (e *expected) standing(now time.Time) (says string, st style) {
	if e == nil {
		return "", faint
	}
	worst := slices.MaxFunc(e.listed, func(x, y demand) int { return worse(x, y, now) })
	says = worst.standing(now)
	switch {
	case worst.by != nil:
		return says, faint
	case worst.SoFar:
		return says, plain
	case worst.State == journey.Met:
		return says, isGood
	case worst.State == journey.Pending || worst.State == journey.Unjudged:
		return says, isWarning
	}
	return says, isError
}

// standing says how a demand stands, and what it is. While it is pending, it counts down.
func (x demand) standing(now time.Time) string {
	says := string(x.State)
	if x.SoFar {
		says += " so far"
	}
	if x.State == journey.Pending && !x.Deadline.IsZero() {
		says = "overdue, missing if nothing follows"
		if left := x.Deadline.Sub(now); left > 0 {
			says = fmt.Sprintf("pending %d s left", int(left/time.Second)+1)
		}
	}
	if x.by != nil {
		says += ", accepted until " + x.by.Last()
	}
	if x.Expected != "" {
		says += ", " + x.Expected
	}
	if x.Why != "" {
		says += ": " + x.Why
	}
	return says
}
