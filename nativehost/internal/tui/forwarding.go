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
	"userlike-inspector/nativehost/internal/systems"
	"userlike-inspector/nativehost/internal/words"
)

func forwardingView() viewKind {
	cursor := &placeKey{}
	return viewKind{
		name: "Forwarding", meaning: "the forwarding: which events arrived at which places",
		empty: []string{"Nothing was seen of where calls went.", "",
			"What a page passes on because of a call is listed here as it comes: what it pushes to a queue such as dataLayer, and its requests to tracking systems.", "",
			"Nothing comes where no call was made (see Sources), where the site's function passes nothing on or does so where it can't be seen, such as from a server, and where following is switched off in the extension's options or by the company's settings."},
		content: func(j *judge) content { return forwarding{j.visits.Forwarding(), cursor} },
		keys: []binding{
			{keys: "h Left", show: "h ←", hint: "place", does: "the place before this one", do: func(a *app) { movePlace(a, -1) }},
			{keys: "l Right", show: "l →", does: "the place after this one", do: func(a *app) { movePlace(a, 1) }},
		},
	}
}

// forwarding is where calls went, as a matrix of events and places.
type forwarding struct {
	places []journey.Place
	cursor *placeKey // the place that the cursor is on; only the loop uses it
}

func (f forwarding) changesUntil() (until time.Time) {
	for _, p := range f.places {
		for _, e := range p.Events {
			if e.Until.After(until) {
				until = e.Until.Time
			}
		}
	}
	if until.IsZero() {
		return until
	}
	return until.Add(lookAgain) // once more after it, to show how it ended
}

// placeKey tells places apart.
type placeKey struct {
	via record.Via
	to  string
}

func keyOf(p *journey.Place) placeKey { return placeKey{p.Via, p.To} }

// chosen is the index of the place whose column the cursor is in.
func (f forwarding) chosen() int {
	return max(0, slices.IndexFunc(f.places, func(p journey.Place) bool { return keyOf(&p) == *f.cursor }))
}

// place is the place whose column the cursor is in.
func (f forwarding) place() *journey.Place { return &f.places[f.chosen()] }

// move moves the cursor by n columns. It returns why it can't, "" if it can.
func (f forwarding) move(n int) (why string) {
	if len(f.places) == 0 {
		return "there are no places yet"
	}
	i := f.chosen() + n
	if i < 0 || i >= len(f.places) {
		return "there is no place further that way"
	}
	*f.cursor = keyOf(&f.places[i])
	return ""
}

// movePlace is what h and l do.
func movePlace(a *app, n int) {
	f, _ := a.verdicts.content.(forwarding)
	if a.flash = f.move(n); a.flash == "" {
		a.board().of = nil // so that the lines are made again
	}
}

// The columns of the matrix, in cells.
const (
	eventCells = 29
	callsCells = 6
	leastPlace = 14
	mostPlace  = 30
)

// lines is the matrix: a line for all hits, one for each event, and one for personal data.
func (f forwarding) lines(t *theme, cells int) (head []span, lines []line) {
	if len(f.places) == 0 {
		return nil, nil
	}
	m := f.matrix(t, cells)
	lines = append(lines, m.hits())
	for _, e := range f.events() {
		lines = append(lines, m.event(e))
	}
	return m.titles(), append(lines, m.personal())
}

// A matrix is forwarding with a column for each place that there is room for. The columns scroll
// with the cursor.
type matrix struct {
	*theme
	forwarding
	at    int             // the index of the place that the cursor is on
	shown []journey.Place // the places that there is room for
	from  int             // the index of the first of them
	cells int             // how wide the column of a place is
}

func (f forwarding) matrix(t *theme, cells int) *matrix {
	m := &matrix{theme: t, forwarding: f, at: f.chosen()}
	left := cells - eventCells - callsCells - 1 // 1 for the sign ">" that there are more
	m.cells = max(leastPlace, min(left/len(f.places), mostPlace))
	room := max(1, left/m.cells)
	m.from = max(0, m.at-room+1)
	m.shown = f.places[m.from:min(len(f.places), m.from+room)]
	return m
}

