package host

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/wire"
)

// misses counts possible hits that could not be looked at, until gap records report them.
type misses map[missKey]*miss

type missKey struct {
	document string
	tab      int // -1 for none
	why      record.Reason
}

type miss struct {
	place *record.Record // where it was
	from  record.Time    // when the first of them was made
	count int64          // since the last gap record
	pace
}

// maxMisses is how many places are counted separately. Further ones are counted as one
// unknown place.
const maxMisses = 1000

// add counts possible hits. from is when the first of them was made.
func (m misses) add(place *record.Record, from record.Time, count int64, why record.Reason) {
	key := missKey{place.Document, -1, why}
	if place.Tab != nil {
		key.tab = *place.Tab
	}
	if m[key] == nil && len(m) >= maxMisses {
		place, key = &record.Record{Browser: place.Browser}, missKey{"", -1, why}
	}
	one := m[key]
	if one == nil {
		one = &miss{}
		m[key] = one
	}
	if one.count == 0 || from.Before(one.from.Time) {
		one.from = from
	}
	one.place, one.count = place, one.count+count
}

// counted returns the gap records that are due; at the end, all of them. Each lasts from the
// time when its first possible hit was made until now.
func (m misses) counted(now time.Time, end bool) []*record.Record {
	var gaps []*record.Record
	for key, one := range m {
		if !end && !one.due(now) {
			continue
		}
		if one.count == 0 {
			delete(m, key) // nothing was missed since the last gap record
			continue
		}
		at, p := record.At(now), one.place
		gaps = append(gaps, &record.Record{
			V: record.Version, Kind: record.Gap, ID: missedID(p.Document), Time: one.from, Received: &at, Browser: p.Browser,
			Tab: p.Tab, Frame: p.Frame, Document: p.Document, URL: p.URL, TopURL: p.TopURL, Title: p.Title, Hits: one.count, Why: key.why,
		})
		one.told(now)
		*one = miss{pace: one.pace}
	}
	slices.SortFunc(gaps, func(a, b *record.Record) int {
		return cmp.Or(a.Time.Compare(b.Time.Time), strings.Compare(a.Document, b.Document), strings.Compare(string(a.Why), string(b.Why)))
	})
	return gaps
}

func missedID(document string) string {
	id := "missed-" + uuid.NewString()
	if named := document + "/" + id; document != "" && record.CheckID(named) == nil {
		return named
	}
	return "missed/" + id
}

// missed counts the candidates that the extension could not keep.
func (h *host) missed(dropped int64, where []wire.Missed) {
	now := record.At(h.Now())
	for _, m := range where {
		count := min(m.Count, dropped)
		if count <= 0 {
			continue
		}
		dropped -= count
		from := m.Time
		if from.IsZero() || from.After(now.Time) {
			from = now
		}
		h.misses.add(&record.Record{
			Browser: h.hello.Browser, Tab: m.Tab, Frame: m.Frame, Document: m.Document, URL: m.URL, TopURL: m.TopURL, Title: m.Title,
		}, from, count, record.TooManyHits)
	}
	if dropped > 0 {
		h.misses.add(&record.Record{Browser: h.hello.Browser}, now, dropped, record.TooManyHits)
	}
}

// countMissed counts the possible hits of an arrival that cannot be had, and stores the gap
// records that are due.
func (h *host) countMissed(ctx context.Context, got arrival) error {
	h.missed(got.dropped, got.missed)
	if got.unreadable > 0 {
		h.misses.add(&record.Record{Browser: h.hello.Browser}, record.At(h.Now()), got.unreadable, record.UnreadableHits)
	}
	for _, r := range got.receipts {
		if r.lost > 0 {
			h.misses.add(r.Record, r.Time, r.lost, record.UnreadableHits)
		}
	}
	if len(h.misses) == 0 {
		return nil
	}
	return h.countOver(ctx, false)
}
