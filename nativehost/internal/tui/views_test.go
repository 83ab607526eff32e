package tui_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/infer"
	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/plan"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/tui/tuitest"
)

// TestJump: Enter goes from a board's line to its events, Esc back to the line.
func TestJump(t *testing.T) {
	for _, tt := range []struct {
		name  string
		keys  []string // in the view
		texts []string // then
	}{
		{"2", []string{"j", "j"}, []string{"missing-field /1/widget_lang 1 of 11", "── disclaimer_ok"}},
		{"3", nil, []string{`kind:call event:chat_startet 1 of 11`, "── chat_startet"}},
		{"4", nil, []string{"s-91f3@shop.example 6 of 11"}},
		{"4", []string{"j", "j"}, []string{"── contact_first_message", "paused"}},
		{"5", []string{"G"}, []string{`/2/custom_data/basket/*/sku":* 1 of 11`, "── contact_first_message"}},
		{"6", []string{"j"}, []string{`id:0b0f6a1e-1111-4222-8333`, "11 of 11"}},
	} {
		t.Run(tt.name+" "+strings.Join(tt.keys, " "), func(t *testing.T) {
			screen := tuitest.New(160, 40)
			run(t, options(newStore(t, visit()), screen))
			screen.WaitText(t, "6 calls", "── chat_window_minimized")
			screen.Press(t, tt.name)
			settled(t, screen)
			screen.Press(t, tt.keys...)
			board := settled(t, screen).Text()
			screen.Press(t, "Enter")
			screen.WaitText(t, tt.texts...)
			screen.Press(t, "Esc")
			title, _, _ := strings.Cut(strings.Split(board, "\n")[2], "  ")
			screen.WaitText(t, title)
		})
	}
}

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

// TestSources: whatever is wrong on the way of a call, there is an answer.
func TestSources(t *testing.T) {
	no := false
	opened, hooked := &record.Record{Kind: record.Page, Event: "opened"}, &record.Record{Kind: record.Page, Event: "hooked"}
	client := &record.Record{Kind: record.Client, Text: "its script"}
	for _, tt := range []struct {
		name    string
		records []*record.Record
		want    string
	}{
		{"the page's script does not answer", []*record.Record{opened}, "does not answer"},
		{"late", []*record.Record{{Kind: record.Page, Event: "opened", HookedFromStart: &no}, hooked, {Kind: record.Handler, State: "appeared"}}, "open before the extension"},
		{"shadowed", []*record.Record{opened, hooked, {Kind: record.Handler, State: "shadowed"}}, "let, const or class"},
		{"locked", []*record.Record{opened, hooked, {Kind: record.Handler, State: "not-writable"}}, "has locked"},
		{"no function", []*record.Record{opened, hooked, client}, "has no userlikeTrackingEvent"},
		{"no client", []*record.Record{opened, hooked, {Kind: record.Handler, State: "appeared"}}, "no Userlike client"},
		{"neither", []*record.Record{opened, hooked}, "Neither the Userlike client"},
		{"not called", []*record.Record{opened, hooked, client, {Kind: record.Handler, State: "appeared"}}, "has not called"},
		{"well", []*record.Record{opened, hooked, client, call("slot_check", `{}`, `{}`)}, "Calls arrive"},
		{"lost", []*record.Record{opened, hooked, {Kind: record.Gap, Lost: 2, Why: "the host was away"}}, "2 calls were not recorded: the host was away"},
		{"lost, and shadowed since then", []*record.Record{opened, hooked, {Kind: record.Gap, Lost: 2, Why: "the host was away"}, {Kind: record.Handler, State: "shadowed"}}, "let, const or class"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var records []*record.Record
			for _, r := range tt.records {
				one := *r
				records = append(records, &one)
			}
			screen := tuitest.New(100, 30)
			run(t, options(newStore(t, numbered(records, 1)), screen))
			screen.WaitText(t, "following", "── ")
			screen.Press(t, "6")
			settled(t, screen)
			screen.Press(t, "j")
			screen.WaitText(t, tt.want)
		})
	}
}

// TestCopy: what is copied is what the cursor is on, and how is said.
func TestCopy(t *testing.T) {
	copied, none := make(chan string, 1), make(chan bool, 1)
	screen := tuitest.New(120, 40)
	o := options(newStore(t, visit()), screen)
	o.Copy = func(_ context.Context, text string) (string, error) {
		select {
		case <-none:
			return "", errors.New("no clipboard")
		default:
		}
		copied <- text
		return "by a test", nil
	}
	run(t, o)
	screen.WaitText(t, "6 calls", "── chat_window_minimized")
	screen.Press(t, "N", "N", "N", "N")
	screen.WaitText(t, "── disclaimer_ok", "identity-changed")
	screen.Press(t, "Tab", "j", "Enter") // the first finding's place
	for _, tt := range []struct{ key, what, want string }{
		{"p", "pointer", "/1/operator_group_id"}, {"f", "finding", "wrong-type (error) at /1/operator_group_id\n"}, {"j", "event", `{"v":1,"kind":"call"`},
	} {
		screen.Press(t, "y")
		screen.WaitText(t, "copy   v value")
		screen.Press(t, tt.key)
		screen.WaitText(t, "copied the "+tt.what+" by a test")
		if got := <-copied; !strings.HasPrefix(got, tt.want) {
			t.Errorf("%s copied %q, want %q", tt.key, got, tt.want)
		}
	}
	none <- true
	screen.Press(t, "k", "k", "y", "v")
	screen.WaitText(t, "copied the value by the terminal (OSC 52)")
}

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

