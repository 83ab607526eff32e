// Package files reads and writes files safely: other programs never see a file that is only
// half written.
package files

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Private is the mode of files that only their owner may read.
const Private fs.FileMode = 0o600

const bufferSize = 64 << 10

// Write replaces the file at path as a whole, or leaves it as it was. Its folder must exist.
// A pipe or device is written to directly. A link is replaced, not the file that it leads
// to.
func Write(path string, mode fs.FileMode, write func(io.Writer) error) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return unwritable(path, path, err)
		}
		w := bufio.NewWriterSize(f, bufferSize)
		return unwritable(path, path, first(write(w), w.Flush(), f.Close()))
	}
	return put(path, mode, write, func(from, to string) error {
		return inUse(to, Soon(readers, func() error { return os.Rename(from, to) }))
	})
}

// readers is how long other programs that read a file may prevent its replacement.
const readers = 2 * time.Second

// ErrInUse says that a file cannot be replaced because another program has it open.
var ErrInUse = errors.New("another program has it open; close it there, or name another file")

// WriteOver is Write, also where path is a program that runs: Windows lets one
// rename that but not overwrite it. The old one is then kept, see SetAsides.
func WriteOver(path string, mode fs.FileMode, write func(io.Writer) error) error {
	return put(path, mode, write, replace)
}

// WriteFirst is Write, unless a file exists already, or another process makes one
// meanwhile. That one then stays.
func WriteFirst(path string, mode fs.FileMode, write func(io.Writer) error) error {
	return put(path, mode, write, func(from, to string) error {
		if err := os.Link(from, to); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		return nil
	})
}

// put writes a temporary file beside path, and then moves it to path.
func put(path string, mode fs.FileMode, write func(io.Writer) error, move func(from, to string) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		if at := (*fs.PathError)(nil); errors.As(err, &at) {
			at.Path = path // nobody knows the temporary name
		}
		return unwritable(path, path, err)
	}
	defer os.Remove(f.Name()) // fails after the file has been renamed, as intended
	w := bufio.NewWriterSize(f, bufferSize)
	if err := first(write(w), w.Flush(), f.Chmod(mode), f.Close()); err != nil {
		return unwritable(path, f.Name(), err)
	}
	return unwritable(path, f.Name(), move(f.Name(), path))
}

// first is the first error that is not nil. Later ones mostly repeat it.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// oldSuffix is added to the name of a program that runs while it is replaced, with a number
// if there are several.
const oldSuffix = ".old"

func replace(from, to string) error {
	err := os.Rename(from, to)
	if err == nil {
		return nil
	}
	if info, statErr := os.Stat(to); statErr != nil || !info.Mode().IsRegular() {
		return err
	}
	aside := freeAside(to)
	if os.Rename(to, aside) != nil {
		return err
	}
	if err := os.Rename(from, to); err != nil {
		return errors.Join(err, os.Rename(aside, to)) // better the old one than none
	}
	return nil
}

// freeAside is a name for a program that has to make room for another one.
func freeAside(program string) string {
	for n := 0; ; n++ {
		aside := program + oldSuffix
		if n > 0 {
			aside += strconv.Itoa(n)
		}
		if _, err := os.Lstat(aside); errors.Is(err, fs.ErrNotExist) {
			return aside
		}
	}
}

// SetAsides are the renamed programs that were replaced at a path.
func SetAsides(program string) []string {
	entries, err := os.ReadDir(filepath.Dir(program))
	if err != nil {
		return nil
	}
	var all []string
	for _, e := range entries {
		number, is := strings.CutPrefix(e.Name(), filepath.Base(program)+oldSuffix)
		if _, err := strconv.ParseUint(number, 10, 32); is && (number == "" || err == nil) {
			all = append(all, filepath.Join(filepath.Dir(program), e.Name()))
		}
	}
	return all
}
