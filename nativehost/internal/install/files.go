package install

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// oldSuffix is put behind a program that runs while it is replaced, which
// Windows lets one rename but not overwrite.
const oldSuffix = ".old"

// writeFile puts a whole file in place or leaves what was there. Folders are
// made where missing, private to the user.
func writeFile(path string, content []byte, mode fs.FileMode) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // fails once it has been renamed, as it should
	_, err = f.Write(content)
	if err := errors.Join(err, f.Chmod(mode), f.Close()); err != nil {
		return err
	}
	return replace(f.Name(), path)
}

// replace renames from to to, also where to is a program that runs.
func replace(from, to string) error {
	err := os.Rename(from, to)
	if err == nil {
		return nil
	}
	if info, statErr := os.Stat(to); statErr != nil || !info.Mode().IsRegular() {
		return err
	}
	_ = os.Remove(to + oldSuffix) // fails while that runs, and the next line says so
	if os.Rename(to, to+oldSuffix) != nil {
		return err
	}
	return os.Rename(from, to)
}
