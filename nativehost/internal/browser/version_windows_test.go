package browser

import (
	"path/filepath"
	"regexp"
	"testing"

	"golang.org/x/sys/windows"
)

// A browser whose file has another name is recognised by what its version resource says.
func TestVersionOf(t *testing.T) {
	folder, err := windows.GetSystemDirectory()
	if err != nil {
		t.Fatal(err)
	}
	version, err := versionOf(t.Context(), filepath.Join(folder, "kernel32.dll"))
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`^\S.* \d+\.\d+\.\d+\.\d+$`).MatchString(version) {
		t.Errorf("it says %q, want a name and a version", version)
	}
}
