package tui

import (
	"context"
	"slices"
	"time"

	"userlike-inspector/nativehost/internal/filter"
	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/store"
)

const (
	// judgedAtOnce is how many records are judged before the judge looks again at what the
	// loop wants.
	judgedAtOnce = 100

	// The judge rests between two verdicts, so that it does not take all the processor's
	// time while records keep coming: at least for leastRest, and restFactor times as long
	// as the verdicts took to make, because that grows with the recording.
	leastRest  = 50 * time.Millisecond
	restFactor = 4

	// judgedSoon is how long after it began anew the judge shows nothing as long as it is
	// not through the recording. Boards that are nearly empty at first would only flicker.
	judgedSoon = 300 * time.Millisecond

	// lookAgain is how often the judge looks for verdicts that change by time alone.
	lookAgain = time.Second
)

// counts are the numbers in the header. They are about the scope.
type counts struct {
	upTo      int64 // the last row that was counted
	calls     int   // without the simulated ones, as in reports
	simulated int   // simulated calls
	gaps      int
	findings  [4]int // by the rank of their severity
	pending   int    // findings that may still be found
}

// verdicts is what the judge has made of all rows up to one. The judge hands it to the loop
// and does not change it afterwards.
type verdicts struct {
	counts
	version int // grows by one each time, to tell whether something was read before or after

	labels filter.Marks // all marks, whether they are in the scope or not

	look    look     // what the content and the demands are for
	content content  // nil for the events
	demands []demand // of the plan, on the visit that is looked at
}

// A look is what the user looks at.
type look struct {
	view  view
	visit string // whose events are listed as a sequence, "" for none
}

// A judge goes through the recording in the background and follows it as it grows. All of it
// belongs to its own goroutine, run, but for the channels and the hit index.
type judge struct {
	inspector *inspect.Inspector // judges single records
	now       func() time.Time
	kinds     []viewKind

	// What the loop and the feed tell the judge, or ask of it.
	grown     chan int64              // the store's last row, when it has grown
	asked     chan struct{}           // asks for values to suggest
	looks     chan look               // what the user looks at
	fresh     chan *inspect.Inspector // judge everything anew by this one
	scopes    chan scope              // look at another scope
	asks      chan ask
	visitAsks chan visitAsk

	visits *journey.Judge // judges visits
	judged int64          // the last row that it has judged
	told   int64          // the last row that the loop has been told of

	// How far it has come since the scope was chosen, or it began anew: at the start, or for
	// another plan.
	scope    scope
	began    time.Time
	settled  bool          // everything that was there has been looked at once
	took     time.Duration // how long that took
	outdated bool          // new findings may have changed what the scope's filter lets through

	// What it knows by now.
	accepts *journey.Accepting  // what the plan accepts, and what of that was used by findings on single records
	counts  counts              // of findings, only those on single records
	own     map[groupKey]*group // the findings on single records
	ranks   []byte              // by row: the rank of the worst finding on the record alone that the plan does not accept
	sources sources
	hits    hitIndex
	seen    seen

	// What the loop has not been told yet.
	marks   []mark           // of the next rows
	changes []journey.Change // of the findings on visits
	went    map[string]bool  // the ids of calls with new hits

	version int       // of the newest verdicts
	until   time.Time // until then these change by time alone
}

// An ask asks for the findings on visits that are on the rows between two.
type ask struct {
	after, before int64
	answer        chan onRecords
}

// onRecords are findings that take more than one record, and those that may still be found.
type onRecords struct {
	found []journey.Finding
	open  []journey.Unsettled
}

// visitFindings asks the judge for the findings on visits that are on the rows between two, by
// row. The judge and the loop must not call it: the judge would wait for itself, and the loop
// for a judge that may wait for the loop.
func (j *judge) visitFindings(ctx context.Context, after, before int64) map[int64]onRecords {
	q := ask{after, before, make(chan onRecords, 1)}
	select {
	case j.asks <- q:
	case <-ctx.Done():
		return nil
	}
	by, answer := map[int64]onRecords{}, <-q.answer
	for _, f := range answer.found {
		one := by[f.Order()]
		one.found = append(one.found, f)
		by[f.Order()] = one
	}
	for _, o := range answer.open {
		one := by[o.Order()]
		one.open = append(one.open, o)
		by[o.Order()] = one
	}
	return by
}

