package plan_test

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/plan"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/schema"
)

// contract is the documentation's example.
const contract = `name: Checkout chat
sites: ["https://shop.example/*"]     # default: every site
events:
  disclaimer_ok: {count: 1, before: [chat_started]}
  chat_started:  {count: ">=1", after: [chat_requested], within: 30s, session_ctx: {required: [operator_id]}}
  error_message: {count: 0}
custom_data: {$ref: ./custom_data.schema.json}   # JSON Schema 2020-12, inline or a file; nothing is fetched
allow: {events: [my_event], fields: [/2/loyalty_tier]}
consent: {event: disclaimer_ok, guards: [chat_started, contact_first_message, /2/client_email, /2/custom_data]}
severity: {undocumented-field: error, shape-drift: off}
forward:
  - {to: dataLayer}                               # every documented event
  - {to: google-analytics.com/g/collect, events: [chat_started, rating_submit], within: 5s, carry: [/2/chat_id]}
  - {to: api.segment.io, events: {chat_started: Live Chat Conversation Started}}   # the name that it has there
personal_data: {allow: [dataLayer, stats.shop.example]}
`

var files = map[string]string{
	"/p/custom_data.schema.json": `{"type":"object","properties":{"basket":{"$ref":"basket.json#/$defs/basket"}}}`,
	"/p/basket.json":             "{\n\t\"$defs\": {\"basket\": {\n\t\t\"type\": \"object\"}}}",
	"/p/broken.json":             "{\n  \"type\": 5}",
	"/p/torn.json":               "{\n  \"type\": ",
	"/p/misspelt.json":           "{\n  \"type\": \"object\",\n   \"requird\": [\"a\"]}",
	"/p/circle.yaml":             "name: Circle\nextends: plan.yaml\n",
	"/p/sub/bad.yaml":            "allow:\n  chat: 1\n",
	"/p/sub/mistake.yaml":        "events:\n  chat_strated: {}\n",
	"/p/sub/data.json":           `{"type":"object","required":["a"]}`,
	"/p/sub/base.yaml": `name: Base
sites: ["https://base.example/*"]
events:
  chat_started: {count: ">=1", after: [chat_requested], because: sales count it}
  error_message: {count: 0}
  my_event: {count: 1}
custom_data: {$ref: ./data.json}
allow: {events: [my_event], fields: [/2/tier]}
consent: {guards: [/2/client_email]}
severity: {shape-drift: off, wrong-type: warning}
accept:
- {rule: error-shown, until: 2027-03-01}
forward: [{to: dataLayer, events: [chat_started, my_event]}, {to: stats.example}]
personal_data: {allow: [dataLayer]}
`,
}

func parse(text string) (*plan.Plan, error) {
	return plan.Parse("plan.yaml", "/p/plan.yaml", []byte(text), func(path string) ([]byte, error) {
		if text, ok := files[path]; ok {
			return []byte(text), nil
		}
		return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
	})
}

func TestContract(t *testing.T) {
	p, err := parse(contract)
	if err != nil {
		t.Fatal(err)
	}
	if p.Name != "Checkout chat" || len(p.Events) != 3 || p.CustomData == nil || len(p.Consent.Guards) != 4 || p.Events[1].Within.Seconds() != 30 {
		t.Errorf("%+v", p)
	}
	if s, off := p.Severity("shape-drift", "warning"); !off || s != "" {
		t.Error("shape-drift is not off")
	}
	if s, off := p.Severity("undocumented-field", "warning"); off || s != "error" {
		t.Error("undocumented-field is no error")
	}
	if !p.OnSite("https://shop.example/checkout?x") || p.OnSite("https://other.example/") {
		t.Error("sites")
	}
}

