//go:build unix

package cli_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"userlike-inspector/nativehost/internal/cli"
)

// apart makes a home folder for commands, and returns a function that runs one there.
func apart(t *testing.T) (home string, run func(args ...string) (stdout, stderr string, code int)) {
	t.Helper()
	home = t.TempDir()
	t.Chdir(home)
	for _, name := range []string{"HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"} {
		t.Setenv(name, filepath.Join(home, "user"))
	}
	return home, func(args ...string) (string, string, int) {
		var stdout, stderr bytes.Buffer
		code := cli.Run(args, strings.NewReader(""), &stdout, &stderr)
		return stdout.String(), stderr.String(), code
	}
}

const oneCall = `{"v":1,"kind":"call","id":"d/1","seq":1,"time":"2026-11-22T10:13:04.123Z",` +
	`"args":["chat_started",{},{"client_name":"Ada Lovelace","custom_data":{"a":1}}]}` + "\n"

// Whatever the umask, only the user can read what is written.
func TestFilesArePrivate(t *testing.T) {
	home, run := apart(t)
	if err := os.WriteFile("visit.jsonl", []byte(oneCall), 0o600); err != nil {
		t.Fatal(err)
	}
	old := syscall.Umask(0)
	defer syscall.Umask(old)
	for _, args := range [][]string{
		{"import", "visit.jsonl"}, {"export", "--redact", "--seal", "--output", "out.jsonl"}, {"export", "--format", "csv", "--output", "out.csv"},
		{"check", "--fail-on", "never", "--format", "html", "--output", "out.html"},
		{"import", "--store", "new/folder/events.db", "visit.jsonl"}, {"extension", "path"},
	} {
		if _, stderr, code := run(args...); code != 0 {
			t.Fatalf("%q: %d %s", args, code, stderr)
		}
	}
	seen := 0
	err := filepath.WalkDir(home, func(path string, e fs.DirEntry, err error) error {
		if err != nil || path == home {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		seen++
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has the mode %v", path, info.Mode())
		}
		return nil
	})
	if err != nil || seen < 10 {
		t.Errorf("%d files, %v", seen, err)
	}
}

// If a plan names a file that is no schema, the error shows nothing of the file's content.
func TestReferencesTellNoSecrets(t *testing.T) {
	_, run := apart(t)
	for name, text := range map[string]string{
		"visit.jsonl": oneCall, "key": "hunter2: {secret: [hunter2\nhunter2", "list": "root:hunter2:0:0\n", "text": `"hunter2"`,
		"plan.yaml": "custom_data: {$ref: ./key}", "plan2.yaml": "custom_data: {$ref: ./list}", "plan3.yaml": "custom_data: {$ref: ./text}",
		"plan4.yaml": "extends: ./key", "plan5.yaml": "extends: ./list", "plan6.yaml": "extends: ./text",
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, plan := range []string{"plan.yaml", "plan2.yaml", "plan3.yaml", "plan4.yaml", "plan5.yaml", "plan6.yaml"} {
		stdout, stderr, code := run("check", "visit.jsonl", "--plan", plan)
		if code != 2 || strings.Contains(stdout+stderr, "hunter2") {
			t.Errorf("%s: %d %s%s", plan, code, stdout, stderr)
		}
	}
}
