package journey

import (
	"fmt"
	"iter"
	"slices"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/words"
)

// agreement is how the contact agreed, by one of the rules' consents.
type agreement struct {
	by    *call    // when they did first
	early []uint32 // what is judged and was sent before that, as indexes of the journey's calls
}

// agree looks whether the contact agrees by the call, or sends by it what has
// to wait for that.
func (v *journey) agree(j *Judge, c call) {
	r := j.rules
	if v.agreements == nil {
		v.agreements = make([]agreement, len(r.consents))
	}
	for i, consent := range r.consents {
		switch a := &v.agreements[i]; {
		case a.by != nil:
		case c.event == consent.event:
			a.by = &c
			for n := len(a.early); n > 0 && c.time-v.calls[a.early[n-1]].time < tolerance; n-- {
				a.early = a.early[:n-1]
			}
		case j.origin(c).sent&consent.judged != 0:
			a.early = append(a.early, uint32(v.done))
		}
	}
}

// consent is what the journey's contact has to agree by, and how they did: by
// the plan on its sites, if it says.
func (v *journey) consent(j *Judge) (consent, agreement) {
	i := len(j.rules.consents) - 1
	if i > 0 && !v.onSite(j) {
		i = 0
	}
	return j.rules.consents[i], v.agreements[i]
}

// judgeConsent finds what was sent before the contact agreed. Without a plan
// that asks for consent, it is only told where the contact did agree later:
// elsewhere nobody may have to.
func (v *journey) judgeConsent(j *Judge, over bool, add func(Finding, call)) (wait bool) {
	consent, agreed := v.consent(j)
	if !consent.planned && agreed.by == nil {
		return false
	}
	for _, i := range agreed.early {
		c := v.calls[i]
		if !over && agreed.by == nil && j.clock < c.time+tolerance {
			wait = true
			continue
		}
		for i, g := range j.rules.guards {
			if j.origin(c).sent&consent.judged&(1<<i) != 0 {
				add(j.beforeConsent(consent, agreed, g, c), c)
			}
		}
	}
	return wait
}

func (j *Judge) beforeConsent(rule consent, agreed agreement, g guard, c call) Finding {
	consent, event := words.Short(j.names.text(rule.event)), words.Shown(j.names.text(c.event))
	f := record.Finding{
		At:       g.at,
		Expected: "not before " + consent,
		Actual:   fmt.Sprintf("%s never came", consent),
		Severity: record.Error,
		Demand:   g.source,
	}
	when := "which never came in this journey"
	if agreed.by != nil {
		early := span(agreed.by.time - c.time)
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

// Consent tells, for one journey, what was sent before and after the contact
// agreed. It states facts; findings judge them.
type Consent struct {
	Journey   string
	Session   string   // the contact's session_id, "" if none is known
	Documents []string // that its calls came from
	Site      string
	Event     string // by which the contact agrees
	Agreed    *Moment
	Before    []Sent
	After     []Sent
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
	Calls int
	First Moment
	Last  Moment
}

// Consents is the audit of every journey in which anything guarded or personal
// was sent or the contact agreed, in the order in which the journeys began to
// be recorded.
func (j *Judge) Consents() []Consent {
	all := slices.Collect(j.NewestConsents())
	slices.Reverse(all)
	return all
}

// NewestConsents is Consents one after the other, from the last journey back.
func (j *Judge) NewestConsents() iter.Seq[Consent] {
	return func(yield func(Consent) bool) {
		for _, u := range slices.Backward(j.units) {
			v, ok := u.(*journey)
			if !ok || len(v.calls) == 0 {
				continue
			}
			v.catchUp(j)
			if a := j.audit(v); (a.Agreed != nil || len(a.Before) > 0) && !yield(a) {
				return
			}
		}
	}
}

// audit goes through a journey's calls. What was sent less than a second before
// the contact agreed counts as sent after it, for it may have been.
func (j *Judge) audit(v *journey) Consent {
	consent, agreed := v.consent(j)
	a := Consent{Journey: v.id, Session: v.session, Site: v.site.key.site, Event: j.names.text(consent.event)}
	for _, d := range v.documents {
		a.Documents = append(a.Documents, d.id)
	}
	if agreed.by != nil {
		m := j.moment(*agreed.by)
		a.Agreed = &m
	}
	for i, g := range j.rules.guards {
		if consent.told&(1<<i) == 0 {
			continue
		}
		before, after := Sent{At: g.at, What: words.Short(j.names.text(g.event))}, Sent{}
		if g.field != nil {
			before.What = j.inspector.Path(g.at)
		}
		after = before
		for _, c := range v.calls {
			if j.origin(c).sent&(1<<i) == 0 {
				continue
			}
			if agreed.by != nil && agreed.by.time-c.time < tolerance {
				after.count(j.moment(c))
			} else {
				before.count(j.moment(c))
			}
		}
		if before.Calls > 0 {
			a.Before = append(a.Before, before)
		}
		if after.Calls > 0 {
			a.After = append(a.After, after)
		}
	}
	return a
}

func (s *Sent) count(m Moment) {
	if s.Calls == 0 {
		s.First = m
	}
	s.Calls++
	s.Last = m
}

func (j *Judge) moment(c call) Moment {
	return Moment{j.names.text(c.event), clockTime(c.time), j.idOf(c)}
}
