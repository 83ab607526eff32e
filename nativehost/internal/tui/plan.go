package tui

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"

	"userlike-inspector/nativehost/internal/files"
	"userlike-inspector/nativehost/internal/plan"
	"userlike-inspector/nativehost/internal/words"
)

const (
	// planSettled is how long a plan's files have to be unchanged before they are read.
	// Editors write a file in several steps.
	planSettled = 100 * time.Millisecond
	// planAgain is how often the plan is read without an event. File systems on a network
	// send none.
	planAgain = 5 * time.Second
)

// askForPlan asks for the file of the plan to judge by.
func (a *app) askForPlan() {
	q := &question{in: inPrompt, about: aboutPlans, label: "judge by the plan: ", hint: "a file (.yaml or .json)", text: a.plan.path, done: a.loadPlan}
	if a.opts.Inspector.Plan() != nil {
		q.hint, q.nothing = "a file (.yaml or .json); Enter without one leaves the plan", a.leavePlan
	}
	a.askForFile(q, ".yaml", ".yml", ".json")
}

// loadPlan judges by the plan in a file, if there is nothing wrong with it.
func (a *app) loadPlan(file string) {
	a.feed.start(func() {
		path, err := files.InHome(file)
		var p *plan.Plan
		if err == nil {
			p, err = plan.Load(path)
		}
		a.feed.post(a.feed.ctx, func() {
			if err != nil {
				a.flash = "not loaded: " + words.Plain(err)
				return
			}
			a.plan.path, a.plan.err = path, nil
			a.judgeBy(p, "judged by "+planName(p))
			a.followPlan()
		})
	})
}

// leavePlan judges without a plan from now on.
func (a *app) leavePlan() {
	a.plan.stop()
	a.plan.path, a.plan.err = "", nil
	a.judgeBy(nil, "judged without a plan from now on")
}

// judgeBy judges everything anew, by a plan or by none (nil).
func (a *app) judgeBy(p *plan.Plan, says string) {
	a.flash = says
	a.opts.Inspector = a.opts.Inspector.With(p)
	replace(a.judge.fresh, a.opts.Inspector)
}

// followPlan judges by the plan's file as it is from now on, whenever it changes.
func (a *app) followPlan() {
	a.plan.stop()
	ctx, cancel := context.WithCancel(a.feed.ctx)
	a.plan.stop = cancel
	file, sum := a.plan.path, a.opts.Inspector.Plan().Sum
	a.feed.start(func() {
		watchPlan(ctx, file, sum, func(p *plan.Plan, err error) {
			a.feed.post(ctx, func() {
				if ctx.Err() == nil { // it is still the one to judge by
					a.planned(p, err)
				}
			})
		})
	})
}

// watchPlan reads the plan again whenever a file beside it changes, until ctx ends. It calls
// told with each plan or error that differs from the one before. known is the Sum of the plan
// that the caller has.
func watchPlan(ctx context.Context, file, known string, told func(p *plan.Plan, err error)) {
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
		case <-ctx.Done():
			return
		case event := <-events:
			// Other files in the folder don't matter, and the store may be one of them.
			kinds := []string{".yaml", ".yml", ".json", filepath.Ext(file)}
			if slices.Contains(kinds, strings.ToLower(filepath.Ext(event.Name))) {
				settled.Reset(planSettled)
			}
			continue
		case <-failures: // such as too many events; the ticker makes up for it
			continue
		case <-settled.C:
		case <-again.C:
		}
		p, err := plan.Load(file)
		now := ""
		if err != nil {
			now = words.Plain(err)
		} else {
			now = p.Sum
		}
		if now != known {
			known = now
			told(p, err)
		}
	}
}

// planned judges by the plan that is in the file now. While there is something wrong with the
// file, the plan before it stays in force.
func (a *app) planned(p *plan.Plan, err error) {
	if a.plan.err = err; err != nil {
		return
	}
	if old := a.opts.Inspector.Plan(); old != nil && old.Sum == p.Sum {
		return // a mistake in the file was undone
	}
	a.judgeBy(p, "the plan has changed: everything is judged again")
}

// A planFile is the file of the plan that is judged by.
type planFile struct {
	path string             // "" without a plan, or for one that has no file
	err  error              // what is wrong with the file, nil if nothing is
	stop context.CancelFunc // ends following it
}

// says tells the header which plan p is judged by, or what is wrong with its file.
func (f *planFile) says(t *theme, p *plan.Plan) []span {
	if f.err != nil {
		return []span{{isError, t.bad + " judged by the plan before: " + f.problem()}}
	}
	return []span{{plain, planName(p)}}
}

// planName names a plan by its own name or by its file.
func planName(p *plan.Plan) string {
	if p.Name != "" {
		return "plan " + p.Name
	}
	return "plan " + filepath.Base(p.File)
}

// problem is the first thing that is wrong with the plan's file. There is no room for
// more; the next one shows when this is corrected.
func (f *planFile) problem() string {
	problem, _, _ := strings.Cut(f.err.Error(), "\n")
	return strings.ReplaceAll(problem, f.path, filepath.Base(f.path))
}
