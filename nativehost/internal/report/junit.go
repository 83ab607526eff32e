package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/plan"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/sanitize"
	"userlike-inspector/nativehost/internal/wire"
)

// The elements, and their attributes and order, are those that Ant's schema and
// both of Jenkins' (its own and the xUnit plugin's) have in common; GitLab and
// GitHub's reporters read a part of that. There is no other standard of it.
type junitSuites struct {
	XMLName xml.Name   `xml:"testsuites"`
	Suite   junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	ID         int             `xml:"id,attr"`
	Package    string          `xml:"package,attr"`
	Name       string          `xml:"name,attr"`
	Timestamp  string          `xml:"timestamp,attr"` // UTC, without its zone: so Ant has it
	Hostname   string          `xml:"hostname,attr"`
	Tests      int             `xml:"tests,attr"`
	Failures   int             `xml:"failures,attr"`
	Errors     int             `xml:"errors,attr"`
	Skipped    int             `xml:"skipped,attr,omitempty"`
	Time       string          `xml:"time,attr"` // s
	Properties []junitProperty `xml:"properties>property"`
	Cases      []junitCase     `xml:"testcase"`
	Out        junitText       `xml:"system-out"`
	Err        junitText       `xml:"system-err"`
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	Time    string        `xml:"time,attr"`
	Error   *junitFailure `xml:"error"`
	Skipped *junitSkipped `xml:"skipped"`
	Failure *junitFailure `xml:"failure"`
}

type junitSkipped struct {
	Message string `xml:",chardata"`
}

type junitFailure struct {
	Type    string `xml:"type,attr"`
	Message string `xml:"message,attr"`
	junitText
}

// junitText is text that keeps its lines to the eye.
type junitText struct {
	Text string `xml:",cdata"`
}

// maxJUnitPlaces bounds how many places of a complaint a failure lists.
const maxJUnitPlaces = 20

// JUnit writes r for continuous integration: every rule is a test that passes,
// or one failure for each complaint by it from severity failFrom on ("" is for no
// failures), and one that is skipped for each that the plan accepts. Everything that the plan demands is a test as well,
// for each journey, which is skipped where that could not be judged. Every simulated
// call is a test, which fails unless the function returned. Where nothing was judged, that is an error, and no test passes. The
// whole report is in the suite's output.
func (r *Report) JUnit(w io.Writer, failFrom record.Severity) error {
	suite := junitSuite{
		Package: "userlike", Name: "Userlike tracking", Hostname: "localhost",
		Timestamp: r.First.UTC().Format("2006-01-02T15:04:05"), Time: fmt.Sprintf("%.3f", r.Last.Sub(r.First).Seconds()),
	}
	if r.First.IsZero() {
		suite.Timestamp = r.Made.UTC().Format("2006-01-02T15:04:05")
	}
	for _, f := range r.fields() {
		suite.Properties = append(suite.Properties, junitProperty{f.Name, strings.Join(lines(f.Values), ", ")})
	}
	groups, accepted := r.groups(), r.accepted()
	for _, rule := range inspect.Rules() {
		passes := true
		for _, b := range accepted {
			if b.Rule == rule.Name {
				passes = false
				suite.Skipped++
				suite.Cases = append(suite.Cases, junitCase{Class: "userlike." + rule.On, Name: token(b.Head()), Time: "0", Skipped: bears(b.By)})
			}
		}
		for _, g := range groups {
			if g.Rule != rule.Name || failFrom == "" || g.Severity.Rank() < failFrom.Rank() {
				continue
			}
			passes = false
			suite.Failures++
			suite.Cases = append(suite.Cases, junitCase{
				Class: "userlike." + rule.On, Name: token(g.Head()), Time: "0", Failure: failure(g),
			})
		}
		if passes && len(r.Unjudged) == 0 {
			suite.Cases = append(suite.Cases, junitCase{Class: "userlike." + rule.On, Name: rule.Name, Time: "0"})
		}
	}
	for _, why := range r.Unjudged {
		why = sanitize.Line(why)
		suite.Errors++
		suite.Cases = append(suite.Cases, junitCase{
			Class: "userlike.inspection", Name: "the site was inspected", Time: "0",
			Error: &junitFailure{Type: "unjudged", Message: why, junitText: junitText{why}},
		})
	}
	for _, o := range r.Outcomes {
		c := junitCase{Class: "userlike.plan", Name: token(demanded(o) + " in " + where(o)), Time: "0"}
		switch {
		case o.State == journey.Unjudged:
			suite.Skipped++
			c.Skipped = &junitSkipped{sanitize.Line(o.Why)}
		case o.State == journey.Missing && r.bears(o) != nil:
			suite.Skipped++
			c.Skipped = bears(r.bears(o))
		case o.State == journey.Missing && failFrom != "" && o.Severity.Rank() >= failFrom.Rank():
			suite.Failures++
			c.Failure = &junitFailure{Type: string(o.Severity), Message: sanitize.Line(demanded(o) + ": " + o.Why), junitText: junitText{sanitize.Line("Demanded by: "+o.Source) + "\n"}}
		}
		suite.Cases = append(suite.Cases, c)
	}
	for _, f := range r.Simulation {
		c := junitCase{Class: "userlike.simulation", Name: token(f.Event + " " + string(f.Variant)), Time: "0"}
		if f.Outcome != wire.Returned {
			what := sanitize.Line(strings.TrimSuffix(string(f.Outcome)+": "+f.Threw, ": "))
			suite.Failures++
			c.Failure = &junitFailure{Type: "error", Message: what, junitText: junitText{what}}
		}
		suite.Cases = append(suite.Cases, c)
	}
	suite.Tests = len(suite.Cases)
	var whole strings.Builder
	if err := r.Text(&whole, false); err != nil {
		return err
	}
	suite.Out.Text = whole.String()
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(junitSuites{Suite: suite}); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// bears says that the plan accepts what would fail.
func bears(by *plan.Acceptance) *junitSkipped {
	return &junitSkipped{sanitize.Line("accepted by the plan until " + by.Last() + by.Why())}
}

// token is text without white space at its ends and without runs of it.
func token(s string) string { return strings.Join(strings.Fields(sanitize.Line(s)), " ") }

func failure(g group) *junitFailure {
	var b strings.Builder
	add := func(name, text string) {
		if text != "" {
			fmt.Fprintf(&b, "%s: %s\n", name, sanitize.Line(text))
		}
	}
	fmt.Fprintf(&b, "%s\n", sanitize.Line(g.Message))
	add("Expected", g.Expected)
	add("Actual", g.Actual)
	add("Demanded by", g.Demand)
	for i, f := range g.All {
		if i == maxJUnitPlaces {
			fmt.Fprintf(&b, "… and %d more times\n", len(g.All)-i)
			break
		}
		if f.Record != "" {
			fmt.Fprintf(&b, "At %s  %s  %s\n", f.Time, sanitize.Line(f.URL), sanitize.Line(f.Record))
		} else {
			add("In journey", f.Journey)
		}
	}
	return &junitFailure{Type: string(g.Severity), Message: sanitize.Line(g.Message), junitText: junitText{b.String()}}
}
