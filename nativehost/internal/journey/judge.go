// Package journey judges what no single record can tell: what should have come
// and did not, what came too early, who a visit's contact is, when the contact
// agreed to being served, and whether the page had a function to call.
//
// A journey is one contact's visit: the calls of one browser profile on one
// site with one session_ctx.session_id. Calls without a session id belong to
// the journey of their document, else to that of the same client_uuid.
//
// A journey's calls are kept in the order of their documents' numbers, and of
// their arrival. One that arrives later than others behind it has its journey
// judged again from its calls. Calls that arrive in order, which is nearly all,
// cost the same however long the history.
//
// What cannot be known is not accused: package observed says what was seen, in
// which order and how far apart, and every rule asks it.
package journey

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"hash/maphash"
	"math"
	"slices"
	"strings"
	"time"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/observed"
	"userlike-inspector/nativehost/internal/plan"
	"userlike-inspector/nativehost/internal/record"
)

// Finding is a verdict together with what it is about.
type Finding struct {
	record.Finding
	Record  string // the record's id, "" for a verdict on no single record
	Journey string // the journey's id, "" outside of journeys
	Event   string // the call's event name, or that of the event which is missing
	Time    record.Time
	URL     string

	order int64 // of the record's arrival, the last for none
}

// Order tells which of the records added the finding is about, counted from 1:
// the place in the order of arrival. It is 0 where it is about none of them.
func (f Finding) Order() int64 {
	if f.order == math.MaxInt64 {
		return 0
	}
	return f.order
}

// Judge judges a recording as it grows. It is not safe for concurrent use.
type Judge struct {
	inspector *inspect.Inspector
	plan      *plan.Plan
	rules     *rules

	log       observed.Log
	names     interned
	texts     texts // of findings
	documents map[string]*document
	sessions  map[sessionKey]*journey
	contacts  map[contactKey]*journey    // the newest of each
	spoke     map[contactKey][]*document // those with calls of each
	sites     map[string]*site
	places    map[*observed.Place][]*journey
	alive     int  // documents that have not ended
	onSite    bool // a call on the plan's sites was asked for
	unplaced  bool // or one of which nobody knows whether it is
	called    bool // a call of the client was
	pretended bool // a call of a simulation was
	origins   []origin
	units     []unit // journeys, documents and sites, as they were first seen
	changed   map[unit]bool
	waiting   map[unit]bool // those that time alone can change
	spots     []place       // where units have verdicts, by record
	counts    [4]int        // of these verdicts, by the rank of their severity
	seed      maphash.Seed

	following *following                      // nil for no hit so far
	carried   map[callKey]map[string][]string // what calls have in the fields that their hits have to carry
	coverage  map[string]*Seen
	order     int64 // how many records have been added
	selects   bool  // there are records that are not reported
	since     int64 // the order of the first one that is asked for
	sinceTime int64 // its time
	clock     int64 // the latest time that is known, in ms
	now       int64 // what Advance was told, in ms
}

// unit is what is judged as a whole.
type unit interface {
	// judge gives the verdicts as of now; wait tells that time alone can change
	// them. over says that nothing will come any more.
	judge(j *Judge, over bool) (found []Finding, wait bool)
	// memory is what is remembered of the verdicts, which are made again whenever
	// they are wanted: there can be more of them than of records.
	memory() *kept
}

type sessionKey struct {
	place   *observed.Place
	session string
}

type contactKey struct {
	place  *observed.Place
	client uint32 // interned
}

// New makes a judge of an empty recording. It judges by the inspector's plan.
func New(in *inspect.Inspector) *Judge {
	j := &Judge{
		inspector: in, plan: in.Plan(),
		documents: map[string]*document{}, sessions: map[sessionKey]*journey{}, contacts: map[contactKey]*journey{}, spoke: map[contactKey][]*document{},
		sites: map[string]*site{}, places: map[*observed.Place][]*journey{}, changed: map[unit]bool{}, waiting: map[unit]bool{}, coverage: newCoverage(in.Catalogue()), seed: maphash.MakeSeed(), carried: map[callKey]map[string][]string{},
	}
	j.rules = newRules(in, &j.names)
	j.know(&silence{}) // so that 0 is no journey's number
	return j
}

