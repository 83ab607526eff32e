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

// lastTitle is the detail's title for the last record of visit.
const lastTitle = "chat_window_minimized · 11:55:13.574"

// A goldenScreen is a screen that is compared with a golden one, in two sizes.
type goldenScreen struct {
	name    string
	empty   bool               // nothing is recorded; else it shows visit
	options func(*tui.Options) // changes the options; may be nil

	// act is what the user does; it may be nil. more records calls.
	act   func(t *testing.T, s *tuitest.Screen, more func(n int))
	texts []string // what the screen has when it is complete
}

func (g goldenScreen) test(t *testing.T, width, height int) {
	var records []*record.Record
	if !g.empty {
		records = visit()
	}
	s := newStore(t, records)
	screen := tuitest.New(width, height)
	o := options(s, screen)
	if g.options != nil {
		g.options(&o)
	}
	run(t, o)
	if g.act != nil {
		if g.empty {
			screen.WaitText(t, "0 calls")
		} else {
			screen.WaitText(t, "6 calls", lastTitle)
		}
		g.act(t, screen, func(n int) { add(t, s, numbered(many(n), 12)) })
	}
	golden(t, screen, fmt.Sprintf("%s-%dx%d", g.name, width, height), g.texts...)
}

// TestScreens compares what is shown in every state with golden screens.
func TestScreens(t *testing.T) {
	for _, g := range slices.Concat(welcomeScreens(), eventScreens(), boardScreens()) {
		for _, size := range [][2]int{{80, 24}, {120, 40}} {
			t.Run(fmt.Sprintf("%s/%dx%d", g.name, size[0], size[1]), func(t *testing.T) {
				t.Parallel()
				g.test(t, size[0], size[1])
			})
		}
	}
}

// installation makes the options those of a program that inspects nothing and checks its
// installation.
func installation(checks ...tui.Check) func(*tui.Options) {
	return func(o *tui.Options) {
		o.Browser, o.URL = "", ""
		o.Installation = func(context.Context) ([]tui.Check, error) { return checks, nil }
	}
}

// welcomeScreens are shown while nothing has been recorded.
func welcomeScreens() []goldenScreen {
	return []goldenScreen{
		{
			name:  "empty",
			empty: true,
			options: installation(
				tui.Check{
					Fine: true,
					What: "registration Firefox",
					Text: "The host is registered.",
				},
				tui.Check{
					What:   "contact",
					Text:   "No extension has reached the host yet.",
					Remedy: "Load the extension, then reload the page.",
				},
				tui.Check{
					Broken: true,
					What:   "registration Chromium",
					Text:   "The browser does not know the host.",
					Remedy: "Run “userlike-inspector install”.",
				}),
			texts: []string{"0 calls", "userlike-inspector inspect https://your.site/", "✗ registration Chromium"},
		},
		{
			name:  "not-installed",
			empty: true,
			options: installation(tui.Check{
				Text:   "Not installed in your own browsers; inspect does not need it.",
				Remedy: "Run “userlike-inspector install”.",
			}),
			texts: []string{"0 calls", "i Not installed in your own browsers"},
		},
		{
			name:  "waiting",
			empty: true,
			options: func(o *tui.Options) {
				status := make(chan string, 1)
				status <- "started, waiting for the first call"
				o.Status = status
			},
			texts: []string{"window of Chromium 156", "waiting for the first call", "a site can't be reached"},
		},
	}
}

// eventScreens show the events, the detail, the help or a filter.
func eventScreens() []goldenScreen {
	return []goldenScreen{
		{name: "calls", texts: []string{"6 calls", lastTitle}},
		{
			name: "detail",
			act: func(t *testing.T, s *tuitest.Screen, _ func(int)) {
				s.Press(t, "/")
				s.Type("wrong-type")
				s.Press(t, "Enter", "Enter")
			},
			texts: []string{"── disclaimer_ok", ": 1 call ", "1 of 11", "paused"},
		},
		{
			name: "missing",
			act: func(t *testing.T, s *tuitest.Screen, _ func(int)) {
				s.Press(t, "N", "N", "N", "N")
				s.WaitText(t, "── disclaimer_ok", "! identity-changed")
				s.Press(t, "\\", "Tab", "n", "n", "n") // in this order it scrolls the same, however fast it draws
			},
			texts: []string{"widget_lang: missing", "6 calls", "paused"},
		},
		{
			name: "raw",
			act: func(t *testing.T, s *tuitest.Screen, _ func(int)) {
				s.Press(t, "N", "N")
				s.WaitText(t, "── contact_first_message")
				s.Press(t, "r", "Tab", "G")
			},
			texts: []string{"as JSON", `"demand": `, "6 calls", "paused"},
		},
		{
			name:  "gap",
			act:   func(t *testing.T, s *tuitest.Screen, _ func(int)) { s.Press(t, "k", "k") },
			texts: []string{"12 calls were not recorded", "6 calls"},
		},
		{
			name:  "help",
			act:   func(t *testing.T, s *tuitest.Screen, _ func(int)) { s.Press(t, "?") },
			texts: []string{"Events and detail", "6 calls"},
		},
		{
			name: "filter",
			act: func(t *testing.T, s *tuitest.Screen, _ func(int)) {
				s.Press(t, "/")
				s.Type("CHAT_")
			},
			texts: []string{lastTitle, "6 calls", "4 of 11"},
		},
		{
			name: "filter-wrong",
			act: func(t *testing.T, s *tuitest.Screen, _ func(int)) {
				s.Press(t, "/")
				s.Type("kind:call since:mark:checkout-with-a-voucher")
			},
			texts: []string{"0 of 11", "there is no mark"},
		},
		{
			name: "mark-asked",
			act: func(t *testing.T, s *tuitest.Screen, _ func(int)) {
				s.Press(t, "m")
				s.Type("ag")
			},
			texts: []string{lastTitle, "6 calls", "mark: ag", "again, after the fix"},
		},
		{
			name: "nothing-found",
			act: func(t *testing.T, s *tuitest.Screen, _ func(int)) {
				s.Press(t, "/")
				s.Type("no-such-thing")
				s.Press(t, "Enter")
			},
			texts: []string{"No record matches", ": 0 calls"},
		},
		{
			name: "paused",
			act: func(t *testing.T, s *tuitest.Screen, more func(int)) {
				s.Press(t, "k")
				s.WaitText(t, "── mark")
				more(23)
			},
			texts: []string{"23 waiting", "29 calls"},
		},
		{
			name:    "ascii",
			options: func(o *tui.Options) { o.Getenv = environment(map[string]string{"LC_ALL": "C", "NO_COLOR": "1"}) },
			texts:   []string{"6 calls", "-- chat_window_minimized"},
		},
	}
}

