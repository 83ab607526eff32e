package journey

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"slices"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/observed"
	"userlike-inspector/nativehost/internal/words"
)

// call is what a journey keeps of a call. There can be millions, so the struct is small.
type call struct {
	seq   uint32 // at most observed.MaxSeq
	order uint32 // of arrival, from 1
	event uint32 // interned
	from  uint32 // index of the judge's origins
	when  instant
}

// instant is what the clock said, in ms, as two halves: with an int64, the struct call would
// be larger than its fields together.
type instant [2]uint32

func instantOf(ms int64) instant { return instant{uint32(ms >> 32), uint32(ms)} }

// time is what the clock said, in ms.
func (c call) time() int64 { return int64(c.when[0])<<32 | int64(c.when[1]) }

// origin is what many calls have in common, kept once for all of them.
type origin struct {
	document *document
	client   uint32 // interned
	chat     uint32 // interned
	sent     uint64 // the guards whose event or field they have, as bits
	url      string
	onSite   bool // the address is on the plan's sites
	standIn  bool // the tester's stand-in took the calls
	veiled   bool // it is unknown whether the address is on the plan's sites
	shapes   inspect.Shapes
}

// at is the moment of a call, for comparing it with others.
func (j *Judge) at(c call) observed.Moment {
	rank, late := j.ranks[c.order]
	if !late {
		rank = c.order
	}
	return observed.Moment{Document: j.origin(c).document.Document, Seq: c.seq, Rank: rank, Time: c.time()}
}

// elapsed is how many ms passed at least from a to b.
func (j *Judge) elapsed(a, b call) int64 { return observed.Elapsed(j.at(a), j.at(b)) }

// journey is one contact's visit.
type journey struct {
	kept
	id      string
	session string
	place   *observed.Place
	into    *journey // the journey that it was merged into
	calls   []call   // sorted by the arrival of their documents, then by seq

	simulation *simulation // the simulation whose calls it has, nil for a contact's journey

	owes    bool // the plan wants some of its calls forwarded
	rebuild bool // state must be computed again from calls
	*state       // nil until it is wanted, see catchUp
}

// state is computed from a journey's calls, one after the other. Calls are referred to by
// their index in calls. It takes more memory than they do, so only that of the journeys
// that were judged last is kept.
type state struct {
	done      int         // how many calls have been processed
	documents []*document // in the order of their numbers
	scope                 // the journey's
	chats     []*scope    // one for each chat, if the plan asks for it
	chatless  []tally     // counts of calls without a chat_id, if the plan asks for it
	asked     few[wanted] // by answer
	shown     []uint32    // errors that the contact saw
	clients   voices      // the contacts that made its calls, by client_uuid
	low, high int64       // the least and the greatest time
	begun     newest      // the first call that begins a conversation, by the clock
	resumed   []uint32    // conversation_resume calls of conversations whose beginning did not come before
	chatted   []uint32    // the chat_ids of its calls, interned

	onSite     bool        // it has calls on the plan's sites
	veiled     bool        // it has calls for which that is unknown
	agreements []agreement // by the rules' consents

	owed    few[owed]  // where calls have to go, by what the plan says of forwarding
	doubled []delivery // hits equal to an earlier one
	sentOn  []delivery // hits that carry guarded values to other sites
}

// scope is the unit in which a plan's entries are judged: a journey, or one chat of it.
type scope struct {
	chat    uint32 // 0 for a journey
	resumed bool   // the chat's first call was conversation_resume
	events  []tally
	counted []tally       // counts of the calls that count, on the plan's sites
	unmet   few[[]uint32] // calls whose need has not been met, by need
	doubts  few[string]   // why a need may not have been met in time, by need
	planned few[progress] // by expectation
	first   *uint32       // the first that is counted
}

// newest is the last of some calls, once by their order and once by the clock. If the two
// differ, either may really be the last.
type newest struct{ order, clock *uint32 }

// few maps small numbers to values, using less memory than a map. There are many
// journeys, and most of them have few values.
type few[T any] []*numbered[T]

type numbered[T any] struct {
	n     int
	value T
}

// get is the value of n, nil for none.
func (f few[T]) get(n int) *T {
	for _, one := range f {
		if one.n == n {
			return &one.value
		}
	}
	return nil
}

// make is the value of n, a new one if there is none.
func (f *few[T]) make(n int) *T {
	if v := f.get(n); v != nil {
		return v
	}
	one := &numbered[T]{n: n}
	*f = append(*f, one)
	return &one.value
}

// tally counts an event.
type tally struct {
	event uint32
	count uint32
	first uint32 // its first call
}

func find(tallies []tally, event uint32) (i int, found bool) {
	return slices.BinarySearchFunc(tallies, event, func(t tally, event uint32) int { return cmp.Compare(t.event, event) })
}

// counts is what is counted of an event.
func counts(tallies []tally, event uint32) tally {
	if i, ok := find(tallies, event); ok {
		return tallies[i]
	}
	return tally{}
}

