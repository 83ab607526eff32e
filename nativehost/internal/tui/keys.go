package tui

import (
	"slices"
	"strconv"
	"strings"

	"github.com/gdamore/tcell/v2"
)

// A place is where keys go.
type place uint32

// inView is the place of a view.
func inView(v view) place { return inEvents << v }

const (
	inDetail place = 1 << iota
	inHelp
	inFilter
	inPrompt
	inCopy     // the menu of what can be copied
	inSimulate // the menu of what can be simulated
	inConsent  // a simulation waits for the user's word
	inWelcome  // for hints alone: of its view's keys, those that do something there
	inEvents   // the first of the views; the others' places follow in their order

	inPanes  = inEvents | inDetail
	inBoards = ^(inEvents<<1 - 1)
	inViews  = inPanes | inBoards
	inLists  = inViews | inHelp
	inAsking = inFilter | inPrompt
	anywhere = inLists | inAsking | inCopy | inSimulate | inConsent
)

// A binding is one thing that keys do. Dispatch, hint bar and help page are
// all made from the bindings, so they can't disagree.
type binding struct {
	keys string // as keyName gives them, separated by spaces
	show string // how the keys are written for people
	hint string // in the hint bar; "" where there is no room for it
	does string // on the help page
	in   place
	do   func(*app)
}

