//go:build unix

package cli

import (
	"os"
	"os/signal"
	"syscall"
	"time"
)

// stops returns a function that stops this program as ^Z does and returns once the shell
// has continued it. asked gets a signal when another program wants this one stopped,
// continued when it was continued.
func stops() (stop func() error, asked, continued <-chan os.Signal) {
	signals, wanted := make(chan os.Signal, 1), make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGCONT)
	signal.Notify(wanted, syscall.SIGTSTP)
	return func() error {
		probe, stopped, err := stopProbe()
		if err != nil {
			return err
		}
		if !stopped {
			return nil // there is no shell that could continue this program
		}
		defer func() {
			_ = syscall.Kill(probe, syscall.SIGKILL)
			_, _ = syscall.Wait4(probe, nil, 0, nil)
		}()
		signal.Ignore(syscall.SIGTSTP)
		defer signal.Notify(wanted, syscall.SIGTSTP)
		// The signal goes to the whole job, as ^Z in a terminal would: another program of
		// it, such as "go run", may have started this one. It does not stop this program
		// itself, which has listened for it: Go's runtime does not restore a signal's
		// default action (runtime/signal_unix.go). So this one gets SIGSTOP as well.
		if err := syscall.Kill(0, syscall.SIGTSTP); err != nil {
			return err
		}
		if err := syscall.Kill(os.Getpid(), syscall.SIGSTOP); err != nil {
			return err
		}
		select {
		case <-signals:
		case <-time.After(time.Second):
		}
		return nil
	}, wanted, signals
}

// stopProbe starts a program in this one's process group that stops itself as ^Z does, and
// reports whether the system has stopped it. The system stops no process of an orphaned
// group, since no shell could continue it
// (https://pubs.opengroup.org/onlinepubs/9699919799/functions/V2_chap02.html#tag_15_04_03).
func stopProbe() (pid int, stopped bool, err error) {
	if pid, err = syscall.ForkExec("/bin/sh", []string{"sh", "-c", "kill -TSTP $$"}, nil); err != nil {
		return 0, false, err
	}
	for {
		var status syscall.WaitStatus
		if _, err := syscall.Wait4(pid, &status, syscall.WUNTRACED, nil); err != syscall.EINTR {
			return pid, err == nil && status.Stopped(), err
		}
	}
}
