package filter_test

import (
	"encoding/json"
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/filter"
	"userlike-inspector/nativehost/internal/record"
)

func TestComplete(t *testing.T) {
	known := filter.Documented()
	known.Add("site", "https://shop.example")
	known.Add("site", "https://shop.example")
	known.Add("event", "my event")
	known.Add("event", "odd\x1b\u202eevent")
	known.Add("/", "/2/custom_data/a b", "/2/custom_data/a\u200bb")
	known.Add("since", "mark:login", "mark:after the fix")
	known.Add("/2/chat_id", "c-22", "c,23", "d")
	known.Add("/2/Basket", "tea")
	known.Add("/2/chat_title", `say "hi" \ bye`)
	tests := []struct {
		text string // | is the cursor
		want string // the texts that it can become, at the cursor
	}{
		{"ev|", "event:"},
		{"-EV|", "-event:"},
		{"s|", "site: severity>= system: simulated: since:"},
		{"carries:/2/client_e|", "carries:/2/client_email"},
		{"tab:1 u|", "tab:1 url: tab:1 until:"},
		{"event:chat_st|", "event:chat_started event:chat_started_proactive"},
		{"event:x,chat_started_|", "event:x,chat_started_proactive"},
		{"event:chat_st| tab:1", "event:chat_started tab:1 event:chat_started_proactive tab:1"},
		{"severity>=w|", "severity>=warning"},
		{"severity:|", "severity:none severity:info severity:warning severity:error"},
		{"kind:ma|", "kind:mark"},
		{"rule:wrong|", "rule:wrong-type"},
		{"site:|", "site:https://shop.example"},
		{`event:my|`, `event:"my event"`},
		{`event:od|`, `event:odd*event`},
		{`event:"my |`, `event:"my event"`},
		{"/2/cha|", "/2/chat_id:"},
		{"/2/custom_data/|", `"/2/custom_data/a b":`},
		{`"ev|`, ""},
		{
			text: `"ev" |`,
			want: `"ev" event: "ev" site: "ev" severity>= "ev" rule: "ev" journey: "ev" tab: "ev" kind: "ev" to: "ev" system: ` +
				`"ev" carries: "ev" simulated: "ev" browser: "ev" url: "ev" id: "ev" since: "ev" until:`,
		},
		{"since:m|", `since:mark:login since:"mark:after the fix"`},
		{"since:mark:AF|", `since:"mark:after the fix"`},
		{"/2/chat_id:|", `/2/chat_id:c-22 /2/chat_id:"c,23" /2/chat_id:d`},
		{"/2/chat_id:d,c|", `/2/chat_id:d,c-22 /2/chat_id:d,"c,23"`},
		{"/2/Basket:|", `/2/Basket:tea`},
		{`/2/chat_title:"say \"h|`, `/2/chat_title:"say \"hi\" \\ bye"`},
		{`/2/chat_title:"say \"hi\" \\ b|`, `/2/chat_title:"say \"hi\" \\ bye"`},
		{"nowhere|", ""},
		{"nowhere:x|", ""},
	}
	for _, test := range tests {
		before, after, _ := strings.Cut(test.text, "|")
		from, suggestions := filter.Complete(before+after, len(before), known)
		var got []string
		for _, s := range suggestions {
			got = append(got, before[:from]+s.Text+after)
		}
		if got := strings.Join(got, " "); got != test.want {
			t.Errorf("%s\ngot  %s\nwant %s", test.text, got, test.want)
		}
	}
}

// A filter with what Quote writes can be typed, and matches the value.
func TestQuote(t *testing.T) {
	for value, want := range map[string]string{
		"chat_started":                 `chat_started`,
		"":                             `""`,
		"a b,c*d":                      `"a b,c*d"`,
		`say "hi" \`:                   `"say \"hi\" \\"`,
		`back\slash`:                   `back\slash`,
		"chat_\u202e\x1b[31m\nred":     `chat_*[31m*red`,
		"nul\x00 x":                    `nul*" x"`,
		"\u200b":                       `*`,
		"⚠\ufe0f":                      `⚠*`,
		"cut…":                         `cut*`,
		strings.Repeat("ä", 500) + "b": strings.Repeat("ä", 128) + "*",
	} {
		got := filter.Quote(value)
		if got != want {
			t.Errorf("%q: %s, want %s", value, got, want)
		}
		name, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		f, err := filter.Parse("event:"+got, now)
		if err != nil || !f.Match(&record.Record{Kind: record.Call, Args: json.RawMessage(`[` + string(name) + `]`)}) {
			t.Errorf("%q is not let through by %s: %v", value, got, err)
		}
	}
}
