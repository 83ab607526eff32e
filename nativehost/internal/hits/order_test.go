package hits_test

import (
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/hits"
	"userlike-inspector/nativehost/internal/record"
)

// ask is a request, when it is sent in ms, and the calls that it belongs to.
type ask struct {
	at       int
	to, body string
	want     string
}

// order are calls and the requests after them.
type order struct {
	calls []*hits.Call
	asks  []ask
}

func orders() map[string]order {
	const own = "https://collect.example/?e="
	message := args("message_client_terminating", chat)
	const twoMessages = `[{"event":"message_client_terminating"},{"event":"message_client_terminating"}]`
	return map[string]order{
		"two alike, one request each": {
			[]*hits.Call{call("1", 0, message), call("2", 300, message)},
			[]ask{{400, own + "message_client_terminating", "", "1"}, {401, own + "message_client_terminating", "", "2"}},
		},
		"two alike, each in its time": {
			[]*hits.Call{call("1", 0, message), call("2", 3000, message)},
			[]ask{{50, own + "message_client_terminating", "", "1"}, {3050, own + "message_client_terminating", "", "2"}},
		},
		"a request sent again is the same call's": {
			[]*hits.Call{call("1", 0, message)},
			[]ask{{50, own + "message_client_terminating", "", "1"}, {1050, own + "message_client_terminating", "", "1"}},
		},
		"doubled, and then again": {
			[]*hits.Call{call("1", 0, message), call("2", 10_000, message)},
			[]ask{
				{50, own + "message_client_terminating", "", "1"},
				{60, own + "message_client_terminating", "", "1"},
				{10_050, own + "message_client_terminating", "", "2"},
				{10_060, own + "message_client_terminating", "", "2"},
			},
		},
		"one that was forgotten": {
			[]*hits.Call{call("1", 0, message), call("2", 60_000, message)},
			[]ask{{60_100, own + "message_client_terminating", "", "2"}, {60_200, own + "message_client_terminating", "", "2"}},
		},
		"two properties": {
			[]*hits.Call{call("1", 0, message), call("2", 300, message)},
			[]ask{
				{400, ga + "&en=message_client_terminating", "", "1"}, {
					at:   401,
					to:   strings.ReplaceAll(ga, "G-ABC", "G-XYZ") + "&en=message_client_terminating",
					want: "1",
				},
				{402, ga + "&en=message_client_terminating", "", "2"}, {
					at:   403,
					to:   strings.ReplaceAll(ga, "G-ABC", "G-XYZ") + "&en=message_client_terminating",
					want: "2",
				},
			},
		},
		"addresses that differ each time": {
			[]*hits.Call{call("1", 0, message), call("2", 300, message)},
			[]ask{
				{20, "https://shop.sc.omtrdc.net/b/ss/shopprod/1/JS-2.22.0/s38291746501?pev2=message_client_terminating", "", "1"},
				{320, "https://shop.sc.omtrdc.net/b/ss/shopprod/1/JS-2.22.0/s11200394857?pev2=message_client_terminating", "", "2"},
				{330, "https://shop.sc.omtrdc.net/b/ss/shopother/1/JS-2.22.0/s22200394857?pev2=message_client_terminating", "", "1"},
				{340, "https://shop.sc.omtrdc.net/b/ss/shopother/1/JS-2.22.0/s33300394857?pev2=message_client_terminating", "", "2"},
			},
		},
		"a batch of several": {
			[]*hits.Call{
				call("1", 0, args("chat_requested", "")),
				call("2", 500, message),
				call("3", 900, message),
				call("4", 950, args("rating_submit", chat)),
			},
			[]ask{{30_000, ga, "en=message_client_terminating\nen=chat_requested\nen=message_client_terminating", "1,2,3"}},
		},
		"a batch that says each name more than once": {
			[]*hits.Call{call("1", 0, message), call("2", 500, message)},
			[]ask{{
				at: 700,
				to: "https://api.segment.io/v1/b",
				body: `{"batch":[{"event":"message_client_terminating",` +
					`"properties":{"name":"message_client_terminating","l":["message_client_terminating"]}}]}`,
				want: "1",
			}},
		},
		"an event whose parameters repeat its name": {
			[]*hits.Call{call("1", 0, message), call("2", 100, message)},
			[]ask{
				{700, "https://api.segment.io/v1/t", `{"event":"message_client_terminating","properties":{"all":["message_client_terminating","message_client_terminating"]}}`, "1"},
				{701, ga, "en=message_client_terminating\nen=scroll&ep.last=message_client_terminating\nen=click&ep.last=message_client_terminating", "1"},
			},
		},
		"a batch in a text": {
			[]*hits.Call{call("1", 0, message), call("2", 100, message)},
			[]ask{{700, "https://api-js.mixpanel.com/track/", "data=" + url.QueryEscape(twoMessages), "1,2"}},
		},
		"a batch in base64": {
			[]*hits.Call{call("1", 0, message), call("2", 100, message)},
			[]ask{{700, "https://api-js.mixpanel.com/track/", "data=" + url.QueryEscape(encoded(twoMessages)), "1,2"}},
		},
		"a batch in a text of a batch": {
			[]*hits.Call{call("1", 0, message), call("2", 100, message), call("3", 200, message)},
			[]ask{{700, "https://collect.example/", `[{"e":` + strconv.Quote(twoMessages) + `},{"e":"[{\"event\":\"message_client_terminating\"}]"}]`, "1,2,3"}},
		},
		"one event in a text that says its name more than once": {
			[]*hits.Call{call("1", 0, message), call("2", 100, message)},
			[]ask{{
				700, "https://api-js.mixpanel.com/track/",
				"data=" + url.QueryEscape(`[{"event":"message_client_terminating","properties":{"name":"message_client_terminating"}}]`), "1",
			}},
		},
		"what is beside the name in a text tells": {
			[]*hits.Call{call("1", 0, args("chat_started", chat)), call("2", 500, args("chat_started", strings.ReplaceAll(chat, "5512", "7734")))},
			[]ask{{
				700, "https://api-js.mixpanel.com/track/",
				"data=" + url.QueryEscape(`[{"event":"chat_started","c":"c-7734fe90aa"},{"event":"button_displayed","c":"c-5512fe90aa"}]`), "2",
			}},
		},
		"what is beside the name tells": {
			[]*hits.Call{call("1", 0, args("chat_started", chat)), call("2", 500, args("chat_started", strings.ReplaceAll(chat, "5512", "7734")))},
			[]ask{
				{700, own + "chat_started&c=c-7734fe90aa", "", "2"},
				{800, own + "chat_started&c=c-5512fe90aa", "", "1"},
				{900, own + "chat_started&c=c-7734fe90aa", "", "2"},
			},
		},
		"a chat's newest call": {
			[]*hits.Call{call("1", 0, args("chat_started", chat)), call("2", 500, args("rating_submit", chat))},
			[]ask{{300, own + "x&c=c-5512fe90aa", "", "1"}, {700, own + "x&c=c-5512fe90aa", "", "2"}},
		},
		"the e-mail address that all calls have": {
			[]*hits.Call{call("1", 0, args("button_displayed", chat)), call("2", 500, args("chat_started", chat))},
			[]ask{
				{700, "https://collect.shop.example/events", `{"em":"` + emailSHA256 + `"}`, "2"},
				{6000, "https://collect.shop.example/events", `{"em":"` + emailSHA256 + `"}`, ""},
			},
		},
		"words that all calls have as names": {
			[]*hits.Call{
				call("1", 0, args("button_displayed", `,"client_name":"Besuch","operator_name":"Support"`)),
				call("2", 500, args("chat_requested", `,"client_name":"Besuch","operator_name":"Support"`)),
			},
			[]ask{{700, "https://collect.shop.example/pv?dt=Support+Besuch", "", ""}},
		},
		"an operator of some calls": {
			[]*hits.Call{call("1", 0, args("chat_requested", "")), call("2", 500, args("chat_started", strings.ReplaceAll(chat, `"Max"`, `"Maxine Muster"`)))},
			[]ask{{
				at:   700,
				to:   "https://api.segment.io/v1/t",
				body: `{"event":"Live Chat Conversation Started","properties":{"agentName":"Maxine Muster"}}`,
				want: "2",
			}},
		},
		"a name of the site's own": {
			[]*hits.Call{call("1", 0, args("my_own_event", "")), call("2", 100, args("click", ""))},
			[]ask{
				{300, own + "my_own_event", "", "1"},
				{300, own + "click", "", ""},
				{9000, own + "my_own_event", "", ""},
				{9000, own + "my_own_event&s=s-93ab77d0c4", "", "1"},
				{300, own + "click&s=s-93ab77d0c4", "", "2"},
			},
		},
	}
}

