package observed

import (
	"slices"
	"strconv"
	"strings"

	"userlike-inspector/nativehost/internal/record"
)

// Document is what is known of one document in a browser.
type Document struct {
	ID     string
	Number int // in the order in which documents were first seen
	Tab    int // -1 for none
	Sub    bool
	Place  *Place

	profile, site string
	machine       *machine
	late          bool  // it was there before the extension
	marks         int   // how many marks there were when the document was last heard of
	runs          []run // in the order of seq
	events        []event
	full          point // the newest record with a whole address; while paused, addresses are cut
	returned      bool  // it was left and came back from the back/forward cache
	hidden        bool  // calls of its function cannot be seen now
	contacts      []uint32
	stayed        int64 // until this local time it was surely open: see Watch

	spotsKnown bool
	spots      []Spot
	blindIn    map[int64]bool
}

// point is the seq and time of a record.
type point struct {
	seq  uint32
	time int64
}

// run is a series of records without a hole in their numbers, in which the clock never goes
// back.
type run struct {
	low, high point
	rank      uint32 // of its first record, as in Moment
	shift     int64  // by how much the clock had been put back before the run, as this document's records show
	steps     int32  // how often that was
	back      int64  // the same, as all records of the machine show
}

// event is something that changes what can be seen of a document.
type event struct {
	seq    uint32
	kind   eventKind
	from   point // the record before
	time   int64
	text   string
	paused bool
}

type eventKind uint8

const (
	opened  eventKind = iota
	closed            // or left for the back/forward cache
	lost              // calls were lost
	hidden            // the site's function cannot be watched from now on
	visible           // it can be watched again
	missed            // calls in the run that defined it were not seen
)

// Profile is the profile of the document's browser, "" if it is not known.
func (d *Document) Profile() string { return d.profile }

// add takes in a record of the document.
func (d *Document) add(l *Log, r *record.Record, order uint32) Moment {
	m := Moment{Document: d, Seq: uint32(min(r.Seq, MaxSeq)), Rank: order, Time: r.Time.UnixMilli()}
	if r.AboutHits() {
		return m // it has no number, and tells nothing of the document's life
	}
	counted := true // the number says where in the document the record belongs
	if r.Kind == record.Gap {
		n, err := strconv.ParseInt(strings.TrimPrefix(r.ID, d.ID+"/"), 10, 64)
		if counted = err == nil && n > 0; counted {
			m.Seq = uint32(min(n, MaxSeq))
		}
	}
	if r.HookedFromStart != nil && !*r.HookedFromStart && !d.late {
		d.late = true
		d.changed(0, m.Time)
	}
	previous := point{}
	if counted && m.Seq > 0 {
		newest := len(d.runs) == 0 || m.Seq > d.runs[len(d.runs)-1].high.seq
		soon := newest && (r.Received == nil || r.Received.Sub(r.Time.Time).Milliseconds() <= timely)
		d.machine.hear(m.Time, soon)
		previous = d.insert(l, &m)
		if newest {
			d.spell(r, point{m.Seq, m.Time})
		}
	} else if n := len(d.runs); n > 0 {
		previous = d.runs[n-1].high
	}
	d.marks = l.marks
	if d.hidden {
		d.blinded(m.Time, m.Time)
	}
	d.report(r, m, previous, counted)
	return m
}

// spell notes the newest record with a whole address. An address without even the "/" of the
// path was cut, because recording is paused.
func (d *Document) spell(r *record.Record, at point) {
	_, rest, ok := strings.Cut(r.URL, "://")
	if cut := ok && !strings.ContainsAny(rest, "/?#"); !cut {
		d.full = at
	}
}

// insert puts a record into its run, sets its rank and returns the record before it.
func (d *Document) insert(l *Log, m *Moment) (previous point) {
	at := point{m.Seq, m.Time}
	i := len(d.runs)
	for i > 0 && d.runs[i-1].low.seq > at.seq {
		i--
	}
	// The record belongs behind run i-1, or into it.
	if i > 0 {
		before := &d.runs[i-1]
		previous = before.high
		if at.seq <= before.high.seq {
			before.high.time = max(before.high.time, at.time) // beyond MaxSeq all have the same number
			return previous
		}
		// A mark may have been numbered among them.
		explained := i == len(d.runs) && int(at.seq-before.high.seq-1) <= l.marks-d.marks
		if i < len(d.runs) {
			m.Rank = d.runs[i].rank
		}
		if (at.seq == before.high.seq+1 || explained) && at.time >= before.high.time {
			before.high = at
			d.join(i)
			return previous
		}
		if explained {
			before.high.seq = at.seq - 1
		}
	} else {
		if i < len(d.runs) {
			m.Rank = d.runs[i].rank
		}
		if at.seq > 1 {
			d.blinded(at.time, at.time) // the first records are missing; they may still come
		}
	}
	d.runs = slices.Insert(d.runs, i, run{low: at, high: at, rank: m.Rank, back: d.machine.back})
	d.spotsKnown = false
	d.join(i + 1)
	d.reckon(i)
	if i > 0 {
		d.blinded(previous.time, at.time) // numbers are missing, or the clock was put back
	}
	return previous
}

