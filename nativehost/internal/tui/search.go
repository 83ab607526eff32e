package tui

import (
	"context"
	"slices"

	"userlike-inspector/nativehost/internal/filter"
	"userlike-inspector/nativehost/internal/store"
)

// A search finds the rows that a filter lets through. It goes from the newest row back to
// the oldest. New rows are searched as soon as they come, and rows with new verdicts are
// searched again if the filter asks for findings.
type search struct {
	feed    *feed
	filter  *filter.Filter
	first   int64        // only rows after this one are searched
	last    int64        // the store's last row when the search began
	grown   chan int64   // the store's last row, when it has grown
	judged  chan []int64 // rows with new verdicts; nil if the filter does not ask for findings
	cancel  context.CancelFunc
	results searcher
}

// A searcher is told, in the loop, what a search finds.
type searcher interface {
	found(before bool, rows []store.Row, searched float64, err error)
	foundAgain(checked []int64, rows []store.Row, err error)
}

// search starts a search, which goes on until it is cancelled.
func (f *feed) search(flt *filter.Filter, first, last int64, results searcher) *search {
	ctx, cancel := context.WithCancel(f.ctx)
	s := &search{feed: f, filter: flt, first: first, last: last, grown: make(chan int64, 1), cancel: cancel, results: results}
	if flt.AboutFindings() {
		s.judged = make(chan []int64, 1)
	}
	f.start(func() { s.run(ctx) })
	return s
}

func (s *search) run(ctx context.Context) {
	low, high, newest := s.last, s.last, s.last // rows after low up to high have been searched
	for ctx.Err() == nil {
		var more chan struct{} // ready while there is something to search
		if low > s.first || high < newest {
			more = closed
		}
		select {
		case <-ctx.Done():
			return
		case newest = <-s.grown:
			continue
		case rows := <-s.judged:
			// The other rows will be searched anyway.
			rows = slices.DeleteFunc(rows, func(row int64) bool { return row <= low || row > high })
			if s.again(ctx, rows) != nil {
				return
			}
			continue
		case <-more:
		}
		before := high == newest
		q := store.Query{After: high, Before: min(high+chunkSize, newest) + 1, Limit: chunkSize}
		if before {
			q = store.Query{After: max(low-chunkSize, s.first), Before: low + 1, Limit: chunkSize}
			low = q.After
		} else {
			high = q.Before - 1
		}
		rows, err := s.feed.store.Rows(ctx, s.feed.narrow(ctx, s.filter, q))
		searched := float64(s.last-low) / float64(max(s.last-s.first, 1))
		s.feed.post(ctx, func() {
			if ctx.Err() == nil { // the loop may just have cancelled this search
				s.results.found(before, rows, searched, err)
			}
		})
		if err != nil {
			return
		}
	}
}

// again searches rows again that have new verdicts.
func (s *search) again(ctx context.Context, rows []int64) error {
	slices.Sort(rows)
	rows = slices.Compact(rows)
	for len(rows) > 0 {
		n, _ := slices.BinarySearch(rows, rows[0]+chunkSize)
		some := rows[:n]
		rows = rows[n:]
		q := store.Query{After: some[0] - 1, Before: some[n-1] + 1, Limit: n, Where: []store.Condition{store.In(some)}}
		found, err := s.feed.store.Rows(ctx, s.feed.narrow(ctx, s.filter, q))
		s.feed.post(ctx, func() {
			if ctx.Err() == nil {
				s.results.foundAgain(some, found, err)
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// narrow adds a filter to a query. Where the filter asks for findings, the records are judged
// by the current verdicts, not by the stored ones.
func (f *feed) narrow(ctx context.Context, flt *filter.Filter, q store.Query) store.Query {
	if !flt.AboutFindings() {
		return flt.Narrow(q)
	}
	if flt.AboutFindingsOfHits() {
		return flt.NarrowBy(q, f.newerOn(ctx, q.After, q.Before, ofHit).Verdicts)
	}
	return flt.NarrowBy(q, f.newer(ctx, q.After, q.Before).Verdicts)
}

// found lists the rows that the filter's search has found, before or after those listed.
func (a *app) found(before bool, rows []store.Row, searched float64, err error) {
	if err != nil {
		a.failed(err)
		return
	}
	a.events.list.add(before, rows)
	a.events.list.searched = searched
	if len(rows) <= pageSize {
		a.cache(rows)
	}
}

// foundAgain lists, of the checked rows, only those that the filter now lets through.
func (a *app) foundAgain(checked []int64, rows []store.Row, err error) {
	if err != nil {
		a.failed(err)
		return
	}
	a.events.list.recheck(checked, rows)
}

// rejudged has the search go again through rows that have new verdicts. marks are those of all
// rows that were judged. There may be no search (nil).
func (s *search) rejudged(rows []int64, marks []mark) {
	if s == nil || s.judged == nil {
		return
	}
	if s.filter.AboutFindingsOfHits() {
		rows = slices.DeleteFunc(rows, func(row int64) bool { return marks[row-1]&ofHit == 0 })
	}
	if len(rows) == 0 {
		return
	}
	select {
	case earlier := <-s.judged:
		rows = append(earlier, rows...)
	default:
	}
	s.judged <- rows
}
