package schema_test

import (
	"encoding/json"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"testing"

	"userlike-inspector/schema"
)

func compile(t *testing.T, name string) *schema.Schema {
	t.Helper()
	s, err := schema.Compile(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// check returns the violations of a JSON text as lines "keyword at".
func check(t *testing.T, s *schema.Schema, text string) []string {
	t.Helper()
	v, err := schema.Decode([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	var lines []string
	for _, violation := range s.Check(v) {
		lines = append(lines, violation.Keyword+" "+violation.At)
	}
	return lines
}

func TestEverySchemaCompiles(t *testing.T) {
	for _, name := range schema.Names() {
		compile(t, name)
	}
	if _, err := schema.Compile("other.schema.json"); err == nil || !strings.Contains(err.Error(), "nothing is fetched") {
		t.Errorf("an unknown schema: error %v, want one that says that nothing is fetched", err)
	}
}

const sample = `{"v":1,"kind":"call","id":"5f0c2d2e-8f0e-4c57-9d25-0d5a6a4c7f11/7","seq":7,
 "time":"2026-11-22T10:13:04.123Z","received":"2026-11-22T10:13:04.131Z",
 "browser":{"name":"Chromium","version":"156.0","profile":"0b9e5a3e-6d58-4d0c-8f6e-9f0f7b2f4c55"},
 "tab":12,"frame":0,"document":"5f0c2d2e-8f0e-4c57-9d25-0d5a6a4c7f11","url":"https://shop.example/","top_url":"https://shop.example/","title":"…",
 "args":["chat_started",{"client_uuid":"…"},{"custom_data":{}}],
 "notes":[{"at":"/2/chat_id","is":"undefined"}],
 "handler":{"state":"assigned","threw":"TypeError: …"},
 "findings":[{"rule":"wrong-type","severity":"error","at":"/1/operator_group_id","message":"…","expected":"integer","actual":"string"}]}`

func TestRecordSchema(t *testing.T) {
	s := compile(t, schema.Record)
	head := `{"v":1,"id":"d/1","seq":1,"time":"2026-11-22T10:13:04Z",`
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"the sample of the documentation", sample, nil},
		{"a page", head + `"kind":"page","event":"opened","hooked_from_start":true}`, nil},
		{"a handler", head + `"kind":"handler","state":"shadowed","text":"let, const or class declares it"}`, nil},
		{"a client", head + `"kind":"client","state":"framed"}`, nil},
		{"a client of an older version", head + `"kind":"client","text":"its script"}`, nil},
		{"a gap", head + `"kind":"gap","lost":3,"why":"paused by the tester"}`, nil},
		{"a gap of another version", head + `"kind":"gap","lost":3,"why":"the page was faster"}`, nil},
		{"a mark", head + `"kind":"mark","text":"step 2"}`, nil},
		{"a newer version", `{"v":2,"id":"d/1","seq":1,"time":"2026-11-22T10:13:04Z","kind":"client"}`, []string{"const /v"}},
		{"no time", `{"v":1,"id":"d/1","seq":1,"kind":"client"}`, []string{"required /time"}},
		{"no instant", `{"v":1,"id":"d/1","seq":1,"kind":"client","time":"yesterday"}`, []string{"format /time"}},
		{"an unknown kind", head + `"kind":"thought"}`, []string{"enum /kind"}},
		{"a call without arguments", head + `"kind":"call"}`, []string{"required /args"}},
		{"arguments that are no list", head + `"kind":"call","args":{}}`, []string{"type /args"}},
		{"a note of an unknown kind", head + `"kind":"call","args":[],"notes":[{"at":"/0","is":"purple"}]}`, []string{"enum /notes/0/is"}},
		{"a note without a place", head + `"kind":"call","args":[],"notes":[{"at":"x","is":"nan"}]}`, []string{"format /notes/0/at"}},
		{"a page without an event", head + `"kind":"page"}`, []string{"required /event"}},
		{"a handler without a state", head + `"kind":"handler"}`, []string{"required /state"}},
		{"a handler in a client's state", head + `"kind":"handler","state":"framed"}`, []string{"enum /state"}},
		{"a client in a handler's state", head + `"kind":"client","state":"removed"}`, []string{"enum /state"}},
		{"a gap without a reason", head + `"kind":"gap"}`, []string{"required /why"}},
		{"a mark without text", head + `"kind":"mark"}`, []string{"required /text"}},
		{"an unknown member", head + `"kind":"client","colour":"red"}`, []string{"additionalProperties /colour"}},
	} {
		if got := check(t, s, c.text); !slices.Equal(got, c.want) {
			t.Errorf("%s: violations %q, want %q", c.name, got, c.want)
		}
	}
}

func TestWireSchema(t *testing.T) {
	s := compile(t, schema.Wire)
	for _, text := range []string{
		`{"type":"hello","protocol":1,"extension":"0.1.0","browser":{"name":"Firefox","version":"153.0","profile":"p"}}`,
		`{"type":"records","records":[{"v":1}]}`,
		`{"type":"records","records":[{"v":1,"pushed":[{"to":"dataLayer","data":[{"event":"a"}],"notes":[{"at":"/0/x","is":"undefined"}]}]}]}`,
		`{"type":"hello","protocol":1,"extension":"0.1.0","browser":{},"trace":["stats.shop.example/collect"]}`,
		`{"type":"candidates","candidates":[{"id":"c","time":"2026-11-22T10:13:04.123Z","via":"request",` +
			`"to":"https://stats.example/c?a=b","body":{"bytes":"YQ=="},"size":200000}],"dropped":2}`,
		`{"type":"candidates","candidates":[{"id":"c","time":"2026-11-22T10:13:04.123Z","via":"queue","to":"_paq","data":[["trackEvent"]],"document":"d"}]}`,
		`{"type":"candidates","candidates":[{"id":"c","time":"2026-11-22T10:13:04.123Z","via":"request",` +
			`"to":"https://stats.example/c","body":{"form":{"a":["b"]}}}]}`,
		`{"type":"settled","candidates":[{"id":"c"},{"id":"d","to":"https://stats.example/c","system":"Matomo"}]}`,
		`{"type":"welcome","protocol":1,"host":"0.1.0"}`,
		`{"type":"refused","protocol":1,"host":"0.1.0","update":"host","message":"update the host"}`,
		`{"type":"ack","records":[{"id":"d/1","error":1,"warning":0,"info":0}]}`,
		`{"type":"store","ok":false,"message":"the disk is full"}`,
		`{"type":"page","tab":12,"state":"client-held-back","severity":"info","lost":0}`,
	} {
		if got := check(t, s, text); got != nil {
			t.Errorf("%s: violations %q", text, got)
		}
	}
	for _, text := range []string{
		`[]`, `{}`, `{"type":"hi"}`,
		`{"type":"hello","protocol":0,"extension":"0.1.0","browser":{}}`,
		`{"type":"records"}`,
		`{"type":"records","records":[{"pushed":[{"to":"dataLayer","data":{}}]}]}`,
		`{"type":"candidates","candidates":[{"id":"c","time":"2026-11-22T10:13:04.123Z","via":"pigeon","to":"https://stats.example/"}]}`,
		`{"type":"candidates","candidates":[{"id":"c","time":"2026-11-22T10:13:04.123Z","via":"request","to":"https://stats.example/","body":{}}]}`,
		`{"type":"settled","candidates":[{"to":"dataLayer"}]}`,
		`{"type":"refused","protocol":1,"host":"0.1.0","update":"browser","message":"m"}`,
		`{"type":"ack","records":[{"id":"d/1","error":-1,"warning":0,"info":0}]}`,
		`{"type":"store"}`,
		`{"type":"page","tab":12,"state":"fine","severity":"","lost":0}`,
		`{"type":"page","state":"calls-arrive","severity":"","lost":0}`,
	} {
		if got := check(t, s, text); got == nil {
			t.Errorf("%s is accepted", text)
		}
	}
}

func TestCheckNamesKeywordPlaceAndDemand(t *testing.T) {
	s := compile(t, schema.Event)
	v, err := schema.Decode([]byte(`["chat_started",{"client_uuid":1,"operator_group_id":1,"a/b~c%d é":1,"x":1},{}]`))
	if err != nil {
		t.Fatal(err)
	}
	got := s.Check(v)
	want := []schema.Violation{
		{Keyword: "additionalProperties", At: "/1/a~1b~0c%d é", Want: false, Source: "global_ctx.schema.json#/additionalProperties"},
		{Keyword: "type", At: "/1/client_uuid", Want: "string", Source: "global_ctx.schema.json#/properties/client_uuid/type"},
		{Keyword: "required", At: "/1/widget_id", Want: nil, Source: "global_ctx.schema.json#/required"},
		{Keyword: "required", At: "/1/widget_lang", Want: nil, Source: "global_ctx.schema.json#/required"},
		{Keyword: "additionalProperties", At: "/1/x", Want: false, Source: "global_ctx.schema.json#/additionalProperties"},
	}
	if len(got) != len(want) {
		t.Fatalf("%d violations, want %d: %+v", len(got), len(want), got)
	}
	for i, w := range want {
		g := got[i]
		if list, ok := g.Want.([]any); ok && g.Keyword == "required" && len(list) == 4 {
			g.Want = nil // the whole list of what is required
		}
		if !reflect.DeepEqual(g, w) {
			t.Errorf("violation %d is %+v, want %+v", i, g, w)
		}
	}
}

func TestIntegers(t *testing.T) {
	s := compile(t, schema.Event)
	for number, ok := range map[string]bool{
		"12": true, "12.0": true, "1.2e1": true, "-0": true, "1e308": true, "1e999999999": true, "1e-999999999": true,
		"9007199254740993": true, strings.Repeat("9", 5000): true, "12.00000000000000000000000000000000000000": true,
		"12.5": false, "1.25e1": false, "5e-324": false, `"12"`: false, "null": false, "true": false,
	} {
		got := check(t, s, `["chat_started",{"client_uuid":"u","operator_group_id":`+number+`,"widget_id":1,"widget_lang":"de"},{}]`)
		if (got == nil) != ok {
			t.Errorf("%.30s: violations %q, want an integer: %t", number, got, ok)
		}
	}
}

func TestEmail(t *testing.T) {
	s := compile(t, schema.SessionCtx)
	for address, ok := range map[string]bool{
		"ada@example.org": true, "ada+shop@mail.example.co.uk": true, "jörg@müller.example": true, `"ada l"@example.org`: true, "a@localhost": true,
		"": false, "ada": false, "ada@": false, "@example.org": false, "ada@example..org": false, "ada @example.org": false,
		"Ada <ada@example.org>": false, "<ada@example.org>": false, "ada@example.org,bob@example.org": false, "ada@example.org\n": false,
	} {
		text, _ := json.Marshal(map[string]string{"client_email": address})
		if got := check(t, s, string(text)); (got == nil) != ok {
			t.Errorf("%q: violations %q, want an address: %t", address, got, ok)
		}
	}
}

func TestLanguageCodes(t *testing.T) {
	s := compile(t, schema.GlobalCtx)
	codes := 0
	for a := 'a'; a <= 'z'; a++ {
		for b := 'a'; b <= 'z'; b++ {
			if check(t, s, `{"client_uuid":"u","operator_group_id":1,"widget_id":1,"widget_lang":"`+string(a)+string(b)+`"}`) == nil {
				codes++
			}
		}
	}
	if codes != 183 {
		t.Errorf("%d codes are accepted, ISO 639-1 has 183", codes)
	}
	for _, s2 := range []string{"", "deu", "de-DE", "DE", "xx", "english"} {
		if check(t, s, `{"client_uuid":"u","operator_group_id":1,"widget_id":1,"widget_lang":"`+s2+`"}`) == nil {
			t.Errorf("%q is accepted as a code", s2)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	for _, text := range []string{``, `{`, `[1,]`, `1 2`, `[] x`, `{"a":1}}`, `nul`} {
		if v, err := schema.Decode([]byte(text)); err == nil {
			t.Errorf("%q is read as %v", text, v)
		}
	}
}

// FuzzDecode checks that the validator can compute with every decoded number, and fast.
func FuzzDecode(f *testing.F) {
	f.Add(`[1,1.5e300,1e-400,-1e400,123456789012345678901234567890123456789]`)
	f.Add(`{"a":{"b":[-0.0]}}`)
	f.Fuzz(func(t *testing.T, text string) {
		v, err := schema.Decode([]byte(text))
		if err != nil {
			return
		}
		var walk func(any)
		walk = func(v any) {
			switch v := v.(type) {
			case map[string]any:
				for _, m := range v {
					walk(m)
				}
			case []any:
				for _, e := range v {
					walk(e)
				}
			case json.Number:
				if len(v) > 32 {
					t.Fatalf("number %s was kept", v)
				}
				if _, ok := new(big.Rat).SetString(string(v)); !ok {
					t.Fatalf("number %s cannot be computed with", v)
				}
			}
		}
		walk(v)
	})
}

// FuzzPointer checks that a pointer does not change when it is split and joined again.
func FuzzPointer(f *testing.F) {
	for _, p := range []string{"", "/", "/a/b", "/~0~1", "/~", "/~2", "a", "/é/%2F"} {
		f.Add(p)
	}
	f.Fuzz(func(t *testing.T, pointer string) {
		tokens, ok := schema.Tokens(pointer)
		if !ok {
			return
		}
		if again := schema.Pointer(tokens...); again != pointer {
			t.Errorf("%q became %q", pointer, again)
		}
	})
}
