package tui

import "github.com/gdamore/tcell/v2"

// An area is a part of the screen that the mouse does something in. Drawing
// makes the areas, so they are where things are.
type area struct {
	x, y, cells, rows int
	press             func(x, y int) // how far from the area's corner; nil does nothing
	scroll            func(lines int)
}

// wheelLines is how far a notch of the wheel goes.
const wheelLines = 3

// switchMouse takes the mouse, or leaves it to the terminal to select text with.
func (a *app) switchMouse(on bool) {
	if a.mousing, a.pressing = on, false; on {
		a.screen.EnableMouse(tcell.MouseButtonEvents)
	} else {
		a.screen.DisableMouse()
	}
}

func (a *app) toggleMouse() {
	a.switchMouse(!a.mousing)
	a.flash = "the mouse is off: it selects text as ever; M turns it on again"
	if a.mousing {
		a.flash = "the mouse is on"
	}
}

// mouse handles an event of the mouse. Whatever it does keys can do too.
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
			r.press(x-r.x, y-r.y)
		case buttons&tcell.WheelUp != 0 && r.scroll != nil:
			r.scroll(-wheelLines)
		case buttons&tcell.WheelDown != 0 && r.scroll != nil:
			r.scroll(wheelLines)
		}
		return
	}
}

// area is added to those of this drawing.
func (a *app) area(r area) { a.areas = append(a.areas, r) }

// pressEvent puts the cursor on a row of the table, and opens it where the
// cursor is already.
func (a *app) pressEvent(_, y int) {
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

// pressDetail puts the cursor on a line of the detail, and does there what
// Enter does where it is already.
func (a *app) pressDetail(_, y int) {
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

// put puts the cursor on a line that is so far from the top of the pane, and
// tells whether it was there.
func (l *lines) put(y int) (again bool) {
	i := l.top + y
	if i >= len(l.all) {
		return false
	}
	again = i == l.cursor
	l.cursor = i
	return again
}
