package plan

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"userlike-inspector/nativehost/internal/files"
	"userlike-inspector/nativehost/internal/words"
	"userlike-inspector/schema"
)

const (
	// maxFile and maxYAML are the largest files in bytes. YAML files must be smaller
	// because for some texts the parser's time grows with the square of the length;
	// with this limit it is at most a second or two. maxDepth is how deep values
	// may nest.
	maxFile  = 4 << 20
	maxYAML  = 64 << 10
	maxDepth = 200
)

// Problem is a mistake in a plan. Line and column count from 1.
type Problem struct {
	File         string
	Line, Column int
	Message      string
	excerpt      []string // of the file, with a caret below the place
}

func (p Problem) String() string {
	if p.Line == 0 {
		return fmt.Sprintf("%s: %s", p.File, p.Message)
	}
	return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Message)
}

// Problems are all mistakes in a plan. As an error it has a line for each, followed by
// the line of the file and a caret.
type Problems []Problem

func (p Problems) Error() string {
	var lines []string
	for _, one := range p {
		lines = append(append(lines, one.String()), one.excerpt...)
	}
	return strings.Join(lines, "\n")
}

// sorted puts them in the order of files and lines.
func (p Problems) sorted() Problems {
	slices.SortStableFunc(p, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return p
}

// position is a line and column of a file, from 1 on.
type position struct {
	in           *source
	line, column int
}

// source is the value that a file contains, and where its parts are written.
type source struct {
	name   string              // as messages call it
	abs    string              // the file's absolute path, with slashes
	digest [sha256.Size]byte   // of the file
	text   []byte              // of the file, as it was read
	shown  bool                // messages may quote it: the user named the file. One that a plan refers to may be secret
	value  any                 // as schema.Decode returns it
	keys   map[string]position // of members' names, by JSON Pointer
	values map[string]position
	order  map[string][]string // members in the order of the file, by the object's JSON Pointer
}

func newSource(name, abs string) *source {
	return &source{name: name, abs: abs, keys: map[string]position{}, values: map[string]position{}, order: map[string][]string{}}
}

// readSource reads YAML or JSON. YAML may only contain what JSON can express: one
// document without anchors, aliases, tags and merge keys.
func readSource(name, abs string, data []byte, shown bool) (*source, error) {
	s := newSource(name, abs)
	s.shown = shown
	s.digest = sha256.Sum256(data)
	if len(data) > maxFile {
		return nil, s.place(0, 0).wrong("the file has more than the %d bytes that are read", maxFile)
	}
	data, err := files.Text(data)
	if err != nil {
		line := 1
		if foreign := (*files.EncodingError)(nil); errors.As(err, &foreign) {
			line = foreign.Line
		}
		return nil, s.place(line, 1).wrong("this line " + files.NotText)
	}
	s.text = data
	if json.Valid(data) {
		d := json.NewDecoder(bytes.NewReader(data))
		d.UseNumber()
		s.value, err = s.fromJSON(d, data, nil)
	} else {
		s.value, err = s.fromYAML(data)
	}
	if err != nil {
		return nil, err
	}
	s.value = schema.Tame(s.value)
	return s, nil
}

func (s *source) place(line, column int) position { return position{s, line, column} }

func (p position) wrong(format string, args ...any) Problems {
	return Problems{{p.in.name, p.line, p.column, fmt.Sprintf(format, args...), p.in.excerpt(p.line, p.column)}}
}

func (p position) String() string { return p.in.name + ":" + strconv.Itoa(p.line) }

// maxExcerpt bounds how much of a line is shown, in characters.
const maxExcerpt = 100

// excerpt is a line of the file, and a second line with a caret below a column; nil if
// there is no such line.
func (s *source) excerpt(line, column int) []string {
	if !s.shown {
		return nil
	}
	lines := bytes.Split(s.text, []byte("\n"))
	if line < 1 || line > len(lines) || !utf8.Valid(lines[line-1]) {
		return nil
	}
	text := []rune(strings.ReplaceAll(strings.TrimRight(string(lines[line-1]), "\r"), "\t", " "))
	column = min(max(column, 1), len(text)+1)
	if first := column - maxExcerpt/2; first > 0 && len(text) > maxExcerpt {
		text, column = text[first:], column-first
	}
	number := fmt.Sprintf("  %d | ", line)
	return []string{number + words.Verbatim(string(text[:min(len(text), maxExcerpt)])), strings.Repeat(" ", len(number)-2) + "| " + strings.Repeat(" ", column-1) + "^"}
}

// at is where the value at a JSON Pointer is written, or the nearest value around it.
func (s *source) at(pointer string) position {
	for {
		if p, ok := s.values[pointer]; ok {
			return p
		}
		i := strings.LastIndexByte(pointer, '/')
		if i < 0 {
			return s.place(1, 1)
		}
		pointer = pointer[:i]
	}
}

// key is where the name of the member at a JSON Pointer is written.
func (s *source) key(pointer string) position {
	if p, ok := s.keys[pointer]; ok {
		return p
	}
	return s.at(pointer)
}

// line names the file and the line of a member.
func (s *source) line(pointer string) string {
	return s.key(pointer).String()
}

// member notes a member and refuses a second one of the same name.
func (s *source) member(object map[string]any, at []string, name string, where position) error {
	if _, twice := object[name]; twice {
		return where.wrong("%s is there twice; remove one", words.Typed(name))
	}
	pointer := schema.Pointer(at...)
	s.order[pointer] = append(s.order[pointer], name)
	s.keys[schema.Pointer(append(at[:len(at):len(at)], name)...)] = where
	return nil
}

// fromJSON reads the next value. The decoder's data is known to be valid.
func (s *source) fromJSON(d *json.Decoder, data []byte, at []string) (any, error) {
	where := s.before(data, d.InputOffset())
	s.values[schema.Pointer(at...)] = where
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	delim, ok := t.(json.Delim)
	if !ok {
		return t, nil
	}
	if len(at) >= maxDepth {
		return nil, where.wrong("values nest more than %d deep", maxDepth)
	}
	if delim == '[' {
		list := []any{}
		for d.More() {
			v, err := s.fromJSON(d, data, append(at, strconv.Itoa(len(list))))
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err := d.Token()
		return list, err
	}
	object := map[string]any{}
	for d.More() {
		where := s.before(data, d.InputOffset())
		t, err := d.Token()
		if err != nil {
			return nil, err
		}
		name, _ := t.(string)
		if err := s.member(object, at, name, where); err != nil {
			return nil, err
		}
		if object[name], err = s.fromJSON(d, data, append(at, name)); err != nil {
			return nil, err
		}
	}
	_, err = d.Token()
	return object, err
}

// before is the position of the next token after an offset.
func (s *source) before(data []byte, offset int64) position {
	rest := bytes.TrimLeft(data[offset:], " \t\r\n,:")
	before := data[:len(data)-len(rest)]
	return s.place(1+bytes.Count(before, []byte("\n")), 1+utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]))
}

