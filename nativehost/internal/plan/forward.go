package plan

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/words"
	"userlike-inspector/schema"
)

// Forward is a place to which the site's function has to pass calls on.
type Forward struct {
	To     Place
	Events []Forwarded
	Within time.Duration // from the call on
	Carry  []string      // JSON Pointers of fields that have to be in it
}

// Forwarded is an event that has to arrive at a place.
type Forwarded struct {
	Event  string
	As     string // the name that it has there
	Source string // where that is written
}

// forwardWithin is how long after a call a hit may come if the plan does not say.
const forwardWithin = 5 * time.Second

// PersonalData is who may have the contact's and the operator's personal data.
type PersonalData struct {
	Allow  []Place
	Source string // where it is written
}

// Allows tells whether what goes to a queue or an address may have personal data.
func (p *PersonalData) Allows(via record.Via, to string) bool {
	return slices.ContainsFunc(p.Allow, func(place Place) bool { return place.Has(via, to) })
}

// forward reads where calls have to be passed on to.
func (r *reader) forward() {
	list, _ := r.valueAt("/forward").([]any)
	var where []*source // the file of each entry
	for i := range list {
		at := "/forward/" + strconv.Itoa(i)
		f := Forward{To: r.place(at + "/to"), Within: forwardWithin}
		if text := r.text(at + "/within"); text != "" {
			f.Within = r.duration(at+"/within", text)
		}
		f.Events = r.forwarded(at, f.To)
		carry, pointers := r.texts(at + "/carry")
		for n, field := range carry {
			r.guardedField(field, r.at(pointers[n]))
			if !slices.Contains(f.Carry, field) {
				f.Carry = append(f.Carry, field)
			}
		}
		in := r.at(at).in
		for n := range r.plan.Forward {
			if r.plan.Forward[n].To.Same(f.To) {
				r.replaceEvents(&r.plan.Forward[n], f, where[n] == in, r.at(at+"/to"))
			}
		}
		r.plan.Forward, where = append(r.plan.Forward, f), append(where, in)
	}
	r.plan.Forward = slices.DeleteFunc(r.plan.Forward, func(f Forward) bool { return len(f.Events) == 0 })
}

// replaceEvents handles two entries for the same place. A plan may replace what the plan that
// it extends says of an event: then the event is removed from the earlier entry. If one
// file says it twice, that is reported as a mistake.
func (r *reader) replaceEvents(earlier *Forward, f Forward, again bool, where position) {
	named := func(e Forwarded) bool {
		return slices.ContainsFunc(f.Events, func(own Forwarded) bool { return own.Event == e.Event })
	}
	if i := slices.IndexFunc(earlier.Events, named); again && i >= 0 {
		r.problem(where, "%s is there twice for %s; remove one, or give each its own events", words.Quote(f.To.String()), words.Short(earlier.Events[i].Event))
		return
	}
	earlier.Events = slices.DeleteFunc(earlier.Events, named)
}

// forwarded reads which events have to arrive at a place, and under which names.
func (r *reader) forwarded(at string, to Place) (all []Forwarded) {
	add := func(event, as string, where position, named position) {
		r.known(event, named)
		if slices.ContainsFunc(all, func(f Forwarded) bool { return f.Event == event }) {
			r.problem(named, "%s is there twice; remove one", words.Quote(event))
		}
		says := fmt.Sprintf("%s: %s to %s", where, event, to)
		if as != event {
			says += " as " + as
		}
		all = append(all, Forwarded{event, as, says})
	}
	switch r.valueAt(at + "/events").(type) {
	case []any:
		names, pointers := r.texts(at + "/events")
		for i, name := range names {
			add(name, name, r.at(pointers[i]), r.at(pointers[i]))
		}
	case map[string]any:
		for _, name := range r.order[at+"/events"] {
			member := at + "/events" + schema.Pointer(name)
			add(name, r.text(member), r.key(member), r.key(member))
		}
	default:
		for _, name := range r.documented {
			add(name, name, r.at(at+"/to"), r.at(at+"/to"))
		}
	}
	return all
}

// personalData reads who may have personal data.
func (r *reader) personalData() {
	if r.valueAt("/personal_data") == nil {
		return
	}
	p := &PersonalData{Source: r.line("/personal_data/allow") + ": personal_data allow"}
	_, pointers := r.texts("/personal_data/allow")
	var where []*source
	for _, pointer := range pointers {
		place, in := r.place(pointer), r.at(pointer).in
		if i := slices.IndexFunc(p.Allow, place.Same); i >= 0 && where[i] == in {
			r.problem(r.at(pointer), "%s is there twice; remove one", words.Quote(place.String()))
		}
		p.Allow, where = append(p.Allow, place), append(where, in)
	}
	r.plan.PersonalData = p
}

// place reads the forwarding place that is written at a JSON Pointer of the plan.
func (r *reader) place(pointer string) Place {
	p, err := ReadPlace(r.text(pointer))
	if err != nil {
		r.problem(r.at(pointer), "%s is no place that hits go to: %v", words.Quote(r.text(pointer)), err)
	}
	return p
}
