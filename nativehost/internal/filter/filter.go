// Package filter is the language in which records are asked for: in the
// terminal UI after "/", on the command line after --where. What Help says is
// the whole of it.
//
// A filter gives the same answer in two places. Match asks a whole record.
// Narrow puts as much of the question as possible to the store's narrow rows, where a
// million are looked through in a fraction of a second, and has only those
// records decoded that they cannot tell of; the tests hold both to one another.
package filter

import (
	"bytes"
	"slices"
	"strings"
	"time"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/store"
)

// maxLength bounds a filter's text, in bytes, and maxValues its alternatives:
// SQLite limits patterns and the depth of expressions.
const (
	maxLength = 4096
	maxValues = 100
)

// A Filter says which records are wanted. The zero value wants all.
type Filter struct {
	text  string
	name  string // of a filter that was not written as a text
	terms []term
}

// term is one demand of a filter.
type term struct {
	not  bool
	test test
}

// test is what a term asks of a record.
type test interface {
	// match answers for a record.
	match(*subject) bool
	// condition is the same question to the store, unknown where it cannot tell.
	condition() store.Condition
}

// subject is a record that is asked; what tests need of it is made once.
type subject struct {
	*record.Record
	worst record.Severity // of its findings that count
	line  []byte          // its line of JSON, nil until needed
	lower []byte          // line with A to Z made small
	args  any             // its decoded arguments, nil until needed
}

// Parse reads a filter. Times such as 5m are reckoned from now, and written
// without a zone they are in now's. The error is an *Error.
func Parse(text string, now time.Time) (*Filter, error) {
	p := parser{text: text, now: now}
	f, err := p.filter()
	if err != nil {
		return nil, err
	}
	return f, nil
}

// Findings gives a filter that wants records with a finding of a rule that fits.
// It has a name, but no text.
func Findings(name, rule string, fits func(record.Finding) bool) *Filter {
	return &Filter{name: name, terms: []term{{test: finding{rule, fits}}}}
}

// String is what was parsed, without spaces around it.
func (f *Filter) String() string { return f.text }

// Name is what the filter is called: its text as it is typed, after "/", where it
// has one.
func (f *Filter) Name() string {
	if f.name != "" {
		return f.name
	}
	return "/" + f.text
}

// All tells whether the filter lets every record through.
func (f *Filter) All() bool { return len(f.terms) == 0 }

// Match tells whether r is wanted. Its findings count as they are in r.
func (f *Filter) Match(r *record.Record) bool {
	return f.matches(&subject{Record: r, worst: record.Worst(r.Findings)})
}

func (f *Filter) matches(s *subject) bool {
	for _, t := range f.terms {
		if t.test.match(s) == t.not {
			return false
		}
	}
	return true
}

// Verdicts are findings that are newer than those stored with some records.
type Verdicts struct {
	Rows []int64 // all these records have any, ascending

	// On puts a record's on it, in the place of those stored, and gives the worst of
	// those that count.
	On func(row int64, r *record.Record) record.Severity
}

// AboutFindings tells whether the filter's answer depends on findings.
func (f *Filter) AboutFindings() bool { return slices.ContainsFunc(f.terms, term.aboutFindings) }

func (t term) aboutFindings() bool {
	switch test := t.test.(type) {
	case severities, finding, quietHit, text: // a text is looked for in findings, too
		return true
	case column:
		return test.name == "rule"
	}
	return false
}

// Narrow makes of q a query for those of its records that the filter wants.
func (f *Filter) Narrow(q store.Query) store.Query { return f.NarrowBy(q, Verdicts{}) }

