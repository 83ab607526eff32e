package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"userlike-inspector/extension"
)

func (a *app) extensionCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "extension",
		Short: "The browser extension that comes with this program",
		Args:  unknownCommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },

		SuggestionsMinimumDistance: 2,
	}
	cmd.AddCommand(&cobra.Command{
		Use:   "path",
		Short: "Print the folder of the unpacked extension, to load it from",
		Long: `Print the folder of the unpacked extension, to load it from in a browser or a test
tool. It is written to the user's data folder first if it isn't there in this version.`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			path, err := a.unpackExtension()
			if err != nil {
				return err
			}
			if _, err := fmt.Fprintln(a.stdout, path); err != nil {
				return fmt.Errorf("writing the path: %w", err)
			}
			return nil
		},
	})
	return cmd
}

// unpackExtension makes sure that the extension of this version is unpacked in
// the user's data folder, and returns where. The place stays the same from version to
// version, so that a browser that has loaded it once finds the next one there.
func (a *app) unpackExtension() (string, error) {
	data, err := a.system.Data()
	if err != nil {
		return "", err
	}
	path := filepath.Join(data, "extension")
	if err := unpack(extension.FS(), path); err != nil {
		return "", fmt.Errorf("unpacking the extension: %w", err)
	}
	return path, nil
}

// unpack puts the files in place as a whole, unless they are there.
func unpack(files fs.FS, path string) error {
	if same, err := holds(path, files); same || err != nil {
		return err
	}
	parent := filepath.Dir(path)
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(parent, ".extension-*") // 0700
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	fresh, old := filepath.Join(dir, "new"), filepath.Join(dir, "old")
	if err := copyPrivately(fresh, files); err != nil {
		return err
	}
	if err := os.Rename(path, old); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Rename(fresh, path); err != nil {
		// Another process may have been quicker.
		if same, _ := holds(path, files); same {
			return nil
		}
		return err
	}
	return nil
}

// holds tells whether a folder has all the files as they are.
func holds(path string, files fs.FS) (bool, error) {
	same := true
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		want, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		got, err := os.ReadFile(filepath.Join(path, filepath.FromSlash(name)))
		switch {
		case errors.Is(err, fs.ErrNotExist) || err == nil && !bytes.Equal(got, want):
			same = false
			return fs.SkipAll
		}
		return err
	})
	return same, err
}

func copyPrivately(path string, files fs.FS) error {
	return fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		to := filepath.Join(path, filepath.FromSlash(name))
		if entry.IsDir() {
			return os.MkdirAll(to, 0o700)
		}
		content, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		return os.WriteFile(to, content, 0o600)
	})
}
