package journey_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/record"
)

// While a recording goes on, findings come as soon as nothing can change them any more,
// and not before.
func TestWhileItGoesOn(t *testing.T) {
	in := inspector(t)
	for _, c := range []struct {
		name, script string
		at           map[float64][]string // findings by seconds
		end          []string
	}{
		{
			name:   "a step before may come a little later",
			script: "1 button_displayed\n 5 pre_survey_submit",
			at:     map[float64][]string{5.9: nil, 6: {"warning out-of-order d/2"}},
			end:    []string{"warning out-of-order d/2"},
		},
		{
			name:   "an answer",
			script: "1 slot_check",
			at:     map[float64][]string{2: nil, 10.9: nil, 11: {"warning missing-event d/1"}},
			end:    []string{"warning missing-event d/1"},
		},
		{
			name:   "an answer that nobody waited for",
			script: "1 slot_check",
			at:     map[float64][]string{500: nil},
			end:    []string{"warning missing-event d/1"},
		},
		{
			name:   "the page was left",
			script: "1 slot_check\n 2 closed",
			at:     map[float64][]string{2: nil, 12: nil},
		},
		{
			name:   "connecting may come at any time",
			script: "1 button_displayed\n 2 chat_requested\n 5 chat_started",
			at:     map[float64][]string{60: nil},
			end:    []string{"warning out-of-order d/3"},
		},
		{
			name:   "a handler",
			script: "1 framed",
			at:     map[float64][]string{10: nil, 11: {"warning handler-missing d/1"}},
			end:    []string{"warning handler-missing d/1"},
		},
		{
			name:   "two calls at once",
			script: "1 button_displayed\n 1.05 button_displayed",
			at:     map[float64][]string{1.05: {"warning duplicate-event d/2"}},
			end:    []string{"warning duplicate-event d/2"},
		},
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

// A finding disappears when the missing event arrives after all.
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

// Once the pages have closed, the terminal shows the same findings as check, for every
// recording of these tests.
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
	for name, records := range stored(t) {
		agree(t, in, name, records)
		agree(t, in.With(parsePlan(t, lifePlan)), name+" by a plan", records)
	}
}

// A look returns exactly the records whose findings have changed, and what the judge
// remembers of the findings is right.
func TestLook(t *testing.T) {
	for _, c := range recordings(t) {
		j := journey.New(c.in)
		before, mayBefore := map[int64][]record.Finding{}, map[int64]bool{}
		records := c.records
		look := func() {
			now, may := map[int64][]record.Finding{}, map[int64]bool{}
			var counts [4]int
			changes := j.Look()
			found, open := j.On(1, int64(len(records)))
			for _, f := range found {
				now[f.Order()] = append(now[f.Order()], f.Finding)
			}
			for f := range j.All() { // some are on no record
				counts[f.Severity.Rank()]++
			}
			for _, o := range open {
				may[o.Order()] = true
			}
			var want []journey.Change
			for order := range int64(len(records) + 1) {
				if !slices.Equal(before[order], now[order]) || mayBefore[order] != may[order] {
					want = append(want, journey.Change{Order: order, Rank: record.Worst(now[order]).Rank(), Unsettled: may[order]})
				}
			}
			if !slices.Equal(changes, want) || counts != j.Counts() || len(open) != j.Unsettled() {
				t.Errorf("%s: changes %v, want %v; counts %v, want %v; unsettled %d, want %d", c.name, changes, want, j.Counts(),
					counts, j.Unsettled(), len(open))
			}
			before, mayBefore = now, may
		}
		for _, r := range records {
			j.Add(r)
			look()
		}
		for again := range 100 {
			j.Advance(records[len(records)-1].Time.Add(time.Duration(again) * time.Second))
			look()
		}
		for again := range 8 { // a visit may go on in another page for half an hour
			j.Advance(records[len(records)-1].Time.Add(time.Duration(again+1) * 5 * time.Minute))
			look()
		}
		if n := testing.AllocsPerRun(10, func() { j.Look() }); n > 0 {
			t.Errorf("%s: time changes nothing any more, but something is judged again", c.name)
		}
		for f := range j.All() {
			if f.Order() > 0 && !slices.Contains(before[f.Order()], f.Finding) {
				t.Errorf("%s: %+v is not among those by record", c.name, f)
			}
		}
	}
}

// TestExpectations: how what the catalogue and a plan expect stands at a time while a visit goes on.
func TestExpectations(t *testing.T) {
	in := inspector(t).With(parsePlan(t, `events:
  chat_started: {count: 1, after: [chat_requested], within: 30s}
  button_displayed: {count: "<=1"}
  chat_requested: {count: 1}
  disclaimer_ok: {count: 1}
`))
	for _, c := range []struct {
		script  string
		seconds int // after the script's beginning
		want    []string
	}{
		{"1 button_displayed\n 2 chat_requested\n 3 slot_check", 10, []string{
			"slot_available or slot_unavailable pending 10:00:13",
			"chat_started within 30s of chat_requested pending 10:00:32",
			"chat_started count 1 pending",
			"chat_started after chat_requested met",
			"button_displayed count <=1 met",
			"chat_requested count 1 met",
			"disclaimer_ok count 1 pending",
		}},
		{"1 button_displayed\n 2 chat_requested", 40, []string{
			"chat_started within 30s of chat_requested missing",
			"chat_started count 1 pending",
			"chat_started after chat_requested met",
			"button_displayed count <=1 met",
			"chat_requested count 1 met",
			"disclaimer_ok count 1 pending",
		}},
		{"1 button_displayed\n 2 button_displayed", 10, []string{
			"chat_started within 30s of chat_requested met",
			"chat_started count 1 pending",
			"chat_started after chat_requested met",
			"button_displayed count <=1 missing",
			"chat_requested count 1 pending",
			"disclaimer_ok count 1 pending",
		}},
		{"0 opened\n 3600 chat_requested\n 10 chat_started", 9999, []string{
			"chat_started within 30s of chat_requested not judgeable",
			"chat_started count 1 met",
			"chat_started after chat_requested met",
			"button_displayed count <=1 met",
			"chat_requested count 1 met",
			"disclaimer_ok count 1 pending",
		}},
		{"0 late\n 1 button_displayed", 10, []string{
			"chat_started within 30s of chat_requested not judgeable",
			"chat_started count 1 not judgeable",
			"chat_started after chat_requested not judgeable",
			"button_displayed count <=1 not judgeable",
			"chat_requested count 1 not judgeable",
			"disclaimer_ok count 1 not judgeable",
		}},
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
		if !slices.Equal(got, c.want) {
			t.Errorf("%s after %d s:\n got %q\nwant %q", c.script, c.seconds, got, c.want)
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
	if len(journeys) != 1 {
		t.Fatalf("journeys %+v", journeys)
	}
	one := journeys[0]
	if one.ID != "s@d.example" || one.Session != "s" || !one.Begun || len(one.Calls) != 23 || one.Calls[22].Record != "d2/10" {
		t.Errorf("journey %+v", one)
	}
	consents := j.Consents()
	if len(consents) != 1 || consents[0].Agreed == nil {
		t.Fatalf("consents %+v", consents)
	}
	c := consents[0]
	if c.Agreed.Record != "d/7" || len(c.Before) != 0 || len(c.After) != 2 || c.After[1].Calls != 3 {
		t.Errorf("consent %+v", c)
	}
	seen := j.Coverage(time.Now())
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
	seen := j.Coverage(time.Now())
	at := slices.IndexFunc(seen, func(s journey.Seen) bool { return s.Event == "chat_started" })
	if at < 0 || seen[at].Calls != 1 || !seen[at].Documented || seen[at].First.IsZero() {
		t.Errorf("chat_started came once, and coverage says %+v", seen[max(at, 0)])
	}
	others := slices.IndexFunc(seen, func(s journey.Seen) bool { return s.Event == "…" })
	if len(seen) != 35+1001 || others < 0 || seen[others].Calls != 200 {
		t.Errorf("%d names are listed, want 35 documented ones, 1000 others, and one for the rest", len(seen))
	}
}

// Different journeys have different ids.
func TestJourneyIDs(t *testing.T) {
	j := journey.New(inspector(t))
	for i, url := range []string{
		"https://d.example/",
		"http://www.d.example/",
		"http://d.example:8080/",
		"http://127.0.0.1/",
		"http://127.0.0.1:8080/",
		"http://localhost:3000/",
		"https://localhost:3000/",
		"file:///d.example/",
		"",
	} {
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

// TestManyVisits: of many visits, the old ones are judged like the new ones, also when more of
// their calls come.
func TestManyVisits(t *testing.T) {
	const visits = 1100 // more than the judge keeps the states of
	var script strings.Builder
	for i := range visits {
		fmt.Fprintf(&script, "%d @d%d #s%d button_displayed\n%d @d%d #s%d slot_check\n", 10*i, i, i, 10*i+1, i, i)
	}
	for i := range visits / 100 { // answers, of which the second one arrives late
		fmt.Fprintf(&script, "%d @d%d #s%d slot_available\n", 100*i+3, 10*i, 10*i)
	}
	fmt.Fprintf(&script, "%d @d0 #s0 chat_requested", 20*visits)
	records := recording(t, script.String())
	in := inspector(t)
	live, after := journey.New(in), journey.New(in)
	for i, r := range records {
		live.Add(r)
		after.Add(r)
		if i%50 == 0 {
			live.Look()
		}
	}
	last, n := records[len(records)-1].Time, int64(len(records))
	got, want := says(t, live, last, n), says(t, after, last, n)
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			t.Fatalf("looked at while they went on:\n%.2000s\nand only afterwards:\n%.2000s", got[i], want[i])
		}
	}
}
