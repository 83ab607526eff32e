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

// Accepted is a finding that the plan accepts for now, and the acceptance.
type Accepted struct {
	Finding
	By *plan.Acceptance
}

// Accept splits the findings on a whole recording into those that a plan accepts at the
// time now and the others. It adds findings on acceptances that have expired and on those
// that match nothing.
func Accept(p *plan.Plan, found []Finding, now time.Time) (open []Finding, accepted []Accepted) {
	a := NewAccepting(p, now)
	if !a.Any() {
		return found, nil
	}
	for _, f := range found {
		if by := a.By(f); by != nil {
			accepted = append(accepted, Accepted{f, by})
		} else {
			open = append(open, f)
		}
	}
	return append(open, a.Expired()...), accepted
}

// Accepting looks up, for one finding after the other, the acceptance that covers it at a
// fixed time.
type Accepting struct {
	plan    *plan.Plan
	now     time.Time
	matched []int // how many findings each acceptance has covered
}

// NewAccepting makes an Accepting without findings so far. The plan may be nil.
func NewAccepting(p *plan.Plan, now time.Time) *Accepting {
	a := &Accepting{plan: p, now: now}
	if p != nil {
		a.matched = make([]int, len(p.Accept))
	}
	return a
}

// Any tells whether the plan accepts anything.
func (a *Accepting) Any() bool { return len(a.matched) > 0 }

// Clone is a copy with its own counts.
func (a *Accepting) Clone() *Accepting {
	return &Accepting{a.plan, a.now, slices.Clone(a.matched)}
}

// By returns the acceptance that covers the next finding, nil for none.
func (a *Accepting) By(f Finding) *plan.Acceptance {
	for i := range a.matched {
		if (f.URL == "" || a.plan.OnSite(f.URL)) && a.plan.Accept[i].Matches(f.Rule, f.At, f.Event) {
			a.matched[i]++
		}
	}
	return a.plan.Accepting(f.Rule, f.At, f.Event, f.URL, a.now)
}

// Changes is when the next acceptance expires, zero for never.
func (a *Accepting) Changes() (next time.Time) {
	for i := range a.matched {
		if until := a.plan.Accept[i].Until; a.now.Before(until) && (next.IsZero() || until.Before(next)) {
			next = until
		}
	}
	return next
}

// Expired returns, after all findings were passed to By, findings on the acceptances that
// have expired and on those that matched nothing.
func (a *Accepting) Expired() (all []Finding) {
	for i := range a.matched {
		f, told := expired(a.plan.Accept[i], a.matched[i], a.now)
		if !told {
			continue
		}
		usual := f.Severity
		var off bool
		if f.Severity, off = a.plan.Severity(f.Rule, usual); !off {
			all = append(all, f)
		}
	}
	return all
}

// expired is the finding that an acceptance has expired, or that it matches nothing any
// more. told is false if neither is the case.
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
		f.Message = fmt.Sprintf("The plan accepted %s until %s, which is over, and it is still found %s. Mend it, or accept it for longer.", what, last, words.Times(matched))
	default:
		return f, false
	}
	if a.Because != "" {
		f.Message += " It was accepted because: " + strings.TrimRight(words.OneLine(a.Because), ".") + "."
	}
	return f, true
}

// Acceptances are the acceptances that would cover these findings until a day, sorted and
// without doubles.
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
