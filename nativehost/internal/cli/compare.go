package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"userlike-inspector/nativehost/internal/compare"
	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/plan"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/recording"
	"userlike-inspector/nativehost/internal/sanitize"
	"userlike-inspector/nativehost/internal/words"
)

func (a *app) compareCommand() *cobra.Command {
	var planFile string
	cmd := &cobra.Command{
		Use:   "compare BEFORE AFTER",
		Short: "Tell what changed between two recordings, and what of it got worse",
		Long: `Tell what changed between two recordings (.db or .jsonl) of the same site: events, how
often and in which order they come, which fields are there, types, the shape of
custom_data, findings.

What varies within a recording may vary between two. So a difference counts where what
BEFORE always has is gone from AFTER, or where chance does not explain it; new findings
and new types count always. The rest is only counted.

Exit code 0: nothing got worse. 1: something did. 2: they could not be compared.`,
		Args: takes(2, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
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
			before, err := a.remember(cmd.Context(), inspector, args[0])
			if err != nil {
				return err
			}
			after, err := a.remember(cmd.Context(), inspector, args[1])
			if err != nil {
				return err
			}
			if before.Calls == 0 {
				return fmt.Errorf("%s has no calls, so there is nothing to compare %s with", args[0], args[1])
			}
			result := compare.Compare(before, after)
			if err := compareText(a.text(), args, before, after, result); err != nil {
				return fmt.Errorf("writing the comparison: %w", err)
			}
			if result.Worse() {
				return errAnswerIsNo
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&planFile, "plan", "", "the `FILE` that says what is expected of the site, by which both are judged")
	return cmd
}

// remember reads a recording for the comparison.
func (a *app) remember(ctx context.Context, inspector *inspect.Inspector, file string) (*compare.Recording, error) {
	r := compare.New(inspector)
	err := recording.Each(ctx, []string{file}, func(rec *record.Record) error {
		r.Add(rec)
		return ctx.Err()
	})
	r.End()
	return r, err
}

func compareText(w io.Writer, names []string, before, after *compare.Recording, result compare.Result) error {
	var b strings.Builder
	for i, r := range []*compare.Recording{before, after} {
		fmt.Fprintf(&b, "%-6s  %s: %s in %s\n", [...]string{"before", "after"}[i], names[i], words.Plural(r.Calls, "call"), words.Plural(len(r.Journeys), "journey"))
	}
	count := map[compare.Verdict]int{}
	for i, c := range result.Changes {
		if i == 0 || c.Verdict != result.Changes[i-1].Verdict {
			b.WriteByte('\n')
		}
		count[c.Verdict]++
		fmt.Fprintf(&b, "%-7s  %-11s  %s\n         %-11s  %s\n", c.Verdict, c.Aspect, sanitize.Line(c.What), "", sanitize.Line(c.Message))
	}
	fmt.Fprintf(&b, "\n%d got worse, %d better, %d changed; %d small differences may be chance.\n", count[compare.Worse], count[compare.Better], count[compare.Changed], result.Noise)
	if result.Missed {
		b.WriteString("The arguments have more places than are told apart; not all of them were compared.\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}
