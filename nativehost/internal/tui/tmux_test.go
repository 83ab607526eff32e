//go:build unix

package tui_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A terminal is the program in tmux, which is a real one.
type terminal struct {
	t      *testing.T
	server string
}

// startInTmux runs a command in a window of a size. tmux has to be installed.
func startInTmux(t *testing.T, width, height int, command string) *terminal {
	t.Helper()
	term := &terminal{t, filepath.Join(t.TempDir(), "tmux")}
	term.tmux("-f", "/dev/null", "new-session", "-d", "-s", "test", "-x", fmt.Sprint(width), "-y", fmt.Sprint(height),
		command+"; echo it ended with $?; read -r _")
	t.Cleanup(func() { term.tmux("kill-server") })
	return term
}

func (term *terminal) tmux(args ...string) string {
	term.t.Helper()
	cmd := exec.Command("tmux", append([]string{"-S", term.server}, args...)...)
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "TERM=xterm-256color")
	out, err := cmd.CombinedOutput()
	if err != nil {
		term.t.Fatalf("tmux %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

func (term *terminal) press(keys ...string) {
	term.t.Helper()
	term.tmux(append([]string{"send-keys", "-t", "test"}, keys...)...)
}

// wait waits until the screen shows all of texts.
func (term *terminal) wait(texts ...string) string {
	term.t.Helper()
	deadline := time.After(30 * time.Second)
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	for {
		shown := term.tmux("capture-pane", "-p", "-t", "test")
		missing := ""
		for _, text := range texts {
			if !strings.Contains(shown, text) {
				missing = text
			}
		}
		if missing == "" {
			return shown
		}
		select {
		case <-look.C:
		case <-deadline:
			term.t.Fatalf("waited in vain for %q; the screen shows:\n%s", missing, shown)
		}
	}
}

// TestTmux drives the program as people do, in a real terminal: views, filter,
// resizing, and what is left when it has ended.
func TestTmux(t *testing.T) {
	program := filepath.Join(t.TempDir(), "userlike-inspector")
	if out, err := exec.Command("go", "build", "-o", program, "userlike-inspector/nativehost").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	s := newStore(t, visit())
	term := startInTmux(t, 80, 24, "LC_ALL=C.UTF-8 "+program+" --store "+s.Path())
	term.wait("6 calls", "── chat_window_minimized", "✗ wrong-type")
	term.press("2")
	term.wait("RULE", "missing-field")
	term.press("6")
	term.wait("Chromium 156.0", "FUNCTION")
	term.press("j")
	term.wait("12 calls were not recorded")
	term.press("1", "/")
	term.wait("severity>=")
	term.press("-l", "event:disclaimer_ok")
	term.press("Enter")
	term.wait("/event:disclaimer_ok 1 of 11")
	term.press("m")
	term.press("-l", "from tmux")
	term.press("Enter")
	term.wait("marked: from tmux")
	term.press("Escape")
	term.wait("from tmux", "A mark set by a tester")
	term.tmux("resize-window", "-t", "test", "-x", "120", "-y", "40")
	term.wait("Userlike Inspector", "warnings")
	add(t, s, numbered(many(1), 13))
	term.press("G")
	term.wait("7 calls", "── chat_window_maximized")
	term.press("q")
	if left := term.wait("it ended with 0"); strings.Contains(left, "6 Sources") {
		t.Errorf("the terminal was not given back:\n%s", left)
	}
}
