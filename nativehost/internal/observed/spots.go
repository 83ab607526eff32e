package observed

import (
	"fmt"
	"math"
	"slices"
	"time"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/words"
)

// Spot is a stretch of time in which a document may have made calls that nobody saw. It lies
// between two records, which are not part of it.
type Spot struct {
	Document *Document
	From, To point // To is endless for a spot that has not ended
	Why      string
}

// FromStart tells whether the spot is what came before a document was seen.
func (s Spot) FromStart() bool { return s.From.time == math.MinInt64 }

// Until is the end of the spot, as the clock says.
func (s Spot) Until() int64 { return s.To.time }

// endless is the To of a spot that has not ended.
var endless = point{MaxSeq, math.MaxInt64}

// Spots are all spots of the document, in the order in which they began.
func (d *Document) Spots() []Spot {
	if d.spotsKnown {
		return d.spots
	}
	d.spots, d.spotsKnown = nil, true
	add := func(from, to point, why string, args ...any) {
		if n := len(d.spots); n > 0 && d.spots[n-1].To == from && d.spots[n-1].Why == why {
			d.spots[n-1].To = to // it goes on where the one before ended
			return
		}
		d.spots = append(d.spots, Spot{d, from, to, fmt.Sprintf(why, args...)})
	}
	switch first := d.first(); {
	case d.late:
		add(point{0, math.MinInt64}, first, "the page was open before the extension was there")
	case d.cut():
		add(point{0, math.MinInt64}, first, "the page's first records are not there")
	}
	for i := 1; i < len(d.runs); i++ {
		if a, b := d.runs[i-1].high, d.runs[i].low; a.seq+1 < b.seq {
			add(a, b, "records %d to %d of a page are not there, from %s on", a.seq+1, b.seq-1, clock(a.time))
		}
	}
	var blind *event
	for i, e := range d.events {
		at := point{e.seq, e.time}
		switch e.kind {
		case lost:
			if e.paused {
				add(e.from, at, "the tab was paused from %s", clock(e.from.time))
			} else {
				add(e.from, at, "calls were lost from %s: %s", clock(e.from.time), words.OneLine(e.text))
			}
		case missed:
			add(e.from, at, "the script that defines the site's function calls it too, and those calls cannot be seen")
		case hidden:
			if blind == nil {
				blind = &d.events[i]
			}
		}
		if blind != nil && (e.kind == visible || e.kind == missed) {
			add(blind.from, at, "%s", blind.unseen())
			blind = nil
		}
	}
	if blind != nil {
		add(blind.from, endless, "%s", blind.unseen())
	}
	return d.spots
}

func (e *event) unseen() string {
	return fmt.Sprintf("from %s on calls of the site's function could not be seen: %s", clock(e.time), words.OneLine(e.text))
}

func clock(ms int64) string { return record.At(time.UnixMilli(ms)).String() }

// changed notes that spots of the document between these times have changed, so that
// verdicts which rest on them are made again.
func (d *Document) changed(from, to int64) {
	d.spotsKnown = false
	if p := d.Place; p != nil {
		if n := len(p.changed); n > 0 && n >= maxChanged {
			p.changed[0] = window{min(p.changed[0].from, from), max(p.changed[0].to, to)}
			return
		}
		p.changed = append(p.changed, window{from, to})
	}
}

// maxChanged bounds how many windows are kept apart.
const maxChanged = 16

// Changed returns in which times spots have changed since its last call.
func (p *Place) Changed() (touches func(from, to int64) bool, changed bool) {
	windows := p.changed
	p.changed = nil
	return func(from, to int64) bool {
		return slices.ContainsFunc(windows, func(w window) bool { return w.from <= to && w.to >= from })
	}, len(windows) > 0
}

// Visit is one contact's journey, as far as claims about it need to know.
type Visit struct {
	Place       *Place
	Documents   []*Document // those in which its calls were made
	Contacts    []uint32    // client_uuids, interned; none where they are not known
	First, Last int64       // the times of its first and last call, by the clock
}

// Spots are those in which calls of the visit may have been made: in its documents,
// and in others of its tabs or contacts around that time. A document whose calls name no
// contact may be any contact's.
func (v Visit) Spots() []Spot {
	var all []Spot
	for _, d := range v.Documents {
		all = append(all, d.Spots()...)
	}
	first, last := v.straight()
	for _, d := range v.Place.blindAround(min(v.First, first)-Silence, max(v.Last, last)+Silence) {
		if slices.Contains(v.Documents, d) || !v.shares(d) {
			continue
		}
		for _, s := range d.Spots() {
			if s.FromStart() && d.late && !v.beside(d) {
				continue // it was left; if the chat went on, that shows as conversation_resume
			}
			if s.To.time >= v.First-Silence || d.straight(s.To) >= first-Silence {
				all = append(all, s)
			}
		}
	}
	return all
}

