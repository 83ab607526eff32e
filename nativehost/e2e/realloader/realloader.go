// Package realloader serves a page that loads its chat with the published
// loader (@userlike/messenger from npm), for tests alone.
//
// The loader's baseUrl is another origin, as Userlike's CDN is one; there the
// demo's stand-in for the client is served. So what the
// tests rely on, that the loader runs the client in a hidden frame and hands
// it the page's window, is the real loader's doing and not our copy of it.
//
// Nothing of the loader is in this repository: it is a development dependency
// in .ci/package.json. Its dist/browser build is one plain script that defines
// window.UserlikeMessenger, so a page needs no bundler for it.
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

// script is the loader's browser build, seen from the module's root.
const script = ".ci/node_modules/@userlike/messenger/dist/browser/index.min.js"

// page declares the function, where the demo shop assigns it: the two ways of
// defining it that sites use most.
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

// Handler serves a page that loads its chat from the CDN, an origin where
// demo.ClientHandler answers. With "/?autoplay" the page plays demo.Visit and
// tells its end as the demo shop does. It fails the test when the loader is not
// installed.
func Handler(t testing.TB, cdn string) http.Handler {
	t.Helper()
	loader, err := read()
	if err != nil {
		t.Fatal(err)
	}
	return pages(loader, cdn)
}

// read returns the loader's text.
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
	// Style attributes are allowed for the loader, which hides its frame by one.
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
