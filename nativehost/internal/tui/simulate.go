package tui

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"userlike-inspector/nativehost/internal/files"
	"userlike-inspector/nativehost/internal/filter"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/recording"
	"userlike-inspector/nativehost/internal/simulation"
	"userlike-inspector/nativehost/internal/wire"
	"userlike-inspector/nativehost/internal/words"
	"userlike-inspector/schema"
)

// A Simulator has pages that are open in a browser call their own function.
// simulation.Folder is one.
type Simulator interface {
	Pages(ctx context.Context, now func() time.Time) ([]simulation.Page, error)
	Run(ctx context.Context, page simulation.Page, calls []simulation.Call, between, timeout time.Duration, now func() time.Time, told func(simulation.Result)) ([]simulation.Result, error)
}

// A Simulation is a simulation that begins as soon as its page is there.
type Simulation struct {
	Calls []simulation.Call
	Page  func(ctx context.Context) (simulation.Page, error) // waits for the page
}

// simulating is a simulation from when the user wants it until it is over. There is only one
// at a time.
type simulating struct {
	calls   []simulation.Call
	page    simulation.Page
	left    string // says which calls of a recording can't be made; "" for none
	asks    string // the question that the user has to agree to; "" until the page is known
	awaits  bool   // it waits for a page that has the site's function
	running bool   // the page is making the calls
	made    int    // how many calls were made so far
	cancel  context.CancelFunc
}

// mayNotSimulate says why no simulation can begin now; "" if one can.
func (a *app) mayNotSimulate() string {
	switch s := a.simulation; {
	case a.opts.Simulator == nil:
		return "calls can't be simulated from here"
	case s != nil && s.awaits:
		return "a simulation waits for a page that has userlikeTrackingEvent: open it in the browser, or leave with q"
	case s != nil:
		return fmt.Sprintf("a simulation is under way, %d of %s made: wait for its end", s.made, words.Plural(len(s.calls), "call"))
	}
	return ""
}

// selected is the record under the cursor, nil until it has been read.
func (a *app) selected() *record.Record {
	if a.detail.reading == nil || a.detail.row != a.events.cursor {
		return nil
	}
	return a.detail.record
}

// selectedCall is the call under the cursor. If there is none it says so and returns nil.
func (a *app) selectedCall() *record.Record {
	if r := a.selected(); r != nil && r.Kind == record.Call {
		return r
	}
	a.flash = "this is no call: select one first"
	return nil
}

func (a *app) openSimulate() {
	if a.flash = a.mayNotSimulate(); a.flash == "" {
		a.menu = inSimulate
	}
}

// simulateAgain has the page of the call under the cursor make this call again.
func (a *app) simulateAgain() {
	if a.flash = a.mayNotSimulate(); a.flash != "" {
		return
	}
	r := a.selectedCall()
	if r == nil {
		return
	}
	call, unsent := simulation.FromRecord(r)
	if unsent == nil {
		a.simulate([]simulation.Call{call}, func(open []simulation.Page) (simulation.Page, error) { return simulation.PageOf(r, open) })
		return
	}
	a.flash = "this call can't be made again: " + unsent.Why
	if _, documented := a.detail.docs[r.EventName()]; documented {
		a.flash += "; S then e simulates its event with sample values"
	}
}

// simulateEvent has a page make sample calls of the event under the cursor.
func (a *app) simulateEvent() {
	a.menu = 0
	r := a.selectedCall()
	if r == nil {
		return
	}
	a.simulateDocumented(r.EventName(), "s makes the call again as it was")
}

// askForEvent asks for the name of an event that is to be simulated.
func (a *app) askForEvent() {
	a.menu = 0
	complete := func(before string) (int, []filter.Suggestion) { return beginning(before, documented()) }
	a.ask(&question{in: inPrompt, about: aboutEvents, label: "simulate the event: ", hint: "a documented event, such as chat_started", complete: complete, done: func(name string) {
		if a.flash = a.mayNotSimulate(); a.flash == "" {
			a.simulateDocumented(name, "S then n and Tab lists those that are")
		}
	}})
}

// simulateDocumented has a page make sample calls of an event. If that is not documented, it
// says so, and what can be done instead.
func (a *app) simulateDocumented(event, instead string) {
	if _, documented := a.detail.docs[event]; !documented {
		a.flash = words.Quote(event) + " is not documented, so there are no samples of it; " + instead
		return
	}
	a.simulateSamples(event)
}

// simulateAll has a page make sample calls of all documented events.
func (a *app) simulateAll() {
	a.menu = 0
	a.simulateSamples(documented()...)
}

// documented are the names of the documented events.
func documented() (names []string) {
	for _, e := range schema.Catalogue().Events {
		names = append(names, e.Name)
	}
	return names
}

// simulateSamples has a page make sample calls of some events; pageHere chooses the page.
func (a *app) simulateSamples(events ...string) {
	var data map[string]any
	if p := a.opts.Inspector.Plan(); p != nil {
		data = p.SampleData
	}
	a.simulate(simulation.Samples(events, uuid.NewString()[:8], data), a.pageHere())
}

// askForRecording asks for the recording whose calls are to be made again.
func (a *app) askForRecording() {
	a.menu = 0
	a.askForFile(&question{in: inPrompt, about: aboutRecordings, label: "simulate the calls of: ", hint: "a recording, a .db or .jsonl file", done: a.simulateRecording}, ".db", ".jsonl")
}

