//go:build unix

package store_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/store"
)

// On Windows a file that is open, as a store's is, can be neither removed nor replaced.

func TestDeletedStore(t *testing.T) {
	t.Parallel()
	for name, suffixes := range map[string][]string{
		"all of it":         {"", "-wal", "-shm"},
		"all but its index": {"", "-wal"},
		"the file alone":    {""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := newPath(t)
			old := open(t, path)
			add(t, old, calls("old", 1, 50)...)
			wakes := follow(t, old)
			for _, suffix := range suffixes {
				if err := os.Remove(path + suffix); err != nil {
					t.Fatal(err)
				}
			}
			wake(t, wakes)
			gone(t, old)

			// Opened again, it is a new store, even though the old one is still open.
			fresh := open(t, path)
			add(t, fresh, calls("new", 1, 3)...)
			gone(t, old)
			if err := old.Close(); err != nil {
				t.Error(err)
			}
			add(t, fresh, calls("new", 4, 6)...)
			other := open(t, path)
			add(t, other, calls("new", 7, 7)...)
			for _, s := range []*store.Store{fresh, other} {
				if got := strings.Join(ids(t, s, 100), " "); got != "new/1 new/2 new/3 new/4 new/5 new/6 new/7" {
					t.Errorf("stored %s", got)
				}
			}
		})
	}
}

func TestReplacedStore(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	another := filepath.Join(filepath.Dir(path), "another.db")
	recording(t, another, 3)
	old := open(t, path)
	wakes := follow(t, old)
	if err := os.Rename(another, path); err != nil {
		t.Fatal(err)
	}
	wake(t, wakes)
	gone(t, old)
}

// A process that still has the deleted file open also has its -wal and -shm files. The
// first process that makes a new file at this path must not use them.
func TestDeletedStoreThatAnotherProcessHolds(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	end, input, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer input.Close()
	holder, says := process(t, end, "hold", path)
	if !says.Scan() {
		t.Fatal("the store is not held")
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	fresh := open(t, path)
	add(t, fresh, calls("new", 1, 3)...)
	input.Close()
	lines(t, holder, says)
	add(t, fresh, calls("new", 4, 6)...)
	if got := strings.Join(ids(t, open(t, path), 100), " "); got != "new/1 new/2 new/3 new/4 new/5 new/6" {
		t.Errorf("stored %s", got)
	}
}
