package cli

import (
	"strings"
	"testing"
	"time"
)

// In --site, * is any text, and all else stands for itself, however long it is.
func TestSiteFilter(t *testing.T) {
	t.Parallel()
	long := "https://shop.example/" + strings.Repeat("a", 100)
	for _, tt := range []struct {
		glob, address string
		want          bool
	}{
		{"shop.example", "https://shop.example/checkout", true},
		{"*.shop.example", "https://www.shop.example/checkout", true},
		{"*.shop.example", "https://shop.other/checkout", false},
		{"https://shop.example/check*", "https://shop.example/checkout", true},
		{"https://shop.example/check*", "https://shop.example/cart", false},
		{long, long, true},
		{long, long + "b", false},
		{`https://shop.example/?q="a,b`, `https://shop.example/?q="a,b`, true},
	} {
		at, err := siteFilter(tt.glob, time.Time{})
		if err != nil {
			t.Errorf("%s: %v", tt.glob, err)
		} else if got := at(tt.address); got != tt.want {
			t.Errorf("%s is at %s: %v", tt.address, tt.glob, got)
		}
	}
}
