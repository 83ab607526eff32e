package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"userlike-inspector/nativehost/internal/filter"
	"userlike-inspector/nativehost/internal/plan"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/recording"
	"userlike-inspector/nativehost/internal/report"
	"userlike-inspector/nativehost/internal/sanitize"
	"userlike-inspector/nativehost/internal/simulation"
	"userlike-inspector/nativehost/internal/store"
	"userlike-inspector/nativehost/internal/words"
)

// simulating is what the flags of simulate ask for.
type simulating struct {
	site     string
	pause    time.Duration
	timeout  time.Duration
	format   string
	planFile string
	failOn   string
	yes      bool
}

func (a *app) simulateCommand() *cobra.Command {
	var o simulating
	cmd := &cobra.Command{
		Use:   "simulate [EVENT…|RECORDING]",
		Short: "Have an inspected page call its own userlikeTrackingEvent, and see what becomes of it",
		Long: `Have an inspected page call its own userlikeTrackingEvent, as the client would, with
the events named, or all documented ones, or the calls of a recording (.db or .jsonl).

Each event is sent twice: full, with every documented field, and sparse, with only
what is always there. The values are clearly test data, but the site passes them
on to its tracking systems like those of any other call. So it asks first; --yes agrees.

Exit code 0: all returned, and nothing of --fail-on's severity was found. 1: something
was. 2: there was no such page, it has no such function, or not all calls could be made.`,
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return documentedEvents(), cobra.ShellCompDirectiveDefault
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.valid(); err != nil {
				return err
			}
			p, err := loadPlan(o.planFile)
			if err != nil {
				return err
			}
			calls, unsent, err := simulatedCalls(cmd.Context(), args, p)
			if err != nil {
				return err
			}
			for _, u := range unsent {
				fmt.Fprintln(a.stderr, sanitize.Line(fmt.Sprintf("Not sent: %s (%s): %s.", u.Event, u.Record, u.Why)))
			}
			if len(calls) == 0 {
				return fmt.Errorf("%s has no call that could be made again", args[0])
			}
			return a.simulate(cmd.Context(), &o, calls, p)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.site, "site", "", "the page, by a `GLOB` for its host or address, such as *.shop.example (default the only one that has the function)")
	f.DurationVar(&o.pause, "pause", simulation.Pause, "how long to wait between two calls")
	f.DurationVar(&o.timeout, "timeout", simulation.Timeout, "make no more calls after this time")
	f.StringVar(&o.format, "format", "text", "how to write the result: text or json")
	f.StringVar(&o.planFile, "plan", "", "the `FILE` that says where calls are to be forwarded to (YAML or JSON)")
	f.StringVar(&o.failOn, "fail-on", failOns[0], "exit 1 from this severity on: "+words.List(failOns, "or"))
	f.BoolVar(&o.yes, "yes", false, "do not ask")
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(textOrJSON, cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("fail-on", cobra.FixedCompletions(failOns, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func (o *simulating) valid() error {
	switch {
	case o.pause < 0:
		return fmt.Errorf("--pause cannot be %s; use a duration such as 100ms, or 0", o.pause)
	case o.timeout <= 0:
		return fmt.Errorf("--timeout cannot be %s; use a duration above 0, such as 2m", o.timeout)
	}
	if err := oneOf("format", o.format, textOrJSON); err != nil {
		return err
	}
	return oneOf("fail-on", o.failOn, failOns)
}

// simulatedCalls are the calls to make: those of the events or of the recording that args
// name, or those of all documented events. unsent are the calls of a recording that cannot
// be made again.
func simulatedCalls(ctx context.Context, args []string, p *plan.Plan) (calls []simulation.Call, unsent []simulation.Unsent, err error) {
	if len(args) == 1 && (filepath.Ext(args[0]) == ".db" || filepath.Ext(args[0]) == ".jsonl") {
		return simulation.FromRecording(func(f func(*record.Record) error) error { return recording.Each(ctx, args, f) })
	}
	documented := documentedEvents()
	for _, name := range args {
		if !slices.Contains(documented, name) {
			hint := "see the command events for the documented ones, or name a recording (.db or .jsonl)"
			if near := words.Nearest(name, documented); near != "" {
				hint = "did you mean " + near + "?"
			}
			return nil, nil, fmt.Errorf("%s is not a documented event; %s", words.Short(name), hint)
		}
	}
	if len(args) == 0 {
		args = documented
	}
	var data map[string]any
	if p != nil {
		data = p.SampleData
	}
	return simulation.Samples(args, uuid.NewString()[:8], data), nil, nil
}

// simulate makes the calls in a page that is inspected.
func (a *app) simulate(ctx context.Context, o *simulating, calls []simulation.Call, p *plan.Plan) error {
	folder, err := a.requests()
	if err != nil {
		return err
	}
	s, err := a.openStore(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	page, err := a.choosePage(ctx, folder, o.site)
	if err != nil {
		return err
	}
	if err := a.consent(o, page, calls); err != nil {
		return err
	}
	before, err := s.Last(ctx)
	if err != nil {
		return err
	}
	progress := newProgress(a.screen, "Simulation", s, before)
	results, broken := a.makeCalls(ctx, folder, s, page, calls, o.pause, o.timeout, p, progress)
	ctx = context.WithoutCancel(ctx)
	if err := progress.end(ctx); err != nil {
		return err
	}
	if results == nil {
		return broken
	}
	r, err := a.judgeSimulated(ctx, s, before, p)
	if err != nil {
		return errors.Join(broken, err)
	}
	r.Simulation = results
	if o.format == "json" {
		err = sanitize.WriteJSON(a.stdout, results)
	} else {
		err = r.SimulationText(a.stdout, coloured(a.stdout))
	}
	if err := errors.Join(err, broken); err != nil {
		return err
	}
	if from := record.Severity(o.failOn); r.Threw() || o.failOn != "never" && r.Worst().Rank() >= from.Rank() {
		return errAnswerIsNo
	}
	return nil
}

// makeCalls has a page make the calls, and finds out where each was passed on to. If not
// all could be made, the error is a *simulation.Broken and comes with the results so far.
func (a *app) makeCalls(ctx context.Context, folder simulation.Folder, s *store.Store, page simulation.Page, calls []simulation.Call, pause, timeout time.Duration, p *plan.Plan, progress *progress) ([]simulation.Followed, error) {
	row, err := s.Last(ctx)
	if err != nil {
		return nil, err
	}
	progress.expect(len(calls))
	over := context.WithoutCancel(ctx) // after ^C, the calls that were made are still reported
	var progressErr error
	made, broken := folder.Run(ctx, page, calls, pause, timeout, a.now, func(simulation.Result) {
		progressErr = errors.Join(progressErr, progress.show(over))
	})
	results, err := followed(over, s, row, made, hitTime(p), a.hurry.Done())
	if err := errors.Join(err, progressErr); err != nil {
		return nil, errors.Join(broken, err)
	}
	if broken == nil {
		broken = a.hurry.Err() // hits of the last calls may then be missing
	}
	return results, broken
}

// loadPlan reads the plan in file; without a file there is none.
func loadPlan(file string) (*plan.Plan, error) {
	if file == "" {
		return nil, nil
	}
	return plan.Load(file)
}

// findTime is how long to wait for a page with a function. The page may have been opened
// just now, a tag manager may define the function late, and the extension looks for it
// only four times a second.
const findTime = 5 * time.Second

// choosePage finds the page that the user means, and waits for it up to findTime. There is
// no need to pause between two looks: each asks the browsers, which takes a moment.
func (a *app) choosePage(ctx context.Context, folder simulation.Folder, site string) (simulation.Page, error) {
	for begun := time.Now(); ; {
		page, err := a.pageNow(ctx, folder, site)
		switch early := time.Since(begun) < findTime; {
		case early && (errors.Is(err, simulation.ErrNoPage) || errors.Is(err, simulation.ErrNoFunction)):
		case errors.Is(err, simulation.ErrNoPage) && site != "":
			return page, fmt.Errorf("no inspected page is at %s; open it in a browser with the extension, or name another --site", words.Typed(site))
		case errors.Is(err, simulation.ErrSeveral):
			return page, fmt.Errorf("%w\nName one with --site", err)
		default:
			return page, err
		}
	}
}

// pageNow finds the page that the user means among those that are open now.
func (a *app) pageNow(ctx context.Context, folder simulation.Folder, site string) (simulation.Page, error) {
	all, err := folder.Pages(ctx, a.now)
	if err != nil {
		return simulation.Page{}, err
	}
	if site != "" {
		at, err := siteFilter(site, a.now())
		if err != nil {
			return simulation.Page{}, err
		}
		all = slices.DeleteFunc(all, func(p simulation.Page) bool { return !at(p.URL) })
	}
	return simulation.Choose(all)
}

// siteFilter returns what reports whether an address matches glob, in which * stands for
// any text. A glob with a slash is for whole addresses, one without for hosts.
func siteFilter(glob string, now time.Time) (func(address string) bool, error) {
	name := "site:"
	if strings.Contains(glob, "/") {
		name = "url:"
	}
	f, err := filter.Parse(name+literal(glob), now)
	if err != nil {
		return nil, fmt.Errorf("--site %s: %w", words.Typed(glob), err)
	}
	return func(address string) bool { return f.Match(&record.Record{Kind: record.Page, URL: address}) }, nil
}

// literal is a glob as a filter's value: all but * stands for itself.
func literal(glob string) string {
	parts := strings.Split(glob, "*")
	for i, part := range parts {
		if part != "" {
			parts[i] = filter.Quote(part)
		}
	}
	return strings.Join(parts, "*")
}

// consent asks the user whether to make the calls, unless --yes was given. The error says
// that nothing was called.
func (a *app) consent(o *simulating, page simulation.Page, calls []simulation.Call) error {
	what := simulation.Consequence(page, calls)
	switch {
	case o.yes:
		return nil
	case !a.onTerminal():
		return fmt.Errorf("%s Without a terminal, --yes agrees to that", what)
	}
	fmt.Fprintf(a.stderr, "%s\nGo on? [y/N] ", what)
	if agreed, err := a.agrees(); err != nil {
		return err
	} else if !agreed {
		return errors.New("nothing was called")
	}
	return nil
}

// agrees reads the user's answer to a question. Anything but y and yes is no.
func (a *app) agrees() (bool, error) {
	answer, err := bufio.NewReader(a.stdin).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	answer = strings.ToLower(strings.TrimSpace(answer))
	return answer == "y" || answer == "yes", nil
}

const (
	// storeTime is how long a call's record may take to be stored.
	storeTime = 10 * time.Second
	// settleTime is how long a hit may take to be stored after it was sent. The host waits
	// some seconds before it decides which call a request belongs to.
	settleTime = 5 * time.Second
	// longestWait is how long hits are waited for at most, whatever a plan says.
	longestWait = time.Minute
)

// hitTime is how long hits are waited for after the last call: the longest within of the
// plan, at least a second, and the time until they are stored.
func hitTime(p *plan.Plan) time.Duration {
	within := time.Second
	if p != nil {
		for _, f := range p.Forward {
			within = max(within, f.Within)
		}
	}
	return min(within+settleTime, longestWait)
}

// followed says of each call that was made where it was passed on to, by the hits stored
// after row. It waits for the hits as long as patience says, and not at all once hurry is
// closed. It is an error if a call itself does not reach the store.
func followed(ctx context.Context, s *store.Store, row int64, made []simulation.Result, patience time.Duration, hurry <-chan struct{}) ([]simulation.Followed, error) {
	results := make([]simulation.Followed, 0, len(made))
	index := map[string]int{}
	for i, r := range made {
		one := simulation.Followed{Event: r.Event, Variant: r.Variant, Outcome: r.Outcome, Threw: r.Threw, Hits: []simulation.Hit{}}
		if r.Record != "" {
			one.Record = &r.Record
			index[r.Record] = i
		}
		results = append(results, one)
	}
	if len(index) == 0 {
		return results, nil
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	changes, err := s.Follow(ctx)
	if err != nil {
		return nil, err
	}
	hitsDue, late := time.After(patience), time.After(max(patience, storeTime)+time.Second)
	stored, due := 0, false
	for {
		err := recording.EachAfter(ctx, s, row, func(r *record.Record) error {
			row++ // rows have no holes
			if _, ours := index[r.ID]; ours {
				stored++
			}
			if r.Kind != record.Hit {
				return nil
			}
			for _, call := range r.Handed.Calls {
				if i, ours := index[call]; ours {
					carries := r.Handed.Carries
					if carries == nil {
						carries = []record.Carried{}
					}
					results[i].Hits = append(results[i].Hits, simulation.Hit{To: r.Handed.To, System: r.Handed.System, Carries: carries})
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		if due && stored == len(index) {
			return results, nil
		}
		select {
		case <-changes:
		case <-hitsDue:
			due = true
		case <-hurry:
			return results, nil
		case <-late:
			return nil, fmt.Errorf("%d of %d calls did not reach the store", len(index)-stored, len(index))
		}
	}
}

// judgeSimulated judges the simulated calls after the row before. Earlier records are read
// as well, because they tell about the same pages.
func (a *app) judgeSimulated(ctx context.Context, s *store.Store, before int64, p *plan.Plan) (*report.Report, error) {
	where, err := filter.Parse("simulated:yes", a.now())
	if err != nil {
		return nil, err
	}
	j := judgement{plan: p, format: formatNames()[0], live: true}
	return a.judge(ctx, &j, where, func(f func(*record.Record, bool) error) error {
		row := int64(0)
		return recording.EachAfter(ctx, s, 0, func(r *record.Record) error {
			row++ // rows have no holes
			return f(r, row > before)
		})
	})
}
