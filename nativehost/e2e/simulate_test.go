//go:build browsers && linux

package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/simulation"
	"userlike-inspector/nativehost/internal/wire"
	"userlike-inspector/schema"
)

// simulatedPage has a function that throws for chat_started if there is no operator, never
// returns for chat_connected, and forwards all other events. It is defined late, as by a
// tag manager.
const simulatedPage = `<title>Shop</title>
<script>
	var dataLayer = [];
	function forward(name, globals, session) {
		if (name === "chat_connected") for (;;);
		if (name === "chat_started") session.operator_id.toFixed();
		dataLayer.push({event: "chat", name, chat: session.chat_id});
	}
	setTimeout(() => { userlikeTrackingEvent = forward; }, 1000);
</script>`

// simulated is one call of a simulation, as simulate's JSON has it.
type simulated struct {
	Event, Variant, Threw string
	Record                *string
	Outcome               wire.Outcome
	Hits                  []struct{ To string }
}

// simulate has the page call its own function, once for each event and variant, and says
// what happened to each call.
func TestSimulate(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, of *product) { simulate(t, of.browser) })
}

// simulate is TestSimulate in one browser.
func simulate(t *testing.T, kind string) {
	site := servePages(t, map[string]string{"/": simulatedPage, "/none": `<title>Blog</title>`})
	b := launchVictim(t, kind)
	p := &product{browser: kind, home: b.home, store: b.store}
	b.open(t, site.URL+"/none")
	b.await(t, "the page without the function is known", func() bool { return len(b.all(t)) > 1 })
	if _, talked := p.runHeard(t, 2, "simulate", "--yes"); !strings.Contains(string(talked), "no page has a userlikeTrackingEvent") {
		t.Errorf("without a function: %s", talked)
	}
	b.open(t, site.URL+"/")
	if _, talked := p.runHeard(t, 2, "simulate"); !strings.Contains(string(talked), "--yes") {
		t.Errorf("without consent: %s", talked)
	}
	said := p.run(t, 1, "simulate", "chat_requested", "chat_started", "--yes", "--pause", "20ms", "--format", "json")
	var results []simulated
	if err := json.Unmarshal(said, &results); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	var got []string
	records := map[string]*record.Record{}
	for _, r := range b.all(t) {
		records[r.ID] = r
	}
	for _, r := range results {
		to := ""
		for _, h := range r.Hits {
			to += " " + h.To
		}
		got = append(got, strings.TrimSpace(r.Event+" "+r.Variant+" "+string(r.Outcome)+to))
		if r.Record == nil || records[*r.Record] == nil {
			t.Errorf("%s %s: no record", r.Event, r.Variant)
			continue
		}
		stored := records[*r.Record]
		if !stored.Simulated || stored.EventName() != r.Event || stored.Threw() != r.Threw {
			t.Errorf("%s %s: its record is %+v", r.Event, r.Variant, stored)
		}
		var undefined []string
		for _, n := range stored.Notes {
			undefined = append(undefined, n.At+" "+n.Is)
		}
		if sparse := r.Variant == string(simulation.Sparse); sparse != slices.Contains(undefined, "/2/operator_id undefined") {
			t.Errorf("%s %s: undefined are %q", r.Event, r.Variant, undefined)
		}
	}
	want := []string{
		"chat_requested full returned dataLayer", "chat_requested sparse returned dataLayer",
		"chat_started full returned dataLayer", "chat_started sparse threw",
	}
	if !slices.Equal(got, want) {
		t.Errorf("results\n got %q\nwant %q", got, want)
	}
	for _, r := range records {
		if r.Kind == record.Hit && !r.Simulated {
			t.Errorf("a hit that is not said to be simulated: %s", r.ID)
		}
	}
	if report := p.check(t); report.Summary.Calls != 0 || report.Summary.Journeys != 0 {
		t.Errorf("simulated calls are counted as the client's: %+v", report.Summary)
	}
	plan := filepath.Join(t.TempDir(), "plan.yaml")
	const text = "sites: [\"*://127.0.0.1:*/*\"]\nforward: [{to: adobeDataLayer, events: [chat_requested]}]\n"
	if err := os.WriteFile(plan, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if said := p.run(t, 1, "simulate", "chat_requested", "--yes", "--plan", plan); !strings.Contains(string(said), "not-forwarded") {
		t.Errorf("a plan that wants calls elsewhere: %s", said)
	}
	interruptSimulation(t, b, p)
	if _, talked := p.runHeard(t, 2, "simulate", "chat_connected", "--yes"); !strings.Contains(string(talked), "chat_connected (full), has not returned") {
		t.Errorf("with an endless loop: %s", talked)
	}
}

// interruptSimulation interrupts a simulation. The page then makes no more of its calls,
// and another simulation can begin.
func interruptSimulation(t *testing.T, b *victim, p *product) {
	t.Helper()
	simulated := func() (n int) {
		for _, r := range b.all(t) {
			if r.Kind == record.Call && r.Simulated {
				n++
			}
		}
		return n
	}
	before := simulated()
	args := []string{"simulate", "--yes", "--pause", "400ms"}
	for _, e := range schema.Catalogue().Events {
		if e.Name != "chat_connected" { // the page's function never returns from that one
			args = append(args, e.Name)
		}
	}
	cmd := p.command(t, args...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	b.await(t, "the simulation has begun", func() bool { return simulated() > before+1 })
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Error("an interrupted simulation passes")
	}
	b.await(t, "the page can be asked again", func() bool {
		return p.command(t, "simulate", "rating_submit", "--yes").Run() == nil
	})
	if made, all := simulated()-before, 2*(len(schema.Catalogue().Events)-1); made >= all {
		t.Errorf("%d calls were made, all %d of the simulation that was interrupted", made, all)
	}
}

// check judges all that was recorded.
func (p *product) check(t *testing.T) (report checkReport) {
	t.Helper()
	if err := json.Unmarshal(p.run(t, 0, "check", "--format", "json", "--fail-on", "never"), &report); err != nil {
		t.Fatal(err)
	}
	return report
}

// One command opens a site, has it called with every event, and reports.
func TestInspectSimulate(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, p *product) {
		page := strings.Replace(simulatedPage, `if (name === "chat_connected") for (;;);`, `alert(name);`, 1)
		site := servePages(t, map[string]string{"/": page})
		plan := filepath.Join(t.TempDir(), "plan.yaml")
		const text = "sites: [\"*://127.0.0.1:*/*\"]\nevents: {chat_requested: {count: 1}}\nforward: [{to: dataLayer, events: [chat_started]}]\n"
		if err := os.WriteFile(plan, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		// The exit code is 1 although --fail-on is never, because a call threw.
		said := p.run(t, 1, "inspect", "--headless", "--browser", p.browser, "--simulate",
			"--format", "json", "--fail-on", "never", "--plan", plan, site.URL+"/")
		var report struct {
			checkReport
			Simulation []simulated
		}
		if err := json.Unmarshal(said, &report); err != nil {
			t.Fatalf("%v: %s", err, said)
		}
		outcomes := map[wire.Outcome]int{}
		for _, r := range report.Simulation {
			outcomes[r.Outcome]++
			if r.Outcome == wire.Threw && (r.Event != "chat_started" || r.Variant != string(simulation.Sparse)) {
				t.Errorf("%s %s threw %s", r.Event, r.Variant, r.Threw)
			}
		}
		if outcomes[wire.Returned] != 69 || outcomes[wire.Threw] != 1 || len(outcomes) != 2 {
			t.Errorf("outcomes %v, want 69 that returned and one that threw", outcomes)
		}
		var rules []string
		for _, f := range report.Findings {
			rules = append(rules, f.Rule)
		}
		slices.Sort(rules)
		if want := []string{"handler-threw", "not-forwarded"}; !slices.Equal(rules, want) {
			t.Errorf("findings %q, want %q", rules, want)
		}
	})
}

// In the demo shop, a simulation finds the event for which its function needs an operator.
// No visit shows that mistake.
func TestDemoSimulate(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, p *product) {
		var report struct{ Simulation []simulated }
		if err := json.Unmarshal(p.run(t, 1, "inspect", "--headless", "--browser", p.browser, "--simulate", "--format", "json"), &report); err != nil {
			t.Fatal(err)
		}
		var failed []string
		for _, r := range report.Simulation {
			if r.Outcome != wire.Returned {
				failed = append(failed, r.Event+" "+r.Variant)
			} else if len(r.Hits) == 0 {
				t.Errorf("%s %s went nowhere", r.Event, r.Variant)
			}
		}
		if want := []string{"post_survey_submit sparse"}; len(report.Simulation) != 70 || !slices.Equal(failed, want) {
			t.Errorf("%d calls, of which %q failed, want %q", len(report.Simulation), failed, want)
		}
	})
}
