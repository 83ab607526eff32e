package schema_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"userlike-inspector/schema"
)

// context is what the tests look at in a context's schema.
type context struct {
	Properties map[string]struct {
		Type        string `json:"type"`
		Description string `json:"description"`
	} `json:"properties"`
	Required []string `json:"required"`
}

func readSchema(t *testing.T, name string, v any) {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, v); err != nil {
		t.Fatal(err)
	}
}

// The catalogue and the schemas agree.
func TestCatalogueAgreesWithSchemas(t *testing.T) {
	c := schema.Catalogue()

	var event struct {
		PrefixItems []struct {
			Enum []string `json:"enum"`
			Ref  string   `json:"$ref"`
		} `json:"prefixItems"`
		MinItems, MaxItems int
	}
	readSchema(t, schema.Event, &event)
	var names []string
	for _, e := range c.Events {
		names = append(names, e.Name)
	}
	if !slices.Equal(names, event.PrefixItems[0].Enum) {
		t.Errorf("the catalogue's events are %q, the schema's %q", names, event.PrefixItems[0].Enum)
	}
	if n := len(c.Arguments); event.MinItems != n || event.MaxItems != n || len(event.PrefixItems) != n {
		t.Errorf("the catalogue has %d arguments, the schema %d to %d", n, event.MinItems, event.MaxItems)
	}

	for at, name := range map[string]string{"/1": schema.GlobalCtx, "/2": schema.SessionCtx} {
		var s context
		readSchema(t, name, &s)
		documented := 0
		for _, f := range c.Fields {
			if !strings.HasPrefix(f.At, at+"/") {
				continue
			}
			documented++
			if f.At != at+"/"+f.Name {
				t.Errorf("field %q has the pointer %q", f.Name, f.At)
			}
			p, ok := s.Properties[f.Name]
			if !ok || p.Type != f.Type || p.Description != f.Description || slices.Contains(s.Required, f.Name) != f.Required {
				t.Errorf("%s differs between the catalogue (%+v) and %s (%+v, required %q)", f.At, f, name, p, s.Required)
			}
		}
		if documented != len(s.Properties) {
			t.Errorf("%s has %d properties, the catalogue %d", name, len(s.Properties), documented)
		}
	}
}

func TestCatalogue(t *testing.T) {
	c := schema.Catalogue()
	if len(c.Events) != 35 || len(c.Fields) != 11 || len(c.Arguments) != 3 {
		t.Errorf("%d events, %d fields, %d arguments; the page has 35, 11 and 3", len(c.Events), len(c.Fields), len(c.Arguments))
	}
	known := map[string]bool{}
	for _, e := range c.Events {
		if known[e.Name] {
			t.Errorf("event %q is there twice", e.Name)
		}
		known[e.Name] = true
	}
	for _, e := range c.Events {
		if e.Description == "" {
			t.Errorf("event %q has no description", e.Name)
		}
		for _, other := range slices.Concat(e.Needs, e.Then, e.MayFollow) {
			if !known[other] || other == e.Name {
				t.Errorf("event %q refers to %q", e.Name, other)
			}
		}
		for _, other := range e.MayFollow {
			if !slices.Contains(e.Needs, other) {
				t.Errorf("event %q may be followed by %q, which it does not need", e.Name, other)
			}
		}
		if (len(e.Then) > 0) != (e.Within.Duration > 0) {
			t.Errorf("event %q: then %q within %s", e.Name, e.Then, e.Within)
		}
	}
	for _, e := range c.Elsewhere {
		if known[e.Name] || e.Here != "" && !known[e.Here] || e.Where == "" {
			t.Errorf("name from elsewhere: %+v", e)
		}
	}
	i := slices.IndexFunc(c.Events, func(e schema.DocEvent) bool { return e.Name == "slot_check" })
	if got := c.Events[i].Within.Duration; got != 10*time.Second {
		t.Errorf("slot_check is answered within %s, want 10s", got)
	}
}

// Changes to one copy of the catalogue do not affect others.
func TestCatalogueIsACopy(t *testing.T) {
	schema.Catalogue().Events[0].Name = "changed"
	if got := schema.Catalogue().Events[0].Name; got != "button_displayed" {
		t.Errorf("the first event is %q", got)
	}
}
