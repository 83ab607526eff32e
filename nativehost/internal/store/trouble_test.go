package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
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

func TestOpenRefusesOtherFiles(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		make     func(t *testing.T, path string)
		existing bool // only OpenExisting refuses such a file
		want     error
		says     []string
	}{
		{"newer", func(t *testing.T, path string) {
			recording(t, path, 3)
			alter(t, path, "PRAGMA user_version = 7", "DROP TABLE payloads")
		}, false, store.ErrNewer, []string{"version 7", "up to 1", "update this program"}},
		{"no version", func(t *testing.T, path string) {
			recording(t, path, 3)
			alter(t, path, "PRAGMA user_version = 0")
		}, false, store.ErrNotStore, []string{"version 0"}},
		{"of another program", func(t *testing.T, path string) {
			alter(t, path, "CREATE TABLE events (row INTEGER PRIMARY KEY)")
		}, false, store.ErrNotStore, []string{"another program"}},
		{"marked by another program", func(t *testing.T, path string) {
			alter(t, path, "PRAGMA application_id = 5")
		}, false, store.ErrNotStore, []string{"another program"}},
		{"one byte", write("x"), false, store.ErrNotStore, nil},
		{"a line", write(`{"v":1,"kind":"mark"}` + "\n"), false, store.ErrNotStore, nil},
		{"text", write(strings.Repeat("This is not a database. ", 1000)), false, store.ErrNotStore, nil},
		{"zeros", write(strings.Repeat("\x00", 8192)), false, store.ErrNotStore, nil},
		{"folder", func(t *testing.T, path string) {
			if err := os.Mkdir(path, 0o700); err != nil {
				t.Fatal(err)
			}
		}, false, store.ErrNotStore, nil},
		{"empty", write(""), true, store.ErrNotStore, []string{"nothing was recorded"}},
		{"schema damaged", damage(func(b []byte) []byte {
			copy(b[100:], bytes.Repeat([]byte{0xa5}, 3000))
			return b
		}), false, store.ErrCorrupt, []string{".recover"}},
		{"table missing", func(t *testing.T, path string) {
			recording(t, path, 3)
			alter(t, path, "DROP TABLE payloads")
		}, false, store.ErrCorrupt, []string{"payloads"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			path := newPath(t)
			test.make(t, path)
			before, _ := os.ReadFile(path)
			_, err := store.OpenExisting(t.Context(), path)
			refused(t, err, test.want, append(test.says, path)...)
			if !test.existing {
				_, err := store.Open(t.Context(), path)
				refused(t, err, test.want, append(test.says, path)...)
			}
			if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
				t.Error("the file was changed")
			}
		})
	}
}

func refused(t *testing.T, err, want error, says ...string) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("error %v, want %v", err, want)
		return
	}
	for _, text := range append(says, want.Error()) {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("error %q does not say %q", err, text)
		}
	}
}

func write(text string) func(*testing.T, string) {
	return func(t *testing.T, path string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// recording makes a closed store with n calls at path.
func recording(t *testing.T, path string, n int) {
	t.Helper()
	s := open(t, path)
	add(t, s, calls("d", 1, n)...)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if left, err := filepath.Glob(path + "-*"); len(left) != 0 || err != nil {
		t.Fatalf("the recording is not one file: %q, %v", left, err)
	}
}

func damage(change func([]byte) []byte) func(*testing.T, string) {
	return func(t *testing.T, path string) {
		recording(t, path, 2000)
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, change(b), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestDamageFoundWhileReading(t *testing.T) {
	t.Parallel()
	tests := map[string]func([]byte) []byte{
		"overwritten": func(b []byte) []byte {
			copy(b[8192:], bytes.Repeat([]byte{0xa5}, len(b)-8192))
			return b
		},
		"cut": func(b []byte) []byte { return b[:len(b)/2] },
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := newPath(t)
			damage(change)(t, path)
			s, err := store.Open(t.Context(), path)
			if err == nil {
				defer s.Close()
				_, err = s.After(t.Context(), 0, 5000)
			}
			refused(t, err, store.ErrCorrupt, path)
		})
	}
}

func TestUnreadableRecordIsNamed(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	recording(t, path, 3)
	alter(t, path, `UPDATE payloads SET json = '{"v":2}' WHERE row = 2`)
	s := open(t, path)
	_, err := s.After(t.Context(), 0, 10)
	if !errors.Is(err, record.ErrNewer) || !strings.Contains(err.Error(), "row 2") {
		t.Error(err)
	}
}

func TestParentIsAFile(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	write("x")(t, path)
	below := filepath.Join(path, "events.db")
	if _, err := store.Open(t.Context(), below); err == nil || !strings.Contains(err.Error(), below) {
		t.Error(err)
	}
}

// lock takes a lock on the file as another program would, until the test ends or
// unlock is called. begin is the SQL that takes it.
func lock(t *testing.T, path, begin string) (unlock func()) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.ExecContext(t.Context(), begin); err != nil {
		t.Fatal(err)
	}
	return func() {
		if _, err := conn.ExecContext(context.Background(), "ROLLBACK"); err != nil {
			t.Error(err)
		}
		conn.Close()
	}
}

func TestLockedStore(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	s := open(t, path)
	add(t, s, call("d", 1))
	unlock := lock(t, path, "BEGIN IMMEDIATE")

	if got := ids(t, s, 10); len(got) != 1 {
		t.Errorf("read %q under the lock", got)
	}
	added, err := s.Append(t.Context(), calls("d", 2, 3))
	refused(t, err, store.ErrBusy, path)
	if added != 0 {
		t.Errorf("%d added", added)
	}
	ctx, cancel := context.WithCancel(t.Context())
	waiting := make(chan error)
	go func() {
		_, err := s.Append(ctx, calls("d", 2, 3))
		waiting <- err
	}()
	cancel()
	if err := <-waiting; !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled while it waited: %v", err)
	}

	unlock()
	add(t, s, calls("d", 2, 3)...)
	if got := strings.Join(ids(t, s, 10), " "); got != "d/1 d/2 d/3" {
		t.Errorf("stored %s", got)
	}
}

