package hits_test

import (
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/hits"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/wire"
)

// Requests that no call has caused, although they contain values that calls have as well.
func TestFalseFriends(t *testing.T) {
	custom := `,"custom_data":{"page":"product_detail","url":"https://www.shop.example/checkout/pay","title":"Pay | Shop",` +
		`"customer":"K-0099812","n":1234567890}`
	calls := []*hits.Call{call("1", 0, args("button_displayed", custom)), call("2", 500, args("chat_started", chat+custom))}
	const own = "https://collect.shop.example/"
	for name, c := range map[string]struct {
		at       int
		to, body string
		kind     string
	}{
		"a page view with the contact's id": {900, own + "pv?uid=0f8e1c22-7d3a-4b52-9c1e-55aa10fe7d01&sid=s-93ab77d0c4", "", ""},
		"a configuration of the widget":     {900, own + "config?client=0f8e1c22-7d3a-4b52-9c1e-55aa10fe7d01&widget=4711", "", ""},
		"a list of all names": {
			at:   900,
			to:   own + "config",
			body: `{"events":["chat_started","rating_submit","post_survey_show","feedback_submit"]}`,
		},
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

// A request that carries nothing of a call is attributed by its place and its time.
func TestByTime(t *testing.T) {
	calls := []*hits.Call{call("1", 0, args("button_displayed", "")), call("2", 2000, args("chat_requested", ""))}
	for name, c := range map[string]struct {
		r    *wire.Candidate
		want string
	}{
		"a known system":           {request(1900, ga+"&en=chat", ""), "time 1"},
		"the newest call before":   {request(2600, ga+"&en=chat", ""), "time 2"},
		"a place that is traced":   {request(2600, "https://traced.example/x", ""), "time 2"},
		"a moment before its call": {request(-60, ga+"&en=chat", ""), "time 1"},
		"too late":                 {request(7100, ga+"&en=chat", ""), ""},
		"an unreadable body":       {unreadable(request(2600, "https://elsewhere.example/x?u=1", "")), "time 2"},
		"another page in the tab":  {elsewhere(request(2600, ga+"&en=page_view", ""), 0), ""},
		"a frame in the page":      {elsewhere(request(2600, ga+"&en=chat", ""), 7), "time 2"},
		"another tab":              {inTab(request(2600, ga+"&en=chat", ""), 4), ""},
		"a worker of the site":     {ofSite(request(2600, ga+"&en=chat", ""), "https://shop.example"), ""},
		"with who the contact is besides": {
			r:    request(2600, ga+"&en=chat&uid=0f8e1c22-7d3a-4b52-9c1e-55aa10fe7d01", ""),
			want: "time 2 /1/client_uuid=/query/uid",
		},
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

// A hit by a service worker has the place of its calls.
func TestWorkers(t *testing.T) {
	started := call("1", 0, args("chat_started", chat))
	got := tracker(started).Decide(ofSite(request(200, "https://collect.example/?e=chat_started", ""), "https://shop.example:8443"))
	if said(got) != "content 1 /0=/query/e" || got[0].ID != "d/hit-r" || *got[0].Tab != 3 || *got[0].Frame != 0 ||
		got[0].Document != "d" || got[0].URL != "https://www.shop.example/checkout/pay" || got[0].Title == "" {
		t.Errorf("%s %+v", said(got), got)
	}
	if got := tracker(started).Decide(ofSite(request(200, "https://collect.example/?e=chat_started", ""), "https://other.example")); len(got) > 0 {
		t.Errorf("of another site: %s", said(got))
	}
}

// A request that overtakes its call gets the address of the call's page, not that of the page
// before in the same document.
func TestOvertaking(t *testing.T) {
	c := request(0, "https://stats.example/c?event=chat_started&chat=c-5512fe90aa", "")
	c.URL, c.TopURL, c.Title = "https://www.shop.example/cart", "https://www.shop.example/cart", "Cart"
	all := tracker(call("1", 10, args("chat_started", chat))).Decide(c)
	if len(all) != 1 || all[0].URL != "https://www.shop.example/checkout/pay" || all[0].TopURL != all[0].URL || all[0].Title != "Pay | Shop" {
		t.Errorf("hits %v", all)
	}
}

// Of what was found in a queue, only what belongs to a call is kept.
func TestQueues(t *testing.T) {
	tr := tracker(call("1", 0, args("chat_requested", "")), call("2", 100, args("chat_started", chat)))
	got := tr.Decide(&wire.Candidate{
		ID: "q", Time: record.At(began.Add(200 * time.Millisecond)), Via: record.Queue, To: "dataLayer", Tab: number(3), Frame: number(0), Document: "d",
		Data: []byte(`[{"event":"gtm.click"},{"event":"Userlike_Action","ChatAction":"chat_started","x":null},{"secret":1},` +
			`["chat_requested"],{"again":"chat_started"}]`),
		Notes: []record.Note{{At: "/1/x", Is: "undefined"}, {At: "/2/secret", Is: "getter"}},
	})
	if s := said(got); s != "content 2 /0=/0/ChatAction /0=/1/again | content 1 /0=/0/0" {
		t.Fatalf("%s", s)
	}
	if got[0].ID != "d/hit-q" || got[1].ID == got[0].ID || got[0].Handed.System != "Google Tag Manager" ||
		string(got[0].Handed.Data) != `[{"event":"Userlike_Action","ChatAction":"chat_started","x":null},{"again":"chat_started"}]` ||
		string(got[1].Handed.Data) != `[["chat_requested"]]` {
		t.Errorf("%s %s, %s %s", got[0].ID, got[0].Handed.Data, got[1].ID, got[1].Handed.Data)
	}
	if len(got[0].Notes) != 1 || got[0].Notes[0].At != "/0/x" || len(got[1].Notes) != 0 {
		t.Errorf("%v %v", got[0].Notes, got[1].Notes)
	}
}

// A hit of simulated calls only is simulated, too.
func TestSimulated(t *testing.T) {
	simulated, meant := call("1", 0, args("chat_requested", "")), call("2", 100, args("chat_started", chat))
	simulated.Simulated = true
	for body, want := range map[string]bool{"en=chat_requested&x=1": true, "en=chat_started&x=1": false, "en=chat_started&x=1\nen=chat_requested": false} {
		if got := tracker(simulated, meant).Decide(request(300, ga, body)); len(got) != 1 || got[0].Simulated != want {
			t.Errorf("%s: %s, simulated is to be %v", body, said(got), want)
		}
	}
}
