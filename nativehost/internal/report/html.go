package report

import (
	"bufio"
	"crypto/sha256"
	_ "embed"
	"errors"
	"html/template"
	"io"
	"slices"
	"strings"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/sanitize"
	"userlike-inspector/nativehost/internal/words"
)

//go:embed report.html.tmpl
var htmlTemplate string

//go:embed report.css
var htmlStyle string

// Limits that keep the page at about ten megabytes, which a browser can show. The JSON report
// has everything.
const (
	maxHTMLEvents   = 1000   // of a journey, and as many hits and other records
	maxHTMLRows     = 20_000 // of all journeys, which share them, and as many for hits
	maxHTMLVisits   = 500
	maxHTMLGroups   = 1000 // of complaints
	maxHTMLPlaces   = 100  // of a complaint
	maxHTMLOutcomes = 1000
	maxHTMLColumns  = 30 // places
)

// HTML writes r as one page that needs no other files. Its content security policy allows
// only its own style: no script runs and nothing is loaded.
func (r *Report) HTML(w io.Writer) error {
	groups, index := r.groups(), map[complaint]int{}
	for i, g := range groups[:min(len(groups), maxHTMLGroups)] {
		index[complaintOf(g.Finding)] = i
	}
	page, err := template.New("report").Funcs(template.FuncMap{
		"line":     sanitize.Line,
		"shown":    func(s string) string { return sanitize.Line(words.Shown(s)) },
		"plural":   words.Plural[int],
		"glyph":    glyph,
		"head":     func(n int, all []journey.Finding) []journey.Finding { return all[:min(n, len(all))] },
		"more":     func(n int, all []journey.Finding) int { return max(0, len(all)-n) },
		"title":    func(s record.Severity) string { return strings.ToUpper(string(s[:1])) + string(s[1:]) },
		"demanded": demanded,
		"where":    where,
		"personal": personal,
		"hits":     hits,
		"place":    func(listed map[string]bool, id string) place { return place{id, listed[id]} },
		"anchor":   anchor,
		"besides":  besides,
		"links":    func(e event) []link { return links(index, e) },
	}).Parse(htmlTemplate)
	if err != nil {
		return err
	}
	digest := sha256.Sum256([]byte(htmlStyle))
	accepted := r.accepted()
	standings := r.standings()
	most := min(maxHTMLEvents, maxHTMLRows/max(1, min(len(r.Journeys), maxHTMLVisits)))
	visits, events := r.visits(most), r.covered()
	visits, more := visits[:min(len(visits), maxHTMLVisits)], max(0, len(visits)-maxHTMLVisits)
	r.timelines(visits, most)
	listed := map[string]bool{} // records that have a row
	for _, v := range visits {
		for _, e := range v.Events {
			listed[e.Record] = true
		}
	}
	buffer := bufio.NewWriterSize(w, 64<<10) // the template makes many small writes
	err = page.Execute(buffer, map[string]any{
		"Report":        r,
		"Style":         template.CSS(htmlStyle),
		"Policy":        policy(digest[:]),
		"Fields":        r.fields(),
		"Accepted":      accepted[:min(len(accepted), maxHTMLGroups)],
		"Groups":        groups[:len(index)],
		"MoreGroups":    len(groups) - len(index),
		"Visits":        visits,
		"MoreVisits":    more,
		"Listed":        listed,
		"Hits":          slices.ContainsFunc(visits, func(v visit) bool { return len(v.Hits) > 0 }),
		"Places":        maxHTMLPlaces,
		"Coverage":      events,
		"Documented":    len(events.Came) + len(events.Missed),
		"OutcomeCounts": r.outcomeCounts(),
		"Standings":     standings[:min(len(standings), maxHTMLOutcomes)],
		"MoreStandings": max(0, len(standings)-maxHTMLOutcomes),
		"Simulated":     simulatedTable(r.Simulation),
		"Matrix":        r.matrix(maxHTMLColumns),
		"Top":           r.top(),
		"Worst":         r.Worst(),
	})
	return errors.Join(err, buffer.Flush())
}

// besides says in few words what a record of the page is.
func besides(e event) string {
	if slices.ContainsFunc(e.Found, func(f journey.Finding) bool { return f.Rule == inspect.CaptureGap }) {
		return "not all was recorded here"
	}
	return "the page"
}

// anchor is the id of a record's row. It needs no escaping in an address.
func anchor(id string) string {
	return "record-" + strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, id)
}

// place is a link to a record's row, if it has one.
type place struct {
	Record string
	Listed bool
}

// link is a link from an event to a complaint; a Group of -1 means none.
type link struct {
	Rule  string
	Group int
}

func links(index map[complaint]int, e event) (all []link) {
	for _, f := range e.Found {
		if slices.ContainsFunc(all, func(l link) bool { return l.Rule == f.Rule }) {
			continue
		}
		i, shown := index[complaintOf(f)]
		if !shown {
			i = -1
		}
		all = append(all, link{f.Rule, i})
	}
	return all
}

// glyph shows a severity without colour.
func glyph(s record.Severity) string {
	return map[record.Severity]string{record.Error: "✕", record.Warning: "▲", record.Info: "i", "": "✓"}[s]
}
