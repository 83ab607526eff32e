package tui_test

import (
	"fmt"
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/tui/tuitest"
)

// TestVisitScreens compares the list of visits, and the events of one with the time between them,
// with golden screens.
func TestVisitScreens(t *testing.T) {
	for _, tt := range []struct {
		name  string
		keys  []string
		texts []string
	}{
		{"visits", []string{"j"}, []string{"BEGAN", "! before-consent"}},
		{"visit", []string{"j", "Enter"}, []string{"AFTER", "visit s-91f3@shop.example 11 of 20", "+1.2 s", "── page opened"}},
	} {
		for _, size := range [][2]int{{60, 20}, {80, 24}, {120, 40}, {200, 50}} {
			t.Run(fmt.Sprintf("%s/%dx%d", tt.name, size[0], size[1]), func(t *testing.T) {
				t.Parallel()
				screen := tuitest.New(size[0], size[1])
				o := options(newStore(t, visits()), screen)
				byPlan(t, &o, "checkout.yaml", checkoutPlan)
				run(t, o)
				screen.WaitText(t, "12 calls", "── chat_window_maximized")
				press("8", tt.keys...)(t, screen, nil)
				golden(t, screen, fmt.Sprintf("%s-%dx%d", tt.name, size[0], size[1]), tt.texts...)
			})
		}
	}
}

// TestVisitFacts: what the line of a visit says.
func TestVisitFacts(t *testing.T) {
	one := func(event, more string) *record.Record {
		return call(event, `{"client_uuid":"c07de1a2-77","operator_group_id":1,"widget_id":2,"widget_lang":"de"}`, `{"session_id":"s"`+more+`}`)
	}
	for _, tt := range []struct {
		name  string
		calls []*record.Record
		want  string
	}{
		{
			name:  "nothing wrong",
			calls: []*record.Record{one("button_displayed", ""), one("disclaimer_ok", "")},
			want:  "○ 11:55:03 1.2 s    2     shop.example     c07de1a2  agreed      ·",
		},
		{
			name:  "a finding on a call",
			calls: []*record.Record{one("button_displayed", `,"chat_id":5`)},
			want:  "✗ 11:55:03 0 ms     1     shop.example     c07de1a2  not so far  ·",
		},
		{
			name:  "a finding on the visit",
			calls: []*record.Record{one("error_message", "")},
			want:  "! 11:55:03 0 ms     1     shop.example     c07de1a2  not so far  ·",
		},
		{
			name:  "consent too late",
			calls: []*record.Record{one("button_displayed", `,"client_name":"Ada"`), one("disclaimer_ok", "")},
			want:  "! 11:55:03 1.2 s    2     shop.example     c07de1a2  ! too late  ·",
		},
		{
			name:  "an unknown contact",
			calls: []*record.Record{call("button_displayed", `{}`, `{}`)},
			want:  "✗ 11:55:03 0 ms     1     shop.example     unknown   ",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			records := append([]*record.Record{
				{Kind: record.Page, Event: "opened"},
				{Kind: record.Page, Event: "hooked"},
			}, tt.calls...)
			screen := tuitest.New(80, 24)
			run(t, options(newStore(t, numbered(records, 1)), screen))
			screen.WaitText(t, "following", "── ")
			screen.Press(t, "8")
			screen.WaitText(t, tt.want)
		})
	}
}

// TestVisitPlan: the line of a visit shows how the plan's demands stand, with the severity that the
// plan gives to what is missing.
func TestVisitPlan(t *testing.T) {
	const demands = "events:\n  button_displayed: {count: 0}\n  chat_requested: {count: 1}\n"
	for _, tt := range []struct{ name, plan, want string }{
		{"an error", demands, "✗ 1 of 2"},
		{"a warning", demands + "severity: {unexpected-event: warning}\n", "! 1 of 2"},
		{"not to be told", demands + "severity: {unexpected-event: off}\n", "· 1 of 2"},
		{"all met", "events:\n  chat_requested: {count: 1}\n", "○ met so far"},
		{"pending", "events:\n  chat_started: {count: 1}\n", "1 pending"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			screen := tuitest.New(120, 30)
			o := options(newStore(t, visit()[:5]), screen)
			byPlan(t, &o, "plan.yaml", tt.plan)
			run(t, o)
			screen.WaitText(t, "2 calls", "following", "── ")
			screen.Press(t, "8")
			screen.WaitText(t, tt.want)
		})
	}
}

// TestTimesBetween: a visit's events show the time between them. After Esc the list of events shows
// times as before, and t shows the time between them there, too.
func TestTimesBetween(t *testing.T) {
	screen := tuitest.New(100, 30)
	run(t, options(newStore(t, visits()), screen))
	screen.WaitText(t, "12 calls", "── chat_window_maximized", "TIME")
	press("8", "Enter")(t, screen, nil)
	screen.WaitText(t, "AFTER", "visit s-a204@shop.example 9 of 20", "── page opened")
	screen.Press(t, "Esc")
	screen.WaitText(t, "CONTACT")
	screen.Press(t, "1")
	screen.WaitText(t, "TIME")
	screen.Press(t, "t", "t")
	screen.WaitText(t, "AFTER", "+121 s")
}

// TestExpectedInVisit: in a visit's sequence, what the plan expects is told beside what came,
// and below it what did not come.
func TestExpectedInVisit(t *testing.T) {
	const plan = `events:
  chat_requested: {after: [button_displayed], within: 10s}
  chat_started: {after: [chat_requested], within: 5m}
  rating_submit: {count: 1}
`
	records := visits()
	screen := tuitest.New(140, 30)
	o := options(newStore(t, records), screen)
	byPlan(t, &o, "plan.yaml", plan)
	run(t, o)
	screen.WaitText(t, "12 calls", "── chat_window_maximized")
	press("8", "j", "Enter")(t, screen, nil)
	screen.WaitText(t, "AFTER", "met so far, within 10s of button_displayed", "met so far, within 5m0s of chat_requested")
	if text := screen.Frame().Text(); strings.Contains(text, "rating_submit") {
		t.Errorf("what the whole visit lacks is not at its end:\n%s", text)
	}
	screen.Press(t, "G")
	screen.WaitText(t, "rating_submit", "count 1")
	// The cursor goes to events alone.
	text := screen.Frame().Text()
	screen.Press(t, "j")
	screen.WaitText(t, "count 1")
	if screen.Frame().Text() != text {
		t.Errorf("the cursor left the events:\n%s\nbefore:\n%s", screen.Frame().Text(), text)
	}
	press("Esc", "1")(t, screen, nil)
	screen.WaitText(t, "TIME")
	if text := screen.Frame().Text(); strings.Contains(text, "met so far") {
		t.Errorf("it is told outside of the sequence, too:\n%s", text)
	}
}
