package simulation

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/sanitize"
	"userlike-inspector/nativehost/internal/wire"
	"userlike-inspector/nativehost/internal/words"
)

// The defaults of a simulation.
const (
	Pause   = 100 * time.Millisecond // between two calls
	Timeout = 2 * time.Minute        // no call is made after this time
)

// Why no page was chosen. The text that follows these errors lists the open pages.
var (
	ErrNoPage     = errors.New("no page is open that is inspected and answers: open one, or reload it")
	ErrNoFunction = errors.New("no page has a userlikeTrackingEvent to call")
	ErrSeveral    = errors.New("several pages have the function")
)

// Choose returns the page that has the site's function, if there is exactly one.
func Choose(open []Page) (Page, error) {
	pages := slices.DeleteFunc(slices.Clone(open), func(p Page) bool { return !p.Handler })
	switch {
	case len(pages) == 1:
		return pages[0], nil
	case len(pages) > 1:
		return Page{}, fmt.Errorf("%w:%s", ErrSeveral, listed(pages))
	case len(open) == 0:
		return Page{}, ErrNoPage
	}
	return Page{}, fmt.Errorf("%w:%s\nCheck whether the script that defines it was allowed to run", ErrNoFunction, listed(open))
}

// PageOf is the page of a record: its document or, after a reload, the only page at the
// record's address that has the site's function.
func PageOf(r *record.Record, open []Page) (Page, error) {
	for _, p := range open {
		if p.Document == r.Document && p.Handler {
			return p, nil
		} else if p.Document == r.Document {
			return Page{}, p.unanswered()
		}
	}
	there := slices.DeleteFunc(slices.Clone(open), func(p Page) bool { return p.URL != r.URL || !p.Handler })
	switch len(there) {
	case 0:
		return Page{}, fmt.Errorf("%s is no longer open: open it again", words.Address(r.URL))
	case 1:
		return there[0], nil
	}
	return Page{}, fmt.Errorf("%w, and that of this call was closed: choose a call of one of them:%s", ErrSeveral, listed(there))
}

func listed(pages []Page) string {
	var b strings.Builder
	for _, p := range pages {
		fmt.Fprintf(&b, "\n  %s  (%s, tab %d)", sanitize.Line(words.Address(p.URL)), sanitize.Line(p.Browser.Name), p.Tab)
	}
	return b.String()
}

// Consequence says what will happen if calls are made in a page. The tester has to agree to
// it first.
func Consequence(page Page, calls []Call) string {
	says := fmt.Sprintf("%s will call its userlikeTrackingEvent %s. The site passes these on to its tracking systems like any other call.",
		sanitize.Line(words.Address(page.URL)), words.Times(len(calls)))
	if slices.ContainsFunc(calls, func(c Call) bool { return c.Variant == Recorded }) {
		says += " The values are the recorded ones, not a test's."
	}
	return says
}

// unanswered is the error for a page without the function.
func (p Page) unanswered() *Broken {
	return &Broken{words.Address(p.URL), "has no userlikeTrackingEvent to call; check whether the script that defines it was allowed to run"}
}

// missed is the error for results that show that the page had no function.
func (p Page) missed(results []Result) error {
	if slices.ContainsFunc(results, func(r Result) bool { return r.Outcome == wire.NoHandler }) {
		return p.unanswered()
	}
	return nil
}
