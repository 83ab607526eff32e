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

// Quota is how many bytes of what pages send are kept on one day (UTC). Without it, a page
// could fill the disk as fast as the disk writes. The extension has limits of its own; what
// gets past them is counted here, just before it is stored.
type Quota struct {
	Document int64 // of one document
	Day      int64 // of all
}

const (
	// overhead is about how many bytes the store adds to a record.
	overhead = 600
	// maxDocuments is for how many documents the bytes are counted, because a page can make
	// any number of documents. The sum of the day counts all of them.
	maxDocuments = 10_000
	// firstCount and lastCount are the shortest and the longest pause between two gap
	// records about the same thing, because these need room too.
	firstCount, lastCount = time.Second, time.Minute
)

// pace says when gap records report something that goes on: the first one at once, further
// ones after growing pauses.
type pace struct {
	next  time.Time
	pause time.Duration
}

func (p *pace) due(now time.Time) bool { return !now.Before(p.next) }

func (p *pace) told(now time.Time) {
	p.pause = min(max(2*p.pause, firstCount), lastCount)
	p.next = now.Add(p.pause)
}

// usage is what has been kept on a day.
type usage struct {
	quota     Quota
	day       string
	sum       int64
	documents map[string]*share
}

type share struct {
	bytes int64
	over  *over // nil while the document is within its quota
}

// over is what a document has sent over its quota, since it was last counted.
type over struct {
	last     *record.Record // its place
	from, to int64
	lost     int64 // calls
	hits     int64
	since    record.Time // of the first hit
	records  int         // with a number in the document
	pace
}

// admit returns what may be stored. Gap records count what is over the quota, the first of
// them at once.
func (u *usage) admit(got []receipt, now time.Time) []*record.Record {
	if day := now.UTC().Format(time.DateOnly); day != u.day {
		// What came over the quota yesterday has its own count, which is kept.
		u.day, u.sum = day, 0
		for document, s := range u.documents {
			if s.bytes = 0; s.over == nil || s.over.nothing() {
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
		s.bytes = u.quota.Document // a smaller record may still fit, but would split one gap into several
		if s.over == nil {
			s.over = &over{}
		}
		s.over.add(one)
	}
	return append(kept, u.counted(now, false)...)
}

func (o *over) add(got receipt) {
	r := got.Record
	if o.hits == 0 && (len(got.hits) > 0 || r.AboutHits()) {
		o.since = r.Time
	}
	o.last, o.hits = r, o.hits+int64(len(got.hits))
	if r.AboutHits() {
		o.hits += max(1, r.Hits)
		return
	}
	if o.records == 0 {
		o.from = r.Seq
	}
	o.to = max(o.to, r.Seq)
	o.from = min(o.from, r.Seq)
	o.records++
	switch r.Kind {
	case record.Call:
		o.lost++
	case record.Gap:
		o.lost += r.Lost
	}
}

func (o *over) nothing() bool { return o.records == 0 && o.hits == 0 }

// counted returns the gap records that are due; at the end, all of them.
func (u *usage) counted(now time.Time, end bool) []*record.Record {
	var gaps []*record.Record
	for _, document := range slices.Sorted(maps.Keys(u.documents)) {
		o := u.documents[document].over
		if o == nil || o.nothing() || !end && !o.due(now) {
			continue
		}
		at := record.At(now)
		gap := &record.Record{
			V: record.Version, Kind: record.Gap, ID: fmt.Sprintf("%s/over-%d-%d", document, o.from, o.to), Seq: o.from, Time: o.last.Time,
			Received: &at, Browser: o.last.Browser, Tab: o.last.Tab, Frame: o.last.Frame, Document: document,
			URL: o.last.URL, TopURL: o.last.TopURL, Lost: o.lost, Hits: o.hits, Why: record.OverQuota(u.quota.Document),
		}
		switch {
		case o.records == 0:
			gap.ID, gap.Time = missedID(document), o.since
		case document == "" || record.CheckID(gap.ID) != nil:
			gap.ID = "over/" + uuid.NewString()
		}
		gaps = append(gaps, gap)
		o.told(now)
		*o = over{last: o.last, pace: o.pace}
	}
	return gaps
}

// countOver stores the gap records that are due; at the end, all of them.
func (h *host) countOver(ctx context.Context, end bool) error {
	now := h.Now()
	gaps := append(h.usage.counted(now, end), h.misses.counted(now, end)...)
	for _, gap := range gaps {
		gap.Findings = h.Judge(gap)
	}
	if len(gaps) == 0 {
		return nil
	}
	return h.keep(ctx, gaps)
}
