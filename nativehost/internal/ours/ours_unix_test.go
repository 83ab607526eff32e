//go:build unix

package ours_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"userlike-inspector/nativehost/internal/ours"
)

// A link to a folder of ours is somebody else's. Windows lets few users make one.
func TestRemoveLink(t *testing.T) {
	dir := t.TempDir()
	folder, link := filepath.Join(dir, "folder"), filepath.Join(dir, "link")
	must(t, ours.Make(folder))
	must(t, os.Symlink(folder, link))
	if err := ours.Remove(link); !errors.Is(err, ours.ErrForeign) {
		t.Errorf("error %v", err)
	}
	if !ours.Is(folder) {
		t.Error("the folder is gone")
	}
	if _, err := os.Lstat(link); err != nil {
		t.Error(err)
	}
}
