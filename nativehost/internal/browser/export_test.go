package browser

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// Folder is the session's folder.
func (s *Session) Folder() string { return s.folder.path }

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

// CloseWindow does what a user does who closes the only window.
func (s *Session) CloseWindow(ctx context.Context) error {
	if f, ok := s.driver.(*firefox); ok {
		_, err := f.evaluate(ctx, `Services.wm.getMostRecentBrowserWindow().close()`, false)
		return err
	}
	// What the window's X does, less the page's own objections.
	return s.driver.closePages(ctx, s.settle)
}

// Quit does what a user does who chooses "Quit" from Firefox's menu.
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
