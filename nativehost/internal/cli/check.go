package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"userlike-inspector/nativehost/internal/files"
	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/plan"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/recording"
	"userlike-inspector/nativehost/internal/report"
	"userlike-inspector/nativehost/internal/words"
)

func (a *app) checkCommand() *cobra.Command {
	var j judgement
	var part selection
	var acceptNew string
	cmd := &cobra.Command{
		Use:   "check [RECORDING…]",
		Short: "Judge what was recorded",
		Long: `Judge what was recorded: the store, or the recordings named (.db or .jsonl). One
that was sealed by export is compared with its seal first; what is not as it was is named,
and it is judged as it is, with exit code 2.

Every --format says what was inspected, what was found, and the journeys, consent and
coverage: text for terminals, json for programs, junit for CI servers, markdown for a
ticket, html as one page to hand on. The last two leave the contacts' personal values out,
unless --show-personal-data asks for them.

--accept-new FILE writes what is found now as a list that a plan can extend, so that
later runs fail by what is new alone (see help plan). This run's exit code stays.

Exit code 0: nothing of the severity --fail-on. 1: there is. 2: it could not be judged,
or the plan demands something and nothing of it could be.`,
		RunE: func(cmd *cobra.Command, recordings []string) error {
			if err := j.valid(); err != nil {
				return err
			}
			if err := part.valid(a.now()); err != nil {
				return err
			}
			changed, err := a.seals(cmd.Context(), recordings, j.plan)
			if err != nil {
				return err
			}
			r, err := a.judge(cmd.Context(), &j, part.Where, func(f func(*record.Record, bool) error) error {
				return a.eachPart(cmd.Context(), recordings, part.Since, f)
			})
			if err != nil {
				return err
			}
			for _, file := range recordings {
				r.Recordings = append(r.Recordings, filepath.Base(file))
			}
			if acceptNew != "" {
				if err := a.acceptNew(acceptNew, r); err != nil {
					return err
				}
			}
			if err := j.conclude(r, a.stdout); err != nil && !errors.Is(err, errAnswerIsNo) || len(changed) == 0 {
				return err
			}
			return fmt.Errorf("%s was judged as it is, which is not what was sealed", strings.Join(changed, ", "))
		},
	}
	cmd.Flags().StringVar(&acceptNew, "accept-new", "", "the `FILE` to write a list to that accepts what is found now, for a while")
	j.flags(cmd)
	part.flags(a, cmd)
	return cmd
}

// acceptedFor is how long what is found is accepted.
const acceptedFor = 90 * 24 * time.Hour

// acceptNew writes what would accept all that was found.
func (a *app) acceptNew(file string, r *report.Report) error {
	day := a.now().UTC().Truncate(24 * time.Hour)
	list := journey.Acceptances(r.Findings, day.Add(acceptedFor))
	err := files.Write(file, files.Private, func(w io.Writer) error {
		_, err := io.WriteString(w, plan.AcceptanceList(list))
		return err
	})
	if err != nil {
		return fmt.Errorf("writing the list: %w", err)
	}
	fmt.Fprintf(a.stderr, "%s accepts %s for 90 days; a plan bears them by: extends: %s\n", file, words.Plural(len(list), "finding"), file)
	return nil
}

// seals compares those of the files that have a seal with it, and says so on stderr.
// It returns those that are not what was sealed.
func (a *app) seals(ctx context.Context, paths []string, p *plan.Plan) (changed []string, err error) {
	for _, path := range paths {
		s, err := recording.ReadSeal(recording.SealFile(path))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		broken, err := s.Verify(ctx, path)
		if err != nil {
			return nil, err
		}
		if len(broken) > 0 {
			changed = append(changed, path)
			fmt.Fprintf(a.stderr, "%s is not what was sealed at %s: %s; get the original again, or remove %q to use it as it is\n",
				path, s.Predicate.Sealed, strings.Join(broken, "; "), recording.SealFile(path))
		} else {
			fmt.Fprintf(a.stderr, "%s is as it was sealed at %s by %s %s: %s\n", path, s.Predicate.Sealed, words.Short(s.Predicate.Tool.Name),
				words.Short(s.Predicate.Tool.Version), words.Plural(s.Predicate.Records, "record"))
		}
		if was, yes := s.Renamed(path); yes {
			fmt.Fprintf(a.stderr, "%s was sealed under the name %s\n", path, words.Short(was))
		}
		for _, why := range s.Judged(p) {
			fmt.Fprintf(a.stderr, "%s: %s\n", path, why)
		}
	}
	return changed, nil
}
