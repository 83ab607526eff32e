package journey

import (
	"cmp"
	"fmt"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/words"
	"userlike-inspector/schema"
)

// need is a demand that an event makes on earlier events.
type need struct {
	event uint32
	any   []uint32 // one of these must have come
	later []uint32 // those of any that may also come later
	// optional: the order matters only if one of any comes at all.
	optional bool
	byChat   bool
	doc      *schema.DocEvent // where the catalogue demands it
	source   string           // where the plan demands it
	why      string           // the plan's reason, as a sentence that can follow others
}

func (n need) planned() bool { return n.doc == nil }

// judgeOrder finds the calls that came without what they need by the catalogue.
func (k *known) judgeOrder() {
	for i, n := range k.j.rules.needs {
		if !n.planned() {
			k.judgeNeed(&k.v.scope, i, k.tell)
		}
	}
}

// judgeNeed finds calls that came without what they need. why says why it cannot be judged
// for some call, "" if it can for all.
func (k *known) judgeNeed(in *scope, need int, add func(Finding, call)) (why string) {
	waiting := in.unmet.get(need)
	if waiting == nil {
		return ""
	}
	j, n := k.j, k.j.rules.needs[need]
	came, ever := k.firstOf(in, n)
	for _, i := range *waiting {
		c := k.v.calls[i]
		unseen := k.began(c)
		if n.optional && !ever { // it may never come
			if unseen == "" && !in.resumed {
				k.await(inspect.OutOfOrder, c, "if "+j.listed(n)+" comes later in this visit", hold{open: k.goesOn()})
			}
			continue
		}
		switch {
		case unseen != "":
		case in.resumed:
			unseen = "this chat began before"
		case len(n.later) > 0 && len(k.spots) > 0: // it may have come unseen at any time
			unseen = k.spots[0].Why
		case len(n.later) > 0 && k.after != "":
			unseen = k.after
		case len(n.later) > 0 && !k.left():
			unseen = "the page is still open"
			k.await(inspect.OutOfOrder, c, "unless "+j.listed(n)+" comes before the page is left", hold{open: true})
		default:
			lasted, h := k.passed(c)
			if lasted {
				add(j.outOfOrder(n, c, came, ever), c)
				continue
			}
			k.await(inspect.OutOfOrder, c, "unless "+j.listed(n)+" comes at about the same time", h)
			unseen = "nothing was recorded as late as a second after it"
		}
		why = cmp.Or(why, unseen)
	}
	return why
}

// firstOf is the first call that meets a need.
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

// listed names the events that a need is met by.
func (j *Judge) listed(n need) string {
	names := make([]string, len(n.any))
	for i, e := range n.any {
		names[i] = words.Short(j.names.text(e))
	}
	return words.List(names, "or")
}

func (j *Judge) outOfOrder(n need, c, came call, ever bool) Finding {
	event := words.Short(j.names.text(c.event))
	list := j.listed(n)
	actual, then := "never", fmt.Sprintf("The visit has no %s at all.", list)
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
		f.Message = fmt.Sprintf("%s came without %s before it, which the plan puts first. %s Check what brings %s about, and whether the plan means this visit.%s", event, list, then, event, n.why)
	case len(n.any) == 1:
		f.Message = fmt.Sprintf("%s came without %s before it in the same visit, which it follows by its description. %s %s", event, list, then, n.next())
	default:
		f.Message = fmt.Sprintf("%s came without %s before it in the same visit, one of which it follows by its description. %s %s", event, list, then, n.next())
	}
	if !n.planned() {
		f.Demand = fmt.Sprintf("%s: %s, as this product reads its description", j.inspector.Catalogue().Source, event)
		f.Severity = cmp.Or(record.Severity(n.doc.NeedsSeverity), record.Warning)
	}
	return verdict(inspect.OutOfOrder, f)
}

// next says what a tester should look at when a need of the catalogue is not met.
func (n need) next() string {
	if n.doc.NeedsWhy != "" {
		return fmt.Sprintf("That can be right: %s.", n.doc.NeedsWhy)
	}
	return "Check whether the step before was reported under another name, or not at all."
}
