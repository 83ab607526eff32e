package tui

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/plan"
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
	upTo      int64 // the last row counted
	calls     int   // without the simulated ones, as in reports
	simulated int   // calls
	gaps      int
	findings  [4]int // by the rank of their severity
}

// verdicts is what the judge says of all rows up to one. It is not changed
// any more.
type verdicts struct {
	counts
	said int // how many there were before

	view    view    // what the content is for
	content content // nil for the events
}

// A judge goes through the recording in the background and follows it.
type judge struct {
	inspector *inspect.Inspector
	now       func() time.Time
	kinds     []viewKind

	grown chan int64              // the store's last row, when it grows
	asked chan struct{}           // for the places
	views chan view               // what is shown
	fresh chan *inspect.Inspector // to judge everything anew by
	asks  chan ask

	judge   *journey.Judge
	accepts *journey.Accepting // of verdicts on single records
	counts  counts
	own     map[spot]*group // of verdicts on single records
	marks   []mark          // of rows, since last told
	changes []journey.Change
	sources sources
	handed  handed
	went    map[string]bool // the ids of calls with hits, since last told
	said    int             // how many verdicts were made
	until   time.Time       // as the verdicts said last have it
}

// An ask is for the verdicts that take more than one record on the rows between two.
type ask struct {
	after, before int64
	answer        chan []journey.Finding
}

// visits asks for the verdicts that take more than one record on the rows between
// two. It may be called by all but the judge and the loop.
func (j *judge) visits(ctx context.Context, after, before int64) map[int64][]journey.Finding {
	q := ask{after, before, make(chan []journey.Finding, 1)}
	select {
	case j.asks <- q:
	case <-ctx.Done():
		return nil
	}
	found := map[int64][]journey.Finding{}
	for _, f := range <-q.answer {
		found[f.Order()] = append(found[f.Order()], f)
	}
	return found
}

func newJudge(in *inspect.Inspector, now func() time.Time, kinds []viewKind) *judge {
	return &judge{inspector: in, now: now, kinds: kinds, grown: make(chan int64, 1), asked: make(chan struct{}, 1), views: make(chan view, 1), fresh: make(chan *inspect.Inspector, 1), asks: make(chan ask)}
}

// begin forgets everything.
func (j *judge) begin() {
	j.judge, j.counts, j.own, j.sources = journey.New(j.inspector), counts{}, map[spot]*group{}, sources{}
	j.accepts = journey.NewAccepting(j.inspector.Plan(), j.now())
	j.marks, j.changes, j.went = nil, nil, nil
	j.handed.begin()
}

