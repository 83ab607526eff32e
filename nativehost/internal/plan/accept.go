package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"userlike-inspector/nativehost/internal/words"
	"userlike-inspector/schema"
)

// Acceptance is a known finding that the plan accepts until a date, so that it does
// not fail a check meanwhile.
type Acceptance struct {
	Rule    string
	At      string    // the finding's JSON Pointer, in which "*" is any member; "" for any place
	Event   string    // the finding's event, "" for any
	Until   time.Time // it ends then: at the end, in UTC, of the day that the plan names
	Because string    // "" where the plan does not say
	Source  string    // where it is written
}

// Matches tells whether it is about a finding.
func (a *Acceptance) Matches(rule, at, event string) bool {
	if a.Rule != rule || a.Event != "" && a.Event != event {
		return false
	}
	if a.At == "" || a.At == at {
		return true
	}
	want, _ := schema.Tokens(a.At)
	is, _ := schema.Tokens(at)
	return slices.EqualFunc(want, is, func(w, i string) bool { return w == "*" || w == i })
}

// Last is the last day on which it counts.
func (a *Acceptance) Last() string { return a.Until.AddDate(0, 0, -1).Format(time.DateOnly) }

// Why is the plan's reason, written so that it can follow other words; "" for none.
func (a *Acceptance) Why() string {
	if a.Because == "" {
		return ""
	}
	return ", because: " + words.OneLine(a.Because)
}

// Accepting returns the acceptance that covers a finding on a page at the time now, nil
// for none.
func (p *Plan) Accepting(rule, at, event, address string, now time.Time) *Acceptance {
	if p == nil || address != "" && !p.OnSite(address) {
		return nil
	}
	i := slices.IndexFunc(p.Accept, func(a Acceptance) bool { return now.Before(a.Until) && a.Matches(rule, at, event) })
	if i < 0 {
		return nil
	}
	return &p.Accept[i]
}

// AcceptedUntil is the time until which the plan accepts such a finding, zero if it
// does not accept it.
func (p *Plan) AcceptedUntil(rule, at, event, address string) (until time.Time) {
	if p == nil || address != "" && !p.OnSite(address) {
		return until
	}
	for _, a := range p.Accept {
		if a.Until.After(until) && a.Matches(rule, at, event) {
			until = a.Until
		}
	}
	return until
}

// Compare orders acceptances by what they are about.
func (a Acceptance) Compare(b Acceptance) int {
	return cmp.Or(strings.Compare(a.Rule, b.Rule), strings.Compare(a.Event, b.Event), strings.Compare(a.At, b.At))
}

// AnyElement replaces the numbers of array elements within custom_data by "*" in a
// JSON Pointer.
func AnyElement(at string) string {
	tokens, _ := schema.Tokens(at)
	for i := 2; i < len(tokens); i++ {
		if _, err := strconv.ParseUint(tokens[i], 10, 32); err == nil {
			tokens[i] = "*"
		}
	}
	return schema.Pointer(tokens...)
}

// AcceptanceList is a plan in YAML that contains only acceptances, for other plans to
// extend.
func AcceptanceList(all []Acceptance) string {
	var b strings.Builder
	b.WriteString(SchemaLine)
	b.WriteString("# What was found when this was written. A plan bears it by: extends: ./THIS-FILE\n")
	if len(all) == 0 {
		return b.String() + "accept: []\n"
	}
	b.WriteString("accept:\n")
	for _, a := range all {
		fmt.Fprintf(&b, "  - {rule: %s", a.Rule)
		if a.At != "" {
			fmt.Fprintf(&b, ", at: %s", strconv.Quote(a.At))
		}
		if a.Event != "" {
			fmt.Fprintf(&b, ", event: %s", strconv.Quote(a.Event))
		}
		fmt.Fprintf(&b, ", until: %s", a.Last())
		if a.Because != "" {
			fmt.Fprintf(&b, ", because: %s", strconv.Quote(a.Because))
		}
		b.WriteString("}\n")
	}
	return b.String()
}

// accept reads the plan's acceptances.
func (r *reader) accept() {
	list, _ := r.valueAt("/accept").([]any)
	for i := range list {
		at := "/accept/" + strconv.Itoa(i)
		a := Acceptance{
			Rule: r.text(at + "/rule"), At: r.text(at + "/at"), Event: r.text(at + "/event"), Because: r.text(at + "/because"), Source: r.at(at).String(),
		}
		until, err := time.Parse(time.DateOnly, r.text(at+"/until"))
		if err != nil {
			r.problem(r.at(at+"/until"), "%s is no day of the calendar; expected one such as 2027-03-01", words.Quote(r.text(at+"/until")))
		}
		a.Until = until.AddDate(0, 0, 1)
		r.plan.Accept = append(r.plan.Accept, a)
	}
}
