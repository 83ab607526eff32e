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

// call is a call as its journey keeps it. There are millions of them, so they
// are small.
type call struct {
	time  int64  // as the clock said, ms
	seq   uint32 // the greatest for all that are beyond it
	order uint32 // of arrival, from 1
	rank  uint32 // that of arrival, unless others of its document arrived before it
	event uint32 // interned
	from  uint32 // where it came from, as index of the judge's origins
}

// origin is what many calls have in common.
type origin struct {
	document *document
	client   uint32 // interned
	chat     uint32 // the same
	sent     uint64 // the guards that they meet
	url      string
	onSite   bool // the plan is about that address
	wanted   bool // it is reported
	standIn  bool // the tester's stand-in took it
	asked    bool // it came since that from which on counts and times are wanted
	veiled   bool // nobody knows whether it is
	shapes   inspect.Shapes
}

// at is when a call came, among all others.
func (j *Judge) at(c call) observed.Moment {
	return observed.Moment{Document: j.origin(c).document.Document, Seq: c.seq, Rank: c.rank, Time: c.time}
}

// elapsed is how much time passed at least from a to b.
func (j *Judge) elapsed(a, b call) int64 { return observed.Elapsed(j.at(a), j.at(b)) }

// journey is one contact's visit.
type journey struct {
	kept
	id      string
	session string
	place   *observed.Place
	into    *journey // what it was found to be a part of
	calls   []call   // by seq, and by the arrival of their documents
	wanted  bool     // it has a call that is reported

	simulation *simulation // whose calls it has, nil for a contact's

	rebuild bool // state is not that of calls any more
	state
}

// state is what a journey's calls come to, taken in one after the other. Of
// those that may be many it has their indexes only.
type state struct {
	done      int         // so many calls have been taken in
	documents []*document // in the order of their numbers
	scope                 // the journey's
	chats     []*scope    // each chat's, where the plan asks for it
	chatless  []tally     // of calls without a chat_id, where the plan asks for it
	asked     few[wanted] // by answer
	shown     []uint32    // errors that the contact saw
	clients   voices      // who its calls are of, by client_uuid
	low, high int64       // the least and the greatest time
	begun     newest      // what begins a conversation, the one that the clock says came first
	resumed   []uint32    // resumptions of conversations of which no beginning came first
	chatted   []uint32    // chat_ids that were heard

	onSite     bool        // it has calls on the plan's sites
	veiled     bool        // it has calls of which nobody knows whether they are
	agreements []agreement // by the rules' consents

	owed    few[owed]  // where calls have to go, by what the plan says of forwarding
	doubled []delivery // hits that were there before
	sentOn  []delivery // hits that carry what is guarded to other sites
}

// scope is what a plan's entries are judged in: a journey, or a chat of one.
type scope struct {
	chat    uint32 // 0 for a journey
	resumed bool   // the chat was gone on with before anything else
	events  []tally
	counted []tally       // those on the plan's sites that are asked for
	unmet   few[[]uint32] // calls whose need has not been met, by need
	doubts  few[string]   // why a need may not have been met in time, by need
	planned few[progress] // by expectation
	first   *uint32       // the first that is counted
}

// newest is the last of some calls, by order and by the clock. Where these do not
// agree either may be the last.
type newest struct{ order, clock *uint32 }

// few are values by small numbers. Most journeys have few of those that there
// can be, and there are many journeys, for which maps would be too large.
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

// in notes a document that the journey has calls in.
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

// add puts a call where it belongs.
func (v *journey) add(j *Judge, c call) {
	i := len(v.calls)
	for i > 0 && j.at(v.calls[i-1]).Compare(j.at(c)) > 0 {
		i--
	}
	if n := len(v.calls); n == cap(v.calls) { // by less than append would: most of it is never needed
		v.calls = append(make([]call, 0, n+n/8+4), v.calls...)
	}
	v.calls = slices.Insert(v.calls, i, c)
	if i < v.done {
		v.rebuild = true
	}
}

// catchUp takes in the calls that have not been yet.
func (v *journey) catchUp(j *Judge) {
	if v.rebuild {
		v.state, v.rebuild = state{}, false
	}
	for ; v.done < len(v.calls); v.done++ {
		v.take(j, v.calls[v.done])
	}
}

