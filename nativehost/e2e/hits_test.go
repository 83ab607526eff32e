//go:build browsers && linux

package e2e

import (
	"fmt"
	"slices"
	"testing"

	"userlike-inspector/nativehost/internal/record"
)

// hits waits until the recording has so many hits that a test wants, and returns
// all there are.
func (b *victim) hits(t *testing.T, what string, enough func([]*record.Record) bool) []*record.Record {
	t.Helper()
	var hits []*record.Record
	b.await(t, what, func() bool {
		hits = nil
		for _, r := range b.all(t) {
			if r.Kind == record.Hit {
				hits = append(hits, r)
			}
		}
		return enough(hits)
	})
	return hits
}

// What the function puts into a data layer is stored with its call, as the
// manager left it there; what others put there is not.
func TestPushed(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, p *product) {
		site := servePages(t, map[string]string{"/": `<title>Shop</title>
		<script type="text/plain" src="https://www.googletagmanager.com/gtm.js?id=GTM-ABC123&l=shopLayer"></script><script>
			var dataLayer = [{"gtm.start": 1}], shopLayer = Array.from({length: 300}, (_, i) => ({i}));
			const {push} = shopLayer;
			shopLayer.push = function () {
				push.apply(this, arguments);
				while (this.length > 300) this.shift();
			};
			function userlikeTrackingEvent(name, globals, session) {
				dataLayer.push({event: "Userlike_Action", ChatAction: name, at: undefined});
				shopLayer.push({n: 1}, {n: 2});
				if (name === "chat_started") throw new Error("after that");
			}
		</script><script>
			userlikeTrackingEvent("chat_requested", {}, {});
			dataLayer.push({event: "gtm.dom"});
			try { userlikeTrackingEvent("chat_started", {}, {}); } catch {}
		</script>`})
		b := launchVictim(t, p.browser)
		b.open(t, site.URL+"/")
		calls := []*record.Record{b.awaitEvent(t, "chat_requested"), b.awaitEvent(t, "chat_started")}
		hits := b.hits(t, "a hit for each queue and call", func(hits []*record.Record) bool { return len(hits) >= 4 })
		var got, want []string
		for _, hit := range hits {
			h := hit.Handed
			got = append(got, fmt.Sprint(h.Via, h.To, h.Because, h.Calls, string(h.Data), hit.Notes, hit.URL, hit.Document))
		}
		for _, call := range calls {
			of := func(queue, data string, notes []record.Note) string {
				return fmt.Sprint(record.Queue, queue, record.DuringHandler, []string{call.ID}, data, notes, site.URL+"/", call.Document)
			}
			action := fmt.Sprintf(`[{"event":"Userlike_Action","ChatAction":"%s"}]`, call.EventName())
			want = append(want, of("dataLayer", action, []record.Note{{At: "/0/at", Is: "undefined"}}), of("shopLayer", `[{"n":1},{"n":2}]`, nil))
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("hits\n got %q\nwant %q", got, want)
		}
	})
}