// count counts the n-th call.
func count(tallies *[]tally, event, n uint32) int {
	i, found := find(*tallies, event)
	if !found {
		*tallies = slices.Insert(*tallies, i, tally{event: event, first: n})
	}
	(*tallies)[i].count++
	return int((*tallies)[i].count)
}

// in notes that the journey has calls in a document.
func (v *journey) in(d *document) {
	i, found := slices.BinarySearchFunc(v.documents, d.Number, func(d *document, number int) int { return cmp.Compare(d.Number, number) })
	if !found {
		v.documents = slices.Insert(v.documents, i, d)
	}
}

func (v *journey) root() *journey {
	for v.into != nil {
		v = v.into
	}
	return v
}

// add inserts a call at its place in the order.
func (v *journey) add(j *Judge, c call) {
	i := len(v.calls)
	for i > 0 && j.at(v.calls[i-1]).Compare(j.at(c)) > 0 {
		i--
	}
	if n := len(v.calls); n == cap(v.calls) { // grow by less than append would, as most journeys stay small
		v.calls = append(make([]call, 0, n+n/8+4), v.calls...)
	}
	v.calls = slices.Insert(v.calls, i, c)
	if v.state != nil && i < v.done {
		v.rebuild = true
	}
}

const (
	// maxStates is how many short journeys have a state.
	maxStates = 1000
	// maxShort is how many calls a short journey has. For a longer one it would take too
	// long to compute its state again.
	maxShort = 1000
)

// catchUp makes the state of the journey up to date. It is to be called before a field of the
// state is used.
func (v *journey) catchUp(j *Judge) {
	if v.state == nil {
		j.remembers(v)
	}
	if v.state == nil || v.rebuild {
		v.state, v.rebuild = &state{}, false
	}
	for ; v.done < len(v.calls); v.done++ {
		v.take(j, v.calls[v.done])
	}
}

// remembers notes that a journey gets a state. If there are many, the one that got its state
// first loses it.
func (j *Judge) remembers(v *journey) {
	if len(j.stateful) < maxStates {
		j.stateful = append(j.stateful, v)
		return
	}
	oldest := &j.stateful[j.oldest]
	if w := *oldest; len(w.calls) <= maxShort {
		w.state, w.calls = nil, slices.Clone(w.calls) // without room for more
	}
	*oldest = v
	j.oldest = (j.oldest + 1) % maxStates
}

// take processes the next call.
func (v *journey) take(j *Judge, c call) {
	r, from, now := j.rules, j.origin(c), uint32(v.done)
	v.in(from.document)
	if v.done == 0 {
		v.low, v.high = c.time(), c.time()
	}
	v.low, v.high = min(v.low, c.time()), max(v.high, c.time())
	if v.simulation != nil {
		v.owe(j, c, now)
		return
	}
	v.veiled = v.veiled || from.veiled
	v.resume(j, c)
	if chat := from.chat; chat != 0 && len(v.chatted) < maxChats && !slices.Contains(v.chatted, chat) {
		v.chatted = append(v.chatted, chat)
	}
	v.meet(j, c, now)
	count(&v.events, c.event, now)
	if chat := v.inChat(j, c); chat != nil {
		count(&chat.events, c.event, now)
		v.expect(j, chat, c, now)
	} else if r.byChat {
		count(&v.chatless, c.event, now)
	}
	v.ask(j, c, now)
	v.expect(j, &v.scope, c, now)
	v.show(j, c, now)
	v.clients.hear(from.client, 0, now, c, nil)
	v.agree(j, c, now)
	if len(r.forwards) > 0 || j.following != nil {
		v.owe(j, c, now)
	}
}

// inChat is the scope of the call's chat, nil for none.
func (v *journey) inChat(j *Judge, c call) *scope {
	chat := j.origin(c).chat
	if chat == 0 || !j.rules.byChat {
		return nil
	}
	for _, s := range v.chats {
		if s.chat == chat {
			return s
		}
	}
	if len(v.chats) == maxChats {
		return nil
	}
	v.chats = append(v.chats, &scope{chat: chat, resumed: c.event == j.rules.resumes})
	return v.chats[len(v.chats)-1]
}

// maxChats is how many chats of a journey are judged separately.
const maxChats = 1000

// last notes one more of the calls.
func (n *newest) last(v *journey, now uint32) {
	n.order = &now
	if n.clock == nil || v.calls[*n.clock].time() <= v.calls[now].time() {
		n.clock = &now
	}
}

// reaches tells whether one of the calls came after c, or so shortly before c that the
// order is uncertain.
func (n newest) reaches(j *Judge, v *journey, c call) bool {
	return n.order != nil && (j.elapsed(v.calls[*n.order], c) < observed.Tolerance || j.elapsed(v.calls[*n.clock], c) < observed.Tolerance)
}

