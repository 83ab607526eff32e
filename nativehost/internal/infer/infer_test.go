package infer_test

import (
	"encoding/json"
	"fmt"
	"regexp"
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
		s.Add(v, "", nil, infer.Call{Record: fmt.Sprint("d/", i+1), Order: int64(i + 1), Visit: fmt.Sprint(i), Contact: fmt.Sprint(i % 3)})
	}
	return s
}

// visits learns each text several times in each of a number of visits, each of another
// contact.
func visits(t testing.TB, visits, times int, texts ...string) *infer.Shape {
	t.Helper()
	s := &infer.Shape{}
	for i, text := range texts {
		v, err := schema.Decode([]byte(text))
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		for n := range visits {
			visit := fmt.Sprint(i, " ", n)
			for range times {
				s.Add(v, "", nil, infer.Call{Visit: visit, Contact: visit})
			}
		}
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
		{
			name: "members",
			in:   []string{`{"a":1,"b":true}`, `{"a":2}`},
			want: `{"type":"object","properties":{"a":{"type":"number"},"b":{"type":"boolean"}},"required":["a"]}`,
		},
		{
			name: "a basket of nothing",
			in:   []string{`{"total":0,"items":[]}`},
			want: `{"type":"object","properties":{"items":{"type":"array"},"total":{"type":"number"}},"required":["items","total"]}`,
		},
		{"a fraction", []string{`{"a":1}`, `{"a":1.5}`}, `{"type":"object","properties":{"a":{"type":"number"}},"required":["a"]}`},
		{
			name: "several types",
			in:   []string{`{"a":1}`, `{"a":null}`, `{"a":"x"}`},
			want: `{"type":"object","properties":{"a":{"type":["null","number","string"]}},"required":["a"]}`,
		},
		{
			name: "arrays",
			in:   []string{`{"cart":[{"id":1,"tags":[]},{"id":2,"price":1.5,"tags":["a"]}]}`, `{"cart":[]}`},
			want: `{"type":"object","properties":{"cart":{"type":"array",` +
				`"items":{"type":"object","properties":{"id":{"type":"number"},"price":{"type":"number"},` +
				`"tags":{"type":"array","items":{"type":"string"}}},"required":["id","tags"]}}},"required":["cart"]}`,
		},
		{
			name: "formats",
			in: []string{
				`{"d":"2026-11-22","m":"a@b.example","x":"2026-11-22"}`,
				`{"d":"2026-11-23","m":"c@d.example","x":"no"}`,
				`{"d":"2026-11-24","m":"e@f.example","x":"2026-11-24"}`,
			},
			want: `{"type":"object","properties":{"d":{"type":"string","format":"date"},"m":{"type":"string","format":"email"},` +
				`"x":{"type":"string"}},"required":["d","m","x"]}`,
		},
		{
			name: "a format that two texts have",
			in:   []string{`{"d":"2026-11-22"}`, `{"d":"2026-11-23"}`},
			want: `{"type":"object","properties":{"d":{"type":"string"}},"required":["d"]}`,
		},
		{
			name: "a format that one text has often",
			in:   repeated(20, `{"d":"2026-11-22"}`),
			want: `{"type":"object","properties":{"d":{"type":"string"}},"required":["d"]}`,
		},
		{
			name: "few texts, in many visits",
			in:   repeated(10, `{"a":"x"}`, `{"a":"y"}`),
			want: `{"type":"object","properties":{"a":{"type":"string","enum":["x","y"]}},"required":["a"]}`,
		},
		{
			name: "few texts or null, in many visits",
			in:   repeated(5, `{"a":"x"}`, `{"a":null}`, `{"a":"y"}`, `{"a":"x"}`, `{"a":"y"}`),
			want: `{"type":"object","properties":{"a":{"type":["null","string"],"enum":["x","y",null]}},"required":["a"]}`,
		},
		{"one text alone", repeated(20, `{"a":"x"}`), `{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]}`},
		{
			name: "few texts, one of one visit alone",
			in:   append(repeated(9, `{"a":"x"}`, `{"a":"y"}`), `{"a":"z"}`),
			want: `{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]}`,
		},
		{
			name: "few texts, in few visits",
			in:   repeated(2, `{"a":"x"}`, `{"a":"y"}`),
			want: `{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]}`,
		},
	} {
		if got := plain(t, learn(t, c.in...)); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

var comment = regexp.MustCompile(`"\$comment":"[^"]*",?`)

// plain is a schema without the evidence.
func plain(t *testing.T, s *infer.Shape) string {
	t.Helper()
	inferred := s.Schema()
	inferred.Draft = ""
	got, err := json.Marshal(inferred)
	if err != nil {
		t.Fatal(err)
	}
	return comment.ReplaceAllString(string(got), "")
}

// TestEvidence: how often one visit sends something proves nothing.
func TestEvidence(t *testing.T) {
	const free = `{"type":"object","properties":{"page":{"type":"string"}},"required":["page"]}`
	for _, c := range []struct {
		name  string
		shape *infer.Shape
		want  string
	}{
		{"two pages, each often in one visit", visits(t, 1, 100, `{"page":"cart"}`, `{"page":"home"}`), free},
		{"two pages, in two visits each", visits(t, 2, 100, `{"page":"cart"}`, `{"page":"home"}`), free},
		{
			name:  "two pages, in three visits each",
			shape: visits(t, 3, 1, `{"page":"cart"}`, `{"page":"home"}`),
			want:  `{"type":"object","properties":{"page":{"type":"string","enum":["cart","home"]}},"required":["page"]}`,
		},
		{"dates of one visit", visits(t, 1, 9, `{"page":"2026-11-22"}`), free},
	} {
		if got := plain(t, c.shape); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
	s := visits(t, 2, 3, `{"a":1}`, `{"a":1,"b":{"c":[1]}}`).Schema()
	for what, got := range map[string]string{
		"in 4 visits, of 4 contacts":      s.Comment,
		"in 4 of 4 visits, of 4 contacts": s.Properties["a"].Comment,
		"in 2 of 4 visits, of 2 contacts": s.Properties["b"].Comment,
		"in 2 of 2 visits, of 2 contacts": s.Properties["b"].Properties["c"].Comment,
	} {
		if got != what {
			t.Errorf("it says %q, want %q", got, what)
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
		{"null until it is known", []string{`{"a":null}`, `{"a":{}}`, `{"a":null}`}, ""},
		{"null beside two types", []string{`{"a":null}`, `{"a":{}}`, `{"a":"x"}`}, "/a object d/2 /a, string d/3 /a"},
		{
			name: "in an array",
			in:   []string{`{"a":[{"p":1},{"p":2}]}`, `{"a":[{"p":1}]}`, `{"a":[{},{"p":"1"}]}`},
			want: "/a/*/p number d/1 /a/0/p, string d/3 /a/1/p",
		},
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

// Values in odd count as numbers, or as unknown.
func TestOdd(t *testing.T) {
	s := &infer.Shape{}
	v, _ := schema.Decode([]byte(`{"a":null,"b":null}`))
	s.Add(v, "/2/custom_data", map[string]string{"/2/custom_data/a": "number", "/2/custom_data/b": ""}, infer.Call{})
	if got := plain(t, s); got != `{"type":"object","properties":{"a":{"type":"number"},"b":{}},"required":["a","b"]}` {
		t.Errorf("%s", got)
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

// FuzzInfer: the schema accepts all values that it was inferred from, and does not depend
// on their order.
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
			back := len(values) - 1 - i
			forwards.Add(v, "", nil, infer.Call{Order: int64(i), Visit: fmt.Sprint(i), Contact: fmt.Sprint(i % 7)})
			backwards.Add(values[back], "", nil, infer.Call{Order: int64(i), Visit: fmt.Sprint(back), Contact: fmt.Sprint(back % 7)})
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
