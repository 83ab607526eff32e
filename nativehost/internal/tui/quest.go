package tui

import (
	"maps"
	"slices"

	"userlike-inspector/nativehost/internal/record"
)

// A quest looks for an event with findings: with 2 steps for the second one after a row, with
// -1 for the nearest one before it. If there are fewer, the farthest is what it finds.
type quest struct {
	from   int64 // the row
	steps  int
	wanted kindOfFinding
}

// direction is 1 towards newer events, -1 towards older ones.
func (q quest) direction() int { return q.steps / max(q.steps, -q.steps) }

// A kindOfFinding says which events n, or x, stops at.
type kindOfFinding struct {
	name    string          // how messages call it, without its article
	article string          // the same with its article
	least   record.Severity // the mildest severity that counts, for asking the store
	in      func(mark) bool // whether a row has such a finding, by its marks
}

var (
	anyFinding = kindOfFinding{"finding", "a finding", record.Info, mark.findings}
	anError    = kindOfFinding{"error", "an error", record.Error, mark.errors}
)

// An outcome is how a quest has ended.
type outcome struct {
	found bool   // the cursor is on what was looked for
	says  string // a message, "" for none
	again quest  // without steps, unless the search has to go on from the other end
}

// finish ends a quest when the store has answered: stored are the rows with stored findings
// among those that have not been judged. It moves the cursor to what was found.
func (e *eventList) finish(q quest, stored []int64) (end outcome) {
	e.steps = 0
	rows := e.withFindings(q.from, stored, q.steps, q.wanted.in)
	switch {
	case len(rows) > 0:
		row := rows[len(rows)-1]
		switch {
		case q.from == e.cursor:
		case row == e.cursor:
			end.says = "there is no other event with " + q.wanted.article
		default:
			end.says = wentRound(q.direction()) + q.wanted.name
		}
		end.found = true
		e.jumpTo(row)
	case q.from != e.cursor:
		end.says = "no event that is listed has " + q.wanted.article
	case q.direction() > 0: // none in this direction: look from the other end
		end.again = quest{0, 1, q.wanted}
	default:
		end.again = quest{e.list.last + 1, -1, q.wanted}
	}
	return end
}

// wentRound begins a message: a search in a direction went on from the other end.
func wentRound(direction int) string {
	if direction > 0 {
		return "went round: this is the first "
	}
	return "went round: this is the last "
}

// unjudged are the rows in a direction from a row that have not been judged: those between
// after and before. Which of them have findings, only the store can tell.
func (e *eventList) unjudged(from int64, direction int) (after, before int64) {
	after, before = from, e.list.last+1
	if direction < 0 {
		after, before = 0, from
	}
	return max(after, int64(len(e.marks))), before
}

// withFindings are the next listed rows with wanted findings, as many as there are steps, or
// with negative steps the ones before. The nearest comes first. Judged rows go by their marks,
// the others are those of stored.
func (e *eventList) withFindings(from int64, stored []int64, steps int, wanted func(mark) bool) (rows []int64) {
	list, direction := &e.list, steps/max(steps, -steps)
	i := list.find(from)
	if direction < 0 || i < list.count() && list.at(i) == from {
		i += direction
	}
	for ; i >= 0 && i < list.count() && len(rows) < steps*direction; i += direction {
		row := list.at(i)
		found := row <= int64(len(e.marks)) && wanted(e.marks[row-1])
		if row > int64(len(e.marks)) {
			_, found = slices.BinarySearch(stored, row)
		}
		if found {
			rows = append(rows, row)
		}
	}
	return rows
}

// maxJumps bounds how many places jumpBack can go back to.
const maxJumps = 100

// noteJump notes where the cursor is before it jumps, so that the user can go back there.
func (e *eventList) noteJump() {
	if n := len(e.jumps); e.list.count() == 0 || n > 0 && e.jumps[n-1] == e.cursor {
		return
	}
	e.jumps = append(e.jumps, e.cursor)
	e.jumps = e.jumps[max(0, len(e.jumps)-maxJumps):]
}

// jumpTo goes to a row from which jumpBack leads back.
func (e *eventList) jumpTo(row int64) {
	e.noteJump()
	e.moveTo(row)
}

// jumpBack goes back to the event that the cursor was on before the last jump. Events that are
// not listed now are passed over. It returns why it can't, "" if it can.
func (e *eventList) jumpBack() (why string) {
	for len(e.jumps) > 0 {
		row := e.jumps[len(e.jumps)-1]
		e.jumps = e.jumps[:len(e.jumps)-1]
		if row != e.cursor && e.list.has(row) {
			e.moveTo(row)
			return ""
		}
	}
	return "there is nowhere to go back to"
}

// bookmark puts a bookmark on the event under the cursor, or takes it away, and returns a
// message. Bookmarks are kept in memory alone; what is to stay in the recording is a mark,
// which the key m sets.
func (e *eventList) bookmark() (says string) {
	if e.list.count() == 0 {
		return "there is no event to put a bookmark on"
	}
	e.pause()
	if e.bookmarks[e.cursor] {
		delete(e.bookmarks, e.cursor)
		return "the bookmark is gone"
	}
	e.bookmarks[e.cursor] = true
	return "bookmarked until this program ends; u and U go from one to the next"
}

// toBookmark goes to the next event that has a bookmark or is a mark, or with direction -1 to
// the one before. It returns a message, "" for none.
func (e *eventList) toBookmark(direction int) (says string) {
	row, round := e.nextMark(direction)
	switch {
	case row == 0:
		return "nothing that is listed is bookmarked or a mark; b puts a bookmark here"
	case row == e.cursor:
		return "there is no other bookmark or mark"
	case round:
		says = wentRound(direction) + "bookmark or mark"
	}
	e.jumpTo(row)
	return says
}

// nextMark finds the row that toBookmark goes to, 0 if there is none. round tells that the
// search went past the end of the list and on from the other end.
func (e *eventList) nextMark(direction int) (row int64, round bool) {
	rows := slices.Collect(maps.Keys(e.bookmarks))
	for i, m := range e.marks {
		if m&ofLabel != 0 {
			rows = append(rows, int64(i)+1)
		}
	}
	rows = slices.DeleteFunc(rows, func(row int64) bool { return !e.list.has(row) })
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
