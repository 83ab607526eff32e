package journey

import (
	"fmt"
	"slices"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/words"
)

// shaped reports the outcome of each schema of the plan in the journey's calls.
func (k *known) shaped(say func(Outcome)) {
	for i, s := range k.j.inspector.Shaped() {
		var judged, broken, veiled int
		for _, c := range k.v.calls {
			from := k.j.origin(c)
			if !from.onSite || !k.j.asksFor(c) {
				continue
			}
			judged += from.shapes.Of(i, from.shapes.Judged)
			broken += from.shapes.Of(i, from.shapes.Broken)
			veiled += from.shapes.Of(i, from.shapes.Veiled)
		}
		if judged == 0 {
			continue // no call of the journey has such a value
		}
		o := Outcome{
			Journey: k.v.id, Event: s.Event, Rule: s.Rule, Expected: k.j.inspector.Path(s.Schema.At) + " by the plan's schema", Source: s.Schema.Where, State: Met,
		}
		switch {
		case broken > 0:
			o.State, o.Why = Missing, fmt.Sprintf("%d of %s broke it", broken, words.Plural(judged, "call"))
			o.Severity, _ = k.j.plan.Severity(s.Rule, record.Error)
		case veiled > 0:
			o.State, o.Why = Unjudged, "the record holds too little of "+words.Plural(veiled, "value")+": hidden or cut"
		}
		say(o)
	}
}

// veiled tells whether it is unknown if the record was made on the plan's sites, because a
// part of its address is redacted.
func (j *Judge) veiled(r *record.Record) bool {
	return j.plan.HasSites() && slices.Contains(r.Redacted, "/url") && !j.plan.OnSite(r.Address()) && j.plan.OnOrigin(r.Address())
}

// unplaced is the reason why the plan's demands cannot be judged then.
const unplaced = "the addresses of its pages are hidden, so nobody knows whether they are on the plan's sites"
