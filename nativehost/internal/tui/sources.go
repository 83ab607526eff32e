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
	"userlike-inspector/nativehost/internal/words"
)

// maxSources bounds how many documents are listed. Those whose newest record is oldest are
// left out first.
const maxSources = 1000

// A source is one document in a browser, as far as its records tell.
type source struct {
	document string
	browser  record.Browser
	tab      int  // -1 for none
	sub      bool // it is a frame inside a page
	url      string

	state  pagestate.Document
	row    int64         // of the newest record
	wanted bool          // some of its records are in the scope
	heard  record.Time   // when the newest record was made
	delay  time.Duration // how long the newest record took from the page to the host; -1 if unknown
}

// sources are the documents from which records came. The judge keeps them in known; what the
// view shows is a copy, which has a list instead.
type sources struct {
	known map[string]*source // by id
	gone  int                // how many were left out
	list  []source
}

// add adds what a record tells of its document.
func (s *sources) add(row int64, r *record.Record, wanted bool) {
	// Hits come late, and some from workers, so they say nothing about how calls arrive.
	if r.Kind == record.Mark || r.AboutHits() {
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
	d.row, d.heard, d.wanted = row, r.Time, d.wanted || wanted
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

// forget drops all but the newest documents. It is called when there are twice as many as are
// listed, so that it is rarely needed.
func (s *sources) forget() {
	all := s.sorted()
	for _, d := range all[maxSources:] {
		delete(s.known, d.document)
		s.gone++
	}
}

// sorted are the documents, the one with the newest record first.
func (s *sources) sorted() []source {
	all := make([]source, 0, len(s.known))
	for _, d := range s.known {
		all = append(all, *d)
	}
	slices.SortFunc(all, func(a, b source) int { return cmp.Compare(b.row, a.row) })
	return all
}

// shown is the copy for the view: the newest documents that are in the scope. Frames in which
// nothing happened, such as the client's own, are left out.
func (s *sources) shown() sources {
	all := s.sorted()
	list := all[:0]
	for _, d := range all {
		one := &d.state
		idle := d.sub && one.Calls == 0 && one.Gaps == 0 && (one.Handler == "" || one.Running == nil)
		if !idle && d.wanted {
			d.state = one.Clone()
			list = append(list, d)
		}
	}
	more := max(0, len(list)-maxSources)
	return sources{gone: s.gone + more, list: list[:len(list)-more]}
}

// A trouble is something that is wrong with a document, and what to do about it.
type trouble struct {
	severity     record.Severity
	says, remedy string
}

// troubles say how a document stands, the worst first: what it has lost, and its state now.
// The severity is an error where calls are or will be missed, "" where all is well.
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
		empty:   []string{"No browser has connected so far."},
		welcome: true,
		content: func(j *judge) content { return j.sources.shown() },
	}
}

// changesUntil is two minutes after the newest record: until then the time since a document
// was heard of is shown in seconds, or has just changed to minutes.
func (s sources) changesUntil() (until time.Time) {
	for _, d := range s.list {
		if t := d.heard.Add(2 * time.Minute); t.After(until) {
			until = t
		}
	}
	return until
}

// lines lists the browsers, the one with the newest record first, and below each its
// documents, the open ones first.
func (s sources) lines(t *theme, cells int) (head []span, all []line) {
	page := max(cells-54, 10)
	head = []span{{faint, pad("TAB", 11, "") + "  " + pad("PAGE", page, "") + " " + pad("FUNCTION", 13, "") + pad("CLIENT", 10, "") + pad("CALLS", 7, "") + "HEARD"}}
	list := slices.Clone(s.list)
	newest := map[record.Browser]int64{} // the row of each browser's newest record
	for _, d := range list {
		newest[d.browser] = max(newest[d.browser], d.row)
	}
	slices.SortStableFunc(list, func(a, b source) int {
		closed := func(d source) int {
			if d.state.Closed {
				return 1
			}
			return 0
		}
		return cmp.Or(cmp.Compare(newest[b.browser], newest[a.browser]), closed(a)-closed(b), cmp.Compare(b.row, a.row))
	})
	for i := range list {
		d := &list[i]
		if i == 0 || list[i-1].browser != d.browser {
			all = append(all, t.browserLine(list, d.browser))
		}
		all = append(all, t.documentLine(d, page))
	}
	if n := s.gone; n > 0 {
		all = append(all, line{spans: []span{{faint, words.Plural(n, "older document") + " not listed"}}})
	}
	return head, all
}

// browserLine is the line of a browser.
func (t *theme) browserLine(list []source, b record.Browser) line {
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
	spans := []span{{strong, name}, {faint, fmt.Sprintf("  %s heard %s, %s open", t.dot, t.ago(heard.Time), words.Plural(open, "document"))}}
	return line{spans: spans, key: "browser " + b.Profile + name, choices: func() []choice { return choicesOf(b) }, about: func(d *detail) {
		d.text(strong, name)
		d.fact("profile", b.Profile)
		d.text(plain, fmt.Sprintf("%s in %s listed here (%d open). The extension speaks to this program's host, and the host writes to the store: what is listed here has come all the way.",
			words.Plural(calls, "call"), words.Plural(documents, "document"), open))
		d.text(faint, "If something is missing: pages of the browser itself and of its store can't be inspected. The extension's own popup, in the browser's toolbar, tells of the way from there to here; so does the command doctor.")
	}}
}

// choicesOf are what f offers to filter by of a browser: its profile or, where that is not
// known, its name.
func choicesOf(b record.Browser) []choice {
	if name := cmp.Or(b.Profile, b.Name); name != "" {
		return []choice{{key: "b", text: "browser:" + filter.Quote(name)}}
	}
	return nil
}

// documentLine is the line of a document; page is the width of its address.
func (t *theme) documentLine(d *source, page int) line {
	troubles := d.troubles(t.now())
	glyph, st := t.severity(troubles[0].severity)
	tab := ""
	if d.tab >= 0 {
		tab = strconv.Itoa(d.tab)
	}
	address := withoutScheme(d.url)
	text := plain
	client, handler := cmp.Or(string(d.state.Client), "none"), cmp.Or(string(d.state.Handler), "none")
	if d.state.StandIn {
		handler = "stand-in"
	}
	if d.state.Closed {
		text, address = faint, "(left) "+address
	}
	columns := t.cell(address, page) + " " + t.cell(handler, 13) + t.cell(client, 10) + t.cell(strconv.Itoa(d.state.Calls), 7)
	return line{
		key:   d.document,
		spans: []span{{text, t.cell(tab, 11)}, {st, glyph + " "}, {text, columns + t.ago(d.heard.Time)}},
		open:  func(a *app) { a.openRows("id:" + filter.Quote(d.document+"/") + "*") },
		choices: func() []choice {
			var tab *int
			if d.tab >= 0 {
				tab = &d.tab
			}
			origin := (&record.Record{URL: d.url}).Site()
			return append(choicesOfPage(origin, tab, d.document, record.Page), choicesOf(d.browser)...)
		},
		about: func(v *detail) {
			for _, one := range troubles {
				glyph, st := t.severity(one.severity)
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
			v.text(faint, d.way(t))
			v.fact("url", d.url)
			v.fact("document", d.document)
		},
	}
}

// way shows the parts that a record of the document passes on its way here, and for each
// whether it works. Only the hook may not: without the others there would be no record.
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

// ago says how long ago a time was.
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
