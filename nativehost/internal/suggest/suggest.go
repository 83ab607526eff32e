// Package suggest makes a plan from what was true in every recorded visit, for a tester to
// review. Each line says its evidence. What was seen in one visit only is not suggested.
package suggest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"userlike-inspector/nativehost/internal/infer"
	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/plan"
	"userlike-inspector/nativehost/internal/words"
	"userlike-inspector/schema"
)

// manyVisits is how many visits are needed to suggest an exact count.
const manyVisits = 5

// Seen is what a plan is suggested from.
type Seen struct {
	Journeys []journey.Journey
	Consents []journey.Consent
	Sites    []string      // origins
	Data     *infer.Schema // of custom_data, nil for none
	Places   []journey.Place
}

// event is what is known of one event.
type event struct {
	name        string
	visits      int // in how many visits it came
	least, most int // how often it came in each of those
	after       []string
}

// Events are the suggested entries for events, in the order in which the events come.
func (s Seen) Events() []Entry {
	journeys := s.whole()
	var entries []Entry
	for _, e := range s.events() {
		if e.visits < len(journeys) {
			continue
		}
		var parts []string
		switch {
		case e.least == e.most && len(journeys) >= manyVisits:
			parts = append(parts, fmt.Sprintf("count: %d", e.least))
		default:
			parts = append(parts, `count: ">=1"`)
		}
		if len(e.after) > 0 && len(journeys) > 1 {
			parts = append(parts, "after: ["+strings.Join(e.after, ", ")+"]")
		}
		entries = append(entries, Entry{e.name, "{" + strings.Join(parts, ", ") + "}", evidence(e.visits, len(journeys))})
	}
	return entries
}

// Entry is an event's entry in a plan, as YAML, and what shows that it holds.
type Entry struct{ Event, Text, Evidence string }

// Sometimes are the documented events that came in some visits only, and in how many.
func (s Seen) Sometimes() []Entry {
	journeys := s.whole()
	var entries []Entry
	for _, e := range s.events() {
		if e.visits < len(journeys) {
			entries = append(entries, Entry{Event: e.name, Evidence: evidence(e.visits, len(journeys))})
		}
	}
	return entries
}

func evidence(n, of int) string { return fmt.Sprintf("%d of %s", n, words.Plural(of, "visit")) }

// whole are the journeys that were recorded from their beginning, or all journeys if there
// are no such ones.
func (s Seen) whole() []journey.Journey {
	begun := slices.DeleteFunc(slices.Clone(s.Journeys), func(j journey.Journey) bool { return !j.Begun })
	if len(begun) == 0 {
		return s.Journeys
	}
	return begun
}

// events are the documented events that came, sorted by their average place in a journey.
func (s Seen) events() []event {
	journeys := s.whole()
	known := map[string]*event{}
	place := map[string]int{} // the sum of their places in the journeys
	firsts := make([]map[string]int, len(journeys))
	for i, j := range journeys {
		firsts[i] = map[string]int{}
		counts := map[string]int{}
		for n, c := range j.Calls {
			counts[c.Event]++
			if counts[c.Event] == 1 {
				firsts[i][c.Event] = n
			}
		}
		for name, count := range counts {
			e := known[name]
			if e == nil {
				e = &event{name: name, least: count}
				known[name] = e
			}
			e.visits++
			e.least, e.most = min(e.least, count), max(e.most, count)
			place[name] += firsts[i][name]
		}
	}
	var all []event
	for _, doc := range schema.Catalogue().Events {
		if e := known[doc.Name]; e != nil {
			e.after = always(doc, *e, known, journeys, firsts)
			all = append(all, *e)
		}
	}
	slices.SortStableFunc(all, func(a, b event) int { return place[a.name]*b.visits - place[b.name]*a.visits })
	return all
}

// always lists the events that the documentation puts before this one, and that came before
// it in every visit.
func always(doc schema.DocEvent, e event, known map[string]*event, journeys []journey.Journey, firsts []map[string]int) []string {
	var names []string
	for _, need := range doc.Needs {
		if known[need] == nil || known[need].visits < e.visits {
			continue
		}
		held := true
		for i := range journeys {
			at, came := firsts[i][e.name]
			before, ever := firsts[i][need]
			held = held && (!came || ever && before < at)
		}
		if held {
			names = append(names, need)
		}
	}
	return names
}

