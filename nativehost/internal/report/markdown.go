package report

import (
	"fmt"
	"io"
	"strings"

	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/markdown"
	"userlike-inspector/nativehost/internal/words"
)

// A comment on GitHub can have 65 536 characters. Each section gets a part of these, in
// bytes. What does not fit is counted.
const (
	roomForFindings = 24 << 10
	roomForAccepted = 4 << 10
	roomForJourneys = 16 << 10
	roomForOutcomes = 4 << 10
	roomForConsent  = 6 << 10

	roomForForwarding = 4 << 10
	roomForSimulation = 8 << 10

	roomForCoverage = 6 << 10
	// maxMarkdownEvents is how many events of one journey are shown.
	maxMarkdownEvents = 40
)

// Markdown writes r for a ticket, in GitHub's flavour and small enough for GitHub. Nothing
// that a page sent can become structure, HTML, links or mentions.
func (r *Report) Markdown(w io.Writer) error {
	var m markdownPage
	m.line("# Userlike tracking: %s%s", unless(len(r.Unjudged) == 0, "not judged; "), r.Summary.counts())
	m.line("")
	for _, line := range r.top() {
		m.line("%s\n", markdown.Prose(line))
	}
	m.inspected(r)
	m.section("Findings", roomForFindings, each(r.groups(), markdownFinding))
	if len(r.Findings) == 0 && len(r.Unjudged) == 0 {
		m.line("Nothing was found to be wrong.")
		m.line("")
	}
	m.section("Accepted by the plan", roomForAccepted, each(r.accepted(), markdownAccepted))
	if len(r.Outcomes) > 0 {
		m.section("Plan", roomForOutcomes, append([]string{r.outcomeCounts() + "\n\n"}, each(r.standings(), markdownOutcome)...))
		m.line("")
	}
	m.section("Journeys", roomForJourneys, each(r.visits(maxMarkdownEvents), markdownVisit))
	m.forwarding(r)
	m.simulation(r.Simulation)
	m.section("Consent", roomForConsent, each(r.Consents, markdownConsent))
	m.coverage(r.covered())
	_, err := io.WriteString(w, strings.TrimRight(m.String(), "\n")+"\n")
	return err
}

// markdownPage writes lines of Markdown.
type markdownPage struct{ strings.Builder }

func (m *markdownPage) line(format string, args ...any) { fmt.Fprintf(m, format+"\n", args...) }

// section writes as many of the parts as fit into room, in bytes.
func (m *markdownPage) section(title string, room int, parts []string) {
	if len(parts) == 0 {
		return
	}
	m.line("## %s\n", title)
	for i, p := range parts {
		if room -= len(p); room < 0 {
			m.line("… and %d more: there is no room for them here; `--format html` or `json` shows them.\n", len(parts)-i)
			return
		}
		m.WriteString(p)
	}
}

func (m *markdownPage) inspected(r *Report) {
	m.line("| Inspected | |\n|---|---|")
	for _, f := range r.fields() {
		m.line("| %s | %s |", f.Name, strings.Join(each(f.Values, markdown.Cell), ", "))
	}
	m.line("| Calls | %d in %s |", r.Summary.Calls, words.Plural(r.Summary.Journeys, "journey"))
	if r.Summary.Hits > 0 {
		m.line("| Hits | %d |", r.Summary.Hits)
	}
	m.line("")
}

func markdownFinding(g group) string {
	var m markdownPage
	often := ""
	if n := len(g.All); n > 1 {
		often = fmt.Sprintf(" (%d times)", n)
	}
	m.line("### %s: %s%s\n", g.Severity, markdownHead(g), often)
	m.line("%s\n", markdown.Prose(g.Message))
	fact := func(name, text string) {
		if text != "" {
			m.line("- %s: %s", name, text)
		}
	}
	if g.Expected != "" {
		fact("Expected", markdown.Code(g.Expected))
		fact("Actual", markdown.Code(words.Shown(g.Actual)))
	}
	if g.Demand != "" {
		fact("Demanded by", markdown.Prose(g.Demand))
	}
	if g.Record != "" {
		fact("First at", fmt.Sprintf("%s, record %s", g.Time, markdown.Code(g.Record)))
		fact("Page", markdown.Code(words.Shown(g.URL)))
	} else if g.Journey != "" {
		fact("First in journey", markdown.Code(g.Journey))
	}
	m.line("")
	return m.String()
}

