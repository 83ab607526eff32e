package tui_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/simulation"
	"userlike-inspector/nativehost/internal/tui"
	"userlike-inspector/nativehost/internal/tui/tuitest"
	"userlike-inspector/nativehost/internal/wire"
)

// simulated are a call by the client, and two that a tester simulated: one has a hit, and at the
// other the site's function threw.
func simulated() []*record.Record {
	const global = `{"client_uuid":"6b1e4e1e-5f5a-4a52-9c56-0a7d8f0b1c2d","operator_group_id":1234,"widget_id":5678,"widget_lang":"de"}`
	records := numbered([]*record.Record{
		call("button_displayed", global, `{}`),
		call("rating_submit", global, `{"session_id":"s-91f3"}`),
		call("post_survey_submit", global, `{"session_id":"s-91f3"}`),
	}, 1)
	records[2].Handled.Threw = "TypeError: no survey"
	hit := handed(0, record.Handed{
		Via:     record.Queue,
		To:      "dataLayer",
		Because: record.DuringHandler,
		Carries: []record.Carried{{What: "/0", At: "/0/event"}},
		Data:    json.RawMessage(`[{"event":"rating_submit"}]`),
	}, records[1])
	all := []*record.Record{records[0], records[1], hit, records[2]}
	for _, r := range all {
		r.Simulated = r != records[0]
		r.Findings = inspector().Judge(r)
	}
	return all
}

// TestSimulatedSign: simulated calls and their hits have a sign in the list, also in narrow
// windows, and the detail says so in words.
func TestSimulatedSign(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {120, 40}} {
		t.Run(fmt.Sprint(size[0]), func(t *testing.T) {
			screen := tuitest.New(size[0], size[1])
			run(t, options(newStore(t, simulated()), screen))
			screen.WaitText(t, "1 call ", "◇ 2", "◇ rating_submit", "simulated by a tester")
			screen.WaitText(t, "◇ post_survey_submit", "── ◇ post_survey_submit")
			screen.Press(t, "H")
			screen.WaitText(t, "◇ → dataLayer", "          rating_submit")
			golden(t, screen, fmt.Sprintf("simulated-%dx%d", size[0], size[1]))
			screen.Press(t, "k")
			screen.WaitText(t, "── ◇ → dataLayer", "◇ simulated by a tester", "The page pushed")
		})
	}
}

// TestSimulatedSignASCII: there is a sign also where the terminal has only ASCII, and the help says
// what it means.
func TestSimulatedSignASCII(t *testing.T) {
	screen := tuitest.New(80, 200)
	o := options(newStore(t, simulated()), screen)
	o.Getenv = environment(map[string]string{"LC_ALL": "C"})
	run(t, o)
	screen.WaitText(t, "* 2", "* rating_submit", "* simulated by a tester")
	screen.Press(t, "?")
	screen.WaitText(t, "* simulated by a tester: the client did not call")
}

// A makeCalls has a page make calls. It reports each result to told.
type makeCalls func(ctx context.Context, page simulation.Page, calls []simulation.Call, told func(simulation.Result)) ([]simulation.Result, error)

// browsers is a tui.Simulator without browsers.
type browsers struct {
	pages []simulation.Page         // the open pages
	err   error                     // of asking for them
	asked func(ctx context.Context) // called before they are answered; may be nil
	run   makeCalls                 // nil: all calls return
}

func (b browsers) Pages(ctx context.Context, _ func() time.Time) ([]simulation.Page, error) {
	if b.asked != nil {
		b.asked(ctx)
	}
	return b.pages, b.err
}

func (b browsers) Run(ctx context.Context, page simulation.Page, calls []simulation.Call, _, _ time.Duration, _ func() time.Time, told func(simulation.Result)) (made []simulation.Result, err error) {
	if b.run != nil {
		return b.run(ctx, page, calls, told)
	}
	made = returned(calls)
	for _, one := range made {
		told(one)
	}
	return made, nil
}

// returned are the results of calls after which the site's function returned.
func returned(calls []simulation.Call) (made []simulation.Result) {
	for _, c := range calls {
		made = append(made, simulation.Result{Call: c, Outcome: wire.Returned})
	}
	return made
}

