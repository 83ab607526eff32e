package tui

import (
	"context"
	"fmt"
	"hash/maphash"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/store"
	"userlike-inspector/nativehost/internal/systems"
	"userlike-inspector/nativehost/internal/words"
)

// maxHanded bounds how many hits of a call, and calls of a hit, are listed in the detail.
const maxHanded = 50

// A hitIndex finds the hits of a call and the event of a hit's call, as far as the judge has
// come. There may be a million hits, so it keeps little of each: calls are known by the hash
// of their id, and the hits of one call are a chain through the slice hits.
type hitIndex struct {
	sync.RWMutex
	seed   maphash.Seed      // of the hashes
	newest map[uint64]uint32 // by the hash of a call's id: its last hit, as its index in hits plus 1
	hits   []indexedHit
	names  []string // of events; the first is "", for calls that have not come

	overlooked map[string]bool // documents in which some possible hits were not looked at; "" if nobody knows in which
	unfollowed map[string]bool // documents in which nobody followed where calls go
	upTo       int64           // the last row that was added
}

// An indexedHit is a hit of one call. A hit that has several calls is here several times.
type indexedHit struct {
	row    uint32
	before uint32 // the call's hit before this one, as in newest; 0 is none
	event  uint32 // of the call, as index of names
}

// begin forgets everything.
func (h *hitIndex) begin() {
	h.Lock()
	defer h.Unlock()
	h.seed, h.newest, h.hits, h.names, h.upTo = maphash.MakeSeed(), map[uint64]uint32{}, nil, []string{""}, 0
	h.unfollowed, h.overlooked = map[string]bool{}, map[string]bool{}
}

// add adds a record. event gives the event of a call that came before its hit.
func (h *hitIndex) add(row int64, r *record.Record, event func(call string) (string, bool)) {
	h.Lock()
	defer h.Unlock()
	h.upTo = row
	if r.NotFollowed() {
		h.unfollowed[r.Document] = true
	}
	if r.Hits > 0 {
		h.overlooked[r.Document] = true
	}
	switch r.Kind {
	case record.Hit:
		for _, id := range r.Handed.Calls {
			key := maphash.String(h.seed, id)
			h.hits = append(h.hits, indexedHit{row: uint32(row), before: h.newest[key], event: h.number(event(id))})
			h.newest[key] = uint32(len(h.hits))
		}
	case record.Call: // hits may come before their call, and then their event is not known yet
		for i := h.newest[maphash.String(h.seed, r.ID)]; i > 0; i = h.hits[i-1].before {
			h.hits[i-1].event = h.number(event(r.ID))
		}
	}
}

// number is an event's place among the names. A slice is enough for them: the judge gives
// only so many different names.
func (h *hitIndex) number(event string, known bool) uint32 {
	if !known {
		return 0
	}
	i := slices.Index(h.names[1:], event)
	if i < 0 {
		h.names = append(h.names, event)
		i = len(h.names) - 2
	}
	return uint32(i + 1)
}

// event is the name of the event of a call that has hits.
func (h *hitIndex) event(call string) (name string, ok bool) {
	h.RLock()
	defer h.RUnlock()
	if len(h.hits) == 0 {
		return "", false
	}
	i := h.newest[maphash.String(h.seed, call)]
	if i == 0 || h.hits[i-1].event == 0 {
		return "", false
	}
	return h.names[h.hits[i-1].event], true
}

// found is a finding on a single record in the form that the plan's acceptances are matched
// with: a hit's finding has the event of its first known call.
func (h *hitIndex) found(f record.Finding, r *record.Record) journey.Finding {
	event := r.EventName()
	if r.Kind == record.Hit {
		for _, id := range r.Handed.Calls {
			if name, ok := h.event(id); ok {
				event = name
				break
			}
		}
	}
	return journey.Finding{Finding: f, Record: r.ID, Event: event, Time: r.Time, URL: r.Address()}
}

// followed tells whether it was recorded where a document's calls went, as far as is known.
func (h *hitIndex) followed(document string) bool {
	h.RLock()
	defer h.RUnlock()
	return !h.unfollowed[document]
}

// any tells whether any call has hits.
func (h *hitIndex) any() bool {
	h.RLock()
	defer h.RUnlock()
	return len(h.hits) > 0
}

// of are the rows of a call's hits, ascending. looked is the last row that was looked at for
// them.
func (h *hitIndex) of(call string) (rows []int64, looked int64) {
	h.RLock()
	defer h.RUnlock()
	if len(h.hits) == 0 { // also before begin, when there is no seed yet
		return nil, h.upTo
	}
	for i := h.newest[maphash.String(h.seed, call)]; i > 0; i = h.hits[i-1].before {
		if row := int64(h.hits[i-1].row); len(rows) == 0 || rows[len(rows)-1] != row {
			rows = append(rows, row)
		}
	}
	slices.Reverse(rows)
	return rows, h.upTo
}

