package tui_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"userlike-inspector/nativehost/internal/infer"
	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/tui/tuitest"
)

// TestWriting: e writes the event, w everything that is listed, and neither overwrites a file.
func TestWriting(t *testing.T) {
	screen := tuitest.New(200, 30)
	run(t, options(newStore(t, visit()), screen))
	screen.WaitText(t, "6 calls", "── chat_window_minimized")
	dir := t.TempDir()
	t.Setenv("HOME", dir)
	t.Setenv("USERPROFILE", dir) // on Windows
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

// TestWritingWithPseudonyms: ^R writes pseudonyms for the contact's values, also for those that
// the contact gave in other records.
func TestWritingWithPseudonyms(t *testing.T) {
	records := visit()
	records = append(records, numbered([]*record.Record{call("chat_window_maximized", `{}`, `{"client_name":"Grace Hopper"}`)}, 12)...)
	records[3].Title = "Welcome, Grace Hopper"
	screen := tuitest.New(120, 30)
	run(t, options(newStore(t, records), screen))
	screen.WaitText(t, "7 calls", "── chat_window_maximized")
	screen.Press(t, "/")
	screen.Type("event:button_displayed")
	screen.Press(t, "Enter")
	screen.WaitText(t, "1 of 12")
	dir := t.TempDir()
	for name, tt := range map[string]struct {
		keys    []string
		note    string // above the file's name
		has     bool   // the contact's name is in the file
		written string // what is said in the end
	}{
		"plain.jsonl": {
			note:    "with the contact's values as they are",
			has:     true,
			written: "plain.jsonl",
		},
		"hidden.jsonl": {
			keys:    []string{"Ctrl-R"},
			note:    "with pseudonyms in the place of the contact's values",
			written: "with pseudonyms for the contact's values",
		},
		"again.jsonl": {
			keys:    []string{"Ctrl-R", "Ctrl-R"},
			note:    "with the contact's values as they are",
			has:     true,
			written: "again.jsonl",
		},
	} {
		file := filepath.Join(dir, name)
		screen.Press(t, "w", "Ctrl-U")
		screen.Type(file)
		screen.Press(t, tt.keys...)
		screen.WaitText(t, tt.note)
		screen.Press(t, "Enter")
		screen.Wait(t, "it says: "+tt.written, func(f tuitest.Frame) bool { // in lines as long as the folder's path makes them
			text := squeeze(f.Text())
			return strings.Contains(text, squeeze("wrote 1 record to")) && strings.Contains(text, squeeze(tt.written))
		})
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if has := strings.Contains(string(raw), "Grace Hopper"); has != tt.has || !strings.Contains(string(raw), "button_displayed") {
			t.Errorf("%s has the contact's name: %t\n%s", name, has, raw)
		}
	}
}

// TestWritingTells: while a file is being written, its progress is shown.
func TestWritingTells(t *testing.T) {
	s := newStore(t, numbered(many(2100), 1))
	screen := tuitest.New(120, 30)
	ready := make(chan struct{})
	goOn := sync.OnceFunc(func() { close(ready) })
	var slow atomic.Bool
	var pages atomic.Int64
	m := &moody{Store: s, records: func() {
		if slow.Load() && pages.Add(1) > 1 { // hold it up after the first page
			<-ready
		}
	}}
	ended := run(t, options(m, screen))
	t.Cleanup(goOn) // otherwise the terminal does not end when the test fails
	screen.WaitText(t, "2100 calls", "── chat_window_maximized")
	settled(t, screen)
	slow.Store(true)
	file := filepath.Join(t.TempDir(), "all.jsonl")
	screen.Press(t, "w", "Ctrl-U")
	screen.Type(file)
	screen.Press(t, "Enter")
	screen.WaitText(t, "writing, 500 records")
	screen.Press(t, "q")
	screen.WaitText(t, "a file is still being written; this ends when it is done")
	goOn()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(file)
	if n := strings.Count(string(raw), "\n"); err != nil || n != 2100 {
		t.Errorf("the file has %d lines, %v", n, err)
	}
}

// TestSchema: s writes the schema that infer prints for the site under the cursor. It does not
// overwrite a file, and only the user can read it.
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
