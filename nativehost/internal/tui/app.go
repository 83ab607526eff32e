// Package tui is the terminal interface: a live list of what was recorded and,
// beside it, everything about the record under the cursor.
//
// One loop owns the screen and all that is shown; nothing else touches it.
// Keys are handled and drawn at once. Everything that waits, which is every
// query of the store, happens in a feed's goroutines; what they hand over only
// marks the screen as out of date, and it is drawn once a frame at most. So a
// burst of records costs no more, however large it is. tview gives the widgets;
// its Application is not used because its queue of updates can neither be
// given up nor waited for with anything else.
//
// Everything from a page is hostile. It reaches the screen through
// theme.paint and in no other way.
package tui

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/gdamore/tcell/v2"
	"github.com/rivo/tview"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/store"
	"userlike-inspector/schema"
)

// frame is the shortest time from one drawing of what comes by itself to the next:
// short enough to look immediate, long enough to cost little in a flood.
const frame = 30 * time.Millisecond

// Options says what is shown and where.
type Options struct {
	Store Store

	// StorePath is the store's file, for the header.
	StorePath string
	Inspector *inspect.Inspector // judges, by the plan that it has
	PlanFile  string             // which is read again when it changes; "" without a plan
	// Browser and URL are what is being inspected, such as "Chromium 156" and
	// the page that was opened. Both are "" when records come from elsewhere.
	Browser, URL string
	// Status brings what the header says of the browser, such as "Chromium
	// started, waiting for the first call": each replaces the one before. It
	// may be nil, and may be closed, which leaves the last one.
	Status <-chan string
	// Reopen opens what is at the store's path now, when that is another file than
	// Store. What it opens is closed by Run. It may be nil.
	Reopen func(ctx context.Context) (Store, error)
	// Installation finds out how the program is installed in the user's browsers,
	// to be shown while nothing is recorded. It may be nil.
	Installation func(ctx context.Context) ([]Check, error)
	// Mark puts a label into the recording.
	Mark func(ctx context.Context, text string) error
	// Simulator has pages call their own function. It may be nil.
	Simulator Simulator
	// Copy puts a text on the clipboard. After an error the terminal is asked to.
	Copy func(ctx context.Context, text string) error
	// Stop stops the program, as ^Z does, until its shell continues it. Continued tells
	// that it was stopped by someone else until now. They may be nil.
	Stop      func() error
	Continued <-chan os.Signal

	Screen tcell.Screen        // nil is the terminal; initialised and finished by Run
	Now    func() time.Time    // times are shown in its time zone
	Getenv func(string) string // for NO_COLOR and the locale
}

// app is the state of the interface. Only the loop touches it.
type app struct {
	opts     Options
	theme    *theme
	bindings []binding
	screen   tcell.Screen
	feed     *feed
	ended    bool
	gone     error // why there is no terminal any more

	events  *events
	detail  *detail
	help    *lines
	welcome *lines
	field   *tview.InputField // where what is asked for is typed
	asking  *question         // nil while nothing is
	typed   *filtering        // the filter that is being typed, nil while none is

	pane      place // inEvents or inDetail
	zoomed    bool
	helping   bool
	menu      place // inCopy, inSimulate or inConsent while one is open, else 0
	toFinding int   // how many findings on the detail that is being read begins, from its end if negative

	simulation *simulating // that is asked about or runs, nil without one

	search   *search // of the filter, nil without one
	stopSeek context.CancelFunc

	view     view
	column   placeKey // of the matrix of places, where the cursor is
	kinds    []viewKind
	boards   []*board // by view, nil for the events
	judge    *judge
	verdicts *verdicts

	reopening bool
	reopenErr error // why what is in the store's place can't be shown
	next      Store // to be shown instead

	checks   []Check // of the installation
	checkErr error   // why there are none
	checked  bool    // it has been looked at

	planErr error // what is wrong with the plan's file

	areas    []area // of the mouse
	mousing  bool   // it is not left to the terminal
	pressing bool   // its button is down

	status string
	flash  string // said until the next key
	err    error  // what is wrong with the store, while it is
	height int    // rows of the pane that has the keys, for paging
}

// Run shows the interface until the user quits or ctx ends, which both are
// nil. An error is that the terminal can't be used or that this program has
// failed; either way the terminal is as it was before, and on Unix also where this
// program ends otherwise.
func Run(ctx context.Context, opts Options) (err error) {
	screen := opts.Screen
	if screen == nil {
		tcell.SetEncodingFallback(tcell.EncodingFallbackASCII) // where it does not know the locale's character set
		if screen, err = tcell.NewScreen(); err != nil {
			return fmt.Errorf("this terminal can't be used: %w; is TERM set to what it is?", err)
		}
		defer keepTerminal()()
	}
	if err := screen.Init(); err != nil {
		return fmt.Errorf("this terminal can't be used: %w; is TERM set to what it is?", err)
	}
	screen.EnablePaste() // or pasted text would be taken for keys
	var before *app
	for {
		before, err = show(ctx, opts, screen, before)
		if before == nil {
			return err
		}
		defer before.next.Close()
		opts.Store, opts.Inspector = before.next, before.opts.Inspector
	}
}

