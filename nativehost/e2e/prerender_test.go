//go:build browsers && linux

package e2e

import (
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/record"
)

// A page that is prerendered is recorded with its own address and title, not with those of
// the page that the tab shows meanwhile. The inspector does not switch prerendering off.
// (https://developer.chrome.com/docs/web-platform/prerender-pages)
func TestPrerendered(t *testing.T) {
	t.Parallel()
	site := servePages(t, map[string]string{
		"/listing": `<title>Listing page</title>
			<script type="speculationrules">{"prerender": [{"urls": ["/product"], "eagerness": "immediate"}]}</script>
			<script>setInterval(() => { if (localStorage.ready) location.href = "/product"; }, 500)</script>`,
		"/product": `<title>Product page</title><script>
			userlikeTrackingEvent = (name) => void fetch("/collect?" + new URLSearchParams({name}));
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
	closed, hits := 0, map[string]string{}
	for _, r := range p.export(t) {
		if r.Kind == record.Hit {
			hits[string(r.Handed.Data)] = r.URL + " " + r.Title
		}
		if r.Kind == record.Page && r.Event == record.Closed {
			closed++
		}
	}
	if closed != 3 {
		t.Errorf("%d documents were closed, want the listing, the product and its frame", closed)
	}
	if at := hits[`{"query":{"name":"product, prerendering: true"}}`]; at != site.URL+"/product Product page" {
		t.Errorf("the hit of the call that was made while prerendering is at %q; the hits are %v", at, hits)
	}
}

// The options decide about a prerendered page by its own address, not by that of the page
// that the tab shows meanwhile.
func TestPrerenderedOptions(t *testing.T) {
	t.Parallel()
	for _, option := range []string{"allow", "block"} {
		t.Run(option, func(t *testing.T) {
			page := func(path, rest string) string {
				return `<title>` + path + `</title><script>userlikeTrackingEvent = () => {};</script>
					<script>userlikeTrackingEvent("` + path + `", {}, {prerendering: document.prerendering});</script>` + rest
			}
			site := servePages(t, map[string]string{
				"/listing": page("listing", `
					<script type="speculationrules">{"prerender": [{"urls": ["/product"], "eagerness": "immediate"}]}</script>
					<script>setInterval(() => { if (localStorage.ready) location.href = "/product"; }, 500)</script>`),
				"/product": page("product", `<script>
					addEventListener("load", () => localStorage.ready = true);
					document.addEventListener("prerenderingchange", () => {
						userlikeTrackingEvent("shown", {}, {});
						setTimeout(() => location.href = "/after", 1000);
					});
				</script>`),
				"/after": page("after", ""),
			})
			b, options := excluding(t, "chromium", option, site.URL+"/product*")
			b.open(t, site.URL+"/listing")
			if option == "block" {
				b.awaitEvent(t, "after")
				b.nothingOf(t, options, "product")
				return
			}
			if r := b.awaitEvent(t, "shown"); r.Title != "product" || r.TopURL != site.URL+"/product" {
				t.Errorf("shown is placed at %s, %q", r.TopURL, r.Title)
			}
			first := b.awaitEvent(t, "product")
			if !strings.Contains(string(first.Args), `"prerendering":true`) {
				t.Errorf("the page was not prerendered: %s", first.Args)
			}
			b.nothingOf(t, options, "listing")
		})
	}
}
