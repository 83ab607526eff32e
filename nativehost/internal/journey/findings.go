package journey

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/words"
)

// judge gives the journey's verdicts.
func (v *journey) judge(j *Judge, over bool) (found []Finding, wait bool) {
	v.catchUp(j)
	if len(v.calls) == 0 {
		return nil, false // it went into another one
	}
	whole, begun := v.whole(), v.begun()
	add := func(f Finding, c call) {
		f.Journey = v.id
		found = append(found, j.about(f, c))
	}
	if !begun {
		add(j.midJourney(v), v.calls[0])
	}
	if whole && begun {
		wait = v.judgeNeeds(j, over, add)
		wait = v.judgeConsent(j, over, add) || wait
	}
	if whole {
		wait = v.judgeAnswers(j, add) || wait
	}
	wait = v.judgePlan(j, over, whole, begun, add, &found) || wait
	for _, i := range v.shown {
		add(errorShown(j, v.calls[i]), v.calls[i])
	}
	for _, c := range v.clients[min(1, len(v.clients)):] {
		add(j.identityChanged(c, "/1/client_uuid", j.names.text(j.origin(v.clients[0]).client), j.names.text(j.origin(c).client)), c)
	}
	return found, wait
}

// judgeNeeds finds what came without what it needs.
func (v *journey) judgeNeeds(j *Judge, over bool, add func(Finding, call)) (wait bool) {
	planned := v.onSite(j)
	for i, n := range j.rules.needs {
		if n.doc == nil && !planned {
			continue
		}
		waiting := v.unmet.get(i)
		if waiting == nil {
			continue
		}
		for _, k := range *waiting {
			c := v.calls[k]
			came, ever := v.firstOf(n.any)
			switch {
			case n.optional && !ever: // it may never come
			case !over && len(n.later) > 0: // it may come at any time
			case !over && j.clock < c.time+tolerance:
				wait = true
			default:
				add(j.outOfOrder(n, c, came, ever), c)
			}
		}
	}
	return wait
}

// firstOf is the earliest time at which one of the events came.
func (v *journey) firstOf(events []uint32) (first int64, ever bool) {
	for _, e := range events {
		if n := v.tally(e); n.count > 0 && (!ever || n.first < first) {
			first, ever = n.first, true
		}
	}
	return first, ever
}

// judgeAnswers finds what the catalogue wants an answer to and that had none.
func (v *journey) judgeAnswers(j *Judge, add func(Finding, call)) (wait bool) {
	for i, a := range j.rules.answers {
		w := v.asked.get(i)
		if w == nil {
			continue
		}
		for _, p := range w.open {
			q := v.question(p)
			switch deadline := q.time + a.within; {
			case j.origin(q.call).document.open(j, q.time, deadline):
				add(j.unanswered(a, q), q.call)
			case j.origin(q.call).document.unsure(j, deadline):
				wait = true
			}
		}
	}
	return wait
}

// judgePlan finds what the plan expects and what it forbids.
func (v *journey) judgePlan(j *Judge, over, whole, begun bool, add func(Finding, call), found *[]Finding) (wait bool) {
	if len(j.rules.planned) == 0 || !v.onSite(j) {
		return false
	}
	for i, e := range j.rules.planned {
		p := v.planned.get(i)
		if p == nil {
			p = &progress{}
		}
		for _, k := range p.excess {
			add(j.tooMany(e, v.calls[k]), v.calls[k])
		}
		if !whole {
			continue
		}
		for _, late := range p.late {
			add(j.tooLate(e, v.question(late)), v.calls[late.second])
		}
		n := int(v.tally(j.names.id(e.Name)).count)
		due := n == 0 && p.armed != nil && (begun || len(e.after) > 0)
		if due {
			from := v.calls[*p.armed]
			switch deadline := from.time + ms(e.Within); {
			case v.went(j, from, deadline):
				add(j.notInTime(e, from), from)
				continue
			case j.origin(from).document.unsure(j, deadline):
				wait = true
			}
		}
		if !over || !begun {
			continue
		}
		var f Finding
		switch {
		case e.counted() && n < e.Count.Min:
			f = j.tooFew(e, n)
		case n == 0 && e.atOnce():
			f = j.notAtAll(e)
		default:
			continue
		}
		f.Journey, f.Event, f.URL = v.id, e.Name, j.origin(v.calls[0]).document.url
		*found = append(*found, j.atEnd(f))
	}
	return wait
}

