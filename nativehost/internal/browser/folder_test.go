//go:build unix

package browser_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/browser"
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
			t.Setenv("XDG_CACHE_HOME", t.TempDir())
			sleeper := exec.Command("sleep", "1000")
			sleeper.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
			if err := sleeper.Start(); err != nil {
				t.Fatal(err)
			}
			ended := make(chan error, 1)
			go func() { ended <- sleeper.Wait() }()
			folder := filepath.Join(os.Getenv("XDG_CACHE_HOME"), "userlike-inspector", "sessions", "s1")
			write(t, filepath.Join(folder, "profile", "file"), "content")
			if content := tt.process(sleeper.Process.Pid); content != "" {
				write(t, filepath.Join(folder, "process.json"), content)
			}
			if err := browser.ClearLeftovers(); err != nil {
				t.Error(err)
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