func TestOpenOfALockedNewFile(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	write("")(t, path)
	unlock := lock(t, path, "BEGIN EXCLUSIVE")
	_, err := store.Open(t.Context(), path)
	refused(t, err, store.ErrBusy, path)
	unlock()
	add(t, open(t, path), call("d", 1))
}

// Turning WAL mode on does not wait for a lock by itself.
func TestOpenWaitsForAReaderOfAStoreWithoutWAL(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	recording(t, path, 3)
	alter(t, path, "PRAGMA journal_mode = DELETE")
	unlock := lock(t, path, "BEGIN; SELECT count(*) FROM events")
	start := time.Now()
	_, err := store.Open(t.Context(), path)
	refused(t, err, store.ErrBusy, path)
	if waited := time.Since(start); waited < time.Second {
		t.Errorf("gave up after %v", waited)
	}
	unlock()
	add(t, open(t, path), call("e", 1))
}

func TestFullDisk(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	s := open(t, path)
	add(t, s, call("d", 1))
	if err := store.LimitPages(t.Context(), s, 1); err != nil {
		t.Fatal(err)
	}
	added, err := s.Append(t.Context(), calls("d", 2, 500))
	refused(t, err, store.ErrFull, path)
	if got := ids(t, s, 1000); added != 0 || len(got) != 1 {
		t.Errorf("%d added, %d stored", added, len(got))
	}
	if err := store.LimitPages(t.Context(), s, 0); err != nil {
		t.Fatal(err)
	}
	add(t, s, calls("d", 2, 500)...)
	if got := ids(t, s, 1000); len(got) != 500 {
		t.Errorf("%d stored", len(got))
	}
}

