package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"userlike-inspector/nativehost/internal/browser"
	"userlike-inspector/nativehost/internal/demo"
	"userlike-inspector/nativehost/internal/ending"
	"userlike-inspector/nativehost/internal/paths"
	"userlike-inspector/nativehost/internal/plan"
	"userlike-inspector/nativehost/internal/store"
	"userlike-inspector/nativehost/internal/tui"
	"userlike-inspector/nativehost/internal/words"
)

// inspection is what the flags of inspect ask for.
type inspection struct {
	browsers   []string // --browser
	profile    string
	standIn    bool
	trace      []string
	headless   bool
	insecure   bool
	simulate   bool
	getBrowser bool
	length     time.Duration // --for
	untilIdle  time.Duration
	judgement
}

func (a *app) inspectCommand() *cobra.Command {
	var o inspection
	cmd := &cobra.Command{
		Use:   "inspect [URL]",
		Short: "Open a site in a browser that records and judges its tracking calls",
		Long: `Open a site in a browser that records and judges its tracking calls.

The browser runs with a throw-away profile, so nothing of yours is touched. On
Windows, Chromium browsers look for their host in your part of the registry: what
is there is put back when the browser has ended.
Without a URL it opens a demo shop that comes with this program.

With --headless there is no window and no terminal UI, and nobody clicks. Each
--browser in turn opens the site: for as long as --for says, until nothing has come
for --until-idle, or until ^C. Then one report on all of them is printed, as check
does. Dialogs are answered, and the report lists them. Without a terminal or a
display it runs like this by itself.

Exit code with --headless: 0, nothing is as bad as --fail-on says. 1, something is. 2,
the site cannot be judged: it could not be opened, no page was seen, a page hung or
crashed, the browser ended by itself, or nothing that the plan demands was decided.`,
		Args: takes(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var site target
			if len(args) == 1 {
				var err error
				if site, err = siteURL(args[0]); err != nil {
					return err
				}
			}
			why := ""
			if !o.headless {
				why = a.whyHeadless()
				o.headless = why != ""
			}
			if err := o.valid(cmd); err != nil {
				return err
			}
			if why != "" {
				fmt.Fprintf(a.stderr, "%s, so this runs without window and terminal UI, as with --headless, and prints a report at the end.\n", why)
			}
			return a.inspect(cmd.Context(), o, site)
		},
	}
	f := cmd.Flags()
	f.StringArrayVar(&o.browsers, "browser", nil, "the browser, by `NAME|PATH` (default the first that is installed); with --headless it can be given more than once")
	f.StringVar(&o.profile, "profile", "", "the profile's `DIR`, which is then kept (default a throw-away one)")
	f.BoolVar(&o.standIn, "stand-in", false, "where a site has no userlikeTrackingEvent yet, put one in place that receives the calls")
	f.StringArrayVar(&o.trace, "trace", nil, "record requests to this `HOST` soon after a call, whatever they carry; its subdomains and ports too, a path may follow; can be given more than once")
	f.BoolVar(&o.simulate, "simulate", false, "have the page call its own function with all documented events, as by the command simulate; with --headless it does not ask")
	f.BoolVar(&o.headless, "headless", false, "without window and terminal UI: print a report at the end")
	f.BoolVar(&o.getBrowser, "get-browser", false, "when no browser is installed, install one by the system's package manager")
	f.BoolVar(&o.insecure, "insecure", false, "accept any certificate, such as a test system's own")
	f.DurationVar(&o.length, "for", 0, "with --headless: how long to stay, such as 30s")
	f.DurationVar(&o.untilIdle, "until-idle", 0, "with --headless: stay until nothing has come for this long (default 10s, unless --for is given)")
	_ = cmd.RegisterFlagCompletionFunc("trace", a.completeTrace)
	o.flags(cmd)
	return cmd
}

func (o *inspection) valid(cmd *cobra.Command) error {
	if err := o.judgement.valid(); err != nil {
		return err
	}
	for _, text := range o.trace {
		if _, err := plan.ReadPlace(text); err != nil {
			return fmt.Errorf("--trace %s: %w", words.Typed(text), err)
		}
	}
	if len(o.browsers) > 1 {
		switch {
		case !o.headless:
			return errors.New("--browser can be given more than once only with --headless")
		case o.profile != "":
			return errors.New("--profile works only with one --browser, because browsers cannot share a profile")
		}
	}
	for _, d := range []struct {
		name  string
		value time.Duration
	}{{"for", o.length}, {"until-idle", o.untilIdle}} {
		if cmd.Flags().Changed(d.name) && d.value <= 0 {
			return fmt.Errorf("--%s cannot be %s; use a duration above 0, such as 30s", d.name, d.value)
		}
	}
	if o.length == 0 && o.untilIdle == 0 {
		o.untilIdle = defaultIdle
	}
	for _, name := range []string{"for", "until-idle", "format", "output", "fail-on", "show-personal-data"} {
		if cmd.Flags().Changed(name) && !o.headless {
			return fmt.Errorf("--%s works only with --headless", name)
		}
	}
	return nil
}

// defaultIdle is --until-idle if neither that nor --for is given.
const defaultIdle = 10 * time.Second

// whyHeadless says what is missing here that a window and the terminal UI need, "" for
// nothing.
func (a *app) whyHeadless() string {
	switch {
	case !a.onTerminal():
		return "There is no terminal"
	case !browser.Displays():
		return "There is no display ($DISPLAY and $WAYLAND_DISPLAY are unset)"
	}
	return ""
}

