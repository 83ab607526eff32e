package journey_test

import (
	"slices"
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/record"
)

type situation struct {
	name, plan, script string
	want               []string // findings, without those for information
}

// situations are what happens to visits in real life, and what may be found.
var situations = slices.Concat(addressSituations, anewSituations, identitySituations, unseenSituations, clockSituations,
	resumedSituations, chatSituations)

// anewSituations are about what is demanded anew each time.
var anewSituations = []situation{
	{"nothing at all in a page that was open before", "events: {chat_started: {count: 1}}", "0 late\n 9 closed", nil},
	{
		name: "nothing at all in a page elsewhere that was open before",
		plan: `sites: ["https://e.example/*"]` + "\n" +
			"events: {chat_started: {count: 1}}",
		script: "0 late\n" +
			" 9 closed",
		want: []string{"error missing-event"},
	},
	{
		name: "a page of which the beginning is not there, and the next one",
		script: "0 lost\n" +
			" 0 lost\n" +
			" 5 closed\n" +
			" 6 @d2 opened\n" +
			" 7 @d2 chat_window_minimized\n" +
			" 60 @d2 closed",
	},
	{
		name: "a gap in another tab beside a clock that was put back",
		script: "7200 opened\n" +
			" 7201 button_displayed\n" +
			" 3600 @d2 ^2 opened\n" +
			" 3605 @d2 ^2 gap\n" +
			" 3610 chat_window_minimized\n" +
			" 3700 @d2 ^2 closed\n" +
			" 3701 closed",
		want: []string{"error capture-gap d2/2"},
	},
	{
		name: "a pause after the page was in the cache",
		script: "0 opened\n" +
			" 1 slot_check\n" +
			" 5 closed\n" +
			" 600 opened\n" +
			" 603 paused\n" +
			" 700 closed",
		want: []string{"error capture-gap d/5"},
	},
	{
		name: "the second question",
		plan: "events: {message_client_terminating: {after: [message_operator_terminating], within: 30s}}",
		script: "0 opened\n" +
			" 1 conversation_resume\n" +
			" 2 message_operator_terminating\n" +
			" 4 message_client_terminating\n" +
			" 10 message_operator_terminating\n" +
			" 600 closed",
		want: []string{"error missing-event d/5"},
	},
	{
		name: "the second slot",
		script: "0 opened\n" +
			" 1 slot_check\n" +
			" 2 slot_available\n" +
			" 60 slot_check\n" +
			" 90 closed",
		want: []string{"warning missing-event d/4"},
	},
	{
		name: "after two, of which one has come",
		plan: "events: {chat_started: {after: [chat_requested, disclaimer_ok], within: 5s}}",
		script: "0 opened\n" +
			" 1 button_displayed\n" +
			" 2 chat_requested\n" +
			" 3 chat_connected\n" +
			" 30 disclaimer_ok\n" +
			" 32 chat_started\n" +
			" 60 closed",
	},
	{
		name: "after two, and too late",
		plan: "events: {chat_started: {after: [chat_requested, disclaimer_ok], within: 5s}}",
		script: "0 opened\n" +
			" 1 button_displayed\n" +
			" 2 chat_requested\n" +
			" 3 chat_connected\n" +
			" 30 disclaimer_ok\n" +
			" 42 chat_started\n" +
			" 60 closed",
		want: []string{"error missing-event d/6"},
	},
}

// resumedSituations are about conversations that go on.
var resumedSituations = []situation{
	{
		name: "going on long after the page was opened",
		script: "0 opened\n" +
			" 1 button_displayed\n" +
			" 2 chat_window_minimized\n" +
			" 60 conversation_resume\n" +
			" 65 message_operator_terminating\n" +
			" 90 closed",
	},
	{
		name: "going on with an old conversation from the overview",
		script: "0 opened\n" +
			` 1 button_displayed {"client_name":"Ada","client_email":"a@b.example"}` + "\n" +
			` 5 conversation_resume {"client_name":"Ada","chat_id":"old"}` + "\n" +
			" 30 disclaimer_ok\n" +
			" 60 closed",
	},
	{
		name: "going on in the next page is no excuse",
		script: "0 opened\n" +
			" 1 button_displayed\n" +
			" 2 chat_requested\n" +
			" 3 chat_connected\n" +
			" 4 chat_started\n" +
			" 5 contact_first_message\n" +
			" 9 closed\n" +
			" 10 @d2 opened\n" +
			" 12 @d2 conversation_resume\n" +
			" 20 @d2 chat_window_minimized\n" +
			" 60 @d2 closed",
		want: []string{"warning out-of-order d2/3"},
	},
	{
		name: "a bot says the same twice",
		script: "0 opened\n" +
			" 1 conversation_resume\n" +
			" 5 message_client_terminating\n" +
			" 5.03 message_client_terminating\n" +
			" 30 closed",
	},
	{
		name: "null until it is known",
		script: "0 opened\n" +
			` 1 button_displayed {"custom_data":{"total":null}}` + "\n" +
			` 3 chat_requested {"custom_data":{"total":3}}` + "\n" +
			` 5 disclaimer_ok {"custom_data":{"total":3.5}}` + "\n" +
			" 30 closed",
	},
}

