//go:build unix

// Package disk tells how much room there is.
package disk

import "golang.org/x/sys/unix"

// Free is how many bytes this user may still write where dir is.
func Free(dir string) (uint64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, err
	}
	return uint64(s.Bavail) * uint64(s.Bsize), nil
}
