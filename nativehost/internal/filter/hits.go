package filter

import (
	"slices"
	"strings"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/store"
)

// WithoutQuietHits makes a filter like f that does not match hits without findings.
func (f *Filter) WithoutQuietHits() *Filter {
	more := *f
	more.terms = append(slices.Clip(f.terms), term{not: true, test: quietHit{}})
	return &more
}

// AsksForHits tells whether the filter tests the kind of record, or something that only
// hits have.
func (f *Filter) AsksForHits() bool {
	return slices.ContainsFunc(f.terms, func(t term) bool {
		if _, ok := t.test.(hitsAt); ok {
			return true
		}
		c, ok := t.test.(column)
		return ok && !t.not && slices.Contains([]string{"kind", "to", "system", "carries"}, c.name)
	})
}

// AboutFindingsOfHits tells whether the result depends on findings of hits, but not on
// findings of other records.
func (f *Filter) AboutFindingsOfHits() bool {
	about := slices.DeleteFunc(slices.Clone(f.terms), func(t term) bool { return !t.aboutFindings() })
	return len(about) > 0 && !slices.ContainsFunc(about, func(t term) bool { return t.test != quietHit{} })
}

// quietHit is a test for a hit without findings.
type quietHit struct{}

func (quietHit) match(s *subject) bool { return s.Kind == record.Hit && len(s.Findings) == 0 }

func (quietHit) condition() store.Condition {
	return store.All(ofKind(record.Hit), store.WorstIn(0, 0))
}

// Hits makes a filter for the hits at a place, in which * stands for anything, for which
// fits is true. It has a name, but no text.
func Hits(name, to string, fits func(*record.Record) bool) *Filter {
	return &Filter{name: name, terms: []term{{test: hitsAt{strings.Split(lower(to), "*"), fits}}}}
}

// hitsAt is a test for a hit at a place for which fits is true.
type hitsAt struct {
	to   pattern
	fits func(*record.Record) bool
}

func (t hitsAt) match(s *subject) bool {
	return s.Kind == record.Hit && t.to.match(s.Handed.To) && t.fits(s.Record)
}

// condition is never certain for hits at the place: the row has only the place.
func (t hitsAt) condition() store.Condition {
	return store.All(ofKind(record.Hit), store.Like(store.Event, t.to...), store.Unknown())
}
