package journey_test

import (
	"slices"
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/record"
)

// schemaCases are plans with schemas for custom_data and the contexts.
var schemaCases = []planCase{
	{
		name: "custom_data",
		plan: "custom_data: {required: [a], properties: {b: {type: integer}}}",
		script: `1 button_displayed {"custom_data":{"b":"1"}}` + "\n" +
			" 3 button_displayed",
		want: []string{"error custom-data d/1 /2/custom_data/a", "error custom-data d/1 /2/custom_data/b"},
	},
	{"custom_data, other demands", "custom_data: {properties: {a: {enum: [x, y]}, b: {minimum: 3}, c: {type: [string, 'null']}, d: {const: 1}, e: " +
		"{pattern: '^a'}, f: {anyOf: [{type: string}, {minimum: 5}]}, g: {maxItems: 1}, h: false, i: {format: date}, " +
		"j: {unevaluatedProperties: false}, k: {uniqueItems: true}, l: {dependentRequired: {a: [b]}}}, " +
		"patternProperties: {'^x-': {type: integer}}, additionalProperties: false}",
		`1 button_displayed {"custom_data":{"a":"z","b":2,"c":1,"d":2,"e":"b","f":1,"g":[1,2],"h":1,"i":"x","j":{"k":1},` +
			`"k":[1,1.0],"l":{"a":1},"x-1":1,"x-2":"1","y":1}}`, []string{
			"error custom-data d/1 /2/custom_data/a", "error custom-data d/1 /2/custom_data/b",
			"error custom-data d/1 /2/custom_data/c", "error custom-data d/1 /2/custom_data/d",
			"error custom-data d/1 /2/custom_data/e", "error custom-data d/1 /2/custom_data/f",
			"error custom-data d/1 /2/custom_data/g", "error custom-data d/1 /2/custom_data/h",
			"error custom-data d/1 /2/custom_data/i", "error custom-data d/1 /2/custom_data/j/k",
			"error custom-data d/1 /2/custom_data/k", "error custom-data d/1 /2/custom_data/l/b",
			"error custom-data d/1 /2/custom_data/x-2", "error custom-data d/1 /2/custom_data/y",
		}},
	{
		name: "custom_data that is not all there",
		plan: "custom_data: {required: [a], properties: {b: {maxLength: 3}, c: {required: [x], properties: {y: {type: string}}}, d: {type: number}}}",
		script: `1 button_displayed {"custom_data":{"a":1,"b":"long",` +
			`"c":{"y":1}}} note /2/custom_data/b truncated note /2/custom_data/c truncated note /2/custom_data/d getter`,
		want: []string{"error custom-data d/1 /2/custom_data/c/y"},
	},
	{
		name:   "contexts",
		plan:   "events: {button_displayed: {session_ctx: {required: [operator_id]}, global_ctx: {properties: {widget_id: {const: 7}}}}}",
		script: "1 button_displayed",
		want:   []string{"error context d/1 /1/widget_id", "error context d/1 /2/operator_id"},
	},
}

// The plan's schemas have outcomes too. Where addresses are redacted, nothing is said of
// calls that may have been on other sites.
func TestOutcomesOfSchemas(t *testing.T) {
	const p = "sites: [\"https://d.example/cart*\"]\n" +
		"events: {chat_requested: {session_ctx: {required: [chat_id]}}}\n" +
		"custom_data: {properties: {total: {type: number, minimum: 1}}}"
	hide := func(r *record.Record, places ...string) { r.Redacted = places }
	for _, c := range []struct {
		name, script string
		change       func([]*record.Record)
		want         []string
	}{
		{
			name: "met",
			script: `1 !https://d.example/cart button_displayed {"custom_data":{"total":3}}` + "\n" +
				`2 !https://d.example/cart chat_requested {"chat_id":"a"}`,
			want: []string{"session_ctx.custom_data by the plan's schema met", "chat_requested session_ctx by the plan's schema met"},
		},
		{
			name: "broken",
			script: `1 !https://d.example/cart button_displayed {"custom_data":{"total":"3"}}` + "\n" +
				`2 !https://d.example/cart chat_requested`,
			want: []string{
				"session_ctx.custom_data by the plan's schema missing: 1 of 1 call broke it",
				"chat_requested session_ctx by the plan's schema missing: 1 of 1 call broke it",
			},
		},
		{"no such value", "1 !https://d.example/cart button_displayed", nil, nil},
		{
			name:   "cut",
			script: `1 !https://d.example/cart button_displayed {"custom_data":{"total":0}} note /2/custom_data/total truncated`,
			want:   []string{"session_ctx.custom_data by the plan's schema not judgeable: the record holds too little of 1 value: hidden or cut"},
		},
		{
			name:   "hidden",
			script: `1 !https://d.example/cart button_displayed {"custom_data":{"total":3}}`,
			change: func(all []*record.Record) { hide(all[0], "/args/2/custom_data") },
			want:   []string{"session_ctx.custom_data by the plan's schema not judgeable: the record holds too little of 1 value: hidden or cut"},
		},
		{"elsewhere", `1 !https://d.example/help button_displayed {"custom_data":{"total":0}}`, nil, nil},
		{
			name: "nobody knows where",
			script: `1 !https://d.example/Qxf button_displayed {"custom_data":{"total":0}}` + "\n" +
				"2 !https://d.example/Qxf chat_requested",
			change: func(all []*record.Record) { hide(all[0], "/url"); hide(all[1], "/url") },
		},
	} {
		records := recording(t, c.script)
		if c.change != nil {
			c.change(records)
		}
		j := journey.NewRecording(inspector(t).With(parsePlan(t, p)))
		for _, r := range records {
			j.Add(r)
		}
		j.End()
		var got []string
		for o := range j.Outcomes(true) {
			line := strings.TrimSpace(o.Event + " " + o.Expected + " " + string(o.State))
			if o.Why != "" {
				line += ": " + o.Why
			}
			got = append(got, line)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
	}

	records := recording(t, "0 !https://d.example/Qxf opened\n1 !https://d.example/Qxf button_displayed\n90 !https://d.example/Qxf closed")
	for _, r := range records {
		hide(r, "/url")
	}
	j := journey.NewRecording(inspector(t).With(parsePlan(t,
		"sites: [\"https://d.example/cart*\"]\nevents: {chat_started: {count: 1}, button_displayed: {count: 0}}")))
	for _, r := range records {
		j.Add(r)
	}
	if found := lines(j.End()); found != nil {
		t.Errorf("found %q on pages that may be elsewhere", found)
	}
	n := 0
	for o := range j.Outcomes(true) {
		if n++; o.State != journey.Unjudged || !strings.Contains(o.Why, "hidden") {
			t.Errorf("%+v", o)
		}
	}
	if n != 2 {
		t.Errorf("%d outcomes, want 2", n)
	}
}
