package hits

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"userlike-inspector/nativehost/internal/observed"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/systems"
	"userlike-inspector/nativehost/internal/wire"
	"userlike-inspector/schema"
)

const (
	// Window is how long after a call something may be found to belong to it by its
	// content. It is long because trackers collect events and send them in batches.
	Window = 2 * time.Minute
	// Soon is how long after a call a request that carries nothing of it may belong to it.
	Soon = 5 * time.Second
	// overtakes is by how much a request may seem to be earlier than its call: a browser
	// takes the two times by different clocks.
	overtakes = 100 * time.Millisecond
	// maxLooked bounds how many calls are looked at to find the one that something belongs
	// to.
	maxLooked = 500
	// maxReached bounds how many hits of one call at one place are counted.
	maxReached = 100
	// disorder is by how many places the order of arrival of calls may differ from that
	// of their times.
	disorder = 50
	// listed is how many documented names without a call make a text a mere list of names,
	// as in a configuration. Then none of its names stands for an event.
	listed = 3
)

// Tracker knows the latest calls, and finds out to which of them a candidate belongs.
type Tracker struct {
	systems    *systems.Systems
	traced     func(to string) bool
	documented map[string]bool

	index  *index
	calls  []kept
	byID   map[string]*Call
	byTab  map[int][]*Call
	bySite map[string][]*Call
	called map[string]bool // names
}

// kept is a call and when it came.
type kept struct {
	*Call
	since time.Time
}

// NewTracker makes a tracker without calls. traced tells whether the tester wants to see the
// requests to an address, which has no query.
func NewTracker(known *systems.Systems, traced func(to string) bool) *Tracker {
	t := &Tracker{
		systems: known, traced: traced, documented: map[string]bool{},
		index: newIndex(), byID: map[string]*Call{}, byTab: map[int][]*Call{}, bySite: map[string][]*Call{}, called: map[string]bool{},
	}
	for _, e := range schema.Catalogue().Events {
		t.documented[e.Name] = true
		t.index.expect(e.Name)
	}
	return t
}

// Add adds a call that is stored. A call that is known already changes nothing.
func (t *Tracker) Add(c *Call, now time.Time) {
	if t.byID[c.ID] != nil {
		return
	}
	t.forget(now)
	if c.Tab != nil && len(t.byTab[*c.Tab]) >= observed.MaxTabFollowed {
		t.remove(t.byTab[*c.Tab][0])
	}
	if len(t.byID) >= observed.MaxFollowed {
		t.remove(t.calls[0].Call)
	}
	c.reached = map[string][]time.Time{}
	t.calls, t.byID[c.ID] = append(t.calls, kept{c, now}), c
	if c.Tab != nil {
		t.byTab[*c.Tab] = append(t.byTab[*c.Tab], c)
	}
	if c.Site != "" {
		t.bySite[c.Site] = append(t.bySite[c.Site], c)
	}
	if name := c.name(); t.documented[name] {
		t.called[name] = true
	}
	t.index.add(c)
}

// forget drops calls that no hit can belong to any more.
func (t *Tracker) forget(now time.Time) {
	for len(t.calls) > 0 && (t.byID[t.calls[0].ID] != t.calls[0].Call || now.Sub(t.calls[0].since) > observed.FollowedFor*time.Millisecond) {
		t.remove(t.calls[0].Call)
		t.calls = t.calls[1:]
	}
}

func (t *Tracker) remove(c *Call) {
	if t.byID[c.ID] != c {
		return
	}
	delete(t.byID, c.ID)
	if c.Tab != nil {
		if t.byTab[*c.Tab] = without(t.byTab[*c.Tab], c); len(t.byTab[*c.Tab]) == 0 {
			delete(t.byTab, *c.Tab)
		}
	}
	if c.Site != "" {
		if t.bySite[c.Site] = without(t.bySite[c.Site], c); len(t.bySite[c.Site]) == 0 {
			delete(t.bySite, c.Site)
		}
	}
	t.index.remove(c)
}

