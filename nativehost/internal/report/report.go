// Package report turns judged records into documents for other people and programs. It
// makes no verdicts. Everything that came from a page is made harmless for the format.
//
// The same recording gives the same bytes, so that two reports can be compared.
package report

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/plan"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/simulation"
	"userlike-inspector/nativehost/internal/words"
)

// Summary counts what was judged.
type Summary struct {
	Calls, Journeys      int
	Hits                 int
	Simulated            int // simulated calls, which Calls does not include
	Error, Warning, Info int
	// These explain why there are no calls: how many documents were hooked, how
	// many Userlike clients ran, were held back by a consent manager or were
	// refused, and how many handlers were seen.
	Pages, Clients, HeldBack, Refused, Handlers int
}

// Inspected says what was inspected.
type Inspected struct {
	Tool       string     // this program's name
	Version    string     // this program's version
	Recordings []string   // the files that were given, none for the store
	Plan       *plan.Plan // nil for none
	Sites      []string   // origins of the pages that were opened or called, sorted
	Browsers   []browser  // by name and version
	First      time.Time  // of the records; zero for none
	Last       time.Time  // of the records; zero for none
}

// browser is a browser in one version. Its profiles are not listed separately, as they mean
// nothing to readers.
type browser struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

func (b browser) String() string { return strings.TrimSpace(b.Name + " " + b.Version) }

// Report is what was judged and found. The zero value is an empty one.
type Report struct {
	Inspected
	Summary  Summary
	Findings []journey.Finding  // in order of arrival
	Accepted []journey.Accepted // what the plan accepts, which is counted nowhere else
	Journeys []journey.Journey
	Consents []journey.Consent
	Coverage []journey.Seen
	Places   []journey.Place   // where calls went, and where the plan wants them
	Outcomes []journey.Outcome // of the plan's demands, journey by journey

	// Unjudged are the reasons why the report must not count as passed, for
	// example that the site could not be opened; none if it may.
	Unjudged []string
	// Inconclusive says that the findings say nothing about the site, because no page was
	// seen at all, or because they only say that calls were lost, as when the browser died.
	Inconclusive bool
	// Part says that the report is about a part of the records, by --since or --where.
	Part bool
	// Simulation is the results of simulated calls, if the report is about these.
	Simulation []simulation.Followed
	// Notes are what a reader must know first about the visit.
	Notes []string
	// Made is when the report was made. It is used if there are no records with
	// times.
	Made time.Time

	// Redacted says that personal values are left out.
	Redacted bool

	withheld map[string]*withheld
	hide     func(string) string // nil to show texts as they are
	hidden   bool                // there are pseudonyms among the values
}

// Count counts one record.
func (r *Report) Count(rec *record.Record) {
	if r.First.IsZero() || rec.Time.Before(r.First) {
		r.First = rec.Time.Time
	}
	if rec.Time.After(r.Last) {
		r.Last = rec.Time.Time
	}
	r.hidden = r.hidden || len(rec.Redacted) > 0
	if b := rec.Browser; b != nil {
		r.Browsers = insert(r.Browsers, browser{b.Name, b.Version}, func(a, b browser) int {
			return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Version, b.Version))
		})
	}
	top := rec.Frame == nil || *rec.Frame == 0
	if rec.Kind == record.Call || rec.Kind == record.Page && top {
		if site := rec.Site(); site != "" {
			r.Sites = insert(r.Sites, site, strings.Compare)
		}
	}
	switch rec.Kind {
	case record.Hit:
		if !rec.Simulated {
			r.Summary.Hits++
		}
	case record.Call:
		if rec.Simulated {
			r.Summary.Simulated++
		} else {
			r.Summary.Calls++
		}
	case record.Page:
		if rec.Event == record.Opened {
			r.Summary.Pages++
		}
	case record.Client:
		switch rec.ClientState() {
		case record.HeldBack:
			r.Summary.HeldBack++
		case record.Refused:
			r.Summary.Refused++
		case record.Loaded, record.Framed:
			r.Summary.Clients++
		}
	case record.Handler:
		if rec.State == record.Appeared {
			r.Summary.Handlers++
		}
	}
}

// insert inserts v into a sorted list, unless it is there.
func insert[T any](all []T, v T, compare func(a, b T) int) []T {
	i, found := slices.BinarySearchFunc(all, v, compare)
	if found {
		return all
	}
	return slices.Insert(all, i, v)
}

