//go:build !windows

package files

import (
	"errors"
	"syscall"
)

// inUse is only needed on Windows.
func inUse(_ string, err error) error { return err }

// passing tells whether an error may go away in a moment.
func passing(err error) bool { return errors.Is(err, syscall.ENOTEMPTY) }