// went tells whether the journey surely went on until a time: because it has
// later calls, or because the page was still open.
func (v *journey) went(j *Judge, from call, to int64) bool {
	return v.calls[len(v.calls)-1].time > to || j.origin(from).document.open(j, from.time, to)
}

// about completes a finding on a call.
func (j *Judge) about(f Finding, c call) Finding {
	f.Record = j.idOf(c)
	f.Event = j.names.text(c.event)
	f.Time, f.URL, f.order = clockTime(c.time), j.origin(c).document.url, int64(c.order)
	return j.settle(f)
}

// atEnd completes a finding on no record: such come last.
func (j *Judge) atEnd(f Finding) Finding {
	f.order = int64(^uint64(0) >> 1)
	return j.settle(f)
}

// verdict begins a finding of a rule, with the rule's own severity.
func verdict(rule string, f record.Finding) Finding {
	f.Rule = rule
	if f.Severity == "" {
		f.Severity = inspect.SeverityOf(rule)
	}
	return Finding{Finding: f}
}

func (j *Judge) midJourney(v *journey) Finding {
	why := "the page was open before the extension was there"
	late := false
	for _, d := range v.documents {
		late = late || d.late
	}
	switch {
	case late:
	case v.resumed:
		why = "the first thing that was seen is " + j.names.text(j.rules.resumes)
	default:
		why = "the page's first records are not there"
	}
	return verdict(inspect.MidJourney, record.Finding{
		Message:  fmt.Sprintf("The recording begins in the middle of this visit: %s. What came earlier is unknown, so nothing is said to lack an earlier step. To have that judged, open the site anew with the extension running.", why),
		Expected: "the visit from its beginning",
		Actual:   why,
	})
}

func (j *Judge) outOfOrder(n need, c call, came int64, ever bool) Finding {
	event := words.Short(j.names.text(c.event))
	names := make([]string, len(n.any))
	for i, e := range n.any {
		names[i] = words.Short(j.names.text(e))
	}
	list := words.List(names, "or")
	actual, then := "never", fmt.Sprintf("The journey has no %s at all.", list)
	if ever {
		actual = span(came-c.time) + " later"
		then = fmt.Sprintf("The first %s came %s later.", list, span(came-c.time))
	}
	f := record.Finding{Expected: list + " before " + event, Actual: actual}
	switch {
	case n.doc == nil:
		f.Severity = record.Error
		f.Demand = n.source
		f.Message = fmt.Sprintf("%s came without %s before it, which the plan puts first. %s Check what brings %s about, and whether the plan means this journey.", event, list, then, event)
	case len(names) == 1:
		f.Message = fmt.Sprintf("%s came without %s before it in the same journey, which it follows by its description. %s %s", event, list, then, n.next())
	default:
		f.Message = fmt.Sprintf("%s came without %s before it in the same journey, one of which it follows by its description. %s %s", event, list, then, n.next())
	}
	if n.doc != nil {
		f.Demand = fmt.Sprintf("%s: %s, as this product reads its description", j.inspector.Catalogue().Source, event)
		f.Severity = cmp.Or(record.Severity(n.doc.NeedsSeverity), record.Warning)
	}
	return verdict(inspect.OutOfOrder, f)
}

// next says what to look at when a need of the catalogue is not met.
func (n need) next() string {
	if n.doc.NeedsWhy != "" {
		return fmt.Sprintf("That can be right: %s.", n.doc.NeedsWhy)
	}
	return "Check whether the step before was reported under another name, or not at all."
}

