package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"userlike-inspector/nativehost/internal/browser"
	"userlike-inspector/nativehost/internal/plan"
	"userlike-inspector/nativehost/internal/recording"
	"userlike-inspector/nativehost/internal/store"
	"userlike-inspector/nativehost/internal/tui"
	"userlike-inspector/nativehost/internal/words"
)

// showing holds the flags of show. The program without a command has the same ones.
type showing struct{ planFile, since string }

func (o *showing) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&o.planFile, "plan", "", "the `FILE` that says what is expected of the site; it is read again when it changes")
	sinceFlag(cmd, &o.since)
}

func (a *app) showCommand() *cobra.Command {
	var o showing
	cmd := &cobra.Command{
		Use:   "show [RECORDING…]",
		Short: "Show what was recorded, or recordings that were handed on, in the terminal",
		Long: `Show what was recorded, live, in the terminal. It is what the program does without a
command, too.

Recordings (.jsonl or .db) that are named are shown instead, as one. They are only read:
nothing of them gets into the store, and no mark into them; the command import adds them.
With --plan it is judged by a plan as well; P in the terminal loads one, another, or none.`,
		Args: takes(0, -1),
		RunE: func(cmd *cobra.Command, recordings []string) error {
			if err := a.needsTerminal(cmd); err != nil {
				return err
			}
			return a.show(cmd.Context(), &o, recordings)
		},
	}
	o.flags(cmd)
	return cmd
}

// needsTerminal returns an error if there is no terminal to show anything in, and prints
// the command's help then.
func (a *app) needsTerminal(cmd *cobra.Command) error {
	if a.onTerminal() {
		return nil
	}
	cmd.SetOut(a.stderr)
	if err := cmd.Help(); err != nil {
		return err
	}
	return errors.New("the terminal UI needs a terminal; without one, use a command such as check or export")
}

// show is the terminal UI on the store or, if any are named, on recordings.
func (a *app) show(ctx context.Context, o *showing, recordings []string) error {
	since, err := recording.ParseSince(o.since, a.now())
	if err != nil {
		return fmt.Errorf("--since %w", err)
	}
	p, err := loadPlan(o.planFile)
	if err != nil {
		return err
	}
	if len(recordings) > 0 {
		return a.showRecordings(ctx, o, since, p, recordings)
	}
	s, err := a.openStore(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	shown, err := a.shown(s, p)
	if err != nil {
		return err
	}
	shown.PlanFile, shown.Installation = o.planFile, a.installation
	return a.showSince(ctx, s, since, shown)
}

// showSince shows a store from where --since says.
func (a *app) showSince(ctx context.Context, s *store.Store, since recording.Since, shown tui.Options) (err error) {
	if shown.Since, err = since.Row(ctx, s); err != nil {
		return fmt.Errorf("--since: %w", err)
	}
	shown.SinceName = since.Name(a.now())
	return runTerminal(ctx, shown)
}

// showRecordings is the terminal UI on recordings, which are only read.
func (a *app) showRecordings(ctx context.Context, o *showing, since recording.Since, p *plan.Plan, files []string) (err error) {
	if err := noPlans(files); err != nil {
		return err
	}
	changed, err := a.seals(ctx, files, p)
	if err != nil {
		return err
	}
	s, remove, err := a.openRecordings(ctx, files)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close(), remove()) }()
	shown, err := a.shown(s, p)
	if err != nil {
		return err
	}
	var names []string
	for _, file := range files {
		names = append(names, filepath.Base(file))
	}
	shown.PlanFile, shown.Recording = o.planFile, strings.Join(names, ", ")
	if len(changed) > 0 {
		shown.Recording += " (not what was sealed)"
	}
	shown.Mark, shown.Simulator = nil, nil
	shown.Reopen = func(ctx context.Context) (tui.Store, error) { return store.OpenRecording(ctx, s.Path()) }
	if err := a.showSince(ctx, s, since, shown); err != nil || len(changed) == 0 {
		return err
	}
	return fmt.Errorf("%s was shown as it is, which is not what was sealed", strings.Join(changed, ", "))
}

// openRecordings opens recordings as one store. A single .db is read where it is;
// everything else is copied into a temporary store that only this user can read. The
// caller closes the store, then calls remove, which removes the copy.
func (a *app) openRecordings(ctx context.Context, files []string) (s *store.Store, remove func() error, err error) {
	if len(files) == 1 {
		one, err := recording.IsStore(files[0])
		if err != nil {
			return nil, nil, err
		}
		if one {
			s, err = store.OpenRecording(ctx, files[0])
			return s, func() error { return nil }, err
		}
	}
	// In this folder the next session clears the copy away if this one is killed.
	folder, remove, err := browser.NewFolder()
	if err != nil {
		return nil, nil, err
	}
	s, err = store.Open(ctx, filepath.Join(folder, "recordings.db"))
	if err != nil {
		return nil, nil, errors.Join(err, remove())
	}
	if err := a.gather(ctx, files, s); err != nil {
		return nil, nil, errors.Join(err, s.Close(), remove())
	}
	return s, remove, nil
}

// toldOften is how often gather says how much was read.
const toldOften = time.Second

// gather reads recordings into s. If that takes long, it says on stderr how much was read.
func (a *app) gather(ctx context.Context, files []string, s *store.Store) error {
	last := a.now()
	return recording.Gather(ctx, files, s, func(read int) {
		if now := a.now(); now.Sub(last) >= toldOften {
			last = now
			fmt.Fprintf(a.stderr, "%s read so far\n", words.Plural(read, "record"))
		}
	})
}
