package tui

import (
	"slices"
	"time"

	"github.com/gdamore/tcell/v2"
)

// A board is a view that lists what the judge makes of the recording, and
// below tells more of the line under the cursor.
type board struct {
	*lines
	head  []span
	about *detail
	told  string    // the key of the line that it is about
	below bool      // the keys are there
	used  bool      // the user has moved the cursor, or done something with its line
	of    *verdicts // what it was made of, at a time, for a width
	at    time.Time
}

// newBoards are the boards by view, nil for the events.
func newBoards(t *theme, kinds []viewKind) []*board {
	all := make([]*board, len(kinds))
	for v, kind := range kinds {
		if kind.content != nil {
			all[v] = &board{lines: newLines(t), about: &detail{lines: newLines(t)}}
			all[v].marked = true // below is what it is on
		}
	}
	return all
}

// board is the board that is shown, nil for the events.
func (a *app) board() *board { return a.boards[a.view] }

// show goes to a view.
func (a *app) show(v view) {
	if b := a.board(); b != nil {
		b.below = false
	}
	n := view(len(a.kinds))
	a.view = (v + n) % n
	replace(a.judge.views, a.view)
}

// tick is the time by which what is shown is made: of all that changes by time
// alone, little does every second.
func (a *app) tick() time.Time {
	now := a.opts.Now()
	fine := time.Minute // a time is shown otherwise on the next day
	shown := a.verdicts.content
	if a.view == viewEvents && a.events.relative || shown != nil && now.Before(shown.changesUntil()) {
		fine = time.Second
	}
	return now.Truncate(fine)
}

// make makes the board's lines of the newest verdicts, and brings the cursor
// back to the line that it was on.
func (a *app) make(b *board, cells int) {
	now := a.tick()
	if a.verdicts.view != a.view || b.of == a.verdicts && b.at.Equal(now) && b.cells == cells {
		return // what was shown last stays until the judge has looked
	}
	key := ""
	if l := b.current(); l != nil {
		key = l.key
	}
	b.of, b.at, b.cells = a.verdicts, now, cells
	b.head, b.all = nil, nil
	if a.verdicts.content != nil {
		b.head, b.all = a.verdicts.content.lines(a, cells)
	}
	// Until the user has moved it, it is on the first one that is no title.
	if i := slices.IndexFunc(b.all, func(l line) bool { return l.key != "" && (l.key == key || !b.used) }); i >= 0 {
		b.cursor = i
	}
	b.move(0)
}

// draw draws the board into a rectangle: the list, and what there is to say
// about the line under the cursor.
func (b *board) draw(a *app, screen tcell.Screen, x, y, cells, rows int) {
	above := rows*3/5 - 1
	switch {
	case a.zoomed && b.below:
		above = 0
	case a.zoomed:
		above = rows - 1
	}
	if above > 0 {
		a.put(x, y, cells, b.head...)
		b.lines.draw(screen, x, y+1, cells, above, !b.below)
		scroll := func(n int) {
			b.used = true
			b.scroll(n)
		}
		a.area(area{x: x, y: y + 1, cells: cells, rows: above, scroll: scroll, press: func(_, y int) {
			b.used = true
			if b.below = false; b.put(y) {
				a.openLine()
			}
		}})
		y += above + 1
	}
	if a.height = above; a.zoomed && !b.below {
		return
	}
	st := faint
	if b.below {
		st = strong
	}
	a.put(0, y, cells+2, span{st, repeat(a.theme.rule, cells+2)})
	b.tell(cells)
	room := rows - 1
	if above > 0 {
		room -= above + 1
	}
	b.about.draw(screen, x, y+1, cells, room, b.below)
	a.area(area{x: x, y: y + 1, cells: cells, rows: room, scroll: b.about.scroll, press: func(_, y int) {
		b.below, b.used = true, true
		b.about.put(y)
	}})
	if b.below {
		a.height = room
	}
}

// tell lays out what there is to say about the line under the cursor.
func (b *board) tell(cells int) {
	b.about.cells, b.about.all = cells, nil
	l := b.current()
	if l == nil || l.about == nil {
		return
	}
	if l.about(b.about); l.key != b.told {
		b.told, b.about.cursor, b.about.top = l.key, 0, 0
	}
}

// focused are the lines that the keys move in.
func (b *board) focused() *lines {
	if b.below {
		return b.about.lines
	}
	return b.lines
}

// openLine does what Enter does on a board: it goes to the events that the
// line is about.
func (a *app) openLine() {
	a.board().used = true
	switch l := a.board().current(); {
	case l == nil:
	case l.open != nil:
		l.open(a)
	case len(l.spans) > 0:
		a.flash = "this line is about no events of its own"
	}
}