// Home tells which journey a record belongs to. That of a call without a
// session id may become known only later, so ask when it is needed.
type Home struct {
	document *document
	journey  *journey
}

// ID is the journey's id, "" for a record that belongs to none.
func (h Home) ID() string {
	if h.journey != nil {
		return h.journey.root().id
	}
	if h.document != nil && h.document.home != nil {
		return h.document.home.root().id
	}
	return ""
}

// wanted has the journey reported.
func (h Home) wanted() {
	switch {
	case h.journey != nil:
		h.journey.root().wanted = true
	case h.document.home != nil:
		h.document.home.root().wanted = true
	}
}

// reports tells whether a journey is reported: all are, unless some calls are not
// wanted and it has none that is.
func (j *Judge) reports(v *journey) bool { return !j.selects || v.wanted }

// Add takes a record in and gives the verdicts that it alone suffices for. A
// record must not be added twice.
func (j *Judge) Add(r *record.Record) ([]record.Finding, Home) { return j.add(r, Wanted) }

// Part is what a record is of what is asked for.
type Part int

const (
	Wanted Part = iota // it is reported
	Beside             // it is judged, and not reported
	Before             // it is from before: evidence alone, and not counted
)

// add takes a record in.
func (j *Judge) add(r *record.Record, part Part) ([]record.Finding, Home) {
	j.order++
	j.selects = j.selects || part != Wanted
	if part != Before && j.since == 0 {
		j.since, j.sinceTime = j.order, r.Time.UnixMilli()
	}
	if r.Kind == record.Mark {
		j.log.Mark(r)
		return j.inspector.Judge(r), Home{}
	}
	m := j.log.Add(r, uint32(j.order))
	d := j.document(m.Document)
	if r.Kind == record.Hit {
		return j.inspector.Judge(r), j.handed(d, r)
	}
	d.seen(j, r, m)
	if r.Kind != record.Call {
		d.report(j)
		j.recount(d)
		return j.inspector.Judge(r), Home{document: d}
	}
	found, facts := j.inspector.JudgeCall(r)
	if r.Simulated {
		j.simulated(d, r, m, facts, part)
		return found, Home{document: d} // it is no contact's
	}
	where := j.addCall(d, r, m, facts, part)
	if part == Wanted {
		j.cover(r, j.names.text(j.names.id(facts.Event)), found)
		where.wanted()
	}
	return found, where
}

// call makes what is kept of a call.
func (j *Judge) call(d *document, r *record.Record, m observed.Moment, facts inspect.VisitFacts, part Part) call {
	c := call{time: m.Time, order: uint32(j.order), seq: m.Seq, rank: m.Rank, event: j.names.id(facts.Event)}
	url := cmp.Or(r.Address(), d.url)
	c.from = j.from(origin{
		document: d, client: j.names.id(facts.ClientUUID), chat: j.names.id(facts.ChatID), sent: j.rules.sent(facts, c.event),
		url: url, onSite: j.plan.OnSite(url), asked: part != Before, wanted: part == Wanted, standIn: r.Handled != nil && r.Handled.State == record.StandIn,
		shapes: facts.Shapes(), veiled: j.veiled(r),
	})
	j.keepCarried(c, facts)
	return c
}

// addCall finds the call's journey and puts it there.
func (j *Judge) addCall(d *document, r *record.Record, m observed.Moment, facts inspect.VisitFacts, part Part) Home {
	c := j.call(d, r, m, facts, part)
	place := j.log.PlaceOf(r, m.Document)
	var home *journey
	if facts.SessionID != "" {
		home = j.ofSession(d, place, c, facts.SessionID)
	} else {
		home = j.ofDocument(d, place, c)
	}
	home.add(j, c)
	j.unplaced = j.unplaced || j.origin(c).veiled
	if from := j.origin(c); from.asked && (!j.called || from.onSite && !j.onSite) {
		j.called, j.onSite = true, j.onSite || from.onSite
		j.touch(j.units[0])
	}
	if !slices.Contains(d.journeys[max(0, len(d.journeys)-8):], home) {
		d.journeys = append(d.journeys, home)
	}
	if contact, ok := j.contact(place, c); ok && d.identityOf(contact.client) == nil {
		j.spoke[contact] = append(j.spoke[contact], d)
	}
	j.touch(home)
	where := Home{d, home}
	if facts.SessionID == "" && d.session == nil {
		where.journey = nil // it goes where its document goes
	}
	d.called(j, r, c, facts, where)
	j.located(c, where)
	j.learn(place.Site, r, facts)
	return where
}

