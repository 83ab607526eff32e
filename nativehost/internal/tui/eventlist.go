package tui

import (
	"slices"

	"userlike-inspector/nativehost/internal/filter"
	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/record"
)

// An eventList is which events are listed, and where the cursor is among them. It has neither
// a screen nor a store, so it can be tested without: others tell it what was found.
type eventList struct {
	list    listing
	cleared int64  // only rows after this one are listed
	trail   *trail // how the events were listed before a board's line led here; nil if none did

	marks    []mark // of each row that was judged; the first is that of row 1
	toldUpTo int    // how many rows' marks the judge has told since it began anew

	hitsMet   bool // hits were seen
	hitsShown bool // hits without findings are listed, too
	hits      int  // how many there are in the scope, as far as they were judged
	loudHits  int  // how many of these have findings

	times     times          // how the events' times are shown
	bookmarks map[int64]bool // by row
	noted     *side          // the event to compare another one with, nil for none
	jumps     []int64        // rows that the cursor jumped away from, the newest last
	steps     int            // of the quest that is under way, 0 for none

	cursor    int64 // the row under the cursor; 0 is none
	seeking   bool  // the cursor goes to the row sought as soon as a search has found it
	sought    int64 // a row, or where it is not listed, the next one that is
	following bool  // the cursor goes to each new row
	held      bool  // it does not follow for now, because the user is asked something about its row
	pausedAt  int64 // while not following: the newest row when following ended
}

// times is how the events' times are shown.
type times int

const (
	timesOfDay   times = iota
	timesAgo           // how long ago
	timesBetween       // how long after the event above
)

func newEventList() *eventList {
	return &eventList{following: true, bookmarks: map[int64]bool{}, list: listing{filter: &filter.Filter{}}}
}

// begin begins a new list, of what a filter lets through. The cursor stays on its row if that
// is in the list.
func (e *eventList) begin(f *filter.Filter) {
	last := e.list.last
	if !e.seeking {
		e.seek(e.cursor)
	}
	e.list = listing{filter: f, quiet: e.hitsMet && !e.hitsShown && !f.AsksForHits(), first: e.cleared, last: last, turn: last}
	if last <= e.cleared {
		e.list.searched = 1 // there is nothing to search
	}
}

