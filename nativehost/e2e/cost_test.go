//go:build browsers && linux

package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"userlike-inspector/extension"
	"userlike-inspector/nativehost/internal/browser"
)

// BenchmarkPage measures how much time the extension takes from a page that calls the
// function. It reports the median and the 99th percentile in microseconds for each call,
// and in "longest-ms" the longest burst. Calls are made alone and in bursts, in these ways:
//
//   - raw: a function that is not hooked
//   - stringify: JSON.stringify on the arguments, for comparison
//   - snapshot: the extension's snapshot of the arguments alone
//   - whole: the hooked function, with everything until the extension's isolated world
//   - layer: the same with a function that pushes to a data layer of 300 entries
//   - looks, looks-layer: only what the page's world does in whole and in layer to see
//     where a call goes. The difference between two runs of a browser is greater than that.
//   - unseen, unseen-layer: the same code without the looks. What looking costs is the
//     difference.
//
// The ways take turns, so that whatever else the machine does meets all of them. The
// hooked functions are in frames of their own, one of them with the data layer.
//
// To run it:
//
//	go test -tags browsers ./nativehost/e2e -run '^$' -bench Page
//
// Browsers round the clock, Chromium to 5 µs and Firefox to 20 µs
// (https://developer.mozilla.org/docs/Web/API/Performance_API/High_precision_timing).
func BenchmarkPage(b *testing.B) {
	for _, name := range browsers {
		b.Run(name, func(b *testing.B) {
			for _, cost := range measurePage(b, name) {
				b.Run(cost.What+"/burst="+strconv.Itoa(cost.Burst), func(b *testing.B) {
					b.ReportMetric(0, "ns/op") // leaves out the time of this loop, which means nothing
					b.ReportMetric(cost.Median, "µs/call")
					b.ReportMetric(cost.P99, "p99-µs/call")
					b.ReportMetric(cost.Longest, "longest-ms")
				})
			}
		})
	}
}

// cost is what costPage measured for one way to make calls.
type cost struct {
	What        string  // the way
	Burst       int     // how many calls were made at once
	Median, P99 float64 // microseconds for each call
	Longest     float64 // milliseconds for the longest burst
}

// measurePage opens costPage in a browser with the extension and returns what it measured.
func measurePage(b *testing.B, name string) []cost {
	measured := make(chan []byte, 1)
	site := httptest.NewServer(costSite(b, measured))
	defer site.Close()
	found, err := browser.Choose(b.Context(), name)
	if err != nil {
		b.Fatal(err)
	}
	session, err := browser.Launch(b.Context(), browser.Options{
		Browser: found, Headless: true, URL: site.URL, HostPath: self(b), StorePath: filepath.Join(b.TempDir(), "events.db"),
	})
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		if err := session.Close(); err != nil {
			b.Error(err)
		}
	}()
	select {
	case answer := <-measured:
		var costs []cost
		if err := json.Unmarshal(answer, &costs); err != nil {
			b.Fatalf("the page could not measure: %s", answer)
		}
		return costs
	case <-session.Done():
		b.Fatal("the browser ended before the page had measured")
	case <-time.After(5 * time.Minute):
		b.Fatal("the page does not come to an end")
	}
	return nil
}

// costSite serves costPage and, as /kit.js, the extension's snapshot alone. What the page
// measured is sent to measured.
func costSite(b *testing.B, measured chan<- []byte) http.Handler {
	mux := http.NewServeMux()
	// Only a cross-origin isolated page gets such a precise clock.
	isolated := func(w http.ResponseWriter, kind string) {
		w.Header().Set("Cross-Origin-Opener-Policy", "same-origin")
		w.Header().Set("Cross-Origin-Embedder-Policy", "require-corp")
		w.Header().Set("Content-Type", kind+"; charset=utf-8")
	}
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		isolated(w, "text/html")
		io.WriteString(w, costPage)
	})
	mux.HandleFunc("GET /frame", func(w http.ResponseWriter, _ *http.Request) {
		isolated(w, "text/html")
		io.WriteString(w, costFrame)
	})
	mux.HandleFunc("GET /kit.js", func(w http.ResponseWriter, _ *http.Request) {
		isolated(w, "text/javascript")
		w.Write(snapshotScript(b))
	})
	mux.HandleFunc("POST /measured", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			measured <- body
		}
	})
	return mux
}

// snapshotScript is the extension's scripts for the page's world, without hook.js. That one
// comes last, and removes what the others have defined.
func snapshotScript(b *testing.B) []byte {
	var manifest struct {
		Scripts []struct {
			JS    []string
			World string
		} `json:"content_scripts"`
	}
	read := func(name string) []byte {
		f, err := extension.FS().Open(name)
		if err != nil {
			b.Error(err)
			return nil
		}
		defer f.Close()
		text, err := io.ReadAll(f)
		if err != nil {
			b.Error(err)
		}
		return text
	}
	if err := json.Unmarshal(read("manifest.json"), &manifest); err != nil {
		b.Error(err)
	}
	var all bytes.Buffer
	for _, scripts := range manifest.Scripts {
		for _, name := range scripts.JS {
			if scripts.World == "MAIN" && name != "hook.js" {
				all.Write(read(name))
			}
		}
	}
	return all.Bytes()
}