// join merges the runs i-1 and i where nothing is missing between them.
func (d *Document) join(i int) {
	if i == 0 || i >= len(d.runs) {
		return
	}
	a, b := &d.runs[i-1], d.runs[i]
	if a.high.seq+1 != b.low.seq {
		return
	}
	d.changed(a.high.time, b.low.time)
	if a.high.time <= b.low.time {
		a.high = b.high
		d.runs = slices.Delete(d.runs, i, i+1)
	}
	d.reckon(i)
}

// reckon computes shift, steps and back, from one run on.
func (d *Document) reckon(from int) {
	for i := from; i < len(d.runs); i++ {
		r := &d.runs[i]
		r.shift, r.steps = 0, 0
		if i == 0 {
			continue
		}
		before := d.runs[i-1]
		r.shift, r.steps = before.shift, before.steps
		if back := before.high.time - r.low.time; back > 0 {
			r.shift, r.steps = r.shift+back, r.steps+1
		}
	}
}

// runOf is the run that a seq is in.
func (d *Document) runOf(seq uint32) run {
	if n := len(d.runs); n == 0 || d.runs[n-1].low.seq <= seq {
		if n == 0 {
			return run{}
		}
		return d.runs[n-1]
	}
	i, found := slices.BinarySearchFunc(d.runs, seq, func(r run, seq uint32) int { return sign(int64(r.low.seq) - int64(seq)) })
	if !found && i > 0 {
		i--
	}
	return d.runs[i]
}

// Local is the time of a moment on the document's own clock, which is corrected so that it
// never goes back.
func (d *Document) Local(m Moment) int64 { return m.Time + d.runOf(m.Seq).shift }

// straight is the time of a point on a clock that was never put back. By how much the real
// clock was put back is known from all records of the machine.
func (d *Document) straight(p point) int64 {
	if p == endless {
		return p.time
	}
	return p.time + d.runOf(p.seq).back
}

// first and last are the earliest and the latest record of the document, by seq.
func (d *Document) first() point {
	if len(d.runs) == 0 {
		return point{}
	}
	return d.runs[0].low
}

func (d *Document) last() point {
	if len(d.runs) == 0 {
		return point{}
	}
	return d.runs[len(d.runs)-1].high
}

// Latest is the latest local time at which the document is known to have been open.
func (d *Document) Latest() int64 {
	n := len(d.runs)
	if n == 0 {
		return 0
	}
	last := d.runs[n-1]
	if !d.Ended() {
		return max(last.high.time, d.stayed) + last.shift
	}
	return last.high.time + last.shift
}

// report takes in records that change which calls can be seen.
func (d *Document) report(r *record.Record, m Moment, previous point, counted bool) {
	e := event{seq: m.Seq, from: previous, time: m.Time}
	switch r.Kind {
	case record.Page:
		switch r.Event {
		case record.Opened:
			e.kind = opened
		case record.Closed:
			e.kind = closed
		default:
			return
		}
	case record.Gap:
		if !counted {
			return // the numbers that are missing say it
		}
		e.kind, e.text, e.paused = lost, string(r.Why), r.Why == record.PausedByTester
		if e.paused && d.full.seq < e.from.seq {
			e.from = d.full // it may have been paused since the last whole address
		}
	case record.Handler:
		switch {
		case r.State == record.NotWritable || r.State == record.Shadowed:
			e.kind, e.text = hidden, r.Text
		case r.HidesCalls():
			e.kind = missed
		default:
			e.kind = visible
		}
	default:
		return
	}
	if e.from == (point{}) {
		e.from.time = min(d.first().time, e.time) // it was not there before
	}
	i := len(d.events)
	for i > 0 && d.events[i-1].seq > e.seq {
		i--
	}
	d.events = slices.Insert(d.events, i, e)
	d.returned = d.returned || e.kind == closed && i < len(d.events)-1 || i > 0 && d.events[i-1].kind == closed
	switch e.kind {
	case closed, opened:
		d.changed(d.first().time, e.time) // other visits may have begun while it was open
	default:
		d.hidden = e.kind == hidden || d.hidden && e.kind != visible && e.kind != missed
		d.blinded(e.from.time, e.time)
	}
}

// Ended tells whether the document was left, and has not come back.
func (d *Document) Ended() bool {
	for i := len(d.events) - 1; i >= 0; i-- {
		switch d.events[i].kind {
		case closed:
			return true
		case opened:
			return false
		}
	}
	return false
}

