package journey_test

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/redact"
)

// A redacted recording has the same findings as the original, also with a plan. Only what
// the plan demands of hidden values is said not to be judgeable.
func TestRedactedVerdicts(t *testing.T) {
	check := func(in *inspect.Inspector, name string, records []*record.Record) {
		t.Helper()
		want := lines(judge(in, records))
		x := redact.New([]byte("a key"), in.Judge)
		for _, r := range records {
			x.Learn(r)
		}
		var redacted []*record.Record
		for _, r := range records {
			one, err := x.Record(r)
			if err != nil {
				t.Fatal(err)
			}
			redacted = append(redacted, one)
		}
		got := lines(judge(in, redacted))
		want = slices.DeleteFunc(want, func(w string) bool { // what depends on a hidden value
			return strings.HasPrefix(w, "error custom-data ") && !slices.Contains(got, w)
		})
		if !slices.Equal(got, want) {
			t.Errorf("%s:\nredacted %q\noriginal %q", name, got, want)
		}
	}
	in := inspector(t)
	for _, c := range cases {
		check(in, c.name, visited(t, c.script))
	}
	for _, c := range functionCases {
		check(in, c.name, visited(t, c.script))
	}
	for _, c := range planCases {
		check(in.With(parsePlan(t, c.plan)), c.name, visited(t, c.script))
	}
	for _, c := range situations {
		judgedBy := in
		if c.plan != "" {
			judgedBy = in.With(parsePlan(t, c.plan))
		}
		check(judgedBy, c.name, recording(t, c.script))
	}
	planned := in.With(parsePlan(t, lifePlan))
	for _, defect := range defects {
		for seed := range uint64(20) {
			r := rand.New(rand.NewPCG(seed, 8))
			l := live(r, defect.put(acts(r)))
			for _, name := range slices.Sorted(maps.Keys(messes)) {
				if r.IntN(6) == 0 {
					messes[name](l)
				}
			}
			records, _ := l.records(t, false)
			check(planned, defect.name, records)
		}
	}
}
