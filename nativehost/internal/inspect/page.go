package inspect

import (
	"fmt"
	"strings"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/words"
)

// judgeThrow judges a call whose handler threw an exception.
func judgeThrow(v *verdicts, c *call, r *record.Record) {
	threw := r.Threw()
	if threw == "" {
		return
	}
	v.add(HandlerThrew, func() record.Finding {
		return record.Finding{
			Message:  fmt.Sprintf("The site's userlikeTrackingEvent threw \"%s\" when it was called with %s, so this event may not have reached the tracking system. Check the handler's code in the browser's console; a common cause is a context's field that it reads without a guard.", words.OneLine(threw), c.subject()),
			Expected: "no exception",
			Actual:   words.OneLine(threw),
			Demand:   "Client Tracking API: the function userlikeTrackingEvent",
		}
	})
}

// judgeHandler judges what became of the page's own function.
func judgeHandler(v *verdicts, r *record.Record) {
	switch r.State {
	case record.Shadowed:
		const how = "let, const or class"
		v.add(HandlerShadowed, func() record.Finding {
			return record.Finding{
				Message:  "The site declares userlikeTrackingEvent with " + how + ", which does not make it a property of the window: the Userlike client cannot see it and sends nothing. Declare it as a function or assign it to window.userlikeTrackingEvent.",
				Expected: "a property of the window",
				Actual:   how,
				Demand:   "Client Tracking API: the function userlikeTrackingEvent",
			}
		})
	case record.NotWritable:
		v.add(CaptureGap, func() record.Finding {
			return record.Finding{
				Severity: record.Warning,
				Message:  "The site has locked its userlikeTrackingEvent: calls of it cannot be seen. Nothing is said to be missing that those calls could have been. Define it writable or configurable, at least on the test system.",
				Expected: "every call recorded",
				Actual:   "calls that cannot be seen",
			}
		})
	case record.Appeared, record.Replaced:
		if strings.HasSuffix(r.Text, record.UnseenCalls) {
			v.add(CaptureGap, func() record.Finding {
				return record.Finding{
					Severity: record.Warning,
					Message:  "The script that defines userlikeTrackingEvent calls it too, and calls in the same run of it cannot be seen. Nothing is said to be missing that those calls could have been. Have another script make them, or a later turn of the same one.",
					Expected: "every call recorded",
					Actual:   "calls that cannot be seen",
				}
			})
		}
	}
}

// judgeGap judges a gap: calls that are missing from the recording.
func judgeGap(v *verdicts, r *record.Record) {
	if r.AboutHits() {
		hits := words.Plural(r.Hits, "possible hit")
		v.add(CaptureGap, func() record.Finding {
			return record.Finding{
				Severity: record.Warning,
				Message:  fmt.Sprintf("%s could not be looked at: %s. The calls themselves are recorded, but whether one was forwarded cannot be told around this moment. Repeat the visit, with less going on in the page.", hits, words.OneLine(string(r.Why))),
				Expected: "every possible hit looked at",
				Actual:   hits + " not looked at",
			}
		})
		return
	}
	lost := "An unknown number of calls"
	if r.Lost > 0 {
		lost = words.Plural(r.Lost, "call")
	}
	if r.Hits > 0 {
		lost += " and " + words.Plural(r.Hits, "possible hit")
	}
	v.add(CaptureGap, func() record.Finding {
		return record.Finding{
			Message:  fmt.Sprintf("%s could not be recorded: %s. Whether an event is missing cannot be told around this moment; repeat the visit.", lost, words.OneLine(string(r.Why))),
			Expected: "every call recorded",
			Actual:   lost + " lost",
		}
	})
}
