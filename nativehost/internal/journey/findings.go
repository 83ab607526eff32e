package journey

import (
	"cmp"
	"fmt"
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
	k := v.known(j, over)
	add := func(f Finding, c call) {
		f.Journey = v.id
		found = append(found, j.about(f, c))
	}
	if k.middle != "" {
		add(j.midJourney(k.middle), v.calls[0])
	}
	for i, n := range j.rules.needs {
		if !n.planned() {
			k.judgeNeed(&v.scope, i, &wait, add)
		}
	}
	wait = k.judgeConsents(add) || wait
	wait = k.judgeAnswers(add) || wait
	wait = k.stand(func(s standing) { found = append(found, s.found...) }) || wait
	wait = k.judgeForwards(func(s standing) { found = append(found, s.found...) }) || wait
	v.judgeDoubles(j, add)
	wait = k.judgeSentOn(func(f Finding) { found = append(found, f) }) || wait
	for _, i := range v.shown {
		add(errorShown(j, v.calls[i]), v.calls[i])
	}
	if first, c := v.clients.changed(k.left() && len(k.spots) == 0, true); c != nil {
		add(j.identityChanged(c.call, "/1/client_uuid", j.names.text(first.value), j.names.text(c.value)), c.call)
	}
	return found, wait && !over
}

// judgeNeed finds what came without what it needs, and says why that cannot be told
// of a call that may have.
func (k *known) judgeNeed(in *scope, need int, wait *bool, add func(Finding, call)) (why string) {
	waiting := in.unmet.get(need)
	if waiting == nil {
		return ""
	}
	j, n := k.j, k.j.rules.needs[need]
	came, ever := k.firstOf(in, n)
	for _, i := range *waiting {
		c := k.v.calls[i]
		if n.optional && !ever {
			continue // it may never come
		}
		unseen := k.began(c)
		switch {
		case unseen != "":
		case in.resumed:
			unseen = "this chat began before"
		case len(n.later) > 0 && len(k.spots) > 0: // it may come at any time
			unseen = k.spots[0].Why
		case len(n.later) > 0 && k.after != "":
			unseen = k.after
		case len(n.later) > 0 && !k.left():
			unseen = "the page is still open"
		default:
			lasted, may := k.passed(c)
			*wait = *wait || may
			if lasted {
				add(j.outOfOrder(n, c, came, ever), c)
				continue
			}
			unseen = "nothing was recorded as late as a second after it"
		}
		why = cmp.Or(why, unseen)
	}
	return why
}

// firstOf is the first of the events that a need is met by.
func (k *known) firstOf(in *scope, n need) (first call, ever bool) {
	for _, e := range n.any {
		t := k.v.came(in, e)
		if n.optional {
			t = counts(in.counted, e)
		}
		if t.count > 0 && (!ever || k.j.at(k.v.calls[t.first]).Before(k.j.at(first))) {
			first, ever = k.v.calls[t.first], true
		}
	}
	return first, ever
}

// judgeAnswers finds what the catalogue wants an answer to and that had none.
func (k *known) judgeAnswers(add func(Finding, call)) (wait bool) {
	j, v := k.j, k.v
	for i, a := range j.rules.answers {
		w := v.asked.get(i)
		if w == nil {
			continue
		}
		judge := func(q call, after int64) {
			lasted, may := j.lasted(q, a.within)
			switch {
			case k.around(q, max(a.within, after)) != "":
			case lasted:
				add(j.unanswered(a, after), q)
			default:
				wait = wait || may
			}
		}
		for _, p := range w.late {
			judge(v.calls[p.first], j.elapsed(v.calls[p.first], v.calls[p.second]))
		}
		for _, q := range w.open {
			judge(v.calls[q], 0)
		}
	}
	return wait
}

