package tui

import (
	"fmt"
	"slices"

	"userlike-inspector/nativehost/internal/words"
)

// footer draws the question that is being answered or else, on one line, a message, how much
// of the recording is listed, and what the keys do. A message that does not fit covers the
// lines above until the next key.
func (a *app) footer(y, cells int) {
	if a.place()&inAsking != 0 {
		a.question(y, cells)
		return
	}
	var spans []span
	text, room := a.flash, y/4
	if a.menu == inConsent && (text == "" || a.simulation.asks != "") {
		text, room = a.simulation.asked(), y-2 // nobody should agree to a question that is cut
	}
	if said := wrap(visible(a.theme.head(text, maxSpan)), cells-2); len(said) > 1 {
		said = said[:min(len(said), room)]
		for i, s := range said {
			a.put(0, y-len(said)+i, cells, span{strong, pad(" "+s, cells, "")})
		}
	} else if text != "" {
		spans = append(spans, span{strong, text}, span{plain, repeat(" ", min(3, cells-2-width(visible(text))))})
	} else if by, narrowed := a.events.list.narrowed(); narrowed && a.place()&inPanes != 0 {
		spans = append(spans, span{strong, clip(visible(by), cells/2, a.theme.ellipsis)}, span{plain, " " + a.events.list.progress() + "   "})
	} else if a.events.trail != nil && a.place()&inPanes != 0 {
		spans = append(spans, span{strong, "all records"}, span{plain, fmt.Sprintf(" %d of %d   ", a.events.list.count(), a.events.list.last)})
	} else if a.events.list.first > 0 && a.place()&inPanes != 0 {
		spans = append(spans, span{strong, a.scope.name}, span{plain, fmt.Sprintf(" %d of %d   ", a.events.list.count(), a.events.list.last)})
	}
	if a.menu == inQuitting {
		spans = []span{{strong, "Quit? This closes " + a.opts.Browser + ".   "}}
	}
	if a.menu == inOnly {
		a.drawChoices(y, cells)
	}
	if name := map[place]string{inCopy: "copy   ", inOnly: "only   ", inSimulate: "simulate   "}[a.menu]; name != "" {
		if text == "" { // no message, so the menu takes the place of how much is listed
			spans = nil
		}
		spans = append([]span{{strong, name}}, spans...)
	}
	a.put(1, y, cells-2, append(spans, a.hints(cells-2-widthOf(spans))...)...)
}

// question draws the line in which something is typed, and above it, over what is there, a note
// about the answer.
func (a *app) question(y, cells int) {
	room := cells - 1
	if a.asking.in == inFilter && a.view == viewEvents {
		room = cells - 30
		a.put(room+1, y, cells-room-2, span{faint, a.events.list.progress()})
	}
	said := a.notes(a.theme, cells-2)
	said = said[:min(len(said), max(y/4, 1))]
	for i, spans := range said {
		a.put(0, y-len(said)+i, cells, span{plain, repeat(" ", cells)})
		a.put(1, y-len(said)+i, cells-2, spans...)
	}
	a.field.SetRect(0, y, room, 1)
	a.field.Draw(a.screen)
}

// notes are the lines above the question: how the answer can go on, how it will be done, and
// what is wrong with a filter.
func (p *prompt) notes(t *theme, room int) (all [][]span) {
	q := p.asking
	switch {
	case q.in == inFilter:
		all = p.filterState(t, room)
	case len(q.suggestions) > 0:
		all = append(all, q.ways(room))
	}
	if q.note != nil {
		all = append(all, []span{{plain, q.note()}})
	}
	return all
}

// few is how many suggestions leave room for an error message beside them.
const few = 5

// filterState tells whether the filter that is being typed is valid, what can follow, and the
// error or the meaning of the suggestion.
func (p *prompt) filterState(t *theme, room int) [][]span {
	f, q := p.typed, p.asking
	if f.err == nil {
		spans := append([]span{{isGood, t.good + " "}}, q.ways(room-2)...)
		switch n := len(q.suggestions); {
		case n == 1 || q.taken >= 0:
			spans = append(spans, span{faint, q.suggestions[max(q.taken, 0)].Meaning})
		case n == 0:
			spans = append(spans, span{faint, "a space begins another term: both have to hold"})
		}
		return [][]span{spans}
	}
	spans := []span{{isError, t.bad + " "}}
	if len(q.suggestions) <= few || q.taken >= 0 {
		spans = append(spans, q.ways(room-2)...)
	}
	why := visible(t.head(words.Plain(f.err), maxSpan))
	if widthOf(spans)+width(why) <= room {
		return [][]span{append(spans, span{plain, why})}
	}
	var all [][]span
	if len(spans) > 1 { // the suggestions need their own line
		all, spans = [][]span{spans}, []span{{plain, "  "}}
	}
	for _, s := range wrap(why, room-2) {
		all = append(all, append(spans, span{plain, s}))
		spans = []span{{plain, "  "}}
	}
	return all
}

// ways are the suggestions, from where there is room for the one that Tab has put in.
func (c *completion) ways(room int) (spans []span) {
	first, used := 0, 0
	for i, s := range c.suggestions {
		if used += width(visible(s.Text)) + 2; used > room && i <= c.taken {
			first, used = i, width(visible(s.Text))+2
		}
		if i > c.taken && used > room {
			break
		}
	}
	for i, s := range c.suggestions[first:] {
		st := isKey
		if first+i == c.taken {
			st = strong
		}
		spans = append(spans, span{st, s.Text + "  "})
		if room -= width(visible(s.Text)) + 2; room <= 0 {
			break
		}
	}
	return spans
}

// hints are what keys do where they go now, as many as there is room for.
func (a *app) hints(room int) []span {
	var spans []span
	in := a.place()
	if in&inViews != 0 && a.welcomes() {
		in = inWelcome
	}
	for _, b := range a.hinted(in) {
		hint := b.hint
		switch {
		case hint == "finding" && in == inDetail && a.detail.sought != "":
			hint = "match"
		case hint == "pause" && !a.events.following:
			hint = "resume"
		case b.keys == "q" && hint == "quit" && a.canGoBack():
			hint = "back"
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

// hinted are the bindings of a place that have a hint. Where events are hidden, the key that
// brings them back comes first.
func (a *app) hinted(in place) (all []binding) {
	_, narrowed := a.events.list.narrowed()
	for _, b := range a.bindings {
		switch {
		case b.in&in == 0 || b.hint == "":
		case b.keys == "H" && !a.events.hitsMet:
		case in == inEvents && b.keys == "Esc":
			if narrowed || a.scope.since > a.begun.since || a.zoomed {
				all = slices.Insert(all, 0, b)
			}
		default:
			all = append(all, b)
		}
	}
	return all
}
