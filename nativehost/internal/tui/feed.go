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
	pageSize  = 256 // rows that come with the news, more than a screen has
	chunkSize = 500 // rows that one query looks at: it ends soon, and so can be given up

	// retryAfter is when what has failed is tried again. The store wakes its
	// followers when it can be read again, but not when it only was busy.
	retryAfter = 500 * time.Millisecond
)

// A feed reads the store for the views, in goroutines of its own, so that keys never wait
// for a query. It hands over what it has read as functions that change the app, which the
// app's loop runs one at a time. While the loop is busy the feed waits, so that updates do
// not pile up.
type feed struct {
	store    Store
	judge    *judge
	marks    func(after, before int64) marked // what the app knows of the verdicts on rows; only the loop may call it
	updates  chan func()                      // for the loop to run
	panicked chan error                       // the first panic in a goroutine of the feed
	ctx      context.Context                  // of the run; when it ends, all goroutines do
	group    sync.WaitGroup                   // the goroutines

	wanted  chan want     // what the screen lacks; a newer wish replaces an older one
	doubted chan struct{} // a query has failed, so follow should look at the store again
}

// want is what was missing when the screen was drawn.
type want struct {
	rows   []int64 // for the table
	record int64   // for the detail; 0 is none
}

func newFeed(ctx context.Context, s Store) *feed {
	return &feed{
		store: s, ctx: ctx,
		updates: make(chan func()), panicked: make(chan error, 1), wanted: make(chan want, 1), doubted: make(chan struct{}, 1),
	}
}

// start calls run in a goroutine of the feed. A panic there ends the loop, so that the
// terminal is restored before the panic is reported.
func (f *feed) start(run func()) {
	f.group.Go(func() {
		defer func() {
			if p := recover(); p != nil {
				select {
				case f.panicked <- panicError(p):
				default: // one panic is enough to report
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

// ask has page read what the screen lacks.
func (f *feed) ask(w want) {
	replace(f.wanted, w)
}

// replace sends v on a channel that buffers one value, and drops the value that may wait
// there. Only the loop sends on these channels, so there is always room after the drop.
func replace[T any](ch chan T, v T) {
	select {
	case <-ch:
	default:
	}
	ch <- v
}

// follow calls news in the loop whenever the store has grown, with its last row and the
// newest rows, or when it can't be read. After an error it tries again.
func (f *feed) follow(wakes <-chan struct{}, news func(last int64, newest []store.Row, err error)) {
	var known int64 // the last row that news was told
	var id string   // of that row's record
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

// goesOn checks that a row still has the record that it had. A store only appends rows, so a
// change means that another recording was written into the same file.
func (f *feed) goesOn(row int64, id string) error {
	if row == 0 {
		return nil
	}
	rows, err := f.store.Rows(f.ctx, store.Query{After: row - 1, Before: row + 1, Limit: 1})
	if err == nil && (len(rows) == 0 || rows[0].ID != id) {
		return fmt.Errorf("another recording was written into the file while it was open; %w", store.ErrReplaced)
	}
	return err
}

// page reads what the screen lacks. version tells which verdicts were applied to it, as in
// verdicts.
func (f *feed) page(rows func(page []listed, version int, err error), shown func(row int64, one *reading, version int, err error)) {
	for {
		var w want
		select {
		case w = <-f.wanted:
		case <-f.ctx.Done():
			return
		}
		if w.record > 0 {
			one, version, err := f.read(f.ctx, w.record)
			f.post(f.ctx, func() { shown(w.record, one, version, err) })
		}
		slices.Sort(w.rows)
		for i := 0; i < len(w.rows); {
			// One query reads a row and its neighbours. With a filter the wanted rows can lie
			// far apart, and then it takes several.
			var page []listed
			found, version, err := f.judged(store.Query{After: w.rows[i] - 1, Limit: 64})
			if err == nil {
				page, err = f.withHits(f.ctx, found)
			}
			f.post(f.ctx, func() { rows(page, version, err) })
			if err != nil || len(page) == 0 {
				break
			}
			for i < len(w.rows) && w.rows[i] <= page[len(page)-1].Row.Row {
				i++
			}
		}
	}
}

// judged reads rows, with the current verdicts where these are not the stored ones.
func (f *feed) judged(q store.Query) (rows []listed, version int, err error) {
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
			q.After = one.Row // large records do not all come at once
		}
	}
	return rows, newer.version, nil
}

// seek reads which rows between two have stored findings: the first ones, as many as there
// are steps, or with negative steps the last ones. found gets them in ascending order.
func (f *feed) seek(flt *filter.Filter, after, before int64, steps int, least record.Severity, found func(rows []int64, err error)) (cancel context.CancelFunc) {
	ctx, cancel := context.WithCancel(f.ctx)
	q := store.Query{After: after, Before: before, Limit: max(steps, -steps), Newest: steps < 0, MinSeverity: least.Rank()}
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
