package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// What can be wrong with a store file, for errors.Is. The errors of this
// package name the path and carry these texts, which say what to do.
var (
	// ErrBusy, ErrFull and ErrLow pass: the same call may be made again later. See Temporary.
	ErrBusy = errors.New("another program keeps it locked; end whatever has it open, then try again")
	ErrFull = errors.New("the disk is full; free some space on it")
	ErrLow  = fmt.Errorf("the disk has less than %d MB left, and nothing more is recorded; free some space on it", Floor>>20)

	// ErrReplaced means that the path no longer leads to the file that was opened.
	// Nothing can be read or appended any more; Close, then Open again.
	ErrReplaced = errors.New("the file was deleted, moved or replaced while it was open; what comes now needs it opened again")

	// The others stay until somebody acts.
	ErrNewer    = errors.New("a newer version of this program wrote it; update this program or choose another file")
	ErrNotStore = errors.New("it is not a recording of this program; choose another file")
	ErrCorrupt  = errors.New("the file is damaged; move it away to start a new one (sqlite3 FILE .recover can rescue what is left in it)")
	ErrAccess   = errors.New("it may not be opened or written; check the permissions of the file and its folder or choose another file")
)

// Temporary tells whether the call that failed with err may succeed when it is
// made again, because a lock or a disk without room was in the way.
func Temporary(err error) bool {
	return errors.Is(err, ErrBusy) || errors.Is(err, ErrFull) || errors.Is(err, ErrLow)
}

// explain gives an error from SQLite or the file system its path, and its meaning
// where it has one. Errors of a cancelled context and explained ones pass.
func explain(path string, err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if meaning := meaningOf(err); meaning != nil {
		return fmt.Errorf("store %q: %w (%w)", path, meaning, err)
	}
	return fmt.Errorf("store %q: %w", path, err)
}

// meaningOf is the sentinel for a raw error, nil where there is none.
func meaningOf(err error) error {
	switch {
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return ErrAccess
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return ErrFull
	}
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return nil
	}
	// The low byte is the class, the rest a detail.
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return ErrBusy
	case sqlite3.SQLITE_FULL:
		return ErrFull
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM:
		return ErrAccess
	case sqlite3.SQLITE_NOTADB:
		return ErrNotStore
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_ERROR:
		// SQLITE_ERROR is "no such table" and the like: our SQL is fixed, so it
		// is the file that lacks something.
		return ErrCorrupt
	}
	return nil
}
