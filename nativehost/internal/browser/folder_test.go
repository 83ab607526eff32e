//go:build unix

package browser_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/browser"
	"userlike-inspector/nativehost/internal/ours"
)

// A leftover's process is ended only when it is the one that was started.
func TestClearLeftovers(t *testing.T) {
	for _, tt := range []struct {
		name    string
		process func(pid int) string // the content of process.json; "" is no file
		killed  bool
	}{
		{"the browser still runs", func(pid int) string { return processJSON(t, pid, browser.StartOf(t, pid)) }, true},
		{"its id is another process's now", func(pid int) string { return processJSON(t, pid, "some boot/17") }, false},
		{"no browser was started", func(int) string { return "" }, false},
		{"it died writing", func(int) string { return `{"pid":` }, false},
		{"nonsense", func(int) string { return `{"pid":-1,"start":""}` }, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sessions := browser.ForSessions(t)
			sleeper := exec.Command("sleep", "1000")
			sleeper.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
			if err := sleeper.Start(); err != nil {
				t.Fatal(err)
			}
			ended := make(chan error, 1)
			go func() { ended <- sleeper.Wait() }()
			folder := filepath.Join(sessions, "s1")
			write(t, filepath.Join(folder, "profile", "file"), "content")
			if err := ours.Mark(folder); err != nil {
				t.Fatal(err)
			}
			foreign := filepath.Join(filepath.Dir(folder), "s2", "lock")
			write(t, foreign, "mine")
			if content := tt.process(sleeper.Process.Pid); content != "" {
				write(t, filepath.Join(folder, "process.json"), content)
			}
			if err := browser.ClearLeftovers(); err != nil {
				t.Error(err)
			}
			if b, err := os.ReadFile(foreign); string(b) != "mine" {
				t.Errorf("somebody else's folder was touched: %q, %v", b, err)
			}
			if _, err := os.Stat(folder); !os.IsNotExist(err) {
				t.Errorf("the folder is still there: %v", err)
			}
			if !tt.killed {
				if err := syscall.Kill(sleeper.Process.Pid, 0); err != nil {
					t.Errorf("somebody else's process was ended: %v", err)
				}
				sleeper.Process.Kill()
			}
			select {
			case <-ended:
			case <-time.After(10 * time.Second):
				t.Error("the leftover browser still runs")
				sleeper.Process.Kill()
			}
		})
	}
}

func processJSON(t *testing.T, pid int, start string) string {
	t.Helper()
	b, err := json.Marshal(map[string]any{"pid": pid, "start": start})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// A folder that holds something else than a profile is refused before anything in
// it is touched, and so is what stands where the extension goes.
func TestForeignProfile(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"a data folder":            {"userlike-inspector/events.db": "recordings", "other/file": "x"},
		"documents":                {"thesis.txt": "mine"},
		"another family's profile": {"prefs.js": "// Firefox"},
		"the extension's place":    {"Local State": "{}", "userlike-inspector-extension/file": "mine"},
		"another host":             {"Local State": "{}", "NativeMessagingHosts/userlike_inspector.json": `{"name": "userlike_inspector"}`},
	} {
		t.Run(name, func(t *testing.T) {
			browser.ForSessions(t)
			dir := t.TempDir()
			for file, content := range files {
				write(t, filepath.Join(dir, file), content)
			}
			kind, err := browser.Named("chromium")
			if err != nil {
				t.Fatal(err)
			}
			_, err = browser.Launch(t.Context(), browser.Options{
				Browser: browser.Browser{Kind: kind, Path: "/nonexistent"}, Headless: true, URL: "https://shop.example/",
				ProfileDir: dir, HostPath: "/bin/true", StorePath: filepath.Join(t.TempDir(), "events.db"),
			})
			if err == nil || strings.Contains(err.Error(), "no such file") || !strings.Contains(err.Error(), dir) {
				t.Errorf("error %v", err)
			}
			for file, content := range files {
				if b, err := os.ReadFile(filepath.Join(dir, file)); string(b) != content {
					t.Errorf("%s is %q, %v", file, b, err)
				}
			}
		})
	}
}
