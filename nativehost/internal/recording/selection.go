package recording

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"userlike-inspector/nativehost/internal/filter"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/store"
	"userlike-inspector/nativehost/internal/words"
)

// Selection is the part of a recording that is wanted.
type Selection struct {
	Since Since
	Where *filter.Filter
}

// All tells whether every record is selected.
func (s Selection) All() bool { return s.Where.All() && s.Since == Since{} }

// Since is where a selection begins: at the newest mark with a name, at a time, or, if both
// are empty, at the start.
type Since struct {
	mark string
	at   time.Time
}

// ParseSince reads the value of --since.
func ParseSince(text string, now time.Time) (Since, error) {
	if name, ok := strings.CutPrefix(text, "mark:"); ok {
		if name == "" {
			return Since{}, fmt.Errorf("%s: the mark's name is missing; write mark:NAME, with the name that was given to the command mark", words.Typed(text))
		}
		return Since{mark: name}, nil
	}
	if text == "start" {
		return Since{}, nil
	}
	at, err := filter.Instant(text, now)
	switch {
	case err != nil:
		return Since{}, fmt.Errorf("%w, mark:NAME or start", err)
	case at.After(now):
		return Since{}, fmt.Errorf("%s is in the future, as it is %s now; use an earlier time", words.Typed(text), now.Format("2006-01-02T15:04:05Z07:00"))
	}
	return Since{at: at}, nil
}

// Query is a query to s for the records since then.
func (b Since) Query(ctx context.Context, s *store.Store) (store.Query, error) {
	q := store.Query{Limit: Page}
	switch {
	case b.mark != "":
		row, err := findMark(ctx, s, b.mark)
		if err != nil {
			return q, err
		}
		q.After = row - 1
	case !b.at.IsZero():
		q.Where = []store.Condition{store.TimeIn(b.at.UnixMilli(), math.MaxInt64)}
	}
	return q, nil
}

// Row is the row of s after which the selection begins.
func (b Since) Row(ctx context.Context, s *store.Store) (int64, error) {
	q, err := b.Query(ctx, s)
	if err != nil || len(q.Where) == 0 {
		return q.After, err
	}
	q.Limit = 1
	first, err := s.Rows(ctx, q)
	if err != nil {
		return 0, err
	}
	if len(first) == 0 { // nothing so far
		return s.Last(ctx)
	}
	return first[0].Row - 1, nil
}

// Name describes b in few words, such as "since mark checkout"; "" for the start.
func (b Since) Name(now time.Time) string {
	switch {
	case b.mark != "":
		return "since mark " + b.mark
	case b.at.IsZero():
		return ""
	}
	at := b.at.In(now.Location())
	if at.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return "since " + at.Format(time.TimeOnly)
	}
	return "since " + at.Format("2006-01-02 15:04")
}

// findMark is the row of the newest mark with a name.
func findMark(ctx context.Context, s *store.Store, name string) (row int64, err error) {
	found, err := s.Records(ctx, store.Query{
		Newest: true, Limit: 1,
		// LIKE ignores case, so the record itself has to be compared.
		Where: []store.Condition{store.Like(store.Kind, string(record.Mark)), store.All(store.Like(store.Event, name), store.Unknown())},
		Match: func(_ int64, line []byte) (bool, error) {
			r, err := record.Decode(line)
			return err == nil && r.Text == name, err
		},
	})
	switch {
	case err != nil:
		return 0, err
	case len(found) == 1:
		return found[0].Row, nil
	}
	marks, err := s.Rows(ctx, store.Query{Newest: true, Limit: 10, Where: []store.Condition{store.Like(store.Kind, string(record.Mark))}})
	if err != nil {
		return 0, err
	}
	var names []string
	for _, m := range marks {
		names = append(names, m.Event)
	}
	return 0, noMark(name, names)
}

// noMark is the error for a mark that does not exist. names are the existing ones.
func noMark(name string, names []string) error {
	hint := "the recording has no marks; the command mark puts them in"
	if near := words.Nearest(name, names); near != "" {
		hint = "did you mean " + words.Quote(near) + "?"
	} else if len(names) > 0 {
		hint = "the newest are " + words.List(quoted(names), "and")
	}
	return fmt.Errorf("there is no mark %s; %s", words.Typed(name), hint)
}

func quoted(names []string) []string {
	all := make([]string, len(names))
	for i, n := range names {
		all[i] = words.Quote(n)
	}
	return all
}

// Each is like the package's Each, but only for the selected records.
func (sel *Selection) Each(ctx context.Context, paths []string, f func(*record.Record) error) error {
	return sel.Since.Each(ctx, paths, func(r *record.Record, since bool) error {
		if !since || !sel.Where.Match(r) {
			return nil
		}
		return f(r)
	})
}

// Each is like the package's Each. since says whether a record is from b on.
func (b Since) Each(ctx context.Context, paths []string, f func(r *record.Record, since bool) error) error {
	skip := 0 // records before the mark
	if b.mark != "" {
		var err error
		if skip, err = beforeMark(ctx, paths, b.mark); err != nil {
			return err
		}
	}
	n := 0
	return Each(ctx, paths, func(r *record.Record) error {
		n++
		return f(r, n > skip && !r.Time.Before(b.at))
	})
}

// EachIn is Each for a store, up to the record that is the last when it begins.
func (b Since) EachIn(ctx context.Context, s *store.Store, f func(r *record.Record, since bool) error) error {
	var mark int64
	if b.mark != "" {
		var err error
		if mark, err = findMark(ctx, s, b.mark); err != nil {
			return err
		}
	}
	last, err := s.Last(ctx)
	if err != nil {
		return err
	}
	return eachStored(ctx, s, store.Query{Limit: Page, Before: last + 1}, func(one store.Stored) error {
		return f(one.Record, one.Row >= mark && !one.Record.Time.Before(b.at))
	})
}

// beforeMark counts the records before the newest mark with a name.
func beforeMark(ctx context.Context, paths []string, name string) (count int, err error) {
	n, found := 0, false
	var names []string
	err = Each(ctx, paths, func(r *record.Record) error {
		if r.Kind == record.Mark {
			names = append(names, r.Text)
			if r.Text == name {
				count, found = n, true
			}
		}
		n++
		return nil
	})
	if err == nil && !found {
		err = noMark(name, names[max(0, len(names)-10):])
	}
	return count, err
}

// EachIn calls f for the selected records of a store, up to the record that is the last when
// it begins.
func (sel *Selection) EachIn(ctx context.Context, s *store.Store, f func(*record.Record) error) error {
	q, err := sel.Since.Query(ctx, s)
	if err != nil {
		return err
	}
	last, err := s.Last(ctx)
	if err != nil {
		return err
	}
	return EachOfQuery(ctx, s, sel.Where, q, last, f)
}

// EachOfQuery calls f for the records of q, up to the row last, that match the filter.
func EachOfQuery(ctx context.Context, s *store.Store, where *filter.Filter, q store.Query, last int64, f func(*record.Record) error) error {
	q = where.Narrow(q)
	q.Before = last + 1
	return eachStored(ctx, s, q, func(one store.Stored) error { return f(one.Record) })
}

// eachStored calls f for the records of q.
func eachStored(ctx context.Context, s *store.Store, q store.Query, f func(store.Stored) error) error {
	for {
		found, err := s.Records(ctx, q)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return nil
		}
		for _, one := range found {
			if err := f(one); err != nil {
				return err
			}
			q.After = one.Row
		}
	}
}
