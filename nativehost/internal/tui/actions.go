package tui

import (
	"errors"
	"fmt"

	"userlike-inspector/nativehost/internal/filter"
	"userlike-inspector/nativehost/internal/store"
	"userlike-inspector/nativehost/internal/words"
)

// quit ends the interface. Where that closes a browser, it asks first.
func (a *app) quit() {
	if a.opts.Browser != "" && a.opts.Status != nil { // Status is nil once the browser is closed
		a.menu = inQuitting
		return
	}
	a.end()
}

// end ends the interface. While a file is being written it waits for that, unless it is
// called a second time.
func (a *app) end() {
	a.menu = 0
	if a.exit.ask() {
		a.flash = "a file is still being written; this ends when it is done, or at once by q or ^C, without the file"
	}
}

// An exit is how and when the interface ends.
type exit struct {
	now     bool   // the loop ends
	lost    error  // why the terminal can't be used any more; Run returns it
	asked   bool   // the loop ends as soon as no file is being written
	writing int    // how many files are being written
	written string // how far that has come, "" until there is something to tell
}

// ask ends the interface. While a file is being written it waits for that, unless it is called
// a second time.
func (x *exit) ask() (waits bool) {
	waits = x.writing > 0 && !x.asked
	x.asked, x.now = x.asked || waits, x.now || !waits
	return waits
}

// wrote takes in that a file has been written, or could not be.
func (x *exit) wrote() {
	if x.writing--; x.writing == 0 {
		x.written = ""
	}
	x.now = x.now || x.asked && x.writing == 0
}

// write runs do, which writes a file, in the background and then shows what it returns.
// The interface does not end before that.
func (a *app) write(do func() (said string, err error)) {
	a.exit.writing++
	a.feed.start(func() {
		said, err := do()
		a.feed.post(a.feed.ctx, func() {
			a.exit.wrote()
			if a.flash = said; err != nil {
				a.flash = "not written: " + words.Plain(err)
			}
		})
	})
}

func (a *app) redraw() { a.screen.Sync() }

// stop suspends the program, as ^Z does, until the shell continues it.
func (a *app) stop() {
	if a.opts.Stop == nil {
		a.flash = "programs can't be stopped and continued here"
		return
	}
	a.giveBack(a.opts.Stop)
}

// giveBack leaves the terminal to others while meanwhile runs. If it can't be had again,
// as when its window was closed, the interface ends: tcell can't draw without one.
func (a *app) giveBack(meanwhile func() error) {
	if err := a.screen.Suspend(); err != nil {
		a.flash = words.Plain(err)
		return
	}
	if err := meanwhile(); err != nil {
		a.flash = words.Plain(err)
	}
	if err := a.screen.Resume(); err != nil {
		a.exit.now, a.exit.lost = true, fmt.Errorf("the terminal can't be used any more: %w", err)
		return
	}
	a.screen.Sync()
}

// back is what Esc does: it leaves the innermost of what is open, and where nothing is,
// it takes the filter away.
func (a *app) back() {
	switch {
	case a.endFind():
	case a.helping:
		a.helping = false
	case a.compared != nil:
		a.compared = nil
	case a.zoomed:
		a.zoomed = false
	case a.view != viewEvents && a.board().below:
		a.board().below = false
	case a.view != viewEvents:
		a.show(viewEvents)
	case a.pane == inDetail:
		a.pane = inEvents
	case a.events.trail != nil:
		a.leadBack()
	default:
		if !a.scope.filter.All() || a.scope.since > a.begun.since {
			a.widen()
		}
	}
}

func (a *app) backOrQuit() {
	if a.canGoBack() {
		a.back()
		return
	}
	a.quit()
}

// canGoBack tells whether q goes back instead of quitting. Unlike Esc, q leaves the filter
// alone.
func (a *app) canGoBack() bool {
	return a.helping || a.compared != nil || a.zoomed || a.pane == inDetail || a.view != viewEvents || a.events.trail != nil
}

func (a *app) openHelp() {
	a.helping, a.help.sought = true, ""
	cells, _ := a.screen.Size()
	a.help.all, a.help.cursor = helpLines(a.theme, a.bindings, cells-2), 0 // made now, because keys may come before the next drawing
}

// open goes to the detail of the event under the cursor. Following pauses, so that the
// detail stays on this event.
func (a *app) open() {
	a.events.pause()
	a.pane = inDetail
}

func (a *app) otherPane() {
	if b := a.board(); b != nil {
		b.below, b.used = !b.below, true
		return
	}
	a.pane = inPanes &^ a.pane
	if a.pane == inDetail {
		a.events.pause() // the detail stays on the event that is read
	}
}

func (a *app) zoom() { a.zoomed = !a.zoomed }

// enter is what Enter does in the detail: it goes to the record that the line is about, or
// else to the finding's place, or it folds or unfolds.
func (a *app) enter() {
	if l := a.detail.current(); l != nil && l.open != nil {
		l.open(a)
		return
	}
	a.detail.enter()
}

