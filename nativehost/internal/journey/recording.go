package journey

import (
	"slices"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/record"
)

// Recording judges a whole recording and keeps every verdict, which suits
// reports. What is watched for hours is better judged by Judge alone.
type Recording struct {
	*Judge
	own      []owned
	unwanted []uint64 // the orders of records that are not reported, as bits
}

// owned is a verdict on a single record.
type owned struct {
	Finding
	home Home
}

// NewRecording makes an empty one. It judges by the inspector's plan.
func NewRecording(in *inspect.Inspector) *Recording { return &Recording{Judge: New(in)} }

// Add takes in the next record.
func (r *Recording) Add(rec *record.Record) { r.Take(rec, Wanted) }

// Take takes in the next record, which is a part of what is asked for or not: what is
// found on it is reported if it is wanted, and its journey too.
func (r *Recording) Take(rec *record.Record, part Part) {
	found, home := r.add(rec, part)
	if part != Wanted {
		for int64(len(r.unwanted))*64 <= r.order {
			r.unwanted = append(r.unwanted, 0)
		}
		r.unwanted[r.order/64] |= 1 << (r.order % 64)
		return
	}
	for _, f := range found {
		r.own = append(r.own, owned{Finding{
			Finding: f, Record: rec.ID, Event: r.eventOf(rec), Time: rec.Time, URL: rec.Address(), order: r.order,
		}, home})
	}
}

// End gives all verdicts, in the order in which the records they are about
// arrived; those on no record come last.
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
		if n == 0 && (f.Journey == "" || reported[f.Journey]) || n > 0 && (n/64 >= int64(len(r.unwanted)) || r.unwanted[n/64]&(1<<(n%64)) == 0) {
			all = append(all, f)
		}
	}
	for _, o := range r.own {
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
			if j.origin(c).asked {
				one.Calls = append(one.Calls, j.moment(c))
			}
		}
		all = append(all, one)
	}
	return all
}