// Seen takes in a hit that is stored. Of several equal calls, its call has now reached that
// place, and the next hit there belongs to another one.
func (t *Tracker) Seen(hit *record.Record) {
	place := t.systems.Place(hit.Handed)
	for _, id := range hit.Handed.Calls {
		if c := t.byID[id]; c != nil {
			var failed time.Time
			if hit.Handed.Failed != nil {
				failed = hit.Handed.Failed.Time
			}
			if len(c.reached[place]) < maxReached {
				c.reached[place] = append(c.reached[place], failed)
			}
		}
	}
}

// Decide says which hits a candidate is: none, most often one, or of a queue one for
// each call. They lack what the host adds to every record.
func (t *Tracker) Decide(c *wire.Candidate) []*record.Record {
	if c.Via == record.Queue {
		return t.queue(c)
	}
	if systems.IsUserlike(c.To) {
		return nil
	}
	scope := t.scope(c)
	if len(scope.calls) == 0 {
		return nil
	}
	d := DecodeRequest(c.To, c.Body, c.Size)
	h := &record.Handed{Via: record.Request, To: To(c.To), Method: c.Method, Type: c.Type, Data: d.JSON, Unreadable: d.Unreadable, Failed: c.Failed}
	h.System = t.systems.OfRequest(h.To, d.has)
	place := t.systems.Place(h)
	all := append(t.index.match(&d), t.index.inPath(h.To)...)
	owners := t.byContent(&question{at: c.Time.Time, scope: scope, found: all, place: place, eventAt: t.systems.EventAt(h.System)})
	h.Because = record.ByContent
	if len(owners) == 0 {
		h.Because = record.ByTime
		owners = t.byTime(c, h, scope.calls)
	}
	if len(owners) == 0 {
		return nil
	}
	r := t.hit(c, c.ID, h, owners, all, d.Notes)
	if slices.ContainsFunc(h.Carries, func(c record.Carried) bool { return c.At == pathAt }) {
		d.addPath(h.To)
	}
	h.Data, r.Notes = d.JSON, d.Notes
	return []*record.Record{r}
}

// inPath finds values in the path of an address. Words in a path often occur by chance, so a
// value must be a whole segment. But the name or address of a person is never chance.
func (x *index) inPath(to string) []found {
	var steps Data
	for step := range strings.SplitSeq(pathOf(to), "/") {
		steps.texts = append(steps.texts, placed{pathAt, unescapePath(step)})
	}
	return slices.DeleteFunc(x.match(&steps), func(f found) bool { return (f.again || !f.whole) && !f.role.folds() })
}

// has tells whether a request has a parameter of that name.
func (d *Data) has(name string) bool {
	for _, part := range [...]string{"query", "body"} {
		if n := d.root.member(part); n != nil && n.member(name) != nil {
			return true
		}
	}
	return false
}

// scope is where the calls were made that a candidate may belong to.
type scope struct {
	tab   *int
	site  string  // where there is no tab
	calls []*Call // by arrival
}

func (t *Tracker) scope(c *wire.Candidate) scope {
	if c.Tab != nil && *c.Tab >= 0 {
		return scope{tab: c.Tab, calls: t.byTab[*c.Tab]}
	}
	site := observed.SiteOf(&record.Record{URL: cmp.Or(c.Site, c.URL)})
	return scope{site: site, calls: t.bySite[site]}
}

func (s scope) has(c *Call) bool {
	if s.tab != nil {
		return same(s.tab, c.Tab)
	}
	return s.site == c.Site
}

// hit makes the record of a hit.
func (t *Tracker) hit(c *wire.Candidate, id string, h *record.Handed, owners []*Call, all []found, notes []record.Note) *record.Record {
	slices.SortStableFunc(owners, func(a, b *Call) int { return a.Time.Compare(b.Time) })
	owners = slices.Compact(owners)
	for _, call := range owners {
		h.Calls = append(h.Calls, call.ID)
		for _, carried := range call.carried(all) {
			if len(h.Carries) < maxFound && !slices.Contains(h.Carries, carried) {
				h.Carries = append(h.Carries, carried)
			}
		}
	}
	r := &record.Record{
		V: record.Version, Kind: record.Hit, Time: c.Time, Tab: c.Tab, Frame: c.Frame, Document: c.Document,
		URL: c.URL, TopURL: c.TopURL, Title: c.Title, Handed: h, Notes: notes,
	}
	r.Simulated = !slices.ContainsFunc(owners, func(c *Call) bool { return !c.Simulated })
	// The call's record has the page's address and title at the time of the call. A request
	// that overtakes it may still have the old ones.
	if newest := owners[len(owners)-1]; c.Document == "" || c.Document == newest.Document {
		r.Tab, r.Frame, r.Document, r.URL, r.TopURL, r.Title = newest.Tab, newest.Frame, newest.Document, newest.URL, newest.TopURL, newest.Title
	}
	r.ID = r.Document + "/hit-" + id
	t.Seen(r)
	return r
}

