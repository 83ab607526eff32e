package tui_test

import (
	"fmt"
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/tui/tuitest"
)

// manyKeys is a visit whose last call has 20,000 members in custom_data, which begins folded.
func manyKeys() []*record.Record {
	var keys []string
	for i := range 20000 {
		keys = append(keys, fmt.Sprintf(`"key%05d":"value %d of the basket"`, i, i))
	}
	return numbered([]*record.Record{
		{Kind: record.Page, Event: "opened"},
		{Kind: record.Page, Event: "hooked"},
		call("button_displayed", global, `{"session_id":"s"}`),
		call("chat_requested", global, `{"session_id":"s","custom_data":{`+strings.Join(keys, ",")+`}}`),
	}, 1)
}

// TestFindInDetail: / in the detail finds a text also in what is folded. n and N go from one
// place to the next, round the ends. After Esc, n goes to findings again.
func TestFindInDetail(t *testing.T) {
	screen := tuitest.New(100, 30)
	run(t, options(newStore(t, manyKeys()), screen))
	screen.WaitText(t, "2 calls", "── chat_requested", "▸ custom_data: {20000}")
	find := func(text string) {
		screen.Press(t, "/")
		screen.WaitText(t, "find: ")
		screen.Type(text)
		screen.Press(t, "Enter")
	}
	on := func(line, said string) {
		t.Helper()
		screen.Wait(t, said+" on "+line, func(f tuitest.Frame) bool {
			return strings.HasPrefix(underCursor(f), line) && strings.Contains(f.Text(), said)
		})
	}
	screen.Press(t, "Tab")
	find("VALUE 1777")
	on(`key01777: "value 1777 of the basket"`, "“value 1777”: 1 of 11")
	screen.Press(t, "n")
	on(`key17770: "value 17770`, "2 of 11")
	screen.Press(t, "N", "N")
	on(`key17779: "value 17779`, "11 of 11, went round")
	screen.Press(t, "n")
	on(`key01777: `, "1 of 11, went round")
	find("no such value")
	screen.WaitText(t, "“no such value” is not in this event")
	find("button")
	on("The contact clicked", "“button”: 1 of ")
	screen.Press(t, "Esc", "n")
	screen.WaitText(t, "no event that is listed has a finding")
	screen.Press(t, "Esc", "/")
	screen.WaitText(t, "a text or event:NAME")
}

// TestFindInJSON: a text is found also where it is broken into lines.
func TestFindInJSON(t *testing.T) {
	screen := tuitest.New(60, 30)
	run(t, options(newStore(t, visit()), screen))
	screen.WaitText(t, "── chat_window_minimized", "✗ handler-threw")
	screen.Press(t, "Tab", "r", "/")
	screen.Type("properties of undefined (reading 'widget_id')")
	screen.Press(t, "Enter")
	screen.Wait(t, "the text found", func(f tuitest.Frame) bool {
		return strings.HasPrefix(underCursor(f), `"threw"`) && strings.Contains(f.Text(), "1 of 3")
	})
}

// TestFindInHelp: the help can be searched, also while a filter is being typed, and the filter
// can be typed on afterwards.
func TestFindInHelp(t *testing.T) {
	screen := tuitest.New(80, 24)
	run(t, options(newStore(t, visit()), screen))
	screen.WaitText(t, "6 calls", "── chat_window_minimized")
	screen.Press(t, "/")
	screen.Type("event:chat")
	screen.Press(t, "F1", "/")
	screen.Type("a bell at each")
	screen.Press(t, "Enter")
	screen.Wait(t, "the line", func(f tuitest.Frame) bool {
		return strings.HasPrefix(underCursor(f), "B ") && strings.Contains(f.Text(), ": 1 of 1")
	})
	screen.Press(t, "Esc", "Esc")
	screen.Type("_*")
	screen.WaitText(t, "/event:chat_*", "3 of 11")
}

// TestFindManyTimes: a line with the text more than 100,000 times does not stop the screen.
func TestFindManyTimes(t *testing.T) {
	records := visit()
	records[10].Handled.Threw = strings.Repeat("an", 1<<17)
	screen := tuitest.New(100, 30)
	run(t, options(newStore(t, records), screen))
	screen.WaitText(t, "── chat_window_minimized")
	screen.Press(t, "Tab", "/")
	screen.Type("an")
	screen.Press(t, "Enter")
	screen.WaitText(t, "“an”: 1 of ")
	screen.Press(t, "G")
	screen.WaitText(t, "✗ it threw anan")
}
