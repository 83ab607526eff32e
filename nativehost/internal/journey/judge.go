// Package journey judges what no single record can tell: what should have come and did
// not, what came too early, who a visit's contact is, when the contact gave consent,
// whether calls were forwarded, and whether the page had a function to call.
//
// A journey is one contact's visit: the calls of one browser profile on one
// site with one session_ctx.session_id. Calls without a session id belong to
// the journey of their document, else to that of the same client_uuid.
//
// A journey keeps its calls sorted by the arrival of their documents and by seq. If a call
// arrives after one that it precedes, its journey is judged again from the beginning.
// Nearly all calls arrive in order; these cost the same however long the journey is.
//
// No finding is made of what cannot be known. Package observed says what was seen, in
// which order and how far apart, and every rule asks it.
package journey

import (
	"cmp"
	"hash/maphash"
	"slices"
	"time"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/observed"
	"userlike-inspector/nativehost/internal/plan"
	"userlike-inspector/nativehost/internal/record"
)

// Judge judges a recording while it grows. It is not safe for concurrent use.
type Judge struct {
	inspector *inspect.Inspector
	plan      *plan.Plan
	rules     *rules

	log       observed.Log
	names     interned
	texts     texts // of findings
	documents map[string]*document
	sessions  map[sessionKey]*journey
	contacts  map[contactKey]*journey    // the newest journey of each contact
	spoke     map[contactKey][]*document // the documents with calls of each contact
	ranks     map[uint32]uint32          // ranks, as in observed.Moment, of calls that arrived after later ones of their document, by order
	sites     map[string]*site
	places    map[*observed.Place][]*journey
	stateful  []*journey // short journeys with a state
	oldest    int        // which of these got it first, once they are maxStates
	alive     int        // documents that have not ended
	heard     heard
	unplaced  bool // there was a call of which it is unknown whether it was on the plan's sites
	origins   []origin
	units     []unit // journeys, documents and sites, as they were first seen
	changed   map[unit]bool
	waiting   map[unit]int64 // units whose findings can change just because time passes, with the time in ms from which on they can
	noted     []noted        // which units have findings on which records, or may have, sorted by record
	counts    [4]int         // how many findings there are, by the rank of their severity
	unsettled int            // how many more there may be
	seed      maphash.Seed

	following  *following // nil until the first hit
	oversights []oversight
	crowds     map[crowdKey]*crowd             // the newest calls, where the plan demands that some are forwarded
	carried    map[callKey]map[string][]string // values of calls that their hits have to carry, by call and field
	coverage   map[string]*coverage
	order      int64 // how many records have been added
	selection
	clock int64 // the latest time that is known, in ms
	now   int64 // the time given to Advance, in ms
}

// heard says which kinds of calls there are, of those that count.
type heard struct {
	called    bool // by the client
	onSite    bool // of these, on the plan's sites
	pretended bool // by a simulation
}

// unit is what is judged as a whole: a journey, a document or a site.
type unit interface {
	// judge returns the findings as of now, and those that there may still be. over says
	// that no more records come.
	judge(j *Judge, over bool) (found []Finding, open []unsettled)
	// memory is what is kept of the findings. The findings themselves are not kept
	// but made again when they are wanted, as there can be more of them than records.
	memory() *kept
}

// New makes a judge for an empty recording. It judges by the inspector's plan.
func New(in *inspect.Inspector) *Judge {
	j := &Judge{
		inspector: in,
		plan:      in.Plan(),
		documents: map[string]*document{},
		ranks:     map[uint32]uint32{},
		sessions:  map[sessionKey]*journey{},
		contacts:  map[contactKey]*journey{},
		spoke:     map[contactKey][]*document{},
		sites:     map[string]*site{},
		places:    map[*observed.Place][]*journey{},
		changed:   map[unit]bool{},
		waiting:   map[unit]int64{},
		coverage:  newCoverage(in.Catalogue()),
		seed:      maphash.MakeSeed(),
		carried:   map[callKey]map[string][]string{},
		crowds:    map[crowdKey]*crowd{},
	}
	j.rules = newRules(in, &j.names)
	j.know(&silence{}) // it gets number 0, so that no journey has it
	return j
}

// Add adds a record, and returns the findings on it that need no other record. A record
// must not be added twice.
func (j *Judge) Add(r *record.Record) ([]record.Finding, Home) { return j.add(r, Wanted) }

// Take is Add for a record that may not be wanted. Findings that need more than one record
// are still made on it, but Counts, All and all lists leave them out.
func (j *Judge) Take(r *record.Record, part Part) ([]record.Finding, Home) { return j.add(r, part) }

