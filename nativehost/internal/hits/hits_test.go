package hits_test

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/hits"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/systems"
	"userlike-inspector/nativehost/internal/wire"
)

// began is when the calls of the tests begin.
var began = time.Date(2026, 11, 22, 10, 13, 4, 0, time.UTC)

func number(n int) *int { return &n }

// call is a call in tab 3 of the shop, so many milliseconds after began.
func call(id string, at int, args string) *hits.Call {
	r := &record.Record{
		V: record.Version, Kind: record.Call, ID: "d/" + id, Time: record.At(began.Add(time.Duration(at) * time.Millisecond)),
		Tab: number(3), Frame: number(0), Document: "d", URL: "https://www.shop.example/checkout/pay", TopURL: "https://www.shop.example/checkout/pay",
		Title: "Pay | Shop", Args: []byte(args),
	}
	return hits.NewCall(r)
}

// Arguments such as the client's, of one contact.
func args(event, session string) string {
	return fmt.Sprintf(`[%q,{"client_uuid":"0f8e1c22-7d3a-4b52-9c1e-55aa10fe7d01","operator_group_id":12,"widget_id":4711,"widget_lang":"de"},{"session_id":"s-93ab77d0c4"%s}]`, event, session)
}

const chat = `,"chat_id":"c-5512fe90aa","client_name":"Ada Lovelace","client_email":"ada@example.org","operator_id":7,"operator_name":"Max"`

// request is a candidate in the same tab.
func request(at int, to string, body string) *wire.Candidate {
	c := &wire.Candidate{
		ID: "r", Time: record.At(began.Add(time.Duration(at) * time.Millisecond)), Via: record.Request, To: to,
		Tab: number(3), Frame: number(0), Document: "d", URL: "https://www.shop.example/checkout/pay", Method: "POST", Type: "xmlhttprequest",
	}
	if body != "" {
		c.Body = &wire.Body{Bytes: []byte(body)}
	}
	return c
}

func tracker(calls ...*hits.Call) *hits.Tracker {
	t := hits.NewTracker(systems.Known(), func(to string) bool { return strings.Contains(to, "//traced.example/") })
	for _, c := range calls {
		t.Add(c, began)
	}
	return t
}

// A request that overtakes its call is of the call's page, not of the one before in
// the same document.
func TestOvertaking(t *testing.T) {
	c := request(0, "https://stats.example/c?event=chat_started&chat=c-5512fe90aa", "")
	c.URL, c.TopURL, c.Title = "https://www.shop.example/cart", "https://www.shop.example/cart", "Cart"
	all := tracker(call("1", 10, args("chat_started", chat))).Decide(c)
	if len(all) != 1 || all[0].URL != "https://www.shop.example/checkout/pay" || all[0].TopURL != all[0].URL || all[0].Title != "Pay | Shop" {
		t.Errorf("hits %v", all)
	}
}

// said is a hit in a line: why, whose, and what of them is where.
func said(all []*record.Record) string {
	var b strings.Builder
	for i, r := range all {
		if i > 0 {
			b.WriteString(" | ")
		}
		fmt.Fprintf(&b, "%s %s", r.Handed.Because, strings.ReplaceAll(strings.Join(r.Handed.Calls, ","), "d/", ""))
		for _, c := range r.Handed.Carries {
			fmt.Fprintf(&b, " %s=%s", c.What, c.At)
			if c.As != "" {
				fmt.Fprintf(&b, "(%s)", c.As)
			}
		}
	}
	return b.String()
}

func gzipped(s string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write([]byte(s))
	w.Close()
	return b.String()
}

func zlibbed(s string) string {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	w.Write([]byte(s))
	w.Close()
	return b.String()
}

