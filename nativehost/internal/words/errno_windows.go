package words

import (
	"syscall"

	"golang.org/x/sys/windows"
)

// errnos are the system's errors in plain words. Windows has most of them only in the
// language of its user.
var errnos = map[syscall.Errno]string{
	windows.ERROR_ACCESS_DENIED:        noPermission,
	windows.ERROR_SHARING_VIOLATION:    "another program has it open; close it there",
	windows.ERROR_LOCK_VIOLATION:       "another program has it open; close it there",
	windows.ERROR_DIRECTORY:            notFolder,
	windows.ERROR_DIR_NOT_EMPTY:        "the folder is not empty; remove what is in it first",
	windows.ERROR_DISK_FULL:            full,
	windows.ERROR_HANDLE_DISK_FULL:     full,
	windows.ERROR_WRITE_PROTECT:        readOnly,
	windows.ERROR_INVALID_NAME:         `Windows does not allow such a name; leave out < > : " | ? *`,
	windows.ERROR_FILENAME_EXCED_RANGE: "its name is too long; choose a shorter one",
	windows.ERROR_BAD_EXE_FORMAT:       "it is no program for this system",
	windows.WSAECONNREFUSED:            refused,
	windows.WSAECONNRESET:              broken,
	windows.WSAECONNABORTED:            broken,
	windows.WSAENETUNREACH:             unreachable,
	windows.WSAEHOSTUNREACH:            unreachable,
	windows.WSAEADDRINUSE:              "another program uses that port; end it, or choose another port",
}
