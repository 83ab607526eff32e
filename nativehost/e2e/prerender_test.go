//go:build browsers && linux

package e2e

import (
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/record"
)

// A page that is prerendered is what it is, not the page that the tab shows
// meanwhile: it is recorded in its own place. Inspecting leaves prerendering on.
func TestPrerendered(t *testing.T) {
	t.Parallel()
	site := servePages(t, map[string]string{
		"/listing": `<title>Listing page</title>
			<script type="speculationrules">{"prerender": [{"urls": ["/product"], "eagerness": "immediate"}]}</script>
			<script>setInterval(() => { if (localStorage.ready) location.href = "/product"; }, 500)</script>`,
		"/product": `<title>Product page</title><script>
			userlikeTrackingEvent = () => {};
			userlikeTrackingEvent("product, prerendering: " + document.prerendering, {}, {});
			document.addEventListener("prerenderingchange", () => userlikeTrackingEvent("shown", {}, {}));
			addEventListener("load", () => localStorage.ready = true);
			addEventListener("pagehide", () => userlikeTrackingEvent("left", {}, {}));
		</script><iframe src="/inner"></iframe>`,
		"/inner": `<title>Inner</title><script>
			userlikeTrackingEvent = () => {};
			setTimeout(() => userlikeTrackingEvent("last", {}, {}), 4000);
		</script>`,
	})
	p := newProduct(t, "chromium")
	p.inspect(t, 0, p.recorded(t, "last"), "--fail-on", "never", site.URL+"/listing")
	seen := map[string]bool{}
	for _, r := range p.calls(t) {
		seen[r.EventName()] = true
		top := !strings.HasSuffix(r.URL, "/inner")
		if r.TopURL != site.URL+"/product" || r.Title != "Product page" || r.Frame == nil || (*r.Frame == 0) != top {
			t.Errorf("%s is placed at %s in %s, %q, frame %v", r.EventName(), r.URL, r.TopURL, r.Title, r.Frame)
		}
	}
	for _, event := range []string{"product, prerendering: true", "shown", "left", "last"} {
		if !seen[event] {
			t.Errorf("%s was not recorded, only %v", event, seen)
		}
	}
	closed := 0
	for _, r := range p.export(t) {
		if r.Kind == record.Page && r.Event == record.Closed {
			closed++
		}
	}
	if closed != 3 {
		t.Errorf("%d documents were closed, want the listing, the product and its frame", closed)
	}
}
