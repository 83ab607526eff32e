package tui_test

import (
	"path/filepath"
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/tui/tuitest"
)

// TestPlanOfAKey loads a plan with the key P, then another one, and then none. If there is a
// mistake in a plan's file, its place is shown and the last good plan stays in force.
func TestPlanOfAKey(t *testing.T) {
	dir := t.TempDir()
	first, second := filepath.Join(dir, "first.yaml"), filepath.Join(dir, "second.yaml")
	write(t, first, "name: First\nevents:\n  slot_check: {count: 0}\n  button_displayed: {count: 0}\n")
	write(t, second, "name: Second\nevents:\n  slot_check: {count: 0}\n")
	screen := tuitest.New(120, 30)
	s := newStore(t, visit())
	run(t, options(s, screen))
	f := screen.WaitText(t, "6 calls", "── chat_window_minimized")
	without := headerOf(f)
	load := func(file string) {
		screen.Press(t, "P", "Ctrl-U")
		screen.Type(file)
		screen.Press(t, "Enter")
	}
	load(filepath.Join(dir, "none.yaml"))
	screen.WaitText(t, "not loaded: there is no plan")
	load(first)
	screen.WaitText(t, "judged by plan First")
	screen.Press(t, "2")
	screen.WaitText(t, "unexpected-event", "plan First")

	write(t, first, "name: First\nevents:\n  slot_chek: {count: 0}\n")
	screen.WaitText(t, "judged by the plan before", "first.yaml:3:3: there is no event", "mean slot_check?", "unexpected-event")
	load(first)
	screen.WaitText(t, "not loaded: "+first+":3:3", "judged by the plan before", "unexpected-event")

	load(second) // from now on, changes of this file count, and not those of the first
	screen.Wait(t, "the second plan", shows([]string{"plan Second"}, []string{"slot_chek", "unexpected-event"}))
	write(t, first, "name: Third\n")
	write(t, second, "name: Second\nevents:\n  button_displayed: {count: 0}\n")
	changed := []string{"the plan has changed", "plan Second", "unexpected-event"}
	screen.Wait(t, "the second plan as it is now", shows(changed, []string{"Third"}))

	load("")
	screen.WaitText(t, "judged without a plan from now on")
	screen.Press(t, "1")
	screen.Wait(t, "what there was at first", func(f tuitest.Frame) bool { return headerOf(f) == without })
	screen.Press(t, "P", "Enter") // without a plan, Enter alone does nothing
	screen.Wait(t, "what there was at first", func(f tuitest.Frame) bool {
		return headerOf(f) == without && !strings.Contains(f.Text(), "judge by the plan")
	})
}

// headerOf is the line with the counts.
func headerOf(f tuitest.Frame) string { return strings.Split(f.Text(), "\n")[1] }

// TestRecordingIsOnlyRead: a recording is said to be only read, and nothing is put into it.
func TestRecordingIsOnlyRead(t *testing.T) {
	s := newStore(t, visit())
	screen := tuitest.New(120, 30)
	o := options(s, screen)
	o.Browser, o.URL, o.Recording, o.Mark, o.Simulator = "", "", "visit.jsonl, other.db", nil, nil
	run(t, o)
	screen.WaitText(t, "6 calls", "only reading visit.jsonl, other.db")
	screen.Press(t, "m")
	screen.WaitText(t, "not marked: this is a recording")
	screen.Press(t, "S")
	screen.WaitText(t, "calls can't be simulated from here")
}

// TestEmptyRecording: an empty recording is said to be empty, and not how to record something.
func TestEmptyRecording(t *testing.T) {
	screen := tuitest.New(80, 24)
	o := options(newStore(t, nil), screen)
	o.Browser, o.URL, o.Recording = "", "", "visit.jsonl"
	run(t, o)
	f := screen.WaitText(t, "There is no record in visit.jsonl.")
	if strings.Contains(f.Text(), "userlike-inspector inspect") {
		t.Errorf("it is said how to record:\n%s", f.Text())
	}
}

// TestNothingSince: where nothing was recorded since the time that was asked for, only this is
// said, and not that nothing was recorded at all.
func TestNothingSince(t *testing.T) {
	screen := tuitest.New(80, 24)
	o := options(newStore(t, visit()), screen)
	o.Browser, o.URL, o.Since, o.SinceName = "", "", 11, "since 12:00:00"
	run(t, o)
	f := screen.WaitText(t, "Nothing has come since 12:00:00 yet.")
	if strings.Contains(f.Text(), "Nothing has been recorded") {
		t.Errorf("there are records:\n%s", f.Text())
	}
	screen.Press(t, "W")
	screen.WaitText(t, "6 calls")
}
