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
		Long: `Judge what was recorded: the store, or the recordings named (.db or .jsonl). A
recording that export has sealed is compared with its seal first. If it was changed, check
says what was changed, judges it as it is, and ends with exit code 2.

Every --format says what was inspected, what was found, and the journeys, consent and
coverage: text for terminals, json for programs, junit for CI servers, markdown for a
ticket, html as one page to hand on. The last two leave the contacts' personal values out,
unless --show-personal-data asks for them.

--accept-new FILE writes what is found now as a list that a plan can extend, so that
later runs fail only because of new findings (see help plan). It does not change the exit
code of this run.

Exit code 0: no finding is as severe as --fail-on says. 1: some are. 2: the recording could
not be judged, or nothing that the plan demands could be.`,
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
			// With --since alone, a page that was opened in the part shows why it made no call.
			r.Part = !part.Where.All() || r.Summary.Pages == 0 && !part.All()
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

// acceptedFor is how long the acceptances that --accept-new writes are valid.
const acceptedFor = 90 * 24 * time.Hour

// acceptNew writes a list to file that accepts everything in the report r.
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
	fmt.Fprintf(a.stderr, "%s accepts %s for 90 days; to use them, write in your plan: extends: %s\n", file, words.Plural(len(list), "finding"), file)
	return nil
}

// seals compares each file that has a seal with its seal, and says the result on stderr.
// It returns the paths of those that have changed since they were sealed. p is the plan
// that they are going to be judged by, nil for none.
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
			fmt.Fprintf(a.stderr, "%s is not what was sealed at %s: %s; get the original again, or remove %s to use it as it is\n",
				path, s.Predicate.Sealed, strings.Join(broken, "; "), words.Path(recording.SealFile(path)))
		} else {
			fmt.Fprintf(a.stderr, "%s is as it was sealed at %s by %s %s: %s\n", path, s.Predicate.Sealed, words.Short(s.Predicate.Tool.Name),
				words.Short(s.Predicate.Tool.Version), words.Plural(s.Predicate.Records, "record"))
		}
		if was, yes := s.Renamed(path); yes {
			fmt.Fprintf(a.stderr, "%s was sealed under the name %s\n", path, words.Short(was))
		}
		for _, why := range s.ChangedPlan(p) {
			fmt.Fprintf(a.stderr, "%s: %s\n", path, why)
		}
	}
	return changed, nil
}
