//go:build browsers && linux

package e2e

import (
	"context"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/browser"
	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/store"
	"userlike-inspector/nativehost/internal/tui"
	"userlike-inspector/nativehost/internal/tui/tuitest"
)

// BenchmarkScreen measures the whole way from a page in a browser to the terminal's screen:
//
//   - "100 calls a second", for a minute: how long after a call was made the host has
//     received it ("stored") and the screen shows it ("shown"). The first five seconds are
//     not counted, because browsers are still busy with their own start then.
//   - "10000 calls at once": how long a key takes to show its effect meanwhile ("key"), and
//     when the last call is shown ("s-to-last").
//
// To run it:
//
//	go test -tags browsers ./nativehost/e2e -run '^$' -bench Screen -benchtime 1x
//
// The terminal is simulated, so the time that a real one takes to draw is not included.
func BenchmarkScreen(b *testing.B) {
	for _, name := range browsers {
		b.Run(name, func(b *testing.B) {
			screen := inspectOnScreen(b, name)
			b.Run("100 calls a second", func(b *testing.B) {
				const calls, first = 6500, 500
				screen.begin <- "steady"
				var delays []float64 // ms, of the calls in their order
				for len(delays) < calls {
					screen.Wait(b, "more calls", func(f tuitest.Frame) bool {
						now, before := time.Now(), len(delays)
						shown := shownCalls(f, "s")
						for _, n := range slices.Sorted(maps.Keys(shown)) {
							// Calls that were scrolled away before the screen was drawn are not on it.
							// They were made earlier, each 10 ms after the one before.
							for k := len(delays); k <= n; k++ {
								made := shown[n].Add(time.Duration(k-n) * 10 * time.Millisecond)
								delays = append(delays, float64(now.Sub(made).Microseconds())/1000)
							}
						}
						return len(delays) > before
					})
				}
				reportTimes(b, delays[first:], "shown")
				reportTimes(b, screen.stored(b)[first:], "stored")
			})
			b.Run("10000 calls at once", func(b *testing.B) {
				screen.begin <- "burst"
				var keys []float64
				var made time.Time
				for made.IsZero() { // until the last call is on the screen when the help is closed
					pressed := time.Now()
					screen.Press(b, "?")
					screen.WaitText(b, "Events and detail")
					keys = append(keys, float64(time.Since(pressed).Microseconds())/1000)
					screen.Press(b, "Esc")
					f := screen.Wait(b, "the events", func(f tuitest.Frame) bool {
						return !strings.Contains(f.Text(), "Events and detail")
					})
					made = shownCalls(f, "b")[9999]
				}
				b.ReportMetric(time.Since(made).Seconds(), "s-to-last")
				reportTimes(b, keys, "key")
			})
		})
	}
}

// reportTimes reports the median, the 99th percentile and the longest of times in ms.
func reportTimes(b *testing.B, all []float64, what string) {
	slices.Sort(all)
	b.ReportMetric(0, "ns/op") // leaves out the time of this loop, which means nothing
	b.ReportMetric(all[len(all)/2], "median-ms-"+what)
	b.ReportMetric(all[len(all)*99/100], "p99-ms-"+what)
	b.ReportMetric(all[len(all)-1], "longest-ms-"+what)
}

var callName = regexp.MustCompile(`\b([sb])(\d+)-(\d{13})\b`)

// shownCalls are the times at which the calls on a frame were made, by the calls' numbers.
// kind is "s" for the steady calls, "b" for the burst.
func shownCalls(f tuitest.Frame, kind string) map[int]time.Time {
	calls := map[int]time.Time{}
	for _, m := range callName.FindAllStringSubmatch(f.Text(), -1) {
		n, err := strconv.Atoi(m[2])
		ms, msErr := strconv.ParseInt(m[3], 10, 64)
		if m[1] == kind && err == nil && msErr == nil {
			calls[n] = time.UnixMilli(ms)
		}
	}
	return calls
}

// onScreen is a page that makes calls when it is told to, and the terminal UI that shows
// them.
type onScreen struct {
	*tuitest.Screen
	store *store.Store
	begin chan<- string // "steady" or "burst"
}

// stored is how long after each call was made the host has received it, in ms.
func (o *onScreen) stored(b *testing.B) (delays []float64) {
	all, err := o.store.Records(b.Context(), store.Query{Limit: 100_000})
	if err != nil {
		b.Fatal(err)
	}
	for _, one := range all {
		if r := one.Record; r.Kind == record.Call {
			delays = append(delays, float64(r.Received.Sub(r.Time.Time).Milliseconds()))
		}
	}
	return delays
}

// inspectOnScreen opens the page in a browser, and the terminal UI on its records.
func inspectOnScreen(b *testing.B, name string) *onScreen {
	begin := make(chan string)
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/next" {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			io.WriteString(w, latencyPage)
			return
		}
		select {
		case what := <-begin:
			io.WriteString(w, what)
		case <-r.Context().Done():
		}
	}))
	b.Cleanup(site.Close)
	found, err := browser.Choose(b.Context(), name)
	if err != nil {
		b.Fatal(err)
	}
	path := filepath.Join(b.TempDir(), "events.db")
	s, err := store.Open(b.Context(), path)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	session, err := browser.Launch(b.Context(), browser.Options{
		Browser: found, Headless: true, URL: site.URL, HostPath: self(b), StorePath: path,
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := session.Close(); err != nil {
			b.Error(err)
		}
	})
	screen := tuitest.New(120, 40)
	o := options(b, s, screen)
	ctx, cancel := context.WithCancel(b.Context())
	done := make(chan error, 1)
	go func() { done <- tui.Run(ctx, o) }()
	b.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			b.Error(err)
		}
	})
	screen.WaitText(b, "handler appeared")
	screen.Press(b, "\\")
	return &onScreen{screen, s, begin}
}

// options are those of the terminal UI on a store.
func options(b *testing.B, s *store.Store, screen *tuitest.Screen) tui.Options {
	in, err := inspect.New()
	if err != nil {
		b.Fatal(err)
	}
	return tui.Options{
		Store: s, Inspector: in, StorePath: s.Path(), Screen: screen, Now: time.Now, Getenv: func(string) string { return "" },
	}
}

// latencyPage asks its server what to do and makes calls. A call's name has its kind, its
// number and the time in ms, such as "s12-1795000000000".
const latencyPage = `<!doctype html><title>Latency</title><script>
function userlikeTrackingEvent() {}
const call = (kind, n) => userlikeTrackingEvent(kind + n + '-' + Date.now(),
	{client_uuid: 'u', operator_group_id: 1, widget_id: 2, widget_lang: 'de'},
	{session_id: 's', custom_data: {basket: [{sku: 'TEA-01', qty: 2, price: 12.5}], note: 'tea '.repeat(50)}});
const steady = () => {
	const began = performance.now();
	let n = 0;
	const every = setInterval(() => {
		while (n < 6500 && n * 10 <= performance.now() - began) call('s', n++);
		if (n === 6500) clearInterval(every);
	}, 1);
};
const burst = () => { for (let n = 0; n < 10000; n++) call('b', n); };
(async () => {
	for (;;) ({steady, burst})[await (await fetch('/next')).text()]();
})();
</script>`
