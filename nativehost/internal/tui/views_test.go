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

// TestJourneyFindings: what takes more than one record is shown with its call,
// in the table and in the detail, and n finds it.
func TestJourneyFindings(t *testing.T) {
	const global = `{"client_uuid":"c","operator_group_id":1,"widget_id":2,"widget_lang":"de"}`
	records := []*record.Record{
		{Kind: record.Page, Event: "opened"}, {Kind: record.Page, Event: "hooked"},
		call("button_displayed", global, `{"session_id":"s"}`),
		call("chat_requested", global, `{"session_id":"s"}`),
		call("error_message", global, `{"session_id":"s"}`),
		call("disclaimer_ok", global, `{"session_id":"s"}`),
	}
	screen := tuitest.New(120, 30)
	run(t, options(newStore(t, numbered(records, 1)), screen))
	screen.WaitText(t, "4 calls", "── disclaimer_ok", "! error-shown")
	screen.Press(t, "N")
	screen.WaitText(t, "── error_message", "The contact saw an error")
	screen.Press(t, "2")
	screen.WaitText(t, "RULE", "! error-shown")
}

// A document whose end the browser's side had to tell may have said more.
func TestCutOff(t *testing.T) {
	for id, want := range map[string]string{document + "/2": "The document was closed or left.", document + "/closed": "before it had said its last"} {
		records := numbered([]*record.Record{{Kind: record.Page, Event: "opened"}, {Kind: record.Page, Event: "closed"}}, 1)
		records[1].ID = id
		screen := tuitest.New(120, 30)
		run(t, options(newStore(t, records), screen))
		screen.WaitText(t, "── page closed", want)
	}
}

// TestClear: what was there is out of sight until it is wanted again.
func TestClear(t *testing.T) {
	s := newStore(t, visit())
	screen := tuitest.New(100, 30)
	run(t, options(s, screen))
	screen.WaitText(t, "6 calls", "── chat_window_minimized")
	screen.Press(t, "z")
	screen.WaitText(t, "Nothing new has come yet")
	add(t, s, numbered(many(1), 12))
	f := screen.WaitText(t, "── chat_window_maximized")
	if strings.Contains(f.Text(), "chat_window_minimized") {
		t.Errorf("the old ones are still there:\n%s", f.Text())
	}
	screen.Press(t, "z")
	screen.WaitText(t, "button_displayed", "chat_window_minimized")
	screen.Press(t, "t")
	screen.WaitText(t, "4 min ")

	// That something is out of sight is said all the time; Esc leads back, after
	// the filter, and a jump from a board is not to end elsewhere.
	screen.Press(t, "z", "j", "/")
	screen.Type("window")
	screen.Press(t, "Enter")
	screen.WaitText(t, "/window 0 of 12 ", "No record is let through")
	screen.Press(t, "Esc")
	screen.WaitText(t, "only what is new 0 of 12", "Esc lists what was recorded before")
	screen.Press(t, "Esc")
	screen.WaitText(t, "── chat_window_maximized", "button_displayed")
	screen.Press(t, "G", "z")
	screen.WaitText(t, "Nothing new has come yet")
	add(t, s, numbered(many(2), 13))
	screen.WaitText(t, "11:55:17.276", "following")
	screen.Press(t, "k", "Esc") // who reads stays there
	screen.WaitText(t, "── chat_window_maximized · 11:55:16.042", "chat_window_minimized", "paused")
	screen.Press(t, "z", "4")
	settled(t, screen)
	screen.Press(t, "j", "Enter")
	screen.WaitText(t, "── disclaimer_ok", "paused")
	screen.Press(t, "Esc", "1", "z", "3")
	settled(t, screen)
	screen.Press(t, "Enter")
	screen.WaitText(t, "── chat_startet", "1 of 14")
}

