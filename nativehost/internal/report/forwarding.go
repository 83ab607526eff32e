package report

import (
	"fmt"
	"slices"
	"strings"

	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/markdown"
	"userlike-inspector/nativehost/internal/sanitize"
	"userlike-inspector/nativehost/internal/words"
)

// matrix is a table of events and the places that they went to.
type matrix struct {
	Places []journey.Place
	More   int // how many places are left out
	Rows   []matrixRow
}

type matrixRow struct {
	Event string
	Calls int
	Cells []matrixCell // by place
}

// matrixCell is how many calls of an event arrived at a place.
type matrixCell struct {
	journey.Arrived
	Wanted bool // there is something to show
}

// matrix makes the table with at most this number of places.
func (r *Report) matrix(most int) matrix {
	m := matrix{Places: r.Places[:min(most, len(r.Places))], More: max(0, len(r.Places)-most)}
	for i, p := range m.Places {
		for _, e := range p.Events {
			n := slices.IndexFunc(m.Rows, func(row matrixRow) bool { return row.Event == e.Event })
			if n < 0 {
				n = len(m.Rows)
				m.Rows = append(m.Rows, matrixRow{e.Event, e.Calls, make([]matrixCell, len(m.Places))})
			}
			m.Rows[n].Cells[i] = matrixCell{e, true}
		}
	}
	slices.SortFunc(m.Rows, func(a, b matrixRow) int { return strings.Compare(a.Event, b.Event) })
	return m
}

// String says in a few words how many arrived.
func (c matrixCell) String() string {
	switch {
	case !c.Wanted:
		return ""
	case c.Forwarded == 0:
		return "none"
	}
	out := fmt.Sprintf("%d of %d", c.Forwarded, c.Calls)
	if c.Doubled > 0 {
		out += fmt.Sprintf(", %d double", c.Doubled)
	}
	if c.Failed > 0 {
		out += fmt.Sprintf(", %d failed", c.Failed)
	}
	return out
}

// Class is the CSS class of a cell: whether it is good or bad.
func (c matrixCell) Class() string {
	switch {
	case !c.Wanted:
		return ""
	case c.Doubled > 0 || c.Failed > 0 || c.Forwarded > 0 && c.Forwarded < c.Calls:
		return "warning"
	case c.Forwarded == 0:
		return "none"
	}
	return "good"
}

// personal names the personal fields that a place received.
func personal(p journey.Place) string {
	return strings.ReplaceAll(strings.Join(p.Personal, ", "), "/2/", "")
}

// placeName is a place with the name of its system.
func placeName(p journey.Place) string {
	if p.System != "" {
		return p.System + " (" + p.To + ")"
	}
	return p.To
}

// hits says how much went to a place.
func hits(p journey.Place) string {
	out := words.Plural(p.Hits, "hit")
	if p.Unread > 0 {
		out += fmt.Sprintf(", %d of which could not be read", p.Unread)
	}
	if p.Failed > 0 {
		out += fmt.Sprintf(", %d of which failed", p.Failed)
	}
	return out
}

// maxTextPlaces is how many places the text report shows.
const maxTextPlaces = 50

// forwarding writes where calls went.
func (t *textWriter) forwarding(r *Report) {
	if len(r.Places) == 0 {
		return
	}
	t.heading("Forwarding")
	for i, p := range r.Places {
		if i == maxTextPlaces {
			t.line("  … and %s; --format json has them all", words.Plural(len(r.Places)-i, "more place"))
			break
		}
		t.line("  %s  %s", sanitize.Line(placeName(p)), hits(p))
		var missing []string
		for _, e := range p.Events {
			c := matrixCell{e, true}
			if e.Forwarded == 0 {
				missing = append(missing, words.Shown(e.Event))
				continue
			}
			colour := ""
			if c.Class() == "warning" {
				colour = "33"
			}
			t.line("    %-32s %s", sanitize.Line(words.Shown(e.Event)), t.in(colour, c.String()))
		}
		if len(missing) > 0 {
			t.line("    Not there: %s", sanitize.Line(strings.Join(missing, ", ")))
		}
		if len(p.Personal) > 0 {
			t.line("    %s", t.in("33", "Personal data: "+personal(p)))
		}
	}
}

// maxMarkdownPlaces is how many places a table in Markdown shows.
const maxMarkdownPlaces = 6

func (m *markdownPage) forwarding(r *Report) {
	if len(r.Places) == 0 {
		return
	}
	all := r.matrix(maxMarkdownPlaces)
	m.line("## Forwarding\n")
	names := func(f func(journey.Place) string) string { return strings.Join(each(all.Places, f), " | ") }
	m.line("| Event | Calls | %s |", names(func(p journey.Place) string { return markdown.Cell(words.Clip(placeName(p), words.MaxPath)) }))
	m.line("|---|---|%s", strings.Repeat("---|", len(all.Places)))
	m.line("| Hits | | %s |", names(hits))
	room := roomForForwarding
	for i, row := range all.Rows {
		line := fmt.Sprintf("| %s | %d | %s |", markdown.Cell(words.Shown(row.Event)), row.Calls, strings.Join(each(row.Cells, matrixCell.String), " | "))
		if room -= len(line); room < 0 {
			m.line("\n… and %s: there is no room for them here; `--format html` or `json` shows them.", words.Plural(len(all.Rows)-i, "more event"))
			break
		}
		m.line("%s", line)
	}
	if room >= 0 {
		m.line("| Personal data | | %s |", names(func(p journey.Place) string {
			if len(p.Personal) == 0 {
				return ""
			}
			return markdown.Cell(personal(p))
		}))
	}
	if all.More > 0 {
		m.line("\n… and %s: there is no room for them here; `--format html` or `json` shows them.", words.Plural(all.More, "more place"))
	}
	m.line("")
}
