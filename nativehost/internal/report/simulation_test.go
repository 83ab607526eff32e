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

// What a simulation came to is in every format, made harmless.
func TestSimulation(t *testing.T) {
	id := "d/7"
	r := report.Report{Made: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC), Simulation: []simulation.Followed{
		{Event: "chat_started", Variant: simulation.Full, Record: &id, Outcome: wire.Returned, Hits: []simulation.Hit{
			{To: "dataLayer", Carries: []record.Carried{{What: "/0", At: "/0/event"}}}, {To: "dataLayer"}, {To: "https://stats.example/c", System: "Matomo"},
		}},
		{Event: "chat_started", Variant: simulation.Sparse, Outcome: wire.Threw, Threw: "TypeError: <img src=x>\x1b[31m|", Hits: []simulation.Hit{}},
	}}
	for _, format := range []struct {
		name  string
		write func(*strings.Builder) error
		want  []string
	}{
		{"text", func(b *strings.Builder) error { return r.Text(b, false) }, []string{"Simulation", "chat_started  full", "dataLayer, Matomo", "threw: TypeError: <img src=x>"}},
		{"markdown", func(b *strings.Builder) error { return r.Markdown(b) }, []string{"## Simulation", "| `chat_started` | full | returned | dataLayer, Matomo |"}},
		{"html", func(b *strings.Builder) error { return r.HTML(b) }, []string{`<h2 id="h-simulation">`, "dataLayer, Matomo", "&lt;img src=x&gt;"}},
		{"junit", func(b *strings.Builder) error { return r.JUnit(b, record.Error) }, []string{
			`classname="userlike.simulation" name="chat_started full"`, `name="chat_started sparse"`, `failures="1"`, "threw: TypeError",
		}},
		{"json", func(b *strings.Builder) error { return r.JSON(b) }, []string{`"simulation": [`, `"outcome": "threw"`, `"record": null`, `"record": "d/7"`}},
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
