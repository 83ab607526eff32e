package tui

import (
	"slices"

	"userlike-inspector/nativehost/internal/filter"
)

// An eventList is which events are listed and where in them the user is. It knows
// no screen and asks nothing of the store: what was found there is told to it.
type eventList struct {
	list    listing
	cleared int64  // rows up to this one are not listed
	trail   *trail // leads back from the events, nil where it does not
	marks   []mark // what the verdicts are on each row that was judged

	hitsMet   bool // there are hits
	hitsShown bool // those without findings are listed, too
	hits      int  // as far as is judged
	loudHits  int  // those of them with findings

	steps int // how many events with findings are being looked for, backwards if negative

	cursor    int64 // the row under the cursor; 0 is none
	sought    int64 // where the cursor goes if a search finds it, else to the next row
	seeking   bool  // such a search goes on
	following bool  // the cursor stays on the newest row
	pausedAt  int64 // while not following: the newest row when that ended
}

func newEventList() *eventList {
	return &eventList{following: true, list: listing{filter: &filter.Filter{}}}
}

// begin begins the listing of what a filter lets through. The cursor stays on its
// row if that is among it.
func (e *eventList) begin(f *filter.Filter) {
	last := e.list.last
	if !e.seeking {
		e.seek(e.cursor)
	}
	e.list = listing{filter: f, quiet: e.hitsMet && !e.hitsShown && !f.AsksForHits(), first: e.cleared, last: last, turn: last}
	if last <= e.cleared {
		e.list.searched = 1 // nothing is there
	}
}

// clear hides what was recorded so far and follows what comes, or no longer hides
// it. It tells which. The listing has to be begun again.
func (e *eventList) clear() (hidden bool) {
	if e.cleared > 0 {
		e.cleared = 0
		return false
	}
	e.cleared = e.list.last
	e.resume()
	return true
}

// settle brings the cursor to a row that is listed: the newest when following,
// else the row itself or, when it isn't listed, the one after it. The row that is
// sought it goes to at once, in one step, when a search has come that far back.
func (e *eventList) settle() {
	n := e.list.count()
	if i := e.list.find(e.sought); e.seeking && (e.list.whole() || i < n && e.list.at(i) == e.sought) {
		e.cursor, e.seeking = e.sought, false
	}
	switch i := e.list.find(e.cursor); {
	case n == 0:
		// The cursor stays: the row may be found yet.
	case e.following || i >= n:
		e.cursor = e.list.at(n - 1)
	default:
		e.cursor = e.list.at(i)
	}
}

// move moves the cursor by n rows, which ends following.
func (e *eventList) move(n int) {
	e.pause()
	if count := e.list.count(); count > 0 {
		e.cursor = e.list.at(max(0, min(e.list.find(e.cursor)+n, count-1)))
	}
}

// moveTo puts the cursor on a row, which ends following.
func (e *eventList) moveTo(row int64) {
	e.pause()
	e.cursor = row
}

// pause ends following, resume takes it up again.
func (e *eventList) pause() {
	e.seeking = false
	if e.following {
		e.following, e.pausedAt = false, e.list.last
	}
}

func (e *eventList) resume() { e.following, e.seeking = true, false }

// seek has the cursor go to a row as soon as it is listed.
func (e *eventList) seek(row int64) { e.sought, e.seeking = row, true }

// waiting is how many rows have come since following ended.
func (e *eventList) waiting() int {
	if e.following {
		return 0
	}
	return e.list.count() - e.list.find(e.pausedAt+1)
}

// A trail leads back from events that a board's line is about.
type trail struct {
	view  view
	found *filter.Filter // lets these events through

	// How the events were listed before.
	hitsShown        bool
	pane             place
	filter           *filter.Filter
	cleared          int64
	following        bool
	cursor, pausedAt int64
}

// follow notes how the events are listed now, so that the user can come back to
// that, and to a view, from what a filter lets through. What was cleared is listed
// too, as it may be asked for.
func (e *eventList) follow(from view, found *filter.Filter) {
	t := &trail{filter: e.list.filter, hitsShown: e.hitsShown, pane: inEvents, cleared: e.cleared, following: e.following, cursor: e.cursor, pausedAt: e.pausedAt}
	if e.trail != nil && e.trail.found == e.list.filter { // it is still open
		t = e.trail
	}
	t.view, t.found = from, found
	e.trail, e.cleared = t, 0
}

// toFirst puts the cursor on the first row that is found.
func (e *eventList) toFirst() {
	e.pause()
	e.cursor = 0
	e.seek(0)
}

// leave ends the trail and gives it. The listing has to be begun again with its
// filter, and comeBack called after that.
func (e *eventList) leave() *trail {
	t := e.trail
	e.trail, e.cleared, e.hitsShown = nil, t.cleared, t.hitsShown
	return t
}

func (e *eventList) comeBack(t *trail) {
	e.following, e.pausedAt = t.following, t.pausedAt
	e.seek(t.cursor)
}

// told takes in what the judge says of rows, and tells which ones have other
// verdicts now.
func (e *eventList) told(n news) (changed []int64) {
	if n.first {
		e.marks, e.hits, e.loudHits = nil, 0, 0
	}
	for _, m := range n.marks {
		e.countHit(m, 1)
		if e.marks = append(e.marks, m); m.newer() {
			changed = append(changed, int64(len(e.marks)))
		}
	}
	for _, c := range n.changes {
		m := &e.marks[c.Order-1]
		e.countHit(*m, -1)
		if *m &^= ofJourney; c.Rank > 0 {
			*m |= ofJourney
		}
		e.countHit(*m, 1)
		changed = append(changed, c.Order)
	}
	return changed
}

func (e *eventList) countHit(m mark, n int) {
	if m&ofHit == 0 {
		return
	}
	if e.hits += n; m.findings() {
		e.loudHits += n
	}
}

// judgedOtherwise tells whether there are verdicts on a row that the store does
// not have.
func (e *eventList) judgedOtherwise(row int64) bool {
	return row <= int64(len(e.marks)) && e.marks[row-1].newer()
}

// simulated tells whether a tester's simulation has brought a row about, as far as
// is known: the store's rows do not have it.
func (e *eventList) simulated(row int64) bool {
	return row <= int64(len(e.marks)) && e.marks[row-1]&ofTester != 0
}

// marksBetween are the marks of the rows between two, as far as they are known.
func (e *eventList) marksBetween(after, before int64) []mark {
	n := int64(len(e.marks))
	return slices.Clone(e.marks[min(after, n):min(before-1, n)])
}

// unjudged are the rows, between two, of which only the store can tell whether one
// in a direction from the cursor has findings.
func (e *eventList) unjudged(direction int) (after, before int64) {
	after, before = e.cursor, e.list.last+1
	if direction < 0 {
		after, before = 0, e.cursor
	}
	return max(after, int64(len(e.marks))), before
}

// withFindings are the listed rows with findings from the cursor on, the nearest
// first, as many as there are steps: those that the judge knows, and of the others
// those stored.
func (e *eventList) withFindings(stored []int64, steps int) (rows []int64) {
	list, direction := &e.list, steps/max(steps, -steps)
	i := list.find(e.cursor)
	if direction < 0 || i < list.count() && list.at(i) == e.cursor {
		i += direction
	}
	for ; i >= 0 && i < list.count() && len(rows) < steps*direction; i += direction {
		row := list.at(i)
		found := row <= int64(len(e.marks)) && e.marks[row-1].findings()
		if row > int64(len(e.marks)) {
			_, found = slices.BinarySearch(stored, row)
		}
		if found {
			rows = append(rows, row)
		}
	}
	return rows
}
