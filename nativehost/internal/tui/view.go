package tui

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gdamore/tcell/v2"
	"github.com/rivo/tview"

	"userlike-inspector/nativehost/internal/filter"
	"userlike-inspector/nativehost/internal/record"
)

// leastCells and leastRows are what anything useful needs; from wide on there
// is room for words where otherwise a glyph has to do.
const (
	leastCells = 40
	leastRows  = 10
	wide       = 110
)

// draw brings the screen up to date and asks for what it lacks.
func (a *app) draw() {
	a.screen.Clear()
	a.screen.HideCursor()
	a.areas = a.areas[:0]
	cells, rows := a.screen.Size()
	if cells < leastCells || rows < leastRows {
		a.put(0, 0, cells, span{plain, "make the window larger"})
		a.screen.Show()
		return
	}
	var notes []line
	if !a.header(cells) {
		notes = a.problems(cells-2, rows/4)
	}
	body := rows - 3 - len(notes)
	if a.typed != nil && !a.helping {
		body-- // for what is said of the filter
	}
	switch {
	case a.helping:
		a.height = body
		a.help.all = a.helpLines(cells - 2)
		a.help.draw(a.screen, 1, 2, cells-2, body, true)
		a.area(area{x: 0, y: 2, cells: cells, rows: body, scroll: a.help.scroll})
	case a.welcomes():
		a.drawWelcome(cells, body)
	case a.view != viewEvents:
		b := a.board()
		a.make(b, cells-2)
		if len(b.all) == 0 {
			a.message(a.emptyBoard(), cells, body)
		} else {
			b.draw(a, a.screen, 1, 2, cells-2, body)
		}
	case a.events.list.count() == 0:
		a.message(a.noMatch(), cells, body)
	default:
		a.panes(cells, body)
	}
	for i, n := range notes {
		a.put(1, 2+body+i, cells-2, n.spans...)
	}
	a.footer(rows-1, cells)
	a.screen.Show()
	a.lack()
}

// panes draws the table above and the detail below, or one of them.
func (a *app) panes(cells, body int) {
	above := body * 2 / 5 // the detail needs more
	switch {
	case a.zoomed && a.pane == inEvents:
		above = body
	case a.zoomed:
		above = 0
	}
	if above > 0 {
		a.events.draw(a.screen, 1, 2, cells-2, above, a.pane == inEvents)
		a.area(area{x: 0, y: 2, cells: cells, rows: above, press: a.pressEvent, scroll: a.scrollEvents})
	}
	if a.height = above - 1; a.pane == inDetail {
		a.height = body - above - 1
	}
	if above == body {
		return
	}
	a.divider(2+above, cells)
	a.detail.resize(cells - 2)
	a.detail.draw(a.screen, 1, 3+above, cells-2, body-above-1, a.pane == inDetail)
	a.area(area{x: 0, y: 3 + above, cells: cells, rows: body - above - 1, press: a.pressDetail, scroll: a.scrollDetail})
}

// lack asks the feed for what the screen showed gaps for.
func (a *app) lack() {
	w := want{rows: append([]int64(nil), a.events.cache.missing...)}
	a.events.cache.missing = a.events.cache.missing[:0]
	if c := a.events.cursor; c != a.detail.row && a.events.list.count() > 0 {
		w.record = c
	}
	if len(w.rows) > 0 || w.record > 0 {
		a.feed.ask(w)
	}
}

// put draws spans on a row.
func (a *app) put(x, y, cells int, spans ...span) {
	tview.Print(a.screen, a.theme.paint(spans, cells), x, y, cells, tview.AlignLeft, tcell.ColorDefault)
}

// tabs draws the views' names.
func (a *app) tabs(cells int) {
	x := 0
	if cells >= wide {
		const name = "Userlike Inspector"
		a.put(0, 0, cells, span{strong, name})
		x = len(name) + 3
	}
	for v, kind := range a.kinds {
		st := faint
		if view(v) == a.view {
			st = isTab
		}
		tab := fmt.Sprintf(" %d %s ", v+1, kind.name)
		a.put(x, 0, cells-x, span{st, tab})
		a.area(area{x: x, y: 0, cells: len(tab), rows: 1, press: func(int, int) {
			a.helping = false
			a.show(view(v))
		}})
		x += len(tab)
	}
}

