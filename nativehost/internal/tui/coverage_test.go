package tui_test

import (
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/plan"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/tui"
	"userlike-inspector/nativehost/internal/tui/tuitest"
)

// byPlan writes a plan into a file of that name and judges by it. It returns the file's path.
func byPlan(t *testing.T, o *tui.Options, name, text string) (file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), name)
	write(t, file, text)
	p, err := plan.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	o.Inspector, o.PlanFile = inspector().With(p), file
	return file
}

// TestPlan: when the plan's file changes, everything is judged by the new plan. While there is a
// mistake in it, that is shown and the plan before stays in force.
func TestPlan(t *testing.T) {
	screen := tuitest.New(160, 30)
	o := options(newStore(t, visit()), screen)
	file := byPlan(t, &o, "checkout.yaml", "name: Checkout\nevents:\n  button_displayed: {count: 0}\n")
	run(t, o)
	screen.WaitText(t, "plan Checkout", "unexpected-event", "6 calls")
	write(t, file, "name: Checkout\nevents:\n  buton_displayed: {count: 0}\n")
	screen.WaitText(t, "judged by the plan before: checkout.yaml:3:3", "unexpected-event")
	write(t, file, "name: Relaxed\nseverity: {wrong-type: info, missing-field: off, identity-changed: off}\n")
	screen.Wait(t, "the new plan's verdicts", shows([]string{"plan Relaxed", "wrong-type", "6 calls"}, []string{"unexpected-event"}))
	screen.Press(t, "N", "N", "N", "N")
	screen.WaitText(t, "── disclaimer_ok", "i wrong-type: global_ctx.operator_group_id")
	screen.Press(t, "2")
	screen.WaitText(t, "i wrong-type")
}

// TestCoverageOfPlan: what a plan expects of a visit that goes on is pending, or met so far.
func TestCoverageOfPlan(t *testing.T) {
	records := visit()
	screen := tuitest.New(120, 40)
	o := options(newStore(t, numbered([]*record.Record{records[0], records[3], records[4]}, 1)), screen)
	byPlan(t, &o, "plan.yaml", `events:
  chat_started: {after: [chat_requested], within: 24h}
  button_displayed: {count: 1}
  chat_requested: {count: 3}
`)
	run(t, o)
	screen.WaitText(t, "2 calls", "── chat_requested")
	screen.Press(t, "3")
	screen.WaitText(t, "! chat_started ", "pending 8", "met so far, count 1", "pending, count 3")
	screen.Press(t, "j", "j", "j")
	screen.WaitText(t, "s-91f3@shop.example: pending, count 3")
}

// TestCountdown: of several pending visits, the countdown is that of the one whose deadline is
// still to come, not of those without a deadline or with one that has passed.
func TestCountdown(t *testing.T) {
	yes := true
	var records []*record.Record
	visit := func(name, event string, from int) {
		records = append(records, elsewhere(numbered([]*record.Record{
			{Kind: record.Page, Event: "opened", HookedFromStart: &yes},
			{Kind: record.Page, Event: "hooked"},
			call(event, global, `{"session_id":"`+name+`"}`),
		}, from), name)...)
	}
	visit("late", "chat_requested", 1)
	for _, r := range records {
		r.Time = record.At(r.Time.Add(-time.Hour))
	}
	visit("idle", "button_displayed", 1)
	visit("live", "chat_requested", 4)
	screen := tuitest.New(120, 30)
	o := options(newStore(t, records), screen)
	byPlan(t, &o, "plan.yaml", "events:\n  chat_started: {count: '>=1', after: [chat_requested], within: 4m56s}\n")
	run(t, o)
	screen.WaitText(t, "3 calls", "── chat_requested")
	screen.Press(t, "3")
	screen.WaitText(t, "! chat_started ", "pending 4 s left, within 4m56s")
}

// TestCoverageOfAllowed: an event that the plan allows is listed as not documented, but it is no
// mistake.
func TestCoverageOfAllowed(t *testing.T) {
	records := numbered([]*record.Record{call("my_event", global, `{}`), call("chat_startd", global, `{}`)}, 1)
	screen := tuitest.New(100, 30)
	o := options(newStore(t, records), screen)
	byPlan(t, &o, "plan.yaml", "allow: {events: [my_event]}\n")
	run(t, o)
	screen.WaitText(t, "2 calls", "── chat_startd")
	screen.Press(t, "3")
	screen.WaitText(t, "Not documented", "✗ chat_startd", "✓ my_event")
}

