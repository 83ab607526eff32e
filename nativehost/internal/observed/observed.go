// Package observed knows what could be observed: at which times of a visit every call would
// have been recorded, what came first, and how much time has passed at least. Findings that
// something is missing, too early or too late are checked with it first, so that there is no
// finding about something that could not be seen.
//
// A document is observed from its start, if it was hooked then, until it is closed,
// less the stretches in which calls may have been made unseen: gaps and pauses,
// numbers that are missing, functions that cannot be watched.
//
// Computers' clocks are sometimes put back. Within a document, seq gives the order, and where
// the clock goes back, no time counts as passed. Between documents, arrival gives the order;
// if the clock contradicts it, the order is unknown.
package observed

import (
	"math"
	"slices"

	"userlike-inspector/nativehost/internal/record"
)

// All times are in ms.
const (
	// Tolerance is how far apart two things must be for their order to be certain.
	Tolerance = 1000
	// Silence is the pause after which the machine may have been asleep. A document that
	// was last heard of so long ago does not belong to a visit any more.
	Silence = 30 * 60_000
	// MaxFollowed and MaxTabFollowed are how many calls of a browser, and of one of its
	// tabs, the host keeps at once to find out which of them a hit belongs to. It keeps each
	// for up to FollowedFor. If there are more, the oldest are dropped, and hits of these
	// are no longer found.
	MaxFollowed, MaxTabFollowed = 20_000, 10_000
	FollowedFor                 = 3 * 60_000
	// timely is how long a record takes at most to reach the host, unless something delays
	// it.
	timely = 5000
	// MaxSeq is the greatest seq; records with greater ones are taken to have this one.
	MaxSeq = math.MaxUint32
)

// Log is what was observed in a recording. The zero value is an empty one.
type Log struct {
	documents map[string]*Document
	machines  map[string]*machine // by the browser's profile
	places    map[Key]*Place
	marks     int
}

// Key names a site in one browser profile.
type Key struct{ Profile, Site string }

// Place is a site in one browser profile, with all documents of its contacts.
type Place struct {
	Key
	blind   map[int64][]*Document // documents with spots, by the half hours in which the spots are
	changed []window              // times in which spots have changed: see Changed
}

// window is a stretch of time.
type window struct{ from, to int64 }

// Moment is a record's place among the others.
type Moment struct {
	Document *Document
	Seq      uint32
	Rank     uint32 // the order of arrival, but never higher than that of a later record of the document
	Time     int64  // as the clock says
}

// Mark notes a mark, which is of no document.
func (l *Log) Mark(r *record.Record) {
	l.marks++
	for _, m := range l.machines {
		m.hear(r.Time.UnixMilli(), true)
	}
}

// Add takes in a record of a document. Order counts the records.
func (l *Log) Add(r *record.Record, order uint32) Moment {
	d := l.document(r)
	return d.add(l, r, order)
}

func (l *Log) document(r *record.Record) *Document {
	id := r.DocumentID()
	d := l.documents[id]
	if d == nil {
		if l.documents == nil {
			l.documents, l.machines, l.places = map[string]*Document{}, map[string]*machine{}, map[Key]*Place{}
		}
		d = &Document{ID: id, Number: len(l.documents), Tab: -1, marks: l.marks}
		l.documents[id] = d
	}
	if r.Browser != nil && d.profile == "" {
		d.profile = r.Browser.Profile
	}
	if site := SiteOf(r); site != "" {
		d.site = site
	}
	if r.Tab != nil {
		d.Tab = *r.Tab
	}
	d.Sub = d.Sub || r.Frame != nil && *r.Frame != 0
	if p := l.place(d.profile, d.site); d.Place != p {
		d.Place, d.blindIn = p, nil // a site that is known late holds for the whole document
		for _, s := range d.Spots() {
			d.blinded(max(s.From.time, 0), min(s.To.time, d.last().time))
		}
	}
	if m := l.machines[d.profile]; d.machine == nil || d.machine != m {
		if m == nil {
			m = &machine{}
			l.machines[d.profile] = m
		}
		d.machine = m
	}
	return d
}

func (l *Log) place(profile, site string) *Place {
	key := Key{profile, site}
	p := l.places[key]
	if p == nil {
		p = &Place{Key: key, blind: map[int64][]*Document{}}
		l.places[key] = p
	}
	return p
}

