// Package report turns judged records into what a tester hands on. It renders;
// it decides nothing.
package report

import (
	"cmp"
	"slices"

	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/record"
)

// Summary counts what was judged.
type Summary struct {
	Calls, Journeys      int
	Error, Warning, Info int
	// Pages, Clients and Handlers say, when there were no calls, how far
	// things got: documents hooked, Userlike clients and handlers seen.
	Pages, Clients, Handlers int
}

// Report is what was judged and found. The zero value is an empty one.
type Report struct {
	Findings []journey.Finding // in order of arrival
	Consents []journey.Consent
	Summary  Summary
}

// Count counts one record.
func (r *Report) Count(rec *record.Record) {
	switch rec.Kind {
	case record.Call:
		r.Summary.Calls++
	case record.Page:
		if rec.Event == "opened" {
			r.Summary.Pages++
		}
	case record.Client:
		r.Summary.Clients++
	case record.Handler:
		if rec.State == "appeared" {
			r.Summary.Handlers++
		}
	}
}

// Found puts in what j found and is wanted, and counts it.
func (r *Report) Found(j *journey.Recording, wanted func(journey.Finding) bool) {
	for _, f := range j.End() {
		if wanted(f) {
			r.Findings = append(r.Findings, f)
		}
	}
	r.Consents = j.Consents()
	r.Summary.Journeys = len(j.Journeys())
	for _, f := range r.Findings {
		switch f.Severity {
		case record.Error:
			r.Summary.Error++
		case record.Warning:
			r.Summary.Warning++
		case record.Info:
			r.Summary.Info++
		}
	}
}

// Worst is the worst severity found, "" when nothing was.
func (r *Report) Worst() record.Severity {
	switch {
	case r.Summary.Error > 0:
		return record.Error
	case r.Summary.Warning > 0:
		return record.Warning
	case r.Summary.Info > 0:
		return record.Info
	}
	return ""
}

// group is one complaint and every finding that makes it.
type group struct {
	first journey.Finding
	count int
}

// groups puts findings with the same rule, event and place together, worst
// first, then in the order in which they were first seen.
func (r *Report) groups() []group {
	type complaint struct{ rule, event, at string }
	place := map[complaint]int{}
	var all []group
	for _, f := range r.Findings {
		key := complaint{f.Rule, f.Event, f.At}
		i, seen := place[key]
		if !seen {
			i = len(all)
			place[key] = i
			all = append(all, group{first: f})
		}
		all[i].count++
	}
	slices.SortStableFunc(all, func(a, b group) int {
		return cmp.Compare(b.first.Severity.Rank(), a.first.Severity.Rank())
	})
	return all
}
