package ours_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"userlike-inspector/nativehost/internal/ours"
)

// Only folders with the marker are removed, whatever their name.
func TestRemove(t *testing.T) {
	for name, tt := range map[string]struct {
		make func(t *testing.T, dir string)
		ours bool
	}{
		"made":       {func(t *testing.T, dir string) { must(t, ours.Make(dir)) }, true},
		"made twice": {func(t *testing.T, dir string) { must(t, ours.Make(dir)); must(t, ours.Make(dir)) }, true},
		"was empty":  {func(t *testing.T, dir string) { must(t, os.Mkdir(dir, 0o700)); must(t, ours.Make(dir)) }, true},
		"somebody's": {func(t *testing.T, dir string) { must(t, os.Mkdir(dir, 0o700)) }, false},
		"another marker": {func(t *testing.T, dir string) {
			must(t, os.Mkdir(dir, 0o700))
			write(t, filepath.Join(dir, ours.Marker), "x")
		}, false},
		"a folder as marker": {func(t *testing.T, dir string) {
			must(t, os.MkdirAll(filepath.Join(dir, ours.Marker), 0o700))
		}, false},
		"a file": {func(t *testing.T, dir string) { write(t, dir, "mine") }, false},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "extension")
			tt.make(t, dir)
			if info, err := os.Stat(dir); err == nil && info.IsDir() {
				write(t, filepath.Join(dir, "file"), "content")
			}
			err := ours.Remove(dir)
			_, there := os.Lstat(dir)
			switch {
			case tt.ours && (err != nil || !os.IsNotExist(there)):
				t.Errorf("not removed: %v, %v", err, there)
			case !tt.ours && (!errors.Is(err, ours.ErrForeign) || there != nil):
				t.Errorf("somebody else's was removed: %v, %v", err, there)
			}
		})
	}
	if err := ours.Remove(filepath.Join(t.TempDir(), "nothing")); err != nil {
		t.Errorf("what isn't there: %v", err)
	}
}

// A folder that is already in use does not become ours.
func TestMakeForeign(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "thesis.txt"), "mine")
	if err := ours.Make(dir); !errors.Is(err, ours.ErrForeign) || ours.Is(dir) {
		t.Errorf("error %v", err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	must(t, os.WriteFile(path, []byte(content), 0o600))
}
