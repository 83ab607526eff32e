package journey_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/record"
)

// What can happen to the site's function while the client loads.
var functionCases = []struct {
	name, script string
	want         []string
}{
	{"none, and the page is left", "0 opened\n 1 loaded\n 1.2 framed\n 5 closed", []string{"warning handler-missing d/2"}},
	{"none in ten seconds", "0 opened\n 1 framed\n 12 mounted", []string{"warning handler-missing d/2"}},
	{"none, and the page is left at once", "0 opened\n 1 loaded\n 1.9 closed", nil},
	{"none, as a consent manager holds the client back", "0 opened\n 1 held-back\n 60 closed", nil},
	{"none, as the client is refused", "0 opened\n 1 refused\n 60 closed", nil},
	{"none, and something that looks like the client", "0 opened\n 1 mounted\n 60 closed", nil},
	{"none, and calls were lost", "0 opened\n 1 framed\n 2 gap\n 60 closed", []string{"error capture-gap d/3"}},
	{
		name: "none, and the stand-in has the calls",
		script: "0 opened\n" +
			" 1 framed\n" +
			" 2 standin button_displayed\n" +
			" 60 closed",
		want: []string{"warning handler-missing d/2"},
	},
	{"in time for a client that is agreed to", "0 opened\n 1 held-back\n 30 appeared\n 30.5 loaded\n 31 framed\n 60 closed", nil},
	{"before a script that takes its time", "0 opened\n 4 appeared\n 5 loaded\n 6 framed\n 60 closed", nil},
	{
		name: "late for a client that is agreed to",
		script: "0 opened\n" +
			" 1 held-back\n" +
			" 30 loaded\n" +
			" 31.2 appeared\n" +
			" 60 closed",
		want: []string{"warning handler-late d/4"},
	},
	{"late for the frame", "0 opened\n 1 framed\n 4 appeared\n 60 closed", []string{"warning handler-late d/3"}},

	{"none in the client's own frame", "0 opened\n 0.1 appeared\n 1 framed\n 1.1 @d2 %3 loaded\n 60 closed\n 60 @d2 %3 closed", nil},
	{
		name: "none in a frame with a client",
		script: "0 @d2 %3 opened\n" +
			" 1 @d2 %3 loaded\n" +
			" 1.1 @d2 %3 framed\n" +
			" 60 @d2 %3 closed",
		want: []string{"warning handler-missing d2/2"},
	},

	{"taken away", "0 opened\n 1 appeared\n 5 removed\n 60 closed", []string{"warning handler-removed d/3"}},
	{"taken away and set again at once", "0 opened\n 1 appeared\n 5 removed\n 5 appeared\n 60 closed", nil},
	{"taken away and set again at the next look", "0 opened\n 1 appeared\n 5 removed\n 5.25 appeared\n 60 closed", nil},
	{"taken away for a while", "0 opened\n 1 appeared\n 5 removed\n 9 appeared\n 60 closed", []string{"warning handler-removed d/3"}},
	{
		name: "taken away twice",
		script: "0 opened\n" +
			" 1 appeared\n" +
			" 5 removed\n" +
			" 5 appeared\n" +
			" 20 removed\n" +
			" 60 closed",
		want: []string{"warning handler-removed d/5"},
	},
	{"taken away as the page is left", "0 opened\n 1 appeared\n 5 removed\n 5.1 closed", nil},

	{"replaced", "0 opened\n 1 appeared\n 5 replaced\n 60 closed", nil},
	{
		name: "replaced by one that does not call it",
		script: "0 opened\n" +
			" 1 appeared\n" +
			" 5 replaced\n" +
			" 6 button_displayed passed false\n" +
			" 9 chat_requested passed false\n" +
			" 60 closed",
		want: []string{"warning handler-replaced d/3"},
	},
	{"replaced by one that calls it", "0 opened\n 1 appeared\n 5 replaced\n 6 button_displayed passed true\n 60 closed", nil},
	{
		name: "replaced by one that calls it for some",
		script: "0 opened\n" +
			" 1 appeared\n" +
			" 5 replaced\n" +
			" 6 button_displayed passed false\n" +
			" 9 chat_requested passed true\n" +
			" 60 closed",
	},
	{
		name: "replaced by a queue",
		script: "0 opened\n" +
			" 1 appeared\n" +
			" 5 replaced\n" +
			" 6 button_displayed passed false\n" +
			" 9 replaced assigned; passes calls on later\n" +
			" 60 closed",
	},
	{
		name: "replaced twice",
		script: "0 opened\n" +
			" 1 appeared\n" +
			" 5 replaced\n" +
			" 6 button_displayed passed true\n" +
			" 9 replaced\n" +
			" 10 chat_requested passed false\n" +
			" 60 closed",
		want: []string{"warning handler-replaced d/5"},
	},
	{
		name: "replaced before its calls are known",
		script: "0 opened\n" +
			" 1 appeared\n" +
			" 2 button_displayed\n" +
			" 5 replaced\n" +
			" 6 chat_window_maximized\n" +
			" 60 closed",
	},
	{"set again", "0 opened\n 1 appeared\n 5 removed\n 5 appeared\n 6 button_displayed passed false\n 60 closed", nil},

	{
		name: "locked",
		script: "0 opened\n" +
			" 1 not-writable its property is neither configurable nor writable\n" +
			" 2 framed\n" +
			" 60 closed",
		want: []string{"warning capture-gap d/2"},
	},
	{
		name: "calls in the same run",
		script: "0 opened\n" +
			" 1 appeared declared; the script that defines it calls it too, and calls in the same run of it cannot be seen\n" +
			" 60 closed",
		want: []string{"warning capture-gap d/2"},
	},
}

