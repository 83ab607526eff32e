package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strings"

	"userlike-inspector/nativehost/internal/browser"
	"userlike-inspector/nativehost/internal/glossary"
	"userlike-inspector/nativehost/internal/plan"
	"userlike-inspector/nativehost/internal/recording"
	"userlike-inspector/nativehost/internal/store"
	"userlike-inspector/nativehost/internal/tui"
)

// installation is what the command doctor finds, for the terminal UI. If nothing is
// installed, that is said first, and checks of the installation are left out: inspect
// does not need one.
func (a *app) installation(ctx context.Context) ([]tui.Check, error) {
	r, err := a.doctor(ctx, installation{})
	if err != nil {
		return nil, err
	}
	var checks []tui.Check
	installed := r.Installed()
	if !installed {
		checks = append(checks, tui.Check{Text: "Not installed in your own browsers; inspect does not need it.", Remedy: "To have these recorded, too, run “userlike-inspector install”."})
	}
	for _, c := range r.Checks {
		if !installed && c.OfInstallation() {
			continue
		}
		checks = append(checks, tui.Check{
			Fine: c.State == glossary.Fine, Broken: c.Broken,
			What: strings.TrimSpace(c.What + " " + c.Which), Text: c.Text, Remedy: c.Remedy,
		})
	}
	return checks, nil
}

// runTerminal shows the terminal UI until the user quits it. It is an error if a signal
// has ended it before that.
func runTerminal(ctx context.Context, shown tui.Options) error {
	err := tui.Run(ctx, shown)
	if err == nil && ctx.Err() != nil {
		err = fmt.Errorf("ended before you quit: %w", context.Cause(ctx))
	}
	return err
}

// gcPercent makes Go collect garbage earlier than by default. The terminal UI stays open
// all day, so little memory matters more than little work.
const gcPercent = 10

// shown is what every terminal UI on a store needs. It judges by the plan p as well, which
// may be nil.
func (a *app) shown(s *store.Store, p *plan.Plan) (tui.Options, error) {
	inspector, err := newInspector()
	if err != nil {
		return tui.Options{}, err
	}
	folder, err := a.requests()
	if err != nil {
		return tui.Options{}, err
	}
	debug.SetGCPercent(gcPercent)
	stop, asked, continued := stops()
	return tui.Options{
		Stop: stop, StopAsked: asked, Continued: continued,
		Store: s, StorePath: s.Path(), Inspector: inspector.With(p), Now: a.now, Getenv: os.Getenv,
		Redactor: a.redactorFor, Copy: copyText, Simulator: folder,
		Reopen: func(ctx context.Context) (tui.Store, error) { return store.OpenExisting(ctx, s.Path()) },
		Mark: func(ctx context.Context, text string) error {
			now, err := store.OpenToAppend(ctx, s.Path()) // it may have been replaced
			if err != nil {
				return err
			}
			return errors.Join(recording.Mark(ctx, now, text, a.now()), now.Close())
		},
	}, nil
}

// shortVersion is what a browser says of itself, up to its version number. Packagers add
// where they built it, such as "built on Debian".
func shortVersion(said string) string {
	words := strings.Fields(said)
	for i, word := range words {
		if word[0] >= '0' && word[0] <= '9' {
			return strings.Join(words[:i+1], " ")
		}
	}
	return said
}

// showInspection is the terminal UI while a browser is being inspected. It shows what is
// recorded after the store's row before.
func (a *app) showInspection(ctx context.Context, s *store.Store, session *browser.Session, o *inspection, before int64, simulated *tui.Simulation, name, address string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	status := make(chan string, 1)
	status <- fmt.Sprintf("%s has opened %s", name, address)
	go func() {
		defer close(status)
		select {
		case <-session.Done():
			select {
			case status <- fmt.Sprintf("%s has been closed; what was recorded stays", name):
			case <-ctx.Done():
			}
		case <-ctx.Done():
		}
	}()
	shown, err := a.shown(s, o.plan)
	if err != nil {
		return err
	}
	shown.Since, shown.SinceName = before, "this run"
	shown.Browser, shown.URL, shown.Status, shown.Simulation = name, address, status, simulated
	shown.PlanFile = o.planFile // "" for the demo's own plan, which is not a file
	return runTerminal(ctx, shown)
}
