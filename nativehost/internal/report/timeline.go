package report

import (
	"slices"

	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/words"
)

// timelines adds to the visits' events what was recorded beside the calls: hits, and other
// records with findings, such as where calls were lost. Of these, each visit gets at most so
// many, in their order in time.
func (r *Report) timelines(visits []visit, most int) {
	found := r.findingsByRecord()
	listed := map[string]bool{} // records that have a place
	for _, v := range visits {
		for _, c := range v.Calls {
			listed[c.Record] = true
		}
		for _, h := range v.Hits {
			listed[h.Record] = true
		}
	}
	beside := map[string][]event{} // the other records with findings, by journey
	for _, f := range r.Findings {
		if f.Record == "" || f.Journey == "" || f.Time.IsZero() || listed[f.Record] {
			continue
		}
		listed[f.Record] = true
		beside[f.Journey] = append(beside[f.Journey], event{
			Moment: journey.Moment{Event: f.Event, Time: f.Time, Record: f.Record},
			Calls:  1,
			Found:  found[f.Record],
			Page:   true,
		})
	}
	for i := range visits {
		v := &visits[i]
		more := beside[v.ID]
		for _, h := range v.Hits {
			more = append(more, event{
				Moment: journey.Moment{Time: h.Time, Record: h.Record},
				Calls:  1,
				Found:  found[h.Record],
				Hit:    &h,
			})
		}
		slices.SortStableFunc(more, func(a, b event) int { return a.Time.Compare(b.Time.Time) })
		v.Beside = max(0, len(more)-most)
		v.Events = merged(v.Events, more[:len(more)-v.Beside])
	}
}

// merged puts what was recorded beside the calls among the events, in the order of their times,
// and sets how long after the last call each was.
func merged(events, more []event) []event {
	all := make([]event, 0, len(events)+len(more))
	put := func(e event, behind []event) {
		if len(behind) > 0 {
			e.After = words.After(e.Time.Sub(behind[len(behind)-1].Time.Time))
		}
		all = append(all, e)
	}
	for i, e := range events {
		for len(more) > 0 && more[0].Time.Before(e.Time.Time) {
			put(more[0], events[:i])
			more = more[1:]
		}
		all = append(all, e)
	}
	for _, e := range more {
		put(e, events)
	}
	return all
}
