package journey

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/pagestate"
	"userlike-inspector/nativehost/internal/record"
)

// All times here are in ms.
const (
	// tolerance: events less than this apart may come in either order.
	tolerance = 1000
	// duplicateWithin is how soon an equal call is the same call again.
	duplicateWithin = 100
	// handlerWithin is how long after the client a handler may take to be there.
	handlerWithin = 10_000
	// vigil is for how long after a deadline the clock is a sign that the page
	// was still open at it: later than that nobody can have watched.
	vigil = 60_000
	// maxSeq is the greatest seq that calls are told apart by.
	maxSeq = math.MaxUint32
	// maxRecent bounds how many calls are remembered to find equal ones.
	maxRecent = 256
)

// document is what is known of one document in a browser.
type document struct {
	kept
	id     string
	number int // in the order in which documents were first seen
	site   *site
	tab    int    // -1 for none
	sub    bool   // it is not a tab's top frame
	url    string // its newest address

	home    *journey // of its calls before the first session id
	session *journey // of its newest call with a session id

	opened bool             // its beginning was recorded
	late   bool             // it was there before the extension
	first  int64            // the least seq
	newest int64            // the greatest seq
	latest int64            // the latest time
	stayed int64            // it was open then, as the clock has shown
	closed []int64          // when it was left, more than once if it came back
	gaps   bool             // calls in it were lost
	odd    map[int64]string // ids that can't be made of document and seq, by order

	page    pagestate.Document // how its function and its client stand
	numbers int64              // how many records have its numbers

	origins []uint32    // of its calls
	recent  []recent    // the last calls
	whose   []*identity // who made its calls
	repeats []repeat
	changes []change
}

// recent is a call that an equal one may follow.
type recent struct {
	hash uint64 // of all its arguments
	time int64
}

// identity is what the calls of one client_uuid said in a document, in the
// order of their arrival.
type identity struct {
	client            uint32 // interned
	widgets, sessions []string
	session           string // the newest
	switches          int    // how often it changed
}

// severalVisits is from how many switches on two sessions go on side by side,
// instead of one having become the other.
const severalVisits = 3

// repeat is a call that is the same as one just before. Every call may be one, so
// they are small.
type repeat struct {
	call
	home  uint32 // its journey's number, 0 where that is its document's
	apart uint8  // ms
}

// change is a call by which one contact's widget or session becomes another.
type change struct {
	call
	home             Home
	who              *identity // whose session changed, nil for the widget
	at, first, value string
}

// documentID is the document that r is about. A record that does not say has
// its id, "<document>/<seq>", for that.
func documentID(r *record.Record) string {
	if r.Document != "" {
		return r.Document
	}
	if i := strings.LastIndexByte(r.ID, '/'); i >= 0 {
		return r.ID[:i]
	}
	return r.ID
}

// seen takes from r what every record tells and gives its time, in ms: within a
// document time goes by seq, whatever the clock did.
func (d *document) seen(j *Judge, r *record.Record) int64 {
	t := r.Time.UnixMilli()
	if r.Seq > d.newest {
		t = max(t, d.latest)
		d.newest = r.Seq
		if address := r.Address(); address != "" {
			d.url = address
		}
	}
	d.first = min(d.first, r.Seq)
	d.latest = max(d.latest, t)
	j.clock = max(j.clock, t)
	if r.Tab != nil {
		d.tab = *r.Tab
	}
	d.sub = d.sub || r.Frame != nil && *r.Frame != 0
	if r.Seq > maxSeq || r.ID != d.id+"/"+strconv.FormatInt(r.Seq, 10) {
		if d.odd == nil {
			d.odd = map[int64]string{}
		}
		d.odd[j.order] = r.ID
	} else {
		d.numbers++
	}
	d.page.Add(r, pagestate.Sighting{ID: r.ID, URL: r.Address(), Order: j.order, Time: t})
	j.touch(d)
	return t
}

// report takes in a record that is not a call.
func (d *document) report(j *Judge, r *record.Record, t int64) {
	switch r.Kind {
	case record.Page:
		d.opened = d.opened || r.Event == record.Opened
		d.late = d.late || r.HookedFromStart != nil && !*r.HookedFromStart
		if r.Event == record.Closed {
			d.closed = append(d.closed, t)
		}
	case record.Gap:
		d.gaps = true
		d.site.gaps = append(d.site.gaps, t)
	}
	for _, v := range []*journey{d.home, d.session} {
		if v != nil {
			j.touch(v.root())
		}
	}
}

