package report_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/plan"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/report"
	"userlike-inspector/nativehost/internal/report/reporttest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// recordings are those of these tests.
const recordings = reporttest.Folder("testdata")

// formats are all formats, with the ending of their golden files.
var formats = []struct {
	name     string
	redacted bool
	write    func(*report.Report, io.Writer) error
}{
	{"text", false, func(r *report.Report, w io.Writer) error { return r.Text(w, false) }},
	{"colour.text", false, func(r *report.Report, w io.Writer) error { return r.Text(w, true) }},
	{"json", false, (*report.Report).JSON},
	{"junit.xml", false, func(r *report.Report, w io.Writer) error { return r.JUnit(w, record.Warning) }},
	{"markdown", true, (*report.Report).Markdown},
	{"html", true, (*report.Report).HTML},
}

func TestGolden(t *testing.T) {
	for _, name := range []string{"visit", "forwarded", "simulated", "nothing"} {
		var p *plan.Plan
		if name == "visit" || name == "forwarded" {
			p = recordings.Plan(t, name)
		}
		for _, f := range formats {
			t.Run(name+"/"+f.name, func(t *testing.T) {
				var got, again bytes.Buffer
				for _, b := range []*bytes.Buffer{&got, &again} {
					records := recordings.Load(t, name)
					r := reporttest.Judge(t, records, p, f.redacted)
					r.Simulation = reporttest.SimulationIn(t, records)
					if err := f.write(r, b); err != nil {
						t.Fatal(err)
					}
				}
				if !bytes.Equal(got.Bytes(), again.Bytes()) {
					t.Error("the same recording gave two different reports")
				}
				golden := filepath.Join("testdata", name+"."+f.name+".golden")
				if *update {
					if err := os.WriteFile(golden, got.Bytes(), 0o600); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(golden)
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(got.Bytes(), want) {
					t.Errorf("differs from %s; look at it, then run the test with -update:\n%s", golden, got.Bytes())
				}
			})
		}
	}
}

// The text for a terminal differs from that for a pipe only in its colours.
func TestColour(t *testing.T) {
	var plain, coloured bytes.Buffer
	r := reporttest.Judge(t, recordings.Load(t, "visit"), recordings.Plan(t, "visit"), false)
	if err := r.Text(&plain, false); err != nil {
		t.Fatal(err)
	}
	if err := r.Text(&coloured, true); err != nil {
		t.Fatal(err)
	}
	bare := regexp.MustCompile(`\x1b\[[0-9;]*m`).ReplaceAllString(coloured.String(), "")
	if bare == coloured.String() || bare != plain.String() {
		t.Errorf("without colour:\n%s\nwith colour:\n%s", plain.String(), coloured.String())
	}
}

// The places in JSON have the form that users rely on: events by name, and the personal
// fields.
func TestForwardingContract(t *testing.T) {
	var b bytes.Buffer
	if err := reporttest.Judge(t, recordings.Load(t, "forwarded"), recordings.Plan(t, "forwarded"), false).JSON(&b); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Summary    struct{ Hits int }
		Forwarding []struct {
			To, System string
			Events     map[string]struct{ Calls, Forwarded int }
			Personal   []string
		}
	}
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, f := range got.Forwarding {
		said = append(said, fmt.Sprintf("%s|%s|%d of %d|%s", f.To, f.System, f.Events["chat_requested"].Forwarded,
			f.Events["chat_requested"].Calls, f.Personal))
	}
	want := []string{
		"dataLayer||1 of 1|[/2/client_email]", "https://blobs.example/i||0 of 1|[]",
		"https://stats.partner.example/c/ada%40lovelace.example||1 of 1|[/2/client_email /2/client_name]",
		"https://www.google-analytics.com/g/collect|Google Analytics 4|1 of 1|[]", "nowhere.example||0 of 0|[]",
	}
	if !slices.Equal(said, want) || got.Summary.Hits != 11 {
		t.Errorf("%d hits, %q", got.Summary.Hits, said)
	}
}

// Calls whose requests failed count as forwarded, and reports say how many failed.
func TestForwardingFailed(t *testing.T) {
	records := recordings.Load(t, "forwarded")
	for _, one := range records {
		if h := one.Handed; h != nil && strings.Contains(h.To, "partner.example") {
			h.Failed = &one.Time
		}
	}
	r := reporttest.Judge(t, records, recordings.Plan(t, "forwarded"), false)
	for format, one := range map[string]struct {
		write func(io.Writer) error
		want  []string
	}{
		"text":     {func(w io.Writer) error { return r.Text(w, false) }, []string{"2 hits, 2 of which failed", "1 of 1, 1 failed"}},
		"markdown": {r.Markdown, []string{"| 2 hits, 2 of which failed |", "| 1 of 1, 1 failed |"}},
		"html":     {r.HTML, []string{">2 hits, 2 of which failed<", `class="warning">1 of 1, 1 failed<`}},
		"json":     {r.JSON, []string{`"failed": 1`}},
	} {
		got := string(reporttest.Written(t, one.write))
		for _, want := range one.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s lacks %q:\n%s", format, want, got)
			}
		}
	}
}

