//go:build unix

package simulation

import (
	"io/fs"
	"os"
	"syscall"
)

// ownedByUser tells whether a file belongs to this user and nobody else may use it.
func ownedByUser(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Geteuid() && info.Mode()&0o077 == 0
}