func TestFunction(t *testing.T) {
	in := inspector(t)
	var b strings.Builder
	for _, c := range functionCases {
		found := judge(in, recording(t, c.script))
		if got := lines(found); !slices.Equal(got, c.want) {
			t.Errorf("%s:\n%s\n got %q\nwant %q", c.name, c.script, got, c.want)
		}
		if len(found) > 0 {
			fmt.Fprintf(&b, "== %s\n", c.name)
		}
		for _, f := range found {
			fmt.Fprintf(&b, "%s %s %s\n  %s\n  expected: %s\n  actual: %s\n", f.Severity, f.Rule, f.Record, f.Message, f.Expected, f.Actual)
		}
		live := journey.NewRecording(in)
		for _, r := range recording(t, c.script) {
			live.Add(r)
			live.Findings(false)
		}
		if got := lines(live.End()); !slices.Equal(got, c.want) {
			t.Errorf("%s, watched: %q, want %q", c.name, got, c.want)
		}
	}
	const path = "testdata/function.golden"
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

// In older programs' records the client has no stage; it follows from their other members.
func TestClientOfOlderPrograms(t *testing.T) {
	three := 3
	for _, c := range []struct {
		text  string
		frame *int
		want  []string
	}{
		{"its frame", nil, []string{"warning handler-missing d/2"}},
		{"its script", nil, []string{"warning handler-missing d/2"}},
		{"", nil, []string{"warning handler-missing d/2"}},
		{"its frame", &three, []string{"warning handler-missing d/2"}},
		{"its script", &three, nil},
		{"script", &three, nil},
		{"", &three, nil},
	} {
		records := recording(t, "0 opened\n 1 framed\n 60 closed")
		for _, r := range records {
			r.Frame = c.frame
		}
		records[1].State, records[1].Text = "", c.text
		if got := lines(judge(inspector(t), records)); !slices.Equal(got, c.want) {
			t.Errorf("%q in frame %v: %q, want %q", c.text, c.frame, got, c.want)
		}
	}
}

// A missing seq may have been the record of the function.
func TestFunctionUnknown(t *testing.T) {
	records := recording(t, "0 opened\n 1 framed\n 2 appeared\n 60 closed")
	without := []*record.Record{records[0], records[1], records[3]}
	if got := lines(judge(inspector(t), without)); got != nil {
		t.Errorf("without the function's record: %q", got)
	}
}
