package tui

import (
	"runtime/debug"
	"strings"
	"time"

	"userlike-inspector/nativehost/internal/filter"
	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/record"
)

// A scope is the part of the recording that the user looks at. All views, the numbers in the
// header and the files that are written are about it.
type scope struct {
	since  int64          // only rows after this one are in it; 0 is all rows
	name   string         // what begins there, such as "this run"; "" for all rows
	filter *filter.Filter // only what it lets through is in it
}

// says names the scope, "" where it is all that was recorded.
func (s scope) says() string {
	var all []string
	if s.name != "" {
		all = append(all, s.name)
	}
	if !s.filter.All() {
		all = append(all, s.filter.Name())
	}
	return strings.Join(all, " ")
}

// all tells whether the scope is everything that was recorded.
func (s scope) all() bool { return s.since == 0 && s.filter.All() }

// rescope changes the scope.
func (a *app) rescope(s scope) {
	same := s.since == a.scope.since && s.filter == a.scope.filter
	a.scope = s
	a.events.trail = nil
	if l := &a.events.list; l.filter != s.filter || l.first != s.since {
		a.events.cleared = s.since
		a.list(s.filter)
	}
	if !same {
		replace(a.judge.scopes, s)
	}
}

// widen is what W does. It takes the scope one step wider: first without the filter, then as
// it was when the program started, then to all that was recorded. From there it leads back to
// how it was at the start.
func (a *app) widen() {
	s, begun := a.scope, a.begun
	switch {
	case a.events.trail != nil:
		a.leadBack()
		return
	case !s.filter.All():
		s.filter = begun.filter
	case s.since != begun.since:
		s.since, s.name = begun.since, begun.name
		if a.scope.all() {
			a.flash = "only " + begun.name + " again; W goes back to all that was recorded"
		}
	case begun.since > 0:
		s.since, s.name = 0, ""
		a.flash = "all that was recorded; W goes back to " + begun.name
	default:
		a.flash = "this is all that was recorded"
		return
	}
	a.rescope(s)
}

// clear takes everything recorded so far out of the scope, or back in. The store stays as it
// is.
func (a *app) clear() {
	s, last := a.scope, a.events.list.last
	switch {
	case last == 0:
		a.flash = "nothing has been recorded yet"
		return
	case s.since > a.begun.since:
		s.since, s.name = a.begun.since, a.begun.name
	default:
		s.since, s.name = last, "since "+a.theme.clock(a.opts.Now())
		a.flash = "only what comes from now on; z brings the rest back"
		a.events.resume()
	}
	a.rescope(s)
}

// since begins the scope at the event under the cursor.
func (a *app) since() {
	row := a.events.cursor
	r := a.events.cache.get(row)
	if r == nil || a.events.list.count() == 0 {
		a.flash = "there is no event to begin with"
		return
	}
	s := scope{row - 1, "since " + a.theme.clock(r.Time.Time), &filter.Filter{}}
	if r.Kind == record.Mark {
		s.name = "since mark " + r.Event
	}
	a.rescope(s)
}

// within names the scope behind what is asked for in a prompt, such as " (this run)"; "" for
// everything.
func (s scope) within(t *theme) string {
	if says := s.says(); says != "" {
		return " (" + clip(visible(says), 24, t.ellipsis) + ")"
	}
	return ""
}

// partOf tells whether a record is in the scope. A filter that asks for findings gets those on
// the record alone, and those on its visit that were known when the scope was chosen.
func (j *judge) partOf(row int64, r *record.Record) journey.Part {
	f := j.scope.filter
	switch {
	case row <= j.scope.since:
		return journey.Before
	case f.All():
		return journey.Wanted
	}
	if f.AboutFindings() {
		one := *r
		one.Findings = j.inspector.Judge(r)
		found, _ := j.visits.On(row, row)
		for _, found := range found {
			one.Findings = append(one.Findings, found.Finding)
		}
		r = &one
	}
	if !f.Match(r) {
		return journey.Beside
	}
	return journey.Wanted
}

// isOutdated tells whether the judge should begin anew because new findings may have changed
// what is in the scope. The longer judging everything took, the longer it waits before that.
func (j *judge) isOutdated(last int64) bool {
	return j.outdated && j.settled && j.counts.upTo >= last && time.Since(j.began) > (1+restFactor)*j.took
}

// manyRows is from how many records on judging them leaves more garbage than one may keep.
const manyRows = 50_000

// look collects which findings on visits have changed, also by time alone.
func (j *judge) look(last int64) {
	if j.counts.upTo >= last { // before that, what is missing may be among the records still to be judged
		j.visits.Advance(j.now())
	}
	changes := j.visits.Look()
	j.changes = append(j.changes, changes...)
	j.outdated = j.outdated || len(changes) > 0 && j.scope.filter.AboutFindings()
	if !j.settled && j.counts.upTo >= last {
		j.settled, j.took = true, time.Since(j.began)
		if last > manyRows { // otherwise it takes longer than reading the records
			debug.FreeOSMemory() // they have left much garbage
		}
	}
}

// named is the scope's name in the header, nothing for everything.
func (s scope) named(t *theme, cells int) []span {
	says := s.says()
	if says == "" {
		return nil
	}
	return []span{{strong, clip(visible(t.head(says, maxSpan)), max(cells/4, 12), t.ellipsis)}, {plain, ": "}}
}
