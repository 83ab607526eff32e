package journey

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/record"
)

// Place is where calls went, or where the plan wants them: with every event that came,
// and how often it got there.
type Place struct {
	To       string
	System   string     // "" for an unknown one
	Via      record.Via // "" where nothing went to a place of the plan's
	Hits     int
	Unread   int       // of these, hits of which not all could be read
	Events   []Arrived // by name
	Personal []string  // JSON Pointers of the fields with personal data that it got, sorted
}

// Arrived is how many calls of an event there were, and how many of them arrived.
type Arrived struct {
	Event     string
	Calls     int
	Forwarded int
	Doubled   int
	Named     int           // of those forwarded, the ones that have the event's own name there
	Slowest   time.Duration // from a call to its first arrival
}

// Forwarding tells, of calls that are reported, where they went: facts, whatever is
// wanted. A hit that belongs to calls by its time alone shows that something went there,
// but not that they did.
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
			if !j.origin(c).wanted {
				continue
			}
			told := map[key]Arrived{} // of this call
			for _, a := range j.following.hits[j.keyOf(c)] {
				at := key{a.via, a.to}
				p := places[at]
				if p == nil {
					p = &Place{To: a.to, Via: a.via}
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
					one.Slowest = max(one.Slowest, time.Duration(a.time-c.time)*time.Millisecond)
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
	for at, p := range places {
		for i, field := range inspect.PersonalFields() {
			if fields[at]&(1<<i) != 0 {
				p.Personal = append(p.Personal, field)
			}
		}
		slices.Sort(p.Personal)
		p.Events = j.arrivedOf(func(event string) (Arrived, bool) {
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
	return append(all, j.nowhere(all)...)
}

// Followed tells whether in any page of the recording it was seen where calls go.
func (j *Judge) Followed() bool {
	for _, d := range j.documents {
		if d.unfollowed == "" {
			return true
		}
	}
	return false
}

// nowhere are the places of the plan's that nothing went to.
func (j *Judge) nowhere(known []Place) (all []Place) {
	for _, f := range j.planned() {
		if slices.ContainsFunc(known, func(p Place) bool { return f.To.Has(p.Via, p.To) }) {
			continue
		}
		p := Place{To: f.To.String()}
		p.Events = j.arrivedOf(func(event string) (Arrived, bool) {
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

// arrivedOf is what there is to say of each event that came, by name.
func (j *Judge) arrivedOf(of func(event string) (Arrived, bool)) (all []Arrived) {
	for event, seen := range j.coverage {
		if one, ok := of(event); ok && seen.Calls > 0 {
			one.Calls = seen.Calls
			all = append(all, one)
		}
	}
	slices.SortFunc(all, func(a, b Arrived) int { return strings.Compare(a.Event, b.Event) })
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
