package plan_test

import (
	"fmt"
	"testing"

	"userlike-inspector/nativehost/internal/plan"
)

func TestSites(t *testing.T) {
	for _, c := range []struct {
		pattern, address string
		want             bool
	}{
		{"https://shop.example/*", "https://shop.example/", true},
		{"https://shop.example/*", "https://shop.example", true},
		{"https://shop.example/*", "https://shop.example/a?b#c", true},
		{"https://shop.example/*", "http://shop.example/", false},
		{"https://shop.example/*", "https://shop.example.evil.example/", false},
		{"https://shop.example", "https://shop.example/a", true},
		{"https://shop.example/", "https://shop.example/a", false},
		{"https://*.shop.example/*/chat", "https://www.shop.example/de/chat", true},
		{"https://*.shop.example/*/chat", "https://www.shop.example/de/chats", false},
		{"http://127.0.0.1:*/*", "http://127.0.0.1:8080/?autoplay", true},
		{"*://*/checkout*", "https://shop.example/checkout/2", true},
		{"file:///*", "file:///home/a/page.html", true},
	} {
		p, err := parse(fmt.Sprintf("sites: [%q]", c.pattern))
		if err != nil {
			t.Errorf("%s: %v", c.pattern, err)
			continue
		}
		if got := p.OnSite(c.address); got != c.want {
			t.Errorf("%s on %s: %t", c.address, c.pattern, got)
		}
	}
	var none *plan.Plan
	if none.OnSite("https://shop.example/") {
		t.Error("no plan is about a site")
	}
}
