package tui

import (
	"strings"
	"time"

	"userlike-inspector/nativehost/internal/filter"
	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/store"
)

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
	a.from = a.view
	a.show(viewEvents)
	a.cleared = 0 // they may have come before
	a.list(f)
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
					a.openRows("")
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
			a.openRows("id:" + filter.Quote(document+"/") + "*")
			return
		}
		a.openRows("journey:" + filter.Quote(name))
	}
}

// quoted writes a text so that a filter takes it as it is.
func quoted(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// clock is a time in few cells.
func (a *app) clock(t time.Time) string { return clock(t, a.opts.Now(), false) }
