//go:build browsers && unix

package e2e

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A terminal is a window of tmux, a real terminal, in which a command runs.
type terminal struct {
	t      testing.TB
	server string
}

// startInTmux runs a command in a window of a size. tmux has to be installed.
func startInTmux(t testing.TB, width, height int, command string) *terminal {
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
	deadline := time.After(time.Minute)
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

// visitFile is a recording of a short visit to a shop, with mistakes in it. It has every kind
// of record but hits.
const visitFile = "testdata/visit.jsonl"

// visited is the store of that visit.
func visited(t *testing.T) *product {
	t.Helper()
	p := newProduct(t, "")
	p.run(t, 0, "import", visitFile)
	return p
}

// TestTerminal uses the program in a real terminal: views, filter, a mark, resizing. At the end
// the terminal is as it was before.
func TestTerminal(t *testing.T) {
	p := visited(t)
	term := startInTmux(t, 80, 24, "LC_ALL=C.UTF-8 "+self(t)+" --store "+p.store)
	term.wait("6 calls", "── chat_window_minimized", "wrong-type")
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
	later := filepath.Join(p.home, "later.jsonl")
	write(t, later, `{"v":1,"kind":"call","id":"0b0f6a1e-1111-4222-8333-444455556666/13","seq":13,"time":"2026-11-22T11:55:16.042Z",`+
		`"document":"0b0f6a1e-1111-4222-8333-444455556666","url":"https://shop.example/basket?step=2","args":["chat_window_maximized",{},{}]}`)
	p.run(t, 0, "import", later)
	term.press("G")
	term.wait("7 calls", "── chat_window_maximized")
	term.press("q")
	if left := term.wait("it ended with 0"); strings.Contains(left, "6 Sources") {
		t.Errorf("the terminal was not given back:\n%s", left)
	}
}

func write(t testing.TB, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestTerminalShowsRecordings: showing recordings changes neither these nor the user's own store,
// and leaves no files behind.
func TestTerminalShowsRecordings(t *testing.T) {
	program, dir := self(t), t.TempDir()
	visit, err := os.ReadFile(visitFile)
	if err != nil {
		t.Fatal(err)
	}
	lines, other := filepath.Join(dir, "visit.jsonl"), filepath.Join(dir, "other.jsonl")
	write(t, lines, string(visit))
	write(t, other, strings.ReplaceAll(string(visit), "0b0f6a1e-1111-4222-8333-444455556666", "another"))
	p := newProduct(t, "")
	p.run(t, 0, "import", other)
	db := p.store
	plan := filepath.Join(dir, "plan.yaml")
	write(t, plan, "name: Checkout\nevents: {button_displayed: {count: 0}}\n")
	before, err := os.ReadFile(db)
	if err != nil {
		t.Fatal(err)
	}
	own, temporary := filepath.Join(dir, "own.db"), filepath.Join(dir, "temporary")
	if err := os.Mkdir(temporary, 0o700); err != nil {
		t.Fatal(err)
	}
	shows := func(files string) string {
		environment := fmt.Sprintf("LC_ALL=C.UTF-8 TMPDIR=%s XDG_CACHE_HOME=%s USERLIKE_INSPECTOR_STORE=%s", temporary, temporary, own)
		return fmt.Sprintf("%s %s show --plan %s %s", environment, program, plan, files)
	}
	left := func() []string {
		all, _ := filepath.Glob(temporary + "/*")
		sessions, _ := filepath.Glob(temporary + "/userlike-inspector/sessions/s*")
		return append(slices.DeleteFunc(all, func(path string) bool { return filepath.Base(path) == "userlike-inspector" }), sessions...)
	}
	t.Run("killed", func(t *testing.T) {
		pid := filepath.Join(dir, "pid")
		term := startInTmux(t, 120, 40, fmt.Sprintf("sh -c 'echo $$ >%s; exec env %s'", pid, shows(lines)))
		term.wait("6 calls")
		kill(t, "KILL", pid)
		term.wait("The terminal interface was killed.")
		if left := left(); len(left) != 1 {
			t.Errorf("left behind are %q, want the folder that the next one clears away", left)
		}
	})
	for _, tt := range []struct{ what, files, calls string }{
		{"lines", lines, "6 calls"},
		{"a store", db, "6 calls"},
		{"both", db + " " + lines, "12 calls"},
	} {
		t.Run(tt.what, func(t *testing.T) {
			term := startInTmux(t, 120, 40, shows(tt.files))
			term.wait(tt.calls, "plan Checkout", "only reading "+filepath.Base(strings.Fields(tt.files)[0]))
			term.press("m")
			term.wait("not marked: this is a recording")
			term.press("2")
			term.wait("unexpected-event")
			term.press("q", "q")
			term.wait("it ended with 0")
			if _, err := os.Stat(own); !os.IsNotExist(err) {
				t.Errorf("the user's own store was touched: %v", err)
			}
			if after, err := os.ReadFile(db); err != nil || !bytes.Equal(before, after) {
				t.Errorf("the recording has changed: %v", err)
			}
			beside, err := filepath.Glob(db + "?*")
			if left := left(); err != nil || len(beside) > 0 || len(left) > 0 {
				t.Errorf("left behind: %q, %q, %v", beside, left, err)
			}
		})
	}
}

// TestTerminals: the program can be read in every kind of terminal. It uses only the sixteen colours
// that users choose themselves, and of these only such as can be read on dark and on light
// backgrounds. Where there is only ASCII, it writes nothing else.
func TestTerminals(t *testing.T) {
	const (
		colours = "31 32 33 35 36 91 95" // red, green, olive, fuchsia and teal
		looks   = "0 1 2 7 22 27 39 49"  // bold, dim, reverse, and the terminal's own colours
	)
	program, p := self(t), visited(t)
	for _, tt := range []struct {
		name, environment string
		sgr               string // the codes that may set a style
	}{
		{"8 colours", "TERM=xterm LC_ALL=C.UTF-8", looks + " " + colours},
		{"the console", "TERM=linux LC_ALL=C.UTF-8", looks + " " + colours},
		{"256 colours", "TERM=xterm-256color LC_ALL=C.UTF-8", looks + " " + colours},
		{"true colour", "TERM=xterm-256color COLORTERM=truecolor LC_ALL=C.UTF-8", looks + " " + colours},
		{"no colour", "TERM=xterm-256color NO_COLOR=1 LC_ALL=C.UTF-8", looks},
		{"a terminal without colours", "TERM=vt100 LC_ALL=C.UTF-8", looks},
		{"no UTF-8", "TERM=xterm LC_ALL=C", looks + " " + colours},
		{"another character set", "TERM=xterm LC_ALL=de_DE.ISO-8859-15", looks + " " + colours},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			term := startInTmux(t, 80, 24, "env -u COLORTERM -u NO_COLOR "+tt.environment+" "+program+" --store "+p.store)
			shown := term.wait("6 calls", " chat_window_minimized", " wrong-type")
			plain := !strings.Contains(tt.environment, "UTF-8")
			for _, r := range shown {
				if plain && r > '~' {
					t.Fatalf("%q is no ASCII:\n%s", r, shown)
				}
			}
			if ascii := strings.Contains(shown, "x 22 11:55"); ascii != plain {
				t.Errorf("the glyphs are not those of this terminal:\n%s", shown)
			}
			styled := term.tmux("capture-pane", "-e", "-p", "-t", "test")
			if strings.Contains(styled, "7m✓") {
				t.Errorf("a tick looks as if the cursor were there:\n%q", styled)
			}
			coloured, strange := false, map[string]bool{}
			for _, m := range regexp.MustCompile(`\x1b\[([0-9;:]*)m`).FindAllStringSubmatch(styled, -1) {
				for _, one := range strings.Split(m[1], ";") {
					coloured = coloured || one == "31" || one == "91"
					if !slices.Contains(strings.Fields(tt.sgr), one) {
						strange[m[0]] = true
					}
				}
			}
			if len(strange) > 0 {
				t.Errorf("there is %q, want %s only", slices.Sorted(maps.Keys(strange)), tt.sgr)
			}
			if coloured != strings.Contains(tt.sgr, "31") {
				t.Errorf("an error is red: %v", coloured)
			}
		})
	}
}