// TestJumpToVisit: whatever a visit is called, Enter shows its calls.
func TestJumpToVisit(t *testing.T) {
	const global = `{"client_uuid":"c","operator_group_id":1,"widget_id":2,"widget_lang":"de"}`
	for name, tt := range map[string]struct{ site, session string }{
		"plain http":      {"http://localhost:8080", `"session_id":"s-1",`},
		"long":            {"https://shop.example", `"session_id":"` + strings.Repeat("s", 300) + `",`},
		"with a sign":     {"https://shop.example", `"session_id":"s@shop.example/1 \"x*",`},
		"without session": {"http://localhost:8080", ""},
	} {
		t.Run(name, func(t *testing.T) {
			records := numbered([]*record.Record{call("chat_requested", global, `{`+tt.session+`"client_name":"Ada"}`), call("disclaimer_ok", global, `{`+tt.session+`"client_name":"Ada"}`)}, 1)
			for _, r := range records {
				r.URL, r.TopURL = tt.site+"/", tt.site+"/"
			}
			screen := tuitest.New(100, 30)
			run(t, options(newStore(t, append(records, elsewhere(numbered(many(1), 1), "other")...)), screen))
			screen.WaitText(t, "3 calls", "── chat_window_maximized")
			screen.Press(t, "4")
			settled(t, screen)
			screen.Press(t, "Enter")
			screen.WaitText(t, "── chat_requested", " 2 of 3 ")
		})
	}
}

// TestBackFromJump: Esc leads back to the board, and the events are listed as they
// were before; so does q, which only then quits.
func TestBackFromJump(t *testing.T) {
	s := newStore(t, visit())
	screen := tuitest.New(120, 30)
	run(t, options(s, screen))
	screen.WaitText(t, "6 calls", "── chat_window_minimized")
	screen.Press(t, "/")
	screen.Type("event:chat_*")
	screen.Press(t, "Enter")
	screen.WaitText(t, "/event:chat_* 3 of 11", "following")
	for _, back := range []string{"Esc", "q"} {
		screen.Press(t, "3")
		settled(t, screen)
		screen.Press(t, "g", "j", "Enter")
		screen.WaitText(t, "── chat_startet", `event:chat_startet 1 of 11`, "paused")
		screen.Press(t, back)
		screen.WaitText(t, "CALLS", "following")
		screen.Press(t, "1")
		screen.WaitText(t, "/event:chat_* 3 of 11", "── chat_window_minimized")
	}
	screen.Press(t, "g", "j", "3")
	settled(t, screen)
	screen.Press(t, "g", "j", "Enter", "2") // away from there without Esc
	settled(t, screen)
	screen.Press(t, "Enter")
	screen.WaitText(t, "── ", "1 of 11")
	screen.Press(t, "Esc")
	screen.WaitText(t, "RULE")
	screen.Press(t, "1")
	screen.WaitText(t, "/event:chat_* 3 of 11", "── chat_startet", "paused")
	screen.Press(t, "Esc")
	screen.WaitText(t, "── chat_startet", "button_displayed", "paused")
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

// TestPlan: the plan is read again when it changes, and judged by; while it is
// wrong that is said, and the one before stays.
func TestPlan(t *testing.T) {
	file := filepath.Join(t.TempDir(), "checkout.yaml")
	write(t, file, "name: Checkout\nevents:\n  button_displayed: {count: 0}\n")
	p, err := plan.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	screen := tuitest.New(160, 30)
	o := options(newStore(t, visit()), screen)
	o.Inspector, o.PlanFile = inspector().With(p), file
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
	screen.WaitText(t, "! chat_started ", "pending 8", "met, 1", "pending, 3")
	screen.Press(t, "j", "j", "j")
	screen.WaitText(t, "s-91f3@shop.example: pending, 3")
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
	screen.WaitText(t, "✓ chat_started ", "pending, 1")
	settled(t, screen)
	screen.Press(t, "j", "j", "j", "j")
	screen.WaitText(t, "Of 1001 visits, those that stand worst", "s-0@shop.example: pending, 1")
	screen.Press(t, "Tab", "G")
	screen.WaitText(t, "s-19@shop.example: pending, 1")
	screen.Press(t, "Esc", "k") // in the list again
	screen.Wait(t, "another line", func(f tuitest.Frame) bool { return !strings.Contains(f.Text(), "s-19@") })
	screen.Press(t, "j")
	screen.WaitText(t, "Of 1001 visits")
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

// TestBrowserCounts: a browser's calls are those of all its documents, of which
// some are left.
func TestBrowserCounts(t *testing.T) {
	left := elsewhere(numbered([]*record.Record{{Kind: record.Page, Event: "opened"}, call("slot_check", `{}`, `{}`), {Kind: record.Page, Event: "closed"}}, 1), "left")
	screen := tuitest.New(100, 30)
	run(t, options(newStore(t, append(left, numbered([]*record.Record{call("slot_check", `{}`, `{}`)}, 4)...)), screen))
	screen.WaitText(t, "2 calls", "── slot_check")
	screen.Press(t, "6")
	screen.WaitText(t, "1 document open", "2 calls in 2 documents listed here (1 open).")
}

// TestManyDocuments: those that are not listed are counted.
func TestManyDocuments(t *testing.T) {
	var records []*record.Record
	for i := range 1003 {
		records = append(records, elsewhere(numbered([]*record.Record{call("slot_check", `{}`, `{}`)}, 1), fmt.Sprintf("d%d", i))...)
	}
	screen := tuitest.New(100, 30)
	run(t, options(newStore(t, records), screen))
	screen.WaitText(t, "1003 calls", "── slot_check")
	screen.Press(t, "6")
	screen.WaitText(t, "1000 calls in 1000 documents listed here")
	screen.Press(t, "G")
	screen.WaitText(t, "3 older documents not listed")
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
