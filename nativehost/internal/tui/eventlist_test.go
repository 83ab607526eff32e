package tui

import (
	"slices"
	"testing"

	"userlike-inspector/nativehost/internal/filter"
	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/store"
)

// grown is a list of the rows 1 to last, with the cursor where drawing would put it.
func grown(last int64) *eventList {
	e := newEventList()
	e.list.last = last
	e.settle()
	return e
}

// found lists rows as if a search had found them, and ends the search.
func (e *eventList) found(rows ...int64) {
	var all []store.Row
	for _, row := range rows {
		all = append(all, store.Row{Row: row})
	}
	e.list.add(true, all)
	e.list.searched = 1
	e.settle()
}

func TestFollowing(t *testing.T) {
	e := grown(5)
	if e.cursor != 5 {
		t.Errorf("the cursor is on %d, want the newest, 5", e.cursor)
	}
	e.move(-2)
	e.list.last = 9
	e.settle()
	if e.cursor != 3 || e.waiting() != 4 {
		t.Errorf("after a move: cursor on %d with %d waiting, want 3 and 4", e.cursor, e.waiting())
	}
	e.resume()
	e.settle()
	if e.cursor != 9 || e.waiting() != 0 {
		t.Errorf("following again: cursor on %d with %d waiting, want 9 and 0", e.cursor, e.waiting())
	}
}

func TestClear(t *testing.T) {
	e := grown(5)
	e.cleared = 5
	e.begin(e.list.filter)
	e.list.last = 7
	if got := e.list.count(); got != 2 {
		t.Errorf("%d rows are listed, want the 2 new ones", got)
	}
	e.cleared = 0
	e.begin(e.list.filter)
	if got := e.list.count(); got != 7 {
		t.Errorf("%d rows are listed, want all 7", got)
	}
}

// TestTrail: from the events of a board's line, and then of another one, the user comes back to
// the events as they were before both.
func TestTrail(t *testing.T) {
	e := grown(9)
	e.cleared = 9
	e.begin(e.list.filter)
	e.list.last = 12
	e.moveTo(11)
	before := *e
	const board = viewEvents + 1
	for range 2 {
		f := filter.Findings("wrong-type", "wrong-type", nil)
		e.beginTrail(board, f)
		e.begin(f)
		e.toFirst()
		e.found(2, 4)
		if e.cursor != 2 || e.list.count() != 2 || e.following {
			t.Fatalf("cursor on %d of %d rows, want the first of 2", e.cursor, e.list.count())
		}
	}
	back := e.endTrail()
	e.begin(back.filter)
	e.restore(back)
	e.settle()
	if back.view != board || e.cursor != 11 || e.list.count() != before.list.count() || e.cleared != before.cleared || e.trail != nil {
		t.Errorf("came back to view %d with the cursor on %d of %d rows", back.view, e.cursor, e.list.count())
	}
}

func TestWithFindings(t *testing.T) {
	e := grown(8)
	// The judge knows the first five rows; the store has findings of its own on 7.
	e.told(news{first: true, marks: []mark{0, hasOwn | openOwn, 0, hasOwn | openOwn | redone, 0}})
	changed := e.told(news{changes: []journey.Change{{Order: 3, Rank: 2}, {Order: 2, Rank: 0}}})
	if !slices.Equal(changed, []int64{3, 2}) {
		t.Errorf("changed rows %v", changed)
	}
	if !e.judgedOtherwise(3) || !e.judgedOtherwise(4) || e.judgedOtherwise(2) || e.judgedOtherwise(8) {
		t.Error("rows 3 and 4 alone have verdicts that the store does not have")
	}
	for _, tt := range []struct {
		cursor int64
		steps  int
		want   []int64
	}{
		{1, 1, []int64{2}},
		{2, 2, []int64{3, 4}},
		{4, 1, []int64{7}},
		{7, 1, nil},
		{8, -1, []int64{7}},
		{7, -2, []int64{4, 3}},
		{8, -9, []int64{7, 4, 3, 2}},
	} {
		if got := e.withFindings(tt.cursor, []int64{7}, tt.steps, mark.findings); !slices.Equal(got, tt.want) {
			t.Errorf("%d steps from %d: %v, want %v", tt.steps, tt.cursor, got, tt.want)
		}
	}
	if after, before := e.unjudged(8, 1); after != 8 || before != 9 {
		t.Errorf("the store is asked about the rows between %d and %d", after, before)
	}
	if after, before := e.unjudged(3, -1); before > after+1 {
		t.Errorf("the store is asked about the rows between %d and %d, which are judged", after, before)
	}
}

// TestToldAgain: while the marks come again for another scope, the old ones stay until their
// turn. What was found on visits stays, unless a change says otherwise.
func TestToldAgain(t *testing.T) {
	e := grown(3)
	e.told(news{
		first:   true,
		marks:   []mark{ofHit | hasOwn | openOwn, 0, 0},
		changes: []journey.Change{{Order: 2, Rank: 2}, {Order: 3, Rank: 2}},
	})
	if e.hits != 1 || e.loudHits != 1 {
		t.Fatalf("%d hits, %d with findings", e.hits, e.loudHits)
	}
	e.told(news{again: true, marks: []mark{ofHit | hasOwn | openOwn | outside}})
	if !e.marks[1].findings() || !e.marks[2].findings() || e.hits != 0 {
		t.Errorf("before all is told: marks %v, %d hits", e.marks, e.hits)
	}
	changed := e.told(news{marks: []mark{0, 0}, changes: []journey.Change{{Order: 3}}})
	if !e.marks[1].findings() || e.marks[2].findings() || !slices.Equal(changed, []int64{3}) {
		t.Errorf("after it: marks %v, changed %v", e.marks, changed)
	}
}
