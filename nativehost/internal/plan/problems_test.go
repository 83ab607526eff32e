package plan_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/plan"
)

// A wrongPlan is a plan with a mistake, and what the error says of it.
type wrongPlan struct{ name, text, want string }

var wrongPlans = slices.Concat(wrongText, wrongMembers, wrongEvents, wrongRules, wrongGuards, wrongChoices,
	wrongAcceptances, wrongPlaces, wrongReceivers, wrongBases, wrongSchemas)

// wrongText are about the file as YAML or JSON.
var wrongText = []wrongPlan{
	{"empty", "", "plan.yaml:1:1: the file is empty"},
	{"no map", "- a", "plan.yaml:1:1: found [\"a\"]; expected "},
	{"syntax", "a: [1\nb: 2", "plan.yaml:"},
	{"torn JSON", "{\"events\": {", "plan.yaml:1:12: not JSON: it ends too early"},
	{
		name: "indentation",
		text: "events:\n" +
			"  chat_started:\n" +
			"    count: 1\n" +
			"   before: []",
		want: "plan.yaml:4:4: not YAML: line 4 is indented by 3 spaces, line 3 by 4; lines that belong together begin at the same column\n" +
			"  4 |    before: []\n" +
			"    |    ^",
	},
	{"a tab", "events:\n\tchat_started: {}", "plan.yaml:2:1: not YAML: line 2 begins with a tab; indent it with spaces"},
	{
		name: "open bracket",
		text: "events: {chat_started: {count: 1}\n" +
			"name: x",
		want: "not YAML: a { before this is not closed by }, or a comma is missing",
	},
	{"open bracket at the end", "name: x\nevents: {", "plan.yaml:2:9: not YAML: the { that begins here is not closed by }"},
	{"open bracket behind a name", "events: {chat_started", "plan.yaml:1:10: not YAML: a { before this is not closed by }"},
	{"no colon", "name Shop\nevents: {}", "plan.yaml:1:1: not YAML: write a colon and a space after the name"},
	{"no space", "name:Shop\nevents: {}", "plan.yaml:1:1: not YAML: write a colon and a space after the name"},
	{"no colon at the end", "name: x\nevents:\n  chat_started: {}\n  chat_connected", "plan.yaml:4:3: not YAML: write a colon and a space after the name"},
	{"two colons", "name: a: b", "plan.yaml:1:7: not YAML: put quotes around a text that has a colon and a space in it"},
	{"a pattern", `custom_data: {pattern: "^\d+$"}`, "plan.yaml:1:27: not YAML: put single quotes around a text that has a \\ in it"},
	{"open list before more", "sites: [a\nname: x", "plan.yaml:2:1: not YAML: a [ before this is not closed by ], or a comma is missing"},
	{"open list", "name: a\nsites: [https://shop.example", "plan.yaml:2:8: not YAML: the [ that begins here is not closed by ]"},
	{"open quotes", "name: \"x\nevents: {}", "plan.yaml:1:7: not YAML: the quotes that begin here do not end"},
	{"broken JSON", "{\"name\": \"x\"\n \"events\": {}}", `plan.yaml:2:2: not JSON: unexpected '"'`},
	{"alias", "allow: &a {}\nseverity: *a", "plan.yaml:1:8: anchor is not used here: write the value itself"},
	{"tag", "name: !!binary aGk=", "plan.yaml:1:7: tag is not used here"},
	{"two documents", "name: a\n---\nname: b", "plan.yaml:3:"},
	{"not UTF-8", "name: \xff", "plan.yaml:1:1: this line is not text in UTF-8"},
	{"deep", strings.Repeat("[", 5000) + strings.Repeat("]", 5000), "values nest more than 200 deep"},
}

