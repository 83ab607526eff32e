package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"userlike-inspector/extension"
	"userlike-inspector/nativehost/internal/files"
	"userlike-inspector/nativehost/internal/otlp"
	"userlike-inspector/nativehost/internal/paths"
	"userlike-inspector/nativehost/internal/plan"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/recording"
	"userlike-inspector/nativehost/internal/redact"
	"userlike-inspector/nativehost/internal/store"
	"userlike-inspector/nativehost/internal/words"
)

// export is what the command's flags ask for.
type export struct {
	selection
	format   string
	output   string
	redact   bool
	follow   bool
	seal     bool
	planFile string
	otlp     string
	timeout  time.Duration

	redactor *redact.Redactor // nil to keep personal values
}

// exportFormats are the ways to write records; the first is the default.
var exportFormats = []string{"jsonl", "csv"}

func (a *app) exportCommand() *cobra.Command {
	var e export
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write the records as JSON Lines",
		Long: `Write the records as JSON Lines, one record a line, in the order of arrival.
The command import reads them back, byte for byte.

--format csv is for spreadsheets (RFC 4180, UTF-8 with a byte order mark). There, a text that a
spreadsheet could take for a formula gets an apostrophe before it, and one that it would
take for another value, such as 00012 or 1E5, is written ="00012". What is longer than a
cell can be is cut, with a note.

--redact puts pseudonyms of the same type and length in the place of the contact's name
and e-mail address, of custom_data and of undocumented values, and wherever else in the
recording these occur with five or more characters: addresses, titles, keys, notes, marks,
exceptions, also encoded. The same value gets the same pseudonym in every export of yours,
and each record says what was replaced. Reports on such a recording say that values are
hidden; what a plan demands of these values themselves is not judged then.

--seal writes FILE.seal.json beside --output FILE: an in-toto statement with SHA-256
digests of the file and of each line. check verifies it before it judges FILE. It shows
what was changed afterwards; to show who made it, sign it with a tool of your choice.

--otlp sends the records to an OpenTelemetry collector instead, as logs over HTTP, with
their findings. A second export sends the same records again; use --since with a mark or
a time to send only new ones. Headers such as an authorization are taken from the standard
variable OTEL_EXPORTER_OTLP_HEADERS.`,
		Args: takes(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := e.valid(a); err != nil {
				return err
			}
			return a.export(cmd.Context(), &e)
		},
	}
	e.flags(a, cmd)
	f := cmd.Flags()
	f.StringVar(&e.format, "format", exportFormats[0], "how to write the records: "+strings.Join(exportFormats, " or "))
	f.StringVar(&e.output, "output", "", "the `FILE` to write to (default stdout)")
	f.BoolVar(&e.redact, "redact", false, "replace personal values by pseudonyms")
	f.BoolVar(&e.follow, "follow", false, "go on with new records, until ^C")
	f.BoolVar(&e.seal, "seal", false, "with --output: write digests beside it, by which check knows that nothing was changed")
	f.StringVar(&e.planFile, "plan", "", "with --seal: the `FILE` of the plan that the recording is judged by; its digest is sealed too")
	f.StringVar(&e.otlp, "otlp", "", "send the records to the collector at this `URL`, such as http://127.0.0.1:4318")
	f.DurationVar(&e.timeout, "timeout", 30*time.Second, "with --otlp: for how long to try again while the collector accepts nothing")
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(exportFormats, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// valid refuses flags that do not go together, before any work is done.
func (e *export) valid(a *app) error {
	switch {
	case !slices.Contains(exportFormats, e.format):
		return oneOf("format", e.format, exportFormats)
	case e.seal && e.output == "":
		return errors.New("--seal needs --output FILE, because the seal is written beside that file")
	case e.seal && e.format != "jsonl":
		return fmt.Errorf("--seal works only with --format jsonl, which check can read, not with %s", e.format)
	case e.follow && e.output != "":
		return errors.New("--follow does not work with --output or --seal, because it never ends by itself; write > FILE instead")
	case e.planFile != "" && !e.seal:
		return errors.New("--plan works only with --seal")
	case e.otlp != "" && (e.output != "" || e.format != exportFormats[0]):
		return errors.New("--otlp sends the records as logs; leave out --output and --format")
	case e.timeout < 0:
		return fmt.Errorf("--timeout cannot be %s; use a duration such as 30s, or 0 to try only once", e.timeout)
	}
	return e.selection.valid(a.now())
}

func (a *app) export(ctx context.Context, e *export) error {
	open := a.openExisting
	if e.follow {
		open = a.openStore // makes a store: the first record may be yet to come
	}
	s, err := open(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	if e.redact {
		if e.redactor, err = a.redactor(); err != nil {
			return err
		}
		// A value that is personal in one record is hidden in all, so all are read first.
		learn := func(r *record.Record) error { e.redactor.Learn(r); return ctx.Err() }
		if err := recording.EachAfter(ctx, s, 0, learn); err != nil {
			return err
		}
	}
	switch {
	case e.otlp != "":
		return a.send(ctx, s, e)
	case e.seal:
		return a.exportSealed(ctx, s, e)
	case e.output != "":
		return files.Write(e.output, files.Private, func(w io.Writer) error { return e.write(ctx, s, w) })
	}
	return e.write(ctx, s, a.stdout)
}

// write writes the selected records of s to w, in the format asked for.
func (e *export) write(ctx context.Context, s *store.Store, w io.Writer) error {
	out := recording.NewLines(w)
	if e.format == "csv" {
		out = recording.NewCSV(w)
	}
	return e.deliver(ctx, s, toWriter{out})
}

// sink is where records go.
type sink interface {
	add(ctx context.Context, r *record.Record) error
	flush(ctx context.Context) error
}

// deliver passes the selected records of s to out. With --follow it goes on with each new
// one as soon as it is stored, until ctx ends.
func (e *export) deliver(ctx context.Context, s *store.Store, out sink) error {
	add := func(r *record.Record) (err error) {
		if e.redactor != nil {
			if r, err = e.redactor.Record(r); err != nil {
				return err
			}
		}
		return out.add(ctx, r)
	}
	if !e.follow {
		if err := e.EachIn(ctx, s, add); err != nil {
			return err
		}
		return out.flush(ctx)
	}
	changes, err := s.Follow(ctx)
	if err != nil {
		return err
	}
	q, err := e.Since.Query(ctx, s)
	if err != nil {
		return err
	}
	for range changes {
		last, err := s.Last(ctx)
		if err == nil {
			err = recording.EachOfQuery(ctx, s, e.Where, q, last, add)
		}
		q.After = max(q.After, last)
		if err := errors.Join(err, out.flush(ctx)); err != nil && ctx.Err() == nil {
			return err
		}
	}
	return nil
}

// exportSealed writes the recording first and then its seal, so that there is never a seal
// without its recording.
func (a *app) exportSealed(ctx context.Context, s *store.Store, e *export) error {
	var p *plan.Plan
	if e.planFile != "" {
		var err error
		if p, err = plan.Load(e.planFile); err != nil {
			return err
		}
	}
	sealing := recording.NewSealing(e.output)
	err := files.Write(e.output, files.Private, func(w io.Writer) error {
		return e.write(ctx, s, io.MultiWriter(w, sealing))
	})
	if err != nil {
		return err
	}
	return files.Write(recording.SealFile(e.output), files.Private, func(w io.Writer) error { return sealing.WriteSeal(w, p, a.now()) })
}

// send sends the selected records to a collector, and says how many it has taken.
func (a *app) send(ctx context.Context, s *store.Store, e *export) error {
	sender, err := otlp.New(ctx, e.otlp, paths.Product, extension.Version, e.timeout)
	if err != nil {
		return fmt.Errorf("--otlp %w", err)
	}
	err = e.deliver(ctx, s, toCollector{sender})
	err = errors.Join(err, sender.Close(context.WithoutCancel(ctx)))
	taken := words.Plural(sender.Sent(), "record")
	if err != nil {
		return fmt.Errorf("the collector %s did not accept the records: %w; %s sent before", e.otlp, err, taken)
	}
	fmt.Fprintf(a.stderr, "%s sent to %s\n", taken, e.otlp)
	return nil
}

// toWriter writes records as text.
type toWriter struct{ *recording.Writer }

func (w toWriter) add(_ context.Context, r *record.Record) error { return w.Add(r) }

func (w toWriter) flush(context.Context) error { return w.Flush() }

// toCollector sends records to an OpenTelemetry collector.
type toCollector struct{ sender *otlp.Sender }

func (c toCollector) add(ctx context.Context, r *record.Record) error {
	return c.sender.Add(ctx, r)
}

func (c toCollector) flush(ctx context.Context) error { return c.sender.Flush(ctx) }
