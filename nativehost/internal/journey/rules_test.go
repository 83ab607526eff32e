package journey_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/schema"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// The examples on the rules' pages do what the pages say.
func TestPages(t *testing.T) {
	in := inspector(t)
	names := map[string]bool{}
	for _, r := range inspect.Rules() {
		names[r.Name] = true
		page := r.Page()
		judgePage := func(script string) []journey.Finding {
			judgedBy := in
			if page.Plan != "" {
				judgedBy = in.With(parsePlan(t, page.Plan))
			}
			open, _ := journey.Accept(judgedBy.Plan(), judge(judgedBy, recording(t, script)), time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC))
			return open
		}
		triggers := func(script string) bool {
			return slices.ContainsFunc(judgePage(script), func(f journey.Finding) bool { return f.Rule == r.Name })
		}
		if page.Triggers == "" || page.Passes == "" || page.Text == r.Meaning {
			t.Errorf("%s has no complete page", r.Name)
			continue
		}
		if !triggers(page.Triggers) {
			t.Errorf("%s is not triggered by\n%s\nbut %q is found", r.Name, page.Triggers, lines(judgePage(page.Triggers)))
		}
		if found := judgePage(page.Passes); found != nil {
			t.Errorf("on the page of %s\n%s\ntriggers %q", r.Name, page.Passes, lines(found))
		}
	}
	files, err := filepath.Glob("../inspect/pages/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if name := strings.TrimSuffix(filepath.Base(f), ".txt"); !names[name] {
			t.Errorf("there is a page for %q, which is no rule", name)
		}
	}
}

// The plan's schema, which editors complete by, knows the rules.
func TestPlanSchemaKnowsTheRules(t *testing.T) {
	var s struct {
		Defs struct{ Rule struct{ Enum []string } } `json:"$defs"`
	}
	if err := json.Unmarshal(schema.Text(schema.Plan), &s); err != nil {
		t.Fatal(err)
	}
	var rules []string
	for _, r := range inspect.Rules() {
		rules = append(rules, r.Name)
	}
	known := s.Defs.Rule.Enum
	slices.Sort(rules)
	slices.Sort(known)
	if !slices.Equal(known, rules) {
		t.Errorf("the plan's schema knows %q, the rules are %q", known, rules)
	}
}

// The sentences of every case's findings.
func TestSentences(t *testing.T) {
	in := inspector(t)
	var b strings.Builder
	write := func(name string, found []journey.Finding) {
		if len(found) == 0 {
			return
		}
		fmt.Fprintf(&b, "== %s\n", name)
		for _, f := range found {
			fmt.Fprintf(&b, "%s %s %s %s\n  %s\n  expected: %s\n  actual: %s\n  demand: %s\n", f.Severity, f.Rule, f.Record, f.At, f.Message, f.Expected, f.Actual, f.Demand)
		}
		b.WriteByte('\n')
	}
	for _, c := range cases {
		write(c.name, judge(in, recording(t, c.script)))
	}
	for _, c := range planCases {
		write("plan: "+c.name, judge(in.With(parsePlan(t, c.plan)), recording(t, c.script)))
	}
	const path = "testdata/findings.golden"
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("%s differs (look at the change, then run with -update)", path)
	}
}