func newJudge(in *inspect.Inspector, now func() time.Time, kinds []viewKind) *judge {
	return &judge{
		inspector: in, now: now, kinds: kinds,
		grown:     make(chan int64, 1),
		asked:     make(chan struct{}, 1),
		looks:     make(chan look, 1),
		fresh:     make(chan *inspect.Inspector, 1),
		scopes:    make(chan scope, 1),
		asks:      make(chan ask),
		visitAsks: make(chan visitAsk),
		scope:     scope{filter: &filter.Filter{}},
		seen:      newSeen(),
	}
}

// begin forgets everything, to begin anew.
func (j *judge) begin() {
	j.visits, j.judged, j.told, j.changes, j.went = journey.New(j.inspector), 0, 0, nil, nil
	j.hits.begin()
	j.rescope(j.scope)
}

// rescope looks at all records again, for another scope. What was found on visits stays.
func (j *judge) rescope(s scope) {
	j.scope = s
	j.visits.Reselect(s.since, !s.filter.All())
	j.counts, j.own, j.sources = counts{}, map[groupKey]*group{}, sources{}
	j.settled, j.outdated, j.began = false, false, time.Now()
	j.accepts = journey.NewAccepting(j.inspector.Plan(), j.now())
	j.marks, j.ranks = nil, nil
}

// run judges until the feed's context ends. It calls told with new verdicts, knows with values
// to suggest when they are asked for, and failed when the store can't be read, all of them in
// the loop.
func (j *judge) run(f *feed, told func(*verdicts, news), knows func(filter.Known), failed func(error)) {
	j.begin()
	var last int64 // the store's last row
	var shown look
	first, again := true, false // as in the next news
	changed := false            // there is something to tell
	rested := time.NewTimer(0)
	defer rested.Stop()
	looks := time.NewTicker(lookAgain)
	defer looks.Stop()
	resting := true // until rested fires
	for f.ctx.Err() == nil {
		if j.isOutdated(last) {
			j.rescope(j.scope)
			again, changed = true, true
		}
		var work chan struct{} // ready when there is a record to judge or something to tell
		if j.counts.upTo < last || changed && !resting {
			work = closed
		}
		asks := j.asks
		if first {
			asks = nil // the app's marks are of before the new beginning; it needs the new ones first
		}
		select {
		case <-f.ctx.Done():
			return
		case last = <-j.grown:
			continue
		case <-j.asked:
			known := j.knows()
			f.post(f.ctx, func() { knows(known) })
			continue
		case shown = <-j.looks:
			if j.kinds[shown.view].content != nil || shown.visit != "" {
				changed, resting = true, false // the user waits for this view, so don't rest first
			}
			continue
		case j.inspector = <-j.fresh:
			j.begin()
			first, changed = true, true
			continue
		case s := <-j.scopes:
			j.rescope(s)
			again, changed = true, true
			continue
		case <-rested.C:
			resting = false
			continue
		case q := <-asks:
			found, open := j.visits.On(q.after+1, q.before-1)
			q.answer <- onRecords{found, open}
			continue
		case q := <-j.visitAsks:
			v, _ := j.visits.VisitOf(q.row, q.page)
			q.answer <- v
			continue
		case <-looks.C:
			if over := j.accepts.Changes(); !over.IsZero() && !j.now().Before(over) {
				j.begin() // an acceptance of the plan has expired
				first, changed = true, true
				continue
			}
			j.look(last)
			changed = changed || len(j.changes) > 0 || j.now().Before(j.until)
			continue
		case <-work:
		}
		if j.counts.upTo < last {
			if err := j.more(f); err != nil {
				if f.ctx.Err() == nil {
					f.post(f.ctx, func() { failed(err) })
				}
				last = 0 // wait: grown brings the last row again when the store can be read
				continue
			}
			changed = true
		}
		if resting || j.soon(last) {
			continue
		}
		began := time.Now()
		v, n := j.say(shown, last)
		n.first, n.again = first, again
		f.post(f.ctx, func() { told(v, n) })
		first, again, changed, resting = false, false, false, true
		rested.Reset(max(leastRest, restFactor*time.Since(began)))
	}
}