// add adds a record.
func (j *Judge) add(r *record.Record, part Part) ([]record.Finding, Home) {
	j.order++
	j.take(r, j.order, part)
	if r.Kind == record.Mark {
		j.log.Mark(r)
		return j.inspector.Judge(r), Home{}
	}
	m := j.log.Add(r, uint32(j.order))
	d := j.document(m.Document)
	switch {
	case r.Kind == record.Hit:
		home := j.handed(d, r)
		return j.inspector.Judge(j.ofItsCall(r)), home
	case r.AboutHits():
		j.overlook(r)
		return j.inspector.Judge(r), Home{document: d}
	}
	if r.Kind == record.Gap && r.Hits > 0 {
		j.overlook(r)
	}
	d.seen(j, r, m)
	if r.Kind != record.Call {
		d.report(j)
		j.recount(d)
		return j.inspector.Judge(r), Home{document: d}
	}
	if len(j.rules.forwards) > 0 {
		j.crowd(crowdKey{d.Profile(), -1}, observed.MaxFollowed, m.Time)
		if d.Tab >= 0 {
			j.crowd(crowdKey{d.Profile(), d.Tab}, observed.MaxTabFollowed, m.Time)
		}
	}
	found, facts := j.inspector.JudgeCall(r)
	if r.Simulated {
		j.simulated(d, r, m, facts)
		return found, Home{document: d} // it belongs to no contact
	}
	where := j.addCall(d, r, m, facts)
	if part == Wanted {
		j.addWanted(r, j.order, facts, found)
	}
	return found, where
}

// call makes what is kept of a call.
func (j *Judge) call(d *document, r *record.Record, m observed.Moment, facts inspect.VisitFacts) call {
	c := call{when: instantOf(m.Time), order: uint32(j.order), seq: m.Seq, event: j.names.id(facts.Event)}
	if m.Rank != c.order {
		j.ranks[c.order] = m.Rank
	}
	url := cmp.Or(r.Address(), d.url)
	c.from = j.from(origin{
		document: d, client: j.names.id(facts.ClientUUID), chat: j.names.id(facts.ChatID), sent: j.rules.sent(facts, c.event),
		url: url, onSite: j.plan.OnSite(url), standIn: r.Handled != nil && r.Handled.State == record.StandIn,
		shapes: facts.Shapes(), veiled: j.veiled(r),
	})
	j.keepCarried(c, facts)
	return c
}

// addCall finds the call's journey and puts it there.
func (j *Judge) addCall(d *document, r *record.Record, m observed.Moment, facts inspect.VisitFacts) Home {
	c := j.call(d, r, m, facts)
	place := j.log.PlaceOf(r, m.Document)
	var home *journey
	if facts.SessionID != "" {
		home = j.ofSession(d, place, c, facts.SessionID)
	} else {
		home = j.ofDocument(d, place, c)
	}
	home.add(j, c)
	j.unplaced = j.unplaced || j.origin(c).veiled
	j.hear(c, true)
	if !slices.Contains(d.journeys[max(0, len(d.journeys)-8):], home) {
		d.journeys = append(d.journeys, home)
	}
	if contact, ok := j.contact(place, c); ok && d.identityOf(contact.client) == nil {
		j.spoke[contact] = append(j.spoke[contact], d)
	}
	j.touch(home)
	where := Home{d, home}
	if facts.SessionID == "" && d.session == nil {
		where.journey = nil // the document's journey may still change
	}
	d.called(j, r, c, facts, where)
	j.located(c, where)
	j.learn(place.Site, false, r, j.order, facts)
	return where
}

// hear notes that there is a call, if it counts.
func (j *Judge) hear(c call, ofContact bool) {
	if !j.asksFor(c) {
		return
	}
	if !ofContact {
		j.heard.pretended = true
		return
	}
	j.heard.called, j.heard.onSite = true, j.heard.onSite || j.origin(c).onSite
}

// origin is the origin of a call.
func (j *Judge) origin(c call) *origin { return &j.origins[c.from] }

// document finds or makes what is known of a document.
func (j *Judge) document(of *observed.Document) *document {
	d := j.documents[of.ID]
	if d == nil {
		d = &document{Document: of, began: j.order}
		j.documents[of.ID] = d
		j.alive++
		j.know(d)
	}
	return d
}

// recount counts the documents that have not ended.
func (j *Judge) recount(d *document) {
	if ended := d.Ended(); ended != d.ended {
		d.ended = ended
		if j.alive++; ended {
			j.alive -= 2
		}
	}
}

// know adds a new unit.
func (j *Judge) know(u unit) {
	u.memory().number = uint32(len(j.units))
	j.units = append(j.units, u)
}

// touch makes the next look judge u again.
func (j *Judge) touch(u unit) { j.changed[u] = true }

// Advance says what time it is while records still come in. Without it, time passes only
// as far as the records show.
func (j *Judge) Advance(now time.Time) {
	j.now = now.UnixMilli()
	j.clock = max(j.clock, j.now)
}

// maxText is the length in bytes beyond which interned keeps only a hash of a text.
const maxText = 200

// maxTexts is how many texts the type texts remembers.
const maxTexts = 1000
