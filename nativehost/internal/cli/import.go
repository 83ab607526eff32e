package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/recording"
	"userlike-inspector/nativehost/internal/store"
	"userlike-inspector/nativehost/internal/words"
)

func (a *app) importCommand() *cobra.Command {
	var strict bool
	cmd := &cobra.Command{
		Use:   "import FILE…",
		Short: "Add recordings to the store: what export wrote, or other stores",
		Long: `Add recordings (.jsonl or .db) to the store. It is the inverse of export: records
keep every byte, and those that the store has already are left as they are.

Lines that are no records are named and left out; the others are kept. With --strict a
single one of them keeps out everything.

Exit code 0: all was read. 2: there was something that is not a record.`,
		Args: takes(1, -1),
		RunE: func(cmd *cobra.Command, files []string) error {
			return a.importFiles(cmd.Context(), files, strict)
		},
	}
	cmd.Flags().BoolVar(&strict, "strict", false, "add nothing unless every line is a record")
	return cmd
}

// maxTold is how many bad lines are named one by one.
const maxTold = 20

// intake is an import under way.
type intake struct {
	app    *app
	store  *store.Store
	strict bool

	batch []*record.Record // not in the store yet; if strict, all that was read
	read  int
	added int
	bad   int
}

func (a *app) importFiles(ctx context.Context, files []string, strict bool) error {
	if _, err := a.seals(ctx, files, nil); err != nil {
		return err
	}
	s, err := a.openStore(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	in := &intake{app: a, store: s, strict: strict}
	for _, file := range files {
		if err = recording.EachOf(ctx, file, in.refuse, func(r *record.Record) error { return in.take(ctx, r) }); err != nil {
			break
		}
	}
	switch {
	case strict && err != nil:
		return fmt.Errorf("%w; nothing was imported", err)
	case strict && in.bad > 0:
		return fmt.Errorf("%s not a record; nothing was imported", areLines(in.bad))
	}
	// What was read before an error is kept, just as good lines beside a bad one are.
	if err := errors.Join(err, in.flush(ctx)); err != nil {
		return err
	}
	fmt.Fprintf(a.stderr, "%s imported", words.Plural(in.added, "record"))
	if known := in.read - in.added; known > 0 {
		fmt.Fprintf(a.stderr, ", %d had been there already", known)
	}
	fmt.Fprintln(a.stderr)
	if in.bad > 0 {
		return fmt.Errorf("%s left out, for the reasons above", areLines(in.bad))
	}
	return nil
}

func areLines(n int) string {
	if n == 1 {
		return "1 line is"
	}
	return fmt.Sprintf("%d lines are", n)
}

// refuse counts a bad line, and names the first maxTold of them on stderr.
func (in *intake) refuse(err error) error {
	in.bad++
	switch {
	case in.bad <= maxTold:
		fmt.Fprintln(in.app.stderr, err)
	case in.bad == maxTold+1:
		fmt.Fprintln(in.app.stderr, "further lines that are no records are only counted")
	}
	return nil
}

// take adds a record to the batch. A full batch goes to the store; if strict, nothing does
// before all files were read.
func (in *intake) take(ctx context.Context, r *record.Record) error {
	in.read++
	in.batch = append(in.batch, r)
	if in.strict || len(in.batch) < recording.Page {
		return nil
	}
	return in.flush(ctx)
}

func (in *intake) flush(ctx context.Context) error {
	added, err := in.store.Append(ctx, in.batch)
	if err != nil {
		return err
	}
	in.added += added
	in.batch = in.batch[:0]
	return nil
}