// titles are the columns' titles.
func (m *matrix) titles() []span {
	head := []span{{faint, pad("EVENT", eventCells, "") + pad("CALLS", callsCells, "")}}
	for i := range m.shown {
		st, before := faint, " "
		if m.from+i == m.at {
			st = strong
		}
		if i == 0 && m.from > 0 {
			before = "<" // there are more to the left
		}
		head = append(head, span{faint, before}, span{st, m.cell(shortPlace(&m.shown[i]), m.cells-2) + " "})
	}
	if m.from+len(m.shown) < len(m.places) {
		head = append(head, span{faint, ">"})
	}
	return head
}

// row is a line with what cell says of each place.
func (m *matrix) row(key, name, calls string, cell func(*journey.Place) (string, style)) line {
	l := line{key: key, spans: []span{{plain, m.cell(name, eventCells-1) + " " + m.cell(calls, callsCells)}}}
	for i := range m.shown {
		text, st := cell(&m.shown[i])
		before, after := " ", " "
		if m.from+i == m.at {
			before, after = "[", "]"
		}
		text = clip(visible(m.head(text, maxSpan)), m.cells-3, m.ellipsis)
		l.spans = append(l.spans, span{strong, before}, span{st, text}, span{strong, pad(after, m.cells-1-width(text), "")})
	}
	return l
}

// toPlace narrows everything to the hits at the place under the cursor.
func (m *matrix) toPlace() choice {
	return atPlace(m.places[m.at].To)
}

// atPlace narrows to the hits at a place, whose * stands for anything.
func atPlace(to string) choice {
	parts := strings.Split(withoutScheme(to), "*")
	for i, part := range parts {
		if part != "" {
			parts[i] = filter.Quote(part)
		}
	}
	return choice{key: "w", text: "to:" + strings.Join(parts, "*")}
}

// hits is the line of all hits.
func (m *matrix) hits() line {
	l := m.row("hits", "all hits", "", func(p *journey.Place) (string, style) { return strconv.Itoa(p.Hits), plain })
	l.choices = func() []choice { return []choice{m.toPlace()} }
	l.about = m.aboutPlace
	l.open = func(a *app) {
		m.openHits(a, "hits at ", func(*record.Record) bool { return true })
	}
	return l
}

// event is the line of an event.
func (m *matrix) event(e journey.Arrived) line {
	l := m.row("event "+e.Event, cmp.Or(e.Event, noName), strconv.Itoa(e.Calls), func(p *journey.Place) (string, style) {
		return m.arrived(p, e.Event)
	})
	l.choices = func() []choice { return []choice{{key: "e", text: "event:" + filter.Quote(e.Event)}, m.toPlace()} }
	l.about = func(d *detail) { m.aboutCell(d, e.Event) }
	l.open = func(a *app) {
		m.openHits(a, e.Event+" at ", func(r *record.Record) bool {
			return slices.ContainsFunc(r.Handed.Calls, func(id string) bool {
				event, ok := a.judge.hits.event(id)
				return ok && event == e.Event
			})
		})
	}
	return l
}

// personal is the line of who got personal data.
func (m *matrix) personal() line {
	l := m.row("personal", "personal data", "", func(p *journey.Place) (string, style) {
		if len(p.Personal) == 0 {
			return "none", faint
		}
		return m.warn + " " + personalOf(p), isWarning
	})
	l.choices = func() []choice {
		choices := []choice{m.toPlace()}
		if got := m.places[m.at].Personal; len(got) > 0 {
			choices = append(choices, choice{key: "f", text: "carries:" + filter.Quote(got[0])})
		}
		return choices
	}
	l.about = m.aboutPlace
	l.open = func(a *app) {
		m.openHits(a, "personal data at ", func(r *record.Record) bool {
			return slices.ContainsFunc(r.Handed.Carries, inspect.IsPersonal)
		})
	}
	return l
}

