package plan_test

import (
	"errors"
	"io/fs"
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/plan"
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
`

var files = map[string]string{
	"/p/custom_data.schema.json": `{"type":"object","properties":{"basket":{"$ref":"basket.json#/$defs/basket"}}}`,
	"/p/basket.json":             "{\n\t\"$defs\": {\"basket\": {\n\t\t\"type\": \"object\"}}}",
	"/p/broken.json":             "{\n  \"type\": 5}",
	"/p/torn.json":               "{\n  \"type\": ",
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

func TestProblems(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "plan.yaml:1:1: the file is empty"},
		{"no map", "- a", "plan.yaml:1:1: found [\"a\"]; expected "},
		{"syntax", "a: [1\nb: 2", "plan.yaml:"},
		{"torn JSON", "{\"events\": {", "plan.yaml:1:"},
		{"unknown member", "name: x\nevnts: {}", `plan.yaml:2:1: "evnts" has no meaning here; expected allow, consent, custom_data, events, name, severity or sites; did you mean events?`},
		{"unknown member in JSON", "{\n  \"name\": \"x\",\n  \"evnts\": {}}", `plan.yaml:3:3: "evnts" has no meaning here`},
		{"twice", "name: x\nname: y", "plan.yaml:2:1: "},
		{"unknown event", "events:\n  chat_strated: {count: 1}", `plan.yaml:2:3: there is no event "chat_strated"; expected a documented one, or one that allow.events lists; did you mean chat_started?`},
		{"unknown event after", "events:\n  chat_started: {after: [chat_reqested]}", `plan.yaml:2:26: there is no event "chat_reqested"`},
		{"unknown in event", "events:\n  chat_started:\n    cuont: 1", `plan.yaml:3:5: "cuont" has no meaning here; expected after, before, count, global_ctx, session_ctx or within; did you mean count?`},
		{"no object", "- a", `plan.yaml:1:1: found ["a"]; expected members such as allow, consent, custom_data, events, name, severity or sites`},
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
		{"site", "sites: [shop.example]", `plan.yaml:1:9: found "shop.example"; expected an address such as https://shop.example/*, where * is any text`},
		{"field", "allow: {fields: [loyalty_tier]}", `plan.yaml:1:18: found "loyalty_tier"; expected the JSON Pointer of a context's field, such as /2/loyalty_tier`},
		{"guard", "consent: {guards: [client_email]}", `plan.yaml:1:20: there is no event "client_email"`},
		{"alias", "allow: &a {}\nseverity: *a", "plan.yaml:1:8: anchor is not used here: write the value itself"},
		{"tag", "name: !!binary aGk=", "plan.yaml:1:7: tag is not used here"},
		{"two documents", "name: a\n---\nname: b", "plan.yaml:3:"},
		{"no schema", "custom_data:\n  properties:\n    a: {type: strng}", "plan.yaml:3:"},
		{"no file", "custom_data: {$ref: ./nowhere.json}", "plan.yaml:1:1: the schema cannot be used: nowhere.json: file does not exist"},
		{"folder", "custom_data: {$ref: ./}", "plan.yaml:1:1: the schema cannot be used: /p/: file does not exist"},
		{"broken file", "custom_data: {$ref: ./broken.json}", "broken.json:2:"},
		{"torn file", "custom_data: {$ref: ./torn.json}", "torn.json:"},
		{"remote", "custom_data: {$ref: \"https://schemas.example/a.json\"}", `plan.yaml:1:1: the schema cannot be used: "https://schemas.example/a.json" is not a local file, and nothing is fetched`},
		{"remote by its id", "custom_data: {$id: \"https://schemas.example/b\", $ref: \"a.json\"}", `"https://schemas.example/a.json" is not a local file`},
		{"not UTF-8", "name: \xff", "plan.yaml: the file is not UTF-8"},
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
