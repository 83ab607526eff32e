package filter

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"userlike-inspector/nativehost/internal/words"
)

// Error says what is wrong with a filter, where, and what to do.
type Error struct {
	Column int // in characters, the first is 1
	Reason string
	Remedy string // may be ""
}

func (e *Error) Error() string {
	s := fmt.Sprintf("column %d: %s", e.Column, e.Reason)
	switch {
	case e.Remedy == "":
		return s
	case strings.HasSuffix(s, "?"):
		return s + " Or " + e.Remedy
	}
	return s + "; " + e.Remedy
}

// parser reads a filter from left to right. Positions are in bytes.
type parser struct {
	text   string
	pos    int
	now    time.Time
	marks  *Marks // nil where none are known
	values int    // how many alternatives have been read
}

// fail makes the error for a mistake at a position.
func (p *parser) fail(at int, reason, remedy string) error {
	return &Error{Column: utf8.RuneCountInString(p.text[:at]) + 1, Reason: reason, Remedy: remedy}
}

func (p *parser) filter() (*Filter, error) {
	if len(p.text) > maxLength {
		return nil, &Error{1, fmt.Sprintf("the filter is %d bytes long", len(p.text)), fmt.Sprintf("at most %d are read", maxLength)}
	}
	if !utf8.ValidString(p.text) {
		return nil, &Error{1, "the filter is not UTF-8", "check how the terminal encodes text"}
	}
	if nul := strings.IndexByte(p.text, 0); nul >= 0 {
		return nil, p.fail(nul, "there is a NUL character", "leave it out; recordings have it as \\u0000")
	}
	f := &Filter{text: strings.Trim(p.text, spaces)}
	for p.skipSpace(); p.pos < len(p.text); p.skipSpace() {
		start := p.pos
		t, err := p.term()
		if err != nil {
			return nil, err
		}
		t.text = p.text[start:p.pos]
		f.terms = append(f.terms, t)
	}
	return f, nil
}

const spaces = " \t\n\r"

func isSpace(c byte) bool { return strings.IndexByte(spaces, c) >= 0 }

func (p *parser) skipSpace() {
	for p.pos < len(p.text) && isSpace(p.text[p.pos]) {
		p.pos++
	}
}

// term reads one demand: a text, or a field with operator and value.
func (p *parser) term() (t term, err error) {
	start := p.pos
	if sign := p.text[p.pos]; sign == '-' || sign == '!' {
		t.not = true
		p.pos++
	}
	at := p.pos
	name, parts, quoted, err := p.word()
	if err != nil {
		return t, err
	}
	op := p.operator()
	switch {
	case op != "" && name == "":
		return t, p.fail(at, "there is no field before "+words.Typed(op), "write it without spaces, as in event:chat_*, or put all of it in quotes to search for the text: "+words.Typed(op+"…"))
	case op == "" && name == "":
		if quoted {
			return t, p.fail(at, "the text is empty", "write what to search for between the quotes")
		}
		return t, p.fail(start, "there is nothing after "+words.Typed(p.text[start:start+1]), "write after it what is not wanted, such as -rule:wrong-type, or put it in quotes to search for it: "+words.Typed(p.text[start:start+1]))
	case op == "" && !quoted && isPlace(name):
		return t, p.fail(at, fmt.Sprintf("%s has no value", name), fmt.Sprintf("write %s:* for calls that have something there", name))
	case op == "":
		if p.values++; p.values > maxValues {
			return t, p.fail(at, fmt.Sprintf("there are more than %d values", maxValues), "leave some out")
		}
		t.test = text(parts)
		return t, nil
	}
	t.test, err = p.compared(at, name, op)
	return t, err
}

// isPlace tells whether a word is a JSON Pointer into arguments, and not a path of a page.
func isPlace(word string) bool {
	return len(word) > 1 && word[0] == '/' && (word[1] >= '0' && word[1] <= '9' || strings.HasPrefix(word, "/*/"))
}

