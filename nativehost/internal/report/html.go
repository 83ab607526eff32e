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

	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/sanitize"
	"userlike-inspector/nativehost/internal/words"
)

//go:embed report.html.tmpl
var htmlTemplate string

//go:embed report.css
var htmlStyle string

// A browser bears pages of some megabytes; beyond these the JSON report has all.
const (
	maxHTMLEvents   = 1000 // of a journey
	maxHTMLVisits   = 500
	maxHTMLGroups   = 1000 // of complaints
	maxHTMLPlaces   = 100  // of a complaint
	maxHTMLOutcomes = 1000
	maxHTMLColumns  = 30 // places
)

// HTML writes r as one page that needs nothing else, runs no script and may load
// nothing: its policy allows its own style by its digest.
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
		"links":    func(e event) []link { return links(index, e) },
	}).Parse(htmlTemplate)
	if err != nil {
		return err
	}
	digest := sha256.Sum256([]byte(htmlStyle))
	accepted := r.accepted()
	standings := r.standings()
	visits, events := r.visits(maxHTMLEvents), r.covered()
	buffer := bufio.NewWriterSize(w, 64<<10) // the template writes word by word
	err = page.Execute(buffer, map[string]any{
		"Report":        r,
		"Style":         template.CSS(htmlStyle),
		"Policy":        policy(digest[:]),
		"Fields":        r.fields(),
		"Accepted":      accepted[:min(len(accepted), maxHTMLGroups)],
		"Groups":        groups[:len(index)],
		"MoreGroups":    len(groups) - len(index),
		"Visits":        visits[:min(len(visits), maxHTMLVisits)],
		"MoreVisits":    max(0, len(visits)-maxHTMLVisits),
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

// link leads from an event to a complaint, to none where Group is -1.
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

// glyph stands for a severity where colour alone would not do.
func glyph(s record.Severity) string {
	return map[record.Severity]string{record.Error: "✕", record.Warning: "▲", record.Info: "i", "": "✓"}[s]
}
