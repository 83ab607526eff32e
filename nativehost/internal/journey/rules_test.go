package journey_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/journey"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// The examples on the rules' pages have the findings that the pages say.
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
			open, _ := journey.Accept(judgedBy.Plan(), judge(judgedBy, visited(t, script)), time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC))
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

// The other lists of rules agree with the table: the plan's schema, which editors use for
// completion, and the README.
func TestListsOfRules(t *testing.T) {
	var names, families []string
	for _, r := range inspect.Rules() {
		names = append(names, strconv.Quote(r.Name))
		if !slices.Contains(inspect.Families(), r.Family) || r.Source == "" {
			t.Errorf("%s has no family or source: %+v", r.Name, r)
		}
	}
	more := map[inspect.Family]string{
		"the recording": ": calls were lost, how many and why, or cannot be seen; or requests and pushes were too many to tell which calls they belong to",
		"your plan":     ", and those on the visit as errors",
	}
	for _, family := range inspect.Families() {
		var rules []string
		for _, r := range inspect.Rules() {
			if r.Family == family {
				rules = append(rules, "`"+r.Name+"`")
			}
		}
		families = append(families, fmt.Sprintf("| %s | %s%s |\n", family, strings.Join(rules, ", "), more[family]))
	}
	listed(t, "../../../schema/plan.schema.json", "\"the name of a rule that userlike-inspector events lists\",\n      \"enum\": [\n",
		wrapped(names), "      ]")
	listed(t, "../../../README.md", "<!-- the rules, by their test -->\n| what is judged | rules |\n|---|---|\n", strings.Join(families, ""), "\n")
}

// listed checks that a file has the text want between two others, or writes it there with
// -update.
func listed(t *testing.T, path, before, want, after string) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(raw), before)
	i := strings.Index(rest, "\n"+after)
	if !ok || i < 0 {
		t.Fatalf("%s has no list after %q", path, before)
	}
	got, tail := rest[:i+1], rest[i+1:]
	switch {
	case got == want:
	case !*update:
		t.Errorf("%s has\n%s\nthe table has\n%s\n(go test -update takes that over)", path, got, want)
	default:
		if err := os.WriteFile(path, []byte(head+before+want+tail), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// wrapped is a JSON list in lines that are not too long.
func wrapped(list []string) string {
	var b strings.Builder
	width := 0
	for i, s := range list {
		switch {
		case i == 0:
			b.WriteString("        ")
		case width+len(s) > 120:
			b.WriteString(",\n        ")
			width = 0
		default:
			b.WriteString(", ")
		}
		b.WriteString(s)
		width += len(s) + 2
	}
	return b.String() + "\n"
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
			fmt.Fprintf(&b, "%s %s %s %s\n  %s\n  expected: %s\n  actual: %s\n  demand: %s\n", f.Severity, f.Rule, f.Record, f.At,
				f.Message, f.Expected, f.Actual, f.Demand)
		}
		b.WriteByte('\n')
	}
	for _, c := range cases {
		write(c.name, judge(in, visited(t, c.script)))
	}
	for _, c := range planCases {
		write("plan: "+c.name, judge(in.With(parsePlan(t, c.plan)), visited(t, c.script)))
	}
	for _, c := range handedOn {
		write("hits: "+c.name, judge(in.With(parsePlan(t, c.plan+"\nname: P")), visited(t, c.script)))
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
