package tui_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/plan"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/tui/tuitest"
)

// TestJourneyFindings: a finding on a visit is shown at its call, in the table and in the detail, and
// n goes to it.
func TestJourneyFindings(t *testing.T) {
	records := []*record.Record{
		{Kind: record.Page, Event: "opened"},
		{Kind: record.Page, Event: "hooked"},
		call("button_displayed", global, `{"session_id":"s"}`),
		call("chat_requested", global, `{"session_id":"s"}`),
		call("error_message", global, `{"session_id":"s"}`),
		call("disclaimer_ok", global, `{"session_id":"s"}`),
	}
	screen := tuitest.New(120, 30)
	run(t, options(newStore(t, numbered(records, 1)), screen))
	screen.WaitText(t, "4 calls", "── disclaimer_ok", "error-shown")
	screen.Press(t, "N")
	screen.WaitText(t, "── error_message", "The contact saw an error")
	screen.Press(t, "2")
	screen.WaitText(t, "RULE", "! error-shown")
}

// TestCutOff: a "closed" record that the extension's background made, because the document could not
// do it itself, says that calls may be missing.
func TestCutOff(t *testing.T) {
	for id, want := range map[string]string{
		document + "/2":      "The document was closed or left.",
		document + "/closed": "before it had said its last",
	} {
		records := numbered([]*record.Record{{Kind: record.Page, Event: "opened"}, {Kind: record.Page, Event: "closed"}}, 1)
		records[1].ID = id
		screen := tuitest.New(120, 30)
		run(t, options(newStore(t, records), screen))
		screen.WaitText(t, "── page closed", want)
	}
}

// TestClear: z leaves out what was recorded so far, and a second z brings it back.
func TestClear(t *testing.T) {
	s := newStore(t, visit())
	screen := tuitest.New(100, 30)
	run(t, options(s, screen))
	screen.WaitText(t, "6 calls", "── chat_window_minimized")
	screen.Press(t, "z")
	screen.WaitText(t, "Nothing has come since 12:00:00 yet")
	add(t, s, numbered(many(1), 12))
	f := screen.WaitText(t, "── chat_window_maximized")
	if strings.Contains(f.Text(), "chat_window_minimized") {
		t.Errorf("the old ones are still there:\n%s", f.Text())
	}
	screen.Press(t, "z")
	screen.WaitText(t, "button_displayed", "chat_window_minimized")
	screen.Press(t, "t")
	screen.WaitText(t, "4 min ")

	// It is said all the time that something is left out. Esc first takes away the filter, and then
	// brings back what was left out.
	screen.Press(t, "z", "j", "/")
	screen.Type("window")
	screen.Press(t, "Enter")
	screen.WaitText(t, "/window 0 of 12 ", "No record matches")
	screen.Press(t, "Esc")
	screen.WaitText(t, "since 12:00:00 0 of 12", "W brings back what was recorded before")
	screen.Press(t, "Esc")
	screen.WaitText(t, "── chat_window_maximized", "button_displayed")
	screen.Press(t, "G", "z")
	screen.WaitText(t, "Nothing has come since 12:00:00 yet")
	add(t, s, numbered(many(2), 13))
	screen.WaitText(t, "11:55:17.276", "following")
	screen.Press(t, "k", "Esc") // the cursor stays on its event
	screen.WaitText(t, "── chat_window_maximized · 11:55:16.042", "chat_window_minimized", "paused")
	screen.Press(t, "z", "4") // it applies to every view
	screen.WaitText(t, "since 12:00:00: 0 calls", "No contact has agreed", "Only this is looked at: since 12:00:00. W widens it.")
	screen.Press(t, "z")
	screen.WaitText(t, " 9 calls", "agreed at")
	screen.Press(t, "j", "Enter")
	screen.WaitText(t, "── disclaimer_ok", "paused")
	screen.Press(t, "Esc", "3")
	settled(t, screen)
	screen.Press(t, "Enter")
	screen.WaitText(t, "── chat_startet", "1 of 14")
}

