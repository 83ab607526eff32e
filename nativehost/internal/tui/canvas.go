package tui

import (
	"github.com/gdamore/tcell/v2"
	"github.com/rivo/tview"
)

// A canvas is the screen, how things look on it, and the mouse.
type canvas struct {
	theme    *theme
	screen   tcell.Screen
	areas    []area // where the mouse does something
	mousing  bool   // the mouse is on
	pressing bool   // its button is down
}

// A rectangle is a part of the screen, in cells and rows.
type rectangle struct{ x, y, cells, rows int }

// put draws spans on row y, from column x on, at most cells wide.
func (c *canvas) put(x, y, cells int, spans ...span) {
	tview.Print(c.screen, c.theme.paint(spans, cells), x, y, cells, tview.AlignLeft, tcell.ColorDefault)
}

// bar draws a line between a list and what is beside it.
func (c *canvas) bar(list, about rectangle) {
	for y := range about.rows {
		if about.x > list.x && list.rows > 0 {
			c.put(about.x-2, about.y+y, 1, span{faint, c.theme.bar})
		}
	}
}

// message draws sentences on an otherwise empty screen.
func (c *canvas) message(paragraphs []string, cells, rows int) {
	y := 3
	for _, p := range paragraphs {
		for _, s := range wrap(visible(p), min(cells-6, 72)) {
			if y < rows+2 {
				c.put(3, y, cells-4, span{plain, s})
			}
			y++
		}
	}
}
