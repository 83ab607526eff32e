package tui

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"userlike-inspector/nativehost/internal/filter"
	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/words"
)

func forwardingView() viewKind {
	return viewKind{
		name: "Forwarding", meaning: "the forwarding: which events arrived at which places",
		empty: []string{"Nothing was seen of where calls went.", "",
			"What a page passes on because of a call is listed here as it comes: what it pushes to a queue such as dataLayer, and its requests to tracking systems.", "",
			"Nothing comes where no call was made (see Sources), where the site's function passes nothing on or does so where it can't be seen, such as from a server, and where following is switched off in the extension's options or by the company's settings."},
		content: func(j *judge) content { return forwarding(j.judge.Forwarding()) },
		keys: []binding{
			{keys: "h Left", show: "h ←", hint: "place", does: "the place before this one", do: func(a *app) { a.movePlace(-1) }},
			{keys: "l Right", show: "l →", does: "the place after this one", do: func(a *app) { a.movePlace(1) }},
		},
	}
}

// forwarding is where calls went, as a matrix of events and places.
type forwarding []journey.Place

func (forwarding) changesUntil() time.Time { return time.Time{} }

// placeKey tells places apart.
type placeKey struct {
	via record.Via
	to  string
}

func keyOf(p *journey.Place) placeKey { return placeKey{p.Via, p.To} }

// chosen is the index of the place whose column the cursor is in.
func (all forwarding) chosen(at placeKey) int {
	return max(0, slices.IndexFunc(all, func(p journey.Place) bool { return keyOf(&p) == at }))
}

// movePlace goes n columns on.
func (a *app) movePlace(n int) {
	all, _ := a.verdicts.content.(forwarding)
	i := all.chosen(a.column) + n
	switch b := a.board(); {
	case len(all) == 0:
		a.flash = "there are no places yet"
	case i < 0 || i >= len(all):
		a.flash = "there is no place further that way"
	default:
		a.column = keyOf(&all[i])
		b.of = nil // it is made again
	}
}

// The columns of the matrix, in cells.
const (
	eventCells = 29
	callsCells = 6
	leastPlace = 14
	mostPlace  = 30
)

// lines are all hits, then each event that came, then who got personal data, with a
// column for each place that there is room for.
func (all forwarding) lines(a *app, cells int) (head []span, lines []line) {
	if len(all) == 0 {
		return nil, nil
	}
	chosen := all.chosen(a.column)
	left := cells - eventCells - callsCells - 1 // for the sign that there are more
	placeCells := max(leastPlace, min(left/len(all), mostPlace))
	room := max(1, left/placeCells)
	from := max(0, chosen-room+1)
	shown := all[from:min(len(all), from+room)]
	row := func(key, name, calls string, cell func(*journey.Place) (string, style)) line {
		l := line{key: key, spans: []span{{plain, a.cell(name, eventCells-1) + " " + a.cell(calls, callsCells)}}}
		for i := range shown {
			text, st := cell(&shown[i])
			before, after := " ", " "
			if from+i == chosen {
				before, after = "[", "]"
			}
			text = clip(visible(a.theme.head(text, maxSpan)), placeCells-3, a.theme.ellipsis)
			l.spans = append(l.spans, span{strong, before}, span{st, text}, span{strong, pad(after, placeCells-1-width(text), "")})
		}
		return l
	}
	head = []span{{faint, pad("EVENT", eventCells, "") + pad("CALLS", callsCells, "")}}
	for i := range shown {
		st, before := faint, " "
		if from+i == chosen {
			st = strong
		}
		if i == 0 && from > 0 {
			before = "<" // there are more that way
		}
		head = append(head, span{faint, before}, span{st, a.cell(shortPlace(&shown[i]), placeCells-2) + " "})
	}
	if from+len(shown) < len(all) {
		head = append(head, span{faint, ">"})
	}

	everything := row("hits", "all hits", "", func(p *journey.Place) (string, style) { return strconv.Itoa(p.Hits), plain })
	everything.about = func(d *detail) { a.aboutPlace(d, all) }
	everything.open = func(a *app) {
		a.openHits(all, "hits at ", func(*record.Record) bool { return true })
	}
	lines = append(lines, everything)
	for _, e := range all.events() {
		l := row("event "+e.Event, e.Event, strconv.Itoa(e.Calls), func(p *journey.Place) (string, style) { return a.arrived(p, e.Event) })
		l.about = func(d *detail) { a.aboutCell(d, all, e.Event) }
		l.open = func(a *app) {
			a.openHits(all, e.Event+" at ", func(r *record.Record) bool {
				return slices.ContainsFunc(r.Handed.Calls, func(id string) bool {
					event, ok := a.judge.handed.event(id)
					return ok && event == e.Event
				})
			})
		}
		if e.Event == "" {
			l.spans[0].text = a.cell(noName, eventCells-1) + " " + a.cell(strconv.Itoa(e.Calls), callsCells)
		}
		lines = append(lines, l)
	}
	personal := row("personal", "personal data", "", func(p *journey.Place) (string, style) {
		if len(p.Personal) == 0 {
			return "none", faint
		}
		return a.theme.warn + " " + personalOf(p), isWarning
	})
	personal.about = func(d *detail) { a.aboutPlace(d, all) }
	personal.open = func(a *app) {
		a.openHits(all, "personal data at ", func(r *record.Record) bool { return slices.ContainsFunc(r.Handed.Carries, inspect.IsPersonal) })
	}
	return head, append(lines, personal)
}

