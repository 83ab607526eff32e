package report

import (
	"cmp"
	"io"
	"slices"
	"strings"

	"userlike-inspector/nativehost/internal/markdown"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/sanitize"
	"userlike-inspector/nativehost/internal/simulation"
	"userlike-inspector/nativehost/internal/wire"
	"userlike-inspector/nativehost/internal/words"
)

// simulated is the table of a simulation for people, with a row for each event. Recorded
// calls have a row each, as there may be many of one event.
type simulated struct {
	Variants []string // the columns between the event and the places
	Rows     []simulatedRow
}

type simulatedRow struct {
	Event  string
	Cells  []simulatedCell // one for each variant
	Places string
}

// simulatedCell says what the site's function did.
type simulatedCell struct {
	Function string
	Failed   bool
}

func simulatedTable(results []simulation.Followed) (t simulated) {
	variants := variantsOf(results)
	for _, v := range variants {
		t.Variants = append(t.Variants, strings.ToUpper(string(v[:1]))+string(v[1:]))
	}
	for _, calls := range byEvent(results) {
		row := simulatedRow{Event: sanitize.Line(words.Shown(calls[0].Event)), Places: sanitize.Line(places(calls))}
		for _, v := range variants {
			row.Cells = append(row.Cells, simulatedCellOf(calls, v))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// variantsOf are the columns that results need. Full and sparse always come together.
func variantsOf(results []simulation.Followed) (all []simulation.Variant) {
	recorded := func(f simulation.Followed) bool { return f.Variant == simulation.Recorded }
	if slices.ContainsFunc(results, func(f simulation.Followed) bool { return !recorded(f) }) {
		all = append(all, simulation.Full, simulation.Sparse)
	}
	if slices.ContainsFunc(results, recorded) {
		all = append(all, simulation.Recorded)
	}
	return all
}

// byEvent are the results of each row, in the order of their first calls.
func byEvent(results []simulation.Followed) (rows [][]simulation.Followed) {
	newest := map[string]int{}
	for _, f := range results {
		i, there := newest[f.Event]
		if !there || f.Variant == simulation.Recorded || slices.ContainsFunc(rows[i], func(other simulation.Followed) bool {
			return other.Variant == f.Variant || other.Variant == simulation.Recorded
		}) {
			i = len(rows)
			newest[f.Event] = i
			rows = append(rows, nil)
		}
		rows[i] = append(rows[i], f)
	}
	return rows
}

// simulatedCellOf is the result of a row's call of a variant. If the row has no such call,
// the simulation ended before, or the variant does not exist for it.
func simulatedCellOf(calls []simulation.Followed, v simulation.Variant) simulatedCell {
	i := slices.IndexFunc(calls, func(f simulation.Followed) bool { return f.Variant == v })
	switch {
	case i >= 0:
		function := string(calls[i].Outcome)
		if calls[i].Threw != "" {
			function += ": " + words.OneLine(calls[i].Threw)
		}
		return simulatedCell{sanitize.Line(function), calls[i].Outcome != wire.Returned}
	case v == simulation.Recorded, calls[0].Variant == simulation.Recorded:
		return simulatedCell{}
	}
	return simulatedCell{"no result", true}
}

// places are where a row's calls went, written once if all went to the same places in any
// order.
func places(calls []simulation.Followed) string {
	of := func(f simulation.Followed) string {
		all := f.Places()
		slices.SortFunc(all, func(a, b string) int {
			return cmp.Or(strings.Compare(strings.ToLower(a), strings.ToLower(b)), strings.Compare(a, b))
		})
		return cmp.Or(strings.Join(all, ", "), "nowhere that was seen")
	}
	if !slices.ContainsFunc(calls, func(f simulation.Followed) bool { return of(f) != of(calls[0]) }) {
		return of(calls[0])
	}
	return strings.Join(each(calls, func(f simulation.Followed) string { return string(f.Variant) + ": " + of(f) }), "; ")
}

// Threw tells whether the site's function threw in a simulated call. That is a failure,
// whatever severity the plan gives to handler-threw.
func (r *Report) Threw() bool {
	return slices.ContainsFunc(r.Simulation, func(f simulation.Followed) bool { return f.Outcome == wire.Threw })
}

// SimulationText writes a simulation's results as a table, and what is wrong with them.
func (r *Report) SimulationText(w io.Writer, colour bool) error {
	t := textWriter{colour: colour}
	t.simulation(r.Simulation)
	t.findings(r)
	_, err := io.WriteString(w, strings.TrimPrefix(t.String(), "\n"))
	return err
}

// maxFunction is the largest width, in characters, of the columns that say what the
// function did.
const maxFunction = 80

// simulation writes the table of a simulation.
func (t *textWriter) simulation(results []simulation.Followed) {
	if len(results) == 0 {
		return
	}
	t.heading("Simulation")
	table := simulatedTable(results)
	head := simulatedRow{Event: "EVENT", Places: "FORWARDED TO"}
	for _, v := range table.Variants {
		head.Cells = append(head.Cells, simulatedCell{Function: strings.ToUpper(v)})
	}
	rows := append([]simulatedRow{head}, table.Rows...)
	event, functions := 0, make([]int, len(table.Variants))
	for _, r := range rows {
		event = max(event, len([]rune(r.Event)))
		for i, c := range r.Cells {
			functions[i] = max(functions[i], min(len([]rune(c.Function)), maxFunction))
		}
	}
	for _, r := range rows {
		line := "  " + pad(r.Event, event)
		for i, c := range r.Cells {
			function := pad(c.Function, functions[i])
			if c.Failed {
				function = t.painted(record.Error, function)
			}
			line += "  " + function
		}
		t.line("%s", line+"  "+r.Places)
	}
}

func pad(s string, n int) string { return s + strings.Repeat(" ", max(0, n-len([]rune(s)))) }

// simulation writes the same table for a ticket.
func (m *markdownPage) simulation(results []simulation.Followed) {
	if len(results) == 0 {
		return
	}
	table := simulatedTable(results)
	rows := []string{"| Event | " + strings.Join(table.Variants, " | ") + " | Forwarded to |\n|" + strings.Repeat(" --- |", len(table.Variants)+2) + "\n"}
	for _, r := range table.Rows {
		functions := each(r.Cells, func(c simulatedCell) string { return markdown.Prose(c.Function) })
		rows = append(rows, "| "+markdown.Cell(r.Event)+" | "+strings.Join(functions, " | ")+" | "+markdown.Prose(r.Places)+" |\n")
	}
	m.section("Simulation", roomForSimulation, rows)
	m.line("")
}
