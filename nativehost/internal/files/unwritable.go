package files

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"userlike-inspector/nativehost/internal/words"
)

// unwritable turns a system's error about path, or about the temporary file beside it, into
// one that says in plain words that path could not be written, and what to do. It wraps err.
// Other errors stay as they are: those of what was to be written.
func unwritable(path, temporary string, err error) error {
	var at *fs.PathError
	var moved *os.LinkError
	var reason error
	switch {
	case errors.As(err, &at) && (at.Path == path || at.Path == temporary):
		reason = at.Err
	case errors.As(err, &moved) && moved.New == path:
		reason = moved.Err
	default:
		return err
	}
	folder := filepath.Dir(path)
	text := fmt.Sprintf("%s cannot be written: %s", path, words.Reason(reason))
	switch {
	case errors.Is(reason, ErrInUse):
	case isFolder(path):
		text = path + " is a folder; name a file in it"
	case !exists(folder) && errors.Is(reason, fs.ErrNotExist):
		text = fmt.Sprintf("there is no folder %s; make it first, or name another file", folder)
	case exists(folder) && !isFolder(folder):
		text = folder + " is not a folder; name another file"
	case errors.Is(reason, fs.ErrPermission):
		text = fmt.Sprintf("you may not write %s; change the permissions of it and its folder, or name another file", path)
	case errors.Is(reason, syscall.ENOSPC):
		text = fmt.Sprintf("the disk of %s is full; free some space on it, or name another file", path)
	}
	return &plainError{text, err}
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// plainError says an error of the system in plain words.
type plainError struct {
	text string
	err  error
}

func (p *plainError) Error() string { return p.text }
func (p *plainError) Unwrap() error { return p.err }
