package infer

import (
	"cmp"
	"math/bits"

	"userlike-inspector/nativehost/internal/record"
)

// Visit is a name of the call's visit: its session, else its document.
func Visit(r *record.Record, session string) string {
	return profile(r) + " " + cmp.Or(session, r.Document, r.ID)
}

// Contact is a name of the call's contact: their id, else the browser's profile.
func Contact(r *record.Record, client string) string { return cmp.Or(client, profile(r)) }

func profile(r *record.Record) string {
	if r.Browser == nil {
		return ""
	}
	return r.Browser.Profile
}

// evidence is in which visits something was seen, and of which contacts. How often it was
// seen in one visit proves nothing.
type evidence struct{ visits, contacts set }

func (e *evidence) add(visit, contact int) {
	e.visits.add(visit)
	e.contacts.add(contact)
}

// set is a set of small numbers.
type set struct{ bits []uint64 }

func (s *set) add(n int) {
	for len(s.bits) <= n/64 {
		s.bits = append(s.bits, 0)
	}
	s.bits[n/64] |= 1 << (n % 64)
}

func (s *set) count() (n int) {
	for _, b := range s.bits {
		n += bits.OnesCount64(b)
	}
	return n
}
