package journey

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/observed"
	"userlike-inspector/nativehost/internal/plan"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/words"
	"userlike-inspector/schema"
)

// forward is an event that the plan wants at a place.
type forward struct {
	*plan.Forward
	place  int // that of Forward among the plan's
	event  uint32
	name   string
	as     string
	source string
}

// forward adds the places to which the plan wants calls to be forwarded.
func (r *rules) forward(p *plan.Plan, names *interned) {
	r.forwardsOf = map[uint32][]int{}
	for i := range p.Forward {
		f := &p.Forward[i]
		r.carries = r.carries || len(f.Carry) > 0
		for _, e := range f.Events {
			event := names.id(e.Event)
			r.forwardsOf[event] = append(r.forwardsOf[event], len(r.forwards))
			r.forwards = append(r.forwards, forward{f, i, event, e.Event, e.As, e.Source})
		}
	}
}

// keepCarried keeps the values of a call that its hits have to carry by the plan.
func (j *Judge) keepCarried(c call, facts inspect.VisitFacts) {
	if !j.rules.carries || !j.origin(c).onSite {
		return
	}
	var all map[string][]string
	for _, i := range j.rules.forwardsOf[c.event] {
		for _, field := range j.rules.forwards[i].Carry {
			tokens, _ := schema.Tokens(field)
			if texts := facts.Texts(tokens); len(texts) > 0 {
				if all == nil {
					all = map[string][]string{}
				}
				all[field] = texts
			}
		}
	}
	if all != nil {
		j.carried[j.keyOf(c)] = all
	}
}

// lacks says what the plan wants a hit to carry of a call and the hit does not have, ""
// for nothing. name says that it is the event's own name, which redaction never hides.
// A field that the call does not have need not be carried.
func (j *Judge) lacks(w forward, c call, r *record.Record, data any) (what string, name bool) {
	own := w.as == w.name
	carries := func(what string) bool {
		return slices.ContainsFunc(r.Handed.Carries, func(in record.Carried) bool { return in.What == what })
	}
	if !(own && len(r.Handed.Calls) == 1 && carries("/0") || inspect.Holds(data, w.as, own) || inPath(r.Handed.To, w.as)) {
		return "the name " + words.Quote(w.as), own
	}
	carried := j.carried[j.keyOf(c)]
	for _, field := range w.Carry {
		texts := carried[field]
		// What the hit is known to carry may be there in a form in which it is not found here. Of
		// several values, or calls, it does not say which, so these are looked for one by one.
		if len(texts) == 1 && len(r.Handed.Calls) == 1 &&
			slices.ContainsFunc(r.Handed.Carries, func(in record.Carried) bool { return covers(field, in.What) }) {
			continue
		}
		anyCase := slices.Contains(inspect.PersonalFields(), field)
		for _, text := range texts {
			hashed := func(h record.Hash) bool {
				return inspect.Holds(data, h.Text, true) || h.AnyCase && inspect.HoldsInAnyCase(data, h.Text)
			}
			if !inspect.Holds(data, text, true) && !(anyCase && inspect.HoldsInAnyCase(data, text)) && !slices.ContainsFunc(record.Hashes(text), hashed) {
				return j.inspector.Path(field), false
			}
		}
	}
	return "", false
}

// covers tells whether a place is at or below pointer, in which "*" is any member.
func covers(pointer, at string) bool {
	want, _ := schema.Tokens(pointer)
	is, _ := schema.Tokens(at)
	return len(is) >= len(want) && slices.EqualFunc(want, is[:len(want)], func(w, i string) bool { return w == "*" || w == i })
}

// inPath tells whether one segment of an address's path equals name.
func inPath(to, name string) bool {
	return slices.ContainsFunc(strings.Split(to, "/"), func(segment string) bool {
		plain, err := url.PathUnescape(segment)
		return segment == name || err == nil && plain == name
	})
}

