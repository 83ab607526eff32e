package journey

import (
	"slices"
	"strconv"
	"strings"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/systems"
	"userlike-inspector/schema"
)

// This file joins hits to their calls. What a hit says of a call is found out once, as soon
// as both are there. Journeys then judge by it.

// following is what is known of where calls went. It is made with the first hit, so that
// recordings without hits cost nothing.
type following struct {
	calls map[callKey]located
	hits  map[callKey][]*arrival
	early map[callKey][]early // hits that were there before their calls
	seen  map[string]bool     // the places that hits went to
	// unread are the hits that cannot be read, by the plan's places that they went to, sorted
	// by time.
	unread map[int][]oversight
	known  *systems.Systems
	total  int
}

// callKey identifies a call that a hit names: by document and seq, or by its id if the id
// has another form.
type callKey struct {
	document string
	seq      int64
}

func keyOf(id string) callKey {
	if i := strings.LastIndexByte(id, '/'); i >= 0 {
		if n, err := strconv.ParseInt(id[i+1:], 10, 64); err == nil && strconv.FormatInt(n, 10) == id[i+1:] {
			return callKey{id[:i], n}
		}
	}
	return callKey{id, -1}
}

// located is a call and the journey that it belongs to.
type located struct {
	call call
	home Home
}

// early is a hit that is kept until its call comes.
type early struct {
	hit  *hit
	from *record.Record
}

// hit is what is kept of a hit.
type hit struct {
	id     string
	time   int64
	order  int64
	url    string
	via    record.Via
	to     string
	place  string // the same for all hits of one kind and property: see systems.Place
	system string
	leaves bool   // it went to another site than the page's
	sure   bool   // it belongs to its calls by more than the time
	doubt  string // why its data is not completely known, "" if it is
	hidden bool   // some of its values are pseudonyms
	calls  int
	failed int64  // when the request failed, 0 if it did not
	fields uint64 // the personal fields that it carries, as bits of inspect.PersonalFields

	parts  []part // the parts that carry its calls
	double []part // those that are there more often than it has calls
}

// arrival is a hit together with what it says of one of its calls.
type arrival struct {
	*hit
	met     []reached // the places of the plan that it went to
	named   bool      // it carries the event's own name
	guards  []carried
	doubled *hit // an equal hit shortly before, or this hit if it has the call twice
}

// reached is a place of the plan that a hit went to.
type reached struct {
	demand int
	lacks  string // what the plan wants and the hit does not carry, "" for nothing
	unsure bool   // it may carry it in values that are hidden
}

// carried is a guarded value that a hit carries.
type carried struct {
	guard int
	at    string // JSON Pointer into the hit's data
}

// follow returns what is known of where calls went. The first time, it makes an index of
// all calls so far.
func (j *Judge) follow() *following {
	if j.following != nil {
		return j.following
	}
	j.following = &following{calls: map[callKey]located{}, hits: map[callKey][]*arrival{}, early: map[callKey][]early{}, seen: map[string]bool{}, unread: map[int][]oversight{}, known: systems.Known()}
	for _, u := range j.units {
		v, ok := u.(*journey)
		if !ok {
			continue
		}
		for _, c := range v.calls {
			where := Home{journey: v}
			if v.session == "" {
				where = Home{document: j.origin(c).document} // the document's journey may still change
			}
			j.following.calls[j.keyOf(c)] = located{c, where}
		}
	}
	return j.following
}

func (j *Judge) keyOf(c call) callKey {
	d := j.origin(c).document
	if id, ok := d.odd[int64(c.order)]; ok {
		return keyOf(id)
	}
	return callKey{d.ID, int64(c.seq)}
}

// handed handles a hit. It returns the journey that the hit is shown in: that of its
// last call that has arrived, else that of its document.
func (j *Judge) handed(d *document, r *record.Record) Home {
	f := j.follow()
	data := dataOf(r)
	h := j.newHit(r, data)
	f.total++
	f.seen[h.to] = true
	if h.doubt != "" {
		j.doubtful(d, h, r)
	}
	home := Home{document: d}
	var calls []callKey
	for _, id := range r.Handed.Calls {
		key := keyOf(id)
		if slices.Contains(calls, key) {
			continue
		}
		calls = append(calls, key)
		if at, ok := f.calls[key]; ok {
			j.arrived(at, h, r, data)
			home = at.home
		} else {
			f.early[key] = append(f.early[key], early{h, r})
		}
	}
	return home
}

