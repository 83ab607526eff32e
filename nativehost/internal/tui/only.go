package tui

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"userlike-inspector/nativehost/internal/filter"
	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/words"
)

// A choice is a filter that the menu of the key f offers, by what is under the cursor.
type choice struct {
	key string // in the menu

	// One of these, by which everything is filtered:
	text   string         // a filter's text
	filter *filter.Filter // a filter that no text can say
	visit  visitAsk       // the visit of a row, which the judge has to be asked for
}

// choiceName is what a key of the menu stands for.
func choiceName(key string) string {
	return map[string]string{
		"e": "event", "v": "visit", "r": "rule", "f": "value", "p": "place", "w": "went to",
		"c": "contact", "s": "site", "t": "tab", "d": "document", "b": "browser",
	}[key]
}

// says is what the menu shows for the choice.
func (c choice) says() string {
	switch {
	case c.filter != nil:
		return c.filter.Name()
	case c.visit.row > 0:
		return c.visit.name()
	}
	return c.text
}

// choose opens the menu of filters. It is about what is under the cursor now, also if records
// come while it is open.
func (a *app) choose() {
	a.choices = nil
	switch b := a.board(); {
	case b == nil:
		a.events.pause()
		a.choices = a.choicesOfEvent()
	case b.current() != nil && b.current().choices != nil:
		b.used = true
		a.choices = b.current().choices()
	}
	if len(a.choices) == 0 {
		a.flash = "there is nothing here to filter by"
		return
	}
	a.menu = inOnly
}

// choicesOfEvent are the choices for the event under the cursor and, while the keys are in the
// detail, for the place there.
func (a *app) choicesOfEvent() (all []choice) {
	r := a.events.cache.get(a.events.cursor)
	if r == nil || a.events.list.count() == 0 {
		return nil
	}
	add := func(key, text string) { all = append(all, choice{key: key, text: text}) }
	page, _, _ := strings.Cut(r.ID, "/")
	switch r.Kind {
	case record.Call:
		add("e", "event:"+filter.Quote(r.Event))
	case record.Hit:
		all = append(all, atPlace(r.address()))
	default:
		add("e", "kind:"+string(r.Kind))
	}
	if r.Kind != record.Mark {
		all = append(all, choice{key: "v", visit: visitAsk{row: r.Row.Row, page: page, session: r.Session}})
	}
	rule := ""
	if len(r.Rules) > 0 {
		rule = r.Rules[0]
	}
	l := a.detail.current()
	if a.pane != inDetail || a.detail.reading == nil || a.detail.row != a.events.cursor {
		l = nil
	}
	if l != nil && l.rule != "" {
		rule = l.rule
	}
	if rule != "" {
		add("r", "rule:"+filter.Quote(rule))
	}
	if l != nil && l.node != nil {
		all = append(all, choicesOfPlace(a.detail.record, l.node)...)
	}
	return append(all, choicesOfPage(r.Site, r.Tab, page, r.Kind)...)
}

// choicesOfPlace are the choices for a place in a call's arguments or in a hit's data.
func choicesOfPlace(r *record.Record, n *node) (all []choice) {
	if len(n.carries) > 0 {
		return []choice{{key: "f", text: "carries:" + filter.Quote(n.carries[0].What)}}
	}
	if r.Kind != record.Call || n.at == "" {
		return nil
	}
	name := filter.QuoteName(n.at)
	value, kind := n.says()
	switch {
	case value == "missing" && kind == "":
		return []choice{{key: "f", text: "-" + name + ":*"}}
	case len(n.notes) > 0 && !n.branch():
		all = append(all, choice{key: "f", text: name + ":" + filter.Quote(n.notes[0].Is)})
	case !n.branch():
		all = append(all, choice{key: "f", text: name + ":" + filter.Quote(sentAs(r, n.at))})
	}
	return append(all, choice{key: "p", text: name + ":*"})
}

// sentAs is a value of a call as filters compare it.
func sentAs(r *record.Record, at string) string {
	value, ok := valueAt(r.Args, at)
	if !ok {
		return ""
	}
	text, _ := filter.TextOf(value)
	return text
}

