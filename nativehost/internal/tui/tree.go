package tui

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"userlike-inspector/nativehost/internal/record"
)

const (
	// bigBranch is how many members a branch may have to begin unfolded, and
	// bigTree how many nodes may come before it.
	bigBranch = 40
	bigTree   = 300

	// deepest bounds how many nodes are made up for a place that is not there.
	deepest = 64
)

// A node is one place in a call's arguments or a hit's data: what stands there, and what is
// said about it.
type node struct {
	at       string // JSON Pointer into the arguments or the data
	name     string // of the member, the element or the parameter
	value    string // as it reads in JSON; of a branch, how much is in it
	kind     string // JSON's type, "" when nothing is there
	children []*node
	parent   *node
	open     bool // unfolded
	chosen   bool // that it is, or is not, by the user
	long     bool // its value is too long for its line

	notes    []record.Note
	findings []record.Finding
	carries  []record.Carried // what of the calls is here, in a hit
	worst    record.Severity  // of the findings here and below
}

// branch tells whether n can have members.
func (n *node) branch() bool { return n.kind == "object" || n.kind == "array" }

// A tree is a call's arguments, or a hit's data, with the notes and findings on their
// places.
type tree struct {
	root *node
	byAt map[string]*node
	size int
}

// newTree reads a call's arguments or a hit's data; what the plan accepts does not
// make its place bad. What can't be read as JSON is
// shown as it is: a store may have been written by anyone.
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

// carry marks what of the calls is in a hit's data.
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

// read reads the next value.
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
				name = key.(string) // the decoder lets nothing else be a name
			}
			child, err := t.read(d, n, at+"/"+pointerEscape.Replace(name), name)
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
		n.kind, n.value = "string", strconv.Quote(v)
	case json.Number:
		n.kind, n.value = "number", v.String()
	case bool:
		n.kind, n.value = "boolean", strconv.FormatBool(v)
	default:
		n.kind, n.value = "null", "null"
	}
	return n, nil
}

var pointerEscape = strings.NewReplacer("~", "~0", "/", "~1")
var pointerUnescape = strings.NewReplacer("~1", "/", "~0", "~")

// place is the node at a JSON Pointer. Where nothing is, it puts a node that
// says so, so that what is said about the place has somewhere to stand.
func (t *tree) place(at string) *node {
	if n := t.byAt[at]; n != nil {
		return n
	}
	cut := strings.LastIndexByte(at, '/')
	if cut < 0 || strings.Count(at, "/") > deepest {
		return t.root // no place in the arguments
	}
	parent := t.place(at[:cut])
	n := &node{at: at, name: pointerUnescape.Replace(at[cut+1:]), parent: parent}
	parent.children = append(parent.children, n)
	t.byAt[at] = n
	return n
}

// says is how a node's value and type read, given the notes on it.
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
