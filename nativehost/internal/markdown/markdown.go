// Package markdown makes text of unknown origin harmless in GitHub's and GitLab's Markdown:
// it cannot become structure, HTML, links or mentions.
package markdown

import (
	"fmt"
	"strings"

	"userlike-inspector/nativehost/internal/sanitize"
	"userlike-inspector/nativehost/internal/words"
)

// maxText is the longest text, in characters. Longer ones are cut.
const maxText = 600

// Code is text as a code span, in which nothing has a special meaning. For tables use Cell.
func Code(s string) string {
	s = sanitize.Line(words.Clip(s, maxText))
	if strings.TrimSpace(s) == "" {
		return "(none)"
	}
	longest, run := 0, 0
	for i := range len(s) {
		run++
		if s[i] != '`' {
			run = 0
		}
		longest = max(longest, run)
	}
	fence := strings.Repeat("`", longest+1)
	if strings.ContainsAny(s[:1]+s[len(s)-1:], "` ") {
		s = " " + s + " "
	}
	return fence + s + fence
}

// Cell is text for a table, whose columns are split before code spans are recognised.
func Cell(s string) string {
	if strings.ContainsAny(s, `|\`) {
		return Prose(s)
	}
	return Code(s)
}

// Prose is text as running text. A zero-width space stands where GitHub and GitLab
// would make links and mentions of plain text: after @, #, ! and before "//".
func Prose(s string) string {
	var b strings.Builder
	s = sanitize.Line(words.Clip(s, maxText))
	for i, r := range s {
		switch {
		case strings.ContainsRune("@#!$&%~", r):
			fmt.Fprintf(&b, "&#%d;&#8203;", r)
		case strings.ContainsRune("\\`*[]<>|", r),
			r == '_' && !within(s, i), // within a word it has no special meaning
			i == 0 && !isLetter(r):    // else "1." or "-" might begin a list
			fmt.Fprintf(&b, "&#%d;", r)
		case r == ':' && strings.HasPrefix(s[i:], "://"):
			b.WriteString(":&#8203;")
		case r == '.' && i >= 3 && strings.EqualFold(s[i-3:i], "www"):
			b.WriteString("&#8203;.")
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// within tells whether letters or digits are on both sides of a byte of s.
func within(s string, i int) bool {
	word := func(c byte) bool { return isLetter(rune(c)) || c >= '0' && c <= '9' }
	return i > 0 && i+1 < len(s) && word(s[i-1]) && word(s[i+1])
}

func isLetter(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r > 0x7f }
