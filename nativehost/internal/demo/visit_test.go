package demo_test

import (
	"slices"
	"testing"

	"userlike-inspector/nativehost/internal/demo"
	"userlike-inspector/schema"
)

// The visit follows the catalogue in everything but its deliberate mistakes.
func TestVisitFollowsTheCatalogue(t *testing.T) {
	documented := map[string]schema.DocEvent{}
	for _, e := range schema.Catalogue().Events {
		documented[e.Name] = e
	}
	var earlier []string
	cameBefore := func(name string) bool { return slices.Contains(earlier, name) }
	for i, call := range demo.Visit() {
		event, ok := documented[call.Event]
		if !ok {
			t.Errorf("call %d: %q is not documented", i+1, call.Event)
		}
		if len(event.Needs) > 0 && !slices.ContainsFunc(event.Needs, cameBefore) {
			t.Errorf("call %d: %q came without any of %q", i+1, call.Event, event.Needs)
		}
		later := demo.Visit()[i+1:]
		if len(event.Then) > 0 && !slices.ContainsFunc(later, func(c demo.Call) bool { return slices.Contains(event.Then, c.Event) }) {
			t.Errorf("call %d: after %q came none of %q", i+1, call.Event, event.Then)
		}
		earlier = append(earlier, call.Event)
	}
}

// Each mistake is one that its rule finds at that place.
func TestVisitMistakes(t *testing.T) {
	fields := map[string]schema.Field{}
	for _, f := range schema.Catalogue().Fields {
		fields[f.At] = f
	}
	var rules []string
	consent := false
	for _, call := range demo.Visit() {
		consent = consent || call.Event == "disclaimer_ok"
		m := call.Mistake
		if m == nil {
			if call.Sends() != call.Event {
				t.Errorf("%s: sends %q without a mistake", call.Event, call.Sends())
			}
			continue
		}
		rules = append(rules, m.Rule)
		field, documented := fields[m.At]
		wrong := false
		switch m.Rule {
		case "before-consent":
			wrong = !consent && documented && field.Personal
		case "wrong-type":
			wrong = documented && field.Type == "integer" && m.Value != ""
		case "undocumented-field":
			wrong = !documented
		case "undocumented-event":
			wrong = call.Sends() != call.Event && !slices.ContainsFunc(schema.Catalogue().Events,
				func(e schema.DocEvent) bool { return e.Name == call.Sends() })
		case "not-serializable":
			wrong = m.Function
		}
		if !wrong {
			t.Errorf("%s: %+v is no mistake that %s finds", call.Event, *m, m.Rule)
		}
	}
	if !consent {
		t.Error("the privacy notice is never accepted, so nothing comes before that")
	}
	want := []string{"before-consent", "wrong-type", "undocumented-field", "undocumented-event", "not-serializable"}
	if !slices.Equal(rules, want) {
		t.Errorf("the mistakes are %q, want %q", rules, want)
	}
}