// TestBoardCursor: the cursor stays on its line when the board is made anew.
func TestBoardCursor(t *testing.T) {
	var clock atomic.Int64 // seconds after noon
	s := newStore(t, visit())
	screen := tuitest.New(100, 30)
	o := options(s, screen)
	o.Now = func() time.Time { return noon.Add(time.Duration(clock.Load()) * time.Second) }
	run(t, o)
	screen.WaitText(t, "6 calls", "── chat_window_minimized")
	screen.Press(t, "2")
	screen.WaitText(t, "RULE", "undocumented-field")
	for range 5 {
		clock.Add(60) // so that the board is made anew for each key
		screen.Press(t, "j")
	}
	screen.WaitText(t, "numeric string") // of the sixth line, wrong-type
	add(t, s, numbered(many(1), 12))     // with more findings above it
	screen.WaitText(t, "7 calls", "numeric string", "/1/client_uuid", "/1/widget_id")
}

// TestFilterByVerdicts: a filter for findings goes by the current ones, also those on visits and by
// the plan, which the store does not have. The list changes when the findings do.
func TestFilterByVerdicts(t *testing.T) {
	records := numbered([]*record.Record{
		{Kind: record.Page, Event: "opened"},
		{Kind: record.Page, Event: "hooked"},
		call("button_displayed", global, `{"session_id":"s"}`),
		call("error_message", global, `{"session_id":"s"}`),
		call("slot_check", global, `{"session_id":"s"}`),
		call("button_displayed", `{}`, `{"session_id":"s"}`),
		call("error_message", global, `{"session_id":"s","chat_id":"x"}`),
	}, 1)
	s := newStore(t, records[:6])
	screen := tuitest.New(120, 30)
	o := options(s, screen)
	file := byPlan(t, &o, "plan.yaml", "name: First\nevents:\n  slot_check: {count: 0}\n")
	run(t, o)
	screen.WaitText(t, "4 calls", "plan First")
	narrow := func(text string) {
		screen.Press(t, "/", "Ctrl-U")
		screen.Type(text)
		screen.Press(t, "Enter")
	}
	narrow("rule:error-shown")
	screen.WaitText(t, "1 of 6", "── error_message")
	add(t, s, records[6:])
	screen.WaitText(t, "2 of 7", "/rule:error-shown: 2 calls")
	screen.Press(t, "w", "Ctrl-U")
	screen.Type(filepath.Join(t.TempDir(), "shown.jsonl"))
	screen.Press(t, "Enter")
	screen.WaitText(t, "wrote 2 records")
	narrow("rule:unexpected-event severity>=error")
	screen.WaitText(t, "1 of 7", "── slot_check")
	narrow("-severity>=info kind:call")
	screen.WaitText(t, "1 of 7", "── button_displayed")
	narrow("severity>=error")
	screen.WaitText(t, "2 of 7")
	write(t, file, "name: Second\nseverity: {missing-field: info, error-shown: error}\n")
	screen.WaitText(t, "plan Second", "✗ error-shown")
	narrow("rule:missing-field")
	screen.WaitText(t, "1 of 7", "i missing-field")
	narrow("rule:unexpected-event")
	screen.WaitText(t, "No record matches")
}

