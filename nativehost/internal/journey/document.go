package journey

import (
	"slices"
	"time"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/observed"
	"userlike-inspector/nativehost/internal/pagestate"
	"userlike-inspector/nativehost/internal/record"
)

// All times here are in ms.
const (
	// handlerWithin is how long after the client was loaded the handler may appear.
	handlerWithin = 10_000
	// vigil is how long after a deadline the clock still shows that the page was
	// open at the deadline. Later than that, nobody may have watched.
	vigil = 60_000
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

// seen updates what is known of the document from any record.
func (d *document) seen(j *Judge, r *record.Record, m observed.Moment) {
	if address := r.Address(); address != "" {
		d.url = address
	}
	if r.Seq > observed.MaxSeq || r.ID != record.NumberedID(d.ID, r.Seq) {
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

// judge returns the findings on the document: on equal calls, on who made its calls, and on
// the page's function.
func (d *document) judge(j *Judge, over bool) (found []Finding, open []unsettled) {
	changes, mayChange := d.judgeIdentities(j, over)
	function, mayBe := d.judgeFunction(j, over)
	return slices.Concat(d.judgeRepeats(j), changes, function), slices.Concat(mayChange, mayBe)
}

// about completes a finding on a call of the document.
func (d *document) about(j *Judge, f Finding, c call, home Home) Finding {
	f = j.about(f, c)
	f.Journey = home.ID()
	return f
}

// idOf is the id of a call's record.
func (j *Judge) idOf(c call) string {
	d := j.origin(c).document
	if id, ok := d.odd[int64(c.order)]; ok {
		return id
	}
	return record.NumberedID(d.ID, int64(c.seq))
}

// clockTime is a time in ms as records have it.
func clockTime(ms int64) record.Time { return record.At(time.UnixMilli(ms)) }
