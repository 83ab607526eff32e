package tui_test

import (
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/tui/tuitest"
)

// TestMouse: a click goes to a view, a row or a line, a second one opens it, and the wheel scrolls
// the pane that it is over.
func TestMouse(t *testing.T) {
	records := numbered(append(visit(), many(60)...), 1)
	screen := tuitest.New(100, 30)
	run(t, options(newStore(t, records), screen))
	screen.WaitText(t, "66 calls", "── chat_window_maximized")

	// at clicks on the first place from a row on that shows a text.
	at := func(from int, text string) {
		t.Helper()
		screen.WaitText(t, text)
		for y, row := range strings.Split(screen.Frame().Text(), "\n") {
			if i := strings.Index(row, text); y >= from && i >= 0 {
				screen.Click(t, len([]rune(row[:i])), y)
				return
			}
		}
		t.Fatalf("%q is not below row %d:\n%s", text, from, screen.Frame().Text())
	}
	screen.Press(t, "g")
	screen.WaitText(t, "── page opened")
	at(3, "disclaimer_ok")
	screen.WaitText(t, "── disclaimer_ok", "paused", "! identity-changed") // the finding on the visit comes last
	at(3, "disclaimer_ok")                                                 // opens it: the keys go to the detail now
	screen.Press(t, "r")
	at(13, `"kind": "call"`)
	screen.Press(t, "r")
	screen.WaitText(t, "expected integer, found string")
	screen.Wheel(t, 5, 25, 1)
	screen.Wait(t, "a scrolled detail", func(f tuitest.Frame) bool { return !strings.Contains(f.Text(), "expected integer, found string") })
	at(13, "▾ global_ctx")
	at(13, "▾ global_ctx")
	screen.WaitText(t, "▸ global_ctx")
	screen.Wheel(t, 5, 5, 2)
	screen.WaitText(t, "── chat_window_maximized")
	screen.Wheel(t, 5, 5, -1)
	screen.WaitText(t, "── CALLS LOST")

	at(0, "2 Findings")
	screen.WaitText(t, "PLACE")
	at(3, "undocumented-event")
	screen.WaitText(t, `event_name is "chat_startet"`)
	at(3, "undocumented-event")
	screen.WaitText(t, "undocumented-event /0 1 of 71", "── chat_startet")
	at(0, "1 Events")

	// While something is typed, the mouse does nothing.
	screen.Press(t, "/")
	at(0, "2 Findings")
	screen.Type("event:chat_startet")
	screen.WaitText(t, "/event:chat_startet", "── chat_startet")
}

// TestMouseOff: M leaves the mouse to the terminal, which selects text with it, and takes it back.
func TestMouseOff(t *testing.T) {
	screen := tuitest.New(80, 24)
	run(t, options(newStore(t, visit()), screen))
	screen.WaitText(t, "── chat_window_minimized")
	if !screen.Mouse() {
		t.Error("the mouse is off at first")
	}
	for _, tt := range []struct {
		says string
		on   bool
	}{
		{"the mouse is off", false},
		{"the mouse is on", true},
	} {
		screen.Press(t, "M")
		screen.WaitText(t, tt.says)
		if screen.Mouse() != tt.on {
			t.Errorf("the screen's mouse is not as it says: %s", tt.says)
		}
	}
}

// TestWheelOnBoard: a board stays where it was scrolled to when it is made anew.
func TestWheelOnBoard(t *testing.T) {
	s := newStore(t, visit())
	screen := tuitest.New(100, 24)
	run(t, options(s, screen))
	screen.WaitText(t, "6 calls", "── chat_window_minimized")
	screen.Press(t, "3")
	settled(t, screen)
	screen.Wheel(t, 10, 6, 8)
	screen.Wait(t, "other events", func(f tuitest.Frame) bool { return !strings.Contains(f.Text(), "chat_startet") })
	add(t, s, numbered(many(1), 12))
	f := screen.WaitText(t, "7 calls")
	if strings.Contains(f.Text(), "chat_startet") {
		t.Errorf("it went back to the top:\n%s", f.Text())
	}
}