// costFrame has a function that is hooked, and a data layer where its address wants one: as a
// tag manager keeps it, with at most 300 entries.
const costFrame = `<!doctype html><title>Frame</title>
<script src="/kit.js"></script>
<script>
	if (location.search === "?layer") {
		globalThis.dataLayer = Array.from({length: 300}, (_, i) => ({event: "gtm.scroll", i}));
		const {push} = dataLayer;
		dataLayer.push = function () {
			push.apply(this, arguments);
			while (this.length > 300) this.shift();
		};
	}
	const layered = Boolean(globalThis.dataLayer);
	const queues = userlikeInspectorKit.createQueues(() => {});
	delete globalThis.userlikeInspectorKit;
	// What is done around each call: a look before it, and one after.
	function looks(run) {
		const call = {n: 1, over: false, pushed: ""};
		queues.look(null);
		run();
		queues.look(call);
		return call.pushed;
	}
	function unseen(run) {
		const call = {n: 1, over: false, pushed: ""};
		run();
		return call.pushed;
	}
	function userlikeTrackingEvent(event_name, global_ctx, session_ctx) {
		if (layered) dataLayer.push({event: event_name, chat: session_ctx.chat_id});
	}
</script>`

// costPage measures, and sends the result to /measured. Its calls have arguments as in a
// chat with some custom data, made anew for each call.
const costPage = `<!doctype html><title>Cost</title>
<script src="/kit.js"></script>
<script>
	const kit = userlikeInspectorKit;
	delete globalThis.userlikeInspectorKit;
</script>
<iframe name="whole" src="/frame"></iframe>
<iframe name="layer" src="/frame?layer"></iframe>
<script>
	const raw = function (event_name, global_ctx, session_ctx) {};
	const ways = {
		raw: ([a, b, c]) => raw(a, b, c),
		stringify: (args) => JSON.stringify(args),
		snapshot: (args) => kit.snapshot(args),
		whole: ([a, b, c]) => frames.whole.userlikeTrackingEvent(a, b, c),
		layer: ([a, b, c]) => frames.layer.userlikeTrackingEvent(a, b, c),
		looks: () => frames.whole.looks(() => {}),
		unseen: () => frames.whole.unseen(() => {}),
		"looks-layer": ([a, , c]) => frames.layer.looks(() => frames.layer.dataLayer.push({event: a, chat: c.chat_id})),
		"unseen-layer": ([a, , c]) => frames.layer.unseen(() => frames.layer.dataLayer.push({event: a, chat: c.chat_id})),
	};
	const recorded = ["whole", "layer"];
	const rounds = {1: 500, 10: 200, 100: 60, 1000: 15};
	const typical = (i) => ["message_client_terminating",
		{client_uuid: "0f8fad5b-d9cb-469f-a165-70867728950e", operator_group_id: 1234, widget_id: 5678, widget_lang: "en"},
		{
			session_id: "7c9e6679-7425-40de-944b-e07fc1f90ae7",
			chat_id: "c" + i,
			client_name: "Jane Doe",
			client_email: "jane.doe@example.com",
			operator_id: 42,
			operator_name: "Max",
			custom_data: {
				basket: {items: [{sku: "A-1", price: 19.9, qty: 2}, {sku: "B-2", price: 5, qty: 1}], total: 44.8},
				loyal: true,
			},
		}];
	const pause = (ms) => new Promise((go) => setTimeout(go, ms));

	async function measure(burst) {
		const took = {};
		for (let round = 0; round < rounds[burst]; round++) {
			for (const what in ways) {
				const calls = Array.from({length: burst}, (_, i) => typical(i));
				const start = performance.now();
				for (let i = 0; i < burst; i++) ways[what](calls[i]);
				(took[what] ??= []).push(performance.now() - start);
				await pause(recorded.includes(what) ? burst : 1); // so that the records are sent before the next
			}
		}
		return Object.entries(took).map(([what, all]) => {
			all.sort((a, b) => a - b);
			const at = (part) => all[Math.floor((all.length - 1) * part)] * 1000 / burst;
			return {What: what, Burst: burst, Median: at(0.5), P99: at(0.99), Longest: all[all.length - 1]};
		});
	}

	(async () => {
		await new Promise((go) => addEventListener("load", go));
		await pause(500);
		for (const {userlikeTrackingEvent} of [frames.whole, frames.layer]) {
			if (!Function.prototype.toString.call(userlikeTrackingEvent).includes("[native code]")) throw "a function is not hooked";
		}
		const seen = frames.layer.looks(() => {}) + frames.layer.looks(() => frames.layer.dataLayer.push({event: "seen"}));
		if (frames.whole.looks(() => {}) !== "" || !seen.includes("seen")) throw "queues are not looked at";
		await measure(100); // warms up
		const costs = [];
		for (const burst in rounds) costs.push(...await measure(Number(burst)));
		return costs;
	})().then(JSON.stringify, String).then((body) => fetch("/measured", {method: "POST", body}));
</script>`
