package report

import (
	"io"
	"strings"

	"userlike-inspector/nativehost/internal/sanitize"
	"userlike-inspector/nativehost/internal/simulation"
	"userlike-inspector/nativehost/internal/words"
)

// simulated is a row of the table of a simulation, fit for people.
type simulated struct {
	Event, Variant, Function, Places string
	Threw                            bool
}

func simulatedRows(results []simulation.Followed) []simulated {
	return each(results, func(f simulation.Followed) simulated {
		function := string(f.Outcome)
		if f.Threw != "" {
			function += ": " + words.Short(f.Threw)
		}
		return simulated{
			sanitize.Line(f.Event), string(f.Variant), sanitize.Line(function), sanitize.Line(strings.Join(f.Places(), ", ")), f.Threw != "",
		}
	})
}

// SimulationText writes a simulation's results as a table, and what is wrong with them.
func (r *Report) SimulationText(w io.Writer, colour bool) error {
	t := textWriter{colour: colour}
	t.simulation(r.Simulation)
	t.findings(r)
	_, err := io.WriteString(w, strings.TrimPrefix(t.String(), "\n"))
	return err
}

// simulation is the table of what a simulation's calls came to.
func (t *textWriter) simulation(results []simulation.Followed) {
	if len(results) == 0 {
		return
	}
	t.heading("Simulation")
	rows := append([]simulated{{"EVENT", "VARIANT", "FUNCTION", "FORWARDED TO", false}}, simulatedRows(results)...)
	event, function := 0, 0
	for _, r := range rows {
		event, function = max(event, len([]rune(r.Event))), max(function, min(len([]rune(r.Function)), maxFunction))
	}
	for _, r := range rows {
		t.line("%s", strings.TrimRight("  "+pad(r.Event, event)+"  "+pad(r.Variant, len("recorded"))+"  "+pad(r.Function, function)+"  "+r.Places, " "))
	}
}

// maxFunction bounds the table's third column, in characters.
const maxFunction = 50

func pad(s string, n int) string { return s + strings.Repeat(" ", max(0, n-len([]rune(s)))) }

// simulation is the same for a ticket.
func (m *markdown) simulation(results []simulation.Followed) {
	if len(results) == 0 {
		return
	}
	rows := []string{"| Event | Variant | Function | Forwarded to |\n| --- | --- | --- | --- |\n"}
	for _, r := range simulatedRows(results) {
		rows = append(rows, "| "+code(r.Event)+" | "+r.Variant+" | "+prose(r.Function)+" | "+prose(r.Places)+" |\n")
	}
	m.section("Simulation", roomForSimulation, rows)
	m.line("")
}
