//go:build browsers && unix

package session

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
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"userlike-inspector/extension"
	"userlike-inspector/nativehost/internal/browser"
	"userlike-inspector/nativehost/internal/contact"
	"userlike-inspector/nativehost/internal/record"
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

// host notes every message, as a line of the store, and with the first one the contact.
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
		c := contact.Contact{Browser: record.Browser{Profile: "5f0c2d2e-8f0e-4c57-9d25-0d5a6a4c7f11"}}
		if contact.Note(contact.Of(os.Getenv(contact.SessionVariable)), c) != nil {
			os.Exit(1)
		}
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
	fmt.Println("started")
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

// patience is how long tests wait for what takes seconds, on a machine with other work to do.
const patience = 3 * time.Minute

// until waits for a condition.
func until(t *testing.T, what string, condition func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if !holds(ctx, condition) {
		t.Fatalf("waited in vain until %s", what)
	}
}

// holds waits for a condition, until ctx ends. It has to look again and again: what other
// processes do is no event here.
func holds(ctx context.Context, condition func() bool) bool {
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for !condition() {
		select {
		case <-look.C:
		case <-ctx.Done():
			return false
		}
	}
	return true
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
	if folders := sessions(t); len(folders) > 0 {
		t.Errorf("folders are left: %q", folders)
	}
}

// sessions are the folders of sessions.
func sessions(t *testing.T) []string {
	t.Helper()
	folders, err := filepath.Glob(filepath.Join(os.Getenv("XDG_CACHE_HOME"), "userlike-inspector", "sessions", "s*"))
	if err != nil {
		t.Fatal(err)
	}
	return folders
}

// session is the folder of the only session.
func (p place) session(t *testing.T) string {
	t.Helper()
	folders := sessions(t)
	if len(folders) != 1 {
		t.Fatalf("the sessions are %q, want one", folders)
	}
	return folders[0]
}

// process is the id of the browser's process, as a later start finds it.
func (p place) process(t *testing.T) int {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(p.session(t), "process.json"))
	if err != nil {
		t.Fatal(err)
	}
	var running struct{ PID int }
	if err := json.Unmarshal(b, &running); err != nil || running.PID == 0 {
		t.Fatalf("%s names no process: %v", b, err)
	}
	return running.PID
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o700); err != nil {
		t.Fatal(err)
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
	case <-time.After(patience):
		t.Fatal("the page was not opened")
	}
	until(t, "the host was told hello", func() bool { return p.told(`"hello"`) })
	return s
}
