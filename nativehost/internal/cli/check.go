package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"userlike-inspector/nativehost/internal/filter"
	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/plan"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/report"
)

// judgement is what check and a headless inspect share: how the verdict is
// written and what makes it a failure.
type judgement struct {
	planFile string
	plan     *plan.Plan // nil for none
	format   string
	output   string
	failOn   string
}

// formats write a report; the first is the default.
var formats = []struct {
	name  string
	write func(*report.Report, io.Writer) error
}{
	{"text", (*report.Report).Text},
	{"json", (*report.Report).JSON},
}

var failOns = []string{"error", "warning", "never"}

func formatNames() []string {
	names := make([]string, len(formats))
	for i, f := range formats {
		names[i] = f.name
	}
	return names
}

func (j *judgement) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&j.planFile, "plan", "", "the `FILE` that says what is expected of the site (YAML or JSON)")
	cmd.Flags().StringVar(&j.format, "format", formats[0].name, "how to write the report: "+strings.Join(formatNames(), " or "))
	cmd.Flags().StringVar(&j.output, "output", "", "the `FILE` to write the report to (default stdout)")
	cmd.Flags().StringVar(&j.failOn, "fail-on", failOns[0], "exit 1 from this severity on: "+strings.Join(failOns, ", "))
	// The flags exist, which is all that can go wrong here.
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(formatNames(), cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("fail-on", cobra.FixedCompletions(failOns, cobra.ShellCompDirectiveNoFileComp))
}

// valid refuses words that the flags don't know and plans that are wrong, before
// any work is done.
func (j *judgement) valid() (err error) {
	if !slices.Contains(formatNames(), j.format) {
		return fmt.Errorf("--format %q: want %s", j.format, strings.Join(formatNames(), " or "))
	}
	if !slices.Contains(failOns, j.failOn) {
		return fmt.Errorf("--fail-on %q: want %s", j.failOn, strings.Join(failOns, ", "))
	}
	if j.planFile != "" {
		j.plan, err = plan.Load(j.planFile)
	}
	return err
}

// conclude writes r and says by its error whether it is a failure.
func (j *judgement) conclude(r *report.Report, stdout io.Writer) error {
	i := slices.Index(formatNames(), j.format)
	if j.output == "" {
		if err := formats[i].write(r, stdout); err != nil {
			return fmt.Errorf("writing the report: %w", err)
		}
	} else if err := writeFile(j.output, func(w io.Writer) error { return formats[i].write(r, w) }); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	if j.failOn != "never" && r.Worst().Rank() >= record.Severity(j.failOn).Rank() {
		return errAnswerIsNo
	}
	return nil
}

// writeFile puts a whole file in place, private to the user, or leaves what
// was there. What is no regular file (a pipe, a device) is written as it is.
func writeFile(path string, write func(io.Writer) error) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		return errors.Join(write(f), f.Close())
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // fails once it has been renamed, as it should
	if err := errors.Join(write(f), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

func (a *app) checkCommand() *cobra.Command {
	var j judgement
	var part selection
	cmd := &cobra.Command{
		Use:   "check [RECORDING…]",
		Short: "Judge what was recorded",
		Long: `Judge what was recorded: the store, or the recordings named (.db or .jsonl). One
that was sealed by export is compared with its seal first.

Exit code 0: nothing of the severity --fail-on. 1: there is. 2: it could not be judged.`,
		RunE: func(cmd *cobra.Command, recordings []string) error {
			if err := j.valid(); err != nil {
				return err
			}
			if err := part.valid(a.now()); err != nil {
				return err
			}
			if err := a.verifySeals(cmd.Context(), recordings, j.plan); err != nil {
				return err
			}
			// What a call needs may be in a record that is not asked for.
			where := part.where
			part.where = &filter.Filter{}
			r, err := a.judge(cmd.Context(), j.plan, where, func(f func(*record.Record) error) error {
				return a.eachSelected(cmd.Context(), recordings, &part, f)
			})
			if err != nil {
				return err
			}
			return j.conclude(r, a.stdout)
		},
	}
	j.flags(cmd)
	part.flags(cmd)
	return cmd
}

// judge makes the report on the records that each delivers, by p as well; it
// tells of those that where wants. Verdicts stored with them may be an older
// version's: they are made anew.
func (a *app) judge(ctx context.Context, p *plan.Plan, where *filter.Filter, each func(func(*record.Record) error) error) (*report.Report, error) {
	inspector, err := newInspector()
	if err != nil {
		return nil, err
	}
	r, recording := &report.Report{}, journey.NewRecording(inspector.With(p))
	unwanted := map[string]bool{}
	err = each(func(rec *record.Record) error {
		if where.Match(rec) {
			r.Count(rec)
		} else {
			unwanted[rec.ID] = true
		}
		recording.Add(rec)
		return ctx.Err()
	})
	r.Found(recording, func(f journey.Finding) bool { return !unwanted[f.Record] })
	return r, err
}
