package tui

import (
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"

	"userlike-inspector/nativehost/internal/plan"
)

const (
	// planSettled is how long a plan's files have to be left alone: editors
	// write in several steps.
	planSettled = 100 * time.Millisecond
	// planAgain finds what no event told, as on network file systems.
	planAgain = 5 * time.Second
)

// watchPlan reads the plan again whenever a file beside it changes, and tells of
// each that differs from the one before, or what is wrong with it. said is the
// Sum of the first one.
func watchPlan(f *feed, file, said string, told func(p *plan.Plan, err error)) {
	var events <-chan fsnotify.Event
	var failures <-chan error
	// The folder, not the file: editors put a new file in the place of the old one.
	if watcher, err := fsnotify.NewWatcher(); err == nil {
		defer watcher.Close()
		if watcher.Add(filepath.Dir(file)) == nil {
			events, failures = watcher.Events, watcher.Errors
		}
	}
	settled := time.NewTimer(planSettled) // it may have changed since it was read
	defer settled.Stop()
	again := time.NewTicker(planAgain)
	defer again.Stop()
	for {
		select {
		case <-f.ctx.Done():
			return
		case event := <-events:
			// Other files come and go here, maybe the store itself.
			kinds := []string{".yaml", ".yml", ".json", filepath.Ext(file)}
			if slices.Contains(kinds, strings.ToLower(filepath.Ext(event.Name))) {
				settled.Reset(planSettled)
			}
			continue
		case <-failures: // too many events
			continue
		case <-settled.C:
		case <-again.C:
		}
		p, err := plan.Load(file)
		now := ""
		if err != nil {
			now = err.Error()
		} else {
			now = p.Sum
		}
		if now != said {
			said = now
			f.post(f.ctx, func() { told(p, err) })
		}
	}
}

// planned takes in the plan that is in its file now. While that is wrong, the
// one before is judged by.
func (a *app) planned(p *plan.Plan, err error) {
	if a.planErr = err; err != nil {
		return
	}
	if old := a.opts.Inspector.Plan(); old != nil && old.Sum == p.Sum {
		return // it is as it was, after a mistake
	}
	a.flash = "the plan has changed: everything is judged anew"
	a.opts.Inspector = a.opts.Inspector.With(p)
	replace(a.judge.fresh, a.opts.Inspector)
}

// planSpans says by which plan is judged, and what is wrong with its file.
func (a *app) planSpans() []span {
	p := a.opts.Inspector.Plan()
	switch {
	case a.planErr != nil:
		return []span{{isError, a.theme.bad + " judged by the plan before: " + a.planProblem()}}
	case p.Name != "":
		return []span{{plain, "plan " + p.Name}}
	}
	return []span{{plain, "plan " + filepath.Base(p.File)}}
}

// planProblem is what is wrong with the plan's file. The rest of several problems
// is seen when the first is mended.
func (a *app) planProblem() string {
	problem, _, _ := strings.Cut(a.planErr.Error(), "\n")
	return strings.ReplaceAll(problem, a.opts.PlanFile, filepath.Base(a.opts.PlanFile))
}