// resume notes a conversation_resume of a conversation whose beginning was not recorded:
// it began before the recording, or it is not one of this visit.
func (v *journey) resume(j *Judge, c call) {
	switch {
	case j.rules.begins[c.event]:
		v.resumed = slices.DeleteFunc(v.resumed, func(i uint32) bool {
			other := v.calls[i]
			return j.origin(other).document != j.origin(c).document && j.elapsed(other, c) < observed.Tolerance
		})
		if v.begun.order == nil {
			v.begun.last(v, uint32(v.done))
		}
	case c.event != j.rules.resumes || len(v.resumed) == maxResumed:
	case v.begun.order != nil && v.knows(j, c):
	default:
		v.resumed = append(v.resumed, uint32(v.done))
	}
}

// knows tells whether a conversation that is resumed is one of this visit. The chat_id
// says so; without one, a resumption in another document is taken to be one after a
// reload, which resumes the visit's own conversation.
func (v *journey) knows(j *Judge, c call) bool {
	if chat := j.origin(c).chat; chat != 0 && len(v.chatted) > 0 {
		return slices.Contains(v.chatted, chat)
	}
	return j.origin(v.calls[*v.begun.order]).document != j.origin(c).document
}

// maxResumed is how many resumptions a journey remembers.
const maxResumed = 16

// meet checks whether the calls that this call needs have come, and which earlier calls
// needed this one.
func (v *journey) meet(j *Judge, c call, now uint32) {
	r, from := j.rules, j.origin(c)
	chat := v.inChat(j, c)
	for _, i := range r.metBy[c.event] {
		n := r.needs[i]
		if !n.byChat {
			v.met(j, &v.scope, i, c)
			continue
		}
		for _, s := range v.chats {
			if chat == nil || s == chat {
				v.met(j, s, i, c)
			}
		}
	}
	for _, i := range r.needsOf[c.event] {
		n, in := r.needs[i], &v.scope
		if n.planned() && !from.onSite {
			continue
		}
		if n.byChat {
			if in = chat; in == nil {
				continue
			}
		}
		came, disputed := false, ""
		for _, e := range n.any {
			if t := v.came(in, e); t.count > 0 {
				came, disputed = true, j.disputed(v.calls[t.first], c)
			}
		}
		if !came {
			waiting := in.unmet.make(i)
			*waiting = append(*waiting, now)
		} else if n.planned() && disputed != "" {
			*in.doubts.make(i) = disputed
		}
	}
}

// came counts an event in a scope. In a chat it adds the calls without a chat_id, which
// may belong to the chat.
func (v *journey) came(in *scope, event uint32) tally {
	if t := counts(in.events, event); t.count > 0 || in.chat == 0 {
		return t
	}
	return counts(v.chatless, event)
}

// met removes from the calls with an unmet need those that c may have come before.
func (v *journey) met(j *Judge, in *scope, need int, c call) {
	waiting := in.unmet.get(need)
	if waiting == nil {
		return
	}
	if slices.Contains(j.rules.needs[need].later, c.event) {
		*waiting = nil
		return
	}
	v.without(waiting, func(other call) bool {
		if j.elapsed(other, c) >= observed.Tolerance {
			return false
		}
		if why := j.doubt(other, c); why != "" && j.rules.needs[need].planned() {
			*in.doubts.make(need) = why
		}
		return true
	})
}

// disputed says why it is unknown which of two calls came first, "" if it is known: their
// order and the clock may contradict each other.
func (j *Judge) disputed(before, c call) string {
	if j.origin(before).document != j.origin(c).document && j.elapsed(before, c) < -observed.Tolerance {
		return "the clock was put back meanwhile, or records came in another order"
	}
	return ""
}

// doubt says why it is unknown whether a call came as long after another one as it seems,
// "" if it is known.
func (j *Judge) doubt(before, c call) string {
	return observed.Doubt(j.at(before), j.at(c), observed.Tolerance)
}

// without removes the calls from a list for which out is true. In a very long list it
// looks only at the last maxLookedBack.
func (v *journey) without(list *[]uint32, out func(call) bool) {
	all := *list
	from := max(0, len(all)-maxLookedBack)
	kept := slices.DeleteFunc(all[from:], func(i uint32) bool { return out(v.calls[i]) })
	*list = all[:from+len(kept)]
}

// maxLookedBack is how many calls with an unmet need are looked at again when a call comes
// that may meet it.
const maxLookedBack = 1000

// journeyID is a journey's id. It consists of the session, or else the document in which it
// began, the site and, if known, the browser's profile.
func journeyID(d *document, in observed.Key, session string) string {
	name := session
	if name == "" {
		name = "document " + d.ID
	}
	if short := words.Short(name); short != name {
		// Two long names must not become equal by being cut.
		h := fnv.New32a()
		h.Write([]byte(name))
		name = fmt.Sprintf("%s#%08x", short, h.Sum32())
	}
	if in.Site != "" {
		name += "@" + words.Short(in.Site)
	}
	if profile := words.OneLine(in.Profile); profile != "" {
		name += "/" + profile[:min(8, len(profile))]
	}
	return name
}
