package tui_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/redact"
	"userlike-inspector/nativehost/internal/tui"
	"userlike-inspector/nativehost/internal/tui/tuitest"
)

// TestTicket: a ticket has everything that its reader needs. It has pseudonyms for the contact's
// values, unless the user asks for the values.
func TestTicket(t *testing.T) {
	s := newStore(t, visits())
	copied := make(chan string, 1)
	screen := tuitest.New(120, 40)
	o := options(s, screen)
	o.Copy = func(_ context.Context, text string) error { copied <- text; return nil }
	run(t, o)
	screen.WaitText(t, "12 calls", "── chat_window_maximized")
	screen.Press(t, "X", "X")
	screen.WaitText(t, "── chat_window_minimzed")
	settled(t, screen)
	all := []string{
		"## undocumented-event in `chat_window_minimzed`",
		"which is none of the 35 documented events",
		"- Severity: error",
		"- Where: `/0`",
		"- Expected: `chat_window_minimized`",
		"- Actual: `chat_window_minimzed`",
		"- Sent: `\"chat_window_minimzed\"`",
		"- Demanded by: Client Tracking API: event names",
		"- Browser: Chromium 156.0",
		"- Page: `https://shop.example/tea`",
		"- Session: `s-91f3`",
		"- Time: 2026-11-22T11:55:13.574Z",
		"- Record: `s-91f3/11`",
		"**Events before it**",
		"1. 2026-11-22T11:55:12.340Z `contact_first_message`",
		"`page opened`",
	}
	has := func(text string, wanted ...string) {
		t.Helper()
		for _, w := range wanted {
			if !strings.Contains(text, w) {
				t.Errorf("%q is missing in:\n%s", w, text)
			}
		}
	}
	screen.Press(t, "y", "T")
	has(<-copied, all...)
	screen.WaitText(t, "copied the text of a ticket, with the contact's values")

	screen.Press(t, "y", "t")
	text := <-copied
	has(text, "## undocumented-event in `chat_window_minimzed`", "- Browser: Chromium 156.0", "**Events before it**")
	if strings.Contains(text, "ada@shop.example") || strings.Contains(text, "6b1e4e1e") {
		t.Errorf("the contact can be known by:\n%s", text)
	}
	screen.WaitText(t, "copied the text of a ticket, with pseudonyms")

	screen.Press(t, "2")
	screen.WaitText(t, "RULE", "wrong-type")
	settled(t, screen)
	screen.Press(t, "y")
	has(<-copied, "**Where and when**", "- Severity: error")
	screen.Press(t, "8")
	screen.WaitText(t, "CONTACT")
	settled(t, screen)
	screen.Press(t, "y")
	has(<-copied, "## wrong-type in `chat_connected`", "- Where: `/1/operator_group_id`", "- Sent: `\"1234\"`")
	screen.Press(t, "3")
	screen.WaitText(t, "INVALID")
	screen.Press(t, "y")
	screen.WaitText(t, "this line is about no single event")
}

