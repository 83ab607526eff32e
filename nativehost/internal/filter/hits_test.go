package filter_test

import (
	"encoding/json"
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/filter"
	"userlike-inspector/nativehost/internal/record"
)

// TestHits: filters can ask for hits by place, by system and by what they carry.
func TestHits(t *testing.T) {
	hit := func(id string, h record.Handed) *record.Record {
		h.Because, h.Calls = record.ByContent, []string{"d/1"}
		return &record.Record{V: record.Version, Kind: record.Hit, ID: id, Time: record.At(now), URL: "https://shop.example/", Handed: &h}
	}
	all := []*record.Record{
		{
			V:    record.Version,
			Kind: record.Call,
			ID:   "call",
			Seq:  1,
			Time: record.At(now),
			Args: json.RawMessage(`["google",{},{"client_email":"a@b.example"}]`),
		},
		hit("queue", record.Handed{
			Via:     record.Queue,
			To:      "dataLayer",
			Carries: []record.Carried{{What: "/0", At: "/0/event"}},
			Data:    json.RawMessage(`[{"event":"x"}]`),
		}),
		hit("ga", record.Handed{
			Via:     record.Request,
			To:      "https://region1.Google-Analytics.com/g/collect",
			System:  "Google Analytics 4",
			Carries: []record.Carried{{What: "/2/client_email", At: "/query/em", As: record.SHA256}},
		}),
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

// Filters can leave out hits without findings and select those at a place, in the store
// as in records.
func TestQuietHits(t *testing.T) {
	hit := func(id, to string, found ...record.Finding) *record.Record {
		return &record.Record{V: record.Version, Kind: record.Hit, ID: id, Time: record.At(now), Findings: found,
			Handed: &record.Handed{Via: record.Queue, To: to, Because: record.DuringHandler, Calls: []string{"a/1"}}}
	}
	records := []*record.Record{
		{V: record.Version, Kind: record.Call, ID: "a/1", Seq: 1, Time: record.At(now), Args: json.RawMessage(`["slot_check",{},{}]`)},
		hit("a/hit-1", "dataLayer"),
		hit("a/hit-2", "dataLayer", record.Finding{Rule: "personal-data-forwarded", Severity: record.Warning, Message: "m"}),
		hit("a/hit-3", "_paq"),
	}
	s := storedOf(t, records)
	all, kind := parsed(t, ""), parsed(t, "kind:hit")
	for _, tt := range []struct {
		name string
		f    *filter.Filter
		want []bool
	}{
		{"without", all.WithoutQuietHits(), []bool{true, false, true, false}},
		{"without, narrowed", kind.WithoutQuietHits(), []bool{false, false, true, false}},
		{
			name: "at a place",
			f:    filter.Hits("x", "dataLayer", func(r *record.Record) bool { return r.ID != "a/hit-1" }),
			want: []bool{false, false, true, false},
		},
		{
			name: "at a place of which a part differs",
			f:    filter.Hits("x", "data*", func(*record.Record) bool { return true }),
			want: []bool{false, true, true, false},
		},
	} {
		for i, r := range records {
			if got := tt.f.Match(r); got != tt.want[i] {
				t.Errorf("%s: %s is wanted: %t", tt.name, r.ID, got)
			}
		}
		agreesOn(t, s, tt.f, records)
	}
	for text, want := range map[string]bool{
		"":                     false,
		"event:x":              false,
		"kind:hit":             true,
		"-kind:hit":            false,
		"to:dataLayer":         true,
		"system:matomo site:x": true,
		"carries:/0":           true,
	} {
		if got := parsed(t, text).AsksForHits(); got != want {
			t.Errorf("%q asks for hits: %t", text, got)
		}
	}
	if all.AboutFindings() || !all.WithoutQuietHits().AboutFindingsOfHits() || parsed(t, "rule:x").WithoutQuietHits().AboutFindingsOfHits() {
		t.Error("what depends on findings of hits alone is told wrongly")
	}
}
