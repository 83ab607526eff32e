// Package files writes files that others never see half-written.
package files

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Private is the mode of files that only their owner may read.
const Private fs.FileMode = 0o600

const bufferSize = 64 << 10

// Write puts a whole file in the place of path, or leaves what was there. Its
// folder must exist. What is no regular file (a pipe, a device) is written as it
// is; a link is replaced, not what it leads to.
func Write(path string, mode fs.FileMode, write func(io.Writer) error) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		w := bufio.NewWriterSize(f, bufferSize)
		return errors.Join(write(w), w.Flush(), f.Close())
	}
	return put(path, mode, write, os.Rename)
}

// WriteOver is Write, also where path is a program that runs: Windows lets one
// rename that but not overwrite it. The old one is then kept with OldSuffix.
func WriteOver(path string, mode fs.FileMode, write func(io.Writer) error) error {
	return put(path, mode, write, replace)
}

// WriteFirst is Write, unless there is a file already or comes to be one
// meanwhile, which is left as it is.
func WriteFirst(path string, mode fs.FileMode, write func(io.Writer) error) error {
	return put(path, mode, write, func(from, to string) error {
		if err := os.Link(from, to); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		return nil
	})
}

// put writes a file beside path and moves it there.
func put(path string, mode fs.FileMode, write func(io.Writer) error, move func(from, to string) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // fails once it has been renamed, as it should
	w := bufio.NewWriterSize(f, bufferSize)
	if err := errors.Join(write(w), w.Flush(), f.Chmod(mode), f.Close()); err != nil {
		return err
	}
	return move(f.Name(), path)
}

// OldSuffix is put behind a program that runs while it is replaced.
const OldSuffix = ".old"

func replace(from, to string) error {
	err := os.Rename(from, to)
	if err == nil {
		return nil
	}
	if info, statErr := os.Stat(to); statErr != nil || !info.Mode().IsRegular() {
		return err
	}
	_ = os.Remove(to + OldSuffix) // fails while that runs, and the next line says so
	if os.Rename(to, to+OldSuffix) != nil {
		return err
	}
	return os.Rename(from, to)
}
