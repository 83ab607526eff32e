package journey

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/plan"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/words"
)

// Accepted is a finding that the plan bears for a while.
type Accepted struct {
	Finding
	By *plan.Acceptance
}

// Accept takes out of what was found in a whole recording what a plan accepts at a
// time. What it accepted until then, and what it accepts in vain, is told of.
func Accept(p *plan.Plan, found []Finding, now time.Time) (open []Finding, accepted []Accepted) {
	if p == nil || len(p.Accept) == 0 {
		return found, nil
	}
	matched := make([]int, len(p.Accept))
	for _, f := range found {
		for i := range p.Accept {
			if (f.URL == "" || p.OnSite(f.URL)) && p.Accept[i].Matches(f.Rule, f.At, f.Event) {
				matched[i]++
			}
		}
		if by := p.Accepting(f.Rule, f.At, f.Event, f.URL, now); by != nil {
			accepted = append(accepted, Accepted{f, by})
		} else {
			open = append(open, f)
		}
	}
	for i, a := range p.Accept {
		if f, told := expired(a, matched[i], now); told {
			usual := f.Severity
			var off bool
			if f.Severity, off = p.Severity(f.Rule, usual); !off {
				open = append(open, f)
			}
		}
	}
	return open, accepted
}

// expired says of an acceptance that its time is over, or that nothing is left to
// accept.
func expired(a plan.Acceptance, matched int, now time.Time) (f Finding, told bool) {
	what := a.Rule
	if a.Event != "" {
		what += " in " + words.Short(a.Event)
	}
	if a.At != "" {
		what += " at " + words.Short(a.At)
	}
	last := a.Last()
	f = Finding{Event: a.Event, Finding: record.Finding{Rule: inspect.AcceptedExpired, At: a.At, Demand: a.Source, Actual: words.Plural(matched, "finding")}}
	switch {
	case matched == 0:
		f.Severity = record.Info
		f.Expected = "something to accept"
		f.Message = fmt.Sprintf("The plan accepts %s until %s, but there is nothing of it any more. Take it out of the plan, unless this recording only did not come that far.", what, last)
	case !now.Before(a.Until):
		f.Severity = record.Error
		f.Expected = "nothing after " + last
		f.Message = fmt.Sprintf("The plan accepted %s until %s, which is over, and it is still found %s. Mend it, or accept it for longer.", what, last, times(matched))
	default:
		return f, false
	}
	if a.Because != "" {
		f.Message += " It was accepted because: " + strings.TrimRight(words.OneLine(a.Because), ".") + "."
	}
	return f, true
}

// Acceptances are what would accept findings until a day, each once and sorted.
func Acceptances(found []Finding, until time.Time) []plan.Acceptance {
	var all []plan.Acceptance
	for _, f := range found {
		if f.Severity == record.Info || f.Rule == inspect.AcceptedExpired {
			continue
		}
		a := plan.Acceptance{Rule: f.Rule, At: plan.AnyElement(f.At), Event: f.Event, Until: until}
		if !slices.Contains(all, a) {
			all = append(all, a)
		}
	}
	slices.SortFunc(all, plan.Acceptance.Compare)
	return all
}
