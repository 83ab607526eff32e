package journey_test

import (
	"slices"
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/record"
)

// The same plan and visit for many.
const (
	toQueue = "forward: [{to: dataLayer, events: [chat_requested]}]"
	toStats = "forward: [{to: stats.example/c, events: [chat_requested], within: 5s}]"
	asked   = "0 opened\n 1 button_displayed {\"client_email\":\"ada@d.example\",\"client_name\":\"Ada\"}\n 2 chat_requested {\"chat_id\":\"c-17\"}\n "
	left    = "\n 30 closed"
)

// handedOn is what may be said of hits.
var handedOn = []situation{
	// What the plan wants.
	{"arrived in a queue", toQueue, asked + `2 hit dataLayer d/3 [{"event":"chat_requested"}] has /0 /0/event` + left, nil},
	{"nothing arrived at all", toQueue, asked + left, []string{"error not-forwarded d/3"}},
	{"something else arrived", toQueue, asked + `1 hit dataLayer d/2 [{"event":"button_displayed"}] has /0 /0/event` + left, []string{"error not-forwarded d/3"}},
	{"it arrived in another queue", toQueue, asked + `2 hit dataLayer2 d/3 [{"event":"chat_requested"}] has /0 /0/event` + left, []string{"error not-forwarded d/3"}},
	{"it arrived without its name", toQueue, asked + `2 hit dataLayer d/3 [{"event":"chat"}]` + left, []string{"error not-forwarded d/3"}},
	{"its name as a word of a text", toQueue, asked + `2 hit dataLayer d/3 [["track","Chat: chat_requested"]]` + left, nil},
	{"its name within a longer one", toQueue, asked + `2 hit dataLayer d/3 [["track","chat_requested_again"]]` + left, []string{"error not-forwarded d/3"}},
	{"its name in JSON in a text", toQueue, asked + `2 hit dataLayer d/3 [["track","{\"name\":\"chat_requested\"}"]]` + left, nil},
	{"its name in base64", toStats, asked + `2 hit https://stats.example/c d/3 {"body":"eyJuYW1lIjoiY2hhdF9yZXF1ZXN0ZWQifQ=="}` + left, nil},
	{"its name in the path", toStats, asked + `2 hit https://stats.example/c/chat_requested d/3 {"query":{}}` + left, nil},
	{"in time", toStats, asked + `6.9 hit https://eu.stats.example/c d/3 {"query":{"en":"chat_requested"}} has /0 /query/en` + left, nil},
	{"too late", toStats, asked + `7.2 hit https://eu.stats.example/c d/3 {"query":{"en":"chat_requested"}} has /0 /query/en` + left, []string{"error not-forwarded d/3"}},
	{"at another path", toStats, asked + `3 hit https://stats.example/d d/3 {"query":{"en":"chat_requested"}} has /0 /query/en` + left, []string{"error not-forwarded d/3"}},
	{"by the name that it has there", "forward: [{to: dataLayer, events: {chat_requested: Asked}}]", asked + `2 hit dataLayer d/3 [["track","Asked"]]` + left, nil},
	{"by its own name where it has another", "forward: [{to: dataLayer, events: {chat_requested: Asked}}]", asked + `2 hit dataLayer d/3 [["track","chat_requested"]] has /0 /0/1` + left, []string{"error not-forwarded d/3"}},
	{"the name is no whole value", "forward: [{to: dataLayer, events: {chat_requested: Asked}}]", asked + `2 hit dataLayer d/3 [["track","Asked for"]]` + left, []string{"error not-forwarded d/3"}},
	{"a batch, of which one is there", "forward: [{to: stats.example, events: [chat_requested, button_displayed]}]", asked + `3 hit https://stats.example/c d/2,d/3 {"body":[{"en":"button_displayed"},{"en":"page"}]} has /0 /body/0/en` + left, []string{"error not-forwarded d/3"}},
	{"it carries what it has to", "forward: [{to: dataLayer, events: [chat_requested], carry: [/2/chat_id, /1/widget_id, /2/client_email]}]", asked + `2 hit dataLayer d/3 [{"event":"chat_requested","chat":"c-17","widget":2}] has /0 /0/event has /2/chat_id /0/chat` + left, nil},
	{"it carries a hash", "forward: [{to: dataLayer, events: [button_displayed], carry: [/2/client_email]}]", asked + `1 hit dataLayer d/2 [{"event":"button_displayed","em":"x"}] has /0 /0/event has /2/client_email /0/em=sha256` + left, nil},
	{"it lacks what it has to carry", "forward: [{to: dataLayer, events: [chat_requested], carry: [/2/chat_id]}]", asked + `2 hit dataLayer d/3 [{"event":"chat_requested","chat":"c-18"}] has /0 /0/event` + left, []string{"error not-forwarded d/3"}},
	{"all of custom_data", "forward: [{to: dataLayer, events: [chat_requested], carry: [/2/custom_data/items/*/sku]}]", "0 opened\n 1 button_displayed\n 2 chat_requested {\"custom_data\":{\"items\":[{\"sku\":\"a-1\",\"n\":3},{\"sku\":\"b-2\"}]}}\n" + `2 hit dataLayer d/3 [{"event":"chat_requested","skus":"a-1, b-2"}] has /0 /0/event` + left, nil},
	{"not all of custom_data", "forward: [{to: dataLayer, events: [chat_requested], carry: [/2/custom_data/items/*/sku]}]", "0 opened\n 1 button_displayed\n 2 chat_requested {\"custom_data\":{\"items\":[{\"sku\":\"a-1\"},{\"sku\":\"b-2\"}]}}\n" + `2 hit dataLayer d/3 [{"event":"chat_requested","skus":"a-1"}] has /0 /0/event` + left, []string{"error not-forwarded d/3"}},
	{"off the plan's sites", "sites: [\"https://shop.example/*\"]\n" + toQueue, asked + left, nil},
	{"before its call in the file", toQueue, "0 opened\n 1 button_displayed\n 2 hit dataLayer d/3 [{\"event\":\"chat_requested\"}] has /0 /0/event\n 2 chat_requested" + left, nil},
	{"in another document's batch", toStats, "0 opened\n 1 button_displayed\n 2 chat_requested\n 2.5 closed\n 3 @d2 opened\n 4 @d2 hit https://stats.example/c d/3 {\"query\":{\"en\":\"chat_requested\"}} has /0 /query/en\n 30 @d2 closed", nil},

	// What nobody can know.
	{"unreadable", toStats, asked + `3 hit https://stats.example/c d/3 because time unreadable` + left, nil},
	{"unreadable, and taken for another call's", toStats, asked + `3 button_displayed` + "\n" + `3.1 hit https://stats.example/c d/4 because time unreadable` + left, nil},
	{"unreadable elsewhere", toStats, asked + `3 hit https://other.example/c d/3 because time unreadable` + left, []string{"error not-forwarded d/3"}},
	{"unreadable long after it", toStats, asked + `9 hit https://stats.example/c d/3 because time unreadable` + left, []string{"error not-forwarded d/3"}},
	{"cut", toStats, asked + `3 hit https://stats.example/c d/3 {"body":"a long text"} note /body truncated` + left, nil},
	{"left within the time", toStats, asked + `6 closed`, nil},
	{"left behind the time", toStats, asked + `7.1 closed`, []string{"error not-forwarded d/3"}},
	{"paused", toStats, asked + `4 paused` + left, []string{"error capture-gap d/4"}},
	{"calls lost much later", toStats, asked + "10 button_displayed\n 20 gap" + left, []string{"error not-forwarded d/3", "error capture-gap d/5"}},
	{"the stand-in", toStats, "0 opened\n 1 button_displayed\n 2 standin chat_requested" + left, nil},
	{"where following is off", toStats, "0 opened\n 0.5 unfollowed\n 1 button_displayed\n 2 chat_requested" + left, nil},
	{"it arrived hours later", toStats, asked + `9000 hit https://stats.example/c d/3 {"query":{"en":"chat_requested"}} has /0 /query/en` + "\n 9030 closed", nil},

	// Twice.
	{"twice in one request each", "", asked + `2.1 hit https://stats.example/c d/3 {"query":{"en":"chat_requested"}} has /0 /query/en` + "\n" + `3 hit https://stats.example/c d/3 {"query":{"en":"chat_requested"}} has /0 /query/en` + left, []string{"warning forwarded-twice d/3"}},
	{"three times is told once", "", asked + strings.Repeat(`2.1 hit https://stats.example/c d/3 {"query":{"en":"chat_requested"}} has /0 /query/en`+"\n", 3) + left, []string{"warning forwarded-twice d/3"}},
	{"twice in a queue", "", asked + `2 hit dataLayer d/3 [{"event":"chat_requested"},{"event":"chat_requested"}] has /0 /0/event has /0 /1/event` + left, []string{"warning forwarded-twice d/3"}},
	{"twice under another name", "", asked + `2 hit dataLayer d/3 [{"event":"Asked"},{"event":"Asked"}]` + left, []string{"warning forwarded-twice d/3"}},
	{"twice in a batch", "", asked + `2 hit https://stats.example/c d/3 {"body":[{"en":"chat_requested"},{"en":"chat_requested"}]} has /0 /body/0/en has /0 /body/1/en` + left, []string{"warning forwarded-twice d/3"}},
	{"the next batch has it again", "", asked + `2 hit https://stats.example/c d/2,d/3 {"body":[{"en":"button_displayed"},{"en":"chat_requested"}]} has /0 /body/0/en has /0 /body/1/en` + "\n" + `3 hit https://stats.example/c d/3 {"body":[{"en":"chat_requested"},{"en":"ping"}]} has /0 /body/0/en` + left, []string{"warning forwarded-twice d/3"}},
	{"with its own time and number", "", asked + `2.1 hit https://stats.example/c d/3 {"query":{"en":"chat_requested","_s":"1","t":"1764410000000"}} has /0 /query/en` + "\n" + `2.2 hit https://stats.example/c d/3 {"query":{"en":"chat_requested","_s":"2","t":"1764410000013"}} has /0 /query/en` + left, []string{"warning forwarded-twice d/3"}},
	{"with ids of their own", "", asked + `2.1 hit https://stats.example/c d/3 {"body":{"event":"chat_requested","messageId":"ajs-1"}} has /0 /body/event` + "\n" + `2.2 hit https://stats.example/c d/3 {"body":{"event":"chat_requested","messageId":"ajs-2"}} has /0 /body/event` + left, []string{"warning forwarded-twice d/3"}},
	{"sent again after an error", "", asked + `2.1 hit https://stats.example/c d/3 {"body":{"event":"chat_requested","messageId":"ajs-1"}} has /0 /body/event` + "\n" + `2.2 hit https://stats.example/c d/3 {"body":{"event":"chat_requested","messageId":"ajs-1"}} has /0 /body/event` + left, nil},
	{"sent again because it failed", "", asked + `2.1 hit https://stats.example/c d/3 {"query":{"en":"chat_requested"}} failed 80ms has /0 /query/en` + "\n" + `2.2 hit https://stats.example/c d/3 {"query":{"en":"chat_requested"}} has /0 /query/en` + left, nil},
	{"sent again before it failed", "", asked + `2.1 hit https://stats.example/c d/3 {"query":{"en":"chat_requested"}} failed 80ms has /0 /query/en` + "\n" + `2.11 hit https://stats.example/c d/3 {"query":{"en":"chat_requested"}} failed 80ms has /0 /query/en` + left, []string{"warning forwarded-twice d/3"}},
	{"later than two seconds", "", asked + `2.1 hit https://stats.example/c d/3 {"query":{"en":"chat_requested"}} has /0 /query/en` + "\n" + `4.2 hit https://stats.example/c d/3 {"query":{"en":"chat_requested"}} has /0 /query/en` + left, nil},
	{"two properties", "", asked + `2.1 hit https://stats.example/c d/3 {"query":{"en":"chat_requested","tid":"G-1"}} has /0 /query/en` + "\n" + `2.2 hit https://stats.example/c d/3 {"query":{"en":"chat_requested","tid":"G-2"}} has /0 /query/en` + left, nil},
	{"two hosts", "", asked + `2.1 hit https://www.google-analytics.com/g/collect d/3 {"query":{"en":"chat_requested"}} has /0 /query/en` + "\n" + `2.2 hit https://analytics.google.com/g/collect d/3 {"query":{"en":"chat_requested"}} has /0 /query/en` + left, nil},
	{"a queue and its copy", "", asked + `2 hit dataLayer d/3 [{"event":"chat_requested"}] has /0 /0/event` + "\n" + `2 hit _mtm d/3 [{"event":"chat_requested"}] has /0 /0/event` + left, nil},
	{"two calls of the same event", "", asked + "2.5 chat_requested {\"chat_id\":\"c-17\"}\n" + `2 hit dataLayer d/3 [{"event":"chat_requested"}] has /0 /0/event` + "\n" + `2.5 hit dataLayer d/4 [{"event":"chat_requested"}] has /0 /0/event` + left, nil},
	{"two equal calls in one batch", "", asked + "2.5 chat_requested {\"chat_id\":\"c-17\"}\n" + `3 hit https://stats.example/c d/3,d/4 {"body":[{"en":"chat_requested"},{"en":"chat_requested"}]} has /0 /body/0/en has /0 /body/1/en` + left, nil},
	{"what is pushed twice is not the call", "", asked + `2 hit dataLayer d/3 [{"ecommerce":null},{"event":"chat_requested"},{"ecommerce":null}] has /0 /1/event` + left, nil},
	{"pings beside the call", "", asked + `2.1 hit https://stats.example/c d/3 {"query":{"en":"ping"}} because time` + "\n" + `2.2 hit https://stats.example/c d/3 {"query":{"en":"ping"}} because time` + left, nil},
	{"who the contact is, twice", "", asked + `2.1 hit https://stats.example/c d/3 {"query":{"uid":"c"}} has /1/client_uuid /query/uid` + "\n" + `2.2 hit https://stats.example/c d/3 {"query":{"uid":"c"}} has /1/client_uuid /query/uid` + left, nil},

	// Who has got personal data.
	{"to another site", "", asked + `1.1 hit https://stats.example/c d/2 {"query":{"em":"ada@d.example"}} has /2/client_email /query/em` + left, []string{"warning personal-data-forwarded d/hit-1 /query/em"}},
	{"hashed", "", asked + `1.1 hit https://stats.example/c d/2 {"query":{"em":"x"}} has /2/client_email /query/em=sha256 has /2/operator_name /query/em=md5` + left, []string{"warning personal-data-forwarded d/hit-1 /query/em", "warning personal-data-forwarded d/hit-1 /query/em"}},
	{"what names nobody", "", asked + `2.1 hit https://stats.example/c d/3 {"query":{"id":"c-17"}} has /2/chat_id /query/id` + left, nil},
	{"to the same site", "", asked + `1.1 hit https://stats.d.example:8443/c d/2 {"query":{"em":"ada@d.example"}} has /2/client_email /query/em` + left, nil},
	{"to Userlike", "", asked + `1.1 hit https://api.userlike.com/c d/2 {"query":{"em":"ada@d.example"}} has /2/client_email /query/em` + left, nil},
	{"to Userlike's storage", "", asked + `1.1 hit https://userlike-cdn-widgets.s3-eu-west-1.amazonaws.com/c d/2 {"query":{"em":"ada@d.example"}} has /2/client_email /query/em` + left, nil},
	{"to somebody named alike", "", asked + `1.1 hit https://notuserlike.com/c d/2 {"query":{"em":"ada@d.example"}} has /2/client_email /query/em` + left, []string{"warning personal-data-forwarded d/hit-1 /query/em"}},
	{"to a queue", "", asked + `1 hit dataLayer d/2 [{"em":"ada@d.example"}] has /2/client_email /0/em` + left, nil},
	{"between ports of this computer", "", "0 !http://localhost:8000/ opened\n 1 !http://localhost:8000/ button_displayed {\"client_email\":\"ada@d.example\"}\n" + `1.1 !http://localhost:8000/ hit http://localhost:9000/c d/2 {"query":{"em":"ada@d.example"}} has /2/client_email /query/em` + "\n 30 !http://localhost:8000/ closed", []string{"warning personal-data-forwarded d/hit-1 /query/em"}},
	{"between addresses", "", "0 !http://10.0.0.1/ opened\n 1 !http://10.0.0.1/ button_displayed {\"client_email\":\"ada@d.example\"}\n" + `1.1 !http://10.0.0.1/ hit http://10.0.0.2/c d/2 {"query":{"em":"ada@d.example"}} has /2/client_email /query/em` + "\n 30 !http://10.0.0.1/ closed", []string{"warning personal-data-forwarded d/hit-1 /query/em"}},
	{"to the same address", "", "0 !http://10.0.0.1/ opened\n 1 !http://10.0.0.1/ button_displayed {\"client_email\":\"ada@d.example\"}\n" + `1.1 !http://10.0.0.1/ hit http://10.0.0.1/c d/2 {"query":{"em":"ada@d.example"}} has /2/client_email /query/em` + "\n 30 !http://10.0.0.1/ closed", nil},
	{"allowed by the plan", "personal_data: {allow: [stats.example]}", asked + `1.1 hit https://eu.stats.example/c d/2 {"query":{"em":"ada@d.example"}} has /2/client_email /query/em` + left, nil},
	{"not allowed by the plan", "personal_data: {allow: [stats.example]}", asked + `1.1 hit https://other.example/c d/2 {"query":{"em":"ada@d.example"}} has /2/client_email /query/em` + left, []string{"error personal-data-forwarded d/hit-1 /query/em"}},
	{"a queue that the plan does not allow", "personal_data: {allow: [stats.example]}", asked + `1 hit dataLayer d/2 [{"em":"ada@d.example"}] has /2/client_email /0/em` + left, []string{"error personal-data-forwarded d/hit-1 /0/em"}},
	{"a queue that the plan allows", "personal_data: {allow: [dataLayer]}", asked + `1 hit dataLayer d/2 [{"em":"ada@d.example"}] has /2/client_email /0/em` + left, nil},
	{"the plan does not want to know", "severity: {personal-data-forwarded: off}", asked + `1.1 hit https://stats.example/c d/2 {"query":{"em":"ada@d.example"}} has /2/client_email /query/em` + left, nil},

	// Simulated calls are judged by where they went alone.
	{"a simulated call that did not arrive", toStats, "0 opened\n 1 simulated chat_started" + left, nil},
	{"simulated calls", toStats, "0 opened\n 1 simulated chat_requested\n 9 simulated chat_requested\n" + `9.1 simulated hit https://stats.example/c d/3 {"query":{"en":"chat_requested","em":"x"}} has /0 /query/en has /2/client_email /query/em` + "\n" + `9.2 simulated hit https://stats.example/c d/3 {"query":{"en":"chat_requested","em":"x"}} has /0 /query/en` + left, []string{"error not-forwarded d/2", "warning forwarded-twice d/3", "warning personal-data-forwarded d/hit-1 /query/em"}},

	// Before consent.
	{"forwarded before consent", "severity: {personal-data-forwarded: off}", asked + `1.1 hit https://stats.example/c d/2 {"query":{"em":"ada@d.example"}} has /2/client_email /query/em` + "\n 9 disclaimer_ok" + left, []string{"warning before-consent d/2 /2/client_email", "warning before-consent d/2 /2/client_name", "warning before-consent d/hit-1 /query/em"}},
	{"forwarded after consent", "severity: {personal-data-forwarded: off}", "0 opened\n 1 disclaimer_ok\n 9 button_displayed {\"client_email\":\"ada@d.example\"}\n" + `9.1 hit https://stats.example/c d/3 {"query":{"em":"ada@d.example"}} has /2/client_email /query/em` + left, nil},
	{"a call from before, forwarded after consent", "severity: {personal-data-forwarded: off}", asked + "9 disclaimer_ok\n" + `9.5 hit https://stats.example/c d/2 {"query":{"em":"ada@d.example"}} has /2/client_email /query/em` + left, []string{"warning before-consent d/2 /2/client_email", "warning before-consent d/2 /2/client_name"}},
	{"forwarded to the same site before consent", "", asked + `1.1 hit https://stats.d.example/c d/2 {"query":{"em":"ada@d.example"}} has /2/client_email /query/em` + "\n 9 disclaimer_ok" + left, []string{"warning before-consent d/2 /2/client_email", "warning before-consent d/2 /2/client_name"}},
	{"forwarded without any consent", "severity: {personal-data-forwarded: off}", asked + `1.1 hit https://stats.example/c d/2 {"query":{"em":"ada@d.example"}} has /2/client_email /query/em` + left, nil},
	{"a guarded event is forwarded", "consent: {guards: [chat_requested]}", asked + `2.1 hit https://stats.example/c d/3 {"query":{"en":"chat_requested"}} has /0 /query/en` + left, []string{"error before-consent d/3 /0", "error before-consent d/hit-1 /query/en"}},
}

