package tui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"userlike-inspector/nativehost/internal/filter"
	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/words"
)

// maxVisits bounds how many visits are listed.
const maxVisits = 500

func visitsView() viewKind {
	return viewKind{
		name: "Visits", meaning: "the visits: each contact's calls from the first to the last",
		empty:   []string{"No visit was recorded so far.", "", "A visit is all that one contact does on one site: the calls with one session_id, in whatever tabs and pages."},
		content: func(j *judge) content { return j.visitList() },
	}
}

// A visit is what the view shows of a visit. Its findings are without those that the plan
// accepts.
type visit struct {
	journey.Visit
	found    []record.Finding // on the visit: they take more than one record
	own      int              // how many of its calls have findings on the call alone
	ownWorst record.Severity  // the worst of these findings, "" without any
	ownRow   int64            // the first row with a finding that is as bad
	demands  []demand         // what the plan demands of it
}

// visits are the newest visits, the newest first.
type visits []visit

func (visits) changesUntil() time.Time { return time.Time{} }

// visitList makes the visits for the view. If there are more than are listed, it has one more.
func (j *judge) visitList() (all visits) {
	accepts := j.accepts.Clone()
	for one := range j.visits.NewestVisits() {
		v := visit{Visit: one, demands: demandsOf(one, accepts)}
		v.Consent.Accept(accepts)
		for _, f := range one.Found {
			if accepts.By(f) == nil {
				v.found = append(v.found, f.Finding)
			}
		}
		for _, row := range one.Calls {
			if rank := j.rankOf(row); rank > 0 {
				if v.own++; rank > v.ownWorst.Rank() {
					v.ownWorst, v.ownRow = severityOf(rank), row
				}
			}
		}
		if all = append(all, v); len(all) > maxVisits {
			break
		}
	}
	return all
}

// demandsOf are what the plan demands of a visit.
func demandsOf(one journey.Visit, accepts *journey.Accepting) (all []demand) {
	for _, o := range one.Outcomes {
		all = append(all, demandOf(o, one.Found, accepts))
	}
	return all
}

// lines lists the visits, each on a line.
func (all visits) lines(t *theme, cells int) (head []span, lines []line) {
	columns := visitColumns(cells)
	head = []span{{faint, "  "}}
	for _, c := range columns {
		head = append(head, span{faint, pad(c.title, c.cells, "")})
	}
	for i := range all {
		if i == maxVisits {
			lines = append(lines, line{spans: []span{{faint, "older visits are not listed"}}})
			break
		}
		v := &all[i]
		glyph, st := v.sign(t)
		spans := []span{{st, glyph + " "}}
		for _, c := range columns {
			says, how := c.says(t, v)
			spans = append(spans, span{how, t.cell(says, c.cells-1) + " "})
		}
		lines = append(lines, line{
			key:     v.ID,
			spans:   spans,
			open:    v.show,
			ticket:  v.ticket(),
			choices: v.choices,
			about:   func(d *detail) { v.about(d) },
		})
	}
	return head, lines
}

// A visitColumn is a column of the visits.
type visitColumn struct {
	title string
	cells int
	says  func(t *theme, v *visit) (string, style)
}

// visitColumns are the columns that there is room for. In a narrow window what is wrong
// matters more than where it was.
func visitColumns(cells int) []visitColumn {
	began := visitColumn{"BEGAN", 9, func(t *theme, v *visit) (string, style) { return t.clock(v.First.Time), plain }}
	length := visitColumn{"LENGTH", 9, func(_ *theme, v *visit) (string, style) { return shortSpan(v.End.Sub(v.First.Time)), plain }}
	calls := visitColumn{"CALLS", 6, func(_ *theme, v *visit) (string, style) { return strconv.Itoa(len(v.Calls)), plain }}
	site := visitColumn{"SITE", 0, func(_ *theme, v *visit) (string, style) { return v.Site, strong }}
	contact := visitColumn{"CONTACT", 10, func(_ *theme, v *visit) (string, style) { return v.contact(), plain }}
	consent := visitColumn{"CONSENT", 12, func(t *theme, v *visit) (string, style) { return v.consent(t) }}
	plan := visitColumn{"PLAN", 13, func(t *theme, v *visit) (string, style) { return v.plan(t) }}
	worst := visitColumn{"WORST", 22, func(t *theme, v *visit) (string, style) {
		_, st := v.sign(t)
		return v.rule(), st
	}}
	switch {
	case cells < narrowest:
		if worst.cells = cells - 36; worst.cells >= 16 {
			return []visitColumn{began, worst, plan, consent}
		}
		worst.cells = max(cells-24, 14)
		return []visitColumn{began, worst, plan}
	case cells < wide-2:
		site.cells = max(cells-61, 10)
		return []visitColumn{began, length, calls, site, contact, consent, plan}
	}
	site.cells = min(cells-83, 40)
	return []visitColumn{began, length, calls, site, contact, consent, worst, plan}
}

