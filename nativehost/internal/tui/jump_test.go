package tui_test

import (
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/tui/tuitest"
)

// TestJump: Enter goes from a board's line to its events, and Esc back to the line.
func TestJump(t *testing.T) {
	for _, tt := range []struct {
		view  string
		keys  []string // pressed there before Enter
		texts []string // on the screen after it
	}{
		{"2", []string{"j", "j"}, []string{"missing-field /1/widget_lang 1 of 11", "── disclaimer_ok"}},
		{"3", nil, []string{`kind:call event:chat_startet 1 of 11`, "── chat_startet"}},
		{"4", nil, []string{"s-91f3@shop.example 10 of 11"}},
		{"4", []string{"j", "j"}, []string{"── contact_first_message", "paused"}},
		{"5", []string{"G"}, []string{`/2/custom_data/basket/*/sku:* 1 of 11`, "── contact_first_message"}},
		{"6", []string{"j"}, []string{`id:0b0f6a1e-1111-4222-8333`, "11 of 11"}},
	} {
		t.Run(tt.view+" "+strings.Join(tt.keys, " "), func(t *testing.T) {
			screen := tuitest.New(160, 40)
			run(t, options(newStore(t, visit()), screen))
			screen.WaitText(t, "6 calls", "── chat_window_minimized")
			screen.Press(t, tt.view)
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

// TestJumpToVisit: Enter lists a visit's calls, whatever its session is called.
func TestJumpToVisit(t *testing.T) {
	for name, tt := range map[string]struct{ site, session string }{
		"plain http":      {"http://localhost:8080", `"session_id":"s-1",`},
		"long":            {"https://shop.example", `"session_id":"` + strings.Repeat("s", 300) + `",`},
		"with a sign":     {"https://shop.example", `"session_id":"s@shop.example/1 \"x*",`},
		"without session": {"http://localhost:8080", ""},
	} {
		t.Run(name, func(t *testing.T) {
			records := numbered([]*record.Record{
				call("chat_requested", global, `{`+tt.session+`"client_name":"Ada"}`),
				call("disclaimer_ok", global, `{`+tt.session+`"client_name":"Ada"}`),
			}, 1)
			for _, r := range records {
				r.URL, r.TopURL = tt.site+"/", tt.site+"/"
			}
			records = append(records, elsewhere(numbered(many(1), 1), "other")...)
			screen := tuitest.New(100, 30)
			run(t, options(newStore(t, records), screen))
			screen.WaitText(t, "3 calls", "── chat_window_maximized")
			screen.Press(t, "4")
			settled(t, screen)
			screen.Press(t, "Enter")
			screen.WaitText(t, "── chat_requested", " 2 of 3 ")
		})
	}
}

// TestBackFromJump: Esc goes back to the board, and the events are then listed as they were
// before. q does the same, instead of quitting.
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
	screen.Press(t, "g", "j", "Enter", "2") // to another view without Esc
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
