package tui_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/tui/tuitest"
)

// TestCopy copies what the cursor is on, with a clipboard and without one.
func TestCopy(t *testing.T) {
	copied, none := make(chan string, 1), make(chan bool, 1)
	screen := tuitest.New(120, 40)
	o := options(newStore(t, visit()), screen)
	o.Copy = func(_ context.Context, text string) error {
		select {
		case <-none:
			return errors.New("no clipboard")
		default:
		}
		copied <- text
		return nil
	}
	run(t, o)
	screen.WaitText(t, "6 calls", "── chat_window_minimized")
	screen.Press(t, "N", "N", "N", "N")
	screen.WaitText(t, "── disclaimer_ok", "identity-changed")
	screen.Press(t, "Tab", "j", "Enter") // to the first finding's place
	for _, tt := range []struct{ key, what, want string }{
		{"p", "pointer", "/1/operator_group_id"},
		{"f", "finding", "wrong-type (error) at /1/operator_group_id\n"},
		{"j", "event", `{"v":1,"kind":"call"`},
	} {
		screen.Press(t, "y")
		screen.WaitText(t, "copy   v value")
		screen.Press(t, tt.key)
		screen.WaitText(t, "copied the "+tt.what+" to the clipboard")
		if got := <-copied; !strings.HasPrefix(got, tt.want) {
			t.Errorf("%s copied %q, want %q", tt.key, got, tt.want)
		}
	}
	none <- true
	screen.Press(t, "k", "k", "y", "v")
	screen.WaitText(t, "copied the value by the terminal (OSC 52)")
}
