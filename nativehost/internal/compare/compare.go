// Package compare finds what changed between two recordings of the same site, and which
// changes are regressions.
//
// No two visits are equal: contacts click differently, chats are longer or shorter. So
// what varies within a recording will also vary between two. A difference counts if
// something that the first recording always has is missing in the second, or if both
// recordings are so large that chance does not explain it (Fisher's exact test). The rest
// are small differences. New findings and new types always count, because chance does not
// cause them.
package compare

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/words"
	"userlike-inspector/schema"
)

// Verdict is what a change means.
type Verdict int

// The verdicts, in the order in which reports show them.
const (
	Better Verdict = iota
	Worse
	Changed // neither good nor bad by itself
	Small   // may be chance
)

// String is the verdict in a word.
func (v Verdict) String() string {
	return [...]string{"better", "worse", "changed", "small"}[v]
}

// Change is one difference.
type Change struct {
	Verdict Verdict
	Aspect  string // one of aspects
	What    string // the event, the field as one writes it in JavaScript, the rule and its place
	Message string // the end of a sentence that begins with What
	Finding string // the message of the first finding, which may quote values; "" for none
}

// Result is what changed from the first recording to the second.
type Result struct {
	Changes []Change // by verdict, then in the order of the aspects, then by What
	Small   []Change // the differences that may be chance, in the same order
	Missed  bool     // there were more places in the arguments than are compared
}

// Worse tells whether anything got worse.
func (r Result) Worse() bool {
	return slices.ContainsFunc(r.Changes, func(c Change) bool { return c.Verdict == Worse })
}

// Recording is what is kept of a recording for the comparison.
type Recording struct {
	Calls    int
	Journeys []journey.Journey

	inspector *inspect.Inspector
	judge     *journey.Recording
	ids       map[string]map[string]bool // values of the fields that identify the widget, by place
	findings  []journey.Finding
	shape     shape
	events    map[string]int // calls by event
	arrived   map[destination]arrivals
	hits      int
	missed    int64 // how many hits at most were not looked at
	followed  bool  // hits were looked for, in at least one page
}

// New makes an empty recording.
func New(in *inspect.Inspector) *Recording {
	return &Recording{inspector: in, judge: journey.NewRecording(in), events: map[string]int{}, ids: map[string]map[string]bool{}, shape: newShape()}
}

// Add adds the next record.
func (r *Recording) Add(rec *record.Record) {
	r.judge.Add(rec)
	r.missed += rec.Hits
	if rec.Kind == record.Call {
		r.Calls++
		r.events[rec.EventName()]++
		r.shape.add(rec)
		r.identify(rec)
	}
}

// End must be called once after the last record.
func (r *Recording) End() {
	r.findings, r.Journeys = r.judge.End(), r.judge.Journeys()
	r.deliver(r.judge.Forwarding())
	r.followed = r.judge.Followed()
	r.judge = nil
}

// Compare finds what changed from before to after. End must have been called on both.
func Compare(before, after *Recording) Result {
	c := &comparison{before: before, after: after}
	if before.Calls > 0 && after.Calls == 0 {
		c.add(Worse, "event", "all", "no call was recorded, there were %d before", before.Calls)
	}
	c.compareForwarding()
	c.compareWidgets()
	c.compareEvents()
	c.compareCounts()
	c.compareOrder()
	c.compareFields()
	c.compareFindings()
	c.Missed = before.shape.missed || after.shape.missed
	for _, changes := range [][]Change{c.Changes, c.Small} {
		slices.SortStableFunc(changes, func(a, b Change) int {
			return cmp.Or(cmp.Compare(a.Verdict, b.Verdict), cmp.Compare(rank(a.Aspect), rank(b.Aspect)), strings.Compare(a.What, b.What))
		})
	}
	return c.Result
}

// aspects are the values of Change.Aspect, in the order of reports. Forwarding is first,
// because calls that no longer arrive are the worst regression.
var aspects = [...]string{"forwarding", "widget", "event", "count", "order", "field", "type", "custom_data", "finding"}

func rank(aspect string) int { return slices.Index(aspects[:], aspect) }

// comparison is a comparison in progress.
type comparison struct {
	before, after *Recording
	Result
}

func (c *comparison) add(v Verdict, aspect, what, format string, args ...any) {
	c.put(Change{Verdict: v, Aspect: aspect, What: what, Message: fmt.Sprintf(format, args...)})
}

func (c *comparison) put(change Change) {
	if change.Verdict == Small {
		c.Small = append(c.Small, change)
	} else {
		c.Changes = append(c.Changes, change)
	}
}

// share is a number out of another: with of of.
type share struct{ with, of int }

