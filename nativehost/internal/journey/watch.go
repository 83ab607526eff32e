package journey

import (
	"cmp"
	"hash/maphash"
	"iter"
	"slices"

	"userlike-inspector/nativehost/internal/record"
)

// kept is what is remembered of a unit and its verdicts.
type kept struct {
	number      uint32 // as index of the judge's units
	first, last uint32 // the records with verdicts of the unit are among these
	counts      [4]int32
}

func (k *kept) memory() *kept { return k }

// place tells that a unit has verdicts on a record.
type place struct {
	order uint32 // of the record
	unit  uint32 // its number
	says  uint32 // a hash of the verdicts; the lowest two bits are the rank of the worst
}

func (p place) rank() int { return int(p.says & 3) }

func byPlace(a, b place) int {
	return cmp.Or(cmp.Compare(a.order, b.order), cmp.Compare(a.unit, b.unit))
}

// A Change is a record of which the verdicts that take more than one record are
// others than they were.
type Change struct {
	Order int64 // of the record, as Finding.Order has it
	Rank  int   // of the worst one's severity now, 0 for none
}

// Counts are how many verdicts that take more than one record there were at the
// last look, by the rank of their severity.
func (j *Judge) Counts() [4]int { return j.counts }

// Look judges again what has changed, and what time alone can change, and tells
// of the records with other verdicts than at the last look, in their order.
func (j *Judge) Look() []Change {
	for u := range j.waiting {
		j.changed[u] = true
	}
	j.revise()
	if len(j.changed) == 0 {
		return nil
	}
	changed := map[uint32]bool{}
	var fresh []place
	low, high := ^uint32(0), uint32(0)
	for u := range j.changed {
		m := u.memory()
		if m.first > 0 {
			low, high = min(low, m.first), max(high, m.last)
		}
		found, wait := j.verdicts(u, false)
		if delete(j.waiting, u); wait {
			j.waiting[u] = true
		}
		fresh = append(fresh, j.remember(m, found)...)
		if m.first > 0 {
			low, high = min(low, m.first), max(high, m.last)
		}
		changed[m.number] = true
	}
	clear(j.changed)
	if high == 0 {
		return nil // none had verdicts, and none has any
	}
	slices.SortFunc(fresh, byPlace)
	from, _ := slices.BinarySearchFunc(j.spots, place{order: low}, byPlace)
	to, _ := slices.BinarySearchFunc(j.spots, place{order: high, unit: ^uint32(0)}, byPlace)
	old := j.spots[from:to]
	now := make([]place, 0, len(old)+len(fresh))
	for _, p := range old {
		if !changed[p.unit] {
			now = append(now, p)
		}
	}
	now = append(now, fresh...)
	slices.SortFunc(now, byPlace)
	changes := differing(old, now)
	j.spots = slices.Replace(j.spots, from, to, now...)
	return changes
}

// revise has those journeys judged again of which it has become known anew what
// could be seen of them, in documents that may be others' than their own.
func (j *Judge) revise() {
	for place, visits := range j.places {
		touches, changed := place.Changed()
		if !changed {
			continue
		}
		for _, v := range visits {
			if len(v.calls) > 0 && touches(v.calls[0].time, v.calls[len(v.calls)-1].time) {
				j.touch(v)
			}
		}
	}
}

// remember notes a unit's new verdicts and gives their places.
func (j *Judge) remember(m *kept, found []Finding) (places []place) {
	for rank, n := range m.counts {
		j.counts[rank] -= int(n)
	}
	m.first, m.last, m.counts = 0, 0, [4]int32{}
	slices.SortStableFunc(found, func(a, b Finding) int { return cmp.Compare(a.order, b.order) })
	for _, f := range found {
		rank := f.Severity.Rank()
		j.counts[rank]++
		m.counts[rank]++
		n := len(places)
		if n == 0 || places[n-1].order != uint32(f.order) {
			places = append(places, place{order: uint32(f.order), unit: m.number})
			n++
		}
		p := &places[n-1]
		p.says = (31*p.says+j.hash(f.Finding))&^3 | uint32(max(rank, p.rank()))
	}
	if n := len(places); n > 0 {
		m.first, m.last = places[0].order, places[n-1].order
	}
	return places
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

// differing are the records on which the verdicts at two times, which are by
// place, differ.
func differing(before, now []place) (changes []Change) {
	for len(before) > 0 || len(now) > 0 {
		order := ^uint32(0)
		for _, all := range [][]place{before, now} {
			if len(all) > 0 {
				order = min(order, all[0].order)
			}
		}
		var old, is []place
		old, before = upTo(order, before)
		is, now = upTo(order, now)
		if slices.Equal(old, is) || order == ^uint32(0) { // the latter are on no record
			continue
		}
		c := Change{Order: int64(order)}
		for _, p := range is {
			c.Rank = max(c.Rank, p.rank())
		}
		changes = append(changes, c)
	}
	return changes
}

// upTo splits off the places on the first record.
func upTo(order uint32, all []place) (first, rest []place) {
	n := 0
	for n < len(all) && all[n].order == order {
		n++
	}
	return all[:n], all[n:]
}

// On gives the verdicts that take more than one record on those from one to
// another, as of the last look, in the order of the records.
func (j *Judge) On(from, to int64) (all []Finding) {
	i, _ := slices.BinarySearchFunc(j.spots, place{order: uint32(from)}, byPlace)
	units := map[uint32]bool{}
	for ; i < len(j.spots) && int64(j.spots[i].order) <= to; i++ {
		units[j.spots[i].unit] = true
	}
	for number := range units {
		found, _ := j.verdicts(j.units[number], false)
		for _, f := range found {
			if from <= f.order && f.order <= to {
				all = append(all, f)
			}
		}
	}
	slices.SortFunc(all, byOrder)
	return all
}

// All gives the verdicts that take more than one record, visit by visit. Unlike
// Findings it keeps none of them.
func (j *Judge) All() iter.Seq[Finding] {
	return func(yield func(Finding) bool) {
		for _, u := range j.units {
			if u.memory().first == 0 {
				continue
			}
			found, _ := j.verdicts(u, false)
			for _, f := range found {
				if !yield(f) {
					return
				}
			}
		}
	}
}
