package systems_test

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/systems"
	"userlike-inspector/schema"
)

// Each system has a name of its own, and at least one place by which it is recognised.
func TestTheList(t *testing.T) {
	names, queues := map[string]bool{}, map[string]string{}
	for _, s := range schema.Systems() {
		if s.Name == "" || names[s.Name] || len(s.Places)+len(s.Queues) == 0 {
			t.Errorf("%+v", s)
		}
		names[s.Name] = true
		// No page of etracker's says where its hits go; this is known from its scripts.
		if u, err := url.Parse(s.Source); s.Name != "etracker" && (err != nil || u.Scheme != "https" || u.Host == "") {
			t.Errorf("%s has the source %q", s.Name, s.Source)
		}
		for _, q := range s.Queues {
			if queues[q] != "" {
				t.Errorf("%s and %s have the queue %q", s.Name, queues[q], q)
			}
			queues[q] = s.Name
		}
		for _, p := range s.Places {
			if p.Host == "" && len(p.Has) == 0 && p.End == "" && p.Within == "" {
				t.Errorf("%s is at every address with %q", s.Name, p.Path)
			}
			if p.Host != strings.ToLower(p.Host) || strings.ContainsAny(p.Host, "/*:") || p.Path != "" && p.Path[0] != '/' ||
				p.End != "" && !strings.ContainsAny(p.End[:1], "/.") {
				t.Errorf("%s: %+v", s.Name, p)
			}
		}
		for _, pointer := range slices.Concat(s.Property, s.Event) {
			if _, ok := schema.Tokens(pointer); !ok || pointer == "" {
				t.Errorf("%s: %q is no pointer", s.Name, pointer)
			}
			if name := pointer[strings.LastIndexByte(pointer, '/')+1:]; slices.Contains(s.Counters, name) {
				t.Errorf("%s: %q is both a counter and the property", s.Name, name)
			}
		}
		if u, err := url.Parse(s.CountersSource); len(s.Counters) > 0 && (err != nil || u.Scheme != "https" || u.Host == "") {
			t.Errorf("%s has the source %q of its counters", s.Name, s.CountersSource)
		}
	}
	if len(names) < 30 {
		t.Errorf("only %d systems", len(names))
	}
}

func TestOf(t *testing.T) {
	known := systems.Known()
	for address, want := range map[string]string{
		"https://www.google-analytics.com/g/collect":                  "Google Analytics 4",
		"https://region1.google-analytics.com:443/g/collect":          "Google Analytics 4",
		"https://WWW.Google-Analytics.com./g/collect":                 "Google Analytics 4",
		"https://evilgoogle-analytics.com/g/collect":                  "",
		"https://www.google-analytics.com.evil.example/g/collect":     "",
		"https://sst.shop.example/metrics/g/collect?tid v":            "Google Analytics 4 server-side",
		"https://sst.shop.example/g/collect":                          "",
		"https://www.googletagmanager.com/gtm.js":                     "",
		"https://shop.example/stats/matomo.php":                       "Matomo",
		"https://shop.example/matomo.js":                              "",
		"https://shop.piwik.pro/ppms.php":                             "Piwik PRO",
		"https://metrics.shop.example/b/ss/shopprod/1/JS-2.22/s1":     "Adobe Analytics",
		"https://data.shop.example/ee/irl1/v1/interact?configId":      "Adobe Experience Platform Edge",
		"https://www.facebook.com/tr/":                                "Meta Pixel",
		"https://connect.facebook.net/en_US/fbevents.js":              "",
		"https://shop.example/api/event?n d u":                        "Plausible",
		"https://shop.example/api/event":                              "",
		"https://track-eu.customer.io/events/page":                    "Customer.io",
		"https://content.hotjar.io/?gzip=1":                           "Hotjar",
		"https://www.etracker.de/cnt.php":                             "etracker",
		"https://track.webtrekk.net/111111111111111/wt":               "Mapp Intelligence",
		"https://www.econda-monitor.de/l/000016f3/t/x":                "econda",
		"https://px.ads.linkedin.com/wa/":                             "LinkedIn Insight Tag",
		"https://c.contentsquare.net/v2/events":                       "Contentsquare",
		"https://sp.shop.example/com.snowplowanalytics.snowplow/tp2":  "Snowplow",
		"https://www.googleadservices.com/pagead/conversion_async.js": "",
		"https://www.googleadservices.com/pagead/conversion/123/":     "Google Ads",
		"https://cdn.us.heap-api.com/config/1/heap_config.js":         "",
		"not an address":                "",
		"":                              "",
		"https://[::1]:8080/matomo.php": "Matomo",
	} {
		to, has, _ := strings.Cut(address, "?")
		if got := known.OfRequest(to, func(name string) bool { return slices.Contains(strings.Fields(has), name) }); got != want {
			t.Errorf("%s is %q, want %q", address, got, want)
		}
	}
	if got := known.OfQueue("_paq"); got != "Matomo" {
		t.Errorf("_paq is %q", got)
	}
	if got := known.OfQueue("_other"); got != "" {
		t.Errorf("_other is %q", got)
	}
}

func TestProperty(t *testing.T) {
	known := systems.Known()
	for _, c := range []struct{ system, data, want string }{
		{"Google Analytics 4", `{"query":{"tid":"G-1","en":"a"}}`, "G-1"},
		{"Google Universal Analytics", `{"body":[{"tid":"a"},{"tid":"b"},{"tid":"a"}]}`, "a b"},
		{"Matomo", `{"query":{"idsite":"4","e_a":"x"}}`, "4"},
		{"Meta Pixel", `{"body":{"id":"42","ev":"Contact"}}`, "42"},
		{"Mixpanel", `{"body":[{"event":"a","properties":{"token":"t"}}]}`, "t"},
		{"HubSpot", `{"query":{"a":["1","2"]}}`, ""},
		{"Sentry", `{"query":{"sentry_key":7}}`, "7"},
		{"Google Tag Manager", `[{"event":"a"},["b"],{"event":"c"}]`, ""},
		{"Nobody's", `{}`, ""},
		{"Sentry", `{`, ""},
		{"Sentry", ``, ""},
	} {
		h := &record.Handed{System: c.system, Data: json.RawMessage(c.data)}
		if got := known.Property(h); got != c.want {
			t.Errorf("%s %s is for %q", c.system, c.data, got)
		}
	}
}
