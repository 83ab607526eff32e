package tui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"userlike-inspector/nativehost/internal/filter"
	"userlike-inspector/nativehost/internal/infer"
	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/words"
)

func shapeView() viewKind {
	return viewKind{
		name: "Shape", meaning: "the shape of custom_data: places, types, values",
		empty:   []string{"No call had custom_data so far.", "", "Its places, types and values are listed here as they come."},
		content: func(j *judge) content { return shapes(j.judge.Shapes()) },
		keys: []binding{{keys: "s", show: "s", hint: "write schema",
			does: "write this site's schema to a file, as the command infer prints it", do: (*app).exportSchema}},
	}
}

// shapes are what is known of custom_data, by site.
type shapes []journey.Shape

func (shapes) changesUntil() time.Time { return time.Time{} }

// lines are the places within custom_data, by site.
func (sites shapes) lines(a *app, cells int) (head []span, all []line) {
	name := min(max(cells-44, 16), 50)
	head = []span{{faint, "  " + pad("PLACE", name, "") + pad("TYPES", 18, "") + pad("VISITS", 9, "") + "VALUES"}}
	for i, s := range sites {
		if i > 0 {
			all = append(all, line{key: shapeKey(sites[i-1]) + "end"})
		}
		missed := ""
		if s.Missed {
			missed = "  there are more places than are told apart"
		}
		all = append(all, line{key: shapeKey(s), spans: []span{{strong, s.Site}, {isWarning, missed}},
			open: func(a *app) { a.openRows(onSite(s.Site) + " /2/custom_data:*") },
			about: func(d *detail) {
				d.text(plain, "What calls on this site had in session_ctx.custom_data. A place that is not always there, or whose types differ, is where consumers of the data fail. The key s writes a JSON Schema of it, for a plan.")
			}})
		for _, p := range s.Paths {
			all = append(all, a.shapeLine(s, p, name, max(cells-name-29, 8)))
		}
	}
	return head, all
}

// shapeKey begins the keys of all lines on a site.
func shapeKey(s journey.Shape) string { return s.Site + " " }

// onSite is a filter for the records of a site, its subdomains included.
func onSite(site string) string {
	says := "site:" + filter.Quote(site)
	if strings.Trim(site, "abcdefghijklmnopqrstuvwxyz0123456789-.") == "" && strings.Contains(site, ".") {
		says += ",*." + site
	}
	return says
}

// shapeLine tells of a place.
func (a *app) shapeLine(s journey.Shape, p infer.Path, name, room int) line {
	glyph, st := " ", plain
	if len(p.First) > 1 {
		glyph, st = a.theme.warn, isWarning
	}
	depth := strings.Count(p.At, "/") - 2
	last := cmp.Or(pointerUnescape.Replace(p.At[strings.LastIndexByte(p.At, '/')+1:]), `""`)
	there := fmt.Sprintf("%d of %d", p.Visits, p.OfVisits)
	values := strings.Join(p.Distinct, " "+a.theme.dot+" ")
	cell := func(s string, n int) string { return pad(visible(a.theme.head(s, maxSpan)), n, a.theme.ellipsis) }
	return line{
		key: shapeKey(s) + p.At,
		spans: []span{{st, glyph + " "}, {isKey, cell(repeat("  ", min(max(depth, 0), 10))+last, name-1) + " "}, {st, cell(strings.Join(p.Types, ", "), 17) + " "},
			{plain, cell(there, 9)}, {faint, clip(visible(a.theme.head(values, maxSpan)), room, a.theme.ellipsis)}},
		open: func(a *app) { a.openRows(onSite(s.Site) + " " + quoted(p.At) + ":*") },
		about: func(d *detail) {
			d.fact("place", p.At)
			d.text(plain, fmt.Sprintf("%s: %s. It was there in %d of %s, %d of %d times.", "Types", strings.Join(p.Types, ", "), p.Visits, words.Plural(p.OfVisits, "visit"), p.Values, p.Of))
			for i, f := range p.First {
				says := "first"
				if i > 0 {
					says = "then"
				}
				d.fact(says, fmt.Sprintf("%s in %s at %s (%s)", f.Type, f.Event, f.Time, f.Record))
			}
			if len(p.Distinct) > 0 {
				d.fact("values", values)
			}
		},
	}
}

// exportSchema asks where to write the schema of the site under the cursor to.
func (a *app) exportSchema() {
	sites, _ := a.verdicts.content.(shapes)
	i := slices.IndexFunc(sites, func(s journey.Shape) bool {
		l := a.board().current()
		return l != nil && strings.HasPrefix(l.key, shapeKey(s))
	})
	if i < 0 {
		a.flash = "there is no custom_data yet to infer a schema from"
		return
	}
	s := sites[i]
	a.ask(&question{in: inPrompt, label: "write the schema of " + visible(site(s.Site)) + " to: ", text: "custom_data.schema.json", done: func(path string) {
		a.feed.start(func() {
			err := writeNew(path, s.Schema.Write)
			a.feed.post(a.feed.ctx, func() {
				if a.flash = fmt.Sprintf("wrote the schema of %s to %s", site(s.Site), path); err != nil {
					a.flash = "not written: " + err.Error()
				}
			})
		})
	}})
}
