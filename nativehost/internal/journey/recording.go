package journey

import (
	"slices"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/record"
)

// Recording judges a whole recording and keeps every finding, as reports need it. For a
// recording that goes on for hours, use Judge, which needs less memory.
type Recording struct {
	*Judge
	own   []owned
	early []earlyHit
}

// earlyHit is a hit with personal data that came before its calls, by whose addresses it is
// judged at the end.
type earlyHit struct {
	*record.Record
	order int64
	home  Home
}

// owned is a finding that needs only one record.
type owned struct {
	Finding
	home Home
}

// NewRecording makes an empty Recording. It judges by the inspector's plan.
func NewRecording(in *inspect.Inspector) *Recording { return &Recording{Judge: New(in)} }

// Add adds the next record.
func (r *Recording) Add(rec *record.Record) { r.Take(rec, Wanted) }

// Take adds the next record. Findings on it, and its journey, are reported only if part is
// Wanted.
func (r *Recording) Take(rec *record.Record, part Part) {
	found, home := r.add(rec, part)
	if part != Wanted {
		return
	}
	if r.isEarly(rec) {
		r.early = append(r.early, earlyHit{rec, r.order, home})
		return
	}
	r.own = append(r.own, r.owned(rec, found, r.order, home)...)
}

// owned are the findings on one record.
func (r *Recording) owned(rec *record.Record, found []record.Finding, order int64, home Home) (all []owned) {
	for _, f := range found {
		all = append(all, owned{Finding{
			Finding: f, Record: rec.ID, Event: r.eventOf(rec, f), Time: rec.Time, URL: rec.Address(), order: order,
		}, home})
	}
	return all
}

// isEarly tells whether a record is a hit with personal data of which a call has not arrived.
func (r *Recording) isEarly(rec *record.Record) bool {
	return rec.Kind == record.Hit && slices.ContainsFunc(rec.Handed.Carries, inspect.IsPersonal) &&
		slices.ContainsFunc(rec.Handed.Calls, func(id string) bool { _, arrived := r.following.calls[keyOf(id)]; return !arrived })
}

// End returns all findings, in the order of arrival of the records that they are about.
// Those on no record come last.
func (r *Recording) End() []Finding {
	reported := map[string]bool{}
	for _, u := range r.units {
		if v, ok := u.(*journey); ok && r.reports(v) {
			reported[v.id] = true
		}
	}
	var all []Finding
	for _, f := range r.Findings(true) {
		n := f.Order()
		if n == 0 && (f.Journey == "" || reported[f.Journey]) || n > 0 && r.isWanted(n) {
			all = append(all, f)
		}
	}
	own := slices.Clip(r.own)
	for _, e := range r.early {
		own = append(own, r.owned(e.Record, r.inspector.Judge(r.ofItsCall(e.Record)), e.order, e.home)...)
	}
	for _, o := range own {
		o.Journey = o.home.ID()
		all = append(all, o.Finding)
	}
	slices.SortStableFunc(all, byOrder)
	return all
}

// Journey is a journey as reports show it.
type Journey struct {
	ID      string
	Session string // session_ctx.session_id, "" for none
	Site    string
	Begun   bool // it was recorded from its beginning
	Calls   []Moment
	Hits    []Hit // of these calls, in the order of their times
}

// Hit is where calls of a journey went.
type Hit struct {
	Record string
	Time   record.Time
	To     string
	System string   // "" if it is not known
	Events []string // of the journey's calls that it belongs to, each once
}

// Journeys lists the journeys in the order in which they were first seen.
func (j *Judge) Journeys() []Journey {
	var all []Journey
	for _, u := range j.units {
		v, ok := u.(*journey)
		if !ok || len(v.calls) == 0 || !j.reports(v) {
			continue
		}
		v.catchUp(j)
		one := Journey{ID: v.id, Session: v.session, Site: v.place.Site, Begun: v.middle(j) == ""}
		for _, c := range v.calls {
			if j.asksFor(c) {
				one.Calls = append(one.Calls, j.moment(c))
			}
		}
		one.Hits = j.hitsOf(v)
		all = append(all, one)
	}
	return all
}

// hitsOf lists the hits of a journey's calls.
func (j *Judge) hitsOf(v *journey) (all []Hit) {
	if j.following == nil {
		return nil
	}
	known := map[string]int{}
	for _, c := range v.calls {
		if !j.asksFor(c) {
			continue
		}
		for _, a := range j.following.hits[j.keyOf(c)] {
			i, there := known[a.id]
			if !there {
				i = len(all)
				known[a.id] = i
				all = append(all, Hit{Record: a.id, Time: clockTime(a.time), To: a.to, System: a.system})
			}
			if event := j.names.text(c.event); !slices.Contains(all[i].Events, event) {
				all[i].Events = append(all[i].Events, event)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Hit) int { return a.Time.Compare(b.Time.Time) })
	return all
}