func encoded(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// What is handed over is decoded by what it is.
func TestDecodeRequest(t *testing.T) {
	const to = "https://stats.example/c"
	for name, c := range map[string]struct{ address, body, want string }{
		"nothing":            {to, "", `{}`},
		"a query":            {to + "?a=1&b=x%20y&c=%C3%A4&d=+&e", "", `{"query":{"a":"1","b":"x y","c":"ä","d":" ","e":""}}`},
		"repeated names":     {to + "?a=1&b=2&a=3&a=", "", `{"query":{"a":["1","3",""],"b":"2"}}`},
		"wrong escapes":      {to + "?a=%zz%&b=100%25&%41=%C3", "", `{"query":{"a":"%zz%","b":"100%","A":"�"}}`},
		"a fragment":         {to + "?a=1#b=2", "", `{"query":{"a":"1"}}`},
		"JSON":               {to, ` {"z":1,"a":[null,true,-1.50e3,"<é>"]} `, `{"body":{"z":1,"a":[null,true,-1.50e3,"<é>"]}}`},
		"JSON of a text":     {to, `"chat_started"`, `{"body":"chat_started"}`},
		"a name twice":       {to, `{"a":1,"a":2}`, `{"body":{"a":2}}`},
		"a form":             {to, "en=chat_started&dt=a+b", `{"body":{"en":"chat_started","dt":"a b"}}`},
		"lines of queries":   {to, "en=a&x=1\r\nen=b", `{"body":[{"en":"a","x":"1"},{"en":"b"}]}`},
		"lines of JSON":      {to, "{\"a\":1}\n{\"b\":2}\n", `{"body":[{"a":1},{"b":2}]}`},
		"a text":             {to, "Hello, a = b & c", `{"body":"Hello, a = b & c"}`},
		"a number":           {to, "123", `{"body":"123"}`},
		"base64":             {to, "eyJhIjoxfQ==", `{"body":"eyJhIjoxfQ=="}`},
		"nearly JSON":        {to, `{"a":1}}`, `{"body":"{\"a\":1}}"}`},
		"lines of both":      {to, "{\"a\":1}\na=1", `{"body":"{\"a\":1}\na=1"}`},
		"gzip":               {to, gzipped(`{"a":1}`), `{"body":{"a":1}}`},
		"deflate":            {to, zlibbed("en=a&b=c"), `{"body":{"en":"a","b":"c"}}`},
		"no UTF-8":           {to, "a\xffb", `{"body":"a�b"}`},
		"a byte order mark":  {to, "\uFEFF[1]", `{"body":[1]}`},
		"multipart":          {to, "--xyz\r\nContent-Disposition: form-data; name=\"ev\"\r\n\r\nchat_started\r\n--xyz\r\nContent-Disposition: form-data; name=\"cd[a]\"\r\n\r\n1\r\n--xyz--\r\n", `{"body":{"ev":"chat_started","cd[a]":"1"}}`},
		"half a surrogate":   {to, `{"a":"\ud83d"}`, `{"body":{"a":"�"}}`},
		"text like gzip":     {to, "\x1f\x8bno", `{"body":"\u001f�no"}`},
		"text like deflate":  {to, "x^2 = 4", `{"body":"x^2 = 4"}`},
		"address of nothing": {"", "", `{}`},
	} {
		t.Run(name, func(t *testing.T) {
			var body *wire.Body
			if c.body != "" {
				body = &wire.Body{Bytes: []byte(c.body)}
			}
			d := hits.DecodeRequest(c.address, body, 0)
			if string(d.JSON) != c.want || len(d.Notes) > 0 || d.Unreadable {
				t.Errorf("%s %v, want %s", d.JSON, d.Notes, c.want)
			}
		})
	}
}

const ga = "https://www.google-analytics.com/g/collect?v=2&tid=G-ABC1234567&cid=111.222"

// Requests as real systems send them, after a call, and what they are because of it.
func TestRealRequests(t *testing.T) {
	started := call("1", 0, args("chat_started", chat))
	const emailSHA256 = "cfe00dde46ef942601ffafb9e2825e802858b460e586b8305b344c1eb826357d"
	for name, c := range map[string]struct{ to, body, system, want string }{
		"GA4, one event in the address": {ga + "&en=Userlike_Action&ep.ChatAction=chat_started&_et=5", "", "Google Analytics 4", "content 1 /0=/query/ep.ChatAction"},
		"GA4, a batch":                  {ga, "en=page_view&_ee=1\r\nen=chat_started&ep.chat=c-5512fe90aa", "Google Analytics 4", "content 1 /0=/body/1/en /2/chat_id=/body/1/ep.chat"},
		"GA4 from a server of the site": {"https://sst.shop.example/g/collect?v=2&tid=G-ABC1234567&en=chat_started", "", "Google Analytics 4 server-side", "content 1 /0=/query/en"},
		"Matomo":                        {"https://stats.shop.example/matomo.php?idsite=1&rec=1&e_c=Userlike&e_a=chat_started&e_n=Max", "", "Matomo", "content 1 /0=/query/e_a /2/operator_name=/query/e_n"},
		"Matomo, a bulk":                {"https://stats.shop.example/matomo.php", `{"requests":["?idsite=1&rec=1&action_name=Pay","?idsite=1&rec=1&e_c=Userlike&e_a=chat_started"]}`, "Matomo", "content 1 /0=/body/requests/1"},
		"Segment":                       {"https://api.segment.io/v1/t", `{"type":"track","event":"Live Chat Conversation Started","properties":{"agentName":"Max","event":"chat_started"},"writeKey":"w"}`, "Segment", "content 1 /0=/body/properties/event /2/operator_name=/body/properties/agentName"},
		"Meta, a form in parts":         {"https://www.facebook.com/tr/", "--b\r\nContent-Disposition: form-data; name=\"id\"\r\n\r\n42\r\n--b\r\nContent-Disposition: form-data; name=\"cd[event]\"\r\n\r\nchat_started\r\n--b\r\nContent-Disposition: form-data; name=\"udff[em]\"\r\n\r\n" + emailSHA256 + "\r\n--b--\r\n", "Meta Pixel", "content 1 /0=/body/cd[event] /2/client_email=/body/udff[em](sha256)"},
		"Adobe Edge":                    {"https://edge.adobedc.net/ee/irl1/v1/interact?configId=ab", `{"events":[{"xdm":{"eventType":"chat","_shop":{"chat":{"action":"chat_started","mail":"ADA@example.org"}}}}]}`, "Adobe Experience Platform Edge", "content 1 /0=/body/events/0/xdm/_shop/chat/action /2/client_email=/body/events/0/xdm/_shop/chat/mail"},
		"Adobe Analytics":               {"https://shop.sc.omtrdc.net/b/ss/shopprod/1/JS-2.22.0/s123?AQB=1&pe=lnk_o&pev2=chat_started&AQE=1", "", "Adobe Analytics", "content 1 /0=/query/pev2"},
		"Snowplow":                      {"https://sp.shop.example/com.snowplowanalytics.snowplow/tp2", `{"schema":"iglu:x","data":[{"e":"pv"},{"e":"ue","ue_px":"` + base64.RawURLEncoding.EncodeToString([]byte(`{"data":{"schema":"s","data":{"name":"chat_started","chat":"c-5512fe90aa"}}}`)) + `"}]}`, "Snowplow", "content 1 /0=/body/data/1/ue_px(base64) /2/chat_id=/body/data/1/ue_px(base64)"},
		"Mixpanel":                      {"https://api-js.mixpanel.com/track/?ip=1", "data=" + strings.NewReplacer("+", "%2B", "/", "%2F", "=", "%3D").Replace(encoded(`[{"event":"chat_started","properties":{"token":"t"}}]`)), "Mixpanel", "content 1 /0=/body/data(base64)"},
		"Mixpanel in plain":             {"https://api-eu.mixpanel.com/track/", "data=%5B%7B%22event%22%3A%22chat_started%22%7D%5D", "Mixpanel", "content 1 /0=/body/data"},
		"PostHog, compressed":           {"https://eu.i.posthog.com/e/?compression=gzip-js", gzipped(`[{"event":"chat_started","properties":{"token":"phc"}}]`), "PostHog", "content 1 /0=/body/0/event"},
		"LinkedIn, packed in base64":    {"https://px.ads.linkedin.com/wa/", encoded(gzipped(`{"pids":[1],"e":"chat_started"}`)), "LinkedIn Insight Tag", "content 1 /0=/body(base64)"},
		"Amplitude":                     {"https://api.eu.amplitude.com/2/httpapi", `{"api_key":"k","events":[{"event_type":"chat_started"}]}`, "Amplitude", "content 1 /0=/body/events/0/event_type"},
		"Sentry":                        {"https://o1.ingest.sentry.io/api/2/envelope/?sentry_key=k", "{\"event_id\":\"1\"}\n{\"type\":\"event\"}\n{\"message\":\"userlike: chat_started\"}", "Sentry", "content 1 /0=/body/2/message"},
		"an unknown one":                {"https://collect.shop.example/events", `{"what":"chat_started"}`, "", "content 1 /0=/body/what"},
		"a page's address with it":      {"https://collect.shop.example/events?u=https%3A%2F%2Fshop.example%2F%3Fmail%3Dada%2540example.org&e=chat_started", "", "", "content 1 /0=/query/e /2/client_email=/query/u"},
		"a path with the name":          {"https://collect.shop.example/v1/events/chat_started?c=c-5512fe90aa", "", "", "content 1 /2/chat_id=/query/c"},
		"only a path":                   {"https://collect.shop.example/v1/events/chat%5Fstarted/", "", "", "content 1"},
		"only a chat's id":              {"https://collect.shop.example/events?chat=c-5512fe90aa", "", "", "content 1 /2/chat_id=/query/chat"},
		"only the e-mail address":       {"https://collect.shop.example/events", `{"em":"` + emailSHA256 + `"}`, "", "content 1 /2/client_email=/body/em(sha256)"},
	} {
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

// What is because of no call, though it carries something that calls have as well.
func TestFalseFriends(t *testing.T) {
	custom := `,"custom_data":{"page":"product_detail","url":"https://www.shop.example/checkout/pay","title":"Pay | Shop","customer":"K-0099812","n":1234567890}`
	calls := []*hits.Call{call("1", 0, args("button_displayed", custom)), call("2", 500, args("chat_started", chat+custom))}
	const own = "https://collect.shop.example/"
	for name, c := range map[string]struct {
		at       int
		to, body string
		kind     string
	}{
		"a page view with the contact's id":      {900, own + "pv?uid=0f8e1c22-7d3a-4b52-9c1e-55aa10fe7d01&sid=s-93ab77d0c4", "", ""},
		"a configuration of the widget":          {900, own + "config?client=0f8e1c22-7d3a-4b52-9c1e-55aa10fe7d01&widget=4711", "", ""},
		"a list of all names":                    {900, own + "config", `{"events":["chat_started","rating_submit","post_survey_show","feedback_submit"]}`, ""},
		"what is in every call's custom_data":    {900, own + "pv?type=product_detail&customer=K-0099812", "", ""},
		"the page's address and title":           {900, own + "pv", `{"dl":"https://www.shop.example/checkout/pay","dt":"Pay | Shop"}`, ""},
		"a number":                               {900, own + "pv?n=1234567890&w=4711&op=7", "", ""},
		"a short name alone":                     {900, own + "pv?size=Max", "", ""},
		"a name within a longer word":            {900, own + "pv?x=prechat_started2&y=notchat_started", "", ""},
		"before the call":                        {-2000, own + "e?n=chat_started", "", ""},
		"long after the call":                    {200_000, own + "e?n=chat_started", "", ""},
		"Userlike's own":                         {900, "https://api.userlike.com/track?e=chat_started&m=ada@example.org", "", ""},
		"Userlike's content network":             {900, "https://userlike-cdn-umm.b-cdn.net/x?e=chat_started", "", ""},
		"Userlike's sockets, by its newer name":  {900, "wss://ws.lime-connect.com/?c=c-5512fe90aa", "", ""},
		"a known system's script":                {900, "https://www.googletagmanager.com/gtag/js?id=G-ABC1234567", "", "script"},
		"a document":                             {900, ga, "", "sub_frame"},
		"a known system later on":                {20_000, ga + "&en=scroll", "", ""},
		"a place that is traced, as style sheet": {900, "https://traced.example/a.css", "", "stylesheet"},
		"a file that is named as an event":       {900, own + "js/chat_started.js", "", "script"},
		"anything else":                          {900, own + "cart", `{"sum":1}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := request(c.at, c.to, c.body)
			if c.kind != "" {
				r.Type = c.kind
			}
			if got := tracker(calls...).Decide(r); len(got) > 0 {
				t.Errorf("%s", said(got))
			}
		})
	}
}

// Without anything of a call it is the place and the time that tell.
func TestByTime(t *testing.T) {
	calls := []*hits.Call{call("1", 0, args("button_displayed", "")), call("2", 2000, args("chat_requested", ""))}
	for name, c := range map[string]struct {
		r    *wire.Candidate
		want string
	}{
		"a known system":                  {request(1900, ga+"&en=chat", ""), "time 1"},
		"the newest call before":          {request(2600, ga+"&en=chat", ""), "time 2"},
		"a place that is traced":          {request(2600, "https://traced.example/x", ""), "time 2"},
		"a moment before its call":        {request(-60, ga+"&en=chat", ""), "time 1"},
		"too late":                        {request(7100, ga+"&en=chat", ""), ""},
		"an unreadable body":              {unreadable(request(2600, "https://elsewhere.example/x?u=1", "")), "time 2"},
		"another page in the tab":         {elsewhere(request(2600, ga+"&en=page_view", ""), 0), ""},
		"a frame in the page":             {elsewhere(request(2600, ga+"&en=chat", ""), 7), "time 2"},
		"another tab":                     {inTab(request(2600, ga+"&en=chat", ""), 4), ""},
		"a worker of the site":            {ofSite(request(2600, ga+"&en=chat", ""), "https://shop.example"), ""},
		"with who the contact is besides": {request(2600, ga+"&en=chat&uid=0f8e1c22-7d3a-4b52-9c1e-55aa10fe7d01", ""), "time 2 /1/client_uuid=/query/uid"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := said(tracker(calls...).Decide(c.r)); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

func unreadable(c *wire.Candidate) *wire.Candidate {
	c.Body = &wire.Body{Unreadable: true}
	return c
}

func elsewhere(c *wire.Candidate, frame int) *wire.Candidate {
	c.Document, c.Frame = "other", number(frame)
	return c
}

func inTab(c *wire.Candidate, tab int) *wire.Candidate {
	c.Tab = number(tab)
	return c
}

// ofSite makes a request one of a service worker.
func ofSite(c *wire.Candidate, site string) *wire.Candidate {
	c.Tab, c.Frame, c.Document, c.URL, c.Site = number(-1), nil, "", "", site
	return c
}

// A service worker's request has its calls' place.
func TestWorkers(t *testing.T) {
	started := call("1", 0, args("chat_started", chat))
	got := tracker(started).Decide(ofSite(request(200, "https://collect.example/?e=chat_started", ""), "https://shop.example:8443"))
	if said(got) != "content 1 /0=/query/e" || got[0].ID != "d/hit-r" || *got[0].Tab != 3 || *got[0].Frame != 0 || got[0].Document != "d" || got[0].URL != "https://www.shop.example/checkout/pay" || got[0].Title == "" {
		t.Errorf("%s %+v", said(got), got)
	}
	if got := tracker(started).Decide(ofSite(request(200, "https://collect.example/?e=chat_started", ""), "https://other.example")); len(got) > 0 {
		t.Errorf("of another site: %s", said(got))
	}
}

// Of calls that are equal each request belongs to one, in order; a batch belongs to
// all that are in it.
func TestOrder(t *testing.T) {
	const own = "https://collect.example/?e="
	message := args("message_client_terminating", chat)
	type ask struct {
		at       int
		to, body string
		want     string
	}
	for name, c := range map[string]struct {
		calls []*hits.Call
		asks  []ask
	}{
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
			[]ask{{50, own + "message_client_terminating", "", "1"}, {60, own + "message_client_terminating", "", "1"}, {10_050, own + "message_client_terminating", "", "2"}, {10_060, own + "message_client_terminating", "", "2"}},
		},
		"one that was forgotten": {
			[]*hits.Call{call("1", 0, message), call("2", 60_000, message)},
			[]ask{{60_100, own + "message_client_terminating", "", "2"}, {60_200, own + "message_client_terminating", "", "2"}},
		},
		"two properties": {
			[]*hits.Call{call("1", 0, message), call("2", 300, message)},
			[]ask{
				{400, ga + "&en=message_client_terminating", "", "1"}, {401, strings.ReplaceAll(ga, "G-ABC", "G-XYZ") + "&en=message_client_terminating", "", "1"},
				{402, ga + "&en=message_client_terminating", "", "2"}, {403, strings.ReplaceAll(ga, "G-ABC", "G-XYZ") + "&en=message_client_terminating", "", "2"},
			},
		},
		"a batch of several": {
			[]*hits.Call{call("1", 0, args("chat_requested", "")), call("2", 500, message), call("3", 900, message), call("4", 950, args("rating_submit", chat))},
			[]ask{{30_000, ga, "en=message_client_terminating\nen=chat_requested\nen=message_client_terminating", "1,2,3"}},
		},
		"a batch that says each name more than once": {
			[]*hits.Call{call("1", 0, message), call("2", 500, message)},
			[]ask{{700, "https://api.segment.io/v1/b", `{"batch":[{"event":"message_client_terminating","properties":{"name":"message_client_terminating","l":["message_client_terminating"]}}]}`, "1"}},
		},
		"what is beside the name tells": {
			[]*hits.Call{call("1", 0, args("chat_started", chat)), call("2", 500, args("chat_started", strings.ReplaceAll(chat, "5512", "7734")))},
			[]ask{{700, own + "chat_started&c=c-7734fe90aa", "", "2"}, {800, own + "chat_started&c=c-5512fe90aa", "", "1"}, {900, own + "chat_started&c=c-7734fe90aa", "", "2"}},
		},
		"a chat's newest call": {
			[]*hits.Call{call("1", 0, args("chat_started", chat)), call("2", 500, args("rating_submit", chat))},
			[]ask{{300, own + "x&c=c-5512fe90aa", "", "1"}, {700, own + "x&c=c-5512fe90aa", "", "2"}},
		},
		"an operator of some calls": {
			[]*hits.Call{call("1", 0, args("chat_requested", "")), call("2", 500, args("chat_started", strings.ReplaceAll(chat, `"Max"`, `"Maxine Muster"`)))},
			[]ask{{700, "https://api.segment.io/v1/t", `{"event":"Live Chat Conversation Started","properties":{"agentName":"Maxine Muster"}}`, "2"}},
		},
		"a name of the site's own": {
			[]*hits.Call{call("1", 0, args("my_own_event", "")), call("2", 100, args("click", ""))},
			[]ask{{300, own + "my_own_event", "", "1"}, {300, own + "click", "", ""}, {9000, own + "my_own_event", "", ""}, {9000, own + "my_own_event&s=s-93ab77d0c4", "", "1"}, {300, own + "click&s=s-93ab77d0c4", "", "2"}},
		},
	} {
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

// What is sent again because it failed is not the next call's.
func TestSentAgain(t *testing.T) {
	message := args("message_client_terminating", chat)
	tr := tracker(call("1", 0, message), call("2", 100, message))
	ask := func(at, failed int) string {
		r := request(at, "https://collect.example/?e=message_client_terminating", "")
		if failed > 0 {
			when := record.At(began.Add(time.Duration(failed) * time.Millisecond))
			r.Failed = &when
		}
		all := tr.Decide(r)
		if len(all) != 1 || (all[0].Handed.Failed != nil) != (failed > 0) {
			t.Fatalf("%+v", all)
		}
		return all[0].Handed.Calls[0]
	}
	for i, c := range []struct {
		at, failed int
		want       string
	}{{120, 300, "d/1"}, {130, 310, "d/2"}, {350, 0, "d/1"}, {360, 0, "d/2"}} {
		if got := ask(c.at, c.failed); got != c.want {
			t.Errorf("request %d is of %s, want %s", i, got, c.want)
		}
	}
}

// What an earlier host has found counts.
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

// Of a queue, what belongs to a call is kept, and that alone.
func TestQueues(t *testing.T) {
	tr := tracker(call("1", 0, args("chat_requested", "")), call("2", 100, args("chat_started", chat)))
	got := tr.Decide(&wire.Candidate{
		ID: "q", Time: record.At(began.Add(200 * time.Millisecond)), Via: record.Queue, To: "dataLayer", Tab: number(3), Frame: number(0), Document: "d",
		Data:  []byte(`[{"event":"gtm.click"},{"event":"Userlike_Action","ChatAction":"chat_started","x":null},{"secret":1},["chat_requested"],{"again":"chat_started"}]`),
		Notes: []record.Note{{At: "/1/x", Is: "undefined"}, {At: "/2/secret", Is: "getter"}},
	})
	if s := said(got); s != "content 2 /0=/0/ChatAction | content 1 /0=/0/0" && s != "content 2 /0=/0/ChatAction /0=/1/again | content 1 /0=/0/0" {
		t.Fatalf("%s", s)
	}
	if got[0].ID != "d/hit-q" || got[1].ID == got[0].ID || got[0].Handed.System != "Google Tag Manager" ||
		!strings.HasPrefix(string(got[0].Handed.Data), `[{"event":"Userlike_Action","ChatAction":"chat_started","x":null}`) || string(got[1].Handed.Data) != `[["chat_requested"]]` {
		t.Errorf("%s %s, %s %s", got[0].ID, got[0].Handed.Data, got[1].ID, got[1].Handed.Data)
	}
	if len(got[0].Notes) != 1 || got[0].Notes[0].At != "/0/x" || len(got[1].Notes) != 0 {
		t.Errorf("%v %v", got[0].Notes, got[1].Notes)
	}
}

// A hit of a simulation's calls alone is a simulation's.
func TestSimulated(t *testing.T) {
	simulated, meant := call("1", 0, args("chat_requested", "")), call("2", 100, args("chat_started", chat))
	simulated.Simulated = true
	for body, want := range map[string]bool{"en=chat_requested&x=1": true, "en=chat_started&x=1": false, "en=chat_started&x=1\nen=chat_requested": false} {
		if got := tracker(simulated, meant).Decide(request(300, ga, body)); len(got) != 1 || got[0].Simulated != want {
			t.Errorf("%s: %s, simulated is to be %v", body, said(got), want)
		}
	}
}
