package browser

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// ForSessions gives a test a cache folder of its own, and returns the folder of all sessions
// in it, which systems keep in different places.
func ForSessions(t *testing.T) string {
	t.Helper()
	home := t.TempDir()
	for _, name := range []string{"HOME", "LOCALAPPDATA"} {
		t.Setenv(name, home)
	}
	t.Setenv("XDG_CACHE_HOME", "")
	dir, err := sessionsFolder()
	if err != nil || !strings.HasPrefix(dir, home) {
		t.Fatalf("sessions in %s, %v", dir, err)
	}
	return dir
}

// Folder is the session's folder.
func (s *Session) Folder() string { return s.folder.path }

// Unanswered is a session without a window, whose one page never answers.
func Unanswered(t *testing.T, hurry context.Context) *Session {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	c := &chromium{w: w, r: r, waiting: map[int]chan<- reply{}, unattended: newUnattended(Options{}, places{})}
	t.Cleanup(func() { r.Close(); w.Close() })
	c.unattended.pages["session"] = "target"
	return &Session{driver: c, hurry: hurry}
}

// PID is the browser's process.
func (s *Session) PID(t *testing.T) int {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(s.folder.path, processFile))
	if err != nil {
		t.Fatal(err)
	}
	var p process
	if err := json.Unmarshal(b, &p); err != nil {
		t.Fatal(err)
	}
	return p.PID
}

// CloseWindow closes the only window, as a user does.
func (s *Session) CloseWindow(ctx context.Context) error {
	if f, ok := s.driver.(*firefox); ok {
		_, err := f.evaluate(ctx, `Services.wm.getMostRecentBrowserWindow().close()`, false)
		return err
	}
	// The same as the window's close button, but without the page's own questions.
	return s.driver.closePages(ctx, func() { s.settle(ctx) })
}

// Quit ends Firefox as "Quit" in its menu does.
func (s *Session) Quit(ctx context.Context) error {
	_, err := s.driver.(*firefox).evaluate(ctx, `Services.startup.quit(Ci.nsIAppStartup.eAttemptQuit)`, false)
	return err
}

// StartOf identifies the start of a process.
func StartOf(t *testing.T, pid int) string {
	t.Helper()
	start, err := startOf(pid)
	if err != nil {
		t.Fatal(err)
	}
	return start
}

// SystemArgs are the arguments that a system needs.
func SystemArgs(family Family, goos string) []string { return systemArgs(family, goos) }