// A reading is a record with everything that the detail says about it.
type reading struct {
	record *record.Record
	tree   *tree // its arguments or data; nil unless it is a call or a hit

	accepted accepts             // which findings the plan accepts: the record's and its hits'
	open     []journey.Unsettled // what may still be found on it

	hits   []store.Stored // of a call, with the current verdicts
	calls  []store.Row    // of a hit
	others int            // how many hits or calls are not listed
	looked bool           // everything recorded was searched for hits of the call
	missed bool           // in its document, some possible hits were not looked at
	unseen bool           // in its document, nobody followed where calls go
	beside bool           // other calls have hits
}

// read reads a record and the hits or calls that belong to it. version is as in verdicts.
func (f *feed) read(ctx context.Context, row int64) (one *reading, version int, err error) {
	r, err := f.store.Record(ctx, row)
	if err != nil {
		return nil, 0, err
	}
	newer := f.newerOn(ctx, row-1, row+1, hasOwn|redone|ofVisit|ofHit)
	one = &reading{record: r, accepted: newer.judge(row, r), open: newer.open(row)}
	switch r.Kind {
	case record.Call:
		one.tree = newTree(r, one.accepted)
		err = f.readHits(ctx, row, one)
	case record.Hit:
		one.tree = newTree(r, one.accepted)
		ids := r.Handed.Calls
		one.others = max(0, len(ids)-maxHanded)
		one.calls, err = f.store.Rows(ctx, store.Query{Limit: maxHanded, Where: []store.Condition{store.HasID(ids[:len(ids)-one.others]...)}})
	}
	return one, newer.version, err
}

// readHits reads a call's hits. Until the judge has gone through all that was recorded, it
// also searches the call's own document, where nearly all of them are.
func (f *feed) readHits(ctx context.Context, row int64, one *reading) error {
	rows, looked := f.judge.hits.of(one.record.ID)
	last, err := f.store.Last(ctx)
	if err != nil {
		return err
	}
	one.looked, one.unseen = looked >= last, !f.judge.hits.followed(one.record.Document)
	one.beside, one.missed = f.judge.hits.any(), f.judge.hits.overlooks(one.record.Document)
	if !one.looked {
		nearby := []store.Condition{store.IDBegins(one.record.Document + "/hit-")}
		page, err := f.store.Rows(ctx, store.Query{After: row, Limit: chunkSize, Where: nearby})
		if err != nil {
			return err
		}
		for _, r := range page {
			rows = append(rows, r.Row)
		}
		slices.Sort(rows)
		rows = slices.Compact(rows)
	}
	one.others = max(0, len(rows)-chunkSize)
	rows = rows[:len(rows)-one.others]
	for after := int64(0); len(rows) > 0; {
		page, err := f.store.Records(ctx, store.Query{After: after, Limit: len(rows), Where: []store.Condition{store.In(rows)}})
		if err != nil || len(page) == 0 {
			return err
		}
		for _, hit := range page {
			if after = hit.Row; hit.Record.Kind != record.Hit || !slices.Contains(hit.Record.Handed.Calls, one.record.ID) {
				continue
			}
			if len(one.hits) == maxHanded {
				one.others++
			} else {
				maps.Copy(one.accepted, f.newer(ctx, hit.Row-1, hit.Row+1).judge(hit.Row, hit.Record))
				one.hits = append(one.hits, hit)
			}
		}
	}
	return nil
}

// overlooks tells whether some possible hits of a document were not looked at.
func (h *hitIndex) overlooks(document string) bool {
	h.RLock()
	defer h.RUnlock()
	return h.overlooked[document] || h.overlooked[""]
}

// A handedLine is what the events' table says of a hit beyond what the store's row has.
type handedLine struct {
	system string
	events []string // of its first calls
	calls  int      // how many it has
	failed bool     // the request failed
}

// of names the events of the hit's calls.
func (l *handedLine) of() string {
	if len(l.events) == 0 {
		return words.Plural(l.calls, "call")
	}
	says := strings.Join(l.events, ", ")
	if more := l.calls - len(l.events); more > 0 {
		says += fmt.Sprintf(" +%d", more)
	}
	return says
}

// place names where a hit went: for a request the system, if it is known, else the address
// or the queue.
func (r *listed) place() string {
	if r.hit != nil && r.hit.system != "" && r.isRequest() {
		return r.hit.system
	}
	return withoutScheme(r.Event)
}

