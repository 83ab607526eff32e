package journey

import (
	"fmt"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/words"
)

// silence is a unit that makes the findings when there is no journey at all.
type silence struct{ kept }

func (s *silence) judge(j *Judge, over bool) (found []Finding, open []unsettled) {
	j.silent(over, func(_ Outcome, missing *Finding) {
		if missing != nil {
			found = append(found, *missing)
		}
	})
	return found, nil
}

// silent reports the outcomes of what the plan demands of every journey, when there is no
// journey.
func (j *Judge) silent(over bool, say func(Outcome, *Finding)) {
	if j.plan == nil || j.heard.onSite || j.unplaced || j.heard.pretended && !j.heard.called || !over && (j.alive > 0 || len(j.documents) == 0) {
		return
	}
	why := j.lost()
	for _, e := range j.rules.planned {
		if !e.everywhere() {
			continue
		}
		f := record.Finding{
			Actual:  "no journey",
			Message: fmt.Sprintf("%s never came: no call at all was recorded on the plan's sites. Check that the widget is on the page, that the extension runs there, and that the plan's sites are right.%s", words.Short(e.Name), e.Why()),
		}
		if e.counted() {
			f.Expected, f.Demand = e.Count.Text+" of "+words.Short(e.Name), e.Count.Source
		} else {
			f.Expected, f.Demand = fmt.Sprintf("%s within %s", words.Short(e.Name), e.Within), e.WithinSource
		}
		outcome := Outcome{Event: e.Name, Expected: f.Expected, Source: f.Demand, State: Unjudged, Why: why}
		if why != "" {
			say(outcome, nil)
			continue
		}
		missing := verdict(inspect.MissingEvent, f)
		missing.Event = e.Name
		missing = j.atEnd(missing)
		outcome.Severity = missing.Severity
		outcome.State, outcome.Why = Missing, "no call at all was recorded on the plan's sites"
		say(outcome, &missing)
	}
}

// lost says why some document may have had calls that were not recorded, "" if none had.
func (j *Judge) lost() string {
	for _, u := range j.units {
		if d, ok := u.(*document); ok {
			for _, s := range d.Spots() {
				if (d.cutOnSite || !s.FromStart()) && s.Until() >= j.begins {
					return s.Why
				}
			}
		}
	}
	return ""
}
