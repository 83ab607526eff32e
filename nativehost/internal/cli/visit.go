package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"userlike-inspector/nativehost/internal/browser"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/recording"
	"userlike-inspector/nativehost/internal/sanitize"
	"userlike-inspector/nativehost/internal/simulation"
	"userlike-inspector/nativehost/internal/store"
	"userlike-inspector/nativehost/internal/words"
)

// visit is one browser's of a headless inspection: what happened in it that the
// records don't tell.
type visit struct {
	browser string
	address string
	changed chan struct{} // gets a value after each happening

	mu         sync.Mutex
	simulation []simulation.Followed // with --simulate
	broken     string                // why not all of it was made

	opened   *browser.Happening // how the first page was, nil before that is known
	crashed  []string           // addresses of pages
	stuck    []string           // of those that did not answer at the end
	distinct []happened         // the others
	more     int                // so many were not kept
}

// happened is a happening and how often it came.
type happened struct {
	browser.Happening
	times int
}

// maxHappened bounds how many different happenings are kept: pages may have ever
// new dialogs.
const maxHappened = 50

func newVisit(name, address string) *visit {
	return &visit{browser: name, address: address, changed: make(chan struct{}, 1)}
}

// note takes in a happening.
func (v *visit) note(h browser.Happening) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.keep(h)
	select {
	case v.changed <- struct{}{}:
	default:
	}
}

func (v *visit) keep(h browser.Happening) {
	switch h.What {
	case browser.Opened, browser.Failed:
		v.opened = &h
		return
	case browser.Crashed:
		v.crashed = append(v.crashed, h.URL)
		return
	}
	for i, other := range v.distinct {
		if other.Happening == h {
			v.distinct[i].times++
			return
		}
	}
	if len(v.distinct) == maxHappened {
		v.more++
		return
	}
	v.distinct = append(v.distinct, happened{h, 1})
}

// over says whether nothing more can come.
func (v *visit) over() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.crashed) > 0 || v.opened != nil && v.opened.What == browser.Failed
}

// hangs notes which pages do not answer now, and tells whether any does not.
func (v *visit) hangs(stuck []string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.stuck = stuck
	return len(stuck) > 0
}

// isOpen says whether the first page has come, and not only as a server's way to
// ask for a password.
func (v *visit) isOpen() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.opened != nil && v.opened.What == browser.Opened && v.opened.Status != 401
}

// unjudged says why the visit shows nothing of the site, "" where it does.
// ending is how it ended, pages how many were seen.
func (v *visit) unjudged(ending string, died bool, pages int) string {
	v.mu.Lock()
	defer v.mu.Unlock()
	switch {
	case v.opened != nil && v.opened.What == browser.Failed:
		return fmt.Sprintf("%s could not open %s: %s%s%s", v.browser, words.Address(v.opened.URL), v.opened.Text, v.before(), remedy(v.opened.Text))
	case v.opened != nil && v.opened.Status == 401:
		return fmt.Sprintf("%s could not open %s: %s, the server asks for a user name and password. An address can carry them: https://NAME:PASSWORD@…",
			v.browser, words.Address(v.opened.URL), browser.StatusText(v.opened.Status))
	case len(v.crashed) > 0:
		return fmt.Sprintf("the page %s crashed in %s, so what it would still have sent is missing", words.Address(v.crashed[0]), v.browser)
	case len(v.stuck) > 0:
		return fmt.Sprintf("the page %s did not answer any more in %s, because a script in it ran without end, so what it would still have sent is missing", words.Address(v.stuck[0]), v.browser)
	case died:
		return v.browser + " ended by itself with the page open, so what that would still have sent is missing"
	case pages == 0 && v.opened == nil:
		return fmt.Sprintf("%s had not answered in %s before the visit ended: %s", words.Address(v.address), v.browser, ending)
	case pages == 0:
		return fmt.Sprintf("no page was seen in %s, though it has opened %s: the extension was not running there, or recorded to another store", v.browser, words.Address(v.opened.URL))
	}
	return ""
}

// before tells of the address that was tried first.
func (v *visit) before() string {
	if v.opened.Instead == "" {
		return ""
	}
	return fmt.Sprintf(" (and before that, %s)", words.Address(v.opened.Instead))
}

// remedy says what to do about a reason not to open a site.
func remedy(reason string) string {
	for _, sign := range []string{"CERT", "nssBadCert"} {
		if strings.Contains(reason, sign) {
			return "; --insecure accepts any certificate"
		}
	}
	return ""
}

// notes tell what happened, without the texts of dialogs where those are not to
// be handed on.
func (v *visit) notes(withTexts bool) []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	var all []string
	add := func(format string, args ...any) { all = append(all, v.browser+": "+fmt.Sprintf(format, args...)+".") }
	if o := v.opened; o != nil && o.What == browser.Opened {
		if o.Instead != "" {
			add("%s could not be opened (%s), so %s was", words.Address(o.Instead), o.Text, words.Address(o.URL))
		}
		if o.Status >= 400 && o.Status != 401 {
			add("%s came with an error, %s; what was inspected is the page that came with it", words.Address(o.URL), browser.StatusText(o.Status))
		}
	}
	for _, h := range v.distinct {
		often := ""
		if h.times > 1 {
			often = fmt.Sprintf(", %s", words.Times(h.times))
		}
		add("%s%s", told(h.Happening, withTexts), often)
	}
	if v.more > 0 {
		add("%s, which are not listed", words.Plural(v.more, "more question"))
	}
	return all
}