// TestFilterFromDetail: a filter is about the events, so the keys are there after it.
func TestFilterFromDetail(t *testing.T) {
	screen := tuitest.New(100, 30)
	run(t, options(newStore(t, visit()), screen))
	screen.WaitText(t, "6 calls", "── chat_window_minimized")
	screen.Press(t, "Enter", "/")
	screen.Type("chat_")
	screen.Press(t, "Enter")
	screen.WaitText(t, "/chat_ 4 of 11")
	screen.Press(t, "g")
	screen.WaitText(t, "── chat_requested")
}

// TestBoardCursor: it stays on its line when the board is made anew around it.
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
		clock.Add(60) // every key finds a board that is out of date
		screen.Press(t, "j")
	}
	screen.WaitText(t, "numeric string") // of the sixth line, wrong-type
	add(t, s, numbered(many(1), 12))     // with more findings above it
	screen.WaitText(t, "7 calls", "numeric string", "/1/client_uuid", "/1/widget_id")
}

// TestFilterByVerdicts: a filter is about every finding that is shown, also those
// of visits and by the plan, which the store doesn't have, and follows them.
func TestFilterByVerdicts(t *testing.T) {
	const global = `{"client_uuid":"c","operator_group_id":1,"widget_id":2,"widget_lang":"de"}`
	dir := t.TempDir()
	file := filepath.Join(dir, "plan.yaml")
	write(t, file, "name: First\nevents:\n  slot_check: {count: 0}\n")
	p, err := plan.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	records := numbered([]*record.Record{
		{Kind: record.Page, Event: "opened"}, {Kind: record.Page, Event: "hooked"},
		call("button_displayed", global, `{"session_id":"s"}`),
		call("error_message", global, `{"session_id":"s"}`),
		call("slot_check", global, `{"session_id":"s"}`),
		call("button_displayed", `{}`, `{"session_id":"s"}`),
		call("error_message", global, `{"session_id":"s","chat_id":"x"}`),
	}, 1)
	s := newStore(t, records[:6])
	screen := tuitest.New(120, 30)
	o := options(s, screen)
	o.Inspector, o.PlanFile = inspector().With(p), file
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
	screen.WaitText(t, "2 of 7", "5 calls")
	screen.Press(t, "w", "Ctrl-U")
	screen.Type(filepath.Join(dir, "shown.jsonl"))
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
	screen.WaitText(t, "No record is let through")
}

// TestFarFinding: n and N go by the verdicts of now, however many are stored
// that are none any more.
func TestFarFinding(t *testing.T) {
	file := filepath.Join(t.TempDir(), "plan.yaml")
	write(t, file, "name: Relaxed\nseverity: {wrong-type: off, missing-field: off}\nevents:\n  slot_check: {count: 0}\n")
	p, err := plan.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	global := `{"client_uuid":"c","operator_group_id":1,"widget_id":2,"widget_lang":"de"}`
	records := []*record.Record{{Kind: record.Page, Event: "opened"}, call("slot_check", global, `{"session_id":"s"}`), call("chat_startet", global, `{"session_id":"s"}`)}
	for range 300 {
		records = append(records, call("button_displayed", `{"client_uuid":"c","operator_group_id":"1","widget_id":2}`, `{"session_id":"s"}`))
	}
	screen := tuitest.New(120, 30)
	o := options(newStore(t, numbered(records, 1)), screen)
	o.Inspector = inspector().With(p)
	run(t, o)
	screen.WaitText(t, "302 calls", "✗ 2 ")
	screen.Press(t, "N")
	screen.WaitText(t, "── chat_startet")
	screen.Press(t, "N")
	screen.WaitText(t, "── slot_check", "✗ unexpected-event")
	screen.Press(t, "N")
	screen.WaitText(t, "no finding before this one")
	screen.Press(t, "n")
	screen.WaitText(t, "── chat_startet")
	screen.Press(t, "n")
	screen.WaitText(t, "no finding after this one")
}

// TestManyPlaces: the findings at places that are too many to be told apart are
// one line, which leads to them and to no others.
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

