package journey

import (
	"slices"

	"userlike-inspector/nativehost/internal/observed"
	"userlike-inspector/nativehost/internal/words"
)

// known is what can be known of a journey: why its beginning cannot, and where calls
// of it may have been made unseen.
type known struct {
	j      *Judge
	v      *journey
	over   bool            // nothing will come any more
	middle string          // why the recording begins in the middle of it, "" if it does not
	before string          // why something may have come before its first call: that, or what another journey of the contact was
	after  string          // why something may have come after its last call: it went on in another session
	next   call            // with which it did
	spots  []observed.Spot // in which its calls may have been made
}

func (v *journey) known(j *Judge, over bool) *known {
	k := &known{j: j, v: v, over: over, middle: v.middle(j)}
	visit := observed.Visit{Place: v.place, First: v.low, Last: v.high}
	for _, d := range v.documents {
		visit.Documents = append(visit.Documents, d.Document)
	}
	for _, c := range v.clients {
		visit.Contacts = append(visit.Contacts, c.value)
	}
	k.spots = visit.Spots()
	k.after, k.next = v.renewed(j)
	if k.before = k.middle; k.before == "" {
		k.before = v.continues(j)
	}
	return k
}

// middle says why the recording begins in the middle of the journey.
func (v *journey) middle(j *Judge) string {
	for _, late := range []bool{true, false} { // what the tester did rather than what is not there
		for _, d := range v.documents {
			if !d.FromStart() && d.Late() == late {
				return d.Spots()[0].Why
			}
		}
	}
	if len(v.resumed) > 0 {
		return j.names.text(j.rules.resumes) + " goes on with a conversation that began before"
	}
	return ""
}

// continues says in which other journey of its contact the journey began, if it did:
// where its document has calls of another, or another document was open then.
func (v *journey) continues(j *Judge) string {
	first := v.calls[0]
	i := slices.IndexFunc(v.calls[:min(len(v.calls), maxIdentities)], func(c call) bool { return j.origin(c).client != 0 })
	if i < 0 {
		return ""
	}
	client, own := j.origin(v.calls[i]).client, j.origin(first).document
	if who := own.identityOf(client); who != nil && who.visit() != v && who.first.seq < first.seq {
		return earlierIn(who.visit())
	}
	key := contactKey{v.place, client}
	all := j.spoke[key]
	for _, d := range all[max(0, len(all)-maxSpoke):] {
		sameTab := d.Tab >= 0 && d.Tab == own.Tab && !d.Sub && !own.Sub // one after the other
		if d == own || sameTab || !d.OpenAt(j.at(first)) {
			continue
		}
		if who := d.identityOf(client); who != nil && who.visit() != v && (who.first.time <= first.time || j.at(*who.first).Before(j.at(first))) {
			return earlierIn(who.visit())
		}
	}
	return ""
}

// renewed says in which session the journey went on, and with which call, if one took
// the place of its own in a document.
func (v *journey) renewed(j *Judge) (why string, next call) {
	own := j.names.id(v.session)
	for _, d := range v.documents {
		for _, who := range d.whose {
			i := slices.IndexFunc(who.sessions, func(s *voice) bool { return s.value == own })
			if i < 0 {
				continue
			}
			for _, s := range who.sessions {
				if s.first > who.sessions[i].last && s.group == who.sessions[i].group {
					return "the contact's visit went on in session " + words.Short(j.names.text(s.value)), s.call
				}
			}
		}
	}
	return "", call{}
}

// maxSpoke bounds how many documents of a contact are looked at.
const maxSpoke = 1000

func earlierIn(v *journey) string {
	if v == nil || v.session == "" {
		return "the contact's visit began earlier, in another journey"
	}
	return "the contact's visit began earlier, in session " + words.Short(v.session)
}

// began says why something that the call needs may have come without having been
// seen, before it or within so little time after it that either may have been first.
func (k *known) began(c call) (why string) {
	if k.before != "" {
		return k.before
	}
	if s := observed.Before(k.spots, k.j.at(c)); s != nil {
		return s.Why
	}
	return ""
}

// around says why something may have come unseen from a call on, for a while.
func (k *known) around(c call, ms int64) string {
	if s := observed.Around(k.spots, k.j.at(c), ms); s != nil {
		return s.Why
	}
	if k.after != "" && observed.Awake(k.j.at(c), k.j.at(k.next)) < ms+observed.Tolerance {
		return k.after
	}
	return ""
}

// all says why something may have come unseen at any time that is asked for.
func (k *known) all() string {
	j, before := k.j, k.before
	open := func(d *document) bool { return j.since == 0 || d.began < j.since }
	if j.since != 1 && slices.ContainsFunc(k.v.documents, open) {
		before = "" // what came before is not counted
		for _, d := range k.v.documents {
			if !open(d) && !d.FromStart() {
				before = d.Spots()[0].Why
			}
		}
	}
	if before != "" {
		return before
	}
	if k.after != "" {
		return k.after
	}
	if k.v.veiled {
		return unplaced
	}
	for _, s := range k.spots {
		if j.since == 1 || s.Until() > j.sinceTime {
			return s.Why
		}
	}
	return ""
}

// ended tells whether the journey is over: the recording is, or all its documents
// were left.
func (k *known) ended() bool {
	return k.over || k.left()
}

// left tells whether all documents of the journey were left.
func (k *known) left() bool {
	return !slices.ContainsFunc(k.v.documents, func(d *document) bool { return !k.gone(d) })
}

// gone tells whether a document was left, or that is never told of it: where nothing
// is said of its life, the recording's end is its own.
func (k *known) gone(d *document) bool { return d.Ended() || k.over && !d.Lives() }

// passed tells whether a call was followed by so much time that what comes at about
// the same time would have come; wait, that time alone may still show it.
func (k *known) passed(c call) (yes, wait bool) {
	if k.over && !k.j.origin(c).document.Lives() {
		return true, false
	}
	return k.j.lasted(c, observed.Tolerance)
}

// lasted tells whether the document of a call surely was open for a while after it;
// wait, that time alone may still show it.
func (j *Judge) lasted(c call, ms int64) (yes, wait bool) {
	d, at := j.origin(c).document, j.at(c)
	if d.OpenAfter(at) >= ms {
		return true, false
	}
	if d.Ended() || d.Left(c.time, c.time+ms) {
		return false, false
	}
	if deadline := c.time + ms; j.now >= deadline && j.now <= deadline+vigil {
		d.Watch(deadline)
		return d.OpenAfter(at) >= ms, false
	}
	return false, j.clock < c.time+ms+vigil
}

// went tells whether pages of the journey surely were open for a while after a call.
func (k *known) went(c call, ms int64) (yes, wait bool) {
	if yes, wait = k.j.lasted(c, ms); yes {
		return yes, false
	}
	d := k.j.origin(c).document
	open := d.OpenInAll(k.j.at(c))
	for _, other := range k.v.documents {
		if other != d {
			open += other.LifeAfter(c.time)
		}
	}
	return open >= ms, wait
}
