//go:build unix

package tui_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/store"
	"userlike-inspector/nativehost/internal/tui/tuitest"
)

// On Windows a file that is open, as a store's is, can be neither removed nor replaced.

// TestStoreReplaced: when the store's file is deleted, that is shown and nothing is written. When
// another file has taken its place, that one is shown, in the same view with the same filter.
func TestStoreReplaced(t *testing.T) {
	s := newStore(t, visit())
	screen := tuitest.New(100, 24)
	run(t, reopening(s, screen))
	screen.WaitText(t, "6 calls", "── chat_window_minimized")
	screen.Press(t, "/")
	screen.Type("event:chat_*")
	screen.Press(t, "Enter", "3")
	screen.WaitText(t, "EXPECTED")
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(s.Path() + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
	}
	screen.WaitText(t, "✗ the file was deleted or moved while it was open", "what is listed was read before", "EXPECTED")
	screen.Press(t, "m")
	screen.Type("too late")
	screen.Press(t, "Enter")
	screen.WaitText(t, "not marked: the file was deleted or moved")
	screen.Press(t, "1", "w")
	screen.WaitText(t, "nothing can be written: the file was deleted or moved")
	screen.Press(t, "3")
	if left, err := filepath.Glob(s.Path() + "*"); err != nil || len(left) > 0 {
		t.Errorf("made anew: %q, %v", left, err)
	}
	if left := descriptors(t, s.Path()); left > 0 {
		t.Errorf("%d descriptors of the deleted file are left", left)
	}
	again, err := store.Open(t.Context(), s.Path())
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	screen.WaitText(t, "the file was deleted or moved while it was open; this is what is there now", "0 calls", "EXPECTED")
	add(t, again, numbered(append(many(1), call("slot_check", `{}`, `{}`)), 1))
	screen.WaitText(t, "/event:chat_*: 1 call ", "EXPECTED")
	screen.Press(t, "1")
	screen.WaitText(t, "event:chat_* 1 of 2", "── chat_window_maximized")
}

// TestStoreReplacedByOther: while the file in the store's place is no store, the reason is shown.
func TestStoreReplacedByOther(t *testing.T) {
	s := newStore(t, visit())
	screen := tuitest.New(80, 24)
	run(t, reopening(s, screen))
	screen.WaitText(t, "6 calls", "── chat_window_minimized")
	other := filepath.Join(t.TempDir(), "other")
	write(t, other, strings.Repeat("no database\n", 100))
	if err := errors.Join(os.Remove(s.Path()+"-wal"), os.Remove(s.Path()+"-shm"), os.Rename(other, s.Path())); err != nil {
		t.Fatal(err)
	}
	screen.WaitText(t, "✗ the file was replaced by another one", "it is not a recording of this program")
	if err := os.Remove(s.Path()); err != nil {
		t.Fatal(err)
	}
	screen.WaitText(t, "read before, and is not in a file any more")
	again, err := store.Open(t.Context(), s.Path())
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	screen.WaitText(t, "the file was replaced by another one while it was open; this is what is there", "0 calls")
}