// beside tells whether a document was open in another tab when the visit was first seen.
func (v Visit) beside(d *Document) bool {
	sameTab := slices.ContainsFunc(v.Documents, func(own *Document) bool { return d.Tab >= 0 && own.Tab == d.Tab })
	first, _ := v.straight()
	return !sameTab && (d.openAt(v.First, func(p point) int64 { return p.time }) || d.openAt(first, d.straight))
}

// straight is the earliest beginning and the latest end of the visit, on a clock that was
// never put back.
func (v Visit) straight() (first, last int64) {
	low, high := int64(math.MaxInt64), int64(0)
	for _, d := range v.Documents {
		for _, r := range d.runs {
			low, high = min(low, r.back), max(high, r.back)
		}
	}
	if low > high {
		low = 0
	}
	return v.First + low, v.Last + high
}

// shares tells whether calls in a document may belong to the visit.
func (v Visit) shares(d *Document) bool {
	if len(d.contacts) == 0 || len(v.Contacts) == 0 || len(d.contacts) == maxContacts {
		return true
	}
	if slices.ContainsFunc(v.Contacts, func(c uint32) bool { return slices.Contains(d.contacts, c) }) {
		return true
	}
	return d.Tab >= 0 && slices.ContainsFunc(v.Documents, func(own *Document) bool { return own.Tab == d.Tab })
}

// halfHour is the length, in ms, of the slots by which documents with spots are found.
const halfHour = 30 * 60_000

// maxHalfHours is in how many slots one spot is noted at most.
const maxHalfHours = 500

// blinded notes that the document has a spot, in which calls may not have been recorded,
// between these times.
func (d *Document) blinded(from, to int64) {
	from, to = min(from, to), max(from, to)
	if n := len(d.runs); n > 0 {
		to += d.runs[n-1].back // on a clock that was never put back, it may be that much later
	}
	d.changed(from-Silence, to+Silence)
	for h := to / halfHour; h >= from/halfHour && h > to/halfHour-maxHalfHours; h-- {
		if d.blindIn[h] {
			continue
		}
		if d.blindIn == nil {
			d.blindIn = map[int64]bool{}
		}
		d.blindIn[h] = true
		d.Place.blind[h] = append(d.Place.blind[h], d)
	}
}

// blindAround are the documents with spots between two times, each once.
func (p *Place) blindAround(from, to int64) (all []*Document) {
	if len(p.blind) == 0 {
		return nil
	}
	found := map[*Document]bool{}
	take := func(documents []*Document) {
		for _, d := range documents {
			if !found[d] && d.Place == p {
				found[d] = true
				all = append(all, d)
			}
		}
	}
	if to/halfHour-from/halfHour > int64(len(p.blind)) {
		for h, documents := range p.blind {
			if from/halfHour <= h && h <= to/halfHour {
				take(documents)
			}
		}
	} else {
		for h := from / halfHour; h <= to/halfHour; h++ {
			take(p.blind[h])
		}
	}
	slices.SortFunc(all, func(a, b *Document) int { return a.Number - b.Number })
	return all
}

// Before finds a spot in which something may have happened before a moment, or so
// soon after it that it may have come first.
func Before(spots []Spot, m Moment) *Spot {
	for i, s := range spots {
		if s.begins(m, Tolerance) {
			return &spots[i]
		}
	}
	return nil
}

// Around finds a spot in which something may have happened between a short time before a
// moment and ms after it.
func Around(spots []Spot, m Moment, ms int64) *Spot {
	for i, s := range spots {
		if s.begins(m, ms) && !s.ended(m) {
			return &spots[i]
		}
	}
	return nil
}

// begins tells whether the spot may begin before ms have passed after a moment.
func (s Spot) begins(m Moment, ms int64) bool {
	if d := s.Document; d == m.Document {
		from := Moment{Document: d, Seq: s.From.seq, Time: s.From.time}
		return s.From.seq <= m.Seq || d.Local(from)-d.Local(m) < ms || d.mayRest() && Awake(m, from) < ms
	}
	if s.From.time-m.Document.machine.silent(m.Time, s.From.time) < m.Time+ms {
		return true
	}
	return s.From.time < m.Time+ms || s.Document.straight(s.From) < m.straight()+ms
}

// ended tells whether the spot was surely over before a moment.
func (s Spot) ended(m Moment) bool {
	if d := s.Document; d == m.Document {
		return s.To.seq < m.Seq && d.Local(m)-d.Local(Moment{Seq: s.To.seq, Time: s.To.time}) >= Tolerance
	}
	return s.To.time <= m.Time-Tolerance && s.Document.straight(s.To) <= m.straight()-Tolerance
}

// straight is the moment's time by a clock that was never put back.
func (m Moment) straight() int64 { return m.Document.straight(point{m.Seq, m.Time}) }