// closed is a channel that a select can always read from.
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

// add judges the next record.
func (j *judge) add(row int64, r *record.Record) {
	part := j.partOf(row, r)
	var found []record.Finding
	if row <= j.judged {
		found = j.visits.Retake(row, r, part)
	} else {
		found, _ = j.visits.Take(r, part)
		j.judged = row
		j.seen.add(row, r)
		j.hits.add(row, r, j.visits.EventOf)
		if r.Kind == record.Hit {
			if j.went == nil {
				j.went = map[string]bool{}
			}
			for _, id := range r.Handed.Calls {
				j.went[id] = true
			}
		}
	}
	j.sources.add(row, r, part == journey.Wanted)
	j.counts.upTo = row
	if part == journey.Wanted {
		j.count(r)
	}
	var m mark
	worst := 0
	for _, one := range found {
		by := j.accepts.By(j.hits.found(one, r))
		if by == nil {
			if m |= openOwn; one.Severity == record.Error {
				m |= ownError
			}
		} else {
			m |= accepted
		}
		if part != journey.Wanted {
			continue
		}
		if by == nil {
			j.counts.findings[one.Severity.Rank()]++
			worst = max(worst, one.Severity.Rank())
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
	if r.Kind == record.Mark {
		m |= ofLabel
	}
	if part != journey.Wanted {
		m |= outside
	}
	j.marks = append(j.marks, m)
	j.ranks = append(j.ranks, byte(worst))
}

// count counts a record that is in the scope.
func (j *judge) count(r *record.Record) {
	switch r.Kind {
	case record.Call:
		if r.Simulated {
			j.counts.simulated++
		} else {
			j.counts.calls++
		}
	case record.Gap:
		j.counts.gaps++
	}
}

// rankOf is the rank of the worst finding on a row's record alone that the plan does not
// accept, 0 for none.
func (j *judge) rankOf(row int64) int {
	if row < 1 || row > int64(len(j.ranks)) {
		return 0
	}
	return int(j.ranks[row-1])
}

// soon tells whether the judge began so recently that a part of the verdicts is not worth
// showing.
func (j *judge) soon(last int64) bool {
	return j.counts.upTo < last && !j.settled && time.Since(j.began) < judgedSoon
}

// say makes the verdicts for the loop, with the content of the shown view, and the news of
// what has changed since the last ones.
func (j *judge) say(shown look, last int64) (*verdicts, news) {
	j.look(last)
	j.version++
	j.told = max(j.told, j.counts.upTo)
	n := news{marks: j.marks, calls: j.went}
	var later []journey.Change // on rows whose marks have not been told
	for _, c := range j.changes {
		if c.Order <= j.told {
			n.changes = append(n.changes, c)
		} else {
			later = append(later, c)
		}
	}
	j.marks, j.changes, j.went = nil, later, nil
	v := &verdicts{counts: j.counts, version: j.version, labels: j.seen.marks(), look: shown}
	for rank, count := range j.visits.Counts() {
		v.findings[rank] += count
	}
	v.pending = j.visits.Unsettled()
	if accepts := j.accepts.Clone(); accepts.Any() {
		open := map[int64]bool{}
		for f := range j.visits.All() {
			if accepts.By(f) != nil {
				v.findings[f.Severity.Rank()]--
			} else {
				open[f.Order()] = true
			}
		}
		n.acceptedByRow = map[int64]bool{}
		for _, c := range n.changes {
			n.acceptedByRow[c.Order] = !open[c.Order]
		}
		for _, f := range j.expired(accepts) {
			v.findings[f.Severity.Rank()]++
		}
	}
	j.until = time.Time{}
	switch of := j.kinds[shown.view].content; {
	case of != nil:
		v.content = of(j)
		j.until = v.content.changesUntil()
	case shown.visit != "":
		if one, ok := j.visits.VisitWith(shown.visit); ok {
			v.demands = demandsOf(one, j.accepts.Clone())
		}
	}
	return v, n
}

// expired are findings on the plan's acceptances: those that are over but still match
// something, and those that match nothing. Without any record, nothing can be said of them.
func (j *judge) expired(accepts *journey.Accepting) []journey.Finding {
	if j.counts.upTo == 0 {
		return nil
	}
	return accepts.Expired()
}
