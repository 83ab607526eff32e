//go:build browsers && linux

package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"userlike-inspector/nativehost/internal/record"
)

// hits waits until enough accepts the hits in the recording, and returns them.
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

// A page whose scripts are busy after a call reports it late, but its request has long been
// made. The hit is found all the same, also that of a tab's first call.
func TestHitsOfBusyPage(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, p *product) {
		site := servePages(t, map[string]string{"/": `<title>Busy</title><script>
			function userlikeTrackingEvent(name) {
				navigator.sendBeacon("/collect", JSON.stringify({event: name}));
				for (const end = Date.now() + 6000; Date.now() < end;);
			}
		</script><script>
			setTimeout(() => userlikeTrackingEvent("chat_requested", {}, {}), 500);
			setTimeout(() => userlikeTrackingEvent("chat_started", {}, {}), 600);
		</script>`})
		b := launchVictim(t, p.browser)
		b.open(t, site.URL+"/")
		calls := []*record.Record{b.awaitEvent(t, "chat_requested"), b.awaitEvent(t, "chat_started")}
		hits := b.hits(t, "a hit for each call", func(hits []*record.Record) bool { return len(hits) >= 2 })
		for i, call := range calls {
			if got := hits[i].Handed.Calls; !slices.Equal(got, []string{call.ID}) {
				t.Errorf("a hit of the calls %q instead of %q", got, call.ID)
			}
		}
	})
}

// What the function pushes to a queue is recorded as a hit of its call, also in a queue
// that a tag manager has renamed and keeps short. What others push is not recorded.
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
			want = append(want,
				of("dataLayer", action, []record.Note{{At: "/0/at", Is: "undefined"}}),
				of("shopLayer", `[{"n":1},{"n":2}]`, nil))
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("hits\n got %q\nwant %q", got, want)
		}
	})
}

// hitsPage forwards each call in the way that its chat_id names.
const hitsPage = `<title>Shop</title>
<iframe name="sink"></iframe>
<script>
	const collect = "COLLECTOR/collect", pause = (ms) => new Promise((go) => setTimeout(go, ms));
	var dataLayer = [{"gtm.start": 1}];
	let worker, registration;
	const query = (way) => collect + "?" + new URLSearchParams({event: "chat_started", chat: way, v: "1"});
	const json = (way) => JSON.stringify({event: "chat_started", chat: way});
	const fields = (way) => new URLSearchParams({event: "chat_started", chat: way});
	const form = (way) => { const f = new FormData(); f.append("chat", way); f.append("event", "chat_started"); return f; };
	const ways = {
		"way-image": (way) => { new Image().src = query(way); },
		"way-script": (way) => { document.head.append(Object.assign(document.createElement("script"), {src: query(way)})); },
		"way-get": (way) => { fetch(query(way)); },
		"way-post": (way) => { fetch(collect, {method: "POST", body: json(way)}); },
		"way-bytes": (way) => { fetch(collect, {method: "POST", body: new TextEncoder().encode(json(way))}); },
		"way-keepalive": (way) => { fetch(collect, {method: "POST", body: json(way), keepalive: true}); },
		"way-preflight": (way) => { fetch(collect, {method: "POST", body: json(way), headers: {"Content-Type": "application/json"}}); },
		"way-xhr": (way) => { const x = new XMLHttpRequest(); x.open("POST", collect); x.send(json(way)); },
		"way-beacon": (way) => { navigator.sendBeacon(collect, json(way)); },
		"way-beacon-fields": (way) => { navigator.sendBeacon(collect, fields(way)); },
		"way-beacon-form": (way) => { navigator.sendBeacon(collect, form(way)); },
		"way-form": (way) => {
			const f = Object.assign(document.createElement("form"), {method: "POST", action: collect, target: "sink"});
			f.append(Object.assign(document.createElement("input"), {name: "chat", value: way}));
			document.body.append(f);
			f.submit();
		},
		"way-worker": (way) => { worker.postMessage(query(way)); },
		"way-service": (way) => { registration.active.postMessage(query(way)); },
		"way-late": (way) => { setTimeout(() => fetch(query(way)), 1500); },
		"way-later-push": (way) => { setTimeout(() => dataLayer.push({event: "chat_started", chat: way}), 300); },
		"way-pagehide": (way) => { addEventListener("pagehide", () => navigator.sendBeacon(collect, json(way))); },
		"way-pagehide-push": (way) => { addEventListener("pagehide", () => dataLayer.push({event: "chat_started", chat: way})); },
	};
	function userlikeTrackingEvent(name, globals, session) { ways[session.chat_id](session.chat_id); }
</script>
<script>
	(async () => {
		worker = new Worker("/worker.js");
		registration = await navigator.serviceWorker.register("/service.js");
		await navigator.serviceWorker.ready;
		for (const way in ways) {
			userlikeTrackingEvent("chat_started",
				{client_uuid: "u-1", operator_group_id: 1, widget_id: 2, widget_lang: "en"},
				{session_id: "s-1", chat_id: way});
			new Image().src = collect + "?unrelated=" + way.length; // a request that belongs to no call
			dataLayer.push({event: "gtm.scroll"});
			await pause(100);
		}
		await pause(3000);
		location = "/next";
	})();
</script>`

