package tui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"userlike-inspector/nativehost/internal/filter"
	"userlike-inspector/nativehost/internal/infer"
	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/words"
)

func shapeView() viewKind {
	return viewKind{
		name: "Shape", meaning: "the shape of custom_data: places, types, values",
		empty:   []string{"No call had custom_data so far.", "", "Its places, types and values are listed here as they come."},
		content: func(j *judge) content { return shapes(j.visits.Shapes()) },
		keys: []binding{{keys: "s", show: "s", hint: "write schema",
			does: "write this site's schema to a file, as the command infer prints it", do: (*app).exportSchema}},
	}
}

// shapes are the shapes of custom_data, one for each site.
type shapes []journey.Shape

func (shapes) changesUntil() time.Time { return time.Time{} }

// lines lists the sites, and below each the places within its custom_data.
func (sites shapes) lines(t *theme, cells int) (head []span, all []line) {
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
			open:    func(a *app) { a.openRows(onSite(s.Site) + " /2/custom_data:*") },
			choices: textChoices([2]string{"s", onSite(s.Site)}, [2]string{"p", "/2/custom_data:*"}),
			about: func(d *detail) {
				d.text(plain, "What calls on this site had in session_ctx.custom_data. A place that is not always there, or whose types differ, is where consumers of the data fail. The key s writes a JSON Schema of it, for a plan.")
			}})
		for _, p := range s.Paths {
			all = append(all, t.shapeLine(s, p, name, max(cells-name-29, 8)))
			all = append(all, typeLines(s, p, name)...)
		}
	}
	return head, all
}

// shapeKey is how the keys of all lines about a site begin.
func shapeKey(s journey.Shape) string { return s.Site + " " }

// onSite is a filter's text for the records of a site and of its subdomains. Sites that have
// none, such as a host with a port, are named alone.
func onSite(site string) string {
	says := "site:" + filter.Quote(site)
	if strings.Trim(site, "abcdefghijklmnopqrstuvwxyz0123456789-.") == "" && strings.Contains(site, ".") {
		says += ",*." + site
	}
	return says
}

