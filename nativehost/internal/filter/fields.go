package filter

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/store"
	"userlike-inspector/nativehost/internal/words"
	"userlike-inspector/schema"
)

// field is a word that a term can begin with.
type field struct {
	name    string
	meaning string // for the help and beside completions
	example string // a term
	ordered bool   // whether >=, <=, > and < make sense
	values  []string
	parse   func(p *parser, name, op string, v value) (test, error)
}

// fields is the table of all fields, in the order of the help.
func fields() []field {
	return []field{
		{name: "event", meaning: "the call's event name; else what happened: opened, replaced …", example: "event:chat_*", parse: parseColumn},
		{name: "site", meaning: "the page's origin, or only its host", example: "site:*.shop.example", parse: parseColumn},
		{name: "severity", meaning: "the worst finding, or none", example: "severity>=warning", ordered: true, values: severityNames, parse: parseSeverity},
		{name: "rule", meaning: "a finding's rule", example: "rule:wrong-type,missing-field", parse: parseColumn},
		{name: "journey", meaning: "the contact's session_id", example: "journey:s-42", parse: parseColumn},
		{name: "tab", meaning: "the tab's number in its browser", example: "tab:3", ordered: true, parse: parseTab},
		{name: "kind", meaning: words.List(kindNames(), "or"), example: "kind:call", values: kindNames(), parse: parseColumn},
		{name: "to", meaning: "where a hit went: a queue, or an address, its host or one above it", example: "to:google-analytics.com*", parse: parseColumn},
		{name: "system", meaning: "the tracking system of a hit, where it is known", example: "system:matomo", parse: parseColumn},
		{name: "carries", meaning: "what a hit has of its calls, as a JSON Pointer or a field's name", example: "carries:/2/client_email", parse: parseColumn},
		{name: "simulated", meaning: "yes for calls and hits of a tester's simulation, else no", example: "simulated:no", values: yesNo, parse: parseSimulated},
		{name: "browser", meaning: "the browser's name", example: "browser:firefox*", parse: parseColumn},
		{name: "url", meaning: "the document's address", example: "url:*/checkout*", parse: parseColumn},
		{name: "id", meaning: "the record's own id", example: "id:*/7", parse: parseColumn},
		{name: "since", meaning: "not before a time, or that long ago; in the terminal also since:mark:NAME", example: "since:5m", parse: parseTime},
		{name: "until", meaning: "not after one of these", example: "until:2026-11-22T10:13", parse: parseTime},
	}
}

var severityNames = []string{"none", string(record.Info), string(record.Warning), string(record.Error)}

// ofKind is the store's condition for records of a kind.
func ofKind(k record.Kind) store.Condition { return store.Like(store.Kind, string(k)) }

func kindNames() []string {
	var names []string
	for _, k := range record.Kinds {
		names = append(names, string(k))
	}
	return names
}

// column is a test on texts of a record: one of them has to match a pattern. "*" tests
// whether there is one.
type column struct {
	name     string
	patterns []pattern
	texts    func(*record.Record) []string
	like     func(parts ...string) store.Condition // nil if the store's rows do not have these texts
}

func (c column) match(s *subject) bool {
	for _, text := range c.texts(s.Record) {
		for _, p := range c.patterns {
			if p.match(text) && (text != "" || !p.anything()) {
				return true
			}
		}
	}
	return false
}

func (c column) condition() store.Condition {
	if c.like == nil {
		return store.Unknown()
	}
	var alternatives []store.Condition
	for _, p := range c.patterns {
		alternatives = append(alternatives, c.like(p...))
	}
	return store.Any(alternatives...)
}