// queue decides on what was found in a queue, entry by entry.
func (t *Tracker) queue(c *wire.Candidate) []*record.Record {
	scope := t.scope(c)
	root, ok := parseJSON(c.Data, false)
	if len(scope.calls) == 0 || !ok || root.kind != array {
		return nil
	}
	type share struct {
		owner   *Call
		entries []int
	}
	var shares []*share
	system := t.systems.OfQueue(c.To)
	place := t.systems.Place(&record.Handed{Via: record.Queue, To: c.To})
	for i, item := range root.items {
		var one Data
		one.write(&node{kind: array, items: []*node{item}}, maxPushed)
		for _, owner := range t.byContent(&question{at: c.Time.Time, scope: scope, found: t.index.match(&one), place: place}) {
			n := slices.IndexFunc(shares, func(s *share) bool { return s.owner == owner })
			if n < 0 {
				n = len(shares)
				shares = append(shares, &share{owner: owner})
			}
			if s := shares[n]; !slices.Contains(s.entries, i) {
				s.entries = append(s.entries, i)
			}
		}
	}
	var hits []*record.Record
	for n, s := range shares {
		part := &node{kind: array}
		for _, i := range s.entries {
			part.items = append(part.items, root.items[i])
		}
		var d Data
		d.write(part, maxPushed)
		h := &record.Handed{Via: record.Queue, To: c.To, System: system, Because: record.ByContent, Data: d.JSON}
		id := c.ID
		if n > 0 {
			id += "-" + itoa(n)
		}
		hits = append(hits, t.hit(c, id, h, []*Call{s.owner}, t.index.match(&d), append(moved(c.Notes, s.entries), d.Notes...)))
	}
	return hits
}

// moved returns the notes on the given entries, with pointers into a list of these entries
// alone.
func moved(notes []record.Note, entries []int) (all []record.Note) {
	for _, note := range notes {
		tokens, ok := schema.Tokens(note.At)
		if !ok || len(tokens) == 0 {
			continue
		}
		for to, i := range entries {
			if tokens[0] == itoa(i) {
				note.At = schema.Pointer(append([]string{itoa(to)}, tokens[1:]...)...)
				all = append(all, note)
			}
		}
	}
	return all
}

// byTime finds the newest call shortly before a request to a known tracking system or a traced
// place, or before one that cannot be read.
func (t *Tracker) byTime(c *wire.Candidate, h *record.Handed, scope []*Call) []*Call {
	switch c.Type {
	case "main_frame", "sub_frame", "stylesheet", "font", "media", "web_manifest", "csp_report":
		return nil
	}
	if c.Tab == nil || *c.Tab < 0 || h.System == "" && !h.Unreadable && !t.traced(h.To) {
		return nil
	}
	var after *Call // seems to be later than the request, by no more than the clocks differ
	for i, call := range slices.Backward(scope) {
		if len(scope)-i > maxLooked {
			break
		}
		// A call in another page of the tab is not the reason for a request of this page.
		if c.Document != "" && c.Document != call.Document && same(c.Frame, call.Frame) {
			continue
		}
		switch since := c.Time.Sub(call.Time); {
		case since >= 0 && since <= Soon:
			return []*Call{call}
		case since < 0 && since >= -overtakes:
			after = call
		}
	}
	if after != nil {
		return []*Call{after}
	}
	return nil
}

func same(a, b *int) bool { return a != nil && b != nil && *a == *b }
