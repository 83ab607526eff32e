package cli

import (
	"bufio"
	"cmp"
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

// simulating is one simulation, as its flags ask for it.
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
what is always there. The values are unmistakably a test's, but the site passes them
on to its tracking systems like any other call's. So it asks first; --yes answers.

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
	f.DurationVar(&o.pause, "pause", simulation.Pause, "between two calls")
	f.DurationVar(&o.timeout, "timeout", simulation.Timeout, "no call is made later")
	f.StringVar(&o.format, "format", "text", "how to write the result: text or json")
	f.StringVar(&o.planFile, "plan", "", "the `FILE` that says where calls are to be forwarded to (YAML or JSON)")
	f.StringVar(&o.failOn, "fail-on", failOns[0], "exit 1 from this severity on: "+words.List(failOns, "or"))
	f.BoolVar(&o.yes, "yes", false, "do not ask")
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]string{"text", "json"}, cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("fail-on", cobra.FixedCompletions(failOns, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func (o *simulating) valid() error {
	switch {
	case o.format != "text" && o.format != "json":
		return fmt.Errorf("--format %q: want text or json", o.format)
	case !slices.Contains(failOns, o.failOn):
		return fmt.Errorf("--fail-on %q: want %s", o.failOn, words.List(failOns, "or"))
	case o.pause < 0:
		return fmt.Errorf("--pause %s: want a duration such as 100ms, or 0", o.pause)
	case o.timeout <= 0:
		return fmt.Errorf("--timeout %s: want a duration above 0, such as 2m", o.timeout)
	}
	return nil
}

// simulatedCalls are the calls that the arguments name, and those of a recording
// that cannot be made again.
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

// makeCalls has a page make calls, and finds what they were passed on to. What went
// wrong on the way is a *simulation.Broken, beside the results until then.
func (a *app) makeCalls(ctx context.Context, folder simulation.Folder, s *store.Store, page simulation.Page, calls []simulation.Call, pause, timeout time.Duration, p *plan.Plan, progress *progress) ([]simulation.Followed, error) {
	row, err := s.Last(ctx)
	if err != nil {
		return nil, err
	}
	progress.expect(len(calls))
	over := context.WithoutCancel(ctx) // what was made before ^C is still told
	var progressErr error
	made, broken := folder.Run(ctx, page, calls, pause, timeout, a.now, func(simulation.Result) {
		progressErr = errors.Join(progressErr, progress.show(over))
	})
	results, err := followed(over, s, row, made, hitTime(p))
	if err := errors.Join(err, progressErr); err != nil {
		return nil, errors.Join(broken, err)
	}
	return results, broken
}

func loadPlan(file string) (*plan.Plan, error) {
	if file == "" {
		return nil, nil
	}
	return plan.Load(file)
}

// findTime is how long a page that was just opened has to show its function: a tag
// manager may bring it late, and the extension looks for it four times a second.
const findTime = 5 * time.Second

// choosePage finds the page that the user means.
func (a *app) choosePage(ctx context.Context, folder simulation.Folder, site string) (simulation.Page, error) {
	for begun := time.Now(); ; {
		page, err := a.pageNow(ctx, folder, site)
		switch early := time.Since(begun) < findTime; {
		case early && (errors.Is(err, simulation.ErrNoPage) || errors.Is(err, simulation.ErrNoFunction)):
		case errors.Is(err, simulation.ErrNoPage) && site != "":
			return page, fmt.Errorf("no inspected page is at %s", words.Short(site))
		case errors.Is(err, simulation.ErrSeveral):
			return page, fmt.Errorf("%w\nName one with --site", err)
		default:
			return page, err
		}
	}
}

// pageNow is the page that the user means, of those that are open now.
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

// siteFilter tells whether an address is at a host or address that has * in it.
func siteFilter(glob string, now time.Time) (func(address string) bool, error) {
	name := "site:"
	if strings.Contains(glob, "/") {
		name = "url:"
	}
	f, err := filter.Parse(name+words.Quote(glob), now)
	if err != nil {
		return nil, fmt.Errorf("--site %q: %w", glob, err)
	}
	return func(address string) bool { return f.Match(&record.Record{Kind: record.Page, URL: address}) }, nil
}

// consent asks, unless it was answered already.
func (a *app) consent(o *simulating, page simulation.Page, calls []simulation.Call) error {
	what := simulation.Consequence(page, calls)
	switch {
	case o.yes:
		return nil
	case !a.onTerminal():
		return fmt.Errorf("%s Without a terminal, --yes agrees to that", what)
	}
	fmt.Fprintf(a.stderr, "%s\nGo on? [y/N] ", what)
	answer, err := bufio.NewReader(a.stdin).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if answer = strings.ToLower(strings.TrimSpace(answer)); answer != "y" && answer != "yes" {
		return errors.New("nothing was called")
	}
	return nil
}

const (
	// storeTime is how long a call's record may take to be stored.
	storeTime = 10 * time.Second
	// settleTime is how long it takes at most until a hit is stored: the host waits some
	// seconds before it decides whose a request is.
	settleTime = 5 * time.Second
	// longestWait bounds what a plan has waited for.
	longestWait = time.Minute
)

// hitTime is how long after the last call its hits are waited for: one second, or as
// long as the plan gives them.
func hitTime(p *plan.Plan) time.Duration {
	within := time.Second
	if p != nil {
		for _, f := range p.Forward {
			within = max(within, f.Within)
		}
	}
	return min(within+settleTime, longestWait)
}

// followed adds to results what the calls were passed on to.
func followed(ctx context.Context, s *store.Store, row int64, made []simulation.Result, patience time.Duration) ([]simulation.Followed, error) {
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
		case <-late:
			return nil, fmt.Errorf("%d of %d calls did not reach the store", len(index)-stored, len(index))
		}
	}
}

