package tui

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"userlike-inspector/nativehost/internal/filter"
	"userlike-inspector/nativehost/internal/glossary"
	"userlike-inspector/nativehost/internal/pagestate"
	"userlike-inspector/nativehost/internal/record"
)

// maxSources bounds how many documents are told apart; those not heard of for
// longest go first.
const maxSources = 1000

// A source is one document in a browser, as far as its records tell of it.
type source struct {
	document string
	browser  record.Browser
	tab      int  // -1 for none
	sub      bool // it is not a tab's top frame
	url      string

	state pagestate.Document
	row   int64 // of the newest record
	heard record.Time
	delay time.Duration // of the newest record, from the page to the host; -1 if unknown
}

// sources are the documents that were heard of.
type sources struct {
	known map[string]*source
	gone  int // how many are told apart no more
	list  []source
}

// add takes in a record.
func (s *sources) add(row int64, r *record.Record) {
	if r.Kind == record.Mark || r.Kind == record.Hit { // hits come late, and from workers: they tell nothing of the way of calls
		return
	}
	if s.known == nil {
		s.known = map[string]*source{}
	}
	d := s.known[r.Document]
	if d == nil {
		if len(s.known) >= 2*maxSources {
			s.forget()
		}
		d = &source{document: r.Document, tab: -1, delay: -1}
		s.known[r.Document] = d
	}
	d.row, d.heard = row, r.Time
	if r.Received != nil {
		d.delay = r.Received.Sub(r.Time.Time)
	}
	if r.Browser != nil {
		d.browser = *r.Browser
	}
	if r.Tab != nil {
		d.tab = *r.Tab
	}
	if r.Frame != nil {
		d.sub = *r.Frame != 0
	}
	if r.URL != "" {
		d.url = r.URL
	}
	d.state.Add(r, pagestate.Sighting{ID: r.ID, Order: row, Time: r.Time.UnixMilli()})
}

// forget keeps the newest half.
func (s *sources) forget() {
	all := s.sorted()
	for _, d := range all[maxSources:] {
		delete(s.known, d.document)
		s.gone++
	}
}

// sorted are the documents, that heard of last first.
func (s *sources) sorted() []source {
	all := make([]source, 0, len(s.known))
	for _, d := range s.known {
		all = append(all, *d)
	}
	slices.SortFunc(all, func(a, b source) int { return cmp.Compare(b.row, a.row) })
	return all
}

// copy is what is shown: the documents that are open, and of the others those
// that were heard of last.
func (s *sources) copy() sources {
	all := s.sorted()
	shown := all[:0]
	for _, d := range all {
		one := &d.state
		idle := d.sub && one.Calls == 0 && one.Gaps == 0 && (one.Handler == "" || one.Running == nil) // such as the client's own frames
		if !idle {
			d.state = one.Clone()
			shown = append(shown, d)
		}
	}
	more := max(0, len(shown)-maxSources)
	return sources{gone: s.gone + more, list: shown[:len(shown)-more]}
}

// A trouble is what a document suffers from, and what to do.
type trouble struct {
	severity     record.Severity
	says, remedy string
}

// troubles say how a document stands, the worst first: what it has lost, and how it is
// now. The severity is an error where calls are or will be missed, "" where all is well.
func (d *source) troubles(now time.Time) []trouble {
	state := d.state.State(now)
	term := state.Of()
	all := []trouble{{pagestate.Severity(state), term.Meaning, term.Remedy}}
	if n := d.state.Uncalled; n > 0 {
		all = append(all, trouble{record.Info, fmt.Sprintf("%s not recorded: %s.", wereLost(n), record.PausedByTester), ""})
	}
	if d.state.Gaps > 0 {
		lost := trouble{record.Error, fmt.Sprintf("%s not recorded: %s", wereLost(d.state.Lost), d.state.Why), glossary.CallsLost.Of().Remedy}
		all = slices.Insert(all, 0, lost)
	}
	return all
}

func sourcesView() viewKind {
	return viewKind{
		name: "Sources", meaning: "the sources: browsers and pages, and why nothing arrives",
		empty:   []string{"No browser has been heard of."},
		welcome: true,
		content: func(j *judge) content { return j.sources.copy() },
	}
}

// changesUntil: how long ago a document was heard of is told in seconds for a while.
func (s sources) changesUntil() (until time.Time) {
	for _, d := range s.list {
		if t := d.heard.Add(2 * time.Minute); t.After(until) {
			until = t
		}
	}
	return until
}

