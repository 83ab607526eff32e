package tui_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/store"
	"userlike-inspector/nativehost/internal/tui"
	"userlike-inspector/nativehost/internal/tui/tuitest"
)

// TestValuesThatAreThere: Tab completes what was recorded, whether it is on the screen and of
// the scope or not.
func TestValuesThatAreThere(t *testing.T) {
	records := append(visit(), numbered(many(500), 12)...)
	records = append(records, elsewhere(numbered(many(1), 1), "other")...)
	records[len(records)-1].Browser = &record.Browser{Name: "Firefox", Version: "150.0", Profile: "second profile"}
	for _, tt := range []struct{ typed, suggested, want string }{
		{"browser:fi", "Firefox", "/browser:Firefox"},
		{"browser:sec", "second profile", `/browser:"second profile"`},
		{"event:chat_star", "chat_startet", "/event:chat_started"}, // both, the documented one first
		{"site:oth", "other.example", "/site:other.example"},
		{"journey:s-9", "s-91f3", "/journey:s-91f3"},
		{"/2/client_nickname:a", "Ada", "/2/client_nickname:Ada"},
		{"/2/chat_id:u", "undefined", "/2/chat_id:undefined"},
		{"/2/custom_data/basket/*/q", "qty:", "/2/custom_data/basket/*/qty:"},
		{"/2/custom_data/basket/*/sku:", "TEA-01", "/2/custom_data/basket/*/sku:TEA-01"},
		{"url:https://shop", "step=2", "/url:https://shop.example/basket?step=2"},
		{"since:m", "again, after the fix", `/since:"mark:again, after the fix"`},
		{"-until:mark:AG", "again, after the fix", `/-until:"mark:again, after the fix"`},
	} {
		t.Run(tt.typed, func(t *testing.T) {
			t.Parallel()
			screen := tuitest.New(120, 30)
			run(t, options(newStore(t, records), screen))
			screen.WaitText(t, "507 calls", "── chat_window_maximized")
			screen.Press(t, "z") // what comes from now on, which is nothing
			screen.WaitText(t, "0 calls")
			screen.Press(t, "/")
			screen.Type(tt.typed)
			screen.WaitText(t, "/"+tt.typed, tt.suggested)
			screen.Press(t, "Tab")
			screen.WaitText(t, tt.want)
		})
	}
}

// TestOnlyWhatMatches: nothing is suggested that no record would match, such as a session_id
// that is no text.
func TestOnlyWhatMatches(t *testing.T) {
	odd := []*record.Record{call("chat_started", "{}", `{"session_id":4711}`), call("chat_started", "{}", `{"session_id":"s-1"}`)}
	odd[0].Args = json.RawMessage(`[4712,{},{"session_id":4711,"custom_data":{"tip":true}}]`)
	screen := tuitest.New(120, 30)
	run(t, options(newStore(t, numbered(odd, 1)), screen))
	screen.WaitText(t, "2 calls")
	screen.Press(t, "/")
	for _, tt := range []struct{ typed, suggested, not string }{
		{"journey:", "s-1", "4711"},
		{"event:47", "a space begins another term", "4712"}, // nothing is suggested, though all has been looked through
		{"/2/session_id:", "4711", "4712"},                  // as a value, it matches
		{"/2/custom_data/tip:", "true", "4712"},
	} {
		screen.Press(t, "Ctrl-U")
		screen.Type(tt.typed)
		question := func(f tuitest.Frame) string { // below the events and their findings
			text := f.Text()
			return text[max(0, strings.LastIndexAny(text, "✓✗")):]
		}
		f := screen.Wait(t, tt.suggested, func(f tuitest.Frame) bool {
			return strings.Contains(f.Text(), "/"+tt.typed) && strings.Contains(question(f), tt.suggested)
		})
		if strings.Contains(question(f), tt.not) {
			t.Errorf("%s is suggested:\n%s", tt.not, f.Text())
		}
	}
}

// TestSinceMark: a filter can begin at a mark. Of one that is not there it is told which are,
// all of it, also where that takes more than a line.
func TestSinceMark(t *testing.T) {
	screen := tuitest.New(100, 30)
	run(t, options(newStore(t, visit()), screen))
	screen.WaitText(t, "6 calls", "── chat_window_minimized")
	screen.Press(t, "/")
	screen.Type("since:mark:checkout-with-a-voucher-and-two-addresses")
	screen.Wait(t, "all of the message", func(f tuitest.Frame) bool {
		return strings.Contains(squeeze(f.Text()), squeeze(`✗ column 7: there is no mark "checkout-with-a-voucher-and-two-addresses"; there is "again, after the fix"`))
	})
	screen.Press(t, "Ctrl-U")
	screen.Type("since:mark:again*")
	screen.WaitText(t, "2 of 11")
	screen.Press(t, "Enter", "3")
	screen.WaitText(t, "/since:mark:again*: 1 call")
	screen.Press(t, "1", "/", "Ctrl-U")
	screen.Type(`until:mark:"again, after the fix"`)
	screen.WaitText(t, "10 of 11")
}

