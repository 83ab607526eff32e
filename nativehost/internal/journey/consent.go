package journey

import (
	"cmp"
	"fmt"
	"iter"
	"slices"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/observed"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/words"
)

// agreement is how the contact agreed, for one of the consents of rules.
type agreement struct {
	by    *call    // the first call by which they agreed
	early []uint32 // guarded calls before that, as indexes of the journey's calls
	doubt uint64   // the guards for which it is unknown whether they were met before, as bits
	why   string   // why it is unknown
}

// agree notes whether the contact agrees by this call, or the call has something that
// must wait for consent.
func (v *journey) agree(j *Judge, c call, now uint32) {
	r, from := j.rules, j.origin(c)
	if v.agreements == nil {
		v.agreements = make([]agreement, len(r.consents))
	}
	v.onSite = v.onSite || from.onSite
	for i, consent := range r.consents {
		switch a := &v.agreements[i]; {
		case c.event == consent.event:
			if a.by == nil {
				a.by = &c
			}
			v.without(&a.early, func(other call) bool {
				if j.elapsed(other, c) >= observed.Tolerance {
					return false
				}
				if why := j.doubt(other, c); why != "" {
					a.doubt, a.why = a.doubt|j.origin(other).sent&consent.judged, why
				}
				return true
			})
		case a.by != nil && from.sent&consent.judged != 0 && r.consentOf(from) == i:
			if why := j.disputed(*a.by, c); why != "" {
				a.doubt, a.why = a.doubt|from.sent&consent.judged, why
			}
		case from.sent&consent.judged != 0 && r.consentOf(from) == i:
			a.early = append(a.early, now)
		}
	}
}

// consentOf is the index of the consent that a call is judged by: the plan's on the
// plan's sites, if the plan has one, else the catalogue's.
func (r *rules) consentOf(from *origin) int {
	if from.onSite {
		return len(r.consents) - 1
	}
	return 0
}

// consent is the consent that applies to the journey, and how the contact agreed. It is
// the plan's if the plan has one and the journey was on the plan's sites.
func (v *journey) consent(j *Judge) (consent, agreement) {
	i := 0
	if v.onSite {
		i = len(j.rules.consents) - 1
	}
	return j.rules.consents[i], v.agreements[i]
}

// judgeConsents finds what was sent before the contact agreed. If no plan asks for consent,
// this is found only where the contact did agree later: elsewhere consent may not be needed.
func (k *known) judgeConsents() {
	for i, consent := range k.j.rules.consents {
		k.judgeConsent(consent, k.v.agreements[i], func(_ int, f Finding, c call) { k.tell(f, c) })
	}
}

// judgeConsent calls add for each call that was sent too early, with the index of its
// guard. doubted are the guards, as bits, that cannot be judged, and why says the reason.
func (k *known) judgeConsent(consent consent, agreed agreement, add func(int, Finding, call)) (doubted uint64, why string) {
	j := k.j
	doubted, why = agreed.doubt, agreed.why
	name := words.Short(j.names.text(consent.event))
	goesOn := agreed.by == nil && !consent.planned && len(agreed.early) > 0 && k.goesOn()
	if agreed.by == nil && !consent.planned && !goesOn {
		return doubted, why
	}
	for _, i := range agreed.early {
		c := k.v.calls[i]
		sent := j.origin(c).sent & consent.judged
		unseen := k.began(c)
		if unseen == "" {
			lasted, h := k.passed(c)
			if agreed.by == nil && !consent.planned {
				h.open = h.open || lasted
				k.await(inspect.BeforeConsent, c, "if "+name+" comes later in this visit", hold{open: h.open})
				continue
			}
			if !lasted {
				k.await(inspect.BeforeConsent, c, "unless "+name+" comes at about the same time", h)
				unseen = "nothing was recorded as late as a second after it"
			}
		}
		if unseen != "" {
			doubted, why = doubted|sent, cmp.Or(why, unseen)
			continue
		}
		for g := range j.rules.guards {
			if sent&(1<<g) != 0 {
				add(g, k.beforeConsent(consent, agreed, j.rules.guards[g], c), c)
			}
		}
	}
	return doubted, why
}

// guarded reports the outcome of each guard of the plan.
func (k *known) guarded(say func(Outcome)) {
	last := len(k.j.rules.consents) - 1
	consent, agreed := k.j.rules.consents[last], k.v.agreements[last]
	if !consent.planned {
		return
	}
	var broken uint64
	doubted, why := k.judgeConsent(consent, agreed, func(g int, _ Finding, _ call) { broken |= 1 << g })
	for i, g := range k.j.rules.guards {
		if consent.judged&(1<<i) == 0 {
			continue
		}
		o := Outcome{Journey: k.v.id, Event: k.j.names.text(consent.event), Expected: "before " + k.j.guarded(g), Source: g.source, State: Met}
		if agreed.by != nil {
			o.Order = int64(agreed.by.order)
		}
		switch {
		case broken&(1<<i) != 0:
			o.State, o.Why = Missing, "it was sent before"
			o.Severity, _ = k.j.plan.Severity(inspect.BeforeConsent, record.Error)
		case doubted&(1<<i) != 0:
			o.State, o.Why = Unjudged, why
		default:
			if unseen := k.all(); unseen != "" {
				o.State, o.Why = Unjudged, unseen
			}
		}
		say(o)
	}
}