// header draws the views, and how the recording stands; it tells whether there
// was room for all of that.
func (a *app) header(cells int) (fits bool) {
	t := a.theme
	dot := "  " + t.dot + "  "
	a.tabs(cells)

	c := &a.verdicts.counts
	counts := []span{{strong, plural(c.calls, "call")}}
	count := func(st style, glyph string, n int, noun string) {
		number, words, _ := strings.Cut(plural(n, noun), " ")
		counts = append(counts, span{st, "  " + glyph + " " + number})
		if cells >= wide {
			counts = append(counts, span{plain, " " + words})
		}
	}
	count(isError, t.bad, a.verdicts.findings[record.Error.Rank()], "error")
	count(isWarning, t.warn, a.verdicts.findings[record.Warning.Rank()], "warning")
	if c.gaps > 0 {
		count(isGap, t.gap, c.gaps, "gap")
	}
	if c.simulated > 0 {
		counts = append(counts, span{isInfo, fmt.Sprintf("  %s %d", t.tester, c.simulated)})
		if cells >= wide {
			counts = append(counts, span{plain, " simulated"})
		}
	}
	if e := a.events; e.hits > 0 {
		n := e.hits
		if e.list.quiet {
			n -= e.loudHits
		}
		count(isInfo, t.to, n, "hit")
		if e.list.quiet {
			counts = append(counts, span{plain, " hidden (H)"})
		}
	}
	if last := a.events.list.last; c.upTo < last {
		counts = append(counts, span{faint, dot}, span{plain, fmt.Sprintf("judging, %d %%", 100*c.upTo/last)})
	}
	if s := a.simulation; s != nil && s.running {
		counts = append(counts, span{faint, dot}, span{strong, fmt.Sprintf("simulating, %d of %d", s.made, len(s.calls))})
	}
	counts = append(counts, span{faint, dot})
	if a.events.following {
		counts = append(counts, span{plain, "following"})
	} else {
		counts = append(counts, span{strong, "paused"})
		if n := a.events.waiting(); n > 0 {
			counts = append(counts, span{isWarning, fmt.Sprintf(", %d waiting", n)})
		}
	}
	if a.opts.PlanFile != "" {
		counts = append(append(counts, span{faint, dot}), a.planSpans()...)
	}
	var about []span
	switch {
	case a.err != nil:
		about = []span{{isError, a.storeProblem()}}
	case a.status != "":
		about = []span{{plain, a.status}}
	case a.opts.Browser != "":
		about = []span{{plain, a.opts.Browser}, {faint, dot}, {plain, a.opts.URL}}
	default:
		about = []span{{faint, a.opts.StorePath}}
	}
	all := append(append(counts, span{faint, dot}), about...)
	a.put(1, 1, cells-2, all...)
	return widthOf(all) <= cells-2
}

// problems are what is wrong with the store and the plan's file, in full.
func (a *app) problems(cells, rows int) (all []line) {
	var texts []string
	if a.err != nil {
		texts = append(texts, a.storeProblem())
	}
	if a.planErr != nil {
		texts = append(texts, a.planProblem())
	}
	for _, text := range texts {
		glyph := a.theme.bad
		for _, s := range wrap(visible(a.theme.head(text, maxSpan)), cells-2) {
			all = append(all, line{spans: []span{{isError, glyph + " "}, {plain, s}}})
			glyph = " "
		}
	}
	return all[:min(len(all), rows)]
}

// storeProblem is what is wrong with the store, without its path, which may take
// all the room and is in the header at other times.
func (a *app) storeProblem() string {
	said := func(err error) string {
		return strings.TrimPrefix(err.Error(), fmt.Sprintf("store %q: ", a.opts.StorePath))
	}
	if a.reopenErr != nil {
		return "the file was deleted, moved or replaced, and what is there now can't be shown: " + said(a.reopenErr)
	}
	return said(a.err)
}

// divider draws the line above the detail, which names what it shows.
func (a *app) divider(y, cells int) {
	st := faint
	if a.pane == inDetail {
		st = strong
	}
	left := []span{{st, strings.Repeat(a.theme.rule, 2) + " "}}
	if r := a.events.cache.get(a.detail.row); r != nil && a.detail.reading != nil {
		if a.detail.record.Simulated {
			left = append(left, span{isInfo, a.theme.tester + " "})
		}
		text, how := a.theme.headline(r)
		if how == faint || how == plain {
			how = strong
		}
		left = append(left, span{how, text}, span{faint, " " + a.theme.dot + " " + moment(r.Time.Time, a.opts.Now()) + " "})
		if a.detail.raw {
			left = append(left, span{strong, "as JSON "})
		}
	}
	a.put(0, y, cells, append(left, span{st, repeat(a.theme.rule, cells-widthOf(left))})...)
}

