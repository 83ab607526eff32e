package journey_test

import (
	"encoding/json"
	"math/rand/v2"
	"testing"

	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/record"
)

// choice is a selection of records as the terminal makes it.
type choice struct {
	after int64 // records up to this order are from before
	every int64 // of the others, each whose order can be divided by this one is wanted
}

func (c choice) part(order int64) journey.Part {
	switch {
	case order <= c.after:
		return journey.Before
	case order%c.every != 0:
		return journey.Beside
	}
	return journey.Wanted
}

// says is all that a judge says of a recording that ends now, line by line.
func says(t *testing.T, j *journey.Judge, now record.Time, last int64) (all []string) {
	j.Advance(now.Time)
	j.Look()
	say := func(what string, v any) {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, what+" "+string(text))
	}
	say("counts", j.Counts())
	say("open", j.Unsettled())
	for f := range j.All() {
		say("finding", f)
	}
	found, open := j.On(1, last)
	say("on records", found)
	say("may come on records", open)
	say("coverage", j.Coverage(now.Time))
	for _, s := range j.Shapes() {
		say("shape of "+s.Site, s.Paths)
	}
	for v := range j.NewestVisits() {
		say("visit", v)
	}
	for c := range j.NewestConsents() {
		say("consent", c)
	}
	for e := range j.Expectations() {
		say("expected", e)
	}
	say("forwarding", j.Forwarding())
	return all
}

// TestReselect: a judge that gets another selection says the same as one that had it from
// the beginning.
func TestReselect(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, one := range recordings(t) {
		n := int64(len(one.records))
		choices := []choice{{0, 1}, {0, 2}}
		for range 12 {
			choices = append(choices, choice{max(0, r.Int64N(2*n+1)-n), 1 + r.Int64N(3)})
		}
		j := journey.New(one.in)
		added := int64(0)
		for _, c := range choices {
			j.Reselect(c.after, c.every > 1)
			for order := int64(1); order <= added; order++ {
				j.Retake(order, one.records[order-1], c.part(order))
				if r.IntN(2) == 0 {
					j.Look()
				}
			}
			for more := min(n, added+1+n/4); added < more; {
				added++
				j.Take(one.records[added-1], c.part(added))
			}
			fresh := journey.New(one.in)
			fresh.Reselect(c.after, c.every > 1)
			for order := int64(1); order <= added; order++ {
				fresh.Take(one.records[order-1], c.part(order))
			}
			now := one.records[added-1].Time
			got, want := says(t, j, now, added), says(t, fresh, now, added)
			for i := range max(len(got), len(want)) {
				if i >= len(got) || i >= len(want) || got[i] != want[i] {
					t.Fatalf("%s, %d of %d records, %+v: selected anew, the judge says\n%s\nand at once\n%s", one.name, added, n, c, got[i:min(i+1, len(got))], want[i:min(i+1, len(want))])
				}
			}
		}
	}
}
