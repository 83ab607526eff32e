package schema_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"userlike-inspector/schema"
)

// calls are arguments, valid and invalid, that differ in what the schema checks.
func calls() []string {
	const call = `["chat_started",{"client_uuid":"5f0c","operator_group_id":12,"widget_id":34,"widget_lang":"de"},` +
		`{"session_id":"s","client_email":"ada@shop.example","operator_id":7,` +
		`"custom_data":{"cart":[{"id":1,"price":2.5}],"note":"\u00e9"}}]`
	all := []string{
		call, ` [ "chat_started" , {"client_uuid":"x","operator_group_id":1,"widget_id":3,"widget_lang":"de"} , { } ] `,
		`[]`, `{}`, `null`, `[1,2,3]`, `["chat_started",{},{}]`, `["chat_started",{},{},{}]`, `[[[["`, `["\u0063hat_started",{},{}]`,
		"[\"a\nb\"]", `[01]`, `[1.]`, `[-]`, `[1e]`, `["\x"]`, `["\u12"]`, `[1] 2`,
	}
	for _, change := range [][2]string{
		{`"chat_started"`, `"chat_strated"`}, {`"chat_started"`, `"button_displayed"`}, {`"chat_started"`, `"\u0063hat_started"`}, {`"chat_started"`, `null`},
		{`"5f0c"`, `""`}, {`"5f0c"`, `"x"`}, {`"5f0c"`, `5`}, {`"5f0c"`, `"\""`}, {`:12`, `:"12"`}, {`:12`, `:12.0`}, {`:12`, `:12.5`},
		{`:12`, `:-0`}, {`:12`, `:1e2`}, {`:12`, `:1e-2`},
		{`:12`, `:` + strings.Repeat("9", 50)}, {`:12`, `:true`}, {`:12`, `:null`}, {`:12`, `:012`}, {`"de"`, `"en"`}, {`"de"`, `"DE"`}, {`"de"`, `"d\u0065"`},
		{`"session_id":"s"`, `"session_id":""`}, {`"session_id"`, `"session\u005fid"`}, {`"session_id"`, `"Session_id"`},
		{`"session_id":"s"`, `"session_id":"s","session_id":1`}, {`"session_id":"s"`, `"session_id":1,"session_id":"s"`},
		{`ada@shop.example`, `ada`}, {`ada@shop.example`, `eve@shop.example`}, {`"operator_id":7`, `"operator_id":7,"x":1`}, {`"operator_id":7,`, ``},
		{`{"cart":[{"id":1,"price":2.5}],"note":"\u00e9"}`, `{}`}, {`{"cart":[{"id":1,"price":2.5}],"note":"\u00e9"}`, `[]`},
		{`{"cart":[{"id":1,"price":2.5}],"note":"\u00e9"}`, `"{}"`}, {`2.5}`, `2.5,}`}, {`2.5}`, `2.5]`}, {`2.5`, `2..5`},
		{`}]`, `},5]`}, {`}]`, `},0,1]`}, {`}]`, `}`}, {`"widget_id":34,`, ``},
	} {
		all = append(all, strings.Replace(call, change[0], change[1], 1))
	}
	return all
}

// agree checks that a memory gives the same result for a text as the validator.
func agree(t *testing.T, m *schema.Memory, s *schema.Schema, text string) (hit bool) {
	t.Helper()
	want, wantErr := schema.Decode([]byte(text))
	v, found, seen, err := m.Check([]byte(text))
	if (err == nil) != (wantErr == nil) {
		t.Fatalf("%q: error %v, want %v", text, err, wantErr)
	}
	if err != nil {
		return false
	}
	if got := s.Check(want); !reflect.DeepEqual(found, got) {
		t.Fatalf("%q: violations %+v, want %+v", text, found, got)
	}
	if seen == nil {
		if !reflect.DeepEqual(v, want) {
			t.Fatalf("%q: value %v, want %v", text, v, want)
		}
		return false
	}
	for _, at := range []string{"/0", "/1", "/1/client_uuid", "/1/widget_id", "/2", "/2/session_id", "/2/client_email", "/2/custom_data", "/2/none"} {
		tokens, _ := schema.Tokens(at)
		value, there := schema.Lookup(want, tokens)
		raw := seen.Raw(at)
		if there != (raw != nil) {
			t.Fatalf("%q: at %s is %q, want %v", text, at, raw, value)
		}
		if there {
			if got, err := schema.Decode(raw); err != nil || !reflect.DeepEqual(got, value) {
				t.Fatalf("%q: at %s is %q, want %v", text, at, raw, value)
			}
		}
	}
	return true
}

func TestMemory(t *testing.T) {
	s := compile(t, schema.Event)
	all := calls()
	for _, first := range all {
		m := s.Memory()
		agree(t, m, s, first)
		for _, text := range all {
			agree(t, m, s, text)
		}
	}
	m := s.Memory()
	agree(t, m, s, all[0])
	if !agree(t, m, s, strings.NewReplacer(`"5f0c"`, `"another"`, "12", "13", "2.5", "null", " ", "").Replace(all[0])) {
		t.Error("a text of the same outline is not recognised")
	}
}

// FuzzMemory: after any text, a memory gives the same result for any other text as the
// validator.
func FuzzMemory(f *testing.F) {
	all := calls()
	for i, text := range all {
		f.Add(text, all[(i+1)%len(all)])
		f.Add(all[0], text)
	}
	s, err := schema.Compile(schema.Event)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, first, second string) {
		m := s.Memory()
		agree(t, m, s, first)
		agree(t, m, s, first)
		agree(t, m, s, second)
	})
}

// A memory has a limited size, however many and long the texts are.
func TestMemoryIsBounded(t *testing.T) {
	s := compile(t, schema.Event)
	m := s.Memory()
	for i := range 10_000 {
		email, _ := json.Marshal(fmt.Sprintf("%d@shop.example", i))
		if agree(t, m, s, strings.Replace(calls()[0], `"ada@shop.example"`, string(email), 1)) {
			t.Fatalf("%s is recognised without having been seen", email)
		}
	}
	long := strings.Replace(calls()[0], "ada@", strings.Repeat("a", 10_000)+"@", 1)
	agree(t, m, s, long)
	if agree(t, m, s, long) {
		t.Error("an outline of ten thousand bytes is kept")
	}
}
