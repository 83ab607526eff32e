package files

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"

	"userlike-inspector/nativehost/internal/words"
)

// ErrNotRegular is wrapped by Open's error for something that is not an ordinary file.
var ErrNotRegular = errors.New("not an ordinary file")

// Open opens a file that a user or another file has named, for reading. It must be an
// ordinary file: opening a pipe could wait for ever for a writer, and a device may never
// end.
func Open(path string) (*os.File, error) {
	// Check before opening, because a device may react to being opened.
	info, err := os.Stat(path)
	if err != nil {
		if at := (*fs.PathError)(nil); errors.As(err, &at) {
			at.Op = "open" // say "open", as the caller asked for that
			if errors.Is(err, syscall.ENOTDIR) {
				at.Err = fs.ErrNotExist // as Windows says of a path through a file
			}
		}
		return nil, err
	}
	if err := regular(path, info); err != nil {
		return nil, err
	}
	// It may have been replaced meanwhile. O_NONBLOCK makes opening a pipe harmless.
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	if info, err = f.Stat(); err == nil {
		err = regular(path, info)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func regular(path string, info fs.FileInfo) error {
	what := "a device"
	switch mode := info.Mode(); {
	case mode.IsRegular():
		return nil
	case mode.IsDir():
		return &fs.PathError{Op: "open", Path: path, Err: fmt.Errorf("it is a folder, %w; name a file in it", ErrNotRegular)}
	case mode&fs.ModeNamedPipe != 0:
		what = "a pipe"
	case mode&fs.ModeSocket != 0:
		what = "a socket"
	}
	return &fs.PathError{Op: "open", Path: path, Err: fmt.Errorf("it is %s, %w; write what comes from it to a file first", what, ErrNotRegular)}
}

// Unreadable is an error that says in plain words that a file could not be read, and what to
// do. what is the kind of file, for the sentence. It wraps err.
func Unreadable(what, path string, err error) error {
	reason := err
	if at := (*fs.PathError)(nil); errors.As(err, &at) {
		reason = at.Err
	}
	text := fmt.Sprintf("the %s %s cannot be read: %s", what, path, words.Reason(reason))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		text = fmt.Sprintf("there is no %s %s; check its name and folder", what, path)
	case errors.Is(err, fs.ErrPermission):
		text = fmt.Sprintf("the %s %s may not be read by you; change its permissions, or copy it", what, path)
	}
	return &plainError{text, err}
}

// Read reads a file, opened by Open. It reads at most limit+1 bytes; more than limit means
// that the file is too large.
func Read(path string, limit int64) ([]byte, error) {
	f, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, limit+1))
}
