package report

import (
	"fmt"
	"io"
	"strings"

	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/sanitize"
	"userlike-inspector/nativehost/internal/words"
)

// maxTextEvents is how many events of a journey the text report shows.
const maxTextEvents = 200

// Text writes r for a person: what must be known first, what was inspected, groups of
// complaints with the worst first, journeys, consent, coverage, and a summary at the end.
// With colour, for terminals, the text is the same.
func (r *Report) Text(w io.Writer, colour bool) error {
	t := textWriter{colour: colour}
	for _, line := range lines(r.top()) {
		t.line("%s", t.in("1", line))
	}
	t.heading("Inspected")
	for _, f := range r.fields() {
		t.line("  %-14s  %s", f.Name, strings.Join(lines(f.Values), ", "))
	}
	t.findings(r)
	t.accepted(r.accepted())
	t.outcomes(r)
	t.journeys(r.visits(maxTextEvents))
	t.forwarding(r)
	t.simulation(r.Simulation)
	t.consent(r.Consents)
	t.coverage(r.covered())
	t.line("")
	s := r.Summary
	sum := fmt.Sprintf("%s: %s.", words.Plural(s.Calls, "call"), s.counts())
	worst := r.Worst()
	if len(r.Unjudged) > 0 {
		sum, worst = "Not judged. "+sum, record.Error
	}
	t.line("%s", t.painted(worst, sum))
	_, err := io.WriteString(w, t.String())
	return err
}

// lines makes texts harmless.
func lines(all []string) []string { return each(all, sanitize.Line) }

// textWriter writes lines of text.
type textWriter struct {
	strings.Builder
	colour bool
}

func (t *textWriter) line(format string, args ...any) { fmt.Fprintf(t, format+"\n", args...) }

func (t *textWriter) heading(text string) {
	if t.Len() > 0 {
		t.line("")
	}
	t.line("%s", t.in("1", text))
}