// wrongMembers are about names that have no meaning at the top.
var wrongMembers = []wrongPlan{
	{"event at the top", "name: x\nchat_started: {count: 1}", "plan.yaml:2:1: chat_started is an event; indent it below events:"},
	{
		name: "events beside events",
		text: "events:\n" +
			"chat_started: {count: 1}",
		want: "plan.yaml:2:1: chat_started is an event; indent it below events:\n" +
			"  2 | chat_started: {count: 1}\n" +
			"    | ^",
	},
	{
		name: "a recording",
		text: `{"v":1,"kind":"call"}` + "\n" +
			`{"v":1,"kind":"call"}` + "\n",
		want: "this is a recording, not a plan; a recording is named without --plan",
	},
	{
		name: "unknown member",
		text: "name: x\n" +
			"evnts: {}",
		want: `plan.yaml:2:1: "evnts" has no meaning here; expected accept, allow, consent, custom_data, events, extends, ` +
			`forward, name, personal_data, samples, severity or sites; did you mean events?`,
	},
	{"unknown member in JSON", "{\n  \"name\": \"x\",\n  \"evnts\": {}}", `plan.yaml:3:3: "evnts" has no meaning here`},
	{"a slash in a name", "name: x\n\"a/b~c\": 1", `plan.yaml:2:1: "a/b~c" has no meaning here`},
	{"a slash in a rule's name", "severity: {wrong/type: error}", `plan.yaml:1:12: there is no rule "wrong/type"`},
	{"twice", "name: x\nname: y", "plan.yaml:2:1: "},
}

// wrongEvents are about what events are demanded.
var wrongEvents = []wrongPlan{
	{
		name: "unknown event",
		text: "events:\n" +
			"  chat_strated: {count: 1}",
		want: `plan.yaml:2:3: there is no event "chat_strated"; expected a documented one, or one that allow.events lists; did you mean chat_started?`,
	},
	{"unknown event after", "events:\n  chat_started: {after: [chat_reqested]}", `plan.yaml:2:26: there is no event "chat_reqested"`},
	{
		name: "unknown in event",
		text: "events:\n" +
			"  chat_started:\n" +
			"    cuont: 1",
		want: `plan.yaml:3:5: "cuont" has no meaning here; expected after, because, before, count, global_ctx, per, ` +
			`session_ctx, when or within; did you mean count?`,
	},
	{
		name: "no object",
		text: "- a",
		want: `plan.yaml:1:1: found ["a"]; expected members such as accept, allow, consent, custom_data, events, extends, ` +
			`forward, name, personal_data, samples, severity or sites`,
	},
	{
		name: "count without quotes",
		text: "events:\n" +
			"  chat_started: {count: 1}\n" +
			"  chat_requested:\n" +
			"    count: >=1\n",
		want: `plan.yaml:4:12: not YAML: invalid header option: "=1"; put quotes around a text that begins with > or |, as in ">=1"`,
	},
	{"a long mistake", "a: |" + strings.Repeat("x", 1000), strings.Repeat("x", 50) + "…; put quotes"},
	{
		name: "count",
		text: "events:\n" +
			`  chat_started: {count: "=>1"}`,
		want: `plan.yaml:2:25: found "=>1"; expected how often it comes in a journey: a number such as 1, ">=1" or "<=3"`,
	},
	{"negative count", "events:\n  chat_started: {count: -1}", `plan.yaml:2:25: found -1; expected how often`},
	{"within", "events:\n  chat_started: {within: soon}", `plan.yaml:2:26: found "soon"; expected a time such as 30s`},
	{"within a number", "events:\n  chat_started: {within: 30}", `plan.yaml:2:26: found 30; expected a time such as 30s`},
	{
		name: "cycle",
		text: "events:\n" +
			"  chat_started: {before: [chat_requested]}\n" +
			"  chat_connected: {after: [chat_requested], before: [chat_started]}",
		want: "contradictory orders",
	},
	{
		name: "own cycle",
		text: "events:\n" +
			"  chat_started: {before: [chat_started]}",
		want: "plan.yaml:2:3: contradictory orders, of which one must go: plan.yaml:2: chat_started before chat_started",
	},
}

