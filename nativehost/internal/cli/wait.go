package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/recording"
	"userlike-inspector/nativehost/internal/store"
	"userlike-inspector/nativehost/internal/words"
	"userlike-inspector/schema"
)

// waiting is one wait for an event.
type waiting struct {
	event   string
	timeout time.Duration
	// simulated says whether a simulated call counts as well.
	simulated bool
	selection
}

func (a *app) waitCommand() *cobra.Command {
	var w waiting
	cmd := &cobra.Command{
		Use:   "wait EVENT",
		Short: "Wait until an event is recorded, and print its record",
		Long: `Wait until a call with this event name is recorded, and print its record as a line of JSON.

A call that was recorded before counts as well, from --since on. So put a mark before you
act, and wait with --since mark:NAME: then a test needs no sleep and misses no call.

Exit code 0: it came. 1: it did not come within --timeout; what came instead is said.
2: it could not wait, and says why.`,
		Args: takes(1, 1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return documentedEvents(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			w.event = args[0]
			if w.event == "" {
				return errors.New("the event's name is empty; see " + cmd.Root().Name() + " events for the documented ones")
			}
			if w.timeout < 0 {
				return fmt.Errorf("--timeout cannot be %s; use a duration such as 30s, or 0 to look only once", w.timeout)
			}
			if err := w.valid(a.now()); err != nil {
				return err
			}
			return a.wait(cmd.Context(), &w)
		},
	}
	w.flags(a, cmd)
	cmd.Flags().BoolVar(&w.simulated, "simulated", false, "accept a simulated call, too")
	cmd.Flags().DurationVar(&w.timeout, "timeout", 30*time.Second, "how long to wait; 0 looks only once")
	return cmd
}

func documentedEvents() []string {
	var names []string
	for _, e := range schema.Catalogue().Events {
		names = append(names, e.Name)
	}
	return names
}

func (a *app) wait(ctx context.Context, w *waiting) error {
	s, err := a.openStore(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	all, err := w.Since.Query(ctx, s)
	if err != nil {
		return err
	}
	found, err := w.find(ctx, s, all)
	if err != nil {
		return err
	}
	if found == nil {
		said, err := w.explain(context.WithoutCancel(ctx), s, all)
		if err != nil {
			return err
		}
		if ctx.Err() != nil {
			return fmt.Errorf("interrupted: %s", said)
		}
		fmt.Fprintln(a.stderr, said)
		return errAnswerIsNo
	}
	line, err := record.Encode(found)
	if err != nil {
		return err
	}
	if _, err := a.stdout.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("writing the record: %w", err)
	}
	return nil
}

// find returns the first record that is waited for, or nil if the time is up or ctx ends
// before.
func (w *waiting) find(ctx context.Context, s *store.Store, q store.Query) (found *record.Record, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	changes, err := s.Follow(ctx)
	if err != nil {
		return nil, err
	}
	timeUp := time.After(w.timeout)
	q.Where = append(q.Where, store.Like(store.Kind, string(record.Call)), store.Like(store.Event, w.event))
	for lastLook := w.timeout == 0; ; {
		last, err := s.Last(ctx)
		if err == nil {
			err = recording.EachOfQuery(ctx, s, w.Where, q, last, func(r *record.Record) error {
				// The name is compared again, because store.Like ignores case.
				if r.EventName() == w.event && (w.simulated || !r.Simulated) {
					found = r
					return errEnough
				}
				return nil
			})
		}
		switch {
		case found != nil:
			return found, nil
		case ctx.Err() != nil:
			return nil, nil
		case err != nil:
			return nil, err
		case lastLook:
			return nil, nil
		}
		q.After = max(q.After, last)
		select {
		case <-timeUp:
			lastLook = true
		case _, open := <-changes:
			lastLook = !open
		}
	}
}

// errEnough ends a reading that has found what it looked for.
var errEnough = errors.New("enough")

// explain says which events came instead.
func (w *waiting) explain(ctx context.Context, s *store.Store, q store.Query) (string, error) {
	count := map[string]int{}
	var names []string // in the order of their arrival
	for {
		rows, err := s.Rows(ctx, q)
		if err != nil {
			return "", err
		}
		if len(rows) == 0 {
			break
		}
		for _, r := range rows {
			q.After = r.Row
			if r.Kind != record.Call {
				continue
			}
			if count[r.Event]++; count[r.Event] == 1 {
				names = append(names, r.Event)
			}
		}
	}
	said := []string{fmt.Sprintf("%s did not come within %s.", words.Short(w.event), w.timeout)}
	if n := count[w.event]; n > 0 && !w.Where.All() {
		said = append(said, fmt.Sprintf("It came %s, but not as --where asks.", words.Times(n)))
	}
	names = slices.DeleteFunc(names, func(n string) bool { return n == w.event })
	said = append(said, came(names, count))
	said = append(said, w.near(names)...)
	return strings.Join(said, " "), nil
}

// near suggests the event that may have been meant, of those that came and of the
// documented ones.
func (w *waiting) near(names []string) []string {
	if near := words.Nearest(w.event, names); near != "" {
		return []string{fmt.Sprintf("Is %s what you wait for?", words.Short(near))}
	}
	documented := documentedEvents()
	if slices.Contains(documented, w.event) {
		return nil
	}
	said := fmt.Sprintf("%s is not a documented event", words.Short(w.event))
	if near := words.Nearest(w.event, documented); near != "" {
		said += "; did you mean " + near
		return []string{said + "?"}
	}
	return []string{said + "."}
}

// maxNamed bounds how many events are named in a sentence.
const maxNamed = 12

// came says which events came and how often.
func came(names []string, count map[string]int) string {
	if len(names) == 0 && len(count) == 0 {
		return "No call was recorded in that part of the recording: check with the command doctor whether the extension and its host run, and whether both use this store."
	}
	if len(names) == 0 {
		return "Nothing else came."
	}
	var said []string
	for _, n := range names[:min(len(names), maxNamed)] {
		said = append(said, fmt.Sprintf("%s (%s)", words.Shown(n), words.Times(count[n])))
	}
	if more := len(names) - maxNamed; more > 0 {
		said = append(said, words.Plural(more, "other event"))
	}
	return "What came: " + words.List(said, "and") + "."
}
