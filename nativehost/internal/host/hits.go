package host

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"userlike-inspector/nativehost/internal/hits"
	"userlike-inspector/nativehost/internal/observed"
	"userlike-inspector/nativehost/internal/plan"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/store"
	"userlike-inspector/nativehost/internal/systems"
	"userlike-inspector/nativehost/internal/wire"
)

const (
	// maxHeld is how many bytes of candidates, as they came, may wait for a decision. If
	// there are more, the oldest are decided before their time.
	maxHeld = 64 << 20
	// maxRecalled is how many records of an earlier host are read back, and recalledAtOnce
	// how many one query reads.
	maxRecalled, recalledAtOnce = 2 * observed.MaxFollowed, 3000
	// maxTold bounds the address of a hit that is sent back to the extension, in characters.
	maxTold = 2000
)

// follower decides which calls candidates belong to. Candidates that wait are kept only in
// memory: the extension has them too until they are settled, and what belongs to no call is
// never written anywhere.
type follower struct {
	known   *systems.Systems
	tracker *hits.Tracker
	period  time.Duration // how often to look for candidates that are due

	held     []*candidate
	byID     map[string]*candidate
	size     int
	recalled bool
	earlier  map[string]wire.Settlement // what an earlier host decided lately, by candidates' ids
}

// candidate is a candidate that has arrived.
type candidate struct {
	*wire.Candidate
	size  int // bytes
	since time.Time
}

func (h *host) newFollower() follower {
	traced := slices.Clone(h.Trace)
	for _, text := range h.hello.Trace {
		place, err := plan.ReadPlace(text)
		if err != nil {
			h.Log.Warn("a place to trace in the extension's options is none", "place", text, "error", err)
			continue
		}
		traced = append(traced, place)
	}
	known := systems.Known()
	return follower{
		known: known, period: max(h.Settling/8, time.Millisecond), byID: map[string]*candidate{},
		tracker: hits.NewTracker(known, func(to string) bool {
			return slices.ContainsFunc(traced, func(p plan.Place) bool { return p.Has(record.Request, to) })
		}),
	}
}

// due fires when candidates are to be looked at again.
func (f *follower) due() <-chan time.Time {
	if len(f.held) == 0 {
		return nil
	}
	return time.After(f.period)
}

// note gives stored calls and hits to the tracker.
func (f *follower) note(recs []*record.Record, now time.Time) {
	for _, r := range recs {
		switch r.Kind {
		case record.Call:
			f.tracker.Add(hits.NewCall(r), now)
		case record.Hit:
			f.tracker.Seen(r)
		}
	}
}

// candidates reads the candidates of a message. One that cannot be read is settled at once,
// because sending it again would not help.
func (h *host) candidates(m wire.FromExtension) (all []*candidate, settled []wire.Settlement, unreadable int64) {
	for _, raw := range m.Candidates {
		c := &wire.Candidate{}
		err := json.Unmarshal(raw, c)
		if err == nil && (c.ID == "" || len(c.ID) > 100 || c.Time.IsZero() || c.To == "" || c.Via != record.Queue && c.Via != record.Request) {
			err = fmt.Errorf("it lacks what a candidate has")
		}
		if err == nil {
			all = append(all, &candidate{c, len(raw), time.Time{}})
			continue
		}
		h.Log.Error("a candidate cannot be read", "bytes", len(raw), "error", err)
		unreadable++
		var id string
		members, _ := wire.Members(raw)
		if json.Unmarshal(members["id"], &id) == nil && id != "" {
			settled = append(settled, wire.Settlement{ID: id})
		}
	}
	return all, settled, unreadable
}

// hold keeps candidates until they are due. One that is held already is not held twice,
// but may have failed meanwhile.
func (h *host) hold(all []*candidate) {
	f := &h.follow
	for _, c := range all {
		if held := f.byID[c.ID]; held != nil {
			held.Failed = c.Failed
			continue
		}
		c.since, f.byID[c.ID] = h.Now(), c
		f.held, f.size = append(f.held, c), f.size+c.size
	}
}

// settle decides on the candidates that are due, or on all that are held. It stores the hits
// and then tells the extension.
func (h *host) settle(ctx context.Context, all bool) error {
	f := &h.follow
	n := 0
	for size := f.size; n < len(f.held); n++ {
		if c := f.held[n]; !all && size <= maxHeld && h.Now().Sub(c.since) < h.Settling {
			break
		}
		size -= f.held[n].size
	}
	if n == 0 {
		return nil
	}
	if err := h.open(ctx); err != nil {
		h.Log.Error("cannot decide which calls requests belong to, will try again", "error", err)
		return nil
	}
	due := slices.Clone(f.held[:n])
	f.held = slices.Delete(f.held, 0, n)
	for _, c := range due {
		f.size -= c.size
		delete(f.byID, c.ID)
	}
	slices.SortStableFunc(due, func(a, b *candidate) int { return a.Time.Compare(b.Time.Time) })
	settled := make([]wire.Settlement, len(due))
	var found []receipt
	for i, c := range due {
		settled[i] = wire.Settlement{ID: c.ID}
		if earlier, decided := f.earlier[c.ID]; decided {
			settled[i] = earlier
			continue
		}
		for _, hit := range h.decide(c) {
			found = append(found, hit)
			settled[i].To, settled[i].System = told(hit.Handed.To), hit.Handed.System
		}
	}
	if len(found) > 0 {
		recs := h.usage.admit(found, h.Now())
		for _, r := range recs {
			if r.Kind == record.Gap {
				r.Findings = h.Judge(r)
			}
		}
		if err := h.keep(ctx, recs); err != nil {
			return err
		}
	}
	return h.sayTo(settled)
}

