package filter_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"userlike-inspector/nativehost/internal/filter"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/store"
)

var now = time.Date(2026, 11, 22, 11, 0, 0, 0, time.FixedZone("CET", 3600))

// recording is one record each of what filters tell apart; records are named by
// their ids here.
func recording() []*record.Record {
	tab := func(n int) *int { return &n }
	at := func(clock string) record.Time {
		t, err := time.Parse(time.RFC3339, "2026-11-22T"+clock+"Z")
		if err != nil {
			panic(err)
		}
		return record.At(t)
	}
	finding := func(severity record.Severity, rules ...string) (all []record.Finding) {
		for _, r := range rules {
			all = append(all, record.Finding{Rule: r, Severity: severity, Message: "about " + r})
		}
		return all
	}
	long := strings.Repeat("long", 100)
	all := []*record.Record{
		{Kind: record.Page, ID: "opened", Event: "opened", Time: at("09:00:00"), URL: "https://shop.example/", Tab: tab(1)},
		{Kind: record.Call, ID: "plain", Time: at("09:10:00"), URL: "https://shop.example/checkout?step=1", Tab: tab(1),
			Browser: &record.Browser{Name: "Firefox", Version: "153.0", Profile: "p-1"},
			Notes:   []record.Note{{At: "/2/custom_data/c~1d", Is: "symbol"}},
			Args:    json.RawMessage(`["chat_started",{"widget_id":12},{"session_id":"s-42","chat_id":null,"custom_data":{"basket":{"a":{"price":9},"b":{"price":10.5}},"ok":true,"":"empty name"}}]`)},
		{Kind: record.Call, ID: "faulty", Time: at("09:20:00"), URL: "https://www.shop.example:8443/x", Tab: tab(3),
			Findings: append(finding(record.Warning, "invalid-value"), finding(record.Error, "wrong-type", "missing-field")...),
			Args:     json.RawMessage(`["Chat_Requested",{"widget_id":"12"},{"session_id":"S-42","custom_data":{"basket":[{"price":1e3}],"note":"say \"Hello\", ok"}}]`)},
		{Kind: record.Call, ID: "noted", Time: at("09:30:00"), URL: "http://[::1]:8080/", Tab: tab(10),
			Findings: finding(record.Info, "mid-journey", "wrong-types"),
			Notes:    []record.Note{{At: "/2/chat_id", Is: "undefined"}, {At: "/2/custom_data/a~1b", Is: "nan"}},
			Args:     json.RawMessage(`["slot_check",{},{"custom_data":{"a\u0062c":1,"wei\u00df":"Straße"}}]`)},
		{Kind: record.Call, ID: "long", Time: at("09:40:00"), URL: "https://" + long + ".example/",
			Findings: finding(record.Warning, "odd rule", "invalid-value"),
			Args:     json.RawMessage(`["` + long + `_end",{},{"session_id":"` + long + `"}]`)},
		{Kind: record.Call, ID: "nul\x00id", Time: at("09:50:00"), URL: "file:///tmp/x.html", TopURL: "https://top.example/",
			Args: json.RawMessage(`["nul\u0000event"]`)},
		{Kind: record.Handler, ID: "handler", State: "replaced", Text: "wrong-type", Time: at("09:55:00"), URL: "about:blank", TopURL: "https://top.example/"},
		{Kind: record.Gap, ID: "gap", Lost: 3, Why: "paused by the tester", Time: at("09:57:00"), Findings: finding(record.Error, "capture-gap"), Tab: tab(-1)},
		{Kind: record.Client, ID: "client", Time: at("09:58:00")},
		{Kind: record.Mark, ID: "mark", Text: "100% sure_", Time: at("09:59:00")},
	}
	for _, r := range all {
		r.V = record.Version
	}
	return all
}

// stored is a store of the recording.
func stored(t testing.TB) *store.Store { return storedOf(t, recording()) }

