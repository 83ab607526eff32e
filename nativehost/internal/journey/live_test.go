package journey_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/record"
)

// While a recording goes on, verdicts come as soon as nothing can change them
// any more, and not before.
func TestWhileItGoesOn(t *testing.T) {
	in := inspector(t)
	for _, c := range []struct {
		name, script string
		at           map[float64][]string // findings by seconds
		end          []string
	}{
		{"a step before may come a little later", "1 button_displayed\n 5 pre_survey_submit", map[float64][]string{5.9: nil, 6: {"warning out-of-order d/2"}}, []string{"warning out-of-order d/2"}},
		{"an answer", "1 slot_check", map[float64][]string{2: nil, 10.9: nil, 11: {"warning missing-event d/1"}}, []string{"warning missing-event d/1"}},
		{"an answer that nobody waited for", "1 slot_check", map[float64][]string{500: nil}, []string{"warning missing-event d/1"}},
		{"the page was left", "1 slot_check\n 2 closed", map[float64][]string{2: nil, 12: nil}, nil},
		{"connecting may come at any time", "1 button_displayed\n 2 chat_requested\n 5 chat_started", map[float64][]string{60: nil}, []string{"warning out-of-order d/3"}},
		{"a handler", "1 framed", map[float64][]string{10: nil, 11: {"warning handler-missing d/1"}}, []string{"warning handler-missing d/1"}},
		{"two calls at once", "1 button_displayed\n 1.05 button_displayed", map[float64][]string{1.05: {"warning duplicate-event d/2"}}, []string{"warning duplicate-event d/2"}},
	} {
		for seconds, want := range c.at {
			j := journey.New(in)
			for _, r := range recording(t, c.script) {
				j.Add(r)
			}
			j.Advance(start.Add(time.Duration(seconds * float64(time.Second))))
			if got := lines(j.Findings(false)); !slices.Equal(got, want) {
				t.Errorf("%s: after %g s %q, want %q", c.name, seconds, got, want)
			}
		}
		if got := lines(judge(in, visited(t, c.script))); !slices.Equal(got, c.end) {
			t.Errorf("%s: in the end %q, want %q", c.name, got, c.end)
		}
	}
}

// A verdict goes away when what was missed arrives after all.
func TestLateArrival(t *testing.T) {
	j := journey.New(inspector(t))
	all := recording(t, "1 button_displayed\n 8 @d2 pre_survey_submit\n 5 pre_survey_show")
	for _, r := range all[:2] {
		j.Add(r)
	}
	j.Advance(start.Add(20 * time.Second))
	if got := lines(j.Findings(false)); len(got) != 1 {
		t.Fatalf("before: %q", got)
	}
	j.Add(all[2])
	if got := lines(j.Findings(false)); got != nil {
		t.Errorf("afterwards: %q", got)
	}
}

// Once the pages have closed, the terminal says what a check says, of every recording
// that these tests have.
func TestTerminalAgreesWithCheck(t *testing.T) {
	in := inspector(t)
	for _, c := range cases {
		agree(t, in, c.name, visited(t, c.script))
	}
	for _, c := range functionCases {
		agree(t, in, c.name, visited(t, c.script))
	}
	for _, c := range planCases {
		agree(t, in.With(parsePlan(t, c.plan)), c.name, visited(t, c.script))
	}
	files, err := filepath.Glob("../*/testdata/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatalf("no recordings: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var records []*record.Record
		for line := range strings.Lines(string(text)) {
			r, err := record.Decode([]byte(line))
			if err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			records = append(records, r)
		}
		agree(t, in, file, records)
		agree(t, in.With(parsePlan(t, lifePlan)), file+" by a plan", records)
	}
}

// A look tells of exactly the records on which the verdicts have become others,
// and what is remembered of them is what they are.
func TestLook(t *testing.T) {
	in := inspector(t)
	for _, c := range cases {
		j := journey.New(in)
		before := map[int64][]record.Finding{}
		records := visited(t, c.script)
		look := func() {
			now := map[int64][]record.Finding{}
			var counts [4]int
			changes := j.Look()
			for _, f := range j.On(1, int64(len(records))) {
				now[f.Order()] = append(now[f.Order()], f.Finding)
				counts[f.Severity.Rank()]++
			}
			var want []journey.Change
			for order := range int64(len(records) + 1) {
				if !slices.Equal(before[order], now[order]) {
					want = append(want, journey.Change{Order: order, Rank: record.Worst(now[order]).Rank()})
				}
			}
			if !slices.Equal(changes, want) || counts != j.Counts() {
				t.Errorf("%s: changes %v, want %v; counts %v, want %v", c.name, changes, want, j.Counts(), counts)
			}
			before = now
		}
		for _, r := range records {
			j.Add(r)
			look()
		}
		for again := range 100 {
			j.Advance(records[len(records)-1].Time.Add(time.Duration(again) * time.Second))
			look()
		}
		if n := testing.AllocsPerRun(10, func() { j.Look() }); n > 0 {
			t.Errorf("%s: time changes nothing any more, but something is judged again", c.name)
		}
		for f := range j.All() {
			if !slices.Contains(before[f.Order()], f.Finding) {
				t.Errorf("%s: %+v is not among those by record", c.name, f)
			}
		}
	}
}

