package store_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/store"
)

func TestMissing(t *testing.T) {
	s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "events.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var recs []*record.Record
	for _, id := range []string{"d/2", "d/3", "d/10", "d/6", "d/missing-4-5", "e/over-2-4", "e/over-2-3", "d0/1", "c/4", "d/9223372036854775807"} {
		recs = append(recs, &record.Record{V: 1, Kind: record.Client, ID: id, Time: record.At(time.Unix(1, 0))})
	}
	if _, err := s.Append(t.Context(), recs); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		document string
		last     int64
		want     []store.Span
	}{
		{"d", 10, []store.Span{{1, 1}, {4, 5}, {7, 9}}},
		{"d", 3, []store.Span{{1, 1}}},
		{"d", 12, []store.Span{{1, 1}, {4, 5}, {7, 9}, {11, 12}}},
		{"e", 6, []store.Span{{1, 1}, {5, 6}}},
		{"d0", 1, nil},
		{"unknown", 2, []store.Span{{1, 2}}},
		{"unknown", 0, nil},
	} {
		t.Run(fmt.Sprint(tt.document, tt.last), func(t *testing.T) {
			got, err := s.Missing(t.Context(), tt.document, tt.last)
			if err != nil || !slices.Equal(got, tt.want) {
				t.Errorf("got %v, %v; want %v", got, err, tt.want)
			}
		})
	}
}
