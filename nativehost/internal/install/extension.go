package install

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"userlike-inspector/extension"
)

// WriteExtension makes dir the unpacked extension of this version, unless it is.
// Browsers that have loaded it from there see the new one when they reload it.
func WriteExtension(dir string) error {
	if CheckExtension(dir) == nil {
		return nil
	}
	err := replaceExtension(dir)
	if err != nil && CheckExtension(dir) == nil {
		return nil // another process was quicker
	}
	if err != nil {
		return fmt.Errorf("unpacking the extension: %w", hint(err))
	}
	return nil
}

func replaceExtension(dir string) error {
	parent := filepath.Dir(dir)
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return err
	}
	temporary, err := os.MkdirTemp(parent, ".extension*") // 0700
	if err != nil {
		return err
	}
	defer os.RemoveAll(temporary)
	fresh := filepath.Join(temporary, "new")
	if err := copyPrivately(fresh, extension.FS()); err != nil {
		return err
	}
	// Two renames, as a folder can't be replaced by one.
	err = os.Rename(dir, filepath.Join(temporary, "old"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.Rename(fresh, dir)
}

func copyPrivately(dir string, files fs.FS) error {
	return fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		to := filepath.Join(dir, filepath.FromSlash(path))
		if d.IsDir() {
			return os.Mkdir(to, 0o700)
		}
		content, err := fs.ReadFile(files, path)
		if err != nil {
			return err
		}
		return os.WriteFile(to, content, 0o600)
	})
}

// CheckExtension says by its error what dir lacks to be the unpacked extension
// of this version.
func CheckExtension(dir string) error {
	var missing, changed []string
	err := fs.WalkDir(extension.FS(), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		want, err := fs.ReadFile(extension.FS(), path)
		if err != nil {
			return err
		}
		got, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(path)))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			missing = append(missing, path)
		case err != nil:
			return err
		case !bytes.Equal(got, want):
			changed = append(changed, path)
		}
		return nil
	})
	if err != nil {
		return err
	}
	var wrong []string
	if len(missing) > 0 {
		wrong = append(wrong, "lacks "+some(missing))
	}
	if len(changed) > 0 {
		wrong = append(wrong, "has another version of "+some(changed))
	}
	if len(wrong) > 0 {
		return fmt.Errorf("the extension's folder %q %s", dir, strings.Join(wrong, " and "))
	}
	return nil
}

// some names the first few files.
func some(files []string) string {
	const few = 3
	if len(files) <= few {
		return strings.Join(files, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(slices.Clone(files[:few]), ", "), len(files)-few)
}
