//go:build browsers && linux

package e2e

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/record"
)

// Requests with nothing of a call go by time where the tester says so, on the command
// line or in a plan, and nowhere else.
func TestTrace(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, p *product) {
		site := servePages(t, map[string]string{"/": `<title>Shop</title><script>
			function userlikeTrackingEvent() { fetch("/stats/a?n=1"); navigator.sendBeacon("/forward/b", "n=2"); fetch("/cart?n=3"); }
		</script><script>
			userlikeTrackingEvent("button_displayed", {client_uuid: "u", operator_group_id: 1, widget_id: 2, widget_lang: "de"}, {session_id: "s"});
		</script>`})
		plan := filepath.Join(t.TempDir(), "plan.yaml")
		if err := os.WriteFile(plan, []byte("name: Trace\nforward: [{to: 127.0.0.1/forward, events: [chat_started]}]\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		p.runHeard(t, 2, "inspect", "--headless", "--until-idle", "4s", "--browser", p.browser, "--plan", plan, "--trace", "127.0.0.1/stats", site.URL)
		var got []string
		for _, r := range p.export(t) {
			if r.Kind == record.Hit {
				got = append(got, strings.TrimPrefix(r.Handed.To, site.URL)+" "+string(r.Handed.Because)+" "+string(r.Handed.Data))
			}
		}
		slices.Sort(got)
		if want := []string{`/forward/b time {"body":{"n":"2"}}`, `/stats/a time {"query":{"n":"1"}}`}; !slices.Equal(got, want) {
			t.Errorf("hits %q, want %q\nhost.log: %s", got, want, tail(hostLog(p.home)))
		}
	})
}
