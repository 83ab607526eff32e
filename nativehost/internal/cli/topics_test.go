package cli

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"userlike-inspector/nativehost/internal/plan"
	"userlike-inspector/schema"
)

// TestPlanTopic: every key of a plan is explained, by an example that can be read.
func TestPlanTopic(t *testing.T) {
	var grammar struct {
		Properties map[string]struct {
			Items struct{ Properties map[string]any }
		}
		Defs struct {
			Event struct{ Properties map[string]any }
		} `json:"$defs"`
	}
	if err := json.Unmarshal(schema.Text(schema.Plan), &grammar); err != nil {
		t.Fatal(err)
	}
	want := slices.Sorted(maps.Keys(grammar.Properties))
	want = append(want, slices.Sorted(maps.Keys(grammar.Defs.Event.Properties))...)
	for _, key := range slices.Sorted(maps.Keys(grammar.Properties["forward"].Items.Properties)) {
		if slices.Contains(want, key) {
			key += " in forward"
		}
		want = append(want, key)
	}
	slices.Sort(want)
	var keys []string
	for _, k := range planKeys {
		keys = append(keys, k.key)
		_, err := plan.Parse("plan.yaml", "/p/plan.yaml", []byte("allow: {events: [my_event]}\n"+k.example),
			func(string) ([]byte, error) { return []byte("name: Base"), nil })
		if k.key == "allow" {
			_, err = plan.Parse("plan.yaml", "/p/plan.yaml", []byte(k.example), nil)
		}
		if err != nil {
			t.Errorf("%s: %v", k.key, err)
		}
	}
	slices.Sort(keys)
	if !slices.Equal(keys, want) {
		t.Errorf("explained are %q, there are %q", keys, want)
	}
}
