package filter

import (
	"slices"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/store"
)

// WithoutQuietHits gives a filter that wants what f does, but no hit without findings.
func (f *Filter) WithoutQuietHits() *Filter {
	more := *f
	more.terms = append(slices.Clip(f.terms), term{not: true, test: quietHit{}})
	return &more
}

// AsksForHits tells whether the filter asks for something that only hits have, or for
// the kind of record.
func (f *Filter) AsksForHits() bool {
	return slices.ContainsFunc(f.terms, func(t term) bool {
		c, ok := t.test.(column)
		return ok && !t.not && c.name == "kind"
	})
}

// AboutFindingsOfHits tells whether the filter's answer depends on findings for hits
// alone.
func (f *Filter) AboutFindingsOfHits() bool {
	about := slices.DeleteFunc(slices.Clone(f.terms), func(t term) bool { return !t.aboutFindings() })
	return len(about) > 0 && !slices.ContainsFunc(about, func(t term) bool { return t.test != quietHit{} })
}

// quietHit is a test for a hit of which nothing is said.
type quietHit struct{}

func (quietHit) match(s *subject) bool { return s.Kind == record.Hit && len(s.Findings) == 0 }

func (quietHit) condition() store.Condition {
	return store.All(store.Like(store.Kind, string(record.Hit)), store.WorstIn(0, 0))
}
