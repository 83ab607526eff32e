package journey

import (
	"fmt"
	"hash/maphash"
	"slices"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/observed"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/words"
)

// The rule duplicate-event: the same call was made again at once.

const (
	// duplicateWithin is how soon an equal call is the same call again, in ms.
	duplicateWithin = 100
	// maxRecent bounds how many calls are remembered to find equal ones.
	maxRecent = 256
)

// recent is a call that is kept to find an equal one shortly after it.
type recent struct {
	hash uint64 // of all its arguments
	call call
	home uint32 // as a repeat's
}

// repeat is a call that is equal to one just before it. Every call may be one, so the
// struct is small.
type repeat struct {
	call
	home   uint32 // its journey's number, 0 for the journey of its document
	before uint32 // the seq of the one before
	apart  uint8  // ms
}

// callHash is the same for calls with equal arguments.
func (j *Judge) callHash(r *record.Record) uint64 {
	var h maphash.Hash
	h.SetSeed(j.seed)
	h.Write(r.Args)
	for _, n := range r.Notes {
		for _, s := range []string{n.At, n.Is, n.Text} {
			h.WriteString(s)
			h.WriteByte(0)
		}
	}
	return h.Sum64()
}

// repeat notes the call if an equal one was made at about the same time.
func (d *document) repeat(j *Judge, hash uint64, c call, home Home) {
	now := recent{hash: hash, call: c}
	if home.journey != nil {
		now.home = home.journey.number
	}
	if i := slices.IndexFunc(d.recent, func(r recent) bool { return r.hash == hash }); i >= 0 {
		first, second := d.recent[i], now
		if first.call.seq > second.call.seq {
			first, second = second, first
		}
		if apart := max(c.time()-d.recent[i].call.time(), d.recent[i].call.time()-c.time()); apart <= duplicateWithin {
			d.repeats = append(d.repeats, repeat{call: second.call, home: second.home, before: first.call.seq, apart: uint8(apart)})
		}
		d.recent = slices.Delete(d.recent, i, i+1)
	}
	if len(d.recent) == cap(d.recent) {
		d.recent = slices.DeleteFunc(d.recent, func(r recent) bool { return r.call.time() < c.time()-duplicateWithin })
	}
	if len(d.recent) == maxRecent {
		d.recent = slices.Delete(d.recent, 0, 1)
	}
	d.recent = append(d.recent, now)
}

// judgeRepeats finds the calls that are equal to one just before.
func (d *document) judgeRepeats(j *Judge) (found []Finding) {
	for _, r := range d.repeats {
		home := Home{document: d}
		if r.home > 0 { // number 0 is not a journey
			home.journey = j.units[r.home].(*journey)
		}
		first := r.call
		first.seq = r.before
		if observed.SameClock(j.at(first), j.at(r.call)) {
			found = append(found, d.about(j, j.duplicate(r.call, int64(r.apart)), r.call, home))
		}
	}
	return found
}

func (j *Judge) duplicate(c call, after int64) Finding {
	event := words.Shown(j.names.text(c.event))
	return verdict(inspect.DuplicateEvent, record.Finding{
		Message:  fmt.Sprintf("%s came again after %s with equal arguments, in the same document. Check whether the widget is loaded twice or the call is made twice: it would be counted twice.", event, span(after)),
		Expected: "each event once",
		Actual:   "the same call after " + span(after),
		Demand:   "two equal calls of one document within " + span(duplicateWithin),
	})
}
