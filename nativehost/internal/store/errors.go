package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"userlike-inspector/nativehost/internal/words"
)

// What can be wrong with a store file, for errors.Is. The errors of this
// package name the path and carry these texts, which say what to do.
var (
	// ErrBusy, ErrFull and ErrLow are temporary: the same call may succeed later.
	ErrBusy = errors.New("another program keeps it locked; end whatever has it open, then try again")
	ErrFull = errors.New("the disk is full; free some space on it")
	ErrLow  = fmt.Errorf("the disk has less than %d MB left, and nothing more is recorded; free some space on it", Floor>>20)

	// ErrReplaced means that the path no longer leads to the file that was opened, or that the
	// file now contains something else. Nothing can be read or appended any more: Close, then
	// Open again. The error's text begins with what happened to the file.
	ErrReplaced = errors.New("it needs to be opened again")

	// The others last until somebody does something about them.
	ErrNewer    = errors.New("a newer version of this program wrote it; update this program or choose another file")
	ErrNotStore = errors.New("it is not a recording of this program; choose another file")
	ErrCorrupt  = errors.New("the file is damaged; move it away to start a new one (sqlite3 FILE .recover can rescue what is left in it)")
	ErrAccess   = errors.New("it may not be opened or written; check the permissions of the file and its folder or choose another file")
)

// explain wraps an error of SQLite or the file system with the path and, where one
// fits, with one of the errors above. It returns the error of a cancelled context,
// and an error that is already explained, unchanged.
func explain(path string, err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	meaning := meaningOf(err)
	if meaning == nil {
		return fmt.Errorf("store %s: %w", words.Path(path), err)
	}
	text := fmt.Sprintf("store %s: %v", words.Path(path), meaning)
	if meaning == ErrCorrupt {
		text += fmt.Sprintf(" (%v)", err) // tells those who want to rescue it where to look
	}
	return &explained{text, []error{meaning, err}}
}

// explained is an error with one of the texts above instead of the system's, which says the
// same in words for programmers.
type explained struct {
	text string
	errs []error
}

func (e *explained) Error() string   { return e.text }
func (e *explained) Unwrap() []error { return e.errs }

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
	// The low byte is the kind of error: https://sqlite.org/rescode.html#extrc
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
		// SQLITE_ERROR means "no such table" and the like. Our SQL is correct, so
		// something is missing in the file.
		return ErrCorrupt
	}
	return nil
}
