package tui

import (
	"strings"
	"time"

	"userlike-inspector/nativehost/internal/filter"
	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/store"
)

// leadBack goes back to where the events were asked for, which are listed again as
// they were before.
func (a *app) leadBack() {
	t := a.events.leave()
	a.list(t.filter)
	a.events.comeBack(t)
	a.show(t.view)
	a.pane = t.pane
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
	a.events.follow(a.view, f)
	a.show(viewEvents)
	a.list(f)
	a.pane = inEvents
	a.events.toFirst()
}

// openRecord goes to a record among all events.
func openRecord(id string) func(*app) {
	return func(a *app) {
		from, pane := a.view, a.pane
		a.feed.start(func() {
			rows, err := a.feed.store.Rows(a.feed.ctx, store.Query{Limit: 1, Where: []store.Condition{store.HasID(id)}})
			a.feed.post(a.feed.ctx, func() {
				switch {
				case err != nil:
					a.failed(err)
				case len(rows) == 0:
					a.flash = "the record is not in this store"
				default:
					a.openRows("")
					if a.events.trail.view = from; from == viewEvents {
						a.events.trail.pane = pane
					}
					if rows[0].Kind == record.Hit && !a.events.hitsShown {
						a.events.hitsShown = true
						a.list(a.events.list.filter)
					}
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
