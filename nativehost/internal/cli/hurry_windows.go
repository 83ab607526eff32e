package cli

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// consolePatience is how long this program may wait for others once its console has been
// closed. Windows ends it 5 s after that
// (https://learn.microsoft.com/windows/console/handlerroutine). The remaining time is for
// saying what is missing, for ending the browser by force, and for the report.
const consolePatience = 3 * time.Second

// hurry returns a context that ends when nothing may be waited for any more. On Windows,
// Go's runtime sends SIGTERM only when the console is closed or the user's session ends
// (ctrlHandler in runtime/os_windows.go).
func hurry() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	closed := make(chan os.Signal, 1)
	signal.Notify(closed, syscall.SIGTERM)
	go func() {
		<-closed
		time.AfterFunc(consolePatience, cancel)
	}()
	return ctx
}
