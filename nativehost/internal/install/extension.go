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

// WriteExtension makes dir the unpacked extension of this version, whatever it
// was before. Browsers that have loaded it see the new one when they reload it.
func WriteExtension(dir string) error {
	if err := writeExtension(dir); err != nil {
		return fmt.Errorf("writing the extension: %w", hint(err))
	}
	return nil
}

func writeExtension(dir string) error {
	parent := filepath.Dir(dir)
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return err
	}
	fresh, err := os.MkdirTemp(parent, ".extension*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(fresh)
	files := filepath.Join(fresh, "new")
	if err := os.CopyFS(files, extension.FS()); err != nil {
		return err
	}
	// Two renames, as a folder can't be replaced by one.
	err = os.Rename(dir, filepath.Join(fresh, "old"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.Rename(files, dir)
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