// wrongRules are about rules, sites and fields.
var wrongRules = []wrongPlan{
	{
		name: "rule",
		text: "severity: {wrong-tpye: error}",
		want: `plan.yaml:1:12: there is no rule "wrong-tpye"; expected one that userlike-inspector events lists; did you mean wrong-type?`,
	},
	{
		name: "severity",
		text: "severity: {wrong-type: eror}",
		want: `plan.yaml:1:24: found "eror"; expected error, warning, info or off; did you mean error?`,
	},
	{"severity true", "severity: {wrong-type: true}", `plan.yaml:1:24: found true; expected error, warning, info or off`},
	{
		name: "site",
		text: "sites: [shop.example]",
		want: `plan.yaml:1:9: "shop.example" can match no page: there is no scheme; write https://shop.example`,
	},
	{
		name: "field",
		text: "allow: {fields: [loyalty_tier]}",
		want: `plan.yaml:1:18: found "loyalty_tier"; expected the JSON Pointer of a context's field, such as /2/loyalty_tier`,
	},
}

// wrongGuards are about what consent guards.
var wrongGuards = []wrongPlan{
	{
		name: "guard that is a field",
		text: "consent: {guards: [client_email]}",
		want: `plan.yaml:1:20: "client_email" is no event but a field; write /2/client_email`,
	},
	{"guard in its context", "consent: {guards: [global_ctx.client_uuid]}", `write /1/client_uuid`},
	{"guard without slash", "consent: {guards: [2/client_email]}", `write /2/client_email`},
	{"guard as in JavaScript", "consent: {guards: [\"session_ctx.custom_data.items[*].mail\"]}", `write /2/custom_data/items/*/mail`},
	{
		name: "guard of own data",
		text: "consent: {guards: [items/*/mail]}",
		want: `plan.yaml:1:20: "items/*/mail" is no event but a field; write /2/custom_data/items/*/mail`,
	},
	{"guard allowed", "allow: {fields: [/2/tier]}\nconsent: {guards: [tier]}", `write /2/tier`},
	{"guard unknown", "consent: {guards: [client_male]}", `plan.yaml:1:20: there is no event "client_male"`},
	{
		name: "guard misspelt",
		text: "consent: {guards: [/2/client_mail]}",
		want: `plan.yaml:1:20: /2/client_mail can match nothing: there is no field /2/client_mail; ` +
			`expected a documented one, or one that allow.fields lists; did you mean /2/client_email?`,
	},
	{
		name: "guard of the other context",
		text: "consent: {guards: [/1/client_email]}",
		want: `/1/client_email can match nothing: there is no field /1/client_email; ` +
			`expected a documented one, or one that allow.fields lists; did you mean /2/client_email?`,
	},
	{
		name: "guard within a text",
		text: "consent: {guards: [/2/client_email/x]}",
		want: `/2/client_email/x can match nothing: /2/client_email has no members; write /2/client_email`,
	},
	{"guard of any field", "consent: {guards: [/2/*]}", `/2/* can match nothing: * stands for any member within /2/custom_data`},
	{
		name: "guard of a context",
		text: "consent: {guards: [/2]}",
		want: `plan.yaml:1:20: found "/2"; expected an event's name, or a field's JSON Pointer`,
	},
}

// wrongChoices are about which events of which chats are meant, and why.
var wrongChoices = []wrongPlan{
	{"per", "events:\n  chat_started: {per: chats}", `plan.yaml:2:23: found "chats"; expected chat; did you mean chat?`},
	{"when", "events:\n  chat_started: {when: chat_requested}", `plan.yaml:2:24: found "chat_requested"; expected {seen: EVENT}`},
	{"when nothing", "events:\n  chat_started:\n    when: {}", `plan.yaml:3:11: seen is missing here; expected the name of an event`},
	{"when unknown", "events:\n  chat_started: {when: {seen: chat_reqested}}", `plan.yaml:2:31: there is no event "chat_reqested"`},
	{
		name: "when otherwise",
		text: "events:\n" +
			"  chat_started: {when: {sen: chat_requested}}",
		want: `plan.yaml:2:25: "sen" has no meaning here; expected seen; did you mean seen?`,
	},
	{"because of nothing", "events:\n  chat_started: {because: 3}", `plan.yaml:2:27: found 3; expected why it is expected`},
}