// Plan is the whole plan as YAML.
func (s Seen) Plan() (string, error) {
	var b strings.Builder
	b.WriteString(plan.SchemaLine)
	fmt.Fprintf(&b, "# What held in every one of %s. Review it, and remove what was so only by chance.\n", words.Plural(len(s.whole()), "visit"))
	if len(s.Sites) > 0 {
		var sites []string
		for _, site := range s.Sites {
			sites = append(sites, strconv.Quote(site+"/*"))
		}
		fmt.Fprintf(&b, "sites: [%s]\n", strings.Join(sites, ", "))
	}
	if entries := s.Events(); len(entries) > 0 {
		b.WriteString("events:\n")
		for _, e := range entries {
			fmt.Fprintf(&b, "  %s: %s # %s\n", e.Event, e.Text, e.Evidence)
		}
	}
	for _, e := range s.Sometimes() {
		fmt.Fprintf(&b, "  # %s came in %s\n", e.Event, e.Evidence)
	}
	if agreed := s.agreed(); agreed > 0 {
		fmt.Fprintf(&b, "consent: {event: disclaimer_ok} # nothing personal came before it, in %s\n", words.Plural(agreed, "visit"))
	}
	b.WriteString(s.forward())
	if s.Data != nil {
		data := *s.Data
		data.Draft = ""
		raw, err := json.Marshal(&data)
		if err != nil {
			return "", err
		}
		var lines bytes.Buffer
		if err := json.Indent(&lines, raw, "  ", "  "); err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "custom_data:\n  %s\n", lines.String())
	}
	return b.String(), nil
}

// agreed is in how many visits the contact agreed before anything personal was sent, 0 if
// there is a visit in which that was not so.
func (s Seen) agreed() (n int) {
	for _, c := range s.Consents {
		if c.Agreed == nil || len(c.Before) > 0 {
			return 0
		}
		n++
	}
	if n < len(s.whole()) {
		return 0
	}
	return n
}

// Difference compares the suggestions with a plan. Lines with + are suggested but not in the
// plan, lines with - are the reverse.
func (s Seen) Difference(p *plan.Plan) []string {
	var lines []string
	entries := s.Events()
	for _, e := range entries {
		has := p.Event(e.Event)
		if has == nil {
			lines = append(lines, fmt.Sprintf("+ %s: %s # %s", e.Event, e.Text, e.Evidence))
		} else if entry := entryOf(has); entry != e.Text {
			lines = append(lines, fmt.Sprintf("- %s: %s # %s", e.Event, entry, has.Source), fmt.Sprintf("+ %s: %s # %s", e.Event, e.Text, e.Evidence))
		}
	}
	came := s.events()
	for i := range p.Events {
		e := &p.Events[i]
		if slices.ContainsFunc(entries, func(s Entry) bool { return s.Event == e.Name }) || e.Count == nil {
			continue
		}
		n := 0
		for _, c := range came {
			if c.name == e.Name {
				n = c.visits
			}
		}
		if e.Count.Min > 0 && n < len(s.whole()) || e.Count.Max == 0 && n > 0 {
			lines = append(lines, fmt.Sprintf("- %s: %s # came in %s; %s", e.Name, entryOf(e), evidence(n, len(s.whole())), e.Source))
		}
	}
	return append(lines, s.forwardDifference(p)...)
}

// entryOf is a plan's entry for an event, reduced to what could be suggested.
func entryOf(e *plan.Event) string {
	var parts []string
	if e.Count != nil {
		text := e.Count.Text
		if strings.ContainsAny(text, "<>") {
			text = strconv.Quote(text)
		}
		parts = append(parts, "count: "+text)
	}
	if len(e.After) > 0 {
		var names []string
		for _, ref := range e.After {
			names = append(names, ref.Event)
		}
		parts = append(parts, "after: ["+strings.Join(names, ", ")+"]")
	}
	return "{" + strings.Join(parts, ", ") + "}"
}
