package install_test

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"userlike-inspector/nativehost/internal/words"
)

// In a home folder that cannot be written, installing changes nothing and names the place.
func TestReadOnlyHome(t *testing.T) {
	const nobody = 65534
	if os.Geteuid() == 0 { // permissions do not stop root
		dir, err := os.MkdirTemp("", "i")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.RemoveAll(dir) })
		notAllowed := func(err error) { // as in some containers
			if os.Getenv("CI") != "" {
				t.Fatal(err)
			}
			t.Skip(err)
		}
		if err := os.Chown(dir, nobody, nobody); err != nil {
			notAllowed(err)
		}
		c := exec.Command("/proc/self/exe", "-test.run=^TestReadOnlyHome$", "-test.v")
		c.Env = append(os.Environ(), "TMPDIR="+dir)
		c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		out, err := c.CombinedOutput()
		if errors.Is(err, syscall.EPERM) {
			notAllowed(err)
		}
		if err != nil || !strings.Contains(string(out), "--- PASS: TestReadOnlyHome") {
			t.Errorf("as an ordinary user: %v\n%s", err, out)
		}
		return
	}
	p := newPlace(t, "linux", "home")
	if err := os.Chmod(p.home, 0o500); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Chmod(p.home, 0o700) })
	err := p.Install(p.targets(t))
	if err == nil || !strings.Contains(words.Plain(err), "you may not do that; change the permissions") || !strings.Contains(err.Error(), p.home) {
		t.Errorf("error %v", err)
	}
	if got := p.files(t); len(got) != 2 { // the home folder, and the program that should have been installed
		t.Errorf("there is %v", got)
	}
}