// Found adds and counts the findings of j. Those that the plan accepts at the time now are
// kept separately.
func (r *Report) Found(j *journey.Recording, now time.Time) {
	r.Findings, r.Accepted = journey.Accept(r.Plan, j.End(), now)
	r.Outcomes = slices.Collect(j.Outcomes(true))
	r.withhold()
	r.Journeys = j.Journeys()
	r.Consents = j.Consents()
	for i := range r.Consents {
		r.Consents[i].Accept(journey.NewAccepting(r.Plan, now))
	}
	r.Coverage = j.Coverage(now)
	r.Places = j.Forwarding()
	r.hideTexts()
	r.Summary.Journeys = len(r.Journeys)
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

// PlanUnjudged says why none of the plan's demands could be judged, "" if one could or the
// plan demands nothing.
func (r *Report) PlanUnjudged() string {
	switch {
	case slices.ContainsFunc(r.Outcomes, func(o journey.Outcome) bool { return o.State != journey.Unjudged }):
		return ""
	case len(r.Outcomes) > 0:
		return r.Outcomes[0].Why
	case !r.Plan.Demands():
		return ""
	case r.Summary.Simulated > 0 && r.Summary.Calls == 0:
		if len(r.Plan.Forward) > 0 {
			return "there is no simulated call that it is about"
		}
		return "" // what it demands of visits is not asked of a simulation
	}
	return "there is no visit that it is about"
}

// complaint identifies findings that are about the same thing.
type complaint struct{ rule, event, at, to string }

func complaintOf(f journey.Finding) complaint {
	c := complaint{rule: f.Rule, event: f.Event, at: f.At}
	if inspect.AboutPlace(f.Rule) {
		c.to = f.Expected // the place that it went to, or should have gone to
	}
	return c
}

// group is one complaint and every finding that makes it.
type group struct {
	journey.Finding // the first
	All             []journey.Finding
}

// Head is the complaint in one line of plain text.
func (g group) Head() string {
	head := g.Rule
	if g.Event != "" {
		in := " in "
		if g.Record == "" {
			in = " of " // the event itself is missing
		}
		head += in + g.Event
	}
	if g.At != "" {
		head += " at " + g.At
	}
	return head
}

// groups collects findings with the same rule, event and place: the worst first, then in
// the order in which they were first seen.
func (r *Report) groups() []group {
	return grouped(r.Findings)
}

func grouped(findings []journey.Finding) []group {
	place := map[complaint]int{}
	var all []group
	for _, f := range findings {
		key := complaintOf(f)
		i, seen := place[key]
		if !seen {
			i = len(all)
			place[key] = i
			all = append(all, group{Finding: f})
		}
		all[i].All = append(all[i].All, f)
	}
	slices.SortStableFunc(all, func(a, b group) int {
		return cmp.Compare(b.Severity.Rank(), a.Severity.Rank())
	})
	return all
}

// acceptedGroup is a complaint that the plan accepts, and the acceptance.
type acceptedGroup struct {
	group
	By *plan.Acceptance
}

// accepted are the complaints that the plan accepts, in the order of groups.
func (r *Report) accepted() []acceptedGroup {
	by := map[complaint]*plan.Acceptance{}
	var findings []journey.Finding
	for _, a := range r.Accepted {
		findings = append(findings, a.Finding)
		by[complaintOf(a.Finding)] = a.By
	}
	var all []acceptedGroup
	for _, g := range grouped(findings) {
		all = append(all, acceptedGroup{g, by[complaintOf(g.Finding)]})
	}
	return all
}

// visit is a journey with its findings.
type visit struct {
	journey.Journey
	Events []event // equal ones in a row are one
	Left   int     // how many calls at the end are left out
	Beside int     // how many hits and other records are left out of a timeline
}

// event is a call of a journey, or several in a row with the same name and without
// findings.
type event struct {
	journey.Moment
	Calls  int
	Found  []journey.Finding
	After  string // how long after the call before, "" for the first
	Agreed bool   // by this call the contact gave consent

	// Only in a timeline, for what is no call.
	Hit  *journey.Hit
	Page bool // a record of the page with findings, such as that calls were lost
}

// Severity is that of the worst finding.
func (e event) Severity() (worst record.Severity) {
	for _, f := range e.Found {
		if f.Severity.Rank() > worst.Rank() {
			worst = f.Severity
		}
	}
	return worst
}

// Rules are the rules of the event's findings, each once.
func (e event) Rules() []string {
	var names []string
	for _, f := range e.Found {
		if !slices.Contains(names, f.Rule) {
			names = append(names, f.Rule)
		}
	}
	return names
}

// findingsByRecord are the findings on each record.
func (r *Report) findingsByRecord() map[string][]journey.Finding {
	found := map[string][]journey.Finding{}
	for _, f := range r.Findings {
		if f.Record != "" {
			found[f.Record] = append(found[f.Record], f)
		}
	}
	return found
}

// visits are the journeys with at most this number of events each.
func (r *Report) visits(most int) []visit {
	found := r.findingsByRecord()
	agreed := map[string]bool{}
	for _, c := range r.Consents {
		if c.Agreed != nil {
			agreed[c.Agreed.Record] = true
		}
	}
	all := make([]visit, 0, len(r.Journeys))
	for _, j := range r.Journeys {
		v := visit{Journey: j}
		for i, c := range j.Calls {
			e := event{Moment: c, Calls: 1, Found: found[c.Record], Agreed: agreed[c.Record]}
			if i > 0 {
				e.After = words.After(c.Time.Sub(j.Calls[i-1].Time.Time))
			}
			if n := len(v.Events); n > 0 && !e.Agreed && len(e.Found) == 0 && len(v.Events[n-1].Found) == 0 && v.Events[n-1].Event == c.Event {
				v.Events[n-1].Calls++
				continue
			}
			if len(v.Events) == most {
				v.Left = len(j.Calls) - i
				break
			}
			v.Events = append(v.Events, e)
		}
		all = append(all, v)
	}
	return all
}

// covered is the coverage, grouped by result.
type covered struct {
	Came, Missed, Undocumented []journey.Seen
}

func (r *Report) covered() (c covered) {
	for _, s := range r.Coverage {
		switch {
		case !s.Documented:
			c.Undocumented = append(c.Undocumented, s)
		case s.Calls > 0:
			c.Came = append(c.Came, s)
		default:
			c.Missed = append(c.Missed, s)
		}
	}
	return c
}

// counts is the summary in words.
func (s Summary) counts() string {
	return words.Plural(s.Error, "error") + ", " + words.Plural(s.Warning, "warning") + ", " + info(s.Info)
}

func info(n int) string { return strings.TrimSuffix(words.Plural(n, "info"), "s") }

// top is what a reader must know before anything else.
func (r *Report) top() []string {
	var all []string
	for _, why := range r.Unjudged {
		all = append(all, "Not judged: "+why)
	}
	all = append(all, r.Notes...)
	if r.hidden || r.Redacted {
		all = append(all, "Values are hidden: personal texts and numbers are left out, or replaced by others of the same type and length.")
	}
	if r.hidden && r.Plan != nil {
		all = append(all, "What the plan demands of hidden values themselves, such as a pattern, could not be judged.")
	}
	// If it is known why no page was seen, do not suggest that the extension is the cause.
	if r.Summary.Calls == 0 && (r.Summary.Pages > 0 || len(r.Unjudged) == 0) {
		all = append(all, r.silence())
	}
	return all
}

// silence says why there may be no calls, by what was seen instead.
func (r *Report) silence() string {
	s := r.Summary
	switch {
	case r.Part:
		return "There is no call in the part that --since or --where selects."
	case s.Pages == 0:
		return "No page was seen: the extension was not running in the browser, or recorded to another store."
	case s.Clients == 0 && s.Refused > 0:
		return "The Userlike client's script could not be loaded: an ad blocker, the site's content security policy or a wrong address refuses it."
	case s.Clients == 0 && s.HeldBack > 0:
		return "A consent manager held the Userlike client back: agree in the site's banner to the category that the chat belongs to."
	case s.Clients == 0:
		where := "in the page that was seen"
		if s.Pages > 1 {
			where = "in any of the " + words.Plural(s.Pages, "page") + " that were seen"
		}
		return "The Userlike client was not " + where + ": is the widget there, and is it not blocked?"
	case s.Handlers == 0:
		return "The Userlike client was there, but the site defined no userlikeTrackingEvent for it to call."
	}
	return "The Userlike client and the site's userlikeTrackingEvent were there, but it was not called."
}

// field is a line that says what was inspected.
type field struct {
	Name   string
	Values []string
}

// maxListed is how many values a field shows.
const maxListed = 20

// fields say what was inspected.
func (r *Report) fields() []field {
	var all []field
	add := func(name string, values ...string) {
		if more := len(values) - maxListed; more > 0 {
			values = append(values[:maxListed:maxListed], words.Plural(more, "more"))
		}
		if len(values) > 0 {
			all = append(all, field{name, values})
		}
	}
	recordings := r.Recordings
	if r.hide != nil {
		recordings = each(recordings, r.hide)
	}
	add("Recordings", recordings...)
	add("Sites", r.Sites...)
	var browsers []string
	for _, b := range r.Browsers {
		browsers = append(browsers, b.String())
	}
	add("Browsers", browsers...)
	if !r.First.IsZero() {
		add("From", record.At(r.First).String())
		add("To", record.At(r.Last).String())
	}
	if p := r.Plan; p != nil {
		name := p.File
		if p.Name != "" {
			name = p.Name + " (" + p.File + ")"
		}
		add("Plan", name)
		add("Plan's SHA-256", p.Hash)
	}
	add("Inspected with", strings.TrimSpace(r.Tool+" "+r.Version))
	return all
}
