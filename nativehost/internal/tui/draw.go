package tui

import (
	"slices"
	"strings"
)

const (
	// leastCells and leastRows are the smallest window in which anything is shown.
	leastCells = 40
	leastRows  = 10
	// wide is how many cells a window needs for words beside the header's glyphs, and for
	// more columns.
	wide = 110
	// beside is how many it needs for a list and what tells about its line beside each other.
	beside = 180
)

// draw brings the screen up to date and then asks the store for what was missing on it.
func (a *app) draw() {
	a.events.held = a.menu != 0 || a.asking != nil && a.typed == nil
	a.screen.Clear()
	a.screen.HideCursor()
	a.areas = a.areas[:0]
	cells, rows := a.screen.Size()
	if cells < leastCells || rows < leastRows {
		a.put(0, 0, cells, span{plain, "make the window larger"})
		a.screen.Show()
		return
	}
	var notes []line
	if !a.header(cells) {
		notes = a.problems(cells-2, rows/4)
	}
	body := rows - 3 - len(notes)
	if a.asking != nil && (a.typed != nil || a.asking.note != nil) && !a.helping {
		body-- // room for the line above the question
	}
	switch {
	case a.helping:
		a.height = body
		a.help.all = helpLines(a.theme, a.bindings, cells-2)
		a.help.draw(a.screen, 1, 2, cells-2, body, true)
		a.area(area{x: 0, y: 2, cells: cells, rows: body, scroll: a.help.scroll})
	case a.compared != nil:
		a.drawComparison(1, 2, cells-2, body)
	case a.welcomes():
		a.drawWelcome(cells, body)
	case a.view != viewEvents:
		b := a.board()
		list, about := a.share(rectangle{1, 2, cells - 2, body}, body*3/5, b.below)
		if a.fill(b, list.cells); len(b.all) == 0 {
			a.message(a.emptyBoard(), cells, body)
		} else {
			b.draw(a, list, about)
		}
	case a.events.list.count() == 0:
		a.message(a.events.list.noMatch(a.theme, a.scope.name), cells, body)
	default:
		a.panes(cells, body)
	}
	for i, n := range notes {
		a.put(1, 2+body+i, cells-2, n.spans...)
	}
	a.footer(rows-1, cells)
	a.screen.Show()
	a.askForMissing()
}

// share shares a part of the screen out between a list and the pane that tells about its
// line: below the list, which then has so many rows, or beside it where the window is wide.
// When zoomed, the one that has the keys has it all, and the other no rows. The pane's first
// row is the line between the two.
func (a *app) share(all rectangle, above int, below bool) (list, about rectangle) {
	list, about = all, all
	switch {
	case a.zoomed && below:
		list.rows = 0
	case a.zoomed:
		about.rows = 0
	case all.cells >= beside-2:
		list.cells = max(wide-2, all.cells/2)
		about.x += list.cells + 3
		about.cells -= list.cells + 3
	default:
		list.rows = above
		about.y += above
		about.rows -= above
	}
	return list, about
}

// panes draws the table and the detail, or one of them on the whole screen.
func (a *app) panes(cells, body int) {
	list, about := a.share(rectangle{1, 2, cells - 2, body}, body*2/5, a.pane == inDetail) // the detail needs more room
	if list.rows > 0 {
		a.events.draw(a.screen, list.x, list.y, list.cells, list.rows, a.pane == inEvents)
		a.area(area{x: list.x - 1, y: list.y, cells: list.cells + 2, rows: list.rows, press: a.pressEvent, scroll: a.scrollEvents})
	}
	if a.height = list.rows - 1; a.pane == inDetail {
		a.height = about.rows - 1
	}
	if about.rows == 0 {
		return
	}
	a.bar(list, about)
	a.divider(about.x-1, about.y, about.cells+2)
	about.y, about.rows = about.y+1, about.rows-1
	a.detail.resize(about.cells)
	a.detail.draw(a.screen, about.x, about.y, about.cells, about.rows, a.pane == inDetail)
	a.area(area{x: about.x - 1, y: about.y, cells: about.cells + 2, rows: about.rows, press: a.pressDetail, scroll: a.scrollDetail})
}

// askForMissing asks the feed for the rows and the record that could not be drawn because
// they have not been read yet.
func (a *app) askForMissing() {
	w := want{rows: append([]int64(nil), a.events.cache.missing...)}
	a.events.cache.missing = a.events.cache.missing[:0]
	if c := a.events.cursor; c != a.detail.row && a.events.list.count() > 0 {
		w.record = c
	}
	if len(w.rows) > 0 || w.record > 0 {
		a.feed.ask(w)
	}
}

// divider draws the first row of the detail, which names the record there.
func (a *app) divider(x, y, cells int) {
	st := faint
	if a.pane == inDetail {
		st = strong
	}
	left := []span{{st, strings.Repeat(a.theme.rule, 2) + " "}}
	if r := a.events.cache.get(a.detail.row); r != nil && a.detail.reading != nil {
		if a.detail.record.Simulated {
			left = append(left, span{isInfo, a.theme.tester + " "})
		}
		text, how := a.theme.headline(r)
		if how == faint || how == plain {
			how = strong
		}
		left = append(left, span{how, text}, span{faint, " " + a.theme.dot + " " + moment(r.Time.Time, a.opts.Now()) + " "})
		if a.detail.raw {
			left = append(left, span{strong, "as JSON "})
		}
	}
	a.put(x, y, cells, append(left, span{st, repeat(a.theme.rule, cells-widthOf(left))})...)
}

// emptyBoard says why a board has nothing to show.
func (a *app) emptyBoard() []string {
	if a.board().of == nil {
		return []string{"Judging what was recorded" + a.theme.ellipsis}
	}
	if says := a.scope.says(); says != "" {
		return append(slices.Clone(a.kinds[a.view].empty), "", "Only this is looked at: "+says+". W widens it.")
	}
	return a.kinds[a.view].empty
}
