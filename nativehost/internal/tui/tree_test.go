package tui

import (
	"fmt"
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/record"
)

// print writes a tree as lines of text.
func (t *tree) print() string {
	var b strings.Builder
	var walk func(n *node, depth int)
	walk = func(n *node, depth int) {
		value, kind := n.says()
		b.WriteString(strings.TrimRight(fmt.Sprintf("%s%s: %s %s", strings.Repeat("  ", depth), n.name, value, kind), " "))
		for _, f := range n.findings {
			fmt.Fprintf(&b, " <%s>", f.Rule)
		}
		b.WriteString("\n")
		for _, c := range n.children {
			walk(c, depth+1)
		}
	}
	for _, c := range t.root.children {
		walk(c, 0)
	}
	return b.String()
}

func TestTree(t *testing.T) {
	finding := func(rule, at string) record.Finding {
		return record.Finding{Rule: rule, At: at, Severity: record.Error}
	}
	for _, tt := range []struct {
		name     string
		args     string
		notes    []record.Note
		findings []record.Finding
		want     string
	}{
		{
			name: "types and order",
			args: `["e",{"b":1.0,"a":[true,null]},{}]`,
			want: `event_name: "e" string
global_ctx: {2} object
  b: 1.0 number
  a: [2] array
    0: true boolean
    1: null null
session_ctx: {0} object
`,
		},
		{
			name:     "a missing field has a place",
			args:     `["e",{}]`,
			findings: []record.Finding{finding("missing-field", "/1/a~1b"), finding("missing-argument", "/2")},
			want: `event_name: "e" string
global_ctx: {0} object
  a/b: missing <missing-field>
session_ctx: missing <missing-argument>
`,
		},
		{
			name:     "a finding far below what is there",
			args:     `["e"]`,
			findings: []record.Finding{finding("r", "/1/x/y")},
			want: `event_name: "e" string
global_ctx: missing
  x: missing
    y: missing <r>
`,
		},
		{
			name: "what JSON can't say",
			args: `[null,null,{"n":null,"b":null,"d":"2026-01-01T00:00:00Z","c":{},"z":0}]`,
			notes: []record.Note{
				{At: "/0", Is: "undefined"},
				{At: "/1", Is: "function", Text: "f"},
				{At: "/2/n", Is: "nan"},
				{At: "/2/b", Is: "bigint", Text: "12"},
				{At: "/2/d", Is: "date"},
				{At: "/2/c", Is: "instance", Text: "Cart"},
				{At: "/2/z", Is: "-0"},
				{At: "/2/u", Is: "undefined"},
				{At: "/2/g", Is: "getter"},
			},
			want: `event_name: undefined
global_ctx: function f function
session_ctx: {5} object
  n: NaN number
  b: 12n bigint
  d: "2026-01-01T00:00:00Z" date
  c: {0} instance of Cart
  z: -0 number
  u: undefined
  g: (getter) not called
`,
		},
		{
			name:     "a place that is none",
			args:     `["e"]`,
			findings: []record.Finding{finding("r", "nowhere"), finding("r", strings.Repeat("/x", 100000))},
			want:     "event_name: \"e\" string\n",
		},
		{name: "not JSON", args: `["e",{`, want: "args: [\"e\",{ not readable\n"},
		{name: "no array", args: `{"0":1}`, want: "args: {\"0\":1} not readable\n"},
		{name: "nothing", args: ``, want: "args:  not readable\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := newTree(&record.Record{Kind: record.Call, Args: []byte(tt.args), Notes: tt.notes, Findings: tt.findings}, nil).print()
			if got != tt.want {
				t.Errorf("got\n%swant\n%s", got, tt.want)
			}
		})
	}
}

// TestBigTree: a large branch begins folded, unless there is a finding in it.
func TestBigTree(t *testing.T) {
	many := strings.TrimSuffix(strings.Repeat("0,", bigBranch+1), ",")
	tr := newTree(&record.Record{Kind: record.Call, Args: []byte(`["e",[` + many + `],[` + many + `]]`),
		Findings: []record.Finding{{Rule: "r", Severity: record.Warning, At: "/2/3"}}}, nil)
	if tr.byAt["/1"].open {
		t.Error("a large branch begins unfolded")
	}
	if n := tr.byAt["/2"]; !n.open || n.worst != record.Warning {
		t.Errorf("the branch above a finding is open: %t, worst %q", n.open, n.worst)
	}
}
