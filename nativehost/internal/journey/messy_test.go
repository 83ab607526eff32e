package journey_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/record"
)

// Every part of a recording that conforms is found to conform, wherever it is cut.
func TestPartsOfConformingVisits(t *testing.T) {
	in := inspector(t)
	for seed := range uint64(12) {
		r := rand.New(rand.NewPCG(seed, 3))
		all := recording(t, script(madeUp(r), "a"))
		slices.SortStableFunc(all, func(a, b *record.Record) int { return a.Time.Compare(b.Time.Time) })
		for i := range all {
			k := i + r.IntN(len(all)-i+1)
			for name, part := range map[string][]*record.Record{"prefix": all[:i], "suffix": all[i:], "middle": all[i:k]} {
				if got := telling(judge(in, part)); len(got) > 0 {
					t.Fatalf("seed %d, %s %d to %d: %q", seed, name, i, k, got)
				}
			}
		}
	}
}

// mess does to a recording what happens in real life without changing the visit itself.
var mess = map[string]func(r *rand.Rand, all []*record.Record) []*record.Record{
	"the clock steps back": func(r *rand.Rand, all []*record.Record) []*record.Record {
		at := r.IntN(len(all))
		for _, one := range all[at:] {
			one.Time = record.At(one.Time.Add(-time.Hour))
		}
		return all
	},
	"the lid is closed": func(r *rand.Rand, all []*record.Record) []*record.Record {
		at := r.IntN(len(all))
		for _, one := range all[at:] {
			one.Time = record.At(one.Time.Add(2 * time.Hour))
		}
		return all
	},
	"the page moves on": func(r *rand.Rand, all []*record.Record) []*record.Record {
		for i, one := range all {
			one.URL += fmt.Sprintf("step/%d", i/3)
		}
		return all
	},
	"a record is lost": func(r *rand.Rand, all []*record.Record) []*record.Record {
		at := r.IntN(len(all))
		return slices.Delete(all, at, at+1)
	},
	"the session is renewed": func(r *rand.Rand, all []*record.Record) []*record.Record {
		at := r.IntN(len(all))
		for _, one := range all[at:] {
			one.Args = []byte(strings.Replace(string(one.Args), `"session_id":"a"`, `"session_id":"b"`, 1))
		}
		return all
	},
	"records arrive document by document": func(r *rand.Rand, all []*record.Record) []*record.Record {
		slices.SortStableFunc(all, func(a, b *record.Record) int { return -slices.Compare([]byte(a.Document), []byte(b.Document)) })
		return all
	},
	"records arrive in any order": func(r *rand.Rand, all []*record.Record) []*record.Record {
		r.Shuffle(len(all), func(i, k int) { all[i], all[k] = all[k], all[i] })
		return all
	},
}

// For a messy recording of a conforming visit, the only finding may be that its session
// has changed.
func TestMessyVisits(t *testing.T) {
	in := inspector(t)
	for name, change := range mess {
		for seed := range uint64(25) {
			r := rand.New(rand.NewPCG(seed, 4))
			steps := madeUp(r)
			all := recording(t, script(steps, "a"))
			slices.SortStableFunc(all, func(a, b *record.Record) int { return a.Time.Compare(b.Time.Time) })
			got := slices.DeleteFunc(telling(judge(in, change(r, all))), func(s string) bool { return strings.Contains(s, "identity-changed") })
			if len(got) > 0 {
				t.Fatalf("%s, seed %d:\n%s\n%q", name, seed, script(steps, "a"), got)
			}
		}
	}
}
