package tui

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"userlike-inspector/nativehost/internal/filter"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/store"
)

// Store is what the views read. *store.Store is one.
type Store interface {
	Last(ctx context.Context) (int64, error)
	Rows(ctx context.Context, q store.Query) ([]store.Row, error)
	Record(ctx context.Context, row int64) (*record.Record, error)
	Records(ctx context.Context, q store.Query) ([]store.Stored, error)
	Follow(ctx context.Context) (<-chan struct{}, error)
	Close() error
}

const (
	pageSize  = 256  // rows that come with the news, more than a screen has
	chunkSize = 2000 // rows that one query looks at: it ends soon, and so can be given up

	// retryAfter is when what has failed is tried again. The store wakes its
	// followers when it can be read again, but not when it only was busy.
	retryAfter = 500 * time.Millisecond
)

// A feed reads the store for the views, in goroutines of its own, so that
// keys never wait for a query. What it has read it hands over as functions
// that the app's loop runs, one at a time; when the loop is busy the feed
// waits, and so nothing piles up.
type feed struct {
	store    Store
	judge    *judge
	marks    func(after, before int64) marked // asks the loop for what is newer than the store
	updates  chan func()
	panicked chan error
	ctx      context.Context // of the run: it ends all goroutines
	group    sync.WaitGroup

	wanted  chan want     // what the screen lacks; only the newest wish counts
	doubted chan struct{} // a query has failed, so follow is to look again
}

// want is what a drawn screen lacks.
type want struct {
	rows   []int64 // of the table
	record int64   // of the detail; 0 is none
}

func newFeed(ctx context.Context, s Store) *feed {
	return &feed{
		store: s, ctx: ctx,
		updates: make(chan func()), panicked: make(chan error, 1), wanted: make(chan want, 1), doubted: make(chan struct{}, 1),
	}
}

// start runs f in a goroutine of the feed. A panic there is reported to the
// loop, which restores the terminal before it tells.
func (f *feed) start(run func()) {
	f.group.Go(func() {
		defer func() {
			if p := recover(); p != nil {
				select {
				case f.panicked <- panicError(p):
				default: // one is enough
				}
			}
		}()
		run()
	})
}

// panicError makes an error of a recovered panic.
func panicError(p any) error {
	return fmt.Errorf("the terminal interface failed, please report this: %v\n\n%s", p, debug.Stack())
}

// post has the loop run update, unless ctx ends first.
func (f *feed) post(ctx context.Context, update func()) {
	select {
	case f.updates <- update:
	case <-ctx.Done():
	}
}

// ask replaces what the screen lacks.
func (f *feed) ask(w want) {
	replace(f.wanted, w)
}

// replace puts v into a channel of one place, instead of what may be there.
// Only the loop sends on such channels, so it never waits.
func replace[T any](ch chan T, v T) {
	select {
	case <-ch:
	default:
	}
	ch <- v
}

// follow tells news of the store as it grows: its last row with the newest
// rows. An error is told too, and tried again.
func (f *feed) follow(wakes <-chan struct{}, news func(last int64, newest []store.Row, err error)) {
	var known int64
	var id string // of the record there
	retry := time.NewTimer(retryAfter)
	defer retry.Stop()
	for {
		select {
		case _, open := <-wakes:
			if !open {
				return
			}
		case <-f.doubted:
			retry.Reset(retryAfter)
			continue
		case <-retry.C:
		}
		last, err := f.store.Last(f.ctx)
		if err == nil {
			err = f.goesOn(known, id)
		}
		var newest []store.Row
		if err == nil && last > known {
			newest, err = f.store.Rows(f.ctx, store.Query{After: known, Before: last + 1, Newest: true, Limit: pageSize})
		}
		if f.ctx.Err() != nil {
			return
		}
		f.post(f.ctx, func() { news(last, newest, err) })
		if err != nil {
			retry.Reset(retryAfter)
			continue
		}
		known = last
		if len(newest) > 0 {
			id = newest[len(newest)-1].ID
		}
	}
}

// goesOn checks that a row has the record that it had, for rows are only ever appended:
// another recording may have been written into the same file.
func (f *feed) goesOn(row int64, id string) error {
	if row == 0 {
		return nil
	}
	rows, err := f.store.Rows(f.ctx, store.Query{After: row - 1, Before: row + 1, Limit: 1})
	if err == nil && (len(rows) == 0 || rows[0].ID != id) {
		return store.ErrReplaced
	}
	return err
}

// page reads what the screen lacks, with the verdicts of now. said tells which
// those are.
func (f *feed) page(rows func(page []listed, said int, err error), shown func(row int64, one *reading, said int, err error)) {
	for {
		var w want
		select {
		case w = <-f.wanted:
		case <-f.ctx.Done():
			return
		}
		if w.record > 0 {
			one, said, err := f.read(f.ctx, w.record)
			f.post(f.ctx, func() { shown(w.record, one, said, err) })
		}
		slices.Sort(w.rows)
		for i := 0; i < len(w.rows); {
			// One query for neighbours: with a filter they can lie apart.
			var page []listed
			found, said, err := f.judged(store.Query{After: w.rows[i] - 1, Limit: 64})
			if err == nil {
				page, err = f.withHits(f.ctx, found)
			}
			f.post(f.ctx, func() { rows(page, said, err) })
			if err != nil || len(page) == 0 {
				break
			}
			for i < len(w.rows) && w.rows[i] <= page[len(page)-1].Row.Row {
				i++
			}
		}
	}
}

// judged are rows with the verdicts of now.
func (f *feed) judged(q store.Query) (rows []listed, said int, err error) {
	stored, err := f.store.Rows(f.ctx, q)
	if err != nil || len(stored) == 0 {
		return nil, 0, err
	}
	for _, r := range stored {
		rows = append(rows, listed{Row: r})
	}
	q = store.Query{After: stored[0].Row - 1, Before: stored[len(stored)-1].Row + 1, Limit: len(stored)}
	newer := f.newer(f.ctx, q.After, q.Before)
	for q.Where = []store.Condition{store.In(newer.Rows)}; len(newer.Rows) > 0; {
		records, err := f.store.Records(f.ctx, q)
		if err != nil {
			return nil, 0, err
		}
		if len(records) == 0 {
			break
		}
		for _, one := range records {
			by := newer.judge(one.Row, one.Record)
			r := &rows[one.Row-stored[0].Row]
			r.Row, r.accepted = r.Judged(by.open(one.Record.Findings)), by.accepted(one.Record.Findings)
			q.After = one.Row // they may have been too large to come at once
		}
	}
	return rows, newer.said, nil
}

// seek looks between two rows for those of which findings are stored, for as many
// as there are steps, from the end if that is negative, and brings them in the
// order of the rows.
func (f *feed) seek(flt *filter.Filter, after, before int64, steps int, found func(rows []int64, err error)) (cancel context.CancelFunc) {
	ctx, cancel := context.WithCancel(f.ctx)
	q := store.Query{After: after, Before: before, Limit: max(steps, -steps), Newest: steps < 0, MinSeverity: record.Info.Rank()}
	f.start(func() {
		page, err := f.store.Rows(ctx, flt.Narrow(q))
		var rows []int64
		for _, r := range page {
			rows = append(rows, r.Row)
		}
		f.post(ctx, func() {
			if ctx.Err() == nil {
				found(rows, err)
			}
		})
	})
	return cancel
}