// TestTicketWithPseudonyms: a ticket with pseudonyms has the findings on the values that were sent,
// and none on the pseudonyms. It has nothing that the contact gave anywhere in the visit.
func TestTicketWithPseudonyms(t *testing.T) {
	const global = `{"client_uuid":"6b1e4e1e","operator_group_id":1234,"widget_id":5678,"widget_lang":"de"}`
	yes := true
	with := func(data string) *record.Record {
		return call("slot_check", global, `{"session_id":"s","custom_data":{`+data+`}}`)
	}
	for _, tt := range []struct {
		name   string
		record *record.Record
		plan   string
		has    []string
		not    []string
	}{
		{
			name:   "only its pseudonym is wrong",
			record: with(`"tier":"gold"`),
			plan:   "custom_data: {properties: {tier: {const: gold}}}",
			has:    []string{"Nothing was found to be wrong with it."},
			not:    []string{"custom-data", "gold"},
		},
		{
			name:   "only its pseudonym is right",
			record: with(`"tier":"Ann"`),
			plan:   `custom_data: {properties: {tier: {not: {const: Ann}}}}`,
			has:    []string{"## custom-data in `slot_check`", "y T copies it with the contact's values"},
			not:    []string{"Ann"},
		},
		{
			name:   "title and address",
			record: with(`"tier":1`),
			plan:   "name: any",
			has:    []string{"- Page: `https://shop.example/basket?…`"},
			not:    []string{"Lovelace", "step=2"},
		},
		{
			name:   "accepted",
			record: with(`"tier":1`),
			plan: "custom_data: {properties: {tier: {type: string}}}\n" +
				"accept: [{rule: custom-data, until: 2026-12-24, because: mended soon}]",
			has: []string{"- Accepted: by the plan until 2026-12-24, because: mended soon"},
		},
		{
			name:   "hostile",
			record: call("<b>@all", global, `{"session_id":"s"}`),
			plan:   "name: any",
			has:    []string{"- Title: Ask &#64;&#8203;team"},
			not:    []string{"Ask @team"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			records := numbered([]*record.Record{
				{Kind: record.Page, Event: "opened", HookedFromStart: &yes},
				tt.record,
				call("chat_started", global, `{"session_id":"s","client_name":"Ada Lovelace"}`),
			}, 1)
			records[1].Title = "Ask @team of Ada Lovelace"
			screen := tuitest.New(120, 40)
			o := options(newStore(t, records), screen)
			byPlan(t, &o, "plan.yaml", tt.plan)
			text := ticketOf(t, o, screen, "k")
			for _, w := range tt.has {
				if !strings.Contains(text, w) {
					t.Errorf("%q is missing in:\n%s", w, text)
				}
			}
			for _, w := range append(tt.not, "Lovelace") {
				if strings.Contains(text, w) {
					t.Errorf("%q is in:\n%s", w, text)
				}
			}
		})
	}
}

// TestTicketOfVisit: a ticket lists earlier events of all pages of the visit, and has pseudonyms for
// values that the contact gave on any of them, also in calls without a session.
func TestTicketOfVisit(t *testing.T) {
	const global = `{"client_uuid":"6b1e4e1e","operator_group_id":1234,"widget_id":5678,"widget_lang":"de"}`
	yes := true
	page := func() *record.Record {
		return &record.Record{Kind: record.Page, Event: "opened", HookedFromStart: &yes}
	}
	first := numbered([]*record.Record{
		page(),
		call("button_displayed", global, `{"client_name":"Ada Lovelace"}`),
		call("chat_requested", global, `{"session_id":"s"}`),
	}, 1)
	second := numbered([]*record.Record{page(), call("chat_started", global, `{"session_id":"s"}`)}, 4)
	second[0].Seq, second[1].Seq = 1, 2
	for _, r := range inDocument(first, "first") {
		r.URL, r.TopURL = "https://shop.example/", "https://shop.example/"
	}
	second[1].Title = "Welcome, Ada Lovelace"
	screen := tuitest.New(120, 40)
	text := ticketOf(t, options(newStore(t, append(first, second...)), screen), screen)
	if strings.Contains(text, "Lovelace") || !strings.Contains(text, "- Title: Welcome, ") || !strings.Contains(text, "Z `button_displayed`") {
		t.Error(text)
	}
}

// ticketOf is the text of a ticket, with pseudonyms, about the event that keys go to from the last.
func ticketOf(t *testing.T, o tui.Options, screen *tuitest.Screen, keys ...string) string {
	t.Helper()
	copied := make(chan string, 1)
	o.Copy = func(_ context.Context, text string) error { copied <- text; return nil }
	run(t, o)
	screen.WaitText(t, "following", "── chat_started")
	screen.Press(t, keys...)
	settled(t, screen)
	screen.Press(t, "y", "t")
	return <-copied
}

// TestTicketWithoutKey: if no pseudonyms can be made, no ticket is copied.
func TestTicketWithoutKey(t *testing.T) {
	screen := tuitest.New(120, 40)
	o := options(newStore(t, visit()), screen)
	o.Redactor = func(func(*record.Record) []record.Finding) (*redact.Redactor, error) {
		return nil, errors.New("no key to be had")
	}
	o.Copy = func(_ context.Context, text string) error { t.Errorf("copied %s", text); return nil }
	run(t, o)
	screen.WaitText(t, "6 calls", "── chat_window_minimized")
	settled(t, screen)
	screen.Press(t, "y", "t")
	screen.WaitText(t, "no ticket: no key to be had")
}
