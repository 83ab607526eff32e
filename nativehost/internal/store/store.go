// Package store keeps records in one SQLite file that any number of hosts,
// terminals and commands share: the hosts append, the others read and follow.
//
// There is no server between them, so these rules make sharing one file work:
//
//   - WAL mode, so that readers and the one writer of the moment do not wait for each
//     other; synchronous NORMAL, so that a commit costs no fsync. What
//     Append acknowledged survives the death of any process; only a power cut
//     can take back the last commits.
//   - Rows are only appended, never changed, and numbered 1, 2, 3 … in the order of
//     arrival without holes. So a row number is a position, a page is a range of
//     numbers, and "is there anything new?" is a comparison with the last one.
//   - No cursor stays open between calls, because SQLite cannot reset the WAL while
//     somebody reads and it would grow without end. Each call reads one page.
//   - What lists show and filters ask for is in a small table, events; the records
//     themselves are in another, payloads. So a search through the first does not
//     read the megabytes of the second.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"modernc.org/sqlite" // also the driver of this name
	sqlite3 "modernc.org/sqlite/lib"

	"userlike-inspector/nativehost/internal/disk"
	"userlike-inspector/nativehost/internal/files"
	"userlike-inspector/nativehost/internal/words"
)

// busyTimeout is how long a call waits for another process's lock before it gives up
// with ErrBusy. A commit takes milliseconds, so in ordinary use nobody waits so long.
const busyTimeout = 2 * time.Second

// A Store is one open store file. Its methods may be called from any number of goroutines.
type Store struct {
	path     string       // absolute, as it was asked for; for messages and intact
	resolved string       // path with links resolved: where SQLite puts -wal and -shm
	file     os.FileInfo  // the file as it was opened, to notice when it is another
	size     atomic.Int64 // the largest size that was seen, in bytes: the file never shrinks by itself

	first   atomic.Pointer[string] // the id of the first record, nil while it is not known
	looked  atomic.Int64           // the file's mtime when its first record was last compared with first
	foreign atomic.Bool            // the first record is another one now

	db *sql.DB

	immutable bool // it is read without locks

	free func(dir string) (uint64, error) // disk.Free, except in tests

	mu     sync.Mutex // guards writer, and queues this process's appends
	writer *writer    // opened by the first Append
	closed bool

	closing   context.Context // ends when Close is called
	close     context.CancelFunc
	followers sync.WaitGroup
}

// Open opens the store at path for appending and reading. A missing file is created with mode
// 0600, missing folders with 0700. Any number of processes may do so at the same time, even if
// the file does not exist yet.
//
// The error wraps ErrNewer, ErrNotStore, ErrCorrupt, ErrAccess, ErrBusy or
// ErrFull where one of them fits, and names the path and the remedy.
func Open(ctx context.Context, path string) (*Store, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("store %s: %w", words.Path(path), err)
	}
	if err := create(path); err != nil {
		return nil, explain(path, err)
	}
	return open(ctx, path, toMake, readWrite)
}

// OpenToAppend opens a store as Open does, but one that must exist, and has been a store
// before: it makes nothing. For a missing file the error wraps fs.ErrNotExist, for an empty
// one ErrNotStore.
func OpenToAppend(ctx context.Context, path string) (*Store, error) {
	return openExisting(ctx, path, toAppend, readWrite)
}

// OpenExisting opens a store that must exist, for reading. For a missing file the
// error wraps fs.ErrNotExist; other errors are those of Open.
func OpenExisting(ctx context.Context, path string) (*Store, error) {
	return openExisting(ctx, path, toRead, readWrite)
}

// OpenRecording opens a recording for reading, as OpenExisting does, but changes no
// byte of the file or of anything in its folder.
func OpenRecording(ctx context.Context, path string) (*Store, error) {
	return openExisting(ctx, path, toRead, func(resolved string) string {
		if complete(resolved) {
			return immutable
		}
		return "mode=ro"
	})
}

// immutable makes SQLite read a file without locks, as one that nobody changes.
const immutable = "immutable=1"

// readWrite has SQLite open a file as it is; creating it, privately, is create's job.
func readWrite(string) string { return "mode=rw" }

// A purpose is what a store is opened for.
type purpose int

const (
	toRead   purpose = iota
	toAppend         // to be read as well
	toMake           // the same, and an empty file is made a store
)

