package hits_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/wire"
)

const ga = "https://www.google-analytics.com/g/collect?v=2&tid=G-ABC1234567&cid=111.222"

const emailSHA256 = "cfe00dde46ef942601ffafb9e2825e802858b460e586b8305b344c1eb826357d"

// realRequests are requests as real systems send them, the system, and the hit that each is.
var realRequests = map[string]struct{ to, body, system, want string }{
	"GA4, one event in the address": {
		to:     ga + "&en=Userlike_Action&ep.ChatAction=chat_started&_et=5",
		system: "Google Analytics 4",
		want:   "content 1 /0=/query/ep.ChatAction",
	},
	"GA4, a batch": {
		to: ga,
		body: "en=page_view&_ee=1\r\n" +
			"en=chat_started&ep.chat=c-5512fe90aa",
		system: "Google Analytics 4",
		want:   "content 1 /0=/body/1/en /2/chat_id=/body/1/ep.chat",
	},
	"GA4 from a server of the site": {
		to:     "https://sst.shop.example/g/collect?v=2&tid=G-ABC1234567&en=chat_started",
		system: "Google Analytics 4 server-side",
		want:   "content 1 /0=/query/en",
	},
	"Matomo": {
		to:     "https://stats.shop.example/matomo.php?idsite=1&rec=1&e_c=Userlike&e_a=chat_started&e_n=Max",
		system: "Matomo",
		want:   "content 1 /0=/query/e_a /2/operator_name=/query/e_n",
	},
	"Matomo, a bulk": {
		to:     "https://stats.shop.example/matomo.php",
		body:   `{"requests":["?idsite=1&rec=1&action_name=Pay","?idsite=1&rec=1&e_c=Userlike&e_a=chat_started"]}`,
		system: "Matomo",
		want:   "content 1 /0=/body/requests/1",
	},
	"Segment": {
		to: "https://api.segment.io/v1/t",
		body: `{"type":"track","event":"Live Chat Conversation Started",` +
			`"properties":{"agentName":"Max","event":"chat_started"},"writeKey":"w"}`,
		system: "Segment",
		want:   "content 1 /0=/body/properties/event /2/operator_name=/body/properties/agentName",
	},
	"Meta, a form in parts": {
		to: "https://www.facebook.com/tr/",
		body: "--b\r\n" +
			"Content-Disposition: form-data; name=\"id\"\r\n" +
			"\r\n" +
			"42\r\n" +
			"--b\r\n" +
			"Content-Disposition: form-data; name=\"cd[event]\"\r\n" +
			"\r\n" +
			"chat_started\r\n" +
			"--b\r\n" +
			"Content-Disposition: form-data; name=\"udff[em]\"\r\n" +
			"\r\n" +
			emailSHA256 + "\r\n" +
			"--b--\r\n",
		system: "Meta Pixel",
		want:   "content 1 /0=/body/cd[event] /2/client_email=/body/udff[em](sha256)",
	},
	"Adobe Edge": {
		to:     "https://edge.adobedc.net/ee/irl1/v1/interact?configId=ab",
		body:   `{"events":[{"xdm":{"eventType":"chat","_shop":{"chat":{"action":"chat_started","mail":"ADA@example.org"}}}}]}`,
		system: "Adobe Experience Platform Edge",
		want:   "content 1 /0=/body/events/0/xdm/_shop/chat/action /2/client_email=/body/events/0/xdm/_shop/chat/mail",
	},
	"Adobe Analytics": {
		to:     "https://shop.sc.omtrdc.net/b/ss/shopprod/1/JS-2.22.0/s123?AQB=1&pe=lnk_o&pev2=chat_started&AQE=1",
		system: "Adobe Analytics",
		want:   "content 1 /0=/query/pev2",
	},
	"Snowplow": {
		to: "https://sp.shop.example/com.snowplowanalytics.snowplow/tp2",
		body: `{"schema":"iglu:x","data":[{"e":"pv"},{"e":"ue","ue_px":"` +
			base64.RawURLEncoding.EncodeToString([]byte(`{"data":{"schema":"s","data":{"name":"chat_started","chat":"c-5512fe90aa"}}}`)) + `"}]}`,
		system: "Snowplow",
		want:   "content 1 /0=/body/data/1/ue_px(base64) /2/chat_id=/body/data/1/ue_px(base64)",
	},
	"Mixpanel": {
		to:     "https://api-js.mixpanel.com/track/?ip=1",
		body:   "data=" + strings.NewReplacer("+", "%2B", "/", "%2F", "=", "%3D").Replace(encoded(`[{"event":"chat_started","properties":{"token":"t"}}]`)),
		system: "Mixpanel",
		want:   "content 1 /0=/body/data(base64)",
	},
	"Mixpanel in plain": {
		to:     "https://api-eu.mixpanel.com/track/",
		body:   "data=%5B%7B%22event%22%3A%22chat_started%22%7D%5D",
		system: "Mixpanel",
		want:   "content 1 /0=/body/data",
	},
	"PostHog, compressed": {
		to:     "https://eu.i.posthog.com/e/?compression=gzip-js",
		body:   gzipped(`[{"event":"chat_started","properties":{"token":"phc"}}]`),
		system: "PostHog",
		want:   "content 1 /0=/body/0/event",
	},
	"LinkedIn, packed in base64": {
		to:     "https://px.ads.linkedin.com/wa/",
		body:   encoded(gzipped(`{"pids":[1],"e":"chat_started"}`)),
		system: "LinkedIn Insight Tag",
		want:   "content 1 /0=/body(base64)",
	},
	"JSON with an umlaut, as btoa writes it": {
		to:   "https://collect.shop.example/?d=" + encoded("{\"e\":\"chat_started\",\"em\":\"ada@example.org\",\"op\":\"J\xf6rg\"}"),
		want: "content 1 /0=/query/d(base64) /2/client_email=/query/d(base64)",
	},
	"Amplitude": {
		to:     "https://api.eu.amplitude.com/2/httpapi",
		body:   `{"api_key":"k","events":[{"event_type":"chat_started"}]}`,
		system: "Amplitude",
		want:   "content 1 /0=/body/events/0/event_type",
	},
	"Sentry": {
		to: "https://o1.ingest.sentry.io/api/2/envelope/?sentry_key=k",
		body: `{"event_id":"1"}` + "\n" +
			`{"type":"event"}` + "\n" +
			`{"message":"userlike: chat_started"}`,
		system: "Sentry",
		want:   "content 1 /0=/body/2/message",
	},
	"an unknown one": {"https://collect.shop.example/events", `{"what":"chat_started"}`, "", "content 1 /0=/body/what"},
	"a page's address with it": {
		to:   "https://collect.shop.example/events?u=https%3A%2F%2Fshop.example%2F%3Fmail%3Dada%2540example.org&e=chat_started",
		want: "content 1 /0=/query/e /2/client_email=/query/u",
	},
	"a path with the name": {
		to:   "https://collect.shop.example/v1/events/chat_started?c=c-5512fe90aa",
		want: "content 1 /0=/path /2/chat_id=/query/c",
	},
	"only a path": {"https://collect.shop.example/v1/events/chat%5Fstarted/", "", "", "content 1 /0=/path"},
	"only a chat's id": {
		to:   "https://collect.shop.example/events?chat=c-5512fe90aa",
		want: "content 1 /2/chat_id=/query/chat",
	},
	"the e-mail address as Google's tag hashes it": {
		to:   "https://www.googletagmanager.com/ccm/form-data/123?em=tv.1~em.z-AN3kbvlCYB_6-54oJegChYtGDlhrgwWzRMHrgmNX0",
		want: "content 1 /2/client_email=/query/em(sha256)",
	},
	"only the e-mail address": {
		to:   "https://collect.shop.example/events",
		body: `{"em":"` + emailSHA256 + `"}`,
		want: "content 1 /2/client_email=/body/em(sha256)",
	},
}