// Each way in which a page can forward a call is recorded as a hit of that call, and
// requests that have nothing to do with a call are not.
func TestRequests(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, p *product) {
		requests(t, p, "addEventListener('message', ({data}) => fetch(data))")
	})
}

// The same holds where a service worker makes the page's requests. Browsers report these
// once or twice.
func TestRequestsByWorker(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, p *product) {
		requests(t, p, `addEventListener("message", ({data}) => fetch(data));
			addEventListener("activate", (e) => e.waitUntil(clients.claim()));
			addEventListener("fetch", (e) => e.respondWith(fetch(e.request)));`)
	})
}

// requests opens hitsPage with a service worker, whose script is service, and checks its
// hits.
func requests(t *testing.T, p *product, service string) {
	t.Helper()
	collector := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Access-Control-Allow-Headers", "*")
		w.Header().Set("Content-Type", "text/javascript")
	}))
	t.Cleanup(collector.Close)
	mux := http.NewServeMux()
	for path, text := range map[string]string{
		"/{$}": strings.ReplaceAll(hitsPage, "COLLECTOR", collector.URL), "/next": "<title>Next</title>",
		"/worker.js":  "onmessage = ({data}) => fetch(data)",
		"/service.js": service,
	} {
		kind := "text/html; charset=utf-8"
		if strings.HasSuffix(path, ".js") {
			kind = "text/javascript"
		}
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			io.WriteString(w, text)
		})
	}
	site := httptest.NewServer(mux)
	t.Cleanup(site.Close)
	b := launchVictim(t, p.browser)
	b.open(t, site.URL+"/")
	missing := waysOf(hitsPage)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("not seen: %q\nhost.log: %s", missing, tail(hostLog(b.home)))
		}
	})
	hits := b.hits(t, "every way of a hit", func(hits []*record.Record) bool {
		missing = slices.DeleteFunc(waysOf(hitsPage), func(way string) bool {
			return slices.ContainsFunc(hits, func(hit *record.Record) bool {
				return strings.Contains(string(hit.Handed.Data), `"`+way+`"`)
			})
		})
		return len(missing) == 0
	})
	calls := map[string]*record.Record{}
	for _, r := range b.all(t) {
		if r.Kind == record.Call {
			calls[wayName.FindString(string(r.Args))] = r
		}
	}
	seen := map[string]bool{}
	for _, hit := range hits {
		line, err := record.Encode(hit)
		if err != nil {
			t.Fatal(err)
		}
		way := wayName.FindString(string(hit.Handed.Data))
		call := calls[way]
		switch {
		case call == nil:
			t.Errorf("it belongs to no call: %s", line)
		case seen[way]:
			t.Errorf("seen a second time: %s", line)
		case !slices.Equal(hit.Handed.Calls, []string{call.ID}) || hit.Handed.Because != record.ByContent:
			t.Errorf("it belongs to %s: %s", call.ID, line)
		case hit.Document != call.Document || hit.Tab == nil || *hit.Tab != *call.Tab || hit.URL != call.URL || hit.Title != call.Title:
			t.Errorf("it is not from where its call is: %s", line)
		}
		seen[way] = true
	}
}