func (s share) all() bool { return s.with == s.of }

// in is the share in words: "all 3 journeys", "1 of 2 journeys".
func (s share) in(thing string) string {
	switch {
	case s.of == 1 && s.with == 1:
		return "the only " + thing
	case s.all():
		return fmt.Sprintf("all %s", words.Plural(s.of, thing))
	case s.with == 0:
		return fmt.Sprintf("none of %s", words.Plural(s.of, thing))
	}
	return fmt.Sprintf("%d of %s", s.with, words.Plural(s.of, thing))
}

// differ tells whether a share became smaller or larger. If it may be chance, both are
// false.
func differ(before, after share) (fewer, more bool) {
	switch {
	case before.of == 0 || after.of == 0:
		return false, false
	case before.all() && after.with == 0:
		return true, false
	case before.with == 0 && after.all():
		return false, true
	}
	return unlikelyFew(before, after, significance), unlikelyFew(after, before, significance)
}

// compareEvents compares how many journeys have each event.
func (c *comparison) compareEvents() {
	before, after := journeysWith(c.before.Journeys), journeysWith(c.after.Journeys)
	for _, event := range union(before, after, strings.Compare) {
		b, a := share{before[event], len(c.before.Journeys)}, share{after[event], len(c.after.Journeys)}
		what := words.Shown(event)
		fewer, more := differ(b, a)
		bad, good := Worse, Changed
		switch {
		case c.showsError(event):
			bad, good = Better, Worse
		case !c.documented(event):
			bad = Better
		}
		switch {
		case fewer:
			c.add(bad, "event", what, "was in %s, is in %s", b.in("journey"), a.in("journey"))
		case b.with == 0 && a.with > 0 && c.showsError(event):
			c.add(Worse, "event", what, "was in none of %s, is in %s", words.Plural(b.of, "journey"), a.in("journey"))
		case b.with == 0 && a.with > 0:
			c.add(Changed, "event", what, "is new, in %s", a.in("journey"))
		case more:
			c.add(good, "event", what, "was in %s, is in %s", b.in("journey"), a.in("journey"))
		case b.with*a.of != a.with*b.of:
			c.add(Small, "event", what, "was in %s, is in %s", b.in("journey"), a.in("journey"))
		}
	}
}

// documented tells whether an event is documented or allowed by the plan.
func (c *comparison) documented(event string) bool {
	return c.before.inspector.Plan().AllowsEvent(event) || slices.ContainsFunc(c.before.inspector.Catalogue().Events, func(e schema.DocEvent) bool { return e.Name == event })
}

func (c *comparison) showsError(event string) bool {
	for _, e := range c.before.inspector.Catalogue().Events {
		if e.Name == event {
			return e.ShowsError
		}
	}
	return false
}

// journeysWith counts the journeys that an event is in.
func journeysWith(journeys []journey.Journey) map[string]int {
	count := map[string]int{}
	for _, j := range journeys {
		for event := range perEvent(j) {
			count[event]++
		}
	}
	return count
}

func perEvent(j journey.Journey) map[string]int {
	count := map[string]int{}
	for _, call := range j.Calls {
		count[call.Event]++
	}
	return count
}

// enough is how many journeys there must be before it means something that an event came
// equally often in each.
const enough = 3

// compareCounts compares the counts of events that came equally often in every journey
// that had them.
func (c *comparison) compareCounts() {
	before, after := steady(c.before.Journeys), steady(c.after.Journeys)
	if times := c.multiplied(); times > 1 {
		c.add(Worse, "count", "all", "every call comes %s as often: is it sent or recorded %s?", multiple(times), words.Times(times))
		return
	}
	for _, event := range union(before, after, strings.Compare) {
		b, a := before[event], after[event]
		switch {
		case b.times == 0 || a.times == 0 || b.journeys == 0 || a.journeys == 0:
			// The event is missing in one recording, or its count varied.
		case b.times == a.times:
		case b.journeys >= enough && a.journeys >= enough && a.times < b.times:
			c.add(Worse, "count", words.Shown(event), "came %s in each journey, comes %s", words.Times(b.times), words.Times(a.times))
		case b.journeys >= enough && a.journeys >= enough:
			c.add(Changed, "count", words.Shown(event), "came %s in each journey, comes %s", words.Times(b.times), words.Times(a.times))
		default:
			c.add(Small, "count", words.Shown(event), "came %s in each journey, comes %s", words.Times(b.times), words.Times(a.times))
		}
	}
}

func multiple(times int) string {
	if times == 2 {
		return "twice"
	}
	return fmt.Sprintf("%d times", times)
}