func openExisting(ctx context.Context, path string, to purpose, mode func(resolved string) string) (*Store, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("store %s: %w", words.Path(path), err)
	}
	return open(ctx, path, to, mode)
}

// create makes an empty private file unless there is one. It must not open an existing
// file: closing it would release the locks that SQLite holds on it in this process, see
// https://sqlite.org/howtocorrupt.html
func create(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return f.Close()
}

// open opens the store at path in the mode that is right for the file.
func open(ctx context.Context, path string, to purpose, mode func(resolved string) string) (*Store, error) {
	file, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, files.Unreadable("recording", path, err)
	}
	if err != nil {
		return nil, explain(path, err)
	}
	if !file.Mode().IsRegular() {
		return nil, fmt.Errorf("store %s: %w", words.Path(path), ErrNotStore)
	}
	resolved, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, explain(path, err)
	}
	s := &Store{path: path, resolved: resolved, file: file, free: disk.Free}
	s.immutable = mode(resolved) == immutable
	err = s.connect(ctx, mode(resolved), to)
	if err != nil && to == toRead && !s.immutable && s.needsImmutable(err) {
		s.db.Close()
		s.immutable = true
		err = s.connect(ctx, immutable, to)
	}
	if err == nil {
		file, err = os.Stat(path) // it may have been made a store
	}
	if err != nil {
		if s.db != nil {
			s.db.Close()
		}
		return nil, explain(path, err)
	}
	s.size.Store(file.Size())
	s.looked.Store(file.ModTime().UnixNano())
	s.learnFirst(ctx)
	s.closing, s.close = context.WithCancel(context.Background())
	return s, nil
}

// maxValue is the most bytes that SQLite reads of one value or row of a recording. It is
// more than a browser can send in one message.
const maxValue = 65 << 20

// connect opens the file with SQLite's parameters and checks that it is a store.
func (s *Store) connect(ctx context.Context, parameters string, to purpose) (err error) {
	if to == toRead {
		parameters += "&_pragma=query_only(1)"
	}
	if s.db, err = sql.Open("sqlite", dataSource(s.resolved, parameters)); err != nil {
		return err
	}
	if to == toRead {
		// The limit applies to one connection, so there must be only this one.
		s.db.SetMaxOpenConns(1)
		conn, err := s.db.Conn(ctx)
		if err != nil {
			return err
		}
		_, err = sqlite.Limit(conn, sqlite3.SQLITE_LIMIT_LENGTH, maxValue)
		if err := errors.Join(err, conn.Close()); err != nil {
			return err
		}
	}
	return s.prepare(ctx, to)
}

// needsImmutable tells whether a recording could not be opened because SQLite may not
// put its -wal and -shm files beside it, as on read-only media. Such a file can be opened
// as immutable, but only if it is complete: records in a -wal would be missing silently.
func (s *Store) needsImmutable(err error) bool {
	return meaningOf(err) == ErrAccess && complete(s.resolved)
}

// complete tells whether all records are in the file itself and none in a -wal beside it.
func complete(resolved string) bool {
	wal, err := os.Stat(resolved + "-wal")
	return errors.Is(err, fs.ErrNotExist) || err == nil && wal.Size() == 0
}

// dataSource is the driver's name for the file at path. It turns trusted_schema off: the
// schema of a crafted file may then not call SQL functions that have side effects.
func dataSource(path, parameters string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // file:///C:/…
	}
	u := url.URL{Scheme: "file", Path: path}
	u.RawQuery = parameters + "&_pragma=busy_timeout(" + strconv.FormatInt(busyTimeout.Milliseconds(), 10) +
		")&_pragma=synchronous(normal)&_pragma=trusted_schema(0)&_pragma=cell_size_check(1)"
	return u.String()
}

// Path is the file's absolute path.
func (s *Store) Path() string { return s.path }

// Close ends the followers and closes the file. When no other process has it open, the
// file then contains everything and has no -wal beside it. A second Close does nothing.
func (s *Store) Close() error {
	s.close()
	s.followers.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	if s.writer != nil {
		s.writer.close()
		s.writer = nil
	}
	if s.otherContent() {
		// The -wal belongs to the old recording. Closing would write it into the new one, so it
		// is emptied first.
		if err := os.Truncate(s.resolved+"-wal", 0); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return explain(s.path, err)
		}
		s.db.Close() // it can't read the -wal, and says so
		return nil
	}
	if err := s.db.Close(); err != nil {
		return explain(s.path, err)
	}
	return nil
}
