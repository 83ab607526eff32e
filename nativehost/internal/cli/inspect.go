package cli

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"userlike-inspector/nativehost/internal/browser"
	"userlike-inspector/nativehost/internal/demo"
	"userlike-inspector/nativehost/internal/filter"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/store"
)

type inspection struct {
	browser   string
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
--for, until --until-idle or until ^C, then the report is printed as by check.`,
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
	f.StringVar(&o.browser, "browser", "", "the browser, by `NAME|PATH` (default the first that is installed)")
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

func (a *app) inspect(ctx context.Context, o inspection, address string) (err error) {
	chosen, err := browser.Choose(ctx, o.browser)
	if err != nil {
		return err
	}
	path, err := a.storePath()
	if err != nil {
		return err
	}
	s, err := store.Open(ctx, path)
	if err != nil {
		return err
	}
	defer s.Close()
	before, err := s.Last(ctx)
	if err != nil {
		return err
	}
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
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("finding this program for the browser to start: %w", err)
	}
	var env []string
	if o.standIn {
		env = append(env, standInVariable+"=1")
	}
	ends := endings{store: s, after: before}
	session, err := browser.Launch(ctx, browser.Options{
		Browser: chosen, URL: address, Headless: o.headless, ProfileDir: o.profile,
		HostPath: self, StorePath: s.Path(), Env: env, Log: a.stderr, Settled: ends.wait,
	})
	if err != nil {
		return err
	}
	if !o.headless {
		name, err := chosen.Version(ctx)
		if err != nil {
			name = chosen.Name // it runs; its version is a courtesy
		}
		showErr := a.showInspection(ctx, s, session, shortVersion(name), address)
		closeErr := session.Close()
		ends.complain(a.stderr)
		return errors.Join(showErr, closeErr)
	}
	waitErr := o.wait(ctx, s, before, session.Done())
	// Closing comes first: a page's last calls are made while it goes.
	if err := errors.Join(waitErr, session.Close()); err != nil {
		return err
	}
	ends.complain(a.stderr)
	// ^C ended the visit, not the report on it.
	ctx = context.WithoutCancel(ctx)
	r, err := a.judge(ctx, &o.judgement, &filter.Filter{}, func(f func(*record.Record) error) error { return eachAfter(ctx, s, before, f) })
	if err != nil {
		return err
	}
	return o.conclude(r, a.stdout)
}

// firstRecord is how long a page that is being opened may take to say so. Only
// then silence is counted: a slow machine is not a silent site.
const firstRecord = 30 * time.Second

// wait returns when the visit is over: its time is up, nothing came for long
// enough after row last, the browser has gone or ctx has ended.
func (o *inspection) wait(ctx context.Context, s *store.Store, last int64, gone <-chan struct{}) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var timeUp, idle <-chan time.Time
	if o.length > 0 {
		timeUp = time.After(o.length)
	}
	var quiet *time.Timer
	var changes <-chan struct{}
	if o.untilIdle > 0 {
		quiet = time.NewTimer(max(o.untilIdle, firstRecord))
		defer quiet.Stop()
		idle = quiet.C
		var err error
		if changes, err = s.Follow(ctx); err != nil {
			return err
		}
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-gone:
			return nil
		case <-timeUp:
			return nil
		case <-idle:
			return nil
		case _, open := <-changes:
			if !open {
				return nil
			}
			row, err := s.Last(ctx)
			if err != nil {
				return err
			}
			if row > last { // a wake may be for housekeeping alone
				last = row
				quiet.Reset(o.untilIdle)
			}
		}
	}
}
