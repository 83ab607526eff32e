package tui

import (
	"fmt"
	"strings"
)

// findText asks for a text and goes to its next place in the detail, the comparison or the
// help.
func (a *app) findText() {
	l, name := a.searched()
	if q := a.asking; q != nil { // the help was opened while a filter is being typed
		q.text = a.field.GetText() // the filter is asked for again afterwards, as far as it was typed
	}
	a.ask(&question{
		in:     inPrompt,
		about:  aboutTexts,
		label:  "find: ",
		hint:   "a text in this " + name + "; n and N go on from there",
		under:  a.asking,
		ofHelp: a.helping,
		done: func(text string) {
			l.sought = lowered(text)
			a.findFrom(l.cursor-1, 1) // so that the cursor's own line is searched too
		},
	})
}

// searched are the lines in which a text is looked for, and their name for messages.
func (a *app) searched() (l *lines, name string) {
	switch {
	case a.helping:
		return a.help, "help"
	case a.compared != nil:
		return a.compared.lines, "comparison"
	}
	return a.detail.lines, "event"
}

// findNext goes to the next place that has the text, or with direction -1 to the one before.
// After the last it goes on from the first.
func (a *app) findNext(direction int) {
	l, _ := a.searched()
	a.findFrom(l.cursor, direction)
}

func (a *app) findFrom(line, direction int) {
	l, name := a.searched()
	all := l.matches()
	if len(all) == 0 {
		a.flash = fmt.Sprintf("“%s” is not in this %s", l.sought, name)
		return
	}
	i, round := nextMatch(all, line, direction)
	if m := all[i]; m.node == nil {
		l.cursor = m.line
	} else {
		a.detail.reveal(m.node)
	}
	a.flash = fmt.Sprintf("“%s”: %d of %d", l.sought, i+1, len(all))
	if round {
		a.flash += ", went round"
	}
}

// endFind ends the search for a text, so that n goes to findings again. It tells whether
// there was one.
func (a *app) endFind() bool {
	l, _ := a.searched()
	had := l.sought != "" && (l != a.detail.lines || a.pane == inDetail && a.view == viewEvents)
	if had {
		l.sought = ""
	}
	return had
}

// A match is where a text was found.
type match struct {
	line int
	node *node // nil unless the line does not show it: the place is folded away there, or its value is cut
}

// matches are all places that have the text, from the first line to the last. Lines that
// were broken to fit are searched as one, with and without a space where they were broken.
func (l *lines) matches() (all []match) {
	for i := 0; i < len(l.all); i++ {
		one, first := l.all[i], i
		parts := []string{textOf(one)}
		for i+1 < len(l.all) && l.all[i+1].more {
			i++
			parts = append(parts, strings.TrimSpace(textOf(l.all[i])))
		}
		own := one.node != nil && one.rule == ""
		switch {
		case l.has(strings.Join(parts, " ")) || len(parts) > 1 && l.has(strings.Join(parts, "")):
			all = append(all, match{line: first})
		case own && !one.node.branch() && l.has(one.node.reads()):
			all = append(all, match{first, one.node})
		}
		if own && one.node.branch() && !one.node.open {
			for _, n := range one.node.children {
				all = l.matchesIn(n, first, all)
			}
		}
	}
	return all
}

// matchesIn adds the matches in a node that is folded away behind a line, and in all below
// the node.
func (l *lines) matchesIn(n *node, line int, all []match) []match {
	has := l.has(n.reads())
	for _, f := range n.findings {
		has = has || l.has(f.Rule+": "+f.Message)
	}
	if has {
		all = append(all, match{line, n})
	}
	for _, c := range n.children {
		all = l.matchesIn(c, line, all)
	}
	return all
}

func (l *lines) has(text string) bool { return strings.Contains(lowered(text), l.sought) }

// reads is the whole text of a node, which the screen may show only in part.
func (n *node) reads() string {
	value, kind := n.says()
	return n.name + ": " + value + "  " + kind
}

func textOf(l line) string {
	var b strings.Builder
	for _, s := range l.spans {
		b.WriteString(s.text)
	}
	return b.String()
}

// nextMatch finds the match after a line, or before it with direction -1. round tells that
// there is none and the search went on from the other end.
func nextMatch(all []match, line, direction int) (i int, round bool) {
	if direction > 0 {
		for i, m := range all {
			if m.line > line || m.line == line && m.node != nil && !m.node.open {
				return i, false
			}
		}
		return 0, true
	}
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].line < line {
			return i, false
		}
	}
	return len(all) - 1, true
}

// reveal goes to a node. It unfolds all that the node is in and, if it is cut, its value.
func (d *detail) reveal(n *node) {
	for up := n.parent; up != nil; up = up.parent {
		up.open, up.chosen = true, true
	}
	if !n.branch() {
		n.open, n.chosen = true, true
	}
	d.layout()
	d.goTo(n)
}

// lowered makes A to Z small. Other letters stay: their small ones can have another length,
// and highlight needs the same offsets in both texts.
func lowered(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// highlight marks every place of a text in spans. It stops where a span is cut for drawing,
// so that a huge text costs no time.
func (t *theme) highlight(spans []span, text string) (all []span) {
	for _, s := range spans {
		s.text = t.head(s.text, maxSpan)
		for low := lowered(s.text); ; {
			i := strings.Index(low, text)
			if i < 0 {
				break
			}
			end := i + len(text)
			all = append(all, span{s.style, s.text[:i]}, span{isFound, s.text[i:end]})
			s.text, low = s.text[end:], low[end:]
		}
		all = append(all, s)
	}
	return all
}
