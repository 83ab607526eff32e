package tui

import (
	"github.com/gdamore/tcell/v2"
	"github.com/rivo/tview"
)

// A line is one row of a pane that shows lines, such as the detail, the help or a board.
type line struct {
	spans   []span     // its text
	more    bool       // it continues the line before it, which was too long
	finding bool       // n and N stop here
	open    func(*app) // what Enter does, nil for nothing

	// In the detail:
	node  *node  // the place in the arguments that the line is about, nil for none
	rule  string // of the finding that the line is about, "" for none
	jumps bool   // Enter goes to the place jump, which may be ""
	jump  string // a JSON Pointer

	// In a board:
	key     string          // tells the line apart when the board is made again; "" for a title
	about   func(*detail)   // fills the pane below
	ticket  *ticket         // what y copies; nil where the line is not about one event
	choices func() []choice // what f offers to filter by; nil for nothing
}

// lines is a scrolling list of lines with a cursor.
type lines struct {
	tview.TableContentReadOnly // what a table needs that is only shown
	theme                      *theme
	table                      *tview.Table

	all    []line
	cursor int    // the index of a line
	top    int    // the line at the top of the pane
	sought string // the text that is searched for, with A to Z in small letters; "" for none
	cells  int    // how wide the pane is
	marked bool   // the cursor is shown also while the keys go elsewhere
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

// GetRowCount, GetColumnCount and GetCell make the lines the table's content. The table asks
// only for those that are on the screen, so no others are painted.
func (l *lines) GetRowCount() int    { return len(l.all) }
func (l *lines) GetColumnCount() int { return 1 }
func (l *lines) GetCell(row, column int) *tview.TableCell {
	if row < 0 || row >= len(l.all) {
		return nil
	}
	spans := l.all[row].spans
	if l.sought != "" {
		spans = l.theme.highlight(spans, l.sought)
	}
	return newCell(l.theme.paint(spans, l.cells)).SetExpansion(1)
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

// cursorStyle is how the cursor's row looks; focused tells that the keys go to its pane.
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

// finding moves the cursor to the next line with a finding, or with direction -1 to the one
// before. It tells whether there was one.
func (l *lines) finding(direction int) bool {
	for i := l.cursor + direction; i >= 0 && i < len(l.all); i += direction {
		if l.all[i].finding {
			l.cursor = i
			return true
		}
	}
	return false
}