// decide makes hits of a candidate.
func (h *host) decide(c *candidate) (all []receipt) {
	now := record.At(h.Now())
	for _, hit := range h.follow.tracker.Decide(c.Candidate) {
		hit.Received, hit.Browser = &now, h.hello.Browser
		if err := h.admissible(hit); err != nil {
			h.Log.Error("a hit cannot be kept", "hit", hit.ID, "error", err)
			h.misses.add(hit, hit.Time, 1, record.UnreadableHits)
			continue
		}
		all = append(all, receipt{Record: hit, raw: len(hit.Handed.Data)})
	}
	return all
}

func told(to string) string {
	if len(to) > maxTold {
		return strings.ToValidUTF8(to[:maxTold], "")
	}
	return to
}

// sayTo tells the extension the decisions on candidates, in messages of a size that browsers
// accept.
func (h *host) sayTo(settled []wire.Settlement) error {
	const most = maxAck / (8 * (maxTold + 500)) // a character may take six bytes in JSON
	for part := range slices.Chunk(settled, most) {
		if err := h.say(wire.FromHost{Type: wire.Settled, Candidates: part}); err != nil {
			return err
		}
	}
	return nil
}

// recall reads, once, what an earlier host of this browser stored lately: the calls to which
// candidates may belong, and the candidates that have become hits.
func (h *host) recall(ctx context.Context) error {
	f := &h.follow
	if f.recalled {
		return nil
	}
	var recs []*record.Record // the newest first
	earlier := map[string]wire.Settlement{}
	for read, before := 0, int64(0); read < maxRecalled; read += recalledAtOnce {
		page, err := h.store.Records(ctx, store.Query{Newest: true, Before: before, Limit: recalledAtOnce})
		if err != nil {
			return err
		}
		recent := false
		for _, s := range slices.Backward(page) {
			r := s.Record
			if _, id, ok := strings.Cut(r.ID, "/hit-"); ok && r.Kind == record.Hit {
				earlier[id] = wire.Settlement{ID: id, To: told(r.Handed.To), System: r.Handed.System}
			}
			if h.Now().Sub(r.Time.Time) > hits.Window {
				continue
			}
			recent = true
			if (r.Kind == record.Call || r.Kind == record.Hit) && r.Browser != nil && h.hello.Browser != nil && r.Browser.Profile == h.hello.Browser.Profile {
				recs = append(recs, r)
			}
		}
		if len(page) < recalledAtOnce || !recent {
			break
		}
		before = page[0].Row
	}
	slices.Reverse(recs)
	f.recalled, f.earlier = true, earlier
	f.note(recs, h.Now())
	return nil
}

// pushed makes hits of what a call's function put into queues. raw is the call's record as
// the extension sent it, which says that. lost is how many could not be made. If the record
// is sent again, the hits get the same ids.
func (h *host) pushed(call *record.Record, raw json.RawMessage) (all []*record.Record, lost int64) {
	if call.Kind != record.Call || !bytes.Contains(raw, []byte(`"pushed"`)) {
		return nil, 0
	}
	var sent struct {
		Pushed []wire.Pushed `json:"pushed"`
	}
	if err := json.Unmarshal(raw, &sent); err != nil {
		h.Log.Error("what was pushed in a call cannot be read", "call", call.ID, "error", err)
		return nil, 1
	}
	of := hits.NewCall(call)
	for i, p := range sent.Pushed {
		hit := &record.Record{
			V:         record.Version,
			Kind:      record.Hit,
			ID:        fmt.Sprintf("%s/hit-%d-%d", call.Document, call.Seq, i),
			Time:      call.Time,
			Received:  call.Received,
			Browser:   call.Browser,
			Tab:       call.Tab,
			Frame:     call.Frame,
			Document:  call.Document,
			URL:       call.URL,
			TopURL:    call.TopURL,
			Title:     call.Title,
			Simulated: call.Simulated,
			Handed: &record.Handed{
				Via:     record.Queue,
				To:      p.To,
				System:  h.follow.known.OfQueue(p.To),
				Because: record.DuringHandler,
				Calls:   []string{call.ID},
			},
		}
		if p.Time != nil {
			hit.Time = *p.Time
		}
		data, err := hits.DecodePushed(p.Data, p.Notes)
		if err == nil {
			hit.Handed.Data, hit.Notes, hit.Handed.Carries = data.JSON, data.Notes, hits.Carried(of, &data)
			err = h.admissible(hit)
		}
		if err != nil {
			h.Log.Error("what was pushed in a call cannot be kept", "call", call.ID, "error", err)
			lost++
			continue
		}
		all = append(all, hit)
	}
	return all, lost
}

// admissible judges a hit and says why it cannot be kept.
func (h *host) admissible(hit *record.Record) error {
	if err := h.judge(hit); err != nil {
		return err
	}
	_, err := record.Encode(hit)
	return err
}
