//go:build linux

package main

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
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

	_ "modernc.org/sqlite" // to hold the store's lock

	"userlike-inspector/extension"
	"userlike-inspector/nativehost/internal/browser"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/store"
)

// patience bounds every wait of these tests. After a while without a host, the
// extension tries every 30 s.
const patience = time.Minute

// Whatever befalls the parts on the way, every call that a page has made, by
// its own count, is in the recording once.
func TestNoLoss(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, p *product) {
		b := newVictim(t, p.browser, mountSmall(t))
		b.installHost(t)
		b.launch(t)
		for _, trouble := range []struct {
			name string
			do   func(*testing.T, *stream)
		}{
			{"host killed", b.hostKilled},
			{"host renamed", b.hostRenamed},
			{"host unregistered as the page goes", b.hostUnregistered},
			{"background stopped", b.backgroundStopped},
			{"background stopped as the page goes", b.backgroundStoppedAtEnd},
			{"store locked", b.storeLocked},
			{"disk full", b.diskFull},
		} {
			t.Run(trouble.name, func(t *testing.T) {
				page := b.visit(t, false)
				trouble.do(t, page)
				if !page.left() {
					page.pause(t)
					b.demand(t, page, 1, page.count()) // without what is done as a page goes
					page.leave(t)
				}
				b.demand(t, page, 1, page.count())
			})
		}
	})
}

func (b *victim) hostKilled(t *testing.T, page *stream) {
	for range 5 {
		page.goOn(t, 20)
		b.signalHosts(t, syscall.SIGSTOP) // so that it dies with something on its way
		page.goOn(t, 20)
		b.signalHosts(t, syscall.SIGKILL)
	}
	page.goOn(t, 20)
}

func (b *victim) hostRenamed(t *testing.T, page *stream) {
	b.uninstallHost(t)
	b.signalHosts(t, syscall.SIGKILL)
	page.goOn(t, 300)
	b.installHost(t)
}

func (b *victim) hostUnregistered(t *testing.T, page *stream) {
	manifest := filepath.Join(b.profile, "NativeMessagingHosts", browser.ManifestFile)
	if err := os.Rename(manifest, manifest+".away"); err != nil {
		t.Fatal(err)
	}
	b.signalHosts(t, syscall.SIGKILL)
	page.goOn(t, 50)
	page.leave(t)
	if err := os.Rename(manifest+".away", manifest); err != nil {
		t.Fatal(err)
	}
}

func (b *victim) backgroundStopped(t *testing.T, page *stream) {
	for range 4 {
		page.goOn(t, 20)
		b.signalHosts(t, syscall.SIGSTOP)
		page.goOn(t, 20)
		b.stopBackground(t)
		b.signalHosts(t, syscall.SIGKILL) // or it would store what it has read
	}
	page.goOn(t, 20)
}

func (b *victim) backgroundStoppedAtEnd(t *testing.T, page *stream) {
	page.goOn(t, 50)
	b.stopBackground(t)
	page.leave(t)
}

func (b *victim) storeLocked(t *testing.T, page *stream) {
	db, err := sql.Open("sqlite", b.store)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(t.Context(), "PRAGMA busy_timeout = 60000; BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); {
		page.goOn(t, 10)
	}
	if _, err := conn.ExecContext(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
}

func (b *victim) diskFull(t *testing.T, page *stream) {
	ballast := filepath.Join(filepath.Dir(b.store), "ballast")
	f, err := os.Create(ballast)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for block := make([]byte, 4096); err == nil; {
		_, err = f.Write(block)
	}
	b.await(t, "the host complains of the full disk", func() bool {
		page.goOn(t, 10)
		log, err := os.ReadFile(filepath.Join(b.home, ".local/state/userlike-inspector/host.log"))
		return err == nil && strings.Contains(string(log), "full")
	})
	page.goOn(t, 50)
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
}

// Calls made before there is any host are kept until it has been installed.
func TestHostLater(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, p *product) {
		b := newVictim(t, p.browser, t.TempDir())
		b.launch(t)
		page := b.visit(t, false)
		page.goOn(t, 100)
		page.leave(t)
		b.installHost(t)
		b.demand(t, page, 1, page.count())
	})
}

