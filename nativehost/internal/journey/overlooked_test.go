package journey_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/record"
)

// The gap of possible hits may arrive after the call was judged.
func TestOverlookedIsToldLate(t *testing.T) {
	profile := func(name string) func(*record.Record) {
		return func(r *record.Record) { r.Browser = &record.Browser{Name: "Chromium", Profile: name} }
	}
	for _, c := range []struct {
		name   string
		told   string
		change func(*record.Record)
		want   int
	}{
		{"nothing", "3 @e ^2 hit dataLayer2 e/1 []", nil, 1},
		{"in its tab", "3 missed 1s", nil, 0},
		{"in its document, whose tab is not known", "3 missed 1s", func(r *record.Record) { r.Tab = nil }, 0},
		{"in another document, whose tab is not known", "3 @e missed 1s", func(r *record.Record) { r.Tab = nil }, 1},
		{"in its tab of its browser", "3 missed 1s", profile("p"), 0},
		{"in such a tab of another browser", "3 missed 1s", profile("q"), 1},
		{"at no known place of another browser", "3 missed 1s nowhere", profile("q"), 1},
	} {
		j := journey.New(inspector(t).With(parsePlan(t, toStats)))
		for _, r := range recording(t, asked+left) {
			profile("p")(r)
			j.Add(r)
		}
		j.Advance(start.Add(time.Minute))
		missing := func() int {
			j.Look()
			return j.Counts()[record.Error.Rank()]
		}
		if missing() != 1 {
			t.Fatalf("%s: before %d", c.name, missing())
		}
		for _, r := range recording(t, c.told) {
			if profile("p")(r); c.change != nil {
				c.change(r)
			}
			j.Add(r)
		}
		if got := missing(); got != c.want {
			t.Errorf("%s: %d calls are said to be missing, want %d", c.name, got, c.want)
		}
	}
}

// However many such gaps there are, no call gets a finding that a lost hit may disprove.
func TestOverlookedOften(t *testing.T) {
	j := journey.New(inspector(t).With(parsePlan(t, toStats)))
	for _, r := range recording(t, asked) {
		j.Add(r)
	}
	for i := range 1500 {
		for _, r := range recording(t, "100 @e ^2 missed 1s\n") {
			r.ID = fmt.Sprint("e/missed-", i)
			j.Add(r)
		}
	}
	for _, r := range recording(t, "3 missed 1s") {
		j.Add(r)
	}
	j.Advance(start.Add(20 * time.Second))
	if got := telling(j.Findings(false)); slices.Contains(got, "error not-forwarded d/3") {
		t.Error("what may have been looked at by nobody is said to be missing")
	}
}