// boardScreens show the other views, with records and without.
func boardScreens() []goldenScreen {
	return []goldenScreen{
		{name: "findings", act: press("2", "j"), texts: []string{"RULE", "6 calls"}},
		{name: "coverage", act: press("3"), texts: []string{"INVALID", "6 calls", "Not documented"}},
		{name: "consent", act: press("4", "j"), texts: []string{"agreed at", "6 calls"}},
		{name: "shape", act: press("5", "j", "j"), texts: []string{"TYPES", "6 calls"}},
		{name: "sources", act: press("6", "j"), texts: []string{"FUNCTION", "6 calls"}},
		{name: "no-visits", empty: true, act: press("8"), texts: []string{"No visit was recorded so far"}},
		{name: "no-findings", empty: true, act: press("2"), texts: []string{"Nothing was found"}},
		{name: "no-coverage", empty: true, act: press("3"), texts: []string{"never"}},
		{name: "no-consent", empty: true, act: press("4"), texts: []string{"No contact has agreed"}},
		{name: "no-shape", empty: true, act: press("5"), texts: []string{"No call had custom_data"}},
		{name: "no-sources", empty: true, act: press("6"), texts: []string{"Nothing has been recorded yet"}},
		{name: "no-forwarding", empty: true, act: press("7"), texts: []string{"Nothing was seen of where calls went"}},
	}
}

// press returns what a goldenScreen does to go to a view and then press more keys.
func press(view string, keys ...string) func(*testing.T, *tuitest.Screen, func(int)) {
	return func(t *testing.T, s *tuitest.Screen, _ func(int)) {
		s.Press(t, view)
		settled(t, s)
		s.Press(t, keys...)
	}
}

// many are calls with no findings but those on their empty contexts.
func many(n int) []*record.Record {
	var records []*record.Record
	for range n {
		records = append(records, call("chat_window_maximized", `{}`, `{}`))
	}
	return records
}

// TestPictures: the README's pictures show the interface as it is.
func TestPictures(t *testing.T) {
	p, err := plan.Parse("plan.yaml", "/plan.yaml", []byte(checkoutPlan), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name    string
		records []*record.Record
		plan    *plan.Plan
		view    string
		keys    []string
		texts   []string // on the screen after the keys
	}{
		{
			name:    "coverage",
			records: visits(),
			plan:    p,
			view:    "3",
			keys:    []string{"j"},
			texts:   []string{"pending 53 s left, within 5m30s", "missing, within 50s", "met so far, count 0"},
		},
		{
			name:    "consent",
			records: visits(),
			plan:    p,
			view:    "4",
			keys:    []string{"j", "j", "j", "j", "j", "j"},
			texts:   []string{"2 things sent before the contact agreed", "what     session_ctx.client_email"},
		},
		{
			name:    "shape",
			records: visits(),
			plan:    p,
			view:    "5",
			keys:    []string{"j", "j", "j", "j", "j"},
			texts:   []string{"number, string"},
		},
		{
			name:    "tui",
			records: visit(),
			view:    "N", // no view: this is the fourth finding from the end
			keys:    []string{"N", "N", "N"},
			texts:   []string{"── disclaimer_ok", "identity-changed"},
		},
		{
			name:    "findings",
			records: visit(),
			view:    "2",
			keys:    []string{"j", "j", "j", "j", "j"},
			texts:   []string{"wrong-type", "numeric string"},
		},
		{
			name:    "forwarding",
			records: forwarded(),
			view:    "7",
			keys:    []string{"j", "j", "l", "l"},
			texts:   []string{"place 3 of 4"},
		},
		{
			name:    "visits",
			records: visits(),
			plan:    p,
			view:    "8",
			keys:    []string{"j"},
			texts:   []string{"! before-consent: chat_requested"},
		},
		{
			name:    "sources",
			records: visit(),
			view:    "6",
			keys:    []string{"j"},
			texts:   []string{"12 calls were not recorded"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			screen := tuitest.New(120, 34)
			o := options(newStore(t, tt.records), screen)
			o.Inspector = o.Inspector.With(tt.plan)
			run(t, o)
			screen.WaitText(t, "calls", "── ")
			settled(t, screen)
			press(tt.view, tt.keys...)(t, screen, nil)
			screen.WaitText(t, tt.texts...)
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

// TestFollowing: following goes on while records come, until the user moves the cursor. G and Space
// take it up again.
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

// TestMark: m puts a mark into the recording. If that fails, the reason is shown.
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
