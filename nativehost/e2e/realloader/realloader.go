// Package realloader serves a page that loads its chat with the published
// loader (@userlike/messenger from npm), for tests alone.
//
// The loader's baseUrl is another origin, as Userlike's CDN is, and the demo's stand-in
// for the client is served there. The demo shop has its own copy of what the loader does:
// it runs the client in a hidden frame and passes it the page's window. Here the real
// loader does that, which shows that the copy is right.
//
// The loader's code is not in this repository. It is a development dependency in
// .ci/package.json. Its dist/browser build is one plain script that defines
// window.UserlikeMessenger, so a page can use it without a bundler.
package realloader

import (
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"userlike-inspector/nativehost/internal/demo"
)

// script is the path of the loader's browser build below the module's root.
const script = ".ci/node_modules/@userlike/messenger/dist/browser/index.min.js"

// page declares the function, while the demo shop assigns it. Sites use these two ways
// most.
var page = template.Must(template.New("page").Parse(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>A page with the published loader</title>
<link rel="icon" href="data:,">
<script src="/handler.js"></script>
<script src="/messenger.js"></script>
<h1>A page with the published loader</h1>
<p><a href="/checkout">Checkout</a></p>
<script src="/start.js" data-base-url="{{.}}" data-widget-key="` + demo.WidgetKey + `"></script>
</html>
`))

const handler = `function userlikeTrackingEvent(event_name, global_ctx, session_ctx) {
  (window.dataLayer = window.dataLayer || []).push([event_name, global_ctx.widget_id, session_ctx.operator_id]);
}
`

const start = `"use strict";
const { baseUrl, widgetKey } = document.currentScript.dataset;
UserlikeMessenger.createMessenger({ version: 2, widgetKey, baseUrl }).then(
  (result) => result.value.mount().subscribe((mounted) => mounted.value.setCustomData({ page: location.pathname, basket: { items: 1 } })),
  (error) => {
    document.documentElement.dataset.demoVisit = "failed";
    document.documentElement.dataset.demoWhy = "the loader: " + error.message;
  },
);
`

// Handler serves a page that loads its chat from cdn, an origin such as
// "https://cdn.example" at which demo.ClientHandler answers. With "/?autoplay" the page
// plays demo.Visit, and at its end sets data-demo-visit as the demo shop does. If the
// loader is not installed, the test fails.
func Handler(t testing.TB, cdn string) http.Handler {
	t.Helper()
	loader, err := read()
	if err != nil {
		t.Fatal(err)
	}
	return pages(loader, cdn)
}

// read returns the loader's source text.
func read() ([]byte, error) {
	root, err := moduleRoot()
	if err != nil {
		return nil, err
	}
	b, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(script)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the published loader is not installed: run .ci/run, or npm ci --prefix .ci in the repository's root: %w", err)
	}
	return b, err
}

// moduleRoot is the nearest folder with a go.mod, going up from where the test
// runs, which is its package's folder.
func moduleRoot() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("no go.mod in %q or above: run the test from the repository", start)
		}
	}
}

func pages(loader []byte, cdn string) http.Handler {
	// The loader hides its frame by a style attribute, so these must be allowed.
	policy := "default-src 'none'; img-src data:; script-src 'self' " + cdn + "; connect-src " + cdn +
		"; style-src " + cdn + "; style-src-attr 'unsafe-inline'; base-uri 'none'"
	mux := http.NewServeMux()
	show := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", policy)
		page.Execute(w, cdn+demo.ClientPath) // an error means that the browser has gone
	}
	mux.HandleFunc("GET /{$}", show)
	mux.HandleFunc("GET /checkout", show)
	for path, text := range map[string][]byte{"/handler.js": []byte(handler), "/messenger.js": loader, "/start.js": []byte(start)} {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
			w.Write(text)
		})
	}
	return mux
}