// choicesOfPage are the choices for where something was recorded: site, tab, document.
func choicesOfPage(origin string, tab *int, page string, kind record.Kind) (all []choice) {
	if kind == record.Mark {
		return nil
	}
	if origin != "" {
		all = append(all, choice{key: "s", text: "site:" + filter.Quote(withoutScheme(origin))})
	}
	if tab != nil {
		all = append(all, choice{key: "t", text: "tab:" + strconv.Itoa(*tab)})
	}
	if page != "" {
		all = append(all, choice{key: "d", text: "id:" + filter.Quote(page+"/") + "*"})
	}
	return all
}

// only narrows everything to the menu's choice with a key or, with except, to all but that.
// The filter that is in force stays in force as well.
func (a *app) only(key string, except bool) {
	a.menu = 0
	i := slices.IndexFunc(a.choices, func(c choice) bool { return c.key == key })
	if i < 0 {
		a.flash = fmt.Sprintf("there is no %s here to filter by", choiceName(key))
		return
	}
	switch c := a.choices[i]; {
	case c.filter != nil:
		a.narrow(c.filter, except)
	case c.visit.row > 0:
		a.feed.start(func() {
			f := a.feed.visitOf(a.feed.ctx, c.visit)
			a.feed.post(a.feed.ctx, func() { a.narrow(f, except) })
		})
	default:
		f, err := a.parse(c.text)
		if err != nil {
			a.flash = "this can't be filtered by: " + words.Plain(err)
			return
		}
		a.narrow(f, except)
	}
}

// narrow adds a filter, or with except its opposite, to the filter in force.
func (a *app) narrow(f *filter.Filter, except bool) {
	if except {
		f = f.Not()
	}
	s := a.scope
	if t := a.events.trail; a.view == viewEvents && t != nil { // a board's line lists these
		if s.filter = t.whole; a.events.cleared != s.since {
			s.since, s.name = a.events.cleared, ""
		}
	}
	s.filter = s.filter.And(f)
	if text := s.filter.String(); text != "" {
		if _, err := a.parse(text); err != nil {
			a.flash = "this can't be filtered by as well: " + words.Plain(err)
			return
		}
		a.remember(aboutFilters, text)
	}
	a.rescope(s)
}

// A visitAsk asks the judge for the visit of a row.
type visitAsk struct {
	row     int64
	page    string // the row's document
	session string // the row's session, "" for none
	answer  chan journey.Visit
}

// name is what the visit is called before the judge has been asked.
func (q visitAsk) name() string {
	if q.session == "" {
		return "visit of this page"
	}
	return "visit " + q.session
}

// visitOf is a filter for the visit of a row. The judge and the loop must not call it, for the
// reasons at visits.
func (f *feed) visitOf(ctx context.Context, q visitAsk) *filter.Filter {
	q.answer = make(chan journey.Visit, 1)
	var v journey.Visit
	select {
	case f.judge.visitAsks <- q:
		v = <-q.answer
	case <-ctx.Done():
	}
	if v.ID == "" { // the judge knows of no visit there so far
		return filter.Visit(q.name(), q.session, []string{q.page})
	}
	return filter.Visit("visit "+v.ID, v.Session, v.Documents)
}

// drawChoices draws the menu of choices above row y.
func (a *app) drawChoices(y, cells int) {
	first := max(2, y-len(a.choices))
	for i, c := range a.choices[:y-first] {
		a.put(0, first+i, cells, span{isKey, " " + c.key + "  "}, span{plain, pad(choiceName(c.key), 10, "")}, span{strong, a.theme.cell(c.says(), cells-14)})
	}
}

// visitChoice is the choice of a visit that is known already.
func visitChoice(id, session string, documents []string) choice {
	return choice{key: "v", filter: filter.Visit("visit "+id, session, documents)}
}

// textChoices makes choices of pairs of a key and a filter's text. Pairs without a text are
// left out.
func textChoices(texts ...[2]string) func() []choice {
	return func() (all []choice) {
		for _, t := range texts {
			if t[1] != "" {
				all = append(all, choice{key: t[0], text: t[1]})
			}
		}
		return all
	}
}
