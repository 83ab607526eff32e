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
	"userlike-inspector/nativehost/internal/words"
)

// A mark is what is kept in memory of a row's findings: one for each row, so it is small. The
// findings themselves are made again when they are shown. "Own" findings are on the record
// alone; the others are on its visit and need more than this record.
type mark uint16

const (
	hasOwn       mark = 1 << iota // it has own findings
	redone                        // the own findings differ from the stored ones: by a plan, or by a newer program
	ofJourney                     // there are findings on its visit
	ofHit                         // the record is a hit
	ofTester                      // a tester's simulation caused the record
	accepted                      // the plan accepts some own findings
	openOwn                       // there are own findings that the plan does not accept
	openJourney                   // there are findings on its visit that the plan does not accept
	outside                       // the record is not in the scope
	ownError                      // one of openOwn is an error
	ofLabel                       // the record is a mark that a tester has set
	journeyError                  // one of openJourney is an error
	pending                       // there may still be findings on its visit

	ofVisit = ofJourney | openJourney | journeyError | pending // everything about its visit
)

// findings tells whether there are findings that the plan does not accept.
func (m mark) findings() bool { return m&(openOwn|openJourney) != 0 }

// errors tells whether one of these is an error.
func (m mark) errors() bool { return m&(ownError|journeyError) != 0 }

// newer tells whether the stored findings are not what is to be shown: there are others, or
// the plan accepts some.
func (m mark) newer() bool { return m&(redone|ofJourney|accepted) != 0 }

// news is what has changed since the judge's last news.
type news struct {
	first         bool             // the judge began anew, and not for another scope: forget all earlier marks
	again         bool             // it began anew for another scope: the marks come again, from the first row on
	marks         []mark           // of the rows after those of the last news
	changes       []journey.Change // rows whose findings on their visit have changed
	acceptedByRow map[int64]bool   // of these rows: whether the plan accepts all findings on their visit
	calls         map[string]bool  // the ids of calls with new hits
}

// told brings what is shown up to date with what the judge has found.
func (a *app) told(v *verdicts, n news) {
	relabelled := !slices.Equal(v.labels.Names, a.verdicts.labels.Names)
	if a.verdicts = v; relabelled {
		a.relabel()
	}
	if v.look == a.looking() && v.look.visit != "" {
		a.events.trail.demands = v.demands
	}
	if a.bell.rings(v, n, a.events.list.last) {
		if err := a.screen.Beep(); err != nil {
			a.flash = "the bell does not ring here: " + words.Plain(err)
		}
	}
	if n.first {
		a.events.cache.spoilAll()
		a.detail.row = 0
	}
	changed := a.events.told(n)
	for _, row := range changed {
		if a.events.cache.spoil(row); row == a.detail.row {
			a.detail.row = 0 // so that it is read again
		}
	}
	if a.detail.outdated(n.calls, changed, v.upTo >= a.events.list.last) {
		a.detail.row = 0
	}
	if n.first && a.search != nil && a.search.judged != nil {
		a.list(a.events.list.filter)
	}
	if a.events.hits > 0 {
		a.noticeHits()
	}
	a.search.rejudged(changed, a.events.marks)
}

// cache keeps rows in memory as they are stored, except those that the judge knows better.
func (a *app) cache(rows []store.Row) {
	for _, r := range rows {
		if a.events.judgedOtherwise(r.Row) {
			continue
		}
		if a.events.cache.put(listed{Row: r}); r.Kind == record.Hit {
			a.events.cache.spoil(r.Row) // the table also shows what is not in the row, and has to be read
			a.noticeHits()
		}
	}
}

// marked is what the loop knows of the verdicts on the rows after a row.
type marked struct {
	after     int64
	marks     []mark
	inspector *inspect.Inspector
	version   int
}

// accepts tells by which acceptance the plan accepts some of a record's findings.
type accepts map[record.Finding]*plan.Acceptance

// accepted are those of all that the plan accepts.
func (by accepts) accepted(all []record.Finding) []record.Finding {
	return slices.DeleteFunc(slices.Clone(all), func(f record.Finding) bool { return by[f] == nil })
}

// open are those of all that the plan does not accept.
func (by accepts) open(all []record.Finding) []record.Finding {
	return slices.DeleteFunc(slices.Clone(all), func(f record.Finding) bool { return by[f] != nil })
}

func (a *app) marked(after, before int64) marked {
	return marked{after, a.events.marksBetween(after, before), a.opts.Inspector, a.verdicts.version}
}

// newer are findings that the store does not have.
type newer struct {
	filter.Verdicts
	judge   func(row int64, r *record.Record) accepts // puts the current findings into a record
	open    func(row int64) []journey.Unsettled       // what may still be found
	version int                                       // of the verdicts, as in verdicts
}

// newer prepares to judge the rows between two that have findings which the store does not
// have.
func (f *feed) newer(ctx context.Context, after, before int64) newer {
	return f.newerOn(ctx, after, before, hasOwn|redone|ofJourney|ofHit)
}

// newerOn is newer for the rows that have one of some marks.
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
		several = several || m&(ofJourney|of&pending) != 0
	}
	var visits map[int64]onRecords
	if several {
		visits = f.judge.visitFindings(ctx, after, before)
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
			note(f.judge.hits.found(own, r))
		}
		for _, found := range visits[row].found {
			r.Findings = append(r.Findings, found.Finding)
			note(found)
		}
		slices.SortStableFunc(r.Findings, func(a, b record.Finding) int { return b.Severity.Rank() - a.Severity.Rank() })
		return by
	}
	on := func(row int64, r *record.Record) (worst record.Severity) {
		return record.Worst(judge(row, r).open(r.Findings))
	}
	open := func(row int64) []journey.Unsettled { return visits[row].open }
	return newer{filter.Verdicts{Rows: rows, On: on}, judge, open, known.version}
}
