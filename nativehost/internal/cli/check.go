package cli

import (
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"userlike-inspector/nativehost/internal/filter"
	"userlike-inspector/nativehost/internal/record"
)

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

Every --format says what was inspected, what was found, and the journeys, consent and
coverage: text for terminals, json for programs, junit for CI servers, markdown for a
ticket, html as one page to hand on. The last two leave the contacts' personal values out,
unless --show-personal-data asks for them.

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
			r, err := a.judge(cmd.Context(), &j, where, func(f func(*record.Record) error) error {
				return a.eachSelected(cmd.Context(), recordings, &part, f)
			})
			if err != nil {
				return err
			}
			for _, recording := range recordings {
				r.Recordings = append(r.Recordings, filepath.Base(recording))
			}
			return j.conclude(r, a.stdout)
		},
	}
	j.flags(cmd)
	part.flags(cmd)
	return cmd
}
