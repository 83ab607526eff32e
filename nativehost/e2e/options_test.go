//go:build browsers && linux

package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"userlike-inspector/extension"
	"userlike-inspector/nativehost/internal/record"
)

// optionsSite is a site whose pages make one call, with a long text, and then report again
// and again whether their function is still their own.
type optionsSite struct {
	*httptest.Server
	mu   sync.Mutex
	seen map[string]string // "own" or "proxy", by the page's path
}

func serveSite(t *testing.T) *optionsSite {
	t.Helper()
	s := &optionsSite{seen: map[string]string{}}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if text, told := strings.CutPrefix(r.URL.RawQuery, "sees="); told {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.seen[r.URL.Path] = text
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, `<!doctype html><title>Secret title</title><link rel="icon" href="data:,"><script>
			window.userlikeTrackingEvent = function () { /* the site's own */ };
			setTimeout(() => userlikeTrackingEvent("chat_requested", {text: "x".repeat(1000)}, {}), 300);
			setInterval(() => fetch("?sees=" + (userlikeTrackingEvent.toString().includes("own") ? "own" : "proxy")), 100);
		</script>`)
	}))
	t.Cleanup(s.Close)
	return s
}

// sees waits until a page sees its own function ("own") or the extension's ("proxy").
func (s *optionsSite) sees(t *testing.T, b *victim, path, what string) {
	t.Helper()
	b.await(t, path+" sees "+what, func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.seen[path] == what
	})
}

// open opens a page in a new tab of the first window.
func (b *victim) open(t *testing.T, address string) {
	t.Helper()
	if b.kind == "firefox-esr" {
		b.firefox(t, fmt.Sprintf(`[...Services.wm.getEnumerator("navigator:browser")][0].gBrowser.addTab(%q, {
			triggeringPrincipal: Services.scriptSecurityManager.createNullPrincipal({})})`, address))
		return
	}
	b.debug(t, "Target.createTarget", map[string]any{"url": address})
}

// awaitCall waits for the call of a page and returns it.
func (b *victim) awaitCall(t *testing.T, address string) *record.Record {
	t.Helper()
	var call *record.Record
	b.await(t, "the call of "+address, func() bool {
		for _, r := range b.all(t) {
			if r.Kind == record.Call && r.URL == address {
				call = r
			}
		}
		return call != nil
	})
	return call
}

// passesOver checks that the page alone, which is open already, is not recorded, while the
// page recorded is. It returns the call of the latter.
func (s *optionsSite) passesOver(t *testing.T, b *victim, options *extensionPage, alone, recorded string) *record.Record {
	t.Helper()
	s.sees(t, b, alone, "own")
	b.open(t, s.URL+recorded)
	call := b.awaitCall(t, s.URL+recorded)
	b.nothingOf(t, options, alone)
	return call
}

// nothingOf checks that neither the recording nor the extension's storage contains a text.
func (b *victim) nothingOf(t *testing.T, options *extensionPage, part string) {
	t.Helper()
	for _, r := range b.all(t) {
		line, err := record.Encode(r)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(line), part) {
			t.Errorf("recorded: %s", line)
		}
	}
	var stored map[string]json.RawMessage
	// In Firefox the script is not the page's own, and reaches it by wrappedJSObject.
	options.eval(t, `const page = window.wrappedJSObject ?? window;
		return JSON.parse(JSON.stringify(await page.chrome.storage.local.get()))`, &stored)
	delete(stored, "options")
	if len(stored) == 0 {
		t.Error("the extension's storage cannot be read")
	}
	for key, value := range stored {
		if strings.Contains(string(value), part) {
			t.Errorf("the extension's storage has %s: %s", key, value)
		}
	}
}

// The options have the effect that their page says, also on pages that are already open.
func TestOptions(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, p *product) {
		b := launchVictim(t, p.browser)
		site := serveSite(t)
		options := b.openOptions(t)
		options.says(t, "Options of Userlike Inspector")

		options.enter(t, "block", "shop.example\n"+site.URL+"/blocked*\nhttps://shop.example:99999")
		options.says(t, "Not saved",
			"Line 1: An address begins with a scheme: write https://shop.example",
			"Line 3: “99999” is no port")
		options.enter(t, "depth", "many")
		options.says(t, "Write a whole number from 4 to 200.")
		options.picture(t, "options-wrong")
		options.enter(t, "depth", "48")
		options.enter(t, "block", site.URL+"/blocked*\n")
		options.enter(t, "string", "100")
		options.says(t, "Saved.")

		b.open(t, site.URL+"/blocked")
		site.sees(t, b, "/blocked", "own")
		popup := b.openPopup(t, site.URL+"/blocked")
		popup.says(t, "The extension's options exclude this site.", "0 calls")
		popup.picture(t, "popup-excluded")
		popup.close(t)
		call := site.passesOver(t, b, options, "/blocked", "/other")
		if cut := (record.Note{At: "/1/text", Is: "truncated", Text: "1000"}); !slices.Contains(call.Notes, cut) {
			t.Errorf("the call's text is not cut: %+v", call.Notes)
		}
		site.sees(t, b, "/other", "proxy")

		options.enter(t, "allow", site.URL+"/only/*")
		options.says(t, "Saved.")
		site.sees(t, b, "/other", "own") // it is still open, and not hooked any more
		b.open(t, site.URL+"/neither")
		site.passesOver(t, b, options, "/neither", "/only/this")
		b.nothingOf(t, options, "/blocked") // it was not recorded later either

		options.click(t, "Back to the defaults")
		options.says(t, "Saved.")
		options.picture(t, "options-well")
		b.open(t, site.URL+"/blocked")
		b.awaitCall(t, site.URL+"/blocked")
	})
}

