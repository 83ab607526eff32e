//go:build browsers

package e2e

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
)

// restless is a page that makes a call and then goes to the next page, without end.
const restless = `
	setTimeout(() => {
		const n = Number(location.search.slice(1));
		call("call " + n);
		setTimeout(() => location.replace("/?" + (n + 1)), 100);
	});`

// reluctant is a page that makes calls while it is left, and takes long for it.
const reluctant = `
	const leave = ({type}) => {
		for (const end = performance.now() + 100; performance.now() < end;);
		for (const n of [1, 2, 3]) call(type + " " + n);
	};
	addEventListener("pagehide", leave);
	addEventListener("unload", leave);`

// busy is a page whose scripts run nearly all the time.
const busy = `
	let n = 0;
	const work = () => {
		call("begin " + ++n);
		for (const end = performance.now() + 300; performance.now() < end;);
		call("end " + n);
		setTimeout(work);
	};
	setTimeout(work);`

// A script that runs when its page is left comes to its end.
func TestClosingBusy(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, p *product) {
		called := testClosing(t, p, busy)
		for name := range called {
			if n, begin := strings.CutPrefix(name, "begin "); begin && called["end "+n] == "" {
				t.Errorf("the script that called %q was stopped", name)
			}
		}
	})
}

func TestClosingRestless(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, p *product) { testClosing(t, p, restless) })
}

func TestClosingReluctant(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, p *product) { testClosing(t, p, reluctant) })
}

// The calls that frames make while their page is left are recorded as well: of frames of
// the same site and of another one, and of a frame that has made no call before.
func TestClosingFrames(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, p *product) {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			name, other := strings.TrimPrefix(r.URL.Path, "/"), strings.Replace(r.Host, "127.0.0.1", "localhost", 1)
			fmt.Fprintf(w, leavingFrame, name)
			if name == "" {
				fmt.Fprintf(w, `<iframe src="/inner"></iframe>
					<iframe src="/silent"></iframe>
					<iframe src="//%s/other"></iframe>`, other)
			}
		}))
		defer server.Close()
		p.runUntil(t, 0, p.recorded(t, " loaded"),
			"inspect", "--headless", "--browser", p.browser, "--for", "1m", "--fail-on", "never", server.URL+"/")
		recorded := eventNames(p.calls(t))
		for _, name := range []string{" pagehide", "inner pagehide", "silent pagehide", "other pagehide"} {
			if !slices.Contains(recorded, name) {
				t.Errorf("the call %q was not recorded; these were: %q", name, recorded)
			}
		}
	})
}

const leavingFrame = `<!doctype html><meta charset="utf-8"><title>Leaving</title><link rel="icon" href="data:,"><script>
	const name = "%s";
	userlikeTrackingEvent = () => {};
	if (name !== "silent") userlikeTrackingEvent(name + " opened", {}, {});
	if (name === "") addEventListener("load", () => userlikeTrackingEvent(name + " loaded", {}, {})); // and so are its frames
	addEventListener("pagehide", () => userlikeTrackingEvent(name + " pagehide", {}, {}));
</script>`

// testClosing closes a browser while its page is busy. Every call must be recorded, or
// the page's address must be named as one whose last calls may be lost. It returns the
// page's address for the name of each call that was made.
func testClosing(t *testing.T, p *product, script string) (called map[string]string) {
	var mu sync.Mutex
	called = map[string]string{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprintf(w, closingPage, script)
			return
		}
		name, err := url.QueryUnescape(r.URL.RawQuery)
		if err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		called[name] = r.Referer()
	}))
	defer server.Close()
	_, talked := p.runHeard(t, 0, "inspect", "--headless", "--browser", p.browser, "--for", "4s", "--fail-on", "never", server.URL+"/?1")
	recorded := eventNames(p.calls(t))
	mu.Lock()
	defer mu.Unlock()
	for name, address := range called {
		if !slices.Contains(recorded, name) && !bytes.Contains(talked, []byte("\n  "+address+"\n")) {
			t.Errorf("the call %q of %s was not recorded, of %d; said: %s", name, address, len(called), talked)
			for _, r := range p.export(t) {
				if r.URL == address {
					t.Log("recorded of it: ", r.ID, r.Kind, r.Happening(), r.Time)
				}
			}
		}
	}
	if len(called) == 0 {
		t.Error("the page made no call")
	}
	return called
}

// closingPage tells the server of each call that it has made. It does not tell of calls
// that it makes after its unload event, which Chromium lets it do: an extension is not
// reached any more then, only requests are still sent.
const closingPage = `<!doctype html><meta charset="utf-8"><title>Closing</title><link rel="icon" href="data:,">
<meta name="referrer" content="unsafe-url">
<script>userlikeTrackingEvent = () => {};</script>
<script>
	let gone = false;
	const call = (name) => {
		userlikeTrackingEvent(name, {}, {});
		if (!gone) navigator.sendBeacon("/called?" + name);
	};
%s
	addEventListener("unload", () => gone = true);
</script>`
