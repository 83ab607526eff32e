package plan_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/plan"
)

// TestSites: the extension's options tell sites by the same cases.
func TestSites(t *testing.T) {
	raw, err := os.ReadFile("../../../schema/testdata/sites.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases struct {
		Matches [][3]any
		Refused []string
	}
	if err := json.Unmarshal(raw, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases.Matches) == 0 || len(cases.Refused) == 0 {
		t.Fatal("there are no cases")
	}
	for _, c := range cases.Matches {
		pattern, address := c[0].(string), c[1].(string)
		p, err := parse(fmt.Sprintf("sites: [%q]", pattern))
		if err != nil {
			t.Errorf("%s: %v", pattern, err)
			continue
		}
		if got := p.OnSite(address); got != c[2] {
			t.Errorf("%s on %s: %t", address, pattern, got)
		}
	}
	for _, pattern := range cases.Refused {
		if _, err := parse(fmt.Sprintf("name: x\nsites: [%q]", pattern)); err == nil ||
			!strings.Contains(err.Error(), "plan.yaml:2:9: ") || !strings.Contains(err.Error(), " can match no page: ") {
			t.Errorf("%s: %v", pattern, err)
		}
	}
	var none *plan.Plan
	if none.OnSite("https://shop.example/") {
		t.Error("no plan is about a site")
	}
}
