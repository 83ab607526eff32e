//go:build unix

package tui

import (
	"io"
	"os"
	"os/exec"
	"runtime/debug"
)

// keeper is a shell's script: it keeps how the terminal is and waits for this
// program's end. If that does not come in order, it gives the terminal back,
// whatever of it a screen takes, and says what the runtime has said.
const keeper = `
trap "" HUP INT QUIT TERM TSTP TTOU
was=$(stty -g </dev/tty) || exit
echo ready
said=$(LC_ALL=C tr -c '\11\12\40-\176' '?')
[ "$said" = ` + inOrder + ` ] && exit
stty "$was" </dev/tty
printf '\033[?1000l\033[?1002l\033[?1003l\033[?1006l\033[?1004l\033[?2004l' >/dev/tty # mouse, focus, paste
printf '\033[?9001l\033[<u\033[>4;0m\033[?1l\033>\033[0m\033[?25h\033[?1049l' >/dev/tty # keys, colours, cursor, screen
[ "$said" ] && echo The terminal interface failed, please report this: >/dev/tty
printf '%s\n' "${said:-The terminal interface was killed.}" >/dev/tty`

const inOrder = "."

// keepTerminal has the terminal given back however this program ends: by a panic
// in a library's goroutine, a fatal error of the runtime or a signal, of which
// nothing in this process hears. The function that it returns says that the end
// is in order. Where it can't be done, the terminal is given back by all other ends.
func keepTerminal() (ended func()) {
	nothing := func() {}
	in, reports, err := os.Pipe()
	if err != nil {
		return nothing
	}
	defer in.Close()
	shell := exec.Command("sh", "-c", keeper)
	shell.Stdin = in
	ready, err := shell.StdoutPipe()
	if err != nil || shell.Start() != nil {
		reports.Close()
		return nothing
	}
	ended = func() {
		_ = debug.SetCrashOutput(nil, debug.CrashOptions{})
		_, _ = io.WriteString(reports, inOrder)
		reports.Close()
		_ = shell.Wait()
	}
	if _, err := ready.Read(make([]byte, 1)); err != nil || debug.SetCrashOutput(reports, debug.CrashOptions{}) != nil {
		ended()
		return nothing
	}
	return ended
}
