package journey

import (
	"cmp"
	"hash/maphash"
	"iter"
	"slices"

	"userlike-inspector/nativehost/internal/record"
)

// kept is what the judge remembers of a unit and its findings.
type kept struct {
	number      uint32 // as index of the judge's units
	first, last uint32 // the records with findings of the unit, or that may get some, are only in this range
	counts      [4]int32
	unsettled   int32
}

func (k *kept) memory() *kept { return k }

// noted says that a unit has findings on a record.
type noted struct {
	order uint32 // of the record
	unit  uint32 // its number
	says  uint32 // a hash of the findings; the lowest two bits are the rank of the worst, the third is isUnsettled
}

func (p noted) rank() int { return int(p.says & 3) }

// noRecord is the order of findings on no record.
const noRecord = ^uint32(0)

// isUnsettled is the bit that says that there may be more findings.
const isUnsettled = 4

func byRecord(a, b noted) int {
	return cmp.Or(cmp.Compare(a.order, b.order), cmp.Compare(a.unit, b.unit))
}

// A Change is a record whose findings that need more than one record have changed.
type Change struct {
	Order     int64 // of the record, as Finding.Order has it
	Rank      int   // of the worst one's severity now, 0 for none
	Unsettled bool  // there may be more of them
}

// Counts are how many findings that need more than one record there were on wanted records
// at the last look, by the rank of their severity.
func (j *Judge) Counts() [4]int { return j.counts }

// Unsettled is how many more findings there may be on wanted records.
func (j *Judge) Unsettled() int { return j.unsettled }

// Look judges again the units that have changed, or whose findings can change because time
// passes. It returns the records whose findings differ from the last look, or of which it has
// become settled whether there may be more, in their order.
func (j *Judge) Look() []Change {
	for u, at := range j.waiting {
		if j.clock >= at {
			j.changed[u] = true
		}
	}
	j.revise()
	if len(j.changed) == 0 {
		return nil
	}
	changed := map[uint32]bool{}
	var fresh []noted
	low, high := ^uint32(0), uint32(0)
	for u := range j.changed {
		m := u.memory()
		if m.first > 0 {
			low, high = min(low, m.first), max(high, m.last)
		}
		found, open := j.verdicts(u, false)
		delete(j.waiting, u)
		if at, ok := j.looksAgain(u, open); ok {
			j.waiting[u] = at
		}
		fresh = append(fresh, j.remember(u, found, j.tellable(open))...)
		if m.first > 0 {
			low, high = min(low, m.first), max(high, m.last)
		}
		changed[m.number] = true
	}
	j.changed = map[unit]bool{} // not cleared: it may have been large
	if high == 0 {
		return nil // there were no findings, and there are none
	}
	slices.SortFunc(fresh, byRecord)
	from, _ := slices.BinarySearchFunc(j.noted, noted{order: low}, byRecord)
	to, _ := slices.BinarySearchFunc(j.noted, noted{order: high, unit: ^uint32(0)}, byRecord)
	old := j.noted[from:to]
	now := make([]noted, 0, len(old)+len(fresh))
	for _, p := range old {
		if !changed[p.unit] {
			now = append(now, p)
		}
	}
	now = append(now, fresh...)
	slices.SortFunc(now, byRecord)
	changes := differing(old, now)
	j.noted = slices.Replace(j.noted, from, to, now...)
	return changes
}

// revise marks the journeys of which other times can be seen now, so that they are judged
// again. Documents of other journeys can cause that, too.
func (j *Judge) revise() {
	for place, visits := range j.places {
		touches, changed := place.Changed()
		if !changed {
			continue
		}
		for _, v := range visits {
			if len(v.calls) > 0 && touches(v.calls[0].time(), v.calls[len(v.calls)-1].time()) {
				j.touch(v)
			}
		}
	}
}

// remember notes a unit's new findings and returns which records they are on.
func (j *Judge) remember(u unit, found []Finding, open []unsettled) (places []noted) {
	m := u.memory()
	for rank, n := range m.counts {
		j.counts[rank] -= int(n)
	}
	j.unsettled -= int(m.unsettled)
	m.first, m.last, m.counts, m.unsettled = 0, 0, [4]int32{}, 0
	slices.SortStableFunc(found, func(a, b Finding) int { return cmp.Compare(a.order, b.order) })
	for _, f := range found {
		rank := f.Severity.Rank()
		if j.reported(u, f) {
			j.counts[rank]++
			m.counts[rank]++
		}
		n := len(places)
		if n == 0 || places[n-1].order != uint32(f.order) {
			places = append(places, noted{order: uint32(f.order), unit: m.number})
			n++
		}
		p := &places[n-1]
		p.says = (31*p.says+j.hash(f.Finding))&^7 | uint32(max(rank, p.rank()))
	}
	if len(open) > 0 {
		places = j.rememberOpen(m, open, places)
	}
	if n := len(places); n > 0 {
		m.first, m.last = places[0].order, places[n-1].order
	}
	return places
}

