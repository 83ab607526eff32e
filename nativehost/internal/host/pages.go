package host

import (
	"context"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/wire"
)

// maxEarlier is how many records of a document are read back. The first ones show its state.
const maxEarlier = 1000

// see updates the state of pages by stored records. The browser may have ended an earlier
// host in the middle of a document; then the document's first records are in the store.
func (h *host) see(ctx context.Context, recs []*record.Record) {
	for _, r := range recs {
		if r.Seq <= 1 || r.Document == "" || h.tabs.Knows(r.Document) {
			h.tabs.Add(r)
			continue
		}
		earlier, err := h.store.Document(ctx, r.Document, maxEarlier)
		if err != nil {
			h.Log.Error("cannot read what was stored of a document", "document", r.Document, "error", err)
		}
		for _, e := range earlier {
			if e.Record.Seq < r.Seq {
				h.tabs.Add(e.Record)
			}
		}
		h.tabs.Add(r)
	}
}

// tellPages sends the state of pages whose state has changed.
func (h *host) tellPages() error {
	for _, t := range h.tabs.Changed(h.Now()) {
		state := &wire.PageState{Tab: t.Tab, State: t.State, Severity: string(t.Severity), Lost: t.Lost}
		if err := h.say(wire.FromHost{Type: wire.Page, PageState: state}); err != nil {
			return err
		}
	}
	return nil
}
