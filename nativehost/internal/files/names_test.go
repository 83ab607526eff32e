package files_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/files"
)

func TestInHome(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	below := "~" + string(filepath.Separator) + "a"
	for path, want := range map[string]string{
		below: filepath.Join(home, "a"), "~/a/b": filepath.Join(home, "a", "b"),
		"~": "~", "~eva/a": "~eva/a", "a/~/b": "a/~/b", "": "",
	} {
		if got, err := files.InHome(path); err != nil || got != want {
			t.Errorf("%q: %q, %v; want %q", path, got, err, want)
		}
	}
}

func TestMatches(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	for _, name := range []string{"b.jsonl", "a.jsonl", "a.db", "[x].jsonl"} {
		if err := os.WriteFile(in(name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := files.Matches([]string{in("a.db"), in("*.jsonl"), in("?.db"), in("none"), in("[x].jsonl")})
	want := []string{in("a.db"), in("[x].jsonl"), in("a.jsonl"), in("b.jsonl"), in("a.db"), in("none"), in("[x].jsonl")}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%q, %v; want %q", got, err, want)
	}
	if got, err := files.Matches([]string{in("a.db"), in("no*")}); err == nil || !strings.Contains(err.Error(), in("no*")) {
		t.Errorf("what matches nothing: %q, %v", got, err)
	}
}
