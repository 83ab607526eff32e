package journey

import (
	"fmt"
	"strings"

	"userlike-inspector/nativehost/internal/infer"
	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/words"
)

// site is what is known of one site, over all browser profiles.
type site struct {
	kept
	name  string
	shape infer.Shape
	part  infer.Shape // of the wanted records only, if not all are
}

// learn adds a call's custom_data to the shape of its site, or to that of the wanted part.
func (j *Judge) learn(name string, part bool, r *record.Record, order int64, facts inspect.VisitFacts) {
	data, odd, ok := facts.CustomData()
	if !ok {
		return
	}
	s := j.sites[name]
	if s == nil {
		s = &site{name: name}
		j.sites[name] = s
		j.know(s)
	}
	shape := &s.shape
	if part {
		shape = &s.part
	}
	call := infer.Call{
		Record: r.ID, Event: j.names.text(j.names.id(facts.Event)), URL: r.Address(), Time: r.Time, Order: order,
		Visit: infer.Visit(r, facts.SessionID), Contact: infer.Contact(r, facts.ClientUUID),
	}
	shape.Add(data, inspect.CustomDataAt, odd, call)
	for _, n := range facts.Lost() {
		shape.Lose(data, inspect.CustomDataAt, n.At, n.Is)
	}
	j.touch(s)
}

// judge returns the findings on values whose type has changed.
func (s *site) judge(j *Judge, _ bool) (found []Finding, open []unsettled) {
	for _, p := range s.shape.Drift(inspect.CustomDataAt) {
		found = append(found, j.drift(p))
	}
	return found, nil
}

// drift is the finding on a place whose types differ. It is on the first call that
// differed from those before it.
func (j *Judge) drift(p infer.Path) Finding {
	first, other := p.First[0], p.First[1]
	var said []string
	for _, f := range p.First {
		said = append(said, fmt.Sprintf("%s in %s at %s (%s)", words.Article(f.Type), words.Shown(f.Event), f.Time, f.Record))
	}
	f := verdict(inspect.ShapeDrift, record.Finding{
		At:       other.At,
		Message:  fmt.Sprintf("%s has values of different types: first %s. Check where it is set: what reads it can rely on one type only.", j.inspector.Path(p.At), strings.Join(said, ", then ")),
		Expected: first.Type,
		Actual:   other.Type,
		Demand:   fmt.Sprintf("the same place in %s, %s", first.Record, words.Shown(first.Event)),
	})
	f.Record, f.Event, f.Time, f.URL, f.order = other.Record, other.Event, other.Time, other.URL, other.Order
	return j.settle(f)
}

// Shape is what is known of a site's custom_data.
type Shape struct {
	Site   string
	Paths  []infer.Path // each before those within it
	Schema *infer.Schema
	Missed bool // there are more paths than are kept
}

// Shapes returns the shape of custom_data for each site that sends it, made of the wanted
// records.
func (j *Judge) Shapes() []Shape {
	var all []Shape
	for _, u := range j.units {
		s, ok := u.(*site)
		if !ok {
			continue
		}
		shape := &s.shape
		if j.apart {
			shape = &s.part
		}
		if shape.Calls() > 0 {
			all = append(all, Shape{s.name, shape.Paths(inspect.CustomDataAt), shape.Schema(), shape.Missed})
		}
	}
	return all
}
