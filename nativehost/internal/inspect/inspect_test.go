package inspect_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/record/recordtest"
	"userlike-inspector/schema"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func inspector(t testing.TB) *inspect.Inspector {
	t.Helper()
	in, err := inspect.New()
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// call makes a record of a call from JSON texts; notes may be "".
func call(t testing.TB, args, notes string) *record.Record {
	t.Helper()
	r := &record.Record{V: 1, Kind: record.Call, ID: "d/1", Seq: 1, Args: json.RawMessage(args)}
	if notes != "" {
		if err := json.Unmarshal([]byte(notes), &r.Notes); err != nil {
			t.Fatalf("notes %s: %v", notes, err)
		}
	}
	return r
}

// lines are findings in short: rule, place, expected, actual.
func lines(found []record.Finding) []string {
	var out []string
	for _, f := range found {
		out = append(out, fmt.Sprintf("%s %s | %s | %s", f.Rule, f.At, f.Expected, f.Actual))
	}
	return out
}

// ctx is a complete global context; with returns it with some JSON changed.
const ctx = `{"client_uuid":"5f0c","operator_group_id":12,"widget_id":34,"widget_lang":"de"}`

func with(before, after string) string { return strings.Replace(ctx, before, after, 1) }

// args are the arguments of a chat_started with these contexts.
func args(global, session string) string { return `["chat_started",` + global + `,` + session + `]` }

// callCase is a call and all findings that it must have.
type callCase struct {
	name, args, notes string
	want              []string
}

func TestCalls(t *testing.T) {
	in := inspector(t)
	var golden strings.Builder
	seen := map[string]bool{}
	for _, c := range callCases() {
		if seen[c.name] {
			t.Errorf("two cases are named %q", c.name)
		}
		seen[c.name] = true
		found := in.Judge(call(t, c.args, c.notes))
		if got := lines(found); !slices.Equal(got, c.want) {
			t.Errorf("%s:\n args %.300s\nnotes %s\n  got %s\n want %s", c.name, c.args, c.notes, strings.Join(got, "\n      "),
				strings.Join(c.want, "\n      "))
		}
		write(&golden, c.name, found)
	}
	compare(t, "calls.golden", golden.String())
}

func TestPages(t *testing.T) {
	in := inspector(t)
	thrown := call(t, args(ctx, `{}`), "")
	thrown.Handled = &record.HandlerAtCall{State: "assigned", Threw: "TypeError: Cannot read properties of undefined (reading 'operator_id')"}
	fine := call(t, args(ctx, `{}`), "")
	fine.Handled = &record.HandlerAtCall{State: "declared"}
	var golden strings.Builder
	for _, c := range []struct {
		name string
		r    *record.Record
		want []string
	}{
		{
			name: "a handler that threw",
			r:    thrown,
			want: []string{"handler-threw  | no exception | TypeError: Cannot read properties of undefined (reading 'operator_id')"},
		},
		{"a handler that did not throw", fine, nil},
		{
			name: "a handler behind let",
			r:    &record.Record{Kind: record.Handler, State: record.Shadowed, Text: "let, const or class declares it"},
			want: []string{"handler-shadowed  | a property of the window | let, const or class"},
		},
		{"a handler that went away", &record.Record{Kind: record.Handler, State: "removed"}, nil},
		{"a handler that appeared", &record.Record{Kind: record.Handler, State: "appeared"}, nil},
		{"a handler that was replaced", &record.Record{Kind: record.Handler, State: "replaced"}, nil},
		{
			name: "a handler that cannot be written",
			r:    &record.Record{Kind: record.Handler, State: record.NotWritable},
			want: []string{"capture-gap  | every call recorded | calls that cannot be seen"},
		},
		{
			name: "a handler that is called as it is defined",
			r: &record.Record{
				Kind:  record.Handler,
				State: record.Appeared,
				Text:  "assigned; the script that defines it calls it too, and " + record.UnseenCalls,
			},
			want: []string{"capture-gap  | every call recorded | calls that cannot be seen"},
		},
		{
			name: "three lost calls",
			r:    &record.Record{Kind: record.Gap, Lost: 3, Why: record.QueueFull},
			want: []string{"capture-gap  | every call recorded | 3 calls lost"},
		},
		{
			name: "one lost call",
			r:    &record.Record{Kind: record.Gap, Lost: 1, Why: record.Unreadable(1, errors.New(`record has no "time"`))},
			want: []string{"capture-gap  | every call recorded | 1 call lost"},
		},
		{
			name: "lost calls and what they pushed",
			r:    &record.Record{Kind: record.Gap, Lost: 3, Hits: 2, Why: record.OverQuota(1 << 20)},
			want: []string{"capture-gap  | every call recorded | 3 calls and 2 possible hits lost"},
		},
		{
			name: "hits that nobody looked at",
			r:    &record.Record{Kind: record.Gap, Hits: 2, Why: record.TooManyHits},
			want: []string{"capture-gap  | every possible hit looked at | 2 possible hits not looked at"},
		},
		{
			name: "an unknown loss",
			r:    &record.Record{Kind: record.Gap, Why: record.StackExhausted},
			want: []string{"capture-gap  | every call recorded | An unknown number of calls lost"},
		},
		{"a page", &record.Record{Kind: record.Page, Event: "opened"}, nil},
		{"a client", &record.Record{Kind: record.Client, State: record.Loaded}, nil},
		{"a mark", &record.Record{Kind: record.Mark, Text: "step 1"}, nil},
	} {
		recordtest.Made(t, c.r)
		found := in.Judge(c.r)
		if got := lines(found); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
		write(&golden, c.name, found)
	}
	compare(t, "pages.golden", golden.String())
}

// write adds a case's findings to a golden text, and says so when there are none.
func write(b *strings.Builder, name string, found []record.Finding) {
	fmt.Fprintf(b, "== %s\n", name)
	for _, f := range found {
		fmt.Fprintf(b, "%s %s %s\n  %s\n  demand: %s\n", f.Severity, f.Rule, f.At, f.Message, f.Demand)
	}
	b.WriteByte('\n')
}

func compare(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (look at the change, then run with -update):\n%s", path, got)
	}
}

