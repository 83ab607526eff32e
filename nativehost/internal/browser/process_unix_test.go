//go:build unix

package browser

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Firefox is reached by a socket of this user's, however long the session's path is.
func TestDebuggerAddress(t *testing.T) {
	for _, length := range []int{1, 60, 200} {
		dir := filepath.Join(t.TempDir(), strings.Repeat("d", length))
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		_, network, address, remove, err := debuggerAddress(dir)
		if err != nil {
			t.Fatal(err)
		}
		l, err := net.Listen(network, address)
		if err != nil {
			t.Errorf("%d: %v", length, err)
			continue
		}
		if info, err := os.Stat(filepath.Dir(address)); err != nil || info.Mode().Perm() != 0o700 || len(address) > maxSocket {
			t.Errorf("%s: %v, %v", address, info, err)
		}
		l.Close()
		remove()
		if _, err := os.Stat(filepath.Dir(address)); (err == nil) != (filepath.Dir(address) == dir) {
			t.Errorf("%s after all: %v", address, err)
		}
	}
}
