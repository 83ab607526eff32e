package report

import (
	"fmt"
	"io"
	"strings"

	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/sanitize"
)

// Text writes r for a person, complaints grouped, the worst first.
func (r *Report) Text(w io.Writer) error {
	var b strings.Builder
	for _, g := range r.groups() {
		f := g.first
		fmt.Fprintf(&b, "%-7s  %s", f.Severity, f.Rule)
		if f.Event != "" {
			in := "in"
			if f.Record == "" {
				in = "of" // it is the event that is missing
			}
			fmt.Fprintf(&b, " %s %s", in, sanitize.Line(f.Event))
		}
		if f.At != "" {
			fmt.Fprintf(&b, " at %s", sanitize.Line(f.At))
		}
		if g.count > 1 {
			fmt.Fprintf(&b, "  (%d times)", g.count)
		}
		fmt.Fprintf(&b, "\n         %s\n", sanitize.Line(f.Message))
		if f.Demand != "" {
			fmt.Fprintf(&b, "         Demanded by %s.\n", sanitize.Line(f.Demand))
		}
		if f.Record == "" {
			b.WriteByte('\n')
			continue
		}
		fmt.Fprintf(&b, "         First at %s  %s  %s\n\n", f.Time, sanitize.Line(f.URL), sanitize.Line(f.Record))
	}
	r.consent(&b)
	s := r.Summary
	fmt.Fprintf(&b, "%s: %s, %s, %s.\n", plural(s.Calls, "call"), plural(s.Error, "error"), plural(s.Warning, "warning"), fmt.Sprintf("%d info", s.Info))
	if s.Calls == 0 {
		fmt.Fprintf(&b, "%s\n", r.silence())
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// consent tells, journey by journey, what was sent before the contact agreed.
func (r *Report) consent(b *strings.Builder) {
	if len(r.Consents) == 0 {
		return
	}
	b.WriteString("Consent\n")
	for _, c := range r.Consents {
		fmt.Fprintf(b, "  %s\n", sanitize.Line(c.Journey))
		if c.Agreed == nil {
			fmt.Fprintf(b, "    %s never came\n", sanitize.Line(c.Event))
		} else {
			fmt.Fprintf(b, "    %s at %s  %s\n", sanitize.Line(c.Event), c.Agreed.Time, sanitize.Line(c.Agreed.Record))
		}
		for _, s := range c.Before {
			sent(b, "before", s)
		}
		for _, s := range c.After {
			sent(b, "after", s)
		}
	}
	b.WriteByte('\n')
}

func sent(b *strings.Builder, when string, s journey.Sent) {
	fmt.Fprintf(b, "    %-6s  %s in %s, first at %s  %s\n", when, sanitize.Line(s.What), plural(s.Calls, "call"), s.First.Time, sanitize.Line(s.First.Record))
}

// silence says why there may be no calls, from how far things got.
func (r *Report) silence() string {
	s := r.Summary
	switch {
	case s.Pages == 0:
		return "No page was seen: the extension was not running in the browser, or recorded to another store."
	case s.Clients == 0:
		return fmt.Sprintf("The Userlike client was in none of the %s: is the widget on this page, and is it not blocked?", plural(s.Pages, "page"))
	case s.Handlers == 0:
		return "The Userlike client was there, but the site defined no userlikeTrackingEvent for it to call."
	}
	return "The Userlike client and the site's userlikeTrackingEvent were there, but it was not called."
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
