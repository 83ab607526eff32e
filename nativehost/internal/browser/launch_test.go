//go:build unix

package browser_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"userlike-inspector/extension"
	"userlike-inspector/nativehost/internal/browser"
)

// The browsers start this test's binary as the native messaging host, and
// TestKilledOwner as an owner to be killed.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && (strings.HasPrefix(os.Args[1], "chrome-extension://") || strings.HasSuffix(os.Args[1], browser.ManifestFile)) {
		host()
		return
	}
	if owner := os.Getenv("BROWSER_TEST_OWNER"); owner != "" {
		if err := own(owner); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// host notes every message, as a line of the store.
func host() {
	store, err := os.OpenFile(os.Getenv("USERLIKE_INSPECTOR_STORE"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		os.Exit(1)
	}
	for {
		var length uint32
		if binary.Read(os.Stdin, binary.NativeEndian, &length) != nil {
			return
		}
		message := make([]byte, length)
		if _, err := io.ReadFull(os.Stdin, message); err != nil {
			return
		}
		fmt.Fprintf(store, "%s\n", message)
	}
}

// own launches the browser named and waits to be killed.
func own(name string) error {
	ctx := context.Background()
	b, err := browser.Choose(ctx, name)
	if err != nil {
		return err
	}
	s, err := browser.Launch(ctx, options(b))
	if err != nil {
		return err
	}
	fmt.Println(s.Folder())
	<-s.Done()
	return s.Close()
}

func options(b browser.Browser) browser.Options {
	self, err := os.Executable()
	if err != nil {
		panic(err)
	}
	return browser.Options{
		Browser: b, Headless: true, HostPath: self,
		URL:          os.Getenv("BROWSER_TEST_URL"),
		ExtensionDir: os.Getenv("BROWSER_TEST_EXTENSION"),
		StorePath:    os.Getenv("BROWSER_TEST_STORE"),
	}
}

// The test extension speaks to the host as soon as it runs, tells it of every
// page that ends, but takes its time, and marks every page before its first
// script.
const (
	testBackground = `
const api = globalThis.browser ?? chrome;
const host = api.runtime.connectNative("` + extension.HostName + `");
host.postMessage("hello");
api.runtime.onMessage.addListener((message) => void setTimeout(() => host.postMessage(message), 1000));`
	testContent = `
document.documentElement.dataset.watched = "yes";
addEventListener("pagehide", () => (globalThis.browser ?? chrome).runtime.sendMessage("pagehide"));`
	testPage = `<!doctype html><html><script>
fetch("/saw?" + new URLSearchParams({
	watched: document.documentElement.dataset.watched,
	webdriver: navigator.webdriver,
}));
</script>`
)

// place is what a test has of its own: a home, a cache, an extension, a page
// and a store. It goes to the environment, for owners in other processes.
type place struct {
	home, store string
	saw         chan string // the queries of the page's first script
}

func newPlace(t *testing.T) place {
	t.Helper()
	// Not t.TempDir, whose path may be too long for a socket.
	root, err := os.MkdirTemp("", "b")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(root); err != nil {
			t.Error(err)
		}
	})
	p := place{home: filepath.Join(root, "home"), store: filepath.Join(root, "store"), saw: make(chan string, 1000)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/":
			w.Header().Set("Content-Type", "text/html")
			io.WriteString(w, testPage)
		case "/restless":
			w.Header().Set("Content-Type", "text/html")
			io.WriteString(w, `<script>location.replace("restless?" + Math.random())</script>`)
			p.saw <- "restless"
		case "/clinging":
			w.Header().Set("Content-Type", "text/html")
			io.WriteString(w, `<script>
				addEventListener("beforeunload", (event) => event.preventDefault());
				setInterval(() => navigator.userActivation.hasBeenActive && fetch("/saw?touched"), 50);
				fetch("/saw?clinging");
			</script>`)
		case "/saw":
			p.saw <- r.URL.RawQuery
		}
	}))
	t.Cleanup(server.Close)
	ext := filepath.Join(root, "extension")
	for name, content := range map[string]string{"background.js": testBackground, "content.js": testContent, "manifest.json": testManifest(t)} {
		write(t, filepath.Join(ext, name), content)
	}
	if err := os.MkdirAll(p.home, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"HOME": p.home, "XDG_CONFIG_HOME": "", "XDG_DATA_HOME": "", "XDG_CACHE_HOME": filepath.Join(root, "cache"),
		"BROWSER_TEST_URL": server.URL + "/", "BROWSER_TEST_EXTENSION": ext, "BROWSER_TEST_STORE": p.store,
	} {
		t.Setenv(name, value)
	}
	return p
}

