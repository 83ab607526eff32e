package simulation_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/simulation"
	"userlike-inspector/schema"
)

func documented() []string {
	var names []string
	for _, e := range schema.Catalogue().Events {
		names = append(names, e.Name)
	}
	return names
}

// Samples are calls that the client could make, except for the parts which say that it is a
// test.
func TestSamplesAreValidAndAllDiffer(t *testing.T) {
	in, err := inspect.New()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	calls := simulation.Samples(documented(), "r1", nil)
	if len(calls) != 2*35 {
		t.Errorf("%d calls, want two for each of 35 events", len(calls))
	}
	for i, c := range calls {
		var notes []record.Note
		for _, at := range c.Undefined {
			notes = append(notes, record.Note{At: at, Is: "undefined"})
		}
		r := &record.Record{V: 1, Kind: record.Call, ID: "d/1", Seq: 1, Args: c.Args, Notes: notes}
		for _, f := range in.Judge(r) {
			t.Errorf("%s %s: %s", c.Event, c.Variant, f.Message)
		}
		var args []any
		if err := json.Unmarshal(c.Args, &args); err != nil {
			t.Fatal(err)
		}
		there := 0
		for _, f := range schema.Catalogue().Fields {
			tokens, _ := schema.Tokens(f.At)
			v, is := schema.Lookup(args, tokens)
			switch {
			case is == slices.Contains(c.Undefined, f.At):
				t.Errorf("%s %s: %s is neither there nor undefined, or both", c.Event, c.Variant, f.At)
			case !is && (f.Required || c.Variant == simulation.Full):
				t.Errorf("%s %s: there is no %s", c.Event, c.Variant, f.At)
			case !is || f.Name == "widget_lang":
				continue
			}
			text, _ := json.Marshal(v)
			if before, twice := seen[string(text)]; twice {
				t.Errorf("%s %s: %s is %s, as in call %d", c.Event, c.Variant, f.At, text, before)
			}
			seen[string(text)] = i
			there++
		}
		if there == 0 {
			t.Errorf("%s %s has no fields", c.Event, c.Variant)
		}
	}
	if slices.Equal(calls[0].Args, simulation.Samples(documented(), "r2", nil)[0].Args) {
		t.Error("two runs send the same")
	}
}

func TestSamplesTakeThePlansCustomData(t *testing.T) {
	data := map[string]any{"basket": map[string]any{"total": 12.5}}
	for _, c := range simulation.Samples([]string{"chat_started"}, "r", data) {
		want := c.Variant == simulation.Full
		if got := strings.Contains(string(c.Args), `"custom_data":{"basket":{"total":12.5}}`); got != want {
			t.Errorf("%s: %s", c.Variant, c.Args)
		}
	}
}

func TestFromRecord(t *testing.T) {
	const args = `["chat_started",{"client_uuid":"u"},{}]`
	for _, test := range []struct {
		name      string
		notes     []record.Note
		redacted  []string
		undefined []string
		why       string
	}{
		{name: "plain", undefined: []string{}},
		{name: "undefined", notes: []record.Note{{At: "/2/chat_id", Is: "undefined"}}, undefined: []string{"/2/chat_id"}},
		{name: "cut", notes: []record.Note{{At: "/2/custom_data", Is: "truncated"}}, why: "/2/custom_data: the recording has only a part of it"},
		{name: "function", notes: []record.Note{{At: "/2/custom_data/f", Is: "function"}}, why: "/2/custom_data/f: it is function, which cannot be made again"},
		{name: "redacted", redacted: []string{"/args/2/client_email"}, why: "its values are pseudonyms"},
	} {
		r := &record.Record{V: 1, Kind: record.Call, ID: "d/1", Seq: 1, Args: []byte(args), Notes: test.notes, Redacted: test.redacted}
		call, unsent := simulation.FromRecord(r)
		switch {
		case test.why != "":
			if unsent == nil || unsent.Why != test.why || unsent.Event != "chat_started" {
				t.Errorf("%s: %+v, want it refused for %q", test.name, unsent, test.why)
			}
		case unsent != nil || string(call.Args) != args || !slices.Equal(call.Undefined, test.undefined):
			t.Errorf("%s: %s %q %v", test.name, call.Args, call.Undefined, unsent)
		}
	}
}
