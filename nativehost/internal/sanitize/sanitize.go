// Package sanitize makes text of unknown origin harmless to a terminal.
//
// What a page sends is shown on testers' screens. A control character in it can move the
// cursor, set the clipboard or type for the user; a bidirectional or invisible character can
// make a text look like another one.
package sanitize

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Line returns s on one line, with an escape (\n, \x1b, \u202e) for every character that is
// not visible.
func Line(s string) string { return escaped(s, func(r rune) bool { return !strconv.IsPrint(r) }) }

// Text is Line for a text of several lines: their ends, tabs and spaces of any
// width stay.
func Text(s string) string {
	return escaped(s, func(r rune) bool { return r != '\n' && r != '\t' && isHidden(r) })
}

func escaped(s string, hidden func(rune) bool) string {
	if isPlain(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case !hidden(r): // letters, marks, numbers, punctuation, symbols, space
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
		i += size
	}
	return b.String()
}

// isPlain tells whether s consists of visible ASCII only.
func isPlain(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < 0x20 || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

// JSON returns JSON with an escape of JSON (\u009b) for every character in its texts that is
// not visible. For programs it means the same. White space between the values stays.
func JSON(text []byte) []byte {
	if !bytes.ContainsFunc(text, hiddenInJSON) {
		return text
	}
	var b bytes.Buffer
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		switch {
		case !hiddenInJSON(r):
			b.Write(text[i : i+size])
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		}
		i += size
	}
	return b.Bytes()
}

// hiddenInJSON tells whether a character can be in JSON's texts and is not visible.
func hiddenInJSON(r rune) bool { return r >= 0x7f && isHidden(r) }

// isHidden tells whether a character is neither visible nor a space.
func isHidden(r rune) bool { return !strconv.IsPrint(r) && !unicode.Is(unicode.Zs, r) }

// WriteJSON writes v as indented JSON, with invisible characters escaped as by JSON.
func WriteJSON(w io.Writer, v any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return err
	}
	_, err := w.Write(JSON(b.Bytes()))
	return err
}

// Writer passes everything through Text before it writes it to w.
func Writer(w io.Writer) io.Writer { return writer{w} }

type writer struct{ to io.Writer }

func (w writer) Write(b []byte) (int, error) {
	if _, err := io.WriteString(w.to, Text(string(b))); err != nil {
		return 0, err
	}
	return len(b), nil
}
