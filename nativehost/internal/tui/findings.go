package tui

import (
	"strconv"
	"time"

	"userlike-inspector/nativehost/internal/filter"
	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/record"
)

func findingsView() viewKind {
	return viewKind{
		name: "Findings", meaning: "the findings, by rule and place",
		empty:   []string{"Nothing was found to be wrong."},
		content: func(j *judge) content { return findings(j.groups()) },
	}
}

// findings are all findings by rule and place.
type findings []group

func (findings) changesUntil() time.Time { return time.Time{} }

func (groups findings) lines(a *app, cells int) (head []span, all []line) {
	place := max(cells-49, 12)
	head = []span{{faint, "  " + pad("RULE", 20, "") + " " + pad("PLACE", place, "") + " " + pad("COUNT", 7, "") + pad("FIRST", 9, "") + "LAST"}}
	apart := map[spot]bool{}
	for _, g := range groups {
		apart[g.spot] = true
	}
	accepted := false
	for _, g := range groups {
		glyph, st := a.theme.severity(g.severity)
		if g.by != nil {
			glyph, st = a.theme.other, faint
			if !accepted {
				accepted = true
				all = append(all, line{spans: []span{{strong, "Accepted by the plan"}}})
			}
		}
		at := g.at
		if at == "" {
			at = "the call, page or visit"
		}
		cell := func(s string, n int) string { return pad(visible(a.theme.head(s, maxSpan)), n, a.theme.ellipsis) }
		all = append(all, line{
			key: g.key(),
			spans: []span{{st, glyph + " " + cell(g.rule, 20) + " "}, {isKey, cell(at, place) + " "}, {plain, cell(strconv.Itoa(g.count), 7)},
				{faint, cell(a.clock(g.first.Time), 9) + a.clock(g.last.Time)}},
			open: func(a *app) {
				a.openFound(filter.Findings(g.rule+" "+g.at, g.rule, func(f record.Finding) bool {
					at := anyElement(f.At)
					return at == g.at || g.at == otherPlaces && !apart[spot{f.Rule, at, g.by}]
				}))
			},
			about: func(d *detail) {
				for _, r := range inspect.Rules() {
					if r.Name == g.rule {
						d.text(faint, r.Meaning)
					}
				}
				d.text(plain, g.newest.Message)
				if g.by != nil {
					d.text(plain, "The plan accepts it until "+g.by.Last()+g.by.Why()+" ("+g.by.Source+").")
				}
				if g.newest.Expected != "" || g.newest.Actual != "" {
					d.fact("expected", g.newest.Expected)
					d.fact("found", g.newest.Actual)
				}
				d.fact("demanded", g.newest.Demand)
			},
		})
	}
	return head, all
}

// key tells groups apart.
func (g group) key() string {
	if g.by != nil {
		return g.rule + " " + g.at + " accepted at " + g.by.Source
	}
	return g.rule + " " + g.at
}
