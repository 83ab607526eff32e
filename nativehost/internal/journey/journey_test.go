package journey_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// visit conforms, and is long enough to meet every kind of demand.
const visit = `
	0    opened
	0.1  appeared
	0.2  framed
	1    button_displayed
	5    chat_requested
	5.1  chat_window_maximized
	8    disclaimer_ok
	8.1  slot_check
	8.6  slot_available
	8.7  chat_connected
	9    pre_survey_show
	20   pre_survey_submit       {"client_name":"Ada","client_email":"ada@shop.example"}
	25   chat_started            {"client_email":"ada@shop.example"}
	25   contact_first_message
	25.1 message_operator_terminating
	31   message_client_terminating
	40   chat_window_minimized
	41   closed
	41.5 @d2 opened
	42   @d2 button_displayed
	42.1 @d2 conversation_resume
	43   @d2 chat_window_maximized
	50   @d2 message_operator_terminating {"client_email":"ada@shop.example"}
	55   @d2 feedback_rating_show
	60   @d2 rating_submit
	60.2 @d2 feedback_submit
	61   @d2 transcript_show
	62   @d2 transcript_submit
	70   @d2 closed
`

// A ruleCase is a visit, and the findings on it without a plan.
type ruleCase struct {
	name, script string
	want         []string
}

var cases = slices.Concat(orderVisits, answerVisits, middleVisits, twiceVisits, identityVisits,
	consentVisits, shapeVisits, sessionVisits, handlerVisits)

// orderVisits are about the order of events.
var orderVisits = []ruleCase{
	{"a conforming visit", visit, nil},

	{"out of order", "1 button_displayed\n 5 pre_survey_submit", []string{"warning out-of-order d/2"}},
	{"later than what needs it", "1 button_displayed\n 5 pre_survey_submit\n 8 pre_survey_show", []string{"warning out-of-order d/2"}},
	{"less than a second later", "1 button_displayed\n 5 pre_survey_submit\n 5.999 pre_survey_show", nil},
	{"a second later", "1 button_displayed\n 5 pre_survey_submit\n 6 pre_survey_show", []string{"warning out-of-order d/2"}},
	{"arrived late", "1 button_displayed\n 8 @d2 pre_survey_submit\n 5 pre_survey_show", nil},
	{"a clock that went backwards", "1 button_displayed\n 8 pre_survey_show\n 2 pre_survey_submit", nil},
	{"opened by the API", "1 chat_requested", []string{"info out-of-order d/1"}},
	{"connected after it started", "1 button_displayed\n 2 chat_requested\n 5 chat_started\n 60 chat_connected", nil},
	{"never connected", "1 button_displayed\n 2 chat_requested\n 5 chat_started", []string{"warning out-of-order d/3"}},
	{"another alternative", "1 button_displayed\n 2 group_select_show\n 3 group_select_submit\n 5 chat_connected\n 6 chat_started", nil},
	{"another session's", "1 button_displayed\n 2 #t ~e pre_survey_show\n 5 pre_survey_submit", []string{"warning out-of-order d/3"}},
	{"another site's", "1 button_displayed\n 2 @e pre_survey_show\n 5 pre_survey_submit", []string{"warning out-of-order d/2"}},
}

