package tui

import (
	"fmt"
	"strings"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/words"
)

// A side is one of two events that are compared.
type side struct {
	row      int64
	name     string // its headline and its time
	*reading        // nil until it has been read
}

// A comparison shows two events side by side.
type comparison struct {
	*lines
	sides [2]side
	all   bool // it shows also the places that are equal in both
}

// compare is what c does. The first time it notes the event under the cursor; on another
// event it then compares the two, and on the same event it forgets it.
func (a *app) compare() {
	r := a.events.cache.get(a.events.cursor)
	if r == nil || a.events.list.count() == 0 || r.Kind != record.Call && r.Kind != record.Hit {
		a.flash = "only calls and hits can be compared"
		return
	}
	a.events.pause()
	text, _ := a.theme.headline(r)
	one := side{row: r.Row.Row, name: text + " " + a.theme.dot + " " + moment(r.Time.Time, a.opts.Now())}
	switch other := a.events.noted; {
	case other == nil:
		a.events.noted = &one
		a.flash = "noted " + one.name + "; go to another event and press c there to compare the two"
	case other.row == one.row:
		a.events.noted = nil
		a.flash = "this event is not noted any more"
	default:
		sides := [2]side{*other, one}
		c := &comparison{lines: newLines(a.theme), sides: sides}
		a.compared = c
		a.feed.start(func() {
			var err error
			for i := range sides {
				if err == nil {
					sides[i].reading, _, err = a.feed.read(a.feed.ctx, sides[i].row)
				}
			}
			a.feed.post(a.feed.ctx, func() {
				if err != nil {
					a.compared = nil
					a.failed(err)
					return
				}
				c.sides = sides
				c.layout(c.cells)
			})
		})
	}
}

// toggleAll shows all places, or only those that differ.
func (c *comparison) toggleAll() {
	c.all, c.cursor, c.top = !c.all, 0, 0
	c.layout(c.cells)
}

// drawComparison draws it into a rectangle.
func (a *app) drawComparison(x, y, cells, rows int) {
	c := a.compared
	if c.cells != cells {
		c.layout(cells)
	}
	a.height = rows
	c.draw(a.screen, x, y, cells, rows, true)
	a.area(area{x: x, y: y, cells: cells, rows: rows, scroll: c.scroll, press: func(y int) { c.put(y) }})
}

// narrowest is how many cells a window needs for two values beside each other, and for
// the less important columns of other views.
const narrowest = 70

// layout makes the lines: what the two events are, the findings that only one of them has,
// and the places in both.
func (c *comparison) layout(cells int) {
	c.cells, c.lines.all = cells, nil
	if c.sides[0].reading == nil {
		c.add(line{spans: []span{{plain, "Reading both" + c.theme.ellipsis}}})
		return
	}
	for i, s := range c.sides {
		says := []span{{isKey, c.label(i) + " "}, {strong, s.name}}
		for _, more := range []string{s.record.SessionID(), withoutScheme(s.record.Site())} {
			if more != "" {
				says = append(says, span{faint, " " + c.theme.dot + " " + more})
			}
		}
		c.add(line{spans: says})
	}
	for i := range c.sides {
		c.onlyFound(i)
	}
	equal := c.places(c.sides[0].tree.root, c.sides[1].tree.root)
	switch {
	case equal > 0 && !c.all:
		c.add(line{spans: []span{{faint, fmt.Sprintf("%s the same in both; a shows them", isOrAre(equal, "place"))}}})
	case c.all:
		c.add(line{spans: []span{{faint, "a shows only what differs"}}})
	}
}

func isOrAre(n int, noun string) string {
	if n == 1 {
		return "1 " + noun + " is"
	}
	return words.Plural(n, noun) + " are"
}

func (c *comparison) add(l line) { c.lines.all = append(c.lines.all, l) }

func (c *comparison) label(i int) string { return [2]string{"A", "B"}[i] }