// located indexes a call, and joins it to the hits that arrived before it.
func (j *Judge) located(c call, home Home) {
	f := j.following
	if f == nil {
		return
	}
	key, at := j.keyOf(c), located{c, home}
	f.calls[key] = at
	for _, e := range f.early[key] {
		j.arrived(at, e.hit, e.from, dataOf(e.from))
	}
	delete(f.early, key)
}

// dataOf is a hit's data, nil if it has none that can be decoded.
func dataOf(r *record.Record) any {
	data, err := schema.Decode(r.Handed.Data)
	if err != nil {
		return nil
	}
	return data
}

// arrived joins a hit to one of its calls.
func (j *Judge) arrived(at located, h *hit, r *record.Record, data any) {
	a := j.arrival(at.call, h, r, data)
	key := j.keyOf(at.call)
	event := j.names.text(at.call.event)
	a.twice(j.following.hits[key], func(p part) bool { return h.isOf(p, data, event) })
	j.following.hits[key] = append(j.following.hits[key], a)
	if h.doubt != "" { // it may belong to another call there
		j.origin(at.call).document.report(j)
	}
	if v := at.home.visit(); v != nil {
		if i, found := v.find(j, at.call); found && v.state != nil && i < v.done && !v.rebuild {
			v.reach(j, at.call, uint32(i), a)
		}
		if v.simulation != nil {
			j.touch(v.simulation)
		} else {
			j.touch(v)
		}
	}
}

// eventOf is the event of the call that a finding is about. On a hit, that is the first of its
// calls that has what the finding is about.
func (j *Judge) eventOf(r *record.Record, f record.Finding) string {
	if r.Kind != record.Hit {
		return r.EventName()
	}
	c := j.callOf(r, j.sendsAny(r, func(in record.Carried) bool { return in.At == f.At }))
	if c == nil {
		return ""
	}
	return j.names.text(c.event)
}

// callOf is the first of a hit's calls that fits best: by the first of the wishes that any of
// them fulfils. It is nil if none has arrived.
func (j *Judge) callOf(r *record.Record, wishes ...func(call) bool) *call {
	for _, fits := range append(wishes, func(call) bool { return true }) {
		for _, id := range r.Handed.Calls {
			if at, ok := j.following.calls[keyOf(id)]; ok && fits(at.call) {
				return &at.call
			}
		}
	}
	return nil
}

// sendsAny returns a function that tells whether a call has one of the personal fields that a
// hit carries, as far as these are wanted.
func (j *Judge) sendsAny(r *record.Record, wanted func(record.Carried) bool) func(call) bool {
	var fields uint64 // as in origin.sent
	for _, in := range r.Handed.Carries {
		i := slices.IndexFunc(j.rules.guards, func(g guard) bool { return g.field != nil && g.at == in.What })
		if i >= 0 && inspect.IsPersonal(in) && wanted(in) {
			fields |= 1 << i
		}
	}
	return func(c call) bool { return j.origin(c).sent&fields != 0 }
}

// ofItsCall is a hit at the address of its call, by which it is judged, whatever the page's
// address became later. Of several calls it is one with the personal data that the hit
// carries, on the plan's sites if there is such a one.
func (j *Judge) ofItsCall(r *record.Record) *record.Record {
	if !slices.ContainsFunc(r.Handed.Carries, inspect.IsPersonal) {
		return r // nothing is judged by it
	}
	sends := j.sendsAny(r, func(record.Carried) bool { return true })
	c := j.callOf(r, func(c call) bool { return sends(c) && j.origin(c).onSite }, sends)
	if c == nil || j.origin(*c).url == "" {
		return r
	}
	there := *r
	there.URL = j.origin(*c).url
	return &there
}

