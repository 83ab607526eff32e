//go:build unix

package words

import "syscall"

// errnos are the system's errors in plain words.
var errnos = map[syscall.Errno]string{
	syscall.EACCES:       noPermission,
	syscall.EPERM:        noPermission,
	syscall.ENOTDIR:      notFolder,
	syscall.EISDIR:       "it is a folder; name a file in it",
	syscall.ENOTEMPTY:    "the folder is not empty; remove what is in it first",
	syscall.ENOSPC:       full,
	syscall.EDQUOT:       full,
	syscall.EROFS:        readOnly,
	syscall.ENAMETOOLONG: "its name is too long; choose a shorter one",
	syscall.ETXTBSY:      "it is a program that runs; end it first",
	syscall.ENOEXEC:      "it is no program for this system",
	syscall.EMFILE:       "too many files are open; end other programs, then try again",
	syscall.ENFILE:       "too many files are open; end other programs, then try again",
	syscall.ECONNREFUSED: refused,
	syscall.ECONNRESET:   broken,
	syscall.EPIPE:        broken,
	syscall.ENETUNREACH:  unreachable,
	syscall.EHOSTUNREACH: unreachable,
	syscall.EADDRINUSE:   "another program uses that port; end it, or choose another port",
}
