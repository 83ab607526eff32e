package tui_test

import (
	"fmt"
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/tui/tuitest"
)

// TestCompare notes one event, compares another one with it, and looks at the differences.
func TestCompare(t *testing.T) {
	for _, size := range [][2]int{{60, 20}, {120, 40}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			screen := tuitest.New(size[0], size[1])
			run(t, options(newStore(t, visits()), screen))
			screen.WaitText(t, "12 calls", "── chat_window_maximized")
			screen.Press(t, "k")
			screen.WaitText(t, "── chat_connected")
			screen.Press(t, "c")
			screen.WaitText(t, "noted chat_connected", "≠ chat_connected")
			screen.Press(t, "c")
			screen.WaitText(t, "not noted any more")
			screen.Press(t, "c", "g", "c")
			screen.WaitText(t, "only calls and hits can be compared")
			screen.Press(t, "/")
			screen.Type("event:chat_connected")
			screen.Press(t, "Enter", "g")
			screen.WaitText(t, "2 of 20")
			screen.Press(t, "c")
			golden(t, screen, fmt.Sprintf("compare-%dx%d", size[0], size[1]), "A chat_connected", "B chat_connected", "only A ✗ wrong-type", "≠ /1/operator_group_id")
			screen.Press(t, "n", "n")
			screen.Wait(t, "the second difference", func(f tuitest.Frame) bool { return strings.HasPrefix(underCursor(f), "≠ /1/client_uuid") })
			screen.Press(t, "a")
			screen.WaitText(t, "  /0", "  /1/widget_id")
			screen.Press(t, "Esc")
			screen.WaitText(t, "2 of 20", "≠ chat_connected")
		})
	}
}

// TestBookmarks: u and U go from one bookmark or mark to the next, round the ends, and '
// goes back to where the cursor was.
func TestBookmarks(t *testing.T) {
	screen := tuitest.New(100, 30)
	run(t, options(newStore(t, visit()), screen))
	screen.WaitText(t, "6 calls", "── chat_window_minimized")
	screen.Press(t, "N", "N", "N", "N")
	screen.WaitText(t, "── disclaimer_ok")
	screen.Press(t, "b")
	screen.WaitText(t, "★ disclaimer_ok")
	screen.Press(t, "u")
	screen.WaitText(t, "── mark")
	screen.Press(t, "u")
	screen.WaitText(t, "── disclaimer_ok", "went round: this is the first bookmark or mark")
	screen.Press(t, "U")
	screen.WaitText(t, "── mark", "went round: this is the last bookmark or mark")
	screen.Press(t, "G", "x")
	screen.WaitText(t, "── disclaimer_ok")
	screen.Press(t, "'")
	screen.WaitText(t, "── chat_window_minimized")
	screen.Press(t, "'")
	screen.WaitText(t, "── mark")
	screen.Press(t, "U", "b")
	screen.WaitText(t, "the bookmark is gone")
	screen.Press(t, "u", "u")
	screen.WaitText(t, "there is no other bookmark or mark")
}

// TestBell: the bell rings at a new error, but not at errors that were there before, nor when
// the numbers change by another scope.
func TestBell(t *testing.T) {
	s := newStore(t, visit())
	screen := tuitest.New(100, 30)
	run(t, options(s, screen))
	screen.WaitText(t, "6 calls", "── chat_window_minimized", "✗ 6")
	add(t, s, elsewhere(numbered(visit(), 1), "second"))
	screen.WaitText(t, "12 calls", "✗ 12")
	screen.Press(t, "B")
	screen.WaitText(t, "a bell rings at each new error")
	screen.Press(t, "g", "f", "e")
	screen.WaitText(t, "/kind:page: 0 calls")
	screen.Press(t, "W")
	screen.WaitText(t, "\n 12 calls", "✗ 12")
	if n := screen.Bells(); n != 0 {
		t.Errorf("%d bells before there is a new error", n)
	}
	add(t, s, elsewhere(numbered(visit(), 1), "third"))
	screen.WaitText(t, "18 calls", "✗ 18")
	if n := screen.Bells(); n == 0 {
		t.Error("no bell at new errors")
	}
}