// The keys in JSON that users rely on are at their places. Other keys may be added.
func TestJSONContract(t *testing.T) {
	var b bytes.Buffer
	r := reporttest.Judge(t, recordings.Load(t, "visit"), recordings.Plan(t, "visit"), false)
	if err := r.JSON(&b); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Findings []map[string]any `json:"findings"`
		Summary  map[string]any   `json:"summary"`
		Journeys []struct {
			Calls []struct{ Record, Event string } `json:"calls"`
		} `json:"journeys"`
		Inspected struct {
			Plan struct{ SHA256 string } `json:"plan"`
		} `json:"inspected"`
		Consent  []any `json:"consent"`
		Coverage []any `json:"coverage"`
	}
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	keys := func(m map[string]any) []string {
		var all []string
		for k := range m {
			all = append(all, k)
		}
		slices.Sort(all)
		return all
	}
	if want := []string{"calls", "error", "hits", "info", "journeys", "warning"}; !reflect.DeepEqual(keys(got.Summary), want) {
		t.Errorf("summary has %q, want %q", keys(got.Summary), want)
	}
	nulls := 0
	for _, f := range got.Findings {
		if want := []string{"actual", "at", "demand", "expected", "journey", "message", "record", "rule", "severity"}; !reflect.DeepEqual(keys(f), want) {
			t.Errorf("a finding has %q, want %q", keys(f), want)
		}
		if f["record"] == nil {
			nulls++
		}
	}
	if len(got.Findings) != len(r.Findings) || nulls != 1 {
		t.Errorf("%d findings, %d without a record; want %d and only the event that never came", len(got.Findings), nulls, len(r.Findings))
	}
	calls := 0
	for _, j := range got.Journeys {
		calls += len(j.Calls)
	}
	if calls != r.Summary.Calls || got.Inspected.Plan.SHA256 != r.Plan.Hash || len(got.Consent) != 1 || len(got.Coverage) != 36 {
		t.Errorf("%d calls in journeys, plan %q, %d consents, %d events covered", calls, got.Inspected.Plan.SHA256, len(got.Consent), len(got.Coverage))
	}
}

// personal are the values of testdata/visit.jsonl that tell who the contact is.
var personal = []string{"Ada Lovelace", "ada@", "ada%40", "lovelace.example", "platinum-4711", "9120", "LV-4711", "not an address"}

// A redacted report says nothing of the contact, but has the same findings.
func TestRedacted(t *testing.T) {
	open, redacted := reporttest.Judge(t, recordings.Load(t, "visit"), recordings.Plan(t, "visit"), false), reporttest.Judge(t, recordings.Load(t, "visit"), recordings.Plan(t, "visit"), true)
	if len(open.Findings) != len(redacted.Findings) {
		t.Fatalf("%d findings, but %d when redacted", len(open.Findings), len(redacted.Findings))
	}
	for i, f := range open.Findings {
		if g := redacted.Findings[i]; f.Rule != g.Rule || f.At != g.At || f.Record != g.Record || f.Severity != g.Severity || f.Demand != g.Demand {
			t.Errorf("%s at %s of %s became %s at %s of %s", f.Rule, f.At, f.Record, g.Rule, g.At, g.Record)
		}
	}
	for _, f := range formats {
		if !f.redacted {
			continue
		}
		var kept, without bytes.Buffer
		if err := f.write(open, &kept); err != nil {
			t.Fatal(err)
		}
		if err := f.write(redacted, &without); err != nil {
			t.Fatal(err)
		}
		for _, value := range personal {
			if strings.Contains(without.String(), value) {
				t.Errorf("%s tells %q", f.name, value)
			}
		}
		if !strings.Contains(kept.String(), "platinum-4711") || !strings.Contains(kept.String(), "Ada Lovelace") {
			t.Errorf("%s leaves personal values out unasked", f.name)
		}
	}
}

// A correct value whose pseudonym is wrong has no finding. A wrong value whose pseudonym is
// correct keeps its finding, without a message that quotes it.
func TestRedactedVerdicts(t *testing.T) {
	p, err := plan.Parse("plan.yaml", "/plan.yaml",
		[]byte("custom_data: {properties: {tier: {enum: [gold]}, code: {pattern: '^[a-z]x|^[b-z]{3}$', not: {const: secret}}}}\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	const call = `{"v":1,"kind":"call","id":"d/1","seq":1,"time":"2026-11-22T10:13:04.123Z","document":"d",` +
		`"url":"https://shop.example/","args":["button_displayed",` +
		`{"client_uuid":"u","operator_group_id":1,"widget_id":2,"widget_lang":"de"},{"custom_data":%s}]}`
	for _, test := range []struct{ data, want string }{
		{`{"tier":"gold"}`, ""},
		{`{"tier":"iron"}`, "custom-data"},
		{`{"code":"secret"}`, "custom-data"},
	} {
		one, err := record.Decode([]byte(fmt.Sprintf(call, test.data)))
		if err != nil {
			t.Fatal(err)
		}
		r := reporttest.Judge(t, []*record.Record{one}, p, true)
		var rules []string
		for _, f := range r.Findings {
			rules = append(rules, f.Rule)
			if f.Message == "" || strings.Contains(f.Message+f.Actual, "secret") || strings.Contains(f.Message+f.Actual, "iron") {
				t.Errorf("%s is told of as %q", test.data, f.Message)
			}
		}
		if got := strings.Join(slices.Compact(rules), " "); got != test.want {
			t.Errorf("%s: found %q, want %q", test.data, got, test.want)
		}
	}
}
