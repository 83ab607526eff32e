package hits_test

import (
	"fmt"
	"strings"
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

// args are arguments such as the client's, of one contact.
func args(event, session string) string {
	return fmt.Sprintf(`[%q,{"client_uuid":"0f8e1c22-7d3a-4b52-9c1e-55aa10fe7d01","operator_group_id":12,"widget_id":4711,`+
		`"widget_lang":"de"},{"session_id":"s-93ab77d0c4"%s}]`, event, session)
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

// said is each hit in a line: why it is one, its calls, and where it carries what of them.
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