// answerVisits are about answers that have to come.
var answerVisits = []ruleCase{
	{"no answer", "1 slot_check\n 20 button_displayed", []string{"warning missing-event d/1"}},
	{"an answer in time", "1 slot_check\n 11 slot_unavailable\n 20 button_displayed", nil},
	{"an answer too late", "1 slot_check\n 11.1 slot_unavailable", []string{"warning missing-event d/1"}},
	{"an answer just before", "1 slot_available\n 1.9 slot_check\n 20 button_displayed", nil},
	{"an answer in another tab", "1 slot_check\n 2 @d2 ^2 slot_available\n 20 button_displayed", nil},
	{"two questions, one answer", "1 slot_check\n 4 slot_check\n 5 slot_available\n 20 button_displayed", nil},
	{
		name: "two questions, one of them too early",
		script: "1 slot_check\n" +
			" 10 slot_check\n" +
			" 12 slot_available\n" +
			" 20 button_displayed",
		want: []string{"warning missing-event d/1"},
	},
	{"the page was left", "1 slot_check\n 5 closed\n 20 @d2 button_displayed", nil},
	{"the page was left afterwards", "1 slot_check\n 12 closed", []string{"warning missing-event d/1"}},
	{"the recording ended", "1 slot_check\n 5 button_displayed\n ends", nil},
	{"a loss", "1 slot_check\n 5 gap\n 20 button_displayed", []string{"error capture-gap d/2"}},
	{"a loss elsewhere on the site", "1 slot_check\n 5 @d2 gap\n 20 button_displayed", []string{"error capture-gap d2/1"}},
	{
		name: "a loss long after",
		script: "1 slot_check\n" +
			" 20 pre_survey_submit\n" +
			" 400 @d2 gap",
		want: []string{"warning missing-event d/1", "warning out-of-order d/2", "error capture-gap d2/1"},
	},
	{"out of order after a loss", "1 button_displayed\n 5 gap\n 20 pre_survey_submit", []string{"error capture-gap d/2"}},
}

// middleVisits are about recordings that begin in the middle of a visit.
var middleVisits = []ruleCase{
	{"hooked late", "0 late\n 1 chat_started\n 2 pre_survey_submit", []string{"info mid-journey d/2"}},
	{"begun with going on", "0 opened\n 1 conversation_resume\n 2 pre_survey_submit", []string{"info mid-journey d/2"}},
	{
		name: "going on after the button",
		script: "0 opened\n" +
			" 1 button_displayed\n" +
			" 2 conversation_resume\n" +
			" 3 chat_window_minimized",
		want: []string{"info mid-journey d/2"},
	},
	{
		name: "going on after what the page did",
		script: "0 opened\n" +
			" 1 button_displayed\n" +
			" 1.5 slot_check\n" +
			" 2 slot_available\n" +
			" 5 conversation_resume\n" +
			" 8 chat_window_minimized",
		want: []string{"info mid-journey d/2"},
	},
	{"going on at about the same time", "0 opened\n 1 chat_window_minimized\n 1.9 conversation_resume", []string{"info mid-journey d/2"}},
	{
		name: "going on from the overview",
		script: "0 opened\n" +
			" 1 button_displayed\n" +
			" 2 chat_requested\n" +
			" 3 conversation_resume\n" +
			" 4 chat_started",
		want: []string{"info mid-journey d/2"},
	},
}

// twiceVisits are about the same call again, and what the contact saw.
var twiceVisits = []ruleCase{
	{"twice", "1 button_displayed\n 1.1 button_displayed", []string{"warning duplicate-event d/2"}},
	{
		name: "three times",
		script: "1 button_displayed\n" +
			" 1.1 button_displayed\n" +
			" 1.2 button_displayed",
		want: []string{"warning duplicate-event d/2", "warning duplicate-event d/3"},
	},
	{"twice, but not at once", "1 button_displayed\n 1.101 button_displayed", nil},
	{"twice in two documents", "1 button_displayed\n 1.1 @d2 button_displayed", nil},
	{"twice with other arguments", "1 button_displayed\n 1.1 button_displayed {\"chat_id\":\"x\"}", nil},

	{"an error", "1 error_message", []string{"warning error-shown d/1"}},
}