// show shows one store, as the one before was shown if there was one. It returns
// itself when another store has taken its store's place; else it has given the
// terminal back.
func show(ctx context.Context, opts Options, screen tcell.Screen, before *app) (replaced *app, err error) {
	ctx, cancel := context.WithCancel(ctx)
	a := newApp(ctx, opts, screen)
	defer func() {
		if p := recover(); p != nil {
			replaced, err = nil, panicError(p)
		}
		if replaced == nil {
			screen.Fini()
		}
		cancel()
		a.feed.group.Wait()
	}()
	a.switchMouse(before == nil || before.mousing)
	if before != nil {
		a.goOn(before)
	}
	wakes, err := opts.Store.Follow(ctx)
	if err != nil {
		return nil, err
	}
	a.feed.start(func() { a.feed.follow(wakes, a.news) })
	a.feed.start(func() { a.feed.page(a.rows, a.shown) })
	a.feed.start(func() { a.judge.run(a.feed, a.told, a.placed, a.failed) })
	if opts.Installation != nil {
		a.feed.start(func() { a.feed.examine(opts.Installation, a.examined) })
	}
	if opts.PlanFile != "" {
		sum := opts.Inspector.Plan().Sum
		a.feed.start(func() { watchPlan(a.feed, opts.PlanFile, sum, a.planned) })
	}
	if err := a.loop(ctx); err != nil || a.next == nil {
		return nil, err
	}
	return a, nil
}

// goOn has what the user chose while another store was shown.
func (a *app) goOn(before *app) {
	a.flash = "the store was deleted or replaced; this is the new one"
	if before.simulation != nil && before.simulation.running {
		a.flash += "; the simulation was given up"
	}
	a.status, a.zoomed = before.status, before.zoomed
	if t := before.events.trail; t != nil {
		a.events.trail = &trail{view: t.view, found: t.found, filter: t.filter, following: true}
	}
	a.events.hitsShown = before.events.hitsShown
	a.events.relative, a.detail.raw = before.events.relative, before.detail.raw
	a.show(before.view)
	a.list(before.events.list.filter)
}

// lost opens the store anew when its path leads to another file.
func (a *app) lost(err error) {
	if a.reopening || a.opts.Reopen == nil || !errors.Is(err, store.ErrReplaced) {
		return
	}
	a.reopening = true
	a.feed.start(func() {
		again := time.NewTicker(retryAfter)
		defer again.Stop()
		for {
			next, err := a.opts.Reopen(a.feed.ctx)
			if err == nil {
				select {
				case a.feed.updates <- func() { a.next, a.ended = next, true }:
				case <-a.feed.ctx.Done(): // the user was faster
					next.Close()
				}
				return
			}
			a.feed.post(a.feed.ctx, func() { a.reopenErr = err })
			select {
			case <-again.C:
			case <-a.feed.ctx.Done():
				return
			}
		}
	})
}

func newApp(ctx context.Context, opts Options, screen tcell.Screen) *app {
	t := newTheme(opts.Getenv, screen.Colors())
	kinds := viewKinds()
	a := &app{
		opts: opts, theme: t, kinds: kinds, bindings: bindings(kinds), screen: screen, feed: newFeed(ctx, opts.Store),
		events: newEvents(t, opts.Now),
		detail: &detail{lines: newLines(t), docs: newDocuments(schema.Catalogue()), now: opts.Now},
		help:   newLines(t), welcome: newLines(t), pane: inEvents, stopSeek: func() {},
		boards: newBoards(t, kinds), judge: newJudge(opts.Inspector, opts.Now, kinds), verdicts: &verdicts{},
	}
	a.feed.judge, a.feed.marks = a.judge, a.marked
	a.field = newField(func(text string) {
		if a.asking != nil && a.asking.changed != nil {
			a.asking.changed(text)
		}
	})
	return a
}