func TestExpectations(t *testing.T) {
	in := inspector(t).With(parsePlan(t, "events:\n  chat_started: {count: 1, after: [chat_requested], within: 30s}\n  button_displayed: {count: \"<=1\"}\n  chat_requested: {count: 1}\n  disclaimer_ok: {count: 1}"))
	for _, c := range []struct {
		script  string
		seconds int
		want    string
	}{
		{"1 button_displayed\n 2 chat_requested\n 3 slot_check", 10, "slot_available or slot_unavailable pending 10:00:13, chat_started within 30s of chat_requested pending 10:00:32, chat_started count 1 pending, chat_started after chat_requested met, button_displayed count <=1 met, chat_requested count 1 met, disclaimer_ok count 1 pending"},
		{"1 button_displayed\n 2 chat_requested", 40, "chat_started within 30s of chat_requested missing, chat_started count 1 pending, chat_started after chat_requested met, button_displayed count <=1 met, chat_requested count 1 met, disclaimer_ok count 1 pending"},
		{"1 button_displayed\n 2 button_displayed", 10, "chat_started within 30s of chat_requested met, chat_started count 1 pending, chat_started after chat_requested met, button_displayed count <=1 missing, chat_requested count 1 pending, disclaimer_ok count 1 pending"},
		{"0 opened\n 3600 chat_requested\n 10 chat_started", 9999, "chat_started within 30s of chat_requested not judgeable, chat_started count 1 met, chat_started after chat_requested met, button_displayed count <=1 met, chat_requested count 1 met, disclaimer_ok count 1 pending"},
		{"0 late\n 1 button_displayed", 10, "chat_started within 30s of chat_requested not judgeable, chat_started count 1 not judgeable, chat_started after chat_requested not judgeable, button_displayed count <=1 not judgeable, chat_requested count 1 not judgeable, disclaimer_ok count 1 not judgeable"},
	} {
		j := journey.New(in)
		for _, r := range recording(t, c.script) {
			j.Add(r)
		}
		j.Advance(start.Add(time.Duration(c.seconds) * time.Second))
		var got []string
		for x := range j.Expectations() {
			line := fmt.Sprint(x.Event, " ", x.State)
			if !strings.HasPrefix(x.Expected, "after slot") {
				line = fmt.Sprint(x.Event, " ", x.Expected, " ", x.State)
			}
			if !x.Deadline.IsZero() {
				line += x.Deadline.Format(" 15:04:05")
			}
			got = append(got, line)
		}
		if text := strings.Join(got, ", "); text != c.want {
			t.Errorf("%s after %d s:\n got %s\nwant %s", c.script, c.seconds, text, c.want)
		}
	}
}

func TestReportsOnJourneys(t *testing.T) {
	j := journey.NewRecording(inspector(t))
	for _, r := range recording(t, visit) {
		j.Add(r)
	}
	j.End()
	journeys := j.Journeys()
	if len(journeys) != 1 || journeys[0].Session != "s" || !journeys[0].Begun || len(journeys[0].Calls) != 23 || journeys[0].ID != "s@d.example" || journeys[0].Calls[22].Record != "d2/10" {
		t.Errorf("journeys %+v", journeys)
	}
	consents := j.Consents()
	if len(consents) != 1 || consents[0].Agreed == nil || consents[0].Agreed.Record != "d/7" || len(consents[0].Before) != 0 || len(consents[0].After) != 2 || consents[0].After[1].Calls != 3 {
		t.Errorf("consents %+v", consents)
	}
	seen := j.Coverage()
	if len(seen) != 35 || seen[0].Event != "button_displayed" || seen[0].Calls != 2 || seen[1].Calls != 1 {
		t.Errorf("coverage %+v", seen)
	}
}

// However many names a site invents, the documented events are counted.
func TestCoverageBesideInventedNames(t *testing.T) {
	j := journey.New(inspector(t))
	var script strings.Builder
	for i := range 1200 {
		fmt.Fprintf(&script, "%d invented_%d\n", i, i)
	}
	script.WriteString("2000 chat_started\n")
	for _, r := range recording(t, script.String()) {
		j.Add(r)
	}
	seen := j.Coverage()
	at := slices.IndexFunc(seen, func(s journey.Seen) bool { return s.Event == "chat_started" })
	if at < 0 || seen[at].Calls != 1 || !seen[at].Documented || seen[at].First.IsZero() {
		t.Errorf("chat_started came once, and coverage says %+v", seen[max(at, 0)])
	}
	others := slices.IndexFunc(seen, func(s journey.Seen) bool { return s.Event == "…" })
	if len(seen) != 35+1001 || others < 0 || seen[others].Calls != 200 {
		t.Errorf("%d names are listed, want 35 documented ones, 1000 others, and one for the rest", len(seen))
	}
}

// Journeys that are not the same have not the same id.
func TestJourneyIDs(t *testing.T) {
	j := journey.New(inspector(t))
	for i, url := range []string{"https://d.example/", "http://www.d.example/", "http://d.example:8080/", "http://127.0.0.1/", "http://127.0.0.1:8080/", "http://localhost:3000/", "https://localhost:3000/", "file:///d.example/", ""} {
		r := recording(t, "1 button_displayed")[0]
		r.Document, r.URL = fmt.Sprint("d", i), url
		j.Add(r)
	}
	var got []string
	for _, one := range j.Journeys() {
		got = append(got, one.ID)
	}
	if want := []string{"s@d.example", "s@127.0.0.1", "s@127.0.0.1:8080", "s@localhost:3000", "s@file://", "s"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
