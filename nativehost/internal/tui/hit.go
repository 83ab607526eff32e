package tui

import (
	"slices"
	"strings"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/store"
	"userlike-inspector/nativehost/internal/words"
)

// outdated tells whether the shown record is a call with news about its hits: calls are the
// ids of calls with new hits, changed the rows with new verdicts, and looked tells that now
// everything was searched for hits.
func (d *detail) outdated(calls map[string]bool, changed []int64, looked bool) bool {
	if d.reading == nil || d.record.Kind != record.Call {
		return false
	}
	return calls[d.record.ID] || looked && !d.looked ||
		slices.ContainsFunc(d.hits, func(one store.Stored) bool { return slices.Contains(changed, one.Row) })
}

// wentTo lays out where a call went, a few lines for each hit, from which Enter leads to it.
func (d *detail) wentTo() {
	name := "went to"
	if len(d.hits) == 0 && d.beside { // other calls went somewhere, so this is worth telling above the arguments
		d.fact(name, d.wentNowhere())
	}
	for _, one := range d.hits {
		h := one.Record.Handed
		open := openRecord(one.Record.ID)
		place := []span{{faint, pad(name, 9, "")}, {isKey, d.theme.to + " " + withoutScheme(h.To)}}
		if h.System != "" {
			place = append(place, span{plain, "  " + h.System})
		}
		how := sinceCall(d.record.Time, one.Record.Time) + ", " + because(h)
		if cells := widthOf(place) + width(how) + 2; cells <= d.cells {
			place, how = append(place, span{faint, "  " + how}), ""
		}
		d.add(line{spans: place, open: open})
		if h.Unreadable {
			how = strings.TrimPrefix(how+"; its body can't be read", "; ")
		}
		if h.Failed != nil {
			how = strings.TrimPrefix(how+"; it failed", "; ")
		}
		for _, says := range []string{how, "carries " + carried(h)} {
			if says == "" {
				continue
			}
			for _, s := range d.wrap(says, d.cells-11) {
				d.add(line{spans: []span{{faint, repeat(" ", 11) + s}}, open: open, more: true})
			}
		}
		for _, f := range one.Record.Findings {
			glyph, st := d.sign(f)
			for i, s := range d.wrap(f.Rule+": "+f.Message, d.cells-13) {
				if i > 0 {
					glyph, st = " ", plain
				}
				d.add(line{spans: []span{{st, repeat(" ", 11) + glyph + " "}, {plain, s}}, open: open, more: true, finding: i == 0})
			}
		}
		name = ""
	}
	if d.others > 0 {
		d.fact("", "and "+words.Plural(d.others, "hit")+" more; list them by kind:hit after /")
	}
}

// wentNowhere says why there may be no hit of a call.
func (d *detail) wentNowhere() string {
	switch h := d.record.Handled; {
	case !d.looked:
		return "it is still being looked for" + d.theme.ellipsis
	case d.unseen:
		return "not known: in this page it was not followed where calls go, as the options say, or because the program that recorded it could not"
	case h != nil && h.State == record.StandIn:
		return "nowhere: the stand-in took the call, not a function of the site's"
	}
	if d.missed {
		return "nothing was seen; not all requests and pushes could be looked at, as a gap among the events says"
	}
	if d.beside {
		return "nowhere that was seen; other calls did go somewhere"
	}
	return "nothing was seen. The site's function may pass nothing on, or where it can't be seen; or following is off in the extension."
}

// hit lays out a hit: where and how it went, the calls that it belongs to, to which Enter
// leads, and its data.
func (d *detail) hit() {
	h := d.record.Handed
	d.tester()
	for _, s := range explain(d.record) {
		d.text(plain, s)
	}
	d.fact("place", h.To)
	d.fact("system", h.System)
	d.fact("carries", carried(h))
	name := "call"
	for _, c := range d.calls {
		event := c.Event
		if event == "" {
			event = noName
		}
		d.add(line{open: openRecord(c.ID), spans: []span{{faint, pad(name, 9, "")}, {isKey, d.theme.from + " " + event},
			{plain, "  " + sinceCall(c.Time, d.record.Time)}, {faint, "  " + moment(c.Time.Time, d.theme.now())}}})
		name = ""
	}
	if missing := len(h.Calls) - len(d.calls) - d.others; missing > 0 {
		d.fact(name, words.Plural(missing, "call")+" that this store does not have")
		name = ""
	}
	if d.others > 0 {
		d.fact(name, "and "+words.Plural(d.others, "call")+" more")
	}
	if h.Unreadable {
		d.text(isWarning, "The browser does not show what is in the body of this request.")
	}
	if h.Failed != nil {
		d.text(isWarning, "This request failed: no answer came, or the server answered with an error. It still counts as handed on.")
	}
	d.undecided()
	d.branches()
}

// explainHit says in sentences what a hit is and why it belongs to its calls.
func explainHit(h *record.Handed) []string {
	calls := "this call"
	if len(h.Calls) > 1 {
		calls = "these calls"
	}
	what := "The page pushed this to the queue " + h.To
	if h.Via == record.Request {
		how := slices.DeleteFunc([]string{h.Method, h.Type}, func(s string) bool { return s == "" })
		what = "The page made this request"
		if len(how) > 0 {
			what += " (" + strings.Join(how, ", ") + ")"
		}
	}
	switch h.Because {
	case record.DuringHandler:
		return []string{what + " while the site's function ran " + calls + "."}
	case record.ByContent:
		return []string{what + ". It belongs to " + calls + ", as it carries what only " + calls + " had."}
	case record.ByTime:
		return []string{what + " soon after " + calls + ". Nothing in it shows that it belongs to " + calls + ": only the time does."}
	}
	return []string{what + "."}
}
