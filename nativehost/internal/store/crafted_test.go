package store_test

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"os"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/store"
)

// craft makes a store with some records and then runs SQL statements on it.
func craft(t *testing.T, statements ...string) string {
	t.Helper()
	path := newPath(t)
	s := open(t, path)
	add(t, s, calls("d", 1, 3)...)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range statements {
		if _, err := db.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// readAll reads a recording in every way that the package offers, within a time limit.
func readAll(t *testing.T, path string) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	s, err := store.OpenRecording(ctx, path)
	if err != nil {
		return err
	}
	defer s.Close()
	var failed error
	for after := int64(0); ; {
		page, err := s.After(ctx, after, 100)
		if failed = errors.Join(failed, err); err != nil || len(page) == 0 {
			break
		}
		after = page[len(page)-1].Row
	}
	for _, newest := range []bool{false, true} {
		q := store.Query{Limit: 100, Newest: newest}
		_, err := s.Rows(ctx, q)
		_, err2 := s.Records(ctx, q)
		failed = errors.Join(failed, err, err2)
	}
	if ctx.Err() != nil {
		t.Errorf("reading did not end")
	}
	return failed
}

// A recording of unknown origin is read only if it looks as this program writes it.
func TestCraftedRecordings(t *testing.T) {
	const forever = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
	for name, c := range map[string]struct {
		statements []string
		want       error
	}{
		"another view": {[]string{"CREATE VIEW v AS SELECT 1"}, store.ErrNotStore},
		"a view for payloads": {
			statements: []string{"DROP TABLE payloads", "CREATE VIEW payloads AS " + forever + "SELECT i AS row, '{}' AS json FROM n"},
			want:       store.ErrNotStore,
		},
		"a view for events": {[]string{"DROP TABLE events", "CREATE VIEW events AS " + forever +
			"SELECT i AS row, i AS id, 'call' AS kind, 0 AS time, 0 AS tab, '' AS site, '' AS session, '' AS event, 0 AS " +
			"severity, '' AS rules, '' AS finding FROM n"}, store.ErrNotStore},
		"a trigger":     {[]string{"CREATE TRIGGER t AFTER INSERT ON events BEGIN DELETE FROM payloads; END"}, store.ErrNotStore},
		"another table": {[]string{"CREATE TABLE more (x)"}, store.ErrNotStore},
		"a virtual one": {[]string{"CREATE VIRTUAL TABLE f USING fts5(x)"}, store.ErrNotStore},
		"a computed column": {[]string{"DROP TABLE payloads",
			"CREATE TABLE payloads (row INTEGER PRIMARY KEY, json TEXT AS (hex(zeroblob(1000 * row))))", "INSERT INTO payloads VALUES (3)"}, store.ErrNotStore},
		"an index that computes": {[]string{"CREATE INDEX i ON events (hex(id))"}, store.ErrNotStore},
		"a missing index":        {[]string{"DROP INDEX events_by_severity"}, store.ErrCorrupt},
		"a huge record":          {[]string{"UPDATE payloads SET json = hex(zeroblob(35000000)) WHERE row = 2"}, store.ErrCorrupt},
		"a huge event":           {[]string{"UPDATE events SET event = hex(zeroblob(35000000)) WHERE row = 2"}, store.ErrCorrupt},
		"a large event":          {[]string{"UPDATE events SET event = hex(zeroblob(70000)) WHERE row = 2"}, store.ErrCorrupt},
	} {
		t.Run(name, func(t *testing.T) {
			path := craft(t, c.statements...)
			if err := readAll(t, path); !errors.Is(err, c.want) {
				t.Errorf("error %v, want %v", err, c.want)
			}
			if c.want == store.ErrNotStore {
				s, err := store.Open(t.Context(), path)
				if err == nil {
					s.Close()
				}
				if !errors.Is(err, c.want) {
					t.Errorf("opened for appending: %v", err)
				}
			}
		})
	}
	if err := readAll(t, craft(t)); err != nil {
		t.Errorf("a plain one: %v", err)
	}
}

// A file whose pages point to each other in a circle does not keep a reader busy for ever.
func TestCircleOfPages(t *testing.T) {
	path := newPath(t)
	s := open(t, path)
	add(t, s, calls("d", 1, 500)...)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	var root, size int64
	err = db.QueryRow("SELECT rootpage, page_size FROM sqlite_schema, pragma_page_size WHERE name = 'payloads'").Scan(&root, &size)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// https://sqlite.org/fileformat2.html#b_tree_pages
	page := b[(root-1)*size : root*size]
	const interiorTable, header = 5, 12
	cells := binary.BigEndian.Uint16(page[3:])
	if page[0] != interiorTable || cells < 3 {
		t.Fatalf("page of type %d with %d cells", page[0], cells)
	}
	cell := func(i int) []byte { return page[binary.BigEndian.Uint16(page[header+2*i:]):] }
	for i := 1; i < int(cells); i++ {
		copy(cell(i)[:4], cell(0)[:4]) // each cell points to the page of the first one
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := readAll(t, path); !errors.Is(err, store.ErrCorrupt) {
		t.Errorf("error %v", err)
	}
}

// Reading a recording changes nothing in the file, and nothing in its folder.
func TestReadingChangesNothing(t *testing.T) {
	path := craft(t)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := readAll(t, path); err != nil {
		t.Fatal(err)
	}
	s, err := store.OpenRecording(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	at := record.At(time.UnixMilli(1))
	if _, err := s.Append(t.Context(), []*record.Record{{V: 1, Kind: record.Mark, ID: "m/1", Time: at, Text: "m"}}); !errors.Is(err, store.ErrAccess) {
		t.Errorf("appended: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	after, err := os.ReadFile(path)
	if err != nil || string(after) != string(before) {
		t.Errorf("the file has changed, %v", err)
	}
	for _, suffix := range []string{"-wal", "-shm"} {
		if _, err := os.Stat(path + suffix); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is left: %v", suffix, err)
		}
	}
}