// origin is where a call came from.
func (j *Judge) origin(c call) *origin { return &j.origins[c.from] }

// from finds or makes an origin. It looks at its document's last ones only: there
// may be any number.
func (j *Judge) from(o origin) uint32 {
	d := o.document
	for _, known := range slices.Backward(d.origins[max(0, len(d.origins)-8):]) {
		if j.origins[known] == o {
			return known
		}
	}
	known := uint32(len(j.origins))
	j.origins, d.origins = append(j.origins, o), append(d.origins, known)
	return known
}

// ofSession is the journey of a session. What came without a session id, in
// this document or from the same contact, joins it.
func (j *Judge) ofSession(d *document, place *observed.Place, c call, session string) *journey {
	key := sessionKey{place, session}
	home := j.sessions[key]
	if home == nil {
		home = j.newJourney(d, place, session)
		j.sessions[key] = home
	}
	if d.session == nil && d.home != nil {
		if from := d.home.root(); from.session == "" {
			j.merge(from, home)
		} else if from != home {
			j.move(from, home, d)
		}
	}
	if contact, ok := j.contact(place, c); ok {
		if from := j.contacts[contact]; from != nil && from.root().session == "" && from.root() != home {
			j.merge(from.root(), home)
		}
		j.contacts[contact] = home
	}
	d.session, d.home = home, home
	return home
}

// ofDocument is the journey of a call without a session id.
func (j *Judge) ofDocument(d *document, place *observed.Place, c call) *journey {
	if d.session != nil {
		return d.session.root()
	}
	if d.home != nil {
		return d.home.root()
	}
	contact, known := j.contact(place, c)
	if known {
		if v := j.contacts[contact]; v != nil && v.root().near(c) {
			d.home = v.root()
			return d.home
		}
	}
	d.home = j.newJourney(d, place, "")
	if known {
		j.contacts[contact] = d.home
	}
	return d.home
}

// contact is what calls without a session id are joined by.
func (j *Judge) contact(place *observed.Place, c call) (contactKey, bool) {
	client := j.origin(c).client
	return contactKey{place, client}, client != 0
}

// near tells whether a call can belong to the journey by its time.
func (v *journey) near(c call) bool {
	return len(v.calls) == 0 || v.calls[len(v.calls)-1].time > c.time-observed.Silence
}

func (j *Judge) newJourney(d *document, place *observed.Place, session string) *journey {
	v := &journey{session: session, place: place, id: journeyID(d, place.Key, session)}
	j.know(v)
	j.places[place] = append(j.places[place], v)
	return v
}

// merge puts all of a journey without a session id into another one.
func (j *Judge) merge(from, to *journey) {
	for _, c := range from.calls {
		to.add(j, c)
		d := j.origin(c).document
		if !slices.Contains(d.journeys, to) {
			d.journeys = append(d.journeys, to)
		}
		j.touch(d)
	}
	from.calls, from.into = nil, to
	from.rebuild = true
	to.wanted = to.wanted || from.wanted
	j.touch(from)
	j.touch(to)
}

// move puts a document's calls from one journey into another.
func (j *Judge) move(from, to *journey, d *document) {
	from.calls = slices.DeleteFunc(from.calls, func(c call) bool {
		if j.origin(c).document == d {
			to.add(j, c)
		}
		return j.origin(c).document == d
	})
	from.rebuild = true
	to.wanted = to.wanted || from.wanted
	j.touch(d)
	j.touch(from)
	j.touch(to)
}

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
		j.touch(j.units[0])
	}
}

// know takes in a new unit.
func (j *Judge) know(u unit) {
	u.memory().number = uint32(len(j.units))
	j.units = append(j.units, u)
}

