package journey

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/record"
)

// Place is a place where calls went, or where the plan wants them, with each event that
// came and how often it arrived there.
type Place struct {
	To       string     // with * for what differs in each request (systems.Address)
	System   string     // "" for an unknown one
	Via      record.Via // "" for a place of the plan to which nothing went
	Hits     int
	Unread   int       // how many of these hits could not be read completely
	Failed   int       // how many of these hits are requests that failed
	Events   []Arrived // by name
	Personal []string  // JSON Pointers of the personal fields that it received, sorted

	example string // where one of the hits went
}

// Arrived is how many calls of an event there were, and how many of them arrived.
type Arrived struct {
	Event     string
	Calls     int
	Forwarded int
	Failed    int // of the forwarded ones, those of which each request there failed
	Doubled   int
	Open      int           // of the calls, those so new that they may still arrive, or arrive once more
	Until     record.Time   // by then there are none of these
	Named     int           // how many of the forwarded ones have the event's own name there
	Slowest   time.Duration // from a call to its first arrival
}

// Forwarding lists where the reported calls went. These are facts, whatever the plan
// wants. A hit that belongs to calls only by its time shows that something went there, but
// not that these calls did.
func (j *Judge) Forwarding() []Place {
	type key struct {
		via record.Via
		to  string
	}
	places := map[key]*Place{}
	arrived := map[key]map[string]*Arrived{}
	fields := map[key]uint64{}
	counted := map[*hit]bool{}
	for _, u := range j.units {
		v, ok := u.(*journey)
		if !ok || j.following == nil {
			continue
		}
		for _, c := range v.calls {
			if !j.isWanted(int64(c.order)) {
				continue
			}
			told := map[key]Arrived{} // what this call adds, by place
			for _, a := range j.following.hits[j.keyOf(c)] {
				at := key{a.via, j.following.known.Address(a.system, a.to)}
				p := places[at]
				if p == nil {
					p = &Place{To: at.to, Via: a.via, example: a.to}
					places[at], arrived[at] = p, map[string]*Arrived{}
				}
				p.System = cmp.Or(p.System, a.system)
				fields[at] |= a.fields
				if !counted[a.hit] {
					counted[a.hit] = true
					p.Hits++
					if a.doubt != "" {
						p.Unread++
					}
					if a.failed != 0 {
						p.Failed++
					}
				}
				if !a.sure {
					continue
				}
				name := j.covered(c.event)
				one := arrived[at][name]
				if one == nil {
					one = &Arrived{Event: name}
					arrived[at][name] = one
				}
				this := told[at]
				if this.Forwarded == 0 {
					one.Forwarded++
					one.Slowest = max(one.Slowest, time.Duration(a.time-c.time())*time.Millisecond)
				}
				switch {
				case this.Forwarded == 0 && a.failed != 0:
					one.Failed++
					this.Failed = 1
				case this.Failed == 1 && a.failed == 0:
					one.Failed--
					this.Failed = 0
				}
				if this.Named == 0 && a.named {
					one.Named++
					this.Named = 1
				}
				if this.Doubled == 0 && a.doubled != nil {
					one.Doubled++
					this.Doubled = 1
				}
				this.Forwarded = 1
				told[at] = this
			}
		}
	}
	var all []Place
	open := j.mayArrive()
	for at, p := range places {
		for i, field := range inspect.PersonalFields() {
			if fields[at]&(1<<i) != 0 {
				p.Personal = append(p.Personal, field)
			}
		}
		slices.Sort(p.Personal)
		p.Events = j.arrivedOf(open, func(event string) (Arrived, bool) {
			if one := arrived[at][event]; one != nil {
				return *one, true
			}
			return Arrived{Event: event}, true
		})
		all = append(all, *p)
	}
	slices.SortFunc(all, func(a, b Place) int {
		return cmp.Or(strings.Compare(a.To, b.To), strings.Compare(string(a.Via), string(b.Via)))
	})
	return append(all, j.nowhere(all, open)...)
}

// Followed tells whether hits were looked for in any page of the recording.
func (j *Judge) Followed() bool {
	for _, d := range j.documents {
		if d.unfollowed == "" {
			return true
		}
	}
	return false
}

// nowhere are the places of the plan to which nothing went.
func (j *Judge) nowhere(known []Place, open map[string]Arrived) (all []Place) {
	for _, f := range j.planned() {
		if slices.ContainsFunc(known, func(p Place) bool { return f.To.Has(p.Via, p.example) }) {
			continue
		}
		p := Place{To: f.To.String()}
		p.Events = j.arrivedOf(open, func(event string) (Arrived, bool) {
			for _, e := range f.Events {
				if e.Event == event {
					return Arrived{Event: event}, true
				}
			}
			return Arrived{}, false
		})
		if len(p.Events) > 0 {
			all = append(all, p)
		}
	}
	return all
}

// arrivedOf calls of for each event that came, and sorts the results by name. open is what
// mayArrive returns.
func (j *Judge) arrivedOf(open map[string]Arrived, of func(event string) (Arrived, bool)) (all []Arrived) {
	for event, seen := range j.coverage {
		if one, ok := of(event); ok && seen.Calls > 0 {
			one.Calls, one.Open, one.Until = seen.Calls, open[event].Open, open[event].Until
			all = append(all, one)
		}
	}
	slices.SortFunc(all, func(a, b Arrived) int { return strings.Compare(a.Event, b.Event) })
	return all
}

// mayArrive counts, by event, the wanted calls that are so recent that they may still arrive
// at a place, or once more.
func (j *Judge) mayArrive() map[string]Arrived {
	all := map[string]Arrived{}
	for _, u := range j.units {
		v, ok := u.(*journey)
		if !ok {
			continue
		}
		for _, c := range slices.Backward(v.calls[max(0, len(v.calls)-maxLookedBack):]) {
			within := int64(twiceWithin)
			for _, i := range j.rules.forwardsOf[c.event] {
				within = max(within, ms(j.rules.forwards[i].Within))
			}
			from := j.origin(c)
			if until := c.time() + within + settleWithin; j.clock < until && j.isWanted(int64(c.order)) && from.document.unfollowed == "" {
				name := j.covered(c.event)
				one := all[name]
				if one.Open++; clockTime(until).After(one.Until.Time) {
					one.Until = clockTime(until)
				}
				all[name] = one
			}
		}
	}
	return all
}

// EventOf is the name by which the event of a call that has hits is counted.
func (j *Judge) EventOf(call string) (name string, ok bool) {
	if j.following == nil {
		return "", false
	}
	at, ok := j.following.calls[keyOf(call)]
	if !ok {
		return "", false
	}
	return j.covered(at.call.event), true
}

// covered is the name by which an event is counted.
func (j *Judge) covered(event uint32) string {
	name := j.names.text(event)
	if j.coverage[name] == nil {
		return "…"
	}
	return name
}
