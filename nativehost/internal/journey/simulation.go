package journey

import (
	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/observed"
	"userlike-inspector/nativehost/internal/record"
)

// simulation are the calls that a tester's simulation made in a document. They are not a
// contact's visit, so only where they went is judged.
type simulation struct {
	kept
	calls journey
}

// simulated handles a call of a simulation.
func (j *Judge) simulated(d *document, r *record.Record, m observed.Moment, facts inspect.VisitFacts) {
	if d.simulation == nil {
		d.simulation = &simulation{calls: journey{id: "the simulation in document " + d.ID, place: m.Document.Place}}
		d.simulation.calls.simulation = d.simulation
		j.know(d.simulation)
	}
	s := d.simulation
	c := j.call(d, r, m, facts)
	s.calls.add(j, c)
	j.hear(c, false)
	j.follow() // follow must not come later: it finds only the calls of journeys
	j.located(c, Home{journey: &s.calls})
	j.touch(s)
}

// judge returns the findings on where the calls went.
func (s *simulation) judge(j *Judge, over bool) (found []Finding, open []unsettled) {
	k := s.known(j, over)
	k.judgeForwards()
	k.judgeDoubles()
	for i := range k.found {
		k.found[i].Journey = ""
	}
	return k.found, k.unsettled
}

// outcomes reports the outcomes of the plan's demands on forwarding.
func (s *simulation) outcomes(j *Judge, over bool, say func(Outcome)) {
	s.known(j, over).standForwards(func(st standing) {
		st.weigh(j, inspect.NotForwarded)
		st.simulated = true
		say(st.Outcome)
	})
}

func (s *simulation) known(j *Judge, over bool) *known {
	s.calls.catchUp(j)
	k := &known{j: j, v: &s.calls, over: over}
	for _, d := range s.calls.documents {
		k.spots = append(k.spots, d.Spots()...)
	}
	return k
}