// onlyFound lists the findings that side i has and the other has not.
func (c *comparison) onlyFound(i int) {
	in := map[string]bool{}
	for _, f := range c.sides[1-i].record.Findings {
		in[f.Rule+" "+f.At] = true
	}
	for _, f := range c.sides[i].record.Findings {
		if in[f.Rule+" "+f.At] {
			continue
		}
		glyph, st := c.theme.severity(f.Severity)
		if c.sides[i].accepted[f] != nil {
			glyph, st = c.theme.other, faint
		}
		c.add(line{finding: true, spans: []span{{plain, "only " + c.label(i) + " "}, {st, glyph + " " + f.Rule + " "}, {isKey, f.At + " "}, {plain, f.Message}}})
	}
}

// places lays out a place and the places in it. a and b are what the two events have there,
// nil for nothing. equal is how many of the places are the same in both.
func (c *comparison) places(a, b *node) (equal int) {
	switch {
	case a != nil && b != nil && a.branch() && b.branch() && a.kind == b.kind:
		for _, n := range a.children {
			equal += c.places(n, child(b, n.name))
		}
		for _, n := range b.children {
			if child(a, n.name) == nil {
				equal += c.places(nil, n)
			}
		}
	case a != nil && b != nil && a.reads() == b.reads():
		if c.all {
			c.place(a.at, [2]*node{a, b}, " ", faint)
		}
		return 1
	case a != nil:
		c.place(a.at, [2]*node{a, b}, c.theme.differs, isWarning)
	default:
		c.place(b.at, [2]*node{a, b}, c.theme.differs, isWarning)
	}
	return equal
}

// child is the member of n with a name, nil if there is none. Its index is made at the first
// call, because only comparisons need it.
func child(n *node, name string) *node {
	if n.byName == nil {
		n.byName = make(map[string]*node, len(n.children))
		for _, c := range n.children {
			n.byName[c.name] = c
		}
	}
	return n.byName[name]
}

// mostLines bounds how many lines one value takes in a comparison.
const mostLines = 8

// place lays out what both events have at a place: beside each other, or in a narrow window
// below each other.
func (c *comparison) place(at string, both [2]*node, glyph string, st style) {
	differs := st != faint
	value := func(n *node, cells int) []string {
		says, kind := "missing", ""
		if n != nil {
			says, kind = n.says()
		}
		if kind != "" && n.kind != "string" {
			says += "  " + kind
		}
		all := wrap(visible(c.theme.head(says, maxSpan)), cells)
		if len(all) > mostLines {
			all = append(all[:mostLines-1], c.theme.ellipsis)
		}
		return all
	}
	style := func(n *node) style {
		switch {
		case !differs:
			return faint
		case n == nil:
			return isError
		}
		return strong
	}
	if c.cells < narrowest {
		c.add(line{finding: differs, spans: []span{{st, glyph + " "}, {isKey, at}}})
		for i, n := range both {
			for k, s := range value(n, c.cells-4) {
				label := c.label(i)
				if k > 0 {
					label = " "
				}
				c.add(line{more: true, spans: []span{{faint, "  " + label + " "}, {style(n), s}}})
			}
		}
		return
	}
	name := max(20, c.cells/4)
	room := (c.cells - 2 - name) / 2
	names := wrap(visible(c.theme.head(at, maxSpan)), name-1)
	left, right := value(both[0], room-1), value(both[1], room-1)
	for i := range max(len(names), len(left), len(right)) {
		part := func(all []string, cells int) string {
			if i < len(all) {
				return pad(all[i], cells, c.theme.ellipsis)
			}
			return strings.Repeat(" ", cells)
		}
		if i > 0 {
			glyph = " "
		}
		c.add(line{finding: differs && i == 0, more: i > 0, spans: []span{
			{st, glyph + " "},
			{isKey, part(names, name)},
			{style(both[0]), part(left, room)},
			{style(both[1]), part(right, room)},
		}})
	}
}
