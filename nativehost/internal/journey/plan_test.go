package journey_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/plan"
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

// planCase is a plan, a visit, and all findings that must come of them.
type planCase struct {
	name, plan, script string
	want               []string // also those for information
}

var planCases = slices.Concat(countCases, orderCases, consentCases, schemaCases, settingCases)

// countCases are plans that say how often an event comes, and on which sites.
var countCases = []planCase{
	{"count met", "events: {chat_started: {count: 1}}", requested + started, nil},
	{"count not met", "events: {chat_started: {count: 1}}", requested, []string{"error missing-event"}},
	{
		name:   "count not met in one of two",
		plan:   "events: {chat_requested: {count: 1}}",
		script: requested + "1 @e #t button_displayed",
		want:   []string{"error missing-event"},
	},
	{
		name: "count exceeded",
		plan: "events: {chat_requested: {count: 1}}",
		script: requested +
			"3 chat_requested\n" +
			" 4 chat_requested",
		want: []string{"error unexpected-event d/3", "error unexpected-event d/4"},
	},
	{"at least", "events: {chat_requested: {count: \">=2\"}}", requested, []string{"error missing-event"}},
	{"at least, more", "events: {chat_requested: {count: \">=1\"}}", requested + "3 chat_requested", nil},
	{"at most", "events: {chat_requested: {count: \"<=1\"}}", requested + "3 chat_requested", []string{"error unexpected-event d/3"}},
	{"at most, none", "events: {chat_started: {count: \"<=1\"}}", requested, nil},
	{"none", "events: {error_message: {count: 0}}", requested, nil},
	{
		name:   "forbidden",
		plan:   "events: {error_message: {count: 0}}",
		script: requested + "3 error_message",
		want:   []string{"error unexpected-event d/3", "warning error-shown d/3"},
	},
	{"not in the middle", "events: {chat_started: {count: 1}}", "0 late\n" + requested, []string{"info mid-journey d/2"}},
	{
		name: "too often in the middle",
		plan: "events: {chat_requested: {count: 0}}",
		script: "0 late\n" +
			requested,
		want: []string{"info mid-journey d/2", "error unexpected-event d/3"},
	},
	{"not after a loss", "events: {chat_started: {count: 1}}", requested + "3 gap", []string{"error capture-gap d/3"}},

	{
		name: "nothing at all",
		plan: "events: {chat_started: {count: 1}, chat_requested: {count: \">=1\"}, button_displayed: {}, error_message: {count: 0}}",
		script: "0 opened\n" +
			" 9 closed",
		want: []string{"error missing-event", "error missing-event"},
	},
	{
		name: "nothing on its sites",
		plan: `sites: ["https://e.example"]` + "\n" +
			"events: {chat_started: {count: 1}}",
		script: requested,
		want:   []string{"error missing-event"},
	},
	{"another site", "sites: [\"https://e.example/*\"]\nevents: {chat_requested: {count: 0}}", requested, nil},
	{
		name: "its site",
		plan: `sites: ["https://*.example/*"]` + "\n" +
			"events: {chat_requested: {count: 0}}",
		script: requested,
		want:   []string{"error unexpected-event d/2"},
	},
}

// settingCases are plans that allow something or change how severe a rule is.
var settingCases = []planCase{
	{
		name: "allowed",
		plan: "allow: {events: [my_event], fields: [/2/tier]}",
		script: `1 my_event {"tier":1}` + "\n" +
			` 2 other_event {"tear":1}`,
		want: []string{"error undocumented-event d/2 /0", "warning undocumented-field d/2 /2/tear"},
	},
	{
		name: "severities",
		plan: "severity: {out-of-order: error, duplicate-event: off, wrong-type: info}",
		script: "1 pre_survey_submit\n" +
			" 1.05 pre_survey_submit\n" +
			` 3 button_displayed global_ctx {"widget_id":"7"}`,
		want: []string{"error out-of-order d/1", "error out-of-order d/2", "warning identity-changed d/3 /1/widget_id", "info wrong-type d/3 /1/widget_id"},
	},
	{
		name: "severities elsewhere",
		plan: `sites: ["https://e.example/*"]` + "\n" +
			"severity: {out-of-order: error, error-shown: off}",
		script: "1 pre_survey_submit\n" +
			" 2 @e error_message",
		want: []string{"warning out-of-order d/1"},
	},
}

func TestPlanRules(t *testing.T) {
	in := inspector(t)
	for _, c := range planCases {
		if got := lines(judge(in.With(parsePlan(t, c.plan)), visited(t, c.script))); !slices.Equal(got, c.want) {
			t.Errorf("%s:\n%s\n%s\n got %q\nwant %q", c.name, c.plan, c.script, got, c.want)
		}
	}
}

// Every finding of a plan's demand ends with the plan's reason.
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