// A page that was open before the extension is captured from when that comes,
// and its records say so. So it is when the extension is reloaded.
func TestReloaded(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, p *product) {
		b := newVictim(t, p.browser, t.TempDir())
		b.installHost(t)
		b.launch(t)
		b.uninstallExtension(t)
		page := b.visit(t, true)
		page.goOn(t, 10)
		page.pause(t)
		unseen := page.count()
		b.installExtension(t)
		b.awaitHook(t, page, 1)
		page.goOn(t, 50)
		page.pause(t)
		b.demand(t, page, unseen+1, page.count())
		for n := range 2 {
			b.installExtension(t)
			b.awaitHook(t, page, n+2)
			page.goOn(t, 50)
			page.pause(t)
			b.demand(t, page, unseen+1, page.count())
		}
	})
}

// What a page calls just before the browser ends is there when it is started
// the next time, at the latest.
func TestQuit(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, p *product) {
		b := newVictim(t, p.browser, t.TempDir())
		b.installHost(t)
		for range 3 {
			b.launch(t)
			page := b.visit(t, true)
			page.goOn(t, 50)
			page.pause(t)
			b.quit(t)
			b.launch(t)
			b.demand(t, page, 1, page.count())
			b.quit(t)
		}
	})
}

// ---- The browser

// victim is a browser that the product has started, to which things happen.
type victim struct {
	kind, home, profile, store string
	host                       string // where the host's program is, once it is installed
	session                    *browser.Session
	site                       *httptest.Server

	mu      sync.Mutex // guards streams and what is in them
	streams map[string]*stream
}