// NarrowBy is Narrow where some records have newer findings than the store has.
func (f *Filter) NarrowBy(q store.Query, newer Verdicts) store.Query {
	var where, findings []store.Condition
	for _, t := range f.terms {
		// The severity has an index; only this way of asking uses it.
		if r, ok := t.test.(severities); ok && !t.not && len(r) == 1 && r[0].most >= int64(record.Error.Rank()) && len(newer.Rows) == 0 {
			q.MinSeverity = max(q.MinSeverity, int(r[0].least))
			continue
		}
		c := t.test.condition()
		if t.not {
			c = store.Not(c)
		}
		if len(newer.Rows) > 0 && t.aboutFindings() {
			findings = append(findings, c)
		} else {
			where = append(where, c)
		}
	}
	if len(findings) > 0 {
		where = append(where, store.UnknownIn(newer.Rows, store.All(findings...)))
	}
	if len(where) > 0 {
		q.Where = append(q.Where, where...)
		q.Match = func(row int64, line []byte) (bool, error) { return f.matchLine(row, line, newer) }
	}
	return q
}

// matchLine is Match for a record's line of JSON. Decoding is most of the work,
// so it is done only for lines that can match.
func (f *Filter) matchLine(row int64, line []byte, newer Verdicts) (bool, error) {
	for _, t := range f.terms {
		if p, ok := t.test.(place); ok && !t.not && !p.mayBeIn(line) {
			return false, nil
		}
	}
	r, err := record.Decode(line)
	if err != nil {
		return false, err
	}
	s := &subject{Record: r, worst: record.Worst(r.Findings), line: line}
	if _, is := slices.BinarySearch(newer.Rows, row); is {
		s.worst, s.line = newer.On(row, r), nil // the line has the older ones
	}
	return f.matches(s), nil
}

// text is a test for a text anywhere in a record's line of JSON.
type text pattern

func (t text) match(s *subject) bool {
	rest := s.lowered()
	for _, part := range t {
		i := bytes.Index(rest, []byte(part))
		if i < 0 {
			return false
		}
		rest = rest[i+len(part):]
	}
	return true
}

func (t text) condition() store.Condition { return store.Contains(t...) }

// finding is a test for a finding of a rule that fits.
type finding struct {
	rule string
	fits func(record.Finding) bool
}

func (t finding) match(s *subject) bool {
	return slices.ContainsFunc(s.Findings, func(f record.Finding) bool { return f.Rule == t.rule && t.fits(f) })
}

// condition holds nowhere: the narrow row has the rules, but not the rest.
func (t finding) condition() store.Condition {
	return store.All(store.HasRule(t.rule), store.Unknown())
}

// lowered is the record's line of JSON with A to Z made small.
func (s *subject) lowered() []byte {
	if s.lower == nil {
		if s.line == nil {
			line, err := record.Encode(s.Record)
			if err != nil {
				return nil // no record of a recording: those can be written
			}
			s.line = line
		}
		s.lower = lowerBytes(s.line)
	}
	return s.lower
}

// lowerBytes makes A to Z small and leaves the rest alone, as SQLite's LIKE does.
func lowerBytes(b []byte) []byte {
	lower := bytes.Clone(b)
	for i, c := range lower {
		if 'A' <= c && c <= 'Z' {
			lower[i] = c + ('a' - 'A')
		}
	}
	return lower
}

func lower(s string) string { return string(lowerBytes([]byte(s))) }

// pattern is a text with gaps that anything fits in: the parts between the gaps,
// with A to Z made small. A text without a gap is one part.
type pattern []string

func (p pattern) match(text string) bool {
	text = lower(text)
	last := len(p) - 1
	if last == 0 {
		return text == p[0]
	}
	if !strings.HasPrefix(text, p[0]) || !strings.HasSuffix(text[len(p[0]):], p[last]) {
		return false
	}
	text = text[len(p[0]) : len(text)-len(p[last])]
	for _, part := range p[1:last] {
		_, rest, found := strings.Cut(text, part)
		if !found {
			return false
		}
		text = rest
	}
	return true
}

// anything tells whether the pattern is "*".
func (p pattern) anything() bool { return len(p) > 1 && strings.Join(p, "") == "" }
