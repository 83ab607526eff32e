package hits

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/schema"
)

const (
	// maxData is how many bytes of a request's data a hit has.
	maxData = 64 << 10
	// maxDepth is how deep data may nest, and maxNodes how many values it may have.
	maxDepth, maxNodes = 64, 200_000
	// closers is the room that is kept for closing the brackets of data that is cut.
	closers = 4 * maxDepth
)

// node is a value of JSON, with members in the order in which they came.
type node struct {
	kind  kind
	text  string   // a text; the JSON of a number, true, false or null
	plus  string   // of a text in a query: what it is if its plus signs are no spaces, "" if it has none
	names []string // of an object's items
	items []*node
	cut   string // if this is only its beginning: its whole size, or a word for why
	shown int    // how many of the items are in the written JSON
}

type kind uint8

const (
	literal kind = iota
	text
	array
	object
)

func textNode(s string) *node { return &node{kind: text, text: strings.ToValidUTF8(s, "\uFFFD")} }

// set sets a member, and replaces an earlier one of the same name.
func (n *node) set(seen map[string]int, name string, value *node) {
	if i, again := seen[name]; again {
		n.items[i] = value
		return
	}
	seen[name] = len(n.items)
	n.names, n.items = append(n.names, name), append(n.items, value)
}

// member is an object's member, nil for none.
func (n *node) member(name string) *node {
	for i, own := range n.names {
		if own == name {
			return n.items[i]
		}
	}
	return nil
}

// parseJSON reads one value. If beginning is set and an object or array is cut off, its
// complete members are kept.
func parseJSON(b []byte, beginning bool) (*node, bool) {
	p := &parser{decoder: json.NewDecoder(bytes.NewReader(b))}
	p.decoder.UseNumber()
	n, ok := p.value(0)
	switch {
	case n == nil:
		return nil, false
	case p.stopped:
		return n, true
	case !ok:
		// The decoder has come to the end of the bytes, so what is missing is the end.
		return n, beginning && p.ended && n.kind >= array
	case p.decoder.InputOffset() < int64(len(bytes.TrimRight(b, " \t\r\n\x00"))):
		return nil, false
	}
	return n, true
}

type parser struct {
	decoder *json.Decoder
	nodes   int
	stopped bool // there were too many values, so the rest was not read
	ended   bool
}

func (p *parser) token() (json.Token, bool) {
	t, err := p.decoder.Token()
	if err != nil {
		_, syntax := errors.AsType[*json.SyntaxError](err)
		p.ended = !syntax
	}
	return t, err == nil
}

// value reads a value. ok is false if it is not complete; then n is what could be read of it.
func (p *parser) value(depth int) (n *node, ok bool) {
	t, ok := p.token()
	if !ok {
		return nil, false
	}
	if p.nodes++; p.nodes > maxNodes {
		p.stopped = true
		return nil, false
	}
	switch t := t.(type) {
	case string:
		return &node{kind: text, text: t}, true
	case json.Number:
		return &node{text: t.String()}, true
	case bool:
		return &node{text: strconv.FormatBool(t)}, true
	case json.Delim:
		n = &node{kind: array}
		if t == '{' {
			n.kind = object
		}
		if depth == maxDepth {
			n.cut = "deeper"
			return n, p.skip()
		}
		return n, p.items(n, depth)
	}
	return &node{text: "null"}, true
}

func (p *parser) items(n *node, depth int) bool {
	seen := map[string]int{}
	for p.decoder.More() {
		var name string
		if n.kind == object {
			t, ok := p.token()
			if name, _ = t.(string); !ok {
				return false
			}
		}
		item, ok := p.value(depth + 1)
		if item != nil && n.kind == object {
			n.set(seen, name, item)
		} else if item != nil {
			n.items = append(n.items, item)
		}
		if !ok {
			if p.stopped {
				n.cut = "more"
			}
			return false
		}
	}
	_, ok := p.token()
	return ok
}

