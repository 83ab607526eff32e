package tui

import (
	"github.com/gdamore/tcell/v2"
	"github.com/rivo/tview"
)

// A line is one row of a pane that shows lines: the detail and the help.
type line struct {
	spans   []span
	node    *node  // the place in the arguments that the line is about
	jump    string // where Enter goes, a JSON Pointer; only with jumps
	jumps   bool
	finding bool // n and N stop here
	more    bool // it goes on with what the line before it begins

	open func(*app) // where Enter leads, nil for nowhere

	// Of a board's lines: what tells them apart, and what there is to say about them.
	key   string
	about func(*detail)
}

// lines is a scrolling list of lines with a cursor.
type lines struct {
	tview.TableContentReadOnly
	theme  *theme
	all    []line
	cursor int
	top    int // the line at the top of the pane
	cells  int // how wide the pane is
	table  *tview.Table
	marked bool // the cursor is seen also while the keys are elsewhere
}

func newLines(t *theme) *lines {
	l := &lines{theme: t, table: newTable()}
	l.table.SetContent(l)
	return l
}

// newTable is a table that selects rows and keeps the terminal's own colours.
func newTable() *tview.Table {
	t := tview.NewTable().SetSelectable(true, false).SetBordersColor(tcell.ColorDefault)
	t.SetBackgroundColor(tcell.ColorDefault)
	return t
}

// GetRowCount, GetColumnCount and GetCell make lines the table's content, so
// that only what is on the screen is ever painted.
func (l *lines) GetRowCount() int    { return len(l.all) }
func (l *lines) GetColumnCount() int { return 1 }
func (l *lines) GetCell(row, column int) *tview.TableCell {
	if row < 0 || row >= len(l.all) {
		return nil
	}
	return newCell(l.theme.paint(l.all[row].spans, l.cells)).SetExpansion(1)
}

// newCell makes a cell of text that comes from paint.
func newCell(painted string) *tview.TableCell {
	return &tview.TableCell{Text: painted, Color: tcell.ColorDefault, BackgroundColor: tcell.ColorDefault}
}

// draw draws the lines into a rectangle.
func (l *lines) draw(screen tcell.Screen, x, y, cells, rows int, focused bool) {
	l.cells = cells
	l.cursor = max(0, min(l.cursor, len(l.all)-1))
	l.table.SetRect(x, y, cells, rows)
	l.table.SetSelectable(focused || l.marked, false)
	l.table.SetSelectedStyle(cursorStyle(focused))
	l.table.SetOffset(max(0, min(l.top, len(l.all)-rows)), 0)
	l.table.Select(l.cursor, 0)
	l.table.Draw(screen)
	l.top, _ = l.table.GetOffset()
}

// cursorStyle marks the cursor's row, in a pane that has the keys and in one
// that hasn't.
func cursorStyle(focused bool) tcell.Style {
	if focused {
		return tcell.StyleDefault.Reverse(true)
	}
	return tcell.StyleDefault.Reverse(true).Dim(true)
}

// current is the line under the cursor, nil for none.
func (l *lines) current() *line {
	if l.cursor < 0 || l.cursor >= len(l.all) {
		return nil
	}
	return &l.all[l.cursor]
}

// move moves the cursor by n lines.
func (l *lines) move(n int) { l.cursor = max(0, min(l.cursor+n, len(l.all)-1)) }

// finding moves the cursor to the next line with a finding in a direction,
// and tells whether there was one.
func (l *lines) finding(direction int) bool {
	for i := l.cursor + direction; i >= 0 && i < len(l.all); i += direction {
		if l.all[i].finding {
			l.cursor = i
			return true
		}
	}
	return false
}
