//go:build unix

package tui

import (
	"io"
	"os"
	"os/exec"
	"runtime/debug"
)

// keeper is a shell script that runs beside the program. It saves the terminal's settings
// and reads from a pipe until the program ends. Unless the program then says that it ended
// in order, the script restores the settings, undoes every mode that tcell switches on, and
// prints what the Go runtime wrote into the pipe.
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

// inOrder is what the program writes into the pipe when it ends in order.
const inOrder = "."

// keepTerminal makes sure that the terminal is restored also where this program can't do it
// itself: after a panic in a library's goroutine, a fatal error of the runtime, or a signal
// such as SIGKILL. The caller calls ended when the program ends in order. If the script
// can't be started, the terminal is still restored at all ends that the program notices.
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
