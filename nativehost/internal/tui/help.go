package tui

import (
	"fmt"
	"strings"

	"userlike-inspector/nativehost/internal/filter"
)

// helpLines is the help page, made from the bindings.
func helpLines(t *theme, bindings []binding, cells int) []line {
	var all []line
	add := func(spans ...span) { all = append(all, line{spans: spans}) }
	entry := func(name string, room int, does string) { // a name, and beside it what it stands for
		for i, s := range wrap(does, cells-2-room) {
			all = append(all, line{spans: []span{{isKey, "  " + pad(name, room, "")}, {plain, s}}, more: i > 0})
			name = ""
		}
	}
	for _, part := range []struct {
		title string
		in    place // it lists the bindings of one of these places
		not   place // but not those that are also here: another part lists them
	}{
		{"Events", inEvents, inDetail},
		{"Events and detail", inPanes, 0},
		{"Detail", inDetail, inEvents},
		{"This help", inHelp, inViews},
		{"After y", inCopy, inEvents},
		{"After f", inOnly, inEvents},
		{"After S", inSimulate, inEvents},
		{"While two events are compared", inCompare, inEvents},
		{"Before calls are simulated", inConsent, inEvents},
		{"Before a browser is closed", inQuitting, inEvents},
		{"The other views", inBoards, inEvents},
		{"While a filter is typed", inFilter, inViews},
		{"While anything else is typed", inPrompt, inViews},
	} {
		add(span{strong, part.title})
		for _, b := range bindings {
			if b.in&part.in != 0 && b.in&part.not == 0 && (part.in != inPanes || b.in&inPanes == inPanes) {
				entry(b.show, 9, b.does)
			}
		}
		add()
	}
	add(span{strong, "Mouse"})
	for _, s := range wrap("A click goes to a view, a pane or a line, another one there does what Enter does; the wheel scrolls. To select text as ever, turn it off by M or hold Shift (on a Mac, Fn or Option).", cells-4) {
		add(span{plain, "  " + s})
	}
	add()
	add(span{strong, "Verdicts"})
	add(span{isError, "  " + t.bad + " error    "}, span{isWarning, t.warn + " warning    "}, span{isInfo, t.info + " info"})
	add(span{isPending, "  " + t.pending + " pending: nothing found so far, but something may be"})
	add(span{isGood, "  " + t.good + " nothing found    "}, span{isGap, t.gap + " calls or hits were lost    "}, span{faint, t.other + " not a call"})
	add(span{isInfo, "  " + t.tester + " simulated by a tester: the client did not call"})
	for _, s := range wrap("What may still come is not missed here. The commands check and compare take a recording for ended, so they may find more.", cells-4) {
		add(span{plain, "  " + s})
	}
	add()
	add(span{strong, "Filter"})
	for _, term := range filter.Terms() {
		example := term.Example
		if width(example) > 27 { // a long example has a line of its own
			add(span{isKey, "  " + example})
			example = ""
		}
		entry(example, 28, term.Meaning)
	}
	for _, s := range wrap("Capital and small letters from a to z are the same. How long ago is reckoned from when it is typed. Findings count as they are shown, also those of visits and by the plan. The newest records are searched first.", cells-4) {
		add(span{plain, "  " + s})
	}
	return all
}

// KeyHelp is a plain text that says what each key does, for the command line's help.
func KeyHelp() string {
	var b strings.Builder
	told := map[string]bool{}
	for _, bound := range bindings(viewKinds()) {
		line := fmt.Sprintf("%-8s %s\n", bound.show, bound.does)
		if !told[line] {
			told[line] = true
			b.WriteString("  " + line)
		}
	}
	return b.String()
}