func markdownAccepted(b acceptedGroup) string {
	because := ""
	if b.By.Because != "" {
		because = ", because: " + markdown.Prose(b.By.Because)
	}
	return fmt.Sprintf("- %s: %s, %s, until %s%s\n", b.Severity, markdownHead(b.group), words.Times(len(b.All)), b.By.Last(), because)
}

func markdownHead(g group) string {
	head := markdown.Code(g.Rule)
	if g.Event != "" {
		in := " in "
		if g.Record == "" {
			in = " of "
		}
		head += in + markdown.Code(g.Event)
	}
	if g.At != "" {
		head += " at " + markdown.Code(g.At)
	}
	return head
}

func markdownOutcome(o journey.Outcome) string {
	why := ""
	if o.Why != "" {
		why = ": " + markdown.Prose(o.Why)
	}
	return fmt.Sprintf("- %s: %s in %s%s\n", o.State, markdown.Code(demanded(o)), markdown.Code(where(o)), why)
}

func markdownVisit(v visit) string {
	var m markdownPage
	m.line("### %s\n", markdown.Code(v.ID))
	m.line("%s%s\n", words.Plural(len(v.Calls), "call"), unless(v.Begun, ", begun before the recording"))
	m.line("| Time | Event | Found |\n|---|---|---|")
	for _, e := range v.Events {
		often, found := "", ""
		if e.Calls > 1 {
			often = fmt.Sprintf(" (%d times)", e.Calls)
		}
		if s := e.Severity(); s != "" {
			found = fmt.Sprintf("%s: %s", s, strings.Join(e.Rules(), ", "))
		}
		m.line("| %s | %s%s | %s |", e.Time, markdown.Cell(words.Shown(e.Event)), often, found)
	}
	if v.Left > 0 {
		m.line("\n… and %s.", words.Plural(v.Left, "more call"))
	}
	m.line("")
	return m.String()
}

func markdownConsent(c journey.Consent) string {
	var m markdownPage
	agreed := c.Agreement()
	if c.Agreed != nil {
		agreed = fmt.Sprintf("came at %s, record %s", c.Agreed.Time, markdown.Code(c.Agreed.Record))
	}
	m.line("- %s: %s %s", markdown.Code(c.Journey), markdown.Code(c.Event), agreed)
	sent := func(when string, all []journey.Sent) {
		for _, s := range all {
			what, found := markdown.Code(s.What), ""
			if s.To != "" {
				what += " to " + markdown.Code(s.To)
			}
			if s.Found != nil {
				found = fmt.Sprintf(" (%s: %s)", s.Found.Severity, s.Found.Rule)
			}
			m.line("  - %s: %s in %s, first at %s%s, record %s%s", when, what, often(s), s.First.Time, early(s), markdown.Code(s.First.Record), found)
		}
	}
	sent("before", c.Before)
	sent("after", c.After)
	sent("before", c.ForwardedBefore)
	sent("after", c.ForwardedAfter)
	m.line("")
	return m.String()
}

func (m *markdownPage) coverage(c covered) {
	if len(c.Came)+len(c.Missed)+len(c.Undocumented) == 0 {
		return
	}
	list := func(all []journey.Seen, count bool) string {
		parts, room := []string{}, roomForCoverage/2
		for i, s := range all {
			part := markdown.Code(words.Shown(s.Event))
			if count {
				part += fmt.Sprintf(" (%d)", s.Calls)
			}
			if room -= len(part); room < 0 {
				parts = append(parts, fmt.Sprintf("%d more", len(all)-i))
				break
			}
			parts = append(parts, part)
		}
		return strings.Join(parts, ", ")
	}
	m.line("## Coverage\n")
	m.line("%d of %s came.\n", len(c.Came), words.Plural(len(c.Came)+len(c.Missed), "documented event"))
	for _, part := range []struct {
		name  string
		all   []journey.Seen
		count bool
	}{{"Came", c.Came, true}, {"Not seen", c.Missed, false}, {"Undocumented", c.Undocumented, true}} {
		if len(part.all) > 0 {
			m.line("- %s: %s", part.name, list(part.all, part.count))
		}
	}
	m.line("")
}
