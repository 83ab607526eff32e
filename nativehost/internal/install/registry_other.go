//go:build !windows

package install

// UserRegistry is the running system's: only Windows has one.
func UserRegistry() Registry { return nil }
