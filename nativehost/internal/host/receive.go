package host

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/google/uuid"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/simulation"
	"userlike-inspector/nativehost/internal/wire"
	"userlike-inspector/nativehost/internal/words"
)

// read passes on each message's records, judged, until the stream ends.
func (h *host) read(ctx context.Context, batches chan<- arrival) error {
	for {
		frame, err := wire.ReadFrame(h.In)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		m, err := wire.Decode(frame)
		if err != nil {
			// Frames have a length, so the next message can be read all the same.
			m = wire.FromExtension{Type: wire.Records, Records: []json.RawMessage{frame}}
		}
		h.Heard(h.hello)
		var got arrival
		switch m.Type {
		case wire.Records:
			got.receipts = make([]receipt, len(m.Records))
			for i, raw := range m.Records {
				got.receipts[i] = h.receive(raw)
			}
		case wire.Candidates:
			got.candidates, got.settled, got.unreadable = h.candidates(m)
			got.dropped, got.missed = m.Dropped, m.Missed
		case wire.Finished:
			got.finished = true
		case wire.Pages:
			h.answer(m.ID, simulation.Answer{Asked: true, Pages: m.Pages})
			continue
		case wire.Simulation:
			if h.answer(m.ID, simulation.Answer{Step: m.Step}) || m.Step.Over() {
				continue
			}
			got.unwanted = append(got.unwanted, m.ID)
		default:
			h.Log.Warn("unknown message ignored", "type", m.Type)
			continue
		}
		select {
		case batches <- got:
		case <-ctx.Done():
			return nil
		}
	}
}

// arrival is what a message brings.
type arrival struct {
	receipts   []receipt
	candidates []*candidate
	settled    []wire.Settlement // candidates that cannot be read
	unreadable int64             // how many these are
	dropped    int64             // candidates that the extension could not keep
	missed     []wire.Missed     // where these were
	unwanted   []string          // simulations that nobody waits for
	finished   bool
}

// receipt is a record that has arrived, with the id under which the extension sent it.
type receipt struct {
	*record.Record
	sent string // the id under which the extension sent it; "" if it has none
	raw  int    // bytes
	hits []*record.Record
	lost int64 // hits that could not be made of what was pushed
}

// size is about how many bytes it adds to the store.
func (r receipt) size() int64 {
	size := r.raw + (1+len(r.hits))*overhead
	for _, f := range r.Findings {
		size += len(f.Rule) + len(f.At) + len(f.Message) + len(f.Expected) + len(f.Actual) + len(f.Demand) + 100
	}
	return int64(size)
}

// receive makes a record of what the extension sent. If that is not possible, it makes a gap
// record, under the same id if that is valid: sending it again would not help.
func (h *host) receive(raw json.RawMessage) receipt {
	now := record.At(h.Now())
	complete := func(r *record.Record) error {
		r.Received, r.Browser = &now, h.hello.Browser
		return h.judge(r)
	}
	r, err := record.Decode(raw)
	if err == nil {
		if err = complete(r); err == nil {
			hits, lost := h.pushed(r, raw)
			return receipt{Record: r, sent: r.ID, raw: len(raw), hits: hits, lost: lost}
		}
	}
	h.Log.Error("record refused", "error", err)
	gap, sent := refused(raw, err, now)
	if err := complete(gap); err != nil {
		h.Log.Error("gap not judged", "error", err)
	}
	return receipt{Record: gap, sent: sent, raw: len(raw)}
}

// judge judges a record. A panic in a rule, caused by something that a page made up, becomes
// an error: it must not end the recording of all other pages.
func (h *host) judge(r *record.Record) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("it could not be judged: %v", p)
		}
	}()
	r.Findings = h.Judge(r)
	return nil
}

// refused is the gap record for a record that can't be read, and the id that it has.
func refused(raw json.RawMessage, why error, now record.Time) (gap *record.Record, sent string) {
	// Whatever can be read of it helps to find the page; the rest stays empty.
	members, _ := wire.Members(raw)
	read := func(name string, into any) { _ = json.Unmarshal(members[name], into) }
	gap = &record.Record{V: record.Version, Kind: record.Gap, Time: now, Lost: 1, Why: record.Unreadable(len(raw), why)}
	read("id", &sent)
	read("document", &gap.Document)
	read("url", &gap.URL)
	read("top_url", &gap.TopURL)
	read("tab", &gap.Tab)
	read("frame", &gap.Frame)
	if read("seq", &gap.Seq); gap.Seq < 0 {
		gap.Seq = 0
	}
	gap.Document, gap.URL, gap.TopURL = words.Clip(gap.Document, maxPlace), words.Clip(gap.URL, maxPlace), words.Clip(gap.TopURL, maxPlace)
	gap.ID = sent
	if record.CheckID(gap.ID) != nil {
		// The id is computed from the bytes, so that it is the same when they are sent again.
		gap.ID = "refused/" + uuid.NewSHA1(uuid.Nil, raw).String()
	}
	return gap, sent
}

// maxPlace bounds each text of a record that is refused, in characters.
const maxPlace = 2000
