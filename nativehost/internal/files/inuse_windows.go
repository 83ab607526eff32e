package files

import (
	"errors"
	"io/fs"

	"golang.org/x/sys/windows"
)

// inUse adds ErrInUse to an error if a file could not be replaced because it is open. In that
// case the system says "access denied", as for a file that may not be written.
func inUse(path string, err error) error {
	if !passing(err) {
		return err
	}
	name, nameErr := windows.UTF16PtrFromString(path)
	if nameErr != nil {
		return err
	}
	// Asking for exclusive access fails only if another program has the file open.
	h, openErr := windows.CreateFile(name, windows.GENERIC_READ, 0, nil, windows.OPEN_EXISTING, 0, 0)
	if openErr == nil {
		windows.CloseHandle(h)
	}
	if errors.Is(openErr, windows.ERROR_SHARING_VIOLATION) {
		return &fs.PathError{Op: "write", Path: path, Err: ErrInUse}
	}
	return err
}

// passing tells whether an error may go away in a moment. If a file is open, the error can
// also be "access denied", or that of the folder around it.
func passing(err error) bool {
	return errors.Is(err, windows.ERROR_ACCESS_DENIED) || errors.Is(err, windows.ERROR_SHARING_VIOLATION) || errors.Is(err, windows.ERROR_DIR_NOT_EMPTY)
}
