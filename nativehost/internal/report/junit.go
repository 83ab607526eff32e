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

// The JUnit format has no standard. These elements, attributes and their order are allowed
// by Ant's schema and by both of Jenkins (its own and that of the xUnit plugin). GitLab and
// the reporters for GitHub read a part of them.
type junitSuites struct {
	XMLName xml.Name   `xml:"testsuites"`
	Suite   junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	ID         int             `xml:"id,attr"`
	Package    string          `xml:"package,attr"`
	Name       string          `xml:"name,attr"`
	Timestamp  string          `xml:"timestamp,attr"` // UTC without a zone, as in Ant's schema
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

// junitText is text with several lines.
type junitText struct {
	Text string `xml:",cdata"`
}

// maxJUnitPlaces is how many places of a complaint a failure lists.
const maxJUnitPlaces = 20

// JUnit writes r for continuous integration. There is a test for
//
//   - each rule: it passes, or there is a failure for each complaint with at least
//     severity failFrom ("" for no failures), and a skipped test for each that the plan
//     accepts
//   - each demand of the plan in each journey: it is skipped if it could not be judged,
//     and if it was not met but that is less severe than failFrom
//   - each simulated call: it fails unless the function returned
//
// If nothing was judged, that is an error, and no test passes. The output of the suite
// contains the whole report as text.
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
	suite.rules(r, failFrom)
	suite.unjudged(r)
	suite.outcomes(r, failFrom)
	suite.simulation(r)
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

// add adds a test and counts its result.
func (s *junitSuite) add(c junitCase) {
	c.Time = "0"
	switch {
	case c.Error != nil:
		s.Errors++
	case c.Skipped != nil:
		s.Skipped++
	case c.Failure != nil:
		s.Failures++
	}
	s.Cases = append(s.Cases, c)
}

// rules adds the tests of the rules.
func (s *junitSuite) rules(r *Report, failFrom record.Severity) {
	groups, accepted := r.groups(), r.accepted()
	for _, rule := range inspect.Rules() {
		class, passes := "userlike."+rule.On, true
		for _, a := range accepted {
			if a.Rule == rule.Name {
				passes = false
				s.add(junitCase{Class: class, Name: token(a.Head()), Skipped: skippedBy(a.By)})
			}
		}
		for _, g := range groups {
			if g.Rule == rule.Name && failFrom != "" && g.Severity.Rank() >= failFrom.Rank() {
				passes = false
				s.add(junitCase{Class: class, Name: token(g.Head()), Failure: failure(g)})
			}
		}
		if passes && len(r.Unjudged) == 0 {
			s.add(junitCase{Class: class, Name: rule.Name})
		}
	}
}

// unjudged adds an error for each reason why nothing was judged.
func (s *junitSuite) unjudged(r *Report) {
	for _, why := range r.Unjudged {
		why = sanitize.Line(why)
		s.add(junitCase{
			Class: "userlike.inspection",
			Name:  "the site was inspected",
			Error: &junitFailure{Type: "unjudged", Message: why, junitText: junitText{why}},
		})
	}
}

// outcomes adds the tests of the plan's demands.
func (s *junitSuite) outcomes(r *Report, failFrom record.Severity) {
	for _, o := range r.Outcomes {
		c := junitCase{Class: "userlike.plan", Name: token(demanded(o) + " in " + where(o))}
		switch by := r.acceptanceOf(o); {
		case o.State == journey.Unjudged:
			c.Skipped = &junitSkipped{sanitize.Line(o.Why)}
		case o.State == journey.Missing && by != nil:
			c.Skipped = skippedBy(by)
		case o.State == journey.Missing && failFrom != "" && o.Severity.Rank() >= failFrom.Rank():
			c.Failure = &junitFailure{
				Type:      string(o.Severity),
				Message:   sanitize.Line(demanded(o) + ": " + o.Why),
				junitText: junitText{sanitize.Line("Demanded by: "+o.Source) + "\n"},
			}
		case o.State == journey.Missing: // it was not met, so it has not passed
			c.Skipped = &junitSkipped{sanitize.Line("missing, which is no failure here: " + o.Why)}
		}
		s.add(c)
	}
}

// simulation adds the tests of the simulated calls.
func (s *junitSuite) simulation(r *Report) {
	for _, f := range r.Simulation {
		c := junitCase{Class: "userlike.simulation", Name: token(f.Event + " " + string(f.Variant))}
		if f.Outcome != wire.Returned {
			what := sanitize.Line(strings.TrimSuffix(string(f.Outcome)+": "+f.Threw, ": "))
			c.Failure = &junitFailure{Type: "error", Message: what, junitText: junitText{what}}
		}
		s.add(c)
	}
}

// skippedBy says of a test that it is skipped because the plan accepts the failure.
func skippedBy(by *plan.Acceptance) *junitSkipped {
	return &junitSkipped{sanitize.Line("accepted by the plan until " + by.Last() + by.Why())}
}

// token is text with single spaces and none at its ends, as some readers want names.
func token(s string) string { return strings.Join(strings.Fields(sanitize.Line(s)), " ") }

// failure is the failure of a complaint, with the places where it was found.
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
