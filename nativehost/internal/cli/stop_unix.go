//go:build unix

package cli

import (
	"os"
	"os/signal"
	"syscall"
	"time"
)

// stops returns what stops this program as ^Z does, until the shell continues it, and
// tells when it has been continued otherwise.
func stops() (stop func() error, continued <-chan os.Signal) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGCONT)
	return func() error {
		// The whole job, as the terminal would: it may have been started by another program of it.
		if err := syscall.Kill(0, syscall.SIGTSTP); err != nil {
			return err
		}
		select {
		case <-signals:
		case <-time.After(time.Second): // the system stops nothing that no shell could continue
		}
		return nil
	}, signals
}
