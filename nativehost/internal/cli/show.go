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

// show is the terminal UI on what the store has.
func (a *app) show(ctx context.Context) error {
	s, err := a.openStore(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	shown, err := a.shown(s, nil)
	if err != nil {
		return err
	}
	shown.Installation = a.installation
	return tui.Run(ctx, shown)
}

// installation is what doctor finds.
func (a *app) installation(ctx context.Context) ([]tui.Check, error) {
	r, err := a.doctor(ctx, installation{})
	if err != nil {
		return nil, err
	}
	var checks []tui.Check
	for _, c := range r.Checks {
		checks = append(checks, tui.Check{
			Fine: c.State == glossary.Fine, Broken: c.Broken,
			What: strings.TrimSpace(c.What + " " + c.Which), Text: c.Text, Remedy: c.Remedy,
		})
	}
	return checks, nil
}

// gcPercent makes the program collect garbage earlier than it would: the terminal
// UI stays open all day, where memory matters more than the time of a second core.
const gcPercent = 25

// shown is what any terminal UI on a store needs; it judges by p as well.
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
	stop, continued := stops()
	return tui.Options{
		Stop: stop, Continued: continued,
		Store: s, StorePath: s.Path(), Inspector: inspector.With(p), Now: a.now, Getenv: os.Getenv,
		Copy: copyText, Simulator: folder,
		Reopen: func(ctx context.Context) (tui.Store, error) { return store.Open(ctx, s.Path()) },
		Mark: func(ctx context.Context, text string) error {
			now, err := store.Open(ctx, s.Path()) // it may have been replaced
			if err != nil {
				return err
			}
			return errors.Join(recording.Mark(ctx, now, text, a.now()), now.Close())
		},
	}, nil
}

// shortVersion cuts what a browser says of itself behind its version number:
// packagers add where they built it.
func shortVersion(said string) string {
	words := strings.Fields(said)
	for i, word := range words {
		if word[0] >= '0' && word[0] <= '9' {
			return strings.Join(words[:i+1], " ")
		}
	}
	return said
}

// showInspection is the terminal UI while a browser is being inspected.
func (a *app) showInspection(ctx context.Context, s *store.Store, session *browser.Session, p *plan.Plan, name, address string) error {
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
	shown, err := a.shown(s, p)
	if err != nil {
		return err
	}
	if p != nil {
		shown.PlanFile = p.File
	}
	shown.Browser, shown.URL, shown.Status = name, address, status
	return tui.Run(ctx, shown)
}
