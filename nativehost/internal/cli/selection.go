package cli

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"userlike-inspector/nativehost/internal/filter"
	"userlike-inspector/nativehost/internal/paths"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/store"
	"userlike-inspector/nativehost/internal/words"
)

// selection is the part of a recording that a command is about.
type selection struct {
	sinceText, whereText string

	since since
	where *filter.Filter
}

func (s *selection) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&s.sinceText, "since", "start", "only from there on: mark:NAME, how long ago such as 5m, a time such as 10:13 or 2026-11-22T10:13, or start")
	cmd.Flags().StringVar(&s.whereText, "where", "", "only records that match the `FILTER`; see "+paths.Product+" help filter")
	_ = cmd.RegisterFlagCompletionFunc("since", cobra.FixedCompletions([]string{"mark:", "start"}, cobra.ShellCompDirectiveNoFileComp|cobra.ShellCompDirectiveNoSpace))
	_ = cmd.RegisterFlagCompletionFunc("where", completeFilter)
}

func completeFilter(_ *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	from, suggestions := filter.Complete(typed, len(typed), filter.Documented())
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
are this machine's; how long ago is reckoned from when the filter is read.
With --where, rule: and severity are about the findings on a record alone: those stored
with it, but for check those that it makes itself, also by its --plan. In the terminal UI
they are about all that it shows, also those on visits and by the plan.`,
	}
}

// valid reads what the flags say, before any work is done.
func (s *selection) valid(now time.Time) (err error) {
	if s.since, err = parseSince(s.sinceText, now); err != nil {
		return fmt.Errorf("--since %w", err)
	}
	if s.where, err = filter.Parse(s.whereText, now); err != nil {
		return fmt.Errorf("--where %q: %w", s.whereText, err)
	}
	return nil
}

// since is a beginning: the newest mark of a name, a time, or neither for the start.
type since struct {
	mark string
	at   time.Time
}

func parseSince(text string, now time.Time) (since, error) {
	if name, ok := strings.CutPrefix(text, "mark:"); ok {
		if name == "" {
			return since{}, fmt.Errorf("%q: the mark's name is missing; want mark:NAME as it was given to the command mark", text)
		}
		return since{mark: name}, nil
	}
	if text == "start" {
		return since{}, nil
	}
	at, err := filter.Instant(text, now)
	switch {
	case err != nil:
		return since{}, fmt.Errorf("%w, mark:NAME or start", err)
	case at.After(now):
		return since{}, fmt.Errorf("%q: it is only %s now, nothing can have been recorded since then", text, now.Format("2006-01-02T15:04:05Z07:00"))
	}
	return since{at: at}, nil
}

// query is the beginning as a query to s.
func (b since) query(ctx context.Context, s *store.Store) (store.Query, error) {
	q := store.Query{Limit: page}
	switch {
	case b.mark != "":
		row, err := findMark(ctx, s, b.mark)
		if err != nil {
			return q, err
		}
		q.After = row - 1
	case !b.at.IsZero():
		q.Where = []store.Condition{store.TimeIn(b.at.UnixMilli(), math.MaxInt64)}
	}
	return q, nil
}

// findMark is the row of the newest mark of that name.
func findMark(ctx context.Context, s *store.Store, name string) (row int64, err error) {
	found, err := s.Records(ctx, store.Query{
		Newest: true, Limit: 1,
		// LIKE ignores case, so the record decides.
		Where: []store.Condition{store.Like(store.Kind, string(record.Mark)), store.All(store.Like(store.Event, name), store.Unknown())},
		Match: func(_ int64, line []byte) (bool, error) {
			r, err := record.Decode(line)
			return err == nil && r.Text == name, err
		},
	})
	switch {
	case err != nil:
		return 0, err
	case len(found) == 1:
		return found[0].Row, nil
	}
	marks, err := s.Rows(ctx, store.Query{Newest: true, Limit: 10, Where: []store.Condition{store.Like(store.Kind, string(record.Mark))}})
	if err != nil {
		return 0, err
	}
	var names []string
	for _, m := range marks {
		names = append(names, m.Event)
	}
	return 0, noMark(name, names)
}

// noMark says that a mark is missing; names are those that there are.
func noMark(name string, names []string) error {
	hint := "none was put into the recording; the command mark does that"
	if near := words.Nearest(name, names); near != "" {
		hint = "did you mean " + words.Quote(near) + "?"
	} else if len(names) > 0 {
		hint = "the newest are " + words.List(quoted(names), "and")
	}
	return fmt.Errorf("there is no mark %q; %s", name, hint)
}

func quoted(names []string) []string {
	all := make([]string, len(names))
	for i, n := range names {
		all[i] = words.Quote(n)
	}
	return all
}

// eachSelected is each for the records of a selection.
func (a *app) eachSelected(ctx context.Context, recordings []string, sel *selection, f func(*record.Record) error) error {
	if len(recordings) == 0 {
		path, err := a.storePath()
		if err != nil {
			return err
		}
		s, err := store.OpenExisting(ctx, path)
		if err != nil {
			return err
		}
		defer s.Close()
		_, err = eachIn(ctx, s, sel, f)
		return err
	}
	skip := 0 // records before the mark
	if sel.since.mark != "" {
		var err error
		if skip, err = a.beforeMark(ctx, recordings, sel.since.mark); err != nil {
			return err
		}
	}
	n := 0
	return a.each(ctx, recordings, func(r *record.Record) error {
		n++
		if n <= skip || r.Time.Before(sel.since.at) || !sel.where.Match(r) {
			return nil
		}
		return f(r)
	})
}

// beforeMark counts the records that come before the newest mark of that name.
func (a *app) beforeMark(ctx context.Context, recordings []string, name string) (count int, err error) {
	n, found := 0, false
	var names []string
	err = a.each(ctx, recordings, func(r *record.Record) error {
		if r.Kind == record.Mark {
			names = append(names, r.Text)
			if r.Text == name {
				count, found = n, true
			}
		}
		n++
		return nil
	})
	if err == nil && !found {
		err = noMark(name, names[max(0, len(names)-10):])
	}
	return count, err
}

// eachIn calls f for what is selected of s, and returns the last row that was
// there when it began.
func eachIn(ctx context.Context, s *store.Store, sel *selection, f func(*record.Record) error) (last int64, err error) {
	q, err := sel.since.query(ctx, s)
	if err != nil {
		return 0, err
	}
	if last, err = s.Last(ctx); err != nil {
		return 0, err
	}
	return last, eachOfQuery(ctx, s, sel.where, q, last, f)
}

// eachOfQuery calls f for the records of q up to a row that the filter wants.
func eachOfQuery(ctx context.Context, s *store.Store, where *filter.Filter, q store.Query, last int64, f func(*record.Record) error) error {
	q = where.Narrow(q)
	q.Before = last + 1
	for {
		found, err := s.Records(ctx, q)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return nil
		}
		for _, one := range found {
			if err := f(one.Record); err != nil {
				return err
			}
			q.After = one.Row
		}
	}
}
