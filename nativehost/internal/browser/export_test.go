package browser

import (
	"context"
	"os"
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