// wrongAcceptances are about findings that are accepted.
var wrongAcceptances = []wrongPlan{
	{"accept without rule", "accept:\n- {until: 2027-03-01}", `plan.yaml:2:3: rule is missing here; expected the rule of the finding`},
	{
		name: "accept without end",
		text: "accept:\n" +
			"- {rule: wrong-type}",
		want: `plan.yaml:2:3: until is missing here; expected the last day on which it is borne, such as 2027-03-01`,
	},
	{
		name: "accept unknown rule",
		text: "accept:\n" +
			"- {rule: wrong-tpye, until: 2027-03-01}",
		want: `plan.yaml:2:10: there is no rule "wrong-tpye"; expected one that userlike-inspector events lists; did you mean wrong-type?`,
	},
	{"accept no rule", "accept:\n- {rule: 3, until: 2027-03-01}", `plan.yaml:2:10: found 3; expected `},
	{"accept no date", "accept:\n- {rule: wrong-type, until: soon}", `plan.yaml:2:29: found "soon"; expected the last day`},
	{
		name: "accept no day",
		text: "accept:\n" +
			"- {rule: wrong-type, until: 2027-02-30}",
		want: `plan.yaml:2:29: "2027-02-30" is no day of the calendar; expected one such as 2027-03-01`,
	},
	{
		name: "accept no pointer",
		text: "accept:\n" +
			"- {rule: wrong-type, at: client_name, until: 2027-02-03}",
		want: `plan.yaml:2:26: found "client_name"; expected the JSON Pointer of the finding`,
	},
	{
		name: "accept otherwise",
		text: "accept:\n" +
			"- {rule: wrong-type, untill: 2027-02-03}",
		want: `"untill" has no meaning here; expected at, because, event, rule or until; did you mean until?`,
	},
}