// take takes in the next call.
func (v *journey) take(j *Judge, c call) {
	r, from, now := j.rules, j.origin(c), uint32(v.done)
	v.in(from.document)
	if v.done == 0 {
		v.low, v.high = c.time, c.time
	}
	v.low, v.high = min(v.low, c.time), max(v.high, c.time)
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
	if r.errors[c.event] {
		v.shown = append(v.shown, now)
	}
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

// maxChats bounds how many chats of a journey are judged each for itself.
const maxChats = 1000

// last notes a call that is one of some.
func (n *newest) last(v *journey, now uint32) {
	n.order = &now
	if n.clock == nil || v.calls[*n.clock].time <= v.calls[now].time {
		n.clock = &now
	}
}

// reaches tells whether one of the calls came after c, or so shortly before it that
// it may have.
func (n newest) reaches(j *Judge, v *journey, c call) bool {
	return n.order != nil && (j.elapsed(v.calls[*n.order], c) < observed.Tolerance || j.elapsed(v.calls[*n.clock], c) < observed.Tolerance)
}

// resume looks whether the call goes on with a conversation that nobody has seen
// begin: one that began before, or another one than that of this visit.
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

// knows tells whether a conversation that is gone on with is one of this visit's:
// by its chat_id or, where that says nothing, because it is gone on with in another
// document, as after every reload.
func (v *journey) knows(j *Judge, c call) bool {
	if chat := j.origin(c).chat; chat != 0 && len(v.chatted) > 0 {
		return slices.Contains(v.chatted, chat)
	}
	return j.origin(v.calls[*v.begun.order]).document != j.origin(c).document
}

// maxResumed bounds how many resumptions are remembered.
const maxResumed = 16

// meet looks at what the call needs, and at what needs it.
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

// came is what is counted of an event that can have been a chat's, or the journey's.
func (v *journey) came(in *scope, event uint32) tally {
	if t := counts(in.events, event); t.count > 0 || in.chat == 0 {
		return t
	}
	return counts(v.chatless, event)
}

// met takes from those whose need has not been met the ones that c may have come before.
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

// disputed says why nobody knows whether a call came before another that is behind it:
// the clock says otherwise.
func (j *Judge) disputed(before, c call) string {
	if j.origin(before).document != j.origin(c).document && j.elapsed(before, c) < -observed.Tolerance {
		return "the clock was put back meanwhile, or records came in another order"
	}
	return ""
}

// doubt says why nobody knows whether a call came as late after another as its place
// behind it says, "" where it did not.
func (j *Judge) doubt(before, c call) string {
	return observed.Doubt(j.at(before), j.at(c), observed.Tolerance)
}

// without takes calls from a list. Of very many it looks at the last ones only.
func (v *journey) without(list *[]uint32, out func(call) bool) {
	all := *list
	from := max(0, len(all)-maxLookedBack)
	kept := slices.DeleteFunc(all[from:], func(i uint32) bool { return out(v.calls[i]) })
	*list = all[:from+len(kept)]
}

// maxLookedBack bounds how many calls that lack something are looked at again when
// it comes.
const maxLookedBack = 1000

// wanted are the questions that want one kind of answer.
type wanted struct {
	open []uint32 // questions without any
	late []pair   // those that had it too late
	came newest   // the answers
}

// pair is two calls.
type pair struct{ first, second uint32 }

// ask looks whether the call is an answer, and whether it wants one.
func (v *journey) ask(j *Judge, c call, now uint32) {
	r := j.rules
	for _, i := range r.answeredBy[c.event] {
		w, within := v.asked.make(i), r.answers[i].within
		for _, q := range w.open {
			if observed.Awake(j.at(v.calls[q]), j.at(c)) > within {
				w.late = append(w.late, pair{q, now})
			}
		}
		w.open = nil
		w.came.last(v, now)
	}
	if i, ok := r.asks[c.event]; ok {
		if w := v.asked.make(i); !w.came.reaches(j, v, c) {
			w.open = append(w.open, now)
		}
	}
}

// journeyID names a journey: by its session, or by the document that it began
// in; then by its site, and by the browser's profile where that is known.
func journeyID(d *document, in observed.Key, session string) string {
	name := session
	if name == "" {
		name = "document " + d.ID
	}
	if short := words.Short(name); short != name {
		// Different names must not become one by being cut.
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