// called takes in a call: whether it is one that was just made, and who made it.
func (d *document) called(j *Judge, r *record.Record, c call, facts inspect.Facts, home Home) {
	if apart, again := d.again(j.callHash(r), c.time); again {
		one := repeat{call: c, apart: uint8(apart)}
		if home.journey != nil {
			one.home = home.journey.number
		}
		d.repeats = append(d.repeats, one)
	}
	who := d.identity(j.origin(c).client)
	if who == nil {
		return
	}
	if first, changed := joins(&who.widgets, facts.WidgetID); changed {
		d.changes = append(d.changes, change{c, home, nil, "/1/widget_id", first, facts.WidgetID})
	}
	if first, changed := joins(&who.sessions, facts.SessionID); changed {
		d.changes = append(d.changes, change{c, home, who, "/2/session_id", first, facts.SessionID})
	}
	if s := facts.SessionID; s != "" && s != who.session {
		if who.session != "" {
			who.switches++
		}
		who.session = s
	}
}

// again tells whether an equal call was made just before, or after one that
// arrives late, and how far apart they are.
func (d *document) again(hash uint64, now int64) (apart int64, again bool) {
	if i := slices.IndexFunc(d.recent, func(r recent) bool { return r.hash == hash }); i >= 0 {
		apart = max(now-d.recent[i].time, d.recent[i].time-now)
		again = apart <= duplicateWithin
		d.recent = slices.Delete(d.recent, i, i+1)
	}
	if len(d.recent) == cap(d.recent) {
		d.recent = slices.DeleteFunc(d.recent, func(r recent) bool { return r.time < now-duplicateWithin })
	}
	if len(d.recent) == maxRecent {
		d.recent = slices.Delete(d.recent, 0, 1)
	}
	d.recent = append(d.recent, recent{hash, now})
	return apart, again
}

// identity finds or makes who has a client_uuid, nil for none and where there
// are too many to tell them apart.
func (d *document) identity(client uint32) *identity {
	i := slices.IndexFunc(d.whose, func(who *identity) bool { return who.client == client })
	switch {
	case i >= 0:
		return d.whose[i]
	case client == 0 || len(d.whose) == maxIdentities:
		return nil
	}
	d.whose = append(d.whose, &identity{client: client})
	return d.whose[len(d.whose)-1]
}

// maxIdentities bounds how many changes of one value in one place are told.
const maxIdentities = 100

// joins adds a value that was not there yet; changed tells that it is another
// than the first.
func joins(values *[]string, value string) (first string, changed bool) {
	if value == "" || slices.Contains(*values, value) || len(*values) == maxIdentities {
		return "", false
	}
	*values = append(*values, value)
	return (*values)[0], len(*values) > 1
}

// open tells whether the document was surely open from a time to a later one.
// What the clock has shown once is remembered: it shows that for a while only.
func (d *document) open(j *Judge, from, to int64) bool {
	if slices.ContainsFunc(d.closed, func(t int64) bool { return from <= t && t < to }) {
		return false
	}
	if j.now >= to && j.now <= to+vigil {
		d.stayed = max(d.stayed, to)
	}
	return max(d.latest, d.stayed) >= to
}

// unsure tells whether time alone may still show that the document was open.
func (d *document) unsure(j *Judge, to int64) bool { return j.clock < to+vigil }

// begun tells whether the document's calls were recorded from its beginning.
func (d *document) begun() bool { return !d.late && (d.opened || d.first <= 1) }

// tabKey is what calls without a session id are joined by.
func (d *document) tabKey(client uint32) (tabKey, bool) {
	return tabKey{d.site, d.tab, client}, d.tab >= 0 && client != 0
}

// judge gives the verdicts on the page's function, and those that its calls brought.
func (d *document) judge(j *Judge, over bool) (found []Finding, wait bool) {
	add := func(f Finding, c call, home Home) {
		f = j.about(f, c)
		f.Journey = home.ID()
		found = append(found, f)
	}
	for _, r := range d.repeats {
		home := Home{document: d}
		if r.home > 0 { // the first unit is a site
			home.journey = j.units[r.home].(*journey)
		}
		add(j.duplicate(r.call, int64(r.apart)), r.call, home)
	}
	for _, c := range d.changes {
		if c.who == nil || c.who.switches < severalVisits {
			add(j.identityChanged(c.call, c.at, c.first, c.value), c.call, c.home)
		}
	}
	function, wait := d.judgeFunction(j, over)
	return append(found, function...), wait
}

// idOf is the id of a call's record.
func (j *Judge) idOf(c call) string {
	d := j.origin(c).document
	if id, ok := d.odd[int64(c.order)]; ok {
		return id
	}
	return d.id + "/" + strconv.FormatInt(int64(c.seq), 10)
}

// clockTime is a time in ms as records have it.
func clockTime(ms int64) record.Time { return record.At(time.UnixMilli(ms)) }