// wrongPlaces are about where calls are forwarded to.
var wrongPlaces = []wrongPlan{
	{"forward without to", "forward:\n- {events: [chat_started]}", `plan.yaml:2:3: to is missing here; expected `},
	{
		name: "forward to nothing",
		text: "forward:\n" +
			`- {to: ""}`,
		want: `plan.yaml:2:8: found ""; expected a queue's name such as dataLayer, or a host with the beginning of a path, ` +
			`such as google-analytics.com/g/collect`,
	},
	{"forward to a number", "forward:\n- {to: 3}", `plan.yaml:2:8: found 3; expected a queue's name`},
	{
		name: "forward to an address",
		text: "forward:\n" +
			`- {to: "https://www.google-analytics.com/g/collect?v=2"}`,
		want: `plan.yaml:2:8: "https://www.google-analytics.com/g/collect?v=2" is no place that hits go to: a place has no ` +
			`scheme; write www.google-analytics.com/g/collect`,
	},
	{"forward to a query", "forward:\n- {to: stats.example/c?v=2}", `leave out the ? or # and what is after it`},
	{"forward to a pattern", "forward:\n- {to: \"*.stats.example\"}", `a host stands for its subdomains too; write it without *`},
	{"forward to paths", "forward:\n- {to: stats.example/*}", `a path stands for all that begins with it; write it without *`},
	{"forward to a port", "forward:\n- {to: \"stats.example:http\"}", `"http" is no port; write a number`},
	{
		name: "forward to words",
		text: "forward:\n" +
			"- {to: Google Analytics 4}",
		want: `plan.yaml:2:8: "Google Analytics 4" is no place that hits go to: write a queue's name such as dataLayer`,
	},
	{"forward to a path", "forward:\n- {to: /collect}", `there is no host before the path`},
	{"forward to a user", "forward:\n- {to: me@stats.example/x}", `leave out what is before the @`},
	{
		name: "forward twice",
		text: "forward:\n" +
			"- {to: dataLayer}\n" +
			"- {to: dataLayer, events: [chat_started]}",
		want: `plan.yaml:3:8: "dataLayer" is there twice for chat_started; remove one, or give each its own events`,
	},
	{
		name: "forward twice to a host",
		text: "forward:\n" +
			"- {to: stats.example, events: [chat_started]}\n" +
			"- {to: STATS.example, events: [chat_started]}",
		want: `plan.yaml:3:8: "STATS.example" is there twice`,
	},
	{
		name: "forward unknown event",
		text: "forward:\n" +
			"- to: dataLayer\n" +
			"  events: [chat_strated]",
		want: `plan.yaml:3:12: there is no event "chat_strated"; expected a documented one, or one that allow.events lists; did you mean chat_started?`,
	},
	{
		name: "forward unknown event in a map",
		text: "forward:\n" +
			"- to: dataLayer\n" +
			"  events: {chat_strated: Chat}",
		want: `plan.yaml:3:12: there is no event "chat_strated"`,
	},
	{
		name: "forward an event twice",
		text: "forward:\n" +
			"- to: dataLayer\n" +
			"  events: [chat_started, chat_started]",
		want: `plan.yaml:3:26: "chat_started" is there twice; remove one`,
	},
	{"forward no events", "forward: [{to: dataLayer, events: []}]", `plan.yaml:1:35: found []; expected a list of events, or a map`},
	{"forward an event to nothing", "forward: [{to: dataLayer, events: {chat_started: }}]", `plan.yaml:1:`},
	{
		name: "forward as a number",
		text: "forward: [{to: dataLayer, events: {chat_started: 3}}]",
		want: `found 3; expected the name that the event has there`,
	},
	{"forward within", "forward: [{to: dataLayer, within: soon}]", `plan.yaml:1:35: found "soon"; expected a time such as 30s`},
	{"forward within no time", "forward: [{to: dataLayer, within: 0s}]", `plan.yaml:1:35: found "0s"; expected a time of 1ms to`},
	{
		name: "forward carry",
		text: "forward: [{to: dataLayer, carry: [chat_id]}]",
		want: `plan.yaml:1:35: found "chat_id"; expected a field's JSON Pointer such as /2/chat_id`,
	},
	{
		name: "forward carry unknown",
		text: "forward: [{to: dataLayer, carry: [/2/chat_idd]}]",
		want: `plan.yaml:1:35: /2/chat_idd can match nothing: there is no field /2/chat_idd; ` +
			`expected a documented one, or one that allow.fields lists; did you mean /2/chat_id?`,
	},
	{
		name: "forward otherwise",
		text: "forward: [{to: dataLayer, carrry: [/2/chat_id]}]",
		want: `plan.yaml:1:27: "carrry" has no meaning here; expected carry, events, to or within; did you mean carry?`,
	},
	{"forward no list", "forward: {to: dataLayer}", `plan.yaml:1:10: found {"to":"dataLayer"}; expected a list of the places`},
}

// wrongReceivers are about who may have personal data.
var wrongReceivers = []wrongPlan{
	{"personal_data", "personal_data: {}", `plan.yaml:1:16: allow is missing here; expected a list of the places`},
	{
		name: "personal_data without a list",
		text: "personal_data: {allow: dataLayer}",
		want: `plan.yaml:1:24: found "dataLayer"; expected a list of the places`,
	},
	{
		name: "personal_data to an address",
		text: "personal_data: {allow: [\"https://stats.example\"]}",
		want: `plan.yaml:1:25: "https://stats.example" is no place that hits go to: a place has no scheme; write stats.example`,
	},
	{"personal_data twice", "personal_data: {allow: [dataLayer, dataLayer]}", `plan.yaml:1:36: "dataLayer" is there twice; remove one`},
	{
		name: "personal_data otherwise",
		text: "personal_data: {alow: [dataLayer]}",
		want: `"alow" has no meaning here; expected allow; did you mean allow?`,
	},
}

