package tui

import (
	"cmp"
	"fmt"
	"strings"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/words"
)

// tabs draws the names of the views. In a narrow window the later ones are their number
// alone.
func (a *app) tabs(cells int) {
	x := 0
	if cells >= wide {
		const name = "Userlike Inspector"
		a.put(0, 0, cells, span{strong, name})
		x = len(name) + 3
	}
	around, between := " ", 0
	if x+tabCells(a.kinds, around) > cells { // no room for a space on both sides of each
		around, between = "", 1
	}
	for v, kind := range a.kinds {
		st := faint
		if view(v) == a.view {
			st = isTab
		}
		tab := around + fmt.Sprintf("%d %s", v+1, kind.name) + around
		if over := x + tabCells(a.kinds[v:], around) - cells; over > 0 && view(v) != a.view {
			tab = fmt.Sprint(v + 1)
		}
		a.put(x, 0, cells-x, span{st, tab})
		a.area(area{x: x, y: 0, cells: len(tab), rows: 1, press: func(int) {
			a.helping = false
			a.show(view(v))
		}})
		x += len(tab) + between
	}
}

// tabCells is how many cells the names of views take, with around on both sides of each.
func tabCells(kinds []viewKind, around string) (cells int) {
	for _, kind := range kinds {
		cells += len("1 ") + len(kind.name) + 2*len(around)
	}
	if around == "" {
		cells += len(kinds) - 1
	}
	return cells
}

// header draws the two lines at the top: the views, and below them the counts, what is going on
// and what is being recorded. fits tells whether there was room for all of it.
func (a *app) header(cells int) (fits bool) {
	a.tabs(cells)
	all := a.counts(cells)
	dot := span{faint, "  " + a.theme.dot + "  "}
	for _, part := range append(a.activities(), a.recorded(dot)) {
		all = append(append(all, dot), part...)
	}
	a.put(1, 1, cells-2, all...)
	return widthOf(all) <= cells-2
}

// counts are the numbers in the header, in wide windows with words.
func (a *app) counts(cells int) []span {
	t, c := a.theme, &a.verdicts.counts
	all := append(a.scope.named(t, cells), span{strong, words.Plural(c.calls, "call")})
	add := func(st style, glyph string, n int, word string) {
		all = append(all, span{st, fmt.Sprintf("  %s %d", glyph, n)})
		if cells >= wide {
			all = append(all, span{plain, " " + word})
		}
	}
	count := func(st style, glyph string, n int, noun string) {
		_, word, _ := strings.Cut(words.Plural(n, noun), " ")
		add(st, glyph, n, word)
	}
	count(isError, t.bad, c.findings[record.Error.Rank()], "error")
	count(isWarning, t.warn, c.findings[record.Warning.Rank()], "warning")
	if c.gaps > 0 {
		count(isGap, t.gap, c.gaps, "gap")
	}
	if c.pending > 0 {
		add(isPending, t.pending, c.pending, "pending")
	}
	if c.simulated > 0 {
		add(isInfo, t.tester, c.simulated, "simulated")
	}
	if e := a.events; e.hits > 0 && e.list.quiet {
		count(isInfo, t.to, e.hits-e.loudHits, "hit")
		all = append(all, span{plain, " hidden (H)"})
	} else if e.hits > 0 {
		count(isInfo, t.to, e.hits, "hit")
	}
	return all
}

// activities are what the header says of what is going on, each apart from the others.
func (a *app) activities() (all [][]span) {
	add := func(spans ...span) { all = append(all, spans) }
	if a.exit.writing > 0 {
		add(span{strong, cmp.Or(a.exit.written, "writing"+a.theme.ellipsis)})
	}
	if upTo, last := a.verdicts.upTo, a.events.list.last; upTo < last {
		add(span{plain, fmt.Sprintf("judging, %d %%", 100*upTo/last)})
	}
	if s := a.simulation; s != nil && s.awaits {
		add(span{strong, "simulation waits for the site's function"})
	} else if s != nil && s.running {
		add(span{strong, fmt.Sprintf("simulating, %d of %d", s.made, len(s.calls))})
	}
	waiting := a.events.waiting()
	switch {
	case a.events.following:
		add(span{plain, "following"})
	case waiting > 0:
		add(span{strong, "paused"}, span{isWarning, fmt.Sprintf(", %d waiting", waiting)})
	default:
		add(span{strong, "paused"})
	}
	if p := a.opts.Inspector.Plan(); p != nil {
		add(a.plan.says(a.theme, p)...)
	}
	return all
}

// recorded is what the header says of what is being recorded or shown, or what is wrong with the
// store. dot stands between two facts.
func (a *app) recorded(dot span) []span {
	switch {
	case a.outage.err != nil:
		return []span{{isError, a.outage.problem()}}
	case a.status != "":
		return []span{{plain, a.status}}
	case a.opts.Browser != "":
		return []span{{plain, a.opts.Browser}, dot, {plain, a.opts.URL}}
	case a.opts.Recording != "":
		return []span{{faint, "only reading "}, {plain, a.opts.Recording}}
	}
	return []span{{faint, a.opts.StorePath}}
}

// problems says in full what is wrong with the store and with the plan's file, in at most so
// many rows. It is for windows whose header has no room for that.
func (a *app) problems(cells, rows int) (all []line) {
	var texts []string
	if a.outage.err != nil {
		texts = append(texts, a.outage.problem())
	}
	if a.plan.err != nil {
		texts = append(texts, a.plan.problem())
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
