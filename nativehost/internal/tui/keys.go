package tui

import (
	"slices"
	"strconv"
	"strings"

	"github.com/gdamore/tcell/v2"
)

// A place is where keys go: one bit for each, so that a binding can be for several.
type place uint32

// inView is the place of a view.
func inView(v view) place { return inEvents << v }

const (
	inDetail   place = 1 << iota
	inHelp           // the help page
	inFilter         // a filter is being typed
	inPrompt         // something else is being typed
	inCopy           // the menu of what can be copied
	inCompare        // two events beside each other
	inOnly           // the menu of filters that f opens
	inSimulate       // the menu of what can be simulated
	inConsent        // the user is asked whether calls may be simulated
	inQuitting       // the user is asked whether to quit
	inWelcome        // only for hints: while the welcome is shown, few of its view's keys do something
	inEvents         // the first of the views; the bits of the other views follow in their order

	inPanes  = inEvents | inDetail
	inBoards = ^(inEvents<<1 - 1)
	inViews  = inPanes | inBoards
	inLists  = inViews | inHelp | inCompare
	inAsking = inFilter | inPrompt
	anywhere = inLists | inAsking | inCopy | inOnly | inSimulate | inConsent | inQuitting
)

// A binding is one thing that keys do. Dispatch, hint bar and help page are all made from
// the bindings, so they can't disagree.
type binding struct {
	keys string // as keyName gives them, separated by spaces
	show string // how the keys are written for people
	hint string // what the hint bar says they do; "" where they are not there
	does string // what the help page says they do
	in   place  // where they do it
	do   func(*app)
}