// bindings is the table of keys. Its order is the help page's and, for those
// with a hint, the hint bar's, which drops the last ones when it is narrow.
func bindings(kinds []viewKind) []binding {
	all := []binding{
		{"Enter", "Enter", "open", "read this event in the detail pane; following pauses", inEvents, (*app).open},
		{"Enter", "Enter", "fold", "go to the finding's place; fold or unfold", inDetail, (*app).enter},
		{"Enter", "Enter", "events", "go to the events that this line is about; Esc leads back", inBoards, (*app).openLine},
		{"/", "/", "filter", "list only the events that a filter lets through; see below", inViews, (*app).openFilter},
		{"n", "n", "finding", "next finding: in the detail, then in the next event with one", inPanes, func(a *app) { a.finding(1) }},
		{"N", "N", "", "previous finding", inPanes, func(a *app) { a.finding(-1) }},
		{"Space", "Space", "pause", "pause or resume following what comes in", inPanes, (*app).togglePause},
		{"Tab Backtab", "Tab", "pane", "go to the other pane", inPanes, (*app).otherPane},
		{"j Down", "j ↓", "down", "down", inHelp | inBoards | inWelcome, func(a *app) { a.move(1) }},
		{"k Up", "k ↑", "up", "up", inHelp | inBoards | inWelcome, func(a *app) { a.move(-1) }},
		{"j Down", "j ↓", "", "down; in the events this pauses following", inPanes, func(a *app) { a.move(1) }},
		{"k Up", "k ↑", "", "up", inPanes, func(a *app) { a.move(-1) }},
		{"g Home", "g Home", "", "to the first", inLists, func(a *app) { a.move(-farthest) }},
		{"G End", "G End", "", "to the last; in the events this resumes following", inLists, (*app).toEnd},
		{"Ctrl-F PgDn", "^F PgDn", "", "a page down", inLists, func(a *app) { a.move(a.page()) }},
		{"Ctrl-B PgUp", "^B PgUp", "", "a page up", inLists, func(a *app) { a.move(-a.page()) }},
		{"h Left", "h ←", "", "fold, or go up", inDetail, func(a *app) { a.detail.fold(false) }},
		{"l Right", "l →", "", "unfold", inDetail, func(a *app) { a.detail.fold(true) }},
		{"r", "r", "", "the whole record as JSON, or its tree again", inPanes, (*app).toggleRaw},
		{"Esc", "Esc", "back", "share the screen again, then go back or list all records again", inEvents, (*app).back},
		{"Esc", "Esc", "back", "share the screen again, then go back to the events", inDetail | inBoards, (*app).back},
		{"Esc ? F1", "Esc", "back", "leave this help", inHelp, (*app).back},
		{"q", "q", "quit", "back, or quit", inLists | inWelcome, (*app).backOrQuit},
		{"? F1", "? F1", "help", "show this help", inViews | inWelcome, (*app).openHelp},
		{"F1", "F1", "help", "show this help; the filter is typed on after it", inFilter, (*app).openHelp},
		{"Tab Backtab", "Tab", "pane", "go to what is told of this line, or back", inBoards, (*app).otherPane},
		{"\\", "\\", "zoom", "give this pane the whole screen, or share it again", inViews, (*app).zoom},
		{"[", "[", "", "the view before this one", inViews, func(a *app) { a.show(a.view - 1) }},
		{"]", "]", "", "the view after this one", inViews, func(a *app) { a.show(a.view + 1) }},
		{"H", "H", "hits", "list all hits (where calls went), or only those with findings", inPanes, (*app).toggleHits},
		{"m", "m", "", "put a mark, a label, into the recording", inViews, (*app).mark},
		{"y", "y", "copy", "copy from this event; then one of these:", inPanes, (*app).openCopy},
		{"v", "v", "value", "copy the value, or all arguments", inCopy, func(a *app) { a.copyOf("value", copiedValue) }},
		{"p", "p", "pointer", "copy the place's JSON Pointer", inCopy, func(a *app) { a.copyOf("pointer", copiedPointer) }},
		{"j y", "j y", "event as JSON", "copy the event as one line of JSON", inCopy, func(a *app) { a.copyOf("event", copiedRecord) }},
		{"f", "f", "finding", "copy the finding here, or all of the event, as a ticket needs it", inCopy, func(a *app) { a.copyOf("finding", copiedFinding) }},
		{"Esc q", "Esc", "leave it", "copy nothing", inCopy, (*app).closeMenu},
		{"s", "s", "", "simulate this call: its page calls the site's function with it again; asks first", inPanes, (*app).simulateAgain},
		{"S", "S", "", "simulate events with sample values; then one of these:", inPanes, (*app).openSimulate},
		{"e", "e", "this event", "the event of this call, with all fields and with few", inSimulate, (*app).simulateEvent},
		{"a", "a", "all documented events", "all documented events, each with all fields and with few", inSimulate, (*app).simulateAll},
		{"r", "r", "a recording", "the calls of a recording, a .db or .jsonl file", inSimulate, (*app).askForRecording},
		{"Esc q", "Esc", "leave it", "simulate nothing", inSimulate, (*app).closeMenu},
		{"y", "y", "yes", "agree: the page makes the calls, and its tracking systems get them", inConsent, (*app).agreeToSimulation},
		{"n Esc q", "n Esc", "no", "refuse: nothing is called", inConsent, (*app).refuseSimulation},
		{"e", "e", "", "write this event to a file, as JSON Lines", inPanes, (*app).exportOne},
		{"w", "w", "", "write everything that is listed to a file", inPanes, (*app).exportAll},
		{"t", "t", "", "times as they are, or how long ago", inPanes, (*app).otherTimes},
		{"z", "z", "", "list only what comes from now on, or all again; the store stays", inPanes, (*app).clear},
		{"Enter", "Enter", "done", "take what was typed", inPrompt, (*app).answer},
		{"Esc", "Esc", "leave it", "leave it", inPrompt, (*app).answered},
		{"Enter", "Enter", "keep the filter", "keep the filter that was typed", inFilter, (*app).keepFilter},
		{"Esc", "Esc", "as before", "leave the filter as it was", inFilter, (*app).dropFilter},
		{"Tab", "Tab", "complete", "put in the next suggestion", inFilter, func(a *app) { a.completeFilter(1) }},
		{"Backtab", "S-Tab", "", "put in the one before", inFilter, func(a *app) { a.completeFilter(-1) }},
		{"M", "M", "", "turn the mouse off, to select text with it, or on again", inLists, (*app).toggleMouse},
		{"Ctrl-L", "^L", "", "draw the screen anew", anywhere, (*app).redraw},
		{"Ctrl-Z", "^Z", "", "leave it to the shell, whose command fg comes back", anywhere, (*app).stop},
		{"Ctrl-C", "^C", "", "quit at once", anywhere, (*app).quit},
	}
	own := 1 + slices.IndexFunc(all, func(b binding) bool { return b.in == inBoards }) // behind what Enter does there
	for v, kind := range kinds {
		for _, b := range kind.keys {
			b.in = inView(view(v))
			all = slices.Insert(all, own, b)
			own++
		}
		key, in := strconv.Itoa(v+1), inViews&^inView(view(v)) // there it is shown
		if view(v) == viewEvents {
			in &^= inDetail
		}
		all = append(all, binding{key, key, "", kind.meaning, in, func(a *app) { a.show(view(v)) }})
	}
	return all
}

// farthest is farther than any list goes.
const farthest = 1 << 40

// keyName is a key as the table of bindings names it: a character by itself,
// others as tcell does.
func keyName(e *tcell.EventKey) string {
	switch {
	case e.Key() != tcell.KeyRune:
		return tcell.KeyNames[e.Key()]
	case e.Modifiers()&(tcell.ModAlt|tcell.ModMeta) != 0:
		return ""
	case e.Rune() == ' ':
		return "Space"
	}
	return string(e.Rune())
}

// dispatch does what a key is bound to in a place, and tells whether it is
// bound there.
func (a *app) dispatch(e *tcell.EventKey, in place) bool {
	name := keyName(e)
	for _, b := range a.bindings {
		if b.in&in == 0 {
			continue
		}
		for _, key := range strings.Fields(b.keys) {
			if key == name {
				b.do(a)
				return true
			}
		}
	}
	return false
}