func (j *Judge) unanswered(a answer, q question) Finding {
	list := words.List(a.doc.Then, "or")
	f := record.Finding{
		Expected: fmt.Sprintf("%s within %s", list, span(a.within)),
		Actual:   "none",
		Message:  fmt.Sprintf("%s was not followed by %s within %s, as by its description it should be. Check whether the widget could reach Userlike, and whether the answer was reported under another name.", a.doc.Name, list, span(a.within)),
		Demand:   fmt.Sprintf("%s: %s, as this product reads its description", j.inspector.Catalogue().Source, a.doc.Name),
		Severity: record.Warning,
	}
	if q.late > 0 {
		f.Actual = span(q.late-q.time) + " later"
		f.Message = fmt.Sprintf("%s was followed by %s only after %s; by its description it should be within %s. Check what kept the widget waiting.", a.doc.Name, list, span(q.late-q.time), span(a.within))
	}
	return verdict(inspect.MissingEvent, f)
}

func errorShown(j *Judge, c call) Finding {
	return verdict(inspect.ErrorShown, record.Finding{
		Message:  fmt.Sprintf("The contact saw an error: the client reported %s. Check what the contact did just before, and the browser's console and network at that time.", j.names.text(c.event)),
		Expected: "no error",
		Actual:   j.names.text(c.event),
		Demand:   j.inspector.Catalogue().Source + ": " + j.names.text(c.event),
	})
}

func (j *Judge) duplicate(c call, after int64) Finding {
	event := words.Shown(j.names.text(c.event))
	return verdict(inspect.DuplicateEvent, record.Finding{
		Message:  fmt.Sprintf("%s came again after %s with equal arguments, in the same document. Check whether the widget is loaded twice or the call is made twice: it would be counted twice.", event, span(after)),
		Expected: "each event once",
		Actual:   "the same call after " + span(after),
		Demand:   "two equal calls of one document within " + span(duplicateWithin),
	})
}

func (j *Judge) identityChanged(c call, at, first, value string) Finding {
	path := j.inspector.Path(at)
	within, demand := "this document, of the same contact", "one contact has one session_id and one widget_id in a document"
	if at == "/1/client_uuid" {
		within, demand = "this journey", "one session has one client_uuid"
	}
	return verdict(inspect.IdentityChanged, record.Finding{
		At:       at,
		Message:  fmt.Sprintf("%s is %s in %s, but earlier calls of %s have %s. Check what starts the widget anew or changes it: a tracking system takes this for somebody or something else.", path, words.Quote(value), words.Shown(j.names.text(c.event)), within, words.Quote(first)),
		Expected: words.Short(first),
		Actual:   words.Short(value),
		Demand:   demand,
	})
}

func (j *Judge) tooMany(e planned, c call) Finding {
	event := words.Short(e.Name)
	f := record.Finding{
		Expected: e.Count.Text + " of " + event,
		Actual:   "one more",
		Message:  fmt.Sprintf("%s came more often than the plan allows in a journey, which is %s. Check what brought it about once more.", event, times(e.Count.Max)),
		Demand:   e.Count.Source,
	}
	if e.Count.Max == 0 {
		f.Expected, f.Actual = "no "+event, event
		f.Message = fmt.Sprintf("%s came, which the plan forbids. Check what brought it about.", event)
	}
	return verdict(inspect.UnexpectedEvent, f)
}

func (j *Judge) tooFew(e planned, n int) Finding {
	event := words.Short(e.Name)
	f := record.Finding{
		Expected: fmt.Sprintf("%s of %s", e.Count.Text, event),
		Actual:   fmt.Sprint(n),
		Message:  fmt.Sprintf("%s never came in this journey; the plan expects it %s%s. Check whether the visit came that far, and whether the event was sent under another name.", event, atLeast(e), e.Order()),
		Demand:   e.Count.Source,
	}
	if n > 0 {
		f.Message = fmt.Sprintf("%s came only %s in this journey; the plan expects it %s. Check which step of the visit did not report it.", event, times(n), atLeast(e))
	}
	return verdict(inspect.MissingEvent, f)
}