// choices are what f offers to filter by on the visit's line.
func (v *visit) choices() []choice {
	all := []choice{visitChoice(v.ID, v.Session, v.Documents), {key: "s", text: onSite(v.Site)}}
	if len(v.Contacts) > 0 {
		var names []string
		for _, name := range v.Contacts {
			names = append(names, filter.Quote(name))
		}
		all = append(all, choice{key: "c", text: "/1/client_uuid:" + strings.Join(names, ",")})
	}
	if worst := v.worst(); worst != "" {
		if i := slices.IndexFunc(v.found, func(f record.Finding) bool { return f.Severity == worst }); i >= 0 {
			all = append(all, choice{key: "r", text: "rule:" + filter.Quote(v.found[i].Rule)})
		}
	}
	return all
}

// ticket is about the visit's worst finding that is on an event; nil if there is none.
func (v *visit) ticket() *ticket {
	var worst *journey.Finding
	for i, f := range v.Found {
		if f.Order() > 0 && slices.Contains(v.found, f.Finding) && (worst == nil || f.Severity.Rank() > worst.Severity.Rank()) {
			worst = &v.Found[i]
		}
	}
	if worst != nil && worst.Severity.Rank() >= v.ownWorst.Rank() {
		return &ticket{row: worst.Order(), only: func(f record.Finding) bool { return f.Rule == worst.Rule && f.At == worst.At }}
	}
	if v.ownRow > 0 {
		return &ticket{row: v.ownRow, only: func(record.Finding) bool { return true }}
	}
	return nil
}

// worst is the severity of the visit's worst finding, "" without any.
func (v *visit) worst() record.Severity {
	worst := record.Worst(v.found)
	if v.ownWorst.Rank() > worst.Rank() {
		return v.ownWorst
	}
	return worst
}

// sign is the sign of the worst finding or, without any, whether there may still be one.
func (v *visit) sign(t *theme) (glyph string, st style) {
	if worst := v.worst(); worst != "" || len(v.Open) == 0 && !v.GoesOn {
		return t.severity(worst)
	}
	return t.pending, isPending
}

// rule says what the worst finding is: its rule, or that it is on a single call.
func (v *visit) rule() string {
	worst := v.worst()
	i := slices.IndexFunc(v.found, func(f record.Finding) bool { return f.Severity == worst })
	switch {
	case i >= 0:
		return v.found[i].Rule
	case v.own > 0:
		return "in " + words.Plural(v.own, "call")
	case len(v.Open) > 0 || v.GoesOn:
		return "pending"
	}
	return ""
}

// contact is the beginning of the contact's id.
func (v *visit) contact() string {
	if len(v.Contacts) == 0 {
		return "unknown"
	}
	name := v.Contacts[0]
	if len(name) > 8 {
		name = strings.ToValidUTF8(name[:8], "")
	}
	if n := len(v.Contacts) - 1; n > 0 {
		name = clip(name, 6, "") + fmt.Sprintf(" +%d", n)
	}
	return name
}

// consent says in a column whether the contact agreed.
func (v *visit) consent(t *theme) (says string, st style) {
	c := &v.Consent
	for _, s := range slices.Concat(c.Before, c.ForwardedBefore) {
		if s.Found != nil {
			glyph, st := t.severity(s.Found.Severity)
			return glyph + " too late", st
		}
	}
	switch {
	case c.Agreed != nil:
		return "agreed", plain
	case c.Open:
		return "not so far", plain
	}
	return "never", plain
}