// TestFarFinding: n and N go by the current findings. Here many more are stored, but the plan has
// turned their rules off.
func TestFarFinding(t *testing.T) {
	records := []*record.Record{
		{Kind: record.Page, Event: "opened"},
		call("slot_check", global, `{"session_id":"s"}`),
		call("chat_startet", global, `{"session_id":"s"}`),
	}
	for range 300 {
		records = append(records, call("button_displayed", `{"client_uuid":"c","operator_group_id":"1","widget_id":2}`, `{"session_id":"s"}`))
	}
	screen := tuitest.New(120, 30)
	o := options(newStore(t, numbered(records, 1)), screen)
	byPlan(t, &o, "plan.yaml", `name: Relaxed
severity: {wrong-type: off, missing-field: off}
events:
  slot_check: {count: 0}
`)
	run(t, o)
	screen.WaitText(t, "302 calls", "✗ 2 ")
	screen.Press(t, "N")
	screen.WaitText(t, "── chat_startet")
	screen.Press(t, "N")
	screen.WaitText(t, "── slot_check", "✗ unexpected-event")
	screen.Press(t, "N")
	screen.WaitText(t, "── chat_startet", "went round: this is the last finding")
	screen.Press(t, "n")
	screen.WaitText(t, "── slot_check", "went round: this is the first finding")
	screen.Press(t, "n")
	screen.WaitText(t, "── chat_startet")
}

// TestManyPlaces: if there are findings at too many places, the rest of them is on one line, from
// which Enter lists these and no others.
func TestManyPlaces(t *testing.T) {
	var records []*record.Record
	for i := range 25 {
		fields := `"client_uuid":"c","operator_group_id":1,"widget_id":2,"widget_lang":"de"`
		for k := range 100 {
			fields += fmt.Sprintf(`,"field_%d_of_%d":1`, k, i)
		}
		records = append(records, call("button_displayed", "{"+fields+"}", `{"session_id":"s"}`))
	}
	screen := tuitest.New(120, 30)
	run(t, options(newStore(t, numbered(records, 1)), screen))
	screen.WaitText(t, "25 calls", "── button_displayed")
	screen.Press(t, "2")
	screen.WaitText(t, "! undocumented-field   … ", " 500 ")
	screen.Press(t, "Enter")
	screen.WaitText(t, "undocumented-field … 5 of 25")
}

// TestManyVisits: if there are too many visits, the newest ones are listed, and it is said that there
// are more.
func TestManyVisits(t *testing.T) {
	records := []*record.Record{{Kind: record.Page, Event: "opened"}}
	for i := range 1001 {
		name := "disclaimer_ok"
		if i == 500 {
			name = "chat_started"
		}
		records = append(records, call(name,
			fmt.Sprintf(`{"client_uuid":"c-%d","operator_group_id":1,"widget_id":2,"widget_lang":"de"}`, i),
			fmt.Sprintf(`{"session_id":"s-%d","client_name":"Ada"}`, i)))
	}
	screen := tuitest.New(120, 40)
	o := options(newStore(t, numbered(records, 1)), screen)
	byPlan(t, &o, "plan.yaml", "events:\n  chat_started: {count: 1}\n")
	run(t, o)
	screen.WaitText(t, "1001 calls", "── disclaimer_ok")
	screen.Press(t, "4")
	screen.WaitText(t, "s-1000@shop.example")
	screen.Press(t, "G")
	screen.WaitText(t, "s-501@shop.example", "older visits are not listed")
	screen.Press(t, "3")
	screen.WaitText(t, "✓ chat_started ", "pending, count 1")
	screen.WaitText(t, "Of 1001 visits, those that stand worst", "s-0@shop.example: pending, count 1")
	screen.Press(t, "Tab", "G")
	screen.WaitText(t, "s-19@shop.example: pending, count 1")
	screen.Press(t, "Esc", "j") // in the list again
	screen.Wait(t, "another line", func(f tuitest.Frame) bool { return !strings.Contains(f.Text(), "s-19@") })
	screen.Press(t, "k")
	screen.WaitText(t, "Of 1001 visits")
}

// TestBoardWords: an event without a name is listed as such, and where Enter leads nowhere, it says
// so.
func TestBoardWords(t *testing.T) {
	screen := tuitest.New(100, 30)
	run(t, options(newStore(t, numbered([]*record.Record{call("", `{}`, `{}`)}, 1)), screen))
	screen.WaitText(t, "1 call", "── (no event name)")
	screen.Press(t, "3")
	screen.WaitText(t, "✗ (no event name) ")
	screen.Press(t, "6")
	screen.WaitText(t, "FUNCTION")
	screen.Press(t, "Enter")
	screen.WaitText(t, "there are no events to show for this line")
}