// multiplied is the factor by which every event comes more often, for example because a
// script is included twice; 1 if there is no common factor. It takes several events, so
// that it is not chance.
func (c *comparison) multiplied() int {
	if len(c.before.Journeys) == 0 || len(c.after.Journeys) == 0 {
		return 1
	}
	const events = 3
	times, n := 0, 0
	for event, before := range c.before.events {
		after := c.after.events[event]
		if after == 0 {
			continue
		}
		more, per := after*len(c.before.Journeys), before*len(c.after.Journeys)
		if more%per != 0 || times != 0 && more/per != times {
			return 1
		}
		times = more / per
		n++
	}
	if n < events {
		return 1
	}
	return times
}

// steadiness says that an event came times times in each of the journeys that had it. times
// is 0 if that varied.
type steadiness struct{ times, journeys int }

func steady(journeys []journey.Journey) map[string]steadiness {
	all := map[string]steadiness{}
	for _, j := range journeys {
		for event, n := range perEvent(j) {
			s, seen := all[event]
			if !seen {
				s.times = n
			} else if s.times != n {
				s.times = 0
			}
			s.journeys++
			all[event] = s
		}
	}
	return all
}

// compareFindings compares the findings, by rule, event and place.
func (c *comparison) compareFindings() {
	before, after := c.before.complaints(), c.after.complaints()
	for _, k := range union(before, after, byComplaint) {
		b, a := before[k], after[k]
		b.of, a.of = c.before.denominator(k), c.after.denominator(k)
		b.with, a.with = min(b.with, b.of), min(a.with, a.of)
		what := k.rule
		if k.event != "" {
			what += " in " + words.Shown(k.event)
		}
		if k.at != "" {
			what += " at " + words.Short(k.at)
		}
		bad, good := Worse, Better
		if k.severity == record.Info {
			bad, good = Changed, Changed
		}
		fewer, more := differ(b.share, a.share)
		switch {
		case b.times == 0:
			c.put(Change{bad, "finding", what, fmt.Sprintf("is new (%s, %s)", k.severity, words.Times(a.times)), a.message})
		case a.times == 0 && (a.of > 0 || !c.documented(k.event)):
			c.add(good, "finding", what, "is gone (%s, it came %s)", k.severity, words.Times(b.times))
		case a.times == 0:
			c.add(Changed, "finding", what, "is gone with its event, which did not come (%s, it came %s)", k.severity, words.Times(b.times))
		case more:
			c.put(Change{bad, "finding", what, fmt.Sprintf("is on %s, was on %s", a.in(k.unit()), b.in(k.unit())), a.message})
		case fewer:
			c.add(good, "finding", what, "is on %s, was on %s", a.in(k.unit()), b.in(k.unit()))
		case b.with*a.of != a.with*b.of:
			c.add(Small, "finding", what, "is on %s, was on %s", a.in(k.unit()), b.in(k.unit()))
		}
	}
}

// complaint is what findings have in common that mean the same.
type complaint struct {
	rule     string
	severity record.Severity
	event    string
	at       string // with "*" for elements of arrays
}

// unit is the name of what findings are counted in, such as calls or journeys.
func (k complaint) unit() string {
	if k.event == "" {
		return "journey"
	}
	return "call"
}

// tally counts a complaint.
type tally struct {
	share          // its share of the event's calls or, without an event, of the journeys
	times   int    // findings
	message string // of the first
	last    string // the record or journey counted last
}

func (r *Recording) complaints() map[complaint]tally {
	all := map[complaint]tally{}
	for _, f := range r.findings {
		k := complaint{f.Rule, f.Severity, f.Event, general(f.At)}
		t, seen := all[k]
		if !seen {
			t.message = f.Message
		}
		unit := f.Journey
		if f.Event != "" {
			unit = f.Record
		}
		if t.times++; !seen || unit != t.last {
			t.with++
			t.last = unit
		}
		all[k] = t
	}
	return all
}

// denominator is how many units could have the complaint.
func (r *Recording) denominator(k complaint) int {
	if k.event != "" {
		return r.events[k.event]
	}
	return max(len(r.Journeys), 1)
}

// union is the keys of both maps, sorted.
func union[K comparable, V any](before, after map[K]V, compare func(a, b K) int) []K {
	all := slices.Collect(maps.Keys(before))
	for k := range after {
		if _, both := before[k]; !both {
			all = append(all, k)
		}
	}
	slices.SortFunc(all, compare)
	return all
}

func byComplaint(a, b complaint) int {
	return cmp.Or(b.severity.Rank()-a.severity.Rank(), strings.Compare(a.rule, b.rule), strings.Compare(a.event, b.event), strings.Compare(a.at, b.at))
}
