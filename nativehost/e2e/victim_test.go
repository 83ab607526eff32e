//go:build browsers && linux

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"userlike-inspector/extension"
	"userlike-inspector/nativehost/internal/browser"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/store"
)

// patience is how long these tests wait for something at most. The extension may need 30 s:
// after a while without a host, it tries to connect only that often.
const patience = 3 * time.Minute

// victim is a browser with the extension, which the tests do things to.
type victim struct {
	kind, home, profile, store string
	host                       string // the path of the host's program, once it is installed
	session                    *browser.Session
	site                       *httptest.Server

	read []store.Stored // what all has read already

	mu      sync.Mutex // guards streams and what is in them
	streams map[string]*stream
}

// newVictim prepares a browser whose store is in folder. Its host is not installed yet.
func newVictim(t *testing.T, kind, folder string) *victim {
	t.Helper()
	home := shortDir(t)
	b := &victim{
		kind: kind, home: home, profile: filepath.Join(home, "profile"), store: filepath.Join(folder, "events.db"),
		host: filepath.Join(home, "userlike-inspector"), streams: map[string]*stream{},
	}
	b.site = httptest.NewServer(b)
	t.Cleanup(b.site.Close)
	if kind == "firefox-esr" {
		// Firefox removes the storage of a temporary extension when it ends, unless these
		// preferences are set
		// (https://extensionworkshop.com/documentation/develop/testing-persistent-and-restart-features/).
		const keep = `user_pref("extensions.webextensions.keepStorageOnUninstall", true);
user_pref("extensions.webextensions.keepUuidOnUninstall", true);`
		if err := os.Mkdir(b.profile, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(b.profile, "prefs.js"), []byte(keep), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// launchVictim starts a browser with a host.
func launchVictim(t *testing.T, kind string) *victim {
	t.Helper()
	b := newVictim(t, kind, t.TempDir())
	b.installHost(t)
	b.launch(t)
	return b
}

// launch starts the browser, until the test ends.
func (b *victim) launch(t *testing.T) {
	t.Helper()
	found, err := browser.Choose(t.Context(), b.kind)
	if err != nil {
		t.Fatal(err)
	}
	b.session, err = browser.Launch(t.Context(), browser.Options{
		Browser: found, Headless: true, URL: b.site.URL + "/idle", ProfileDir: b.profile, HostPath: b.host, StorePath: b.store,
		Env: []string{"HOME=" + b.home},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.session.Close(); err != nil {
			t.Error(err)
		}
	})
}

// extension is the folder that the browser has loaded the extension from.
func (b *victim) extension() string { return filepath.Join(b.profile, "userlike-inspector-extension") }

// installHost puts the host's program where the browser looks for it.
func (b *victim) installHost(t *testing.T) {
	t.Helper()
	if err := os.Symlink(self(t), b.host); err != nil {
		t.Fatal(err)
	}
}

func (b *victim) uninstallHost(t *testing.T) {
	t.Helper()
	if err := os.Remove(b.host); err != nil {
		t.Fatal(err)
	}
}

// signalHosts sends a signal to this browser's hosts, once at least one runs.
func (b *victim) signalHosts(t *testing.T, signal syscall.Signal) {
	t.Helper()
	b.await(t, "a host runs", func() bool {
		return signalAll(signal, func(p process) bool { return strings.HasPrefix(p.line, b.host+"\x00") })
	})
}

// process is a process of this machine, as /proc shows it; without an id, it has ended.
type process struct {
	id            int
	name          string
	line, environ string // its command line and its environment, in which each entry ends with a NUL
	above         int    // the process that started it
}

func processOf(id int) process {
	read := func(file string) string {
		b, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(id), file))
		if err != nil {
			id = 0
		}
		return string(b)
	}
	p := process{name: read("comm"), line: read("cmdline"), environ: read("environ")}
	for _, status := range strings.Split(read("status"), "\n") {
		if above, is := strings.CutPrefix(status, "PPid:"); is {
			p.above, _ = strconv.Atoi(strings.TrimSpace(above)) // it is a number
		}
	}
	p.id = id
	return p
}

func (p process) parent() process { return processOf(p.above) }

// signalAll sends a signal to the processes that are wanted, and reports whether there were
// any.
func signalAll(signal syscall.Signal, wanted func(process) bool) (sent bool) {
	folders, _ := filepath.Glob("/proc/[0-9]*") // the pattern is right, so there is no error
	for _, folder := range folders {
		id, err := strconv.Atoi(filepath.Base(folder))
		if err != nil {
			continue
		}
		if p := processOf(id); p.id != 0 && wanted(p) {
			sent = syscall.Kill(id, signal) == nil || sent
		}
	}
	return sent
}

// debug gives the browser a command in its own protocol; see browser.Session.
func (b *victim) debug(t *testing.T, command string, params map[string]any) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	answer, err := b.session.Debug(ctx, command, params)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// firefox runs the body of an async function in Firefox' parent process. In it, id and
// folder are the extension's.
func (b *victim) firefox(t *testing.T, body string) {
	t.Helper()
	if answer := b.debug(t, fmt.Sprintf(`(async (id, folder) => { %s })(%q, %q).then(() => "done", String)`,
		body, extension.FirefoxID, b.extension()), nil); answer != "done" {
		t.Fatalf("%s: %s", body, answer)
	}
}

// stopBackground ends the extension's background, as browsers do when it is idle.
func (b *victim) stopBackground(t *testing.T) {
	t.Helper()
	if b.kind == "firefox-esr" {
		b.firefox(t, `await WebExtensionPolicy.getByID(id).extension.terminateBackground({ignoreDevToolsAttached: true, disableResetIdleForTest: true})`)
		return
	}
	b.await(t, "a background runs", func() bool {
		stopped := false
		for _, id := range b.targets(t, "service_worker", "chrome-extension://"+extension.ChromiumID+"/") {
			b.debug(t, "Target.closeTarget", map[string]any{"targetId": id})
			stopped = true
		}
		return stopped
	})
}

// targets lists Chromium's ids of targets of a kind, such as "page", whose address begins
// with address.
func (b *victim) targets(t *testing.T, kind, address string) []string {
	t.Helper()
	var answer struct {
		TargetInfos []struct{ TargetID, URL string }
	}
	said := b.debug(t, "Target.getTargets", map[string]any{"filter": []any{map[string]any{"type": kind}}})
	if err := json.Unmarshal([]byte(said), &answer); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, target := range answer.TargetInfos {
		if strings.HasPrefix(target.URL, address) {
			ids = append(ids, target.TargetID)
		}
	}
	return ids
}

// installExtension installs the extension, or reloads it where it is.
func (b *victim) installExtension(t *testing.T) {
	t.Helper()
	if b.kind == "firefox-esr" {
		b.firefox(t, `
			const file = Components.classes["@mozilla.org/file/local;1"].createInstance(Components.interfaces.nsIFile);
			file.initWithPath(folder);
			await ChromeUtils.importESModule("resource://gre/modules/AddonManager.sys.mjs").AddonManager.installTemporaryAddon(file)`)
		return
	}
	b.debug(t, "Extensions.loadUnpacked", map[string]any{"path": b.extension()})
}

func (b *victim) uninstallExtension(t *testing.T) {
	t.Helper()
	if b.kind == "firefox-esr" {
		b.firefox(t, `
			const {AddonManager} = ChromeUtils.importESModule("resource://gre/modules/AddonManager.sys.mjs");
			await (await AddonManager.getAddonByID(id)).uninstall()`)
		return
	}
	b.debug(t, "Extensions.uninstall", map[string]any{"id": extension.ChromiumID})
}

// quit ends the browser as a user does, in Chromium by closing each page. When Chromium is
// told to end at once, its pages get no last events.
func (b *victim) quit(t *testing.T) {
	t.Helper()
	// An error is ignored, because the browser may end before it answers.
	if b.kind == "firefox-esr" {
		_, _ = b.session.Debug(t.Context(), `Promise.resolve("").finally(() => Services.startup.quit(Components.interfaces.nsIAppStartup.eAttemptQuit))`, nil)
	} else {
		for _, id := range b.targets(t, "page", "") {
			_, _ = b.session.Debug(t.Context(), "Target.closeTarget", map[string]any{"targetId": id})
		}
	}
	select {
	case <-b.session.Done():
	case <-time.After(patience):
		t.Fatal("the browser does not end")
	}
	if err := b.session.Close(); err != nil {
		t.Fatal(err)
	}
}

// await waits until a condition holds.
func (b *victim) await(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(patience); !holds(); <-tick.C {
		if time.Now().After(end) {
			t.Fatalf("in vain: %s", what)
		}
	}
}

// records reads the records with the address of a page, in the order of their arrival.
func (b *victim) records(t *testing.T, page *stream) []*record.Record {
	t.Helper()
	return slices.DeleteFunc(b.all(t), func(r *record.Record) bool { return r.URL != b.site.URL+page.path })
}

// all reads the recording, in order of arrival. It only grows, so what was read once is not
// read again: tests look often.
func (b *victim) all(t *testing.T) []*record.Record {
	t.Helper()
	s, err := store.OpenExisting(t.Context(), b.store)
	if err != nil {
		return nil // not made yet
	}
	defer s.Close()
	for {
		row := int64(0)
		if n := len(b.read); n > 0 {
			row = b.read[n-1].Row
		}
		some, err := s.After(t.Context(), row, 1000)
		if err != nil {
			t.Fatal(err)
		}
		if len(some) == 0 {
			break
		}
		b.read = append(b.read, some...)
	}
	all := make([]*record.Record, len(b.read))
	for i, r := range b.read {
		all[i] = r.Record
	}
	return all
}
