package tui

import (
	"cmp"
	"fmt"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/words"
)

// byTester marks records that a tester's simulation caused.
const byTester = "simulated by a tester"

// noName stands for the name of a call that has none.
const noName = "(no event name)"

// headline is what a row of the events' table says has happened, and the style that shows
// how important that is.
func (t *theme) headline(r *listed) (text string, st style) {
	switch r.Kind {
	case record.Call:
		if r.Event == "" {
			return noName, plain
		}
		return r.Event, plain
	case record.Page:
		return "page " + r.Event, faint
	case record.Handler:
		return "handler " + r.Event, faint
	case record.Client:
		return "Userlike client " + cmp.Or(r.Event, "seen"), faint
	case record.Gap:
		// The reason alone is not enough: OverQuota is for calls and for hits. Nor is the
		// severity, which the plan may change.
		if record.Reason(r.Event).OfHits() || r.Severity == record.Warning.Rank() {
			return "HITS LOST", isGap
		}
		return "CALLS LOST", isGap
	case record.Mark:
		return "mark", strong
	case record.Hit:
		return t.to + " " + r.place(), faint
	}
	return string(r.Kind), faint
}

// remark is the first and the last column of the events' table: the sign of the worst
// finding, and the first finding, or what else there is to say of the record.
func (t *theme) remark(r *listed) (sign span, says []span) {
	switch {
	case r.Kind == record.Gap:
		return span{isGap, t.gap}, []span{{plain, r.Event}}
	case r.Kind == record.Mark:
		return span{plain, " "}, []span{{strong, r.Event}}
	case r.Severity > 0:
		glyph, st := t.severity(severityOf(r.Severity))
		var rule, more string
		if len(r.Rules) > 0 {
			rule = r.Rules[0]
		}
		if n := len(r.Rules) - 1; n > 0 {
			more = fmt.Sprintf(" +%d", n)
		}
		return span{st, glyph}, []span{{st, rule + more + " "}, {plain, r.Finding}}
	case len(r.accepted) > 0:
		more := ""
		if n := len(r.accepted) - 1; n > 0 {
			more = fmt.Sprintf(" +%d", n)
		}
		return span{faint, t.other}, []span{{faint, r.accepted[0].Rule + more + " accepted by the plan "}, {faint, r.accepted[0].Message}}
	case r.Kind == record.Call:
		return span{isGood, t.good}, nil
	case r.hit != nil:
		failed := ""
		if r.hit.failed {
			failed = "  failed"
		}
		return span{faint, t.other}, []span{{plain, r.hit.of()}, {isWarning, failed}, {faint, "  " + r.besides()}}
	}
	return span{faint, t.other}, nil
}

// severityOf is the severity with a rank, "" for 0.
func severityOf(rank int) record.Severity {
	for _, s := range []record.Severity{record.Error, record.Warning, record.Info} {
		if s.Rank() == rank {
			return s
		}
	}
	return ""
}

// handlerChange is what to say of a handler record, by its state.
var handlerChange = map[record.State]string{
	record.Appeared:    "The page's own function userlikeTrackingEvent appeared.",
	record.Replaced:    "The page replaced its function userlikeTrackingEvent by another.",
	record.Removed:     "The page took its function userlikeTrackingEvent away: the Userlike client has nothing to call.",
	record.Shadowed:    "The page declares userlikeTrackingEvent by let, const or class: the Userlike client can't see that, and neither can we.",
	record.NotWritable: "The page's userlikeTrackingEvent can't be wrapped: it is frozen or not configurable, so its calls can't be seen.",
}

// clientStage is what to say of a client record, by its stage.
var clientStage = map[record.State]string{
	record.HeldBack: "A consent manager holds the Userlike client back: its tag is in the page and may not run.",
	record.Refused:  "The Userlike client's script could not be loaded.",
	record.Loaded:   "The Userlike client's script has run in this page. It calls userlikeTrackingEvent as the contact goes along.",
	record.Framed:   "The Userlike client has made its frame in this page. It calls userlikeTrackingEvent as the contact goes along.",
	record.Mounted:  "The Userlike client shows its button or its window in this page.",
}

// explain says in sentences what a record other than a call reports.
func explain(r *record.Record) []string {
	switch r.Kind {
	case record.Page:
		switch {
		case r.Event == record.Closed && record.ClosedForPage(r.ID):
			return []string{"The browser ended the document before it had said its last: calls made as it was closed may be missing."}
		case r.Event == record.Closed:
			return []string{"The document was closed or left."}
		case r.HookedFromStart != nil && !*r.HookedFromStart:
			return []string{"The document was open before we could look at it: calls made earlier are unknown. Reload the page to see them all."}
		case r.Event == record.Opened:
			return []string{"A document was opened."}
		case r.Event == record.Hooked:
			return []string{"The page's userlikeTrackingEvent is being watched."}
		}
		return []string{"The document: " + string(r.Event) + "."}
	case record.Handler:
		says := handlerChange[r.State]
		if says == "" {
			says = "The page's function: " + string(r.State) + "."
		}
		if r.Text != "" {
			return []string{says, r.Text}
		}
		return []string{says}
	case record.Client:
		says := cmp.Or(clientStage[r.ClientState()], "The Userlike client: "+string(r.State)+".")
		if r.Text != "" {
			return []string{says, r.Text}
		}
		return []string{says}
	case record.Gap:
		if r.AboutHits() {
			return []string{
				fmt.Sprintf("%s could not be looked at here: %s", words.Plural(r.Hits, "possible hit"), r.Why),
				"No call was lost. Whether one was forwarded around this time is not known: repeat the steps before you rely on a hit being absent.",
			}
		}
		return []string{
			fmt.Sprintf("%s not recorded here: %s", wereLost(r.Lost), r.Why),
			"What happened around this time is known in part only. Repeat the steps before you rely on an event being absent.",
		}
	case record.Mark:
		return []string{"A mark set by a tester: " + r.Text}
	case record.Hit:
		return explainHit(r.Handed)
	}
	return nil
}

func wereLost(n int64) string {
	switch n {
	case 0:
		return "An unknown number of calls was"
	case 1:
		return "1 call was"
	}
	return fmt.Sprintf("%d calls were", n)
}
