//go:build unix

package files_test

import (
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"userlike-inspector/nativehost/internal/files"
)

// Open does not wait for the writer of a pipe, and does not read a device that never ends.
func TestOpenRefusesPipesAndDevices(t *testing.T) {
	t.Chdir(t.TempDir()) // a socket's path may have 103 bytes, and temporary folders on macOS have long ones
	const pipe, link, socket = "pipe", "link", "socket"
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(pipe, link); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	for path, what := range map[string]string{pipe: "a pipe", link: "a pipe", socket: "a socket", "/dev/zero": "a device"} {
		_, err := files.Open(path)
		if !errors.Is(err, files.ErrNotRegular) || !strings.Contains(err.Error(), what) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// Writing to a link replaces the link by a new file.
func TestWriteReplacesALink(t *testing.T) {
	dir := t.TempDir()
	other, link := filepath.Join(dir, "other"), filepath.Join(dir, "link")
	if err := os.WriteFile(other, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(other, link); err != nil {
		t.Fatal(err)
	}
	if err := files.Write(link, files.Private, func(w io.Writer) error { _, err := io.WriteString(w, "new"); return err }); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(other); err != nil || string(b) != "mine" {
		t.Errorf("what the link led to is %q, %v", b, err)
	}
	if b, err := os.ReadFile(link); err != nil || string(b) != "new" {
		t.Errorf("the file is %q, %v", b, err)
	}
}