// events are the events of all places, each once, sorted by name. Of their numbers only
// Calls is the same at every place.
func (f forwarding) events() (events []journey.Arrived) {
	known := map[string]bool{}
	for _, p := range f.places {
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

// shortPlace names a place in a column's title.
func shortPlace(p *journey.Place) string {
	if p.System != "" && p.Via != record.Queue {
		return p.System
	}
	return withoutScheme(p.To)
}

func personalOf(p *journey.Place) string {
	var all []string
	for _, at := range p.Personal {
		all = append(all, fieldName(at))
	}
	return words.List(all, "and")
}

// eventAt is what became of an event's calls at a place. ok is false where the event is not
// expected to go there.
func eventAt(p *journey.Place, event string) (e journey.Arrived, ok bool) {
	i := slices.IndexFunc(p.Events, func(e journey.Arrived) bool { return e.Event == event })
	if i < 0 {
		return journey.Arrived{}, false
	}
	return p.Events[i], true
}

// arrived is a cell of the matrix: how many of an event's calls arrived at a place.
func (t *theme) arrived(p *journey.Place, event string) (text string, st style) {
	e, ok := eventAt(p, event)
	says := fmt.Sprintf("%d/%d", e.Forwarded, e.Calls)
	switch {
	case !ok:
		return "", plain
	case e.Doubled > 0:
		return t.warn + " " + says + " twice", isWarning
	case e.Open > 0 && e.Forwarded+e.Open >= e.Calls:
		return t.pending + " " + says, isPending
	case e.Forwarded == 0:
		return t.other + " " + says, faint
	case e.Forwarded < e.Calls || e.Failed > 0:
		return t.warn + " " + says, isWarning
	}
	return t.good + " " + says, isGood
}

// aboutPlace tells about the place under the cursor.
func (f forwarding) aboutPlace(d *detail) {
	p := f.place()
	d.text(strong, fmt.Sprintf("%s  (place %d of %d)", p.To, f.chosen()+1, len(f.places)))
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
	if p.Failed > 0 {
		hits += fmt.Sprintf(", %d of which failed", p.Failed)
	}
	d.fact("hits", hits)
	d.fact("personal", personalOf(p))
}

// aboutCell tells about an event at the place under the cursor.
func (f forwarding) aboutCell(d *detail, event string) {
	p := f.place()
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
	if e.Failed > 0 {
		d.text(isWarning, fmt.Sprintf("The request failed for %d of them: no answer came, or the server answered with an error. They still count as handed on.", e.Failed))
	}
	if e.Forwarded < e.Calls && p.Unread > 0 {
		d.text(plain, "More may have arrived in what could not be read.")
	}
	if e.Open > 0 {
		d.text(plain, fmt.Sprintf("Pending: %s may still arrive, or arrive once more, until %s.", words.Plural(e.Open, "call"), d.theme.clock(e.Until.Time)))
	}
	if e.Doubled > 0 {
		d.text(isWarning, fmt.Sprintf("%s arrived more than once with equal data: it is counted double.", words.Plural(e.Doubled, "call")))
	}
	f.aboutPlace(d)
}

// openHits lists those hits at the place under the cursor that fit.
func (f forwarding) openHits(a *app, name string, fits func(*record.Record) bool) {
	p := f.place()
	if p.Hits == 0 {
		a.flash = "nothing was seen to arrive there"
		return
	}
	via, to, known := p.Via, p.To, systems.Known()
	a.openFound(filter.Hits(strings.TrimSpace(name+withoutScheme(to)), to, func(r *record.Record) bool {
		return r.Handed.Via == via && known.Address(r.Handed.System, r.Handed.To) == to && fits(r)
	}))
}
