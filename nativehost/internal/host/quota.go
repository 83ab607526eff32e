package host

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"userlike-inspector/nativehost/internal/record"
)

// Quota bounds, in bytes, what is kept of what pages send on one day (UTC). Without
// it a page fills the disk as fast as that writes. What the extension's own bounds
// let through is counted here, where it would be stored.
type Quota struct {
	Document int64 // of one document
	Day      int64 // of all
}

const (
	// overhead is what the store adds to a record, about.
	overhead = 600
	// maxDocuments bounds of how many documents is known what they have sent; a
	// page can make as many as it likes. The day's sum goes on all the same.
	maxDocuments = 10_000
	// firstCount and lastCount bound the pause between two gap records that count
	// what one document has sent over its quota: they need room as well.
	firstCount, lastCount = time.Second, time.Minute
)

// usage is what has been kept on a day.
type usage struct {
	quota     Quota
	day       string
	sum       int64
	documents map[string]*share
}

type share struct {
	bytes int64
	over  *over // nil while within
}

// over is what a document has sent over its quota, since it was last counted.
type over struct {
	last     *record.Record // its place
	from, to int64
	lost     int64 // calls
	records  int
	next     time.Time // when it is to be counted
	pause    time.Duration
}

// admit sorts out what is to be stored. What is over the quota is counted by gap
// records, the first of them at once.
func (u *usage) admit(got []receipt, now time.Time) []*record.Record {
	if day := now.UTC().Format(time.DateOnly); day != u.day {
		// What is over is counted already, or will be under its own name.
		u.day, u.sum = day, 0
		for document, s := range u.documents {
			if s.bytes = 0; s.over == nil || s.over.records == 0 {
				delete(u.documents, document)
			}
		}
	}
	var kept []*record.Record
	for _, one := range got {
		s := u.documents[one.Document]
		if s == nil {
			if len(u.documents) >= maxDocuments {
				maps.DeleteFunc(u.documents, func(_ string, s *share) bool { return s.over == nil })
			}
			s = &share{}
			u.documents[one.Document] = s
		}
		if size := one.size(); s.bytes+size <= u.quota.Document && u.sum+size <= u.quota.Day {
			s.bytes, u.sum = s.bytes+size, u.sum+size
			kept = append(append(kept, one.Record), one.hits...)
			continue
		}
		s.bytes = u.quota.Document // a smaller one that would fit would hide where the hole is
		if s.over == nil {
			s.over = &over{pause: firstCount}
		}
		s.over.add(one.Record)
	}
	return append(kept, u.counted(now)...)
}

func (o *over) add(r *record.Record) {
	if o.records == 0 {
		o.from = r.Seq
	}
	o.last, o.to = r, max(o.to, r.Seq)
	o.from = min(o.from, r.Seq)
	o.records++
	switch r.Kind {
	case record.Call:
		o.lost++
	case record.Gap:
		o.lost += r.Lost
	}
}

// counted are the gap records that are due.
func (u *usage) counted(now time.Time) []*record.Record {
	var gaps []*record.Record
	for _, document := range slices.Sorted(maps.Keys(u.documents)) {
		o := u.documents[document].over
		if o == nil || o.records == 0 || now.Before(o.next) {
			continue
		}
		at := record.At(now)
		gap := &record.Record{
			V: record.Version, Kind: record.Gap, ID: fmt.Sprintf("%s/over-%d-%d", document, o.from, o.to), Seq: o.from, Time: o.last.Time,
			Received: &at, Browser: o.last.Browser, Tab: o.last.Tab, Frame: o.last.Frame, Document: document,
			URL: o.last.URL, TopURL: o.last.TopURL, Lost: o.lost, Why: record.OverQuota(u.quota.Document),
		}
		if document == "" || record.CheckID(gap.ID) != nil {
			gap.ID = "over/" + uuid.NewString()
		}
		gaps = append(gaps, gap)
		*o = over{last: o.last, next: now.Add(o.pause), pause: min(2*o.pause, lastCount)}
	}
	return gaps
}

// countOver stores what of the counts is due; all of them at the end.
func (h *host) countOver(ctx context.Context, end bool) error {
	now := h.Now()
	if end {
		now = now.Add(lastCount)
	}
	gaps := h.usage.counted(now)
	for _, gap := range gaps {
		gap.Findings = h.Judge(gap)
	}
	if len(gaps) == 0 {
		return nil
	}
	return h.keep(ctx, gaps)
}
