package tui_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gdamore/tcell/v2"

	"userlike-inspector/nativehost/internal/plan"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/tui"
	"userlike-inspector/nativehost/internal/tui/tuitest"
)

// TestScreens compares what is shown in every state with golden screens.
// Texts are what the screen has when it is complete.
func TestScreens(t *testing.T) {
	const last = "chat_window_minimized · 11:55:13.574"
	for _, tt := range []struct {
		name    string
		empty   bool
		options func(*tui.Options)
		act     func(*testing.T, *tuitest.Screen, func(n int))
		texts   []string
	}{
		{name: "empty", empty: true, options: func(o *tui.Options) {
			o.Browser, o.URL = "", ""
			o.Installation = func(context.Context) ([]tui.Check, error) {
				return []tui.Check{
					{Fine: true, What: "registration Firefox", Text: "The host is registered."},
					{What: "contact", Text: "No extension has reached the host yet.", Remedy: "Load the extension, then reload the page."},
					{Broken: true, What: "registration Chromium", Text: "The browser does not know the host.", Remedy: "Run “userlike-inspector install”."},
				}, nil
			}
		}, texts: []string{"0 calls", "userlike-inspector inspect https://your.site/", "✗ registration Chromium"}},
		{name: "waiting", empty: true, options: func(o *tui.Options) {
			status := make(chan string, 1)
			status <- "started, waiting for the first call"
			o.Status = status
		}, texts: []string{"window of Chromium 156", "waiting for the first call", "a site can't be reached"}},
		{name: "calls", texts: []string{"6 calls", last}},
		{name: "detail", act: func(t *testing.T, s *tuitest.Screen, _ func(int)) {
			s.Press(t, "/")
			s.Type("wrong-type")
			s.Press(t, "Enter", "Enter")
		}, texts: []string{"── disclaimer_ok", "6 calls", "1 of 11", "paused"}},
		{name: "missing", act: func(t *testing.T, s *tuitest.Screen, _ func(int)) {
			s.Press(t, "N", "N", "N", "N")
			s.WaitText(t, "── disclaimer_ok", "! identity-changed")
			s.Press(t, "\\", "Tab", "n", "n", "n") // in this order, so that it scrolls the same however fast it draws
		}, texts: []string{"widget_lang: missing", "6 calls", "paused"}},
		{name: "raw", act: func(t *testing.T, s *tuitest.Screen, _ func(int)) {
			s.Press(t, "N", "N")
			s.WaitText(t, "── contact_first_message")
			s.Press(t, "r", "Tab", "G")
		}, texts: []string{"as JSON", `"demand": `, "6 calls", "paused"}},
		{name: "gap", act: func(t *testing.T, s *tuitest.Screen, _ func(int)) { s.Press(t, "k", "k") },
			texts: []string{"12 calls were not recorded", "6 calls"}},
		{name: "help", act: func(t *testing.T, s *tuitest.Screen, _ func(int)) { s.Press(t, "?") },
			texts: []string{"Events and detail", "6 calls"}},
		{name: "filter", act: func(t *testing.T, s *tuitest.Screen, _ func(int)) {
			s.Press(t, "/")
			s.Type("CHAT_")
		}, texts: []string{last, "6 calls", "4 of 11"}},
		{name: "nothing-found", act: func(t *testing.T, s *tuitest.Screen, _ func(int)) {
			s.Press(t, "/")
			s.Type("no-such-thing")
			s.Press(t, "Enter")
		}, texts: []string{"No record is let through", "6 calls"}},
		{name: "paused", act: func(t *testing.T, s *tuitest.Screen, more func(int)) {
			s.Press(t, "k")
			s.WaitText(t, "── mark")
			more(23)
		}, texts: []string{"23 waiting", "29 calls"}},
		{name: "findings", act: press("2", "j"), texts: []string{"RULE", "6 calls"}},
		{name: "coverage", act: press("3"), texts: []string{"INVALID", "6 calls", "Not documented"}},
		{name: "consent", act: press("4", "j"), texts: []string{"agreed at", "6 calls"}},
		{name: "shape", act: press("5", "j", "j"), texts: []string{"TYPES", "6 calls"}},
		{name: "sources", act: press("6", "j"), texts: []string{"FUNCTION", "6 calls"}},
		{name: "no-findings", empty: true, act: press("2"), texts: []string{"Nothing was found"}},
		{name: "no-coverage", empty: true, act: press("3"), texts: []string{"never"}},
		{name: "no-consent", empty: true, act: press("4"), texts: []string{"No contact has agreed"}},
		{name: "no-shape", empty: true, act: press("5"), texts: []string{"No call had custom_data"}},
		{name: "no-sources", empty: true, act: press("6"), texts: []string{"Nothing has been recorded yet"}},
		{name: "no-forwarding", empty: true, act: press("7"), texts: []string{"Nothing was seen of where calls went"}},
		{name: "ascii", options: func(o *tui.Options) { o.Getenv = environment(map[string]string{"LC_ALL": "C", "NO_COLOR": "1"}) },
			texts: []string{"6 calls", "-- chat_window_minimized"}},
	} {
		for _, size := range [][2]int{{80, 24}, {120, 40}} {
			t.Run(fmt.Sprintf("%s/%dx%d", tt.name, size[0], size[1]), func(t *testing.T) {
				t.Parallel()
				var records []*record.Record
				if !tt.empty {
					records = visit()
				}
				s := newStore(t, records)
				screen := tuitest.New(size[0], size[1])
				o := options(s, screen)
				if tt.options != nil {
					tt.options(&o)
				}
				run(t, o)
				if tt.act != nil {
					if tt.empty {
						screen.WaitText(t, "0 calls")
					} else {
						screen.WaitText(t, "6 calls", last)
					}
					tt.act(t, screen, func(n int) { add(t, s, numbered(many(n), 12)) })
				}
				golden(t, screen, fmt.Sprintf("%s-%dx%d", tt.name, size[0], size[1]), tt.texts...)
			})
		}
	}
}

