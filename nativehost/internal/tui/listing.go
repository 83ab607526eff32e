package tui

import (
	"cmp"
	"maps"
	"slices"
	"sort"

	"userlike-inspector/nativehost/internal/filter"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/store"
)

// A listing is the rows of the store that the Events table lists, ascending.
// Without a filter it is simply all of them, 1 to last: the store numbers
// them without holes. With one it is what a search has found so far, which
// goes from the newest row back and meanwhile looks at new ones as they come.
type listing struct {
	filter *filter.Filter
	quiet  bool  // hits without findings are left out
	first  int64 // the row before the first that may be listed
	last   int64 // the store's last row

	turn     int64   // the store's last row when the search began
	older    []int64 // found going back from there, so descending
	newer    []int64 // found as they came after it, ascending
	searched float64 // how much of what was there at first has been searched, 0 to 1
}

// all tells whether all rows are listed, so that none need be searched.
func (l *listing) all() bool { return l.filter.All() && !l.quiet }

// wanted is what lets the listed rows through.
func (l *listing) wanted() *filter.Filter {
	if l.quiet {
		return l.filter.WithoutQuietHits()
	}
	return l.filter
}

// count is how many rows are listed.
func (l *listing) count() int {
	if l.all() {
		return int(l.last - l.first)
	}
	return len(l.older) + len(l.newer)
}

// whole tells whether all that was there at first has been searched.
func (l *listing) whole() bool { return l.all() || l.searched == 1 }

// narrowed tells whether not all rows are listed, and by what.
func (l *listing) narrowed() (by string, yes bool) {
	return l.filter.Name(), !l.filter.All()
}

// at is the i-th row listed, counted from 0.
func (l *listing) at(i int) int64 {
	switch {
	case l.all():
		return l.first + int64(i) + 1
	case i < len(l.older):
		return l.older[len(l.older)-1-i]
	}
	return l.newer[i-len(l.older)]
}

// find is the place of the first row listed that isn't before row; it is
// count when there is none.
func (l *listing) find(row int64) int {
	return sort.Search(l.count(), func(i int) bool { return l.at(i) >= row })
}

// add adds what a search has found: rows before all that are listed, or
// after them.
func (l *listing) add(before bool, rows []store.Row) {
	if !before {
		for _, r := range rows {
			l.newer = append(l.newer, r.Row)
		}
		return
	}
	for _, r := range slices.Backward(rows) {
		l.older = append(l.older, r.Row)
	}
}

// set lists a row that has been searched, or lists it no more.
func (l *listing) set(row int64, listed bool) {
	into, by := &l.newer, func(a, b int64) int { return cmp.Compare(a, b) }
	if row <= l.turn {
		into, by = &l.older, func(a, b int64) int { return cmp.Compare(b, a) }
	}
	switch i, is := slices.BinarySearchFunc(*into, row, by); {
	case listed && !is:
		*into = slices.Insert(*into, i, row)
	case !listed && is:
		*into = slices.Delete(*into, i, i+1)
	}
}

// cacheSize bounds how many rows are kept in memory, twice.
const cacheSize = 2048

// A cache keeps the rows that were on the screen lately, in two generations:
// when the younger is full it becomes the older, and what was used since then
// has moved out of that.
type cache struct {
	young, old map[int64]cached
	missing    []int64 // the rows that get was asked for and hadn't, or not as they are now
}

// listed is what the table shows of a record.
type listed struct {
	store.Row
	hit      *handedLine      // of a hit
	accepted []record.Finding // of which its severity and rules tell nothing: the plan accepts them
}

type cached struct {
	listed
	stale bool // there are other verdicts on it by now
}

// get is a row, nil if it isn't here; then it is noted as missing, unless it is 0,
// which none is.
func (c *cache) get(row int64) *listed {
	r, ok := c.young[row]
	if !ok {
		if r, ok = c.old[row]; ok {
			c.keep(r)
		}
	}
	if row > 0 && (!ok || r.stale) && !slices.Contains(c.missing, row) {
		c.missing = append(c.missing, row)
	}
	if !ok {
		return nil
	}
	return &r.listed
}

func (c *cache) put(rows ...listed) {
	for _, r := range rows {
		c.keep(cached{listed: r})
	}
}

func (c *cache) keep(r cached) {
	if c.young == nil || len(c.young) == cacheSize {
		c.young, c.old = map[int64]cached{}, c.young
	}
	c.young[r.Row.Row] = r
}

// spoil notes that there are other verdicts on a row than before.
func (c *cache) spoil(row int64) {
	for _, rows := range []map[int64]cached{c.young, c.old} {
		if r, ok := rows[row]; ok {
			r.stale = true
			rows[row] = r
		}
	}
}

// spoilAll is spoil for all rows that are here.
func (c *cache) spoilAll() {
	for _, rows := range []map[int64]cached{c.young, c.old} {
		for row := range rows {
			c.spoil(row)
		}
	}
}

// newest are the rows of the younger generation, in their order.
func (c *cache) newest() []listed {
	var rows []listed
	for _, row := range slices.Sorted(maps.Keys(c.young)) {
		rows = append(rows, c.young[row].listed)
	}
	return rows
}