// rememberOpen counts the findings that there may still be, and adds their records to
// places.
func (j *Judge) rememberOpen(m *kept, open []unsettled, places []noted) []noted {
	for _, o := range open {
		if !j.isWanted(int64(o.order)) {
			continue
		}
		j.unsettled++
		m.unsettled++
	}
	slices.SortFunc(open, func(a, b unsettled) int { return cmp.Compare(a.order, b.order) })
	all := make([]noted, 0, len(places)+len(open))
	for _, o := range open {
		for len(places) > 0 && places[0].order <= o.order {
			all, places = append(all, places[0]), places[1:]
		}
		if n := len(all); n == 0 || all[n-1].order != o.order {
			all = append(all, noted{order: o.order, unit: m.number})
		}
		all[len(all)-1].says |= isUnsettled
	}
	return append(all, places...)
}

// hash is the same for equal findings.
func (j *Judge) hash(f record.Finding) uint32 {
	var h maphash.Hash
	h.SetSeed(j.seed)
	for _, s := range []string{f.Rule, string(f.Severity), f.At, f.Message, f.Expected, f.Actual, f.Demand} {
		h.WriteString(s)
		h.WriteByte(0)
	}
	return uint32(h.Sum64())
}

// differing are the records whose findings differ between two lists, both sorted by record.
func differing(before, now []noted) (changes []Change) {
	for len(before) > 0 || len(now) > 0 {
		order := ^uint32(0)
		for _, all := range [][]noted{before, now} {
			if len(all) > 0 {
				order = min(order, all[0].order)
			}
		}
		var old, is []noted
		old, before = upTo(order, before)
		is, now = upTo(order, now)
		said, may := saying(old)
		says, still := saying(is)
		if said == says && may == still || order == noRecord {
			continue
		}
		c := Change{Order: int64(order), Unsettled: still}
		for _, p := range is {
			c.Rank = max(c.Rank, p.rank())
		}
		changes = append(changes, c)
	}
	return changes
}

// saying returns a sum that is the same for equal findings on one record, and whether there
// may be more of them.
func saying(places []noted) (says uint64, unsettled bool) {
	for _, p := range places {
		says += uint64(p.says &^ isUnsettled)
		unsettled = unsettled || p.says&isUnsettled != 0
	}
	return says, unsettled
}

// upTo splits off the places on the first record.
func upTo(order uint32, all []noted) (first, rest []noted) {
	n := 0
	for n < len(all) && all[n].order == order {
		n++
	}
	return all[:n], all[n:]
}

// On returns the findings that need more than one record, on the records from one order to
// another, as of the last look, and the findings that there may still be, sorted by record.
func (j *Judge) On(from, to int64) (all []Finding, open []Unsettled) {
	i, _ := slices.BinarySearchFunc(j.noted, noted{order: uint32(from)}, byRecord)
	units := map[uint32]bool{}
	for ; i < len(j.noted) && int64(j.noted[i].order) <= to; i++ {
		units[j.noted[i].unit] = true
	}
	for number := range units {
		u := j.units[number]
		found, more := j.verdicts(u, false)
		for _, f := range found {
			if from <= f.order && f.order <= to {
				all = append(all, f)
			}
		}
		for _, o := range j.tellable(more) {
			if from <= int64(o.order) && int64(o.order) <= to {
				open = append(open, j.tell(u, o))
			}
		}
	}
	slices.SortFunc(all, byOrder)
	slices.SortFunc(open, bySubject)
	return all, open
}

func bySubject(a, b Unsettled) int {
	return cmp.Or(cmp.Compare(a.order, b.order), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Why, b.Why), cmp.Compare(a.Journey, b.Journey))
}

// All gives the findings that need more than one record on wanted records, visit by visit.
// Unlike Findings it does not collect them in memory.
func (j *Judge) All() iter.Seq[Finding] {
	return func(yield func(Finding) bool) {
		for found := range j.AllOpen() {
			for _, f := range found {
				if !yield(f) {
					return
				}
			}
		}
	}
}

// AllOpen is All, visit by visit, together with the findings that there may still be.
func (j *Judge) AllOpen() iter.Seq2[[]Finding, []Unsettled] {
	return func(yield func([]Finding, []Unsettled) bool) {
		for _, u := range j.units {
			if u.memory().first == 0 {
				continue
			}
			found, open := j.verdicts(u, false)
			if !yield(j.wantedOf(u, found, j.tellable(open))) {
				return
			}
		}
	}
}

// wantedOf keeps what is on wanted records, of a unit's findings and of those that there may
// still be.
func (j *Judge) wantedOf(u unit, found []Finding, open []unsettled) ([]Finding, []Unsettled) {
	found = slices.DeleteFunc(found, func(f Finding) bool { return !j.reported(u, f) })
	var all []Unsettled
	for _, o := range open {
		if j.isWanted(int64(o.order)) {
			all = append(all, j.tell(u, o))
		}
	}
	slices.SortFunc(all, bySubject)
	return found, all
}
