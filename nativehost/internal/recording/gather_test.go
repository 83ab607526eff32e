package recording_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/recording"
	"userlike-inspector/nativehost/internal/store"
)

var morning = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

// marks are marks, one a minute.
func marks(of string, from, n int) (all []*record.Record) {
	for i := range n {
		at := record.At(morning.Add(time.Duration(from+i) * time.Minute))
		all = append(all, &record.Record{V: record.Version, Kind: record.Mark, ID: fmt.Sprintf("%s/%d", of, i+1), Seq: int64(i + 1),
			Time: at, Received: &at, Text: fmt.Sprintf("%s %d", of, i+1)})
	}
	return all
}

func newStore(t *testing.T, records ...*record.Record) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), filepath.Join(t.TempDir(), "events.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if _, err := s.Append(t.Context(), records); err != nil {
		t.Fatal(err)
	}
	return s
}

func textsOf(t *testing.T, s *store.Store) string {
	t.Helper()
	var all []string
	err := recording.EachAfter(t.Context(), s, 0, func(r *record.Record) error { all = append(all, r.Text); return nil })
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(all, ", ")
}

// TestGather: several recordings become one, in the order of arrival, each record once.
func TestGather(t *testing.T) {
	t.Parallel()
	one := newStore(t, marks("one", 0, 3)...)
	path := filepath.Join(t.TempDir(), "two.jsonl")
	var lines []byte
	for _, r := range append(marks("two", 1, 1), marks("one", 0, 3)...) {
		line, err := record.Encode(r)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(append(lines, line...), '\n')
	}
	if err := os.WriteFile(path, lines, 0o600); err != nil {
		t.Fatal(err)
	}
	all, read := newStore(t), 0
	if err := recording.Gather(t.Context(), []string{one.Path(), path}, all, func(n int) { read = n }); err != nil {
		t.Fatal(err)
	}
	if got := textsOf(t, all); got != "one 1, one 2, two 1, one 3" || read != 4 {
		t.Errorf("got %s, and %d were read", got, read)
	}
	if err := os.WriteFile(path, append(lines, "x\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	err := recording.Gather(t.Context(), []string{path}, newStore(t), func(int) {})
	if err == nil || !strings.Contains(err.Error(), path+":5") {
		t.Errorf("got %v, want the place of the line that is no record", err)
	}
}

// TestSinceRow: where a beginning is, in rows and in words.
func TestSinceRow(t *testing.T) {
	t.Parallel()
	s := newStore(t, marks("m", 0, 5)...)
	now := morning.Add(10 * time.Minute)
	for text, want := range map[string]struct {
		row  int64
		name string
	}{
		"start":            {0, ""},
		"mark:m 3":         {2, "since mark m 3"},
		"10:03":            {3, "since 10:03:00"},
		"2026-11-21T10:13": {0, "since 2026-11-21 10:13"},
		"10s":              {5, "since 10:09:50"},
	} {
		since, err := recording.ParseSince(text, now)
		if err != nil {
			t.Fatal(err)
		}
		if row, err := since.Row(t.Context(), s); err != nil || row != want.row || since.Name(now) != want.name {
			t.Errorf("%s: row %d, %q, %v; want %d, %q", text, row, since.Name(now), err, want.row, want.name)
		}
	}
	since, err := recording.ParseSince("mark:other", now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := since.Row(t.Context(), s); err == nil || !strings.Contains(err.Error(), `no mark "other"`) {
		t.Errorf("got %v, want that there is no such mark", err)
	}
}