// TestHitsAreOfWhatIsJudged: a hit's verdicts are of its call's journey and event.
func TestHitsAreOfWhatIsJudged(t *testing.T) {
	found := judge(inspector(t), recording(t, asked+`1.1 hit https://stats.example/c d/2 {"query":{"em":"ada@d.example"}} has /2/client_email /query/em`+left))
	i := slices.IndexFunc(found, func(f journey.Finding) bool { return f.Rule == "personal-data-forwarded" })
	if i < 0 || found[i].Event != "button_displayed" || found[i].Journey != "s@d.example" || found[i].Actual != "plain" {
		t.Errorf("%+v", found)
	}
}

// TestForwardOutcomes: each place of the plan has an outcome in each journey with a call
// that has to be there.
func TestForwardOutcomes(t *testing.T) {
	for _, c := range []struct{ plan, script, state, why string }{
		{toQueue, asked + `2 hit dataLayer d/3 [{"event":"chat_requested"}] has /0 /0/event` + left, "met", ""},
		{toQueue, asked + left, "missing", "1 of 1 call did not arrive"},
		{toQueue, asked + "2 hit dataLayer d/3 [{\"event\":\"chat_requested\"}] has /0 /0/event\n 3 chat_requested" + left, "missing", "1 of 2 calls did not arrive"},
		{toStats, asked + `3 hit https://stats.example/c d/3 because time unreadable` + left, "not judgeable", "what went to https://stats.example/c at 2026-11-22T10:00:03.000Z cannot be read in this browser"},
		{toStats, asked + `4 closed`, "not judgeable", "the page was left before its time was over"},
		{toStats, "0 opened\n 1 button_displayed" + left, "", ""},
	} {
		r := journey.NewRecording(inspector(t).With(parsePlan(t, c.plan)))
		for _, rec := range recording(t, c.script) {
			r.Add(rec)
		}
		state, why := "", ""
		for o := range r.Outcomes(true) {
			if o.Event != "chat_requested" || o.Severity != "" && o.Severity != record.Error {
				t.Errorf("%+v", o)
			}
			state, why = string(o.State), o.Why
		}
		if state != c.state || why != c.why {
			t.Errorf("%s\n%s\n got %q, %q\nwant %q, %q", c.plan, c.script, state, why, c.state, c.why)
		}
	}
}