// visit is the journey that h names, nil for none.
func (h Home) visit() *journey {
	switch {
	case h.journey != nil:
		return h.journey.root()
	case h.document != nil && h.document.home != nil:
		return h.document.home.root()
	}
	return nil
}

// find is the index of a call in the journey's calls.
func (v *journey) find(j *Judge, c call) (int, bool) {
	i, _ := slices.BinarySearchFunc(v.calls, c, func(other, c call) int { return j.at(other).Compare(j.at(c)) })
	for ; i < len(v.calls) && j.at(v.calls[i]).Compare(j.at(c)) == 0; i++ {
		if v.calls[i].order == c.order {
			return i, true
		}
	}
	return 0, false
}

func (j *Judge) newHit(r *record.Record, data any) *hit {
	h := &hit{
		id: r.ID, time: r.Time.UnixMilli(), order: j.order, url: j.texts.same(r.Address()),
		via: r.Handed.Via, to: j.texts.same(r.Handed.To), system: j.texts.same(r.Handed.System),
		place:  j.texts.same(j.following.known.PlaceIn(r.Handed, data)),
		leaves: inspect.LeavesSite(j.ofItsCall(r)), sure: r.Handed.Because != record.ByTime, calls: len(r.Handed.Calls),
	}
	h.hidden = slices.ContainsFunc(r.Redacted, func(at string) bool { return strings.HasPrefix(at, "/hit/") })
	if r.Handed.Failed != nil {
		h.failed = r.Handed.Failed.UnixMilli()
	}
	for i, field := range inspect.PersonalFields() {
		if slices.ContainsFunc(r.Handed.Carries, func(c record.Carried) bool { return c.What == field }) {
			h.fields |= 1 << i
		}
	}
	switch {
	case r.Handed.Unreadable:
		h.doubt = "cannot be read in this browser"
	case slices.ContainsFunc(r.Notes, hides):
		h.doubt = "was recorded in part only"
	}
	h.parts = j.partsOf(r, data, h)
	h.double = tooMany(h.parts, h.calls)
	return h
}

// hides tells whether a note says that a part of the data is not in the record.
func hides(n record.Note) bool {
	return n.Is == "truncated" || n.Is == "getter" || n.Is == "instance" && strings.Contains(n.Text, "unreadable")
}

// arrival finds out what a hit says of a call.
func (j *Judge) arrival(c call, h *hit, r *record.Record, data any) *arrival {
	a := &arrival{hit: h}
	for i, w := range j.rules.forwards {
		if w.event == c.event && j.origin(c).onSite && w.To.Has(h.via, h.to) {
			lacks, own := j.lacks(w, c, r, data)
			a.met = append(a.met, reached{i, lacks, h.hidden && !own})
		}
	}
	event := j.names.text(c.event)
	a.named = nameAt(r) != "" && (h.calls == 1 || inspect.Holds(data, event, true))
	if h.leaves {
		a.guards = j.guardsIn(c, h, r)
	}
	return a
}

// guardsIn are the guarded values of a call that a hit carries.
func (j *Judge) guardsIn(c call, h *hit, r *record.Record) (all []carried) {
	for i, g := range j.rules.guards {
		if g.field == nil {
			if g.event == c.event && h.sure { // the time alone does not show that the event was forwarded
				all = append(all, carried{i, nameAt(r)})
			}
			continue
		}
		if h.calls > 1 && j.origin(c).sent&(1<<i) == 0 {
			continue // it is another call's
		}
		for _, in := range r.Handed.Carries {
			tokens, ok := schema.Tokens(in.What)
			if ok && len(tokens) >= len(g.field) && slices.EqualFunc(g.field, tokens[:len(g.field)], func(want, is string) bool { return want == "*" || want == is }) {
				all = append(all, carried{i, in.At})
				break
			}
		}
	}
	return all
}

// nameAt is the place of the event's name in a hit's data, "" if it does not have it.
func nameAt(r *record.Record) string {
	for _, in := range r.Handed.Carries {
		if in.What == "/0" {
			return in.At
		}
	}
	return ""
}
