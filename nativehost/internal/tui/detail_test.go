package tui_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gdamore/tcell/v2"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/tui/tuitest"
)

// underCursor is the line that the cursor is on in the pane that has the keys.
func underCursor(f tuitest.Frame) string {
	for y, row := range strings.Split(f.Text(), "\n") {
		if y < 2 || y >= f.Height {
			continue
		}
		if _, _, attributes := f.Cells[y*f.Width+1].Style.Decompose(); attributes&(tcell.AttrReverse|tcell.AttrDim) == tcell.AttrReverse {
			return strings.TrimSpace(row)
		}
	}
	return ""
}

// goTo presses a key until the cursor is on a line with a text.
func goTo(t *testing.T, screen *tuitest.Screen, key, text string) {
	t.Helper()
	for range 100 {
		if strings.Contains(underCursor(settled(t, screen)), text) {
			return
		}
		screen.Press(t, key)
	}
	t.Fatalf("the cursor does not come to %q", text)
}

// TestTimeZone: times are shown in the user's time zone, and full ones name it.
func TestTimeZone(t *testing.T) {
	screen := tuitest.New(120, 40)
	o := options(newStore(t, visit()), screen)
	o.Now = func() time.Time { return noon.In(time.FixedZone("CET", 3600)) }
	run(t, o)
	screen.WaitText(t, "── chat_window_minimized · 12:55:13.574")
	screen.Press(t, "Tab", "G")
	screen.WaitText(t, "time     2026-11-22T12:55:13.574+01:00")
	press("4", "G")(t, screen, nil)
	screen.WaitText(t, "first    2026-11-22T12:55:", "+01:00")
}

// TestResizingDetail: the cursor stays on its line when the lines above it are broken at other
// places.
func TestResizingDetail(t *testing.T) {
	for _, tt := range []struct {
		name string
		keys []string
		want string
	}{
		{"a finding", []string{"n", "n", "n"}, "✗ missing-field: global_ctx.widget_lang"},
		{"a fact", []string{"G", "k"}, "time     2026-11-22"},
		{"JSON", []string{"r", "G", "k"}, "]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			screen := tuitest.New(120, 40)
			run(t, options(newStore(t, visit()), screen))
			screen.WaitText(t, "6 calls", "── chat_window_minimized")
			screen.Press(t, "N", "N", "N", "N")
			screen.WaitText(t, "── disclaimer_ok", "identity-changed")
			screen.Press(t, "Tab")
			screen.Press(t, tt.keys...)
			for _, width := range []int{120, 50, 90} {
				screen.ResizeTo(t, width, 24)
				screen.Wait(t, "the cursor on "+tt.want, func(f tuitest.Frame) bool {
					return f.Width == width && strings.HasPrefix(underCursor(f), tt.want)
				})
			}
		})
	}
}

// TestNewVerdictOnDetail: when something new is found on the call that is being read, the cursor
// stays on its line and what was folded stays folded.
func TestNewVerdictOnDetail(t *testing.T) {
	records := numbered([]*record.Record{
		{Kind: record.Page, Event: "opened"},
		{Kind: record.Page, Event: "hooked"},
		call("button_displayed", global, `{"session_id":"s"}`),
		call("chat_requested", global, `{"session_id":"s","client_email":"ada@shop.example"}`),
		call("disclaimer_ok", global, `{"session_id":"s"}`),
	}, 1)
	s := newStore(t, records[:4])
	screen := tuitest.New(120, 40)
	run(t, options(s, screen))
	screen.WaitText(t, "2 calls", "── chat_requested")
	screen.Press(t, "Tab", "G")
	goTo(t, screen, "k", "client_email")
	screen.Press(t, "h", "h", "k")
	screen.Wait(t, "the cursor above a folded session_ctx", func(f tuitest.Frame) bool {
		return strings.HasPrefix(underCursor(f), "widget_lang") && strings.Contains(f.Text(), "▸ session_ctx")
	})
	add(t, s, records[4:])
	f := screen.WaitText(t, "! before-consent /2/client_email")
	if got := underCursor(f); !strings.HasPrefix(got, "widget_lang") || !strings.Contains(f.Text(), "▸ session_ctx: {2}  object  !") {
		t.Errorf("the cursor is on %q:\n%s", got, f.Text())
	}
}

// TestFoldingUp: h on a place that can't be folded goes up at once, also if it has findings.
func TestFoldingUp(t *testing.T) {
	screen := tuitest.New(120, 40)
	run(t, options(newStore(t, visit()), screen))
	screen.WaitText(t, "6 calls", "── chat_window_minimized")
	screen.Press(t, "N", "N", "N", "N")
	screen.WaitText(t, "── disclaimer_ok", "identity-changed")
	screen.Press(t, "Tab", "j", "Enter") // to the place of the first finding
	screen.Wait(t, "the cursor on the place", func(f tuitest.Frame) bool { return strings.HasPrefix(underCursor(f), "operator_group_id") })
	screen.Press(t, "h")
	screen.Wait(t, "the cursor above it", func(f tuitest.Frame) bool { return strings.HasPrefix(underCursor(f), "▾ global_ctx") })
}

// TestPageFindings: the detail of a page's record shows findings in full, as that of a call does.
func TestPageFindings(t *testing.T) {
	records := numbered([]*record.Record{
		{Kind: record.Page, Event: "opened"},
		{Kind: record.Page, Event: "hooked"},
		{Kind: record.Client, State: record.Framed},
		{Kind: record.Page, Event: "closed"},
	}, 1)
	screen := tuitest.New(80, 24)
	run(t, options(newStore(t, records), screen))
	screen.WaitText(t, "── page closed", "! 1")
	screen.Press(t, "N")
	screen.WaitText(t, "── Userlike client framed", "! handler-missing: The site had no userlikeTrackingEvent", "tag managers often wait")
	screen.Press(t, "Tab", "n")
	screen.Wait(t, "the cursor on the finding", func(f tuitest.Frame) bool { return strings.HasPrefix(underCursor(f), "! handler-missing") })
}
