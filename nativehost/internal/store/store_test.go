package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/store"
)

// deadline is the longest wait of these tests; only a test that fails waits so long.
const deadline = 30 * time.Second

func newPath(t *testing.T) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "events.db")
}

func open(t *testing.T, path string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// call is the record of a typical call, the seq'th of its document.
func call(document string, seq int) *record.Record {
	tab := 12
	return &record.Record{
		V: 1, Kind: record.Call, ID: fmt.Sprintf("%s/%d", document, seq), Seq: int64(seq),
		Time: record.At(time.UnixMilli(1795342384123 + int64(seq))), Tab: &tab, Document: document,
		URL:  "https://shop.example/cart?step=2",
		Args: json.RawMessage(fmt.Sprintf(`["chat_started",{"client_uuid":"c"},{"session_id":"s","custom_data":{"n":%d}}]`, seq)),
	}
}

func calls(document string, from, to int) []*record.Record {
	var recs []*record.Record
	for seq := from; seq <= to; seq++ {
		recs = append(recs, call(document, seq))
	}
	return recs
}

func add(t *testing.T, s *store.Store, recs ...*record.Record) {
	t.Helper()
	added, err := s.Append(t.Context(), recs)
	if err != nil || added != len(recs) {
		t.Fatalf("appended %d of %d, %v", added, len(recs), err)
	}
}

// ids reads the ids of all records, page by page, and checks that rows are 1, 2, 3 ….
func ids(t *testing.T, s *store.Store, limit int) []string {
	t.Helper()
	var all []string
	for {
		page, err := s.After(t.Context(), int64(len(all)), limit)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			return all
		}
		for _, at := range page {
			if at.Row != int64(len(all)+1) {
				t.Fatalf("row %d follows row %d", at.Row, len(all))
			}
			all = append(all, at.Record.ID)
		}
	}
}

// alter runs SQL on the file directly, without package store.
func alter(t *testing.T, path string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, statement := range statements {
		if _, err := db.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

func TestWhatIsAppendedIsRead(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	s := open(t, path)
	if last, err := s.Last(t.Context()); last != 0 || err != nil {
		t.Fatalf("last row of an empty store: %d, %v", last, err)
	}
	recs := calls("d", 1, 25)
	recs[3].Args = json.RawMessage(`["<&>\u2028\u0000\ud800 ü",12345678901234567890.0e-5]`)
	recs[4] = &record.Record{V: 1, Kind: record.Mark, ID: "m/1", Seq: 1, Time: recs[4].Time, Text: "it's \"new\" \x00 ü"}
	add(t, s, recs[:10]...)
	add(t, s, recs[10:]...)
	s.Close()

	s, err := store.OpenExisting(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if last, err := s.Last(t.Context()); last != 25 || err != nil {
		t.Fatalf("last row: %d, %v", last, err)
	}
	for i, want := range recs {
		got, err := s.Record(t.Context(), int64(i+1))
		if err != nil {
			t.Fatal(err)
		}
		sameBytes(t, got, want)
	}
	for _, limit := range []int{1, 7, 25, 100} {
		if got := ids(t, s, limit); len(got) != 25 || got[4] != "m/1" || got[24] != "d/25" {
			t.Errorf("pages of %d: %q", limit, got)
		}
	}
	if _, err := s.Record(t.Context(), 26); err == nil || !strings.Contains(err.Error(), "row 26") {
		t.Errorf("a row that is not there: %v", err)
	}
}

func sameBytes(t *testing.T, got, want *record.Record) {
	t.Helper()
	g, err := record.Encode(got)
	if err != nil {
		t.Fatal(err)
	}
	w, err := record.Encode(want)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(g, w) {
		t.Errorf("got  %s\nwant %s", g, w)
	}
}

func TestAppendIsIdempotentAndLeavesNoHoles(t *testing.T) {
	t.Parallel()
	s := open(t, newPath(t))
	add(t, s, calls("d", 1, 3)...)
	changed := call("d", 2)
	changed.Title = "changed"
	added, err := s.Append(t.Context(), append([]*record.Record{changed, call("d", 3), call("e", 1), call("e", 1)}, calls("d", 1, 4)...))
	if added != 2 || err != nil {
		t.Fatalf("%d added, %v", added, err)
	}
	if added, err := s.Append(t.Context(), nil); added != 0 || err != nil {
		t.Fatalf("nothing appended: %d, %v", added, err)
	}
	if got := strings.Join(ids(t, s, 100), " "); got != "d/1 d/2 d/3 e/1 d/4" {
		t.Errorf("stored %s", got)
	}
	if r, err := s.Record(t.Context(), 2); err != nil || r.Title != "" {
		t.Errorf("a stored record was replaced: %+v, %v", r, err)
	}
}

func TestAppendIsAllOrNothing(t *testing.T) {
	t.Parallel()
	s := open(t, newPath(t))
	bad := call("d", 2)
	bad.Args = nil
	if added, err := s.Append(t.Context(), []*record.Record{call("d", 1), bad}); err == nil || added != 0 || !strings.Contains(err.Error(), `"d/2"`) {
		t.Errorf("%d added, %v", added, err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if added, err := s.Append(cancelled, calls("d", 1, 2)); !errors.Is(err, context.Canceled) || added != 0 {
		t.Errorf("%d added, %v", added, err)
	}
	during := &countdown{Context: t.Context(), left: 2}
	if added, err := s.Append(during, calls("d", 1, 9)); !errors.Is(err, context.Canceled) || added != 0 || during.left >= 0 {
		t.Errorf("%d added, %v", added, err)
	}
	if got := ids(t, s, 10); len(got) != 0 {
		t.Errorf("stored %q", got)
	}
	add(t, s, call("d", 1))
}

// countdown is a context that is cancelled after Err was called left times.
type countdown struct {
	context.Context
	left int
}

func (c *countdown) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return nil
}

func TestAfterBoundsItsMemory(t *testing.T) {
	t.Parallel()
	s := open(t, newPath(t))
	const large = 24
	for seq := 1; seq <= large; seq++ {
		r := call("d", seq)
		r.Args = json.RawMessage(`["` + strings.Repeat("x", 1<<20) + `"]`)
		add(t, s, r)
	}
	page, err := s.After(t.Context(), 0, 1000)
	if err != nil || len(page) == 0 || len(page) == large {
		t.Fatalf("a page of %d records of 1 MiB, %v", len(page), err)
	}
	if got := ids(t, s, 1000); len(got) != large {
		t.Errorf("%d records in all pages", len(got))
	}
}

func TestSimultaneousFirstStart(t *testing.T) {
	t.Parallel()
	for range 30 {
		path := newPath(t)
		start := make(chan struct{})
		var starters sync.WaitGroup
		for i := range 8 {
			starters.Go(func() {
				<-start
				s, err := store.Open(t.Context(), path)
				if err != nil {
					t.Error(err)
					return
				}
				defer s.Close()
				if _, err := s.Append(t.Context(), []*record.Record{call("d", i)}); err != nil {
					t.Error(err)
				}
			})
		}
		close(start)
		starters.Wait()
		if got := ids(t, open(t, path), 100); len(got) != 8 {
			t.Errorf("stored %q", got)
		}
	}
}

func TestOpenExistingCreatesNothing(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	_, err := store.OpenExisting(t.Context(), path)
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "check its name and folder") {
		t.Error(err)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); len(left) != 0 || err != nil {
		t.Errorf("left %v, %v", left, err)
	}
}