// The table is complete, and findings have its severities. Package journey tests that
// something triggers each rule.
func TestRulesTable(t *testing.T) {
	rules := map[string]inspect.Rule{}
	for _, r := range inspect.Rules() {
		if _, twice := rules[r.Name]; twice || r.Meaning == "" || r.On == "" || r.Severity.Rank() == 0 {
			t.Errorf("the table's entry %+v is a second one or not complete", r)
		}
		rules[r.Name] = r
	}
	for _, name := range []string{"calls.golden", "pages.golden"} {
		raw, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(raw)) {
			words := strings.Fields(line)
			if len(words) < 2 || strings.HasPrefix(line, " ") || strings.HasPrefix(line, "==") {
				continue
			}
			r, ok := rules[words[1]]
			milder := r.Name == inspect.CaptureGap && words[0] == string(record.Warning)
			if !ok || string(r.Severity) != words[0] && !milder {
				t.Errorf("%s has a %s of rule %q, the table says %+v", name, words[0], words[1], r)
			}
		}
	}
}

// The package handles every word that a note may have.
func TestEveryNoteHasACase(t *testing.T) {
	raw, err := os.ReadFile("../../../schema/" + schema.Record)
	if err != nil {
		t.Fatal(err)
	}
	var s struct {
		Defs struct {
			Note struct {
				Properties struct{ Is struct{ Enum []string } }
			}
		} `json:"$defs"`
	}
	if err := json.Unmarshal(raw, &s); err != nil {
		t.Fatal(err)
	}
	words := s.Defs.Note.Properties.Is.Enum
	if len(words) != 20 {
		t.Fatalf("the schema has %d words for notes: %q", len(words), words)
	}
	used := map[string]bool{}
	for _, c := range callCases() {
		for _, n := range call(t, c.args, c.notes).Notes {
			used[n.Is] = true
		}
	}
	for _, w := range words {
		if !used[w] {
			t.Errorf("no case has a note %q", w)
		}
	}
}

// The schema of a record and the record of the program have the same members.
func TestRecordAgreesWithSchema(t *testing.T) {
	raw, err := os.ReadFile("../../../schema/" + schema.Record)
	if err != nil {
		t.Fatal(err)
	}
	var s struct {
		Properties map[string]struct {
			Properties map[string]any
		}
		Defs map[string]struct {
			Properties map[string]any
		} `json:"$defs"`
	}
	if err := json.Unmarshal(raw, &s); err != nil {
		t.Fatal(err)
	}
	for name, pair := range map[string]struct{ schema, program []string }{
		"record":  {slices.Sorted(maps.Keys(s.Properties)), members[record.Record]()},
		"browser": {slices.Sorted(maps.Keys(s.Properties["browser"].Properties)), members[record.Browser]()},
		"handler": {slices.Sorted(maps.Keys(s.Properties["handler"].Properties)), members[record.HandlerAtCall]()},
		"note":    {slices.Sorted(maps.Keys(s.Defs["note"].Properties)), members[record.Note]()},
		"finding": {slices.Sorted(maps.Keys(s.Defs["finding"].Properties)), members[record.Finding]()},
	} {
		if !slices.Equal(pair.schema, pair.program) {
			t.Errorf("a %s has %q in the schema and %q in the program", name, pair.schema, pair.program)
		}
	}
}