// Requests as real systems send them after a call, and the hits that they become.
func TestRealRequests(t *testing.T) {
	started := call("1", 0, args("chat_started", chat))
	for name, c := range realRequests {
		t.Run(name, func(t *testing.T) {
			got := tracker(started).Decide(request(300, c.to, c.body))
			if said(got) != c.want || len(got) == 1 && got[0].Handed.System != c.system {
				t.Errorf("%s, want %s of %q", said(got), c.want, c.system)
			}
			for _, r := range got {
				if _, err := record.Encode(r); err != nil || r.ID != "d/hit-r" || r.Seq != 0 || strings.ContainsAny(r.Handed.To, "?#") {
					t.Errorf("%+v: %v", r, err)
				}
			}
		})
	}
}

// A plus sign that a page forgot to escape is a space in a query. The value is found all the
// same, but only where there was a plus sign, or may have been one.
func TestPlusSigns(t *testing.T) {
	started := call("1", 0, args("chat_started", strings.ReplaceAll(chat, "ada@", "ada+chat@")))
	const to = "https://t.example/c"
	const name, both = "content 1 /0=/%s/e", "content 1 /0=/%[1]s/e /2/client_email=/%[1]s/em"
	for what, c := range map[string]struct {
		r    *wire.Candidate
		want string
	}{
		"a query":                 {request(300, to+"?e=chat_started&em=ada+chat@example.org", ""), fmt.Sprintf(both, "query")},
		"a query, half escaped":   {request(300, to+"?e=chat_started&em=ada+chat%40example.org", ""), fmt.Sprintf(both, "query")},
		"a form":                  {request(300, to, "e=chat_started&em=ada+chat@example.org"), fmt.Sprintf(both, "body")},
		"JSON in a query":         {request(300, to+`?e=chat_started&em={"m":"ada+chat@example.org"}`, ""), fmt.Sprintf(both, "query")},
		"an address in a query":   {request(300, to+"?e=chat_started&em=%2Fx%3Fm%3Dada+chat%2540example.org", ""), fmt.Sprintf(both, "query")},
		"a form the browser read": {inForm(request(300, to, ""), "ada chat@example.org"), fmt.Sprintf(both, "body")},
		"a space in a query":      {request(300, to+"?e=chat_started&em=ada%20chat@example.org", ""), fmt.Sprintf(name, "query")},
		"a space in JSON":         {request(300, to, `{"e":"chat_started","em":"ada chat@example.org"}`), fmt.Sprintf(name, "body")},
		"another address":         {request(300, to+"?e=chat_started&em=x+ada+chat@example.org.uk", ""), fmt.Sprintf(name, "query")},
	} {
		if got := said(tracker(started).Decide(c.r)); got != c.want {
			t.Errorf("%s: %s, want %s", what, got, c.want)
		}
	}
}

// inForm makes a request's body a form that the browser has read.
func inForm(c *wire.Candidate, mail string) *wire.Candidate {
	c.Body = &wire.Body{Form: wire.Form{{Name: "e", Values: []string{"chat_started"}}, {Name: "em", Values: []string{mail}}}}
	return c
}
