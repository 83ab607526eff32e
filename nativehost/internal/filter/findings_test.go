package filter_test

import (
	"maps"
	"slices"
	"testing"

	"userlike-inspector/nativehost/internal/filter"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/store"
)

// Newer findings replace the stored ones, for every term.
func TestNewerVerdicts(t *testing.T) {
	s := stored(t)
	all, err := s.Records(t.Context(), store.Query{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	fresh := map[int64][]record.Finding{ // one record that had none, and one that has none any more
		1: {{Rule: "out-of-order", Severity: record.Warning, Message: "It came too early."}},
	}
	for _, one := range all {
		if len(one.Record.Findings) > 0 {
			fresh[one.Row] = nil
			break
		}
	}
	newer := filter.Verdicts{Rows: slices.Sorted(maps.Keys(fresh)), On: func(row int64, r *record.Record) record.Severity {
		r.Findings = fresh[row]
		return record.Worst(r.Findings)
	}}
	if len(newer.Rows) != 2 || len(all[0].Record.Findings) > 0 {
		t.Fatal("the recording is not fit for this test")
	}
	for _, text := range []string{
		"rule:out-of-order",
		"-rule:*",
		"severity>=warning",
		"severity:none",
		"severity>=info -rule:wrong-type",
		"early",
		"-early kind:call",
	} {
		f := parsed(t, text)
		var want, got []int64
		for _, one := range all {
			r := *one.Record
			if found, is := fresh[one.Row]; is {
				r.Findings = found
			}
			if f.Match(&r) {
				want = append(want, one.Row)
			}
		}
		page, err := s.Rows(t.Context(), f.NarrowBy(store.Query{Limit: 100}, newer))
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page {
			got = append(got, r.Row)
		}
		if !slices.Equal(got, want) || !f.AboutFindings() {
			t.Errorf("%q: the rows %v, want %v", text, got, want)
		}
	}
}

// A filter made by Findings tests each finding as a whole, in the store too.
func TestFindings(t *testing.T) {
	s := stored(t)
	all, err := s.Records(t.Context(), store.Query{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	some := 0
	for _, one := range all {
		for _, found := range one.Record.Findings {
			f := filter.Findings("those", found.Rule, func(f record.Finding) bool { return f.At == found.At })
			var want, got []int64
			for _, other := range all {
				if slices.ContainsFunc(other.Record.Findings, func(f record.Finding) bool { return f.Rule == found.Rule && f.At == found.At }) {
					want = append(want, other.Row)
				}
			}
			page, err := s.Rows(t.Context(), f.Narrow(store.Query{Limit: 100}))
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range page {
				got = append(got, r.Row)
			}
			if !slices.Equal(got, want) || !f.AboutFindings() || f.All() || f.Name() != "those" || f.String() != "" {
				t.Errorf("%s at %q: the rows %v, want %v", found.Rule, found.At, got, want)
			}
			some++
		}
	}
	if some < 2 {
		t.Fatal("the recording is not fit for this test")
	}
}
