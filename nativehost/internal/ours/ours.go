// Package ours recognises the folders that this program has made. A folder is ours if it
// contains a marker file, whatever its name. Other folders are never removed, replaced or
// written into.
package ours

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Marker is the name of the file by which a folder is ours.
const Marker = "made-by-userlike-inspector.txt"

// firstLine is the first line of the marker. Nobody else writes it by chance.
const firstLine = "Userlike Inspector made this folder and removes it when it is no longer needed.\n"

// ErrForeign is wrapped by errors about folders that this program has not made.
var ErrForeign = errors.New("was not made by this program, so it is left as it is")

// Make makes dir a folder of ours, private to the user: a new or an empty one, or
// one that is ours already.
func Make(dir string) error {
	if Is(dir) {
		return nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	if len(entries) > 0 {
		return foreign(dir)
	}
	return Mark(dir)
}

// Mark puts the marker into a folder that the caller has just made.
func Mark(dir string) error {
	return os.WriteFile(filepath.Join(dir, Marker), []byte(firstLine), 0o600)
}

// Is tells whether dir is a folder of ours. A link to such a folder does not count.
func Is(dir string) bool {
	if info, err := os.Lstat(dir); err != nil || !info.IsDir() {
		return false
	}
	info, err := os.Lstat(filepath.Join(dir, Marker))
	if err != nil || !info.Mode().IsRegular() {
		return false
	}
	b, err := os.ReadFile(filepath.Join(dir, Marker))
	return err == nil && strings.HasPrefix(string(b), firstLine)
}

// Remove removes a folder of ours with everything in it. It is no error if it does not
// exist.
func Remove(dir string) error {
	if _, err := os.Lstat(dir); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if !Is(dir) {
		return foreign(dir)
	}
	// Remove the marker last, so that a folder that was only partly removed stays ours.
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() != Marker {
			err = errors.Join(err, os.RemoveAll(filepath.Join(dir, e.Name())))
		}
	}
	if err != nil {
		return err
	}
	return os.RemoveAll(dir)
}

func foreign(dir string) error { return fmt.Errorf("%s %w", dir, ErrForeign) }
