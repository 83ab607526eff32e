package cli

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"userlike-inspector/nativehost/internal/browser"
	"userlike-inspector/nativehost/internal/demo"
	"userlike-inspector/nativehost/internal/store"
)

type inspection struct {
	browsers  []string // --browser
	profile   string
	standIn   bool
	headless  bool
	length    time.Duration // --for
	untilIdle time.Duration
	judgement
}

func (a *app) inspectCommand() *cobra.Command {
	var o inspection
	cmd := &cobra.Command{
		Use:   "inspect [URL]",
		Short: "Open a site in a browser that records and judges its tracking calls",
		Long: `Open a site in a browser that records and judges its tracking calls.

The browser runs with a throw-away profile, so nothing of yours is touched.
Without a URL it opens a demo shop that comes with this program.

With --headless there is neither window nor terminal UI: the site is open for
--for, until --until-idle or until ^C, in one --browser after the other; then one
report on all of that is printed as by check.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var address string
			if len(args) == 1 {
				var err error
				if address, err = siteURL(args[0]); err != nil {
					return err
				}
			}
			if err := o.valid(cmd); err != nil {
				return err
			}
			if !o.headless && !a.onTerminal() {
				return errors.New("the terminal UI needs a terminal; without one, use --headless")
			}
			return a.inspect(cmd.Context(), o, address)
		},
	}
	f := cmd.Flags()
	f.StringArrayVar(&o.browsers, "browser", nil, "the browser, by `NAME|PATH` (default the first that is installed); with --headless it can be given more than once")
	f.StringVar(&o.profile, "profile", "", "the profile's `DIR`, which is then kept (default a throw-away one)")
	f.BoolVar(&o.standIn, "stand-in", false, "where a site has no userlikeTrackingEvent yet, put one in place that receives the calls")
	f.BoolVar(&o.headless, "headless", false, "without window and terminal UI: print a report at the end")
	f.DurationVar(&o.length, "for", 0, "with --headless: how long to stay, such as 30s")
	f.DurationVar(&o.untilIdle, "until-idle", 0, "with --headless: stay until nothing has come for this long")
	o.flags(cmd)
	return cmd
}

func (o *inspection) valid(cmd *cobra.Command) error {
	if err := o.judgement.valid(); err != nil {
		return err
	}
	if len(o.browsers) > 1 {
		switch {
		case !o.headless:
			return errors.New("--browser goes more than once only with --headless")
		case o.profile != "":
			return errors.New("--profile goes with one --browser: browsers cannot share a profile")
		}
	}
	for name, value := range map[string]time.Duration{"for": o.length, "until-idle": o.untilIdle} {
		if cmd.Flags().Changed(name) && value <= 0 {
			return fmt.Errorf("--%s %s: want a duration above 0, such as 30s", name, value)
		}
	}
	for _, name := range []string{"for", "until-idle", "format", "output", "fail-on", "show-personal-data"} {
		if cmd.Flags().Changed(name) && !o.headless {
			return fmt.Errorf("--%s goes with --headless", name)
		}
	}
	return nil
}

// siteURL completes what people type for a site: without a scheme it is https,
// or http where it is this machine.
func siteURL(s string) (string, error) {
	if !strings.Contains(s, "://") && !strings.HasPrefix(s, "about:") && !strings.HasPrefix(s, "data:") {
		scheme := "https://"
		if host := strings.ToLower(s); strings.HasPrefix(host, "localhost") || strings.HasPrefix(host, "127.") || strings.HasPrefix(host, "[::1]") {
			scheme = "http://"
		}
		s = scheme + s
	}
	u, err := url.Parse(s)
	if err != nil {
		return "", fmt.Errorf("%q is not a URL such as https://shop.example/: %w", s, err)
	}
	if u.Host == "" && (u.Scheme == "http" || u.Scheme == "https") {
		return "", fmt.Errorf("%q names no site; want a URL such as https://shop.example/", s)
	}
	return s, nil
}

// choose finds the browsers that are named, or the preferred one.
func (o *inspection) choose(ctx context.Context) ([]browser.Browser, error) {
	names := o.browsers
	if len(names) == 0 {
		names = []string{""}
	}
	var all []browser.Browser
	for _, name := range names {
		b, err := browser.Choose(ctx, name)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(all, func(other browser.Browser) bool { return other.Path == b.Path }) {
			return nil, fmt.Errorf("--browser %q is named before: want different browsers", name)
		}
		all = append(all, b)
	}
	return all, nil
}

func (a *app) inspect(ctx context.Context, o inspection, address string) error {
	browsers, err := o.choose(ctx)
	if err != nil {
		return err
	}
	s, err := a.openStore(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	if address == "" {
		shop, err := demo.Serve(ctx)
		if err != nil {
			return err
		}
		defer shop.Close()
		address = shop.URL + "/"
		if o.headless {
			address = shop.AutoplayURL()
		}
	}
	if o.headless {
		return a.inspectHeadless(ctx, &o, s, browsers, address)
	}
	session, ends, err := a.open(ctx, &o, s, browsers[0], address)
	if err != nil {
		return err
	}
	name, err := browsers[0].Version(ctx)
	if err != nil {
		name = browsers[0].Name // it runs; its version is a courtesy
	}
	showErr := a.showInspection(ctx, s, session, o.plan, shortVersion(name), address)
	closeErr := session.Close()
	ends.complain(a.stderr)
	return errors.Join(showErr, closeErr)
}

// open starts a browser on the site, and gives what waits for its end.
func (a *app) open(ctx context.Context, o *inspection, s *store.Store, b browser.Browser, address string) (*browser.Session, *endings, error) {
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
	ends := &endings{store: s, after: last}
	session, err := browser.Launch(ctx, browser.Options{
		Browser: b, URL: address, Headless: o.headless, ProfileDir: o.profile,
		HostPath: self, StorePath: s.Path(), Env: env, Log: a.stderr, Settled: ends.wait,
	})
	return session, ends, err
}
