package tui

import (
	"slices"
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/filter"
)

// withMarks is a list of the rows 1 to last, of which the first have been judged.
func withMarks(last int64, marks ...mark) *eventList {
	e := grown(last)
	e.told(news{first: true, marks: marks})
	return e
}

// pursue goes on a quest as the app does, when the store has findings on some rows.
func (e *eventList) pursue(t *testing.T, q quest, stored ...int64) outcome {
	t.Helper()
	for range 3 {
		e.steps = q.steps
		after, before := e.unjudged(q.from, q.steps)
		var asked []int64
		for _, row := range stored {
			if row > after && row < before {
				asked = append(asked, row)
			}
		}
		end := e.finish(q, asked)
		if e.steps != 0 {
			t.Errorf("%d steps are left", e.steps)
		}
		if end.again.steps == 0 {
			return end
		}
		q = end.again
	}
	t.Fatal("the quest does not end")
	return outcome{}
}

func TestQuest(t *testing.T) {
	const found, bad = hasOwn | openOwn, hasOwn | openOwn | ownError
	for name, tt := range map[string]struct {
		marks  []mark
		stored []int64
		cursor int64
		steps  int
		wanted kindOfFinding
		row    int64 // where the cursor is then
		says   string
		none   bool
	}{
		"the next one":            {marks: []mark{0, found, 0, found}, cursor: 1, steps: 1, wanted: anyFinding, row: 2},
		"the second one":          {marks: []mark{0, found, 0, found}, cursor: 1, steps: 2, wanted: anyFinding, row: 4},
		"the one before":          {marks: []mark{0, found, 0, found}, cursor: 4, steps: -1, wanted: anyFinding, row: 2},
		"as far as there are any": {marks: []mark{0, found, 0, found}, cursor: 1, steps: 9, wanted: anyFinding, row: 4},
		"one that is not judged":  {marks: []mark{0, found}, stored: []int64{5}, cursor: 2, steps: 1, wanted: anyFinding, row: 5},
		"an error":                {marks: []mark{0, found, 0, bad}, cursor: 1, steps: 1, wanted: anError, row: 4},
		"round to the first":      {marks: []mark{0, found, 0, found}, cursor: 5, steps: 1, wanted: anyFinding, row: 2, says: "went round: this is the first finding"},
		"round to the last":       {marks: []mark{0, found, 0, found}, cursor: 1, steps: -1, wanted: anyFinding, row: 4, says: "went round: this is the last finding"},
		"round, of several steps": {marks: []mark{0, found, 0, found}, cursor: 4, steps: 3, wanted: anyFinding, row: 2, says: "went round: this is the first finding"},
		"round to the last error": {marks: []mark{0, found, 0, bad}, cursor: 2, steps: -1, wanted: anError, row: 4, says: "went round: this is the last error"},
		"round to one not judged": {marks: []mark{0}, stored: []int64{3}, cursor: 5, steps: 1, wanted: anyFinding, row: 3, says: "went round: this is the first finding"},
		"no other one":            {marks: []mark{0, found}, cursor: 2, steps: 1, wanted: anyFinding, row: 2, says: "there is no other event with a finding"},
		"none at all":             {marks: []mark{0, 0}, cursor: 2, steps: 1, wanted: anyFinding, row: 2, says: "no event that is listed has a finding", none: true},
		"none at all, backwards":  {marks: []mark{0, found}, cursor: 2, steps: -1, wanted: anError, row: 2, says: "no event that is listed has an error", none: true},
	} {
		t.Run(name, func(t *testing.T) {
			e := withMarks(6, tt.marks...)
			e.moveTo(tt.cursor)
			end := e.pursue(t, quest{tt.cursor, tt.steps, tt.wanted}, tt.stored...)
			if e.cursor != tt.row || end.says != tt.says || end.found == tt.none {
				t.Errorf("the cursor is on %d, found %t, %q; want %d, %t, %q", e.cursor, end.found, end.says, tt.row, !tt.none, tt.says)
			}
		})
	}
}

func TestJumps(t *testing.T) {
	e := grown(9)
	if why := e.jumpBack(); why == "" {
		t.Error("it goes back without a jump")
	}
	for _, row := range []int64{2, 2, 7, 4} {
		e.jumpTo(row)
	}
	if want := []int64{9, 2, 7}; !slices.Equal(e.jumps, want) {
		t.Fatalf("jumps %v, want %v", e.jumps, want)
	}
	if why := e.jumpBack(); why != "" || e.cursor != 7 {
		t.Errorf("back on %d, %q, want 7", e.cursor, why)
	}
	// With a filter that hides row 2, that one is passed over.
	e.begin(filter.Findings("wrong-type", "wrong-type", nil))
	e.found(7, 9)
	if why := e.jumpBack(); why != "" || e.cursor != 9 {
		t.Errorf("back on %d, %q, want 9", e.cursor, why)
	}
	if why := e.jumpBack(); why == "" || e.cursor != 9 {
		t.Errorf("with no jumps left: on %d, %q", e.cursor, why)
	}
	for row := range int64(3 * maxJumps) {
		e.jumpTo(row%8 + 1)
	}
	if len(e.jumps) != maxJumps {
		t.Errorf("%d jumps are kept, want %d", len(e.jumps), maxJumps)
	}
}

func TestBookmarks(t *testing.T) {
	e := withMarks(6, 0, 0, 0, ofLabel, 0, 0)
	e.moveTo(2)
	if says := e.toBookmark(1); says != "" || e.cursor != 4 {
		t.Errorf("went to %d, %q, want the mark on 4", e.cursor, says)
	}
	if says := e.toBookmark(1); says != "there is no other bookmark or mark" {
		t.Errorf("with one mark alone: %q", says)
	}
	e.moveTo(2)
	if says := e.bookmark(); !strings.HasPrefix(says, "bookmarked") {
		t.Errorf("b says %q", says)
	}
	if says := e.toBookmark(-1); says != "went round: this is the last bookmark or mark" || e.cursor != 4 {
		t.Errorf("went back to %d, %q", e.cursor, says)
	}
	e.moveTo(2)
	if says := e.bookmark(); says != "the bookmark is gone" || len(e.bookmarks) != 0 {
		t.Errorf("b says %q", says)
	}
}

// TestBell: it rings at more errors than before, but not at those of a new beginning.
func TestBell(t *testing.T) {
	var b bell
	b.toggle()
	for i, step := range []struct {
		news   news
		errors int
		upTo   int64
		rings  bool
	}{
		{news{first: true}, 2, 3, false}, // half of what was recorded
		{news{}, 4, 5, false},            // all of it
		{news{}, 4, 6, false},
		{news{}, 5, 7, true},
		{news{again: true}, 9, 3, false}, // another scope
		{news{}, 10, 7, false},
		{news{}, 11, 8, true},
	} {
		v := &verdicts{counts: counts{upTo: step.upTo}}
		v.findings[3] = step.errors
		if rings := b.rings(v, step.news, max(step.upTo, 5)); rings != step.rings {
			t.Errorf("step %d: rings %t", i, rings)
		}
	}
}
