package tui

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/store"
)

const (
	// judgedAtOnce is how many records are judged between two looks at what the
	// loop wants.
	judgedAtOnce = 200

	// leastRest is how long the judge rests at least between two verdicts, and
	// restFactor how many times as long as making one took: what it takes grows
	// with what is known, and records keep coming.
	leastRest  = 50 * time.Millisecond
	restFactor = 4

	// lookAgain is how often verdicts are made that time alone can change.
	lookAgain = time.Second
)

// counts is what the header tells of the whole recording.
type counts struct {
	upTo     int64 // the last row counted
	calls    int
	gaps     int
	findings [4]int // by the rank of their severity
}

// verdicts is what the judge says of all rows up to one. It is not changed
// any more.
type verdicts struct {
	counts
	journeys map[int64][]record.Finding // those that take more than one record, by row
	rows     []int64                    // the keys of journeys, ascending
	changed  []int64                    // where journeys differs from the verdicts before

	view    view // what the rest is for; only its part is there
	groups  []group
	seen    []journey.Seen
	expect  []journey.Expectation
	consent []journey.Consent
	shapes  []journey.Shape
	sources sources
}

// A judge goes through the recording in the background and follows it.
type judge struct {
	inspector *inspect.Inspector
	now       func() time.Time

	grown chan int64              // the store's last row, when it grows
	asked chan struct{}           // for the places
	views chan view               // what is shown
	fresh chan *inspect.Inspector // to judge everything anew by

	judge   *journey.Judge
	counts  counts
	own     map[spot]*group            // of verdicts on single records
	redone  map[int64][]record.Finding // own findings that are not those stored, since last told
	sources sources
	said    map[int64][]record.Finding // what was said last of journeys
}

func newJudge(in *inspect.Inspector, now func() time.Time) *judge {
	return &judge{inspector: in, now: now, grown: make(chan int64, 1), asked: make(chan struct{}, 1), views: make(chan view, 1), fresh: make(chan *inspect.Inspector, 1)}
}

// begin forgets everything.
func (j *judge) begin() {
	j.judge, j.counts, j.own, j.sources = journey.New(j.inspector), counts{}, map[spot]*group{}, sources{}
	j.redone = map[int64][]record.Finding{}
}

// run judges until the feed's context ends. redone are the findings of single
// records that differ from those stored with them: by a plan, or by this
// version of the program. first tells that all earlier ones are void.
func (j *judge) run(f *feed, told func(v *verdicts, redone map[int64][]record.Finding, first bool), places func([]string), failed func(error)) {
	j.begin()
	var last int64
	var shown view
	first, changed := true, false
	rested := time.NewTimer(0)
	defer rested.Stop()
	again := time.NewTicker(lookAgain)
	defer again.Stop()
	resting := true
	for f.ctx.Err() == nil {
		var work chan struct{} // ready when there is a record to judge or something to tell
		if j.counts.upTo < last || changed && !resting {
			work = closed
		}
		select {
		case <-f.ctx.Done():
			return
		case last = <-j.grown:
			continue
		case <-j.asked:
			at := j.places()
			f.post(f.ctx, func() { places(at) })
			continue
		case shown = <-j.views:
			changed = true
			continue
		case j.inspector = <-j.fresh:
			j.begin()
			first, changed = true, true
			continue
		case <-rested.C:
			resting = false
			continue
		case <-again.C:
			j.judge.Advance(j.now())
			changed = true
			continue
		case <-work:
		}
		if j.counts.upTo < last {
			if err := j.more(f); err != nil {
				if f.ctx.Err() == nil {
					f.post(f.ctx, func() { failed(err) })
				}
				last = 0 // the news will tell when it is worth trying again
				continue
			}
			changed = true
		}
		if resting {
			continue
		}
		began := time.Now()
		v, redone, isFirst := j.say(shown), j.redone, first
		f.post(f.ctx, func() { told(v, redone, isFirst) })
		j.redone, first, changed, resting = map[int64][]record.Finding{}, false, false, true
		rested.Reset(max(leastRest, restFactor*time.Since(began)))
	}
}