// parseColumn makes the test for a field that is text. Of some a record has exactly one text,
// of others any number: it may have several rules, and no browser.
func parseColumn(p *parser, name, op string, v value) (test, error) {
	c := column{name: name, patterns: v.patterns}
	one := func(text func(*record.Record) string) func(*record.Record) []string {
		return func(r *record.Record) []string { return []string{text(r)} }
	}
	in := func(column store.Column) func(parts ...string) store.Condition {
		return func(parts ...string) store.Condition { return store.Like(column, parts...) }
	}
	switch name {
	case "event":
		c.texts, c.like = one((*record.Record).Happening), in(store.Event)
	case "site":
		c.texts, c.like = one((*record.Record).Site), in(store.Site)
		c.patterns = hosts(c.patterns)
		for i, text := range v.texts {
			if path := pathIn(text); path != "" {
				return nil, p.fail(v.columns[i], fmt.Sprintf("a site ends before %s", words.Typed(path)), "leave that out, or write url:… for the whole address")
			}
		}
	case "journey":
		c.texts, c.like = one((*record.Record).SessionID), in(store.Session)
	case "id":
		c.texts, c.like = one(func(r *record.Record) string { return r.ID }), in(store.ID)
	case "kind":
		c.texts, c.like = one(func(r *record.Record) string { return string(r.Kind) }), in(store.Kind)
		for i, kind := range c.patterns {
			if !fitsAny(kind, kindNames()) {
				return nil, p.fail(v.columns[i], unknownWord("kind", v.texts[i], kindNames()), "")
			}
		}
	case "rule":
		c.texts, c.like = rulesOf, store.HasRule
	case "to", "system", "carries":
		c.texts = map[string]func(*record.Record) []string{"to": placesOf, "system": systemOf, "carries": carriedBy}[name]
		c.like = func(...string) store.Condition {
			return store.All(ofKind(record.Hit), store.Unknown()) // only hits have these
		}
	case "url":
		c.texts = one(func(r *record.Record) string { return r.URL })
	case "browser":
		c.texts = func(r *record.Record) []string {
			if r.Browser == nil {
				return nil
			}
			return []string{r.Browser.Name, r.Browser.Profile}
		}
	}
	return c, nil
}

func fitsAny(p pattern, texts []string) bool {
	for _, t := range texts {
		if p.match(t) {
			return true
		}
	}
	return false
}

// pathIn is the part after the host, if the user wrote an address instead of a site.
func pathIn(address string) string {
	_, rest, found := strings.Cut(address, "://")
	if !found {
		rest = address
	}
	host, _, _ := strings.Cut(rest, "/")
	if strings.Contains(address[:len(address)-len(rest)]+host, "*") || strings.HasSuffix(host, ":") { // the slash may belong to the "//" before the host
		return ""
	}
	return rest[len(host):]
}

// hosts adds to patterns of origins further ones that match by host, with or without a
// port.
func hosts(patterns []pattern) []pattern {
	var all []pattern
	for _, p := range patterns {
		if all = append(all, p); len(p) == 1 && p[0] == "" {
			continue // a site always has a host
		}
		host := append(pattern{"", "://" + p[0]}, p[1:]...)
		port := append(pattern(nil), host...)
		port[len(port)-1] += ":"
		all = append(all, host, append(port, ""))
	}
	return all
}

func rulesOf(r *record.Record) []string {
	var rules []string
	for _, f := range r.Findings {
		rules = append(rules, f.Rule)
	}
	return rules
}

// placesOf is where a hit went, in all forms in which a filter can ask for it: the whole
// address, the address from its host or a domain above it on, and these hosts without a
// path.
func placesOf(r *record.Record) []string {
	if r.Handed == nil {
		return nil
	}
	all := []string{r.Handed.To}
	_, rest, found := strings.Cut(r.Handed.To, "://")
	if !found {
		return all
	}
	host, _, _ := strings.Cut(rest, "/")
	for {
		name, _, _ := strings.Cut(host, ":")
		all = append(all, rest, host, name)
		i := strings.IndexByte(host, '.')
		if i < 0 || strings.HasPrefix(host, "[") {
			return all
		}
		host, rest = host[i+1:], rest[i+1:]
	}
}

func systemOf(r *record.Record) []string {
	if r.Handed == nil || r.Handed.System == "" {
		return nil
	}
	return []string{r.Handed.System}
}

// carriedBy lists the fields that a hit carries, as JSON Pointers and as names.
func carriedBy(r *record.Record) (all []string) {
	if r.Handed == nil {
		return nil
	}
	for _, c := range r.Handed.Carries {
		all = append(all, c.What)
		if tokens, ok := schema.Tokens(c.What); ok && len(tokens) > 1 {
			all = append(all, tokens[len(tokens)-1])
		}
	}
	return all
}

// interval is the range of whole numbers from least to most.
type interval struct{ least, most int64 }

const greatest = int64(1) << 62

// newInterval is the range of numbers x for which "x op n" holds and that are not below
// least.
func newInterval(op string, n, least int64) interval {
	switch op {
	case ">=":
		return interval{n, greatest}
	case ">":
		return interval{n + 1, greatest}
	case "<=":
		return interval{least, n}
	case "<":
		return interval{least, n - 1}
	}
	return interval{n, n}
}

type intervals []interval

func (all intervals) contain(n int64) bool {
	for _, i := range all {
		if i.least <= n && n <= i.most {
			return true
		}
	}
	return false
}

