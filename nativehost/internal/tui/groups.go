package tui

import (
	"cmp"
	"slices"
	"strings"

	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/plan"
	"userlike-inspector/nativehost/internal/record"
)

// groupKey is what findings are grouped by.
type groupKey struct {
	rule string
	at   string           // a JSON Pointer with "*" for elements, or otherPlaces
	by   *plan.Acceptance // by what the plan accepts them, nil if it does not
}

// A group is the findings with one key.
type group struct {
	groupKey
	severity    record.Severity // of the worst
	count       int
	first, last record.Time
	newest      record.Finding
	row         int64 // of the newest
}

// maxGroups bounds the groups. There is no other limit to their number, because a page may
// send fields of any name.
const maxGroups = 2000

// otherPlaces is the place of the groups that hold the findings beyond maxGroups.
const otherPlaces = "…"

// groupOf finds or makes the group of a finding; by is as in groupKey.
func groupOf(groups map[groupKey]*group, f record.Finding, by *plan.Acceptance) *group {
	key := groupKey{f.Rule, anyElement(f.At), by}
	g := groups[key]
	if g == nil && len(groups) >= maxGroups {
		key.at = otherPlaces
		g = groups[key]
	}
	if g == nil {
		g = &group{groupKey: key}
		groups[key] = g
	}
	return g
}

// anyElement is a JSON Pointer with "*" for the indexes of elements, so that all elements of
// an array are one place. The first two tokens stay: they name the argument and its member.
func anyElement(at string) string {
	if !strings.ContainsAny(at, "0123456789") {
		return at
	}
	tokens := strings.Split(at, "/")
	for i, t := range tokens {
		if i > 2 && t != "" && strings.Trim(t, "0123456789") == "" {
			tokens[i] = "*"
		}
	}
	return strings.Join(tokens, "/")
}

func (g *group) add(row int64, f record.Finding, at record.Time) {
	if f.Severity.Rank() > g.severity.Rank() {
		g.severity = f.Severity
	}
	if !at.IsZero() && (g.first.IsZero() || at.Before(g.first.Time)) {
		g.first = at
	}
	if !at.Before(g.last.Time) {
		g.last = at
	}
	g.count++
	if row >= g.row {
		g.newest, g.row = f, row
	}
}

// groups are all groups, the worst and then the most frequent first, and after them those
// that the plan accepts. open are the findings that may still be found, by rule.
func (j *judge) groups() (all []group, open []undecided) {
	more, accepts := map[groupKey]*group{}, j.accepts.Clone()
	for found, may := range j.visits.AllOpen() {
		for _, f := range found {
			groupOf(more, f.Finding, accepts.By(f)).add(f.Order(), f.Finding, f.Time)
		}
		open = count(open, may)
	}
	slices.SortFunc(open, func(a, b undecided) int { return cmp.Compare(a.rule, b.rule) })
	for _, f := range j.expired(accepts) {
		groupOf(more, f.Finding, nil).add(f.Order(), f.Finding, f.Time)
	}
	for key, g := range j.own {
		one := *g
		if m := more[key]; m != nil {
			one.join(m)
			delete(more, key)
		}
		all = append(all, one)
	}
	for _, g := range more {
		all = append(all, *g)
	}
	slices.SortFunc(all, func(a, b group) int {
		if (a.by == nil) != (b.by == nil) {
			return map[bool]int{true: -1, false: 1}[a.by == nil]
		}
		return cmp.Or(b.severity.Rank()-a.severity.Rank(), cmp.Compare(b.count, a.count), cmp.Compare(a.rule, b.rule), cmp.Compare(a.at, b.at))
	})
	return all, open
}

// undecided are the findings of one rule that may still be found.
type undecided struct {
	rule  string
	count int
	last  journey.Unsettled // of them, the one on the newest record
}

// count adds unsettled findings to the counts of their rules.
func count(all []undecided, more []journey.Unsettled) []undecided {
	for _, o := range more {
		i := slices.IndexFunc(all, func(u undecided) bool { return u.rule == o.Rule })
		if i < 0 {
			i = len(all)
			all = append(all, undecided{rule: o.Rule})
		}
		if all[i].count++; o.Order() >= all[i].last.Order() {
			all[i].last = o
		}
	}
	return all
}

// join adds another group to this one. A rule that is judged both on single records and on
// visits has a group of each with the same key.
func (g *group) join(other *group) {
	g.count += other.count
	if other.severity.Rank() > g.severity.Rank() {
		g.severity = other.severity
	}
	if !other.first.IsZero() && other.first.Before(g.first.Time) {
		g.first = other.first
	}
	if other.last.After(g.last.Time) {
		g.last = other.last
	}
	if other.row > g.row {
		g.newest, g.row = other.newest, other.row
	}
}