// identityVisits are about who the contact is.
var identityVisits = []ruleCase{
	{
		name: "another client",
		script: "1 button_displayed\n" +
			" 2 ~e button_displayed\n" +
			" 3 button_displayed",
		want: []string{"warning identity-changed d/2 /1/client_uuid"},
	},
	{
		name: "another session",
		script: "1 button_displayed\n" +
			" 2 #t button_displayed\n" +
			" 3 button_displayed",
		want: []string{"warning identity-changed d/2 /2/session_id"},
	},
	{"two sessions side by side", "1 button_displayed\n 2 #t button_displayed\n 3 chat_requested\n 4 #t chat_requested", nil},
	{"another session in another document", "1 button_displayed\n 2 @d2 #t button_displayed", nil},
	{
		name: "another widget",
		script: "1 button_displayed\n" +
			` 2 button_displayed global_ctx {"widget_id":3}`,
		want: []string{"warning identity-changed d/2 /1/widget_id"},
	},
	{
		name: "the same widget in other digits",
		script: "1 button_displayed\n" +
			" 2 button_displayed\n" +
			` 3 args ["button_displayed",{"client_uuid":"c","operator_group_id":1,"widget_id":2.0,"widget_lang":"de"},` +
			`{"session_id":"s"}]` + "\n" +
			` 4 args ["button_displayed",{"client_uuid":"c","operator_group_id":1,"widget_id":0.2e1,"widget_lang":"de"},` +
			`{"session_id":"s"}]`,
	},
	{"another widget on another page", "1 button_displayed\n 2 @d2 button_displayed global_ctx {\"widget_id\":3}", nil},
	{"two contacts at once", "1 button_displayed\n 1.5 #t ~e button_displayed\n 2 chat_requested\n 2.5 #t ~e chat_requested", nil},
}

// consentVisits are about what was sent before the contact agreed.
var consentVisits = []ruleCase{
	{
		name: "an address too early",
		script: "1 button_displayed\n" +
			` 2 button_displayed {"client_email":"a@b.example"}` + "\n" +
			" 5 disclaimer_ok",
		want: []string{"warning before-consent d/2 /2/client_email"},
	},
	{
		name: "a name and an address too early",
		script: `2 button_displayed {"client_email":"a@b.example","client_name":"A"}` + "\n" +
			" 5 disclaimer_ok",
		want: []string{"warning before-consent d/1 /2/client_email", "warning before-consent d/1 /2/client_name"},
	},
	{"no address too early", "1 button_displayed {\"client_name\":\"\"}\n 5 disclaimer_ok", nil},
	{"an address at about the same time", "1 button_displayed {\"client_email\":\"a@b.example\"}\n 1.999 disclaimer_ok", nil},
	{"an address and nobody agreed", "1 button_displayed {\"client_email\":\"a@b.example\"}", nil},
	{
		name: "an address in the middle",
		script: "0 late\n" +
			` 1 button_displayed {"client_email":"a@b.example"}` + "\n" +
			" 5 disclaimer_ok",
		want: []string{"info mid-journey d/2"},
	},
	{"an address after agreeing again", "1 disclaimer_ok\n 5 button_displayed {\"client_email\":\"a@b.example\"}\n 9 disclaimer_ok", nil},
	{"custom data before agreeing", "1 button_displayed {\"custom_data\":{\"a\":1}}\n 9 disclaimer_ok", nil},
}

// shapeVisits are about the types of custom_data.
var shapeVisits = []ruleCase{
	{
		name: "another type",
		script: `1 button_displayed {"custom_data":{"a":{"b":1}}}` + "\n" +
			" 2 button_displayed\n" +
			` 3 button_displayed {"custom_data":{"a":{"b":"1"}}}` + "\n" +
			` 4 button_displayed {"custom_data":{"a":{"b":"2"}}}`,
		want: []string{"warning shape-drift d/3 /2/custom_data/a/b"},
	},
	{
		name: "another type in an array",
		script: `1 button_displayed {"custom_data":{"a":[{"b":1}]}}` + "\n" +
			` 3 button_displayed {"custom_data":{"a":[{"b":"1"}]}}`,
		want: []string{"warning shape-drift d/2 /2/custom_data/a/0/b"},
	},
	{
		name: "another type on another site",
		script: `1 button_displayed {"custom_data":{"a":1}}` + "\n" +
			` 3 @e button_displayed {"custom_data":{"a":"1"}}`,
	},
	{"other members", "1 button_displayed {\"custom_data\":{\"a\":1}}\n 3 button_displayed {\"custom_data\":{\"a\":1.5,\"b\":\"1\"}}", nil},
}

