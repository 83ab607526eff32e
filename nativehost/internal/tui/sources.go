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

	hooked, late, closed, client bool
	handler                      string // the newest state, "" for none seen
	calls                        int
	lost                         int64
	gaps                         int
	why                          string // of the newest gap
	row                          int64  // of the newest record
	heard                        record.Time
	delay                        time.Duration // of the newest record, from the page to the host; -1 if unknown
}

// sources are the documents that were heard of.
type sources struct {
	known map[string]*source
	gone  int // how many are told apart no more
	list  []source
}

// add takes in a record.
func (s *sources) add(row int64, r *record.Record) {
	if r.Kind == record.Mark {
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
	d.take(r)
}

// take takes in what has happened.
func (d *source) take(r *record.Record) {
	switch r.Kind {
	case record.Page:
		d.closed = r.Event == "closed"
		d.hooked = d.hooked || r.Event == "hooked"
		d.late = d.late || r.HookedFromStart != nil && !*r.HookedFromStart
	case record.Handler:
		d.hooked, d.handler = true, string(r.State)
	case record.Client:
		d.client = true
	case record.Gap:
		d.gaps++
		d.lost += r.Lost
		d.why = string(r.Why)
	case record.Call:
		d.hooked = true
		d.calls++
		if r.Handled != nil && d.handler == "" {
			d.handler = string(r.Handled.State)
		}
	}
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
		idle := d.sub && d.calls == 0 && d.gaps == 0 && (d.handler == "" || !d.client) // such as the client's own frames
		if !idle {
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
func (d *source) troubles() []trouble {
	severity, code := d.state()
	term := code.Of()
	now := trouble{severity, term.Meaning, term.Remedy}
	if d.gaps == 0 {
		return []trouble{now}
	}
	lost := trouble{record.Error, fmt.Sprintf("%s not recorded: %s", wereLost(d.lost), d.why), glossary.CallsLost.Of().Remedy}
	return []trouble{lost, now}
}

// state is how a document stands, whatever it has lost, and how bad that is.
func (d *source) state() (record.Severity, glossary.Code) {
	switch {
	case !d.hooked:
		return record.Error, glossary.HookSilent
	case d.handler == "shadowed":
		return record.Error, glossary.HandlerShadowed
	case d.handler == "not-writable":
		return record.Error, glossary.HandlerLocked
	case d.client && (d.handler == "" || d.handler == "removed" || d.handler == "missing"):
		return record.Warning, glossary.HandlerAbsent
	case d.late:
		return record.Warning, glossary.HookLate
	case d.calls > 0:
		return "", glossary.CallsArrive
	case d.handler != "" && d.client:
		return record.Info, glossary.HandlerReady
	case d.handler != "":
		return record.Info, glossary.ClientAbsent
	}
	return record.Info, glossary.ChatAbsent
}

// sourceLines are the browsers, and the documents in each.
func (a *app) sourceLines(cells int) (head []span, all []line) {
	page := max(cells-51, 10)
	head = []span{{faint, pad("TAB", 11, "") + "  " + pad("PAGE", page, "") + " " + pad("FUNCTION", 13, "") + pad("CLIENT", 7, "") + pad("CALLS", 7, "") + "HEARD"}}
	list := slices.Clone(a.verdicts.sources.list)
	first := map[record.Browser]int64{} // browsers are in the order of their newest record
	for _, d := range list {
		first[d.browser] = max(first[d.browser], d.row)
	}
	slices.SortStableFunc(list, func(a, b source) int {
		closed := func(d source) int {
			if d.closed {
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
	if n := a.verdicts.sources.gone; n > 0 {
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
			calls += d.calls
			if d.heard.After(heard.Time) {
				heard = d.heard
			}
			if !d.closed {
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
	troubles := d.troubles()
	glyph, st := a.theme.severity(troubles[0].severity)
	tab := ""
	if d.tab >= 0 {
		tab = strconv.Itoa(d.tab)
	}
	address := site(d.url)
	text, client, handler := plain, "no", d.handler
	if d.client {
		client = "yes"
	}
	if handler == "" {
		handler = "none"
	}
	if d.closed {
		text, address = faint, "(left) "+address
	}
	cell := func(s string, n int) string { return pad(visible(a.theme.head(s, maxSpan)), n, a.theme.ellipsis) }
	return line{
		key:   d.document,
		spans: []span{{text, cell(tab, 11)}, {st, glyph + " "}, {text, cell(address, page) + " " + cell(handler, 13) + cell(client, 7) + cell(strconv.Itoa(d.calls), 7) + a.ago(d.heard.Time)}},
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
	if !d.hooked {
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