// newVictim prepares a browser whose recording is in folder.
func newVictim(t *testing.T, kind, folder string) *victim {
	t.Helper()
	home := shortDir(t)
	for _, name := range []string{"XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"} {
		t.Setenv(name, "")
	}
	t.Setenv("HOME", home)
	t.Setenv(actAsProduct, "1")
	b := &victim{
		kind: kind, home: home, profile: filepath.Join(home, "profile"), store: filepath.Join(folder, "events.db"),
		host: filepath.Join(home, "userlike-inspector"), streams: map[string]*stream{},
	}
	b.site = httptest.NewServer(b)
	t.Cleanup(b.site.Close)
	if kind == "firefox-esr" {
		// The extension is a temporary one there, whose storage would go with the browser.
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

func (b *victim) launch(t *testing.T) {
	t.Helper()
	found, err := browser.Choose(t.Context(), b.kind)
	if err != nil {
		t.Fatal(err)
	}
	b.session, err = browser.Launch(t.Context(), browser.Options{
		Browser: found, Headless: true, URL: b.site.URL + "/idle", ProfileDir: b.profile, HostPath: b.host, StorePath: b.store,
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

// installHost puts the host's program where the browser looks for it.
func (b *victim) installHost(t *testing.T) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, b.host); err != nil {
		t.Fatal(err)
	}
}

func (b *victim) uninstallHost(t *testing.T) {
	t.Helper()
	if err := os.Remove(b.host); err != nil {
		t.Fatal(err)
	}
}

// signalHosts sends a signal to the hosts that run, of which there must be one.
func (b *victim) signalHosts(t *testing.T, signal syscall.Signal) {
	t.Helper()
	b.await(t, "a host runs", func() bool {
		processes, err := filepath.Glob("/proc/[0-9]*/cmdline")
		if err != nil {
			t.Fatal(err)
		}
		sent := false
		for _, process := range processes {
			// One that has ended meanwhile cannot be read, and needs no signal.
			line, _ := os.ReadFile(process)
			if !strings.HasPrefix(string(line), b.host+"\x00") {
				continue
			}
			pid, err := strconv.Atoi(filepath.Base(filepath.Dir(process)))
			if err != nil {
				t.Fatal(err)
			}
			sent = syscall.Kill(pid, signal) == nil || sent
		}
		return sent
	})
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

// firefox runs the body of an async function in the parent process, which has
// the extension's id and folder.
func (b *victim) firefox(t *testing.T, body string) {
	t.Helper()
	if answer := b.debug(t, fmt.Sprintf(`(async (id, folder) => { %s })(%q, %q).then(() => "done", String)`,
		body, extension.FirefoxID, filepath.Join(b.profile, "userlike-inspector")), nil); answer != "done" {
		t.Fatalf("%s: %s", body, answer)
	}
}

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

// targets lists Chromium's ids of what has such an address.
func (b *victim) targets(t *testing.T, kind, address string) []string {
	t.Helper()
	var answer struct {
		TargetInfos []struct{ TargetID, URL string }
	}
	if err := json.Unmarshal([]byte(b.debug(t, "Target.getTargets", map[string]any{"filter": []any{map[string]any{"type": kind}}})), &answer); err != nil {
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
	b.debug(t, "Extensions.loadUnpacked", map[string]any{"path": filepath.Join(b.profile, "userlike-inspector")})
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

// quit ends the browser at once, its pages and all.
func (b *victim) quit(t *testing.T) {
	t.Helper()
	command := "Browser.close"
	if b.kind == "firefox-esr" {
		command = `Promise.resolve("").finally(() => Services.startup.quit(Components.interfaces.nsIAppStartup.eForceQuit))`
	}
	// It may be gone before it answers.
	_, _ = b.session.Debug(t.Context(), command, nil)
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
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(patience); !holds(); <-tick.C {
		if time.Now().After(end) {
			t.Fatalf("in vain: %s", what)
		}
	}
}

// ---- The recording

// records reads what the pages of a stream's address have sent, by document
// in the order in which those came, and within it by number.
func (b *victim) records(t *testing.T, page *stream) []*record.Record {
	t.Helper()
	return slices.DeleteFunc(b.all(t), func(r *record.Record) bool { return r.URL != b.site.URL+page.path })
}

// all reads the recording, in order of arrival.
func (b *victim) all(t *testing.T) []*record.Record {
	t.Helper()
	s, err := store.OpenExisting(t.Context(), b.store)
	if err != nil {
		return nil // not made yet
	}
	defer s.Close()
	var all []*record.Record
	for row := int64(0); ; {
		some, err := s.After(t.Context(), row, 1000)
		if err != nil {
			t.Fatal(err)
		}
		if len(some) == 0 {
			return all
		}
		for _, r := range some {
			row = r.Row
			all = append(all, r.Record)
		}
	}
}

// awaitHook waits until the n-th extension has taken the page in hand.
func (b *victim) awaitHook(t *testing.T, page *stream, n int) {
	t.Helper()
	b.await(t, "the extension reaches the page", func() bool {
		hooked := 0
		for _, r := range b.records(t, page) {
			if r.Kind == record.Handler && r.State == "appeared" {
				hooked++
			}
			if r.Kind == record.Page && (r.HookedFromStart == nil || *r.HookedFromStart) {
				t.Errorf("%s: the page is said to be hooked from the start", r.ID)
			}
		}
		return hooked == n
	})
}

// demand wants the calls from the first to the last in the recording, each
// once, no others of the page, and no gap: of what befalls the parts in these
// tests, nothing is beyond repair.
func (b *victim) demand(t *testing.T, page *stream, first, last int) {
	t.Helper()
	var want []string
	for n := first; n <= last; n++ {
		want = append(want, strconv.Itoa(n))
	}
	var got []string
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(patience); ; <-tick.C {
		got = nil
		for _, r := range b.records(t, page) {
			switch r.Kind {
			case record.Call:
				got = append(got, r.EventName())
			case record.Gap:
				t.Fatalf("%d calls are said to be lost: %s", r.Lost, r.Why)
			}
		}
		if len(got) >= len(want) || time.Now().After(end) {
			break
		}
	}
	slices.SortFunc(got, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b)) })
	if slices.Equal(got, want) {
		return
	}
	missing := slices.DeleteFunc(want, func(name string) bool { return slices.Contains(got, name) })
	t.Errorf("of the calls %d to %d, %d are in the recording, and these are missing: %s", first, last, len(got), strings.Join(missing[:min(len(missing), 20)], " "))
}

// ---- The pages

// streamPage calls the function again and again, as it is told to, and counts.
const streamPage = `<!doctype html><title>Stream</title>
<script>function userlikeTrackingEvent() {}</script>
<script>
	let made = 0;
	const call = () => userlikeTrackingEvent(String(++made), {client_uuid: "u"}, {session_id: "s"});
	if (!location.search) addEventListener("pagehide", () => { call(); navigator.sendBeacon("/left" + location.pathname + "?" + made); });
	(async () => {
		for (;;) {
			// Chromium fails what is under way when it reloads an extension.
			const response = await fetch("/next" + location.pathname + "?" + made).catch(() => null);
			if (response === null) continue;
			if (await response.text() === "leave") location.href = "/idle";
			else call();
		}
	})();
</script>`

// stream is such a page, and what it is to do.
type stream struct {
	b    *victim
	path string

	made    int  // how many calls, as the page counts
	waiting bool // whether it waits for leave to go on
	running bool
	leaving bool
	gone    bool
}

// visit opens a page. A silent one makes no call as it goes.
func (b *victim) visit(t *testing.T, silent bool) *stream {
	t.Helper()
	page := b.expect(t, silent)
	b.open(t, b.site.URL+page.path)
	page.pause(t)
	return page
}

// expect is visit before the page is opened.
func (b *victim) expect(t *testing.T, silent bool) *stream {
	t.Helper()
	b.mu.Lock()
	page := &stream{b: b, path: fmt.Sprintf("/stream/%d", len(b.streams))}
	b.streams[page.path] = page
	b.mu.Unlock()
	if silent {
		page.path += "?silent"
	}
	t.Cleanup(func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		page.leaving = true
	})
	return page
}

// tell changes what the page is to do and waits until it has come to that.
func (p *stream) tell(t *testing.T, what string, change func(), done func() bool) {
	t.Helper()
	p.b.mu.Lock()
	change()
	p.b.mu.Unlock()
	p.b.await(t, what, func() bool {
		p.b.mu.Lock()
		defer p.b.mu.Unlock()
		return done()
	})
}

// count is how many calls the page has made, as far as it has said.
func (p *stream) count() int {
	p.b.mu.Lock()
	defer p.b.mu.Unlock()
	return p.made
}

// left is whether the page has gone.
func (p *stream) left() bool {
	p.b.mu.Lock()
	defer p.b.mu.Unlock()
	return p.gone
}

// goOn lets the page call, and returns when it has made n calls more; it goes on.
func (p *stream) goOn(t *testing.T, n int) {
	t.Helper()
	until := 0
	p.tell(t, "the page calls", func() { p.running, until = true, p.made+n }, func() bool { return p.made >= until })
}

// pause makes the page wait.
func (p *stream) pause(t *testing.T) {
	t.Helper()
	p.tell(t, "the page waits", func() { p.running = false }, func() bool { return p.waiting })
}

// leave makes the page go elsewhere, which it does with a last call.
func (p *stream) leave(t *testing.T) {
	t.Helper()
	p.tell(t, "the page has gone", func() { p.leaving = true }, func() bool { return p.gone })
}

// ServeHTTP is the pages' server.
func (b *victim) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	asks, next := strings.CutPrefix(r.URL.Path, "/next")
	left, gone := strings.CutPrefix(r.URL.Path, "/left")
	made, err := strconv.Atoi(r.URL.RawQuery)
	switch {
	case next && err == nil:
		fmt.Fprint(w, b.next(r.Context(), asks, made))
	case gone && err == nil:
		b.mu.Lock()
		b.streams[left].made, b.streams[left].gone = made, true
		b.mu.Unlock()
	case strings.HasPrefix(r.URL.Path, "/stream/"):
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, streamPage)
	default:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, "<!doctype html><title>Idle</title>")
	}
}

// next tells a page what to do: to make another call, or to leave.
func (b *victim) next(ctx context.Context, path string, made int) string {
	pace := time.NewTicker(10 * time.Millisecond)
	defer pace.Stop()
	for {
		b.mu.Lock()
		p := b.streams[path]
		// A request that the page has left behind says what is no longer so.
		p.made, p.waiting = max(p.made, made), !p.running
		running, leaving := p.running, p.leaving
		b.mu.Unlock()
		select {
		case <-pace.C:
		case <-ctx.Done():
			return ""
		}
		switch {
		case leaving:
			return "leave"
		case running:
			return "call"
		}
	}
}

// mountSmall mounts a file system of 16 MiB until the test ends.
func mountSmall(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=16m,mode=0700"); err != nil {
		t.Fatalf("a small file system, to fill, cannot be mounted: %v (run this test as root)", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	return dir
}