// shapeLine is the line of a place; name and room are the widths of the first and the last
// column.
func (t *theme) shapeLine(s journey.Shape, p infer.Path, name, room int) line {
	glyph, st := " ", plain
	if len(p.First) > 1 || len(p.Lost) > 0 {
		glyph, st = t.warn, isWarning
	}
	depth := strings.Count(p.At, "/") - 2
	last := cmp.Or(lastName(p.At), `""`)
	there, types := fmt.Sprintf("%d of %d", p.Visits, p.OfVisits), strings.Join(p.Types, ", ")
	if types == "" && len(p.Lost) > 0 {
		there, types = "", "lost in JSON"
	}
	values := t.valuesOf(p)
	usual, odd := usualOf(p)
	indent := repeat("  ", min(max(depth, 0), 10))
	return line{
		key: shapeKey(s) + p.At,
		spans: []span{
			{st, glyph + " "},
			{isKey, t.cell(indent+last, name-1) + " "},
			{st, t.cell(types, 17) + " "},
			{plain, t.cell(there, 9)},
			{faint, clip(visible(t.head(values, maxSpan)), room, t.ellipsis)},
		},
		open: func(a *app) {
			switch {
			case odd:
				a.openCalls(s, p, "not "+usual, func(is []string) bool { return len(is) > 0 && !slices.Equal(is, []string{usual}) })
			case len(p.Types) == 0 && len(p.Lost) > 0:
				a.openLost(s, p, "")
			default:
				a.openRows(onSite(s.Site) + " " + filter.QuoteName(p.At) + ":*")
			}
		},
		choices: textChoices([2]string{"p", filter.QuoteName(p.At) + ":*"}, [2]string{"s", onSite(s.Site)}),
		about: func(d *detail) {
			d.fact("place", p.At)
			if len(p.Types) > 0 {
				d.text(plain, fmt.Sprintf("It was there in %d of %s, %d of %d times: %s.", p.Visits, words.Plural(p.OfVisits, "visit"), p.Values, p.Of, callsOf(p)))
			}
			if odd {
				d.text(plain, "Most calls have "+words.Article(usual)+" here. Enter lists those that have something else.")
			}
			if len(p.Lost) > 0 {
				d.text(isWarning, "JSON does not keep what was there: "+lostValues(p.Lost)+". Who reads the data as JSON does not get it.")
			}
			for i, f := range p.First {
				says := "first"
				if i > 0 {
					says = "then"
				}
				d.fact(says, fmt.Sprintf("%s in %s at %s (%s)", f.Type, f.Event, f.Time, f.Record))
			}
			if p.Low != "" {
				d.fact("numbers", "from "+p.Low+" to "+p.High)
			}
			if len(p.Distinct) > 0 {
				d.fact("texts", strings.Join(p.Distinct, " "+t.dot+" "))
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
	a.askForFile(&question{
		in:    inPrompt,
		about: aboutFiles,
		label: "write the schema of " + visible(withoutScheme(s.Site)) + a.scope.within(a.theme) + " to: ",
		text:  "custom_data.schema.json",
		done: func(path string) {
			a.write(func() (string, error) {
				return fmt.Sprintf("wrote the schema of %s to %s", withoutScheme(s.Site), path), writeNew(path, s.Schema.Write)
			})
		},
	})
}

// valuesOf lists the values that a place had: its numbers' range and its texts.
func (t *theme) valuesOf(p infer.Path) string {
	var all []string
	switch {
	case p.Low != "" && p.Low == p.High:
		all = append(all, p.Low)
	case p.Low != "":
		all = append(all, p.Low+" to "+p.High)
	}
	all = append(all, p.Distinct...)
	return strings.Join(all, " "+t.dot+" ")
}

// lostValues lists the kinds of values that JSON does not keep, with the number of calls.
func lostValues(lost []infer.Lost) string {
	var all []string
	for _, l := range lost {
		all = append(all, fmt.Sprintf("%s (%s)", l.Is, words.Plural(l.Calls, "call")))
	}
	return words.List(all, "and")
}

// callsOf lists the types at a place, with the number of calls.
func callsOf(p infer.Path) string {
	var all []string
	for i, name := range p.Types {
		all = append(all, fmt.Sprintf("%s in %s", name, words.Plural(p.Calls[i], "call")))
	}
	return words.List(all, "and")
}

// usualOf is the type that most calls had at a place. odd tells that other calls had another
// type; without it there is nothing to tell apart, and usual is "".
func usualOf(p infer.Path) (usual string, odd bool) {
	if len(p.First) < 2 {
		return "", false
	}
	most := 0
	for i, calls := range p.Calls {
		if calls > p.Calls[most] {
			most = i
		}
	}
	return p.Types[most], true
}

// typeLines are the lines below a place's own: one for each of its types, if it has several,
// and one for each kind of lost value.
func typeLines(s journey.Shape, p infer.Path, name int) (all []line) {
	add := func(what string, calls int, open func(*app)) {
		all = append(all, line{
			key:   shapeKey(s) + p.At + " " + what,
			spans: []span{{plain, "  " + pad("", name, "")}, {plain, pad(what, 18, "") + words.Plural(calls, "call")}},
			open:  open,
			about: func(d *detail) {
				d.fact("place", p.At)
				d.text(plain, fmt.Sprintf("%s: %s. Enter lists them.", what, words.Plural(calls, "call")))
			},
		})
	}
	if len(p.Types) > 1 {
		for i, is := range p.Types {
			add(is, p.Calls[i], func(a *app) {
				a.openCalls(s, p, is, func(types []string) bool { return slices.Contains(types, is) })
			})
		}
	}
	for _, l := range p.Lost {
		add(l.Is+" (lost)", l.Calls, func(a *app) { a.openLost(s, p, l.Is) })
	}
	return all
}

// openCalls lists the calls of a site of which fits is true, given their types at a place.
// There are several types where the place is an element of an array.
func (a *app) openCalls(s journey.Shape, p infer.Path, name string, fits func(types []string) bool) {
	in := a.opts.Inspector
	a.openSome(s, p.At+" "+name, filter.QuoteName(p.At)+":*", func(r *record.Record) bool {
		_, facts := in.JudgeCall(r)
		data, odd, ok := facts.CustomData()
		return ok && fits(infer.TypesAt(data, inspect.CustomDataAt, p.At, odd))
	})
}

// openLost lists the calls of a site that lost a value in JSON at a place: of one kind, or
// with "" of any.
func (a *app) openLost(s journey.Shape, p infer.Path, is string) {
	in := a.opts.Inspector
	a.openSome(s, strings.TrimSpace(p.At+" "+is), "", func(r *record.Record) bool {
		_, facts := in.JudgeCall(r)
		data, _, ok := facts.CustomData()
		return ok && slices.ContainsFunc(facts.Lost(), func(n record.Note) bool {
			return (is == "" || n.Is == is) && infer.PlaceOf(data, inspect.CustomDataAt, n.At) == p.At
		})
	})
}

// openSome lists the calls of a site that a filter's text lets through and of which fits is
// true. name is what the list is called.
func (a *app) openSome(s journey.Shape, name, text string, fits func(*record.Record) bool) {
	f, err := filter.Parse(onSite(s.Site)+" "+text, a.opts.Now())
	if err != nil {
		a.flash = "these can't be listed: " + words.Plain(err)
		return
	}
	a.openFound(filter.Calls(name, fits).Within(f))
}