// compared reads the value of a term, after its name at a position and its operator.
func (p *parser) compared(at int, name, op string) (test, error) {
	opAt := p.pos - len(op)
	var known *field
	if !strings.HasPrefix(name, "/") {
		var names []string
		for _, f := range fields() {
			names = append(names, f.name)
			if lower(name) == f.name {
				known = &f
				break
			}
		}
		if known == nil {
			reason := fmt.Sprintf("there is no field %s", words.Typed(name))
			if near := words.Nearest(name, names); near != "" {
				reason += fmt.Sprintf("; did you mean %s?", near)
			}
			return nil, p.fail(at, reason, "put all of it in quotes to search for the text; fields are "+words.List(names, "and")+", and places such as /2/chat_id")
		}
	}
	if op == "=" || op == "!=" {
		remedy := "write " + name + ":… for it"
		if op == "!=" {
			remedy = "write -" + name + ":… for what is not so"
		}
		return nil, p.fail(opAt, "there is no operator "+words.Typed(op), remedy)
	}
	if known != nil && !known.ordered && op != ":" {
		return nil, p.fail(opAt, fmt.Sprintf("%s cannot be compared with %s", name, words.Typed(op)), fmt.Sprintf("write it as in %s", known.example))
	}
	v, err := p.value()
	if err != nil {
		return nil, err
	}
	if len(v.texts) == 0 {
		example := name + op + "*"
		if op != ":" {
			example = name + op + "10"
		}
		if known != nil {
			example = known.example
		}
		return nil, p.fail(opAt, fmt.Sprintf("there is no value after %s%s", name, op), "write one, as in "+example)
	}
	if p.values += len(v.texts); p.values > maxValues {
		return nil, p.fail(at, fmt.Sprintf("there are more than %d values", maxValues), "leave some out")
	}
	if known == nil {
		return p.place(at, name, op, v)
	}
	return known.parse(p, known.name, op, v)
}

// word reads up to a space or an operator, and returns the text as written and as a
// pattern. Text in quotes has no special characters.
func (p *parser) word() (word string, parts pattern, quoted bool, err error) {
	var b strings.Builder
	parts = pattern{""}
	add := func(s string) {
		b.WriteString(s)
		parts[len(parts)-1] += lower(s)
	}
	address := false // an address ends only at a space
	for ; p.pos < len(p.text); p.pos++ {
		c := p.text[p.pos]
		address = address || strings.HasPrefix(p.text[p.pos:], "://")
		switch {
		case c == '"' && !address:
			if err := p.quoted(add); err != nil {
				return "", nil, false, err
			}
			quoted = true
			p.pos--
		case isSpace(c) || !address && (strings.IndexByte(":<>=", c) >= 0 || strings.HasPrefix(p.text[p.pos:], "!=")):
			return b.String(), parts, quoted, nil
		case c == '*':
			b.WriteByte(c)
			parts = append(parts, "")
		default:
			add(p.text[p.pos : p.pos+1])
		}
	}
	return b.String(), parts, quoted, nil
}

// quoted reads a text between two quotes, in which \" stands for " and \\ for \.
func (p *parser) quoted(add func(string)) error {
	start := p.pos
	for p.pos++; p.pos < len(p.text); p.pos++ {
		switch c := p.text[p.pos]; {
		case c == '"':
			p.pos++
			return nil
		case c == '\\' && p.pos+1 < len(p.text) && strings.IndexByte(`"\`, p.text[p.pos+1]) >= 0:
			p.pos++
			add(p.text[p.pos : p.pos+1])
		default:
			add(p.text[p.pos : p.pos+1])
		}
	}
	return p.fail(start, "the quote is not closed", `write " at the end of the text`)
}

// operators are the valid ones and others that people may try, longer ones first.
var operators = [...]string{">=", "<=", "!=", ":", ">", "<", "="}

// operator reads an operator, "" if there is none.
func (p *parser) operator() string {
	for _, op := range operators {
		if strings.HasPrefix(p.text[p.pos:], op) {
			p.pos += len(op)
			return op
		}
	}
	return ""
}

// value is what follows an operator: one or more alternatives.
type value struct {
	texts    []string  // as written, without the quotes
	patterns []pattern // split at each * outside quotes
	columns  []int     // where each begins
}

// value reads alternatives between commas. An empty value has none; an empty
// alternative has to be quoted.
func (p *parser) value() (v value, err error) {
	if p.pos == len(p.text) || isSpace(p.text[p.pos]) {
		return v, nil
	}
	for {
		start := p.pos
		parts := pattern{""}
		var b strings.Builder
		add := func(s string) {
			b.WriteString(s)
			parts[len(parts)-1] += lower(s)
		}
	alternative:
		for p.pos < len(p.text) {
			switch c := p.text[p.pos]; {
			case c == '"':
				if err := p.quoted(add); err != nil {
					return v, err
				}
				continue
			case c == '*':
				b.WriteByte(c)
				parts = append(parts, "")
			case c == ',' || isSpace(c):
				break alternative
			default:
				add(p.text[p.pos : p.pos+1])
			}
			p.pos++
		}
		if p.pos == start {
			return v, p.fail(start, "there is no value beside the comma", `leave out the comma, or put it in quotes if it belongs to the value: ","`)
		}
		v.texts, v.patterns, v.columns = append(v.texts, b.String()), append(v.patterns, parts), append(v.columns, start)
		if p.pos == len(p.text) || p.text[p.pos] != ',' {
			return v, nil
		}
		p.pos++
	}
}