// simulateRecording has a page make the calls of a recording again; pageHere chooses the
// page.
func (a *app) simulateRecording(path string) {
	choose := a.pageHere()
	a.feed.start(func() {
		path, err := files.InHome(path)
		var calls []simulation.Call
		var unsent []simulation.Unsent
		if err == nil {
			calls, unsent, err = simulation.FromRecording(func(f func(*record.Record) error) error {
				return recording.Each(a.feed.ctx, []string{path}, f)
			})
		}
		a.feed.post(a.feed.ctx, func() {
			left := ""
			if len(unsent) > 0 {
				left = fmt.Sprintf("%s of it can't be made again, such as %s: %s. ", words.Plural(len(unsent), "call"), words.Short(unsent[0].Event), unsent[0].Why)
			}
			switch {
			case err != nil:
				a.flash = "nothing was simulated: " + words.Plain(err)
			case len(calls) == 0:
				a.flash = "nothing was simulated: the recording has no call that could be made again. " + left
			default:
				if a.flash = a.mayNotSimulate(); a.flash == "" {
					a.simulate(calls, choose)
					a.simulation.left = left
				}
			}
		})
	})
}

// pageHere returns a function that chooses, of the open pages, that of the record under the
// cursor or else the only one that has the site's function.
func (a *app) pageHere() func(open []simulation.Page) (simulation.Page, error) {
	r := a.selected()
	return func(open []simulation.Page) (simulation.Page, error) {
		if r != nil && r.Document != "" {
			if page, err := simulation.PageOf(r, open); err == nil {
				return page, nil
			}
		}
		return simulation.Choose(open)
	}
}

// simulate lets choose find the page and then asks the user whether it may make the calls.
func (a *app) simulate(calls []simulation.Call, choose func(open []simulation.Page) (simulation.Page, error)) {
	ctx, cancel := context.WithCancel(a.feed.ctx)
	s := &simulating{calls: calls, cancel: cancel}
	a.simulation, a.menu = s, inConsent
	a.feed.start(func() {
		open, err := a.opts.Simulator.Pages(ctx, a.opts.Now)
		var page simulation.Page
		if err == nil {
			page, err = choose(open)
		}
		a.feed.post(ctx, func() {
			switch {
			case a.simulation != s: // the user has left it
			case err != nil:
				a.leaveSimulation()
				a.flash = "nothing was simulated: " + strings.Join(strings.Fields(words.Plain(err)), " ")
			default:
				s.page, s.asks = page, s.left+simulation.Consequence(page, calls)+" Go on?"
			}
		})
	})
}

// simulateFirst makes the simulation that the program was started with.
func (a *app) simulateFirst() {
	ctx, cancel := context.WithCancel(a.feed.ctx)
	s := &simulating{calls: a.opts.Simulation.Calls, cancel: cancel, awaits: true}
	a.simulation = s
	a.feed.start(func() {
		page, err := a.opts.Simulation.Page(ctx)
		a.feed.post(ctx, func() {
			if err != nil {
				a.leaveSimulation()
				a.flash = "nothing was simulated: " + words.Plain(err)
				return
			}
			s.page, s.awaits = page, false
			a.makeCalls()
		})
	})
}

// leaveSimulation gives up a simulation before any call was made.
func (a *app) leaveSimulation() {
	a.simulation.cancel()
	a.simulation, a.menu = nil, 0
}

func (a *app) refuseSimulation() {
	a.leaveSimulation()
	a.flash = "nothing was simulated"
}

// agreeToSimulation is the user's yes: the page makes the calls.
func (a *app) agreeToSimulation() {
	s := a.simulation
	if s.asks == "" {
		a.flash = "in which page is still being asked: wait for the question"
		return
	}
	a.menu = 0
	a.makeCalls()
}

// makeCalls has the page make the calls and then says how it went.
func (a *app) makeCalls() {
	s := a.simulation
	s.running = true
	a.feed.start(func() {
		defer s.cancel()
		made, err := a.opts.Simulator.Run(a.feed.ctx, s.page, s.calls, simulation.Pause, simulation.Timeout, a.opts.Now, func(simulation.Result) {
			a.feed.post(a.feed.ctx, func() { s.made++ })
		})
		a.feed.post(a.feed.ctx, func() {
			a.simulation = nil
			a.flash = simulated(made, len(s.calls), err)
		})
	})
}

// asked is the question beside the keys for yes and no, or why there is none yet.
func (s *simulating) asked() string {
	if s.asks == "" {
		return "asking the browsers which pages are open"
	}
	return s.asks
}

// simulated says how a simulation went: of so many calls, made are those that were made.
func simulated(made []simulation.Result, calls int, err error) string {
	says := fmt.Sprintf("simulated %d of %s", len(made), words.Plural(calls, "call"))
	var threw []simulation.Result
	for _, r := range made {
		if r.Outcome == wire.Threw {
			threw = append(threw, r)
		}
	}
	switch n := len(threw); {
	case n > 0:
		says += fmt.Sprintf("; %d threw, such as %s (%s): %s", n, words.Short(threw[0].Event), threw[0].Variant, words.Short(threw[0].Threw))
	case err == nil:
		says += ", the site's function returned each time"
	}
	if broken := (*simulation.Broken)(nil); err != nil && !errors.As(err, &broken) {
		return says + "; it failed: " + words.Plain(err)
	} else if err != nil {
		return says + ". " + broken.Error()
	}
	return says
}
