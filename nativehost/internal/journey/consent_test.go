package journey_test

import (
	"slices"
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/journey"
)

// consentCases are plans that say what needs consent, and plans that do not.
var consentCases = []planCase{
	{
		name: "consent",
		plan: "consent: {event: disclaimer_ok, guards: [chat_requested, /2/custom_data]}",
		script: `1 button_displayed {"custom_data":{"a":1}}` + "\n" +
			" 2 chat_requested\n" +
			" 9 disclaimer_ok",
		want: []string{"error before-consent d/1 /2/custom_data", "error before-consent d/2 /0"},
	},
	{
		name:   "consent that never comes",
		plan:   "consent: {event: disclaimer_ok, guards: [chat_requested]}",
		script: requested,
		want:   []string{"error before-consent d/2 /0"},
	},
	{
		name: "consent in time",
		plan: "consent: {event: disclaimer_ok, guards: [chat_requested, /2/client_email]}",
		script: "1 disclaimer_ok\n" +
			" 2 button_displayed\n" +
			` 3 chat_requested {"client_email":"a@b.example"}`,
	},
	{
		name: "consent by another event",
		plan: "allow: {events: [cookie_ok]}\n" +
			"consent: {event: cookie_ok, guards: [chat_requested]}",
		script: "1 button_displayed\n" +
			" 2 cookie_ok\n" +
			" 4 chat_requested",
	},
	{
		name:   "consent, usual guards",
		plan:   "consent: {event: disclaimer_ok}",
		script: "1 button_displayed {\"client_name\":\"A\",\"custom_data\":{\"a\":1}}",
		want:   []string{"error before-consent d/1 /2/client_name"},
	},
	{
		name: "consent, deep in a field",
		plan: "consent: {guards: [/2/custom_data/who]}",
		script: `1 button_displayed {"custom_data":{"a":1}}` + "\n" +
			` 3 button_displayed {"custom_data":{"who":"A"}}`,
		want: []string{"error before-consent d/2 /2/custom_data/who"},
	},
	{
		name: "consent in the middle",
		plan: "consent: {event: disclaimer_ok, guards: [chat_requested]}",
		script: "0 late\n" +
			requested,
		want: []string{"info mid-journey d/2"},
	},
	{
		name: "consent elsewhere",
		plan: `sites: ["https://e.example/*"]` + "\n" +
			"allow: {events: [ok]}\n" +
			"consent: {event: ok, guards: [button_displayed]}",
		script: `1 button_displayed {"client_email":"a@b.example"}` + "\n" +
			" 9 disclaimer_ok",
		want: []string{"warning before-consent d/1 /2/client_email"},
	},
	{
		name: "a plan without consent",
		plan: "name: x",
		script: `1 button_displayed {"client_email":"a@b.example"}` + "\n" +
			" 9 disclaimer_ok",
		want: []string{"warning before-consent d/1 /2/client_email"},
	},
}

// consentSituations are about what was forwarded before consent.
var consentSituations = []situation{
	{
		name: "forwarded before consent",
		plan: "severity: {personal-data-forwarded: off}",
		script: asked +
			`1.1 hit https://stats.example/c d/2 {"query":{"em":"ada@d.example"}} has /2/client_email /query/em` + "\n" +
			" 9 disclaimer_ok" + left,
		want: []string{"warning before-consent d/2 /2/client_email", "warning before-consent d/2 /2/client_name", "warning before-consent d/hit-1 /query/em"},
	},
	{
		name: "forwarded after consent",
		plan: "severity: {personal-data-forwarded: off}",
		script: "0 opened\n" +
			" 1 disclaimer_ok\n" +
			` 9 button_displayed {"client_email":"ada@d.example"}` + "\n" +
			`9.1 hit https://stats.example/c d/3 {"query":{"em":"ada@d.example"}} has /2/client_email /query/em` + left,
	},
	{
		name: "a call from before, forwarded after consent",
		plan: "severity: {personal-data-forwarded: off}",
		script: asked +
			"9 disclaimer_ok\n" +
			`9.5 hit https://stats.example/c d/2 {"query":{"em":"ada@d.example"}} has /2/client_email /query/em` + left,
		want: []string{"warning before-consent d/2 /2/client_email", "warning before-consent d/2 /2/client_name"},
	},
	{
		name: "forwarded to the same site before consent",
		script: asked +
			`1.1 hit https://stats.d.example/c d/2 {"query":{"em":"ada@d.example"}} has /2/client_email /query/em` + "\n" +
			" 9 disclaimer_ok" + left,
		want: []string{"warning before-consent d/2 /2/client_email", "warning before-consent d/2 /2/client_name"},
	},
	{
		name: "forwarded without any consent",
		plan: "severity: {personal-data-forwarded: off}",
		script: asked +
			`1.1 hit https://stats.example/c d/2 {"query":{"em":"ada@d.example"}} has /2/client_email /query/em` + left,
	},
	{
		name:   "a guarded event is forwarded",
		plan:   "consent: {guards: [chat_requested]}",
		script: asked + `2.1 hit https://stats.example/c d/3 {"query":{"en":"chat_requested"}} has /0 /query/en` + left,
		want:   []string{"error before-consent d/3 /0", "error before-consent d/hit-1 /query/en"},
	},
	{
		name: "something else carries a guarded field",
		plan: "severity: {personal-data-forwarded: off}\nconsent: {guards: [/2/chat_id]}",
		script: asked +
			`2.1 hit https://www.google-analytics.com/g/collect d/3 {"query":{"v":"2","tid":"G-1","en":"scroll","ep.c":"c-17"}} has /2/chat_id /query/ep.c because time` + left,
		want: []string{"error before-consent d/3 /2/chat_id", "error before-consent d/hit-1 /query/ep.c"},
	},
	{
		name:   "something else is sent soon after a guarded event",
		plan:   "consent: {guards: [chat_requested]}",
		script: asked + `2.1 hit https://www.google-analytics.com/g/collect d/3 {"query":{"v":"2","tid":"G-1","en":"scroll"}} because time` + left,
		want:   []string{"error before-consent d/3 /0"},
	},
}

