package journey

import (
	"iter"
	"slices"

	"userlike-inspector/nativehost/internal/record"
)

// Visit is a journey as a list of visits shows it.
type Visit struct {
	ID        string
	Session   string   // session_ctx.session_id, "" for none
	Site      string   // its registrable domain
	Contacts  []string // client_uuids, in the order in which they came
	Documents []string // that its calls came from
	Middle    string   // why the recording begins in the middle of the visit, "" if it does not

	Calls      []int64     // the wanted calls, as numbers like those of Finding.Order
	First, End record.Time // of the calls that count, as the clock said

	Found    []Finding   // findings that need more than one record
	Open     []Unsettled // findings that there may still be
	GoesOn   bool        // there may be more calls
	Outcomes []Outcome   // results of the plan's demands; empty if the plan does not apply to the visit
	Consent  Consent
}

// maxContacts is how many contacts of a visit are listed.
const maxContacts = 10

// NewestVisits lists the reported journeys as they stand so far, the newest first.
func (j *Judge) NewestVisits() iter.Seq[Visit] {
	return func(yield func(Visit) bool) {
		for i := len(j.units) - 1; i >= 0; i-- {
			v, ok := j.units[i].(*journey)
			if ok && len(v.calls) > 0 && j.reports(v) && !yield(j.visit(v)) {
				return
			}
		}
	}
}

// visit describes a journey.
func (j *Judge) visit(v *journey) Visit {
	v.catchUp(j)
	one := Visit{ID: v.id, Session: v.session, Site: v.place.Site, Middle: v.middle(j), Consent: j.audit(v, false)}
	one.Documents = one.Consent.Documents
	for _, c := range v.calls {
		if j.isWanted(int64(c.order)) {
			one.Calls = append(one.Calls, int64(c.order))
		}
		if at := clockTime(c.time()); j.asksFor(c) {
			if one.First.IsZero() || at.Before(one.First.Time) {
				one.First = at
			}
			if at.After(one.End.Time) {
				one.End = at
			}
		}
	}
	for _, heard := range v.clients {
		if name := j.names.text(heard.value); name != "" && len(one.Contacts) < maxContacts {
			one.Contacts = append(one.Contacts, name)
		}
	}
	found, open := j.verdicts(v, false)
	one.Found, one.Open = j.wantedOf(v, found, j.tellable(open))
	one.GoesOn = v.known(j, false).goesOn()
	j.outcomes(v, false, func(o Outcome) { one.Outcomes = append(one.Outcomes, o) })
	return one
}

// VisitWith returns the reported visit with an ID.
func (j *Judge) VisitWith(id string) (visit Visit, ok bool) {
	for _, u := range j.units {
		if v, is := u.(*journey); is && v.id == id && len(v.calls) > 0 && j.reports(v) {
			return j.visit(v), true
		}
	}
	return Visit{}, false
}

// VisitOf returns the visit of a record: of a call, found by its order, else the last visit
// of the document.
func (j *Judge) VisitOf(order int64, page string) (visit Visit, ok bool) {
	d := j.documents[page]
	if d == nil {
		return Visit{}, false
	}
	var found *journey
	for _, v := range d.journeys {
		if v = v.root(); len(v.calls) == 0 {
			continue
		}
		if slices.ContainsFunc(v.calls, func(c call) bool { return int64(c.order) == order }) {
			return j.visit(v), true
		}
		if slices.ContainsFunc(v.calls, func(c call) bool { return j.origin(c).document == d }) {
			found = v
		}
	}
	if found == nil {
		return Visit{}, false
	}
	return j.visit(found), true
}
