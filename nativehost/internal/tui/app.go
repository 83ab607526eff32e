// Package tui is the terminal interface: a live list of what was recorded, everything about
// the record under the cursor, and views of the findings, the visits and more.
//
//	store ─▶ feed, search ─▶ rows, records ─┐
//	  └────▶ judge ────────▶ verdicts ──────┼─▶ app.loop ─▶ draw ─▶ screen
//	           keys, mouse ─────────────────┘
//
// One loop (app.loop) owns the app and the screen; nothing else touches them. Keys are handled
// and drawn at once. Everything that waits, such as a query of the store, runs in goroutines
// of the feed. They send the loop functions that change the app, and after these the screen is
// drawn at most once a frame, so a burst of records costs no more drawing than a few.
//
// Where to look: views.go is the table of views, and each view has a file; keys.go is the
// table of keys; judge.go is what makes the verdicts in the background. These know no screen and
// are tested without one: eventlist.go and listing.go, the list of events; quest.go, what moves
// its cursor far; and in filter.go a filter as it is typed.
//
// tview gives the widgets. Its Application is not used: the loop could neither stop waiting for
// its queue of updates nor wait for it together with other channels.
//
// Everything that comes from a page may be hostile. Text reaches the screen only through
// theme.paint.
package tui

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gdamore/tcell/v2"
	"github.com/rivo/tview"

	"userlike-inspector/nativehost/internal/filter"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/store"
)

// frame is the shortest time between two drawings, except after a key. It is short enough to
// look immediate, and long enough to cost little while many records come.
const frame = 30 * time.Millisecond

// app is the state of the interface. Only the loop touches it: others hand the loop a function
// that does, by feed.post.
type app struct {
	opts     Options // some change: the plan, and Status, which is nil once the browser has ended
	bindings []binding
	feed     *feed
	*canvas

	exit   exit
	outage outage // of the store

	// Where the keys go, and what is on the screen.
	view    view
	kinds   []viewKind // the table of views
	boards  []*board   // by view; nil for the events
	pane    place      // inEvents or inDetail: which pane of the events' view has the keys
	zoomed  bool       // this pane, or that of a board, has the whole screen
	menu    place      // the menu or question that is open: inCopy, inOnly, inSimulate, inConsent, inQuitting; 0 for none
	choices []choice   // of the menu inOnly
	pressed string     // the last key that did something, for bindings of several keys
	height  int        // rows of the pane that has the keys, for paging

	// The events.
	events   *events
	detail   *detail
	search   *search            // finds what the filter lets through; nil without a filter
	stopSeek context.CancelFunc // gives up looking for the next event with a finding
	compared *comparison        // nil while none is shown

	*prompt
	gathered gathering // values to suggest in a filter

	// Help and welcome.
	help    *lines
	helping bool // the help is shown
	welcome *welcome

	// What is looked at, and the verdicts on it.
	scope    scope
	begun    scope // the scope at the start
	judge    *judge
	verdicts *verdicts // the newest ones
	plan     planFile

	simulation *simulating // nil without one

	bell bell

	status string // what the header says of the browser
	flash  string // the message at the bottom, shown until the next key
}

// Run shows the interface until the user quits or ctx ends; both return nil. An error says
// that the terminal can't be used, or that this program has failed. Either way the terminal is
// as it was before. On Unix it is so even if the program crashes.
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
	defer func() {
		if before != nil {
			before.outage.next.Close()
		}
	}()
	for {
		after, err := show(ctx, opts, screen, before)
		if after == nil {
			return err
		}
		before = after
		opts.Store, opts.Inspector, opts.PlanFile = before.outage.next, before.opts.Inspector, before.plan.path
	}
}