// TestPlanWithoutFile: the demo's plan is part of the program. Its name is shown, and it is no
// error that it has no file.
func TestPlanWithoutFile(t *testing.T) {
	p, err := plan.Parse("demo.yaml", "/demo.yaml", []byte("allow: {events: [my_event]}\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	screen := tuitest.New(120, 24)
	o := options(newStore(t, visit()), screen)
	o.Inspector = inspector().With(p)
	run(t, o)
	if f := screen.WaitText(t, "6 calls", "plan demo.yaml"); strings.Contains(f.Text(), "there is no plan") {
		t.Errorf("a file is missed:\n%s", f.Text())
	}
}

// TestAccepted: findings that the plan accepts are listed apart from the others, and not counted.
func TestAccepted(t *testing.T) {
	screen := tuitest.New(140, 40)
	o := options(newStore(t, visit()), screen)
	run(t, o)
	screen.WaitText(t, "6 calls", "6 errors", "2 warnings")

	screen = tuitest.New(140, 40)
	o = options(newStore(t, visit()), screen)
	byPlan(t, &o, "plan.yaml", `accept:
- {rule: undocumented-event, until: 2026-12-24, because: mended in the new year}
- {rule: error-shown, until: 2026-11-21}
- {rule: identity-changed, until: 2026-12-24}
`)
	run(t, o)
	screen.WaitText(t, "6 calls", "5 errors", "1 warning")
	screen.Press(t, "2")
	screen.WaitText(t, "✗ wrong-type", "Accepted by the plan", "· undocumented-event", "· identity-changed")
	screen.Press(t, "G", "k")
	screen.WaitText(t, "The plan accepts it until 2026-12-24")
}

// TestAcceptedInEvents: a call whose findings are all accepted has no sign of an error, and its
// findings say that they are accepted.
func TestAcceptedInEvents(t *testing.T) {
	screen := tuitest.New(140, 40)
	o := options(newStore(t, visit()), screen)
	byPlan(t, &o, "plan.yaml", `accept:
- {rule: undocumented-event, event: chat_startet, until: 2026-12-24, because: mended in the new year}
- {rule: out-of-order, until: 2026-12-24}
`)
	run(t, o)
	f := screen.WaitText(t, "6 calls", "undocumented-event accepted by the plan")
	if strings.Contains(f.Text(), "✗ undocumented-event") {
		t.Errorf("an accepted finding has the sign of an error:\n%s", f.Text())
	}
	screen.Press(t, "g", "j", "j", "j", "j", "j", "j")
	screen.WaitText(t, "the plan accepts it until 2026-12-24, because: mended in the new year")

	screen.Press(t, "/")
	screen.Type("severity:error")
	screen.Press(t, "Enter")
	screen.Wait(t, "the errors without what is accepted", func(f tuitest.Frame) bool {
		return strings.Contains(f.Text(), "disclaimer_ok") && !strings.Contains(f.Text(), "undocumented-event")
	})
}

// TestAcceptedInCoverage: calls and demands whose findings are all accepted are no mistakes in
// the coverage and the visits, and n does not stop at them, until the acceptance is over.
func TestAcceptedInCoverage(t *testing.T) {
	screen := tuitest.New(160, 50)
	o := options(newStore(t, visit()), screen)
	byPlan(t, &o, "plan.yaml", `events:
  button_displayed: {count: 0}
accept:
- {rule: undocumented-event, event: chat_startet, until: 2026-12-24}
- {rule: unexpected-event, event: button_displayed, until: 2026-12-24}
`)
	var later atomic.Bool
	o.Now = func() time.Time {
		if later.Load() {
			return time.Date(2026, 12, 25, 12, 0, 0, 0, time.UTC)
		}
		return noon
	}
	run(t, o)
	screen.WaitText(t, "6 calls")
	screen.Press(t, "3")
	f := screen.WaitText(t, "✓ chat_startet", "✓ button_displayed", "missing, accepted until 2026-12-24")
	if strings.Contains(f.Text(), "✗ button_displayed") {
		t.Errorf("what is accepted has the sign of an error:\n%s", f.Text())
	}
	screen.Press(t, "1", "g")
	for range 12 {
		screen.Press(t, "n")
		if f := settled(t, screen); strings.Contains(f.Text(), "── chat_startet") {
			t.Fatalf("n stops at what is accepted:\n%s", f.Text())
		}
	}
	screen.Press(t, "8")
	f = screen.WaitText(t, "· accepted", "button_displayed: missing, accepted until 2026-12-24")
	if strings.Contains(f.Text(), "✗ button_displayed") || strings.Contains(f.Text(), "✗ 1 of") {
		t.Errorf("what is accepted has the sign of an error in the visits:\n%s", f.Text())
	}
	later.Store(true)
	screen.Press(t, "3")
	screen.WaitText(t, "✗ chat_startet", "✗ button_displayed")
	screen.Press(t, "8")
	screen.WaitText(t, "✗ 1 of 1", "✗ button_displayed: missing")
}

// TestAcceptedExpired: an acceptance that is over is an error, also if that happens while it is
// shown. One that matches nothing is an info.
func TestAcceptedExpired(t *testing.T) {
	screen := tuitest.New(140, 40)
	o := options(newStore(t, visit()), screen)
	byPlan(t, &o, "plan.yaml", `accept:
- {rule: undocumented-event, until: 2026-11-30}
- {rule: forwarded-twice, until: 2026-12-24}
`)
	var later atomic.Bool
	o.Now = func() time.Time {
		if later.Load() {
			return time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
		}
		return noon
	}
	run(t, o)
	screen.WaitText(t, "6 calls", "5 errors")
	screen.Press(t, "2")
	screen.WaitText(t, "· undocumented-event", "i accepted-expired")
	later.Store(true)
	screen.WaitText(t, "7 errors", "✗ accepted-expired", "✗ undocumented-event")
}

// TestCoverageNarrow: expected events come first, and a narrow window shows what is expected
// instead of the numbers.
func TestCoverageNarrow(t *testing.T) {
	for _, cells := range []int{40, 60, 80} {
		screen := tuitest.New(cells, 30)
		o := options(newStore(t, visits()), screen)
		byPlan(t, &o, "checkout.yaml", checkoutPlan)
		run(t, o)
		screen.WaitText(t, "── chat_window_maximized")
		screen.Press(t, "3")
		text := screen.WaitText(t, "Expected", "✗ contact_first", "missing", "Documented").Text()
		order := []string{
			"EVENT",
			"Expected", "✗ contact_first", "disclaimer_ok", "error_message",
			"Not documented", "✗ chat_window_mi",
			"Documented", "button_displayed",
		}
		for i, at := range order[1:] {
			if strings.Index(text, at) < strings.Index(text, order[i]) {
				t.Errorf("%d cells wide, %s comes before %s:\n%s", cells, at, order[i], text)
			}
		}
	}
}
