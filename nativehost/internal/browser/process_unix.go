//go:build unix

package browser

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"

	"userlike-inspector/nativehost/internal/paths"
)

// group is a started browser with all of its processes: on Unix its process
// group, which the native messaging hosts that it starts are in, too.
type group struct{ pid int }

// start starts cmd in a session of its own, so that neither ^C in the
// terminal nor the terminal's end reaches the browser before its last records
// are stored.
func start(cmd *exec.Cmd) (*group, error) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return &group{cmd.Process.Pid}, nil
}

// alive says whether any process of the group lives.
func (f *group) alive() bool { return groupAlive(f.pid) }

// kill ends every process of the group at once.
func (f *group) kill() {
	// An error says that none is left.
	_ = unix.Kill(-f.pid, unix.SIGKILL)
}

// release frees what start acquired.
func (f *group) release() {}

// killLeftover ends a browser that another process started, and waits for it.
func killLeftover(pid int) {
	f := &group{pid}
	f.kill()
	f.await(context.Background(), endingTime)
}

// inheritPipes hands the browser its ends of the debugging pipe, as file
// descriptors 3 and 4.
func inheritPipes(cmd *exec.Cmd, in, out *os.File) {
	cmd.ExtraFiles = []*os.File{in, out}
}

// maxSocket is how long a socket's path may be: sun_path less its NUL, on macOS.
const maxSocket = 103

// debuggerAddress is where Firefox shall listen, as its flag's value and for
// net.Dial: a socket that only this user can reach. It is in dir, or in a folder of
// its own where dir's path is too long for a socket; the function removes that.
func debuggerAddress(dir string) (flag, network, address string, remove func(), err error) {
	remove = func() {}
	if path := filepath.Join(dir, "socket"); len(path) <= maxSocket {
		return path, "unix", path, remove, nil
	}
	short, err := os.MkdirTemp("/tmp", paths.Product) // 0700
	if err != nil {
		return "", "", "", remove, fmt.Errorf("making a folder for a socket: %w", err)
	}
	path := filepath.Join(short, "socket")
	return path, "unix", path, func() { os.RemoveAll(short) }, nil
}

func lockWait(f *os.File) error { return unix.Flock(int(f.Fd()), unix.LOCK_EX) }

// lockTry reports whether it could lock f.
func lockTry(f *os.File) (bool, error) {
	err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return false, nil
	}
	return err == nil, err
}

func isRoot() bool { return os.Geteuid() == 0 }
