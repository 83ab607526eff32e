package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"

	"userlike-inspector/nativehost/internal/browser"
	"userlike-inspector/nativehost/internal/filter"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/recording"
	"userlike-inspector/nativehost/internal/store"
	"userlike-inspector/nativehost/internal/words"
)

// inspectHeadless visits the site in one browser after the other, then reports on
// all that was recorded meanwhile.
func (a *app) inspectHeadless(ctx context.Context, o *inspection, s *store.Store, browsers []browser.Browser, address string) error {
	before, err := s.Last(ctx)
	if err != nil {
		return err
	}
	for i, b := range browsers {
		if i > 0 && ctx.Err() != nil {
			fmt.Fprintf(a.stderr, "Interrupted: the site was not inspected in %s.\n", b.Name)
			continue
		}
		if err := a.visit(ctx, o, s, b, address); err != nil {
			return err
		}
	}
	// ^C ended the visit, not the report on it.
	ctx = context.WithoutCancel(ctx)
	r, err := a.judge(ctx, &o.judgement, &filter.Filter{}, func(f func(*record.Record) error) error { return recording.EachAfter(ctx, s, before, f) })
	if err != nil {
		return err
	}
	return o.conclude(r, a.stdout)
}

// visit has one browser on the site for as long as is asked for.
func (a *app) visit(ctx context.Context, o *inspection, s *store.Store, b browser.Browser, address string) error {
	before, err := s.Last(ctx)
	if err != nil {
		return err
	}
	session, ends, err := a.open(ctx, o, s, b, address)
	if err != nil {
		return err
	}
	progress := newProgress(a.screen, b.Name, s, before)
	waitErr := o.wait(ctx, s, before, session.Done(), progress)
	// Closing comes first: a page's last calls are made while it goes.
	closeErr := session.Close()
	progressErr := progress.end(context.WithoutCancel(ctx))
	ends.complain(a.stderr)
	return errors.Join(waitErr, closeErr, progressErr)
}

// progress is a line on a terminal that tells what comes. A nil one tells nothing.
type progress struct {
	w                      io.Writer
	name                   string
	store                  *store.Store
	last                   int64
	calls, errors, warning int
}

// newProgress is nil where w is no terminal.
func newProgress(w io.Writer, name string, s *store.Store, after int64) *progress {
	if f, ok := w.(*os.File); !ok || !term.IsTerminal(int(f.Fd())) {
		return nil
	}
	p := &progress{w: w, name: name, store: s, last: after}
	fmt.Fprintf(w, "%s: waiting for the first call", name)
	return p
}

// show takes in what is new.
func (p *progress) show(ctx context.Context) error {
	if p == nil {
		return nil
	}
	for {
		rows, err := p.store.Rows(ctx, store.Query{After: p.last, Limit: recording.Page})
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			break
		}
		for _, r := range rows {
			p.last = r.Row
			if r.Kind == record.Call {
				p.calls++
			}
			switch r.Severity {
			case record.Error.Rank():
				p.errors++
			case record.Warning.Rank():
				p.warning++
			}
		}
	}
	_, err := fmt.Fprintf(p.w, "\r\x1b[K%s: %s, %d with errors, %d with warnings", p.name, words.Plural(p.calls, "call"), p.errors, p.warning)
	return err
}

// end leaves the line as it came out.
func (p *progress) end(ctx context.Context) error {
	if p == nil {
		return nil
	}
	err := p.show(ctx)
	fmt.Fprintln(p.w)
	return err
}

// firstRecord is how long a page that is being opened may take to say so. Only
// then silence is counted: a slow machine is not a silent site.
const firstRecord = 30 * time.Second

// wait returns when the visit is over: its time is up, nothing came for long
// enough after row last, the browser has gone or ctx has ended.
func (o *inspection) wait(ctx context.Context, s *store.Store, last int64, gone <-chan struct{}, told *progress) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var timeUp, idle <-chan time.Time
	if o.length > 0 {
		timeUp = time.After(o.length)
	}
	var quiet *time.Timer
	if o.untilIdle > 0 {
		quiet = time.NewTimer(max(o.untilIdle, firstRecord))
		defer quiet.Stop()
		idle = quiet.C
	}
	changes, err := s.Follow(ctx)
	if err != nil {
		return err
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-gone:
			return nil
		case <-timeUp:
			return nil
		case <-idle:
			return nil
		case _, open := <-changes:
			if !open {
				return nil
			}
			row, err := s.Last(ctx)
			if err != nil {
				return err
			}
			if row > last { // a wake may be for housekeeping alone
				last = row
				if quiet != nil {
					quiet.Reset(o.untilIdle)
				}
				if err := told.show(ctx); err != nil && ctx.Err() == nil {
					return err
				}
			}
		}
	}
}