// loop is the only place where anything happens to the app.
func (a *app) loop(ctx context.Context) error {
	events := make(chan tcell.Event, 16)
	a.feed.start(func() { a.screen.ChannelEvents(events, ctx.Done()) })
	var due <-chan time.Time // nil while the screen is up to date
	var drawn time.Time
	stale := func() {
		if due == nil {
			due = time.After(frame - time.Since(drawn))
		}
	}
	draw := func() {
		due, drawn = nil, time.Now()
		a.draw()
	}
	again := time.NewTicker(time.Second) // boards tell how long ago something was
	defer again.Stop()
	made := a.tick()
	var paste *strings.Builder // what is being pasted
	draw()
	for !a.ended {
		select {
		case <-ctx.Done():
			return nil
		case err := <-a.feed.panicked:
			return err
		case update := <-a.feed.updates:
			update()
			stale()
		case status, ok := <-a.opts.Status:
			if ok {
				a.status = status
			} else {
				a.opts.Status = nil
			}
			stale()
		case <-a.opts.Continued:
			a.giveBack(func() error { return nil }) // the shell has set the terminal for itself
			stale()
		case <-again.C:
			if now := a.tick(); !now.Equal(made) {
				made = now
				stale()
			}
		case <-due:
			draw()
		case event, ok := <-events:
			if !ok {
				return nil // the screen was finished by someone else
			}
			paste = a.handle(event, paste)
			if stale(); len(events) == 0 && !a.ended {
				draw()
			}
		}
	}
	return a.gone
}

// handle handles an event of the terminal, and returns the paste it is part of.
func (a *app) handle(event tcell.Event, paste *strings.Builder) *strings.Builder {
	switch event := event.(type) {
	case *tcell.EventResize:
		a.screen.Sync()
	case *tcell.EventPaste:
		if event.Start() {
			return &strings.Builder{}
		}
		if paste != nil && a.asking != nil {
			a.field.PasteHandler()(onlyVisible(paste.String()), func(tview.Primitive) {})
		}
		return nil
	case *tcell.EventMouse:
		a.mouse(event)
	case *tcell.EventKey:
		if paste != nil {
			if event.Key() == tcell.KeyRune {
				paste.WriteRune(event.Rune())
			} else if event.Key() == tcell.KeyEnter || event.Key() == tcell.KeyTab {
				paste.WriteByte(' ')
			}
			return paste
		}
		a.key(event)
	}
	return paste
}

// key handles a key.
func (a *app) key(event *tcell.EventKey) {
	a.flash = ""
	in := a.place()
	if !a.dispatch(event, in) && in&inAsking != 0 && (event.Key() != tcell.KeyRune || visible(string(event.Rune())) == string(event.Rune())) {
		a.field.InputHandler()(event, func(tview.Primitive) {})
	}
}

// place is where keys go now.
func (a *app) place() place {
	switch {
	case a.helping:
		return inHelp
	case a.asking != nil:
		return a.asking.in
	case a.menu != 0:
		return a.menu
	case a.view != viewEvents:
		return inView(a.view)
	}
	return a.pane
}

// news takes in how the store has grown, or what is wrong with it.
func (a *app) news(last int64, newest []store.Row, err error) {
	recovered := a.err != nil && err == nil
	if a.err = err; err != nil {
		a.lost(err)
		return
	}
	a.events.list.last = last
	a.cache(newest)
	replace(a.judge.grown, last)
	if recovered { // what failed meanwhile is tried again
		a.detail.row = 0
		a.list(a.events.list.filter)
	} else if a.search != nil {
		replace(a.search.grown, last)
	}
}

// rows takes in rows that the screen lacked.
func (a *app) rows(rows []listed, said int, err error) {
	a.events.cache.put(rows...)
	if slices.ContainsFunc(rows, func(r listed) bool { return r.Kind == record.Hit }) {
		a.meetHits()
	}
	if said != a.verdicts.said { // while they were read
		for _, r := range rows {
			a.events.cache.spoil(r.Row.Row)
		}
	}
	if err != nil {
		a.failed(err)
	}
}

// failed takes in that a query has failed; the news will tell when all is well.
func (a *app) failed(err error) {
	a.err = err
	a.lost(err)
	replace(a.feed.doubted, struct{}{})
}

// shown takes in the record that the detail lacked.
func (a *app) shown(row int64, one *reading, said int, err error) {
	if row != a.events.cursor || row == a.detail.row {
		return // the cursor has moved on; or this was asked for twice, and folds would be lost
	}
	if err != nil {
		a.failed(err)
		one = nil
	}
	if d := a.detail; d.reading != nil && one != nil && d.record.ID == one.record.ID && len(d.all) > 0 { // only what is said of it is new
		d.showAgain(row, one)
	} else {
		d.show(row, one)
	}
	if a.toFinding < 0 {
		a.detail.cursor = len(a.detail.all)
	}
	for ; a.toFinding > 0 && a.detail.finding(1); a.toFinding-- {
	}
	for ; a.toFinding < 0 && a.detail.finding(-1); a.toFinding++ {
	}
	a.toFinding = 0
	if said != a.verdicts.said { // something was said while it was read
		a.detail.row = 0
	}
}
