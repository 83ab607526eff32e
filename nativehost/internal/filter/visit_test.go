package filter_test

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/filter"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/store"
)

// A visit has the calls with its session and, in its documents, those without one and all
// other records, in the store too.
func TestVisit(t *testing.T) {
	one := func(id, session string) *record.Record {
		return &record.Record{V: record.Version, Kind: record.Call, ID: id, Args: json.RawMessage(`["slot_check",{},{` + session + `}]`)}
	}
	long := strings.Repeat("long", 100)
	records := []*record.Record{
		{V: record.Version, Kind: record.Page, ID: "a/1", Event: "opened"},
		one("a/2", ""), one("a/3", `"session_id":"s"`), one("a/4", `"session_id":"other"`),
		one("b/1", `"session_id":"s"`), one("b/2", ""), one("ab/1", ""), one("c/1", `"session_id":"`+long+`"`),
		{V: record.Version, Kind: record.Gap, ID: "a/5", Why: record.QueueFull}, {V: record.Version, Kind: record.Mark, ID: "m", Text: "m"},
		{
			V:      record.Version,
			Kind:   record.Hit,
			ID:     "a/hit-1",
			Handed: &record.Handed{Via: record.Queue, To: "dataLayer", Calls: []string{"a/3"}, Because: record.DuringHandler, Data: json.RawMessage("[]")},
		},
	}
	s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "events.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, r := range records {
		r.Time = record.At(now)
	}
	if _, err := s.Append(t.Context(), records); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		session   string
		documents []string
		want      []int64
	}{
		{"s", []string{"a"}, []int64{1, 2, 3, 5, 9, 11}},
		{"s", nil, []int64{3, 5}},
		{"", []string{"a", "b"}, []int64{1, 2, 6, 9, 11}},
		{"", nil, nil},
		{long, []string{"c"}, []int64{8}},
	} {
		f := filter.Visit("it", tt.session, tt.documents)
		var got, matched []int64
		page, err := s.Rows(t.Context(), f.Narrow(store.Query{Limit: 100}))
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page {
			got = append(got, r.Row)
		}
		for i, r := range records {
			if f.Match(r) {
				matched = append(matched, int64(i+1))
			}
		}
		if !slices.Equal(got, tt.want) || !slices.Equal(matched, tt.want) || f.Name() != "it" {
			t.Errorf("%.8q in %q: the rows %v and records %v, want %v", tt.session, tt.documents, got, matched, tt.want)
		}
	}
}