// guarded names an event or field that a guard protects, in words.
func (j *Judge) guarded(g guard) string {
	if g.field != nil {
		return j.inspector.Path(g.at)
	}
	return words.Short(j.names.text(g.event))
}

func (k *known) beforeConsent(rule consent, agreed agreement, g guard, c call) Finding {
	j, came := k.j, k.sofar()
	consent, event := words.Short(j.names.text(rule.event)), words.Shown(j.names.text(c.event))
	f := record.Finding{
		At:       g.at,
		Expected: "not before " + consent,
		Actual:   consent + " " + came,
		Severity: record.Error,
		Demand:   g.source,
	}
	when := "which " + came + " in this visit"
	if agreed.by != nil {
		early := span(max(0, j.elapsed(c, *agreed.by)))
		f.Actual = early + " before it"
		when = fmt.Sprintf("which came %s later", early)
	}
	what := fmt.Sprintf("%s was sent", event)
	if g.field != nil {
		what = fmt.Sprintf("%s sent %s", event, j.inspector.Path(g.at))
	} else {
		f.At = "/0"
	}
	f.Message = fmt.Sprintf("%s before %s, by which the contact agrees to the data privacy notice and %s. Check where the site or the widget hands it over, and make that wait for the contact's consent.", what, consent, when)
	if !rule.planned {
		f.Severity = record.Warning
		f.Demand = "Client Tracking API: " + consent + ", as this product reads its description"
	}
	return verdict(inspect.BeforeConsent, f)
}

// sofar is how a sentence ends that says what did not come in the journey.
func (k *known) sofar() string {
	if k.ended() {
		return "never came"
	}
	return "has not come so far"
}

// Consent lists, for one journey, what was sent before and after the contact agreed.
// These are facts; whether something is wrong is said by findings.
type Consent struct {
	Journey   string
	Session   string   // the contact's session_id, "" if none is known
	Documents []string // that its calls came from
	Site      string
	Event     string // by which the contact agrees
	Agreed    *Moment
	Open      bool // the contact may still agree: a page of the visit is open
	Before    []Sent
	After     []Sent

	// The same for what was forwarded to other sites, counted in hits.
	ForwardedBefore []Sent
	ForwardedAfter  []Sent
}

// Accept removes the findings that the plan accepts.
func (c *Consent) Accept(by *Accepting) {
	for _, all := range [][]Sent{c.Before, c.ForwardedBefore} {
		for i, s := range all {
			if s.Found != nil && by.By(*s.Found) != nil {
				all[i].Found = nil
			}
		}
	}
}

// Moment is a call at its time.
type Moment struct {
	Event  string
	Time   record.Time
	Record string
}

// Sent is a guarded event or a personal field that was sent, and how often.
type Sent struct {
	What  string // an event's name, or a field as one writes it in JavaScript
	At    string // the field's JSON Pointer, "" for an event
	To    string // the place that it was forwarded to, as in Place, "" for what the client sent to the page
	Calls int
	First Moment
	Last  Moment
	Early int64    // if it was sent before the contact agreed: at least how many ms before, the first time; 0 if unknown
	Found *Finding // the first finding on it, nil for none
	Open  bool     // there may still be a finding on it
}

// Earlier says in words how long before the contact's consent it was sent, "" if that is
// not known.
func (s Sent) Earlier() string {
	if s.Early == 0 {
		return ""
	}
	return span(s.Early) + " before"
}

// Agreement says in words that the contact did not agree, or has not yet. It is only for
// visits without consent.
func (c Consent) Agreement() string {
	if c.Open {
		return "not agreed so far"
	}
	return "never agreed"
}

// Consents is the Consent of each journey in which something guarded or personal was
// sent, or the contact agreed, in the order in which the journeys were first recorded.
// It treats the recording as finished.
func (j *Judge) Consents() []Consent {
	all := slices.Collect(j.consents(true))
	slices.Reverse(all)
	return all
}

// NewestConsents is like Consents while the recording goes on, the newest journey first.
func (j *Judge) NewestConsents() iter.Seq[Consent] { return j.consents(false) }

func (j *Judge) consents(over bool) iter.Seq[Consent] {
	return func(yield func(Consent) bool) {
		for _, u := range slices.Backward(j.units) {
			v, ok := u.(*journey)
			if !ok || len(v.calls) == 0 || !j.reports(v) {
				continue
			}
			v.catchUp(j)
			if a := j.audit(v, over); (a.Agreed != nil || len(a.Before)+len(a.ForwardedBefore) > 0) && !yield(a) {
				return
			}
		}
	}
}

