package report

import (
	"fmt"
	"io"
	"strings"

	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/sanitize"
	"userlike-inspector/nativehost/internal/words"
)

// A ticket at GitHub holds 65 536 characters. Each section has a part of that, in
// bytes; what does not fit is counted.
const (
	roomForFindings = 24 << 10
	roomForAccepted = 4 << 10
	roomForJourneys = 16 << 10
	roomForOutcomes = 4 << 10
	roomForConsent  = 6 << 10

	roomForForwarding = 4 << 10
	roomForSimulation = 8 << 10

	roomForCoverage = 6 << 10
	// maxMarkdownEvents bounds how many events of one journey are shown.
	maxMarkdownEvents = 40
	// maxMarkdownText bounds one text, in characters.
	maxMarkdownText = 600
)

// Markdown writes r for a ticket, in GitHub's flavour and small enough for it.
// Nothing that a page sent can make structure, HTML, links or mentions of it.
func (r *Report) Markdown(w io.Writer) error {
	var m markdown
	m.line("# Userlike tracking: %s%s", unless(len(r.Unjudged) == 0, "not judged; "), r.Summary.counts())
	m.line("")
	for _, line := range r.top() {
		m.line("%s\n", prose(line))
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

// markdown writes lines of Markdown.
type markdown struct{ strings.Builder }

func (m *markdown) line(format string, args ...any) { fmt.Fprintf(m, format+"\n", args...) }

// section writes as many of the parts as there is room for.
func (m *markdown) section(title string, room int, parts []string) {
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

func (m *markdown) inspected(r *Report) {
	m.line("| Inspected | |\n|---|---|")
	for _, f := range r.fields() {
		m.line("| %s | %s |", f.Name, strings.Join(each(f.Values, cell), ", "))
	}
	m.line("| Calls | %d in %s |", r.Summary.Calls, words.Plural(r.Summary.Journeys, "journey"))
	if r.Summary.Hits > 0 {
		m.line("| Hits | %d |", r.Summary.Hits)
	}
	m.line("")
}

func markdownFinding(g group) string {
	var m markdown
	often := ""
	if n := len(g.All); n > 1 {
		often = fmt.Sprintf(" (%d times)", n)
	}
	m.line("### %s: %s%s\n", g.Severity, markdownHead(g), often)
	m.line("%s\n", prose(g.Message))
	fact := func(name, text string) {
		if text != "" {
			m.line("- %s: %s", name, text)
		}
	}
	if g.Expected != "" {
		fact("Expected", code(g.Expected))
		fact("Actual", code(words.Shown(g.Actual)))
	}
	if g.Demand != "" {
		fact("Demanded by", prose(g.Demand))
	}
	if g.Record != "" {
		fact("First at", fmt.Sprintf("%s, record %s", g.Time, code(g.Record)))
		fact("Page", code(words.Shown(g.URL)))
	} else if g.Journey != "" {
		fact("First in journey", code(g.Journey))
	}
	m.line("")
	return m.String()
}

func markdownAccepted(b borne) string {
	because := ""
	if b.By.Because != "" {
		because = ", because: " + prose(b.By.Because)
	}
	return fmt.Sprintf("- %s: %s, %s, until %s%s\n", b.Severity, markdownHead(b.group), words.Times(len(b.All)), b.By.Last(), because)
}

func markdownHead(g group) string {
	head := code(g.Rule)
	if g.Event != "" {
		in := " in "
		if g.Record == "" {
			in = " of "
		}
		head += in + code(g.Event)
	}
	if g.At != "" {
		head += " at " + code(g.At)
	}
	return head
}

func markdownOutcome(o journey.Outcome) string {
	why := ""
	if o.Why != "" {
		why = ": " + prose(o.Why)
	}
	return fmt.Sprintf("- %s: %s in %s%s\n", o.State, code(demanded(o)), code(where(o)), why)
}

func markdownVisit(v visit) string {
	var m markdown
	m.line("### %s\n", code(v.ID))
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
		m.line("| %s | %s%s | %s |", e.Time, cell(words.Shown(e.Event)), often, found)
	}
	if v.Left > 0 {
		m.line("\n… and %s.", words.Plural(v.Left, "more call"))
	}
	m.line("")
	return m.String()
}

func markdownConsent(c journey.Consent) string {
	var m markdown
	agreed := c.Agreement()
	if c.Agreed != nil {
		agreed = fmt.Sprintf("came at %s, record %s", c.Agreed.Time, code(c.Agreed.Record))
	}
	m.line("- %s: %s %s", code(c.Journey), code(c.Event), agreed)
	sent := func(when string, all []journey.Sent) {
		for _, s := range all {
			what, found := code(s.What), ""
			if s.To != "" {
				what += " to " + code(s.To)
			}
			if s.Found != nil {
				found = fmt.Sprintf(" (%s: %s)", s.Found.Severity, s.Found.Rule)
			}
			m.line("  - %s: %s in %s, first at %s%s, record %s%s", when, what, often(s), s.First.Time, early(s), code(s.First.Record), found)
		}
	}
	sent("before", c.Before)
	sent("after", c.After)
	sent("before", c.ForwardedBefore)
	sent("after", c.ForwardedAfter)
	m.line("")
	return m.String()
}

func (m *markdown) coverage(c covered) {
	if len(c.Came)+len(c.Missed)+len(c.Undocumented) == 0 {
		return
	}
	list := func(all []journey.Seen, count bool) string {
		parts, room := []string{}, roomForCoverage/2
		for i, s := range all {
			part := code(words.Shown(s.Event))
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

// code is text as a code span, in which nothing has a meaning. Not within tables.
func code(s string) string {
	s = sanitize.Line(words.Clip(s, maxMarkdownText))
	if strings.TrimSpace(s) == "" {
		return "(none)"
	}
	longest, run := 0, 0
	for i := range len(s) {
		run++
		if s[i] != '`' {
			run = 0
		}
		longest = max(longest, run)
	}
	fence := strings.Repeat("`", longest+1)
	if strings.ContainsAny(s[:1]+s[len(s)-1:], "` ") {
		s = " " + s + " "
	}
	return fence + s + fence
}

// cell is text for a table: its columns are told apart before code spans are.
func cell(s string) string {
	if strings.ContainsAny(s, `|\`) {
		return prose(s)
	}
	return code(s)
}

// prose is text as running text. A zero-width space stands where GitHub and GitLab
// would make links and mentions of plain text: after @, #, ! and before "//".
func prose(s string) string {
	var b strings.Builder
	s = sanitize.Line(words.Clip(s, maxMarkdownText))
	for i, r := range s {
		switch {
		case strings.ContainsRune("@#!$&%~", r):
			fmt.Fprintf(&b, "&#%d;&#8203;", r)
		case strings.ContainsRune("\\`*[]<>|", r),
			r == '_' && !within(s, i), // within a word it is only itself
			i == 0 && !isLetter(r):    // else "1." or "-" might begin a list
			fmt.Fprintf(&b, "&#%d;", r)
		case r == ':' && strings.HasPrefix(s[i:], "://"):
			b.WriteString(":&#8203;")
		case r == '.' && i >= 3 && strings.EqualFold(s[i-3:i], "www"):
			b.WriteString("&#8203;.")
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// within tells whether letters or digits are on both sides of a byte of s.
func within(s string, i int) bool {
	word := func(c byte) bool { return isLetter(rune(c)) || c >= '0' && c <= '9' }
	return i > 0 && i+1 < len(s) && word(s[i-1]) && word(s[i+1])
}

func isLetter(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r > 0x7f }