// told says what happened and how it was answered.
func told(h browser.Happening, withText bool) string {
	switch h.What {
	case browser.Dialog:
		said := ""
		if withText {
			said = fmt.Sprintf(" that says “%s”", words.Short(h.Text))
		}
		return fmt.Sprintf("%s showed a dialog (%s)%s; it was answered with %s", words.Address(h.URL), h.Dialog, said, h.Answer)
	case browser.Login:
		return words.Address(h.URL) + " asked for a user name and password, and got none"
	case browser.Permission:
		return fmt.Sprintf("%s asked its user to allow %s, which was refused", words.Address(h.URL), words.Short(h.Text))
	}
	return fmt.Sprintf("%s is a file to be saved (%s), which it was not", words.Address(h.URL), words.Short(h.Text))
}

// firstRecord is how long a page that is being opened may take to say so. Only
// then silence is counted: a slow machine is not a silent site.
const firstRecord = 30 * time.Second

// mostBusy is how long a visit that ends with silence waits for it.
func mostBusy(untilIdle time.Duration) time.Duration { return max(time.Minute, 6*untilIdle) }

// wait returns how the visit ended: its time is up, nothing came for long enough
// after row last, nothing can come any more, the browser has gone or ctx has ended.
// A page that is stuck is not silent: stuck gives the addresses of those.
func (o *inspection) wait(ctx context.Context, s *store.Store, last int64, gone <-chan struct{}, v *visit, stuck func(context.Context) []string, told *progress) (ending string, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var idle <-chan time.Time
	length, up := o.length, fmt.Sprintf("its time (--for %v) was up", o.length)
	var quiet *time.Timer
	if o.untilIdle > 0 {
		quiet = time.NewTimer(max(o.untilIdle, firstRecord))
		defer quiet.Stop()
		idle = quiet.C
		if length == 0 {
			length = mostBusy(o.untilIdle)
			up = fmt.Sprintf("records kept coming for %v, so that it would not have become idle; --for says how long to stay", length)
		}
	}
	timeUp := time.NewTimer(length)
	defer timeUp.Stop()
	changes, err := s.Follow(ctx)
	if err != nil {
		return "", err
	}
	seen := false
	for {
		select {
		case <-ctx.Done():
			return "it was interrupted", nil
		case <-gone:
			return "its last page closed itself", nil
		case <-timeUp.C:
			if v.hangs(stuck(ctx)) {
				return "its time was up, and a script in a page ran without end", nil
			}
			return up, nil
		case <-idle:
			if v.hangs(stuck(ctx)) {
				quiet.Reset(o.untilIdle)
				continue
			}
			if !seen {
				return fmt.Sprintf("nothing came for %v", max(o.untilIdle, firstRecord)), nil
			}
			return fmt.Sprintf("nothing came for %v", o.untilIdle), nil
		case <-v.changed:
			if v.over() {
				return "nothing more can come", nil
			}
			if quiet != nil && seen {
				quiet.Reset(o.untilIdle)
			}
			told.say(v)
		case _, open := <-changes:
			if !open {
				return "it was interrupted", nil
			}
			row, err := s.Last(ctx)
			if err != nil {
				return "", err
			}
			if row > last { // a wake may be for housekeeping alone
				last, seen = row, true
				if quiet != nil {
					quiet.Reset(o.untilIdle)
				}
				if err := told.show(ctx); err != nil && ctx.Err() == nil {
					return "", err
				}
			}
		}
	}
}

// pagesAfter counts the pages that were opened after a row of the store.
func pagesAfter(ctx context.Context, s *store.Store, after int64) (pages int, err error) {
	err = recording.EachAfter(ctx, s, after, func(r *record.Record) error {
		if r.Kind == record.Page && r.Event == record.Opened {
			pages++
		}
		return nil
	})
	return pages, err
}

// visit has one browser on the site for as long as is asked for. It says why
// that showed nothing, and whether the site was seen at all.
func (a *app) visit(ctx context.Context, o *inspection, s *store.Store, b browser.Browser, target target) (v *visit, unjudged string, seen bool, err error) {
	before, err := s.Last(ctx)
	if err != nil {
		return nil, "", false, err
	}
	v = newVisit(b.Name, target.url)
	session, ends, err := a.open(ctx, o, s, b, target, v.note)
	if err != nil {
		return nil, "", false, err
	}
	progress := newProgress(a.screen, b.Name, s, before)
	began := a.now()
	var ending string
	var waitErr error
	if o.simulate {
		ending, waitErr = a.simulateVisit(ctx, s, before, session.Done(), v, o.plan, progress)
	} else {
		ending, waitErr = o.wait(ctx, s, before, session.Done(), v, session.Stuck, progress)
	}
	died := false
	select {
	case <-session.Done():
		died = session.Died()
	default:
	}
	// Closing comes first: a page's last calls are made while it goes.
	closeErr := session.Close()
	ctx = context.WithoutCancel(ctx)
	progressErr := progress.end(ctx)
	ends.complain(a.stderr)
	pages, pagesErr := pagesAfter(ctx, s, before)
	if err := errors.Join(waitErr, closeErr, progressErr, pagesErr); err != nil {
		return nil, "", false, err
	}
	fmt.Fprintf(a.stderr, "%s: the visit ended after %v: %s.\n", b.Name, a.now().Sub(began).Round(time.Second), ending)
	for _, note := range v.notes(true) {
		fmt.Fprintln(a.stderr, sanitize.Line(note))
	}
	return v, cmp.Or(v.unjudged(ending, died, pages), v.broken), v.isOpen() && pages > 0, nil
}