// footer draws the filter being typed, or else what the keys do.
func (a *app) footer(y, cells int) {
	if a.asking != nil && !a.helping {
		a.question(y, cells)
		return
	}
	var spans []span
	text, room := a.flash, y/4
	if a.menu == inConsent && (text == "" || a.simulation.asks != "") {
		text, room = a.simulation.asked(), y-2 // who agrees is to see all of it
	}
	if said := wrap(visible(a.theme.head(text, maxSpan)), cells-2); len(said) > 1 { // over what is there, until the next key
		said = said[:min(len(said), room)]
		for i, s := range said {
			a.put(0, y-len(said)+i, cells, span{strong, pad(" "+s, cells, "")})
		}
	} else if text != "" {
		spans = append(spans, span{strong, text + "   "})
	} else if by, narrowed := a.events.list.narrowed(); narrowed && a.view == viewEvents && !a.helping {
		spans = append(spans, span{strong, clip(visible(by), cells/2, a.theme.ellipsis)}, span{plain, " " + a.progress() + "   "})
	} else if a.events.cleared > 0 && a.view == viewEvents && !a.helping {
		spans = append(spans, span{strong, "only what is new"}, span{plain, fmt.Sprintf(" %d of %d   ", a.events.list.count(), a.events.list.last)})
	}
	if name := map[place]string{inCopy: "copy   ", inSimulate: "simulate   "}[a.menu]; name != "" {
		if text == "" { // nothing that is to be read now
			spans = nil
		}
		spans = append([]span{{strong, name}}, spans...)
	}
	a.put(1, y, cells-2, append(spans, a.hints(cells-2-widthOf(spans))...)...)
}

func widthOf(spans []span) (cells int) {
	for _, s := range spans {
		cells += width(visible(s.text))
	}
	return cells
}

// question draws the line in which something is typed, and of a filter above
// it why it is none, or how it can go on.
func (a *app) question(y, cells int) {
	room := cells - 1
	if a.typed != nil {
		room = cells - 30
		a.put(room+1, y, cells-room-2, span{faint, a.progress()})
		a.put(1, y-1, cells-2, a.filterState(cells-4)...)
	}
	a.field.SetRect(0, y, room, 1)
	a.field.Draw(a.screen)
}

// few suggestions leave room for why what is typed is no filter.
const few = 5

// filterState says whether what is typed is a filter, how it can go on, from
// where there is room for the suggestion that Tab has put in, and why it is none.
func (a *app) filterState(room int) []span {
	f := a.typed
	spans := []span{{isGood, a.theme.good + " "}}
	if f.err != nil {
		spans = []span{{isError, a.theme.bad + " "}}
		if len(f.suggestions) > few && f.taken < 0 {
			return append(spans, span{plain, f.err.Error()})
		}
	}
	first, used := 0, 0
	for i, s := range f.suggestions {
		if used += width(visible(s.Text)) + 2; used > room && i <= f.taken {
			first, used = i, width(visible(s.Text))+2
		}
	}
	for i, s := range f.suggestions[first:] {
		st := isKey
		if first+i == f.taken {
			st = strong
		}
		spans = append(spans, span{st, s.Text + "  "})
	}
	switch n := len(f.suggestions); {
	case f.err != nil:
		return append(spans, span{plain, f.err.Error()})
	case n == 1 || f.taken >= 0:
		return append(spans, span{faint, f.suggestions[max(f.taken, 0)].Meaning})
	case n == 0:
		return append(spans, span{faint, "a space begins another term: both have to hold"})
	}
	return spans
}

// hints are the bindings that have a hint for the place where the keys go, as
// many as there is room for.
func (a *app) hints(room int) []span {
	var spans []span
	in := a.place()
	if in&inViews != 0 && a.welcomes() {
		in = inWelcome
	}
	for _, b := range a.hinted(in) {
		hint := b.hint
		if hint == "pause" && !a.events.following {
			hint = "resume"
		}
		if room -= width(b.show + " " + hint); room < 0 {
			break
		}
		if len(spans) > 0 {
			spans = append(spans, span{faint, "  "})
		}
		spans = append(spans, span{isKey, b.show}, span{faint, " " + hint})
		room -= 2
	}
	return spans
}