// doubtful notes that an unreadable hit went to places of the plan. It may belong to any
// call just before it, in any document of the tab.
func (j *Judge) doubtful(d *document, h *hit, r *record.Record) {
	where := oversightOf(r)
	where.document, where.tab = d.ID, d.Tab
	for i, f := range j.planned() {
		if !f.To.Has(h.via, h.to) {
			continue
		}
		all := j.following.unread[i]
		at, _ := slices.BinarySearchFunc(all, h.time, byBegin)
		j.following.unread[i] = slices.Insert(all, at, where)
	}
	d.report(j)
}

// unread is the first hit at a place of the plan, within some ms after a call, that cannot be
// read and may belong to the call, nil for none.
func (j *Judge) unread(place int, c call, within int64) *oversight {
	if j.following == nil {
		return nil
	}
	all := j.following.unread[place]
	for i, _ := slices.BinarySearchFunc(all, c.time(), byBegin); i < len(all) && all[i].from <= c.time()+within; i++ {
		if all[i].concerns(j.origin(c).document) {
			return &all[i]
		}
	}
	return nil
}

func byBegin(o oversight, at int64) int { return cmp.Compare(o.from, at) }

func (j *Judge) planned() []plan.Forward {
	if j.plan == nil {
		return nil
	}
	return j.plan.Forward
}

// owed are a journey's calls of an event that the plan wants at a place.
type owed struct {
	calls int
	open  []uint32 // the calls that were not seen there in time
}

// owe notes where a call has to go, and handles the hits that show where it went.
func (v *journey) owe(j *Judge, c call, now uint32) {
	if j.origin(c).onSite && j.asksFor(c) {
		for _, i := range j.rules.forwardsOf[c.event] {
			v.owes = true
			o := v.owed.make(i)
			o.calls++
			o.open = append(o.open, now)
		}
	}
	if j.following != nil {
		for _, a := range j.following.hits[j.keyOf(c)] {
			v.reach(j, c, now, a)
		}
	}
}

// reach handles a hit of a call.
func (v *journey) reach(j *Judge, c call, now uint32, a *arrival) {
	for _, m := range a.met {
		o := v.owed.get(m.demand)
		if o == nil || m.lacks != "" || a.time-c.time() > ms(j.rules.forwards[m.demand].Within) {
			continue
		}
		if i, open := slices.BinarySearch(o.open, now); open {
			o.open = slices.Delete(o.open, i, i+1)
		}
	}
	if a.doubled != nil {
		v.doubled = append(v.doubled, delivery{now, a})
	}
	if len(a.guards) > 0 {
		v.sentOn = append(v.sentOn, delivery{now, a})
	}
}

// delivery is a call, by its index, and a hit of it.
type delivery struct {
	call uint32
	*arrival
}

// settleWithin is how many ms it can take from a hit until it is stored, because the host
// waits for earlier records.
const settleWithin = 5000

// judgeForwards finds the calls that did not arrive where the plan wants them.
func (k *known) judgeForwards() {
	k.standForwards(func(s standing) { k.found = append(k.found, s.found...) })
}

// standForwards reports the outcome of each demand on forwarding.
func (k *known) standForwards(say func(standing)) {
	for i, w := range k.j.rules.forwards {
		o := k.v.owed.get(i)
		if o == nil {
			continue
		}
		s := standing{Outcome: Outcome{
			Journey: k.v.id, Event: w.name, Expected: "at " + words.Short(w.To.String()) + " within " + w.Within.String(), Source: w.source, State: Met,
		}}
		if w.as != w.name {
			s.Expected = "as " + words.Short(w.as) + " " + s.Expected
		}
		missing := 0
		for _, now := range o.open {
			f, why, h := k.notForwarded(i, now)
			k.await(inspect.NotForwarded, k.v.calls[now], fmt.Sprintf("unless it arrives at %s within %s", words.Short(w.To.String()), w.Within), h)
			switch {
			case f != nil:
				missing++
				k.add(&s, *f, k.v.calls[now])
			case h.until > 0 && s.State == Met:
				s.State, s.Deadline = Pending, clockTime(k.v.calls[now].time()+ms(w.Within))
				s.on(k.v.calls[now])
			case h.until == 0 && s.State != Missing:
				s.State, s.Why = Unjudged, why
			}
		}
		if missing > 0 {
			s.State, s.Why, s.Deadline = Missing, fmt.Sprintf("%d of %s did not arrive", missing, words.Plural(o.calls, "call")), record.Time{}
		}
		say(s)
	}
}