// plan says in a column how the plan's demands stand: the worst state, and how many have it.
func (v *visit) plan(t *theme) (says string, st style) {
	n, accepted := map[journey.State]int{}, false
	var worst demand // the missing one with the worst severity
	for _, d := range v.demands {
		if d.by != nil {
			accepted = true
			continue
		}
		if n[d.State]++; d.State == journey.Missing && (n[d.State] == 1 || d.Severity.Rank() > worst.Severity.Rank()) {
			worst = d
		}
	}
	switch {
	case n[journey.Missing] > 0:
		glyph, st := worst.sign(t)
		return fmt.Sprintf("%s %d of %d", glyph, n[journey.Missing], len(v.demands)), st
	case n[journey.Pending] > 0:
		return fmt.Sprintf("%s %d pending", t.pending, n[journey.Pending]), isPending
	case n[journey.Unjudged] > 0:
		return fmt.Sprintf("%d unknown", n[journey.Unjudged]), isWarning
	case accepted:
		return t.other + " accepted", faint
	case n[journey.Met] > 0 && v.GoesOn:
		return t.pending + " met so far", isPending
	case n[journey.Met] > 0:
		return t.good + " met", isGood
	}
	return t.other, faint
}

// sign is the sign of a demand's state.
func (d demand) sign(t *theme) (glyph string, st style) {
	switch {
	case d.State == journey.Met && !d.SoFar:
		return t.good, isGood
	case d.State == journey.Pending || d.State == journey.Met:
		return t.pending, isPending
	case d.State != journey.Missing:
		return t.other, isWarning
	case d.by != nil || d.Severity == "": // the plan accepts it, or has turned its rule off
		return t.other, faint
	}
	return t.severity(d.Severity)
}

// shortSpan is a duration in a narrow column.
func shortSpan(d time.Duration) string {
	switch {
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%d:%02d min", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%d:%02d h", int(d.Hours()), int(d.Minutes())%60)
}

// about tells about a visit: what was found, what the plan demands, who and where.
func (v *visit) about(d *detail) {
	t := d.theme
	for _, f := range v.found {
		d.judgement(f, 0)
	}
	if v.own > 0 {
		glyph, st := t.severity(v.ownWorst)
		whose := "their"
		if v.own == 1 {
			whose = "its"
		}
		d.add(line{spans: []span{
			{st, glyph + " "},
			{plain, fmt.Sprintf("%s with findings of %s own; Enter shows them in their places", words.Plural(v.own, "call"), whose)},
		}})
	}
	for _, u := range count(nil, v.Open) {
		d.text(plain, t.pending+" "+u.says(t))
	}
	if v.GoesOn {
		d.text(plain, "The visit may go on: what is expected of it may still come, and more may be found.")
	}
	if len(v.demands) > 0 {
		d.text(strong, "Demanded by the plan:")
	}
	for _, state := range slices.Backward(states[:]) {
		for _, one := range v.demands {
			if one.State == state {
				one.about(d)
			}
		}
	}
	if v.Middle != "" {
		d.text(plain, "What came before the recording is unknown: "+v.Middle+".")
	}
	d.fact("began", t.stamp(v.First))
	d.fact("ended", t.stamp(v.End))
	consent := v.Consent.Agreement()
	if at := v.Consent.Agreed; at != nil {
		consent = "agreed by " + at.Event + " at " + t.stamp(at.Time)
	}
	d.fact("consent", consent)
	d.fact("contact", strings.Join(v.Contacts, " "+t.dot+" "))
	d.fact("session", v.Session)
	d.fact("site", v.Site)
	d.fact("pages", strconv.Itoa(len(v.Documents)))
	d.fact("visit", v.ID)
}

// about tells how the demand stands.
func (x demand) about(d *detail) {
	glyph, st := x.sign(d.theme)
	for i, s := range d.wrap(x.Event+": "+x.standing(d.theme.now()), d.cells-2) {
		if i > 0 {
			glyph = " "
		}
		d.add(line{spans: []span{{st, glyph + " "}, {plain, s}}, more: i > 0})
	}
}

// show shows the visit as it went: its events with the time between them, and beside them
// what the plan demands.
func (v *visit) show(a *app) {
	a.openFound(filter.Visit("visit "+v.ID, v.Session, v.Documents))
	a.events.times, a.events.trail.visit, a.events.trail.demands = timesBetween, v.ID, v.demands
	a.tellLook()
}
