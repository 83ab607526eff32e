package filter_test

import (
	"encoding/json"
	"testing"

	"userlike-inspector/nativehost/internal/filter"
	"userlike-inspector/nativehost/internal/record"
)

// And and Not keep a text where there is one, and a name for people where there is none.
func TestAndNot(t *testing.T) {
	parse := func(text string) *filter.Filter { return parsed(t, text) }
	visit := filter.Visit("visit s@shop.example", "s", []string{"d"})
	started := &record.Record{ID: "d/1", Kind: record.Call, Args: json.RawMessage(`["chat_started",{},{"session_id":"s"}]`)}
	for _, tt := range []struct {
		f          *filter.Filter
		text, name string
		match      bool
	}{
		{parse("").And(parse("event:chat_*")), "event:chat_*", "/event:chat_*", true},
		{parse("event:chat_*").And(parse("")), "event:chat_*", "/event:chat_*", true},
		{parse("event:chat_*").And(parse("tab:3")), "event:chat_* tab:3", "/event:chat_* tab:3", false},
		{parse("event:chat_* tab:3").And(parse("event:chat_*")), "event:chat_* tab:3", "/event:chat_* tab:3", false},
		{parse(`"chat_started tab:3 {"`).And(parse("tab:3")), `"chat_started tab:3 {" tab:3`, `/"chat_started tab:3 {" tab:3`, false},
		{parse("event:chat_*").And(visit), "", "/event:chat_* visit s@shop.example", true},
		{visit.And(parse("tab:3").Not()), "", "visit s@shop.example /-tab:3", true},
		{visit.And(parse("tab:3")).And(parse("tab:3")), "", "visit s@shop.example /tab:3", false},
		{parse("!event:chat_*").Not(), "event:chat_*", "/event:chat_*", true},
		{parse("event:chat_*").Not(), "-event:chat_*", "/-event:chat_*", false},
		{parse("-event:chat_*").Not(), "event:chat_*", "/event:chat_*", true},
		{visit.Not(), "", "not visit s@shop.example", false},
	} {
		if tt.f.String() != tt.text || tt.f.Name() != tt.name || tt.f.Match(started) != tt.match {
			t.Errorf("%q, %q, match %v; want %q, %q, match %v", tt.f.String(), tt.f.Name(), tt.f.Match(started), tt.text, tt.name, tt.match)
		}
		if tt.text != "" && parse(tt.text).Match(started) != tt.match {
			t.Errorf("%q typed again matches otherwise", tt.text)
		}
	}
}
