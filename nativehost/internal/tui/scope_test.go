package tui_test

import (
	"path/filepath"
	"testing"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/tui/tuitest"
)

// twoRuns are the records of an earlier run, on another site, and of this run. before is how many
// the earlier run has.
func twoRuns() (records []*record.Record, before int64) {
	earlier := elsewhere(numbered(visit(), 1), "earlier")
	return append(earlier, visits()...), int64(len(earlier))
}

// TestScopeOfRun: an inspection shows only this run, in every view. W shows everything, and a
// second W leads back.
func TestScopeOfRun(t *testing.T) {
	records, before := twoRuns()
	s := newStore(t, records)
	screen := tuitest.New(120, 40)
	o := options(s, screen)
	o.Since, o.SinceName = before, "this run"
	run(t, o)
	screen.WaitText(t, "this run: 12 calls  ✗ 2 errors  ! 2 warnings", "this run 20 of 31", "── chat_window_maximized")
	for view, has := range map[string]struct{ thisRun, earlier string }{
		"2": {"shape-drift", "handler-threw"},
		"3": {"chat_window_minimzed", "chat_startet"},
		"4": {"s-91f3@shop.example", "earlier.example"},
		"5": {"coupon", "sku"},
		"6": {"/checkout", "earlier.example"},
		"8": {"6b1e4e1e", "earlier.example"},
	} {
		screen.Press(t, view)
		settled(t, screen)
		screen.Wait(t, has.thisRun+" without "+has.earlier, shows([]string{"this run: 12 calls", has.thisRun}, []string{has.earlier}))
		screen.Press(t, "W")
		screen.WaitText(t, " 18 calls", "all that was recorded; W goes back to this run", has.earlier)
		screen.Press(t, "W")
		screen.WaitText(t, "only this run again")
	}
	screen.Press(t, "1", "g")
	screen.WaitText(t, "── page opened", "20 of 31")
	screen.Press(t, "w", "Ctrl-U")
	file := filepath.Join(t.TempDir(), "run.jsonl")
	screen.WaitText(t, "write 20 records (this run) to:")
	screen.Type(file)
	screen.Press(t, "Enter")
	screen.WaitText(t, "wrote 20 records")
}

// TestScopeByFilter: a filter applies to every view, and can be typed in every view.
func TestScopeByFilter(t *testing.T) {
	records, before := twoRuns()
	screen := tuitest.New(120, 40)
	o := options(newStore(t, records), screen)
	o.Since, o.SinceName = before, "this run"
	run(t, o)
	screen.WaitText(t, "this run: 12 calls", "── chat_window_maximized")
	screen.Press(t, "8")
	screen.WaitText(t, "s-a204@shop.example")
	screen.Press(t, "/")
	screen.Type("journey:s-91f3")
	screen.Press(t, "Enter")
	screen.Wait(t, "one visit", shows([]string{"this run /journey:s-91f3: 7 calls", "6b1e4e1e"}, []string{"s-a204", "c07de1a2"}))
	screen.Press(t, "3")
	screen.Wait(t, "the events of that visit", shows([]string{"✓ chat_started ", "· chat_window_maximized"}, nil))
	screen.Press(t, "1")
	screen.WaitText(t, "/journey:s-91f3 7 of 31")
	screen.Press(t, "2", "W")
	screen.WaitText(t, "this run: 12 calls")
	screen.Press(t, "/")
	screen.Type("rule:before-consent") // a finding on a visit, which the store does not have
	screen.Press(t, "Enter")
	screen.WaitText(t, "this run /rule:before-consent: 1 call  ✗ 0 errors  ! 1 warning", "before-consent")
	screen.Press(t, "Esc", "Esc") // to the events, and without the filter
	screen.WaitText(t, "this run: 12 calls", "20 of 31")
	screen.Press(t, "W", "/", "Up", "Up")
	screen.WaitText(t, "/journey:s-91f3", "12 of 31")
	screen.Press(t, "Down")
	screen.WaitText(t, "/rule:before-consent")
}

// TestNothingInRun: although an earlier run was recorded, a new one shows the welcome.
func TestNothingInRun(t *testing.T) {
	screen := tuitest.New(100, 30)
	o := options(newStore(t, visit()), screen)
	o.Since, o.SinceName = 11, "this run"
	run(t, o)
	screen.WaitText(t, "this run: 0 calls", "Nothing has been recorded yet.", "window of Chromium 156")
	screen.Press(t, "W")
	screen.WaitText(t, " 6 calls", "── chat_window_minimized")
}

// TestSinceEvent: Z begins the scope at the event under the cursor, and W undoes that.
func TestSinceEvent(t *testing.T) {
	screen := tuitest.New(100, 30)
	run(t, options(newStore(t, visit()), screen))
	screen.WaitText(t, "6 calls", "── chat_window_minimized")
	screen.Press(t, "k")
	screen.WaitText(t, "── mark")
	screen.Press(t, "Z")
	screen.WaitText(t, "since mark again, after …: 1 call", " 2 of 11", "again, after the fix")
	screen.Press(t, "W")
	screen.WaitText(t, " 6 calls")
	screen.Press(t, "/")
	screen.Type("event:chat")
	screen.Press(t, "Enter")
	screen.WaitText(t, "No record matches the filter /event:chat", "event:*chat* is every name with it")
}

// TestFilterWithinVisit: what is typed narrows what can't be typed itself: a visit, and the
// scope that a board's line was found in.
func TestFilterWithinVisit(t *testing.T) {
	screen := tuitest.New(120, 30)
	run(t, options(newStore(t, visits()), screen))
	screen.WaitText(t, "12 calls", "── ")
	screen.Press(t, "8")
	screen.WaitText(t, "CONTACT", "c07de1a2")
	settled(t, screen)
	screen.Press(t, "Enter")
	screen.WaitText(t, " 9 of 20")
	screen.Press(t, "/")
	screen.Type("kind:call")
	screen.WaitText(t, "/kind:call", "5 of 20")
	screen.Press(t, "Ctrl-U")
	screen.WaitText(t, " 9 of 20")
	screen.Type("kind:call")
	screen.Press(t, "Enter")
	screen.WaitText(t, ": 5 calls", "5 of 20")
	screen.Press(t, "2")
	screen.WaitText(t, "RULE", ": 5 calls")
	screen.Press(t, "1", "/")
	screen.Type("event:chat_*") // and then within that
	screen.Press(t, "Enter")
	screen.WaitText(t, ": 3 calls", "3 of 20")
	screen.Press(t, "W")
	screen.WaitText(t, " 12 calls")
}
