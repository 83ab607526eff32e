package journey

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/record"
)

// Finding is a verdict together with what it is about.
type Finding struct {
	record.Finding
	Record  string // the record's id, "" for a verdict on no single record
	Journey string // the journey's id, "" outside of journeys
	Event   string // the call's event name, or that of the event which is missing
	Time    record.Time
	URL     string

	order int64 // of the record's arrival, the last for none
}

// Order is the number of the record that the finding is about, in the order in which
// records were added, from 1. It is 0 if the finding is about no record.
func (f Finding) Order() int64 {
	if f.order == math.MaxInt64 {
		return 0
	}
	return f.order
}

// visitChecks are the checks of a visit, one for each family of rules, in the order in which
// their findings are made. Each is in the file named beside it, with its facts and sentences.
var visitChecks = [...]func(*known){
	(*known).judgeBeginning, // beginning.go
	(*known).judgeOrder,     // order.go
	(*known).judgeConsents,  // consent.go
	(*known).judgeAnswers,   // answer.go
	(*known).judgePlan,      // planned.go
	(*known).judgeForwards,  // forward.go
	(*known).judgeDoubles,   // twice.go
	(*known).judgeSentOn,    // forward.go
	(*known).judgeErrors,    // shown.go
	(*known).judgeContacts,  // identity.go
}

// judge returns the findings on the journey.
func (v *journey) judge(j *Judge, over bool) (found []Finding, open []unsettled) {
	v.catchUp(j)
	if len(v.calls) == 0 {
		return nil, nil // it was merged into another journey
	}
	k := v.known(j, over)
	for _, check := range visitChecks {
		check(k)
	}
	return k.found, k.unsettled
}

// tell adds a finding on a call.
func (k *known) tell(f Finding, c call) {
	f.Journey = k.v.id
	k.found = append(k.found, k.j.about(f, c))
}

// about completes a finding on a call.
func (j *Judge) about(f Finding, c call) Finding {
	f.Record = j.idOf(c)
	f.Event = j.names.text(c.event)
	f.Time, f.URL, f.order = clockTime(c.time()), j.origin(c).url, int64(c.order)
	return j.settle(f)
}

// atEnd completes a finding on no record. Such findings come last.
func (j *Judge) atEnd(f Finding) Finding {
	f.order = int64(^uint64(0) >> 1)
	return j.settle(f)
}

// verdict makes a finding of a rule, with the rule's own severity.
func verdict(rule string, f record.Finding) Finding {
	f.Rule = rule
	if f.Severity == "" {
		f.Severity = inspect.SeverityOf(rule)
	}
	return Finding{Finding: f}
}

// span is a time in ms as words for a sentence.
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

// Findings are the findings that need more than one record, in the order of arrival of
// the records they are about. over says that the recording has ended; until then, nothing
// is reported missing that can still come.
func (j *Judge) Findings(over bool) (all []Finding) {
	if !over {
		j.Look()
		all = slices.Collect(j.All())
	} else {
		for _, u := range j.units {
			found, _ := j.verdicts(u, over)
			all = append(all, found...)
		}
	}
	slices.SortFunc(all, byOrder)
	return all
}

// verdicts returns the findings on a unit.
func (j *Judge) verdicts(u unit, over bool) (found []Finding, open []unsettled) {
	found, open = u.judge(j, over)
	return unlessOff(found), open
}

// unlessOff drops the findings of rules that the plan has switched off.
func unlessOff(found []Finding) []Finding {
	return slices.DeleteFunc(found, func(f Finding) bool { return f.Severity == "" })
}

func byOrder(a, b Finding) int {
	return cmp.Or(
		cmp.Compare(a.order, b.order),
		b.Severity.Rank()-a.Severity.Rank(),
		cmp.Compare(a.At, b.At),
		cmp.Compare(a.Rule, b.Rule),
		cmp.Compare(a.Journey, b.Journey),
		cmp.Compare(a.Message, b.Message),
		cmp.Compare(a.URL, b.URL),
	)
}

// settle gives a finding the plan's severity, "" if the plan has switched its rule off,
// and keeps equal texts only once.
func (j *Judge) settle(f Finding) Finding {
	for _, text := range []*string{&f.Message, &f.Expected, &f.Actual, &f.Demand} {
		*text = j.texts.same(*text)
	}
	var off bool
	if f.Severity, off = j.severity(f.Rule, f.URL, f.Severity); off {
		f.Severity = ""
	}
	return f
}

// severity is what the plan makes of a rule's severity on a page; off is true where it has
// switched the rule off. What has no address belongs to no page, and the plan's severity
// applies to it on whatever site.
func (j *Judge) severity(rule, url string, usual record.Severity) (s record.Severity, off bool) {
	if url != "" && !j.plan.OnSite(url) {
		return usual, false
	}
	return j.plan.Severity(rule, usual)
}
