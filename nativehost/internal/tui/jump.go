package tui

import (
	"userlike-inspector/nativehost/internal/filter"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/store"
	"userlike-inspector/nativehost/internal/words"
)

// leadBack goes back to the line that the listed events were opened from. The events are
// listed again as they were before that.
func (a *app) leadBack() {
	t := a.events.endTrail()
	a.list(t.filter)
	a.events.restore(t)
	a.show(t.view)
	a.pane = t.pane
}

// openRows goes to the events and lists those that a filter, as text, lets through. Esc leads
// back.
func (a *app) openRows(text string) {
	f, err := filter.Parse(text, a.opts.Now())
	if err != nil {
		a.flash = "these can't be listed: " + words.Plain(err)
		return
	}
	a.openFound(f)
}

// openFound is openRows for a filter that is not made of text. It lists only records of the
// scope.
func (a *app) openFound(f *filter.Filter) {
	scope := a.scope.filter
	a.openIn(a.scope.since, f.Within(scope))
	a.events.trail.whole = scope.And(f)
}

// openIn is openFound for the records after a row, whatever the scope is.
func (a *app) openIn(since int64, f *filter.Filter) {
	a.events.beginTrail(a.view, f)
	a.events.cleared = since
	a.show(viewEvents)
	a.list(f)
	a.pane = inEvents
	a.events.toFirst()
}

// openRecord makes a function that goes to a record in the list of all events, also where the
// record is not in the scope.
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
					since := a.scope.since
					if rows[0].Row <= since {
						since = 0
					}
					a.openIn(since, &filter.Filter{})
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