// TestReadOnce: what was looked through for suggestions is not looked through again.
func TestReadOnce(t *testing.T) {
	screen := tuitest.New(100, 30)
	s := &lookedThrough{Store: newStore(t, visit())}
	run(t, options(s, screen))
	screen.WaitText(t, "6 calls", "── chat_window_minimized")
	for range 3 {
		screen.Press(t, "/")
		screen.Type("/2/client_nickname:")
		screen.WaitText(t, "Ada")
		screen.Press(t, "Esc")
		screen.WaitText(t, "── chat_window_minimized", "following")
	}
	if pages := s.pages.Load(); pages != 1 {
		t.Errorf("%d pages were read, want 1", pages)
	}
}

// lookedThrough is a store that counts how often its newest records are asked for.
type lookedThrough struct {
	tui.Store
	pages atomic.Int64
}

func (s *lookedThrough) Records(ctx context.Context, q store.Query) ([]store.Stored, error) {
	if q.Newest {
		s.pages.Add(1)
	}
	return s.Store.Records(ctx, q)
}

// TestEarlierAnswers: whatever is asked, ↑ brings back what was answered before to the same
// question, and ↓ what was typed meanwhile.
func TestEarlierAnswers(t *testing.T) {
	dir := t.TempDir()
	for name, tt := range map[string]struct {
		keys  []string // that lead to the question
		label string
		texts [2]string
	}{
		"filter":     {[]string{"1", "/", "Ctrl-U"}, "/", [2]string{"kind:call", "tab:12"}},
		"elsewhere":  {[]string{"3", "/", "Ctrl-U"}, "/", [2]string{"kind:call", "tab:12"}},
		"mark":       {[]string{"m"}, "mark: ", [2]string{"before", "behind"}},
		"plan":       {[]string{"P", "Ctrl-U"}, "judge by the plan: ", [2]string{"none.yaml", "no.yaml"}},
		"file":       {[]string{"w", "Ctrl-U"}, " to: ", [2]string{filepath.Join(dir, "none", "a"), filepath.Join(dir, "none", "b")}},
		"schema":     {[]string{"5", "s", "Ctrl-U"}, " to: ", [2]string{filepath.Join(dir, "none", "a"), filepath.Join(dir, "none", "b")}},
		"recording":  {[]string{"S", "r"}, "simulate the calls of: ", [2]string{"none.db", "no.jsonl"}},
		"event":      {[]string{"S", "n"}, "simulate the event: ", [2]string{"none", "no"}},
		"detail":     {[]string{"Enter", "/"}, "find: ", [2]string{"session", "widget"}},
		"help":       {[]string{"?", "/"}, "find: ", [2]string{"detail", "filter"}},
		"comparison": {[]string{"c", "k", "k", "k", "c", "/"}, "find: ", [2]string{"session", "widget"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			screen := tuitest.New(200, 40)
			run(t, options(newStore(t, visit()), screen))
			screen.WaitText(t, "6 calls", "── chat_window_minimized")
			ask := func(keys []string) {
				screen.Press(t, keys[0])
				settled(t, screen)
				screen.Press(t, keys[1:]...)
			}
			keys := tt.keys
			for _, text := range tt.texts {
				ask(keys)
				screen.WaitText(t, strings.TrimSpace(tt.label))
				screen.Type(text)
				screen.WaitText(t, tt.label+text)
				screen.Press(t, "Enter")
				settled(t, screen)
				if tt.label == "find: " {
					keys = []string{"/"} // it is still there
				}
			}
			ask(keys)
			screen.Press(t, "Ctrl-U")
			screen.Type("x y")
			screen.WaitText(t, tt.label+"x y")
			for _, step := range [][2]string{{"Up", tt.texts[1]}, {"Up", tt.texts[0]}, {"Up", tt.texts[0]}, {"Down", tt.texts[1]}, {"Down", "x y"}, {"Down", "x y"}} {
				screen.Press(t, step[0])
				screen.WaitText(t, tt.label+step[1])
			}
		})
	}
}

