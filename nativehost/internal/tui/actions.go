package tui

import (
	"fmt"

	"userlike-inspector/nativehost/internal/filter"
)

func (a *app) quit() { a.ended = true }

func (a *app) redraw() { a.screen.Sync() }

// stop gives the terminal back to the shell until that continues the program.
func (a *app) stop() {
	if a.opts.Stop == nil {
		a.flash = "programs can't be stopped and continued here"
		return
	}
	a.giveBack(a.opts.Stop)
}

// giveBack gives the terminal back while something is done. Without a terminal afterwards,
// as when its window has been closed, the interface ends: tcell can't draw then.
func (a *app) giveBack(meanwhile func() error) {
	if err := a.screen.Suspend(); err != nil {
		a.flash = err.Error()
		return
	}
	if err := meanwhile(); err != nil {
		a.flash = err.Error()
	}
	if err := a.screen.Resume(); err != nil {
		a.ended, a.gone = true, fmt.Errorf("the terminal can't be used any more: %w", err)
		return
	}
	a.screen.Sync()
}

// back undoes the latest of what hides or narrows something.
func (a *app) back() {
	switch {
	case a.helping:
		a.helping = false
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
		if _, narrowed := a.events.list.narrowed(); narrowed {
			a.list(&filter.Filter{})
		} else if a.events.cleared > 0 {
			a.clear()
		}
	}
}

func (a *app) backOrQuit() {
	if a.helping || a.zoomed || a.pane == inDetail || a.view != viewEvents || a.events.trail != nil {
		a.back()
		return
	}
	a.quit()
}

func (a *app) openHelp() {
	a.helping = true
	cells, _ := a.screen.Size()
	a.help.all, a.help.cursor = a.helpLines(cells-2), 0 // not left to drawing: keys may come before that
}

// open goes to the detail of the event under the cursor, which stays there.
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
}

func (a *app) zoom() { a.zoomed = !a.zoomed }

// enter does what Enter does in the detail: it goes to the record that the line is
// about, or to the place, or folds.
func (a *app) enter() {
	if l := a.detail.current(); l != nil && l.open != nil {
		l.open(a)
		return
	}
	a.detail.enter()
}

// toggleRaw lays the records out as JSON, or as trees again.
func (a *app) toggleRaw() {
	d := a.detail
	d.raw = !d.raw
	d.cursor, d.top = 0, 0
	d.layout()
}

func (a *app) togglePause() {
	if a.events.following {
		a.events.pause()
	} else {
		a.events.resume()
	}
}

// move moves the cursor of where the keys are by n lines. Reading in the
// detail keeps the event that is read.
func (a *app) move(n int) {
	switch in := a.place(); {
	case in == inHelp:
		a.help.scroll(n)
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
		a.events.move(n)
	}
}

func (a *app) toEnd() {
	if a.place() == inEvents {
		a.seek(0)
		a.events.resume()
		return
	}
	a.move(farthest)
}

// page is how many lines a page moves by.
func (a *app) page() int { return max(a.height-1, 1) }

// finding goes to the next finding in a direction: in the detail, while the
// keys are there and it has one, else in the next event that has one.
func (a *app) finding(direction int) {
	a.events.pause()
	if a.pane == inDetail {
		if a.detail.row != a.events.cursor { // it is being read
			a.toFinding += direction
			return
		}
		if a.detail.finding(direction) {
			return
		}
	}
	a.seek(a.events.steps + direction)
}

// seek looks for the event with findings that is so many of them away from
// the cursor, or the farthest. Keys may come faster than answers: they add up.
func (a *app) seek(steps int) {
	a.stopSeek()
	a.events.steps = steps
	if steps == 0 {
		return
	}
	after, before := a.events.unjudged(steps)
	a.stopSeek = a.feed.seek(a.events.list.filter, after, before, steps, func(rows []int64, err error) {
		a.events.steps = 0
		rows = a.events.withFindings(rows, steps)
		switch {
		case err != nil:
			a.failed(err)
		case len(rows) == 0 && steps > 0:
			a.flash = "no finding after this one"
		case len(rows) == 0:
			a.flash = "no finding before this one"
		default:
			a.events.moveTo(rows[len(rows)-1])
			if a.pane == inDetail {
				a.toFinding = steps / max(steps, -steps)
			}
		}
	})
}

// mark asks for a mark's text and puts it into the recording.
func (a *app) mark() {
	a.ask(&question{in: inPrompt, label: "mark: ", hint: "what begins here, such as: after the fix", done: func(text string) {
		a.feed.start(func() {
			said := "marked: " + text
			if err := a.opts.Mark(a.feed.ctx, text); err != nil {
				said = "not marked: " + err.Error()
			}
			a.feed.post(a.feed.ctx, func() { a.flash = said })
		})
	}})
}

// meetHits takes notice that there are hits, of which those without findings may not
// be wanted in the list.
func (a *app) meetHits() {
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

func (a *app) otherTimes() { a.events.relative = !a.events.relative }

// clear lists only what comes from now on, or all again.
func (a *app) clear() {
	if a.events.list.last == 0 {
		a.flash = "nothing has been recorded yet"
		return
	}
	if a.events.clear() {
		a.flash = "listing what comes from now on; Esc brings the rest back"
	}
	a.list(a.events.list.filter)
}
