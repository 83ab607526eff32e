package install

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"userlike-inspector/extension"
	"userlike-inspector/nativehost/internal/ours"
	"userlike-inspector/nativehost/internal/words"
)

// WriteExtension writes the unpacked extension of this version to dir, unless it is there.
// Browsers that have loaded it from there get the new version when they reload it.
func WriteExtension(dir string) error {
	if CheckExtension(dir) == nil {
		return nil
	}
	err := replaceExtension(dir, os.Rename)
	if err != nil && CheckExtension(dir) == nil {
		return nil // another process has done it meanwhile
	}
	if err != nil {
		return fmt.Errorf("unpacking the extension: %w", err)
	}
	return nil
}

// replaceExtension replaces dir by a new folder. If that fails, it puts the old one back,
// because browsers load the extension from it at every start.
func replaceExtension(dir string, rename func(from, to string) error) error {
	parent := filepath.Dir(dir)
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return err
	}
	if !ownExtension(dir) {
		return fmt.Errorf("%s %w: rename it", dir, ours.ErrForeign)
	}
	temporary, err := os.MkdirTemp(parent, ".extension*") // 0700
	if err != nil {
		return err
	}
	keep := false // the temporary folder has the only copy
	defer func() {
		if !keep {
			os.RemoveAll(temporary)
		}
	}()
	fresh := filepath.Join(temporary, "new")
	if err := copyPrivately(fresh, extension.FS()); err != nil {
		return err
	}
	if err := ours.Mark(fresh); err != nil {
		return err
	}
	// It takes two renames, because a folder cannot be replaced by one.
	old := filepath.Join(temporary, "old")
	err = rename(dir, old)
	there := err == nil
	if !there && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	err = rename(fresh, dir)
	if err == nil || !there {
		return err
	}
	if backErr := rename(old, dir); backErr != nil {
		keep = true
		return fmt.Errorf("%w; what was there is in %s", errors.Join(err, backErr), old)
	}
	return err
}

// ownExtension tells whether dir may be replaced or removed: it does not exist, or this
// program made it for the extension. Earlier versions did not put a marker there; their
// folder is recognised by the key in the manifest, which no other extension has.
func ownExtension(dir string) bool {
	info, err := os.Lstat(dir)
	if err != nil {
		return true
	}
	if !info.IsDir() {
		return false
	}
	if ours.Is(dir) {
		return true
	}
	key := func(manifest []byte) string {
		var m struct{ Key string }
		_ = json.Unmarshal(manifest, &m) // without a valid manifest there is no key
		return m.Key
	}
	there, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if err != nil {
		return false
	}
	own, err := fs.ReadFile(extension.FS(), "manifest.json")
	return err == nil && key(own) != "" && key(there) == key(own)
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

// CheckExtension returns an error that says in which files dir differs from the unpacked
// extension of this version.
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
		return fmt.Errorf("the extension's folder %s %s", words.Path(dir), strings.Join(wrong, " and "))
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