func (j *Judge) notAtAll(e planned) Finding {
	event := words.Short(e.Name)
	return verdict(inspect.MissingEvent, record.Finding{
		Expected: fmt.Sprintf("%s within %s", event, e.Within),
		Actual:   "none",
		Message:  fmt.Sprintf("%s never came in this journey; the plan expects it within %s of its first event. Check whether the visit came that far, and whether the event was sent under another name.", event, e.Within),
		Demand:   e.WithinSource,
	})
}

func (j *Judge) notInTime(e planned, since call) Finding {
	event := words.Short(e.Name)
	return verdict(inspect.MissingEvent, record.Finding{
		Expected: fmt.Sprintf("%s within %s", event, e.Within),
		Actual:   "none",
		Message:  fmt.Sprintf("%s did not come within %s of %s, as the plan expects, and not later in this journey either. Check whether the visit came that far, and whether the event was sent under another name.", event, e.Within, words.Shown(j.names.text(since.event))),
		Demand:   e.WithinSource,
	})
}

func (j *Judge) tooLate(e planned, q question) Finding {
	event, after := words.Short(e.Name), time.Duration(q.late-q.time)*time.Millisecond
	return verdict(inspect.MissingEvent, record.Finding{
		Expected: fmt.Sprintf("%s within %s", event, e.Within),
		Actual:   fmt.Sprintf("after %s", after),
		Message:  fmt.Sprintf("%s came %s after %s; the plan expects it within %s. Check what it had to wait for.", event, after, words.Shown(j.names.text(q.event)), e.Within),
		Demand:   e.WithinSource,
	})
}

// silence tells what the plan expects where no journey could have met it.
func (j *Judge) silence() []Finding {
	if j.plan == nil || slices.ContainsFunc(j.units, func(u unit) bool {
		v, ok := u.(*journey)
		return ok && len(v.calls) > 0 && v.onSite(j)
	}) {
		return nil
	}
	var found []Finding
	for _, e := range j.rules.planned {
		if !e.atOnce() && !e.counted() {
			continue
		}
		f := record.Finding{
			Actual:  "no journey",
			Message: fmt.Sprintf("%s never came: no call at all was recorded on the plan's sites. Check that the widget is on the page, that the extension runs there, and that the plan's sites are right.", words.Short(e.Name)),
		}
		if e.counted() {
			f.Expected, f.Demand = e.Count.Text+" of "+words.Short(e.Name), e.Count.Source
		} else {
			f.Expected, f.Demand = fmt.Sprintf("%s within %s", words.Short(e.Name), e.Within), e.WithinSource
		}
		missing := verdict(inspect.MissingEvent, f)
		missing.Event = e.Name
		found = append(found, j.atEnd(missing))
	}
	return found
}

// span is a time in ms, fit for a sentence.
func span(ms int64) string {
	switch {
	case ms < 1000:
		return fmt.Sprintf("%d ms", ms)
	case ms < 60_000:
		return strconv.FormatFloat(float64(ms)/1000, 'f', -1, 64) + " s"
	case ms < 3_600_000:
		return fmt.Sprintf("%d min %d s", ms/60_000, ms/1000%60)
	}
	return fmt.Sprintf("%d h %d min", ms/3_600_000, ms/60_000%60)
}

// times is how often, in words.
func times(n int) string {
	switch n {
	case 1:
		return "once"
	case 2:
		return "twice"
	}
	return fmt.Sprintf("%d times", n)
}

func atLeast(e planned) string {
	if e.Count.Max == e.Count.Min {
		return "exactly " + times(e.Count.Min)
	}
	return "at least " + times(e.Count.Min)
}
