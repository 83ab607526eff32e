package journey_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/plan"
	"userlike-inspector/nativehost/internal/record"
)

func parsePlan(t testing.TB, text string) *plan.Plan {
	t.Helper()
	p, err := plan.Parse("plan.yaml", "/plan.yaml", []byte(text), func(string) ([]byte, error) { return nil, errors.New("no files here") })
	if err != nil {
		t.Fatalf("%s\n%v", text, err)
	}
	return p
}

const (
	requested = "1 button_displayed\n 2 chat_requested\n"
	started   = "2.5 chat_connected\n 5 chat_started\n"
)

var planCases = []struct {
	name, plan, script string
	want               []string
}{
	{"count met", "events: {chat_started: {count: 1}}", requested + started, nil},
	{"count not met", "events: {chat_started: {count: 1}}", requested, []string{"error missing-event"}},
	{"count not met in one of two", "events: {chat_requested: {count: 1}}", requested + "1 @e #t button_displayed", []string{"error missing-event"}},
	{"count exceeded", "events: {chat_requested: {count: 1}}", requested + "3 chat_requested\n 4 chat_requested", []string{"error unexpected-event d/3", "error unexpected-event d/4"}},
	{"at least", "events: {chat_requested: {count: \">=2\"}}", requested, []string{"error missing-event"}},
	{"at least, more", "events: {chat_requested: {count: \">=1\"}}", requested + "3 chat_requested", nil},
	{"at most", "events: {chat_requested: {count: \"<=1\"}}", requested + "3 chat_requested", []string{"error unexpected-event d/3"}},
	{"at most, none", "events: {chat_started: {count: \"<=1\"}}", requested, nil},
	{"none", "events: {error_message: {count: 0}}", requested, nil},
	{"forbidden", "events: {error_message: {count: 0}}", requested + "3 error_message", []string{"error unexpected-event d/3", "warning error-shown d/3"}},
	{"not in the middle", "events: {chat_started: {count: 1}}", "0 late\n" + requested, []string{"info mid-journey d/2"}},
	{"too often in the middle", "events: {chat_requested: {count: 0}}", "0 late\n" + requested, []string{"info mid-journey d/2", "error unexpected-event d/3"}},
	{"not after a loss", "events: {chat_started: {count: 1}}", requested + "3 gap", []string{"error capture-gap d/3"}},

	{"nothing at all", "events: {chat_started: {count: 1}, chat_requested: {count: \">=1\"}, button_displayed: {}, error_message: {count: 0}}", "0 opened\n 9 closed", []string{"error missing-event", "error missing-event"}},
	{"nothing on its sites", "sites: [\"https://e.example\"]\nevents: {chat_started: {count: 1}}", requested, []string{"error missing-event"}},
	{"another site", "sites: [\"https://e.example/*\"]\nevents: {chat_requested: {count: 0}}", requested, nil},
	{"its site", "sites: [\"https://*.example/*\"]\nevents: {chat_requested: {count: 0}}", requested, []string{"error unexpected-event d/2"}},

	{"after", "events: {chat_started: {after: [chat_requested]}}", requested + started, nil},
	{"not after", "events: {chat_requested: {after: [button_displayed, slot_check]}}", requested, []string{"error out-of-order d/2"}},
	{"after, at about the same time", "events: {chat_requested: {after: [disclaimer_ok]}}", requested + "2.9 disclaimer_ok", nil},
	{"after, but later", "events: {chat_requested: {after: [disclaimer_ok]}}", requested + "3 disclaimer_ok", []string{"error out-of-order d/2"}},
	{"before", "events: {button_displayed: {before: [chat_requested]}}", requested, nil},
	{"before, but later", "events: {disclaimer_ok: {before: [chat_requested]}}", requested + "3 disclaimer_ok", []string{"error out-of-order d/2"}},
	{"before, but never", "events: {disclaimer_ok: {before: [chat_requested]}}", requested, nil},
	{"before, at about the same time", "events: {disclaimer_ok: {before: [chat_requested]}}", requested + "2.9 disclaimer_ok", nil},
	{"before, in the middle", "events: {disclaimer_ok: {before: [chat_requested]}}", "0 late\n" + requested + "3 disclaimer_ok", []string{"info mid-journey d/2"}},
	{"catalogue and plan", "events: {pre_survey_submit: {after: [disclaimer_ok]}}", requested + "3 pre_survey_submit", []string{"error out-of-order d/3", "warning out-of-order d/3"}},

	{"within", "events: {chat_started: {after: [chat_requested], within: 10s}}", requested + started + "60 closed", nil},
	{"within, but later", "events: {chat_started: {after: [chat_requested], within: 2s}}", requested + started, []string{"error missing-event d/4"}},
	{"within, but never", "events: {chat_started: {after: [chat_requested], within: 30s}}", requested + "60 closed", []string{"error missing-event d/2"}},
	{"within, and the page was left", "events: {chat_started: {after: [chat_requested], within: 30s}}", requested + "20 closed", nil},
	{"within, and the page was left, but it must come", "events: {chat_started: {count: \">=1\", after: [chat_requested], within: 30s}}", requested + "20 closed", []string{"error missing-event"}},
	{"within, but never, and it must come", "events: {chat_started: {count: \">=1\", after: [chat_requested], within: 30s}}", requested + "60 closed", []string{"error missing-event d/2"}},
	{"within, from the newest", "events: {chat_started: {after: [chat_requested], within: 10s}}", "1 button_displayed\n 2 chat_requested\n 20 chat_requested\n 21 chat_connected\n 25 chat_started\n 90 closed", nil},
	{"within, and once more", "events: {message_client_terminating: {after: [message_operator_terminating], within: 10s}}", requested + started + "6 message_operator_terminating\n 10 message_client_terminating\n 40 message_client_terminating\n 50 message_operator_terminating\n 90 closed", []string{"error missing-event d/8"}},
	{"within, and once more too late", "events: {message_client_terminating: {after: [message_operator_terminating], within: 10s}}", requested + started + "6 message_operator_terminating\n 10 message_client_terminating\n 50 message_operator_terminating\n 90 message_client_terminating", []string{"error missing-event d/8"}},
	{"within, from the first event", "events: {chat_requested: {within: 1s}}", requested, nil},
	{"within, from the first event, too late", "events: {chat_started: {within: 3s}}", requested + started, []string{"error missing-event d/4"}},
	{"within, from the first event, never", "events: {disclaimer_ok: {within: 3s}}", requested + started, []string{"error missing-event d/1"}},
	{"within, from the first event, and the page was left", "events: {disclaimer_ok: {within: 30s}}", requested + "3 closed", []string{"error missing-event"}},
	{"within, from the first event, after a loss", "events: {disclaimer_ok: {within: 30s}}", requested + "3 gap", []string{"error capture-gap d/3"}},
	{"within, but just too late", "events: {chat_requested: {within: 999ms}}", requested, []string{"error missing-event d/2"}},
	{"within, in the middle", "events: {disclaimer_ok: {within: 3s}}", "0 late\n" + requested + started, []string{"info mid-journey d/2"}},
	{"within, with nothing armed", "events: {disclaimer_ok: {after: [slot_check], within: 3s}}", requested + started, nil},

	{"consent", "consent: {event: disclaimer_ok, guards: [chat_requested, /2/custom_data]}", "1 button_displayed {\"custom_data\":{\"a\":1}}\n 2 chat_requested\n 9 disclaimer_ok", []string{"error before-consent d/1 /2/custom_data", "error before-consent d/2 /0"}},
	{"consent that never comes", "consent: {event: disclaimer_ok, guards: [chat_requested]}", requested, []string{"error before-consent d/2 /0"}},
	{"consent in time", "consent: {event: disclaimer_ok, guards: [chat_requested, /2/client_email]}", "1 disclaimer_ok\n 2 button_displayed\n 3 chat_requested {\"client_email\":\"a@b.example\"}", nil},
	{"consent by another event", "allow: {events: [cookie_ok]}\nconsent: {event: cookie_ok, guards: [chat_requested]}", "1 button_displayed\n 2 cookie_ok\n 4 chat_requested", nil},
	{"consent, usual guards", "consent: {event: disclaimer_ok}", "1 button_displayed {\"client_name\":\"A\",\"custom_data\":{\"a\":1}}", []string{"error before-consent d/1 /2/client_name"}},
	{"consent, deep in a field", "consent: {guards: [/2/custom_data/who]}", "1 button_displayed {\"custom_data\":{\"a\":1}}\n 3 button_displayed {\"custom_data\":{\"who\":\"A\"}}", []string{"error before-consent d/2 /2/custom_data/who"}},
	{"consent in the middle", "consent: {event: disclaimer_ok, guards: [chat_requested]}", "0 late\n" + requested, []string{"info mid-journey d/2"}},
	{"consent elsewhere", "sites: [\"https://e.example/*\"]\nallow: {events: [ok]}\nconsent: {event: ok, guards: [button_displayed]}", "1 button_displayed {\"client_email\":\"a@b.example\"}\n 9 disclaimer_ok", []string{"warning before-consent d/1 /2/client_email"}},
	{"a plan without consent", "name: x", "1 button_displayed {\"client_email\":\"a@b.example\"}\n 9 disclaimer_ok", []string{"warning before-consent d/1 /2/client_email"}},

	{"custom_data", "custom_data: {required: [a], properties: {b: {type: integer}}}", "1 button_displayed {\"custom_data\":{\"b\":\"1\"}}\n 3 button_displayed", []string{"error custom-data d/1 /2/custom_data/a", "error custom-data d/1 /2/custom_data/b"}},
	{"custom_data, other demands", "custom_data: {properties: {a: {enum: [x, y]}, b: {minimum: 3}, c: {type: [string, 'null']}, d: {const: 1}, e: {pattern: '^a'}, f: {anyOf: [{type: string}, {minimum: 5}]}, g: {maxItems: 1}, h: false, i: {format: date}, j: {unevaluatedProperties: false}, k: {uniqueItems: true}, l: {dependentRequired: {a: [b]}}}, patternProperties: {'^x-': {type: integer}}, additionalProperties: false}", "1 button_displayed {\"custom_data\":{\"a\":\"z\",\"b\":2,\"c\":1,\"d\":2,\"e\":\"b\",\"f\":1,\"g\":[1,2],\"h\":1,\"i\":\"x\",\"j\":{\"k\":1},\"k\":[1,1.0],\"l\":{\"a\":1},\"x-1\":1,\"x-2\":\"1\",\"y\":1}}", []string{
		"error custom-data d/1 /2/custom_data/a", "error custom-data d/1 /2/custom_data/b", "error custom-data d/1 /2/custom_data/c", "error custom-data d/1 /2/custom_data/d",
		"error custom-data d/1 /2/custom_data/e", "error custom-data d/1 /2/custom_data/f", "error custom-data d/1 /2/custom_data/g", "error custom-data d/1 /2/custom_data/h",
		"error custom-data d/1 /2/custom_data/i", "error custom-data d/1 /2/custom_data/j/k", "error custom-data d/1 /2/custom_data/k", "error custom-data d/1 /2/custom_data/l/b",
		"error custom-data d/1 /2/custom_data/x-2", "error custom-data d/1 /2/custom_data/y",
	}},
	{"custom_data that is not all there", "custom_data: {required: [a], properties: {b: {maxLength: 3}, c: {required: [x], properties: {y: {type: string}}}, d: {type: number}}}", "1 button_displayed {\"custom_data\":{\"a\":1,\"b\":\"long\",\"c\":{\"y\":1}}} note /2/custom_data/b truncated note /2/custom_data/c truncated note /2/custom_data/d getter", []string{"error custom-data d/1 /2/custom_data/c/y"}},
	{"contexts", "events: {button_displayed: {session_ctx: {required: [operator_id]}, global_ctx: {properties: {widget_id: {const: 7}}}}}", "1 button_displayed", []string{"error context d/1 /1/widget_id", "error context d/1 /2/operator_id"}},
	{"allowed", "allow: {events: [my_event], fields: [/2/tier]}", "1 my_event {\"tier\":1}\n 2 other_event {\"tear\":1}", []string{"error undocumented-event d/2 /0", "warning undocumented-field d/2 /2/tear"}},
	{"severities", "severity: {out-of-order: error, duplicate-event: off, wrong-type: info}", "1 pre_survey_submit\n 1.05 pre_survey_submit\n 3 button_displayed global_ctx {\"widget_id\":\"7\"}", []string{"error out-of-order d/1", "error out-of-order d/2", "warning identity-changed d/3 /1/widget_id", "info wrong-type d/3 /1/widget_id"}},
	{"severities elsewhere", "sites: [\"https://e.example/*\"]\nseverity: {out-of-order: error, error-shown: off}", "1 pre_survey_submit\n 2 @e error_message", []string{"warning out-of-order d/1"}},
}

