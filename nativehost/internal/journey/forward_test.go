package journey_test

import (
	"fmt"
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

// handedOn are recordings with hits, and the findings that they must have.
var handedOn = slices.Concat(forwardSituations, carrySituations, unknownSituations,
	twiceSituations, personalSituations, simulatedSituations, consentSituations)

// forwardSituations are about what a plan wants to arrive at a place.
var forwardSituations = []situation{
	{"arrived in a queue", toQueue, asked + `2 hit dataLayer d/3 [{"event":"chat_requested"}] has /0 /0/event` + left, nil},
	{"nothing arrived at all", toQueue, asked + left, []string{"error not-forwarded d/3"}},
	{"a part of a recording that ends with a call", toQueue, "0 lost\n 1 button_displayed\n 2 chat_requested\n ends", nil},
	{"a part of a recording that goes on for long enough", toQueue, "0 lost\n 1 button_displayed\n 2 chat_requested\n 30 button_displayed", []string{"error not-forwarded d/3"}},
	{
		name:   "something else arrived",
		plan:   toQueue,
		script: asked + `1 hit dataLayer d/2 [{"event":"button_displayed"}] has /0 /0/event` + left,
		want:   []string{"error not-forwarded d/3"},
	},
	{
		name:   "it arrived in another queue",
		plan:   toQueue,
		script: asked + `2 hit dataLayer2 d/3 [{"event":"chat_requested"}] has /0 /0/event` + left,
		want:   []string{"error not-forwarded d/3"},
	},
	{"it arrived without its name", toQueue, asked + `2 hit dataLayer d/3 [{"event":"chat"}]` + left, []string{"error not-forwarded d/3"}},
	{"its name as a word of a text", toQueue, asked + `2 hit dataLayer d/3 [["track","Chat: chat_requested"]]` + left, nil},
	{
		name:   "its name within a longer one",
		plan:   toQueue,
		script: asked + `2 hit dataLayer d/3 [["track","chat_requested_again"]]` + left,
		want:   []string{"error not-forwarded d/3"},
	},
	{"its name in JSON in a text", toQueue, asked + `2 hit dataLayer d/3 [["track","{\"name\":\"chat_requested\"}"]]` + left, nil},
	{
		name:   "its name in base64",
		plan:   toStats,
		script: asked + `2 hit https://stats.example/c d/3 {"body":"eyJuYW1lIjoiY2hhdF9yZXF1ZXN0ZWQifQ=="}` + left,
	},
	{"its name in the path", toStats, asked + `2 hit https://stats.example/c/chat_requested d/3 {"query":{}}` + left, nil},
	{"in time", toStats, asked + `6.9 hit https://eu.stats.example/c d/3 {"query":{"en":"chat_requested"}} has /0 /query/en` + left, nil},
	{
		name: "too late",
		plan: toStats,
		script: asked +
			`7.2 hit https://eu.stats.example/c d/3 {"query":{"en":"chat_requested"}} has /0 /query/en` + left,
		want: []string{"error not-forwarded d/3"},
	},
	{
		name:   "at another path",
		plan:   toStats,
		script: asked + `3 hit https://stats.example/d d/3 {"query":{"en":"chat_requested"}} has /0 /query/en` + left,
		want:   []string{"error not-forwarded d/3"},
	},
	{
		name:   "by the name that it has there",
		plan:   "forward: [{to: dataLayer, events: {chat_requested: Asked}}]",
		script: asked + `2 hit dataLayer d/3 [["track","Asked"]]` + left,
	},
	{
		name:   "by its own name where it has another",
		plan:   "forward: [{to: dataLayer, events: {chat_requested: Asked}}]",
		script: asked + `2 hit dataLayer d/3 [["track","chat_requested"]] has /0 /0/1` + left,
		want:   []string{"error not-forwarded d/3"},
	},
	{
		name:   "the name is no whole value",
		plan:   "forward: [{to: dataLayer, events: {chat_requested: Asked}}]",
		script: asked + `2 hit dataLayer d/3 [["track","Asked for"]]` + left,
		want:   []string{"error not-forwarded d/3"},
	},
	{
		name: "a batch, of which one is there",
		plan: "forward: [{to: stats.example, events: [chat_requested, button_displayed]}]",
		script: asked +
			`3 hit https://stats.example/c d/2,d/3 {"body":[{"en":"button_displayed"},{"en":"page"}]} has /0 /body/0/en` + left,
		want: []string{"error not-forwarded d/3"},
	},
	{"off the plan's sites", "sites: [\"https://shop.example/*\"]\n" + toQueue, asked + left, nil},
	{
		name: "before its call in the file",
		plan: toQueue,
		script: "0 opened\n" +
			" 1 button_displayed\n" +
			` 2 hit dataLayer d/3 [{"event":"chat_requested"}] has /0 /0/event` + "\n" +
			" 2 chat_requested" + left,
	},
	{
		name: "in another document's batch",
		plan: toStats,
		script: "0 opened\n" +
			" 1 button_displayed\n" +
			" 2 chat_requested\n" +
			" 2.5 closed\n" +
			" 3 @d2 opened\n" +
			` 4 @d2 hit https://stats.example/c d/3 {"query":{"en":"chat_requested"}} has /0 /query/en` + "\n" +
			" 30 @d2 closed",
	},
}

// adaByron is the SHA-256 hash of "ada byron".
var adaByron = record.Hashes("ada byron")[0].Text

// carrySituations are about what a hit has to carry.
var carrySituations = []situation{
	{
		name: "it carries what it has to",
		plan: "forward: [{to: dataLayer, events: [chat_requested], carry: [/2/chat_id, /1/widget_id, /2/client_email]}]",
		script: asked +
			`2 hit dataLayer d/3 [{"event":"chat_requested","chat":"c-17","widget":2}] has /0 /0/event has /2/chat_id /0/chat` + left,
	},
	{
		name: "it carries a hash",
		plan: "forward: [{to: dataLayer, events: [button_displayed], carry: [/2/client_email]}]",
		script: asked +
			`1 hit dataLayer d/2 [{"event":"button_displayed","em":"x"}] has /0 /0/event has /2/client_email /0/em=sha256` + left,
	},
	{
		name: "it carries it in another case",
		plan: "forward: [{to: dataLayer, events: [button_displayed], carry: [/2/client_email]}]",
		script: "0 opened\n" +
			` 1 button_displayed {"client_email":"Ada@D.example"}` + "\n" +
			`1 hit dataLayer d/2 [{"event":"button_displayed","em":"ada@d.example"}] has /0 /0/event has /2/client_email /0/em` + left,
	},
	{
		name: "a batch has it in another case",
		plan: "forward: [{to: stats.example/c, events: [button_displayed], carry: [/2/client_email]}]",
		script: "0 opened\n" +
			` 1 button_displayed {"client_email":"Ada@D.example"}` + "\n" +
			` 2 chat_requested {"client_email":"Ada@D.example"}` + "\n" +
			`3 hit https://stats.example/c d/2,d/3 {"body":[{"en":"button_displayed","em":"ada@d.example"},{"en":"chat_requested"}]}` +
			` has /0 /body/0/en has /0 /body/1/en has /2/client_email /body/0/em` + left,
		want: []string{"warning personal-data-forwarded d/hit-1 /body/0/em"},
	},
	{
		name: "a batch has it of another call",
		plan: "forward: [{to: stats.example/c, events: [chat_requested], carry: [/2/chat_id]}]",
		script: asked + `2.5 chat_requested {"chat_id":"c-18"}` + "\n" +
			`3 hit https://stats.example/c d/3,d/4 {"body":[{"en":"chat_requested","chat":"c-17"},{"en":"chat_requested"}]}` +
			` has /0 /body/0/en has /0 /body/1/en has /2/chat_id /body/0/chat` + left,
		want: []string{"error not-forwarded d/4"},
	},
	{
		name: "a batch has the hash of another call's",
		plan: "forward: [{to: stats.example/c, events: [button_displayed, chat_requested], carry: [/2/client_name]}]",
		script: "0 opened\n" +
			` 1 button_displayed {"client_name":"Ada Byron"}` + "\n" +
			` 2 chat_requested {"client_name":"Ada Lovelace"}` + "\n" +
			`3 hit https://stats.example/c d/2,d/3 {"body":[{"en":"button_displayed","n":"` + adaByron + `"},{"en":"chat_requested"}]}` +
			` has /0 /body/0/en has /0 /body/1/en has /2/client_name /body/0/n=sha256` + left,
		want: []string{"error not-forwarded d/3", "warning personal-data-forwarded d/hit-1 /body/0/n"},
	},
	{
		name: "a batch has the hashes of both calls, as Google's tag writes them",
		plan: "forward: [{to: stats.d.example/c, events: [button_displayed, chat_requested], carry: [/2/client_name]}]",
		script: "0 opened\n" +
			` 1 button_displayed {"client_name":"Ada Byron"}` + "\n" +
			` 2 chat_requested {"client_name":"Ada Byron"}` + "\n" +
			`3 hit https://stats.d.example/c d/2,d/3 {"body":[{"en":"button_displayed","n":"tv.1~fn.` + record.Hashes("ada byron")[3].Text + `"},{"en":"chat_requested"}]}` +
			` has /0 /body/0/en has /0 /body/1/en has /2/client_name /body/0/n=sha256` + left,
	},
	{
		name:   "it lacks what it has to carry",
		plan:   "forward: [{to: dataLayer, events: [chat_requested], carry: [/2/chat_id]}]",
		script: asked + `2 hit dataLayer d/3 [{"event":"chat_requested","chat":"c-18"}] has /0 /0/event` + left,
		want:   []string{"error not-forwarded d/3"},
	},
	{
		name: "all of custom_data",
		plan: "forward: [{to: dataLayer, events: [chat_requested], carry: [/2/custom_data/items/*/sku]}]",
		script: "0 opened\n" +
			" 1 button_displayed\n" +
			` 2 chat_requested {"custom_data":{"items":[{"sku":"a-1","n":3},{"sku":"b-2"}]}}` + "\n" +
			`2 hit dataLayer d/3 [{"event":"chat_requested","skus":"a-1, b-2"}] has /0 /0/event` + left,
	},
	{
		name: "not all of custom_data",
		plan: "forward: [{to: dataLayer, events: [chat_requested], carry: [/2/custom_data/items/*/sku]}]",
		script: "0 opened\n" +
			" 1 button_displayed\n" +
			` 2 chat_requested {"custom_data":{"items":[{"sku":"a-1"},{"sku":"b-2"}]}}` + "\n" +
			`2 hit dataLayer d/3 [{"event":"chat_requested","skus":"a-1"}] has /0 /0/event` + left,
		want: []string{"error not-forwarded d/3"},
	},
}

// unknownSituations are those in which nobody can know whether it arrived.
var unknownSituations = []situation{
	{"unreadable", toStats, asked + `3 hit https://stats.example/c d/3 because time unreadable` + left, nil},
	{
		name: "unreadable, and taken for another call's",
		plan: toStats,
		script: asked +
			`3 button_displayed` + "\n" +
			`3.1 hit https://stats.example/c d/4 because time unreadable` + left,
	},
	{
		name: "unreadable, of another document, and taken for another call's",
		plan: toStats,
		script: asked +
			`3 button_displayed` + "\n" +
			`3.1 @d9 hit https://stats.example/c d/4 because time unreadable` + left,
	},
	{
		name: "unreadable, of another document, and taken for a call of a third one",
		plan: toStats,
		script: asked +
			`3 @e #t ~b button_displayed` + "\n" +
			`3.1 @d9 hit https://stats.example/c e/1 because time unreadable` + left,
	},
	{
		name: "unreadable, in another tab",
		plan: toStats,
		script: asked +
			`3 @e #t ~b ^2 button_displayed` + "\n" +
			`3.1 @e9 ^2 hit https://stats.example/c e/1 because time unreadable` + left,
		want: []string{"error not-forwarded d/3"},
	},
	{
		name:   "unreadable elsewhere",
		plan:   toStats,
		script: asked + `3 hit https://other.example/c d/3 because time unreadable` + left,
		want:   []string{"error not-forwarded d/3"},
	},
	{
		name:   "unreadable long after it",
		plan:   toStats,
		script: asked + `9 hit https://stats.example/c d/3 because time unreadable` + left,
		want:   []string{"error not-forwarded d/3"},
	},
	{"cut", toStats, asked + `3 hit https://stats.example/c d/3 {"body":"a long text"} note /body truncated` + left, nil},
	{"left within the time", toStats, asked + `6 closed`, nil},
	{"left behind the time", toStats, asked + `7.1 closed`, []string{"error not-forwarded d/3"}},
	{"paused", toStats, asked + `4 paused` + left, []string{"error capture-gap d/4"}},
	{
		name: "calls lost much later",
		plan: toStats,
		script: asked +
			"10 button_displayed\n" +
			" 20 gap" + left,
		want: []string{"error not-forwarded d/3", "error capture-gap d/5"},
	},
	{"the stand-in", toStats, "0 opened\n 1 button_displayed\n 2 standin chat_requested" + left, nil},
	{"where following is off", toStats, "0 opened\n 0.5 unfollowed\n 1 button_displayed\n 2 chat_requested" + left, nil},
	{"possible hits were not looked at", toStats, asked + "3 missed 1s" + left, []string{"warning capture-gap d/missed-1"}},
	{
		name: "they were not long before",
		plan: toStats,
		script: "0 opened\n" +
			" 1 button_displayed\n" +
			" 0.2 missed 1500ms\n" +
			" 2 chat_requested" + left,
		want: []string{"warning capture-gap d/missed-1"},
	},
	{
		name: "they were long before",
		plan: toStats,
		script: "0 opened\n" +
			" 1 button_displayed\n" +
			" 2 missed 1s\n" +
			" 9 chat_requested" + left,
		want: []string{"warning capture-gap d/missed-1", "error not-forwarded d/3"},
	},
	{
		name:   "they were after its time",
		plan:   toStats,
		script: asked + "9 missed 1s" + left,
		want:   []string{"error not-forwarded d/3", "warning capture-gap d/missed-1"},
	},
	{
		name:   "they were in another tab",
		plan:   toStats,
		script: asked + "3 @e ^2 missed 1s" + left,
		want:   []string{"error not-forwarded d/3", "warning capture-gap e/missed-1"},
	},
	{"they were in another document of the tab", toStats, asked + "3 @e missed 1s" + left, []string{"warning capture-gap e/missed-1"}},
	{"nobody knows where they were", toStats, asked + "3 missed 1s nowhere" + left, []string{"warning capture-gap missed/d/missed-1"}},
	{
		name: "the hit was seen all the same",
		plan: toStats,
		script: asked +
			`2.1 hit https://stats.example/c d/3 {"query":{"en":"chat_requested"}} has /0 /query/en` + "\n" +
			" 3 missed 1s" + left,
		want: []string{"warning capture-gap d/missed-2"},
	},
	{
		name: "it arrived hours later",
		plan: toStats,
		script: asked +
			`9000 hit https://stats.example/c d/3 {"query":{"en":"chat_requested"}} has /0 /query/en` + "\n" +
			" 9030 closed",
	},
}

// simulatedSituations have simulated calls, which are judged by where they went alone.
var simulatedSituations = []situation{
	{"a simulated call that did not arrive", toStats, "0 opened\n 1 simulated chat_started" + left, nil},
	{
		name: "simulated calls",
		plan: toStats,
		script: "0 opened\n" +
			" 1 simulated chat_requested\n" +
			" 9 simulated chat_requested\n" +
			`9.1 simulated hit https://stats.example/c d/3 {"query":{"en":"chat_requested",` +
			`"em":"x"}} has /0 /query/en has /2/client_email /query/em` + "\n" +
			`9.2 simulated hit https://stats.example/c d/3 {"query":{"en":"chat_requested","em":"x"}} has /0 /query/en` + left,
		want: []string{"error not-forwarded d/2", "warning forwarded-twice d/3", "warning personal-data-forwarded d/hit-1 /query/em"},
	},
}

// TestForwardOutcomes: each place of the plan has an outcome in each journey that has a
// call which must arrive there.
func TestForwardOutcomes(t *testing.T) {
	for _, c := range []struct{ plan, script, state, why string }{
		{toQueue, asked + `2 hit dataLayer d/3 [{"event":"chat_requested"}] has /0 /0/event` + left, "met", ""},
		{toQueue, asked + left, "missing", "1 of 1 call did not arrive"},
		{
			plan: toQueue,
			script: asked +
				`2 hit dataLayer d/3 [{"event":"chat_requested"}] has /0 /0/event` + "\n" +
				" 3 chat_requested" + left,
			state: "missing",
			why:   "1 of 2 calls did not arrive",
		},
		{
			plan:   toStats,
			script: asked + `3 hit https://stats.example/c d/3 because time unreadable` + left,
			state:  "not judgeable",
			why:    "what went to https://stats.example/c at 2026-11-22T10:00:03.000Z cannot be read in this browser",
		},
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

// TestTooManyCallsToFollow: where there were so many calls that the host could not keep them
// all, nobody knows whether the oldest ones arrived.
func TestTooManyCallsToFollow(t *testing.T) {
	for _, c := range []struct {
		name        string
		calls, tabs int
		seconds     float64
		want        []string
	}{
		{"as many as are kept", 9_900, 1, 4, []string{"error not-forwarded d/2"}},
		{"more, while its time ran", 10_100, 1, 4, nil},
		{"more, after its time", 10_100, 1, 60, []string{"error not-forwarded d/2"}},
		{"many in other tabs", 19_000, 10, 4, []string{"error not-forwarded d/2"}},
		{"too many in all tabs", 20_100, 10, 4, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var script strings.Builder
			script.WriteString("0 opened\n 1 chat_requested\n")
			for n := range c.calls {
				where := ""
				if tab := n % c.tabs; tab > 0 {
					where = fmt.Sprintf("@e%d ^%d ", tab, tab+1)
				}
				fmt.Fprintf(&script, " %.3f %sbutton_displayed\n", 1.1+float64(n)*c.seconds/float64(c.calls), where)
			}
			script.WriteString(" 90 closed")
			found := lines(judge(inspector(t).With(parsePlan(t, toStats)), recording(t, script.String())))
			found = slices.DeleteFunc(found, func(one string) bool { return !strings.Contains(one, "not-forwarded") })
			if !slices.Equal(found, c.want) {
				t.Errorf("found %q, want %q", found, c.want)
			}
		})
	}
}

// TestOlderProgramsFollowedNothing: recordings of older programs have no hits. They do not
// prove that calls were not forwarded.
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

// TestHitsInAnyOrder: findings do not depend on whether hits are in a file before their
// calls or at the end.
func TestHitsInAnyOrder(t *testing.T) {
	in := inspector(t)
	for _, c := range handedOn {
		judgedBy := in.With(parsePlan(t, c.plan+"\nname: P"))
		records := recording(t, c.script)
		isHit := (*record.Record).AboutHits
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