// about completes a finding on a call.
func (j *Judge) about(f Finding, c call) Finding {
	f.Record = j.idOf(c)
	f.Event = j.names.text(c.event)
	f.Time, f.URL, f.order = clockTime(c.time), j.origin(c).url, int64(c.order)
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

func (j *Judge) midJourney(why string) Finding {
	return verdict(inspect.MidJourney, record.Finding{
		Message:  fmt.Sprintf("The recording begins in the middle of this visit: %s. What came earlier is unknown, so nothing is said to lack an earlier step. To have that judged, open the site anew with the extension running.", why),
		Expected: "the visit from its beginning",
		Actual:   why,
	})
}

func (j *Judge) outOfOrder(n need, c, came call, ever bool) Finding {
	event := words.Short(j.names.text(c.event))
	names := make([]string, len(n.any))
	for i, e := range n.any {
		names[i] = words.Short(j.names.text(e))
	}
	list := words.List(names, "or")
	actual, then := "never", fmt.Sprintf("The journey has no %s at all.", list)
	if ever {
		later := span(j.elapsed(c, came)) + " later"
		actual = later
		then = fmt.Sprintf("The first %s came %s.", list, later)
	}
	f := record.Finding{Expected: list + " before " + event, Actual: actual}
	switch {
	case n.planned():
		f.Severity = record.Error
		f.Demand = n.source
		f.Message = fmt.Sprintf("%s came without %s before it, which the plan puts first. %s Check what brings %s about, and whether the plan means this journey.%s", event, list, then, event, n.why)
	case len(names) == 1:
		f.Message = fmt.Sprintf("%s came without %s before it in the same journey, which it follows by its description. %s %s", event, list, then, n.next())
	default:
		f.Message = fmt.Sprintf("%s came without %s before it in the same journey, one of which it follows by its description. %s %s", event, list, then, n.next())
	}
	if !n.planned() {
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

func (j *Judge) unanswered(a answer, after int64) Finding {
	list := words.List(a.doc.Then, "or")
	f := record.Finding{
		Expected: fmt.Sprintf("%s within %s", list, span(a.within)),
		Actual:   "none",
		Message:  fmt.Sprintf("%s was not followed by %s within %s, as by its description it should be. Check whether the widget could reach Userlike, and whether the answer was reported under another name.", a.doc.Name, list, span(a.within)),
		Demand:   fmt.Sprintf("%s: %s, as this product reads its description", j.inspector.Catalogue().Source, a.doc.Name),
		Severity: record.Warning,
	}
	if after > 0 {
		f.Actual = span(after) + " later"
		f.Message = fmt.Sprintf("%s was followed by %s only after %s; by its description it should be within %s. Check what kept the widget waiting.", a.doc.Name, list, span(after), span(a.within))
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

// demanded begins a finding on what the plan expects of an event, with the plan's
// own reason.
func demanded(rule string, e planned, f record.Finding) Finding {
	f.Message += e.Why()
	return verdict(rule, f)
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
	return demanded(inspect.UnexpectedEvent, e, f)
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
	return demanded(inspect.MissingEvent, e, f)
}

func (j *Judge) notAtAll(e planned) Finding {
	event := words.Short(e.Name)
	return demanded(inspect.MissingEvent, e, record.Finding{
		Expected: fmt.Sprintf("%s within %s", event, e.Within),
		Actual:   "none",
		Message:  fmt.Sprintf("%s never came in this journey; the plan expects it within %s of its first event. Check whether the visit came that far, and whether the event was sent under another name.", event, e.Within),
		Demand:   e.WithinSource,
	})
}

func (j *Judge) notInTime(e planned, since call) Finding {
	event := words.Short(e.Name)
	return demanded(inspect.MissingEvent, e, record.Finding{
		Expected: fmt.Sprintf("%s within %s", event, e.Within),
		Actual:   "none",
		Message:  fmt.Sprintf("%s did not come within %s of %s, as the plan expects, and not later in this journey either. Check whether the visit came that far, and whether the event was sent under another name.", event, e.Within, words.Shown(j.names.text(since.event))),
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
