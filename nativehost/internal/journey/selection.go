package journey

import (
	"slices"

	"userlike-inspector/nativehost/internal/infer"
	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/record"
)

// Part says whether a record belongs to what the user asked for.
type Part int

const (
	Wanted Part = iota // it is reported
	Beside             // it is judged but not reported
	Before             // it is earlier: only evidence, neither reported nor counted
)

// selection says which records the user asked for.
type selection struct {
	selects  bool   // there are records that are not reported
	apart    bool   // a second shape is made of the wanted records only
	unwanted orders // the records that are not reported
	earlier  orders // those of them that are only evidence
	since    int64  // the order of the first record that counts, 0 for none so far
	begins   int64  // its time in ms, 0 if it is not known yet
	retakes  int64  // the last record that Retake is to be told again
}

// orders are the orders of some records, as bits.
type orders []uint64

func (o *orders) add(order int64) {
	for int64(len(*o))*64 <= order {
		*o = append(*o, 0)
	}
	(*o)[order/64] |= 1 << (order % 64)
}

func (o orders) remove(order int64) {
	if o.has(order) {
		o[order/64] &^= 1 << (order % 64)
	}
}

func (o orders) has(order int64) bool {
	return order/64 < int64(len(o)) && o[order/64]&(1<<(order%64)) != 0
}

// upToOrder are the orders from 1 to last.
func upToOrder(last int64) (all orders) {
	for order := int64(1); order <= last; order++ {
		all.add(order)
	}
	return all
}

// take notes which part a new record belongs to.
func (s *selection) take(r *record.Record, order int64, part Part) {
	if part != Wanted {
		s.selects = true
		s.unwanted.add(order)
	}
	if part == Before {
		s.earlier.add(order)
	} else if s.since == 0 {
		s.since, s.begins = order, r.Time.UnixMilli()
	}
}

// isWanted tells whether a record is reported.
func (s *selection) isWanted(order int64) bool { return !s.unwanted.has(order) }

// asksFor tells whether a call counts: it is not from before what the user asked for.
func (s *selection) asksFor(c call) bool { return !s.earlier.has(int64(c.order)) }

// reports tells whether a journey is reported. If only a part is wanted, it needs a call
// that is.
func (j *Judge) reports(v *journey) bool {
	return !j.selects || slices.ContainsFunc(v.calls, func(c call) bool { return j.isWanted(int64(c.order)) })
}

// reported tells whether a finding of a unit is on something that is wanted.
func (j *Judge) reported(u unit, f Finding) bool {
	if n := f.Order(); n > 0 {
		return j.isWanted(n)
	}
	v, of := u.(*journey)
	return !of || j.reports(v)
}

// Reselect chooses anew which records are wanted. Those up to the order after are Before. If
// part is set, others are Wanted only once Retake has said so. What was judged stays judged,
// unless it depends on which records count.
func (j *Judge) Reselect(after int64, part bool) {
	before, begins := j.since, j.begins
	j.selection = selection{selects: part || after > 0, apart: part || after > 0, earlier: upToOrder(min(after, j.order)), retakes: j.order}
	if j.unwanted = slices.Clone(j.earlier); part {
		j.unwanted = upToOrder(j.order)
	}
	if after < j.order {
		j.since = after + 1
	}
	if j.since == before {
		j.begins = begins
	}
	j.coverage = newCoverage(j.inspector.Catalogue())
	for _, s := range j.sites {
		s.part = infer.Shape{}
	}
	j.heard = heard{}
	for _, u := range j.units {
		if u.memory().first > 0 || before != j.since {
			j.touch(u)
		}
		v, ofContact := u.(*journey)
		if s, of := u.(*simulation); of {
			v = &s.calls
		}
		if v == nil {
			continue
		}
		v.rebuild = v.rebuild || before != j.since
		for _, c := range v.calls {
			j.hear(c, ofContact)
		}
	}
}

// Retake says which part a record belongs to that was added before the last Reselect. It is
// to be called for each of them, in their order. It returns the findings on the record that
// need no other.
func (j *Judge) Retake(order int64, r *record.Record, part Part) []record.Finding {
	if order == j.since && j.begins == 0 {
		j.begins = r.Time.UnixMilli()
		for _, u := range j.units { // what was not recorded before that does not matter
			j.touch(u)
		}
	}
	if part == Wanted {
		j.unwanted.remove(order)
		j.recountOn(uint32(order))
	}
	if order == j.retakes {
		j.recountOn(noRecord)
	}
	if r.Kind != record.Call || r.Simulated {
		return j.inspector.Judge(r)
	}
	found, facts := j.inspector.JudgeCall(r)
	if part == Wanted {
		j.addWanted(r, order, facts, found)
	}
	return found
}

// addWanted adds what is made of wanted calls only.
func (j *Judge) addWanted(r *record.Record, order int64, facts inspect.VisitFacts, found []record.Finding) {
	j.cover(r, j.names.text(j.names.id(facts.Event)), found)
	if j.apart {
		j.learn(j.log.PlaceOf(r, j.documents[r.Document].Document).Site, true, r, order, facts)
	}
}

// recountOn counts again the findings of all units that have some on a record.
func (j *Judge) recountOn(order uint32) {
	i, _ := slices.BinarySearchFunc(j.noted, noted{order: order}, byRecord)
	for ; i < len(j.noted) && j.noted[i].order == order; i++ {
		j.touch(j.units[j.noted[i].unit])
	}
}
