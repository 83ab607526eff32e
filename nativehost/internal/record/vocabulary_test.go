package record_test

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	"userlike-inspector/nativehost/internal/record"
)

// The schema, which other tools use, and the program must have the same words.
func TestVocabularyAgreesWithSchema(t *testing.T) {
	raw, err := os.ReadFile("../../../schema/record.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	type words struct{ Enum []string }
	var s struct {
		Properties struct {
			Kind, Event words
			Handler     struct{ Properties struct{ State words } }
		}
		Defs struct {
			HandlerState, ClientState words
			Reason                    struct{ AnyOf []words }
		} `json:"$defs"`
	}
	if err := json.Unmarshal(raw, &s); err != nil {
		t.Fatal(err)
	}
	for what, pair := range map[string]struct{ schema, program []string }{
		"kinds":                   {s.Properties.Kind.Enum, texts(record.Kinds[:])},
		"events of a page":        {s.Properties.Event.Enum, texts(record.PageEvents[:])},
		"states of a function":    {s.Defs.HandlerState.Enum, texts(record.HandlerStates[:])},
		"states of the client":    {s.Defs.ClientState.Enum, texts(record.ClientStates[:])},
		"states of one in a call": {s.Properties.Handler.Properties.State.Enum, texts(record.CallStates[:])},
		"reasons of gaps":         {s.Defs.Reason.AnyOf[0].Enum, texts(record.Reasons[:])},
	} {
		if !slices.Equal(pair.schema, pair.program) {
			t.Errorf("%s: the schema has %q, the program %q", what, pair.schema, pair.program)
		}
	}
}

func texts[T ~string](list []T) (all []string) {
	for _, v := range list {
		all = append(all, string(v))
	}
	return all
}

// Older programs wrote no state. The stage then follows from what else they wrote.
func TestClientState(t *testing.T) {
	for _, c := range []struct {
		r    record.Record
		want record.State
	}{
		{record.Record{Kind: record.Client, State: record.HeldBack, Text: "frame"}, record.HeldBack},
		{record.Record{Kind: record.Client, Text: "its frame"}, record.Framed},
		{record.Record{Kind: record.Client, Text: "its script"}, record.Loaded},
		{record.Record{Kind: record.Client}, record.Loaded},
		{record.Record{Kind: record.Handler, State: record.Appeared}, ""},
	} {
		if got := c.r.ClientState(); got != c.want {
			t.Errorf("%+v: the client is %q, want %q", c.r, got, c.want)
		}
	}
}

func TestHidesCalls(t *testing.T) {
	for _, c := range []struct {
		r    record.Record
		want bool
	}{
		{record.Record{Kind: record.Handler, State: record.Appeared, Text: "assigned"}, false},
		{
			r: record.Record{
				Kind:  record.Handler,
				State: record.Replaced,
				Text:  "declared; the script that defines it calls it too, and calls in the same run of it cannot be seen",
			},
			want: true,
		},
		{record.Record{Kind: record.Handler, State: record.NotWritable}, true},
		{record.Record{Kind: record.Handler, State: record.Shadowed}, true},
		{record.Record{Kind: record.Handler, State: record.Removed}, false},
		{record.Record{Kind: record.Mark, Text: record.UnseenCalls}, false},
	} {
		if got := c.r.HidesCalls(); got != c.want {
			t.Errorf("%+v hides calls: %t, want %t", c.r, got, c.want)
		}
	}
}

func TestAddress(t *testing.T) {
	for _, c := range [][3]string{
		{"https://shop.example/a", "https://top.example/", "https://shop.example/a"},
		{"about:srcdoc", "https://top.example/", "https://top.example/"},
		{"about:blank", "", "about:blank"},
	} {
		r := record.Record{URL: c[0], TopURL: c[1]}
		if got := r.Address(); got != c[2] {
			t.Errorf("%q in %q is at %q", c[0], c[1], got)
		}
	}
}