// lines are the browsers, and the documents in each.
func (s sources) lines(a *app, cells int) (head []span, all []line) {
	page := max(cells-54, 10)
	head = []span{{faint, pad("TAB", 11, "") + "  " + pad("PAGE", page, "") + " " + pad("FUNCTION", 13, "") + pad("CLIENT", 10, "") + pad("CALLS", 7, "") + "HEARD"}}
	list := slices.Clone(s.list)
	first := map[record.Browser]int64{} // browsers are in the order of their newest record
	for _, d := range list {
		first[d.browser] = max(first[d.browser], d.row)
	}
	slices.SortStableFunc(list, func(a, b source) int {
		closed := func(d source) int {
			if d.state.Closed {
				return 1
			}
			return 0
		}
		return cmp.Or(cmp.Compare(first[b.browser], first[a.browser]), closed(a)-closed(b), cmp.Compare(b.row, a.row))
	})
	for i := range list {
		d := &list[i]
		if i == 0 || list[i-1].browser != d.browser {
			all = append(all, a.browserLine(list, d.browser))
		}
		all = append(all, a.documentLine(d, page))
	}
	if n := s.gone; n > 0 {
		all = append(all, line{spans: []span{{faint, plural(n, "older document") + " not listed"}}})
	}
	return head, all
}

// browserLine tells of a browser.
func (a *app) browserLine(list []source, b record.Browser) line {
	var calls int
	var heard record.Time
	documents, open := 0, 0
	for _, d := range list {
		if d.browser == b {
			documents++
			calls += d.state.Calls
			if d.heard.After(heard.Time) {
				heard = d.heard
			}
			if !d.state.Closed {
				open++
			}
		}
	}
	name := strings.TrimSpace(b.Name + " " + b.Version)
	if name == "" {
		name = "a browser that is not named"
	}
	spans := []span{{strong, name}, {faint, fmt.Sprintf("  %s heard %s, %s open", a.theme.dot, a.ago(heard.Time), plural(open, "document"))}}
	return line{spans: spans, key: "browser " + b.Profile + name, about: func(d *detail) {
		d.text(strong, name)
		d.fact("profile", b.Profile)
		d.text(plain, fmt.Sprintf("%s in %s listed here (%d open). The extension speaks to this program's host, and the host writes to the store: what is listed here has come all the way.",
			plural(calls, "call"), plural(documents, "document"), open))
		d.text(faint, "If something is missing: pages of the browser itself and of its store can't be inspected. The extension's own popup, in the browser's toolbar, tells of the way from there to here; so does the command doctor.")
	}}
}

// documentLine tells of a document.
func (a *app) documentLine(d *source, page int) line {
	troubles := d.troubles(a.opts.Now())
	glyph, st := a.theme.severity(troubles[0].severity)
	tab := ""
	if d.tab >= 0 {
		tab = strconv.Itoa(d.tab)
	}
	address := site(d.url)
	text := plain
	client, handler := cmp.Or(string(d.state.Client), "none"), cmp.Or(string(d.state.Handler), "none")
	if d.state.StandIn {
		handler = "stand-in"
	}
	if d.state.Closed {
		text, address = faint, "(left) "+address
	}
	cell := func(s string, n int) string { return pad(visible(a.theme.head(s, maxSpan)), n, a.theme.ellipsis) }
	return line{
		key:   d.document,
		spans: []span{{text, cell(tab, 11)}, {st, glyph + " "}, {text, cell(address, page) + " " + cell(handler, 13) + cell(client, 10) + cell(strconv.Itoa(d.state.Calls), 7) + a.ago(d.heard.Time)}},
		open:  func(a *app) { a.openRows("id:" + filter.Quote(d.document+"/") + "*") },
		about: func(v *detail) {
			for _, one := range troubles {
				glyph, st := a.theme.severity(one.severity)
				for i, s := range v.wrap(one.says, v.cells-2) {
					if i > 0 {
						glyph = " "
					}
					v.add(line{spans: []span{{st, glyph + " "}, {plain, s}}})
				}
				if one.remedy != "" {
					v.text(strong, one.remedy)
				}
			}
			v.text(faint, d.way(a.theme))
			v.fact("url", d.url)
			v.fact("document", d.document)
		},
	}
}

// way says hop by hop how records of the document come here.
func (d *source) way(t *theme) string {
	hook := t.good
	if !d.state.Hooked {
		hook = t.bad
	}
	delay := ""
	if d.delay >= 0 {
		delay = fmt.Sprintf(" (the newest record took %d ms)", d.delay.Milliseconds())
	}
	return fmt.Sprintf("%s hook  %s relay  %s background  %s host  %s store%s", hook, t.good, t.good, t.good, t.good, delay)
}

func (a *app) ago(t time.Time) string { return ago(t, a.opts.Now()) }

// ago is how long ago a time was, in words.
func ago(t, now time.Time) string {
	d := now.Sub(t)
	switch {
	case t.IsZero():
		return "never"
	case d < time.Second:
		return "now"
	case d < time.Minute:
		return fmt.Sprintf("%d s ago", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min ago", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h ago", int(d.Hours()))
	}
	return fmt.Sprintf("%d days ago", int(d.Hours()/24))
}
