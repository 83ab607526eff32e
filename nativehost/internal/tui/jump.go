package tui

import (
	"maps"
	"slices"
	"strings"
	"time"

	"userlike-inspector/nativehost/internal/filter"
	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/store"
)

// openRows goes to the events and lists some of them: the rows given or, if
// there are none, those that a filter lets through. Esc leads back.
func (a *app) openRows(label string, rows []int64, text string) {
	f, err := filter.Parse(text, a.opts.Now())
	if err != nil {
		a.flash = "these can't be listed: " + err.Error()
		return
	}
	a.from = a.view
	a.show(viewEvents)
	a.cleared = 0 // they may have come before
	a.list(f)
	if rows != nil {
		a.events.list.rows, a.events.list.label = rows, label
	}
	a.pane = inEvents
	a.events.pause()
	a.events.cursor = 0 // the first of them
}

// openRecord goes to a record among all events.
func (a *app) openRecord(id string) func(*app) {
	return func(a *app) {
		from := a.view
		a.feed.start(func() {
			rows, err := a.feed.store.Rows(a.feed.ctx, store.Query{Limit: 1, Where: []store.Condition{store.Like(store.ID, id)}})
			a.feed.post(a.feed.ctx, func() {
				switch {
				case err != nil:
					a.failed(err)
				case len(rows) == 0:
					a.flash = "the record is not in this store"
				default:
					a.openRows("", nil, "")
					a.from = from
					a.events.moveTo(rows[0].Row)
				}
			})
		})
	}
}

// openJourney shows the calls of a journey.
func (a *app) openJourney(c journey.Consent) func(*app) {
	return func(a *app) {
		_, host, _ := strings.Cut(c.Site, "://")
		name := c.Journey
		if i := strings.LastIndex(name, "@"+host); i >= 0 {
			name = name[:i]
		}
		if document, ok := strings.CutPrefix(name, "document "); ok {
			a.openRows("", nil, "id:"+quoted(document+"/")+"*")
			return
		}
		a.openRows("", nil, "journey:"+quoted(name))
	}
}

// quoted writes a text so that a filter takes it as it is.
func quoted(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// judged is a row with the verdicts of now: those that were stored with it, or
// that replace these, and those of its journey.
func (a *app) judged(r *store.Row) *store.Row {
	own, redone := a.redone[r.Row]
	journeys := a.verdicts.journeys[r.Row]
	if !redone && len(journeys) == 0 {
		return r
	}
	with := *r
	if redone {
		with.Severity, with.Rules, with.Finding = 0, nil, ""
	}
	with.Rules = slices.Clone(with.Rules)
	for _, f := range slices.Concat(own, journeys) {
		switch {
		case f.Severity.Rank() > with.Severity:
			with.Severity, with.Finding = f.Severity.Rank(), f.Message
			with.Rules = slices.Insert(slices.DeleteFunc(with.Rules, func(r string) bool { return r == f.Rule }), 0, f.Rule)
		case !slices.Contains(with.Rules, f.Rule):
			with.Rules = append(with.Rules, f.Rule)
		}
	}
	return &with
}

// verdictOf is what is said of a row besides what was stored with it.
func (a *app) verdictOf(row int64) verdict {
	own, redone := a.redone[row]
	return verdict{own, redone, a.verdicts.journeys[row]}
}

// A verdict is what is said of a row besides what was stored with it.
type verdict struct {
	own      []record.Finding
	redone   bool // own replaces what was stored
	journeys []record.Finding
}

// on puts the verdict on its record.
func (v verdict) on(r *record.Record) {
	if v.redone {
		r.Findings = v.own
	}
	r.Findings = slices.Concat(r.Findings, v.journeys)
	slices.SortStableFunc(r.Findings, func(a, b record.Finding) int { return b.Severity.Rank() - a.Severity.Rank() })
}

func (v verdict) equal(other verdict) bool {
	return v.redone == other.redone && slices.Equal(v.own, other.own) && slices.Equal(v.journeys, other.journeys)
}

// clock is a time in few cells.
func (a *app) clock(t time.Time) string { return clock(t, a.opts.Now(), false) }

// told takes in what the judge says.
func (a *app) told(v *verdicts, redone map[int64][]record.Finding, first bool) {
	if first || a.redone == nil {
		a.redone = map[int64][]record.Finding{}
	}
	for row, found := range redone {
		a.redone[row] = found
	}
	a.verdicts = v
	if first && a.search != nil && a.search.judged != nil {
		a.list(a.events.list.filter)
	}
	a.rejudged(slices.AppendSeq(v.changed, maps.Keys(redone)))
	if a.detail.row > 0 && a.detail.row == a.events.cursor && !a.verdictOf(a.detail.row).equal(a.detail.verdict) {
		a.detail.row = 0 // it is read again
	}
}