// bindings is the table of keys. Its order is the help page's and, for those
// with a hint, the hint bar's, which drops the last ones when it is narrow.
func bindings(kinds []viewKind) []binding {
	all := []binding{
		{"Enter", "Enter", "open", "read this event in the detail pane; following pauses", inEvents, (*app).open},
		{"Enter", "Enter", "fold", "go to the finding's place; fold or unfold", inDetail, (*app).enter},
		{"Enter", "Enter", "events", "go to the events that this line is about; Esc goes back", inBoards, (*app).openLine},
		{"/", "/", "filter", "show only what matches a filter, in every view; see below", inViews &^ inDetail, (*app).openFilter},
		{"/", "/", "find", "find a text here, also in what is folded away; n and N go on, Esc ends it", inDetail | inHelp | inCompare, (*app).findText},
		{"n", "n", "finding", "next finding: in the detail, then in the next event with one; after the last, the first", inPanes, func(a *app) { a.finding(1) }},
		{"N", "N", "", "previous finding", inPanes, func(a *app) { a.finding(-1) }},
		{"n", "n", "next", "where the text is next that was looked for", inHelp, func(a *app) { a.finding(1) }},
		{"N", "N", "", "where it is before this", inHelp, func(a *app) { a.finding(-1) }},
		{"n", "n", "difference", "next difference, or where a text is next that is looked for", inCompare, func(a *app) { a.finding(1) }},
		{"N", "N", "", "the one before", inCompare, func(a *app) { a.finding(-1) }},
		{"a", "a", "all", "also what is the same in both, or only what differs", inCompare, func(a *app) { a.compared.toggleAll() }},
		{"Esc", "Esc", "back", "leave the comparison", inCompare, (*app).back},
		{"x", "x", "", "next event with an error (✗)", inPanes, func(a *app) { a.nextError(1) }},
		{"X", "X", "", "previous event with an error", inPanes, func(a *app) { a.nextError(-1) }},
		{"Space", "Space", "pause", "pause or resume following what comes in", inPanes, func(a *app) { a.events.togglePause() }},
		{"Tab Backtab", "Tab", "pane", "go to the other pane", inPanes, (*app).otherPane},
		{"j Down", "j ↓", "down", "down", inHelp | inCompare | inBoards | inWelcome, func(a *app) { a.move(1) }},
		{"k Up", "k ↑", "up", "up", inHelp | inCompare | inBoards | inWelcome, func(a *app) { a.move(-1) }},
		{"j Down", "j ↓", "", "down; in the events this pauses following", inPanes, func(a *app) { a.move(1) }},
		{"k Up", "k ↑", "", "up", inPanes, func(a *app) { a.move(-1) }},
		{"g Home", "g Home", "", "to the first", inLists, func(a *app) { a.move(-farthest) }},
		{"G End", "G End", "", "to the last; in the events this resumes following", inLists, (*app).toEnd},
		{"Ctrl-F PgDn", "^F PgDn", "", "a page down", inLists, func(a *app) { a.move(a.page()) }},
		{"Ctrl-B PgUp", "^B PgUp", "", "a page up", inLists, func(a *app) { a.move(-a.page()) }},
		{"h Left", "h ←", "", "fold, or go up", inDetail, func(a *app) { a.detail.fold(false) }},
		{"l Right", "l →", "", "unfold", inDetail, func(a *app) { a.detail.fold(true) }},
		{"r", "r", "", "the whole record as JSON, or its tree again", inPanes, func(a *app) { a.detail.toggleRaw() }},
		{"Esc", "Esc", "back", "leave full screen, then go back, or clear the filter", inEvents, (*app).back},
		{"Esc", "Esc", "back", "leave full screen, then go back to the events", inDetail | inBoards, (*app).back},
		{"Esc ? F1", "Esc", "back", "leave this help", inHelp, (*app).back},
		{"q", "q", "quit", "back, as Esc does, or quit; asks before it closes a browser", inLists | inWelcome, (*app).backOrQuit},
		{"? F1", "? F1", "help", "show this help", inViews | inCompare | inWelcome, (*app).openHelp},
		{"F1", "F1", "help", "show this help; the filter is typed on after it", inFilter, (*app).openHelp},
		{"Tab Backtab", "Tab", "pane", "go to what is told of this line, or back", inBoards, (*app).otherPane},
		{"\\", "\\", "zoom", "full screen for this pane, or both panes again", inViews, (*app).zoom},
		{"[", "[", "", "the view before this one", inViews, func(a *app) { a.show(a.view - 1) }},
		{"]", "]", "", "the view after this one", inViews, func(a *app) { a.show(a.view + 1) }},
		{"H", "H", "hits", "list all hits (where calls went), or only those with findings", inPanes, (*app).toggleHits},
		{"m", "m", "", "put a mark, a label, into the recording", inViews, (*app).mark},
		{"P", "P", "", "judge by a plan, another one, or none; its file is followed", inViews, (*app).askForPlan},
		{"b", "b", "", "put a bookmark on this event, or take it away", inPanes, func(a *app) { a.flash = a.events.bookmark() }},
		{"u", "u", "", "next bookmark or mark", inPanes, func(a *app) { a.flash = a.events.toBookmark(1) }},
		{"U", "U", "", "previous bookmark or mark", inPanes, func(a *app) { a.flash = a.events.toBookmark(-1) }},
		{"'", "'", "", "back to the event before the last jump", inPanes, func(a *app) { a.flash = a.events.jumpBack() }},
		{"c", "c", "", "compare: the first time note this event, then compare another one with it", inPanes, (*app).compare},
		{"B", "B", "", "ring a bell at each new error, or not any more", inViews, func(a *app) { a.flash = a.bell.toggle() }},
		{"y", "y", "copy", "copy from this event; then one of these:", inPanes, (*app).openCopy},
		{"y", "y", "", "copy the text of a ticket about this line, with pseudonyms", inBoards, (*app).ticketOfLine},
		{"f", "f", "only", "filter by what is under the cursor; then one of these:", inViews, (*app).choose},
		{"e", "e", "", "only this event", inOnly, func(a *app) { a.only("e", false) }},
		{"v", "v", "", "only this visit", inOnly, func(a *app) { a.only("v", false) }},
		{"r", "r", "", "only what has a finding of this rule", inOnly, func(a *app) { a.only("r", false) }},
		{"f", "f", "", "only calls with this value at this place, or hits that carry it, or what was found at it", inOnly, func(a *app) { a.only("f", false) }},
		{"p", "p", "", "only calls that have anything at this place", inOnly, func(a *app) { a.only("p", false) }},
		{"w", "w", "", "only hits that went there", inOnly, func(a *app) { a.only("w", false) }},
		{"c", "c", "", "only this contact", inOnly, func(a *app) { a.only("c", false) }},
		{"s", "s", "", "only this site", inOnly, func(a *app) { a.only("s", false) }},
		{"t", "t", "", "only this tab", inOnly, func(a *app) { a.only("t", false) }},
		{"d", "d", "", "only this document: what one page has until it is left or loaded again", inOnly, func(a *app) { a.only("d", false) }},
		{"b", "b", "", "only this browser", inOnly, func(a *app) { a.only("b", false) }},
		{"E V R F P W C S T D B", "E V …", "all but this", "the same in capitals: all but this", inOnly, func(a *app) { a.only(strings.ToLower(a.pressed), true) }},
		{"Esc q", "Esc", "leave it", "filter by nothing", inOnly, (*app).closeMenu},
		{"v", "v", "value", "copy the value, or all arguments", inCopy, func(a *app) { a.copyOf("value", copiedValue) }},
		{"p", "p", "pointer", "copy the place's JSON Pointer", inCopy, func(a *app) { a.copyOf("pointer", copiedPointer) }},
		{"j y", "j y", "event as JSON", "copy the event as one line of JSON", inCopy, func(a *app) { a.copyOf("event", copiedRecord) }},
		{"f", "f", "finding", "copy the finding here, or all of the event, as a ticket needs it", inCopy, func(a *app) { a.copyOf("finding", copiedFinding) }},
		{"t", "t", "ticket", "copy the text of a ticket, in Markdown: what is wrong, what was sent, where, when, and the events before it; with pseudonyms for the contact's values", inCopy, func(a *app) { a.ticketOfEvent(false) }},
		{"T", "T", "", "the same with the contact's values as they are", inCopy, func(a *app) { a.ticketOfEvent(true) }},
		{"Esc q", "Esc", "leave it", "copy nothing", inCopy, (*app).closeMenu},
		{"s", "s", "", "simulate this call: its page calls the site's function with it again; asks first", inPanes, (*app).simulateAgain},
		{"S", "S", "", "simulate events with sample values; then one of these:", inPanes, (*app).openSimulate},
		{"e", "e", "this event", "the event of this call, with all fields and with few", inSimulate, (*app).simulateEvent},
		{"n", "n", "an event by name", "an event that you name, with all fields and with few", inSimulate, (*app).askForEvent},
		{"a", "a", "all documented events", "all documented events, each with all fields and with few", inSimulate, (*app).simulateAll},
		{"r", "r", "a recording", "the calls of a recording, a .db or .jsonl file", inSimulate, (*app).askForRecording},
		{"Esc q", "Esc", "leave it", "simulate nothing", inSimulate, (*app).closeMenu},
		{"y", "y", "yes", "yes: the page makes the calls, and its tracking systems get them", inConsent, (*app).agreeToSimulation},
		{"n Esc q", "n Esc", "no", "no: nothing is called", inConsent, (*app).refuseSimulation},
		{"y Enter", "y", "quit", "quit, which closes the browser", inQuitting, (*app).end},
		{"n Esc q", "n Esc", "stay", "stay", inQuitting, (*app).closeMenu},
		{"e", "e", "", "write this event to a file, as JSON Lines", inPanes, (*app).exportOne},
		{"w", "w", "", "write everything that is listed to a file", inPanes, (*app).exportAll},
		{"t", "t", "", "times as they are, how long ago, or how long after the event before", inPanes, func(a *app) { a.events.otherTimes() }},
		{"z", "z", "", "only what comes from now on, or all again, in every view; the store stays", inViews, (*app).clear},
		{"Z", "Z", "", "only what came from this event on, such as from a mark", inPanes, (*app).since},
		{"W", "W", "", "wider: without the filter, then all of this run, then all that was recorded", inViews, (*app).widen},
		{"Enter", "Enter", "done", "take what was typed", inPrompt, (*app).answer},
		{"Ctrl-R", "^R", "", "write a file with pseudonyms for the contact's values, or with these again", inPrompt, (*app).otherAnswer},
		{"Esc", "Esc", "leave it", "leave it", inPrompt, (*app).answered},
		{"Enter", "Enter", "keep the filter", "keep the filter that was typed", inFilter, (*app).keepFilter},
		{"Esc", "Esc", "as before", "leave the filter as it was", inFilter, (*app).dropFilter},
		{"Tab", "Tab", "complete", "insert the next suggestion: what is known of fields, values, marks and files", inAsking, func(a *app) { a.complete(1) }},
		{"Backtab", "S-Tab", "", "insert the one before", inAsking, func(a *app) { a.complete(-1) }},
		{"Up", "↑", "", "insert what was typed here the time before", inAsking, func(a *app) { a.earlier(1) }},
		{"Down", "↓", "", "the one after it", inAsking, func(a *app) { a.earlier(-1) }},
		{"M", "M", "", "turn the mouse off, to select text with it, or on again", inLists, func(a *app) { a.flash = a.toggleMouse() }},
		{"Ctrl-L", "^L", "", "redraw the screen", anywhere, (*app).redraw},
		{"Ctrl-Z", "^Z", "", "suspend (type fg to return)", anywhere, (*app).stop},
		{"Ctrl-C", "^C", "", "quit at once, or by a second one while a file is being written", anywhere, (*app).end},
	}
	own := 1 + slices.IndexFunc(all, func(b binding) bool { return b.in == inBoards }) // views' own keys follow Enter
	for v, kind := range kinds {
		for _, b := range kind.keys {
			b.in = inView(view(v))
			all = slices.Insert(all, own, b)
			own++
		}
		key, in := strconv.Itoa(v+1), inViews&^inView(view(v)) // everywhere but in the view itself
		if view(v) == viewEvents {
			in &^= inDetail
		}
		all = append(all, binding{key, key, "", kind.meaning, in, func(a *app) { a.show(view(v)) }})
	}
	return all
}

