package journey

import (
	"slices"
	"time"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/plan"
	"userlike-inspector/nativehost/internal/words"
	"userlike-inspector/schema"
)

// rules is what journeys are judged by, from the catalogue and the plan, in
// terms of numbered event names.
type rules struct {
	needs   []need
	needsOf map[uint32][]int // the needs of an event, as indexes of needs
	metBy   map[uint32][]int // the needs that an event meets

	answers    []answer
	asks       map[uint32]int   // the answer that an event needs, as index of answers
	answeredBy map[uint32][]int // the answers that an event is

	planned []planned
	isEvent map[uint32]int   // the plan's expectation of an event, as index of planned
	arms    map[uint32][]int // the expectations whose time begins with an event

	errors    map[uint32]bool // events that tell of an error the contact saw
	resumes   uint32          // conversation_resume
	begins    map[uint32]bool // events that show that a conversation has begun
	mayRepeat map[uint32]bool // events that may come twice at once
	byChat    bool            // something is judged for each chat

	forwards   []forward
	forwardsOf map[uint32][]int // the forwards of an event, as indexes of forwards
	carries    bool             // the plan names fields that hits have to carry

	consents []consent // the catalogue's, and behind it the plan's if there is one
	guards   []guard
}

// order is an order of events that the plan demands, and the need that expresses it.
type order struct {
	says string
	need int
	ref  plan.Ref
}

// consent is the event by which the contact agrees, and what has to wait for it.
type consent struct {
	event   uint32
	told    uint64 // the guards that lists of facts show, as bits
	judged  uint64 // those of them that make a finding, as bits
	planned bool
}

// guard is what must not be sent before the contact has agreed.
type guard struct {
	event  uint32
	field  []string // tokens of a field's JSON Pointer
	at     string   // the pointer
	source string   // where it is written in the plan
}

func newRules(in *inspect.Inspector, names *interned) *rules {
	r := &rules{
		needsOf: map[uint32][]int{}, metBy: map[uint32][]int{}, asks: map[uint32]int{}, answeredBy: map[uint32][]int{},
		isEvent: map[uint32]int{}, arms: map[uint32][]int{}, errors: map[uint32]bool{}, begins: map[uint32]bool{}, mayRepeat: map[uint32]bool{},
	}
	catalogue := in.Catalogue()
	for i := range catalogue.Events {
		r.document(&catalogue.Events[i], names)
	}
	for _, n := range r.needs {
		if slices.Contains(n.any, r.resumes) {
			r.begins[n.event] = true // an event that needs another shows that there is a conversation
			for _, e := range n.any {
				r.begins[e] = e != r.resumes
			}
		}
	}
	if p := in.Plan(); p != nil {
		for i := range p.Events {
			r.plan(&p.Events[i], names)
		}
		r.forward(p, names)
	}
	r.guard(in, names)
	return r
}

// document adds the catalogue's demands on an event.
func (r *rules) document(e *schema.DocEvent, names *interned) {
	event := names.id(e.Name)
	if len(e.Needs) > 0 {
		r.need(need{event: event, any: names.all(e.Needs), later: names.all(e.MayFollow), doc: e})
	}
	if len(e.Then) > 0 {
		r.asks[event] = len(r.answers)
		for _, a := range names.all(e.Then) {
			r.answeredBy[a] = append(r.answeredBy[a], len(r.answers))
		}
		r.answers = append(r.answers, answer{e, e.Within.Milliseconds()})
	}
	r.errors[event] = e.ShowsError
	r.mayRepeat[event] = e.MayRepeat
	if e.Resumes {
		r.resumes = event
	}
}

func (r *rules) need(n need) (i int) {
	i = len(r.needs)
	r.needs = append(r.needs, n)
	r.needsOf[n.event] = append(r.needsOf[n.event], i)
	for _, e := range n.any {
		r.metBy[e] = append(r.metBy[e], i)
	}
	return i
}

// plan adds the plan's demands on an event.
func (r *rules) plan(e *plan.Event, names *interned) {
	i := len(r.planned)
	x := planned{Event: e, event: names.id(e.Name)}
	r.byChat = r.byChat || e.PerChat
	if e.When != nil {
		x.when = names.id(e.When.Event)
	}
	for _, ref := range e.After {
		other := names.id(ref.Event)
		x.after = append(x.after, other)
		need := r.need(need{event: x.event, any: []uint32{other}, byChat: e.PerChat, source: ref.Source, why: e.Why()})
		x.orders = append(x.orders, order{"after " + words.Short(ref.Event), need, ref})
		if e.Within > 0 {
			r.arms[other] = append(r.arms[other], i)
		}
	}
	for _, ref := range e.Before {
		// The finding is on the other event: that one came too early.
		need := r.need(need{event: names.id(ref.Event), any: []uint32{x.event}, optional: true, source: ref.Source, why: e.Why()})
		x.orders = append(x.orders, order{"before " + words.Short(ref.Event), need, ref})
	}
	r.isEvent[x.event] = i
	r.planned = append(r.planned, x)
}

// guard adds what must wait for consent: the contact's name and email address, or on the
// plan's sites what the plan says instead. All personal fields are shown as facts.
func (r *rules) guard(in *inspect.Inspector, names *interned) {
	catalogue, usual := in.Catalogue(), consent{}
	for _, e := range catalogue.Events {
		if e.Consents {
			usual.event = names.id(e.Name)
		}
	}
	for _, f := range catalogue.Fields {
		if !f.Personal {
			continue
		}
		bit := uint64(1) << len(r.guards)
		usual.told |= bit
		if f.Type == "string" {
			usual.judged |= bit
		}
		tokens, _ := schema.Tokens(f.At)
		r.guards = append(r.guards, guard{field: tokens, at: f.At})
	}
	r.consents = append(r.consents, usual)
	if p := in.Plan(); p != nil && p.Consent != nil {
		r.consents = append(r.consents, r.plannedConsent(p.Consent, usual.told, names))
	}
}

func (r *rules) plannedConsent(p *plan.Consent, told uint64, names *interned) consent {
	c := consent{event: names.id(p.Event), told: told, planned: true}
	for _, g := range p.Guards {
		i := slices.IndexFunc(r.guards, func(known guard) bool { return g.Field != "" && known.at == g.Field })
		if i < 0 {
			i = len(r.guards)
			r.guards = append(r.guards, guard{event: names.id(g.Event), at: g.Field})
			if g.Field != "" {
				r.guards[i].field, _ = schema.Tokens(g.Field)
			}
		}
		r.guards[i].source = g.Source
		c.told, c.judged = c.told|1<<i, c.judged|1<<i
	}
	return c
}

// sent returns, as bits, the guards whose event or field is in a call. An empty field
// does not count, because it tells nobody who the contact is.
func (r *rules) sent(facts inspect.VisitFacts, event uint32) (bits uint64) {
	for i, g := range r.guards {
		if g.field == nil && g.event == event || g.field != nil && facts.Says(g.field) {
			bits |= 1 << i
		}
	}
	return bits
}

// ms is a duration in ms.
func ms(d time.Duration) int64 { return d.Milliseconds() }
