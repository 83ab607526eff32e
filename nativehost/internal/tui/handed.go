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
	"userlike-inspector/nativehost/internal/words"
	"userlike-inspector/schema"
)

// maxHanded bounds how many hits of a call, and calls of a hit, are listed in the detail.
const maxHanded = 50

// handed tells which hits belong to a call, as far as the judge has come. There may be
// a million of them, so of each only its row is kept.
type handed struct {
	sync.RWMutex
	seed   maphash.Seed      // set by begin
	newest map[uint64]uint32 // a call's last hit, as index of hits and one more
	hits   []handedHit
	names  []string // of events

	unfollowed map[string]bool // documents of which nobody saw where calls went
	upTo       int64           // the last row that was looked at
}

type handedHit struct {
	row, before uint32 // before is the call's hit before this one, as in newest
	event       uint32 // the call's, as index of names; 0 while the call has not come
}

// begin forgets everything.
func (h *handed) begin() {
	h.Lock()
	defer h.Unlock()
	h.seed, h.newest, h.hits, h.names, h.upTo = maphash.MakeSeed(), map[uint64]uint32{}, nil, []string{""}, 0
	h.unfollowed = map[string]bool{}
}

// add takes in a record; event tells that of a call with hits.
func (h *handed) add(row int64, r *record.Record, event func(call string) (string, bool)) {
	h.Lock()
	defer h.Unlock()
	h.upTo = row
	if r.NotFollowed() {
		h.unfollowed[r.Document] = true
	}
	switch r.Kind {
	case record.Hit:
		for _, id := range r.Handed.Calls {
			key := maphash.String(h.seed, id)
			h.hits = append(h.hits, handedHit{row: uint32(row), before: h.newest[key], event: h.number(event(id))})
			h.newest[key] = uint32(len(h.hits))
		}
	case record.Call: // its hits may have come before it
		for i := h.newest[maphash.String(h.seed, r.ID)]; i > 0; i = h.hits[i-1].before {
			h.hits[i-1].event = h.number(event(r.ID))
		}
	}
}

// number is an event's place among the names: there are few, as the judge counts them.
func (h *handed) number(event string, known bool) uint32 {
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
func (h *handed) event(call string) (name string, ok bool) {
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

// found is a verdict on a single record, with the event of the call or of a hit's.
func (h *handed) found(f record.Finding, r *record.Record) journey.Finding {
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

// followed tells whether anybody looked where a document's calls went, as far as is known.
func (h *handed) followed(document string) bool {
	h.RLock()
	defer h.RUnlock()
	return !h.unfollowed[document]
}

// any tells whether any call has hits.
func (h *handed) any() bool {
	h.RLock()
	defer h.RUnlock()
	return len(h.hits) > 0
}

// of are the rows of a call's hits, ascending; looked is the last row
// that was looked at for them.
func (h *handed) of(call string) (rows []int64, looked int64) {
	h.RLock()
	defer h.RUnlock()
	if len(h.hits) == 0 { // the judge may not even have begun
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

// reading is a record with what the detail tells of it.
type reading struct {
	record *record.Record
	tree   *tree // nil unless it is a call or a hit

	accepted accepts // of the findings, and of those of its hits

	hits   []store.Stored // of a call, with the verdicts of now
	calls  []store.Row    // of a hit
	others int            // hits or calls that are not listed
	looked bool           // for hits of the call everything was looked through
	unseen bool           // where the calls of its document went was not followed
	beside bool           // other calls have hits
}

// read reads a record, and those that it has to do with.
func (f *feed) read(ctx context.Context, row int64) (one *reading, said int, err error) {
	r, err := f.store.Record(ctx, row)
	if err != nil {
		return nil, 0, err
	}
	newer := f.newer(ctx, row-1, row+1)
	one = &reading{record: r, accepted: newer.judge(row, r)}
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
	return one, newer.said, err
}

// readHits reads where a call went. Until the judge has come to all that was recorded,
// it looks for hits in the call's own document, where nearly all are.
func (f *feed) readHits(ctx context.Context, row int64, one *reading) error {
	rows, looked := f.judge.handed.of(one.record.ID)
	last, err := f.store.Last(ctx)
	if err != nil {
		return err
	}
	one.looked, one.unseen = looked >= last, !f.judge.handed.followed(one.record.Document)
	one.beside = f.judge.handed.any()
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

// A handedLine is what the Events table says of a hit besides its row.
type handedLine struct {
	system string
	events []string // of its first calls
	calls  int
}

// of names the events that the hit is of.
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

// place is where a hit went, in short: by the system's name, if that is known of a
// request.
func (r *listed) place() string {
	if r.hit != nil && r.hit.system != "" && r.isRequest() {
		return r.hit.system
	}
	return placeOf(r.Event)
}

// besides is what place does not say.
func (r *listed) besides() string {
	if r.isRequest() {
		if r.hit.system == "" {
			return ""
		}
		return placeOf(r.Event)
	}
	return r.hit.system
}

// isRequest tells whether a hit is one: a queue has no address.
func (r *listed) isRequest() bool { return strings.Contains(r.Event, "://") }

// withHits puts to rows what the table says of hits.
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

// lineOf is what there is to say of a hit, given the events of calls that are at hand.
func lineOf(h *record.Handed, events map[string]string) *handedLine {
	l := &handedLine{system: h.System, calls: len(h.Calls)}
	for _, id := range firstCalls(h) {
		if name, known := events[id]; known && !slices.Contains(l.events, name) {
			l.events = append(l.events, name)
		}
	}
	if len(l.events) == 0 { // the calls are not here, but the hit may say what they were
		if name := carriedName(h); name != "" {
			l.events = []string{name}
		}
	}
	return l
}

// firstCalls are the calls of a hit that its line tells of.
func firstCalls(h *record.Handed) []string { return h.Calls[:min(3, len(h.Calls))] }

// carriedName is the event's name as a hit carries it, "" where it doesn't.
func carriedName(h *record.Handed) string {
	i := slices.IndexFunc(h.Carries, func(c record.Carried) bool { return c.What == "/0" && c.As == "" })
	if i < 0 {
		return ""
	}
	data, err := schema.Decode(h.Data)
	tokens, ok := schema.Tokens(h.Carries[i].At)
	if err != nil || !ok {
		return ""
	}
	value, _ := schema.Lookup(data, tokens)
	name, _ := value.(string)
	return name
}

// placeOf is where a hit went, without what every address has.
func placeOf(to string) string { return site(to) }

// took is how long after its call a hit was, in words.
func took(call, hit record.Time) string {
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

// carried says what of its calls a hit carries.
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

// carriedField is what of a call is carried, and in which form.
func carriedField(c record.Carried) string {
	if c.As == "" {
		return fieldName(c.What)
	}
	return fieldName(c.What) + " as " + string(c.As)
}

// fieldName is a place in a call's arguments as a word: the last name of its pointer,
// or the event's name.
func fieldName(what string) string {
	if what == "/0" {
		return "event_name"
	}
	return pointerUnescape.Replace(what[strings.LastIndexByte(what, '/')+1:])
}