// settle puts the cursor on a row that is listed: the newest when following, else its own row
// or, if that is not listed, the next one. To a sought row it goes only when the search has
// found it, so that it does not wander on the way.
func (e *eventList) settle() {
	n := e.list.count()
	if e.seeking && (e.list.whole() || e.list.has(e.sought)) {
		e.cursor, e.seeking = e.sought, false
	}
	switch i := e.list.find(e.cursor); {
	case n == 0:
		// The cursor keeps its row, which the search may still find.
	case e.following && !e.held || i >= n:
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

// pause ends following.
func (e *eventList) pause() {
	e.seeking = false
	if e.following {
		e.following, e.pausedAt = false, e.list.last
	}
}

// togglePause ends following, or takes it up again.
func (e *eventList) togglePause() {
	if e.following {
		e.pause()
	} else {
		e.resume()
	}
}

// otherTimes shows the events' times in the next of the ways that there are.
func (e *eventList) otherTimes() { e.times = (e.times + 1) % (timesBetween + 1) }

// resume takes following up again.
func (e *eventList) resume() { e.following, e.seeking = true, false }

// seek has the cursor go to a row as soon as a search has found it.
func (e *eventList) seek(row int64) { e.sought, e.seeking = row, true }

// waiting is how many rows have come since following ended.
func (e *eventList) waiting() int {
	if e.following {
		return 0
	}
	return e.list.count() - e.list.find(e.pausedAt+1)
}

// A trail is what Esc needs to go back from the events that a board's line led to.
type trail struct {
	view    view           // the board's
	found   *filter.Filter // the filter that lists the line's events
	whole   *filter.Filter // the same, with the scope's filter in its text or name
	visit   string         // whose events these are, as a sequence; "" for others
	demands []demand       // of the plan, on that visit

	// How the events were listed before, as in eventList.
	times            times
	hitsShown        bool
	pane             place
	filter           *filter.Filter
	cleared          int64
	following        bool
	cursor, pausedAt int64
}

// beginTrail notes how the events are listed now, before the filter found of a line in a view
// lists others.
func (e *eventList) beginTrail(from view, found *filter.Filter) {
	t := &trail{
		times:     e.times,
		hitsShown: e.hitsShown,
		pane:      inEvents,
		filter:    e.list.filter,
		cleared:   e.cleared,
		following: e.following,
		cursor:    e.cursor,
		pausedAt:  e.pausedAt,
	}
	// From one line's events the user may have gone to another line. Esc leads back to how the
	// events were listed before both.
	if e.trail != nil && e.trail.found == e.list.filter {
		t = e.trail
	}
	t.view, t.found, t.whole, t.visit, t.demands = from, found, found, "", nil
	e.trail = t
}

// visit is the visit that is listed as a sequence, "" if other events are.
func (e *eventList) visit() string {
	if e.trail == nil || e.trail.found != e.list.filter {
		return ""
	}
	return e.trail.visit
}

// demanded are the plan's demands that stand on a row of the visit that is listed.
func (e *eventList) demanded(row int64) (all []demand) {
	if e.visit() == "" {
		return nil
	}
	for _, d := range e.trail.demands {
		if d.Order == row {
			all = append(all, d)
		}
	}
	return all
}

// lacking are the demands on the visit as a whole that are not met. They stand below its
// events, so there are none before all of these are found.
func (e *eventList) lacking() []demand {
	if !e.list.whole() {
		return nil
	}
	return slices.DeleteFunc(e.demanded(0), func(d demand) bool { return d.State == journey.Met })
}

// awaits tells whether a demand has a deadline to come.
func (e *eventList) awaits() bool {
	return e.visit() != "" &&
		slices.ContainsFunc(e.trail.demands, func(d demand) bool { return d.State == journey.Pending && !d.Deadline.IsZero() })
}

// toFirst has the cursor go to the first row, once the search has come to it.
func (e *eventList) toFirst() {
	e.pause()
	e.cursor = 0
	e.seek(0)
}

// endTrail ends the trail and returns it. The caller then begins a list with the trail's
// filter, and calls restore.
func (e *eventList) endTrail() *trail {
	t := e.trail
	e.trail, e.cleared, e.hitsShown, e.times = nil, t.cleared, t.hitsShown, t.times
	return t
}

// restore puts the cursor back to where it was before the trail.
func (e *eventList) restore(t *trail) {
	e.following, e.pausedAt = t.following, t.pausedAt
	e.seek(t.cursor)
}

// told updates the marks by the judge's news. changed are the rows of which other findings are
// to be shown than before.
func (e *eventList) told(n news) (changed []int64) {
	switch {
	case n.first:
		e.marks, e.hits, e.loudHits, e.toldUpTo = nil, 0, 0, 0
	case n.again:
		e.toldUpTo = 0
	}
	for _, m := range n.marks {
		e.toldUpTo++
		if e.toldUpTo > len(e.marks) {
			e.countHit(m, 1)
			if e.marks = append(e.marks, m); m.newer() {
				changed = append(changed, int64(len(e.marks)))
			}
			continue
		}
		// The findings on visits do not depend on the scope, or come as changes.
		was := &e.marks[e.toldUpTo-1]
		e.countHit(*was, -1)
		*was = m | *was&ofVisit
		e.countHit(*was, 1)
	}
	for _, c := range n.changes {
		m := &e.marks[c.Order-1]
		e.countHit(*m, -1)
		if *m &^= ofVisit; c.Unsettled {
			*m |= pending
		}
		if c.Rank > 0 {
			*m |= ofJourney
			if !n.acceptedByRow[c.Order] {
				*m |= openJourney
				if c.Rank == record.Error.Rank() {
					*m |= journeyError
				}
			}
		}
		e.countHit(*m, 1)
		changed = append(changed, c.Order)
	}
	return changed
}

// countHit adds n to the counts of hits if a mark is one in the scope.
func (e *eventList) countHit(m mark, n int) {
	if m&ofHit == 0 || m&outside != 0 {
		return
	}
	if e.hits += n; m.findings() {
		e.loudHits += n
	}
}

// judgedOtherwise tells whether the stored findings of a row are not what is to be shown.
func (e *eventList) judgedOtherwise(row int64) bool {
	return row <= int64(len(e.marks)) && e.marks[row-1].newer()
}

// isPending tells whether something may still be found on a row. A call that has not been
// judged so far is pending, too.
func (e *eventList) isPending(r *listed) bool {
	if row := r.Row.Row; row <= int64(len(e.marks)) {
		return e.marks[row-1]&pending != 0
	}
	return r.Kind == record.Call
}

// simulated tells whether a tester's simulation caused a row. It is known only when the row
// has been judged, because the store's rows do not tell.
func (e *eventList) simulated(row int64) bool {
	return row <= int64(len(e.marks)) && e.marks[row-1]&ofTester != 0
}

// marksBetween are the marks of the rows between two, as far as these have been judged.
func (e *eventList) marksBetween(after, before int64) []mark {
	n := int64(len(e.marks))
	return slices.Clone(e.marks[min(after, n):min(before-1, n)])
}
