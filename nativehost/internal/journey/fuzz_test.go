package journey_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/record"
)

// FuzzJudge: whatever the records, judging does not fail, gives the same result in the
// end whether or not findings were asked for in between, and every finding has a known
// rule and fits into a line.
func FuzzJudge(f *testing.F) {
	for _, c := range cases {
		var b strings.Builder
		for _, r := range recording(f, c.script) {
			line, err := record.Encode(r)
			if err != nil {
				f.Fatal(err)
			}
			fmt.Fprintf(&b, "%s\n", line)
		}
		f.Add(b.String(), false)
	}
	f.Add(`{"v":1,"kind":"call","id":"x","seq":0,"time":"9999-12-31T23:59:59.999Z",`+
		`"args":["chat_started",{"client_uuid":"\u0000"},{"session_id":"`+strings.Repeat("é", 300)+`"}]}`, true)
	p := parsePlan(f, `events:
  chat_started: {count: 1, after: [chat_requested], within: 1s}
  slot_check: {before: [chat_connected], within: 2s}
consent: {guards: [chat_requested, /2/custom_data/a]}
severity: {out-of-order: off}
`)
	rules := map[string]bool{}
	for _, r := range inspect.Rules() {
		rules[r.Name] = true
	}
	in := inspector(f)
	f.Fuzz(func(t *testing.T, text string, planned bool) {
		judgedBy := in
		if planned {
			judgedBy = in.With(p)
		}
		atOnce, live := journey.NewRecording(judgedBy), journey.NewRecording(judgedBy)
		seen := map[string]bool{}
		for line := range strings.Lines(text) {
			r, err := record.Decode([]byte(line))
			if err != nil || seen[r.ID] {
				continue
			}
			seen[r.ID] = true
			atOnce.Add(r)
			live.Add(r)
			live.Findings(false)
		}
		for range live.Expectations() {
		}
		found := atOnce.End()
		if again := live.End(); !reflect.DeepEqual(found, again) {
			t.Fatalf("at once %+v\nlive    %+v", found, again)
		}
		for _, one := range found {
			isLine := len(one.Message) <= 5000 && !strings.ContainsAny(one.Message, "\n\r\x00\x1b")
			inTime := !one.Time.After(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC))
			if !rules[one.Rule] || one.Severity.Rank() == 0 || !isLine || !inTime {
				t.Fatalf("finding %+v", one)
			}
		}
		atOnce.Journeys()
		atOnce.Consents()
		atOnce.Coverage(time.Now())
		atOnce.Shapes()
	})
}