// TestSum: it changes with the plan and with every schema that is referred to, and
// with nothing else.
func TestSum(t *testing.T) {
	sum := func(text, basket string) string {
		p, err := plan.Parse("plan.yaml", "/p/plan.yaml", []byte(text), func(path string) ([]byte, error) {
			if path == "/p/basket.json" {
				return []byte(basket), nil
			}
			return []byte(files[path]), nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return p.Sum
	}
	basket := files["/p/basket.json"]
	first := sum(contract, basket)
	if again := sum(contract, basket); again != first {
		t.Error("it is another one for the same files")
	}
	if sum(contract, basket+" ") == first || sum(contract+"#", basket) == first {
		t.Error("it is the same for other files")
	}
	const small = "name: Small\n"
	if sum(small, basket) != sum(small, basket+" ") {
		t.Error("it is about a file that is not referred to")
	}
}

func TestExtends(t *testing.T) {
	p, err := parse(`extends: ./sub/base.yaml
name: Shop
events:
  chat_started: {count: "<=3", per: chat, when: {seen: chat_requested}}
  error_message:
  disclaimer_ok: {count: 1}
allow: {events: [other_event]}
severity: {wrong-type: error}
accept: [{rule: undocumented-field, at: /2/loyalty_tier, event: chat_started, until: 2027-03-01, because: fixed in March}]
forward: [{to: dataLayer, events: {chat_started: Chat}, within: 1s}]
personal_data: {allow: [stats.example]}
`)
	if err != nil {
		t.Fatal(err)
	}
	if p.Name != "Shop" || !p.OnSite("https://base.example/a") || p.OnSite("https://other.example/") {
		t.Errorf("name %q or sites are wrong", p.Name)
	}
	var names []string
	for _, e := range p.Events {
		names = append(names, e.Name)
	}
	if want := []string{"chat_started", "my_event", "error_message", "disclaimer_ok"}; !slices.Equal(names, want) {
		t.Errorf("events %q, want %q", names, want)
	}
	e := p.Event("chat_started")
	if e.Count.Source != "plan.yaml:4: chat_started count <=3" || e.After[0].Source != "sub/base.yaml:4: chat_started after chat_requested" {
		t.Errorf("sources %q and %q", e.Count.Source, e.After[0].Source)
	}
	if !e.PerChat || e.When == nil || e.When.Event != "chat_requested" || e.Because != "sales count it" {
		t.Errorf("%+v", e)
	}
	if p.Event("error_message").Count != nil {
		t.Error("what is set to nothing is still expected")
	}
	if !p.AllowsEvent("my_event") || !p.AllowsEvent("other_event") || !p.AllowsField("/2/tier") {
		t.Error("what is allowed does not add up")
	}
	if _, off := p.Severity("shape-drift", "warning"); !off {
		t.Error("shape-drift is on")
	}
	if s, _ := p.Severity("wrong-type", "error"); s != "error" {
		t.Errorf("wrong-type is %q", s)
	}
	if len(p.Accept) != 2 || p.Accept[0].Source != "sub/base.yaml:12" || p.Accept[1].Because != "fixed in March" || p.Accept[1].Source != "plan.yaml:9" ||
		!p.Accept[1].Until.Equal(time.Date(2027, 3, 2, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("%+v", p.Accept)
	}
	var forward []string
	for _, f := range p.Forward {
		for _, e := range f.Events[:min(2, len(f.Events))] {
			forward = append(forward, e.Source+" in "+f.Within.String())
		}
	}
	if want := []string{
		"sub/base.yaml:13: my_event to dataLayer in 5s", "sub/base.yaml:13: button_displayed to stats.example in 5s", "sub/base.yaml:13: chat_connected to stats.example in 5s",
		"plan.yaml:10: chat_started to dataLayer as Chat in 1s",
	}; !slices.Equal(forward, want) {
		t.Errorf("forward is %q", forward)
	}
	if len(p.PersonalData.Allow) != 2 {
		t.Errorf("%+v", p.PersonalData)
	}
	v := p.CustomData.Check(map[string]any{})
	if len(v) != 1 || p.CustomData.Source(v[0]) != "sub/data.json:1: #/required" {
		t.Errorf("%+v", v)
	}
	if p.Consent == nil || p.Consent.Guards[0].Source != "sub/base.yaml:9: disclaimer_ok guards /2/client_email" {
		t.Errorf("%+v", p.Consent)
	}
}

// TestForward: the documentation's places, by what they want where.
func TestForward(t *testing.T) {
	p, err := parse(contract)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Forward) != 3 || len(p.Forward[0].Events) != len(schema.Catalogue().Events) || !p.Demands() {
		t.Fatalf("%+v", p.Forward)
	}
	ga, segment := p.Forward[1], p.Forward[2]
	if ga.Within != 5*time.Second || p.Forward[0].Within != ga.Within || !slices.Equal(ga.Carry, []string{"/2/chat_id"}) {
		t.Errorf("%+v", ga)
	}
	if want := (plan.Forwarded{Event: "chat_started", As: "Live Chat Conversation Started", Source: "plan.yaml:14: chat_started to api.segment.io as Live Chat Conversation Started"}); len(segment.Events) != 1 || segment.Events[0] != want {
		t.Errorf("%+v", segment.Events)
	}
	if d := p.PersonalData; !d.Allows(record.Queue, "dataLayer") || !d.Allows(record.Request, "https://eu.stats.shop.example/x") || d.Allows(record.Request, "https://shop.example/") {
		t.Errorf("%+v", d)
	}
}

// TestPlaces: queues go by their name, hosts by what browsers make of it.
func TestPlaces(t *testing.T) {
	for _, c := range []struct {
		place    string
		via      record.Via
		has, not []string
	}{
		{"dataLayer", record.Queue, []string{"dataLayer"}, []string{"datalayer", "dataLayer2"}},
		{"fbq.queue", record.Queue, []string{"fbq.queue"}, []string{"fbq"}},
		{"stats.example", record.Request, []string{"https://stats.example/", "http://stats.example:8080/a", "https://EU.stats.example./a", "wss://stats.example/"}, []string{"https://mystats.example/", "https://stats.example.org/", "dataLayer", "https://other.example/stats.example"}},
		{"Stats.Example:443", record.Request, []string{"https://stats.example/"}, []string{"http://stats.example/", "https://stats.example:8443/"}},
		{"google-analytics.com/g/collect", record.Request, []string{"https://region1.google-analytics.com/g/collect", "https://google-analytics.com/g/collect/x"}, []string{"https://google-analytics.com/j/collect", "https://google-analytics.com/"}},
		{"localhost", record.Request, []string{"http://localhost:4000/collect"}, []string{"http://localhost.example/"}},
		{"localhost:4000", record.Request, []string{"http://localhost:4000/collect"}, []string{"http://localhost:4001/collect"}},
		{"127.0.0.1/c", record.Request, []string{"http://127.0.0.1:99/c"}, []string{"http://127.0.0.2/c"}},
		{"[::1]:80", record.Request, []string{"http://[::1]/c"}, []string{"http://[::1]:8080/c"}},
		{"bücher.example/ä b", record.Request, nil, nil},
		{"bücher.example/ä", record.Request, []string{"https://xn--bcher-kva.example/%C3%A4?x"}, nil},
	} {
		p, err := plan.ReadPlace(c.place)
		if strings.Contains(c.place, " ") != (err != nil) {
			t.Errorf("%s: %v", c.place, err)
		}
		for _, to := range c.has {
			if !p.Has(c.via, to) {
				t.Errorf("%s has not %s", c.place, to)
			}
		}
		for _, to := range c.not {
			if p.Has(c.via, to) {
				t.Errorf("%s has %s", c.place, to)
			}
		}
	}
}

// TestGuards: what can match is accepted.
func TestGuards(t *testing.T) {
	for _, guard := range []string{"chat_started", "my_event", "/2/client_email", "/1/widget_id", "/2/custom_data", "/2/custom_data/items/*/mail", "/2/custom_data/*", "/2/tier", "/2/tier/mail", "/2/tier/*/mail"} {
		if p, err := parse("allow: {events: [my_event], fields: [/2/tier]}\nconsent: {guards: [" + guard + "]}"); err != nil || len(p.Consent.Guards) != 1 {
			t.Errorf("%s: %v", guard, err)
		}
	}
}

// TestBigNumbers: numbers stay numbers, however large, and texts stay texts.
func TestBigNumbers(t *testing.T) {
	p, err := parse(`custom_data:
  properties:
    a: {maximum: 99999999999999999999}
    b: {const: 18446744073709551616}
    c: {enum: [-99999999999999999999, 0x10000000000000000, 1e400]}
    d: {const: "99999999999999999999"}
    e: {const: _99999999999999999999}
`)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		text string
		want int
	}{
		{`{"a":99999999999999999999,"b":18446744073709551616,"c":18446744073709551616,"d":"99999999999999999999","e":"_99999999999999999999"}`, 0},
		{`{"a":100000000000000000000,"b":"18446744073709551616","c":"-99999999999999999999","d":99999999999999999999}`, 4},
	} {
		v, err := schema.Decode([]byte(c.text))
		if err != nil {
			t.Fatal(err)
		}
		if found := p.CustomData.Check(v); len(found) != c.want {
			t.Errorf("%s: %+v", c.text, found)
		}
	}
}

func TestProblems(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "plan.yaml:1:1: the file is empty"},
		{"no map", "- a", "plan.yaml:1:1: found [\"a\"]; expected "},
		{"syntax", "a: [1\nb: 2", "plan.yaml:"},
		{"torn JSON", "{\"events\": {", "plan.yaml:1:"},
		{"indentation", "events:\n  chat_started:\n    count: 1\n   before: []", "plan.yaml:4:4: not YAML: line 4 is indented by 3 spaces, line 3 by 4; lines that belong together begin at the same column\n  4 |    before: []\n    |    ^"},
		{"a tab", "events:\n\tchat_started: {}", "plan.yaml:2:1: not YAML: line 2 begins with a tab; indent it with spaces"},
		{"open bracket", "events: {chat_started: {count: 1}\nname: x", "not YAML: a { before this is not closed by }, or a comma is missing"},
		{"open quotes", "name: \"x\nevents: {}", "plan.yaml:1:7: not YAML: the quotes that begin here do not end"},
		{"broken JSON", "{\"name\": \"x\"\n \"events\": {}}", "plan.yaml:2:2: not JSON: invalid character"},
		{"event at the top", "name: x\nchat_started: {count: 1}", "plan.yaml:2:1: chat_started is an event; indent it below events:"},
		{"events beside events", "events:\nchat_started: {count: 1}", "plan.yaml:2:1: chat_started is an event; indent it below events:\n  2 | chat_started: {count: 1}\n    | ^"},
		{"a recording", "{\"v\":1,\"kind\":\"call\"}\n{\"v\":1,\"kind\":\"call\"}\n", "this is a recording, not a plan; a recording is named without --plan"},
		{"unknown member", "name: x\nevnts: {}", `plan.yaml:2:1: "evnts" has no meaning here; expected accept, allow, consent, custom_data, events, extends, forward, name, personal_data, samples, severity or sites; did you mean events?`},
		{"unknown member in JSON", "{\n  \"name\": \"x\",\n  \"evnts\": {}}", `plan.yaml:3:3: "evnts" has no meaning here`},
		{"a slash in a name", "name: x\n\"a/b~c\": 1", `plan.yaml:2:1: "a/b~c" has no meaning here`},
		{"a slash in a rule's name", "severity: {wrong/type: error}", `plan.yaml:1:12: there is no rule "wrong/type"`},
		{"twice", "name: x\nname: y", "plan.yaml:2:1: "},
		{"unknown event", "events:\n  chat_strated: {count: 1}", `plan.yaml:2:3: there is no event "chat_strated"; expected a documented one, or one that allow.events lists; did you mean chat_started?`},
		{"unknown event after", "events:\n  chat_started: {after: [chat_reqested]}", `plan.yaml:2:26: there is no event "chat_reqested"`},
		{"unknown in event", "events:\n  chat_started:\n    cuont: 1", `plan.yaml:3:5: "cuont" has no meaning here; expected after, because, before, count, global_ctx, per, session_ctx, when or within; did you mean count?`},
		{"no object", "- a", `plan.yaml:1:1: found ["a"]; expected members such as accept, allow, consent, custom_data, events, extends, forward, name, personal_data, samples, severity or sites`},
		{"count without quotes", "events:\n  chat_started: {count: 1}\n  chat_requested:\n    count: >=1\n", `plan.yaml:4:12: not YAML: invalid header option: "=1"; put quotes around a text that begins with > or |, as in ">=1"`},
		{"a long mistake", "a: |" + strings.Repeat("x", 1000), strings.Repeat("x", 50) + "…; put quotes"},
		{"count", "events:\n  chat_started: {count: \"=>1\"}", `plan.yaml:2:25: found "=>1"; expected how often it comes in a journey: a number such as 1, ">=1" or "<=3"`},
		{"negative count", "events:\n  chat_started: {count: -1}", `plan.yaml:2:25: found -1; expected how often`},
		{"within", "events:\n  chat_started: {within: soon}", `plan.yaml:2:26: found "soon"; expected a time such as 30s`},
		{"within a number", "events:\n  chat_started: {within: 30}", `plan.yaml:2:26: found 30; expected a time such as 30s`},
		{"cycle", "events:\n  chat_started: {before: [chat_requested]}\n  chat_connected: {after: [chat_requested], before: [chat_started]}", "contradictory orders"},
		{"own cycle", "events:\n  chat_started: {before: [chat_started]}", "plan.yaml:2:3: contradictory orders, of which one must go: plan.yaml:2: chat_started before chat_started"},
		{"rule", "severity: {wrong-tpye: error}", `plan.yaml:1:12: there is no rule "wrong-tpye"; expected one that userlike-inspector events lists; did you mean wrong-type?`},
		{"severity", "severity: {wrong-type: eror}", `plan.yaml:1:24: found "eror"; expected error, warning, info or off; did you mean error?`},
		{"severity true", "severity: {wrong-type: true}", `plan.yaml:1:24: found true; expected error, warning, info or off`},
		{"site", "sites: [shop.example]", `plan.yaml:1:9: "shop.example" can match no page: there is no scheme; write https://shop.example`},
		{"field", "allow: {fields: [loyalty_tier]}", `plan.yaml:1:18: found "loyalty_tier"; expected the JSON Pointer of a context's field, such as /2/loyalty_tier`},
		{"guard that is a field", "consent: {guards: [client_email]}", `plan.yaml:1:20: "client_email" is no event but a field; write /2/client_email`},
		{"guard in its context", "consent: {guards: [global_ctx.client_uuid]}", `write /1/client_uuid`},
		{"guard without slash", "consent: {guards: [2/client_email]}", `write /2/client_email`},
		{"guard as in JavaScript", "consent: {guards: [\"session_ctx.custom_data.items[*].mail\"]}", `write /2/custom_data/items/*/mail`},
		{"guard of own data", "consent: {guards: [items/*/mail]}", `plan.yaml:1:20: "items/*/mail" is no event but a field; write /2/custom_data/items/*/mail`},
		{"guard allowed", "allow: {fields: [/2/tier]}\nconsent: {guards: [tier]}", `write /2/tier`},
		{"guard unknown", "consent: {guards: [client_male]}", `plan.yaml:1:20: there is no event "client_male"`},
		{"guard misspelt", "consent: {guards: [/2/client_mail]}", `plan.yaml:1:20: /2/client_mail can match nothing: there is no field /2/client_mail; expected a documented one, or one that allow.fields lists; did you mean /2/client_email?`},
		{"guard of the other context", "consent: {guards: [/1/client_email]}", `/1/client_email can match nothing: there is no field /1/client_email; expected a documented one, or one that allow.fields lists; did you mean /2/client_email?`},
		{"guard within a text", "consent: {guards: [/2/client_email/x]}", `/2/client_email/x can match nothing: /2/client_email has no members; write /2/client_email`},
		{"guard of any field", "consent: {guards: [/2/*]}", `/2/* can match nothing: * stands for any member within /2/custom_data`},
		{"guard of a context", "consent: {guards: [/2]}", `plan.yaml:1:20: found "/2"; expected an event's name, or a field's JSON Pointer`},
		{"per", "events:\n  chat_started: {per: chats}", `plan.yaml:2:23: found "chats"; expected chat; did you mean chat?`},
		{"when", "events:\n  chat_started: {when: chat_requested}", `plan.yaml:2:24: found "chat_requested"; expected {seen: EVENT}`},
		{"when nothing", "events:\n  chat_started:\n    when: {}", `plan.yaml:3:11: seen is missing here; expected the name of an event`},
		{"when unknown", "events:\n  chat_started: {when: {seen: chat_reqested}}", `plan.yaml:2:31: there is no event "chat_reqested"`},
		{"when otherwise", "events:\n  chat_started: {when: {sen: chat_requested}}", `plan.yaml:2:25: "sen" has no meaning here; expected seen; did you mean seen?`},
		{"because of nothing", "events:\n  chat_started: {because: 3}", `plan.yaml:2:27: found 3; expected why it is expected`},
		{"accept without rule", "accept:\n- {until: 2027-03-01}", `plan.yaml:2:3: rule is missing here; expected the rule of the finding`},
		{"accept without end", "accept:\n- {rule: wrong-type}", `plan.yaml:2:3: until is missing here; expected the last day on which it is borne, such as 2027-03-01`},
		{"accept unknown rule", "accept:\n- {rule: wrong-tpye, until: 2027-03-01}", `plan.yaml:2:10: there is no rule "wrong-tpye"; expected one that userlike-inspector events lists; did you mean wrong-type?`},
		{"accept no rule", "accept:\n- {rule: 3, until: 2027-03-01}", `plan.yaml:2:10: found 3; expected `},
		{"accept no date", "accept:\n- {rule: wrong-type, until: soon}", `plan.yaml:2:29: found "soon"; expected the last day`},
		{"accept no day", "accept:\n- {rule: wrong-type, until: 2027-02-30}", `plan.yaml:2:29: "2027-02-30" is no day of the calendar; expected one such as 2027-03-01`},
		{"accept no pointer", "accept:\n- {rule: wrong-type, at: client_name, until: 2027-02-03}", `plan.yaml:2:26: found "client_name"; expected the JSON Pointer of the finding`},
		{"accept otherwise", "accept:\n- {rule: wrong-type, untill: 2027-02-03}", `"untill" has no meaning here; expected at, because, event, rule or until; did you mean until?`},
		{"forward without to", "forward:\n- {events: [chat_started]}", `plan.yaml:2:3: to is missing here; expected `},
		{"forward to nothing", "forward:\n- {to: \"\"}", `plan.yaml:2:8: found ""; expected a queue's name such as dataLayer, or a host with the beginning of a path, such as google-analytics.com/g/collect`},
		{"forward to a number", "forward:\n- {to: 3}", `plan.yaml:2:8: found 3; expected a queue's name`},
		{"forward to an address", "forward:\n- {to: \"https://www.google-analytics.com/g/collect?v=2\"}", `plan.yaml:2:8: "https://www.google-analytics.com/g/collect?v=2" is no place that hits go to: a place has no scheme; write www.google-analytics.com/g/collect`},
		{"forward to a query", "forward:\n- {to: stats.example/c?v=2}", `leave out what is behind the ? or #`},
		{"forward to a pattern", "forward:\n- {to: \"*.stats.example\"}", `a host stands for its subdomains too; write it without *`},
		{"forward to paths", "forward:\n- {to: stats.example/*}", `a path stands for all that begins with it; write it without *`},
		{"forward to a port", "forward:\n- {to: \"stats.example:http\"}", `"http" is no port; write a number`},
		{"forward to words", "forward:\n- {to: Google Analytics 4}", `plan.yaml:2:8: "Google Analytics 4" is no place that hits go to: write a queue's name such as dataLayer`},
		{"forward to a path", "forward:\n- {to: /collect}", `there is no host before the path`},
		{"forward to a user", "forward:\n- {to: me@stats.example/x}", `leave out what is before the @`},
		{"forward twice", "forward:\n- {to: dataLayer}\n- {to: dataLayer, events: [chat_started]}", `plan.yaml:3:8: "dataLayer" is there twice for chat_started; remove one, or give each its own events`},
		{"forward twice to a host", "forward:\n- {to: stats.example, events: [chat_started]}\n- {to: STATS.example, events: [chat_started]}", `plan.yaml:3:8: "STATS.example" is there twice`},
		{"forward unknown event", "forward:\n- to: dataLayer\n  events: [chat_strated]", `plan.yaml:3:12: there is no event "chat_strated"; expected a documented one, or one that allow.events lists; did you mean chat_started?`},
		{"forward unknown event in a map", "forward:\n- to: dataLayer\n  events: {chat_strated: Chat}", `plan.yaml:3:12: there is no event "chat_strated"`},
		{"forward an event twice", "forward:\n- to: dataLayer\n  events: [chat_started, chat_started]", `plan.yaml:3:26: "chat_started" is there twice; remove one`},
		{"forward no events", "forward: [{to: dataLayer, events: []}]", `plan.yaml:1:35: found []; expected a list of events, or a map`},
		{"forward an event to nothing", "forward: [{to: dataLayer, events: {chat_started: }}]", `plan.yaml:1:`},
		{"forward as a number", "forward: [{to: dataLayer, events: {chat_started: 3}}]", `found 3; expected the name that the event has there`},
		{"forward within", "forward: [{to: dataLayer, within: soon}]", `plan.yaml:1:35: found "soon"; expected a time such as 30s`},
		{"forward within no time", "forward: [{to: dataLayer, within: 0s}]", `plan.yaml:1:35: found "0s"; expected a time of 1ms to`},
		{"forward carry", "forward: [{to: dataLayer, carry: [chat_id]}]", `plan.yaml:1:35: found "chat_id"; expected a field's JSON Pointer such as /2/chat_id`},
		{"forward carry unknown", "forward: [{to: dataLayer, carry: [/2/chat_idd]}]", `plan.yaml:1:35: /2/chat_idd can match nothing: there is no field /2/chat_idd; expected a documented one, or one that allow.fields lists; did you mean /2/chat_id?`},
		{"forward otherwise", "forward: [{to: dataLayer, carrry: [/2/chat_id]}]", `plan.yaml:1:27: "carrry" has no meaning here; expected carry, events, to or within; did you mean carry?`},
		{"forward no list", "forward: {to: dataLayer}", `plan.yaml:1:10: found {"to":"dataLayer"}; expected a list of the places`},
		{"personal_data", "personal_data: {}", `plan.yaml:1:16: allow is missing here; expected a list of the places`},
		{"personal_data without a list", "personal_data: {allow: dataLayer}", `plan.yaml:1:24: found "dataLayer"; expected a list of the places`},
		{"personal_data to an address", "personal_data: {allow: [\"https://stats.example\"]}", `plan.yaml:1:25: "https://stats.example" is no place that hits go to: a place has no scheme; write stats.example`},
		{"personal_data twice", "personal_data: {allow: [dataLayer, dataLayer]}", `plan.yaml:1:36: "dataLayer" is there twice; remove one`},
		{"personal_data otherwise", "personal_data: {alow: [dataLayer]}", `"alow" has no meaning here; expected allow; did you mean allow?`},
		{"extends nothing", "name: a\nextends: ./nowhere.yaml", `plan.yaml:2:10: there is no plan nowhere.yaml; check its name and folder`},
		{"extends an address", "extends: https://plans.example/base.yaml", `plan.yaml:1:10: "https://plans.example/base.yaml" is an address, and nothing is fetched`},
		{"extends itself", "extends: ./plan.yaml", `plan.yaml:1:10: this plan would extend itself by way of plan.yaml`},
		{"extends in a circle", "extends: ./circle.yaml", `circle.yaml:2:10: this plan would extend itself by way of plan.yaml`},
		{"extends a broken one", "extends: ./sub/bad.yaml", "sub/bad.yaml:2:3: \"chat\" has no meaning here"},
		{"extends one with a mistake", "extends: ./sub/mistake.yaml", `sub/mistake.yaml:2:3: there is no event "chat_strated"`},
		{"alias", "allow: &a {}\nseverity: *a", "plan.yaml:1:8: anchor is not used here: write the value itself"},
		{"tag", "name: !!binary aGk=", "plan.yaml:1:7: tag is not used here"},
		{"two documents", "name: a\n---\nname: b", "plan.yaml:3:"},
		{"no schema", "custom_data:\n  properties:\n    a: {type: strng}", "plan.yaml:3:"},
		{"misspelt keyword", "custom_data:\n  properties:\n    a: {tpye: string}", `plan.yaml:3:9: "tpye" is no keyword of JSON Schema; did you mean type?`},
		{"misspelt keyword of a context", "events:\n  chat_started:\n    session_ctx: {require: [operator_id]}", `plan.yaml:3:19: "require" is no keyword of JSON Schema; did you mean required?`},
		{"member without properties", "custom_data:\n  order: {type: object}", `plan.yaml:2:3: "order" is no keyword of JSON Schema, so it demands nothing; the members of an object are named below properties: {properties: {order: …}}`},
		{"misspelt keyword in a file", "custom_data: {$ref: ./misspelt.json}", `misspelt.json:3:4: "requird" is no keyword`},
		{"pattern", "custom_data:\n  properties:\n    a: {pattern: \"a(\"}", `plan.yaml:3:18: this is no regular expression: missing closing )`},
		{"pattern of another language", "custom_data:\n  pattern: ^\\d+\\Z", `plan.yaml:2:12: this is no regular expression: \Z is not known in JSON Schema's regular expressions (ECMA-262); write $`},
		{"no file", "custom_data: {$ref: ./nowhere.json}", "plan.yaml:1:1: the schema cannot be used: there is no file nowhere.json; check its name and folder"},
		{"folder", "custom_data: {$ref: ./}", "plan.yaml:1:1: the schema cannot be used: there is no file /p/; check its name and folder"},
		{"broken file", "custom_data: {$ref: ./broken.json}", "broken.json:2:"},
		{"torn file", "custom_data: {$ref: ./torn.json}", "torn.json:"},
		{"remote", "custom_data: {$ref: \"https://schemas.example/a.json\"}", `plan.yaml:1:1: the schema cannot be used: "https://schemas.example/a.json" is not a local file, and nothing is fetched`},
		{"remote by its id", "custom_data: {$id: \"https://schemas.example/b\", $ref: \"a.json\"}", `"https://schemas.example/a.json" is not a local file`},
		{"not UTF-8", "name: \xff", "plan.yaml:1:1: this line is not text in UTF-8"},
		{"deep", strings.Repeat("[", 5000) + strings.Repeat("]", 5000), "values nest more than 200 deep"},
	} {
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

func TestOff(t *testing.T) {
	for _, text := range []string{"severity: {shape-drift: off}", "severity: {shape-drift: Off}", "severity: {shape-drift: \"off\"}", "severity: {shape-drift: false}", `{"severity":{"shape-drift":false}}`, "severity:\n  shape-drift: OFF"} {
		p, err := parse(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if _, off := p.Severity("shape-drift", "warning"); !off {
			t.Errorf("%s: is on", text)
		}
	}
}
