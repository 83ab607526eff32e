package store_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/store"
)

// kilobyte is a call of about 1 KB as JSON. Every tenth has a finding.
func kilobyte(document string, seq int) *record.Record {
	r := call(document, seq)
	r.Title = strings.Repeat("t", 600)
	if seq%10 == 0 {
		r.Findings = []record.Finding{{
			Rule:     "wrong-type",
			Severity: record.Error,
			At:       "/1/operator_group_id",
			Message:  "operator_group_id is a string, not an integer.",
		}}
	}
	return r
}

// BenchmarkAppend measures appends, one call at a time and 1000 at a time. For
// comparison, jsonl adds the same lines to a plain file.
func BenchmarkAppend(b *testing.B) {
	for _, size := range []int{1, 1000} {
		name := map[int]string{1: "single", 1000: "batch"}[size]
		b.Run(name+"/store", func(b *testing.B) {
			s, err := store.Open(b.Context(), filepath.Join(b.TempDir(), "events.db"))
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			appends(b, size, func(recs []*record.Record) error {
				_, err := s.Append(b.Context(), recs)
				return err
			})
		})
		b.Run(name+"/jsonl", func(b *testing.B) {
			f, err := os.Create(filepath.Join(b.TempDir(), "events.jsonl"))
			if err != nil {
				b.Fatal(err)
			}
			defer f.Close()
			appends(b, size, func(recs []*record.Record) error {
				var batch []byte
				for _, r := range recs {
					line, err := record.Encode(r)
					if err != nil {
						return err
					}
					batch = append(append(batch, line...), '\n')
				}
				_, err := f.Write(batch)
				return err
			})
		})
	}
}

// appends reports records per second. It makes the batches before the clock runs.
func appends(b *testing.B, size int, add func([]*record.Record) error) {
	seq := 0
	for b.Loop() {
		b.StopTimer()
		batch := make([]*record.Record, size)
		for i := range batch {
			seq++
			batch[i] = kilobyte("5f0c3b62-9d0e-4a53-9c11-0d4a3a1f7c55", seq)
		}
		b.StartTimer()
		if err := add(batch); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(seq)/b.Elapsed().Seconds(), "records/s")
}

// BenchmarkPage measures how long it takes to read 100 rows of 100 000 records.
func BenchmarkPage(b *testing.B) {
	s, err := store.Open(b.Context(), filepath.Join(b.TempDir(), "events.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	const records, batch = 100_000, 1000
	for from := 0; from < records; from += batch {
		var recs []*record.Record
		for seq := from; seq < from+batch; seq++ {
			recs = append(recs, kilobyte("5f0c3b62-9d0e-4a53-9c11-0d4a3a1f7c55", seq))
		}
		if _, err := s.Append(b.Context(), recs); err != nil {
			b.Fatal(err)
		}
	}
	for _, page := range []struct {
		name  string
		query store.Query
	}{
		{"last", store.Query{Newest: true, Limit: 100}},
		{"middle", store.Query{After: records / 2, Limit: 100}},
		{"findings", store.Query{After: records / 2, Limit: 100, MinSeverity: 1}},
		{"last-findings", store.Query{Newest: true, Limit: 100, MinSeverity: 1}},
		{"text-nowhere", store.Query{Where: contains("nowhere"), Limit: 100}},
	} {
		b.Run(page.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := s.Rows(b.Context(), page.query); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("records", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.After(b.Context(), records/2, 100); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("last-row", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.Last(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
}