func (all intervals) any(in func(least, most int64) store.Condition) store.Condition {
	var alternatives []store.Condition
	for _, i := range all {
		alternatives = append(alternatives, in(i.least, i.most))
	}
	return store.Any(alternatives...)
}

// severities is a test on the rank of the worst finding.
type severities intervals

func (t severities) match(s *subject) bool {
	return intervals(t).contain(int64(s.worst.Rank()))
}

func (t severities) condition() store.Condition { return intervals(t).any(store.WorstIn) }

func parseSeverity(p *parser, name, op string, v value) (test, error) {
	var t severities
	for i, text := range v.texts {
		rank := -1
		for r, name := range severityNames {
			if lower(text) == name {
				rank = r
			}
		}
		if rank < 0 {
			return nil, p.fail(v.columns[i], unknownWord("severity", text, severityNames), "")
		}
		t = append(t, newInterval(op, int64(rank), 0))
	}
	return t, nil
}

var yesNo = []string{"yes", "no"}

// simulated is a test on whether a tester's simulation caused the record.
type simulated []bool

func (t simulated) match(s *subject) bool { return slices.Contains(t, s.Simulated) }

func (simulated) condition() store.Condition { return store.Unknown() }

func parseSimulated(p *parser, name, _ string, v value) (test, error) {
	var t simulated
	for i, text := range v.texts {
		if !slices.Contains(yesNo, lower(text)) {
			return nil, p.fail(v.columns[i], unknownWord("value of "+name, text, yesNo), "")
		}
		t = append(t, lower(text) == "yes")
	}
	return t, nil
}

// tabs is a test on a tab's number. Records without a tab never match.
type tabs intervals

func (t tabs) match(s *subject) bool { return s.Tab != nil && intervals(t).contain(int64(*s.Tab)) }

func (t tabs) condition() store.Condition { return intervals(t).any(store.InTab) }

func parseTab(p *parser, name, op string, v value) (test, error) {
	var t tabs
	for i, text := range v.texts {
		n, err := strconv.ParseInt(text, 10, 32)
		if err != nil || n < 0 {
			return nil, p.fail(v.columns[i], fmt.Sprintf("%s is not a tab's number", words.Typed(text)), "write one such as tab:3")
		}
		t = append(t, newInterval(op, n, 0))
	}
	return t, nil
}

// span is a test on the time.
type span interval

func (t span) match(s *subject) bool {
	return intervals{interval(t)}.contain(s.Time.UnixMilli())
}

func (t span) condition() store.Condition { return store.TimeIn(t.least, t.most) }

func parseTime(p *parser, name, op string, v value) (test, error) {
	if len(v.texts) > 1 {
		return nil, p.fail(v.columns[1], name+" takes one time", "leave out the others")
	}
	var at time.Time
	var err error
	if strings.HasPrefix(v.texts[0], beforeMark) {
		if at, err = p.marks.find(p, v); err != nil {
			return nil, err
		}
	} else if at, err = Instant(v.texts[0], p.now); err != nil {
		return nil, p.fail(v.columns[0], err.Error(), "")
	}
	if name == "until" {
		return span{-greatest, at.UnixMilli()}, nil
	}
	return span{at.UnixMilli(), greatest}, nil
}

// Instant reads a time as a person writes it: a Go duration for how long ago; a date, a
// date with a time, or a time of today, in now's zone; or RFC 3339.
func Instant(text string, now time.Time) (time.Time, error) {
	if ago, err := time.ParseDuration(text); err == nil {
		if ago < 0 {
			return time.Time{}, fmt.Errorf("%s is in the future; write how long ago, such as %s", words.Typed(text), strings.TrimPrefix(text, "-"))
		}
		return now.Add(-ago), nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, text, now.Location()); err == nil {
			return t, nil
		}
	}
	for _, layout := range []string{"15:04:05", "15:04"} {
		if t, err := time.ParseInLocation(layout, text, now.Location()); err == nil {
			year, month, day := now.Date()
			return time.Date(year, month, day, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), now.Location()), nil
		}
	}
	return time.Time{}, fmt.Errorf("%s is not a time; write how long ago such as 5m or 1h30m, or 10:13, 2026-11-22 or 2026-11-22T10:13:04", words.Typed(text))
}

// unknownWord says that a value is not one of the known ones.
func unknownWord(what, text string, known []string) string {
	said := fmt.Sprintf("there is no %s %s", what, words.Typed(text))
	if near := words.Nearest(text, known); near != "" {
		return fmt.Sprintf("%s; did you mean %s?", said, near)
	}
	return fmt.Sprintf("%s; use %s", said, words.List(known, "or"))
}