// wrongBases are about other plans that a plan extends.
var wrongBases = []wrongPlan{
	{"extends nothing", "name: a\nextends: ./nowhere.yaml", `plan.yaml:2:10: there is no plan nowhere.yaml; check its name and folder`},
	{
		name: "extends an address",
		text: "extends: https://plans.example/base.yaml",
		want: `plan.yaml:1:10: "https://plans.example/base.yaml" is an address, and nothing is fetched`,
	},
	{"extends itself", "extends: ./plan.yaml", `plan.yaml:1:10: this plan would extend itself by way of plan.yaml`},
	{"extends in a circle", "extends: ./circle.yaml", `circle.yaml:2:10: this plan would extend itself by way of plan.yaml`},
	{"extends a broken one", "extends: ./sub/bad.yaml", "sub/bad.yaml:2:3: \"chat\" has no meaning here"},
	{"extends one with a mistake", "extends: ./sub/mistake.yaml", `sub/mistake.yaml:2:3: there is no event "chat_strated"`},
}

// wrongSchemas are about JSON Schemas within a plan.
var wrongSchemas = []wrongPlan{
	{"no schema", "custom_data:\n  properties:\n    a: {type: strng}", "plan.yaml:3:"},
	{
		name: "misspelt keyword",
		text: "custom_data:\n" +
			"  properties:\n" +
			"    a: {tpye: string}",
		want: `plan.yaml:3:9: "tpye" is no keyword of JSON Schema; did you mean type?`,
	},
	{
		name: "misspelt keyword of a context",
		text: "events:\n" +
			"  chat_started:\n" +
			"    session_ctx: {require: [operator_id]}",
		want: `plan.yaml:3:19: "require" is no keyword of JSON Schema; did you mean required?`,
	},
	{
		name: "member without properties",
		text: "custom_data:\n" +
			"  order: {type: object}",
		want: `plan.yaml:2:3: "order" is no keyword of JSON Schema, so it demands nothing; ` +
			`the members of an object are named below properties: {properties: {order: …}}`,
	},
	{"misspelt keyword in a file", "custom_data: {$ref: ./misspelt.json}", `misspelt.json:3:4: "requird" is no keyword`},
	{
		name: "pattern",
		text: "custom_data:\n" +
			"  properties:\n" +
			`    a: {pattern: "a("}`,
		want: `plan.yaml:3:18: this is no regular expression: missing closing )`,
	},
	{
		name: "pattern of another language",
		text: "custom_data:\n" +
			`  pattern: ^\d+\Z`,
		want: `plan.yaml:2:12: this is no regular expression: \Z is not known in JSON Schema's regular expressions (ECMA-262); write $`,
	},
	{
		name: "no file",
		text: "custom_data: {$ref: ./nowhere.json}",
		want: "plan.yaml:1:1: the schema cannot be used: there is no file nowhere.json; check its name and folder",
	},
	{"folder", "custom_data: {$ref: ./}", "plan.yaml:1:1: the schema cannot be used: there is no file /p/; check its name and folder"},
	{"broken file", "custom_data: {$ref: ./broken.json}", "broken.json:2:"},
	{"torn file", "custom_data: {$ref: ./torn.json}", "torn.json:"},
	{
		name: "remote",
		text: "custom_data: {$ref: \"https://schemas.example/a.json\"}",
		want: `plan.yaml:1:1: the schema cannot be used: "https://schemas.example/a.json" is not a local file, and nothing is fetched`,
	},
	{
		name: "remote by its id",
		text: "custom_data: {$id: \"https://schemas.example/b\", $ref: \"a.json\"}",
		want: `"https://schemas.example/a.json" is not a local file`,
	},
}

func TestProblems(t *testing.T) {
	for _, c := range wrongPlans {
		_, err := parse(c.text)
		var problems plan.Problems
		if !errors.As(err, &problems) {
			t.Errorf("%s: error %v", c.name, err)
			continue
		}
		if !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s:\n got %s\nwant %s", c.name, err, c.want)
		}
	}
}
