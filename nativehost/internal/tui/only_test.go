package tui_test

import (
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/tui/tuitest"
)

// TestOnly: in every view, f lists what everything can be narrowed to by the line under the
// cursor, and a key of the menu does it. A capital letter narrows to all but that.
func TestOnly(t *testing.T) {
	for _, tt := range []struct {
		name string
		keys []string // pressed before f; "↑text" goes up to a line that begins with the text
		line string   // how the line under the cursor begins then
		menu string   // a line of the menu
		key  string   // pressed in the menu
		want []string // on the screen after it
	}{
		{"event", []string{"g", "j", "j", "j", "j"}, "11:55:0", "e  event     event:button_displayed", "e", []string{"/event:button_displayed: 2 calls", "2 of 20"}},
		{"visit", []string{"g", "j", "j", "j", "j"}, "11:55:0", "v  visit     visit s-91f3", "v", []string{"visit s-91f3@shop.example: 7 calls", "11 of 20"}},
		{"page", []string{"g"}, "11:55:0", "e  event     kind:page", "e", []string{"/kind:page: 0 calls", "4 of 20"}},
		{"visit of a page", []string{"g"}, "11:55:0", "v  visit     visit of this page", "v", []string{"visit s-91f3@shop.example: 7 calls", "11 of 20"}},
		{"all but an event", []string{"g", "j", "j", "j", "j"}, "11:55:0", "e  event", "E", []string{"/-event:button_displayed: 10 calls", "18 of 20"}},
		{"all but a visit", []string{"g", "j", "j", "j", "j"}, "11:55:0", "v  visit", "V", []string{"not visit s-91f3@shop.example: 5 calls", "9 of 20"}},
		{"rule", []string{"↑11:55:23"}, "11:55:", "r  rule      rule:wrong-type", "r", []string{"/rule:wrong-type: 1 call", "1 of 20"}},
		{
			"value", []string{"↑11:55:23", "Tab", "n"}, "✗ wrong-type",
			"f  value     /1/operator_group_id:1234", "f", []string{"/1/operator_group_id:1234: 12 calls", "12 of 20"},
		},
		{
			"place", []string{"↑11:55:23", "Tab", "G", "↑▾ custom_data"}, "▾ custom_data",
			"p  place     /2/custom_data:*", "p", []string{"/2/custom_data:*: 12 calls", "12 of 20"},
		},
		{"site and tab", []string{"G"}, "11:", "t  tab       tab:12", "s", []string{"/site:shop.example: 12 calls", "20 of 20"}},
		{"document", []string{"G"}, "11:", "d  document  id:s-a204/*", "d", []string{"/id:s-a204/*: 5 calls", "9 of 20"}},
		{"finding of a group", []string{"2", "j"}, "", "f  value     ", "f", []string{"wrong-type /1/operator_group_…: 1 call"}},
		{"rule of a group", []string{"2"}, "", "r  rule      rule:undocumented-event", "r", []string{"/rule:undocumented-event: 1 call", "✗ 1 error "}},
		{"coverage", []string{"3"}, "", "e  event     event:chat_window_minimzed", "e", []string{"/event:chat_window_minimzed: 1 call"}},
		{"consent", []string{"4"}, "", "v  visit     visit s-a204@shop.example", "v", []string{"visit s-a204@shop.example: 5 calls"}},
		{"shape", []string{"5", "j"}, "", "p  place     /2/custom_data:*", "p", []string{"/2/custom_data:*: 12 calls"}},
		{"source", []string{"6", "j"}, "", "d  document  id:", "d", []string{"/*: 5 calls"}},
		{"visits", []string{"8", "j"}, "", "c  contact   /1/client_uuid:6b1e4e1e", "c", []string{"/1/client_uuid:6b1e4e1e: 7 calls"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			screen := tuitest.New(120, 40)
			run(t, options(newStore(t, visits()), screen))
			screen.WaitText(t, "12 calls", "── chat_window_maximized")
			for _, key := range tt.keys {
				if line, up := strings.CutPrefix(key, "↑"); up {
					goTo(t, screen, "k", line)
					continue
				}
				screen.Press(t, key)
				settled(t, screen)
			}
			if on := underCursor(settled(t, screen)); !strings.Contains(on, tt.line) {
				t.Fatalf("the cursor is on %q", on)
			}
			screen.Press(t, "f")
			screen.WaitText(t, "only   E V", tt.menu)
			screen.Press(t, tt.key)
			screen.WaitText(t, tt.want...)
			screen.Press(t, "W")
			screen.Wait(t, "all again", shows([]string{"\n 12 calls  ✗ 2 errors"}, nil))
		})
	}
}

// TestOnlyMore: a choice is added to the filter in force, which can then be edited as if it had
// been typed. The menu stays about the same event while records come.
func TestOnlyMore(t *testing.T) {
	s := newStore(t, visits())
	screen := tuitest.New(120, 40)
	run(t, options(s, screen))
	screen.WaitText(t, "12 calls", "── chat_window_maximized")
	screen.Press(t, "f")
	screen.WaitText(t, "event:chat_window_maximized")
	add(t, s, elsewhere(numbered(visit(), 1), "elsewhere"))
	screen.WaitText(t, "18 calls", "event:chat_window_maximized")
	screen.Press(t, "e")
	screen.WaitText(t, "/event:chat_window_maximized 1 of 31")
	screen.Press(t, "f", "T")
	screen.WaitText(t, "/event:chat_window_maximized -tab:12 0 of 31", "No record matches")
	screen.Press(t, "f")
	screen.WaitText(t, "there is nothing here to filter by")
	screen.Press(t, "/", "Ctrl-U")
	screen.Type("event:chat_window_maximized")
	screen.Press(t, "Enter")
	screen.WaitText(t, "/event:chat_window_maximized 1 of 31")
	screen.Press(t, "f", "p")
	screen.WaitText(t, "there is no place here to filter by")
	screen.Press(t, "W")
	screen.WaitText(t, " 18 calls", "11 waiting", "elsewhere.example 12")
}

// TestOnlyOfALine: what is narrowed among the events of a board's line stays within the scope,
// whose filter the header names and which can be edited together with the rest.
func TestOnlyOfALine(t *testing.T) {
	screen := tuitest.New(400, 40)
	run(t, options(newStore(t, visits()), screen))
	screen.WaitText(t, "12 calls", "── chat_window_maximized")
	screen.Press(t, "/")
	screen.Type("journey:s-91f3")
	screen.Press(t, "Enter")
	screen.WaitText(t, "/journey:s-91f3: 7 calls")
	screen.Press(t, "5")
	screen.WaitText(t, "PLACE", "custom_data")
	screen.Press(t, "Enter")
	screen.WaitText(t, "/site:shop.example,*.shop.example /2/custom_data:* 7 of 20")
	screen.Press(t, "f", "t")
	screen.WaitText(t, "/journey:s-91f3 site:shop.example,*.shop.example /2/custom_data:* tab:12: 7 calls", "7 of 20")
	screen.Press(t, "/")
	screen.Type(" kind:call")
	screen.Press(t, "Enter")
	screen.WaitText(t, "/journey:s-91f3 site:shop.example,*.shop.example /2/custom_data:* tab:12 kind:call: 7 calls", "7 of 20")
}