// touch has u judged again.
func (j *Judge) touch(u unit) { j.changed[u] = true }

// Advance tells what time it is while records still come in. Without it, time
// goes on only as far as the records themselves show.
func (j *Judge) Advance(now time.Time) {
	j.now = now.UnixMilli()
	j.clock = max(j.clock, j.now)
}

// Findings are the verdicts that take more than one record, in the order in
// which the records they are about arrived. over says that the recording has
// ended; as long as it has not, what may still come is not missed.
func (j *Judge) Findings(over bool) (all []Finding) {
	if !over {
		j.Look()
		all = slices.Collect(j.All())
	} else {
		for _, u := range j.units {
			found, _ := j.verdicts(u, over)
			all = append(all, found...)
		}
	}
	slices.SortFunc(all, byOrder)
	return all
}

// verdicts judges a unit.
func (j *Judge) verdicts(u unit, over bool) (found []Finding, wait bool) {
	found, wait = u.judge(j, over)
	return unlessOff(found), wait
}

// unlessOff leaves out what the plan has switched off.
func unlessOff(found []Finding) []Finding {
	return slices.DeleteFunc(found, func(f Finding) bool { return f.Severity == "" })
}

func byOrder(a, b Finding) int {
	return cmp.Or(
		cmp.Compare(a.order, b.order),
		b.Severity.Rank()-a.Severity.Rank(),
		cmp.Compare(a.At, b.At),
		cmp.Compare(a.Rule, b.Rule),
		cmp.Compare(a.Journey, b.Journey),
		cmp.Compare(a.Message, b.Message),
		cmp.Compare(a.URL, b.URL),
	)
}

// settle keeps a finding's texts once and gives it the severity that the plan wants; "" where the plan
// has switched its rule off. A finding without an address is on no page, and so on
// every site of the plan.
func (j *Judge) settle(f Finding) Finding {
	for _, text := range []*string{&f.Message, &f.Expected, &f.Actual, &f.Demand} {
		*text = j.texts.same(*text)
	}
	if f.URL != "" && !j.plan.OnSite(f.URL) {
		return f
	}
	var off bool
	if f.Severity, off = j.plan.Severity(f.Rule, f.Severity); off {
		f.Severity = ""
	}
	return f
}

// maxText is the length in bytes beyond which a text is not kept whole.
const maxText = 200

// interned numbers texts, so that calls can be kept small. 0 is "".
type interned struct {
	ids   map[string]uint32
	texts []string
}

func (n *interned) id(text string) uint32 {
	if text == "" {
		return 0
	}
	if len(text) > maxText {
		// A page may send anything; that it differs is all that matters then.
		h := fnv.New64a()
		h.Write([]byte(text))
		text = fmt.Sprintf("%s… #%x", strings.ToValidUTF8(text[:maxText], ""), h.Sum64())
	}
	if n.ids == nil {
		n.ids = map[string]uint32{}
		n.texts = []string{""}
	}
	id, ok := n.ids[text]
	if !ok {
		id = uint32(len(n.texts))
		n.ids[text] = id
		n.texts = append(n.texts, text)
	}
	return id
}

func (n *interned) text(id uint32) string {
	if id == 0 {
		return ""
	}
	return n.texts[id]
}

// texts finds equal texts, so that they are kept once: many findings say the
// same. It knows the latest ones.
type texts map[string]string

// maxTexts bounds how many are known.
const maxTexts = 1000

func (t *texts) same(text string) string {
	if known, ok := (*t)[text]; ok {
		return known
	}
	if *t == nil || len(*t) == maxTexts {
		*t = texts{}
	}
	(*t)[text] = text
	return text
}

// callHash is the same for calls with equal arguments.
func (j *Judge) callHash(r *record.Record) uint64 {
	var h maphash.Hash
	h.SetSeed(j.seed)
	h.Write(r.Args)
	for _, n := range r.Notes {
		for _, s := range []string{n.At, n.Is, n.Text} {
			h.WriteString(s)
			h.WriteByte(0)
		}
	}
	return h.Sum64()
}