func storedOf(t testing.TB, records []*record.Record) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "events.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if _, err := s.Append(t.Context(), records); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestMatch(t *testing.T) {
	s := stored(t)
	const all = "opened plain faulty noted long nul\x00id handler gap client mark"
	tests := []struct{ filter, want string }{
		{"", all},
		{"  \t", all},

		{"event:chat_started", "plain"},
		{"event:CHAT_STARTED", "plain"},
		{"event:chat_*", "plain faulty"},
		{"event:*_started", "plain"},
		{"event:c*_*d", "plain faulty"},
		{"event:chat_", ""},
		{"event:chat_started,slot_check", "plain noted"},
		{"event:opened", "opened"},
		{"event:*_end", "long"},
		{"event:longlong*", "long"},
		{"event:long", ""},
		{"event:nul*event", "nul\x00id"},
		{"event:nul", ""},
		{`event:"100% sure_"`, "mark"},
		{"event:100%*", "mark"},
		{"event:1_0*", ""},
		{"event:*", "opened plain faulty noted long nul\x00id handler gap mark"},
		{`event:""`, "client"},
		{`event:"*"`, ""},
		{"-event:*", "client"},
		{"-event:chat_* kind:call", "noted long nul\x00id"},

		{"site:shop.example", "opened plain"},
		{"site:https://shop.example", "opened plain"},
		{"site:*shop.example", "opened plain faulty"},
		{"site:www.shop.example:8443", "faulty"},
		{"site:www.shop.example", "faulty"},
		{"site:[::1]", "noted"},
		{"site:top.example", "handler"},
		{"site:file://", "nul\x00id"},
		{"site:*//shop.example", "opened plain"},
		{"site:https:/", ""},
		{"site:*.example", "opened plain faulty long handler"},
		{`site:""`, "gap client mark"},

		{"severity:error", "faulty gap"},
		{"severity>=warning", "faulty long gap"},
		{"severity>=Warning tab>0", "faulty"},
		{"severity>warning", "faulty gap"},
		{"severity<warning", "opened plain noted nul\x00id handler client mark"},
		{"severity<=info kind:call", "plain noted nul\x00id"},
		{"severity:none kind:call", "plain nul\x00id"},
		{"severity:info,warning", "noted long"},
		{"-severity>=info kind:call", "plain nul\x00id"},

		{"rule:wrong-type", "faulty"},
		{"rule:wrong-*", "faulty noted"},
		{"rule:*-value", "faulty long"},
		{"rule:*ss*", "faulty"},
		{"rule:w*e", "faulty"},
		{"rule:m*e", ""},
		{`rule:"odd rule"`, "long"},
		{`rule:"wrong-type missing-field"`, ""},
		{"rule:*", "faulty noted long gap"},
		{`rule:""`, ""},
		{"-rule:* kind:call", "plain nul\x00id"},
		{"rule:mid-journey,capture-gap", "noted gap"},

		{"journey:s-42", "plain faulty"},
		{"journey:*", "plain faulty long"},
		{"journey:longlong*long", "long"},
		{`journey:"" kind:call`, "noted nul\x00id"},

		{"tab:3", "faulty"},
		{"tab:1,10", "opened plain noted"},
		{"tab<3", "opened plain"},
		{"tab>=3", "faulty noted"},
		{"-tab:1 kind:call", "faulty noted long nul\x00id"},

		{"kind:call,mark", "plain faulty noted long nul\x00id mark"},
		{"browser:firefox", "plain"},
		{"browser:p-*", "plain"},
		{"-browser:* kind:call", "faulty noted long nul\x00id"},
		{"url:*/checkout*", "plain"},
		{"id:nul*", "nul\x00id"},
		{"id:nul", ""},
		{"id:PLAIN", "plain"},

		{"since:5m", "handler gap client mark"},
		{"since:10:57", "gap client mark"},
		{"since:10:57:30", "client mark"},
		{"since:2026-11-22T10:57", "gap client mark"},
		{"since:2026-11-22T09:57:00Z", "gap client mark"},
		{"since:2026-11-22T09:57Z", "gap client mark"},
		{"since:2026-11-22T11:57+02:00", "gap client mark"},
		{`since:"2026-11-22 10:57"`, "gap client mark"},
		{"since:2026-11-23", ""},
		{"since:59m until:10:10", "plain"},
		{"since:1h until:10:10", "opened plain"},
		{"until:2026-11-22", ""},

		{"/2/custom_data/basket:*", "plain faulty"},
		{"-/2/custom_data/basket:* kind:call", "noted long nul\x00id"},
		{"/1/widget_id:12", "plain faulty"},
		{"/1/widget_id>=12", "plain"},
		{"/1/widget_id>12", ""},
		{"/1/widget_id<13", "plain"},
		{"/1/widget_id<=11.5", ""},
		{"/2/chat_id:null", "plain"},
		{"/2/chat_id:undefined", "noted"},
		{"/2/chat_id:*", "plain noted"},
		{"/2/*:undefined", "noted"},
		{"/2/custom_data/ok:true", "plain"},
		{"/2/custom_data/:empty*", "plain"},
		{"/2/custom_data/basket/*/price>10", "plain faulty"},
		{"/2/custom_data/basket/0/price:1000", "faulty"},
		{"/2/custom_data/basket/1/price:*", ""},
		{"/2/custom_data/a~1b:nan", "noted"},
		{"/2/custom_data/c~1d:symbol", "plain"},
		{"/2/custom_data/abc:1", "noted"},
		{"/2/custom_data/weiß:straße", "noted"},
		{`/2/custom_data/note:"say \"hello\", ok"`, "faulty"},
		{"/0:slot_check,chat_started", "plain noted"},
		{"/*/widget_id:*", "plain faulty"},

		{"checkout", "plain"},
		{"CHECKOUT", "plain"},
		{"https://www.shop.example:8443/x", "faulty"},
		{`"about wrong-type\""`, "faulty"},
		{`-"\"kind\":\"call\""`, "opened handler gap client mark"},
		{"chat_*hello", "faulty"},
		{"*CHAT_*", "plain faulty noted"},
		{`"chat_*"`, ""},
		{"hello*chat_", ""},
		{"https://*:8443/x", "faulty"},
		{"-* kind:call", ""},
		{"Straße", "noted"},
		{"100%", "mark"},
		{"wrong-type kind:call", "faulty noted"},
		{"-wrong-type -event:long* kind:call", "plain nul\x00id"},
	}
	for _, test := range tests {
		t.Run(test.filter, func(t *testing.T) {
			f, err := filter.Parse(test.filter, now)
			if err != nil {
				t.Fatal(err)
			}
			var matched []string
			for _, r := range recording() {
				if f.Match(r) {
					matched = append(matched, r.ID)
				}
			}
			if got := strings.Join(matched, " "); got != test.want {
				t.Errorf("Match: %q, want %q", got, test.want)
			}
			agrees(t, s, f)
		})
	}
}

