package tui

import (
	"strings"
	"time"

	"userlike-inspector/nativehost/internal/filter"
	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/store"
)

// A trail leads back from events that a board's line is about.
type trail struct {
	view  view
	found *filter.Filter // lets these events through

	// How the events were listed before.
	filter           *filter.Filter
	cleared          int64
	following        bool
	cursor, pausedAt int64
}

// leadBack goes back to where the events were asked for, which are listed again as
// they were before.
func (a *app) leadBack() {
	t, e := a.trail, a.events
	a.trail = nil
	a.cleared = t.cleared
	a.list(t.filter)
	e.following, e.pausedAt = t.following, t.pausedAt
	e.seek(t.cursor)
	a.show(t.view)
}

// openRows goes to the events and lists those that a filter lets through. Esc
// leads back.
func (a *app) openRows(text string) {
	f, err := filter.Parse(text, a.opts.Now())
	if err != nil {
		a.flash = "these can't be listed: " + err.Error()
		return
	}
	a.openFound(f)
}

func (a *app) openFound(f *filter.Filter) {
	t := &trail{filter: a.events.list.filter, cleared: a.cleared, following: a.events.following, cursor: a.events.cursor, pausedAt: a.events.pausedAt}
	if a.trail != nil && a.trail.found == a.events.list.filter { // it is still open
		t = a.trail
	}
	t.view, t.found = a.view, f
	a.trail = t
	a.show(viewEvents)
	a.cleared = 0 // they may have come before
	a.list(f)
	a.pane = inEvents
	a.events.pause()
	a.events.cursor = 0
	a.events.seek(0) // the first of them
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
					a.openRows("")
					a.trail.view = from
					a.events.moveTo(rows[0].Row)
				}
			})
		})
	}
}

// openJourney shows the calls of a journey.
func (a *app) openJourney(c journey.Consent) func(*app) {
	return func(a *app) { a.openFound(filter.Visit(c.Journey, c.Session, c.Documents)) }
}

// quoted writes a text so that a filter takes it as it is.
func quoted(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// clock is a time in few cells.
func (a *app) clock(t time.Time) string { return clock(t, a.opts.Now(), false) }