// The WAL does not grow without end when there is no moment without a reader.
func TestWALUnderReaders(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	s := open(t, path)
	add(t, s, call("d", 1))
	db, err := sql.Open("sqlite", path+"?_pragma=busy_timeout(60000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	const longRead = `WITH RECURSIVE n(i) AS (SELECT max(row) FROM events UNION ALL SELECT i + 1 FROM n LIMIT 500) SELECT count(*) FROM n`
	over := make(chan struct{})
	var reading sync.WaitGroup
	reading.Go(func() {
		end := func() error { return nil }
		for {
			select {
			case <-over:
				end()
				return
			default:
			}
			// The next one begins before the last one ends.
			tx, err := db.Begin()
			if err == nil {
				err = tx.QueryRow(longRead).Scan(new(int))
			}
			if err != nil {
				t.Error(err)
				return
			}
			end()
			end = tx.Rollback
		}
	})
	largest := int64(0)
	for seq := 2; ; seq++ {
		add(t, s, call("d", seq)) // by itself, which writes some 20 KB
		wal, err := os.Stat(path + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		if wal.Size() < largest {
			break
		}
		if largest = wal.Size(); largest > 200<<20 {
			t.Errorf("the WAL has %d bytes after %d records", largest, seq)
			break
		}
	}
	close(over)
	reading.Wait()
}

// gone checks that a store whose file is not at its path any more says so.
func gone(t *testing.T, s *store.Store) {
	t.Helper()
	_, err := s.Last(t.Context())
	refused(t, err, store.ErrReplaced, s.Path())
	_, err = s.After(t.Context(), 0, 1)
	refused(t, err, store.ErrReplaced, s.Path())
	_, err = s.Rows(t.Context(), store.Query{Limit: 1})
	refused(t, err, store.ErrReplaced, s.Path())
	_, err = s.Append(t.Context(), calls("late", 1, 1))
	refused(t, err, store.ErrReplaced, s.Path())
	_, err = s.Follow(t.Context())
	refused(t, err, store.ErrReplaced, s.Path())
}

// TestChangedInPlace: what is written into the file of an open store, or cut from it, is
// noticed, and stays as it is when the store is closed.
func TestChangedInPlace(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change func(t *testing.T, path string)
		says   string
	}{
		"emptied":                      {func(t *testing.T, path string) { truncate(t, path, 0) }, "emptied or cut"},
		"cut":                          {func(t *testing.T, path string) { truncate(t, path, 4096) }, "emptied or cut"},
		"overwritten by a smaller one": {func(t *testing.T, path string) { overwrite(t, path, 3) }, ""},
		"overwritten by a larger one":  {func(t *testing.T, path string) { overwrite(t, path, 9000) }, "another recording was written into the file"},
		"overwritten by a text":        {write(strings.Repeat("This is not a database. ", 100000)), "another recording was written into the file"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := newPath(t)
			s := open(t, path)
			add(t, s, calls("old", 1, 2000)...)
			if err := s.Close(); err != nil { // or all of it would still be in the -wal
				t.Fatal(err)
			}
			s = open(t, path)
			add(t, s, calls("old", 2001, 2001)...)
			wakes := follow(t, s)
			tt.change(t, path)
			now, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			wake(t, wakes)
			gone(t, s)
			if _, err := s.Last(t.Context()); !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%v does not say %q", err, tt.says)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			if after, err := os.ReadFile(path); name != "cut" && (err != nil || !bytes.Equal(now, after)) {
				t.Errorf("what was put there has changed: %d bytes, were %d; %v", len(after), len(now), err)
			}
		})
	}
}

func truncate(t *testing.T, path string, size int64) {
	t.Helper()
	if err := os.Truncate(path, size); err != nil {
		t.Fatal(err)
	}
}

// overwrite writes a recording of n calls into the file at path, without emptying it
// first: that nobody can tell of how long it was empty.
func overwrite(t *testing.T, path string, n int) {
	t.Helper()
	other := filepath.Join(t.TempDir(), "other.db")
	s := open(t, other)
	add(t, s, calls("new", 1, n)...)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(other)
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = file.Write(b)
	if err := errors.Join(err, file.Truncate(int64(len(b))), file.Close()); err != nil {
		t.Fatal(err)
	}
}

// TestOpenToAppendMakesNothing: a store that is not there is not made.
func TestOpenToAppendMakesNothing(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	if _, err := store.OpenToAppend(t.Context(), path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want that it does not exist", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it was made: %v", err)
	}
	write("")(t, path)
	_, err := store.OpenToAppend(t.Context(), path)
	refused(t, err, store.ErrNotStore, path)
	if b, err := os.ReadFile(path); err != nil || len(b) > 0 {
		t.Errorf("the empty file has %d bytes, %v", len(b), err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	recording(t, path, 3)
	s, err := store.OpenToAppend(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	add(t, s, call("late", 1))
	if got := ids(t, s, 10); len(got) != 4 {
		t.Errorf("stored %q", got)
	}
}

// Before the disk is full nothing more is appended, and as soon as there is room
// again it goes on.
func TestLowDisk(t *testing.T) {
	s := open(t, newPath(t))
	add(t, s, calls("d", 1, 1)...)
	store.SetFree(s, store.Floor-1)
	_, err := s.Append(t.Context(), calls("d", 2, 2))
	refused(t, err, store.ErrLow, s.Path())
	if !errors.Is(s.Room(), store.ErrLow) {
		t.Error("there is room")
	}
	if got := ids(t, s, 10); len(got) != 1 {
		t.Errorf("kept %q", got)
	}
	store.SetFree(s, store.Floor)
	add(t, s, calls("d", 2, 2)...)
	if err := s.Room(); err != nil {
		t.Error(err)
	}
}
