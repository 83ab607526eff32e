package tui

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"userlike-inspector/nativehost/internal/filter"
	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/words"
)

func findingsView() viewKind {
	return viewKind{
		name: "Findings", meaning: "the findings, by rule and place",
		empty: []string{"Nothing was found to be wrong."},
		content: func(j *judge) content {
			groups, open := j.groups()
			return findings{groups, open}
		},
	}
}

// findings are all findings, grouped by rule and place, and those that may still be found.
type findings struct {
	groups []group
	open   []undecided
}

func (findings) changesUntil() time.Time { return time.Time{} }

func (f findings) lines(t *theme, cells int) (head []span, all []line) {
	groups := f.groups
	place, times := max(cells-49, 12), 9
	if cells < narrowest { // the pane below tells the times
		place, times = max(cells-31, 7), 0
	}
	head = []span{{faint, "  " + pad("RULE", 20, "") + " " + pad("PLACE", place, "") + " " + pad("COUNT", 7, "") + pad("FIRST", times, "") + pad("LAST", times, "")}}
	apart := map[groupKey]bool{}
	for _, g := range groups {
		apart[g.groupKey] = true
	}
	accepted := false
	for _, g := range groups {
		glyph, st := t.severity(g.severity)
		if g.by != nil {
			glyph, st = t.other, faint
			if !accepted {
				accepted = true
				all = append(all, line{spans: []span{{strong, "Accepted by the plan"}}})
			}
		}
		at := g.at
		if at == "" {
			at = "the call, page or visit"
		}
		all = append(all, line{
			key: g.key(),
			spans: []span{
				{st, glyph + " " + t.cell(g.rule, 20) + " "},
				{isKey, t.cell(at, place) + " "},
				{plain, t.cell(strconv.Itoa(g.count), 7)},
				{faint, pad(t.clock(g.first.Time), times, "") + pad(t.clock(g.last.Time), times, "")},
			},
			open: func(a *app) { a.openFound(inGroup(g, apart)) },
			choices: func() []choice {
				return []choice{{key: "r", text: "rule:" + filter.Quote(g.rule)}, {key: "f", filter: inGroup(g, apart)}}
			},
			ticket: &ticket{row: g.row, only: func(f record.Finding) bool { return f.Rule == g.rule && f.At == g.newest.At }},
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
				d.fact("first", t.stamp(g.first))
				d.fact("last", t.stamp(g.last))
			},
		})
	}
	if len(f.open) > 0 {
		all = append(all, line{spans: []span{{strong, "Pending: these may still be found"}}})
	}
	for _, u := range f.open {
		all = append(all, t.undecidedLine(u))
	}
	return head, all
}

// inGroup is a filter for the records with a group's findings. apart are the spots of all
// groups: what is at none of them is in the group otherPlaces.
func inGroup(g group, apart map[groupKey]bool) *filter.Filter {
	return filter.Findings(strings.TrimSpace(g.rule+" "+g.at), g.rule, func(f record.Finding) bool {
		at := anyElement(f.At)
		return at == g.at || g.at == otherPlaces && !apart[groupKey{f.Rule, at, g.by}]
	})
}

// undecidedLine is the line of the findings of a rule that may still be found.
func (t *theme) undecidedLine(u undecided) line {
	return line{
		key:   "pending " + u.rule,
		spans: []span{{isPending, t.pending + " "}, {plain, pad(u.rule, 20, "") + " on " + words.Plural(u.count, "record")}, {faint, ", the last one " + t.until(u.last)}},
		open:  openRecord(u.last.Record),
		about: func(d *detail) {
			for _, r := range inspect.Rules() {
				if r.Name == u.rule {
					d.text(faint, r.Meaning)
				}
			}
			d.text(plain, "Pending: "+u.says(t)+".")
			d.fact("record", u.last.Record)
			d.fact("journey", u.last.Journey)
		},
	}
}

// says is how many findings there may be, and what has to happen for them.
func (u undecided) says(t *theme) string {
	if u.count == 1 {
		return fmt.Sprintf("%s is found %s (%s)", u.rule, u.last.Why, t.until(u.last))
	}
	return fmt.Sprintf("%s on %d records; on the last one it is found %s (%s)", u.rule, u.count, u.last.Why, t.until(u.last))
}

// until says when it will be known whether something is found.
func (t *theme) until(o journey.Unsettled) string {
	if o.Until.IsZero() {
		return "for as long as the visit goes on"
	}
	return "until " + o.Until.In(t.now().Location()).Format("15:04:05")
}

// key tells the group's line from those of other groups.
func (g group) key() string {
	if g.by != nil {
		return g.rule + " " + g.at + " accepted at " + g.by.Source
	}
	return g.rule + " " + g.at
}
