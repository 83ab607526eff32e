package tui

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/schema"
)

const (
	// A branch is unfolded at first if it has no more than bigBranch members and no more
	// than bigTree nodes come before it.
	bigBranch = 40
	bigTree   = 300

	// deepest is how many levels a place may have for which nodes are made although nothing
	// is there. A store may name places of any depth.
	deepest = 64
)

// A node is one place in a call's arguments or a hit's data: the value there, and what is
// said about it.
type node struct {
	at       string // JSON Pointer into the arguments or the data
	name     string // of the member, the element or the argument
	value    string // as JSON writes it; of a branch, how many members it has
	kind     string // JSON's type, "" when nothing is there
	children []*node
	byName   map[string]*node // the children, made by child
	parent   *node
	open     bool // it is unfolded
	chosen   bool // the user has folded or unfolded it
	long     bool // its value is too long for its line

	notes    []record.Note
	findings []record.Finding
	carries  []record.Carried // in a hit: which values of the calls are here
	worst    record.Severity  // of the findings here and below that the plan does not accept
}

// branch tells whether n can have members.
func (n *node) branch() bool { return n.kind == "object" || n.kind == "array" }

// A tree is a call's arguments or a hit's data, with the notes and findings at their places.
type tree struct {
	root *node
	byAt map[string]*node // all nodes by their JSON Pointers
	size int              // how many nodes were read
}

// newTree makes the tree of a call or a hit. Places with findings are unfolded; those that the
// plan accepts don't count for worst. Text that is no JSON is shown as it is, because a
// recording may have been written by any program.
func newTree(r *record.Record, by accepts) *tree {
	t := &tree{byAt: map[string]*node{}}
	raw, name, of := r.Args, "args", "array"
	if r.Kind == record.Hit {
		raw, name, of = r.Handed.Data, "data", ""
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber() // 12.0 and 1e400 are shown as they were written
	if root, err := t.read(d, nil, "", ""); err == nil && root.branch() && (of == "" || root.kind == of) {
		t.root = root
	} else {
		clear(t.byAt)
		t.root = &node{kind: "array"}
		if len(raw) > 0 || of != "" {
			t.root.children = []*node{{parent: t.root, name: name, value: string(raw), kind: "not readable"}}
		}
		t.byAt[""] = t.root
	}
	for _, note := range r.Notes {
		n := t.place(note.At)
		n.notes = append(n.notes, note)
	}
	for _, f := range r.Findings {
		n := t.place(f.At)
		n.findings = append(n.findings, f)
		for ; n != nil; n = n.parent {
			if n.open = true; by[f] == nil && f.Severity.Rank() > n.worst.Rank() {
				n.worst = f.Severity
			}
		}
	}
	if r.Kind == record.Hit {
		t.carry(r.Handed.Carries)
		return t
	}
	for i, name := range []string{"event_name", "global_ctx", "session_ctx"} {
		if n := t.byAt["/"+strconv.Itoa(i)]; n != nil {
			n.name = name
		}
	}
	return t
}

// carry notes at a hit's places which values of the calls they carry, and unfolds them.
func (t *tree) carry(all []record.Carried) {
	for _, c := range all {
		n := t.byAt[c.At]
		if n == nil {
			continue
		}
		if !slices.Contains(n.carries, c) {
			n.carries = append(n.carries, c)
		}
		for n = n.parent; n != nil && !n.chosen; n = n.parent {
			n.open = true
		}
	}
}

// read makes the node of the decoder's next value, and the nodes in it.
func (t *tree) read(d *json.Decoder, parent *node, at, name string) (*node, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	n := &node{at: at, name: name, parent: parent}
	t.byAt[at] = n
	t.size++
	switch v := token.(type) {
	case json.Delim:
		n.kind = "array"
		if v == '{' {
			n.kind = "object"
		}
		early := t.size <= bigTree
		for d.More() {
			name := strconv.Itoa(len(n.children))
			if n.kind == "object" {
				key, err := d.Token()
				if err != nil {
					return nil, err
				}
				name = key.(string) // the decoder accepts nothing else as a name
			}
			child, err := t.read(d, n, at+schema.Pointer(name), name)
			if err != nil {
				return nil, err
			}
			n.children = append(n.children, child)
		}
		if _, err := d.Token(); err != nil { // the closing bracket
			return nil, err
		}
		n.open = early && len(n.children) <= bigBranch
		if n.kind == "object" {
			n.value = fmt.Sprintf("{%d}", len(n.children))
		} else {
			n.value = fmt.Sprintf("[%d]", len(n.children))
		}
	case string:
		n.kind, n.value = "string", jsonText(v)
	case json.Number:
		n.kind, n.value = "number", v.String()
	case bool:
		n.kind, n.value = "boolean", strconv.FormatBool(v)
	default:
		n.kind, n.value = "null", "null"
	}
	return n, nil
}

// lastName is the last token of a JSON Pointer. What is no pointer is returned as it is.
func lastName(at string) string {
	cut := max(strings.LastIndexByte(at, '/'), 0)
	if tokens, ok := schema.Tokens(at[cut:]); ok && len(tokens) == 1 {
		return tokens[0]
	}
	return at
}

// place is the node at a JSON Pointer. Where there is nothing, it makes a node that says so,
// for the notes and findings about that place. What is no place in the arguments is the root.
func (t *tree) place(at string) *node {
	if n := t.byAt[at]; n != nil {
		return n
	}
	cut := strings.LastIndexByte(at, '/')
	if cut < 0 || strings.Count(at, "/") > deepest {
		return t.root
	}
	parent := t.place(at[:cut])
	n := &node{at: at, name: lastName(at), parent: parent}
	parent.children = append(parent.children, n)
	t.byAt[at] = n
	return n
}

// says is a node's value and type as they are shown. Notes say what JSON can't.
func (n *node) says() (value, kind string) {
	value, kind = n.value, n.kind
	for _, note := range n.notes {
		switch note.Is {
		case "undefined":
			value, kind = "undefined", ""
		case "nan":
			value, kind = "NaN", "number"
		case "infinity":
			value, kind = "Infinity", "number"
		case "-infinity":
			value, kind = "-Infinity", "number"
		case "-0":
			value = "-0"
		case "bigint":
			value, kind = note.Text+"n", "bigint"
		case "symbol":
			value, kind = "Symbol("+note.Text+")", "symbol"
		case "function":
			value, kind = strings.TrimSpace("function "+note.Text), "function"
		case "hole":
			value, kind = "(hole)", "nothing in the array here"
		case "cycle":
			value, kind = "(cycle)", "leads back to a value that holds it"
		case "getter":
			value, kind = "(getter)", "not called"
		case "truncated":
			kind += ", cut; it was " + note.Text + " long"
		case "instance":
			kind = "instance of " + note.Text
		default: // date, regexp, map, set, error, node, lone-surrogate
			kind = strings.TrimSpace(note.Is + " " + note.Text)
		}
	}
	if value == "" && kind == "" {
		return "missing", ""
	}
	return value, kind
}

// jsonText is a text as JSON writes it, with escapes for all that is not printable.
func jsonText(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch i := strings.IndexRune("\"\\\b\f\n\r\t", r); {
		case i >= 0:
			b.WriteString(`\` + `"\bfnrt`[i:i+1])
		case strconv.IsPrint(r):
			b.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
