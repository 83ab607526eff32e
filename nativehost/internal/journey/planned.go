package journey

import (
	"cmp"
	"slices"

	"userlike-inspector/nativehost/internal/observed"
	"userlike-inspector/nativehost/internal/words"
)

// progress is how far an expectation of the plan's has come.
type progress struct {
	heard uint64   // which of those that its time counts from have come since it did last, as bits
	armed *uint32  // the newest of these, once all have come
	came  newest   // the event itself
	doubt string   // why it may have come too late, or not at all
	late  []pair   // it came, but too late: what its time counts from, and the event itself
	over  []uint32 // beyond the count
}

// expect looks at what the plan says of the call.
func (v *journey) expect(j *Judge, in *scope, c call, now uint32) {
	r, from := j.rules, j.origin(c)
	counted := from.onSite && from.asked
	if counted && in.first == nil {
		in.first = &now
		for i, e := range r.planned {
			if e.atOnce() && e.PerChat == (in.chat != 0) {
				in.planned.make(i).armed = &now
			}
		}
	}
	for _, i := range r.arms[c.event] {
		e := r.planned[i]
		if !counted || e.PerChat != (in.chat != 0) {
			continue
		}
		p := in.planned.make(i)
		if p.came.reaches(j, v, c) {
			p.doubted(observed.Doubt(j.at(v.calls[*p.came.order]), j.at(c), ms(e.Within)))
			p.doubted(observed.Doubt(j.at(v.calls[*p.came.clock]), j.at(c), ms(e.Within)))
			continue
		}
		p.heard |= 1 << min(slices.Index(e.after, c.event), 63)
		if p.heard == 1<<min(len(e.after), 63)-1 {
			p.armed = &now
		}
	}
	i, ok := r.isEvent[c.event]
	if !ok || r.planned[i].PerChat != (in.chat != 0) {
		return
	}
	p, e := in.planned.make(i), r.planned[i]
	if p.armed != nil && counted {
		if from := j.at(v.calls[*p.armed]); observed.Awake(from, j.at(c)) > ms(e.Within) {
			p.late = append(p.late, pair{*p.armed, now})
		} else {
			p.doubted(observed.Doubt(from, j.at(c), ms(e.Within)))
		}
	}
	p.armed, p.heard = nil, 0
	p.came.last(v, now)
	if !counted {
		return
	}
	if n := count(&in.counted, c.event, now); e.Count != nil && e.Count.Max >= 0 && n > e.Count.Max {
		p.over = append(p.over, now)
	}
}

// doubted notes why it may be otherwise; the first reason is kept.
func (p *progress) doubted(why string) { p.doubt = cmp.Or(p.doubt, why) }

// standing is how one demand of the plan's stands in a journey, and what is found.
type standing struct {
	Outcome
	found []Finding // complete
}

// stand tells how everything that the plan demands stands in the journey.
func (k *known) stand(say func(standing)) (wait bool) {
	if k.v.scope.first == nil && !k.v.veiled {
		return false // the plan is not about it
	}
	for _, e := range k.j.rules.planned {
		if e.when != 0 && counts(k.v.events, e.when).count == 0 {
			continue
		}
		if !e.PerChat {
			wait = k.standIn(&k.v.scope, e, say) || wait
			continue
		}
		for _, chat := range k.v.chats {
			if chat.first != nil {
				wait = k.standIn(chat, e, say) || wait
			}
		}
	}
	return wait
}

// standIn tells how what the plan says of an event stands.
func (k *known) standIn(in *scope, e planned, say func(standing)) (wait bool) {
	i := k.j.rules.isEvent[e.event]
	p := in.planned.get(i)
	if p == nil {
		p = &progress{}
	}
	outcome := func(expected, source string) standing {
		return standing{Outcome: Outcome{Journey: k.v.id, Chat: k.j.names.text(in.chat), Event: e.Name, Expected: expected, Source: source, State: Met}}
	}
	missing := false // an absence was told of, and needs not be again
	if e.Within > 0 {
		s := outcome("within "+e.Within.String()+afterWhat(e), e.WithinSource)
		missing, wait = k.inTime(&s, in, e, p)
		say(s)
	}
	if e.Count != nil {
		s := outcome("count "+e.Count.Text, e.Count.Source)
		k.often(&s, in, e, p, missing)
		say(s)
	}
	for _, o := range e.orders {
		s := outcome(o.says, o.ref.Source)
		wait = k.inOrder(&s, in, o) || wait
		say(s)
	}
	return wait
}