// PlaceOf is where a record's call was made: on the site of its own address, or
// where its document is if it has none.
func (l *Log) PlaceOf(r *record.Record, d *Document) *Place {
	if site := SiteOf(r); site != "" && site != d.site {
		return l.place(d.profile, site)
	}
	return d.Place
}

// machine is what is known of the computer's clock from one browser's records.
type machine struct {
	any      bool
	earliest int64
	latest   int64
	back     int64    // by how much its clock has been put back so far
	silences []window // pauses in which it may have been asleep, in the order of their times
}

// hear notes that a record was made at a time. soon says that it arrived without delay.
func (m *machine) hear(t int64, soon bool) {
	switch {
	case !m.any:
		m.any, m.earliest, m.latest = true, t, t
		return
	case t < m.earliest:
		if m.earliest-t > Silence {
			m.silences = slices.Insert(m.silences, 0, window{t, m.earliest})
		}
		m.earliest = t
	case t > m.latest:
		if t-m.latest > Silence {
			m.silences = append(m.silences, window{m.latest, t})
		}
		m.latest = t
		return
	}
	// It was not silent then.
	for i := len(m.silences) - 1; i >= 0; i-- {
		s := m.silences[i]
		if t <= s.from || t >= s.to {
			continue
		}
		var parts []window
		for _, part := range []window{{s.from, t}, {t, s.to}} {
			if part.to-part.from > Silence {
				parts = append(parts, part)
			}
		}
		m.silences = slices.Replace(m.silences, i, i+1, parts...)
		break
	}
	if soon {
		if back := m.latest - t; back > timely {
			m.back += back
		}
		m.latest = t // the clock was put back
	}
}

// silent is for how long the machine may have been asleep between two times.
func (m *machine) silent(from, to int64) (sum int64) {
	for i := len(m.silences) - 1; i >= 0; i-- {
		if s := m.silences[i]; s.from < to && s.to > from {
			sum += min(s.to, to) - max(s.from, from)
		}
	}
	return sum
}

// Elapsed is how much time has passed at least between two moments; it is negative
// where the second may have come first.
func Elapsed(a, b Moment) int64 {
	if a.Document == b.Document {
		if b.Seq < a.Seq {
			return min(-1, a.Document.Local(b)-a.Document.Local(a))
		}
		return a.Document.Local(b) - a.Document.Local(a)
	}
	passed := b.Time - a.Time
	if b.Before(a) {
		return min(-1, passed)
	}
	return passed
}

// SameClock tells whether the clock was not put back between two moments of one document, so
// that exactly as much time has passed as it says.
func SameClock(a, b Moment) bool {
	return a.Document.runOf(a.Seq).steps == b.Document.runOf(b.Seq).steps
}

// Before tells whether a came before b by seq, or by the arrival of their documents.
func (a Moment) Before(b Moment) bool { return a.Compare(b) < 0 }

// Compare orders moments by seq, and by the arrival of their documents.
func (a Moment) Compare(b Moment) int {
	switch {
	case a.Rank != b.Rank:
		return sign(int64(a.Rank) - int64(b.Rank))
	case a.Document != b.Document:
		return sign(int64(a.Document.Number) - int64(b.Document.Number))
	}
	return sign(int64(a.Seq) - int64(b.Seq))
}

func sign(n int64) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	}
	return 0
}

// Awake is Elapsed without the time in which the pages of both moments were not
// there, such as in the back/forward cache, or the machine may have slept.
func Awake(a, b Moment) int64 {
	passed := Elapsed(a, b)
	if passed <= 0 {
		return passed
	}
	if a.Document == b.Document {
		passed -= a.Document.away(a.Document.Local(a), a.Document.Local(b))
	} else {
		passed = min(passed, a.Document.OpenAfter(a)+b.Document.openBefore(b))
	}
	return passed - a.Document.machine.silent(a.Time, b.Time)
}

// Doubt says why it is unknown whether more than ms passed between two moments, although
// Awake does not show it; "" if it was surely no more.
func Doubt(a, b Moment, ms int64) string {
	passed := Elapsed(a, b)
	switch {
	case a.Document == b.Document && !SameClock(a, b), passed < -Tolerance:
		return "the clock was put back meanwhile, or records came in another order"
	case passed > ms:
		return "meanwhile the page was left for a while, or the machine may have slept"
	}
	return ""
}