func (s *source) fromYAML(data []byte) (v any, err error) {
	switch {
	case len(data) > maxYAML:
		return nil, s.place(0, 0).wrong("the file has %d bytes, more than the %d that are read of YAML; write it as JSON", len(data), maxYAML)
	case nests(data):
		return nil, s.place(0, 0).wrong("values nest more than %d deep", maxDepth)
	}
	file, err := parseYAML(data)
	if err != nil {
		return nil, s.syntax(err, data)
	}
	var documents []ast.Node
	for _, d := range file.Docs {
		if d.Body != nil && d.Body.Type() != ast.CommentType {
			documents = append(documents, d.Body)
		}
	}
	switch {
	case len(documents) == 0:
		return nil, s.place(1, 1).wrong("the file is empty")
	case len(documents) > 1:
		return nil, s.whereIs(documents[1]).wrong("a second document begins here; one file holds one")
	}
	return s.fromNode(documents[0], nil)
}

// nests tells whether a text may nest so deep that the YAML parser, which is recursive,
// would exhaust the stack and end the program. It also counts brackets within quoted
// texts, which real plans never have so many of.
func nests(data []byte) bool {
	depth := 0
	for _, b := range data {
		switch b {
		case '[', '{':
			depth++
		case ']', '}':
			depth = max(0, depth-1)
		}
		if depth > maxDepth {
			return true
		}
	}
	return bytes.Contains(data, bytes.Repeat([]byte("- "), maxDepth)) || bytes.Contains(data, bytes.Repeat([]byte("? "), maxDepth))
}