// target is the page to open.
type target struct {
	url      string
	fallback string // what to open if url cannot be opened, "" for nothing
	demo     bool   // the shop that comes with this program
}

// siteURL completes what people type for a site. Without a scheme, https is tried first,
// then http.
func siteURL(s string) (target, error) {
	t := target{url: s}
	if !strings.Contains(s, "://") && !strings.HasPrefix(s, "about:") && !strings.HasPrefix(s, "data:") {
		t = target{url: "https://" + s, fallback: "http://" + s}
	}
	u, err := url.Parse(t.url)
	if err != nil {
		return target{}, fmt.Errorf("%s is not the address of a page; write one such as https://shop.example/", words.Typed(s))
	}
	if u.Host == "" && (u.Scheme == "http" || u.Scheme == "https") {
		return target{}, fmt.Errorf("%s names no site; write an address such as https://shop.example/", words.Typed(s))
	}
	return t, nil
}

// choose finds the browsers that are named, or the preferred one. missing is the
// name of the one that the error is about.
func (o *inspection) choose(ctx context.Context) (all []browser.Browser, missing string, err error) {
	names := o.browsers
	if len(names) == 0 {
		names = []string{""}
	}
	for _, name := range names {
		b, err := browser.Choose(ctx, name)
		if err != nil {
			return nil, name, err
		}
		if slices.ContainsFunc(all, func(other browser.Browser) bool { return other.Path == b.Path }) {
			return nil, "", fmt.Errorf("--browser %s is given twice; name different browsers", words.Path(name))
		}
		all = append(all, b)
	}
	return all, "", nil
}

func (a *app) inspect(ctx context.Context, o inspection, site target) error {
	browsers, err := a.browsersFor(ctx, &o)
	if err != nil {
		return err
	}
	s, err := a.openStore(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	if site.url == "" {
		shop, err := demo.Serve(ctx)
		if err != nil {
			return err
		}
		defer shop.Close()
		site.url, site.demo = shop.URL+"/", !o.simulate
		if o.plan == nil {
			if o.plan, err = plan.Parse("demo.yaml", "/demo.yaml", []byte(shop.Plan()), nil); err != nil {
				return fmt.Errorf("the demo shop's own plan: %w", err)
			}
		}
		if o.headless && !o.simulate {
			site.url = shop.AutoplayURL()
		}
	}
	if o.headless {
		return a.inspectHeadless(ctx, &o, s, browsers, site)
	}
	before, err := s.Last(ctx)
	if err != nil {
		return err
	}
	var simulated *tui.Simulation
	if o.simulate {
		if simulated, err = a.simulationToShow(ctx, s, before, site.url, o.plan); err != nil {
			return err
		}
	}
	session, ends, err := a.open(ctx, &o, s, browsers[0], site, nil)
	if err != nil {
		return err
	}
	name, err := browsers[0].Version(ctx)
	if err != nil {
		name = browsers[0].Name // it runs, so an unknown version is no reason to stop
	}
	showErr := a.showInspection(ctx, s, session, &o, before, simulated, shortVersion(name), site.url)
	closeErr := session.Close()
	ends.Complain(a.stderr, a.hostLog())
	return errors.Join(showErr, closeErr, a.sumUp(context.WithoutCancel(ctx), s, before, site))
}

// open starts a browser on the site. When the session is closed, the returned ending.Wait
// waits for the last records, and can then say which of them are missing.
func (a *app) open(ctx context.Context, o *inspection, s *store.Store, b browser.Browser, site target, happened func(browser.Happening)) (*browser.Session, *ending.Wait, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, nil, fmt.Errorf("finding this program for the browser to start: %w", err)
	}
	last, err := s.Last(ctx)
	if err != nil {
		return nil, nil, err
	}
	var env []string
	if o.standIn {
		env = append(env, standInVariable+"=1")
	}
	if places := o.places(); len(places) > 0 {
		env = append(env, traceVariable+"="+strings.Join(places, " "))
	}
	ends := ending.For(s, last)
	session, err := browser.Launch(ctx, browser.Options{
		Browser: b, URL: site.url, Fallback: site.fallback, Headless: o.headless, Insecure: o.insecure, Happened: happened, ProfileDir: o.profile,
		HostPath: self, StorePath: s.Path(), Env: env, Log: a.stderr, Settled: ends.Settle, Hurry: a.hurry,
	})
	return session, ends, err
}

// places are those of --trace and those that the plan wants calls forwarded to, sorted.
func (o *inspection) places() []string {
	places := slices.Clone(o.trace)
	if o.plan != nil {
		for _, f := range o.plan.Forward {
			places = append(places, f.To.String())
		}
	}
	slices.Sort(places)
	return slices.Compact(places)
}

// sumUp says in a line what was recorded after a row, and what to do with it. It is
// printed when the terminal UI has ended.
func (a *app) sumUp(ctx context.Context, s *store.Store, before int64, site target) error {
	p := &progress{w: io.Discard, store: s, last: before}
	if err := p.show(ctx); err != nil {
		return err
	}
	hint := ""
	if site.demo {
		made, _ := demo.Mistakes(func(string, string) bool { return false })
		hint = fmt.Sprintf(" The demo makes its %d mistakes in a whole visit: open the chat, agree, chat, close it, come back and rate it; “%s inspect --headless” plays that by itself.", made, paths.Product)
	}
	_, err := fmt.Fprintf(a.stderr, "%s recorded, %d with errors, %d with warnings. “%s check” judges all that is kept, “%s” shows it again.%s\n",
		words.Plural(p.calls, "call"), p.errors, p.warning, paths.Product, paths.Product, hint)
	return err
}