// notForwarded is the finding on a call that was not seen at a place in time. If f is nil,
// why says why it cannot be judged, and h whether there may still be one.
func (k *known) notForwarded(demand int, now uint32) (f *Finding, why string, h hold) {
	j, c, w := k.j, k.v.calls[now], k.j.rules.forwards[demand]
	d, within := j.origin(c).document, ms(w.Within)
	var near *arrival
	lacks := ""
	if j.following != nil {
		for _, a := range j.following.hits[j.keyOf(c)] {
			for _, m := range a.met {
				switch {
				case m.demand != demand:
				case a.doubt != "" && m.lacks != "" && a.time-c.time() <= within:
					return nil, fmt.Sprintf("what went to %s at %s %s", words.Place(a.to), clockTime(a.time), a.doubt), hold{}
				case m.unsure && m.lacks != "" && a.time-c.time() <= within:
					return nil, fmt.Sprintf("values of what went to %s at %s are hidden", words.Place(a.to), clockTime(a.time)), hold{}
				case m.lacks == "" && a.time-c.time() > observed.Silence:
					return nil, "it arrived so late that the computer may have slept", hold{}
				case a.doubt != "" && m.lacks != "": // the hit cannot be read completely
				case near == nil || lacks != "" && m.lacks == "":
					near, lacks = a, m.lacks
				}
			}
		}
	}
	if h := j.unread(w.place, c, within); h != nil {
		return nil, fmt.Sprintf("something went to %s at %s that cannot be read", words.Short(w.To.String()), clockTime(h.from)), hold{}
	}
	if why := k.unfollowed(c, within); why != "" {
		return nil, why, hold{}
	}
	switch lasted, h := j.lasted(c, within); {
	case k.over && !d.Lives():
	case lasted && !k.over && j.clock < c.time()+within+settleWithin && !d.Ended():
		return nil, "", hold{open: true, until: c.time() + within + settleWithin}
	case lasted:
	case h.until > 0 && !k.over:
		return nil, "", hold{open: true, until: c.time() + within + settleWithin}
	case d.Ended():
		return nil, "the page was left before its time was over", hold{}
	default:
		return nil, fmt.Sprintf("nothing was recorded as late as %s after it", w.Within), hold{open: h.open}
	}
	found := j.notForwarded(w, c, near, lacks)
	return &found, "", hold{}
}

// unfollowed says why it may not have been seen where a call went, "" if it was seen.
func (k *known) unfollowed(c call, within int64) string {
	from := k.j.origin(c)
	switch {
	case from.standIn:
		return "the tester's stand-in took the call, not the site's own function"
	case from.document.unfollowed != "":
		return from.document.unfollowed
	}
	if why := k.j.overlooked(c, within); why != "" {
		return why
	}
	for i, s := range k.spots {
		if s.Document == from.document.Document && observed.Around(k.spots[i:i+1], k.j.at(c), within) != nil {
			return s.Why
		}
	}
	return ""
}

