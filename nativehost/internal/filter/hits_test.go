package filter_test

import (
	"encoding/json"
	"testing"

	"userlike-inspector/nativehost/internal/filter"
	"userlike-inspector/nativehost/internal/record"
)

// Hits without findings can be left out, and those at a place picked, in the store as in
// records.
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
		{"at a place", filter.Hits("x", "dataLayer", func(r *record.Record) bool { return r.ID != "a/hit-1" }), []bool{false, false, true, false}},
	} {
		for i, r := range records {
			if got := tt.f.Match(r); got != tt.want[i] {
				t.Errorf("%s: %s is wanted: %t", tt.name, r.ID, got)
			}
		}
		agreesOn(t, s, tt.f, records)
	}
	for text, want := range map[string]bool{"": false, "event:x": false, "kind:hit": true, "-kind:hit": false, "to:dataLayer": true, "system:matomo site:x": true, "carries:/0": true} {
		if got := parsed(t, text).AsksForHits(); got != want {
			t.Errorf("%q asks for hits: %t", text, got)
		}
	}
	if all.AboutFindings() || !all.WithoutQuietHits().AboutFindingsOfHits() || parsed(t, "rule:x").WithoutQuietHits().AboutFindingsOfHits() {
		t.Error("what depends on findings of hits alone is told wrongly")
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
