package cli

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// escapes reports whether f is a console that takes escape sequences. On Windows they have
// to be switched on
// (https://learn.microsoft.com/windows/console/console-virtual-terminal-sequences).
func escapes(f *os.File) bool {
	var mode uint32
	if windows.GetConsoleMode(windows.Handle(f.Fd()), &mode) != nil {
		return false // f is not a console
	}
	return windows.SetConsoleMode(windows.Handle(f.Fd()), mode|windows.ENABLE_PROCESSED_OUTPUT|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}

// readerLeft reports whether writing failed because nobody reads.
func readerLeft(err error) bool {
	return errors.Is(err, windows.ERROR_BROKEN_PIPE) || errors.Is(err, windows.ERROR_NO_DATA) || errors.Is(err, windows.ERROR_PIPE_NOT_CONNECTED)
}
