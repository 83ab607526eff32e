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
	want               []string // of more than information
}

// What happens to visits in messy real life, and what may be said of it.
var situations = []situation{
	// An address is a call's own.
	{"an error on a page that moves on", "sites: [\"https://d.example/cart*\"]\nevents: {error_message: {count: 0}}", "0 !https://d.example/cart opened\n 1 !https://d.example/cart error_message\n 9 !https://d.example/thanks closed", []string{"error unexpected-event d/2", "warning error-shown d/2"}},
	{"an address before consent on a page that moves on", "sites: [\"https://d.example/cart*\"]\nconsent: {guards: [/2/client_email]}", "0 !https://d.example/cart opened\n 1 !https://d.example/cart button_displayed {\"client_email\":\"a@b.example\"}\n 9 !https://d.example/thanks disclaimer_ok\n 30 !https://d.example/thanks closed", []string{"error before-consent d/2 /2/client_email"}},
	{"a demand met before the page moves on", "sites: [\"https://d.example/cart*\"]\nevents: {chat_requested: {count: 1}}", "0 !https://d.example/cart opened\n 1 !https://d.example/cart button_displayed\n 2 !https://d.example/cart chat_requested\n 9 !https://d.example/thanks closed", nil},
	{"a demand met before a pause cuts the address", "sites: [\"https://d.example/cart*\"]\nevents: {chat_requested: {count: 1}}", "0 !https://d.example/cart opened\n 1 !https://d.example/cart button_displayed\n 2 !https://d.example/cart chat_requested\n 9 !https://d.example closed", nil},
	{"calls elsewhere in the visit", "sites: [\"https://d.example/cart*\"]\nevents: {error_message: {count: 0}, chat_requested: {count: \"<=1\"}}\nconsent: {guards: [/2/client_email]}", "0 !https://d.example/help opened\n 1 !https://d.example/help button_displayed {\"client_email\":\"a@b.example\"}\n 2 !https://d.example/help error_message\n 3 !https://d.example/help chat_requested\n 4 !https://d.example/help closed\n 5 @d2 !https://d.example/cart opened\n 6 @d2 !https://d.example/cart chat_requested\n 30 @d2 !https://d.example/cart closed", []string{"warning error-shown d/3"}},
	{"what comes before it came elsewhere", "sites: [\"https://d.example/cart*\"]\nevents: {chat_requested: {after: [disclaimer_ok]}}", "0 !https://d.example/help opened\n 1 !https://d.example/help button_displayed\n 2 !https://d.example/help disclaimer_ok\n 5 !https://d.example/cart chat_requested\n 9 !https://d.example/cart closed", nil},

	// Each time anew.
	{"nothing at all in a page that was open before", "events: {chat_started: {count: 1}}", "0 late\n 9 closed", nil},
	{"nothing at all in a page elsewhere that was open before", "sites: [\"https://e.example/*\"]\nevents: {chat_started: {count: 1}}", "0 late\n 9 closed", []string{"error missing-event"}},
	{"a page of which the beginning is not there, and the next one", "", "0 lost\n 0 lost\n 5 closed\n 6 @d2 opened\n 7 @d2 chat_window_minimized\n 60 @d2 closed", nil},
	{"a gap in another tab beside a clock that was put back", "", "7200 opened\n 7201 button_displayed\n 3600 @d2 ^2 opened\n 3605 @d2 ^2 gap\n 3610 chat_window_minimized\n 3700 @d2 ^2 closed\n 3701 closed", []string{"error capture-gap d2/2"}},
	{"a pause after the page was in the cache", "", "0 opened\n 1 slot_check\n 5 closed\n 600 opened\n 603 paused\n 700 closed", []string{"error capture-gap d/5"}},
	{"the second question", "events: {message_client_terminating: {after: [message_operator_terminating], within: 30s}}", "0 opened\n 1 conversation_resume\n 2 message_operator_terminating\n 4 message_client_terminating\n 10 message_operator_terminating\n 600 closed", []string{"error missing-event d/5"}},
	{"the second slot", "", "0 opened\n 1 slot_check\n 2 slot_available\n 60 slot_check\n 90 closed", []string{"warning missing-event d/4"}},
	{"after two, of which one has come", "events: {chat_started: {after: [chat_requested, disclaimer_ok], within: 5s}}", "0 opened\n 1 button_displayed\n 2 chat_requested\n 3 chat_connected\n 30 disclaimer_ok\n 32 chat_started\n 60 closed", nil},
	{"after two, and too late", "events: {chat_started: {after: [chat_requested, disclaimer_ok], within: 5s}}", "0 opened\n 1 button_displayed\n 2 chat_requested\n 3 chat_connected\n 30 disclaimer_ok\n 42 chat_started\n 60 closed", []string{"error missing-event d/6"}},

	// Who speaks.
	{"a new session with every call", "", "0 opened\n 1 #s1 button_displayed\n 2 #s2 chat_requested\n 3 #s3 chat_window_minimized\n 4 #s4 error_message\n 30 closed", []string{"warning identity-changed d/3 /2/session_id", "warning error-shown d/5"}},
	{"a session renewed", "events: {disclaimer_ok: {count: \">=1\"}, chat_started: {count: \"<=1\"}}", "0 opened\n 1 button_displayed\n 2 chat_requested\n 3 chat_connected\n 4 disclaimer_ok\n 5 chat_started\n 6 contact_first_message\n 7000 #t message_client_terminating\n 7001 #t chat_window_minimized\n 7100 closed", []string{"warning identity-changed d/8 /2/session_id"}},
	{"an answer in the renewed session", "", "0 opened\n 1 slot_check\n 2 #t slot_available\n 60 closed", []string{"warning identity-changed d/3 /2/session_id"}},
	{"no answer long before the session is renewed", "", "0 opened\n 1 slot_check\n 30 #t button_displayed\n 60 closed", []string{"warning missing-event d/2", "warning identity-changed d/3 /2/session_id"}},
	{"two widgets by turns", "", "0 opened\n 1 button_displayed\n 2 button_displayed global_ctx {\"widget_id\":3}\n 3 chat_requested\n 4 chat_requested global_ctx {\"widget_id\":3}\n 5 chat_connected\n 30 closed", nil},
	{"another widget only looks", "", "0 opened\n 1 button_displayed\n 2 button_displayed global_ctx {\"widget_id\":3}\n 3 chat_requested\n 30 closed", nil},
	{"a widget takes another's place", "", "0 opened\n 1 button_displayed\n 3 chat_requested global_ctx {\"widget_id\":3}\n 4 chat_connected global_ctx {\"widget_id\":3}\n 30 closed", []string{"warning identity-changed d/3 /1/widget_id"}},
	{"widgets whose sessions differ", "", "0 opened\n 1 button_displayed\n 2 #t button_displayed global_ctx {\"widget_id\":3}\n 3 chat_requested\n 30 closed", nil},
	{"a second tab of the same contact", "", "0 opened\n 1 button_displayed\n 2 chat_window_maximized\n 5 @d2 ^2 opened\n 6 @d2 ^2 #t chat_window_minimized\n 30 @d2 ^2 closed\n 31 closed", nil},
	{"a second tab in the same session", "", "0 opened\n 1 button_displayed\n 2 chat_window_maximized\n 5 @d2 ^2 opened\n 6 @d2 ^2 chat_window_minimized\n 30 @d2 ^2 closed\n 31 closed", nil},
	{"another visit, when the first is over", "", "0 opened\n 1 button_displayed\n 2 chat_window_maximized\n 5 closed\n 6 @d2 opened\n 7 @d2 #t button_displayed\n 9 @d2 #t chat_window_minimized\n 30 @d2 closed", []string{"warning out-of-order d2/3"}},
	{"subdomains", "", "0 !https://www.shop.example/ opened\n 1 !https://www.shop.example/ chat_window_maximized\n 2 !https://www.shop.example/ closed\n 3 @d2 !https://pay.shop.example/ opened\n 4 @d2 !https://pay.shop.example/ chat_window_minimized\n 30 @d2 !https://pay.shop.example/ closed", nil},
	{"sites that share a suffix", "", "0 !https://a.co.uk/ opened\n 1 !https://a.co.uk/ chat_window_maximized\n 2 !https://a.co.uk/ closed\n 3 @d2 !https://b.co.uk/ opened\n 4 @d2 !https://b.co.uk/ chat_window_minimized\n 30 @d2 !https://b.co.uk/ closed", []string{"warning out-of-order d2/2"}},

	// What nobody could see.
	{"a function that cannot be watched", "events: {chat_started: {count: 1}}", "0 opened\n 1 appeared\n 1 slot_check\n 2 not-writable made constant\n 60 closed", []string{"warning capture-gap d/4"}},
	{"calls in the run that defines the function", "events: {chat_requested: {count: 1}}", "0 opened\n 1 appeared assigned; the script that defines it calls it too, and calls in the same run of it cannot be seen\n 5 chat_window_minimized\n 60 closed", []string{"warning capture-gap d/2"}},
	{"a pause in an earlier page", "events: {chat_requested: {count: 1}}", "0 opened\n 20 paused\n 20.1 closed\n 21 @d2 opened\n 90 @d2 chat_window_minimized\n 120 @d2 closed", []string{"error capture-gap d/2"}},
	{"a pause in another tab of the same contact", "", "0 opened\n 1 button_displayed\n 2 @d2 ^2 opened\n 3 @d2 ^2 button_displayed\n 30 chat_window_minimized\n 60 @d2 ^2 paused\n 70 closed\n 71 @d2 ^2 closed", []string{"error capture-gap d2/3"}},
	{"a pause of another contact", "", "0 opened\n 1 button_displayed\n 2 @d2 ^2 opened\n 3 @d2 ^2 ~e #t button_displayed\n 30 chat_window_minimized\n 60 @d2 ^2 paused\n 70 closed\n 71 @d2 ^2 closed", []string{"warning out-of-order d/3", "error capture-gap d2/3"}},
	{"a pause that was told late", "", "0 opened\n 1 button_displayed\n 30 @d2 ^2 opened\n 40 @d2 ^2 chat_window_minimized\n 90 paused\n 100 closed\n 101 @d2 ^2 closed", []string{"error capture-gap d/3"}},
	{"a loss behind what lacks something", "", "0 opened\n 1 button_displayed\n 5 chat_window_minimized\n 30 chat_requested\n 60 gap\n 90 closed", []string{"warning out-of-order d/3", "error capture-gap d/5"}},
	{"a number that is missing", "", "0 opened\n 1 button_displayed\n 3 chat_requested\n 5 chat_connected\n 6 lost\n 7 contact_first_message\n 30 closed", nil},
	{"a number that is missing later", "", "0 opened\n 1 button_displayed\n 3 chat_window_minimized\n 5 chat_requested\n 6 lost\n 7 slot_check\n 8 slot_available\n 30 closed", []string{"warning out-of-order d/3"}},
	{"first records that are missing", "", "0 lost\n 0 lost\n 1 chat_window_minimized\n 30 chat_requested\n 60 closed", nil},
	{"left too soon", "", "0 opened\n 1 button_displayed\n 3 pre_survey_submit\n 3.3 closed", nil},
	{"left soon enough", "", "0 opened\n 1 button_displayed\n 3 pre_survey_submit\n 4.3 closed", []string{"warning out-of-order d/3"}},

	// Time.
	{"equal calls beside a clock that was put back", "", "0 opened\n 1 button_displayed\n 600 chat_window_maximized\n 10 chat_window_maximized\n 30 chat_window_maximized\n 50 closed", nil},
	{"an order beside a clock that was put back", "", "0 opened\n 1 button_displayed\n 600 pre_survey_show\n 10 pre_survey_submit\n 50 closed", nil},
	{"what never came beside a clock that was put back", "", "0 opened\n 1 button_displayed\n 600 chat_requested\n 10 pre_survey_submit\n 50 closed", []string{"warning out-of-order d/4"}},
	{"what came later beside a clock that was put back", "", "0 opened\n 1 button_displayed\n 600 pre_survey_submit\n 605 chat_requested\n 10 pre_survey_show\n 50 closed", []string{"warning out-of-order d/3"}},
	{"a clock put back between pages", "", "600 opened\n 601 button_displayed\n 602 chat_window_maximized\n 603 closed\n 5 @d2 opened\n 8 @d2 chat_window_minimized\n 30 @d2 closed", nil},
	{"a lid closed for two hours", "events: {message_client_terminating: {after: [message_operator_terminating], within: 60s}}", "0 opened\n 1 conversation_resume\n 2 message_operator_terminating\n 7200 message_client_terminating\n 7230 closed", nil},
	{"a page left alone for two hours", "events: {message_client_terminating: {after: [message_operator_terminating], within: 60s}}", "0 opened\n 1 conversation_resume\n 2 message_operator_terminating\n 7200 closed", []string{"error missing-event d/3"}},
	{"awake for two hours", "events: {message_client_terminating: {after: [message_operator_terminating], within: 60s}}", "0 opened\n 1 conversation_resume\n 2 message_operator_terminating\n 1500 chat_window_maximized\n 3000 chat_window_minimized\n 4500 message_client_terminating\n 4530 closed", []string{"error missing-event d/6"}},
	{"a page frozen in the cache", "events: {message_client_terminating: {after: [message_operator_terminating], within: 60s}}", "0 opened\n 1 conversation_resume\n 2 message_operator_terminating\n 5 closed\n 600 opened\n 610 message_client_terminating\n 630 closed", nil},
	{"a page begun anew from the cache", "", "0 lost\n 0 lost\n 0 lost\n 31 opened\n 33 slot_available\n 60 closed", nil},

	// What goes on.
	{"going on long after the page was opened", "", "0 opened\n 1 button_displayed\n 2 chat_window_minimized\n 60 conversation_resume\n 65 message_operator_terminating\n 90 closed", nil},
	{"going on with an old conversation from the overview", "", "0 opened\n 1 button_displayed {\"client_name\":\"Ada\",\"client_email\":\"a@b.example\"}\n 5 conversation_resume {\"client_name\":\"Ada\",\"chat_id\":\"old\"}\n 30 disclaimer_ok\n 60 closed", nil},
	{"going on in the next page is no excuse", "", "0 opened\n 1 button_displayed\n 2 chat_requested\n 3 chat_connected\n 4 chat_started\n 5 contact_first_message\n 9 closed\n 10 @d2 opened\n 12 @d2 conversation_resume\n 20 @d2 chat_window_minimized\n 60 @d2 closed", []string{"warning out-of-order d2/3"}},
	{"a bot says the same twice", "", "0 opened\n 1 conversation_resume\n 5 message_client_terminating\n 5.03 message_client_terminating\n 30 closed", nil},
	{"null until it is known", "", "0 opened\n 1 button_displayed {\"custom_data\":{\"total\":null}}\n 3 chat_requested {\"custom_data\":{\"total\":3}}\n 5 disclaimer_ok {\"custom_data\":{\"total\":3.5}}\n 30 closed", nil},

	// Chats.
	{"each chat has its own count", "events: {chat_started: {count: 1, per: chat}}", "0 opened\n 1 button_displayed\n 2 chat_requested\n 3 chat_connected\n 4 chat_started {\"chat_id\":\"a\"}\n 60 chat_started {\"chat_id\":\"b\"}\n 90 closed", nil},
	{"a chat that is started twice", "events: {chat_started: {count: 1, per: chat}}", "0 opened\n 1 button_displayed\n 2 chat_requested\n 3 chat_connected\n 4 chat_started {\"chat_id\":\"a\"}\n 60 chat_started {\"chat_id\":\"a\"}\n 90 closed", []string{"error unexpected-event d/6"}},
	{"a visit that only looked", "events: {chat_started: {count: \">=1\", when: {seen: chat_requested}}}", "0 opened\n 1 button_displayed\n 60 closed", nil},
	{"a visit that did not only look", "events: {chat_started: {count: \">=1\", when: {seen: chat_requested}}}", "0 opened\n 1 button_displayed\n 2 chat_requested\n 60 closed", []string{"error missing-event"}},
}

// telling leaves out what is for information.
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
	}
}

// agree fails the test unless the terminal comes to the same as a check does, once the
// pages have closed.
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
