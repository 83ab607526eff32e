package report_test

import (
	"strings"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/report"
	"userlike-inspector/nativehost/internal/simulation"
	"userlike-inspector/nativehost/internal/wire"
)

// The results of a simulation are in every format, made harmless.
func TestSimulation(t *testing.T) {
	id := "d/7"
	r := report.Report{Made: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC), Simulation: []simulation.Followed{
		{Event: "chat_started", Variant: simulation.Full, Record: &id, Outcome: wire.Returned, Hits: []simulation.Hit{
			{
				To:      "dataLayer",
				Carries: []record.Carried{{What: "/0", At: "/0/event"}},
			}, {To: "dataLayer"}, {To: "https://stats.example/c", System: "Matomo"},
		}},
		{
			Event:   "chat_started",
			Variant: simulation.Sparse,
			Outcome: wire.Threw,
			Threw:   "TypeError: <img src=x>\x1b[31m|",
			Hits:    []simulation.Hit{},
		},
	}}
	for _, format := range []struct {
		name  string
		write func(*strings.Builder) error
		want  []string
	}{
		{"text", func(b *strings.Builder) error { return r.Text(b, false) }, []string{
			"Simulation", "chat_started  returned  threw: TypeError: <img src=x>", "full: dataLayer, Matomo; sparse: nowhere that was seen\n",
		}},
		{
			name:  "markdown",
			write: func(b *strings.Builder) error { return r.Markdown(b) },
			want:  []string{"## Simulation", "| `chat_started` | returned | threw: TypeError: &#60;img"},
		},
		{
			name:  "html",
			write: func(b *strings.Builder) error { return r.HTML(b) },
			want:  []string{`<h2 id="h-simulation">`, "full: dataLayer, Matomo; sparse", "&lt;img src=x&gt;"},
		},
		{"junit", func(b *strings.Builder) error { return r.JUnit(b, record.Error) }, []string{
			`classname="userlike.simulation" name="chat_started full"`, `name="chat_started sparse"`, `failures="1"`, "threw: TypeError",
		}},
		{
			name:  "json",
			write: func(b *strings.Builder) error { return r.JSON(b) },
			want:  []string{`"simulation": [`, `"outcome": "threw"`, `"record": null`, `"record": "d/7"`},
		},
	} {
		var b strings.Builder
		if err := format.write(&b); err != nil {
			t.Fatal(err)
		}
		for _, want := range format.want {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%s lacks %q:\n%s", format.name, want, b.String())
			}
		}
		if strings.Contains(b.String(), "\x1b[31m") || format.name == "html" && strings.Contains(b.String(), "<img src=x>") {
			t.Errorf("%s hands on what the page threw as it is", format.name)
		}
	}
}

// The table has a row for each event, and one for each call of a recording.
func TestSimulationEventByEvent(t *testing.T) {
	call := func(event string, v simulation.Variant, to ...string) simulation.Followed {
		f := simulation.Followed{Event: event, Variant: v, Outcome: wire.Returned}
		for _, t := range to {
			f.Hits = append(f.Hits, simulation.Hit{To: t})
		}
		return f
	}
	threw := call("a", simulation.Sparse)
	threw.Outcome, threw.Threw = wire.Threw, "Error: x"
	none := call("a", simulation.Full)
	none.Outcome = wire.NoHandler
	for name, c := range map[string]struct {
		results []simulation.Followed
		want    string
	}{
		"both to the same places, in another order": {
			[]simulation.Followed{call("a", simulation.Full, "q", "p"), call("a", simulation.Sparse, "p", "q")},
			"EVENT  FULL      SPARSE    FORWARDED TO\na      returned  returned  p, q",
		},
		"to different places": {
			[]simulation.Followed{call("a", simulation.Full, "p"), call("a", simulation.Sparse, "q")},
			"EVENT  FULL      SPARSE    FORWARDED TO\na      returned  returned  full: p; sparse: q",
		},
		"one threw": {
			[]simulation.Followed{call("a", simulation.Full, "p"), threw, call("b", simulation.Full, "p"), call("b", simulation.Sparse, "p")},
			"EVENT  FULL      SPARSE           FORWARDED TO\n" +
				"a      returned  threw: Error: x  full: p; sparse: nowhere that was seen\n" +
				"b      returned  returned         p",
		},
		"ended early": {
			[]simulation.Followed{none},
			"EVENT  FULL        SPARSE     FORWARDED TO\na      no handler  no result  nowhere that was seen",
		},
		"an event twice": {
			[]simulation.Followed{call("a", simulation.Full), call("a", simulation.Sparse), call("a", simulation.Full), threw},
			"EVENT  FULL      SPARSE           FORWARDED TO\n" +
				"a      returned  returned         nowhere that was seen\n" +
				"a      returned  threw: Error: x  nowhere that was seen",
		},
		"a recording": {
			[]simulation.Followed{call("a", simulation.Recorded, "p"), call("b", simulation.Recorded), call("a", simulation.Recorded, "q")},
			"EVENT  RECORDED  FORWARDED TO\na      returned  p\nb      returned  nowhere that was seen\na      returned  q",
		},
		"both": {
			[]simulation.Followed{call("a", simulation.Recorded), call("a", simulation.Full), call("a", simulation.Sparse)},
			"EVENT  FULL      SPARSE    RECORDED  FORWARDED TO\n" +
				"a                          returned  nowhere that was seen\n" +
				"a      returned  returned            nowhere that was seen",
		},
	} {
		var b strings.Builder
		r := report.Report{Simulation: c.results}
		if err := r.SimulationText(&b, false); err != nil {
			t.Fatal(err)
		}
		if want := "Simulation\n  " + strings.ReplaceAll(c.want, "\n", "\n  ") + "\n"; b.String() != want {
			t.Errorf("%s:\n%s\nwant\n%s", name, b.String(), want)
		}
	}
}
