// Package filter is the language for selecting records: in the terminal after "/", on the
// command line after --where. Help describes all of it.
//
// A filter works in two ways, and tests check that both agree. Match checks one whole
// record. Narrow turns as much of the filter as possible into a query on the store's
// small rows, of which a million are searched in a fraction of a second; only records
// for which the row does not suffice are decoded.
package filter

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/store"
)

// maxLength is the longest text of a filter, in bytes, and maxValues the number of its
// alternatives. SQLite limits the length of patterns and the depth of expressions.
const (
	maxLength = 4096
	maxValues = 100
)

// A Filter says which records are wanted. The zero value matches all.
type Filter struct {
	text  string
	name  string // the name of a filter that was not made from a text
	terms []term
}

// term is one condition of a filter. All of them must hold.
type term struct {
	not  bool
	test test
	text string // what it was parsed from, "" if it was not
}

// test is the question that a term asks.
type test interface {
	// match answers for a record.
	match(*subject) bool
	// condition is the same question for the store. It is unknown where the row
	// does not suffice.
	condition() store.Condition
}

// subject is a record that is tested, with what several tests need, made only once.
type subject struct {
	*record.Record
	worst record.Severity // the worst severity of the findings that count
	line  []byte          // its line of JSON, nil until needed
	lower []byte          // line with A to Z in lower case
	args  any             // its decoded arguments, nil until needed
}

// Parse reads a filter. Times such as 5m count back from now, and times without a zone are
// in now's zone. The error is an *Error.
func Parse(text string, now time.Time) (*Filter, error) { return ParseOf(nil, text, now) }

// ParseOf is Parse for a filter of a recording that has these marks.
func ParseOf(marks *Marks, text string, now time.Time) (*Filter, error) {
	p := parser{text: text, now: now, marks: marks}
	return p.filter()
}

// Findings makes a filter for records with a finding of a rule for which fits is true. It
// has a name, but no text.
func Findings(name, rule string, fits func(record.Finding) bool) *Filter {
	return &Filter{name: name, terms: []term{{test: finding{rule, fits}}}}
}

// String is what was parsed, without spaces around it.
func (f *Filter) String() string { return f.text }

// Name is how the terminal calls the filter: "/" and its text, if it has one, else its
// name.
func (f *Filter) Name() string {
	if f.name != "" {
		return f.name
	}
	return "/" + f.text
}

// All tells whether the filter matches every record.
func (f *Filter) All() bool { return len(f.terms) == 0 }

// Hint says what may have been meant by a filter that matches nothing: an event's name may
// be only a part of the whole name. It is "" if there is nothing to say.
func (f *Filter) Hint() string {
	for _, t := range f.terms {
		c, ok := t.test.(column)
		if !ok || t.not || c.name != "event" {
			continue
		}
		for _, p := range c.patterns {
			part := p[0]
			if known := Documented()["event"]; len(p) == 1 && part != "" && !slices.Contains(known, part) && slices.ContainsFunc(known, func(name string) bool { return strings.Contains(name, part) }) {
				return fmt.Sprintf("event:%s is that name alone; event:*%s* is every name with it.", part, part)
			}
		}
	}
	return ""
}

// Within makes a filter for records that match both. It has f's name.
func (f *Filter) Within(other *Filter) *Filter {
	both := *f
	both.terms = append(slices.Clip(f.terms), other.terms...)
	return &both
}

// And makes a filter for records that match both. It has the text of both, or a name made of
// theirs. What f has already is not repeated.
func (f *Filter) And(more *Filter) *Filter {
	missing := func(t term) bool {
		return t.text == "" || !slices.ContainsFunc(f.terms, func(own term) bool { return own.text == t.text })
	}
	both := &Filter{terms: append(slices.Clip(f.terms), more.terms...)}
	switch {
	case f.All():
		return more
	case !slices.ContainsFunc(more.terms, missing):
		return f
	case f.name == "" && more.name == "":
		both.text = f.text + " " + more.text
	default:
		both.name = f.Name() + " " + more.Name()
	}
	return both
}

// Not makes a filter for records that f does not match. f must have exactly one term.
func (f *Filter) Not() *Filter {
	t := f.terms[0]
	t.not = !t.not
	switch {
	case t.text == "":
		return &Filter{name: "not " + f.name, terms: []term{t}}
	case t.not:
		t.text = "-" + t.text
	default:
		t.text = t.text[1:] // without the sign
	}
	return &Filter{text: t.text, terms: []term{t}}
}

// Match tells whether r matches, with the findings that are in r.
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

// Verdicts are newer findings for some records, which replace those in the store.
type Verdicts struct {
	Rows []int64 // the rows of these records, ascending

	// On replaces the findings of a record by its newer ones, and returns the worst
	// severity of those that count.
	On func(row int64, r *record.Record) record.Severity
}

// AboutFindings tells whether the result depends on findings.
func (f *Filter) AboutFindings() bool { return slices.ContainsFunc(f.terms, term.aboutFindings) }

func (t term) aboutFindings() bool {
	switch test := t.test.(type) {
	case severities, finding, quietHit, text: // a text is also searched in findings
		return true
	case column:
		return test.name == "rule"
	}
	return false
}

// Narrow adds the filter to a query.
func (f *Filter) Narrow(q store.Query) store.Query { return f.NarrowBy(q, Verdicts{}) }

// NarrowBy is Narrow when some records have newer findings than those in the store.
func (f *Filter) NarrowBy(q store.Query, newer Verdicts) store.Query {
	var where, findings []store.Condition
	for _, t := range f.terms {
		// The store has an index for severities, which only MinSeverity uses.
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

// matchLine is Match for a record's line of JSON. Decoding is most of the work, so only
// lines that can match are decoded.
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
		s.worst, s.line = newer.On(row, r), nil // the line still has the old findings
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

// finding is a test for a finding of a rule for which fits is true.
type finding struct {
	rule string
	fits func(record.Finding) bool
}

func (t finding) match(s *subject) bool {
	return slices.ContainsFunc(s.Findings, func(f record.Finding) bool { return f.Rule == t.rule && t.fits(f) })
}

// condition is never certain: the row has the rules, but not the rest of the findings.
func (t finding) condition() store.Condition {
	return store.All(store.HasRule(t.rule), store.Unknown())
}

// lowered is the record's line of JSON with A to Z in lower case.
func (s *subject) lowered() []byte {
	if s.lower == nil {
		if s.line == nil {
			line, err := record.Encode(s.Record)
			if err != nil {
				return nil // cannot happen with a record of a recording
			}
			s.line = line
		}
		s.lower = lowerBytes(s.line)
	}
	return s.lower
}

// lowerBytes turns A to Z to lower case and nothing else, as SQLite's LIKE does.
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

// pattern is a text with wildcards, split at these, with A to Z in lower case. A text
// without a wildcard is one part.
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
