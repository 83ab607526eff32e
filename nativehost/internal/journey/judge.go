// Package journey judges what no single record can tell: what should have come
// and did not, what came too early, who a visit's contact is, when the contact
// agreed to being served, and whether the page had a function to call.
//
// A journey is one contact's visit: the calls of one browser profile on one
// site with one session_ctx.session_id. Calls without a session id belong to
// the journey of their document, else to that of the same tab and client_uuid.
//
// A journey's calls are kept in the order of their times, whenever they arrive:
// one that arrives late has its journey judged again from its calls. Calls that
// arrive in order, which is nearly all, cost the same however long the history.
//
// What cannot be known is not accused: where the recording began in the middle
// of a visit, where calls were lost, where events are less than a second apart,
// or where nothing shows that a page was still open when time ran out.
package journey

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"hash/maphash"
	"slices"
	"strings"
	"time"

	"userlike-inspector/nativehost/internal/inspect"
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

// Judge judges a recording as it grows. It is not safe for concurrent use.
type Judge struct {
	inspector *inspect.Inspector
	plan      *plan.Plan
	rules     *rules

	names     interned
	texts     texts // of findings
	documents map[string]*document
	sessions  map[sessionKey]*journey
	tabs      map[tabKey]*journey
	sites     map[siteKey]*site
	origins   []origin
	units     []unit // journeys, documents and sites, as they were first seen
	changed   map[unit]bool
	waiting   map[unit]bool // those that time alone can change
	places    []place       // where units have verdicts, by record
	counts    [4]int        // of these verdicts, by the rank of their severity
	seed      maphash.Seed

	coverage map[string]*Seen
	order    int64 // how many records have been added
	clock    int64 // the latest time that is known, in ms
	now      int64 // what Advance was told, in ms
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

type siteKey struct{ profile, site string }

type sessionKey struct {
	site    *site
	session string
}

type tabKey struct {
	site   *site
	tab    int
	client uint32 // interned
}

// New makes a judge of an empty recording. It judges by the inspector's plan.
func New(in *inspect.Inspector) *Judge {
	j := &Judge{
		inspector: in, plan: in.Plan(),
		documents: map[string]*document{}, sessions: map[sessionKey]*journey{}, tabs: map[tabKey]*journey{},
		sites: map[siteKey]*site{}, changed: map[unit]bool{}, waiting: map[unit]bool{}, coverage: newCoverage(in.Catalogue()), seed: maphash.MakeSeed(),
	}
	j.rules = newRules(in, &j.names)
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

// Add takes a record in and gives the verdicts that it alone suffices for. A
// record must not be added twice.
func (j *Judge) Add(r *record.Record) ([]record.Finding, Home) {
	j.order++
	if r.Kind == record.Mark {
		return j.inspector.Judge(r), Home{}
	}
	d := j.document(r)
	t := d.seen(j, r)
	if r.Kind != record.Call {
		d.report(j, r, t)
		return j.inspector.Judge(r), Home{document: d}
	}
	found, facts := j.inspector.JudgeCall(r)
	j.cover(r, j.names.text(j.names.id(facts.Event)), found)
	return found, j.addCall(d, r, t, facts)
}

// addCall finds the call's journey and puts it there.
func (j *Judge) addCall(d *document, r *record.Record, t int64, facts inspect.Facts) Home {
	c := call{time: t, order: uint32(j.order), seq: uint32(min(r.Seq, maxSeq)), event: j.names.id(facts.Event)}
	c.from = j.from(origin{d, j.names.id(facts.ClientUUID), j.rules.sent(facts, c.event)})
	var home *journey
	if facts.SessionID != "" {
		home = j.ofSession(d, c, facts.SessionID)
	} else {
		home = j.ofDocument(d, c)
	}
	home.add(j, c)
	j.touch(home)
	where := Home{d, home}
	if facts.SessionID == "" && d.session == nil {
		where.journey = nil // it goes where its document goes
	}
	d.called(j, r, c, facts, where)
	d.site.learn(j, r, facts)
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
// this document or in this tab from the same contact, joins it.
func (j *Judge) ofSession(d *document, c call, session string) *journey {
	key := sessionKey{d.site, session}
	home := j.sessions[key]
	if home == nil {
		home = j.newJourney(d, session)
		j.sessions[key] = home
	}
	if d.session == nil && d.home != nil {
		if from := d.home.root(); from.session == "" {
			j.merge(from, home)
		} else if from != home {
			j.move(from, home, d)
		}
	}
	if tab, ok := d.tabKey(j.origin(c).client); ok {
		if from := j.tabs[tab]; from != nil && from.root().session == "" {
			j.merge(from.root(), home)
		}
		j.tabs[tab] = home
	}
	d.session, d.home = home, home
	return home
}

// ofDocument is the journey of a call without a session id.
func (j *Judge) ofDocument(d *document, c call) *journey {
	if d.session != nil {
		return d.session.root()
	}
	if d.home != nil {
		return d.home.root()
	}
	tab, known := d.tabKey(j.origin(c).client)
	if known && j.tabs[tab] != nil {
		d.home = j.tabs[tab].root()
		return d.home
	}
	d.home = j.newJourney(d, "")
	if known {
		j.tabs[tab] = d.home
	}
	return d.home
}

func (j *Judge) newJourney(d *document, session string) *journey {
	v := &journey{session: session, site: d.site, id: journeyID(d, session)}
	j.know(v)
	return v
}

// merge puts all of a journey without a session id into another one.
func (j *Judge) merge(from, to *journey) {
	for _, c := range from.calls {
		to.add(j, c)
		j.touch(j.origin(c).document)
	}
	from.calls, from.into = nil, to
	from.rebuild = true
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
	j.touch(d)
	j.touch(from)
	j.touch(to)
}

// document finds or makes the document that r is about.
func (j *Judge) document(r *record.Record) *document {
	id := documentID(r)
	d := j.documents[id]
	if d == nil {
		d = &document{id: id, number: len(j.documents), tab: -1, first: r.Seq, site: j.ofSite(r)}
		j.documents[id] = d
		j.know(d)
	}
	return d
}

// ofSite finds or makes the site that r is of.
func (j *Judge) ofSite(r *record.Record) *site {
	key := siteKey{site: r.Site()}
	if r.Browser != nil {
		key.profile = r.Browser.Profile
	}
	s := j.sites[key]
	if s == nil {
		s = &site{key: key}
		j.sites[key] = s
		j.know(s)
	}
	return s
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
		return j.On(1, j.order)
	}
	for _, u := range j.units {
		found, _ := j.verdicts(u, over)
		all = append(all, found...)
	}
	all = append(all, unlessOff(j.silence())...)
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
