package inspect

import (
	"fmt"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/words"
)

// handlerThrew judges a call whose handler did not survive it.
func handlerThrew(c *call, threw string) record.Finding {
	return record.Finding{
		Message:  fmt.Sprintf("The site's userlikeTrackingEvent threw \"%s\" when it was called with %s, so this event may not have reached the tracking system. Check the handler's code in the browser's console; a common cause is a context's field that it reads without a guard.", words.OneLine(threw), c.subject()),
		Expected: "no exception",
		Actual:   words.OneLine(threw),
		Demand:   "Client Tracking API: the function userlikeTrackingEvent",
	}
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
	case record.Removed:
		v.add(HandlerRemoved, func() record.Finding {
			return record.Finding{
				Message:  "The site took its userlikeTrackingEvent away: from now on the Userlike client has nothing to call. Check which script deletes or overwrites it.",
				Expected: "a function for as long as the page is open",
				Actual:   "removed",
				Demand:   "Client Tracking API: the function userlikeTrackingEvent",
			}
		})
	}
}

// judgeGap judges what is missing from the recording itself.
func judgeGap(v *verdicts, r *record.Record) {
	lost := "An unknown number of calls"
	if r.Lost > 0 {
		lost = words.Plural(r.Lost, "call")
	}
	v.add(CaptureGap, func() record.Finding {
		return record.Finding{
			Message:  fmt.Sprintf("%s could not be recorded: %s. Whether an event is missing cannot be told around this moment; repeat the visit.", lost, words.OneLine(string(r.Why))),
			Expected: "every call recorded",
			Actual:   lost + " lost",
		}
	})
}
