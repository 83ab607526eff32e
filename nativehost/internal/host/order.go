package host

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"userlike-inspector/nativehost/internal/record"
)

// order knows which numbers of each document have arrived. Records are numbered without
// holes, and the extension sends each one until it is acknowledged. So if a number does not
// arrive while later ones do, its record was lost on the way.
type order map[string]*progress

type progress struct {
	last  int64     // the greatest number
	since time.Time // when a number was first overtaken; zero when none is
	// place is taken from the document's latest record.
	browser     *record.Browser
	tab, frame  *int
	url, topURL string
}

// note takes in records that have been stored.
func (o order) note(recs []*record.Record, now time.Time) {
	for _, r := range recs {
		if r.Document == "" || r.ID != record.NumberedID(r.Document, r.Seq) {
			continue
		}
		p := o[r.Document]
		if p == nil {
			p = &progress{}
			o[r.Document] = p
		}
		if r.Seq > p.last+1 && p.since.IsZero() {
			p.since = now
		}
		p.last = max(p.last, r.Seq)
		p.browser, p.tab, p.frame, p.url, p.topURL = r.Browser, r.Tab, r.Frame, r.URL, r.TopURL
	}
}

// overdue lists the documents in which a number has been missing for as long as patience,
// and lists none twice. An earlier host may have stored the missing record.
func (o order) overdue(now time.Time, patience time.Duration) []string {
	var documents []string
	for _, document := range slices.Sorted(maps.Keys(o)) {
		if p := o[document]; !p.since.IsZero() && now.Sub(p.since) >= patience {
			documents = append(documents, document)
			p.since = time.Time{}
		}
	}
	return documents
}

// reportMissing stores a gap record for every run of records that is overdue. The gap's id
// names the run, so that it is stored once, whichever host finds it.
func (h *host) reportMissing(ctx context.Context) error {
	for _, document := range h.order.overdue(h.Now(), h.Patience) {
		p := h.order[document]
		missing, err := h.store.Missing(ctx, document, p.last)
		if err != nil {
			h.Log.Error("cannot look for missing records, will try again", "error", err)
			p.since = h.Now()
			continue
		}
		var gaps []*record.Record
		for _, span := range missing {
			h.Log.Error("records missing", "document", document, "from", span.From, "to", span.To)
			now := record.At(h.Now())
			gap := &record.Record{
				V: record.Version, Kind: record.Gap, ID: fmt.Sprintf("%s/missing-%d-%d", document, span.From, span.To),
				Seq: span.From, Time: now, Received: &now, Browser: p.browser, Tab: p.tab, Frame: p.frame,
				Document: document, URL: p.url, TopURL: p.topURL, Lost: span.To - span.From + 1,
				Why: record.NeverArrived(span.From, span.To),
			}
			gap.Findings = h.Judge(gap)
			gaps = append(gaps, gap)
		}
		if len(gaps) == 0 {
			continue
		}
		if err := h.keep(ctx, gaps); err != nil {
			return err
		}
		h.see(ctx, gaps)
	}
	return nil
}
