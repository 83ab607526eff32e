package journey_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/record"
)

// history makes the lines of about n records: visits one after the other, two at
// a time.
func history(tb testing.TB, n int) [][]byte {
	var out [][]byte
	r := rand.New(rand.NewPCG(1, 1))
	for i := 0; len(out) < n; i++ {
		var all []*record.Record
		for _, name := range []string{"a", "b"} {
			all = append(all, recording(tb, script(madeUp(r), fmt.Sprintf("%s%d-", name, i)))...)
		}
		for _, rec := range all {
			rec.Time = record.At(rec.Time.Add(time.Duration(i) * 10 * time.Minute))
			rec.Browser = &record.Browser{Name: "Chromium", Version: "156.0", Profile: "0b9e5a3e-6d58-4d0c-8f6e-9f0f7b2f4c55"}
		}
		slices.SortStableFunc(all, func(a, b *record.Record) int { return a.Time.Compare(b.Time.Time) })
		for _, rec := range all {
			line, err := record.Encode(rec)
			if err != nil {
				tb.Fatal(err)
			}
			out = append(out, line)
		}
	}
	return out[:n]
}

// BenchmarkJudge decodes and judges 100 000 records, and for comparison only decodes
// them. ns/record is the cost of each.
func BenchmarkJudge(b *testing.B) {
	const n = 100_000
	lines := history(b, n)
	in := inspector(b)
	decode := func(b *testing.B, f func(*record.Record)) {
		for _, line := range lines {
			r, err := record.Decode(line)
			if err != nil {
				b.Fatal(err)
			}
			f(r)
		}
	}
	perRecord := func(b *testing.B) {
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/record")
	}
	b.Run("decoding only", func(b *testing.B) {
		for b.Loop() {
			decode(b, func(*record.Record) {})
		}
		perRecord(b)
	})
	b.Run("each record alone", func(b *testing.B) {
		for b.Loop() {
			decode(b, func(r *record.Record) { in.Judge(r) })
		}
		perRecord(b)
	})
	b.Run("whole visits", func(b *testing.B) {
		for b.Loop() {
			j := journey.NewRecording(in)
			decode(b, j.Add)
			j.End()
		}
		perRecord(b)
	})
}

// BenchmarkGrowth adds calls to a journey that has many already, and asks for the
// verdicts after each. The cost of a call must not grow with the journey.
func BenchmarkGrowth(b *testing.B) {
	in := inspector(b)
	for _, size := range []int{100, 10_000, 100_000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			j := journey.New(in)
			n := 0
			next := func() {
				n++
				j.Add(&record.Record{
					V:        1,
					Kind:     record.Call,
					ID:       fmt.Sprint("d/", n),
					Seq:      int64(n),
					Document: "d",
					URL:      "https://d.example/",
					Time:     record.At(start.Add(time.Duration(n) * time.Second)),
					Args: []byte(`["button_displayed",{"client_uuid":"c","operator_group_id":1,"widget_id":2,"widget_lang":"de"},` +
						`{"session_id":"s","custom_data":{"a":1}}]`),
				})
			}
			for range size {
				next()
			}
			j.Findings(false)
			b.ResetTimer()
			for range b.N {
				next()
				j.Findings(false)
			}
		})
	}
}

// BenchmarkKept measures how much memory the judge keeps for each record.
func BenchmarkKept(b *testing.B) {
	const n = 200_000
	in := inspector(b)
	lines := history(b, n)
	heap := func() float64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc)
	}
	for b.Loop() {
		before := heap()
		j := journey.New(in)
		for _, line := range lines {
			r, err := record.Decode(line)
			if err != nil {
				b.Fatal(err)
			}
			j.Add(r)
		}
		found := j.Findings(false)
		b.ReportMetric((heap()-before)/n, "B/record")
		runtime.KeepAlive(j)
		runtime.KeepAlive(found)
	}
}
