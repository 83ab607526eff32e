package journey

import (
	"fmt"
	"slices"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/words"
)

// identity is one contact, by client_uuid, who made calls in a document.
type identity struct {
	client   uint32 // interned
	first    *call  // the first by seq, and
	home     Home   // where it belongs
	widgets  voices
	sessions voices // each widget has a session of its own
}

// maxIdentities is how many different contacts, sessions or widgets are kept in one place.
const maxIdentities = 100

// identity finds or makes the identity of a client_uuid. It is nil without a client_uuid,
// and when there are too many.
func (d *document) identity(client uint32) *identity {
	if who := d.identityOf(client); who != nil {
		return who
	}
	if client == 0 || len(d.whose) == maxIdentities {
		return nil
	}
	d.Met(client)
	d.whose = append(d.whose, &identity{client: client})
	return d.whose[len(d.whose)-1]
}

// identityOf finds the identity of a client_uuid, nil for none.
func (d *document) identityOf(client uint32) *identity {
	if i := slices.IndexFunc(d.whose, func(who *identity) bool { return who.client == client }); i >= 0 {
		return d.whose[i]
	}
	return nil
}

// visit is the journey that the contact's first call belongs to.
func (who *identity) visit() *journey {
	switch {
	case who.home.journey != nil:
		return who.home.journey.root()
	case who.home.document.home != nil:
		return who.home.document.home.root()
	}
	return nil
}

func (who *identity) hear(c call, home Home) {
	if who.first == nil || c.seq < who.first.seq {
		who.first, who.home = &c, home
	}
}

// voices are the different values that calls had for one field, such as client_uuid.
type voices []*voice

// voice is one of these values, and which calls had it.
type voice struct {
	value       uint32 // interned
	group       uint32 // only values of one group can replace each other
	first, last uint32
	calls       int
	began       int  // how many calls of all values came before its first
	call        call // the first
	home        Home
}

// hear notes a call that has a value; at is the call's place in the order.
func (all *voices) hear(value, group, at uint32, c call, home *Home) {
	if value == 0 {
		return
	}
	i := slices.IndexFunc(*all, func(v *voice) bool { return v.value == value && v.group == group })
	if i < 0 {
		if len(*all) == maxIdentities {
			return
		}
		i = len(*all)
		*all = append(*all, &voice{value: value, group: group, first: at, last: at, began: all.heard()})
	}
	v := (*all)[i]
	if v.calls++; v.calls == 1 || at < v.first {
		v.first, v.call = at, c
		if home != nil {
			v.home = *home
		}
	}
	v.last = max(v.last, at)
}

// heard is how many calls were noted.
func (all voices) heard() (n int) {
	for _, v := range all {
		n += v.calls
	}
	return n
}

// strayAfter is how many further calls must come until a value that came only once counts
// as a stray one, and not as one that alternates with the others.
const strayAfter = 2

// severalChanged is how many values must each have replaced the one before until that is
// reported although the earlier ones may still come back.
const severalChanged = 3

// changed finds the first value that replaced another one, and that other one. Values
// that alternate exist side by side and replace nothing. over says that no more calls
// come. stray says that a value which came once, among calls of another, also counts.
func (all voices) changed(over, stray bool) (before, now *voice) {
	if len(all) < 2 {
		return nil, nil
	}
	sorted := slices.SortedFunc(slices.Values(all), func(a, b *voice) int { return int(int64(a.first) - int64(b.first)) })
	changes := map[uint32]int{} // by group
	var found *voice
	for i, v := range sorted {
		var first, latest *voice
		for _, earlier := range sorted[:i] {
			if earlier.group != v.group {
				continue
			}
			if first == nil {
				first = earlier
			}
			if latest == nil || earlier.last > latest.last {
				latest = earlier
			}
		}
		switch {
		case latest == nil:
			continue
		case latest.last < v.first:
			changes[v.group]++
		case !stray || v.calls > 1 || v.last > latest.last:
			continue
		}
		if found == nil {
			before, found = first, v
		}
		stayed := v == found && latest.last > v.last && all.heard()-v.began > strayAfter
		if over || stayed || changes[v.group] >= severalChanged-1 && found.group == v.group {
			return before, found
		}
	}
	return nil, nil
}

// mayChange returns the finding that a value has replaced another one, if there is going to
// be one unless the earlier value comes again.
func (all voices) mayChange(stray bool) (o unsettled, may bool) {
	_, c := all.changed(true, stray)
	if c == nil {
		return unsettled{}, false
	}
	return unsettled{order: c.call.order, rule: inspect.IdentityChanged, why: "unless the earlier value comes again", call: c.call}, true
}

// judgeContacts finds a change of client_uuid within the journey.
func (k *known) judgeContacts() {
	j, clients := k.j, k.v.clients
	if first, c := clients.changed(k.left() && len(k.spots) == 0, true); c != nil {
		k.tell(j.identityChanged(c.call, "/1/client_uuid", j.names.text(first.value), j.names.text(c.value)), c.call)
	} else if o, may := clients.mayChange(true); may && len(k.spots) == 0 && k.goesOn() {
		k.unsettled = append(k.unsettled, o)
	}
}

// judgeIdentities finds changes of widget_id and session_id of one contact in the document.
func (d *document) judgeIdentities(j *Judge, over bool) (found []Finding, open []unsettled) {
	for _, who := range d.whose {
		for _, said := range []struct {
			at     string
			voices voices
			stray  bool
		}{{"/1/widget_id", who.widgets, false}, {"/2/session_id", who.sessions, true}} {
			ended := d.Ended() || over && !d.Lives()
			if first, c := said.voices.changed(ended && len(d.Spots()) == 0, said.stray); c != nil {
				found = append(found, d.about(j, j.identityChanged(c.call, said.at, j.names.text(first.value), j.names.text(c.value)), c.call, c.home))
			} else if o, may := said.voices.mayChange(said.stray); may && !over && len(d.Spots()) == 0 && j.stays(d) {
				open = append(open, o)
			}
		}
	}
	return found, open
}

func (j *Judge) identityChanged(c call, at, first, value string) Finding {
	path := j.inspector.Path(at)
	within, demand := "this document, of the same contact", "one contact has one session_id and one widget_id in a document"
	if at == "/1/client_uuid" {
		within, demand = "this visit", "one session has one client_uuid"
	}
	return verdict(inspect.IdentityChanged, record.Finding{
		At:       at,
		Message:  fmt.Sprintf("%s is %s in %s, but earlier calls of %s have %s. Check what starts the widget anew or changes it: a tracking system takes this for somebody or something else.", path, words.Quote(value), words.Shown(j.names.text(c.event)), within, words.Quote(first)),
		Expected: words.Short(first),
		Actual:   words.Short(value),
		Demand:   demand,
	})
}