// audit makes the Consent of a journey from its calls, in the order of seq.
func (j *Judge) audit(v *journey, over bool) Consent {
	consent, agreed := v.consent(j)
	k := v.known(j, over)
	accused := k.accused()
	open := map[uint32]bool{} // by the order of the record
	for _, o := range j.tellable(k.unsettled) {
		open[o.order] = true
	}
	a := Consent{Journey: v.id, Session: v.session, Site: v.place.Site, Event: j.names.text(consent.event)}
	for _, d := range v.documents {
		a.Documents = append(a.Documents, d.ID)
	}
	if agreed.by != nil {
		m := j.moment(*agreed.by)
		a.Agreed = &m
	}
	a.Open = agreed.by == nil && !k.left()
	for i, g := range j.rules.guards {
		if consent.told&(1<<i) == 0 {
			continue
		}
		before := Sent{At: g.at, What: j.guarded(g)}
		after := before
		for _, c := range v.calls {
			if j.origin(c).sent&(1<<i) == 0 || !j.asksFor(c) {
				continue
			}
			if agreed.by != nil && !j.precedes(c, *agreed.by) {
				after.count(j.moment(c))
				continue
			}
			if before.Calls == 0 && agreed.by != nil {
				before.Early = max(0, j.elapsed(c, *agreed.by))
			}
			before.count(j.moment(c))
			before.accuse(accused, cmp.Or(g.at, "/0"))
			before.Open = before.Open || open[c.order] && consent.judged&(1<<i) != 0
		}
		if before.Calls > 0 {
			a.Before = append(a.Before, before)
		}
		if after.Calls > 0 {
			a.After = append(a.After, after)
		}
	}
	j.auditForwarded(&a, v, consent, agreed, accused, open)
	return a
}

// precedes tells whether a call came before another. Within a document seq decides,
// between documents only the clock can.
func (j *Judge) precedes(c, other call) bool {
	if j.origin(c).document == j.origin(other).document {
		return j.at(c).Before(j.at(other))
	}
	return j.elapsed(c, other) > 0
}

// accusedAt is the place of a finding: a record's id and a JSON Pointer.
type accusedAt struct{ record, at string }

// accused are the findings of the rule before-consent in a journey, by place.
func (k *known) accused() map[accusedAt]Finding {
	k.judgeConsents()
	k.judgeSentOn()
	all := map[accusedAt]Finding{}
	for _, f := range k.found {
		if f.Severity != "" { // "" means that the plan has switched the rule off
			all[accusedAt{f.Record, f.At}] = f
		}
	}
	return all
}

// auditForwarded adds what was forwarded to other sites.
func (j *Judge) auditForwarded(a *Consent, v *journey, consent consent, agreed agreement, accused map[accusedAt]Finding, open map[uint32]bool) {
	for _, d := range v.sentOn {
		c := v.calls[d.call]
		if !j.asksFor(c) {
			continue
		}
		list, early := &a.ForwardedBefore, int64(0)
		if agreed.by != nil {
			later := max(0, d.time-c.time())
			early = j.elapsed(c, *agreed.by) - later
			if early < 0 || early == 0 && (later > 0 || !j.precedes(c, *agreed.by)) {
				list = &a.ForwardedAfter
			}
			early = max(0, early)
		}
		for _, g := range d.guards {
			if consent.told&(1<<g.guard) == 0 {
				continue
			}
			at, what := j.rules.guards[g.guard].at, j.guarded(j.rules.guards[g.guard])
			to := j.following.known.Address(d.system, d.to)
			i := slices.IndexFunc(*list, func(s Sent) bool { return s.What == what && s.To == to })
			if i < 0 {
				i = len(*list)
				*list = append(*list, Sent{What: what, At: at, To: to})
			}
			s := &(*list)[i]
			if list == &a.ForwardedBefore && s.Calls == 0 {
				s.Early = early
			}
			if s.count(Moment{j.names.text(c.event), clockTime(d.time), d.id}); list == &a.ForwardedBefore {
				s.accuse(accused, g.at)
				s.Open = s.Open || open[uint32(d.order)] && consent.judged&(1<<g.guard) != 0
			}
		}
	}
	for _, list := range [][]Sent{a.ForwardedBefore, a.ForwardedAfter} {
		slices.SortFunc(list, func(a, b Sent) int { return cmp.Or(cmp.Compare(a.To, b.To), cmp.Compare(a.What, b.What)) })
	}
}

func (s *Sent) count(m Moment) {
	if s.Calls == 0 {
		s.First = m
	}
	s.Calls++
	s.Last = m
}

// accuse attaches the finding at a place, if there is one and none was attached before.
func (s *Sent) accuse(by map[accusedAt]Finding, at string) {
	if f, accused := by[accusedAt{s.Last.Record, at}]; accused && s.Found == nil {
		s.Found = &f
	}
}

func (j *Judge) moment(c call) Moment {
	return Moment{j.names.text(c.event), clockTime(c.time()), j.idOf(c)}
}