// address is where a hit went, with * for what differs in each.
func (r *listed) address() string {
	if r.hit == nil {
		return r.Event
	}
	return systems.Known().Address(r.hit.system, r.Event)
}

// besides is what place leaves out of where a hit went.
func (r *listed) besides() string {
	if r.isRequest() {
		if r.hit.system == "" {
			return ""
		}
		return withoutScheme(r.Event)
	}
	return r.hit.system
}

// isRequest tells whether a hit is a request. The other hits are pushes to a queue, whose
// name is no address.
func (r *listed) isRequest() bool { return strings.Contains(r.Event, "://") }

// withHits adds to rows of hits what the table says of them.
func (f *feed) withHits(ctx context.Context, all []listed) ([]listed, error) {
	at := map[int64]*listed{}
	var wanted []int64
	for i := range all {
		if r := &all[i]; r.Kind == record.Hit {
			at[r.Row.Row] = r
			wanted = append(wanted, r.Row.Row)
		}
	}
	hits := map[int64]*record.Handed{}
	var ids []string
	for after := int64(0); len(hits) < len(wanted); {
		page, err := f.store.Records(ctx, store.Query{After: after, Limit: len(wanted), Where: []store.Condition{store.In(wanted)}})
		if err != nil {
			return nil, err
		}
		if len(page) == 0 {
			break
		}
		for _, one := range page {
			after = one.Row
			hits[one.Row] = one.Record.Handed
			ids = append(ids, firstCalls(one.Record.Handed)...)
		}
	}
	slices.Sort(ids)
	events := map[string]string{}
	for some := range slices.Chunk(slices.Compact(ids), maxHanded) {
		calls, err := f.store.Rows(ctx, store.Query{Limit: len(some), Where: []store.Condition{store.HasID(some...)}})
		if err != nil {
			return nil, err
		}
		for _, c := range calls {
			events[c.ID] = c.Event
		}
	}
	for row, h := range hits {
		at[row].hit = lineOf(h, events)
	}
	return all, nil
}

// lineOf makes the line of a hit. events are the names of the events that are known, by the
// id of their call.
func lineOf(h *record.Handed, events map[string]string) *handedLine {
	l := &handedLine{system: h.System, calls: len(h.Calls), failed: h.Failed != nil}
	for _, id := range firstCalls(h) {
		if name, known := events[id]; known && !slices.Contains(l.events, name) {
			l.events = append(l.events, name)
		}
	}
	if len(l.events) == 0 { // the calls are not in this store, but the hit may carry their name
		if name := carriedName(h); name != "" {
			l.events = []string{name}
		}
	}
	return l
}

// firstCalls are the calls of a hit that its line names.
func firstCalls(h *record.Handed) []string { return h.Calls[:min(3, len(h.Calls))] }

// carriedName is the event's name as a hit carries it, "" where it doesn't.
func carriedName(h *record.Handed) string {
	i := slices.IndexFunc(h.Carries, func(c record.Carried) bool { return c.What == "/0" && c.As == "" })
	if i < 0 {
		return ""
	}
	value, _ := valueAt(h.Data, h.Carries[i].At)
	name, _ := value.(string)
	return name
}

// sinceCall says how long after its call a hit was.
func sinceCall(call, hit record.Time) string {
	switch d := hit.Sub(call.Time); {
	case d < 0:
		return "before it by the clock"
	case d == 0:
		return "at once"
	case d < time.Second:
		return fmt.Sprintf("after %d ms", d.Milliseconds())
	case d < time.Minute:
		return fmt.Sprintf("after %.1f s", d.Seconds())
	default:
		return fmt.Sprintf("after %d min %d s", int(d.Minutes()), int(d.Seconds())%60)
	}
}

// because says why a hit belongs to its calls.
func because(h *record.Handed) string {
	switch h.Because {
	case record.DuringHandler:
		return "while the site's function ran"
	case record.ByContent:
		return "by what it carries"
	case record.ByTime:
		return "by its time alone"
	}
	return string(h.Because)
}

// carried lists which values of its calls a hit carries.
func carried(h *record.Handed) string {
	var all []string
	for _, c := range h.Carries {
		says := carriedField(c)
		if !slices.Contains(all, says) {
			all = append(all, says)
		}
	}
	if len(all) == 0 {
		return "nothing of the call"
	}
	return words.List(all, "and")
}

// carriedField names a value of a call that a hit carries, and its form, such as sha256.
func carriedField(c record.Carried) string {
	if c.As == "" {
		return fieldName(c.What)
	}
	return fieldName(c.What) + " as " + string(c.As)
}

// fieldName names a place in a call's arguments by the last part of its pointer.
func fieldName(what string) string {
	if what == "/0" {
		return "event_name"
	}
	return lastName(what)
}
