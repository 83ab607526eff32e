//go:build browsers && linux

package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"userlike-inspector/nativehost/internal/record"
)

// servePages serves pages, which are HTML by path, until the test ends.
func servePages(t *testing.T, pages map[string]string) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">%s`, pages[r.URL.Path])
	}))
	t.Cleanup(server.Close)
	return server
}

// excluding starts a browser and writes a pattern into a field of the extension's options.
func excluding(t *testing.T, kind, option, pattern string) (*victim, *extensionPage) {
	t.Helper()
	b := launchVictim(t, kind)
	options := b.openOptions(t)
	options.enter(t, option, pattern)
	options.says(t, "Saved.")
	return b, options
}

// awaitEvent waits for a call of an event and returns it.
func (b *victim) awaitEvent(t *testing.T, event string) *record.Record {
	t.Helper()
	var call *record.Record
	b.await(t, "the call of "+event, func() bool {
		for _, r := range b.all(t) {
			if r.Kind == record.Call && r.EventName() == event {
				call = r
			}
		}
		return call != nil
	})
	return call
}

// A single-page app is recorded at its allowed addresses, and not while it shows an
// excluded one.
func TestExcludedPath(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, p *product) {
		site := servePages(t, map[string]string{"/shop": `<title>Shop</title><script>
			userlikeTrackingEvent = function () {};
			const later = (ms, then) => setTimeout(then, ms);
			userlikeTrackingEvent("before", {}, {});
			later(1500, () => { history.pushState(0, "", "/account"); userlikeTrackingEvent("secret 1", {}, {}); });
			later(3000, () => userlikeTrackingEvent("secret 2", {}, {}));
			later(4500, () => history.pushState(0, "", "/cart"));
			later(5000, () => setInterval(() => userlikeTrackingEvent("after", {}, {}), 250)); // what comes before the hook is back is not seen
		</script>`})
		b, options := excluding(t, p.browser, "block", site.URL+"/account*")
		b.open(t, site.URL+"/shop")
		if r := b.awaitEvent(t, "after"); r.URL != site.URL+"/cart" {
			t.Errorf("the last call is of %s", r.URL)
		}
		b.awaitEvent(t, "before")
		b.nothingOf(t, options, "/account")
		b.nothingOf(t, options, "secret")
	})
}

// A frame without an address of its own is excluded if the page that made it is.
func TestExcludedOpener(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, p *product) {
		bank := servePages(t, map[string]string{"/login": `<title>Bank</title><script>
			const call = (w, name) => w.eval("userlikeTrackingEvent = () => {}; userlikeTrackingEvent('" + name + "', {}, {})");
			setTimeout(() => {
				const frame = document.createElement("iframe");
				document.documentElement.append(frame);
				call(frame.contentWindow, "secret frame");
				setTimeout(() => call(frame.contentWindow, "secret frame later"), 500);
				fetch("/done");
			}, 500);
		</script>`})
		shop := servePages(t, map[string]string{
			"/": `<title>Shop</title><iframe src="` + bank.URL + `/login"></iframe><script>
			userlikeTrackingEvent = () => {};
			setTimeout(() => userlikeTrackingEvent("last", {}, {}), 4000);
		</script>`})
		b, options := excluding(t, p.browser, "block", bank.URL+"/*")
		b.open(t, shop.URL+"/")
		b.awaitEvent(t, "last")
		b.nothingOf(t, options, "secret")
	})
}