// hinted are the bindings of a place that have a hint. Where events are hidden, what
// brings them back comes first.
func (a *app) hinted(in place) (all []binding) {
	_, narrowed := a.events.list.narrowed()
	for _, b := range a.bindings {
		switch {
		case b.in&in == 0 || b.hint == "":
		case b.keys == "H" && !a.events.hitsMet:
		case in == inEvents && b.keys == "Esc":
			if narrowed || a.events.cleared > 0 || a.zoomed {
				all = slices.Insert(all, 0, b)
			}
		default:
			all = append(all, b)
		}
	}
	return all
}

// progress tells how far the filter's search has come.
func (a *app) progress() string {
	l := &a.events.list
	if _, narrowed := l.narrowed(); !narrowed {
		return plural(l.count(), "record")
	}
	s := fmt.Sprintf("%d of %d", l.count(), l.last)
	if l.searched < 1 {
		s += fmt.Sprintf(", %d %% searched", int(l.searched*100))
	}
	return s
}

// message draws sentences in the middle of nothing.
func (a *app) message(paragraphs []string, cells, rows int) {
	y := 3
	for _, p := range paragraphs {
		for _, s := range wrap(visible(p), min(cells-6, 72)) {
			if y < rows+2 {
				a.put(3, y, cells-4, span{plain, s})
			}
			y++
		}
	}
}

// noMatch says that the filter lets nothing through.
func (a *app) noMatch() []string {
	if a.events.list.filter.All() && a.events.list.quiet && a.events.cleared == 0 && a.events.list.whole() {
		return []string{"Only hits were recorded: what pages handed on because of calls.", "", "H lists them."}
	}
	if a.events.list.filter.All() && a.events.list.whole() {
		return []string{"Nothing new has come yet.", "", "Esc lists what was recorded before."}
	}
	if a.events.list.searched < 1 {
		return []string{"Searching" + a.theme.ellipsis}
	}
	return []string{"No record is let through by the filter " + a.events.list.filter.Name() + ".", "", "Esc lists all records again; new ones are searched as they come."}
}

// emptyBoard says why a board has nothing to show.
func (a *app) emptyBoard() []string {
	if a.board().of == nil {
		return []string{"Judging what was recorded" + a.theme.ellipsis}
	}
	return a.kinds[a.view].empty
}

// helpLines is the help page, made from the bindings.
func (a *app) helpLines(cells int) []line {
	t := a.theme
	var all []line
	add := func(spans ...span) { all = append(all, line{spans: spans}) }
	entry := func(name string, room int, does string) { // what a name stands for, beside it
		for _, s := range wrap(does, cells-2-room) {
			add(span{isKey, "  " + pad(name, room, "")}, span{plain, s})
			name = ""
		}
	}
	for _, part := range []struct {
		title string
		in    place
		not   place
	}{
		{"Events and detail", inPanes, 0},
		{"Detail", inDetail, inEvents},
		{"After y", inCopy, inEvents},
		{"After S", inSimulate, inEvents},
		{"Before calls are simulated", inConsent, inEvents},
		{"The other views", inBoards, inEvents},
		{"While a filter is typed", inFilter, inViews},
		{"While a mark or a file's name is typed", inPrompt, inFilter | inViews},
	} {
		add(span{strong, part.title})
		for _, b := range a.bindings {
			if b.in&part.in != 0 && b.in&part.not == 0 && (part.in != inPanes || b.in&inEvents != 0) {
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
	add(span{isGood, "  " + t.good + " nothing found    "}, span{isGap, t.gap + " calls were lost    "}, span{faint, t.other + " not a call"})
	add(span{isInfo, "  " + t.tester + " simulated by a tester: the client did not call"})
	for _, s := range wrap("What may still come is not missed here. The commands check and compare take a recording for ended, so they may find more.", cells-4) {
		add(span{plain, "  " + s})
	}
	add()
	add(span{strong, "Filter"})
	for _, term := range filter.Terms() {
		example := term.Example
		if width(example) > 27 { // such as are long have a line of their own
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

func repeat(s string, n int) string { return strings.Repeat(s, max(n, 0)) }

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