// places are those within custom_data that calls had, as filters name them.
func (j *judge) places() (all []string) {
	for _, s := range j.judge.Shapes() {
		for _, p := range s.Paths {
			all = append(all, p.At)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// closed is ready always.
var closed = func() chan struct{} { c := make(chan struct{}); close(c); return c }()

// more judges the next records.
func (j *judge) more(f *feed) error {
	page, err := f.store.Records(f.ctx, store.Query{After: j.counts.upTo, Limit: judgedAtOnce})
	if err != nil {
		return err
	}
	for _, one := range page {
		j.add(one.Row, one.Record)
	}
	return nil
}

// add takes the next record in.
func (j *judge) add(row int64, r *record.Record) {
	found, _ := j.judge.Add(r)
	j.sources.add(row, r)
	j.counts.upTo = row
	switch r.Kind {
	case record.Call:
		j.counts.calls++
	case record.Gap:
		j.counts.gaps++
	}
	for _, one := range found {
		j.counts.findings[one.Severity.Rank()]++
		groupOf(j.own, one).add(row, one, r.Time)
	}
	if !slices.Equal(found, r.Findings) {
		j.redone[row] = found
	}
}

// say makes the verdicts, with what a view needs.
func (j *judge) say(shown view) *verdicts {
	v := &verdicts{counts: j.counts, journeys: map[int64][]record.Finding{}, view: shown}
	all := j.judge.Findings(false)
	for _, f := range all {
		v.findings[f.Severity.Rank()]++
		if row := f.Order(); row > 0 {
			if v.journeys[row] == nil {
				v.rows = append(v.rows, row) // findings come in the order of rows
			}
			v.journeys[row] = append(v.journeys[row], f.Finding)
		}
	}
	v.changed = differing(j.said, v.journeys)
	j.said = v.journeys
	switch shown {
	case viewFindings:
		v.groups = j.groups(all)
	case viewCoverage:
		v.seen, v.expect = j.judge.Coverage(), j.judge.Expectations()
	case viewConsent:
		v.consent = j.judge.Consents()
	case viewShape:
		v.shapes = j.judge.Shapes()
	case viewSources:
		v.sources = j.sources.copy()
	}
	return v
}

// differing are the rows of which two verdicts differ.
func differing(before, now map[int64][]record.Finding) (rows []int64) {
	for row, found := range now {
		if !slices.Equal(before[row], found) {
			rows = append(rows, row)
		}
	}
	for row := range before {
		if now[row] == nil {
			rows = append(rows, row)
		}
	}
	return rows
}

// A spot is what findings are grouped by.
type spot struct{ rule, at string }

// A group is the findings of one rule at one place.
type group struct {
	spot
	severity    record.Severity // the worst
	rows        []int64         // ascending, each once
	count       int
	first, last record.Time
	newest      record.Finding
}

// maxGroups bounds the places that are told apart: a page may name its fields
// as it likes.
const maxGroups = 2000

// otherPlaces is the place of all that are too many.
const otherPlaces = "…"

// groupOf finds or makes a finding's group.
func groupOf(groups map[spot]*group, f record.Finding) *group {
	key := spot{f.Rule, anyElement(f.At)}
	g := groups[key]
	if g == nil && len(groups) >= maxGroups {
		key.at = otherPlaces
		g = groups[key]
	}
	if g == nil {
		g = &group{spot: key}
		groups[key] = g
	}
	return g
}

// anyElement is a JSON Pointer with "*" for the numbers of elements.
func anyElement(at string) string {
	if !strings.ContainsAny(at, "0123456789") {
		return at
	}
	tokens := strings.Split(at, "/")
	for i, t := range tokens {
		if i > 2 && t != "" && strings.Trim(t, "0123456789") == "" {
			tokens[i] = "*"
		}
	}
	return strings.Join(tokens, "/")
}

func (g *group) add(row int64, f record.Finding, at record.Time) {
	if f.Severity.Rank() > g.severity.Rank() {
		g.severity = f.Severity
	}
	if n := len(g.rows); row > 0 && (n == 0 || g.rows[n-1] != row) {
		g.rows = append(g.rows, row)
	}
	if !at.IsZero() && (g.first.IsZero() || at.Before(g.first.Time)) {
		g.first = at
	}
	if !at.Before(g.last.Time) {
		g.last = at
	}
	g.count++
	g.newest = f
}

// groups are all groups, the worst and then the most frequent first.
func (j *judge) groups(journeys []journey.Finding) []group {
	more := map[spot]*group{}
	for _, f := range journeys {
		groupOf(more, f.Finding).add(f.Order(), f.Finding, f.Time)
	}
	var all []group
	for key, g := range j.own {
		one := *g
		one.rows = slices.Clip(one.rows) // the judge goes on appending
		if m := more[key]; m != nil {
			one.join(m)
			delete(more, key)
		}
		all = append(all, one)
	}
	for _, g := range more {
		all = append(all, *g)
	}
	slices.SortFunc(all, func(a, b group) int {
		return cmp.Or(b.severity.Rank()-a.severity.Rank(), cmp.Compare(b.count, a.count), cmp.Compare(a.rule, b.rule), cmp.Compare(a.at, b.at))
	})
	return all
}

// join adds what another group has: a rule can be judged on single records and
// on journeys.
func (g *group) join(other *group) {
	g.rows = slices.Concat(g.rows, other.rows)
	slices.Sort(g.rows)
	g.rows = slices.Compact(g.rows)
	g.count += other.count
	if other.severity.Rank() > g.severity.Rank() {
		g.severity = other.severity
	}
	if !other.first.IsZero() && other.first.Before(g.first.Time) {
		g.first = other.first
	}
	if other.last.After(g.last.Time) {
		g.last, g.newest = other.last, other.newest
	}
}