// TestConsentAloneHasOutcomes: a plan that only says what has to wait for consent is
// about every visit.
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

// TestOlderProgramsFollowedNothing: what an older program recorded says nothing of where
// calls went.
func TestOlderProgramsFollowedNothing(t *testing.T) {
	records := recording(t, "0 opened\n 0.5 loaded\n 1 button_displayed\n 2 chat_requested"+left)
	for _, c := range []struct {
		state record.State
		want  []string
	}{{record.Loaded, []string{"error not-forwarded d/4"}}, {"", nil}} {
		records[1].State = c.state
		if got := telling(judge(inspector(t).With(parsePlan(t, toQueue)), records)); !slices.Equal(got, c.want) {
			t.Errorf("state %q: got %q, want %q", c.state, got, c.want)
		}
	}
}

// TestHitsInAnyOrder: it decides nothing whether hits are in a file before their calls or
// behind everything.
func TestHitsInAnyOrder(t *testing.T) {
	in := inspector(t)
	for _, c := range handedOn {
		judgedBy := in.With(parsePlan(t, c.plan+"\nname: P"))
		records := recording(t, c.script)
		isHit := func(r *record.Record) bool { return r.Kind == record.Hit }
		var hits []*record.Record
		for _, r := range records {
			if isHit(r) {
				hits = append(hits, r)
			}
		}
		others := slices.DeleteFunc(slices.Clone(records), isHit)
		want := telling(judge(judgedBy, records))
		slices.Sort(want)
		for name, all := range map[string][]*record.Record{"before": slices.Concat(hits, others), "behind": slices.Concat(others, hits)} {
			got := telling(judge(judgedBy, all))
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("%s, with the hits %s everything:\n got %q\nwant %q", c.name, name, got, want)
			}
		}
	}
}
