package filter_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/filter"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/store"
)

var now = time.Date(2026, 11, 22, 11, 0, 0, 0, time.FixedZone("CET", 3600))

// recording has one record for each case that filters distinguish. Tests name records by
// their ids.
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
			Args: json.RawMessage(`["chat_started",{"widget_id":12},` +
				`{"session_id":"s-42","chat_id":null,` +
				`"custom_data":{"basket":{"a":{"price":9},"b":{"price":10.5}},"ok":true,"":"empty name"}}]`)},
		{Kind: record.Call, ID: "faulty", Time: at("09:20:00"), URL: "https://www.shop.example:8443/x", Tab: tab(3),
			Findings: append(finding(record.Warning, "invalid-value"), finding(record.Error, "wrong-type", "missing-field")...),
			Args: json.RawMessage(`["Chat_Requested",{"widget_id":"12"},` +
				`{"session_id":"S-42","custom_data":{"basket":[{"price":1e3}],"note":"say \"Hello\", ok"}}]`)},
		{Kind: record.Call, ID: "noted", Time: at("09:30:00"), URL: "http://[::1]:8080/", Tab: tab(10),
			Findings: finding(record.Info, "mid-journey", "wrong-types"),
			Notes:    []record.Note{{At: "/2/chat_id", Is: "undefined"}, {At: "/2/custom_data/a~1b", Is: "nan"}},
			Args:     json.RawMessage(`["slot_check",{},{"custom_data":{"a\u0062c":1,"wei\u00df":"Straße"}}]`)},
		{Kind: record.Call, ID: "long", Time: at("09:40:00"), URL: "https://" + long + ".example/",
			Findings: finding(record.Warning, "odd rule", "invalid-value"),
			Args:     json.RawMessage(`["` + long + `_end",{},{"session_id":"` + long + `"}]`)},
		{Kind: record.Call, ID: "nul\x00id", Time: at("09:50:00"), URL: "file:///tmp/x.html", TopURL: "https://top.example/",
			Args: json.RawMessage(`["nul\u0000event"]`)},
		{
			Kind:   record.Handler,
			ID:     "handler",
			State:  "replaced",
			Text:   "wrong-type",
			Time:   at("09:55:00"),
			URL:    "about:blank",
			TopURL: "https://top.example/",
		},
		{
			Kind:     record.Gap,
			ID:       "gap",
			Lost:     3,
			Why:      "paused by the tester",
			Time:     at("09:57:00"),
			Findings: finding(record.Error, "capture-gap"),
			Tab:      tab(-1),
		},
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

// matchCase is a filter, and the ids of the records that it matches.
type matchCase struct{ filter, want string }

// everyRecord are the ids of all records.
const everyRecord = "opened plain faulty noted long nul\x00id handler gap client mark"

// matchCases are filters by what they ask for.
var matchCases = []struct {
	subject string
	cases   []matchCase
}{
	{"everything", []matchCase{
		{"", everyRecord},
		{"  \t", everyRecord},
	}},
	{"events", []matchCase{
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
	}},
	{"sites", []matchCase{
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
	}},
	{"severities", []matchCase{
		{"severity:error", "faulty gap"},
		{"severity>=warning", "faulty long gap"},
		{"severity>=Warning tab>0", "faulty"},
		{"severity>warning", "faulty gap"},
		{"severity<warning", "opened plain noted nul\x00id handler client mark"},
		{"severity<=info kind:call", "plain noted nul\x00id"},
		{"severity:none kind:call", "plain nul\x00id"},
		{"severity:info,warning", "noted long"},
		{"-severity>=info kind:call", "plain nul\x00id"},
	}},
	{"rules", []matchCase{
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
	}},
	{"journeys", []matchCase{
		{"journey:s-42", "plain faulty"},
		{"journey:*", "plain faulty long"},
		{"journey:longlong*long", "long"},
		{`journey:"" kind:call`, "noted nul\x00id"},
	}},
	{"tabs", []matchCase{
		{"tab:3", "faulty"},
		{"tab:1,10", "opened plain noted"},
		{"tab<3", "opened plain"},
		{"tab>=3", "faulty noted"},
		{"-tab:1 kind:call", "faulty noted long nul\x00id"},
	}},
	{"kinds", []matchCase{
		{"kind:call,mark", "plain faulty noted long nul\x00id mark"},
		{"browser:firefox", "plain"},
		{"browser:p-*", "plain"},
		{"-browser:* kind:call", "faulty noted long nul\x00id"},
		{"url:*/checkout*", "plain"},
		{"id:nul*", "nul\x00id"},
		{"id:nul", ""},
		{"id:PLAIN", "plain"},
	}},
	{"times", []matchCase{
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
	}},
	{"places in arguments", []matchCase{
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
	}},
	{"texts", []matchCase{
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
	}},
}

func TestMatch(t *testing.T) {
	s := stored(t)
	for _, group := range matchCases {
		for _, test := range group.cases {
			t.Run(group.subject+"/"+test.filter, func(t *testing.T) {
				f := parsed(t, test.filter)
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
}

func parsed(t *testing.T, text string) *filter.Filter {
	t.Helper()
	f, err := filter.Parse(text, now)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// agrees checks that a query of the store finds the same records as Match.
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

func ExampleFilter_Match() {
	f, err := filter.Parse("event:chat_* severity>=warning", time.Now())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(f.Match(&record.Record{Kind: record.Call, Args: json.RawMessage(`["chat_started"]`), Findings: []record.Finding{{Severity: record.Error}}}))
	// Output: true
}

// A part of an event's name matches nothing. The hint says what to type.
func TestHint(t *testing.T) {
	for text, want := range map[string]string{
		"event:chat":         "event:chat is that name alone; event:*chat* is every name with it.",
		"event:chat_started": "", "event:chat*": "", "event:nothing_like_it": "", "-event:chat": "", "chat": "",
	} {
		f := parsed(t, text)
		if got := f.Hint(); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}
