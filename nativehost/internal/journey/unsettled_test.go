package journey_test

import (
	"slices"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/record"
)

// settles fails the test if a record gets a verdict although it was said that it would get
// none.
func settles(t *testing.T, in *inspect.Inspector, name string, records []*record.Record) {
	t.Helper()
	j := journey.New(in)
	clean, known := map[int64]bool{}, map[int64]bool{} // the records of which that was said, and those looked at
	look := func(now time.Time) {
		j.Advance(now)
		for _, c := range j.Look() {
			if c.Rank > record.Info.Rank() && clean[c.Order] {
				found, _ := j.On(c.Order, c.Order)
				t.Errorf("%s: at %s record %d, which was said to be settled, got %q", name, now.Format("04:05.000"), c.Order, lines(found))
			}
			clean[c.Order], known[c.Order] = c.Rank == 0 && !c.Unsettled, true
		}
	}
	for i, r := range records {
		j.Add(r)
		for _, later := range []time.Duration{0, 500 * time.Millisecond, 2 * time.Second, 10 * time.Second, time.Minute} {
			if now := r.Time.Add(later); later == 0 || i+1 < len(records) && now.Before(records[i+1].Time.Time) {
				look(now)
			}
			if order := int64(i + 1); !known[order] {
				clean[order], known[order] = true, true
			}
		}
	}
}

func TestNothingThatWasSaidToBeSettledChanges(t *testing.T) {
	in := inspector(t)
	for _, c := range slices.Concat(situations, handedOn) {
		judgedBy := in
		if c.plan != "" {
			judgedBy = in.With(parsePlan(t, c.plan))
		}
		settles(t, judgedBy, c.name, recording(t, c.script))
	}
	for _, c := range cases {
		settles(t, in, c.name, visited(t, c.script))
	}
	for _, c := range planCases {
		settles(t, in.With(parsePlan(t, c.plan)), c.name, visited(t, c.script))
	}
	elsewhere := "sites: [\"https://e.example/*\"]\nseverity: {handler-missing: off, handler-removed: off, before-consent: off, personal-data-forwarded: off}"
	for name, script := range map[string]string{
		"no function, switched off for another site": "0 opened\n 1 framed\n 60 @d2 button_displayed",
		"it is taken away, switched off elsewhere":   "0 opened\n 1 appeared\n 2 framed\n 3 removed\n 60 @d2 button_displayed",
		"forwarded too early, switched off elsewhere": asked +
			`1.1 hit https://stats.example/c d/2 {"query":{"em":"ada@d.example"}} has /2/client_email /query/em` + "\n 9 disclaimer_ok\n 60 closed",
	} {
		settles(t, in.With(parsePlan(t, elsewhere)), name, recording(t, script))
	}
}
