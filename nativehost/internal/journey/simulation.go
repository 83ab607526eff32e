package journey

import (
	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/observed"
	"userlike-inspector/nativehost/internal/record"
)

// simulation are the calls that a tester's simulation made in a document. They are no
// visit: of all that is judged of journeys, it is judged where they went alone.
type simulation struct {
	kept
	calls journey
}

// simulated takes in a call of a simulation.
func (j *Judge) simulated(d *document, r *record.Record, m observed.Moment, facts inspect.VisitFacts, part Part) {
	if d.simulation == nil {
		d.simulation = &simulation{calls: journey{id: "the simulation in document " + d.ID, place: m.Document.Place}}
		d.simulation.calls.simulation = d.simulation
		j.know(d.simulation)
	}
	s := d.simulation
	c := j.call(d, r, m, facts, part)
	s.calls.add(j, c)
	if j.origin(c).asked && !j.pretended {
		j.pretended = true
		j.touch(j.units[0])
	}
	j.follow() // it is not found by way of journeys later
	j.located(c, Home{journey: &s.calls})
	j.touch(s)
}

// judge gives the verdicts on where the calls went.
func (s *simulation) judge(j *Judge, over bool) (found []Finding, wait bool) {
	k := s.known(j, over)
	wait = k.judgeForwards(func(st standing) { found = append(found, st.found...) })
	s.calls.judgeDoubles(j, func(f Finding, c call) { found = append(found, j.about(f, c)) })
	for i := range found {
		found[i].Journey = ""
	}
	return found, wait && !over
}

// outcomes tells how what the plan says of forwarding stands.
func (s *simulation) outcomes(j *Judge, over bool, say func(Outcome)) {
	s.known(j, over).judgeForwards(func(st standing) {
		st.weigh(j, inspect.NotForwarded)
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
