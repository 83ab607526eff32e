package tui_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/tui/tuitest"
)

// simulated are a call of the client's and two that a tester caused, one of which
// threw, with a hit of theirs.
func simulated() []*record.Record {
	const global = `{"client_uuid":"6b1e4e1e-5f5a-4a52-9c56-0a7d8f0b1c2d","operator_group_id":1234,"widget_id":5678,"widget_lang":"de"}`
	records := numbered([]*record.Record{
		call("button_displayed", global, `{}`),
		call("rating_submit", global, `{"session_id":"s-91f3"}`),
		call("post_survey_submit", global, `{"session_id":"s-91f3"}`),
	}, 1)
	records[2].Handled.Threw = "TypeError: no survey"
	hit := handed(0, record.Handed{Via: record.Queue, To: "dataLayer", Because: record.DuringHandler,
		Carries: []record.Carried{{What: "/0", At: "/0/event"}}, Data: json.RawMessage(`[{"event":"rating_submit"}]`)}, records[1])
	all := []*record.Record{records[0], records[1], hit, records[2]}
	for _, r := range all {
		r.Simulated = r != records[0]
		r.Findings = inspector().Judge(r)
	}
	return all
}

// TestSimulatedSign: what a tester caused has a sign in the list, also in narrow
// windows, and words in the detail, of calls and of hits.
func TestSimulatedSign(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {120, 40}} {
		t.Run(fmt.Sprint(size[0]), func(t *testing.T) {
			screen := tuitest.New(size[0], size[1])
			run(t, options(newStore(t, simulated()), screen))
			screen.WaitText(t, "1 call ", "◇ 2", "◇ rating_submit", "✓ simulated by a tester", "◇ post_survey_submit", "── ◇ post_survey_submit")
			screen.Press(t, "H")
			screen.WaitText(t, "◇ → dataLayer", "· rating_submit")
			golden(t, screen, fmt.Sprintf("simulated-%dx%d", size[0], size[1]))
			screen.Press(t, "k")
			screen.WaitText(t, "── ◇ → dataLayer", "◇ simulated by a tester", "The page pushed")
		})
	}
}

// TestSimulatedSignASCII: the sign is there without Unicode as well, and the help
// says what it means.
func TestSimulatedSignASCII(t *testing.T) {
	screen := tuitest.New(80, 150)
	o := options(newStore(t, simulated()), screen)
	o.Getenv = environment(map[string]string{"LC_ALL": "C"})
	run(t, o)
	screen.WaitText(t, "* 2", "* rating_submit", "* simulated by a tester")
	screen.Press(t, "?")
	screen.WaitText(t, "* simulated by a tester: the client did not call")
}