// chatSituations are about the chats within a visit.
var chatSituations = []situation{
	{
		name: "each chat has its own count",
		plan: "events: {chat_started: {count: 1, per: chat}}",
		script: "0 opened\n" +
			" 1 button_displayed\n" +
			" 2 chat_requested\n" +
			" 3 chat_connected\n" +
			` 4 chat_started {"chat_id":"a"}` + "\n" +
			` 60 chat_started {"chat_id":"b"}` + "\n" +
			" 90 closed",
	},
	{
		name: "a chat that is started twice",
		plan: "events: {chat_started: {count: 1, per: chat}}",
		script: "0 opened\n" +
			" 1 button_displayed\n" +
			" 2 chat_requested\n" +
			" 3 chat_connected\n" +
			` 4 chat_started {"chat_id":"a"}` + "\n" +
			` 60 chat_started {"chat_id":"a"}` + "\n" +
			" 90 closed",
		want: []string{"error unexpected-event d/6"},
	},
	{
		name: "a visit that only looked",
		plan: "events: {chat_started: {count: \">=1\", when: {seen: chat_requested}}}",
		script: "0 opened\n" +
			" 1 button_displayed\n" +
			" 60 closed",
	},
	{
		name: "a visit that did not only look",
		plan: "events: {chat_started: {count: \">=1\", when: {seen: chat_requested}}}",
		script: "0 opened\n" +
			" 1 button_displayed\n" +
			" 2 chat_requested\n" +
			" 60 closed",
		want: []string{"error missing-event"},
	},
}

// telling drops the findings that are for information only.
func telling(found []journey.Finding) []string {
	return slices.DeleteFunc(lines(found), func(s string) bool { return strings.HasPrefix(s, "info ") })
}

func TestSituations(t *testing.T) {
	in := inspector(t)
	for _, c := range slices.Concat(situations, handedOn) {
		judgedBy := in
		if c.plan != "" {
			judgedBy = in.With(parsePlan(t, c.plan))
		}
		records := recording(t, c.script)
		if got := telling(judge(judgedBy, records)); !slices.Equal(got, c.want) {
			t.Errorf("%s:\n%s\n%s\n got %q\nwant %q", c.name, c.plan, c.script, got, c.want)
		}
		agree(t, judgedBy, c.name, records)
		blamed(t, judgedBy, c.name, records)
	}
}

// blamed fails the test unless each demand that is not met has a finding that says so, as
// long as its rule is not switched off.
func blamed(t *testing.T, in *inspect.Inspector, name string, records []*record.Record) {
	t.Helper()
	j := journey.NewRecording(in)
	for _, r := range records {
		j.Add(r)
	}
	found := j.End()
	for o := range j.Outcomes(true) {
		if o.State == journey.Missing && o.Severity != "" && !slices.ContainsFunc(found, o.Breaks) {
			t.Errorf("%s: no finding says that %s %s is missing", name, o.Event, o.Expected)
		}
	}
}

// agree fails the test unless the terminal shows the same as check, once the pages have
// closed.
func agree(t *testing.T, in *inspect.Inspector, name string, records []*record.Record) {
	t.Helper()
	j := journey.New(in)
	for i, r := range records {
		j.Add(r)
		j.Look()
		if i%2 == 0 {
			j.Advance(r.Time.Time)
		}
	}
	live, over := lines(j.Findings(false)), lines(j.Findings(true))
	slices.Sort(live)
	slices.Sort(over)
	if !slices.Equal(live, over) {
		t.Errorf("%s: the terminal says %q, a check %q", name, live, over)
	}
}
