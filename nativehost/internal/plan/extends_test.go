package plan_test

import (
	"slices"
	"testing"
	"time"
)

func TestExtends(t *testing.T) {
	p, err := parse(`extends: ./sub/base.yaml
name: Shop
events:
  chat_started: {count: "<=3", per: chat, when: {seen: chat_requested}}
  error_message:
  disclaimer_ok: {count: 1}
allow: {events: [other_event]}
severity: {wrong-type: error}
accept: [{rule: undocumented-field, at: /2/loyalty_tier, event: chat_started, until: 2027-03-01, because: fixed in March}]
forward: [{to: dataLayer, events: {chat_started: Chat}, within: 1s}]
personal_data: {allow: [stats.example]}
`)
	if err != nil {
		t.Fatal(err)
	}
	if p.Name != "Shop" || !p.OnSite("https://base.example/a") || p.OnSite("https://other.example/") {
		t.Errorf("name %q or sites are wrong", p.Name)
	}
	var names []string
	for _, e := range p.Events {
		names = append(names, e.Name)
	}
	if want := []string{"chat_started", "my_event", "error_message", "disclaimer_ok"}; !slices.Equal(names, want) {
		t.Errorf("events %q, want %q", names, want)
	}
	e := p.Event("chat_started")
	if e.Count.Source != "plan.yaml:4: chat_started count <=3" || e.After[0].Source != "sub/base.yaml:4: chat_started after chat_requested" {
		t.Errorf("sources %q and %q", e.Count.Source, e.After[0].Source)
	}
	if !e.PerChat || e.When == nil || e.When.Event != "chat_requested" || e.Because != "sales count it" {
		t.Errorf("%+v", e)
	}
	if p.Event("error_message").Count != nil {
		t.Error("what is set to nothing is still expected")
	}
	if !p.AllowsEvent("my_event") || !p.AllowsEvent("other_event") || !p.AllowsField("/2/tier") {
		t.Error("what is allowed does not add up")
	}
	if _, off := p.Severity("shape-drift", "warning"); !off {
		t.Error("shape-drift is on")
	}
	if s, _ := p.Severity("wrong-type", "error"); s != "error" {
		t.Errorf("wrong-type is %q", s)
	}
	if len(p.Accept) != 2 || p.Accept[0].Source != "sub/base.yaml:12" || p.Accept[1].Because != "fixed in March" || p.Accept[1].Source != "plan.yaml:9" ||
		!p.Accept[1].Until.Equal(time.Date(2027, 3, 2, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("%+v", p.Accept)
	}
	var forward []string
	for _, f := range p.Forward {
		for _, e := range f.Events[:min(2, len(f.Events))] {
			forward = append(forward, e.Source+" in "+f.Within.String())
		}
	}
	if want := []string{
		"sub/base.yaml:13: my_event to dataLayer in 5s", "sub/base.yaml:13: button_displayed to stats.example in 5s",
		"sub/base.yaml:13: chat_connected to stats.example in 5s",
		"plan.yaml:10: chat_started to dataLayer as Chat in 1s",
	}; !slices.Equal(forward, want) {
		t.Errorf("forward is %q", forward)
	}
	if len(p.PersonalData.Allow) != 2 {
		t.Errorf("%+v", p.PersonalData)
	}
	v := p.CustomData.Check(map[string]any{})
	if len(v) != 1 || p.CustomData.Source(v[0]) != "sub/data.json:1: #/required" {
		t.Errorf("%+v", v)
	}
	if p.Consent == nil || p.Consent.Guards[0].Source != "sub/base.yaml:9: disclaimer_ok guards /2/client_email" {
		t.Errorf("%+v", p.Consent)
	}
}