// show shows one store. before is how the store before it was shown, nil for the first one.
// replaced is the app if another store has taken its place and is to be shown next. Otherwise
// the terminal has been restored.
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
	a.turnMouse(before == nil || before.mousing)
	if before != nil {
		a.takeOver(before)
	}
	wakes, err := opts.Store.Follow(ctx)
	if err != nil {
		return nil, err
	}
	a.feed.start(func() { a.feed.follow(wakes, a.news) })
	a.feed.start(func() { a.feed.page(a.rows, a.shown) })
	a.feed.start(func() { a.judge.run(a.feed, a.told, a.knew, a.failed) })
	if opts.Installation != nil {
		a.feed.start(func() { a.feed.examine(opts.Installation, a.welcome.take) })
	}
	if opts.Simulation != nil && before == nil {
		a.simulateFirst()
	}
	if opts.PlanFile != "" {
		a.followPlan()
	}
	if err := a.loop(ctx); err != nil || a.outage.next == nil {
		return nil, err
	}
	return a, nil
}

// takeOver takes over what the user had chosen while the store before was shown.
func (a *app) takeOver(before *app) {
	a.flash = before.outage.ofFile() + "; this is what is there now"
	if before.simulation != nil && before.simulation.running {
		a.flash += "; the simulation was given up"
	}
	a.status, a.zoomed = before.status, before.zoomed
	if t := before.events.trail; t != nil {
		a.events.trail = &trail{view: t.view, found: t.found, filter: t.filter, following: true}
	}
	a.events.hitsShown = before.events.hitsShown
	a.events.times, a.detail.raw = before.events.times, before.detail.raw
	a.show(before.view)
	a.history = before.history
	a.begun.since = 0 // row numbers of the store before mean nothing here
	a.scope = before.scope
	a.scope.since, a.scope.name = 0, a.begun.name
	a.judge.scope, a.events.cleared = a.scope, 0
	a.list(before.events.list.filter)
}

// reopenAfter opens what is at the store's path, again and again until that works, if an error
// says that another file has taken the store's place.
func (a *app) reopenAfter(err error) {
	if a.outage.reopening || a.opts.Reopen == nil || !errors.Is(err, store.ErrReplaced) {
		return
	}
	a.outage.reopening = true
	a.feed.start(func() {
		a.opts.Store.Close() // it can't be read any more, and would keep a deleted file's space
		again := time.NewTicker(retryAfter)
		defer again.Stop()
		for {
			next, err := a.opts.Reopen(a.feed.ctx)
			if err == nil {
				select {
				case a.feed.updates <- func() { a.outage.next, a.exit.now = next, true }:
				case <-a.feed.ctx.Done(): // the user has quit meanwhile
					next.Close()
				}
				return
			}
			a.feed.post(a.feed.ctx, func() { a.outage.reopenErr = err })
			select {
			case <-again.C:
			case <-a.feed.ctx.Done():
				return
			}
		}
	})
}

func newApp(ctx context.Context, opts Options, screen tcell.Screen) *app {
	t := newTheme(opts.Getenv, screen.Colors(), opts.Now)
	kinds := viewKinds()
	a := &app{
		opts: opts, canvas: &canvas{theme: t, screen: screen}, kinds: kinds, bindings: bindings(kinds), feed: newFeed(ctx, opts.Store),
		events: newEvents(t),
		detail: &detail{lines: newLines(t), docs: documentedEvents()},
		help:   newLines(t), welcome: &welcome{lines: newLines(t)}, pane: inEvents, stopSeek: func() {},
		outage: outage{path: opts.StorePath}, plan: planFile{opts.PlanFile, nil, func() {}},
		boards: newBoards(t, kinds), judge: newJudge(opts.Inspector, opts.Now, kinds), verdicts: &verdicts{}, prompt: newPrompt(),
	}
	a.feed.judge, a.feed.marks = a.judge, a.marked
	a.begun = scope{opts.Since, opts.SinceName, &filter.Filter{}}
	a.scope, a.judge.scope = a.begun, a.begun
	a.events.cleared = a.begun.since
	a.list(a.begun.filter)
	return a
}

