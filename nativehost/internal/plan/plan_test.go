package plan_test

import (
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/plan"
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

// portable is a path as the map files has it, without Windows' drive and backslashes.
func portable(path string) string {
	return filepath.ToSlash(strings.TrimPrefix(path, filepath.VolumeName(path)))
}

func parse(text string) (*plan.Plan, error) {
	return plan.Parse("plan.yaml", "/p/plan.yaml", []byte(text), func(path string) ([]byte, error) {
		if text, ok := files[portable(path)]; ok {
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

// TestSum: the sum changes with the plan and with every schema that it refers to, and
// with nothing else.
func TestSum(t *testing.T) {
	sum := func(text, basket string) string {
		p, err := plan.Parse("plan.yaml", "/p/plan.yaml", []byte(text), func(path string) ([]byte, error) {
			if portable(path) == "/p/basket.json" {
				return []byte(basket), nil
			}
			return []byte(files[portable(path)]), nil
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

// TestGuards: a guard that can match something is accepted.
func TestGuards(t *testing.T) {
	for _, guard := range []string{
		"chat_started",
		"my_event",
		"/2/client_email",
		"/1/widget_id",
		"/2/custom_data",
		"/2/custom_data/items/*/mail",
		"/2/custom_data/*",
		"/2/tier",
		"/2/tier/mail",
		"/2/tier/*/mail",
	} {
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
		{
			text: `{"a":99999999999999999999,"b":18446744073709551616,"c":18446744073709551616,"d":"99999999999999999999",` +
				`"e":"_99999999999999999999"}`,
			want: 0,
		},
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

func TestOff(t *testing.T) {
	for _, text := range []string{
		"severity: {shape-drift: off}",
		"severity: {shape-drift: Off}",
		"severity: {shape-drift: \"off\"}",
		"severity: {shape-drift: false}",
		`{"severity":{"shape-drift":false}}`,
		"severity:\n" +
			"  shape-drift: OFF",
	} {
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