// The options decide what is followed and traced, the popup says where calls went, and
// calls of a paused tab are not followed.
func TestFollowing(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, p *product) {
		site := servePages(t, map[string]string{"/": `<title>Shop</title><script>
			var dataLayer = [];
			function userlikeTrackingEvent(name, globals, session) {
				dataLayer.push({event: name});
				fetch("/traced", {method: "POST", body: "nothing of it"});
				fetch("/untraced", {method: "POST", body: "nothing of it"});
				fetch("/content?" + new URLSearchParams({event: name, chat: session.chat_id}));
				navigator.sendBeacon("/blob", new Blob(["chat=" + session.chat_id]));
			}
			let last = "";
			const call = () => {
				if (location.hash === last || !location.hash.startsWith("#chat")) return;
				last = location.hash;
				userlikeTrackingEvent("chat_started", {}, {chat_id: last.slice(1)});
			};
			addEventListener("load", call);
			addEventListener("hashchange", call);
		</script>`})
		host := strings.TrimPrefix(site.URL, "http://")
		b := launchVictim(t, p.browser)
		options := b.openOptions(t)
		options.enter(t, "trace", "127.0.0.1/traced?x=1")
		options.says(t, "A place has no query: leave out “?x=1”.")
		options.enter(t, "trace", "http://127.0.0.1/traced")
		options.says(t, "Saved.")
		options.eval(t, `document.getElementById("follow-title").scrollIntoView()`, new(any))
		options.picture(t, "options-follow")

		b.open(t, site.URL+"/")
		b.goTo(t, site.URL+"/#chat-followed")
		hits := b.hits(t, "the hits", func(hits []*record.Record) bool { return len(hits) >= 4 })
		blob := "time" // Chromium does not show the bytes of a Blob to extensions
		if p.browser == "firefox-esr" {
			blob = "content"
		}
		want := []string{"dataLayer handler", site.URL + "/blob " + blob, site.URL + "/content content", site.URL + "/traced time"}
		if got := placesOf(hits); !slices.Equal(got, want) {
			t.Errorf("hits\n got %q\nwant %q", got, want)
		}
		popup := b.openPopup(t, site.URL+"/#chat-followed")
		popup.says(t, "Forwarded to: ", "dataLayer", host)
		popup.picture(t, "popup-forwarded")
		popup.click(t, "Pause this tab")
		popup.says(t, "Recording is paused.")
		popup.close(t)
		b.goTo(t, site.URL+"/#chat-paused")
		popup = b.openPopup(t, site.URL+"/#chat-paused")
		popup.says(t, "1 call counted, not recorded.")
		popup.click(t, "Resume this tab")
		popup.says(t, "Pause this tab")
		popup.close(t)
		b.goTo(t, site.URL+"/#resumed") // so that later records do not have "chat-paused" in their address

		follow := func(on bool) {
			options.eval(t, `document.getElementById("follow").click()`, new(any))
			b.await(t, "following is switched", func() bool {
				var now string
				options.eval(t, `return document.getElementById("state").textContent + document.getElementById("follow").checked`, &now)
				return now == fmt.Sprint("Saved.", on)
			})
		}
		follow(false)
		b.goTo(t, site.URL+"/#chat-off")
		b.await(t, "the call that is not followed", func() bool {
			return slices.ContainsFunc(b.all(t), func(r *record.Record) bool {
				return r.Kind == record.Call && strings.Contains(string(r.Args), "chat-off")
			})
		})
		popup = b.openPopup(t, site.URL+"/#chat-off")
		popup.says(t, "Where calls go is not followed")
		popup.close(t)
		follow(true)
		b.goTo(t, site.URL+"/#chat-last")
		hits = b.hits(t, "the hits of the last call", func(hits []*record.Record) bool { return len(hits) >= 8 })
		for _, hit := range hits {
			line, _ := record.Encode(hit)
			if strings.Contains(string(line), "chat-paused") || strings.Contains(string(line), "chat-off") {
				t.Errorf("not to be followed: %s", line)
			}
		}
		if len(hits) != 8 {
			t.Errorf("%d hits, want 8: %q", len(hits), placesOf(hits))
		}
		b.nothingOf(t, options, "chat-paused")
	})
}

