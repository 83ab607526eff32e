package journey

import (
	"iter"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/record"
)

// Outcome is the result of one demand in one journey: met, missing, pending or not
// judgeable.
type Outcome struct {
	Journey  string // "" where there is none at all
	Chat     string // the chat_id that it is about, "" for the whole journey
	Event    string // "" if it is about calls of any event
	Rule     string // the rule that is broken if it is missing, "" if Source says enough
	Expected string // in words
	Source   string // where it is written
	State    State
	Why      string          // why it is not met or cannot be judged
	Severity record.Severity // of the finding if it is missing, "" if the plan has switched the rule off
	Deadline record.Time     // until when a pending one may be met, zero for no limit
	SoFar    bool            // it is met, but the visit may go on
	Order    int64           // the record that it stands on, as Finding.Order; 0 for the visit as a whole

	simulated bool // it is about a simulation, whose findings are in no journey
}

// Breaks tells whether a finding says that this demand is not met. The finding can be about
// another event: what comes too early is at fault, not what it should have waited for.
func (o Outcome) Breaks(f Finding) bool {
	switch {
	case o.simulated && f.Journey != "", !o.simulated && f.Journey != o.Journey:
		return false
	case o.Rule != "":
		return f.Rule == o.Rule && (o.Event == "" || f.Event == o.Event)
	}
	return f.Demand == o.Source
}

// State is the result of a demand.
type State string

// The results of a demand.
const (
	Met      State = "met"
	Missing  State = "missing" // it did not come, or the demand is broken in another way
	Unjudged State = "not judgeable"
	Pending  State = "pending" // it may still come; only while the recording goes on
)

// Outcomes are the results of all demands of the plan, for each journey that is reported.
// over says that the recording has ended.
func (j *Judge) Outcomes(over bool) iter.Seq[Outcome] {
	return func(yield func(Outcome) bool) {
		going := true
		say := func(o Outcome) { going = going && yield(o) }
		j.silent(over, func(o Outcome, _ *Finding) { say(o) })
		for _, u := range j.units {
			if s, ok := u.(*simulation); ok && going {
				s.outcomes(j, over, say)
			}
			if v, ok := u.(*journey); ok && len(v.calls) > 0 && going && j.reports(v) {
				j.outcomes(v, over, say)
			}
		}
	}
}

// outcomes calls say with the result of each demand of the plan in a journey.
func (j *Judge) outcomes(v *journey, over bool, say func(Outcome)) {
	v.catchUp(j)
	if v.scope.first == nil && !v.veiled {
		return // the journey was not on the plan's sites
	}
	if v.scope.first == nil {
		known := say
		say = func(o Outcome) { o.State, o.Why, o.Severity = Unjudged, unplaced, ""; known(o) }
	}
	k := v.known(j, over)
	if k.goesOn() {
		known := say
		say = func(o Outcome) { o.SoFar = o.State == Met; known(o) }
	}
	k.shaped(say)
	k.stand(func(s standing) {
		s.weigh(j, inspect.MissingEvent)
		say(s.Outcome)
	})
	k.standForwards(func(s standing) {
		s.weigh(j, inspect.NotForwarded)
		say(s.Outcome)
	})
	k.guarded(say)
}

// weigh gives a missing outcome the severity of its finding, or else that of the rule.
func (s *standing) weigh(j *Judge, rule string) {
	if s.State != Missing {
		return
	}
	if len(s.found) == 0 {
		s.Severity, _ = j.plan.Severity(rule, record.Error)
	}
	for _, f := range s.found {
		if f.Severity.Rank() > s.Severity.Rank() {
			s.Severity = f.Severity
		}
	}
}

// Expectations are the outcomes of each journey while the recording goes on: all demands
// of the plan, and the answers that the catalogue still waits for.
func (j *Judge) Expectations() iter.Seq[Outcome] {
	return func(yield func(Outcome) bool) {
		for _, u := range j.units {
			v, ok := u.(*journey)
			if !ok || len(v.calls) == 0 || !j.reports(v) {
				continue
			}
			v.catchUp(j)
			for _, o := range v.answers(j) {
				if !yield(o) {
					return
				}
			}
		}
		j.Outcomes(false)(yield)
	}
}