// A private window is recorded unless the options exclude it.
func TestPrivateWindows(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, p *product) {
		b := launchVictim(t, p.browser)
		site := serveSite(t)
		options := b.openOptions(t)
		options.says(t, "The browser lets the extension into private windows.")
		b.openPrivately(t, options, site.URL+"/private")
		b.awaitCall(t, site.URL+"/private")

		var done bool
		options.eval(t, `document.getElementById("private").click(); return true`, &done)
		options.says(t, "Saved.")
		site.sees(t, b, "/private", "own")
		b.openPrivately(t, options, site.URL+"/excluded")
		site.passesOver(t, b, options, "/excluded", "/ordinary")
	})
}

// openPrivately opens a page in a new private window.
func (b *victim) openPrivately(t *testing.T, options *extensionPage, address string) {
	t.Helper()
	if b.kind == "firefox-esr" {
		b.firefox(t, `
			const w = Services.wm.getMostRecentWindow("navigator:browser").OpenBrowserWindow({private: true});
			await new Promise((resolve) => Services.obs.addObserver(function ready(subject, topic) {
				if (subject !== w) return;
				Services.obs.removeObserver(ready, topic);
				resolve();
			}, "browser-delayed-startup-finished"));
			w.gBrowser.selectedBrowser.fixupAndLoadURIString(`+quote(address)+`, {
				triggeringPrincipal: Services.scriptSecurityManager.createNullPrincipal({}),
			})`)
		return
	}
	var opened bool
	options.eval(t, `await chrome.windows.create({incognito: true, url: `+quote(address)+`}); return true`, &opened)
	if !opened {
		t.Fatal("no private window opens")
	}
}

// Options that an administrator has set take effect, and the page of options says so.
func TestManagedOptions(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, p *product) {
		site := serveSite(t)
		set := map[string]any{"block": []string{site.URL + "/blocked", "nonsense"}, "limits": map[string]int{"string": 100}}
		b := newVictim(t, p.browser, t.TempDir())
		b.administer(t, set)
		b.installHost(t)
		b.launch(t)
		options := b.openOptions(t)
		// In Chromium this comes a moment after the extension is installed.
		options.says(t, "Set by your administrator.", "“block” makes no sense. An address begins with a scheme")
		b.open(t, site.URL+"/blocked")
		if call := site.passesOver(t, b, options, "/blocked", "/other"); len(call.Notes) == 0 {
			t.Error("the call's text is not cut")
		}
		options.picture(t, "options-managed")
		var disabled []string
		options.eval(t, `return [...document.querySelectorAll(":disabled")].map((e) => e.id + " " + e.value)`, &disabled)
		if want := []string{"block " + site.URL + "/blocked", "string 100"}; !slices.Equal(disabled, want) {
			t.Errorf("disabled are %q, want %q", disabled, want)
		}
	})
}

// administer sets options as an administrator does: in Firefox by a native manifest
// (https://developer.mozilla.org/docs/Mozilla/Add-ons/WebExtensions/Native_manifests), in
// Chromium by a policy (https://www.chromium.org/administrators/linux-quick-start/). Policies
// are read from /etc/chromium, which only this browser sees replaced, as it gets a mount
// namespace of its own.
func (b *victim) administer(t *testing.T, options map[string]any) {
	t.Helper()
	if b.kind == "firefox-esr" {
		dir := filepath.Join(b.home, ".mozilla", "managed-storage")
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		writeJSON(t, filepath.Join(dir, extension.FirefoxID+".json"), map[string]any{
			"name": extension.FirefoxID, "description": "Options", "type": "storage", "data": options,
		})
		return
	}
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	policies := filepath.Join(dir, "etc", "policies", "managed")
	if err := os.MkdirAll(policies, 0o755); err != nil {
		t.Fatal(err)
	}
	writeJSON(t, filepath.Join(policies, "inspector.json"), map[string]any{
		"3rdparty": map[string]any{"extensions": map[string]any{extension.ChromiumID: options}},
	})
	b.kind = filepath.Join(dir, "chromium")
	script := fmt.Sprintf(`#!/bin/sh
exec unshare --mount sh -c 'mount --bind "$1" /etc/chromium && shift && exec %s "$@"' sh %s "$@"
`, chromium, filepath.Join(dir, "etc"))
	if err := os.WriteFile(b.kind, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
}

func writeJSON(t *testing.T, path string, v any) {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
}
