package journey

import (
	"iter"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/words"
)

// Outcome is how something that is expected stands in a journey.
type Outcome struct {
	Journey  string // "" where there is none at all
	Chat     string // the chat_id that it is about, "" for the journey
	Event    string // "" where it is about the calls of any
	Rule     string // that is broken where it is missing, "" where its source says enough
	Expected string // in words
	Source   string // where it is written
	State    State
	Why      string          // it is not met or cannot be judged
	Severity record.Severity // of what is missing, "" where the plan does not want it told
	Deadline record.Time     // of what is pending, zero for none
}

// State is how an expectation stands.
type State string

// The states of an expectation.
const (
	Met      State = "met"
	Missing  State = "missing" // or broken in another way
	Unjudged State = "not judgeable"
	Pending  State = "pending" // only while the recording goes on
)

// Outcomes tells how everything that the plan demands stands, for each journey that
// is reported. over says that the recording has ended.
func (j *Judge) Outcomes(over bool) iter.Seq[Outcome] {
	return func(yield func(Outcome) bool) {
		going := true
		say := func(o Outcome) { going = going && yield(o) }
		j.silent(over, func(o Outcome, _ *Finding) { say(o) })
		for _, u := range j.units {
			if s, ok := u.(*simulation); ok && going {
				s.outcomes(j, over, say)
			}
			v, ok := u.(*journey)
			if !ok || len(v.calls) == 0 || !going {
				continue
			}
			v.catchUp(j)
			if v.scope.first == nil && !v.veiled || !j.reports(v) {
				continue // the plan is not about it
			}
			k := v.known(j, over)
			say := say
			if v.scope.first == nil {
				say = func(o Outcome) { o.State, o.Why, o.Severity = Unjudged, unplaced, ""; going = going && yield(o) }
			}
			k.shaped(say)
			k.stand(func(s standing) {
				s.weigh(j, inspect.MissingEvent)
				say(s.Outcome)
			})
			k.judgeForwards(func(s standing) {
				s.weigh(j, inspect.NotForwarded)
				say(s.Outcome)
			})
			k.guarded(say)
		}
	}
}

// weigh gives what is missing the severity of what was found, or else that of a rule.
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

// Expectations tells what is expected of each journey while the recording goes
// on: everything by the plan, and by the catalogue the answers that are still
// to come.
func (j *Judge) Expectations() iter.Seq[Outcome] {
	return func(yield func(Outcome) bool) {
		for _, u := range j.units {
			v, ok := u.(*journey)
			if !ok || len(v.calls) == 0 {
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

// answers are those that the journey still waits for.
func (v *journey) answers(j *Judge) (all []Outcome) {
	for i, a := range j.rules.answers {
		w := v.asked.get(i)
		if w == nil {
			continue
		}
		for _, q := range w.open {
			c := v.calls[q]
			if lasted, may := j.lasted(c, a.within); !lasted && may && j.clock <= c.time+a.within {
				all = append(all, Outcome{
					Journey: v.id, Event: words.List(a.doc.Then, "or"), Expected: "after " + a.doc.Name, Source: j.inspector.Catalogue().Source,
					State: Pending, Deadline: clockTime(c.time + a.within),
				})
			}
		}
	}
	return all
}
