package tui_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"userlike-inspector/nativehost/internal/tui/tuitest"
)

// TestQuitAsks: the program asks before it closes a browser by quitting.
func TestQuitAsks(t *testing.T) {
	status := make(chan string)
	screen := tuitest.New(100, 24)
	o := options(newStore(t, visit()), screen)
	o.Status = status
	ended := run(t, o)
	screen.WaitText(t, "6 calls", "── chat_window_minimized", "q quit")
	screen.Press(t, "2")
	screen.WaitText(t, "RULE", "q back")
	screen.Press(t, "q") // back
	screen.WaitText(t, "q quit")
	for _, stay := range []string{"n", "Esc", "q"} {
		screen.Press(t, "q")
		screen.WaitText(t, "Quit? This closes Chromium 156.", "y quit", "n Esc stay")
		screen.Press(t, stay)
		screen.Wait(t, "no question", shows([]string{"q quit"}, []string{"Quit?"}))
	}
	screen.Press(t, "q", "y")
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestQuitWithoutBrowser: when the browser has been closed, the program quits without asking.
func TestQuitWithoutBrowser(t *testing.T) {
	status := make(chan string, 1)
	status <- "Chromium 156 has been closed; what was recorded stays"
	close(status)
	screen := tuitest.New(100, 24)
	o := options(newStore(t, visit()), screen)
	o.Status = status
	ended := run(t, o)
	screen.WaitText(t, "has been closed", "── chat_window_minimized")
	screen.Press(t, "q")
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestQuitWhileWriting: a file that is being written is finished before the program ends.
func TestQuitWhileWriting(t *testing.T) {
	ready := make(chan struct{})
	var slow atomic.Bool
	m := &moody{Store: newStore(t, visit()), records: func() {
		if slow.Load() {
			<-ready
		}
	}}
	screen := tuitest.New(100, 24)
	ended := run(t, options(m, screen))
	screen.WaitText(t, "6 calls", "── chat_window_minimized")
	settled(t, screen)
	slow.Store(true)
	path := filepath.Join(t.TempDir(), "all.jsonl")
	screen.Press(t, "w", "Ctrl-U")
	screen.Type(path)
	screen.Press(t, "Enter")
	screen.WaitText(t, "writing…")
	screen.Press(t, "q")
	screen.WaitText(t, "a file is still being written")
	close(ready)
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if data, err := os.ReadFile(path); err != nil || strings.Count(string(data), "\n") != 11 {
		t.Errorf("the file has %d lines: %v", strings.Count(string(data), "\n"), err)
	}
}

// TestHeld: while a menu is open, its event stays the one under the cursor although records come.
func TestHeld(t *testing.T) {
	s := newStore(t, visit())
	copied := make(chan string, 1)
	screen := tuitest.New(100, 24)
	o := options(s, screen)
	o.Copy = func(_ context.Context, text string) error { copied <- text; return nil }
	run(t, o)
	screen.WaitText(t, "6 calls", "── chat_window_minimized")
	settled(t, screen)
	screen.Press(t, "y")
	screen.WaitText(t, "event as JSON")
	add(t, s, numbered(many(1), 12))
	screen.WaitText(t, "7 calls", "── chat_window_minimized", "following")
	screen.Press(t, "j")
	if text := <-copied; !strings.Contains(text, `"chat_window_minimized"`) {
		t.Errorf("copied %s", text)
	}
	screen.WaitText(t, "── chat_window_maximized", "following")
	screen.Press(t, "Tab")
	screen.WaitText(t, "paused") // or the next record may come before the key
	add(t, s, numbered(many(1), 13))
	screen.WaitText(t, "8 calls", "── chat_window_maximized · 11:55:14.808", "paused, 1 waiting")
}