// in is text in a colour, given as its number in ECMA-48.
func (t *textWriter) in(colour, text string) string {
	if !t.colour || colour == "" {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

// painted is text in the colour of a severity.
func (t *textWriter) painted(s record.Severity, text string) string {
	return t.in(map[record.Severity]string{record.Error: "1;31", record.Warning: "33", record.Info: "36", "": "32"}[s], text)
}

// findings writes what is wrong, the worst first.
func (t *textWriter) findings(r *Report) {
	groups := r.groups()
	if len(groups) == 0 {
		return
	}
	t.heading("Findings")
	for i, g := range groups {
		if i > 0 {
			t.line("")
		}
		t.complaint(g, r.Plan.Excerpt(g.Demand))
	}
}

// complaint writes a group of findings. excerpt is the plan's line that demands it, with a
// caret.
func (t *textWriter) complaint(g group, excerpt []string) {
	often := ""
	if n := len(g.All); n > 1 {
		often = fmt.Sprintf("  (%d times)", n)
	}
	t.line("%s  %s%s", t.painted(g.Severity, fmt.Sprintf("%-7s", g.Severity)), t.in("1", sanitize.Line(g.Head())), often)
	t.line("         %s", sanitize.Line(g.Message))
	if g.Demand != "" {
		t.line("         Demanded by %s.", sanitize.Line(g.Demand))
	}
	for _, line := range excerpt {
		t.line("         %s", sanitize.Line(line))
	}
	if g.Record != "" {
		t.line("         First at %s  %s  %s", g.Time, sanitize.Line(g.URL), sanitize.Line(g.Record))
	} else if g.Journey != "" {
		t.line("         First in journey %s", sanitize.Line(g.Journey))
	}
}

// accepted lists what the plan accepts.
func (t *textWriter) accepted(all []acceptedGroup) {
	if len(all) == 0 {
		return
	}
	t.heading("Accepted by the plan")
	for _, b := range all {
		because := ""
		if b.By.Because != "" {
			because = ", because: " + sanitize.Line(b.By.Because)
		}
		t.line("%s  %s, %s, until %s%s", fmt.Sprintf("%-7s", b.Severity), sanitize.Line(b.Head()), words.Times(len(b.All)), b.By.Last(), because)
		t.line("         %s", sanitize.Line(b.Message))
		t.line("         Accepted by %s.", sanitize.Line(b.By.Source))
	}
}

// maxTextOutcomes is how many outcomes the text report shows.
const maxTextOutcomes = 200

// outcomes writes the results of the plan's demands.
func (t *textWriter) outcomes(r *Report) {
	if len(r.Outcomes) == 0 {
		return
	}
	t.heading("Plan")
	t.line("  %s", r.outcomeCounts())
	colours := map[journey.State]string{journey.Met: "32", journey.Missing: "1;31", journey.Unjudged: "33"}
	for i, o := range r.standings() {
		if i == maxTextOutcomes {
			t.line("    … and %d more; --format json has them all", len(r.Outcomes)-i)
			break
		}
		why := ""
		if o.Why != "" {
			why = ": " + o.Why
		}
		t.line("    %s  %s in %s%s", t.in(colours[o.State], fmt.Sprintf("%-13s", o.State)), sanitize.Line(demanded(o)), sanitize.Line(where(o)), sanitize.Line(why))
	}
}

func (t *textWriter) journeys(visits []visit) {
	if len(visits) == 0 {
		return
	}
	t.heading("Journeys")
	for _, v := range visits {
		t.line("  %s  %s%s", sanitize.Line(v.ID), words.Plural(len(v.Calls), "call"), unless(v.Begun, ", begun before the recording"))
		for _, e := range v.Events {
			often := ""
			if e.Calls > 1 {
				often = fmt.Sprintf("  (%d times)", e.Calls)
			}
			rules := ""
			if s := e.Severity(); s != "" {
				rules = "  " + t.painted(s, fmt.Sprintf("%s: %s", s, strings.Join(e.Rules(), ", ")))
			}
			t.line("    %s  %s%s%s", e.Time, sanitize.Line(words.Shown(e.Event)), often, rules)
		}
		if v.Left > 0 {
			t.line("    … and %s; --format json has them all", words.Plural(v.Left, "more call"))
		}
	}
}

// unless is text, or "" if b is true.
func unless(b bool, text string) string {
	if b {
		return ""
	}
	return text
}

// consent writes, journey by journey, what was sent before the contact agreed.
func (t *textWriter) consent(all []journey.Consent) {
	if len(all) == 0 {
		return
	}
	t.heading("Consent")
	for _, c := range all {
		t.line("  %s", sanitize.Line(c.Journey))
		if c.Agreed == nil {
			t.line("    %s: %s", sanitize.Line(c.Event), c.Agreement())
		} else {
			t.line("    %s at %s  %s", sanitize.Line(c.Event), c.Agreed.Time, sanitize.Line(c.Agreed.Record))
		}
		for _, s := range c.Before {
			t.sent("before", s)
		}
		for _, s := range c.After {
			t.sent("after", s)
		}
		for _, s := range c.ForwardedBefore {
			t.sent("before", s)
		}
		for _, s := range c.ForwardedAfter {
			t.sent("after", s)
		}
	}
}

// whatAndTo is what was sent and, if it was forwarded, to which place.
func whatAndTo(s journey.Sent) string {
	if s.To != "" {
		return s.What + " to " + s.To
	}
	return s.What
}

// often is how often it was sent, in calls of the client or in hits.
func often(s journey.Sent) string {
	if s.To != "" {
		return words.Plural(s.Calls, "hit")
	}
	return words.Plural(s.Calls, "call")
}

// early is how long before the contact's consent that was, in words that follow a time.
func early(s journey.Sent) string {
	if s.Early == 0 {
		return ""
	}
	return ", " + s.Earlier()
}

func (t *textWriter) sent(when string, s journey.Sent) {
	found := ""
	if s.Found != nil {
		found = "  " + t.painted(s.Found.Severity, fmt.Sprintf("%s: %s", s.Found.Severity, s.Found.Rule))
	}
	t.line("    %-6s  %s in %s, first at %s%s  %s%s", when, sanitize.Line(whatAndTo(s)), often(s), s.First.Time, early(s), sanitize.Line(s.First.Record), found)
}

func (t *textWriter) coverage(c covered) {
	if len(c.Came)+len(c.Missed)+len(c.Undocumented) == 0 {
		return
	}
	t.heading("Coverage")
	t.line("  %d of %s came.", len(c.Came), words.Plural(len(c.Came)+len(c.Missed), "documented event"))
	for _, s := range c.Came {
		t.line("    %s", seen(s))
	}
	if len(c.Missed) > 0 {
		t.line("  Not seen:")
		var row string
		for _, s := range c.Missed {
			if len(row)+len(s.Event) > 90 {
				t.line("    %s", row)
				row = ""
			}
			row = strings.TrimSpace(row + "  " + s.Event)
		}
		t.line("    %s", row)
	}
	if len(c.Undocumented) > 0 {
		t.line("  Undocumented:")
		for _, s := range c.Undocumented {
			t.line("    %s", seen(s))
		}
	}
}

// seen is how often an event came, in words.
func seen(s journey.Seen) string {
	out := fmt.Sprintf("%-32s %s", sanitize.Line(words.Shown(s.Event)), words.Plural(s.Calls, "call"))
	if s.Invalid > 0 {
		out += fmt.Sprintf(", %d with errors of their own", s.Invalid)
	}
	return out
}