// move moves the cursor by n lines, in the pane or page that the keys go to.
func (a *app) move(n int) {
	switch in := a.place(); {
	case in == inHelp:
		a.help.scroll(n)
	case in == inCompare:
		a.compared.move(n)
	case a.welcomes():
		a.welcome.scroll(n)
	case in&inBoards != 0:
		a.board().used = true
		a.board().focused().move(n)
	case in == inDetail:
		a.events.pause()
		a.detail.move(n)
	case in == inEvents:
		a.seek(0)
		if n == farthest || n == -farthest {
			a.events.noteJump()
		}
		a.events.move(n)
	}
}

func (a *app) toEnd() {
	if a.place() == inEvents {
		a.seek(0)
		a.events.noteJump()
		a.events.resume()
		a.events.settle() // now, because the next key may come before the next drawing
		return
	}
	a.move(farthest)
}

// page is how many lines a page moves by.
func (a *app) page() int { return max(a.height-1, 1) }

// finding is what n (direction 1) and N (-1) do: in the detail, go to the next finding
// there; in the events, or behind the detail's last finding, to the next event that has
// one; while a text is searched for, to where it is next.
func (a *app) finding(direction int) {
	switch in := a.place(); {
	case in == inCompare && a.compared.sought == "":
		if !a.compared.finding(direction) {
			a.flash = "there is no difference further that way"
		}
		return
	case in&(inHelp|inCompare) != 0 || in == inDetail && a.detail.sought != "":
		if l, _ := a.searched(); l.sought == "" {
			a.findText()
			return
		}
		a.findNext(direction)
		return
	}
	a.events.pause()
	if a.pane == inDetail {
		if a.detail.row != a.events.cursor { // the store is still being asked for the event
			a.detail.toFinding += direction
			return
		}
		if a.detail.finding(direction) {
			return
		}
	}
	a.seek(a.events.steps + direction)
}

// seek looks for an event with findings, from the cursor on: see quest. When keys come faster
// than the store answers, their steps add up. 0 steps give up a search that is under way.
func (a *app) seek(steps int) { a.pursue(quest{a.events.cursor, steps, anyFinding}) }

// pursue starts a quest, in the place of one that may be under way.
func (a *app) pursue(q quest) {
	a.stopSeek()
	a.events.steps = q.steps
	if q.steps == 0 {
		return
	}
	after, before := a.events.unjudged(q.from, q.steps)
	a.stopSeek = a.feed.seek(a.events.list.filter, after, before, q.steps, q.wanted.least, func(rows []int64, err error) {
		if err != nil {
			a.events.steps = 0
			a.failed(err)
			return
		}
		end := a.events.finish(q, rows)
		if end.again.steps != 0 {
			a.pursue(end.again)
			return
		}
		if end.says != "" {
			a.flash = end.says
		}
		if end.found && a.pane == inDetail {
			a.detail.toFinding = q.direction()
		}
	})
}

// nextError goes to the next event with an error in a direction.
func (a *app) nextError(direction int) {
	a.events.pause()
	a.pane = inEvents
	a.pursue(quest{a.events.cursor, a.events.steps + direction, anError})
}

// mark asks for a mark's text and puts it into the recording.
func (a *app) mark() {
	if a.opts.Mark == nil {
		a.flash = "not marked: this is a recording, which is only read; the command import puts it where marks can be added"
		return
	}
	complete := func(before string) (int, []filter.Suggestion) { return beginning(before, a.verdicts.labels.Names) }
	a.ask(&question{in: inPrompt, about: aboutMarks, label: "mark: ", hint: "what begins here, such as: after the fix", complete: complete, done: func(text string) {
		if errors.Is(a.outage.err, store.ErrReplaced) { // another file may be in the store's place: leave it alone
			a.flash = "not marked: " + a.outage.problem()
			return
		}
		a.feed.start(func() {
			said := "marked: " + text
			if err := a.opts.Mark(a.feed.ctx, text); err != nil {
				said = "not marked: " + words.Plain(err)
			}
			a.feed.post(a.feed.ctx, func() { a.flash = said })
		})
	}})
}

// noticeHits is called when hits were seen. The first time it lists the events anew,
// because hits without findings are hidden unless the user wants them.
func (a *app) noticeHits() {
	if !a.events.hitsMet {
		a.events.hitsMet = true
		a.list(a.events.list.filter)
	}
}

// toggleHits lists all hits, or only those with findings.
func (a *app) toggleHits() {
	a.events.hitsShown = !a.events.hitsShown
	switch {
	case !a.events.hitsMet:
		a.flash = "nothing was seen so far that the page handed on because of calls"
	case a.events.hitsShown:
		a.flash = "where calls went is listed too"
	default:
		a.flash = "where calls went is listed only where something was found; H lists all of it"
	}
	a.list(a.events.list.filter)
}
