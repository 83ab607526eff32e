package journey

import (
	"fmt"
	"slices"
	"time"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/pagestate"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/words"
)

// Findings on the site's own function that need more than one record.

const functionDemand = "Client Tracking API: the function userlikeTrackingEvent"

// noticeable is how many ms the function may be late or away without a finding.
const noticeable = int64(pagestate.Moment / time.Millisecond)

func (d *document) judgeFunction(j *Judge, over bool) (found []Finding, open []unsettled) {
	found, open = d.judgeRemovals(j, over)
	for _, r := range d.page.Replacements {
		if r.Cut() {
			found = append(found, j.handlerReplaced(d, r))
		}
	}
	client, function := d.page.Running, d.page.Function
	if client == nil || d.hides() {
		return found, open
	}
	deadline := client.Time + handlerWithin
	none := function == nil || function.Time > deadline
	left := slices.ContainsFunc(d.Leaves(), func(t int64) bool {
		return t >= client.Time+noticeable && (function == nil || t < function.Time)
	})
	switch {
	case none && (function != nil || !d.page.Exists) && (left || d.open(j, client.Time, deadline)):
		found = append(found, j.handlerMissing(d, left))
	case none && !d.page.Exists && !over && !d.Ended():
		h := hold{open: j.stays(d)}
		if j.clock < deadline+vigil { // time alone may show that the document was open
			h = hold{open: true, until: deadline}
		}
		if h.open {
			open = append(open, unsettled{order: uint32(client.Order), until: h.until, rule: inspect.HandlerMissing, why: "unless the site's function appears", at: client})
		}
	}
	if function != nil && d.FromStart() && function.Time > client.Time+noticeable {
		found = append(found, j.handlerLate(d))
	}
	return found, open
}

// hides tells whether records of the function may be among those that did not arrive. Then
// it is not known when the function was there.
func (d *document) hides() bool {
	return d.page.Gaps > 0 || d.Torn()
}

// judgeRemovals finds removals of the site's function. A function that is back at the next
// look does not count, as frameworks set it anew from page to page, nor does one that is
// removed when the page is left.
func (d *document) judgeRemovals(j *Judge, over bool) (found []Finding, open []unsettled) {
	for i, r := range d.page.Removals {
		until := r.Time + noticeable
		switch {
		case r.Back != 0 && r.Back < until:
		case slices.ContainsFunc(d.Leaves(), func(t int64) bool { return r.Time <= t && t < until }):
		case r.Back == 0 && !over && j.clock < until:
			open = append(open, unsettled{order: uint32(r.Order), until: until, rule: inspect.HandlerRemoved, why: "unless the function is there again at once", at: &d.page.Removals[i].Sighting})
		default:
			found = append(found, j.handlerRemoved(d, r))
		}
	}
	return found, open
}

// onPage completes a finding on a page, about a record.
func (j *Judge) onPage(rule string, d *document, at pagestate.Sighting, f record.Finding) Finding {
	f.Demand = functionDemand
	one := verdict(rule, f)
	one.Record, one.Time, one.URL, one.order = at.ID, clockTime(at.Time), at.URL, at.Order
	if d.home != nil {
		one.Journey = d.home.root().id
	}
	return j.settle(one)
}

// ran says by what it was seen that the client runs.
func (d *document) ran() string {
	if d.page.RunningAs == record.Framed {
		return "the Userlike client had made its frame"
	}
	return "the Userlike client's script had run"
}

func (j *Judge) handlerMissing(d *document, left bool) Finding {
	when := "10 s after " + d.ran()
	if left && d.page.Function == nil {
		when = "when the page was left, though " + d.ran()
	}
	return j.onPage(inspect.HandlerMissing, d, *d.page.Running, record.Finding{
		Message:  fmt.Sprintf("The site had no userlikeTrackingEvent %s, so the client's events went nowhere. Check whether the script that defines it is on this page and was allowed to run: tag managers often wait for consent.", when),
		Expected: "a function userlikeTrackingEvent",
		Actual:   "none " + when,
	})
}

func (j *Judge) handlerLate(d *document) Finding {
	after := span(d.page.Function.Time - d.page.Running.Time)
	return j.onPage(inspect.HandlerLate, d, *d.page.Function, record.Finding{
		Message:  fmt.Sprintf("The site's userlikeTrackingEvent appeared only %s after %s: events of the time between went nowhere. Check that the script which defines it runs before the widget is loaded.", after, d.ran()),
		Expected: "within " + span(noticeable),
		Actual:   after,
	})
}

func (j *Judge) handlerRemoved(d *document, r pagestate.Removal) Finding {
	actual, then := "removed", "from now on the Userlike client has nothing to call"
	if r.Back != 0 {
		actual = "away for " + span(r.Back-r.Time)
		then = fmt.Sprintf("for %s the Userlike client had nothing to call", span(r.Back-r.Time))
	}
	return j.onPage(inspect.HandlerRemoved, d, r.Sighting, record.Finding{
		Message:  fmt.Sprintf("The site took its userlikeTrackingEvent away: %s. Check which script deletes or overwrites it.", then),
		Expected: "a function for as long as the page is open",
		Actual:   actual,
	})
}

func (j *Judge) handlerReplaced(d *document, r pagestate.Replacement) Finding {
	event := words.Shown(r.FirstLost)
	return j.onPage(inspect.HandlerReplaced, d, r.Sighting, record.Finding{
		Message:  fmt.Sprintf("At %s UTC another function took the place of the site's userlikeTrackingEvent and does not call it: from %s on, the first function gets nothing. Check which script assigns it, such as that of an analytics tool, and have it call the function that was there before.", clockTime(r.Time).Format("15:04:05.000"), event),
		Expected: "a function that calls the one before it",
		Actual:   "not called from " + event + " on",
	})
}
