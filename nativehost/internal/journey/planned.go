package journey

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/observed"
	"userlike-inspector/nativehost/internal/plan"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/words"
)

// planned is an event's entry in the plan.
type planned struct {
	*plan.Event
	event  uint32
	after  []uint32
	when   uint32 // it applies only to journeys with this event, 0 for all
	orders []order
}

// atOnce tells whether every journey must have it within a time from its first event on.
func (e planned) atOnce() bool { return e.Within > 0 && len(e.after) == 0 }

// everywhere tells whether every journey must have it, without condition.
func (e planned) everywhere() bool { return e.when == 0 && !e.PerChat && (e.atOnce() || e.counted()) }

// counted tells whether a least number of it is demanded.
func (e planned) counted() bool { return e.Count != nil && e.Count.Min > 0 }

// progress is how far the demands of a plan's entry have been met.
type progress struct {
	heard uint64   // which of the events in after have come since the event itself came last, as bits
	armed *uint32  // the newest of these calls, once all have come
	came  newest   // the event itself
	doubt string   // why it may have come too late, or not at all
	late  []pair   // pairs of the call from which the time counts, and the event that came too late
	over  []uint32 // calls beyond the count
}

// expect notes what the call means for the plan's entries.
func (v *journey) expect(j *Judge, in *scope, c call, now uint32) {
	r := j.rules
	counted := j.origin(c).onSite && j.asksFor(c)
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

// doubted notes why the demand may be met after all. The first reason is kept.
func (p *progress) doubted(why string) { p.doubt = cmp.Or(p.doubt, why) }

// standing is the outcome of one demand in a journey, with its findings.
type standing struct {
	Outcome
	found []Finding // complete
}

// judgePlan finds what is not as the plan's entries demand.
func (k *known) judgePlan() {
	k.stand(func(s standing) { k.found = append(k.found, s.found...) })
}

// stand reports the outcome of each demand of the plan in the journey.
func (k *known) stand(say func(standing)) {
	if k.v.scope.first == nil && !k.v.veiled {
		return // the journey was not on the plan's sites
	}
	for _, e := range k.j.rules.planned {
		if e.when == 0 || counts(k.v.events, e.when).count > 0 {
			k.standAnywhere(e, say)
		} else if k.goesOn() { // with that event, what came before it is judged too
			k.standAnywhere(e, func(s standing) {
				for _, f := range s.found {
					if i := slices.IndexFunc(k.v.calls, func(c call) bool { return int64(c.order) == f.order }); i >= 0 {
						k.await(f.Rule, k.v.calls[i], "if "+words.Short(k.j.names.text(e.when))+" comes later in this visit", hold{open: true})
					}
				}
			})
		}
	}
}

// standAnywhere tells how what the plan says of an event stands in the journey, or in
// each of its chats.
func (k *known) standAnywhere(e planned, say func(standing)) {
	if !e.PerChat {
		k.standIn(&k.v.scope, e, say)
		return
	}
	for _, chat := range k.v.chats {
		if chat.first != nil {
			k.standIn(chat, e, say)
		}
	}
}

// standIn reports the outcome of each demand of a plan's entry in a scope.
func (k *known) standIn(in *scope, e planned, say func(standing)) {
	i := k.j.rules.isEvent[e.event]
	p := in.planned.get(i)
	if p == nil {
		p = &progress{}
	}
	outcome := func(expected, source string) standing {
		return standing{Outcome: Outcome{Journey: k.v.id, Chat: k.j.names.text(in.chat), Event: e.Name, Expected: expected, Source: source, State: Met}}
	}
	missing := false // it was reported that the event is missing; once is enough
	if e.Within > 0 {
		s := outcome("within "+e.Within.String()+afterWhat(e), e.WithinSource)
		missing = k.inTime(&s, in, e, p)
		say(s)
	}
	if e.Count != nil {
		s := outcome("count "+e.Count.Text, e.Count.Source)
		k.often(&s, in, e, p, missing)
		say(s)
	}
	for _, o := range e.orders {
		s := outcome(o.says, o.ref.Source)
		k.inOrder(&s, in, o)
		say(s)
	}
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

// often judges how often the event came.
func (k *known) often(s *standing, in *scope, e planned, p *progress, missing bool) {
	n := int(counts(in.counted, e.event).count)
	if n > 0 {
		s.on(k.v.calls[counts(in.counted, e.event).first])
	}
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

// unknown says why the event may have come without being recorded.
func (k *known) unknown(in *scope) string {
	if why := k.all(); why != "" || !in.resumed {
		return why
	}
	return "this chat began before"
}

// inTime judges whether the event came in time, each time that its time began.
func (k *known) inTime(s *standing, in *scope, e planned, p *progress) (missing bool) {
	j, v := k.j, k.v
	switch {
	case p.armed != nil:
		s.on(v.calls[*p.armed])
	case p.came.order != nil:
		s.on(v.calls[*p.came.order])
	}
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
		return false
	}
	from := v.calls[*p.armed]
	why := unsure
	if why == "" {
		why = k.around(from, ms(e.Within))
	}
	if why != "" {
		s.doubt(why)
		return false
	}
	went, h := k.went(from, ms(e.Within))
	k.await(inspect.MissingEvent, from, fmt.Sprintf("unless %s follows within %s", words.Short(e.Name), e.Within), h)
	switch {
	case went:
		s.State, s.Why = Missing, "never came"
		k.add(s, j.notInTime(e, from), from)
		return true
	case k.ended() && atOnce && counts(in.counted, e.event).count == 0:
		s.State, s.Why = Missing, "never came"
		if !e.counted() {
			k.addLast(s, in, j.notAtAll(e), e)
		}
	case k.left():
		s.doubt("the pages were left before its time was over")
	case k.over:
		s.doubt("the recording ends before its time was over")
	case s.State == Met:
		s.State, s.Deadline = Pending, clockTime(from.time()+ms(e.Within))
	}
	return false
}

// doubt says that a demand cannot be judged, and why, unless it is broken anyway.
func (s *standing) doubt(why string) {
	if s.State == Met {
		s.State, s.Why = Unjudged, why
	}
}

// inOrder judges whether one event came before another.
func (k *known) inOrder(s *standing, in *scope, o order) {
	n := k.j.rules.needs[o.need]
	if came := k.v.came(in, n.event); came.count > 0 {
		s.on(k.v.calls[came.first])
	}
	if why := k.judgeNeed(in, o.need, func(f Finding, c call) {
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
}

// on notes the call that a demand stands on, unless there is one.
func (s *standing) on(c call) { s.Order = cmp.Or(s.Order, int64(c.order)) }

// add completes a finding on a call.
func (k *known) add(s *standing, f Finding, c call) {
	s.on(c)
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

// demanded makes a finding on a plan's entry, with the plan's reason.
func demanded(rule string, e planned, f record.Finding) Finding {
	f.Message += e.Why()
	return verdict(rule, f)
}

func (j *Judge) tooMany(e planned, c call) Finding {
	event := words.Short(e.Name)
	f := record.Finding{
		Expected: e.Count.Text + " of " + event,
		Actual:   "one more",
		Message:  fmt.Sprintf("%s came more often than the plan allows in a visit, which is %s. Check what brought it about once more.", event, words.Times(e.Count.Max)),
		Demand:   e.Count.Source,
	}
	if e.Count.Max == 0 {
		f.Expected, f.Actual = "no "+event, event
		f.Message = fmt.Sprintf("%s came, which the plan forbids. Check what brought it about.", event)
	}
	return demanded(inspect.UnexpectedEvent, e, f)
}

func (j *Judge) tooFew(e planned, n int) Finding {
	event := words.Short(e.Name)
	f := record.Finding{
		Expected: fmt.Sprintf("%s of %s", e.Count.Text, event),
		Actual:   fmt.Sprint(n),
		Message:  fmt.Sprintf("%s never came %s; the plan expects it %s%s. Check whether the visit came that far, and whether the event was sent under another name.", event, j.counted(), atLeast(e), e.Order()),
		Demand:   e.Count.Source,
	}
	if n > 0 {
		f.Message = fmt.Sprintf("%s came only %s %s; the plan expects it %s. Check which step of the visit did not report it.", event, words.Times(n), j.counted(), atLeast(e))
	}
	return demanded(inspect.MissingEvent, e, f)
}

// counted says in a sentence where events are counted: not before --since.
func (j *Judge) counted() string {
	if j.since > 1 {
		return fmt.Sprintf("in this visit from %s on", clockTime(j.begins))
	}
	return "in this visit"
}

func (j *Judge) notAtAll(e planned) Finding {
	event := words.Short(e.Name)
	return demanded(inspect.MissingEvent, e, record.Finding{
		Expected: fmt.Sprintf("%s within %s", event, e.Within),
		Actual:   "none",
		Message:  fmt.Sprintf("%s never came %s; the plan expects it within %s of its first event. Check whether the visit came that far, and whether the event was sent under another name.", event, j.counted(), e.Within),
		Demand:   e.WithinSource,
	})
}

func (j *Judge) notInTime(e planned, since call) Finding {
	event := words.Short(e.Name)
	return demanded(inspect.MissingEvent, e, record.Finding{
		Expected: fmt.Sprintf("%s within %s", event, e.Within),
		Actual:   "none",
		Message:  fmt.Sprintf("%s did not come within %s of %s, as the plan expects, and not later in this visit either. Check whether the visit came that far, and whether the event was sent under another name.", event, e.Within, words.Shown(j.names.text(since.event))),
		Demand:   e.WithinSource,
	})
}

func (j *Judge) tooLate(e planned, from, to call) Finding {
	event, after := words.Short(e.Name), time.Duration(j.elapsed(from, to))*time.Millisecond
	return demanded(inspect.MissingEvent, e, record.Finding{
		Expected: fmt.Sprintf("%s within %s", event, e.Within),
		Actual:   fmt.Sprintf("after %s", after),
		Message:  fmt.Sprintf("%s came %s after %s; the plan expects it within %s. Check what it had to wait for.", event, after, words.Shown(j.names.text(from.event)), e.Within),
		Demand:   e.WithinSource,
	})
}

func atLeast(e planned) string {
	if e.Count.Max == e.Count.Min {
		return "exactly " + words.Times(e.Count.Min)
	}
	return "at least " + words.Times(e.Count.Min)
}
