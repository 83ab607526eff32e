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
	own []owned
}

// owned is a verdict on a single record.
type owned struct {
	Finding
	home Home
}

// NewRecording makes an empty one. It judges by the inspector's plan.
func NewRecording(in *inspect.Inspector) *Recording { return &Recording{Judge: New(in)} }

// Add takes in the next record.
func (r *Recording) Add(rec *record.Record) {
	found, home := r.Judge.Add(rec)
	for _, f := range found {
		r.own = append(r.own, owned{Finding{
			Finding: f, Record: rec.ID, Event: rec.EventName(), Time: rec.Time, URL: rec.Address(), order: r.order,
		}, home})
	}
}

// End gives all verdicts, in the order in which the records they are about
// arrived; those on no record come last.
func (r *Recording) End() []Finding {
	all := r.Findings(true)
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
		if !ok || len(v.calls) == 0 {
			continue
		}
		v.catchUp(j)
		one := Journey{ID: v.id, Session: v.session, Site: v.site.key.site, Begun: v.begun()}
		for _, c := range v.calls {
			one.Calls = append(one.Calls, j.moment(c))
		}
		all = append(all, one)
	}
	return all
}
