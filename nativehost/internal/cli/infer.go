package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"userlike-inspector/nativehost/internal/files"
	"userlike-inspector/nativehost/internal/infer"
	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/plan"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/report"
	"userlike-inspector/nativehost/internal/sanitize"
	"userlike-inspector/nativehost/internal/suggest"
)

func (a *app) inferCommand() *cobra.Command {
	var part selection
	var output, update string
	var whole, simulated bool
	cmd := &cobra.Command{
		Use:   "infer [RECORDING…]",
		Short: "Print a JSON Schema of the custom_data that was recorded, or a whole plan",
		Long: `Print a JSON Schema (2020-12) of the custom_data that was recorded: in the
store, or in the recordings named (.db or .jsonl). It accepts all of it, says how
often each place was there, and demands what a tester would: it lists values and
demands formats only where several visits of several contacts show them. A plan can
use it as it is:

  custom_data: {$ref: ./custom_data.schema.json}

With --plan it is a whole plan of what held in every visit, with the evidence as
comments, to be reviewed. --update FILE shows how that differs from the plan in
FILE.`,
		RunE: func(cmd *cobra.Command, recordings []string) error {
			if err := part.valid(a.now()); err != nil {
				return err
			}
			seen, calls, err := a.seen(cmd.Context(), recordings, &part, simulated)
			if err != nil {
				return err
			}
			write := func(w io.Writer) error { return seen.Data.Write(w) }
			switch {
			case update != "" && (whole || output != ""):
				return errors.New("--update only shows the difference to a plan; leave out --plan and --output")
			case calls == 0:
				return errors.New("no call was recorded, so there is nothing to infer from")
			case update != "":
				p, err := plan.Load(update)
				if err != nil {
					return err
				}
				return writeDifference(a.stdout, seen, p)
			case whole:
				text, err := seen.Plan()
				if err != nil {
					return err
				}
				write = func(w io.Writer) error { _, err := io.WriteString(w, text); return err }
			case seen.Data == nil:
				return errors.New("no call has custom_data, so there is nothing to infer from")
			}
			if output == "" {
				return write(a.stdout)
			}
			return files.Write(output, files.Private, write)
		},
	}
	cmd.Flags().StringVar(&output, "output", "", "the `FILE` to write to (default stdout)")
	cmd.Flags().BoolVar(&whole, "plan", false, "print a whole plan instead")
	cmd.Flags().StringVar(&update, "update", "", "show how the plan in `FILE` differs from what is inferred")
	simulatedFlag(cmd, &simulated)
	part.flags(a, cmd)
	return cmd
}

// seen is what the recordings, or the store if none is named, show of the site, and from
// how many calls.
func (a *app) seen(ctx context.Context, recordings []string, part *selection, simulated bool) (seen suggest.Seen, calls int, err error) {
	inspector, err := newInspector()
	if err != nil {
		return seen, 0, err
	}
	var shape infer.Shape
	all, about := journey.NewRecording(inspector), report.Report{}
	err = a.each(ctx, recordings, part, asClients(simulated, func(r *record.Record) error {
		all.Add(r)
		if r.Kind != record.Call {
			return ctx.Err()
		}
		about.Count(r)
		calls++
		facts := inspector.Facts(r)
		if data, odd, ok := facts.CustomData(); ok {
			shape.Add(data, inspect.CustomDataAt, odd, infer.Call{
				Record: r.ID, Time: r.Time, Visit: infer.Visit(r, facts.SessionID), Contact: infer.Contact(r, facts.ClientUUID),
			})
		}
		return ctx.Err()
	}))
	all.End()
	seen = suggest.Seen{Journeys: all.Journeys(), Consents: all.Consents(), Sites: about.Sites, Places: all.Forwarding()}
	if shape.Calls() > 0 {
		seen.Data = shape.Schema()
	}
	return seen, calls, err
}

func writeDifference(w io.Writer, seen suggest.Seen, p *plan.Plan) error {
	lines := seen.Difference(p)
	if len(lines) == 0 {
		lines = []string{"The plan demands of events what held in every visit."}
	}
	for i, l := range lines {
		lines[i] = sanitize.Line(l)
	}
	_, err := fmt.Fprintln(w, strings.Join(lines, "\n"))
	return err
}