// parseYAML parses YAML. The parser panics on some broken texts; that becomes an error.
func parseYAML(data []byte) (f *ast.File, err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("this cannot be read as YAML")
		}
	}()
	return parser.ParseBytes(data, 0)
}

// syntax turns the parser's error into a Problem with its place, in plain words.
func (s *source) syntax(err error, data []byte) error {
	at := s.place(0, 0)
	message := err.Error()
	var told interface {
		GetMessage() string
		GetToken() *token.Token
	}
	if errors.As(err, &told) {
		message = told.GetMessage()
		if t := told.GetToken(); t != nil && t.Position != nil {
			at = s.place(t.Position.Line, t.Position.Column)
		}
	}
	if strings.HasSuffix(strings.ToLower(s.name), ".json") || bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) {
		if wrong := (*json.SyntaxError)(nil); errors.As(json.Unmarshal(data, new(any)), &wrong) {
			return s.before(data, max(0, wrong.Offset-1)).wrong("not JSON: %s", words.NotJSON(data, wrong))
		}
	}
	lines := strings.Split(string(data), "\n")
	for i, line := range lines {
		if strings.HasPrefix(strings.TrimLeft(line, " "), "\t") && strings.TrimSpace(line) != "" && i+1 <= max(at.line, 1) {
			return s.place(i+1, 1).wrong("not YAML: line %d begins with a tab; indent it with spaces", i+1)
		}
	}
	if hint := indentation(lines, at.line); hint != "" {
		return at.wrong("not YAML: %s", hint)
	}
	message, _, _ = strings.Cut(message, "\n")
	return at.wrong("not YAML: %s", inPlainWords(words.OneLine(message)))
}

// inPlainWords replaces a message of the parser by one that says what to do.
func inPlainWords(message string) string {
	for _, known := range []struct{ begins, words string }{
		{"invalid header option", message + `; put quotes around a text that begins with > or |, as in ">=1"`},
		{"could not find end character of", "the quotes that begin here do not end"},
		{"',' or '}' must be specified", "a { before this is not closed by }, or a comma is missing"},
		{"could not find flow mapping end token", "the { that begins here is not closed by }"},
		{"could not find flow map content", "a { before this is not closed by }"},
		{"',' or ']' must be specified", "a [ before this is not closed by ], or a comma is missing"},
		{"sequence end token", "the [ that begins here is not closed by ]"},
		{"unexpected key name", "write a colon and a space after the name, as in name: Shop"},
		{"non-map value is specified", "write a colon and a space after the name, as in name: Shop"},
		{"found unknown escape character", `put single quotes around a text that has a \ in it, as in '^\d+$'`},
		{"mapping value is not allowed in this context", `put quotes around a text that has a colon and a space in it, as in "a: b"`},
	} {
		if strings.HasPrefix(message, known.begins) {
			return known.words
		}
	}
	return message
}

// indentation says in what way the indentation of a line differs from the lines that it
// belongs to; "" if it does not.
func indentation(lines []string, at int) string {
	if at < 2 || at > len(lines) {
		return ""
	}
	deep := func(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }
	open := []int{} // the indentations that a line may have, the outermost first
	last := 0
	for i, line := range lines[:at-1] {
		if text := strings.TrimSpace(line); text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		last = i + 1
		for len(open) > 0 && open[len(open)-1] > deep(line) {
			open = open[:len(open)-1]
		}
		if len(open) == 0 || open[len(open)-1] < deep(line) {
			open = append(open, deep(line))
		}
	}
	own := deep(lines[at-1])
	if last == 0 || slices.Contains(open, own) || own > deep(lines[last-1]) && strings.HasSuffix(strings.TrimSpace(lines[last-1]), ":") {
		return ""
	}
	return fmt.Sprintf("line %d is indented by %s, line %d by %d; lines that belong together begin at the same column", at, words.Plural(own, "space"), last, deep(lines[last-1]))
}