// testManifest has the product's ids.
func testManifest(t *testing.T) string {
	t.Helper()
	b, err := fs.ReadFile(extension.FS(), "manifest.json")
	if err != nil {
		t.Fatal(err)
	}
	var product map[string]json.RawMessage
	if err := json.Unmarshal(b, &product); err != nil {
		t.Fatal(err)
	}
	b, err = json.Marshal(map[string]any{
		"manifest_version": 3, "name": "test", "version": "1",
		"key": product["key"], "browser_specific_settings": product["browser_specific_settings"],
		"permissions":     []string{"nativeMessaging"},
		"background":      map[string]any{"service_worker": "background.js", "scripts": []string{"background.js"}},
		"content_scripts": []any{map[string]any{"matches": []string{"<all_urls>"}, "js": []string{"content.js"}, "run_at": "document_start"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// until waits for a condition, half a minute at most.
func until(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !condition(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

// told says whether the host was told this.
func (p place) told(message string) bool {
	b, _ := os.ReadFile(p.store) // not there before the host has started
	return bytes.Contains(b, []byte(message))
}

// processes lists what runs for this test: hosts and browsers have its store
// in their environment.
func (p place) processes(t *testing.T) []string {
	t.Helper()
	all, err := filepath.Glob("/proc/[0-9]*")
	if err != nil || len(all) == 0 {
		t.Fatal("no list of processes: ", err)
	}
	var list []string
	for _, dir := range all {
		environ, _ := os.ReadFile(filepath.Join(dir, "environ")) // may have ended
		if bytes.Contains(environ, []byte("USERLIKE_INSPECTOR_STORE="+p.store)) {
			command, _ := os.ReadFile(filepath.Join(dir, "cmdline"))
			list = append(list, string(bytes.ReplaceAll(command, []byte{0}, []byte(" "))))
		}
	}
	return list
}

// nothingLeft checks that no process and no session's folder is left.
func (p place) nothingLeft(t *testing.T) {
	t.Helper()
	left := p.processes(t)
	helper := func(command string) bool { return strings.Contains(command, "/crashhelper ") }
	if slices.ContainsFunc(left, helper) {
		// Firefox makes a daemon of it, which sees by itself that the browser has gone.
		left = slices.DeleteFunc(left, helper)
		until(t, "Firefox's crash helper has ended", func() bool { return !slices.ContainsFunc(p.processes(t), helper) })
	}
	if len(left) > 0 {
		t.Errorf("%d processes are left:\n%s", len(left), strings.Join(left, "\n"))
	}
	dirs, err := filepath.Glob(filepath.Join(os.Getenv("XDG_CACHE_HOME"), "userlike-inspector", "sessions", "s*"))
	if err != nil || len(dirs) > 0 {
		t.Errorf("folders are left: %q, %v", dirs, err)
	}
}

// everyBrowser runs a test with one browser of each family.
func everyBrowser(t *testing.T, test func(t *testing.T, b browser.Browser)) {
	for _, name := range []string{"chromium", "firefox"} {
		t.Run(name, func(t *testing.T) {
			b, err := browser.Choose(t.Context(), name)
			if err != nil {
				t.Fatalf("this test needs a real browser: %v", err)
			}
			test(t, b)
		})
	}
}

// launch starts b on the test's page and waits for the page and the host.
func (p place) launch(t *testing.T, o browser.Options) *browser.Session {
	t.Helper()
	began := time.Now()
	s, err := browser.Launch(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	t.Logf("launched in %v", time.Since(began))
	select {
	case saw := <-p.saw:
		if want := "watched=yes&webdriver=false"; saw != want {
			t.Errorf("the page's first script saw %q, want %q", saw, want)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("the page was not opened")
	}
	until(t, "the host was told hello", func() bool { return p.told(`"hello"`) })
	return s
}

func TestSession(t *testing.T) {
	everyBrowser(t, func(t *testing.T, b browser.Browser) {
		p := newPlace(t)
		var log bytes.Buffer
		o := options(b)
		o.Log = &log
		s := p.launch(t, o)
		if os.Geteuid() == 0 && b.Family == browser.Chromium && !strings.Contains(log.String(), "sandbox") {
			t.Errorf("the log does not speak of the missing sandbox: %q", log.String())
		}
		if info, err := os.Stat(s.Folder()); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("the session's folder: %v, %v", info, err)
		}
		// ^C in a terminal goes to its foreground process group.
		if group, err := syscall.Getpgid(s.PID(t)); err != nil || group == syscall.Getpgrp() {
			t.Errorf("the browser is in this process's group %d, %v", group, err)
		}
		select {
		case <-s.Done():
			t.Error("done before it was closed")
		default:
		}
		began := time.Now()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		t.Logf("closed in %v", time.Since(began))
		<-s.Done()
		p.nothingLeft(t)
		if err := s.Close(); err != nil {
			t.Errorf("closing again: %v", err)
		}
		p.homeUntouched(t)
	})
}

// homeUntouched checks that nothing was configured in the user's home.
func (p place) homeUntouched(t *testing.T) {
	t.Helper()
	err := filepath.WalkDir(p.home, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && d.Name() != "crash_helper_server.log" {
			t.Errorf("the browser wrote %s", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// However the last page is closed, the browser ends, and what pages said last
// has reached the host before.
func TestLastWords(t *testing.T) {
	for _, by := range []struct {
		name  string
		close func(*browser.Session, context.Context) error
	}{
		{"close", func(s *browser.Session, _ context.Context) error { return s.Close() }},
		{"the window's X", (*browser.Session).CloseWindow},
		{"the menu's Quit", (*browser.Session).Quit},
	} {
		t.Run(by.name, func(t *testing.T) {
			everyBrowser(t, func(t *testing.T, b browser.Browser) {
				if by.name == "the menu's Quit" && b.Family != browser.Firefox {
					return // nothing of Chromium's can stand in its way
				}
				p := newPlace(t)
				o := options(b)
				var folders []string
				o.Settled = func(ctx context.Context, folder string) {
					folders = append(folders, folder) // Close waits for this
					for !p.told(`"pagehide"`) && ctx.Err() == nil {
						time.Sleep(10 * time.Millisecond)
					}
				}
				s := p.launch(t, o)
				if err := by.close(s, t.Context()); err != nil {
					t.Fatal(err)
				}
				select {
				case <-s.Done():
				case <-time.After(30 * time.Second):
					t.Fatal("the browser lives without a window")
				}
				if err := s.Close(); err != nil {
					t.Error(err)
				}
				if !p.told(`"pagehide"`) {
					t.Error("the page's last message did not reach the host")
				}
				if !slices.Equal(folders, []string{s.Folder()}) {
					t.Errorf("settled for the folders %q, want %q once", folders, s.Folder())
				}
				p.nothingLeft(t)
			})
		})
	}
}

// A page that is always about to go elsewhere is closed like any other.
func TestRestlessPage(t *testing.T) {
	everyBrowser(t, func(t *testing.T, b browser.Browser) {
		p := newPlace(t)
		var log bytes.Buffer
		o := options(b)
		o.URL += "restless"
		o.Log = &log
		s, err := browser.Launch(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		for range 20 {
			<-p.saw
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if strings.Contains(log.String(), "killed") {
			t.Errorf("force was used: %s", log.String())
		}
		p.nothingLeft(t)
	})
}

// A page that would have its user asked before it goes, because they have
// touched it, is closed like any other.
func TestClingingPage(t *testing.T) {
	everyBrowser(t, func(t *testing.T, b browser.Browser) {
		p := newPlace(t)
		var log bytes.Buffer
		o := options(b)
		o.URL += "clinging"
		o.Log = &log
		s, err := browser.Launch(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		for <-p.saw != "clinging" {
		}
		touch(t, s, b.Family)
		for <-p.saw != "touched" {
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if strings.Contains(log.String(), "killed") {
			t.Errorf("force was used: %s", log.String())
		}
		p.nothingLeft(t)
	})
}

// touch does to the page what a browser takes for its user's touch.
func touch(t *testing.T, s *browser.Session, family browser.Family) {
	t.Helper()
	if family == browser.Firefox {
		const click = `data:,content.document.notifyUserGestureActivation()`
		if _, err := s.Debug(t.Context(), `Promise.resolve(Services.wm.getMostRecentWindow("navigator:browser").gBrowser.selectedBrowser.messageManager.loadFrameScript("`+click+`", false)).then(String)`, nil); err != nil {
			t.Fatal(err)
		}
		return
	}
	debug := func(session, method string, params map[string]any, result any) {
		t.Helper()
		answer, err := s.DebugIn(t.Context(), session, method, params)
		if err == nil {
			err = json.Unmarshal([]byte(answer), result)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	var targets struct {
		TargetInfos []struct{ TargetID, Type string }
	}
	debug("", "Target.getTargets", nil, &targets)
	for _, target := range targets.TargetInfos {
		if target.Type != "page" {
			continue
		}
		var attached struct{ SessionID string }
		debug("", "Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached)
		for _, event := range []string{"mousePressed", "mouseReleased"} {
			debug(attached.SessionID, "Input.dispatchMouseEvent", map[string]any{"type": event, "x": 9, "y": 9, "button": "left", "clickCount": 1}, new(any))
		}
	}
}

// What never settles does not keep the browser for ever.
func TestNeverSettles(t *testing.T) {
	b, err := browser.Choose(t.Context(), "chromium")
	if err != nil {
		t.Fatal(err)
	}
	p := newPlace(t)
	o := options(b)
	o.Settled = func(ctx context.Context, _ string) { <-ctx.Done() }
	s := p.launch(t, o)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	p.nothingLeft(t)
}

func TestKilledOwner(t *testing.T) {
	everyBrowser(t, func(t *testing.T, b browser.Browser) {
		p := newPlace(t)
		self, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		owner := exec.Command(self)
		owner.Env = append(os.Environ(), "BROWSER_TEST_OWNER="+b.Path)
		var out, errs output
		owner.Stdout, owner.Stderr = &out, &errs
		if err := owner.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { owner.Process.Kill() })
		until(t, "the owner had started the browser", func() bool {
			return strings.HasSuffix(out.String(), "\n") && p.told(`"hello"`)
		})
		// A living owner's session is nobody else's business.
		if err := browser.ClearLeftovers(); err != nil {
			t.Error(err)
		}
		if len(p.processes(t)) == 0 {
			t.Fatalf("a living owner's browser was ended; the owner says %q", errs.String())
		}
		if err := owner.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		owner.Wait()
		if err := browser.ClearLeftovers(); err != nil {
			t.Error(err)
		}
		// Chromium's crash handlers are in groups of their own, and end when
		// they see that it has ended.
		until(t, "no process was left", func() bool { return len(p.processes(t)) == 0 })
		p.nothingLeft(t)
	})
}

// output is a buffer that can be read while a process writes it.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

func TestKeptProfile(t *testing.T) {
	everyBrowser(t, func(t *testing.T, b browser.Browser) {
		p := newPlace(t)
		o := options(b)
		o.ProfileDir = filepath.Join(p.home, "a profile")
		for range 2 {
			s := p.launch(t, o)
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			p.nothingLeft(t)
			if err := os.Remove(p.store); err != nil {
				t.Error(err)
			}
		}
		if entries, err := os.ReadDir(o.ProfileDir); err != nil || len(entries) < 3 {
			t.Errorf("the profile was not kept: %v, %v", entries, err)
		}
	})
}

// The product's own extension loads, too.
func TestOwnExtension(t *testing.T) {
	everyBrowser(t, func(t *testing.T, b browser.Browser) {
		p := newPlace(t)
		o := options(b)
		o.ExtensionDir = ""
		s, err := browser.Launch(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		p.nothingLeft(t)
	})
}

func TestLaunchFails(t *testing.T) {
	everyBrowser(t, func(t *testing.T, b browser.Browser) {
		for _, tt := range []struct {
			name  string
			spoil func(t *testing.T, o *browser.Options)
			want  string
		}{
			{"no page", func(t *testing.T, o *browser.Options) { o.URL = "shop.example" }, "https://"},
			{"file page", func(t *testing.T, o *browser.Options) { o.URL = "file:///etc/passwd" }, "https://"},
			{"relative store", func(t *testing.T, o *browser.Options) { o.StorePath = "events.db" }, "not absolute"},
			{"relative host", func(t *testing.T, o *browser.Options) { o.HostPath = "host" }, "not absolute"},
			{"no extension", func(t *testing.T, o *browser.Options) { o.ExtensionDir = t.TempDir() }, "extension"},
			{"no display", func(t *testing.T, o *browser.Options) {
				t.Setenv("DISPLAY", "")
				t.Setenv("WAYLAND_DISPLAY", "")
				o.Headless = false
			}, "--headless"},
			{"no program", func(t *testing.T, o *browser.Options) { o.Browser.Path = "/nonexistent" }, "/nonexistent"},
			{"not a browser", func(t *testing.T, o *browser.Options) {
				o.Browser.Path = filepath.Join(t.TempDir(), "program")
				write(t, o.Browser.Path, "#!/bin/sh\necho cannot open shared object >&2\nexit 127\n")
			}, "cannot open shared object"},
			{"cancelled", func(t *testing.T, o *browser.Options) {
				o.Browser.Path = filepath.Join(t.TempDir(), "program")
				write(t, o.Browser.Path, "#!/bin/sh\nexec sleep 1000\n")
			}, "deadline"},
		} {
			t.Run(tt.name, func(t *testing.T) {
				p := newPlace(t)
				o := options(b)
				tt.spoil(t, &o)
				ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
				if tt.name == "cancelled" {
					ctx, cancel = context.WithTimeout(t.Context(), time.Second)
				}
				defer cancel()
				s, err := browser.Launch(ctx, o)
				if err == nil {
					s.Close()
					t.Fatal("no error")
				}
				if !strings.Contains(err.Error(), tt.want) {
					t.Errorf("error %q does not speak of %q", err, tt.want)
				}
				t.Log(err)
				p.nothingLeft(t)
			})
		}
	})
}