// kill sends a signal to the process whose number is in a file.
func kill(t *testing.T, signal, file string) {
	t.Helper()
	number, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("kill", "-"+signal, strings.TrimSpace(string(number))).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

// givenBack fails the test if a screen still shows the program.
func givenBack(t *testing.T, screen string) {
	t.Helper()
	if strings.Contains(screen, "6 Sources") {
		t.Errorf("the terminal was not given back:\n%s", screen)
	}
}

// mouseOff fails the test if the terminal still reports the mouse.
func mouseOff(t *testing.T, term *terminal) {
	t.Helper()
	if flag := term.tmux("display-message", "-p", "-t", "test", "#{mouse_any_flag}"); strings.TrimSpace(flag) != "0" {
		t.Error("the terminal still reports the mouse")
	}
}

// inShell is a shell command that runs the program on a store and writes its process number into a
// file.
func inShell(program, storePath, pid string) string {
	return "sh -c 'echo $$ >" + pid + "; LC_ALL=C.UTF-8 exec " + program + " --store " + storePath + "'"
}

// TestTerminalGivenBack: whatever signal ends the program, the terminal is as it was before.
func TestTerminalGivenBack(t *testing.T) {
	program, p := self(t), visited(t)
	for _, signal := range []string{"TERM", "HUP", "INT"} {
		t.Run(signal, func(t *testing.T) {
			t.Parallel()
			pid := filepath.Join(t.TempDir(), "pid")
			settings := "stty -a | tr ' ' '\\n' | grep -x -e echo -e icanon"
			term := startInTmux(t, 80, 24, "echo before; "+inShell(program, p.store, pid)+"; echo code $?; "+settings)
			term.wait("6 calls", "── chat_window_minimized")
			kill(t, signal, pid)
			givenBack(t, term.wait("before", "code 2", "icanon", "echo", "it ended with 0"))
		})
	}
}

// TestTerminalAfterCrash: the terminal is as it was also after a crash that the program can't
// notice.
func TestTerminalAfterCrash(t *testing.T) {
	program, p := self(t), visited(t)
	for signal, said := range map[string]string{"SEGV": "SIGSEGV", "QUIT": "SIGQUIT", "KILL": "was killed"} {
		t.Run(signal, func(t *testing.T) {
			t.Parallel()
			pid := filepath.Join(t.TempDir(), "pid")
			term := startInTmux(t, 80, 1000, "PS1='$ ' LC_ALL=C.UTF-8 sh -i")
			term.wait("$")
			term.press("-l", inShell(program, p.store, pid))
			term.press("Enter")
			term.wait("6 calls", "── chat_window_minimized")
			kill(t, signal, pid)
			term.wait("The terminal interface", said)
			term.press("-l", "clear; stty -a | tr ' ' '\\n' | grep -x -e echo -e icanon")
			term.press("Enter")
			givenBack(t, term.wait("icanon", "echo"))
			mouseOff(t, term)
		})
	}
}

// TestTerminalStopped: when the program is suspended, it leaves the terminal to the shell as it
// was, unless by SIGSTOP, which it can't notice. When it is continued, it has the terminal again.
func TestTerminalStopped(t *testing.T) {
	program, p := self(t), visited(t)
	for _, by := range []string{"^Z", "TSTP", "STOP"} {
		t.Run(by, func(t *testing.T) {
			t.Parallel()
			pid := filepath.Join(t.TempDir(), "pid")
			term := startInTmux(t, 80, 24, "PS1='$ ' LC_ALL=C.UTF-8 bash --norc -i")
			term.wait("$")
			term.press("-l", inShell(program, p.store, pid))
			term.press("Enter")
			term.wait("6 calls", "── chat_window_minimized")
			if by == "^Z" {
				term.press("C-z")
			} else {
				kill(t, by, pid)
			}
			if left := term.wait("[1]+"); by != "STOP" {
				givenBack(t, left)
				mouseOff(t, term)
			}
			term.press("-l", "clear; fg")
			term.press("Enter")
			term.wait("6 calls", "── chat_window_minimized")
			term.press("2")
			term.wait("RULE", "missing-field")
			term.press("1", "q")
			term.wait("$")
		})
	}
}

// TestTerminalNotStopped: the program can't be suspended where no shell could continue it.
func TestTerminalNotStopped(t *testing.T) {
	program, p := self(t), visited(t)
	for _, by := range []string{"^Z", "TSTP"} {
		t.Run(by, func(t *testing.T) {
			t.Parallel()
			pid := filepath.Join(t.TempDir(), "pid")
			term := startInTmux(t, 80, 24, inShell(program, p.store, pid))
			term.wait("6 calls", "── chat_window_minimized")
			if by == "^Z" {
				term.press("C-z")
			} else {
				kill(t, by, pid)
			}
			term.press("2")
			term.wait("RULE", "missing-field")
			term.press("1", "q")
			term.wait("it ended with 0")
		})
	}
}

// TestTerminalClosed: when the terminal's window is closed, the program ends.
func TestTerminalClosed(t *testing.T) {
	program, p := self(t), visited(t)
	for i := range 4 { // the system sends two signals, in any order, so one try may not be enough
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			pid := filepath.Join(t.TempDir(), "pid")
			term := startInTmux(t, 80, 24, inShell(program, p.store, pid))
			term.tmux("new-session", "-d", "-s", "other") // or tmux would end with its only window
			term.wait("6 calls", "── chat_window_minimized")
			text, err := os.ReadFile(pid)
			if err != nil {
				t.Fatal(err)
			}
			number, err := strconv.Atoi(strings.TrimSpace(string(text)))
			if err != nil {
				t.Fatal(err)
			}
			term.tmux("kill-session", "-t", "test")
			deadline := time.After(time.Minute)
			look := time.NewTicker(50 * time.Millisecond)
			defer look.Stop()
			for syscall.Kill(number, 0) == nil {
				select {
				case <-look.C:
				case <-deadline:
					syscall.Kill(number, syscall.SIGKILL)
					t.Fatal("the program goes on without a terminal")
				}
			}
		})
	}
}
