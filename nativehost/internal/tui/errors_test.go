package tui_test

import (
	"testing"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/tui/tuitest"
)

// TestNextError: x goes from error to error and does not stop at warnings. After the last it goes
// to the first.
func TestNextError(t *testing.T) {
	records := numbered([]*record.Record{
		{Kind: record.Page, Event: "opened"},
		{Kind: record.Page, Event: "hooked"},
		call("button_displayed", `{}`, `{"session_id":"s"}`),
		call("error_message", global, `{"session_id":"s"}`), // a warning
		call("chat_startet", global, `{"session_id":"s"}`),
		call("slot_check", global, `{"session_id":"s"}`),
	}, 1)
	screen := tuitest.New(120, 30)
	run(t, options(newStore(t, records), screen))
	screen.WaitText(t, "4 calls", "── slot_check", "✗ 5 errors")
	screen.Press(t, "X")
	screen.WaitText(t, "── chat_startet")
	screen.Press(t, "X")
	screen.WaitText(t, "── button_displayed")
	screen.Press(t, "X")
	screen.WaitText(t, "── chat_startet", "went round: this is the last error")
	screen.Press(t, "x")
	screen.WaitText(t, "── button_displayed", "went round: this is the first error")
	screen.Press(t, "/")
	screen.Type("slot_check kind:call event:slot_check")
	screen.Press(t, "Enter", "x")
	screen.WaitText(t, "no event that is listed has an error")
}
