package host

import (
	"bytes"
	"encoding/json"
	"fmt"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/wire"
)

// pushed makes hits of what a call's record, as the extension sent it, says of
// queues. Their ids are the same whenever that record is sent.
func (h *host) pushed(call *record.Record, raw json.RawMessage) []*record.Record {
	if call.Kind != record.Call || !bytes.Contains(raw, []byte(`"pushed"`)) {
		return nil
	}
	var sent struct {
		Pushed []wire.Pushed `json:"pushed"`
	}
	if err := json.Unmarshal(raw, &sent); err != nil {
		h.Log.Error("what was pushed in a call cannot be read", "call", call.ID, "error", err)
		return nil
	}
	var hits []*record.Record
	for i, p := range sent.Pushed {
		hit := &record.Record{
			V: record.Version, Kind: record.Hit, ID: fmt.Sprintf("%s/hit-%d-%d", call.Document, call.Seq, i), Time: call.Time, Received: call.Received,
			Browser: call.Browser, Tab: call.Tab, Frame: call.Frame, Document: call.Document, URL: call.URL, TopURL: call.TopURL, Title: call.Title,
			Notes:  p.Notes,
			Handed: &record.Handed{Via: record.Queue, To: p.To, Because: record.DuringHandler, Calls: []string{call.ID}, Data: p.Data},
		}
		if p.Time != nil {
			hit.Time = *p.Time
		}
		if err := h.admissible(hit); err != nil {
			h.Log.Error("what was pushed in a call cannot be kept", "call", call.ID, "error", err)
			continue
		}
		hits = append(hits, hit)
	}
	return hits
}

// admissible judges a hit and says why it cannot be kept.
func (h *host) admissible(hit *record.Record) error {
	if err := h.judge(hit); err != nil {
		return err
	}
	_, err := record.Encode(hit)
	return err
}