func TestPlanRules(t *testing.T) {
	in := inspector(t)
	for _, c := range planCases {
		if got := lines(judge(in.With(parsePlan(t, c.plan)), visited(t, c.script))); !slices.Equal(got, c.want) {
			t.Errorf("%s:\n%s\n%s\n got %q\nwant %q", c.name, c.plan, c.script, got, c.want)
		}
	}
}

// Whatever a plan finds missing, too much or too early, it says why it wants it so.
func TestPlanSaysWhy(t *testing.T) {
	in := inspector(t)
	for _, c := range []struct{ plan, script string }{
		{"chat_started: {count: 1, because: the bonus is paid by it}", requested},
		{"chat_requested: {count: 0, because: the bonus is paid by it}", requested},
		{"chat_started: {after: [chat_requested], within: 10s, because: the bonus is paid by it}", requested + "60 closed"},
		{"chat_started: {after: [chat_requested], within: 1s, because: the bonus is paid by it}", requested + started + "60 closed"},
		{"chat_requested: {after: [disclaimer_ok], because: the bonus is paid by it}", requested},
		{"disclaimer_ok: {before: [chat_requested], because: the bonus is paid by it}", requested + "9 disclaimer_ok"},
	} {
		found := judge(in.With(parsePlan(t, "events: {"+c.plan+"}")), visited(t, c.script))
		if !slices.ContainsFunc(found, func(f journey.Finding) bool {
			return strings.HasSuffix(f.Message, " The plan says why: the bonus is paid by it.")
		}) {
			t.Errorf("%s: %v do not say why", c.plan, found)
		}
	}
}

