// Package store keeps records in one SQLite file that any number of hosts,
// terminals and commands share: the hosts append, the others read and follow.
//
// There is no server between them, so the file has to bear everything:
//
//   - WAL mode, so that readers and the one writer of the moment do not wait for each
//     other; synchronous NORMAL, so that a commit costs no fsync. What
//     Append acknowledged survives the death of any process; only a power cut
//     can take back the last commits.
//   - Rows are only ever appended, numbered 1, 2, 3 … in the order of arrival
//     without holes. A row number is therefore a position, a page is a range of
//     numbers, and "is there anything new?" is a comparison with the last one.
//   - No cursor stays open between calls: the WAL cannot be reset under a
//     reader and would grow without end. Every call reads its page and is done.
//   - What tables show and filters ask for is in a narrow table, the records
//     themselves in another beside it, so that scanning the one does not drag the
//     other's megabytes through the cache.
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
	"time"

	"modernc.org/sqlite" // also the driver of this name
	sqlite3 "modernc.org/sqlite/lib"

	"userlike-inspector/nativehost/internal/disk"
	"userlike-inspector/nativehost/internal/files"
)

// busyTimeout is how long a call waits for another process's lock before it
// gives up with ErrBusy. A commit takes milliseconds, so this is patience, not
// a limit anyone meets in ordinary use.
const busyTimeout = 2 * time.Second

// A Store is one open store file. Its methods may be called from any number of goroutines.
type Store struct {
	path     string      // absolute, as it was asked for; for messages and intact
	resolved string      // path with links resolved: where SQLite puts -wal and -shm
	file     os.FileInfo // the file as it was opened, to notice when it is another
	db       *sql.DB

	immutable bool // it is read without locks

	free func(dir string) (uint64, error) // disk.Free but for tests

	mu     sync.Mutex // guards writer, and queues this process's appends
	writer *writer    // opened by the first Append

	closing   context.Context // ends when Close is called
	close     context.CancelFunc
	followers sync.WaitGroup
}

// Open opens the store at path for appending and reading. A missing file is
// created with mode 0600, missing folders with 0700. Any number of processes
// may do so at the same time, also when none has before.
//
// The error wraps ErrNewer, ErrNotStore, ErrCorrupt, ErrAccess, ErrBusy or
// ErrFull where one of them fits, and names the path and the remedy.
func Open(ctx context.Context, path string) (*Store, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("store %q: %w", path, err)
	}
	if err := create(path); err != nil {
		return nil, explain(path, err)
	}
	return open(ctx, path, nil)
}

// OpenExisting opens a store that must exist, to be read. For a missing file the
// error wraps fs.ErrNotExist; otherwise it is as Open's.
func OpenExisting(ctx context.Context, path string) (*Store, error) {
	return openToRead(ctx, path, func(string) string { return "mode=rw" })
}

// OpenRecording opens a store that was handed on, as OpenExisting does, but leaves
// the file and what is beside it as they are, to the byte.
func OpenRecording(ctx context.Context, path string) (*Store, error) {
	return openToRead(ctx, path, func(resolved string) string {
		if complete(resolved) {
			return immutable
		}
		return "mode=ro"
	})
}

// immutable has SQLite read a file as one that nobody changes, without locks.
const immutable = "immutable=1"

func openToRead(ctx context.Context, path string, mode func(resolved string) string) (*Store, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("store %q: %w", path, err)
	}
	return open(ctx, path, mode)
}

// create makes an empty private file unless there is one. It must not open one
// that exists: closing it would drop the locks that SQLite holds in this process.
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

// open opens the store at path: to be read, in the mode that is right for the file,
// or, without one, to be made and appended to as well.
func open(ctx context.Context, path string, mode func(resolved string) string) (*Store, error) {
	file, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, files.Unreadable("recording", path, err)
	}
	if err != nil {
		return nil, explain(path, err)
	}
	if !file.Mode().IsRegular() {
		return nil, fmt.Errorf("store %q: %w", path, ErrNotStore)
	}
	resolved, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, explain(path, err)
	}
	s := &Store{path: path, resolved: resolved, file: file, free: disk.Free}
	if mode == nil {
		err = s.connect(ctx, "mode=rw", true) // creating the file, privately, is create's job
	} else {
		s.immutable = mode(resolved) == immutable
		err = s.connect(ctx, mode(resolved), false)
		if err != nil && !s.immutable && s.needsImmutable(err) {
			s.db.Close()
			s.immutable = true
			err = s.connect(ctx, immutable, false)
		}
	}
	if err != nil {
		if s.db != nil {
			s.db.Close()
		}
		return nil, explain(path, err)
	}
	s.closing, s.close = context.WithCancel(context.Background())
	return s, nil
}

// maxValue is the most bytes that SQLite reads of a value or row of a recording: more
// than a browser can send in one message.
const maxValue = 65 << 20

// connect opens the file with parameters and looks at what is in it.
func (s *Store) connect(ctx context.Context, parameters string, initialise bool) (err error) {
	if !initialise {
		parameters += "&_pragma=query_only(1)"
	}
	if s.db, err = sql.Open("sqlite", dataSource(s.resolved, parameters)); err != nil {
		return err
	}
	if !initialise {
		// The limit is a connection's, so there is one, which lasts.
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
	return s.prepare(ctx, initialise)
}

// needsImmutable tells whether a recording could not be opened because SQLite
// may not put its -wal and -shm files beside it, as on read-only media. Such a
// file can be read as one that nobody changes, but only if it is complete: what is
// still in a -wal would be silently missing.
func (s *Store) needsImmutable(err error) bool {
	return meaningOf(err) == ErrAccess && complete(s.resolved)
}

// complete tells whether nothing of a store is in a -wal beside it.
func complete(resolved string) bool {
	wal, err := os.Stat(resolved + "-wal")
	return errors.Is(err, fs.ErrNotExist) || err == nil && wal.Size() == 0
}

// dataSource is the driver's name for the file at path. Whatever is in its schema
// may call no function that does more than compute.
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

// Close ends the followers and closes the file, which is complete in itself when no
// other process has it open.
func (s *Store) Close() error {
	s.close()
	s.followers.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.writer != nil {
		s.writer.close()
		s.writer = nil
	}
	if err := s.db.Close(); err != nil {
		return explain(s.path, err)
	}
	return nil
}

// intact checks that the path still leads to the file that was opened. SQLite
// would not notice: it would go on with a file that nobody else can find any
// more, and an append to it would be lost.
func (s *Store) intact() error {
	now, err := os.Stat(s.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return explain(s.path, err)
	case !os.SameFile(now, s.file):
	case s.immutable && (now.Size() != s.file.Size() || !now.ModTime().Equal(s.file.ModTime()) || !complete(s.resolved)):
		// It was read without locks.
		return fmt.Errorf("store %q: it was written to while it was read; try again", s.path)
	default:
		return nil
	}
	return fmt.Errorf("store %q: %w", s.path, ErrReplaced)
}
