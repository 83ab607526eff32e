package tui_test

import (
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/tui/tuitest"
)

// agreeing is a visit whose contact gives their name before agreeing to the privacy notice.
func agreeing(more ...*record.Record) []*record.Record {
	yes := true
	return numbered(append([]*record.Record{
		{Kind: record.Page, Event: "opened", HookedFromStart: &yes},
		{Kind: record.Page, Event: "hooked"},
		call("button_displayed", global, `{"session_id":"s","client_name":"Ada"}`),
		call("disclaimer_ok", global, `{"session_id":"s"}`),
	}, more...), 1)
}

// TestPending: as long as something may still be found, no view has a sign that all is well. When
// that time is over, it has one.
func TestPending(t *testing.T) {
	all := agreeing(&record.Record{Kind: record.Page, Event: "closed"})
	s := newStore(t, all[:3])
	screen := tuitest.New(120, 34)
	run(t, options(s, screen))
	screen.WaitText(t, "○ 1 pending", "○ 11:55:03.702                          button_displayed               pending", "○ pending: before-consent is found if disclaimer_ok comes later in this visit")
	for view, texts := range map[string][]string{
		"2": {
			"Pending: these may still be found",
			"○ before-consent       on 1 record, the last one for as long as the visit goes on",
		},
		"4": {"○ not agreed so far", "○ 11:55:03"},
		"8": {"○ 11:55:03", "not so far"},
	} {
		screen.Press(t, view)
		screen.WaitText(t, texts...)
	}
	screen.Press(t, "1")
	add(t, s, all[3:4])
	screen.WaitText(t, "! 11:55:03.702                          button_displayed               before-consent")

	// The same visit, but it ends without the agreement.
	s = newStore(t, append(all[:3:3], agreeing()[2]))
	screen = tuitest.New(120, 34)
	o := options(s, screen)
	left := *all[4]
	left.Seq, left.ID = 4, document+"/4"
	add(t, s, []*record.Record{&left})
	o.Now = func() time.Time { return noon.Add(time.Hour) } // long after the page was left
	run(t, o)
	screen.WaitText(t, "✓ 11:55:03.702                          button_displayed")
	screen.Press(t, "8")
	screen.WaitText(t, "✓ 11:55:03")
}

// TestPendingForwarding: a call that was made a moment ago may still arrive at a place.
func TestPendingForwarding(t *testing.T) {
	screen := tuitest.New(120, 34)
	records := forwarded()
	o := options(newStore(t, records), screen)
	o.Now = func() time.Time { return records[len(records)-1].Time.Add(time.Second) }
	run(t, o)
	screen.WaitText(t, "hidden")
	screen.Press(t, "7")
	screen.WaitText(t, "○ 0/1")
	screen.Press(t, "j")
	screen.WaitText(t, "may still arrive, or arrive once more, until")
}

// TestShapeOdd: a place whose values have several types has a line for each type, and Enter there
// lists the calls with it. Enter on the place's own line lists the calls without the usual type.
func TestShapeOdd(t *testing.T) {
	with := func(event, total string) *record.Record {
		return call(event, global, `{"session_id":"s","custom_data":{"total":`+total+`}}`)
	}
	records := numbered([]*record.Record{
		{Kind: record.Page, Event: "opened"},
		with("button_displayed", "12.5"),
		with("chat_requested", `"9"`),
		with("chat_connected", "3"),
		with("chat_started", "null"),
	}, 1)
	records[4].Notes = []record.Note{{At: "/2/custom_data/total", Is: "bigint", Text: "12"}}
	screen := tuitest.New(120, 34)
	run(t, options(newStore(t, records), screen))
	screen.WaitText(t, "4 calls", "── chat_started")
	screen.Press(t, "5")
	screen.WaitText(t, "number, string", "3 to 12.5", "number            2 calls", "string            1 call", "bigint (lost)     1 call")
	lists := func(down int, name, event string, none ...string) { // none are not in the list
		t.Helper()
		screen.Press(t, "g", "j", "j")
		for range down {
			screen.Press(t, "j")
		}
		screen.Press(t, "Enter")
		const column = "          " // before the event, and nowhere else
		for i := range none {
			none[i] = column + none[i]
		}
		screen.Wait(t, name, shows([]string{"/2/custom_data/total " + name, column + event}, none))
		screen.Press(t, "Esc")
		screen.WaitText(t, "number, string")
	}
	lists(0, "not number", "chat_requested", "button_displayed", "chat_connected", "chat_started")
	lists(1, "number", "chat_connected", "chat_requested")
	lists(2, "string", "chat_requested", "chat_connected")
	lists(3, "bigint", "chat_started", "button_displayed", "chat_requested")
}