// Each request belongs to one of several equal calls, in order. A batch belongs to all calls
// in it.
func TestOrder(t *testing.T) {
	for name, c := range orders() {
		t.Run(name, func(t *testing.T) {
			tr := tracker(c.calls...)
			for i, a := range c.asks {
				whose := ""
				for _, r := range tr.Decide(request(a.at, a.to, a.body)) {
					whose += strings.ReplaceAll(strings.Join(r.Handed.Calls, ","), "d/", "")
				}
				if whose != a.want {
					t.Errorf("request %d belongs to %q, want %q", i, whose, a.want)
				}
			}
		})
	}
}

// A request that is sent again because it failed does not belong to the next call, and one
// that fails as all before it belongs to its own.
func TestFailed(t *testing.T) {
	type ask struct {
		at, failed int // 0: it did not fail
		want       string
	}
	message := args("message_client_terminating", chat)
	for name, asks := range map[string][]ask{
		"sent again":     {{120, 300, "d/1"}, {130, 310, "d/2"}, {350, 0, "d/1"}, {360, 0, "d/2"}},
		"always blocked": {{20, 21, "d/1"}, {120, 121, "d/2"}, {130, 131, "d/1"}},
	} {
		t.Run(name, func(t *testing.T) {
			tr := tracker(call("1", 0, message), call("2", 100, message))
			for i, a := range asks {
				r := request(a.at, "https://collect.example/?e=message_client_terminating", "")
				if a.failed > 0 {
					when := record.At(began.Add(time.Duration(a.failed) * time.Millisecond))
					r.Failed = &when
				}
				all := tr.Decide(r)
				if len(all) != 1 || (all[0].Handed.Failed != nil) != (a.failed > 0) {
					t.Fatalf("%+v", all)
				}
				if got := all[0].Handed.Calls[0]; got != a.want {
					t.Errorf("request %d is of %s, want %s", i, got, a.want)
				}
			}
		})
	}
}

// Hits that an earlier host has found count, too.
func TestSeen(t *testing.T) {
	message := args("message_client_terminating", chat)
	to := "https://collect.example/?e=message_client_terminating"
	earlier := tracker(call("1", 0, message)).Decide(request(50, to, ""))
	tr := tracker(call("1", 0, message), call("2", 300, message))
	tr.Seen(earlier[0])
	if got := said(tr.Decide(request(350, to, ""))); !strings.HasPrefix(got, "content 2") {
		t.Errorf("%s", got)
	}
}