func afterWhat(e planned) string {
	if len(e.After) == 0 {
		return ""
	}
	var names []string
	for _, ref := range e.After {
		names = append(names, words.Short(ref.Event))
	}
	return " of " + words.List(names, "and")
}

// often looks at how often the event came.
func (k *known) often(s *standing, in *scope, e planned, p *progress, missing bool) {
	n := int(counts(in.counted, e.event).count)
	why := k.unknown(in)
	switch {
	case len(p.over) > 0:
		s.State, s.Why = Missing, "came "+words.Times(n)
		for _, i := range p.over {
			k.add(s, k.j.tooMany(e, k.v.calls[i]), k.v.calls[i])
		}
	case n < e.Count.Min && why != "":
		s.State, s.Why = Unjudged, why
	case n < e.Count.Min && !k.ended():
		s.State = Pending
	case n < e.Count.Min:
		s.State, s.Why = Missing, "came "+words.Times(n)
		if n == 0 {
			s.Why = "never came"
		}
		if !missing {
			k.addLast(s, in, k.j.tooFew(e, n), e)
		}
	case e.Count.Max >= 0 && why != "":
		s.State, s.Why = Unjudged, why
	}
}

// unknown says why the event may have come unseen.
func (k *known) unknown(in *scope) string {
	if why := k.all(); why != "" || !in.resumed {
		return why
	}
	return "this chat began before"
}

// inTime looks at whether the event came in time, each time anew.
func (k *known) inTime(s *standing, in *scope, e planned, p *progress) (missing, wait bool) {
	j, v := k.j, k.v
	unsure := ""
	atOnce := e.atOnce()
	if atOnce {
		unsure = k.unknown(in)
	}
	for _, late := range p.late {
		from, to := v.calls[late.first], v.calls[late.second]
		why := unsure
		if why == "" {
			why = k.around(from, max(ms(e.Within), j.elapsed(from, to)))
		}
		if why != "" {
			s.doubt(why)
			continue
		}
		s.State, s.Why = Missing, "came too late"
		k.add(s, j.tooLate(e, from, to), to)
	}
	if p.doubt != "" {
		s.doubt(p.doubt)
	}
	if p.armed == nil {
		if s.State == Met && p.came.order == nil {
			if why := k.all(); why != "" {
				s.doubt(why)
			}
		}
		return false, false
	}
	from := v.calls[*p.armed]
	why := unsure
	if why == "" {
		why = k.around(from, ms(e.Within))
	}
	if why != "" {
		s.doubt(why)
		return false, false
	}
	went, wait := k.went(from, ms(e.Within))
	switch {
	case went:
		s.State, s.Why = Missing, "never came"
		k.add(s, j.notInTime(e, from), from)
		return true, false
	case k.ended() && atOnce && counts(in.counted, e.event).count == 0:
		s.State, s.Why = Missing, "never came"
		if !e.counted() {
			k.addLast(s, in, j.notAtAll(e), e)
		}
	case k.ended():
		s.doubt("the pages were left before its time was over")
		wait = false
	case s.State == Met:
		s.State, s.Deadline = Pending, clockTime(from.time+ms(e.Within))
	}
	return false, wait && !k.over
}

// doubt notes why a demand cannot be judged, unless it is broken anyway.
func (s *standing) doubt(why string) {
	if s.State == Met {
		s.State, s.Why = Unjudged, why
	}
}

// inOrder looks at whether what comes before it did.
func (k *known) inOrder(s *standing, in *scope, o order) (wait bool) {
	n := k.j.rules.needs[o.need]
	if why := k.judgeNeed(in, o.need, &wait, func(f Finding, c call) {
		s.State, s.Why = Missing, "came in another order"
		k.add(s, f, c)
	}); why != "" {
		s.doubt(why)
	} else if why := in.doubts.get(o.need); why != nil {
		s.doubt(*why)
	} else if s.State == Met && k.v.came(in, n.event).count == 0 {
		if why := k.all(); why != "" {
			s.doubt(why)
		}
	}
	return wait
}

// add completes a finding on a call.
func (k *known) add(s *standing, f Finding, c call) {
	f.Journey = k.v.id
	s.found = append(s.found, k.j.about(f, c))
}

// addLast completes a finding on a whole journey.
func (k *known) addLast(s *standing, in *scope, f Finding, e planned) {
	f.Journey, f.Event = k.v.id, e.Name
	if in.first != nil {
		f.URL = k.j.origin(k.v.calls[*in.first]).url
	}
	s.found = append(s.found, k.j.atEnd(f))
}