// members lists the JSON names of T's fields, sorted.
func members[T any]() []string {
	var names []string
	for _, f := range reflect.VisibleFields(reflect.TypeFor[T]()) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// A page may send as many faults as it likes: each rule's are counted, and
// only so many are listed.
func TestTooManyFindings(t *testing.T) {
	in := inspector(t)
	var b strings.Builder
	b.WriteString(`["nope",{`)
	for i := range 5000 {
		fmt.Fprintf(&b, `"f%d":0,`, i)
	}
	b.WriteString(`"client_uuid":"u"},{}]`)
	count := map[string]int{}
	var rest string
	for _, f := range in.Judge(call(t, b.String(), "")) {
		count[f.Rule]++
		if f.Rule == inspect.UndocumentedField && f.At == "" {
			rest = f.Message
		}
	}
	if count[inspect.UndocumentedField] != 101 || count[inspect.MissingField] != 3 || count[inspect.UndocumentedEvent] != 1 {
		t.Errorf("findings by rule: %v", count)
	}
	if !strings.Contains(rest, "4900 more findings") {
		t.Errorf("the rest is told of as %q", rest)
	}
}

func TestJudgeIsSafeForConcurrentUse(t *testing.T) {
	in := inspector(t)
	r := call(t, `["chat_strated",{"client_uuid":1},{"x":1,"custom_data":{}}]`, `[{"at":"/2/custom_data/f","is":"function"}]`)
	want := lines(in.Judge(r))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				if got := lines(in.Judge(r)); !slices.Equal(got, want) {
					t.Errorf("got %q, want %q", got, want)
				}
			}
		})
	}
	wg.Wait()
}

// FuzzJudge checks that nothing a page sends makes Judge fail, that the same
// record gets the same findings and that judging does not change it.
func FuzzJudge(f *testing.F) {
	for _, c := range callCases() {
		if len(c.args) < 4000 {
			f.Add(c.args, c.notes)
		}
	}
	f.Add(`["a",{"widget_id":1e999999999},{"operator_id":-1e-999999999}]`, `[]`)
	f.Add(strings.Repeat("[", 9000)+strings.Repeat("]", 9000), `[{"at":"/0/0/0","is":"hole"}]`)
	f.Add(`["a",{"a":1,"a":2},{"custom_data":{"":{"/":"~"}}}]`, `[{"at":"","is":"truncated"},{"at":"2/x","is":"nan"},{"at":"/~","is":"nan"},`+
		`{"at":"/2/custom_data//~1","is":"map","text":"\ud800"}]`)
	f.Add("[\"\xff\xfe\",{\"\xff\":\"\xff\"},{}]", `[{"at":"/1/\u0000","is":"getter"},{"at":"/99999999999999999999","is":"date"}]`)
	in := inspector(f)
	rules := map[string]bool{}
	for _, r := range inspect.Rules() {
		rules[r.Name] = true
	}
	f.Fuzz(func(t *testing.T, args, notes string) {
		r := &record.Record{V: 1, Kind: record.Call, Args: json.RawMessage(args)}
		_ = json.Unmarshal([]byte(notes), &r.Notes) // judge with the notes that could be read
		before := fmt.Sprintf("%s %+v", r.Args, r.Notes)
		first := in.Judge(r)
		if again := in.Judge(r); !slices.Equal(first, again) {
			t.Fatalf("first %+v\nthen  %+v", first, again)
		}
		if after := fmt.Sprintf("%s %+v", r.Args, r.Notes); after != before {
			t.Fatalf("the record became %s, it was %s", after, before)
		}
		for _, found := range first {
			if !rules[found.Rule] || found.Severity.Rank() == 0 || len(found.Message) > 4000 || strings.ContainsAny(found.Message, "\n\r\x00\x1b") {
				t.Fatalf("finding %+v", found)
			}
		}
	})
}