// On other sites than the plan's, consent is what the catalogue says.
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

// What the plan's schemas demand has an outcome as well, and where addresses are
// hidden nothing is said of what may be elsewhere.
func TestOutcomesOfSchemas(t *testing.T) {
	const p = "sites: [\"https://d.example/cart*\"]\nevents: {chat_requested: {session_ctx: {required: [chat_id]}}}\ncustom_data: {properties: {total: {type: number, minimum: 1}}}"
	hide := func(r *record.Record, places ...string) { r.Redacted = places }
	for _, c := range []struct {
		name, script string
		change       func([]*record.Record)
		want         []string
	}{
		{"met", `1 !https://d.example/cart button_displayed {"custom_data":{"total":3}}` + "\n" + `2 !https://d.example/cart chat_requested {"chat_id":"a"}`, nil, []string{"session_ctx.custom_data by the plan's schema met", "chat_requested session_ctx by the plan's schema met"}},
		{"broken", `1 !https://d.example/cart button_displayed {"custom_data":{"total":"3"}}` + "\n" + `2 !https://d.example/cart chat_requested`, nil, []string{"session_ctx.custom_data by the plan's schema missing: 1 of 1 call broke it", "chat_requested session_ctx by the plan's schema missing: 1 of 1 call broke it"}},
		{"no such value", "1 !https://d.example/cart button_displayed", nil, nil},
		{"cut", `1 !https://d.example/cart button_displayed {"custom_data":{"total":0}} note /2/custom_data/total truncated`, nil, []string{"session_ctx.custom_data by the plan's schema not judgeable: the record holds too little of 1 value: hidden or cut"}},
		{"hidden", `1 !https://d.example/cart button_displayed {"custom_data":{"total":3}}`, func(all []*record.Record) { hide(all[0], "/args/2/custom_data") }, []string{"session_ctx.custom_data by the plan's schema not judgeable: the record holds too little of 1 value: hidden or cut"}},
		{"elsewhere", `1 !https://d.example/help button_displayed {"custom_data":{"total":0}}`, nil, nil},
		{"nobody knows where", `1 !https://d.example/Qxf button_displayed {"custom_data":{"total":0}}` + "\n2 !https://d.example/Qxf chat_requested", func(all []*record.Record) { hide(all[0], "/url"); hide(all[1], "/url") }, nil},
	} {
		records := recording(t, c.script)
		if c.change != nil {
			c.change(records)
		}
		j := journey.NewRecording(inspector(t).With(parsePlan(t, p)))
		for _, r := range records {
			j.Add(r)
		}
		j.End()
		var got []string
		for o := range j.Outcomes(true) {
			line := strings.TrimSpace(o.Event + " " + o.Expected + " " + string(o.State))
			if o.Why != "" {
				line += ": " + o.Why
			}
			got = append(got, line)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
	}

	records := recording(t, "0 !https://d.example/Qxf opened\n1 !https://d.example/Qxf button_displayed\n90 !https://d.example/Qxf closed")
	for _, r := range records {
		hide(r, "/url")
	}
	j := journey.NewRecording(inspector(t).With(parsePlan(t, "sites: [\"https://d.example/cart*\"]\nevents: {chat_started: {count: 1}, button_displayed: {count: 0}}")))
	for _, r := range records {
		j.Add(r)
	}
	if found := lines(j.End()); found != nil {
		t.Errorf("found %q on pages that may be elsewhere", found)
	}
	n := 0
	for o := range j.Outcomes(true) {
		if n++; o.State != journey.Unjudged || !strings.Contains(o.Why, "hidden") {
			t.Errorf("%+v", o)
		}
	}
	if n != 2 {
		t.Errorf("%d outcomes, want 2", n)
	}
}

// What was sent before the contact agreed is told by seq within a document, however
// little time was between, and accused beyond the tolerance alone: by the same
// findings as elsewhere. What has not come may still come while a page is open.
func TestConsentAsFacts(t *testing.T) {
	const planned = "consent: {guards: [chat_requested, /2/client_email]}"
	const accept = planned + "\naccept: [{rule: before-consent, until: 2026-12-24}]"
	const off = planned + "\nseverity: {before-consent: off}"
	const email = ` button_displayed {"client_email":"a@b.example"}`
	for _, c := range []struct{ name, plan, script, want string }{
		{"at the same millisecond", planned, "0 opened\n 1 chat_requested\n 1 disclaimer_ok\n 9 closed", "before chat_requested ()"},
		{"within the tolerance", planned, "0 opened\n 1 chat_requested\n 1.9 disclaimer_ok\n 9 closed", "before chat_requested (900 ms before)"},
		{"beyond it", planned, "0 opened\n 1 chat_requested\n 2.5 disclaimer_ok\n 9 closed", "before chat_requested (1.5 s before) error"},
		{"after", planned, "0 opened\n 1 disclaimer_ok\n 1 chat_requested\n 9 closed", "after chat_requested"},
		{"a clock put back", planned, "0 opened\n 60 chat_requested\n 9 disclaimer_ok\n 20 closed", "before chat_requested ()"},
		{"both", planned, "0 opened\n 1" + email + "\n 5 disclaimer_ok\n 6" + email + "\n 9 closed", "before session_ctx.client_email (4 s before) error, after session_ctx.client_email"},
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