// sessionVisits are about visits whose session is not known from the start.
var sessionVisits = []ruleCase{
	{"a call before its session is known", "1 #- proactive_timer\n 2 button_displayed\n 8 chat_connected_proactive", nil},
	{"a page before the session is known", "1 #- proactive_timer\n 2 closed\n 3 @d2 chat_connected_proactive", nil},
	{"a page without a session", "1 proactive_timer\n 2 closed\n 3 @d2 #- chat_connected_proactive", nil},
	{"a page without a session in another tab", "1 proactive_timer\n 3 @d2 ^2 #- chat_connected_proactive", nil},
	{
		name: "a page of a later session",
		script: "1 #s1 button_displayed\n" +
			" 2 closed\n" +
			" 30 @d2 #- proactive_timer\n" +
			" 35 @d2 #s2 chat_connected_proactive",
	},
}

// handlerVisits are about the site's own function.
var handlerVisits = []ruleCase{
	{"a handler that never came", "1 framed\n 11 closed", []string{"warning handler-missing d/1"}},
	{"a handler that had not come", "1 framed\n 3 closed", []string{"warning handler-missing d/1"}},
	{"a handler that may come", "1 framed\n ends", nil},
	{"a late handler", "1 framed\n 2.001 appeared\n 20 closed", []string{"warning handler-late d/2"}},
	{"a handler soon enough", "1 framed\n 2 appeared\n 20 closed", nil},
	{"a very late handler", "1 framed\n 12 appeared\n 20 closed", []string{"warning handler-missing d/1", "warning handler-late d/2"}},
	{"a handler before the extension", "0 late\n 1 framed\n 3 appeared", nil},
	{"a hidden handler", "1 framed\n 2 shadowed\n 20 closed", []string{"error handler-shadowed d/2"}},
	{"a handler only known by its calls", "1 framed\n 2 button_displayed\n 20 closed", nil},
}

func TestCatalogueRules(t *testing.T) {
	in := inspector(t)
	for _, c := range cases {
		if got := lines(judge(in, visited(t, c.script))); !slices.Equal(got, c.want) {
			t.Errorf("%s:\n%s\n got %q\nwant %q", c.name, strings.TrimRight(c.script, "\n"), got, c.want)
		}
	}
}

// Equal calls that are far apart are no duplicates, whichever arrives first.
func TestLateDuplicates(t *testing.T) {
	for _, tt := range []struct {
		script string
		want   []string
	}{
		{"1 chat_window_maximized\n7 chat_window_maximized", nil},
		{"1 chat_window_maximized\n1.05 chat_window_maximized", []string{"warning duplicate-event d/2"}},
	} {
		records := recording(t, tt.script)
		slices.Reverse(records)
		got := slices.DeleteFunc(lines(judge(inspector(t), records)), func(s string) bool { return !strings.Contains(s, "duplicate") })
		if !slices.Equal(got, tt.want) {
			t.Errorf("%q: got %q, want %q", tt.script, got, tt.want)
		}
	}
}

// A seq greater than calls can keep changes neither ids nor the order of arrival.
func TestGreatSeq(t *testing.T) {
	records := recording(t, "1 opened\n2 button_displayed\n3 chat_requested\n4 error_message")
	for i, r := range records[1:] {
		r.Seq = 1<<40 + int64(i)
		r.ID = fmt.Sprintf("d/%d", r.Seq)
	}
	if got, want := lines(judge(inspector(t), records)), []string{fmt.Sprintf("warning error-shown d/%d", int64(1<<40+2))}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
