package cli

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"userlike-inspector/nativehost/internal/compare"
	"userlike-inspector/nativehost/internal/files"
	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/plan"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/recording"
	"userlike-inspector/nativehost/internal/report"
	"userlike-inspector/nativehost/internal/words"
)

func (a *app) compareCommand() *cobra.Command {
	var planFile, format, output string
	var all, simulated bool
	formats := []string{"text", "json", "markdown", "html"}
	cmd := &cobra.Command{
		Use:   "compare BEFORE AFTER",
		Short: "Show what changed between two recordings, and what got worse",
		Long: `Show what changed between two recordings (.db or .jsonl) of the same site: events, how
often and in which order they come, which fields are there, types, the shape of
custom_data, findings.

What varies within a recording may vary between two. So a difference counts where what
BEFORE always has is gone from AFTER, or where chance does not explain it; new findings
and new types count always. What got better is said first. The rest is only counted;
--all lists it.

Exit code 0: nothing got worse. 1: something did. 2: they could not be compared.`,
		Args: takes(2, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains(formats, format) {
				return oneOf("format", format, formats)
			}
			inspector, err := newInspector()
			if err != nil {
				return err
			}
			if planFile != "" {
				p, err := plan.Load(planFile)
				if err != nil {
					return err
				}
				inspector = inspector.With(p)
			}
			if _, err := a.seals(cmd.Context(), args, inspector.Plan()); err != nil {
				return err
			}
			before, err := a.remember(cmd.Context(), inspector, args[0], simulated)
			if err != nil {
				return err
			}
			after, err := a.remember(cmd.Context(), inspector, args[1], simulated)
			if err != nil {
				return err
			}
			if before.Calls == 0 {
				return fmt.Errorf("%s has no calls, so there is nothing to compare %s with", args[0], args[1])
			}
			result := compare.Compare(before, after)
			c := &report.Comparison{
				Before: report.Side{Name: args[0], Calls: before.Calls, Journeys: len(before.Journeys)},
				After:  report.Side{Name: args[1], Calls: after.Calls, Journeys: len(after.Journeys)},
				Result: result, All: all,
			}
			write := map[string]func(io.Writer) error{"text": c.Text, "json": c.JSON, "markdown": c.Markdown, "html": c.HTML}[format]
			switch {
			case output != "":
				err = files.Write(output, files.Private, write)
			case format == "text":
				err = write(a.text())
			default:
				err = write(a.stdout)
			}
			if err != nil {
				return fmt.Errorf("writing the comparison: %w", err)
			}
			if result.Worse() {
				return errAnswerIsNo
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&planFile, "plan", "", "the `FILE` that says what is expected of the site, by which both are judged")
	cmd.Flags().StringVar(&format, "format", formats[0], "how to write the comparison: "+words.List(formats, "or"))
	cmd.Flags().StringVar(&output, "output", "", "the `FILE` to write to (default stdout)")
	cmd.Flags().BoolVar(&all, "all", false, "list the small differences, too")
	simulatedFlag(cmd, &simulated)
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(formats, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// remember reads the recording in file for the comparison. The calls and hits of
// simulations are left out, unless simulated is true.
func (a *app) remember(ctx context.Context, inspector *inspect.Inspector, file string, simulated bool) (*compare.Recording, error) {
	r := compare.New(inspector)
	err := recording.Each(ctx, []string{file}, asClients(simulated, func(rec *record.Record) error {
		r.Add(rec)
		return ctx.Err()
	}))
	r.End()
	return r, err
}
