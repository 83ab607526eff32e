package tui

import "time"

// A view is one way to look at the recording. It is an index of the table of views.
type view int

// viewEvents is the list of events with its detail. All others are boards.
const viewEvents view = 0

// A viewKind is a row of the table of views. To add a view, write a file with its content
// and add it to viewKinds: its number key, its place and its board follow from that. Tests then
// say what they need to try it.
type viewKind struct {
	name    string   // its title
	meaning string   // what it is for, on the help page
	empty   []string // paragraphs that are shown when it has nothing to list
	welcome bool     // it shows how to begin while nothing has been recorded

	// content makes what the view shows. The judge calls it, in its own goroutine. It is nil
	// for the events, which come from the store.
	content func(*judge) content
	keys    []binding // its own keys; bindings sets their place
}

// content is what a board shows. The judge makes it and does not change it afterwards.
type content interface {
	// lines lays it out: the column titles, and the lines below them.
	lines(t *theme, cells int) (head []span, all []line)
	// changesUntil is the time until which it changes every second by time alone. The zero
	// time says that it does not.
	changesUntil() time.Time
}

// viewKinds is the table of views, in the order of their keys, 1 and on.
func viewKinds() []viewKind {
	return []viewKind{
		viewEvents: {name: "Events", meaning: "the events: what was recorded, as it comes", welcome: true},
		findingsView(), coverageView(), consentView(), shapeView(), sourcesView(), forwardingView(), visitsView(),
	}
}
