//go:build browsers && linux

package e2e

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"userlike-inspector/nativehost/internal/record"
)

// A request that carries nothing of a call is recorded as its hit only at the places that
// --trace or a plan's forward names.
func TestTrace(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, p *product) {
		site := servePages(t, map[string]string{"/": `<title>Shop</title><script>
			function userlikeTrackingEvent() {
				fetch("/stats/a?n=1");
				navigator.sendBeacon("/forward/b", "n=2");
				fetch("/cart?n=3");
			}
		</script><script>
			userlikeTrackingEvent("button_displayed", {client_uuid: "u", operator_group_id: 1, widget_id: 2, widget_lang: "de"}, {session_id: "s"});
		</script>`})
		plan := filepath.Join(t.TempDir(), "plan.yaml")
		if err := os.WriteFile(plan, []byte("name: Trace\nforward: [{to: 127.0.0.1/forward, events: [chat_started]}]\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		p.runHeard(t, 2, "inspect", "--headless", "--until-idle", "4s", "--browser", p.browser,
			"--plan", plan, "--trace", "127.0.0.1/stats", site.URL)
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

// A request that is sent again because it failed does not count as forwarded twice. One
// that succeeded both times does.
func TestSentAgain(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, p *product) {
		var asked atomic.Int64
		mux := http.NewServeMux()
		mux.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			io.WriteString(w, `<title>Shop</title><script>
				const send = (n, name) => fetch("/collect/" + n + "?e=" + name, {method: "POST"}); // Firefox lets equal GET requests wait for each other
				async function userlikeTrackingEvent(name) {
					if (name === "chat_started") {
						if (!(await send("again", name)).ok) await send("again", name);
						await send("broken", name).catch(() => send("broken", name)).catch(() => 0);
					} else {
						await send("twice", name);
						await send("twice", name);
					}
				}
			</script><script>
				for (const name of ["chat_started", "rating_submit"]) {
					userlikeTrackingEvent(name, {client_uuid: "u", operator_group_id: 1, widget_id: 2, widget_lang: "de"}, {session_id: "s"});
				}
			</script>`)
		})
		again := make(chan struct{})
		mux.HandleFunc("/collect/again", func(w http.ResponseWriter, r *http.Request) {
			if n := asked.Add(1); n > 1 {
				if n == 2 {
					close(again)
				}
				return
			}
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusServiceUnavailable)
			io.WriteString(w, "{")
			w.(http.Flusher).Flush() // the page knows of it now, though the answer is not complete
			select {
			case <-again:
			case <-r.Context().Done():
			}
		})
		mux.HandleFunc("/collect/broken", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
		mux.HandleFunc("/collect/twice", func(http.ResponseWriter, *http.Request) {})
		site := httptest.NewServer(mux)
		t.Cleanup(site.Close)
		report := p.inspect(t, 0, nil, site.URL)
		var doubles []string
		for _, f := range report.Findings {
			if f.Rule == "forwarded-twice" {
				doubles = append(doubles, f.Record)
			}
		}
		failed, twice := 0, ""
		for _, r := range p.export(t) {
			if r.EventName() == "rating_submit" {
				twice = r.ID
			}
			if r.Kind == record.Hit && r.Handed.Failed != nil {
				failed++
			}
		}
		if asked.Load() != 2 || failed < 3 || !slices.Equal(doubles, []string{twice}) {
			t.Errorf("asked %d times, %d failed, doubles %q\n%s", asked.Load(), failed, doubles, tail(p.run(t, 0, "export")))
		}
	})
}
