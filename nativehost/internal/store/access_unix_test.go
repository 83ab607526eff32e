//go:build unix

package store_test

import (
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"userlike-inspector/nativehost/internal/store"
)

// unprivileged makes sure that a test runs as an ordinary user, because permissions do
// not stop root. As root it starts the test again as another user and returns false;
// then the caller returns at once. Where root may not become another user, as in some
// containers, the test is skipped.
func unprivileged(t *testing.T) bool {
	t.Helper()
	if os.Geteuid() != 0 {
		return true
	}
	const nobody = 65534
	if os.Getenv("USERLIKE_INSPECTOR_TEST_NOBODY") != "" {
		if err := syscall.Setgid(nobody); err != nil {
			notAllowed(t, err)
		}
		if err := syscall.Setuid(nobody); err != nil {
			notAllowed(t, err)
		}
		return true
	}
	dir := t.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(dir, nobody, nobody); err != nil {
		notAllowed(t, err)
	}
	c := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	c.Env = append(os.Environ(), "USERLIKE_INSPECTOR_TEST_NOBODY=1", "TMPDIR="+dir)
	out, err := c.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "PASS") || strings.Contains(string(out), "no tests to run") {
		t.Errorf("as an ordinary user: %v\n%s", err, out)
	}
	return false
}

// notAllowed skips a test that this machine does not allow. In CI that is a failure.
func notAllowed(t *testing.T, err error) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(err)
	}
	t.Skip(err)
}

func chmod(t *testing.T, path string, mode os.FileMode) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Chmod(path, info.Mode()) })
}

func TestReadOnlyRecording(t *testing.T) {
	if !unprivileged(t) {
		return
	}
	for name, folder := range map[string]os.FileMode{"in a read-only folder": 0o500, "in a writable folder": 0o700} {
		t.Run(name, func(t *testing.T) {
			path := newPath(t)
			recording(t, path, 20)
			chmod(t, path, 0o400)
			chmod(t, filepath.Dir(path), folder)
			s, err := store.OpenExisting(t.Context(), path)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if got := ids(t, s, 7); len(got) != 20 {
				t.Errorf("read %q", got)
			}
			_, err = s.Append(t.Context(), calls("d", 21, 21))
			refused(t, err, store.ErrAccess, path)

			// Either Open fails at once, or the first Append does.
			s, err = store.Open(t.Context(), path)
			if err == nil {
				defer s.Close()
				_, err = s.Append(t.Context(), calls("d", 21, 21))
			}
			refused(t, err, store.ErrAccess, path)
		})
	}
}

// A copy of a store that is in use has records in its WAL. They must not be
// missed when the copy may not be written.
func TestReadOnlyRecordingWithItsWAL(t *testing.T) {
	if !unprivileged(t) {
		return
	}
	path := newPath(t)
	s := open(t, path)
	add(t, s, calls("d", 1, 20)...)
	path2 := newPath(t)
	for _, suffix := range []string{"", "-wal"} {
		copyFile(t, path+suffix, path2+suffix)
	}
	chmod(t, path2, 0o400)
	chmod(t, path2+"-wal", 0o400)
	chmod(t, filepath.Dir(path2), 0o500)
	_, err := store.OpenExisting(t.Context(), path2)
	refused(t, err, store.ErrAccess, path2)

	chmod(t, filepath.Dir(path2), 0o700)
	readable, err := store.OpenExisting(t.Context(), path2)
	if err != nil {
		t.Fatal(err)
	}
	defer readable.Close()
	if got := ids(t, readable, 100); len(got) != 20 {
		t.Errorf("read %q", got)
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestForbiddenStore(t *testing.T) {
	if !unprivileged(t) {
		return
	}
	path := newPath(t)
	recording(t, path, 1)
	chmod(t, path, 0)
	for _, open := range []func() (*store.Store, error){
		func() (*store.Store, error) { return store.Open(t.Context(), path) },
		func() (*store.Store, error) { return store.OpenExisting(t.Context(), path) },
	} {
		_, err := open()
		refused(t, err, store.ErrAccess, path)
	}
	chmod(t, filepath.Dir(path), 0o500)
	for _, below := range []string{"new.db", "new/events.db"} {
		path := filepath.Join(filepath.Dir(path), below)
		_, err := store.Open(t.Context(), path)
		refused(t, err, store.ErrAccess, path)
	}
}

func TestFilesArePrivate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	paths := []string{
		filepath.Join(dir, "new", "deep", "events.db"),
		filepath.Join(dir, "a ?b#c%20d&mode=ro", "e?immutable=1#.db"),
		filepath.Join(dir, "empty.db"),
	}
	if err := os.WriteFile(paths[2], nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		s := open(t, path)
		add(t, s, call("d", 1))
		for _, suffix := range []string{"", "-wal", "-shm"} {
			mode(t, path+suffix, 0o600)
		}
	}
	mode(t, filepath.Join(dir, "new"), fs.ModeDir|0o700)
	mode(t, filepath.Join(dir, "new", "deep"), fs.ModeDir|0o700)
}

func mode(t *testing.T, path string, want fs.FileMode) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode() != want {
		t.Errorf("%s has mode %v, not %v", path, info.Mode(), want)
	}
}

func TestOpenFollowsLinks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	target := filepath.Join(dir, "real", "events.db")
	add(t, open(t, target), call("d", 1))
	link := filepath.Join(dir, "link.db")
	if err := os.Symlink(target, link); err != nil {
		t.Fatal(err)
	}
	s := open(t, link)
	wakes := follow(t, s)
	add(t, open(t, target), call("d", 2))
	await(t, s, wakes, 2)
}
