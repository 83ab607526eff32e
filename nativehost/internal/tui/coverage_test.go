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

// byPlan has o judge by a plan of that text, in a file of that name.
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

// TestPlan: the plan is read again when it changes, and judged by; while it is
// wrong that is said, and the one before stays.
func TestPlan(t *testing.T) {
	screen := tuitest.New(160, 30)
	o := options(newStore(t, visit()), screen)
	file := byPlan(t, &o, "checkout.yaml", "name: Checkout\nevents:\n  button_displayed: {count: 0}\n")
	run(t, o)
	screen.WaitText(t, "plan Checkout", "unexpected-event", "6 calls")
	write(t, file, "name: Checkout\nevents:\n  buton_displayed: {count: 0}\n")
	screen.WaitText(t, "judged by the plan before: checkout.yaml:3:3", "unexpected-event")
	write(t, file, "name: Relaxed\nseverity: {wrong-type: info, missing-field: off, identity-changed: off}\n")
	f := screen.WaitText(t, "plan Relaxed", "i wrong-type", "6 calls")
	if strings.Contains(f.Text(), "unexpected-event") {
		t.Errorf("the old plan's verdicts are still there:\n%s", f.Text())
	}
	screen.Press(t, "N", "N", "N", "N")
	screen.WaitText(t, "── disclaimer_ok", "i wrong-type: global_ctx.operator_group_id")
	screen.Press(t, "2")
	screen.WaitText(t, "i wrong-type")
}

// TestCoverageOfPlan: what a plan expects is pending, and then missing or met.
func TestCoverageOfPlan(t *testing.T) {
	file := filepath.Join(t.TempDir(), "plan.yaml")
	write(t, file, "events:\n  chat_started: {after: [chat_requested], within: 24h}\n  button_displayed: {count: 1}\n  chat_requested: {count: 3}\n")
	p, err := plan.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	records := visit()
	screen := tuitest.New(120, 40)
	o := options(newStore(t, numbered([]*record.Record{records[0], records[3], records[4]}, 1)), screen)
	o.Inspector, o.PlanFile = inspector().With(p), file
	run(t, o)
	screen.WaitText(t, "2 calls", "── chat_requested")
	screen.Press(t, "3")
	screen.WaitText(t, "! chat_started ", "pending 8", "met, count 1", "pending, count 3")
	screen.Press(t, "j", "j", "j")
	screen.WaitText(t, "s-91f3@shop.example: pending, count 3")
}

// TestCountdown: of several visits that are pending, the one whose time is running
// is told of, not those that have none or whose time has run out.
func TestCountdown(t *testing.T) {
	file := filepath.Join(t.TempDir(), "plan.yaml")
	write(t, file, "events:\n  chat_started: {count: '>=1', after: [chat_requested], within: 4m56s}\n")
	p, err := plan.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	const global = `{"client_uuid":"c","operator_group_id":1,"widget_id":2,"widget_lang":"de"}`
	yes := true
	var records []*record.Record
	visit := func(name, event string, from int) {
		records = append(records, elsewhere(numbered([]*record.Record{
			{Kind: record.Page, Event: "opened", HookedFromStart: &yes}, {Kind: record.Page, Event: "hooked"}, call(event, global, `{"session_id":"`+name+`"}`),
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
	o.Inspector, o.PlanFile = inspector().With(p), file
	run(t, o)
	screen.WaitText(t, "3 calls", "── chat_requested")
	screen.Press(t, "3")
	screen.WaitText(t, "! chat_started ", "pending 4 s left, within 4m56s")
}

// TestCoverageOfAllowed: an event that the plan allows is not documented, but no
// mistake either.
func TestCoverageOfAllowed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "plan.yaml")
	write(t, file, "allow: {events: [my_event]}\n")
	p, err := plan.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	const global = `{"client_uuid":"c","operator_group_id":1,"widget_id":2,"widget_lang":"de"}`
	screen := tuitest.New(100, 30)
	o := options(newStore(t, numbered([]*record.Record{call("my_event", global, `{}`), call("chat_startd", global, `{}`)}, 1)), screen)
	o.Inspector, o.PlanFile = inspector().With(p), file
	run(t, o)
	screen.WaitText(t, "2 calls", "── chat_startd")
	screen.Press(t, "3")
	screen.WaitText(t, "Not documented", "✗ chat_startd", "✓ my_event")
}

// TestAccepted: what the plan bears for a while is shown apart and counted nowhere else.
func TestAccepted(t *testing.T) {
	file := filepath.Join(t.TempDir(), "plan.yaml")
	write(t, file, "accept:\n- {rule: undocumented-event, until: 2026-12-24, because: mended in the new year}\n- {rule: error-shown, until: 2026-11-21}\n- {rule: identity-changed, until: 2026-12-24}\n")
	p, err := plan.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	screen := tuitest.New(140, 40)
	o := options(newStore(t, visit()), screen)
	run(t, o)
	screen.WaitText(t, "6 calls", "6 errors", "2 warnings")

	screen = tuitest.New(140, 40)
	o = options(newStore(t, visit()), screen)
	o.Inspector, o.PlanFile = inspector().With(p), file
	run(t, o)
	screen.WaitText(t, "6 calls", "5 errors", "1 warning")
	screen.Press(t, "2")
	screen.WaitText(t, "✗ wrong-type", "Accepted by the plan", "· undocumented-event", "· identity-changed")
	screen.Press(t, "G", "k")
	screen.WaitText(t, "The plan accepts it until 2026-12-24")
}

// TestAcceptedInEvents: a call of which the plan accepts all that was found carries no
// sign of an error, and its findings show that they are accepted.
func TestAcceptedInEvents(t *testing.T) {
	screen := tuitest.New(140, 40)
	o := options(newStore(t, visit()), screen)
	byPlan(t, &o, "plan.yaml", "accept:\n- {rule: undocumented-event, event: chat_startet, until: 2026-12-24, because: mended in the new year}\n- {rule: out-of-order, until: 2026-12-24}\n")
	run(t, o)
	f := screen.WaitText(t, "6 calls", "· undocumented-event accepted by the plan")
	if strings.Contains(f.Text(), "✗ undocumented-event") {
		t.Errorf("an accepted finding has the sign of an error:\n%s", f.Text())
	}
	screen.Press(t, "g", "j", "j", "j", "j", "j", "j")
	screen.WaitText(t, "the plan accepts it until 2026-12-24, because: mended in the new year")

	screen.Press(t, "/")
	screen.Type("severity:error")
	screen.Press(t, "Enter")
	screen.Wait(t, "the errors without what is accepted", func(f tuitest.Frame) bool {
		return strings.Contains(f.Text(), "disclaimer_ok") && !strings.Contains(f.Text(), "chat_startet ")
	})
}

// TestAcceptedExpired: an acceptance whose time is over is an error, also when that comes
// while it is shown; one that matches nothing is told of, too.
func TestAcceptedExpired(t *testing.T) {
	screen := tuitest.New(140, 40)
	o := options(newStore(t, visit()), screen)
	byPlan(t, &o, "plan.yaml", "accept:\n- {rule: undocumented-event, until: 2026-11-30}\n- {rule: forwarded-twice, until: 2026-12-24}\n")
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
