package tui

import (
	"maps"
	"slices"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/words"
)

// bookmark puts a bookmark on the event under the cursor, or takes it away. Bookmarks are
// kept in memory alone; what is to stay in the recording is a mark, which the key m sets.
func (a *app) bookmark() {
	e := a.events
	if e.list.count() == 0 {
		a.flash = "there is no event to put a bookmark on"
		return
	}
	e.pause()
	if e.bookmarks[e.cursor] {
		delete(e.bookmarks, e.cursor)
		a.flash = "the bookmark is gone"
		return
	}
	e.bookmarks[e.cursor] = true
	a.flash = "bookmarked until this program ends; u and U go from one to the next"
}

// nextBookmark goes to the next event that has a bookmark or is a mark, or with direction
// -1 to the one before.
func (a *app) nextBookmark(direction int) {
	row, round := a.events.nextMark(direction)
	switch {
	case row == 0:
		a.flash = "nothing that is listed is bookmarked or a mark; b puts a bookmark here"
	case row == a.events.cursor:
		a.flash = "there is no other bookmark or mark"
	default:
		a.jumpTo(row)
		if round {
			a.flash = map[int]string{1: "went round: this is the first bookmark or mark", -1: "went round: this is the last bookmark or mark"}[direction]
		}
	}
}

// nextMark finds the row that nextBookmark goes to, 0 if there is none. round tells that
// the search went past the end of the list and on from the other end.
func (e *eventList) nextMark(direction int) (row int64, round bool) {
	rows := slices.Collect(maps.Keys(e.bookmarks))
	for i, m := range e.marks {
		if m&ofLabel != 0 {
			rows = append(rows, int64(i)+1)
		}
	}
	rows = slices.DeleteFunc(rows, func(row int64) bool {
		i := e.list.find(row)
		return i >= e.list.count() || e.list.at(i) != row
	})
	if len(rows) == 0 {
		return 0, false
	}
	slices.Sort(rows)
	rows = slices.Compact(rows)
	i, on := slices.BinarySearch(rows, e.cursor)
	switch {
	case direction < 0:
		i--
	case on:
		i++
	}
	n := len(rows)
	return rows[(i+n)%n], i < 0 || i >= n
}

// maxJumps bounds how many places whereItWas can go back to.
const maxJumps = 100

// noteJump notes where the cursor is before it jumps, so that the user can go back there.
func (a *app) noteJump() {
	if n := len(a.jumps); a.events.list.count() == 0 || n > 0 && a.jumps[n-1] == a.events.cursor {
		return
	}
	a.jumps = append(a.jumps, a.events.cursor)
	a.jumps = a.jumps[max(0, len(a.jumps)-maxJumps):]
}

// jumpTo goes to a row from which whereItWas leads back.
func (a *app) jumpTo(row int64) {
	a.noteJump()
	a.events.moveTo(row)
}

// whereItWas goes back to the event that the cursor was on before the last jump. Events
// that are not listed now are passed over.
func (a *app) whereItWas() {
	e := a.events
	for len(a.jumps) > 0 {
		row := a.jumps[len(a.jumps)-1]
		a.jumps = a.jumps[:len(a.jumps)-1]
		if i := e.list.find(row); row != e.cursor && i < e.list.count() && e.list.at(i) == row {
			e.moveTo(row)
			return
		}
	}
	a.flash = "there is nowhere to go back to"
}

// toggleBell turns the terminal's bell at new errors on or off.
func (a *app) toggleBell() {
	a.bell = !a.bell
	a.flash = "no bell rings any more"
	if a.bell {
		a.flash = "a bell rings at each new error"
	}
}

// ring rings the bell when there are more errors than before. It does not while the judge
// goes through what was recorded before: those errors are not new.
func (a *app) ring(n news, last int64) {
	errors := a.verdicts.findings[record.Error.Rank()]
	if a.bell && a.errorsFinal && !n.first && !n.again && errors > a.errors {
		if err := a.screen.Beep(); err != nil {
			a.flash = "the bell does not ring here: " + words.Plain(err)
		}
	}
	if n.first || n.again {
		a.errorsFinal = false
	}
	a.errors, a.errorsFinal = errors, a.errorsFinal || a.verdicts.upTo >= last
}
