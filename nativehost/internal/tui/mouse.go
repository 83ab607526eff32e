package tui

import "github.com/gdamore/tcell/v2"

// An area is a rectangle of the screen in which the mouse does something. The areas are made
// anew with each drawing, so that they always fit what is on the screen.
type area struct {
	x, y, cells, rows int
	press             func(y int)     // a click on the area's y-th row; nil does nothing
	scroll            func(lines int) // the wheel; nil does nothing
}

// wheelLines is how many lines one notch of the wheel scrolls.
const wheelLines = 3

// turnMouse turns the mouse on, or leaves it to the terminal, which selects text with it.
func (c *canvas) turnMouse(on bool) {
	if c.mousing, c.pressing = on, false; on {
		c.screen.EnableMouse(tcell.MouseButtonEvents)
	} else {
		c.screen.DisableMouse()
	}
}

// toggleMouse turns the mouse on or off, and returns a message.
func (c *canvas) toggleMouse() (says string) {
	if c.turnMouse(!c.mousing); c.mousing {
		return "the mouse is on"
	}
	return "the mouse is off: it selects text as ever; M turns it on again"
}

// mouse handles an event of the mouse. It does nothing that keys can't do too.
func (a *app) mouse(event *tcell.EventMouse) {
	buttons := event.Buttons()
	pressed := buttons&tcell.Button1 != 0 && !a.pressing
	a.pressing = buttons&tcell.Button1 != 0
	if a.asking != nil || a.menu != 0 {
		return
	}
	x, y := event.Position()
	for _, r := range a.areas {
		if x < r.x || x >= r.x+r.cells || y < r.y || y >= r.y+r.rows {
			continue
		}
		switch {
		case pressed && r.press != nil:
			a.flash = ""
			r.press(y - r.y)
		case buttons&tcell.WheelUp != 0 && r.scroll != nil:
			r.scroll(-wheelLines)
		case buttons&tcell.WheelDown != 0 && r.scroll != nil:
			r.scroll(wheelLines)
		}
		return
	}
}

// area adds an area for what is being drawn.
func (c *canvas) area(r area) { c.areas = append(c.areas, r) }

// pressEvent puts the cursor on a row of the table, or opens the row that the cursor is on
// already.
func (a *app) pressEvent(y int) {
	l := &a.events.list
	i := l.find(a.events.top) + y - 1
	if y == 0 || i >= l.count() {
		return
	}
	again := a.pane == inEvents && l.at(i) == a.events.cursor
	a.seek(0)
	a.pane = inEvents
	if a.events.moveTo(l.at(i)); again {
		a.open()
	}
}

func (a *app) scrollEvents(n int) {
	a.seek(0)
	a.events.scroll(n)
}

// pressDetail puts the cursor on a line of the detail, or does what Enter does if the cursor
// is on it already.
func (a *app) pressDetail(y int) {
	a.events.pause()
	again := a.pane == inDetail
	if a.pane = inDetail; a.detail.put(y) && again {
		a.enter()
	}
}

func (a *app) scrollDetail(n int) {
	a.events.pause()
	a.detail.scroll(n)
}

// scroll moves what is seen by n rows, and the cursor with it.
func (e *events) scroll(n int) {
	e.pause()
	if count := e.list.count(); count > 0 {
		e.top = e.list.at(max(0, min(e.list.find(e.top)+n, count-1)))
	}
	e.move(n)
}

// scroll moves what is seen by n lines, and the cursor with it.
func (l *lines) scroll(n int) {
	l.top = max(0, min(l.top+n, len(l.all)-1))
	l.move(n)
}

// put puts the cursor on the line that is y rows below the top of the pane. It tells whether
// the cursor was there already.
func (l *lines) put(y int) (again bool) {
	i := l.top + y
	if i >= len(l.all) {
		return false
	}
	again = i == l.cursor
	l.cursor = i
	return again
}