// cell is text from anywhere in so many cells.
func (a *app) cell(s string, n int) string {
	return pad(visible(a.theme.head(s, maxSpan)), n, a.theme.ellipsis)
}

// events are those of all places, by name.
func (all forwarding) events() (events []journey.Arrived) {
	known := map[string]bool{}
	for _, p := range all {
		for _, e := range p.Events {
			if !known[e.Event] {
				known[e.Event] = true
				events = append(events, e)
			}
		}
	}
	slices.SortFunc(events, func(a, b journey.Arrived) int { return cmp.Compare(a.Event, b.Event) })
	return events
}

// shortPlace is a place in few words.
func shortPlace(p *journey.Place) string {
	if p.System != "" && p.Via != record.Queue {
		return p.System
	}
	return placeOf(p.To)
}

func personalOf(p *journey.Place) string {
	var all []string
	for _, at := range p.Personal {
		all = append(all, fieldName(at))
	}
	return words.List(all, "and")
}

// eventAt is what became of an event's calls at a place; ok tells that there is
// something to say of it.
func eventAt(p *journey.Place, event string) (e journey.Arrived, ok bool) {
	i := slices.IndexFunc(p.Events, func(e journey.Arrived) bool { return e.Event == event })
	if i < 0 {
		return journey.Arrived{}, false
	}
	return p.Events[i], true
}

// arrived says in few cells how many of an event's calls arrived.
func (a *app) arrived(p *journey.Place, event string) (text string, st style) {
	e, ok := eventAt(p, event)
	says := fmt.Sprintf("%d/%d", e.Forwarded, e.Calls)
	switch {
	case !ok:
		return "", plain
	case e.Doubled > 0:
		return a.theme.warn + " " + says + " twice", isWarning
	case e.Forwarded == 0:
		return a.theme.other + " " + says, faint
	case e.Forwarded < e.Calls:
		return a.theme.warn + " " + says, isWarning
	}
	return a.theme.good + " " + says, isGood
}

// aboutPlace tells of the place under the cursor.
func (a *app) aboutPlace(d *detail, all forwarding) {
	i := all.chosen(a.column)
	p := &all[i]
	d.text(strong, fmt.Sprintf("%s  (place %d of %d)", p.To, i+1, len(all)))
	d.fact("system", p.System)
	switch p.Via {
	case record.Queue:
		d.text(plain, "A queue in the page: what is pushed to it is there for tag managers to take. It has not left the browser by that.")
	case record.Request:
		d.text(plain, "Requests of the page.")
	default:
		d.text(isWarning, "The plan wants calls here. Nothing was seen to arrive.")
	}
	hits := words.Plural(p.Hits, "hit")
	if p.Unread > 0 {
		hits += fmt.Sprintf(", %d of which could not be read", p.Unread)
	}
	d.fact("hits", hits)
	d.fact("personal", personalOf(p))
}

// aboutCell tells of an event at the place under the cursor.
func (a *app) aboutCell(d *detail, all forwarding, event string) {
	p := &all[all.chosen(a.column)]
	name := cmp.Or(event, noName)
	e, ok := eventAt(p, event)
	switch {
	case !ok:
		d.text(plain, name+" is not wanted here.")
	case e.Forwarded == 0:
		d.text(plain, fmt.Sprintf("%s: of %s, none was seen to arrive here. That is wrong only if it should: a plan can say so, by forward.", name, words.Plural(e.Calls, "call")))
	case e.Forwarded < e.Calls:
		d.text(plain, fmt.Sprintf("%s: %d of %s arrived here.", name, e.Forwarded, words.Plural(e.Calls, "call")))
	default:
		d.text(plain, fmt.Sprintf("%s: every call arrived here, %d in all.", name, e.Calls))
	}
	if e.Forwarded < e.Calls && p.Unread > 0 {
		d.text(plain, "More may have arrived in what could not be read.")
	}
	if e.Doubled > 0 {
		d.text(isWarning, fmt.Sprintf("%s arrived more than once with equal data: it is counted double.", words.Plural(e.Doubled, "call")))
	}
	a.aboutPlace(d, all)
}

// openHits lists those hits at the place under the cursor that fit.
func (a *app) openHits(all forwarding, name string, fits func(*record.Record) bool) {
	p := &all[all.chosen(a.column)]
	if p.Hits == 0 {
		a.flash = "nothing was seen to arrive there"
		return
	}
	via := p.Via
	a.openFound(filter.Hits(strings.TrimSpace(name+placeOf(p.To)), p.To, func(r *record.Record) bool { return r.Handed.Via == via && fits(r) }))
}
