package journey

import (
	"slices"

	"userlike-inspector/nativehost/internal/observed"
	"userlike-inspector/nativehost/internal/words"
)

// known is what can be known of a journey: whether its beginning and its end were seen,
// and when it may have had calls that were not recorded.
type known struct {
	j      *Judge
	v      *journey
	over   bool            // no more records come
	middle string          // why the recording begins in the middle of it, "" if it does not
	before string          // why something may have come before its first call: middle, or because it began in another journey of the contact
	after  string          // why something may have come after its last call: it went on in another session
	next   call            // the first call of that session
	spots  []observed.Spot // times at which it may have had calls that were not recorded

	found     []Finding   // as far as it was judged
	unsettled []unsettled // findings that there may still be, as far as it was judged
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

// continues says in which other journey of the contact this one began, "" for none: its
// document has calls of that journey, or another document of it was open then.
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
		sameTab := d.Tab >= 0 && d.Tab == own.Tab && !d.Sub && !own.Sub // documents of one tab follow each other
		if d == own || sameTab || !d.OpenAt(j.at(first)) {
			continue
		}
		if who := d.identityOf(client); who != nil && who.visit() != v && (who.first.time() <= first.time() || j.at(*who.first).Before(j.at(first))) {
			return earlierIn(who.visit())
		}
	}
	return ""
}

// renewed says in which session the journey went on, and with which call, if another
// session replaced its own in a document.
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

// maxSpoke is how many documents of a contact are looked at.
const maxSpoke = 1000

func earlierIn(v *journey) string {
	if v == nil || v.session == "" {
		return "the contact's visit began earlier, in another journey"
	}
	return "the contact's visit began earlier, in session " + words.Short(v.session)
}

// began says why something that the call needs may have come without being recorded, ""
// if it cannot. It may have come before the call, or so shortly after it that the order
// is uncertain.
func (k *known) began(c call) (why string) {
	if k.before != "" {
		return k.before
	}
	if s := observed.Before(k.spots, k.j.at(c)); s != nil {
		return s.Why
	}
	return ""
}

// around says why something may have come without being recorded within ms after a call,
// "" if it cannot.
func (k *known) around(c call, ms int64) string {
	if s := observed.Around(k.spots, k.j.at(c), ms); s != nil {
		return s.Why
	}
	if k.after != "" && observed.Awake(k.j.at(c), k.j.at(k.next)) < ms+observed.Tolerance {
		return k.after
	}
	return ""
}

// all says why something may have come without being recorded at any time that counts, ""
// if it cannot.
func (k *known) all() string {
	j, before := k.j, k.before
	open := func(d *document) bool { return j.since == 0 || d.began < j.since }
	if j.since != 1 && slices.ContainsFunc(k.v.documents, open) {
		before = "" // calls before that do not count
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
		if j.since == 1 || s.Until() > j.begins {
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

// gone tells whether a document was left. A recording without page records never says so;
// there the document ends with the recording.
func (k *known) gone(d *document) bool { return d.Ended() || k.over && !d.Lives() }

// passed tells whether the recording shows enough of the time after a call for what comes at
// about the same time. h says whether that may still become known.
func (k *known) passed(c call) (yes bool, h hold) {
	if k.over && !k.j.origin(c).document.Lives() {
		return true, hold{}
	}
	return k.j.lasted(c, observed.Tolerance)
}

// lasted tells whether the document of a call was surely open for ms after it. h says
// whether that may still become known.
func (j *Judge) lasted(c call, ms int64) (yes bool, h hold) {
	d, at := j.origin(c).document, j.at(c)
	if d.OpenAfter(at) >= ms {
		return true, hold{}
	}
	if d.Ended() || d.Left(c.time(), c.time()+ms) {
		return false, hold{}
	}
	deadline := c.time() + ms
	if j.now >= deadline && j.now <= deadline+vigil {
		d.Watch(deadline)
		yes = d.OpenAfter(at) >= ms
		return yes, hold{open: !yes}
	}
	if j.clock < deadline+vigil {
		return false, hold{open: true, until: deadline}
	}
	return false, hold{open: j.stays(d)} // what the page says later may show it
}

// went tells whether pages of the journey were surely open for ms after a call. h says
// whether that may still become known.
func (k *known) went(c call, ms int64) (yes bool, h hold) {
	if yes, h = k.j.lasted(c, ms); yes {
		return yes, hold{}
	}
	d := k.j.origin(c).document
	open := d.OpenInAll(k.j.at(c))
	for _, other := range k.v.documents {
		if other != d {
			open += other.LifeAfter(c.time())
		}
	}
	if yes = open >= ms; yes {
		return yes, hold{}
	}
	h.open = h.open || k.goesOn() // in another page
	return false, h
}