// TestManyVisits: of more visits than can be listed, the newest are, and the rest
// is admitted.
func TestManyVisits(t *testing.T) {
	file := filepath.Join(t.TempDir(), "plan.yaml")
	write(t, file, "events:\n  chat_started: {count: 1}\n")
	p, err := plan.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	records := []*record.Record{{Kind: record.Page, Event: "opened"}}
	for i := range 1001 {
		name := "disclaimer_ok"
		if i == 500 {
			name = "chat_started"
		}
		records = append(records, call(name, fmt.Sprintf(`{"client_uuid":"c-%d","operator_group_id":1,"widget_id":2,"widget_lang":"de"}`, i), fmt.Sprintf(`{"session_id":"s-%d","client_name":"Ada"}`, i)))
	}
	screen := tuitest.New(120, 40)
	o := options(newStore(t, numbered(records, 1)), screen)
	o.Inspector = inspector().With(p)
	run(t, o)
	screen.WaitText(t, "1001 calls", "── disclaimer_ok")
	screen.Press(t, "4")
	screen.WaitText(t, "s-1000@shop.example")
	screen.Press(t, "G")
	screen.WaitText(t, "s-501@shop.example", "older visits are not listed")
	screen.Press(t, "3")
	screen.WaitText(t, "✓ chat_started ", "pending, count 1")
	settled(t, screen)
	screen.Press(t, "j", "j", "j", "j")
	screen.WaitText(t, "Of 1001 visits, those that stand worst", "s-0@shop.example: pending, count 1")
	screen.Press(t, "Tab", "G")
	screen.WaitText(t, "s-19@shop.example: pending, count 1")
	screen.Press(t, "Esc", "k") // in the list again
	screen.Wait(t, "another line", func(f tuitest.Frame) bool { return !strings.Contains(f.Text(), "s-19@") })
	screen.Press(t, "j")
	screen.WaitText(t, "Of 1001 visits")
}

// TestBoardWords: an event without a name is called that, and Enter says when it has
// nothing to go to.
func TestBoardWords(t *testing.T) {
	screen := tuitest.New(100, 30)
	run(t, options(newStore(t, numbered([]*record.Record{call("", `{}`, `{}`)}, 1)), screen))
	screen.WaitText(t, "1 call", "── (no event name)")
	screen.Press(t, "3")
	screen.WaitText(t, "✗ (no event name) ")
	screen.Press(t, "6")
	screen.WaitText(t, "FUNCTION")
	screen.Press(t, "Enter")
	screen.WaitText(t, "this line is about no events of its own")
}

// TestOddNames: what pages name as they like is listed all the same, by a filter
// that can be seen and typed.
func TestOddNames(t *testing.T) {
	odd := call("odd\u202e\nevent", `{}`, `{"session_id":"s"}`)
	records := append(elsewhere(numbered(visit(), 1), "a-document"), elsewhere(numbered([]*record.Record{odd}, 1), `do"c`)...)
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

// TestOtherDay: the detail's title tells the day of what was not lately.
func TestOtherDay(t *testing.T) {
	screen := tuitest.New(80, 24)
	o := options(newStore(t, visit()), screen)
	o.Now = func() time.Time { return noon.Add(48 * time.Hour) }
	run(t, o)
	screen.WaitText(t, "22 11:55 shop.example", "── chat_window_minimized · 2026-11-22 11:55:13.574 ")
}

// TestShapeNames: a name that is too long keeps off the next column, and one that
// is empty can be seen.
func TestShapeNames(t *testing.T) {
	screen := tuitest.New(80, 24)
	run(t, options(newStore(t, numbered([]*record.Record{call("chat_started", `{}`, `{"custom_data":{"":1,"`+strings.Repeat("p", 100)+`":1}}`)}, 1)), screen))
	screen.WaitText(t, "1 call", "── chat_started")
	screen.Press(t, "5")
	screen.WaitText(t, "ppp… number ", `     ""    `)
}
