package tui

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/rivo/uniseg"

	"userlike-inspector/nativehost/internal/sanitize"
)

const (
	// maxCluster is how many code points may share a cell. Syllables of living scripts need
	// no more, and a high stack of marks would paint over the lines around it.
	maxCluster = 4

	// maxSpan is how many bytes of a text are measured and drawn at most, so that a huge
	// text does not stop the screen. maxValue is the same for a value that was unfolded to
	// be read; it is more than the extension lets through.
	maxSpan  = 4096
	maxValue = 1 << 18
)

// head is at most the first n bytes of s. Where it leaves something out, it says so.
func (t *theme) head(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + t.ellipsis + fmt.Sprintf(" (%d bytes in all)", len(s))
}

// visible returns s as one line in which every character can be seen. It does what
// sanitize.Line does, and also writes as escapes what is printable but not visible (variation
// selectors, fillers, marks without a letter) or leaves its cell (stacks of marks).
func visible(s string) string {
	s = sanitize.Line(s)
	if isASCII(s) {
		return s
	}
	var b strings.Builder
	state := -1
	for s != "" {
		var cluster string
		var cells int
		cluster, s, cells, state = uniseg.FirstGraphemeClusterInString(s, state)
		n := 0
		for _, r := range cluster {
			if n++; cells == 0 || n > maxCluster || unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) {
				escape(&b, r)
			} else {
				b.WriteRune(r)
			}
		}
	}
	return b.String()
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

func escape(b *strings.Builder, r rune) {
	if r < 0x10000 {
		fmt.Fprintf(b, `\u%04x`, r)
	} else {
		fmt.Fprintf(b, `\U%08x`, r)
	}
}

// width is how many cells s takes. Here and below, s has gone through visible.
func width(s string) int { return uniseg.StringWidth(s) }

// split cuts s into a head of at most cells and the rest.
func split(s string, cells int) (head, rest string) {
	for i := 0; i <= cells; i++ { // the quick way for ASCII, where a byte is a cell
		if i == len(s) {
			return s, ""
		}
		if s[i] >= 0x80 {
			break
		}
		if i == cells {
			return s[:i], s[i:]
		}
	}
	used, at, state := 0, 0, -1
	for rest = s; rest != ""; {
		var cluster string
		var w int
		cluster, rest, w, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if used += w; used > cells {
			break
		}
		at += len(cluster)
	}
	return s[:at], s[at:]
}

// clip cuts s to at most cells. It then ends in ellipsis or, where there is no room for that,
// is dots.
func clip(s string, cells int, ellipsis string) string {
	if _, rest := split(s, cells); rest == "" {
		return s
	}
	head, _ := split(s, cells-width(ellipsis))
	if head == "" {
		return strings.Repeat(".", max(cells, 0))
	}
	return head + ellipsis
}

// pad clips s, or fills it up with spaces, to exactly cells.
func pad(s string, cells int, ellipsis string) string {
	s = clip(s, cells, ellipsis)
	return s + strings.Repeat(" ", max(0, cells-width(s)))
}

// wrap breaks s into lines of at most cells, at spaces where it can.
func wrap(s string, cells int) []string {
	cells = max(cells, 8) // narrower lines can't be read, and with 0 cells this would not end
	var lines []string
	for {
		head, rest := split(s, cells)
		if rest == "" {
			return append(lines, s)
		}
		if i := strings.LastIndexByte(head, ' '); i > 0 && rest[0] != ' ' {
			head, rest = head[:i], s[i:]
		}
		lines = append(lines, head)
		s = strings.TrimLeft(rest, " ")
	}
}

// A span is text in one style. The text may come from anywhere.
type span struct {
	style style
	text  string
}

// paint turns spans into text for tview, at most cells wide. All text has to reach the screen
// through it: it makes the text visible and breaks tview's tags in it. (tview.Escape would
// leave "[:::url]", which makes a hyperlink.)
func (t *theme) paint(spans []span, cells int) string {
	var b strings.Builder
	for _, s := range spans {
		if cells <= 0 {
			break
		}
		text := clip(visible(t.head(s.text, maxSpan)), cells, t.ellipsis)
		cells -= width(text)
		// "[:]" is a tag that changes nothing and is not drawn. With it behind them, the
		// text's own brackets can't begin a tag.
		b.WriteString(t.tags[s.style] + strings.ReplaceAll(text, "[", "[[:]") + "[-:-:-]")
	}
	return b.String()
}

func widthOf(spans []span) (cells int) {
	for _, s := range spans {
		cells += width(visible(s.text))
	}
	return cells
}

// repeat is strings.Repeat, but of a negative count it makes nothing instead of a panic.
func repeat(s string, n int) string { return strings.Repeat(s, max(n, 0)) }
