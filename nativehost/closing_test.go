package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"

	"sync"
	"testing"

	"userlike-inspector/nativehost/internal/record"
)

// restless is a page that calls and goes on to the next one, for ever. It tells
// the server of each call, but for one that Chromium lets it make between its
// last event and its end: nothing but a request gets out then.
const restless = `<!doctype html><meta charset="utf-8"><title>Restless</title><link rel="icon" href="data:,">
<script>userlikeTrackingEvent = () => {};</script>
<script>
  let gone = false;
  addEventListener("pagehide", () => gone = true);
  setTimeout(() => {
    const n = Number(location.search.slice(1));
    userlikeTrackingEvent("call " + n, {}, {});
    if (!gone) navigator.sendBeacon("/called?call " + n);
    location.replace("/?" + (n + 1));
  });
</script>`

// A browser that is closed in the middle of everything loses no call.
func TestClosing(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, p *product) {
		var mu sync.Mutex
		var called []string
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/" {
				w.Header().Set("Content-Type", "text/html")
				fmt.Fprint(w, restless)
				return
			}
			name, err := url.QueryUnescape(r.URL.RawQuery)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			called = append(called, name)
		}))
		defer server.Close()
		p.run(t, 0, "inspect", "--headless", "--browser", p.browser, "--for", "2s", "--fail-on", "never", server.URL+"/?1")
		recorded := eventNames(slices.DeleteFunc(p.export(t), func(r *record.Record) bool { return r.Kind != record.Call }))
		mu.Lock()
		defer mu.Unlock()
		for _, name := range called {
			if !slices.Contains(recorded, name) {
				t.Errorf("the call %q was not recorded, of %d", name, len(called))
			}
		}
		if len(called) == 0 {
			t.Error("the page made no call")
		}
	})
}
