package suggest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/plan"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/words"
	"userlike-inspector/schema"
)

// place is what is known of a place in the form in which a plan names it.
type place struct {
	to       string
	events   []string // documented events of which each call arrived, under its own name
	calls    int      // how many calls these events had
	renamed  []string // events that arrived under another name
	slowest  time.Duration
	personal []string
}

// patience is how long a plan without "within" waits for a call to arrive.
const patience = 5 * time.Second

// places are the places at which every call of some event arrived.
func (s Seen) places() (all []place) {
	for _, p := range s.Places {
		to := planned(p)
		i := slices.IndexFunc(all, func(known place) bool { return known.to == to })
		if i < 0 {
			i = len(all)
			all = append(all, place{to: to})
		}
		one := &all[i]
		for _, field := range p.Personal {
			if !slices.Contains(one.personal, field) {
				one.personal = append(one.personal, field)
			}
		}
		for _, e := range p.Events {
			documented := slices.ContainsFunc(schema.Catalogue().Events, func(d schema.DocEvent) bool { return d.Name == e.Event })
			switch {
			case !documented || e.Forwarded < e.Calls || slices.Contains(one.events, e.Event):
			case e.Named == e.Calls:
				one.events = append(one.events, e.Event)
				one.calls += e.Calls
				one.slowest = max(one.slowest, e.Slowest)
			case e.Named == 0:
				one.renamed = append(one.renamed, e.Event)
			}
		}
	}
	return all
}

// planned is a place in the form in which a plan names it: a queue, or a host with its path
// unless the path may differ from visit to visit.
func planned(p journey.Place) string {
	_, rest, ok := strings.Cut(p.To, "://")
	if !ok {
		return p.To
	}
	host, path, _ := strings.Cut(rest, "/")
	if path == "" || strings.ContainsAny(path, "%@0123456789?#*") {
		return host
	}
	return host + "/" + path
}

// text is an entry of a plan's forward.
func (p place) text() string {
	within := ""
	if p.slowest > patience/2 {
		within = fmt.Sprintf(", within: %s", (2 * p.slowest).Round(time.Second))
	}
	return fmt.Sprintf("{to: %q, events: [%s]%s}", p.to, strings.Join(p.events, ", "), within)
}

// forward is the suggested part forward of a plan, as YAML.
func (s Seen) forward() string {
	var entries, told strings.Builder
	for _, p := range s.places() {
		if _, err := plan.ReadPlace(p.to); err != nil {
			continue // a plan cannot name it
		}
		if len(p.events) > 0 {
			fmt.Fprintf(&entries, "  - %s # all of %s\n", p.text(), words.Plural(p.calls, "call"))
		}
		if len(p.renamed) > 0 {
			fmt.Fprintf(&told, "# %s arrived at %s by other names: events: {EVENT: its name there}\n", words.List(p.renamed, "and"), p.to)
		}
		if len(p.personal) > 0 {
			fmt.Fprintf(&told, "# %s got %s: personal_data: {allow: […]} says who may\n", p.to, words.List(p.personal, "and"))
		}
	}
	if entries.Len() > 0 {
		return "forward:\n" + entries.String() + told.String()
	}
	return told.String()
}

// forwardDifference is Difference for a plan's forward.
func (s Seen) forwardDifference(p *plan.Plan) (lines []string) {
	wants := func(via record.Via, to, event string) bool {
		return slices.ContainsFunc(p.Forward, func(f plan.Forward) bool {
			return f.To.Has(via, to) && slices.ContainsFunc(f.Events, func(e plan.Forwarded) bool { return e.Event == event })
		})
	}
	for _, one := range s.places() {
		more := one
		more.events = slices.DeleteFunc(slices.Clone(one.events), func(event string) bool {
			return slices.ContainsFunc(s.Places, func(p journey.Place) bool { return planned(p) == one.to && wants(p.Via, p.To, event) })
		})
		if len(more.events) > 0 {
			lines = append(lines, "+ forward: "+more.text())
		}
	}
	for _, f := range p.Forward {
		for _, e := range f.Events {
			calls, arrived := 0, 0
			for _, at := range s.Places {
				for _, a := range at.Events {
					if a.Event == e.Event {
						calls = max(calls, a.Calls)
						if f.To.Has(at.Via, at.To) {
							arrived += a.Forwarded
						}
					}
				}
			}
			if arrived = min(arrived, calls); arrived < calls {
				lines = append(lines, fmt.Sprintf("- forward: {to: %q, events: [%s]} # arrived by %d of %s; %s", f.To, e.Event, arrived, words.Plural(calls, "call"), e.Source))
			}
		}
	}
	return lines
}
