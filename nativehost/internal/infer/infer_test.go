package infer_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/infer"
	"userlike-inspector/schema"
)

func learn(t testing.TB, texts ...string) *infer.Shape {
	t.Helper()
	s := &infer.Shape{}
	for i, text := range texts {
		v, err := schema.Decode([]byte(text))
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		s.Add(v, "", nil, infer.Call{Record: fmt.Sprint("d/", i+1), Order: int64(i + 1)})
	}
	return s
}

func repeated(n int, texts ...string) []string {
	return slices.Repeat(texts, n)
}

func TestSchema(t *testing.T) {
	for _, c := range []struct {
		name string
		in   []string
		want string
	}{
		{"nothing", nil, `{}`},
		{"members", []string{`{"a":1,"b":true}`, `{"a":2}`}, `{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"boolean"}},"required":["a"]}`},
		{"a fraction", []string{`{"a":1}`, `{"a":1.5}`}, `{"type":"object","properties":{"a":{"type":"number"}},"required":["a"]}`},
		{"integers of other forms", []string{`{"a":1.0}`, `{"a":1e2}`}, `{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]}`},
		{"several types", []string{`{"a":1}`, `{"a":null}`, `{"a":"x"}`}, `{"type":"object","properties":{"a":{"type":["null","integer","string"]}},"required":["a"]}`},
		{"arrays", []string{`{"cart":[{"id":1,"tags":[]},{"id":2,"price":1.5,"tags":["a"]}]}`, `{"cart":[]}`}, `{"type":"object","properties":{"cart":{"type":"array","items":{"type":"object","properties":{"id":{"type":"integer"},"price":{"type":"number"},"tags":{"type":"array","items":{"type":"string"}}},"required":["id","tags"]}}},"required":["cart"]}`},
		{"formats", []string{`{"d":"2026-11-22","m":"a@b.example","u":"0b9e5a3e-6d58-4d0c-8f6e-9f0f7b2f4c55","x":"2026-11-22"}`, `{"d":"2026-11-23","m":"c@d.example","u":"5f0c2d2e-8f0e-4c57-9d25-0d5a6a4c7f11","x":"no"}`}, `{"type":"object","properties":{"d":{"type":"string","format":"date"},"m":{"type":"string","format":"email"},"u":{"type":"string","format":"uuid"},"x":{"type":"string"}},"required":["d","m","u","x"]}`},
		{"few texts, often", repeated(10, `{"a":"x"}`, `{"a":"y"}`), `{"type":"object","properties":{"a":{"type":"string","enum":["x","y"]}},"required":["a"]}`},
		{"few texts or null, often", repeated(20, `{"a":"x"}`, `{"a":null}`), `{"type":"object","properties":{"a":{"type":["null","string"],"enum":["x",null]}},"required":["a"]}`},
		{"few texts, seldom", repeated(9, `{"a":"x"}`, `{"a":"y"}`), `{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]}`},
	} {
		s := learn(t, c.in...).Schema()
		s.Draft = ""
		got, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

func TestDrift(t *testing.T) {
	for _, c := range []struct {
		name string
		in   []string
		want string
	}{
		{"the same", []string{`{"a":1}`, `{"a":1.5}`, `{}`}, ""},
		{"a string and a number", []string{`{"a":1}`, `{}`, `{"a":"1"}`, `{"a":"2"}`}, "/a number d/1 /a, string d/3 /a"},
		{"null", []string{`{"a":null}`, `{"a":{}}`}, "/a null d/1 /a, object d/2 /a"},
		{"in an array", []string{`{"a":[{"p":1},{"p":2}]}`, `{"a":[{"p":1}]}`, `{"a":[{},{"p":"1"}]}`}, "/a/*/p number d/1 /a/0/p, string d/3 /a/1/p"},
		{"an array that mixes types", []string{`{"a":[1,"x"]}`, `{"a":["x",1,2]}`, `{"a":["y"]}`}, ""},
		{"the root", []string{`{}`, `[]`}, ""},
	} {
		var got []string
		for _, p := range learn(t, c.in...).Drift("") {
			var firsts []string
			for _, f := range p.First {
				firsts = append(firsts, f.Type+" "+f.Record+" "+f.At)
			}
			got = append(got, p.At+" "+strings.Join(firsts, ", "))
		}
		if text := strings.Join(got, "; "); text != c.want {
			t.Errorf("%s: got %q, want %q", c.name, text, c.want)
		}
	}
}

// What is odd is known to be a number, or not known at all.
func TestOdd(t *testing.T) {
	s := &infer.Shape{}
	v, _ := schema.Decode([]byte(`{"a":null,"b":null}`))
	s.Add(v, "/2/custom_data", map[string]string{"/2/custom_data/a": "number", "/2/custom_data/b": ""}, infer.Call{})
	raw, _ := json.Marshal(s.Schema().Properties)
	if string(raw) != `{"a":{"type":"number"},"b":{}}` {
		t.Errorf("%s", raw)
	}
}

func TestManyMembers(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"last":1`)
	for i := range 20_000 {
		fmt.Fprintf(&b, `,"m%d":{}`, i)
	}
	b.WriteString("}")
	s := learn(t, b.String())
	if n := len(s.Schema().Properties); n != 10_000 || !s.Missed {
		t.Errorf("%d properties, missed: %t", n, s.Missed)
	}
}

// FuzzInfer: what is inferred accepts all that it was inferred from, and does
// not depend on the order.
func FuzzInfer(f *testing.F) {
	f.Add(`{"a":1,"b":[{"c":"2026-11-22"}]}`, `{"a":"x"}`, `[]`)
	f.Add(`{"":{"~/":-0.0,"x":1e300}}`, `{"":{"x":1.5e-300}}`, `{"":null}`)
	f.Add(`"2026-11-22T10:13:04Z"`, `"10:13:04Z"`, `"a@b.example"`)
	f.Fuzz(func(t *testing.T, a, b, c string) {
		values := make([]any, 0, 60)
		for _, text := range repeated(20, a, b, c) {
			v, err := schema.Decode([]byte(text))
			if err != nil {
				return
			}
			values = append(values, v)
		}
		var forwards, backwards infer.Shape
		for i, v := range values {
			forwards.Add(v, "", nil, infer.Call{Order: int64(i)})
			backwards.Add(values[len(values)-1-i], "", nil, infer.Call{Order: int64(i)})
		}
		text, err := json.Marshal(forwards.Schema())
		if err != nil {
			t.Fatal(err)
		}
		if again, _ := json.Marshal(backwards.Schema()); string(again) != string(text) && !forwards.Missed {
			t.Fatalf("%s\nbackwards %s", text, again)
		}
		s, err := schema.CompileOwn("file:///inferred", func(string) (any, error) { return schema.Decode(text) })
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		for _, v := range values {
			if found := s.Check(v); found != nil {
				t.Fatalf("%s does not accept %v: %+v", text, v, found)
			}
		}
	})
}
