//go:build browsers && linux

package e2e

import (
	"context"
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"userlike-inspector/nativehost/e2e/corpus"
	"userlike-inspector/nativehost/internal/store"
)

// onlyPages makes it quick to try one page.
var onlyPages = flag.String("pages", "", "TestCapture visits only the pages of the corpus whose path contains `TEXT`")

// Every page of the corpus is recorded call by call, in each browser, and
// behaves as it does in a browser without the extension.
func TestCapture(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, p *product) {
		pages, err := corpus.Pages(p.browser)
		if err != nil {
			t.Fatal(err)
		}
		pages = slices.DeleteFunc(pages, func(page corpus.Page) bool { return !strings.Contains(page.Path, *onlyPages) })
		here, plain := corpus.Serve(t, pages), corpus.Serve(t, pages)
		visitPlainly(t, p.browser, plain)
		args := append([]string{"inspect", here.URL, "--headless", "--until-idle", "1m", "--for", "20m", "--fail-on", "never"}, p.prepare(t, here)...)
		_, talked := p.runUntil(t, 0, p.reached(t, here), args...)
		t.Cleanup(func() {
			if t.Failed() {
				t.Logf("inspect said: %s\nhost.log: %s", talked, tail(hostLog(p.home)))
			}
		})
		records := corpus.Sort(p.export(t), pages)
		seen := newDifferences(t, p.browser)
		for _, page := range pages {
			t.Run(strings.TrimPrefix(page.Path, "/"), func(t *testing.T) {
				for _, wrong := range page.Check(records[page.Path]) {
					t.Error(wrong)
				}
				saw, went := here.Saw(page.Path)
				control, wentPlainly := plain.Saw(page.Path)
				switch {
				case !wentPlainly || control == nil:
					t.Error("the page is not done in time in a plain browser")
				case !went || saw == nil:
					t.Error("the page is not done in time")
				default:
					seen.compare(t, page.Path, saw, control)
				}
			})
		}
		seen.demandAll(t)
	})
}

// reached returns a channel that is closed when the site's last page has been recorded.
// That may be long after the browser has opened it, because the host has to judge arguments
// of a megabyte. On an error the channel is closed as well, and the test then says what is
// missing.
func (p *product) reached(t *testing.T, site *corpus.Site) <-chan struct{} {
	over := make(chan struct{})
	go func() {
		defer close(over)
		select {
		case <-site.Done:
		case <-t.Context().Done():
			return
		}
		s, err := store.OpenExisting(t.Context(), p.store)
		if err != nil {
			return
		}
		defer s.Close()
		wakes, err := s.Follow(t.Context())
		if err != nil {
			return
		}
		row := int64(0)
		for range wakes {
			for {
				some, err := s.After(t.Context(), row, 1000)
				if err != nil || len(some) == 0 {
					break
				}
				row = some[len(some)-1].Row
				if slices.ContainsFunc(some, func(one store.Stored) bool { return corpus.Place(one.Record.URL) == "/end" }) {
					return
				}
			}
		}
	}()
	return over
}

// prepare lets the product's browser reach the corpus's sites and lets pages open windows.
// It returns arguments for inspect.
func (p *product) prepare(t *testing.T, site *corpus.Site) []string {
	t.Helper()
	p.env = append(p.env, "http_proxy="+site.Proxy)
	if p.browser == "chromium" {
		return []string{"--browser", openingWindows(t)}
	}
	profile := filepath.Join(p.home, "profile")
	if err := os.Mkdir(profile, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(profile, "prefs.js"), []byte(openWindows), 0o600); err != nil {
		t.Fatal(err)
	}
	return []string{"--browser", p.browser, "--profile", profile}
}

// openWindows is the preference by which Firefox lets pages open windows without a click
// (https://support.mozilla.org/kb/pop-blocker-settings-exceptions-troubleshooting).
const openWindows = `user_pref("dom.disable_open_during_load", false);`

