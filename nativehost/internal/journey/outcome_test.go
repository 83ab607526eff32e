package journey_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/journey"
)

// TestWhereDemandsStand: the result of a demand names the record that it is about, if there is
// one: the event that came, or the one from which its time counts.
func TestWhereDemandsStand(t *testing.T) {
	const visit = "0 opened\n 1 button_displayed\n 2 chat_requested\n 3 disclaimer_ok\n 4 chat_started"
	for _, c := range []struct{ name, plan, script, want string }{
		{"it came in time", "events: {chat_started: {after: [chat_requested], within: 5s}}", visit, "chat_started met 5"},
		{"its time runs", "events: {chat_connected: {after: [chat_requested], within: 5s}}", visit, "chat_connected pending 3"},
		{"it never came", "events: {chat_connected: {after: [chat_requested], within: 5s}}", visit + "\n 30 closed", "chat_connected missing 3"},
		{"it came too late", "events: {chat_started: {after: [button_displayed], within: 1s}}", visit + "\n 30 closed", "chat_started missing 5"},
		{"often enough", "events: {chat_requested: {count: 1}}", visit, "chat_requested met 3"},
		{"not at all", "events: {chat_connected: {count: 1}}", visit + "\n 30 closed", "chat_connected missing 0"},
		{"in order", "events: {disclaimer_ok: {before: [chat_started]}}", visit, "disclaimer_ok met 5"},
		{"the contact agreed", "consent: {guards: [/2/client_email]}", visit, "disclaimer_ok met 4"},
		{"it is on its way", "forward: [{to: dataLayer, events: [chat_started], within: 5s}]", visit, "chat_started pending 5"},
	} {
		t.Run(c.name, func(t *testing.T) {
			j := journey.New(inspector(t).With(parsePlan(t, c.plan)))
			records := recording(t, c.script)
			for _, r := range records {
				j.Add(r)
			}
			j.Advance(records[len(records)-1].Time.Time)
			var got []string
			for o := range j.Outcomes(strings.Contains(c.script, "closed")) {
				got = append(got, fmt.Sprint(o.Event, " ", o.State, " ", o.Order))
			}
			if !slices.Contains(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// TestWhyNoTimeWasSeen: a page that was left is not the same as a recording that ends while
// its page is open.
func TestWhyNoTimeWasSeen(t *testing.T) {
	const visit = "0 opened\n 1 button_displayed\n 2 chat_requested\n 3 chat_started\n 4 chat_requested\n 5 button_displayed"
	for script, want := range map[string]string{
		visit:                 "the recording ends before its time was over",
		visit + "\n 6 closed": "the pages were left before its time was over",
	} {
		j := journey.New(inspector(t).With(parsePlan(t, "events: {chat_started: {after: [chat_requested], within: 5s}}")))
		for _, r := range recording(t, script) {
			j.Add(r)
		}
		var got []string
		for o := range j.Outcomes(true) {
			got = append(got, o.Why)
		}
		if !slices.Contains(got, want) {
			t.Errorf("%s: got %q, want %q", script, got, want)
		}
	}
}