// TestHits: hits are asked for by where they went, the system and what they carry.
func TestHits(t *testing.T) {
	hit := func(id string, h record.Handed) *record.Record {
		h.Because, h.Calls = record.ByContent, []string{"d/1"}
		return &record.Record{V: record.Version, Kind: record.Hit, ID: id, Time: record.At(now), URL: "https://shop.example/", Handed: &h}
	}
	all := []*record.Record{
		{V: record.Version, Kind: record.Call, ID: "call", Seq: 1, Time: record.At(now), Args: json.RawMessage(`["google",{},{"client_email":"a@b.example"}]`)},
		hit("queue", record.Handed{Via: record.Queue, To: "dataLayer", Carries: []record.Carried{{What: "/0", At: "/0/event"}}, Data: json.RawMessage(`[{"event":"x"}]`)}),
		hit("ga", record.Handed{Via: record.Request, To: "https://region1.Google-Analytics.com/g/collect", System: "Google Analytics 4", Carries: []record.Carried{{What: "/2/client_email", At: "/query/em", As: record.SHA256}}}),
		hit("local", record.Handed{Via: record.Request, To: "http://localhost:4000/collect"}),
		hit("six", record.Handed{Via: record.Request, To: "http://[::1]:4000/collect", Carries: []record.Carried{{What: "/2/custom_data/a/0", At: "/body"}}}),
	}
	all[3].Simulated = true
	s := storedOf(t, all)
	for _, c := range []struct{ filter, want string }{
		{"simulated:yes", "local"},
		{"kind:hit simulated:no", "queue ga six"},
		{"simulated:yes,no kind:call", "call"},
		{"kind:hit", "queue ga local six"},
		{"event:dataLayer", "queue"},
		{"to:dataLayer", "queue"},
		{"to:google*", "ga"},
		{"to:google-analytics.com", "ga"},
		{"to:*.google-analytics.com", "ga"},
		{"to:google-analytics.com/g/collect", "ga"},
		{"to:https://region1.google-analytics.com/*", "ga"},
		{"to:analytics.com", ""},
		{"to:localhost", "local"},
		{"to:localhost:4000", "local"},
		{"to:*/collect", "ga local six"},
		{"to:[::1]*", "six"},
		{"to:*", "queue ga local six"},
		{"-to:*", "call"},
		{"system:google*", "ga"},
		{"-system:* kind:hit", "queue local six"},
		{"carries:/2/client_email", "ga"},
		{"carries:client_email", "ga"},
		{"carries:/2/custom_data/*", "six"},
		{"carries:/0", "queue"},
		{"carries:*", "queue ga six"},
		{"kind:hit to:google* carries:/2/client_email,/2/client_name", "ga"},
		{"google", "call ga"},
	} {
		f, err := filter.Parse(c.filter, now)
		if err != nil {
			t.Errorf("%s: %v", c.filter, err)
			continue
		}
		var matched []string
		for _, r := range all {
			if f.Match(r) {
				matched = append(matched, r.ID)
			}
		}
		if got := strings.Join(matched, " "); got != c.want {
			t.Errorf("%s: %q, want %q", c.filter, got, c.want)
		}
		agreesOn(t, s, f, all)
	}
}