// openPage is an open page that has the site's function.
func openPage(document, address string) simulation.Page {
	return simulation.Page{
		Profile:  "p",
		Browser:  &record.Browser{Name: "Chromium"},
		OpenPage: wire.OpenPage{Document: document, Tab: 12, URL: address, Handler: true},
	}
}

const basket = "https://shop.example/basket?step=2"

// TestSimulateAgain: once the user has agreed, the page of the call under the cursor makes it
// again. Meanwhile no other simulation can begin.
func TestSimulateAgain(t *testing.T) {
	goOn := make(chan bool)
	var in simulation.Page
	var made []simulation.Call
	screen := tuitest.New(80, 24)
	o := options(newStore(t, visit()), screen)
	o.Simulator = browsers{
		pages: []simulation.Page{openPage("other", "https://other.example/"), openPage(document, basket)},
		run: func(_ context.Context, page simulation.Page, calls []simulation.Call, told func(simulation.Result)) ([]simulation.Result, error) {
			in, made = page, calls
			results := returned(calls)
			told(results[0])
			<-goOn
			return results, nil
		},
	}
	run(t, o)
	screen.WaitText(t, "6 calls", "── chat_window_minimized")
	screen.Press(t, "s")
	screen.WaitText(t, "Go on?")
	golden(t, screen, "simulate-consent-80x24", "y yes", "n Esc no", "its userlikeTrackingEvent once", "recorded ones")
	screen.Press(t, "n")
	screen.WaitText(t, "nothing was simulated")
	screen.Press(t, "s")
	screen.WaitText(t, "Go on?")
	screen.Press(t, "y")
	screen.WaitText(t, "simulating, 1 of 1")
	for _, key := range []string{"s", "S"} {
		settled(t, screen) // clears the message
		screen.Press(t, key)
		screen.WaitText(t, "a simulation is under way, 1 of 1 call made: wait for its end")
	}
	close(goOn)
	screen.WaitText(t, "simulated 1 of 1 call, the site's function returned each time")
	if in.Document != document || len(made) != 1 || string(made[0].Args) != string(visit()[10].Args) {
		t.Errorf("%s was made in %s", made, in.Document)
	}
	screen.Press(t, "S")
	screen.WaitText(t, "simulate", "e this event", "a all documented events")
}

// TestSimulateSamples makes sample calls of one event and of all. If something goes wrong, the
// message is the simulation's.
func TestSimulateSamples(t *testing.T) {
	threw := func(_ context.Context, _ simulation.Page, calls []simulation.Call, _ func(simulation.Result)) (made []simulation.Result, err error) {
		for _, c := range calls[:len(calls)/2] {
			made = append(made, simulation.Result{Call: c, Outcome: wire.Threw, Threw: "no " + c.Event})
		}
		return made, &simulation.Broken{At: "The site's function, called with x (full), has not returned.", Why: "The page went away."}
	}
	for _, tt := range []struct {
		key    string // in the menu
		typed  string // an event's name, which is asked for then
		events int
		run    makeCalls
		texts  []string
	}{
		{"e", "", 1, nil, []string{"simulated 2 of 2 calls, the site's function returned each time"}},
		{"n", "chat_sta", 1, nil, []string{"simulated 2 of 2 calls, the site's function returned each time"}},
		{"a", "", 35, nil, []string{"simulated 70 of 70 calls, the site's function returned each time"}},
		{"e", "", 1, threw, []string{
			"simulated 1 of 2 calls; 1 threw, such as chat_window_minimized (full): no chat_window_minimized.",
			"has not returned. The page went away.",
		}},
	} {
		t.Run(fmt.Sprint(tt.key, tt.run != nil), func(t *testing.T) {
			screen := tuitest.New(180, 24)
			o := options(newStore(t, visit()), screen)
			var calls []simulation.Call
			o.Simulator = browsers{
				pages: []simulation.Page{openPage(document, basket)},
				run: func(ctx context.Context, page simulation.Page, wanted []simulation.Call, told func(simulation.Result)) ([]simulation.Result, error) {
					calls = wanted
					return browsers{run: tt.run}.Run(ctx, page, wanted, 0, 0, nil, told)
				},
			}
			run(t, o)
			screen.WaitText(t, "6 calls", "── chat_window_minimized")
			screen.Press(t, "S")
			screen.WaitText(t, "all documented events")
			screen.Press(t, tt.key)
			if tt.typed != "" {
				screen.WaitText(t, "simulate the event:")
				screen.Type(tt.typed)
				screen.Press(t, "Tab")
				screen.WaitText(t, "simulate the event: chat_started")
				screen.Press(t, "Enter")
			}
			if f := screen.WaitText(t, "Go on?"); strings.Contains(f.Text(), "recorded ones") {
				t.Errorf("samples are said to be recorded:\n%s", f.Text())
			}
			screen.Press(t, "y")
			screen.WaitText(t, tt.texts...)
			if len(calls) != 2*tt.events || calls[0].Variant != simulation.Full || calls[1].Variant != simulation.Sparse || tt.typed != "" && calls[0].Event != "chat_started" {
				t.Errorf("%d calls were asked for", len(calls))
			}
		})
	}
}

