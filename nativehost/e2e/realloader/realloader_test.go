//go:build browsers

package realloader

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/demo"
)

// The page gives the loader the client's server as its base, and the page's policy allows
// that server.
func TestHandler(t *testing.T) {
	server := httptest.NewServer(demo.ClientHandler())
	t.Cleanup(server.Close)
	shop := httptest.NewServer(Handler(t, server.URL))
	t.Cleanup(shop.Close)
	site := shop.URL
	body, policy := get(t, site+"/?autoplay")
	_, rest, ok := strings.Cut(body, `data-base-url="`)
	base, _, closed := strings.Cut(rest, `"`)
	if !ok || !closed {
		t.Fatalf("the page names no base:\n%s", body)
	}
	cdn, ok := strings.CutSuffix(base, demo.ClientPath)
	if !ok || cdn == site {
		t.Errorf("the client's base is %q; it has to be of another origin than %q", base, site)
	}
	for _, directive := range []string{"script-src 'self' " + cdn, "connect-src " + cdn} {
		if !strings.Contains(policy, directive) {
			t.Errorf("the policy %q does not allow %q", policy, directive)
		}
	}
	if manifest, _ := get(t, base+"/umm-manifest.json"); !strings.Contains(manifest, strings.TrimPrefix(base, "http:")+"/client.js") {
		t.Errorf("the manifest has no client: %s", manifest)
	}
	if loader, _ := get(t, site+"/messenger.js"); !strings.Contains(loader, "UserlikeMessenger") || !strings.Contains(loader, "umm-manifest.json") {
		t.Error("the loader's browser build does not define UserlikeMessenger or does not fetch umm-manifest.json any more")
	}
}

func get(t *testing.T, url string) (body, policy string) {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	if r.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", url, r.Status)
	}
	return string(b), r.Header.Get("Content-Security-Policy")
}

func TestNotInstalled(t *testing.T) {
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "go.mod"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Chdir(root)
	if _, err := read(); err == nil || !strings.Contains(err.Error(), "npm ci --prefix .ci") {
		t.Errorf("without the loader: %v; want the command that installs it", err)
	}
}

func TestOutsideOfAModule(t *testing.T) {
	t.Chdir(t.TempDir())
	if _, err := read(); err == nil || !strings.Contains(err.Error(), "no go.mod") {
		t.Errorf("outside of a module: %v", err)
	}
}
