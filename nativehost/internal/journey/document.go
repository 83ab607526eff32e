package journey

import (
	"math"
	"slices"
	"strconv"
	"time"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/observed"
	"userlike-inspector/nativehost/internal/pagestate"
	"userlike-inspector/nativehost/internal/record"
)

// All times here are in ms.
const (
	// duplicateWithin is how soon an equal call is the same call again.
	duplicateWithin = 100
	// handlerWithin is how long after the client was loaded the handler may appear.
	handlerWithin = 10_000
	// vigil is how long after a deadline the clock still shows that the page was
	// open at the deadline. Later than that, nobody may have watched.
	vigil = 60_000
	// maxSeq is the greatest seq that is kept of calls; greater ones count as equal.
	maxSeq = math.MaxUint32
	// maxRecent bounds how many calls are remembered to find equal ones.
	maxRecent = 256
)

// document is what is known of one document in a browser.
type document struct {
	kept
	*observed.Document
	url string // its newest address

	home     *journey   // of its calls before the first session id
	session  *journey   // of its newest call with a session id
	journeys []*journey // all that have calls in it

	ended     bool
	cutOnSite bool             // it was on the plan's sites and its beginning was not seen
	began     int64            // the order of its first record
	odd       map[int64]string // ids that can't be made of document and seq, by order

	page pagestate.Document // how its function and its client stand

	simulation *simulation // nil for none
	unfollowed string      // why nobody saw where its calls went, "" if they were followed

	origins []uint32    // of its calls
	recent  []recent    // the last calls
	whose   []*identity // who made its calls
	repeats []repeat
}

// recent is a call that is kept to find an equal one shortly after it.
type recent struct {
	hash uint64 // of all its arguments
	call call
	home uint32 // as a repeat's
}

// repeat is a call that is equal to one just before it. Every call may be one, so the
// struct is small.
type repeat struct {
	call
	home   uint32 // its journey's number, 0 for the journey of its document
	before uint32 // the seq of the one before
	apart  uint8  // ms
}

// seen updates what is known of the document from any record.
func (d *document) seen(j *Judge, r *record.Record, m observed.Moment) {
	if address := r.Address(); address != "" {
		d.url = address
	}
	if r.Seq > maxSeq || r.ID != d.ID+"/"+strconv.FormatInt(r.Seq, 10) {
		if d.odd == nil {
			d.odd = map[int64]string{}
		}
		d.odd[j.order] = r.ID
	}
	if r.NotFollowed() {
		d.unfollowed = "where calls of this page go was not followed"
	}
	d.cutOnSite = d.cutOnSite || !d.FromStart() && observed.SiteOf(r) != "" && j.plan.OnOrigin(r.Address())
	d.page.Add(r, pagestate.Sighting{ID: r.ID, URL: r.Address(), Order: j.order, Time: d.Local(m)})
	j.clock = max(j.clock, m.Time)
	j.touch(d)
	j.touch(j.units[0]) // whether there is no journey at all depends on every record
}

// report handles a record that is not a call.
func (d *document) report(j *Judge) {
	for _, v := range d.journeys { // their verdicts may depend on the time or on the document's end
		j.touch(v.root())
	}
}

// called handles a call: it looks for an equal one just before, and notes its contact.
func (d *document) called(j *Judge, r *record.Record, c call, facts inspect.VisitFacts, home Home) {
	if !j.rules.mayRepeat[c.event] {
		d.repeat(j, j.callHash(r), c, home)
	}
	if who := d.identity(j.origin(c).client); who != nil {
		widget := j.names.id(facts.WidgetID)
		who.hear(c, home)
		who.widgets.hear(widget, 0, c.seq, c, &home)
		who.sessions.hear(j.names.id(facts.SessionID), widget, c.seq, c, &home)
	}
}

// repeat notes the call if an equal one was made at about the same time.
func (d *document) repeat(j *Judge, hash uint64, c call, home Home) {
	now := recent{hash: hash, call: c}
	if home.journey != nil {
		now.home = home.journey.number
	}
	if i := slices.IndexFunc(d.recent, func(r recent) bool { return r.hash == hash }); i >= 0 {
		first, second := d.recent[i], now
		if first.call.seq > second.call.seq {
			first, second = second, first
		}
		if apart := max(c.time()-d.recent[i].call.time(), d.recent[i].call.time()-c.time()); apart <= duplicateWithin {
			d.repeats = append(d.repeats, repeat{call: second.call, home: second.home, before: first.call.seq, apart: uint8(apart)})
		}
		d.recent = slices.Delete(d.recent, i, i+1)
	}
	if len(d.recent) == cap(d.recent) {
		d.recent = slices.DeleteFunc(d.recent, func(r recent) bool { return r.call.time() < c.time()-duplicateWithin })
	}
	if len(d.recent) == maxRecent {
		d.recent = slices.Delete(d.recent, 0, 1)
	}
	d.recent = append(d.recent, now)
}

// open tells whether the document was surely open from one time to a later one, in ms of
// the document's clock. A result of the current time is remembered, because later the
// same question could no longer be answered.
func (d *document) open(j *Judge, from, to int64) bool {
	if slices.ContainsFunc(d.Leaves(), func(t int64) bool { return from <= t && t < to }) {
		return false
	}
	if j.now >= to && j.now <= to+vigil {
		d.Watch(to)
	}
	return d.Latest() >= to
}

// judge returns the findings on the page's function, and on equal calls in the document.
func (d *document) judge(j *Judge, over bool) (found []Finding, open []unsettled) {
	add := func(f Finding, c call, home Home) {
		f = j.about(f, c)
		f.Journey = home.ID()
		found = append(found, f)
	}
	for _, r := range d.repeats {
		home := Home{document: d}
		if r.home > 0 { // number 0 is not a journey
			home.journey = j.units[r.home].(*journey)
		}
		first := r.call
		first.seq = r.before
		if observed.SameClock(j.at(first), j.at(r.call)) {
			add(j.duplicate(r.call, int64(r.apart)), r.call, home)
		}
	}
	for _, who := range d.whose {
		for _, said := range []struct {
			at     string
			voices voices
			stray  bool
		}{{"/1/widget_id", who.widgets, false}, {"/2/session_id", who.sessions, true}} {
			ended := d.Ended() || over && !d.Lives()
			if first, c := said.voices.changed(ended && len(d.Spots()) == 0, said.stray); c != nil {
				add(j.identityChanged(c.call, said.at, j.names.text(first.value), j.names.text(c.value)), c.call, c.home)
			} else if o, may := said.voices.mayChange(said.stray); may && !over && len(d.Spots()) == 0 && j.stays(d) {
				open = append(open, o)
			}
		}
	}
	function, more := d.judgeFunction(j, over)
	return append(found, function...), append(open, more...)
}

// idOf is the id of a call's record.
func (j *Judge) idOf(c call) string {
	d := j.origin(c).document
	if id, ok := d.odd[int64(c.order)]; ok {
		return id
	}
	return d.ID + "/" + strconv.FormatInt(int64(c.seq), 10)
}

// clockTime is a time in ms as records have it.
func clockTime(ms int64) record.Time { return record.At(time.UnixMilli(ms)) }
