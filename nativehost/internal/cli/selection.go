package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"userlike-inspector/nativehost/internal/filter"
	"userlike-inspector/nativehost/internal/paths"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/recording"
	"userlike-inspector/nativehost/internal/words"
)

// selection is the part of a recording that a command is about, and the flags that say it.
type selection struct {
	sinceText, whereText string

	recording.Selection
}

func (s *selection) flags(a *app, cmd *cobra.Command) {
	sinceFlag(cmd, &s.sinceText)
	cmd.Flags().StringVar(&s.whereText, "where", "", "only records that match the `FILTER`; see "+paths.Product+" help filter")
	_ = cmd.RegisterFlagCompletionFunc("where", a.completeFilter)
}

// sinceFlag adds --since, which says where to begin.
func sinceFlag(cmd *cobra.Command, since *string) {
	cmd.Flags().StringVar(since, "since", "start", "only from there on: mark:NAME, how long ago such as 5m, a time such as 10:13 or 2026-11-22T10:13, or start")
	_ = cmd.RegisterFlagCompletionFunc("since", cobra.FixedCompletions([]string{"mark:", "start"}, cobra.ShellCompDirectiveNoFileComp|cobra.ShellCompDirectiveNoSpace))
}

// simulatedFlag adds --simulated, by which the calls and hits of simulations are treated
// as if the client had caused them.
func simulatedFlag(cmd *cobra.Command, simulated *bool) {
	cmd.Flags().BoolVar(simulated, "simulated", false, "take simulated calls for calls of the client; without it they do not count")
}

// asClients passes records on to each. Those of simulations are left out unless simulated
// is true; then they are passed on as if the client had caused them.
func asClients(simulated bool, each func(*record.Record) error) func(*record.Record) error {
	return func(r *record.Record) error {
		if r.Simulated && !simulated {
			return nil
		}
		r.Simulated = false
		return each(r)
	}
}

func (a *app) completeFilter(cmd *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	known := filter.Documented()
	if strings.Contains(typed, "to:") {
		for _, place := range a.seenPlaces(cmd.Context()) {
			place, _ := withoutScheme(place)
			known.Add("to", place)
		}
	}
	from, suggestions := filter.Complete(typed, len(typed), known)
	var all []cobra.Completion
	for _, s := range suggestions {
		all = append(all, cobra.CompletionWithDesc(typed[:from]+s.Text, s.Meaning))
	}
	return all, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

// filterTopic is what "help filter" shows.
func filterTopic() *cobra.Command {
	return &cobra.Command{
		Use:   "filter",
		Short: "The language of --where, and of / in the terminal UI",
		Long: `A filter is terms between spaces; a record has to meet all of them.

` + filter.Help() + `
Values and texts ignore the case of a to z, not of other letters. Times without a zone
are this machine's; how long ago counts from when the filter is read.
With --where, rule: and severity are about the findings on a record alone: those stored
with it, but for check those that it makes itself, also by its --plan. In the terminal UI
they are about all that it shows, also those on visits and by the plan.`,
	}
}

// valid reads what the flags say, before any work is done.
func (s *selection) valid(now time.Time) (err error) {
	if s.Since, err = recording.ParseSince(s.sinceText, now); err != nil {
		return fmt.Errorf("--since %w", err)
	}
	if s.Where, err = filter.Parse(s.whereText, now); err != nil {
		return fmt.Errorf("--where %s: %w", words.Typed(s.whereText), err)
	}
	return nil
}

// each calls f for the records that are selected of the recordings in files, or of
// the store when none is named.
func (a *app) each(ctx context.Context, files []string, sel *selection, f func(*record.Record) error) error {
	if err := noPlans(files); err != nil {
		return err
	}
	if len(files) > 0 {
		return sel.Each(ctx, files, f)
	}
	s, err := a.openExisting(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	return sel.EachIn(ctx, s, f)
}

// eachPart calls f for all records of the recordings in files, or of the store when none
// is named, and says of each whether it belongs to the selected part.
func (a *app) eachPart(ctx context.Context, files []string, since recording.Since, f func(r *record.Record, since bool) error) error {
	if len(files) > 0 {
		if err := noPlans(files); err != nil {
			return err
		}
		return since.Each(ctx, files, f)
	}
	s, err := a.openExisting(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	return since.EachIn(ctx, s, f)
}

// noPlans returns an error if a plan is named where recordings are expected.
func noPlans(files []string) error {
	for _, file := range files {
		if kind := strings.ToLower(filepath.Ext(file)); kind == ".yaml" || kind == ".yml" {
			return fmt.Errorf("%s is not a recording; name a plan with --plan %s", words.Path(file), words.Path(file))
		}
	}
	return nil
}
