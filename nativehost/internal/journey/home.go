package journey

import (
	"slices"

	"userlike-inspector/nativehost/internal/observed"
)

// Home is the journey that a record belongs to. For a call without a session id it may
// become known only later, so call its methods when the answer is needed.
type Home struct {
	document *document
	journey  *journey
}

// ID is the journey's id, "" for a record that belongs to none.
func (h Home) ID() string {
	if h.journey != nil {
		return h.journey.root().id
	}
	if h.document != nil && h.document.home != nil {
		return h.document.home.root().id
	}
	return ""
}

type sessionKey struct {
	place   *observed.Place
	session string
}

type contactKey struct {
	place  *observed.Place
	client uint32 // interned
}

// from finds or makes an origin, and returns its index. It compares only with the last
// ones of the document, as there may be any number.
func (j *Judge) from(o origin) uint32 {
	d := o.document
	for _, known := range slices.Backward(d.origins[max(0, len(d.origins)-8):]) {
		if j.origins[known] == o {
			return known
		}
	}
	known := uint32(len(j.origins))
	j.origins, d.origins = append(j.origins, o), append(d.origins, known)
	return known
}

// ofSession is the journey of a session. Earlier calls without a session id, in this
// document or from the same contact, are moved into it.
func (j *Judge) ofSession(d *document, place *observed.Place, c call, session string) *journey {
	key := sessionKey{place, session}
	home := j.sessions[key]
	if home == nil {
		home = j.newJourney(d, place, session)
		j.sessions[key] = home
	}
	if d.session == nil && d.home != nil {
		if from := d.home.root(); from.session == "" {
			j.merge(from, home)
		} else if from != home {
			j.move(from, home, d)
		}
	}
	if contact, ok := j.contact(place, c); ok {
		if from := j.contacts[contact]; from != nil && from.root().session == "" && from.root() != home {
			j.merge(from.root(), home)
		}
		j.contacts[contact] = home
	}
	d.session, d.home = home, home
	return home
}

// ofDocument is the journey of a call without a session id.
func (j *Judge) ofDocument(d *document, place *observed.Place, c call) *journey {
	if d.session != nil {
		return d.session.root()
	}
	if d.home != nil {
		return d.home.root()
	}
	contact, known := j.contact(place, c)
	if known {
		if v := j.contacts[contact]; v != nil && v.root().near(c) {
			d.home = v.root()
			return d.home
		}
	}
	d.home = j.newJourney(d, place, "")
	if known {
		j.contacts[contact] = d.home
	}
	return d.home
}

// contact is the key that joins calls without a session id.
func (j *Judge) contact(place *observed.Place, c call) (contactKey, bool) {
	client := j.origin(c).client
	return contactKey{place, client}, client != 0
}

// near tells whether the call's time is close enough for it to belong to the journey.
func (v *journey) near(c call) bool {
	return len(v.calls) == 0 || v.calls[len(v.calls)-1].time() > c.time()-observed.Silence
}

func (j *Judge) newJourney(d *document, place *observed.Place, session string) *journey {
	v := &journey{session: session, place: place, id: journeyID(d, place.Key, session)}
	j.know(v)
	j.places[place] = append(j.places[place], v)
	return v
}

// merge moves everything of a journey without a session id into another one.
func (j *Judge) merge(from, to *journey) {
	for _, c := range from.calls {
		to.add(j, c)
		d := j.origin(c).document
		if !slices.Contains(d.journeys, to) {
			d.journeys = append(d.journeys, to)
		}
		j.touch(d)
	}
	from.calls, from.into = nil, to
	from.rebuild = true
	j.touch(from)
	j.touch(to)
}

// move moves a document's calls from one journey into another.
func (j *Judge) move(from, to *journey, d *document) {
	from.calls = slices.DeleteFunc(from.calls, func(c call) bool {
		if j.origin(c).document == d {
			to.add(j, c)
		}
		return j.origin(c).document == d
	})
	from.rebuild = true
	j.touch(d)
	j.touch(from)
	j.touch(to)
}