// notForwarded is the finding on a call that did not arrive. near is a hit of the call at
// the place that lacks something which the plan wants, nil for none.
func (j *Judge) notForwarded(w forward, c call, near *arrival, lacks string) Finding {
	event, to := words.Short(w.name), words.Short(w.To.String())
	f := record.Finding{
		Expected: fmt.Sprintf("%s at %s within %s", event, to, w.Within),
		Actual:   "none",
		Demand:   w.source,
	}
	if w.as != w.name {
		f.Expected = fmt.Sprintf("%s as %s at %s within %s", event, words.Quote(w.as), to, w.Within)
	}
	switch {
	case near == nil:
		f.Message = fmt.Sprintf("%s did not arrive at %s within %s, as the plan expects. Check whether the site's function hands this event on at all, whether consent or an ad blocker keeps it back, and whether it goes elsewhere.", event, to, w.Within)
	case lacks != "":
		f.Actual = "without " + lacks
		f.Message = fmt.Sprintf("%s was followed by something at %s, but that does not carry %s, as the plan expects. Check what the site's function hands on, and under which name.", event, to, lacks)
	default:
		after := span(near.time - c.time())
		f.Actual = "after " + after
		f.Message = fmt.Sprintf("%s arrived at %s only after %s; the plan expects it within %s. Check what it had to wait for, or give it more time in the plan.", event, to, after, w.Within)
	}
	return verdict(inspect.NotForwarded, f)
}

// judgeSentOn finds guarded values that were forwarded to another site before the contact
// agreed.
func (k *known) judgeSentOn() {
	j := k.j
	for i, consent := range j.rules.consents {
		agreed := k.v.agreements[i]
		never := !consent.planned && agreed.by == nil
		if never && (len(k.v.sentOn) == 0 || !k.goesOn()) {
			continue
		}
		name := words.Short(j.names.text(consent.event))
		for _, d := range k.v.sentOn {
			c := k.v.calls[d.call]
			if j.rules.consentOf(j.origin(c)) != i || agreed.by != nil && j.elapsed(c, *agreed.by)-max(0, d.time-c.time()) < observed.Tolerance {
				continue
			}
			if k.began(c) != "" {
				continue
			}
			if !slices.ContainsFunc(d.guards, func(g carried) bool { return consent.judged&(1<<g.guard) != 0 }) {
				continue
			}
			lasted, h := k.passed(c)
			switch {
			case never:
				k.awaitHit(inspect.BeforeConsent, d.hit, "if "+name+" comes later in this visit", hold{open: lasted || h.open})
				continue
			case !lasted:
				k.awaitHit(inspect.BeforeConsent, d.hit, "unless "+name+" comes at about the same time", h)
				continue
			}
			for _, g := range d.guards {
				if consent.judged&(1<<g.guard) != 0 {
					f := k.sentOnBeforeConsent(consent, agreed, g, c, d.arrival)
					f.Journey = k.v.id
					k.found = append(k.found, f)
				}
			}
		}
	}
}

func (k *known) sentOnBeforeConsent(rule consent, agreed agreement, g carried, c call, a *arrival) Finding {
	j := k.j
	f := k.beforeConsent(rule, agreed, j.rules.guards[g.guard], c)
	to, event := words.Place(a.to), words.Shown(j.names.text(c.event))
	name := words.Short(j.names.text(rule.event))
	what := event
	if j.rules.guards[g.guard].field != nil {
		what = fmt.Sprintf("%s of %s", j.inspector.Path(j.rules.guards[g.guard].at), event)
	}
	when := "which " + k.sofar() + " in this visit"
	if agreed.by != nil {
		early := span(max(0, j.elapsed(c, *agreed.by)-max(0, a.time-c.time())))
		when, f.Actual = fmt.Sprintf("which came %s later", early), early+" before it"
	}
	f.At = g.at
	f.Expected = fmt.Sprintf("not at %s before %s", to, name)
	f.Message = fmt.Sprintf("%s was forwarded to %s, another site, before %s, by which the contact agrees to the data privacy notice and %s. Make what the site's function hands on wait for the contact's consent.", what, to, name, when)
	return j.aboutHit(f, c, a.hit)
}

// aboutHit completes a finding on a hit of a call.
func (j *Judge) aboutHit(f Finding, c call, h *hit) Finding {
	f.Record, f.Event = h.id, j.names.text(c.event)
	f.Time, f.URL, f.order = clockTime(h.time), h.url, h.order
	return j.settle(f)
}
