package tui_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/infer"
	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/tui/tuitest"
)

// TestWriting: e writes the event, w all that is listed, neither over a file.
func TestWriting(t *testing.T) {
	screen := tuitest.New(200, 30)
	run(t, options(newStore(t, visit()), screen))
	screen.WaitText(t, "6 calls", "── chat_window_minimized")
	dir := t.TempDir()
	t.Setenv("HOME", dir)
	to := func(key, name string) {
		screen.Press(t, key, "Ctrl-U")
		screen.Type(filepath.Join(dir, name))
		screen.Press(t, "Enter")
	}
	screen.Press(t, "e", "Ctrl-U")
	screen.Type("~/one.jsonl")
	screen.Press(t, "Enter")
	screen.WaitText(t, "wrote 1 record to")
	screen.Press(t, "/")
	screen.Type("kind:call")
	screen.Press(t, "Enter")
	screen.WaitText(t, "6 of 11")
	to("w", "calls.jsonl")
	screen.WaitText(t, "wrote 6 records to")
	to("w", "one.jsonl")
	screen.WaitText(t, "not written", "choose another name")
	for name, want := range map[string]int{"one.jsonl": 1, "calls.jsonl": 6} {
		raw, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(raw), "\n"); n != want {
			t.Errorf("%s has %d lines, want %d", name, n, want)
		}
	}
}

// TestSchema: s writes what infer prints of the site under the cursor, never over
// a file, and for the user alone.
func TestSchema(t *testing.T) {
	records := visit()
	others := elsewhere(numbered([]*record.Record{call("chat_requested", `{}`, `{"custom_data":{"plan":"gold"}}`)}, 12), "other")
	screen := tuitest.New(120, 40)
	run(t, options(newStore(t, append(records, others...)), screen))
	screen.WaitText(t, "7 calls", "── chat_requested")
	screen.Press(t, "5")
	settled(t, screen)
	dir := t.TempDir()
	to := func(name string) string {
		screen.Press(t, "s", "Ctrl-U")
		screen.Type(filepath.Join(dir, name))
		screen.Press(t, "Enter")
		return filepath.Join(dir, name)
	}
	file := to("first.json")
	screen.WaitText(t, "wrote the schema of shop.example to "+file)
	to("first.json")
	screen.WaitText(t, "not written", "choose another name")
	screen.Press(t, "G")
	second := to("second.json")
	screen.WaitText(t, "wrote the schema of other.example to "+second)
	for file, of := range map[string][]*record.Record{file: records, second: others} {
		var shape infer.Shape
		for _, r := range of {
			if data, odd, ok := inspector().Facts(r).CustomData(); ok {
				shape.Add(data, inspect.CustomDataAt, odd, infer.Call{Record: r.ID})
			}
		}
		var want strings.Builder
		if err := shape.Schema().Write(&want); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != want.String() || shape.Calls() == 0 {
			t.Errorf("%s has\n%swant\n%s", file, got, want.String())
		}
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("%s can be read by others: %v", file, info.Mode())
		}
	}
}
