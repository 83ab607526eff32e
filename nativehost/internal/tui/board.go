package tui

import (
	"slices"
	"time"
)

// A board is a view that lists something that the judge has found out, such as the
// findings. A pane below the list tells more about the line under the cursor.
type board struct {
	*lines           // the list
	head     []span  // its column titles
	about    *detail // the pane below
	aboutKey string  // the key of the line that the pane below tells about
	below    bool    // the keys go to the pane below
	used     bool    // the user has moved the cursor, or done something with its line

	// The list was made of these verdicts, at this time, and is made again when either
	// changes.
	of *verdicts
	at time.Time
}

// newBoards makes the boards, one for each view; the events have none (nil).
func newBoards(t *theme, kinds []viewKind) []*board {
	all := make([]*board, len(kinds))
	for v, kind := range kinds {
		if kind.content != nil {
			all[v] = &board{lines: newLines(t), about: &detail{lines: newLines(t)}}
			all[v].marked = true // the pane below tells about this line, so it must be seen
		}
	}
	return all
}

// board is the board of the current view, nil for the events.
func (a *app) board() *board { return a.boards[a.view] }

// show goes to a view. Numbers past either end go round.
func (a *app) show(v view) {
	if b := a.board(); b != nil {
		b.below = false
	}
	n := view(len(a.kinds))
	a.view = (v + n) % n
	a.tellLook()
}

// looking is what the user looks at.
func (a *app) looking() look { return look{a.view, a.events.visit()} }

// tellLook tells the judge what the user looks at.
func (a *app) tellLook() { replace(a.judge.looks, a.looking()) }

// tick is the current time, rounded down to how often the screen changes by time alone: a
// minute, or a second while something is shown that counts seconds.
func (a *app) tick() time.Time {
	now := a.opts.Now()
	fine := time.Minute // times that become older than a day are then shown with their date
	shown := a.verdicts.content
	if a.view == viewEvents && (a.events.times == timesAgo || a.events.awaits()) || shown != nil && now.Before(shown.changesUntil()) {
		fine = time.Second
	}
	return now.Truncate(fine)
}

// fill makes the board's lines from the newest verdicts, unless they are up to date. The
// cursor goes back to the line that it was on.
func (a *app) fill(b *board, cells int) {
	now := a.tick()
	if a.verdicts.look.view != a.view || b.of == a.verdicts && b.at.Equal(now) && b.cells == cells {
		return // the first case: the judge has nothing for this view yet, so the old lines stay
	}
	key := ""
	if l := b.current(); l != nil {
		key = l.key
	}
	b.of, b.at, b.cells = a.verdicts, now, cells
	b.head, b.all = nil, nil
	if a.verdicts.content != nil {
		b.head, b.all = a.verdicts.content.lines(a.theme, cells)
	}
	// As long as the user has not moved the cursor, it is on the first line that is no title.
	if i := slices.IndexFunc(b.all, func(l line) bool { return l.key != "" && (l.key == key || !b.used) }); i >= 0 {
		b.cursor = i
	}
	b.move(0)
}

// draw draws the list, and the pane that tells about the line under the cursor.
func (b *board) draw(a *app, list, about rectangle) {
	if list.rows > 0 {
		a.put(list.x, list.y, list.cells, b.head...)
		list.y, list.rows = list.y+1, list.rows-1
		b.lines.draw(a.screen, list.x, list.y, list.cells, list.rows, !b.below)
		scroll := func(n int) {
			b.used = true
			b.scroll(n)
		}
		a.area(area{x: list.x, y: list.y, cells: list.cells, rows: list.rows, scroll: scroll, press: func(y int) {
			b.used = true
			if b.below = false; b.put(y) {
				a.openLine()
			}
		}})
	}
	if a.height = list.rows; about.rows == 0 {
		return
	}
	st := faint
	if b.below {
		st = strong
	}
	a.bar(list, about)
	a.put(about.x-1, about.y, about.cells+2, span{st, repeat(a.theme.rule, about.cells+2)})
	about.y, about.rows = about.y+1, about.rows-1
	b.layoutBelow(about.cells)
	b.about.draw(a.screen, about.x, about.y, about.cells, about.rows, b.below)
	a.area(area{x: about.x, y: about.y, cells: about.cells, rows: about.rows, scroll: b.about.scroll, press: func(y int) {
		b.below, b.used = true, true
		b.about.put(y)
	}})
	if b.below {
		a.height = about.rows
	}
}

// layoutBelow fills the pane below with what there is to say about the line under the
// cursor.
func (b *board) layoutBelow(cells int) {
	b.about.cells, b.about.all = cells, nil
	l := b.current()
	if l == nil || l.about == nil {
		return
	}
	if l.about(b.about); l.key != b.aboutKey {
		b.aboutKey, b.about.cursor, b.about.top = l.key, 0, 0
	}
}

// focused are the lines that the keys go to: the list or the pane below.
func (b *board) focused() *lines {
	if b.below {
		return b.about.lines
	}
	return b.lines
}

// openLine is what Enter does on a board: it goes to the events that the line is about.
func (a *app) openLine() {
	a.board().used = true
	switch l := a.board().current(); {
	case l == nil:
	case l.open != nil:
		l.open(a)
	case len(l.spans) > 0:
		a.flash = "there are no events to show for this line"
	}
}
