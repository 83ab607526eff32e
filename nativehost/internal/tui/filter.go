package tui

import (
	"strings"

	"userlike-inspector/nativehost/internal/filter"
	"userlike-inspector/nativehost/internal/words"
)

// A filtering is a filter while it is being typed.
type filtering struct {
	before *filter.Filter // the filter in force when typing began
	within *filter.Filter // what stays in force beside what is typed, because the text that is edited does not have it
	now    *filter.Filter // the filter in force by the last valid text that was typed
	text   string         // that text
	err    error          // what is wrong with the text now, nil if it is valid
	cursor int64          // the row that the cursor was on when typing began
	known  filter.Known   // values to suggest
}

// newFiltering begins with the filter by which records are shown. scope is that of the scope,
// and cursor the row under the cursor.
func newFiltering(shown, scope *filter.Filter, cursor int64) *filtering {
	within := &filter.Filter{}
	switch {
	case shown.String() == "": // such as a visit, which only has a name
		within = shown
	case shown != scope: // a board's line has led to these
		within = scope
	}
	return &filtering{before: shown, within: within, now: shown, text: shown.String(), cursor: cursor}
}

// edit takes in the filter that the text is now, or what is wrong with it. It tells whether
// other records are to be listed.
func (f *filtering) edit(typed *filter.Filter, err error) (changed bool) {
	if f.err = err; err != nil || typed.String() == f.text {
		return false
	}
	f.text, f.now = typed.String(), f.within.And(typed)
	if f.text == f.before.String() {
		f.now = f.before
	}
	return true
}

// openFilter begins typing a filter. It is applied with every key, as long as it is valid.
func (a *app) openFilter() {
	shown := a.scope.filter
	if a.view == viewEvents {
		shown = a.events.list.filter
	}
	a.typed = newFiltering(shown, a.scope.filter, a.events.cursor)
	a.learn()
	a.ask(&question{
		in: inFilter, about: aboutFilters, label: "/", hint: "a text or event:NAME; Tab completes, F1 explains",
		text:    shown.String(),
		changed: a.setFilter,
		complete: func(before string) (int, []filter.Suggestion) {
			return filter.Complete(before, len(before), a.typed.known)
		},
	})
	replace(a.judge.asked, struct{}{})
	a.gather()
}

// setFilter lists the events that the typed filter lets through, if it is valid. The other
// views change only when it is kept, because they are made anew for it.
func (a *app) setFilter(text string) {
	if a.typed.edit(a.parse(text)) && a.view == viewEvents {
		a.list(a.typed.now)
	}
}

// parse reads a filter, which may name marks.
func (a *app) parse(text string) (*filter.Filter, error) {
	marks := a.verdicts.labels
	if a.verdicts.upTo < a.events.list.last {
		marks.Among = "the records that have been judged so far"
	}
	return filter.ParseOf(&marks, text, a.opts.Now())
}

// keepFilter ends typing and takes the filter for all views. An invalid one is not taken, but
// remembered, so that it can be corrected.
func (a *app) keepFilter() {
	f := a.typed
	if f.err != nil {
		a.remember(aboutFilters, strings.TrimSpace(a.field.GetText()))
		a.dropFilter()
		a.flash = "the filter stays as it was: " + words.Plain(f.err)
		return
	}
	a.answered()
	if a.view == viewEvents {
		a.pane = inEvents // the filter is about the list of events
	}
	if f.now == f.before {
		return
	}
	a.remember(aboutFilters, f.text)
	a.rescope(scope{a.scope.since, a.scope.name, f.now})
}

// dropFilter ends typing and leaves the filter as it was.
func (a *app) dropFilter() {
	before, cursor := a.typed.before, a.typed.cursor
	a.answered()
	if a.view == viewEvents {
		a.list(before)
		a.events.seek(cursor)
	}
}

// list lists the events that a filter lets through. The cursor stays on its row if that is
// one of them.
func (a *app) list(f *filter.Filter) {
	if a.search != nil {
		a.search.cancel()
		a.search = nil
	}
	a.events.begin(f)
	if l := &a.events.list; !l.all() {
		a.search = a.feed.search(l.wanted(), l.first, l.last, a)
	}
}