// TestNotSimulated: where nothing can be simulated, the reason is shown and nothing is called.
func TestNotSimulated(t *testing.T) {
	bare := openPage(document, basket)
	bare.Handler = false
	for name, tt := range map[string]struct {
		with  browsers
		none  bool // there is no simulator
		keys  []string
		texts []string
	}{
		"nothing to ask": {
			none:  true,
			keys:  []string{"s"},
			texts: []string{"calls can't be simulated from here"},
		},
		"no call": {
			keys:  []string{"k", "s"},
			texts: []string{"this is no call: select one first"},
		},
		"not sendable": {
			keys:  []string{"k", "k", "k", "s"},
			texts: []string{"this call can't be made again: /2/custom_data/onDone: it is function", "S then e"},
		},
		"no samples": {
			keys:  []string{"k", "k", "k", "k", "S", "e"},
			texts: []string{`"chat_startet" is not documented`},
		},
		"no event of that name": {
			keys:  append(append([]string{"S", "n"}, strings.Split("chat_startet", "")...), "Enter"),
			texts: []string{`"chat_startet" is not documented, so there are no samples of it; S then n and Tab lists those that are`},
		},
		"no browser": {
			with:  browsers{err: simulation.ErrNoBrowser},
			keys:  []string{"s"},
			texts: []string{"nothing was simulated: no browser with the extension is connected"},
		},
		"page was closed": {
			with:  browsers{pages: []simulation.Page{openPage("x", "https://x.example/")}},
			keys:  []string{"s"},
			texts: []string{"https://shop.example/basket?… is no longer open: open it again"},
		},
		"no function": {
			with:  browsers{pages: []simulation.Page{bare}},
			keys:  []string{"s"},
			texts: []string{"nothing was simulated: https://shop.example/basket?… has no userlikeTrackingEvent to call"},
		},
		"several pages": {
			with: browsers{pages: []simulation.Page{
				openPage("x", "https://x.example/"),
				openPage("y", "https://y.example/"),
			}},
			keys:  []string{"S", "a"},
			texts: []string{"several pages have the function: https://x.example/ (Chromium, tab 12) https://y.example/"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			screen := tuitest.New(160, 30)
			o := options(newStore(t, visit()), screen)
			tt.with.run = func(context.Context, simulation.Page, []simulation.Call, func(simulation.Result)) ([]simulation.Result, error) {
				t.Error("calls were made")
				return nil, errors.New("no")
			}
			if o.Simulator = tt.with; tt.none {
				o.Simulator = nil
			}
			run(t, o)
			screen.WaitText(t, "6 calls", "── chat_window_minimized")
			for _, key := range tt.keys {
				screen.Press(t, key)
				if key == "k" {
					settled(t, screen)
				}
			}
			screen.WaitText(t, tt.texts...)
			if f := screen.Frame(); strings.Contains(f.Text(), "Go on?") {
				t.Errorf("it asks:\n%s", f.Text())
			}
		})
	}
}