// skip reads to the end of a container that has just begun.
func (p *parser) skip() bool {
	for depth := 1; depth > 0; {
		t, ok := p.token()
		if !ok {
			return false
		}
		switch t {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
	}
	return true
}

// writer writes a tree as JSON of at most so many bytes, and notes what it cut.
type writer struct {
	b     []byte
	limit int
	notes []record.Note
}

func (w *writer) full(more int) bool { return len(w.b)+more > w.limit }

// step is the last step of the way to a value, nil for the root. Pointers are made only for
// notes: each value would have one, and a page can choose names of any length.
type step struct {
	up    *step
	token string
	size  int // of all tokens up to this one
}

func (s *step) to(token string) *step {
	size := len(token) + 1
	if s != nil {
		size += s.size
	}
	return &step{s, token, size}
}

func (s *step) pointer() string {
	var tokens []string
	for ; s != nil; s = s.up {
		tokens = append(tokens, s.token)
	}
	slices.Reverse(tokens)
	return schema.Pointer(tokens...)
}

// note notes that a value was cut. If the pointer to it is too long, the note is on what is
// around it.
func (w *writer) note(at *step, size string) {
	for at != nil && at.size > maxPointer {
		at, size = at.up, ""
	}
	if n := (record.Note{At: at.pointer(), Is: "truncated", Text: size}); !slices.Contains(w.notes[max(0, len(w.notes)-1):], n) {
		w.notes = append(w.notes, n)
	}
}

func (w *writer) value(n *node, at *step) {
	if n.cut != "" {
		size := n.cut
		if _, err := strconv.Atoi(size); err != nil {
			size = "" // more, or deeper, than was read
		}
		w.note(at, size)
	}
	switch n.kind {
	case literal:
		w.b = append(w.b, n.text...)
	case text:
		w.text(n, at)
	default:
		w.items(n, at)
	}
}

func (w *writer) text(n *node, at *step) {
	quoted := quote(n.text)
	if !w.full(len(quoted)) {
		w.b = append(w.b, quoted...)
		return
	}
	head := n.text[:min(len(n.text), max(0, w.limit-len(w.b)-2))]
	for head != "" && (!utf8.ValidString(head) || w.full(len(quote(head)))) {
		over := max(1, (len(w.b)+len(quote(head))-w.limit)/6) // a character is quoted by six at most
		head = head[:max(0, len(head)-over)]
	}
	w.b = append(w.b, quote(head)...)
	if n.cut == "" {
		w.note(at, strconv.Itoa(length(n.text)))
	}
}

func (w *writer) items(n *node, at *step) {
	brackets := "[]"
	if n.kind == object {
		brackets = "{}"
	}
	w.b = append(w.b, brackets[0])
	for i, item := range n.items {
		var name []byte
		token := strconv.Itoa(i)
		if n.kind == object {
			name, token = append(quote(n.names[i]), ':'), n.names[i]
		}
		if w.full(len(name) + item.least()) {
			if n.cut == "" {
				w.note(at, strconv.Itoa(len(n.items)))
			}
			break
		}
		if i > 0 {
			w.b = append(w.b, ',')
		}
		w.b = append(w.b, name...)
		w.value(item, at.to(token))
		n.shown++
	}
	w.b = append(w.b, brackets[1])
}

// least is about how many bytes a value needs at least, rather too many than too few.
func (n *node) least() int {
	if n.kind == literal {
		return len(n.text) + 2
	}
	return 16
}

// quote is a text as JSON.
func quote(s string) []byte {
	plain := true
	for i := 0; i < len(s) && plain; i++ {
		plain = s[i] >= ' ' && s[i] < 0x7f && s[i] != '"' && s[i] != '\\'
	}
	if plain {
		return append(append(append(make([]byte, 0, len(s)+2), '"'), s...), '"')
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a text always can be
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// length is the length of a text as JavaScript counts it, in UTF-16 units.
func length(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}
