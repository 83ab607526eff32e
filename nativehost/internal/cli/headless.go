package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"

	"userlike-inspector/nativehost/internal/browser"
	"userlike-inspector/nativehost/internal/demo"
	"userlike-inspector/nativehost/internal/filter"
	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/recording"
	"userlike-inspector/nativehost/internal/store"
	"userlike-inspector/nativehost/internal/words"
)

// inspectHeadless visits the site in one browser after the other, then reports on
// all that was recorded meanwhile.
func (a *app) inspectHeadless(ctx context.Context, o *inspection, s *store.Store, browsers []browser.Browser, target target) error {
	before, err := s.Last(ctx)
	if err != nil {
		return err
	}
	var visits []*visit
	var unjudged []string
	unseen := false
	for i, b := range browsers {
		if i > 0 && ctx.Err() != nil {
			unjudged = append(unjudged, "interrupted before the site was inspected in "+b.Name)
			continue
		}
		v, why, seen, err := a.visit(ctx, o, s, b, target)
		if err != nil {
			return err
		}
		visits = append(visits, v)
		unseen = unseen || !seen
		if why != "" {
			unjudged = append(unjudged, why)
		}
	}
	// ^C ends the visit, but the report is still made.
	ctx = context.WithoutCancel(ctx)
	r, err := a.judge(ctx, &o.judgement, &filter.Filter{}, func(f func(*record.Record, bool) error) error {
		return recording.EachAfter(ctx, s, before, func(r *record.Record) error { return f(r, true) })
	})
	if err != nil {
		return err
	}
	if len(unjudged) > 0 {
		r.Unjudged = unjudged // which says more than "there is no record"
		r.Inconclusive = unseen || !slices.ContainsFunc(r.Findings, func(f journey.Finding) bool { return f.Rule != inspect.CaptureGap && f.Severity != record.Info })
	}
	for _, v := range visits {
		r.Notes = append(r.Notes, v.notes(!r.Redacted)...)
		r.Simulation = append(r.Simulation, v.simulation...)
	}
	if target.demo {
		made, met := demo.Mistakes(func(rule, at string) bool {
			return slices.ContainsFunc(r.Findings, func(f journey.Finding) bool { return f.Rule == rule && f.At == at })
		})
		r.Notes = append(r.Notes, fmt.Sprintf("The demo shop has played its whole visit by itself. %d of its %d mistakes were found: see Findings.", met, made))
	}
	return o.conclude(r, a.stdout)
}

// progress is a line on a terminal that shows what was recorded so far. A nil one shows
// nothing.
type progress struct {
	w                      io.Writer
	name                   string
	store                  *store.Store
	last                   int64
	of                     int // how many calls are expected, 0 if that is not known
	calls, errors, warning int
}

// newProgress shows what is stored after a row. It is nil if w is no terminal whose cursor
// can be moved.
func newProgress(w io.Writer, name string, s *store.Store, after int64) *progress {
	if f, ok := w.(*os.File); !ok || !escapes(f) {
		return nil
	}
	p := &progress{w: w, name: name, store: s, last: after}
	fmt.Fprintf(w, "%s: waiting for the first call", name)
	return p
}

// expect says how many calls are expected.
func (p *progress) expect(calls int) {
	if p != nil {
		p.of = calls
	}
}

// show reads what was stored since the last time, and writes the line anew.
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
	calls := words.Plural(p.calls, "call")
	if p.of > 0 {
		calls = fmt.Sprintf("%d of %s", p.calls, words.Plural(p.of, "call"))
	}
	_, err := fmt.Fprintf(p.w, "\r\x1b[K%s: %s, %d with errors, %d with warnings", p.name, calls, p.errors, p.warning)
	return err
}

// say shows that the page is open. What else happened in the visit is told at its end.
func (p *progress) say(v *visit) {
	if p != nil && v.isOpen() {
		fmt.Fprintf(p.w, "\r\x1b[K%s: waiting for the next call", p.name)
	}
}

// end writes the final state of the line.
func (p *progress) end(ctx context.Context) error {
	if p == nil {
		return nil
	}
	err := p.show(ctx)
	fmt.Fprintln(p.w)
	return err
}