// run judges until the feed's context ends.
func (j *judge) run(f *feed, told func(*verdicts, news), places func([]string), failed func(error)) {
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
		asks := j.asks
		if first {
			asks = nil // what the app knows of marks is void: it is to be told first
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
			if j.kinds[shown].content != nil {
				changed, resting = true, false // who looks does not wait
			}
			continue
		case j.inspector = <-j.fresh:
			j.begin()
			first, changed = true, true
			continue
		case <-rested.C:
			resting = false
			continue
		case q := <-asks:
			q.answer <- j.judge.On(q.after+1, q.before-1)
			continue
		case <-again.C:
			if over := j.accepts.Changes(); !over.IsZero() && !j.now().Before(over) {
				j.begin() // the plan does not accept any more what it did
				first, changed = true, true
				continue
			}
			j.judge.Advance(j.now())
			j.changes = append(j.changes, j.judge.Look()...)
			changed = changed || len(j.changes) > 0 || j.now().Before(j.until)
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
		v, n := j.say(shown, first)
		f.post(f.ctx, func() { told(v, n) })
		first, changed, resting = false, false, true
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
	j.handed.add(row, r, j.judge.EventOf)
	j.counts.upTo = row
	switch r.Kind {
	case record.Call:
		if r.Simulated {
			j.counts.simulated++
		} else {
			j.counts.calls++
		}
	case record.Gap:
		j.counts.gaps++
	case record.Hit:
		if j.went == nil {
			j.went = map[string]bool{}
		}
		for _, id := range r.Handed.Calls {
			j.went[id] = true
		}
	}
	var m mark
	for _, one := range found {
		by := j.accepts.By(j.handed.found(one, r))
		if by == nil {
			j.counts.findings[one.Severity.Rank()]++
		} else {
			m |= accepted
		}
		groupOf(j.own, one, by).add(row, one, r.Time)
	}
	if len(found) > 0 {
		m |= hasOwn
	}
	if !slices.Equal(found, r.Findings) {
		m |= redone
	}
	if r.Kind == record.Hit {
		m |= ofHit
	}
	if r.Simulated {
		m |= ofTester
	}
	j.marks = append(j.marks, m)
}

// say makes the verdicts, with what a view needs, and tells what has changed.
func (j *judge) say(shown view, first bool) (*verdicts, news) {
	n := news{first, j.marks, append(j.changes, j.judge.Look()...), j.went}
	j.said++
	j.marks, j.changes, j.went = nil, nil, nil
	v := &verdicts{counts: j.counts, said: j.said, view: shown}
	for rank, count := range j.judge.Counts() {
		v.findings[rank] += count
	}
	if accepts := j.accepts.Clone(); accepts.Any() {
		for f := range j.judge.All() {
			if accepts.By(f) != nil {
				v.findings[f.Severity.Rank()]--
			}
		}
		for _, f := range j.expired(accepts) {
			v.findings[f.Severity.Rank()]++
		}
	}
	j.until = time.Time{}
	if of := j.kinds[shown].content; of != nil {
		v.content = of(j)
		j.until = v.content.changesUntil()
	}
	return v, n
}

// expired are the acceptances that are over or in vain, once anything was recorded.
func (j *judge) expired(accepts *journey.Accepting) []journey.Finding {
	if j.counts.upTo == 0 {
		return nil
	}
	return accepts.Expired()
}

// A spot is what findings are grouped by.
type spot struct {
	rule, at string
	by       *plan.Acceptance // the plan accepts them, nil if it does not
}

// A group is the findings of one rule at one place.
type group struct {
	spot
	severity    record.Severity // the worst
	count       int
	first, last record.Time
	newest      record.Finding
	row         int64 // of the newest
}

// maxGroups bounds the places that are told apart: a page may name its fields
// as it likes.
const maxGroups = 2000

// otherPlaces is the place of all that are too many.
const otherPlaces = "…"

// groupOf finds or makes a finding's group.
func groupOf(groups map[spot]*group, f record.Finding, by *plan.Acceptance) *group {
	key := spot{f.Rule, anyElement(f.At), by}
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
	if !at.IsZero() && (g.first.IsZero() || at.Before(g.first.Time)) {
		g.first = at
	}
	if !at.Before(g.last.Time) {
		g.last = at
	}
	g.count++
	if row >= g.row {
		g.newest, g.row = f, row
	}
}

// groups are all groups, the worst and then the most frequent first, and behind them
// those that the plan accepts.
func (j *judge) groups() []group {
	more, accepts := map[spot]*group{}, j.accepts.Clone()
	for f := range j.judge.All() {
		groupOf(more, f.Finding, accepts.By(f)).add(f.Order(), f.Finding, f.Time)
	}
	for _, f := range j.expired(accepts) {
		groupOf(more, f.Finding, nil).add(f.Order(), f.Finding, f.Time)
	}
	var all []group
	for key, g := range j.own {
		one := *g
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
		if (a.by == nil) != (b.by == nil) {
			return map[bool]int{true: -1, false: 1}[a.by == nil]
		}
		return cmp.Or(b.severity.Rank()-a.severity.Rank(), cmp.Compare(b.count, a.count), cmp.Compare(a.rule, b.rule), cmp.Compare(a.at, b.at))
	})
	return all
}

// join adds what another group has: a rule can be judged on single records and
// on journeys.
func (g *group) join(other *group) {
	g.count += other.count
	if other.severity.Rank() > g.severity.Rank() {
		g.severity = other.severity
	}
	if !other.first.IsZero() && other.first.Before(g.first.Time) {
		g.first = other.first
	}
	if other.last.After(g.last.Time) {
		g.last = other.last
	}
	if other.row > g.row {
		g.newest, g.row = other.newest, other.row
	}
}