// On other sites than the plan's, the catalogue's consent applies.
func TestAuditElsewhere(t *testing.T) {
	p := parsePlan(t, "sites: [\"https://e.example/*\"]\nallow: {events: [ok]}\nconsent: {event: ok, guards: [button_displayed]}")
	r := journey.NewRecording(inspector(t).With(p))
	for _, rec := range recording(t, "1 button_displayed {\"client_email\":\"a@b.example\"}\n 9 disclaimer_ok\n 1 @e #t button_displayed\n 9 @e #t ok") {
		r.Add(rec)
	}
	var got []string
	for _, c := range r.Consents() {
		for _, s := range c.Before {
			got = append(got, c.Event+" "+s.What)
		}
	}
	if want := []string{"disclaimer_ok session_ctx.client_email", "ok button_displayed"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Facts about consent follow seq within a document, however little time was between.
// Findings need more than the tolerance. While a page is open, consent may still come.
func TestConsentAsFacts(t *testing.T) {
	const planned = "consent: {guards: [chat_requested, /2/client_email]}"
	const accept = planned + "\naccept: [{rule: before-consent, until: 2026-12-24}]"
	const off = planned + "\nseverity: {before-consent: off}"
	const email = ` button_displayed {"client_email":"a@b.example"}`
	for _, c := range []struct{ name, plan, script, want string }{
		{"at the same millisecond", planned, "0 opened\n 1 chat_requested\n 1 disclaimer_ok\n 9 closed", "before chat_requested ()"},
		{
			name: "within the tolerance",
			plan: planned,
			script: "0 opened\n" +
				" 1 chat_requested\n" +
				" 1.9 disclaimer_ok\n" +
				" 9 closed",
			want: "before chat_requested (900 ms before)",
		},
		{"beyond it", planned, "0 opened\n 1 chat_requested\n 2.5 disclaimer_ok\n 9 closed", "before chat_requested (1.5 s before) error"},
		{"after", planned, "0 opened\n 1 disclaimer_ok\n 1 chat_requested\n 9 closed", "after chat_requested"},
		{"a clock put back", planned, "0 opened\n 60 chat_requested\n 9 disclaimer_ok\n 20 closed", "before chat_requested ()"},
		{
			name: "both",
			plan: planned,
			script: "0 opened\n" +
				" 1" + email + "\n" +
				" 5 disclaimer_ok\n" +
				" 6" + email + "\n" +
				" 9 closed",
			want: "before session_ctx.client_email (4 s before) error, after session_ctx.client_email",
		},
		{"accepted", accept, "0 opened\n 1 chat_requested\n 2.5 disclaimer_ok\n 9 closed", "before chat_requested (1.5 s before)"},
		{"switched off", off, "0 opened\n 1 chat_requested\n 2.5 disclaimer_ok\n 9 closed", "before chat_requested (1.5 s before)"},
		{"still open", planned, "0 opened\n 1 chat_requested\n 9 chat_started", "not agreed so far, before chat_requested () error"},
		{"left", planned, "0 opened\n 1 chat_requested\n 9 closed", "never agreed, before chat_requested () error"},
		{"no plan", "name: x", "0 opened\n 1" + email + "\n 9 closed", "never agreed, before session_ctx.client_email ()"},
	} {
		p := parsePlan(t, c.plan)
		r := journey.NewRecording(inspector(t).With(p))
		for _, rec := range recording(t, c.script) {
			r.Add(rec)
		}
		var got []string
		for _, one := range r.Consents() {
			one.Accept(journey.NewAccepting(p, start))
			if one.Agreed == nil {
				got = append(got, one.Agreement())
			}
			for _, s := range one.Before {
				line := "before " + s.What + " (" + s.Earlier() + ")"
				if s.Found != nil {
					line += " " + string(s.Found.Severity)
				}
				got = append(got, line)
			}
			for _, s := range one.After {
				got = append(got, "after "+s.What)
			}
		}
		if text := strings.Join(got, ", "); text != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, text, c.want)
		}
	}
}

// TestConsentAloneHasOutcomes: a plan that only has guards of consent has outcomes for
// every visit.
func TestConsentAloneHasOutcomes(t *testing.T) {
	r := journey.NewRecording(inspector(t).With(parsePlan(t, "consent: {guards: [/2/client_email]}")))
	for _, rec := range recording(t, "0 opened\n 1 button_displayed\n 30 closed") {
		r.Add(rec)
	}
	var states []journey.State
	for o := range r.Outcomes(true) {
		states = append(states, o.State)
	}
	if !slices.Equal(states, []journey.State{journey.Met}) {
		t.Errorf("%q", states)
	}
}
