package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"userlike-inspector/nativehost/internal/plan"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/redact"
	"userlike-inspector/nativehost/internal/store"
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

--format csv is for spreadsheets (RFC 4180, UTF-8). There, a text that a spreadsheet
could take for a formula gets an apostrophe before it.

--redact puts pseudonyms of the same type and length in the place of the contact's name
and e-mail address, of custom_data and of undocumented values. They are the same for
the same value in every export of yours, and each record says what was replaced.

--seal writes FILE.seal.json beside --output FILE: an in-toto statement with SHA-256
digests of the file and of each line. check verifies it before it judges FILE. It shows
what was changed afterwards; to show who made it, sign it with a tool of your choice.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := e.valid(a); err != nil {
				return err
			}
			return a.export(cmd.Context(), &e)
		},
	}
	e.flags(cmd)
	f := cmd.Flags()
	f.StringVar(&e.format, "format", exportFormats[0], "how to write the records: "+strings.Join(exportFormats, " or "))
	f.StringVar(&e.output, "output", "", "the `FILE` to write to (default stdout)")
	f.BoolVar(&e.redact, "redact", false, "replace personal values by pseudonyms")
	f.BoolVar(&e.follow, "follow", false, "go on with what comes, until ^C")
	f.BoolVar(&e.seal, "seal", false, "with --output: write digests beside it, by which check knows that nothing was changed")
	f.StringVar(&e.planFile, "plan", "", "with --seal: the `FILE` of the plan that the recording is judged by; its digest is sealed too")
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(exportFormats, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// valid refuses what doesn't go together, before any work is done.
func (e *export) valid(a *app) error {
	switch {
	case !slices.Contains(exportFormats, e.format):
		return fmt.Errorf("--format %q: want %s", e.format, strings.Join(exportFormats, " or "))
	case e.seal && e.output == "":
		return errors.New("--seal needs --output FILE: the seal is written beside it")
	case e.seal && e.format != "jsonl":
		return fmt.Errorf("--seal goes with --format jsonl, which check can read; not with %s", e.format)
	case e.follow && e.output != "":
		return errors.New("--follow writes to stdout, for a file is only put in place when it is whole; use > FILE")
	case e.planFile != "" && !e.seal:
		return errors.New("--plan goes with --seal")
	}
	return e.selection.valid(a.now())
}

func (a *app) export(ctx context.Context, e *export) error {
	path, err := a.storePath()
	if err != nil {
		return err
	}
	open := store.OpenExisting
	if e.follow {
		open = store.Open // what is to come may be the first
	}
	s, err := open(ctx, path)
	if err != nil {
		return err
	}
	defer s.Close()
	x := exporter{format: e.format}
	if e.redact {
		if x.redactor, err = a.redactor(); err != nil {
			return err
		}
	}
	switch {
	case e.seal:
		return a.exportSealed(ctx, s, e, &x)
	case e.output != "":
		err = writeFile(e.output, func(w io.Writer) error { return x.all(ctx, s, &e.selection, w) })
	case e.follow:
		err = x.follow(ctx, s, &e.selection, a.stdout)
	default:
		err = x.all(ctx, s, &e.selection, a.stdout)
	}
	return err
}

// exporter writes records in a format.
type exporter struct {
	format   string
	redactor *redact.Redactor // nil to keep personal values
	columns  []csvColumn      // of CSV
	buffer   *bufio.Writer
}

// begin makes w what is written to.
func (x *exporter) begin(w io.Writer) error {
	x.buffer = bufio.NewWriterSize(w, 64<<10)
	if x.format == "csv" {
		x.columns = csvColumns()
		return x.line(csvHeader(x.columns))
	}
	return nil
}

func (x *exporter) record(r *record.Record) (err error) {
	if x.redactor != nil {
		if r, err = x.redactor.Record(r); err != nil {
			return err
		}
	}
	if x.format == "csv" {
		return x.line(csvLine(x.columns, r))
	}
	line, err := record.Encode(r)
	if err != nil {
		return err
	}
	return x.line(append(line, '\n'))
}

func (x *exporter) line(line []byte) error { return writing(x.buffer.Write(line)) }

func (x *exporter) flush() error { return writing(0, x.buffer.Flush()) }

func writing(_ int, err error) error {
	if err != nil {
		return fmt.Errorf("writing the records: %w", err)
	}
	return nil
}

// all writes what is selected of s.
func (x *exporter) all(ctx context.Context, s *store.Store, sel *selection, w io.Writer) error {
	if err := x.begin(w); err != nil {
		return err
	}
	if _, err := eachIn(ctx, s, sel, x.record); err != nil {
		return err
	}
	return x.flush()
}

// follow writes what is selected of s and what comes, each as soon as it is
// there, until ctx ends.
func (x *exporter) follow(ctx context.Context, s *store.Store, sel *selection, w io.Writer) error {
	if err := x.begin(w); err != nil {
		return err
	}
	changes, err := s.Follow(ctx)
	if err != nil {
		return err
	}
	q, err := sel.since.query(ctx, s)
	if err != nil {
		return err
	}
	for range changes {
		last, err := s.Last(ctx)
		if err == nil {
			err = eachOfQuery(ctx, s, sel.where, q, last, x.record)
		}
		q.After = max(q.After, last)
		if err := errors.Join(err, x.flush()); err != nil && ctx.Err() == nil {
			return err
		}
	}
	return nil
}

// exportSealed writes the recording and then its seal: a seal without its
// recording would be worse than none.
func (a *app) exportSealed(ctx context.Context, s *store.Store, e *export, x *exporter) error {
	var p *plan.Plan
	if e.planFile != "" {
		var err error
		if p, err = plan.Load(e.planFile); err != nil {
			return err
		}
	}
	sealing := newSealing(e.output)
	err := writeFile(e.output, func(w io.Writer) error {
		return x.all(ctx, s, &e.selection, io.MultiWriter(w, sealing))
	})
	if err != nil {
		return err
	}
	return writeFile(sealFile(e.output), func(w io.Writer) error { return sealing.write(w, p, a.now()) })
}
