//go:build unix

package cli

import (
	"errors"
	"os"
	"syscall"

	"golang.org/x/term"
)

// escapes reports whether f is a terminal that takes escape sequences.
func escapes(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// readerLeft reports whether writing failed because nobody reads.
func readerLeft(err error) bool { return errors.Is(err, syscall.EPIPE) }