// loop handles everything that happens, one after the other: keys, updates by the feed, and
// time. It draws at most once a frame, but at once after a key.
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
	again := time.NewTicker(time.Second) // some boards show how long ago something was
	defer again.Stop()
	made := a.tick()
	var paste *strings.Builder // what is being pasted
	draw()
	for !a.exit.now {
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
		case <-a.opts.StopAsked:
			a.stop()
			stale()
		case <-a.opts.Continued:
			a.giveBack(func() error { return nil }) // the shell has changed the terminal's settings
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
			if stale(); len(events) == 0 && !a.exit.now {
				draw()
			}
		}
	}
	return a.exit.lost
}

// handle handles an event of the terminal. paste is the text that is being pasted, nil if none
// is, and handle returns what it is after the event.
func (a *app) handle(event tcell.Event, paste *strings.Builder) *strings.Builder {
	switch event := event.(type) {
	case *tcell.EventResize:
		a.screen.Sync()
	case *tcell.EventPaste:
		if event.Start() {
			return &strings.Builder{}
		}
		if paste != nil && a.place()&inAsking != 0 {
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

// key does what a key is bound to. Where something is typed, other keys go to the field.
func (a *app) key(event *tcell.EventKey) {
	a.flash = ""
	in := a.place()
	switch {
	case a.dispatch(event, in):
	case in&inAsking == 0:
		a.flash = a.worksElsewhere(event, in)
	case event.Key() != tcell.KeyRune || visible(string(event.Rune())) == string(event.Rune()):
		a.field.InputHandler()(event, func(tview.Primitive) {})
	}
}

// place is where keys go now: to the innermost of what is open.
func (a *app) place() place {
	switch {
	case a.asking != nil && (!a.helping || a.asking.ofHelp):
		return a.asking.in
	case a.helping:
		return inHelp
	case a.compared != nil:
		return inCompare
	case a.menu != 0:
		return a.menu
	case a.view != viewEvents:
		return inView(a.view)
	}
	return a.pane
}

// news is called when the store has grown, or with what is wrong with it.
func (a *app) news(last int64, newest []store.Row, err error) {
	if a.outage.reopening {
		return
	}
	recovered := a.outage.err != nil && err == nil
	if a.outage.err = err; err != nil {
		a.reopenAfter(err)
		return
	}
	a.events.list.last = last
	a.cache(newest)
	replace(a.judge.grown, last)
	if recovered { // read again what could not be read
		a.detail.row = 0
		a.list(a.events.list.filter)
	} else if a.search != nil {
		replace(a.search.grown, last)
	}
}

// rows is called with rows that the screen lacked, and the version of the verdicts that were
// applied to them.
func (a *app) rows(rows []listed, version int, err error) {
	a.events.cache.put(rows...)
	if slices.ContainsFunc(rows, func(r listed) bool { return r.Kind == record.Hit }) {
		a.noticeHits()
	}
	if version != a.verdicts.version { // there were new verdicts while they were read
		for _, r := range rows {
			a.events.cache.spoil(r.Row.Row)
		}
	}
	if err != nil {
		a.failed(err)
	}
}

// failed is called when a query has failed. news will tell when the store can be read again.
func (a *app) failed(err error) {
	if a.outage.reopening { // keep the first error, which says what has happened to the store
		return
	}
	a.outage.err = err
	a.reopenAfter(err)
	replace(a.feed.doubted, struct{}{})
}

// shown is called with the record that the detail lacked.
func (a *app) shown(row int64, one *reading, version int, err error) {
	if row != a.events.cursor || row == a.detail.row {
		return // the cursor has moved on, or the record was asked for twice: showing it again would undo the user's folds
	}
	if err != nil {
		a.failed(err)
		one = nil
	}
	a.detail.take(row, one)
	if version != a.verdicts.version { // there were new verdicts while it was read
		a.detail.row = 0
	}
}