// judgeSimulated judges the simulated calls behind a row, by all that is known of
// their pages.
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

// handlerTime is how long a visit waits for the site's function.
const handlerTime = 30 * time.Second

// simulateVisit has the page of a visit call its own function with every documented
// event, once it has one, and says how that ended.
func (a *app) simulateVisit(ctx context.Context, s *store.Store, before int64, gone <-chan struct{}, v *visit, p *plan.Plan, progress *progress) (ending string, err error) {
	folder, err := a.requests()
	if err != nil {
		return "", err
	}
	page, ending, err := a.awaitHandler(ctx, folder, s, before, gone, v)
	if err != nil || ending != "" {
		return ending, err
	}
	calls, _, err := simulatedCalls(ctx, nil, p)
	if err != nil {
		return "", err
	}
	results, err := a.makeCalls(ctx, folder, s, page, calls, simulation.Pause, simulation.Timeout, p, progress)
	v.simulation = results
	if broken := (*simulation.Broken)(nil); errors.As(err, &broken) {
		v.broken, err = broken.Error(), nil
	} else if ctx.Err() != nil && results != nil {
		err = nil // ^C ends the visit, not the report on it
	}
	return fmt.Sprintf("its simulation has made %s", words.Plural(len(results), "call")), err
}

// awaitHandler waits until the visit's page has a function to call.
func (a *app) awaitHandler(ctx context.Context, folder simulation.Folder, s *store.Store, before int64, gone <-chan struct{}, v *visit) (page simulation.Page, ending string, err error) {
	for deadline := time.Now().Add(handlerTime); ; {
		profiles, err := profilesAfter(ctx, s, before)
		if err != nil {
			return page, "", err
		}
		pages, err := folder.Pages(ctx, a.now)
		if err != nil && !errors.Is(err, simulation.ErrNoBrowser) && ctx.Err() == nil {
			return page, "", err
		}
		pages = slices.DeleteFunc(pages, func(p simulation.Page) bool { return !p.Handler || !profiles[p.Profile] })
		if len(pages) > 0 {
			// The top document's, if that has one: frames' are others'.
			return slices.MinFunc(pages, func(a, b simulation.Page) int { return cmp.Compare(a.Frame, b.Frame) }), "", nil
		}
		select {
		case <-gone:
			return page, "its last page closed itself", nil
		case <-ctx.Done():
			return page, "it was interrupted", nil
		default:
		}
		if v.over() {
			return page, "nothing more can come", nil
		}
		if time.Now().After(deadline) {
			v.broken = fmt.Sprintf("no page had a userlikeTrackingEvent to call within %s; check whether the script that defines it was allowed to run", handlerTime)
			return page, "there was no function to call", nil
		}
	}
}

// profilesAfter are the browser profiles that were heard of after a row.
func profilesAfter(ctx context.Context, s *store.Store, row int64) (map[string]bool, error) {
	profiles := map[string]bool{}
	err := recording.EachAfter(ctx, s, row, func(r *record.Record) error {
		if r.Browser != nil {
			profiles[r.Browser.Profile] = true
		}
		return nil
	})
	return profiles, err
}