func (s *source) whereIs(n ast.Node) position {
	if t := n.GetToken(); t != nil && t.Position != nil {
		return s.place(t.Position.Line, t.Position.Column)
	}
	return s.place(0, 0)
}

func (s *source) fromNode(n ast.Node, at []string) (any, error) {
	where := s.whereIs(n)
	if m, ok := n.(*ast.MappingNode); ok && !m.IsFlowStyle && len(m.Values) > 0 {
		where = s.whereIs(m.Values[0].Key)
	} else if m, ok := n.(*ast.MappingValueNode); ok {
		where = s.whereIs(m.Key)
	}
	s.values[schema.Pointer(at...)] = where
	if len(at) >= maxDepth {
		return nil, where.wrong("values nest more than %d deep", maxDepth)
	}
	switch n := n.(type) {
	case *ast.NullNode:
		return nil, nil
	case *ast.BoolNode:
		return n.Value, nil
	case *ast.IntegerNode:
		return json.Number(fmt.Sprint(n.Value)), nil
	case *ast.FloatNode:
		return json.Number(strconv.FormatFloat(n.Value, 'g', -1, 64)), nil
	case *ast.StringNode:
		if number, ok := bigNumber(n); ok {
			return number, nil
		}
		return n.Value, nil
	case *ast.LiteralNode:
		return n.Value.Value, nil
	case *ast.MappingValueNode:
		return s.fromMembers([]*ast.MappingValueNode{n}, at)
	case *ast.MappingNode:
		return s.fromMembers(n.Values, at)
	case *ast.SequenceNode:
		list := make([]any, len(n.Values))
		for i, element := range n.Values {
			var err error
			if list[i], err = s.fromNode(element, append(at, strconv.Itoa(i))); err != nil {
				return nil, err
			}
		}
		return list, nil
	case nil:
		return nil, nil
	}
	return nil, where.wrong("%s is not used here: write the value itself", strings.ToLower(n.Type().String()))
}

// bigNumber reads a number that is too large for the parser, which treats it as a text.
func bigNumber(n *ast.StringNode) (json.Number, bool) {
	if n.GetToken().Type != token.StringType || n.Value == "" || strings.IndexByte("0123456789+-.", n.Value[0]) < 0 {
		return "", false
	}
	if integer, ok := new(big.Int).SetString(n.Value, 0); ok {
		return json.Number(integer.String()), true
	}
	text := strings.ReplaceAll(n.Value, "_", "")
	if integer, ok := new(big.Int).SetString(text, 10); ok {
		return json.Number(integer.String()), true
	}
	if f, err := strconv.ParseFloat(text, 64); text == "" || strings.Trim(text, "0123456789.eE+-") != "" || err != nil && !errors.Is(err, strconv.ErrRange) {
		return "", false
	} else {
		f = max(min(f, math.MaxFloat64), -math.MaxFloat64)
		return json.Number(strconv.FormatFloat(f, 'g', -1, 64)), true
	}
}

func (s *source) fromMembers(members []*ast.MappingValueNode, at []string) (any, error) {
	object := map[string]any{}
	for _, m := range members {
		where := s.whereIs(m.Key)
		var name string
		switch k := m.Key.(type) {
		case *ast.StringNode:
			name = k.Value
		case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NullNode:
			name = k.GetToken().Value
		default:
			return nil, where.wrong("%s is not used here: write the name itself", strings.ToLower(m.Key.Type().String()))
		}
		if err := s.member(object, at, name, where); err != nil {
			return nil, err
		}
		value := m.Value
		if value == nil {
			object[name] = nil
			continue
		}
		var err error
		if object[name], err = s.fromNode(value, append(at, name)); err != nil {
			return nil, err
		}
	}
	return object, nil
}
