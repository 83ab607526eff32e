package plan_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/plan"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/schema"
)

// TestForward reads the documentation's example of forward.
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
	if want := (plan.Forwarded{
		Event:  "chat_started",
		As:     "Live Chat Conversation Started",
		Source: "plan.yaml:14: chat_started to api.segment.io as Live Chat Conversation Started",
	}); len(segment.Events) != 1 || segment.Events[0] != want {
		t.Errorf("%+v", segment.Events)
	}
	if d := p.PersonalData; !d.Allows(record.Queue, "dataLayer") || !d.Allows(record.Request, "https://eu.stats.shop.example/x") ||
		d.Allows(record.Request, "https://shop.example/") {
		t.Errorf("%+v", d)
	}
}

// TestPlaces: queues match by their exact name, hosts as browsers write them.
func TestPlaces(t *testing.T) {
	for _, c := range []struct {
		place    string
		via      record.Via
		has, not []string
	}{
		{"dataLayer", record.Queue, []string{"dataLayer"}, []string{"datalayer", "dataLayer2"}},
		{"fbq.queue", record.Queue, []string{"fbq.queue"}, []string{"fbq"}},
		{
			place: "stats.example",
			via:   record.Request,
			has:   []string{"https://stats.example/", "http://stats.example:8080/a", "https://EU.stats.example./a", "wss://stats.example/"},
			not:   []string{"https://mystats.example/", "https://stats.example.org/", "dataLayer", "https://other.example/stats.example"},
		},
		{
			place: "Stats.Example:443",
			via:   record.Request,
			has:   []string{"https://stats.example/"},
			not:   []string{"http://stats.example/", "https://stats.example:8443/"},
		},
		{
			place: "google-analytics.com/g/collect",
			via:   record.Request,
			has:   []string{"https://region1.google-analytics.com/g/collect", "https://google-analytics.com/g/collect/x"},
			not:   []string{"https://google-analytics.com/j/collect", "https://google-analytics.com/"},
		},
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