// Lives tells whether the recording would show the end of the document: it has page records,
// or its first records, which may have been page records, are missing. A recording without
// page records never shows an end.
func (d *Document) Lives() bool {
	return d.cut() || slices.ContainsFunc(d.events, func(e event) bool { return e.kind == opened || e.kind == closed })
}

// Watch notes that the document was open at a local time: it had not been left when the
// judge's own clock showed that time.
func (d *Document) Watch(at int64) { d.stayed = max(d.stayed, at) }

// leaves calls f with the local times at which the document was left and came back; to is -1
// if it never came back.
func (d *Document) leaves(f func(from, to int64) (goOn bool)) {
	from, gone := int64(0), false
	for _, e := range d.events {
		t := d.Local(Moment{Seq: e.seq, Time: e.time})
		switch {
		case e.kind == closed && !gone:
			from, gone = t, true
		case e.kind == opened && gone:
			gone = false
			if !f(from, t) {
				return
			}
		}
	}
	if gone {
		f(from, -1)
	}
}

// mayRest tells whether the document may have been in the back/forward cache, or the
// machine asleep.
func (d *Document) mayRest() bool { return d.returned || len(d.machine.silences) > 0 }

// away is for how long the document was in the back/forward cache between two local times.
func (d *Document) away(from, to int64) (sum int64) {
	d.leaves(func(left, back int64) bool {
		if back < 0 || back > to {
			back = to
		}
		if left < to && back > from {
			sum += back - max(left, from)
		}
		return left < to
	})
	return sum
}

// OpenAfter is for how long after a moment the document surely stayed open, until it was
// left for the first time.
func (d *Document) OpenAfter(m Moment) int64 {
	at := d.Local(m)
	until := d.Latest()
	d.leaves(func(left, _ int64) bool {
		if left >= at {
			until = min(until, left)
		}
		return left < at
	})
	return max(0, until-at)
}

// OpenInAll is OpenAfter, but also counts the time after it came back.
func (d *Document) OpenInAll(m Moment) int64 {
	at, until := d.Local(m), d.Latest()
	return max(0, until-at-d.away(at, until))
}

// LifeAfter is for how long the document was open, if it was first seen after a time of the
// clock; else 0.
func (d *Document) LifeAfter(t int64) int64 {
	if n := len(d.runs); n == 0 || d.first().time < t {
		return 0
	}
	from, until := d.first().time, d.Latest()
	return max(0, until-from-d.away(from, until))
}

// openBefore is for how long the document had been open at a moment, since it was opened or
// since it came back.
func (d *Document) openBefore(m Moment) int64 {
	at := d.Local(m)
	from := d.first().time
	d.leaves(func(_, back int64) bool {
		if back >= 0 && back <= at {
			from = back
		}
		return back >= 0 && back <= at
	})
	return max(0, at-from)
}

// OpenAt tells whether the document may have been open at a moment of another document: it
// had been seen before and not left, or it was seen again later.
func (d *Document) OpenAt(m Moment) bool {
	return d.openAt(m.Time, func(p point) int64 { return p.time }) || d.openAt(m.straight(), d.straight)
}

func (d *Document) openAt(t int64, when func(point) int64) bool {
	first, last := when(d.first()), when(d.last())
	if len(d.runs) == 0 || first > t {
		return false
	}
	if d.Ended() {
		return t < last
	}
	return t < last+Silence
}

// FromStart tells whether the document was recorded from its start.
func (d *Document) FromStart() bool { return !d.late && !d.cut() }

// Late tells whether the document was there before the extension.
func (d *Document) Late() bool { return d.late }

// cut tells whether its first records are not there.
func (d *Document) cut() bool {
	first := d.first().seq
	return first > 1
}

// Met notes that a call of the document names a contact.
func (d *Document) Met(contact uint32) {
	if contact != 0 && len(d.contacts) < maxContacts && !slices.Contains(d.contacts, contact) {
		d.contacts = append(d.contacts, contact)
	}
}

// maxContacts bounds how many are told apart in a document.
const maxContacts = 100

// Left tells whether the document was left between two times of the clock.
func (d *Document) Left(from, to int64) bool {
	for _, e := range d.events {
		if e.kind == closed && from <= e.time && e.time < to {
			return true
		}
	}
	return false
}

// Leaves are the local times at which the document was left.
func (d *Document) Leaves() (all []int64) {
	for _, e := range d.events {
		if e.kind == closed {
			all = append(all, d.Local(Moment{Seq: e.seq, Time: e.time}))
		}
	}
	return all
}

// Torn tells whether records in the middle of the document are missing.
func (d *Document) Torn() bool {
	for i := 1; i < len(d.runs); i++ {
		if d.runs[i-1].high.seq+1 < d.runs[i].low.seq {
			return true
		}
	}
	return false
}
