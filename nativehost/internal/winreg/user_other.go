//go:build !windows

package winreg

// User is the registry of the running system, nil as only Windows has one.
func User() Registry { return nil }

// Values are the values below a key, of the system's and of the user's part, nil as only
// Windows has them.
func Values(string) []map[string]string { return nil }
