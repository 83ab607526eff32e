//go:build browsers

package e2e

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"userlike-inspector/nativehost/internal/producttest"
)

// The README's first command works on a machine that has nothing but a package
// manager: it gets a browser, shows how, and starts it. The machine is a folder that is
// made the root, in a user namespace, which not every container or system allows.
func TestFirstCommandOnABareMachine(t *testing.T) {
	root := t.TempDir()
	for _, dir := range []string{"usr/bin", "tmp", "root"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(root, "dev"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "dev/null"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	// Where the program finds itself; a root without any /proc is no machine.
	if err := os.MkdirAll(filepath.Join(root, "proc/self"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/usr/bin/userlike-inspector", filepath.Join(root, "proc/self/exe")); err != nil {
		t.Fatal(err)
	}
	for _, program := range []string{"userlike-inspector", "apt-get", "apt-cache"} {
		if err := copyFile(self(t), filepath.Join(root, "usr/bin", program)); err != nil {
			t.Fatal(err)
		}
	}
	// What the test's program is linked with; nothing for a static one.
	libraries, _ := exec.Command("ldd", self(t)).Output()
	for _, word := range strings.Fields(string(libraries)) {
		if strings.HasPrefix(word, "/") {
			if err := copyFile(word, filepath.Join(root, word)); err != nil {
				t.Fatal(err)
			}
		}
	}
	run := func(args ...string) (said string, code int) {
		cmd := exec.Command("/usr/bin/userlike-inspector", args...)
		cmd.Env = []string{"PATH=/usr/bin", "HOME=/root", producttest.Env + "=1"}
		cmd.Dir = "/"
		cmd.SysProcAttr = &syscall.SysProcAttr{
			Chroot: root, Cloneflags: syscall.CLONE_NEWUSER,
			UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
			GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
		}
		out, err := cmd.CombinedOutput()
		if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
			return string(out), exit.ExitCode()
		} else if err != nil {
			t.Fatal(err)
		}
		return string(out), 0
	}
	said, code := run("inspect")
	if code != 2 || !strings.Contains(said, "--get-browser installs one by: apt-get update; apt-get install") {
		t.Errorf("without a browser: exit code %d, %s", code, said)
	}
	said, code = run("inspect", "--get-browser")
	for _, want := range []string{
		"There is no terminal, so this runs without window and terminal UI",
		"+ apt-get update\nran apt-get update\n",
		"+ apt-get install --yes --no-install-recommends chromium\nran apt-get install",
		"the browser was started",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not said in %s", want, said)
		}
	}
	if code != 2 { // as the browser is none
		t.Errorf("exit code %d", code)
	}
}

func copyFile(from, to string) error {
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, b, 0o755)
}

// The package manager of a machine that has nothing else, and the browser that it
// installs, are this test's program by their names.
func init() {
	switch filepath.Base(os.Args[0]) {
	case "apt-cache":
		fmt.Println("Package: chromium")
	case "apt-get":
		fmt.Println("ran", "apt-get", strings.Join(os.Args[1:], " "))
		if os.Args[1] == "install" {
			if err := copyFile("/usr/bin/apt-get", "/usr/bin/chromium"); err != nil {
				fmt.Println(err)
				os.Exit(100)
			}
		}
	case "chromium":
		fmt.Fprintln(os.Stderr, "the browser was started")
		os.Exit(1)
	default:
		return
	}
	os.Exit(0)
}