// TestFilesAreCompleted: Tab completes a file's path, of files that can be meant.
func TestFilesAreCompleted(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{
		"plans/checkout.yaml", "plans/chat.json", "plans/notes.txt", "plans/.hidden.yaml", "plans/more/deep.yml",
		"runs/friday.jsonl", "runs/monday.db", "runs/odd\u202e.db",
	} {
		write(t, filepath.Join(dir, name), "")
	}
	slash := string(os.PathSeparator)
	for name, tt := range map[string]struct {
		keys  []string
		typed string
		steps [][2]string // the keys, and what is typed then
		not   string
	}{
		"plan": {
			keys:  []string{"P"},
			typed: dir + slash + "pl",
			steps: [][2]string{
				{"Tab", "plans" + slash},
				{"Tab", "chat.json"},
				{"Tab", "checkout.yaml"},
				{"Tab", "more" + slash},
				{"Backtab", "checkout.yaml"},
			},
			not: "notes.txt",
		},
		"hidden":    {[]string{"P"}, filepath.Join(dir, "plans") + slash + ".", [][2]string{{"Tab", ".hidden.yaml"}}, "chat.json"},
		"recording": {[]string{"S", "r"}, filepath.Join(dir, "runs") + slash, [][2]string{{"Tab", "friday.jsonl"}, {"Tab", "monday.db"}}, "odd"},
		"file":      {[]string{"w", "Ctrl-U"}, filepath.Join(dir, "plans") + slash + "n", [][2]string{{"Tab", "notes.txt"}}, "more"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			screen := tuitest.New(250, 30)
			run(t, options(newStore(t, visit()), screen))
			screen.WaitText(t, "6 calls", "── chat_window_minimized")
			screen.Press(t, tt.keys...)
			screen.Type(tt.typed)
			folder, _ := filepath.Split(tt.typed)
			for _, step := range tt.steps {
				screen.WaitText(t, " "+strings.TrimSuffix(step[1], slash)) // it is suggested
				screen.Press(t, step[0])
				screen.WaitText(t, folder+step[1])
				if strings.HasSuffix(step[1], slash) && folder == dir+slash {
					folder += step[1]
				}
			}
			if f := settled(t, screen); strings.Contains(f.Text(), tt.not) {
				t.Errorf("%s is suggested:\n%s", tt.not, f.Text())
			}
		})
	}
}

// TestMarksAreCompleted: a mark can get the name of one that is there.
func TestMarksAreCompleted(t *testing.T) {
	screen := tuitest.New(100, 30)
	o := options(newStore(t, visit()), screen)
	marked := make(chan string, 1)
	o.Mark = func(_ context.Context, text string) error { marked <- text; return nil }
	run(t, o)
	screen.WaitText(t, "6 calls", "── chat_window_minimized")
	screen.Press(t, "m")
	screen.Type("AG")
	screen.Press(t, "Tab", "Enter")
	if got := <-marked; got != "again, after the fix" {
		t.Errorf("the mark is %q", got)
	}
}

// TestNoKeyIsSilent: a key that does something in other places says where.
func TestNoKeyIsSilent(t *testing.T) {
	screen := tuitest.New(120, 30)
	run(t, options(newStore(t, visit()), screen))
	screen.WaitText(t, "6 calls", "── chat_window_minimized")
	screen.Press(t, "?", "z")
	screen.WaitText(t, "z does nothing in this help; leave it first, by Esc")
	screen.Press(t, "Esc", "c", "k", "k", "k", "c", "z")
	screen.WaitText(t, "z does nothing in this comparison; leave it first, by Esc")
	screen.Press(t, "Esc", "2", "w")
	screen.WaitText(t, "w does nothing in this view; 1 leads to the events")
}

// TestFilterAndClearEverywhere: in every view, a filter and what comes from now on are of the
// scope, and the view stays.
func TestFilterAndClearEverywhere(t *testing.T) {
	for view, shows := range map[string]string{
		"1": "── ",
		"2": "RULE",
		"3": "EXPECTED",
		"4": "WHAT WAS SENT",
		"5": "No call had custom_data",
		"6": "FUNCTION",
		"7": "Nothing was seen",
		"8": "CALLS",
	} {
		t.Run(view, func(t *testing.T) {
			t.Parallel()
			screen := tuitest.New(120, 40)
			run(t, options(newStore(t, visit()), screen))
			screen.WaitText(t, "6 calls", "── chat_window_minimized")
			screen.Press(t, view)
			settled(t, screen)
			screen.Press(t, "/")
			screen.Type("event:disclaimer_ok")
			screen.Press(t, "Enter")
			screen.WaitText(t, "/event:disclaimer_ok: 1 call", shows)
			screen.Press(t, "z")
			screen.WaitText(t, "since 12:00", ": 0 calls", "only what comes from now on; z brings the rest back")
			screen.Press(t, "z")
			screen.WaitText(t, "/event:disclaimer_ok: 1 call", shows)
		})
	}
}
