package tui_test

import (
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/tui/tuitest"
)

// TestFilterHint: the hint of what to type fits into 80 cells.
func TestFilterHint(t *testing.T) {
	screen := tuitest.New(80, 24)
	run(t, options(newStore(t, visit()), screen))
	screen.WaitText(t, "6 calls", "── chat_window_minimized")
	screen.Press(t, "/")
	screen.WaitText(t, "/a text or event:NAME; Tab completes, F1 explains ", "11 records")
}

// TestFilterTyping: while an invalid filter is typed, the mistake is shown and the last valid filter
// stays in force. It can be corrected later.
func TestFilterTyping(t *testing.T) {
	screen := tuitest.New(100, 24)
	run(t, options(newStore(t, visit()), screen))
	screen.WaitText(t, "6 calls", "── chat_window_minimized")
	screen.Press(t, "/")
	screen.WaitText(t, "event:", "severity>=")
	screen.Type("sev")
	screen.Press(t, "Tab")
	screen.WaitText(t, "/severity>=", "none", "error")
	screen.Press(t, "Tab", "Backtab")
	screen.WaitText(t, "/severity>=error")
	screen.WaitText(t, "5 of 11")
	screen.Type(" -")
	screen.WaitText(t, "✗ column 17: there is nothing after \"-\"", "5 of 11")
	screen.Type("evnt:x")
	screen.WaitText(t, "✗ column 18: there is no field \"evnt\"; did you mean event?", "5 of 11")
	screen.Press(t, "Enter")
	screen.WaitText(t, "the filter stays as it was: column 18")
	screen.Press(t, "j")
	screen.Wait(t, "all records", func(f tuitest.Frame) bool { return !strings.Contains(f.Text(), "5 of 11") })
	screen.Press(t, "/", "Up") // the invalid one is in the history
	screen.WaitText(t, "/severity>=error -evnt:x", "✗ column 18")
	screen.Press(t, "Backspace2", "Backspace2", "Enter")
	screen.WaitText(t, "/severity>=error -evnt 5 of 11", "/severity>=error -evnt: 4 calls")
	screen.Press(t, "/")
	screen.Type(" event:discl")
	screen.WaitText(t, "disclaimer_ok")
	screen.Press(t, "Tab", "Enter")
	screen.WaitText(t, "/severity>=error -evnt event:disclaimer_ok 1 of 11")
	screen.Press(t, "Esc")
	screen.Wait(t, "all records", func(f tuitest.Frame) bool { return !strings.Contains(f.Text(), "1 of 11") })
}

// TestFilterCompletion: Tab completes the places in custom_data, and also a term in the middle of
// the text.
func TestFilterCompletion(t *testing.T) {
	screen := tuitest.New(100, 24)
	run(t, options(newStore(t, visit()), screen))
	screen.WaitText(t, "6 calls", "── chat_window_minimized")
	screen.Press(t, "/")
	screen.Type("/2/custom_data/ba")
	screen.WaitText(t, "/2/custom_data/basket/*/qty:")
	screen.Press(t, "Tab")
	screen.Type("*")
	screen.WaitText(t, "/2/custom_data/basket:*", "1 of 11")
	screen.Press(t, "Ctrl-U")
	screen.Type("event:disc kind:call")
	for range " kind:call" {
		screen.Press(t, "Left")
	}
	screen.Press(t, "Tab")
	screen.WaitText(t, "/event:disclaimer_ok kind:call", "1 of 11")
	screen.Type(",chat_started_")
	screen.Press(t, "Tab")
	screen.WaitText(t, "/event:disclaimer_ok,chat_started_proactive kind:call", "1 of 11")
}