// A request that comes long after its call is still recognised as the call's hit if the
// background or the host has ended meanwhile.
func TestFollowingGoesOn(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, p *product) {
		site := servePages(t, map[string]string{"/": `<title>Shop</title><script>
			let batch = [];
			function userlikeTrackingEvent(name, globals, session) { batch.push({event: name, chat: session.chat_id}); }
			addEventListener("hashchange", () => {
				const way = location.hash.slice(1);
				if (way.startsWith("send")) navigator.sendBeacon("/batch", JSON.stringify(batch.splice(0)));
				else userlikeTrackingEvent("chat_started", {}, {chat_id: way});
			});
		</script>`})
		b := launchVictim(t, p.browser)
		b.open(t, site.URL+"/")
		b.await(t, "the page is inspected", func() bool {
			return slices.ContainsFunc(b.all(t), func(r *record.Record) bool {
				return r.URL == site.URL+"/" && r.Kind == record.Handler
			})
		})
		end := map[string]func(){
			"background": func() { b.stopBackground(t) },
			"host":       func() { b.signalHosts(t, syscall.SIGKILL) },
		}
		for i, what := range []string{"background", "host"} {
			way := "way-" + what
			b.goTo(t, site.URL+"/#"+way)
			b.await(t, "its call", func() bool {
				return slices.ContainsFunc(b.all(t), func(r *record.Record) bool {
					return r.Kind == record.Call && strings.Contains(string(r.Args), way)
				})
			})
			end[what]()
			b.goTo(t, site.URL+"/#send-"+what)
			hits := b.hits(t, "the hit of "+way, func(hits []*record.Record) bool { return len(hits) > i })
			if last := hits[len(hits)-1].Handed; len(hits) != i+1 || len(last.Calls) != 1 || !strings.Contains(string(last.Data), way) {
				t.Errorf("%d hits, the last of %q: %s", len(hits), last.Calls, last.Data)
			}
		}
	})
}

// placesOf lists where hits went and why they count as hits, sorted.
func placesOf(hits []*record.Record) []string {
	var places []string
	for _, hit := range hits {
		places = append(places, hit.Handed.To+" "+string(hit.Handed.Because))
	}
	slices.Sort(places)
	return places
}

// goTo opens an address in the newest tab that shows the same address with another
// fragment.
func (b *victim) goTo(t *testing.T, address string) {
	t.Helper()
	if b.kind == "firefox-esr" {
		b.firefox(t, fmt.Sprintf(`
			const w = [...Services.wm.getEnumerator("navigator:browser")][0];
			let tab;
			const shows = (tab) => tab.linkedBrowser.currentURI.specIgnoringRef === %q;
			while (!(tab = w.gBrowser.tabs.findLast(shows))) await new Promise((go) => w.setTimeout(go, 50));
			tab.linkedBrowser.fixupAndLoadURIString(%q, {triggeringPrincipal: Services.scriptSecurityManager.createNullPrincipal({})})`,
			strings.Split(address, "#")[0], address))
		return
	}
	var pages []string
	b.await(t, "the page is open", func() bool {
		pages = b.targets(t, "page", strings.Split(address, "#")[0])
		return len(pages) > 0
	})
	answer := b.debug(t, "Target.attachToTarget", map[string]any{"targetId": pages[0], "flatten": true})
	var session struct{ SessionID string }
	if err := json.Unmarshal([]byte(answer), &session); err != nil {
		t.Fatal(err)
	}
	if _, err := b.session.DebugIn(t.Context(), session.SessionID, "Page.navigate", map[string]any{"url": address}); err != nil {
		t.Fatal(err)
	}
}

var wayName = regexp.MustCompile(`way-[a-z-]+`)

// waysOf lists the ways that a page's source names, sorted.
func waysOf(page string) []string {
	ways := wayName.FindAllString(page, -1)
	slices.Sort(ways)
	return slices.Compact(ways)
}