// press goes to a view and presses more keys when it is there.
func press(view string, keys ...string) func(*testing.T, *tuitest.Screen, func(int)) {
	return func(t *testing.T, s *tuitest.Screen, _ func(int)) {
		s.Press(t, view)
		settled(t, s)
		s.Press(t, keys...)
	}
}

// many are calls without findings.
func many(n int) []*record.Record {
	var records []*record.Record
	for range n {
		records = append(records, call("chat_window_maximized", `{}`, `{}`))
	}
	return records
}

// TestPictures keeps the README's pictures as the interface is.
func TestPictures(t *testing.T) {
	p, err := plan.Parse("plan.yaml", "/plan.yaml", []byte(checkoutPlan), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		act  func(*tuitest.Screen)
	}{
		{"coverage", func(screen *tuitest.Screen) {
			press("3", "j", "j", "j", "j", "j", "j")(t, screen, nil)
			screen.WaitText(t, "pending 53 s left, within 5m30s", "missing, within 50s", "met, count 0")
		}},
		{"consent", func(screen *tuitest.Screen) {
			press("4", "j", "j", "j", "j", "j", "j")(t, screen, nil)
			screen.WaitText(t, "2 things sent before the contact agreed", "what     session_ctx.client_email")
		}},
		{"shape", func(screen *tuitest.Screen) {
			press("5", "j", "j", "j", "j", "j")(t, screen, nil)
			screen.WaitText(t, "number, string")
		}},
		{"tui", func(screen *tuitest.Screen) {
			screen.Press(t, "N", "N", "N", "N")
			screen.WaitText(t, "── disclaimer_ok", "identity-changed")
		}},
		{"findings", func(screen *tuitest.Screen) {
			press("2", "j", "j", "j", "j", "j")(t, screen, nil)
			screen.WaitText(t, "wrong-type", "numeric string")
		}},
		{"forwarding", func(screen *tuitest.Screen) {
			press("7", "j", "j", "l", "l")(t, screen, nil)
			screen.WaitText(t, "place 3 of 4")
		}},
		{"sources", func(screen *tuitest.Screen) {
			press("6", "j")(t, screen, nil)
			screen.WaitText(t, "12 calls were not recorded")
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			screen := tuitest.New(120, 34)
			records, in := visit(), inspector()
			if slices.Contains([]string{"coverage", "consent", "shape"}, tt.name) {
				records, in = visits(), in.With(p)
			}
			last := "── chat_"
			if tt.name == "forwarding" {
				records, last = forwarded(), "hidden"
			}
			o := options(newStore(t, records), screen)
			o.Inspector = in
			run(t, o)
			screen.WaitText(t, "calls", last)
			tt.act(screen)
			golden(t, screen, "picture-"+tt.name)
			path := "../../../.readme/" + tt.name + ".svg"
			svg := settled(t, screen).SVG()
			if *update {
				write(t, path, svg)
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if svg != string(want) {
				t.Errorf("%s is not as the interface is; -update draws it anew", path)
			}
		})
	}
}

func TestNoColour(t *testing.T) {
	screen := tuitest.New(100, 30)
	o := options(newStore(t, visit()), screen)
	o.Getenv = environment(map[string]string{"NO_COLOR": "1", "LANG": "C.UTF-8"})
	run(t, o)
	frame := screen.WaitText(t, "6 calls", "── chat_window_minimized", "✗")
	for i, c := range frame.Cells {
		if fg, bg, _ := c.Style.Decompose(); fg != tcell.ColorDefault || bg != tcell.ColorDefault {
			t.Fatalf("cell %d,%d has the colours %v on %v", i%frame.Width, i/frame.Width, fg, bg)
		}
	}
}

// TestFollowing: only the user ends it, and G or Space take it up again.
func TestFollowing(t *testing.T) {
	s := newStore(t, visit())
	screen := tuitest.New(80, 24)
	run(t, options(s, screen))
	screen.WaitText(t, "following", "── chat_window_minimized")
	add(t, s, numbered(many(1), 12))
	screen.WaitText(t, "following", "── chat_window_maximized")
	for i, resume := range []string{"G", "Space", "End"} {
		screen.Press(t, "k")
		screen.WaitText(t, "paused")
		add(t, s, numbered(many(3), 13+3*i))
		screen.WaitText(t, "paused, 3 waiting")
		screen.Press(t, resume)
		f := screen.WaitText(t, "following", fmt.Sprintf("%d calls", 7+3*(i+1)))
		if strings.Contains(f.Text(), "waiting") {
			t.Errorf("%s left records waiting:\n%s", resume, f.Text())
		}
	}
}

func TestResizing(t *testing.T) {
	screen := tuitest.New(120, 40)
	run(t, options(newStore(t, visit()), screen))
	screen.WaitText(t, "warnings")
	screen.ResizeTo(t, 30, 8)
	screen.WaitText(t, "make the window larger")
	screen.ResizeTo(t, 80, 24)
	screen.Wait(t, "the narrow screen", func(f tuitest.Frame) bool {
		return f.Width == 80 && strings.Contains(f.Text(), "chat_window_minimized") && !strings.Contains(f.Text(), "warnings")
	})
}

// TestPaste: pasted text is never taken for keys, such as the q that would quit.
func TestPaste(t *testing.T) {
	screen := tuitest.New(80, 24)
	run(t, options(newStore(t, visit()), screen))
	screen.WaitText(t, "── chat_window_minimized")
	paste := func(text string) {
		screen.Post(t, tcell.NewEventPaste(true))
		screen.Type(text)
		screen.Post(t, tcell.NewEventPaste(false))
	}
	paste("qqq\u202e")
	screen.Press(t, "/")
	paste("wrong-\u202etype")
	screen.WaitText(t, `/wrong-\u202etype`)
}

func TestQuitting(t *testing.T) {
	for _, keys := range [][]string{{"q"}, {"Ctrl-C"}, {"?", "q", "q"}, {"Enter", "q", "q"}, {"/", "q", "Ctrl-C"}, {"\\", "Esc", "q"}} {
		t.Run(strings.Join(keys, " "), func(t *testing.T) {
			screen := tuitest.New(80, 24)
			ended := run(t, options(newStore(t, visit()), screen))
			screen.WaitText(t, "── chat_window_minimized")
			for i, key := range keys {
				select {
				case err := <-ended:
					t.Fatalf("it ended before key %d: %v", i, err)
				default:
				}
				screen.Press(t, key)
			}
			if err := <-ended; err != nil {
				t.Error(err)
			}
			if !screen.Finished() {
				t.Error("the terminal was not given back")
			}
		})
	}
}

// TestFilterHint: in a narrow window, too, all of it can be read.
func TestFilterHint(t *testing.T) {
	screen := tuitest.New(80, 24)
	run(t, options(newStore(t, visit()), screen))
	screen.WaitText(t, "6 calls", "── chat_window_minimized")
	screen.Press(t, "/")
	screen.WaitText(t, "/a text or event:NAME; Tab completes, F1 explains ", "11 records")
}

// TestFilterTyping: what is no filter is told why, the last good one stays,
// and Tab puts in what there is.
func TestFilterTyping(t *testing.T) {
	screen := tuitest.New(100, 24)
	run(t, options(newStore(t, visit()), screen))
	screen.WaitText(t, "6 calls", "── chat_window_minimized")
	screen.Press(t, "/")
	screen.WaitText(t, "event:", "severity>=")
	screen.Type("sev")
	screen.Press(t, "Tab")
	screen.WaitText(t, "/severity>=", "none", "error")
	screen.Press(t, "Tab", "Backtab")
	screen.WaitText(t, "/severity>=error")
	screen.WaitText(t, "5 of 11")
	screen.Type(" -")
	screen.WaitText(t, "✗ column 17: there is nothing after \"-\"", "5 of 11")
	screen.Type("evnt:x")
	screen.WaitText(t, "✗ column 18: there is no field \"evnt\"; did you mean event?", "5 of 11")
	screen.Press(t, "Enter")
	screen.WaitText(t, "the filter stays as it was: column 18")
	screen.Press(t, "j")
	screen.WaitText(t, "/severity>=error -evnt 5 of 11")
	screen.Press(t, "/")
	screen.Type(" event:discl")
	screen.WaitText(t, "disclaimer_ok")
	screen.Press(t, "Tab", "Enter")
	screen.WaitText(t, "/severity>=error -evnt event:disclaimer_ok 1 of 11")
	screen.Press(t, "Esc")
	screen.Wait(t, "all records", func(f tuitest.Frame) bool { return !strings.Contains(f.Text(), "1 of 11") })
	screen.Press(t, "/")
	screen.Type("/2/custom_data/ba") // a place that calls had
	screen.WaitText(t, "/2/custom_data/basket/*/qty:")
	screen.Press(t, "Tab")
	screen.Type("*")
	screen.WaitText(t, "/2/custom_data/basket:*", "1 of 11")
	screen.Press(t, "Ctrl-U")
	screen.Type("event:disc kind:call")
	screen.Press(t, "Left", "Left", "Left", "Left", "Left", "Left", "Left", "Left", "Left", "Left", "Tab") // within another term
	screen.WaitText(t, "/event:disclaimer_ok kind:call", "1 of 11")
	screen.Type(",chat_started_")
	screen.Press(t, "Tab")
	screen.WaitText(t, "/event:disclaimer_ok,chat_started_proactive kind:call", "1 of 11")
}

// TestMark: a mark is put into the recording, and what is wrong with it told.
func TestMark(t *testing.T) {
	s := newStore(t, visit())
	o := options(s, tuitest.New(80, 24))
	screen := o.Screen.(*tuitest.Screen)
	o.Mark = func(ctx context.Context, text string) error {
		if text == "bad" {
			return errors.New("no such marks here")
		}
		mark := numbered([]*record.Record{{Kind: record.Mark, Text: text}}, 12)
		_, err := s.Append(ctx, mark)
		return err
	}
	run(t, o)
	screen.WaitText(t, "6 calls", "── chat_window_minimized")
	screen.Press(t, "m", "Esc", "m", "Enter", "m")
	screen.Type("bad")
	screen.WaitText(t, "mark: bad")
	screen.Press(t, "Enter")
	screen.WaitText(t, "not marked: no such marks here")
	screen.Press(t, "m")
	screen.Type("second try")
	screen.Press(t, "Enter")
	screen.WaitText(t, "marked: second try", "── mark", "A mark set by a tester: second try")
}