// openingWindows returns the path of a script that starts Chromium so that pages may open
// windows without a click.
func openingWindows(t *testing.T) string {
	t.Helper()
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "chromium")
	if err := os.WriteFile(name, []byte("#!/bin/sh\nexec "+chromium+" --disable-popup-blocking \"$@\"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return name
}

// visitPlainly visits all pages in a browser without the extension.
func visitPlainly(t *testing.T, browser string, site *corpus.Site) {
	t.Helper()
	home := t.TempDir()
	args := []string{"--headless", "--profile", home, site.URL}
	if browser == "chromium" {
		browser = openingWindows(t)
		args = []string{"--headless", "--no-first-run", "--disable-background-networking", "--user-data-dir=" + home, site.URL}
		if os.Getuid() == 0 {
			args = append([]string{"--no-sandbox"}, args...)
		}
	} else if err := os.WriteFile(filepath.Join(home, "prefs.js"), []byte(openWindows), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(browser, args...)
	cmd.Env = append(os.Environ(), "HOME="+home, "http_proxy="+site.Proxy)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	select {
	case <-site.Done:
	case <-ctx.Done():
		t.Error("the plain browser did not come to the last page")
	}
	if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL); err != nil {
		t.Error(err)
	}
	cmd.Wait() // its error says that it was killed
}

// differences is the table of what pages may see of the inspector in one browser.
type differences struct {
	table []corpus.Sighting
	met   []bool // whether a page saw the table's entry of the same index
}

func newDifferences(t *testing.T, browser string) *differences {
	t.Helper()
	table, err := corpus.Differences()
	if err != nil {
		t.Fatal(err)
	}
	d := &differences{}
	for _, difference := range table {
		for _, k := range difference.Seen {
			if (k.Browser == "" || k.Browser == browser) && strings.Contains(k.Page, *onlyPages) {
				d.table = append(d.table, k)
			}
		}
	}
	d.met = make([]bool, len(d.table))
	return d
}

// compare checks that a page saw the same with the extension (here) as without it (plain),
// apart from what the table lists.
func (d *differences) compare(t *testing.T, page string, here, plain corpus.Saw) {
	t.Helper()
	for name := range plain {
		if _, both := here[name]; !both {
			t.Errorf("saw nothing of %q", name)
		}
	}
	for name, saw := range here {
		for _, place := range unequal("", value(t, saw), value(t, plain[name])) {
			if !d.known(page, name+place.at, place.here, place.plain) {
				t.Errorf("sees %s%s\nwith the extension %s\n         plain it is %s", name, place.at, text(place.here), text(place.plain))
			}
		}
	}
}

// known reports whether the table lists a difference, and notes that it was met.
func (d *differences) known(page, saw string, here, plain any) bool {
	for i, k := range d.table {
		if k.Page == page && k.Saw == saw && same(k.Here, here) && same(k.Plain, plain) {
			d.met[i] = true
			return true
		}
	}
	return false
}

// demandAll fails the test for entries of the table that no page saw.
func (d *differences) demandAll(t *testing.T) {
	for i, k := range d.table {
		if !d.met[i] {
			t.Errorf("differences.json: nobody saw %s of %s: take it out", k.Saw, k.Page)
		}
	}
}

func value(t *testing.T, raw json.RawMessage) any {
	t.Helper()
	if raw == nil {
		return nil
	}
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// same reports whether raw is the JSON of v. A nil raw is null.
func same(raw json.RawMessage, v any) bool {
	var listed any
	return (raw == nil || json.Unmarshal(raw, &listed) == nil) && reflect.DeepEqual(listed, v)
}

func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// place is where two values differ, with what is there in each.
type place struct {
	at          string // such as ".name.name"
	here, plain any
}

// unequal lists the smallest places at which two values differ. Members are
// compared one by one, arrays as a whole.
func unequal(at string, here, plain any) []place {
	a, isObject := here.(map[string]any)
	b, bothObjects := plain.(map[string]any)
	if !isObject || !bothObjects {
		if reflect.DeepEqual(here, plain) {
			return nil
		}
		return []place{{at, here, plain}}
	}
	var all []place
	for key, v := range a {
		all = append(all, unequal(at+"."+key, v, b[key])...)
	}
	for key, v := range b {
		if _, both := a[key]; !both {
			all = append(all, place{at + "." + key, nil, v})
		}
	}
	return all
}
