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

// visit is what happened in one browser of a headless inspection and is in no record.
type visit struct {
	browser string
	address string
	changed chan struct{} // gets a value after each happening

	mu         sync.Mutex
	simulation []simulation.Followed // with --simulate
	broken     string                // why not all calls of the simulation were made, "" if they were

	opened   *browser.Happening // how opening the first page ended, nil before that is known
	crashed  []string           // addresses of pages that crashed
	stuck    []string           // addresses of pages that did not answer at the end
	distinct []happened         // everything else that happened
	more     int                // how many happenings came after maxHappened were kept
}

// happened is a happening and how often it came.
type happened struct {
	browser.Happening
	times int
}

// maxHappened is how many different happenings are kept: a page may show new dialogs
// without end.
const maxHappened = 50

func newVisit(name, address string) *visit {
	return &visit{browser: name, address: address, changed: make(chan struct{}, 1)}
}

// note keeps a happening and wakes the reader of changed.
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

// over reports whether nothing more can come from the visit's pages.
func (v *visit) over() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.crashed) > 0 || v.opened != nil && v.opened.What == browser.Failed
}

// hangs notes which pages do not answer now, and reports whether there are any.
func (v *visit) hangs(stuck []string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.stuck = stuck
	return len(stuck) > 0
}

// lost reports whether a page hung or crashed.
func (v *visit) lost() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.crashed)+len(v.stuck) > 0
}

// isOpen reports whether the first page was opened. A server's request for a password
// does not count as a page.
func (v *visit) isOpen() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.opened != nil && v.opened.What == browser.Opened && v.opened.Status != 401
}

// unjudged says why the site cannot be judged by this visit, "" if it can. ending is how
// the visit ended, died whether the browser ended by itself, pages how many were seen.
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

// before names the address that was tried before the opened one, "" for none.
func (v *visit) before() string {
	if v.opened.Instead == "" {
		return ""
	}
	return fmt.Sprintf(" (and before that, %s)", words.Address(v.opened.Instead))
}

// remedy says in plain words what to do about a browser's reason why a site could not be
// opened, "" for nothing known. The reasons are Chromium's
// (https://source.chromium.org/chromium/chromium/src/+/main:net/base/net_error_list.h) and
// Firefox' (https://searchfox.org/mozilla-central/source/xpcom/base/ErrorList.py), which has
// nssBadCert for a bad certificate
// (https://searchfox.org/mozilla-central/source/docshell/base/nsDocShell.cpp).
func remedy(reason string) string {
	for _, known := range []struct {
		remedy string
		signs  []string
	}{
		{"there is no such host: check its spelling and your network", []string{"NAME_NOT_RESOLVED", "UNKNOWN_HOST"}},
		{"nothing answers at this address: check its host and port, and whether the site runs", []string{"CONNECTION_REFUSED"}},
		{"the site did not answer in time: check its address and your network", []string{"TIMED_OUT", "NET_TIMEOUT"}},
		{"this computer is offline", []string{"INTERNET_DISCONNECTED", "NS_ERROR_OFFLINE"}},
		{"the server ended the connection without an answer: check whether the site speaks http or https there",
			[]string{"EMPTY_RESPONSE", "CONNECTION_RESET", "CONNECTION_CLOSED", "NET_RESET", "NET_INTERRUPT"}},
		{"the server does not speak https there: try http://", []string{"SSL_PROTOCOL_ERROR", "RX_RECORD_TOO_LONG"}},
		{"browsers open no site at this port: use another one", []string{"UNSAFE_PORT", "PORT_ACCESS_NOT_ALLOWED"}},
		{"the site leads from one address to the next without end: check its redirects and cookies", []string{"TOO_MANY_REDIRECTS", "REDIRECT_LOOP"}},
		{"there is no such file: check its name and folder", []string{"FILE_NOT_FOUND"}},
		{"--insecure accepts any certificate", []string{"CERT", "nssBadCert"}},
	} {
		for _, sign := range known.signs {
			if strings.Contains(reason, sign) {
				return "; " + known.remedy
			}
		}
	}
	return ""
}

// notes are sentences about what happened. withTexts includes the texts of dialogs, which
// may be personal.
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
	case browser.Popup:
		return fmt.Sprintf("%s wanted to open a window (%s), which the browser does not allow without a click", words.Address(h.URL), words.Address(h.Text))
	}
	return fmt.Sprintf("%s is a file to be saved (%s), which it was not", words.Address(h.URL), words.Short(h.Text))
}

// firstRecord is how long the first record may take at least. Starting a browser takes
// long on a slow machine, which must not be mistaken for a site that sends nothing.
const firstRecord = 30 * time.Second

// mostBusy is how long a visit with --until-idle lasts at most, if the site never becomes
// idle and --for is not given.
func mostBusy(untilIdle time.Duration) time.Duration { return max(time.Minute, 6*untilIdle) }

// wait waits for the visit's end and says how it came: its time is up, nothing was
// recorded for long enough after row last, nothing more can come, the browser has gone, or
// ctx has ended. stuck gives the addresses of pages in which a script runs without end;
// while there are any, the visit is not idle.
func (o *inspection) wait(ctx context.Context, s *store.Store, last int64, gone <-chan struct{}, v *visit, stuck func() []string, told *progress) (ending string, err error) {
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
			if v.hangs(stuck()) {
				return "it was interrupted while a script in a page ran without end", nil
			}
			return "it was interrupted", nil
		case <-gone:
			return "its last page closed itself", nil
		case <-timeUp.C:
			if v.hangs(stuck()) {
				return "its time was up, and a script in a page ran without end", nil
			}
			return up, nil
		case <-idle:
			if v.hangs(stuck()) {
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
			if !open { // ctx has ended; the next turn sees that
				changes = nil
				continue
			}
			row, err := s.Last(ctx)
			if ctx.Err() != nil {
				continue
			}
			if err != nil {
				return "", err
			}
			if row > last { // a change of the file alone brings no record
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

// visit opens the site in one browser, stays for as long as is asked for and closes it.
// unjudged says why the site cannot be judged by that, "" if it can; seen, whether a page
// of the site was opened and recorded.
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
	// The browser is closed before anything is counted, because pages make their last
	// calls while they are closed.
	closeErr := session.Close()
	died := session.Died()
	if died {
		ending = "the browser ended by itself"
	}
	ctx = context.WithoutCancel(ctx)
	progressErr := progress.end(ctx)
	ends.Complain(a.stderr, a.hostLog())
	var cutErr error
	if v.lost() {
		cutErr = ends.KeepCut(ctx)
	}
	pages, pagesErr := pagesAfter(ctx, s, before)
	if err := errors.Join(waitErr, closeErr, progressErr, cutErr, pagesErr); err != nil {
		return nil, "", false, err
	}
	fmt.Fprintf(a.stderr, "%s: the visit ended after %v: %s.\n", b.Name, a.now().Sub(began).Round(time.Second), ending)
	for _, note := range v.notes(true) {
		fmt.Fprintln(a.stderr, sanitize.Line(note))
	}
	return v, cmp.Or(v.unjudged(ending, died, pages), v.broken), v.isOpen() && pages > 0, nil
}