// farthest is more lines than any list has.
const farthest = 1 << 40

// keyName is a key as the table of bindings names it: a character is its own name, other
// keys have tcell's name for them.
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

// dispatch does what a key is bound to in a place, and tells whether it is bound to anything
// there.
func (a *app) dispatch(e *tcell.EventKey, in place) bool {
	name := keyName(e)
	for _, b := range a.bindings {
		if b.in&in == 0 {
			continue
		}
		for _, key := range strings.Fields(b.keys) {
			if key == name {
				a.pressed = name
				b.do(a)
				return true
			}
		}
	}
	return false
}

// worksElsewhere says of a key that does nothing in a place, but does in views, where that is;
// of other keys it says nothing.
func (a *app) worksElsewhere(e *tcell.EventKey, in place) string {
	name := keyName(e)
	if name == strconv.Itoa(int(a.view)+1) { // that view is shown
		return ""
	}
	i := slices.IndexFunc(a.bindings, func(b binding) bool { return b.in&inViews != 0 && slices.Contains(strings.Fields(b.keys), name) })
	switch {
	case i < 0:
	case in == inHelp:
		return a.bindings[i].show + " does nothing in this help; leave it first, by Esc"
	case in == inCompare:
		return a.bindings[i].show + " does nothing in this comparison; leave it first, by Esc"
	case in&inBoards != 0 && a.bindings[i].in&inEvents != 0:
		return a.bindings[i].show + " does nothing in this view; 1 leads to the events"
	}
	return ""
}
