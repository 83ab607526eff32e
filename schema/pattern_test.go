package schema_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"userlike-inspector/schema"
)

const ownURL = "file:///own.json"

// compileOwn compiles a schema from its text.
func compileOwn(text string) (*schema.Schema, error) {
	return schema.CompileOwn(ownURL, func(u string) (any, error) {
		if u != ownURL {
			return nil, errors.New("nothing is fetched")
		}
		return schema.Decode([]byte(text))
	})
}

// TestSuite runs the files of the official test suite that are about regular
// expressions and formats: https://github.com/json-schema-org/JSON-Schema-Test-Suite.
func TestSuite(t *testing.T) {
	files, err := filepath.Glob("testdata/json-schema-test-suite/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	formats, err := filepath.Glob("testdata/json-schema-test-suite/format/*.json")
	if err != nil || len(formats) == 0 {
		t.Fatalf("no files: %v", err)
	}
	var differ []string
	for _, file := range append(files, formats...) {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var groups []struct {
			Description string
			Schema      json.RawMessage
			Tests       []struct {
				Description string
				Data        json.RawMessage
				Valid       bool
			}
		}
		if err := json.Unmarshal(raw, &groups); err != nil {
			t.Fatal(err)
		}
		for _, g := range groups {
			s, err := compileOwn(string(g.Schema))
			if err != nil {
				differ = append(differ, filepath.Base(file)+": "+g.Description+": "+err.Error())
				continue
			}
			for _, c := range g.Tests {
				v, err := schema.Decode(c.Data)
				if err != nil {
					t.Fatal(err)
				}
				if got := len(s.Check(v)) == 0; got != c.Valid {
					differ = append(differ, filepath.Base(file)+": "+g.Description+": "+c.Description)
				}
			}
		}
	}
	raw, err := os.ReadFile("testdata/json-schema-test-suite.differences")
	if err != nil {
		t.Fatal(err)
	}
	known := strings.Split(strings.TrimSpace(string(raw)), "\n")
	for _, d := range differ {
		if !slices.Contains(known, d) {
			t.Errorf("%s: is judged otherwise", d)
		}
	}
	for _, k := range known {
		if !slices.Contains(differ, k) {
			t.Errorf("%s: is judged as it should be; take it off the list of differences", k)
		}
	}
}

func TestPatterns(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{`^(?=.*\d)(?!.*x)`, "a1", true},
		{`^(?=.*\d)(?!.*x)`, "ax1", false},
		{`(?<=€)\d`, "€5", true},
		{`^\u00e4$`, "ä", true},
		{`^\u{1F432}$`, "🐲", true},
		{`^(.)\1$`, "aa", true},
		{`^(?<x>.)\k<x>$`, "ab", false},
		{`^\p{Script=Greek}+$`, "αβ", true},
		{`^\p{Script=Greek}+$`, "ab", false},
		{`^[^]$`, "\n", true},
		{`^[]`, "a", false},
		{`^a{1,5000}$`, "aaa", true},
		{`^a{0,99999999999999999999}$`, "aaa", true},
		{`^\s$`, "\ufeff", true},
		{`^\s$`, "\u0085", false},
		{`^\S$`, "\u00a0", false},
		{`^.$`, "\u2028", false},
		{`^.$`, "🐲", true},
		{`^\d$`, "٣", false},
		{`^\w$`, "é", false},
		{`^a$`, "a\n", false},
		{`^[\w-.]+@([\w-]+\.)+[\w-]{2,4}$`, "ada.l@shop.example", false},
		{`^[\w-.]+@([\w-]+\.)+[\w-]{2,7}$`, "ada.l@shop.example", true},
		{`^\d\-\@\d$`, "1-@2", true},
		{`^{a}]$`, "{a}]", true},
		{`b`, "abc", true},
	} {
		text, _ := json.Marshal(map[string]any{"pattern": c.pattern})
		s, err := compileOwn(string(text))
		if err != nil {
			t.Errorf("%s: %v", c.pattern, err)
			continue
		}
		found := s.Check(c.text)
		if (len(found) == 0) != c.want {
			t.Errorf("%s on %q: %+v", c.pattern, c.text, found)
		}
		if !c.want && (found[0].Keyword != "pattern" || found[0].Want != c.pattern || found[0].Source != ownURL+"#/pattern") {
			t.Errorf("%s: %+v", c.pattern, found)
		}
		text, _ = json.Marshal(map[string]any{"patternProperties": map[string]any{c.pattern: false}, "additionalProperties": false})
		if s, err = compileOwn(string(text)); err != nil {
			t.Errorf("%s of names: %v", c.pattern, err)
			continue
		}
		found = s.Check(map[string]any{c.text: "x"})
		want := "additionalProperties"
		if c.want {
			want = "false"
		}
		if len(found) != 1 || found[0].Keyword != want || found[0].At != schema.Pointer(c.text) {
			t.Errorf("%s of names: %+v", c.pattern, found)
		}
	}
}

// TestPatternsRefused: each is refused at its place, and the error names the invalid part.
func TestPatternsRefused(t *testing.T) {
	for _, c := range [][2]string{
		{`a(`, "missing closing )"},
		{`[b-a]`, "[b-a] range in reverse order"},
		{`a++`, "nested repetition"},
		{`^a\Z`, `\Z is not known in JSON Schema's regular expressions (ECMA-262); write $`},
		{`\Aa`, `\A is not known in JSON Schema's regular expressions (ECMA-262); write ^`},
		{`(?i)a`, `(?i is not known in JSON Schema's regular expressions (ECMA-262)`},
		{`(?P<year>a)`, `(?P< is not known`},
		{`(?>a)`, `(?> is not known`},
		{`(?#note)a`, `(?# is not known`},
		{`\p{Script=Nowhere}`, "Script=Nowhere"},
	} {
		text, _ := json.Marshal(map[string]any{"properties": map[string]any{"a/b": map[string]any{"pattern": c[0]}}})
		_, err := compileOwn(string(text))
		var faults schema.Faults
		if !errors.As(err, &faults) || len(faults) != 1 || faults[0].At != "/properties/a~1b/pattern" || faults[0].URL != ownURL ||
			!strings.Contains(faults[0].Message, c[1]) || strings.Contains(faults[0].Message, `\\`) {
			t.Errorf("%s: %v", c[0], err)
		}
		text, _ = json.Marshal(map[string]any{"patternProperties": map[string]any{c[0]: true}})
		if _, err = compileOwn(string(text)); !errors.As(err, &faults) || faults[0].At != "/patternProperties"+schema.Pointer(c[0]) {
			t.Errorf("%s of names: %v", c[0], err)
		}
	}
}

// TestPatternsOfData: data that only looks like a schema is not changed.
func TestPatternsOfData(t *testing.T) {
	s, err := compileOwn(`{"const":{"pattern":"(","patternProperties":{"(":1}}}`)
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]int{`{"pattern":"(","patternProperties":{"(":1}}`: 0, `{"pattern":"("}`: 1} {
		v, err := schema.Decode([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if found := s.Check(v); len(found) != want {
			t.Errorf("%s: %+v", text, found)
		}
	}
	if s, err = compileOwn(`{"properties":{"pattern":{"type":"string"},"patternProperties":{"pattern":"^a"}}}`); err != nil {
		t.Fatal(err)
	}
	if found := s.Check(map[string]any{"pattern": true, "patternProperties": "b"}); len(found) != 2 {
		t.Errorf("%+v", found)
	}
	if _, err = compileOwn(`{"patternProperties":{"^a":{"type":"strng"}}}`); err == nil {
		t.Error("a type that there is not is accepted below patternProperties")
	}
}

// TestSlowPattern: a pattern that takes too long gives a violation of its own kind.
func TestSlowPattern(t *testing.T) {
	s, err := compileOwn(`{"pattern":"^(a+)+$"}`)
	if err != nil {
		t.Fatal(err)
	}
	found := s.Check(strings.Repeat("a", 50) + "b")
	if len(found) != 1 || found[0].Keyword != schema.SlowPattern || found[0].Want != "^(a+)+$" {
		t.Errorf("%+v", found)
	}
}