// TestSimulationGivenUp: the interface goes on while the browsers are asked for pages and while a
// page calls. Both are given up when the user leaves.
func TestSimulationGivenUp(t *testing.T) {
	left := make(chan bool)
	screen := tuitest.New(80, 24)
	s := newStore(t, visit())
	o := options(s, screen)
	o.Simulator = browsers{asked: func(ctx context.Context) { <-ctx.Done(); close(left) }}
	run(t, o)
	screen.WaitText(t, "6 calls", "── chat_window_minimized")
	screen.Press(t, "s", "y")
	screen.WaitText(t, "in which page is still being asked")
	add(t, s, numbered(many(1), 12))
	screen.WaitText(t, "7 calls")
	screen.Press(t, "Esc")
	screen.WaitText(t, "nothing was simulated")
	<-left

	running := make(chan bool)
	screen = tuitest.New(80, 24)
	o = options(s, screen)
	o.Simulator = browsers{
		pages: []simulation.Page{openPage(document, basket)},
		run: func(ctx context.Context, _ simulation.Page, _ []simulation.Call, _ func(simulation.Result)) ([]simulation.Result, error) {
			close(running)
			<-ctx.Done()
			return nil, ctx.Err()
		},
	}
	ended := run(t, o)
	screen.WaitText(t, "7 calls", "── chat_window_maximized")
	screen.Press(t, "s")
	screen.WaitText(t, "Go on?")
	screen.Press(t, "y")
	<-running
	screen.Press(t, "q")
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestSimulationFromStart: a simulation that the program was started with begins when its page is
// there. The interface does not wait for that.
func TestSimulationFromStart(t *testing.T) {
	there, goOn := make(chan simulation.Page), make(chan bool)
	screen := tuitest.New(160, 24)
	o := options(newStore(t, visit()), screen)
	calls := simulation.Samples([]string{"chat_started"}, "r", nil)
	var in simulation.Page
	o.Simulator = browsers{run: func(_ context.Context, page simulation.Page, calls []simulation.Call, told func(simulation.Result)) ([]simulation.Result, error) {
		in = page
		made := returned(calls)
		told(made[0])
		<-goOn
		return made, nil
	}}
	o.Simulation = &tui.Simulation{
		Calls: calls,
		Page:  func(context.Context) (simulation.Page, error) { return <-there, nil },
	}
	run(t, o)
	screen.WaitText(t, "6 calls", "simulation waits for the site's function")
	screen.Press(t, "S")
	screen.WaitText(t, "a simulation waits for a page that has userlikeTrackingEvent")
	there <- openPage(document, basket)
	screen.WaitText(t, "simulating, 1 of 2")
	close(goOn)
	screen.WaitText(t, "simulated 2 of 2 calls, the site's function returned each time")
	if in.Document != document {
		t.Errorf("it was made in %q", in.Document)
	}
}

// TestSimulateRecording: a page makes the calls of a recording again. It is said which of them can't
// be made.
func TestSimulateRecording(t *testing.T) {
	file := filepath.Join(t.TempDir(), "colleague.jsonl")
	cut := visit()[10]
	cut.ID, cut.Notes = cut.ID+"0", []record.Note{{At: "/2/custom_data", Is: "function"}}
	var lines []byte
	for _, r := range append(visit(), cut) {
		line, err := record.Encode(r)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(append(lines, line...), '\n')
	}
	if err := os.WriteFile(file, lines, 0o600); err != nil {
		t.Fatal(err)
	}
	screen := tuitest.New(200, 24)
	o := options(newStore(t, visit()), screen)
	var calls []simulation.Call
	o.Simulator = browsers{
		pages: []simulation.Page{openPage(document, basket)},
		run: func(_ context.Context, _ simulation.Page, wanted []simulation.Call, _ func(simulation.Result)) ([]simulation.Result, error) {
			calls = wanted
			return returned(wanted), nil
		},
	}
	run(t, o)
	screen.WaitText(t, "6 calls", "── chat_window_minimized")
	screen.Press(t, "S", "r")
	screen.WaitText(t, "simulate the calls of")
	screen.Type(filepath.Join(t.TempDir(), "none.jsonl"))
	screen.Press(t, "Enter")
	screen.WaitText(t, "nothing was simulated: ", "none.jsonl")
	screen.Press(t, "S", "r")
	screen.WaitText(t, "simulate the calls of")
	screen.Type(file)
	screen.Press(t, "Enter")
	screen.WaitText(t, "can't be made again, such as", "function", "Go on?")
	screen.Press(t, "y")
	screen.WaitText(t, "the site's function returned each time")
	want := 0
	for _, r := range visit() {
		if _, unsent := simulation.FromRecord(r); r.Kind == record.Call && unsent == nil {
			want++
		}
	}
	if len(calls) != want || calls[0].Variant != simulation.Recorded {
		t.Errorf("%d calls were made, want %d", len(calls), want)
	}
}
