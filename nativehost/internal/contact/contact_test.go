package contact_test

import (
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/contact"
	"userlike-inspector/nativehost/internal/paths"
	"userlike-inspector/nativehost/internal/record"
)

func made(profile string, minute int) contact.Contact {
	return contact.Contact{
		Browser:   record.Browser{Name: "Firefox", Version: "153.7.0", Profile: profile},
		Extension: "0.1.0", Protocol: 1, Host: "0.1.0", Store: "/events.db",
		At: record.At(time.Date(2026, 11, 22, 10, minute, 0, 0, time.UTC)),
	}
}

const (
	one = "7e8f4a52-2f4f-4a6c-9be5-6f3f3a1f0c11"
	two = "0b7c9d8e-5a6f-4f0e-8d3c-2b1a09f8e7d6"
)

func TestNote(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "not yet", "contacts")
	if all, err := contact.All(dir); err != nil || len(all) > 0 {
		t.Errorf("before anything: %v, %v", all, err)
	}
	for _, c := range []contact.Contact{made(one, 1), made(two, 2), made(one, 3)} {
		if err := contact.Note(dir, c); err != nil {
			t.Fatal(err)
		}
	}
	all, err := contact.All(dir)
	if want := []contact.Contact{made(one, 3), made(two, 2)}; err != nil || !reflect.DeepEqual(all, want) {
		t.Errorf("got %+v, %v; want %+v", all, err, want)
	}
	for path, mode := range map[string]os.FileMode{dir: 0o700, filepath.Join(dir, one+".json"): 0o600} {
		if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != mode {
			t.Errorf("%s: %v, %v", path, info, err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "broken.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if all, err := contact.All(dir); len(all) != 2 || err == nil || !strings.Contains(err.Error(), "broken.json") {
		t.Errorf("with a broken file: %+v, %v", all, err)
	}
}

// The name of an installation comes from outside and becomes the name of a file.
func TestNoteRefuses(t *testing.T) {
	dir := t.TempDir()
	for _, profile := range []string{"", "p", "../../escape", "/etc/passwd", strings.Repeat("x", 1000)} {
		if err := contact.Note(dir, made(profile, 1)); err == nil || !strings.Contains(err.Error(), "not a UUID") {
			t.Errorf("%.20q: %v", profile, err)
		}
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("written: %v, %v", entries, err)
	}
}

func TestFolder(t *testing.T) {
	for _, tt := range []struct {
		env  map[string]string
		want string
	}{
		{map[string]string{"HOME": "/home/eva"}, "/home/eva/.local/state/userlike-inspector/contacts"},
		{map[string]string{"HOME": "/home/eva", contact.SessionVariable: "/cache/s1"}, contact.Of("/cache/s1")},
	} {
		got, err := contact.Folder(paths.System{OS: "linux", Getenv: func(name string) string { return tt.env[name] }})
		if err != nil || filepath.ToSlash(got) != filepath.ToSlash(tt.want) {
			t.Errorf("%v: %q, %v; want %q", tt.env, got, err, tt.want)
		}
	}
}

// Commands read contacts again and again while hosts write them. On Windows a file cannot be
// replaced while it is read.
func TestNoteWhileRead(t *testing.T) {
	dir := t.TempDir()
	if err := contact.Note(dir, made(one, 0)); err != nil {
		t.Fatal(err)
	}
	noted, read := make(chan struct{}), make(chan error)
	go func() {
		var failed error
		for failed == nil {
			select {
			case <-noted:
				read <- nil
				return
			default:
				_, failed = contact.All(dir)
			}
		}
		read <- failed
	}()
	for minute := range 200 {
		if err := contact.Note(dir, made(one, minute%60)); err != nil {
			t.Errorf("noted %d times: %v", minute, err)
			break
		}
	}
	close(noted)
	if err := <-read; err != nil {
		t.Errorf("reading: %v", err)
	}
}
