//go:build browsers && linux

package e2e

import (
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

// What the function pushes to a data layer is stored with its call.
func TestPushed(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, p *product) {
		site := servePages(t, map[string]string{"/": `<title>Shop</title><script>
			var dataLayer = [{"gtm.start": 1}];
			function userlikeTrackingEvent(name, globals, session) { dataLayer.push({event: "Userlike_Action", ChatAction: name}); }
		</script><script>
			userlikeTrackingEvent("chat_requested", {}, {});
			userlikeTrackingEvent("chat_started", {}, {});
		</script>`})
		b := launchVictim(t, p.browser)
		b.open(t, site.URL+"/")
		started := b.awaitEvent(t, "chat_started")
		hits := b.hits(t, "both hits", func(hits []*record.Record) bool { return len(hits) >= 2 })
		for _, hit := range hits {
			line, _ := record.Encode(hit)
			t.Logf("%s", line)
		}
		_ = started
	})
}