// TestOddNames: names with characters that can't be seen or typed are suggested, and listed by
// Enter, as a filter that can be.
func TestOddNames(t *testing.T) {
	odd := call("odd\u202e\nevent", `{}`, `{"session_id":"s"}`)
	records := elsewhere(numbered(visit(), 1), "a-document")
	records = append(records, elsewhere(numbered([]*record.Record{odd}, 1), `do"c`)...)
	screen := tuitest.New(100, 24)
	run(t, options(newStore(t, records), screen))
	screen.WaitText(t, "7 calls")
	screen.Press(t, "/")
	screen.Type("event:od")
	screen.WaitText(t, "odd*event")
	screen.Press(t, "Tab")
	screen.WaitText(t, "/event:odd*event", "1 of 12")
	screen.Press(t, "Esc", "3")
	settled(t, screen)
	screen.Press(t, "g", "j", "j", "Enter")
	screen.WaitText(t, "event:odd*event 1 of 12")
	screen.Press(t, "Esc", "6")
	settled(t, screen)
	screen.Press(t, "g", "j", "Enter")
	screen.WaitText(t, `id:"do\"c/"* 1 of 12`)
}

// TestOtherDay: of an event that is more than a day old, the list and the detail show the date.
func TestOtherDay(t *testing.T) {
	screen := tuitest.New(80, 24)
	o := options(newStore(t, visit()), screen)
	o.Now = func() time.Time { return noon.Add(48 * time.Hour) }
	run(t, o)
	screen.WaitText(t, "22 11:55 shop.example", "── chat_window_minimized · 2026-11-22 11:55:13.574 ")
}

// TestShapeNames: a long name is cut before the next column, and an empty one is shown as "".
func TestShapeNames(t *testing.T) {
	odd := call("chat_started", `{}`, `{"custom_data":{"":1,"`+strings.Repeat("p", 100)+`":1}}`)
	screen := tuitest.New(80, 24)
	run(t, options(newStore(t, numbered([]*record.Record{odd}, 1)), screen))
	screen.WaitText(t, "1 call", "── chat_started")
	screen.Press(t, "5")
	screen.WaitText(t, "ppp… number ", `     ""    `)
}

// TestNarrowAndWide: a narrow window shows what is wrong, and in a wide one what there is to
// say about a line is beside the list.
func TestNarrowAndWide(t *testing.T) {
	p, err := plan.Parse("plan.yaml", "/plan.yaml", []byte(checkoutPlan), nil)
	if err != nil {
		t.Fatal(err)
	}
	narrow, wide := [2]int{40, 20}, [2]int{200, 50}
	for _, tt := range []struct {
		name, key, text string
		sizes           [][2]int
	}{
		{"events", "g", "── page opened", [][2]int{narrow, wide}},
		{"findings", "2", "RULE", [][2]int{narrow, wide}},
		{"coverage", "3", "EXPECTED", [][2]int{narrow, wide}},
		{"consent", "4", "disclaimer_ok", [][2]int{narrow, wide}},
		{"shape", "5", "PLACE", [][2]int{narrow, wide}},
		{"sources", "6", "FUNCTION", [][2]int{narrow, wide}},
		{"visits", "8", "BEGAN", [][2]int{narrow}}, // TestVisitScreens has a wide one
	} {
		for _, size := range tt.sizes {
			name := fmt.Sprintf("%s-%dx%d", tt.name, size[0], size[1])
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				screen := tuitest.New(size[0], size[1])
				o := options(newStore(t, visits()), screen)
				o.Inspector = inspector().With(p)
				run(t, o)
				screen.WaitText(t, "12 calls", "── chat_window_maximized")
				screen.Press(t, tt.key)
				golden(t, screen, name, tt.text)
			})
		}
	}
}
