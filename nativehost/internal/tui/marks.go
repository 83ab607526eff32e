package tui

import (
	"context"
	"slices"

	"userlike-inspector/nativehost/internal/filter"
	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/plan"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/store"
)

// A mark is all that is kept of the verdicts on a row: there are as many as rows.
// The verdicts themselves are made again when they are wanted.
type mark byte

const (
	hasOwn    mark = 1 << iota // there are verdicts on the record alone
	redone                     // these are not those stored with it: by a plan, or by this version of the program
	ofJourney                  // there are verdicts that take more than one record
	ofHit                      // the record is a hit
	ofTester                   // a tester's simulation caused the record
	accepted                   // the plan accepts verdicts on the record alone
)

func (m mark) findings() bool { return m&(hasOwn|ofJourney) != 0 }

// newer tells whether there are verdicts that the store doesn't have, or has as if the
// plan did not accept them.
func (m mark) newer() bool { return m&(redone|ofJourney|accepted) != 0 }

// news is what has changed since the judge spoke last.
type news struct {
	first   bool // all earlier marks are void
	marks   []mark
	changes []journey.Change // of those that take more than one record
	handed  map[string]bool  // the ids of the calls of new hits
}

// told takes in what the judge says.
func (a *app) told(v *verdicts, n news) {
	a.verdicts = v
	if n.first {
		a.events.cache.spoilAll()
		a.detail.row = 0
	}
	changed := a.events.told(n)
	for _, row := range changed {
		if a.events.cache.spoil(row); row == a.detail.row {
			a.detail.row = 0 // it is read again
		}
	}
	if a.detail.outdated(n.handed, changed, v.upTo >= a.events.list.last) {
		a.detail.row = 0
	}
	if n.first && a.search != nil && a.search.judged != nil {
		a.list(a.events.list.filter)
	}
	if a.events.hits > 0 {
		a.meetHits()
	}
	a.rejudged(changed)
}

// cache keeps rows as they are stored, but for those that are judged otherwise. Of hits
// the table tells more than their rows have, which is still to be read.
func (a *app) cache(rows []store.Row) {
	for _, r := range rows {
		if a.events.judgedOtherwise(r.Row) {
			continue
		}
		if a.events.cache.put(listed{Row: r}); r.Kind == record.Hit {
			a.events.cache.spoil(r.Row) // there is more to say
			a.meetHits()
		}
	}
}

// marked is what the loop knows of the verdicts on the rows after one.
type marked struct {
	after     int64
	marks     []mark
	inspector *inspect.Inspector
	said      int
}

// accepts tells by what the plan accepts some of a record's verdicts.
type accepts map[record.Finding]*plan.Acceptance

// accepted are those of all that it accepts, and open are the others.
func (by accepts) accepted(all []record.Finding) []record.Finding {
	return slices.DeleteFunc(slices.Clone(all), func(f record.Finding) bool { return by[f] == nil })
}

func (by accepts) open(all []record.Finding) []record.Finding {
	return slices.DeleteFunc(slices.Clone(all), func(f record.Finding) bool { return by[f] != nil })
}

func (a *app) marked(after, before int64) marked {
	return marked{after, a.events.marksBetween(after, before), a.opts.Inspector, a.verdicts.said}
}

// newer are verdicts that the store doesn't have, and which ones they are.
type newer struct {
	filter.Verdicts
	judge func(row int64, r *record.Record) accepts // as On, and tells what the plan accepts
	said  int
}

// newer finds the verdicts that the store doesn't have on the rows between two.
func (f *feed) newer(ctx context.Context, after, before int64) newer {
	return f.newerOn(ctx, after, before, hasOwn|redone|ofJourney|ofHit)
}

// newerOn is newer for the rows with one of some marks.
func (f *feed) newerOn(ctx context.Context, after, before int64, of mark) newer {
	answer := make(chan marked, 1)
	f.post(ctx, func() { answer <- f.marks(after, before) })
	var known marked
	select {
	case known = <-answer:
	case <-ctx.Done():
	}
	var rows []int64
	several := false
	for i, m := range known.marks {
		if m&of == 0 {
			continue
		}
		if m.newer() {
			rows = append(rows, known.after+int64(i)+1)
		}
		several = several || m&ofJourney != 0
	}
	var visits map[int64][]journey.Finding
	if several {
		visits = f.judge.visits(ctx, after, before)
	}
	judge := func(row int64, r *record.Record) accepts {
		by := accepts{}
		if i := row - known.after - 1; i >= int64(len(known.marks)) || !known.marks[i].newer() {
			return by
		} else if known.marks[i]&redone != 0 {
			r.Findings = known.inspector.Judge(r)
		}
		accepting := journey.NewAccepting(known.inspector.Plan(), f.judge.now())
		note := func(found journey.Finding) {
			if a := accepting.By(found); a != nil {
				by[found.Finding] = a
			}
		}
		for _, own := range r.Findings {
			note(f.judge.handed.found(own, r))
		}
		for _, found := range visits[row] {
			r.Findings = append(r.Findings, found.Finding)
			note(found)
		}
		slices.SortStableFunc(r.Findings, func(a, b record.Finding) int { return b.Severity.Rank() - a.Severity.Rank() })
		return by
	}
	on := func(row int64, r *record.Record) (worst record.Severity) {
		return record.Worst(judge(row, r).open(r.Findings))
	}
	return newer{filter.Verdicts{Rows: rows, On: on}, judge, known.said}
}