// agrees demands that the store finds what Match does.
func agrees(t *testing.T, s *store.Store, f *filter.Filter) {
	t.Helper()
	agreesOn(t, s, f, recording())
}

func agreesOn(t *testing.T, s *store.Store, f *filter.Filter, all []*record.Record) {
	t.Helper()
	var want, rows, records, newest []string
	for _, r := range all {
		if f.Match(r) {
			want = append(want, r.ID)
		}
	}
	page, err := s.Rows(t.Context(), f.Narrow(store.Query{Limit: 100}))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range page {
		rows = append(rows, r.ID)
	}
	whole, err := s.Records(t.Context(), f.Narrow(store.Query{Limit: 100}))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range whole {
		records = append(records, r.Record.ID)
	}
	if !slices.Equal(rows, want) || !slices.Equal(records, want) {
		t.Errorf("%q: the store's rows %q and records %q, Match %q", f, rows, records, want)
	}
	last, err := s.Rows(t.Context(), f.Narrow(store.Query{Limit: 2, Newest: true}))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range last {
		newest = append(newest, r.ID)
	}
	if !slices.Equal(newest, want[max(0, len(want)-2):]) {
		t.Errorf("%q: the newest two are %q of %q", f, newest, want)
	}
}

// Newer verdicts count in the place of those stored, for every term.
func TestNewerVerdicts(t *testing.T) {
	s := stored(t)
	all, err := s.Records(t.Context(), store.Query{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	fresh := map[int64][]record.Finding{ // one that had none, and one that has none any more
		1: {{Rule: "out-of-order", Severity: record.Warning, Message: "It came too early."}},
	}
	for _, one := range all {
		if len(one.Record.Findings) > 0 {
			fresh[one.Row] = nil
			break
		}
	}
	newer := filter.Verdicts{Rows: slices.Sorted(maps.Keys(fresh)), On: func(row int64, r *record.Record) record.Severity {
		r.Findings = fresh[row]
		return record.Worst(r.Findings)
	}}
	if len(newer.Rows) != 2 || len(all[0].Record.Findings) > 0 {
		t.Fatal("the recording is not fit for this test")
	}
	for _, text := range []string{"rule:out-of-order", "-rule:*", "severity>=warning", "severity:none", "severity>=info -rule:wrong-type", "early", "-early kind:call"} {
		f, err := filter.Parse(text, now)
		if err != nil {
			t.Fatal(err)
		}
		var want, got []int64
		for _, one := range all {
			r := *one.Record
			if found, is := fresh[one.Row]; is {
				r.Findings = found
			}
			if f.Match(&r) {
				want = append(want, one.Row)
			}
		}
		page, err := s.Rows(t.Context(), f.NarrowBy(store.Query{Limit: 100}, newer))
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page {
			got = append(got, r.Row)
		}
		if !slices.Equal(got, want) || !f.AboutFindings() {
			t.Errorf("%q: the rows %v, want %v", text, got, want)
		}
	}
}

// A filter for findings wants what is said in one finding, in the store too.
func TestFindings(t *testing.T) {
	s := stored(t)
	all, err := s.Records(t.Context(), store.Query{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	some := 0
	for _, one := range all {
		for _, found := range one.Record.Findings {
			f := filter.Findings("those", found.Rule, func(f record.Finding) bool { return f.At == found.At })
			var want, got []int64
			for _, other := range all {
				if slices.ContainsFunc(other.Record.Findings, func(f record.Finding) bool { return f.Rule == found.Rule && f.At == found.At }) {
					want = append(want, other.Row)
				}
			}
			page, err := s.Rows(t.Context(), f.Narrow(store.Query{Limit: 100}))
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range page {
				got = append(got, r.Row)
			}
			if !slices.Equal(got, want) || !f.AboutFindings() || f.All() || f.Name() != "those" || f.String() != "" {
				t.Errorf("%s at %q: the rows %v, want %v", found.Rule, found.At, got, want)
			}
			some++
		}
	}
	if some < 2 {
		t.Fatal("the recording is not fit for this test")
	}
}

func TestErrorsSayPlaceAndRemedy(t *testing.T) {
	tests := []struct{ filter, want string }{
		{"simulated:maybe", `column 11: there is no value of simulated "maybe"; want yes or no`},
		{"evnt:x", `column 1: there is no field "evnt"; did you mean event? Or quote the whole to search for the text; fields are event, site, severity, rule, journey, tab, kind, to, system, carries, simulated, browser, url, id, since and until, and places such as /2/chat_id`},
		{"tab:1  sverity>=error", `column 8: there is no field "sverity"; did you mean severity?`},
		{"ä ö:x", `column 3: there is no field "ö"; quote`},
		{":x", `column 1: there is no field before ":"; write it without spaces, as in event:chat_*, or quote the whole to search for the text: ":…"`},
		{"event :x", `column 7: there is no field before ":"`},
		{"-<b>", `column 2: there is no field before "<"`},
		{"event=x", `column 6: there is no operator "="; write event:… for it`},
		{"event!=x", `column 6: there is no operator "!="; write -event:… for what is not so`},
		{"event>=x", `column 6: event has no order for ">="; write it as in event:chat_*`},
		{"event:", `column 6: there is no value after event:; want one as in event:chat_*`},
		{"event: x", `column 6: there is no value after event:`},
		{"event:a,", `column 9: there is no value beside the comma; leave the comma away, or quote it if it belongs to the value: ","`},
		{"event:,a", `column 7: there is no value beside the comma`},
		{`x "abc`, `column 3: the quote is not closed; write " at the end of the text`},
		{`event:"abc`, `column 7: the quote is not closed`},
		{`""`, `column 1: the text is empty; write what to search for between the quotes`},
		{"a -", `column 3: there is nothing after "-"; write what is not wanted behind it, such as -rule:wrong-type, or quote it to search for it: "-"`},
		{"severity:eror", `column 10: there is no severity "eror"; did you mean error?`},
		{"severity:bad", `column 10: there is no severity "bad"; want none, info, warning or error`},
		{"kind:cal", `column 6: there is no kind "cal"; did you mean call?`},
		{"site:https://shop.example/checkout", `column 6: a site ends before "/checkout"; leave that away, or write url:… for the whole address`},
		{"site:x,shop.example/", `column 8: a site ends before "/"`},
		{"tab:1,x", `column 7: "x" is not a tab's number; want one such as tab:3`},
		{"tab:-1", `column 5: "-1" is not a tab's number`},
		{"since:yesterday", `column 7: "yesterday" is not a time; want how long ago such as 5m or 1h30m, or 10:13, 2026-11-22 or 2026-11-22T10:13:04`},
		{"since:-5m", `column 7: "-5m" is in the future; want how long ago, such as 5m`},
		{"since:5m,6m", `column 10: since takes one time; leave the others away`},
		{"/2/chat_id", `column 1: /2/chat_id has no value; write /2/chat_id:* for calls that have something there`},
		{"/checkout:x", `column 1: "/checkout" does not begin with an argument's number; want /0 for the event's name, /1/… for global_ctx or /2/… for session_ctx; quote it to search for the text`},
		{"/2/a~2:x", `column 1: "/2/a~2" is not a JSON Pointer; write "~" in a name as ~0 and "/" as ~1`},
		{"/2/x>=ten", `column 7: "ten" is not a number; only numbers compare by >=`},
		{"/2/x>=nan", `column 7: "nan" is not a number`},
		{"/2/x<Inf", `column 6: "Inf" is not a number`},
		{"/2/x>=", `column 5: there is no value after /2/x>=; want one as in /2/x>=10`},
		{"/2/x:", `column 5: there is no value after /2/x:; want one as in /2/x:*`},
		{"a\xff", `column 1: the filter is not UTF-8; check how the terminal encodes text`},
		{"a\x00", `column 2: there is a NUL character; leave it away; recordings have it as \u0000`},
		{strings.Repeat("x", 5000), `column 1: the filter is 5000 bytes long; at most 4096 are read`},
		{"tab:1" + strings.Repeat(",1", 100), `column 1: there are more than 100 values; leave some away`},
		{strings.Repeat("x ", 101), `column 201: there are more than 100 values; leave some away`},
	}
	for _, test := range tests {
		_, err := filter.Parse(test.filter, now)
		var where *filter.Error
		if !errors.As(err, &where) || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%q: %v\nwant %s", test.filter, err, test.want)
		}
	}
}

func TestHelpIsTrue(t *testing.T) {
	for _, term := range filter.Terms() {
		if _, err := filter.Parse(term.Example, now); err != nil {
			t.Errorf("%s: %v", term.Example, err)
		}
		if !strings.Contains(filter.Help(), term.Example) || !strings.Contains(filter.Help(), term.Meaning) {
			t.Errorf("the help lacks %s", term.Example)
		}
	}
}

// FuzzParse: whatever is typed, a filter that is one says the same of a record
// as of its row, and one that is none is told with a column of it.
func FuzzParse(f *testing.F) {
	for _, term := range filter.Terms() {
		f.Add(term.Example)
	}
	for _, text := range []string{`-a"b\"c":d*,"e"`, `rule:*a*b*`, `site:*:*`, "/*/x>1", `"`, "://", "--", "since:0", "event:é*\u212a"} {
		f.Add(text)
	}
	s := stored(f)
	f.Fuzz(func(t *testing.T, text string) {
		from, suggestions := filter.Complete(text, len(text)/2, filter.Documented())
		if from > len(text)/2 {
			t.Errorf("%d suggestions from %d", len(suggestions), from)
		}
		parsed, err := filter.Parse(text, now)
		if err != nil {
			var where *filter.Error
			if !errors.As(err, &where) || where.Column < 1 || where.Column > utf8.RuneCountInString(text)+1 {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		again, err := filter.Parse(parsed.String(), now)
		if err != nil || again.All() != parsed.All() {
			t.Errorf("%q is not %q: %v", parsed, text, err)
		}
		agrees(t, s, parsed)
	})
}

func ExampleFilter_Match() {
	f, err := filter.Parse("event:chat_* severity>=warning", time.Now())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(f.Match(&record.Record{Kind: record.Call, Args: json.RawMessage(`["chat_started"]`), Findings: []record.Finding{{Severity: record.Error}}}))
	// Output: true
}
