package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Decode reads a message of the extension. If encoding/json refuses one record or candidate
// in it, for example because it nests too deep, the others are not affected.
func Decode(frame []byte) (FromExtension, error) {
	var m FromExtension
	err := json.Unmarshal(frame, &m)
	if err == nil {
		return m, nil
	}
	m = FromExtension{}
	members, ok := Members(frame)
	if !ok || json.Unmarshal(members["type"], &m.Type) != nil || m.Type != Records && m.Type != Candidates {
		return FromExtension{}, fmt.Errorf("a message of %d bytes is not JSON of the protocol: %w", len(frame), err)
	}
	all, ok := elements(members[m.Type])
	if !ok {
		return FromExtension{}, fmt.Errorf("a message of %d bytes has no list of %s: %w", len(frame), m.Type, err)
	}
	if m.Type == Candidates {
		m.Candidates = all
		_ = json.Unmarshal(members["dropped"], &m.Dropped) // what cannot be read counts nothing
		_ = json.Unmarshal(members["missed"], &m.Missed)
	} else {
		m.Records = all
	}
	return m, nil
}

// Members are the members of a JSON object, however deep their values nest. If a name occurs
// twice, the last one counts. The values are not checked and may be invalid.
func Members(object []byte) (members map[string]json.RawMessage, ok bool) {
	members = map[string]json.RawMessage{}
	ok = outline(object, '{', func(rest []byte) (size int, ok bool) {
		end := valueEnd(rest)
		var name string
		if end == 0 || json.Unmarshal(rest[:end], &name) != nil {
			return 0, false
		}
		at := end + spaces(rest[end:])
		if at >= len(rest) || rest[at] != ':' {
			return 0, false
		}
		at++
		at += spaces(rest[at:])
		end = valueEnd(rest[at:])
		members[name] = rest[at : at+end]
		return at + end, end > 0
	})
	return members, ok
}

// elements are the elements of a JSON array.
func elements(array []byte) (all []json.RawMessage, ok bool) {
	ok = outline(array, '[', func(rest []byte) (int, bool) {
		end := valueEnd(rest)
		all = append(all, rest[:end])
		return end, end > 0
	})
	return all, ok
}

// outline walks through a list between two brackets. It calls item with the text from each
// element on, and item returns the element's size.
func outline(b []byte, open byte, item func(rest []byte) (size int, ok bool)) bool {
	b = bytes.TrimSpace(b)
	if len(b) < 2 || b[0] != open || b[len(b)-1] != open+2 { // in ASCII, "]" is "[" plus two, and "}" is "{" plus two
		return false
	}
	b = b[1 : len(b)-1]
	if spaces(b) == len(b) {
		return true
	}
	for {
		b = b[spaces(b):]
		size, ok := item(b)
		if !ok {
			return false
		}
		b = b[size:]
		b = b[spaces(b):]
		if len(b) == 0 {
			return true
		}
		if b[0] != ',' {
			return false
		}
		b = b[1:]
	}
}

// spaces counts the white space at the beginning.
func spaces(b []byte) int { return len(b) - len(bytes.TrimLeft(b, " \t\r\n")) }

// valueEnd is where the value at the beginning of b ends, 0 if there is none. It only counts
// brackets and checks nothing else.
func valueEnd(b []byte) int {
	depth, within := 0, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case within && c == '\\':
			i++
		case c == '"':
			if within = !within; !within && depth == 0 {
				return i + 1
			}
		case within:
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			if depth--; depth < 0 {
				return i // the bracket around it
			}
			if depth == 0 {
				return i + 1
			}
		case depth == 0 && (c == ',' || c == ':' || spaces(b[i:i+1]) == 1):
			return i
		}
	}
	if depth > 0 || within {
		return 0
	}
	return len(b)
}
