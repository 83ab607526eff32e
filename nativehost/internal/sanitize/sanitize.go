// Package sanitize makes text of unknown origin harmless to a terminal.
//
// Whatever a page sends ends up on testers' screens. A control character
// there can move the cursor, set the clipboard or answer for the user; a
// bidirectional or invisible one can make text read as what it isn't.
package sanitize

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Line returns s with every character that isn't plainly visible written out
// as an escape (\n, \x1b, \u202e), so that it is one line of what it says.
func Line(s string) string {
	clean := true
	for i := 0; i < len(s); i++ {
		if s[i] < 0x20 || s[i] >= 0x7f {
			clean = false
			break
		}
	}
	if clean {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case strconv.IsPrint(r): // letters, marks, numbers, punctuation, symbols, space
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
