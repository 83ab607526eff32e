package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"userlike-inspector/nativehost/internal/words"
)

// intact checks that the path still leads to the opened file, and that the file still contains
// the same recording. SQLite does not notice if it was moved, deleted or overwritten, and
// appended records would be lost.
func (s *Store) intact() error {
	size := s.size.Load() // before the look: it may grow meanwhile
	now, err := os.Stat(s.path)
	became := ""
	switch {
	case errors.Is(err, fs.ErrNotExist):
		became = "the file was deleted or moved while it was open"
	case err != nil:
		return explain(s.path, err)
	case !os.SameFile(now, s.file):
		became = "the file was replaced by another one while it was open"
	case now.Size() < size && !s.immutable:
		became = "the file was emptied or cut while it was open"
	case !s.immutable && s.overwritten(now):
		became = "another recording was written into the file while it was open"
	case s.immutable && (now.Size() != s.file.Size() || !now.ModTime().Equal(s.file.ModTime()) || !complete(s.resolved)):
		// It was read without locks, so what was read may be half old and half new.
		became = "it was written to while it was read"
	default:
		s.grown(now.Size())
		return nil
	}
	return fmt.Errorf("store %s: %s; %w", words.Path(s.path), became, ErrReplaced)
}

// grown remembers the file's size if it is the largest so far.
func (s *Store) grown(size int64) {
	for seen := s.size.Load(); size > seen && !s.size.CompareAndSwap(seen, size); seen = s.size.Load() {
	}
}

// learnFirst remembers the id of the first record, which never changes.
func (s *Store) learnFirst(ctx context.Context) {
	var id string
	if s.first.Load() == nil && s.db.QueryRowContext(ctx, "SELECT id FROM events WHERE row = 1").Scan(&id) == nil {
		s.first.Store(&id)
	}
}

// overwritten tells whether another recording was written into the file, for example by copying
// over it. It looks again whenever the file's mtime has changed, which SQLite itself only does
// when it empties the -wal.
func (s *Store) overwritten(now os.FileInfo) bool {
	first, at := s.first.Load(), now.ModTime().UnixNano()
	if s.foreign.Load() || first == nil || s.looked.Swap(at) == at {
		return s.foreign.Load()
	}
	// Read the file alone, without the -wal and without what SQLite has in memory of it. Do not
	// open the file in another way: closing it would drop the locks that SQLite holds in this
	// process.
	db, err := sql.Open("sqlite", dataSource(s.resolved, immutable+"&_pragma=query_only(1)"))
	if err != nil {
		return false
	}
	defer db.Close()
	var id string
	err = db.QueryRow("SELECT id FROM events WHERE row = 1").Scan(&id)
	if err == nil && id != *first || meaningOf(err) == ErrNotStore {
		s.foreign.Store(true)
	}
	return s.foreign.Load()
}

// otherContent tells whether the opened file is still at the path, but has lost its content or
// contains another recording.
func (s *Store) otherContent() bool {
	now, err := os.Stat(s.path)
	if err != nil || s.immutable || !os.SameFile(now, s.file) {
		return false
	}
	return now.Size() == 0 && s.size.Load() > 0 || s.overwritten(now)
}
