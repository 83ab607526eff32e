package simulation_test

import (
	"errors"
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/simulation"
	"userlike-inspector/nativehost/internal/wire"
)

func open(document, address string, handler bool) simulation.Page {
	return simulation.Page{Browser: &record.Browser{Name: "Firefox"}, OpenPage: wire.OpenPage{Document: document, URL: address, Handler: handler}}
}

// TestChoose: a page is chosen only if it is the only one with the function.
func TestChoose(t *testing.T) {
	shop, blog, bare := open("s", "https://shop.example/?q=1", true), open("b", "https://blog.example/", true), open("n", "https://bare.example/", false)
	for name, tt := range map[string]struct {
		open []simulation.Page
		want string
		err  error
		says string
	}{
		"one":      {open: []simulation.Page{bare, shop}, want: "s"},
		"none":     {err: simulation.ErrNoPage},
		"several":  {open: []simulation.Page{shop, bare, blog}, err: simulation.ErrSeveral, says: "https://shop.example/?…"},
		"function": {open: []simulation.Page{bare}, err: simulation.ErrNoFunction, says: "https://bare.example/"},
	} {
		t.Run(name, func(t *testing.T) {
			page, err := simulation.Choose(tt.open)
			if page.Document != tt.want || !errors.Is(err, tt.err) || err != nil && !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %q, %v", page.Document, err)
			}
		})
	}
}

// TestPageOf: a record's page is its document, or the one at its address after a reload, and
// never a page at another address.
func TestPageOf(t *testing.T) {
	of := &record.Record{Document: "s", URL: "https://shop.example/"}
	for name, tt := range map[string]struct {
		open       []simulation.Page
		want, says string
	}{
		"its document":   {open: []simulation.Page{open("x", of.URL, true), open("s", "https://shop.example/next", true)}, want: "s"},
		"no function":    {open: []simulation.Page{open("x", of.URL, true), open("s", of.URL, false)}, says: "has no userlikeTrackingEvent"},
		"reloaded":       {open: []simulation.Page{open("y", of.URL, false), open("x", of.URL, true)}, want: "x"},
		"twice there":    {open: []simulation.Page{open("x", of.URL, true), open("y", of.URL, true)}, says: "several pages have the function"},
		"only elsewhere": {open: []simulation.Page{open("x", "https://other.example/", true)}, says: "https://shop.example/ is no longer open"},
	} {
		t.Run(name, func(t *testing.T) {
			page, err := simulation.PageOf(of, tt.open)
			if page.Document != tt.want || (err == nil) != (tt.says == "") || err != nil && !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %q, %v", page.Document, err)
			}
		})
	}
}
