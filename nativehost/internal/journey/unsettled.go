package journey

import (
	"slices"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/observed"
	"userlike-inspector/nativehost/internal/pagestate"
	"userlike-inspector/nativehost/internal/record"
)

// Unsettled is a finding that a record may still get. Until that is settled, what was found
// on the record is not final.
type Unsettled struct {
	Rule    string
	Record  string      // the record's id
	Journey string      // its journey's, "" outside of journeys
	Why     string      // when it is found: "if …" or "unless …"
	Until   record.Time // by then it is settled; zero where only the rest of the visit tells

	order int64
}

// Order tells which of the records added it is about, as Finding.Order does.
func (u Unsettled) Order() int64 { return u.order }

// unsettled is an Unsettled in a short form, as there may be as many as calls.
type unsettled struct {
	order uint32
	until int64 // ms; 0 for none
	rule  string
	why   string
	call  call
	at    *pagestate.Sighting // the record, if it is not a call
}

// tell makes an Unsettled of the short form.
func (j *Judge) tell(u unit, o unsettled) Unsettled {
	one := Unsettled{Rule: o.rule, Why: o.why, order: int64(o.order)}
	if o.at != nil {
		one.Record = o.at.ID
	} else {
		one.Record = j.idOf(o.call)
	}
	if v, ok := u.(*journey); ok {
		one.Journey = v.id
	}
	if o.until > 0 {
		one.Until = clockTime(o.until)
	}
	return one
}

// hold says whether something may still become known, and by when.
type hold struct {
	open  bool
	until int64 // ms; 0 where time alone does not tell
}

// await notes that a call may still get a finding of a rule.
func (k *known) await(rule string, c call, why string, h hold) {
	if h.open && !k.over {
		k.unsettled = append(k.unsettled, unsettled{order: c.order, until: h.until, rule: rule, why: why, call: c})
	}
}

// awaitHit is await for a hit.
func (k *known) awaitHit(rule string, of *hit, why string, h hold) {
	if h.open && !k.over {
		k.unsettled = append(k.unsettled, unsettled{order: uint32(of.order), until: h.until, rule: rule, why: why, at: &pagestate.Sighting{ID: of.id, URL: of.url}})
	}
}

// looksAgain returns the time in ms from which on time alone may settle one of a unit's
// unsettled findings. Those without a time of their own are open as long as the visit goes
// on: while a page is open that will report its end, and otherwise for half an hour.
func (j *Judge) looksAgain(u unit, open []unsettled) (at int64, ok bool) {
	if len(open) == 0 {
		return 0, false
	}
	if slices.ContainsFunc(open, func(o unsettled) bool { return o.until > 0 }) {
		return j.clock, true
	}
	var pages []*document
	switch u := u.(type) {
	case *journey:
		pages = u.documents
	case *document:
		pages = []*document{u}
	}
	for _, d := range pages {
		silent := d.Latest() + observed.Silence
		switch {
		case !d.Ended() && d.Lives():
			return 0, false
		case silent > j.clock && (!ok || silent < at):
			at, ok = silent, true
		}
	}
	return at, ok
}

// tellable drops those of rules that the plan has switched off.
func (j *Judge) tellable(all []unsettled) []unsettled {
	return slices.DeleteFunc(all, func(o unsettled) bool {
		var url string
		if o.at != nil {
			url = o.at.URL
		} else {
			url = j.origin(o.call).url
		}
		_, off := j.severity(o.rule, url, inspect.SeverityOf(o.rule))
		return off
	})
}

// goesOn tells whether the journey may have more calls: a page of it is open, or was so
// shortly before that the contact may only be on the way to the next one.
func (k *known) goesOn() bool {
	return !k.over && slices.ContainsFunc(k.v.documents, func(d *document) bool {
		return k.j.stays(d) || k.j.clock < d.Latest()+observed.Silence
	})
}

// stays tells whether more records of a document may come. If the recording will not show
// its end, a long silence counts as its end.
func (j *Judge) stays(d *document) bool {
	return !d.Ended() && (d.Lives() || j.clock < d.Latest()+observed.Silence)
}
