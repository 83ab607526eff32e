package tui

import (
	"cmp"
	"fmt"
	"slices"
	"sort"

	"userlike-inspector/nativehost/internal/filter"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/store"
	"userlike-inspector/nativehost/internal/words"
)

// A listing is the rows of the store that the events' table lists, in ascending order.
// Without a filter it is all of them: the store numbers its rows from 1 to last without
// gaps. With a filter it is what a search has found so far. The search goes from the newest
// row back to the oldest, and also looks at new rows as they come.
type listing struct {
	filter *filter.Filter
	quiet  bool  // hits without findings are left out
	first  int64 // only rows after this one may be listed
	last   int64 // the store's last row

	turn     int64    // the store's last row when the search began
	older    []uint32 // the rows found up to turn, descending as they were found
	newer    []uint32 // the rows found after turn, ascending
	searched float64  // how much of the rows up to turn has been searched, 0 to 1
}

// all tells whether all rows are listed, so that nothing needs to be searched.
func (l *listing) all() bool { return l.filter.All() && !l.quiet }

// wanted is the filter for the search. Unlike filter, it also leaves out the quiet hits.
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

// whole tells whether the search has come to the oldest row.
func (l *listing) whole() bool { return l.all() || l.searched == 1 }

// narrowed tells whether a filter is in force, and its name.
func (l *listing) narrowed() (by string, yes bool) {
	return l.filter.Name(), !l.filter.All()
}

// progress says how many records are listed and how far the filter's search has come.
func (l *listing) progress() string {
	if _, narrowed := l.narrowed(); !narrowed {
		return words.Plural(l.count(), "record")
	}
	s := fmt.Sprintf("%d of %d", l.count(), l.last)
	if l.searched < 1 {
		s += fmt.Sprintf(", %d %% searched", int(l.searched*100))
	}
	return s
}

// noMatch says why no event is listed. since is what begins the scope.
func (l *listing) noMatch(t *theme, since string) []string {
	switch {
	case l.filter.All() && l.whole() && l.quiet && l.last > l.first:
		return []string{"Only hits were recorded: what pages handed on because of calls.", "", "H lists them."}
	case l.filter.All() && l.whole():
		return []string{"Nothing has come " + since + " yet.", "", "W brings back what was recorded before."}
	case l.searched < 1:
		return []string{"Searching" + t.ellipsis}
	}
	says := []string{"No record matches the filter " + l.filter.Name() + ".", ""}
	if hint := l.filter.Hint(); hint != "" {
		says = append(says, hint, "")
	}
	return append(says, "Esc clears the filter; new records are searched as they come.")
}

// at is the i-th row listed, counted from 0.
func (l *listing) at(i int) int64 {
	switch {
	case l.all():
		return l.first + int64(i) + 1
	case i < len(l.older):
		return int64(l.older[len(l.older)-1-i])
	}
	return int64(l.newer[i-len(l.older)])
}

// find is the index of row or, when it is not listed, of the next row that is. It is count
// when there is none.
func (l *listing) find(row int64) int {
	return sort.Search(l.count(), func(i int) bool { return l.at(i) >= row })
}

// has tells whether a row is listed.
func (l *listing) has(row int64) bool {
	i := l.find(row)
	return i < l.count() && l.at(i) == row
}

// add adds rows that a search has found, in ascending order. They are all before the listed
// ones, or all after them.
func (l *listing) add(before bool, rows []store.Row) {
	if !before {
		for _, r := range rows {
			l.newer = append(l.newer, uint32(r.Row))
		}
		return
	}
	for _, r := range slices.Backward(rows) {
		l.older = append(l.older, uint32(r.Row))
	}
}

// recheck lists, of the rows that were searched again, only those that were found.
func (l *listing) recheck(searched []int64, found []store.Row) {
	for _, row := range searched {
		_, is := slices.BinarySearchFunc(found, row, func(r store.Row, row int64) int { return cmp.Compare(r.Row, row) })
		l.set(row, is)
	}
}

// set puts a row that was searched before into the list, or takes it out.
func (l *listing) set(row int64, listed bool) {
	into, by := &l.newer, cmp.Compare[uint32]
	if row <= l.turn {
		into, by = &l.older, func(a, b uint32) int { return cmp.Compare(b, a) }
	}
	switch i, is := slices.BinarySearchFunc(*into, uint32(row), by); {
	case listed && !is:
		*into = slices.Insert(*into, i, uint32(row))
	case !listed && is:
		*into = slices.Delete(*into, i, i+1)
	}
}

// cacheSize is how many rows a generation of the cache has.
const cacheSize = 2048

// A cache keeps the rows that were on the screen lately, in two generations. When the young
// one is full it becomes the old one, and the rows of the former old one are forgotten. A row
// of the old generation that is used moves to the young one, so what is in use stays.
type cache struct {
	young, old map[int64]cached
	missing    []int64 // the rows that get was asked for and did not have, or only with outdated verdicts
}

// listed is what the table shows of a record.
type listed struct {
	store.Row                  // its severity and rules are without what the plan accepts
	hit       *handedLine      // nil unless it is a hit that has been read
	accepted  []record.Finding // which the plan accepts
}

type cached struct {
	listed
	stale bool // there are other verdicts on it by now
}

// get is a row, nil if it is not here. A row that is not here or outdated is noted as
// missing. Row 0 is none.
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

// spoil notes that a row is outdated: it is still shown, but will be read again.
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
