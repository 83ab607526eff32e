// Package reporttest makes reports for tests: on recordings in a folder, and on hostile and huge
// ones.
package reporttest

import (
	"bytes"
	"io"
	"os"
	"path"
	"testing"
	"time"
	"unicode/utf8"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/plan"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/redact"
	"userlike-inspector/nativehost/internal/report"
	"userlike-inspector/nativehost/internal/simulation"
	"userlike-inspector/nativehost/internal/wire"
)

// A Folder has recordings in it, and plans of the same names.
type Folder string

// Load reads a recording; the recording "nothing" has no records.
func (f Folder) Load(t *testing.T, name string) []*record.Record {
	t.Helper()
	if name == "nothing" {
		return nil
	}
	text, err := os.ReadFile(path.Join(string(f), name+".jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	var all []*record.Record
	for line := range bytes.Lines(text) {
		r, err := record.Decode(line)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	return all
}

// Plan is the plan that belongs to a recording.
func (f Folder) Plan(t *testing.T, name string) *plan.Plan {
	t.Helper()
	p, err := plan.Load(path.Join(string(f), name+".yaml")) // reports name it, on all systems in the same way
	if err != nil {
		t.Fatal(err)
	}
	p.File = name + ".yaml"
	return p
}

// Reports are reports on all recordings of the tests, including hostile and huge ones.
func (f Folder) Reports(t *testing.T, redacted bool) map[string]*report.Report {
	simulated := Judge(t, f.Load(t, "simulated"), nil, redacted)
	simulated.Simulation = append(SimulationIn(t, f.Load(t, "simulated")), hostileCalls()...)
	return map[string]*report.Report{
		"visit":   Judge(t, f.Load(t, "visit"), f.Plan(t, "visit"), redacted),
		"nothing": Judge(t, nil, nil, redacted),
		"hostile": Judge(t, f.Load(t, "hostile"), nil, redacted),
		"huge":    Judge(t, huge(t), nil, redacted),
		"hits":    Judge(t, HostileHits(t, 300), nil, redacted),

		"simulated": simulated,
	}
}

// Judge makes the report on records.
func Judge(t *testing.T, records []*record.Record, p *plan.Plan, redacted bool) *report.Report {
	t.Helper()
	in, err := inspect.New()
	if err != nil {
		t.Fatal(err)
	}
	in = in.With(p)
	redactor := redact.New([]byte("a key for tests"), in.Judge)
	r := &report.Report{Inspected: report.Inspected{Tool: "userlike-inspector", Version: "1.2.3", Plan: p}, Redacted: redacted}
	all := journey.NewRecording(in)
	for _, one := range records {
		r.Count(one)
		all.Add(one)
		if redacted {
			without, err := redactor.Record(one)
			if err != nil {
				t.Fatal(err)
			}
			r.Withhold(without)
		}
	}
	r.Found(all, time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC))
	return r
}

// Written is what a report writes, which must be UTF-8.
func Written(t *testing.T, write func(io.Writer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	if !utf8.Valid(b.Bytes()) {
		t.Error("the report is not UTF-8")
	}
	return b.Bytes()
}

// SimulationIn is the results of the simulated calls among records.
func SimulationIn(t *testing.T, records []*record.Record) (all []simulation.Followed) {
	t.Helper()
	index := map[string]int{}
	for _, r := range records {
		switch {
		case r.Kind == record.Call && r.Simulated:
			f := simulation.Followed{
				Event:   r.EventName(),
				Variant: simulation.Full,
				Record:  &r.ID,
				Outcome: wire.Returned,
				Threw:   r.Threw(),
				Hits:    []simulation.Hit{},
			}
			if len(r.Notes) > 0 {
				f.Variant = simulation.Sparse
			}
			if f.Threw != "" {
				f.Outcome = wire.Threw
			}
			index[r.ID] = len(all)
			all = append(all, f)
		case r.Kind == record.Hit && r.Simulated:
			for _, call := range r.Handed.Calls {
				f := &all[index[call]]
				f.Hits = append(f.Hits, simulation.Hit{To: r.Handed.To, System: r.Handed.System, Carries: r.Handed.Carries})
			}
		}
	}
	return all
}
