package report

import (
	"fmt"
	"io"
	"strings"

	"userlike-inspector/nativehost/internal/sanitize"
)

// Text writes r for a person, complaints grouped, the worst first.
func (r *Report) Text(w io.Writer) error {
	var b strings.Builder
	for _, g := range r.groups() {
		f := g.first
		fmt.Fprintf(&b, "%-7s  %s", f.Severity, f.Rule)
		if f.Event != "" {
			fmt.Fprintf(&b, " in %s", sanitize.Line(f.Event))
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
		fmt.Fprintf(&b, "         First at %s  %s  %s\n\n", f.Time, sanitize.Line(f.URL), sanitize.Line(f.Record))
	}
	s := r.Summary
	fmt.Fprintf(&b, "%s: %s, %s, %s.\n", plural(s.Calls, "call"), plural(s.Error, "error"), plural(s.Warning, "warning"), fmt.Sprintf("%d info", s.Info))
	if s.Calls == 0 {
		fmt.Fprintf(&b, "%s\n", r.silence())
	}
	_, err := io.WriteString(w, b.String())
	return err
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
