package compare

import (
	"cmp"
	"strings"

	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/observed"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/systems"
	"userlike-inspector/nativehost/internal/words"
)

// destination is an event and where it went: the queue, the system, the host, or a system
// and the domain where it runs. The path does not count, as it may differ from visit to
// visit.
type destination struct{ event, to string }

func byDestination(a, b destination) int {
	return cmp.Or(strings.Compare(a.to, b.to), strings.Compare(a.event, b.event))
}

// arrivals is how many of an event's calls arrived at a place, and how many hits there
// could not be read.
type arrivals struct {
	share
	unread int
}

// deliver adds where calls went.
func (r *Recording) deliver(places []journey.Place) {
	r.arrived = map[destination]arrivals{}
	known := systems.Known()
	for _, p := range places {
		r.hits += p.Hits
		for _, e := range p.Events {
			k := destination{e.Event, placeOf(known, p)}
			a := r.arrived[k]
			a.of = e.Calls
			a.with = min(a.with+e.Forwarded, e.Calls)
			a.unread += p.Unread
			r.arrived[k] = a
		}
	}
}

// placeOf names where hits went. A system's own hosts are one place, as the system chooses
// among them. A system that sites run themselves, such as Matomo, is at each domain another
// one.
func placeOf(known *systems.Systems, p journey.Place) string {
	switch {
	case p.Via != record.Request:
		return p.To
	case known.OwnHost(p.System, p.To):
		return p.System
	case p.System != "":
		return p.System + " (" + observed.SiteOfAddress(p.To) + ")"
	}
	_, rest, _ := strings.Cut(p.To, "://")
	host, _, _ := strings.Cut(rest, "/")
	return host
}

// compareForwarding compares where the calls of each event arrived. If they no longer
// arrive, that is the worst regression: the events happen, but nobody counts them.
func (c *comparison) compareForwarding() {
	switch {
	case c.before.hits == 0:
		if c.after.hits > 0 {
			c.add(Changed, "forwarding", "all", "nothing was seen to be handed on, now there are %s", words.Plural(c.after.hits, "hit"))
		}
		return
	case c.after.Calls == 0:
		return
	case c.after.hits == 0 && !c.after.followed:
		c.add(Changed, "forwarding", "all", "where calls go was not followed, there were %s before", words.Plural(c.before.hits, "hit"))
		return
	case c.after.hits == 0 && c.after.missed > 0:
		c.add(Changed, "forwarding", "all", "no call was seen to be handed on, but %s could not be looked at; there were %s before", words.Plural(c.after.missed, "possible hit"), words.Plural(c.before.hits, "hit"))
		return
	case c.after.hits == 0:
		c.add(Worse, "forwarding", "all", "no call was handed on anywhere, there were %s before", words.Plural(c.before.hits, "hit"))
		return
	}
	for _, k := range union(c.before.arrived, c.after.arrived, byDestination) {
		b, a := c.before.arrived[k], c.after.arrived[k]
		b.of, a.of = c.before.events[k.event], c.after.events[k.event]
		b.with, a.with = min(b.with, b.of), min(a.with, a.of)
		what := words.Shown(k.event) + " at " + words.Place(k.to)
		fewer, more := differ(b.share, a.share)
		fewer = fewer || a.with == 0 && unlikelyFew(b.share, a.share, significanceOfNone)
		switch {
		case a.of == 0 || b.of == 0: // the event itself is new or missing
		case fewer && a.unread > 0:
			c.add(Changed, "forwarding", what, "arrived by %s, arrives by %s, but %s there could not be read", b.in("call"), a.in("call"), words.Plural(a.unread, "hit"))
		case fewer && c.after.missed > 0:
			c.add(Changed, "forwarding", what, "arrived by %s, arrives by %s, but %s could not be looked at", b.in("call"), a.in("call"), words.Plural(c.after.missed, "possible hit"))
		case fewer && a.with == 0:
			c.add(Worse, "forwarding", what, "does not arrive any more; it did by %s", b.in("call"))
		case fewer:
			c.add(Worse, "forwarding", what, "arrived by %s, arrives by %s", b.in("call"), a.in("call"))
		case b.with == 0 && a.with > 0:
			c.add(Changed, "forwarding", what, "is new, by %s", a.in("call"))
		case more:
			c.add(Better, "forwarding", what, "arrived by %s, arrives by %s", b.in("call"), a.in("call"))
		case b.with*a.of != a.with*b.of:
			c.add(Small, "forwarding", what, "arrived by %s, arrives by %s", b.in("call"), a.in("call"))
		}
	}
}
