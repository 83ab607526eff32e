package tui

import (
	"strings"
	"time"

	"userlike-inspector/nativehost/internal/record"
)

// A style is what a piece of text is for. The theme says how that looks.
type style int

const (
	plain     style = iota
	strong          // what stands out
	faint           // what can be passed over
	isKey           // the name of a member or of a key on the keyboard
	isGood          // nothing was found
	isError         // a finding of this severity, as the next two
	isWarning       //
	isInfo          //
	isTab           // the name of the view that is shown
	isGap           // calls or hits were lost
	isPending       // something may still be found
	isFound         // a text that is searched for
	styles          // how many there are
)

// A theme is how things look on this terminal. Colour never says anything alone: there is
// always a glyph or a word beside it.
type theme struct {
	now  func() time.Time // times are shown in its time zone
	tags [styles]string   // tview's tag that begins each style

	// Glyphs, one cell each, except that the ellipsis is three dots in ASCII.
	good, bad, warn, info string // the worst finding: none, an error, a warning, an info
	gap                   string // something was lost
	other                 string // neither good nor bad
	pending               string // something may still be found
	folded, unfolded      string // before a branch of the tree
	rule, bar             string // lines are drawn with them, along and down
	ellipsis              string // something was cut
	dot                   string // between facts
	to, from              string // before a place where something went, and before what came there
	bookmark              string // before an event with a bookmark
	noted                 string // before an event that was noted to be compared
	differs               string // before a difference of two events
	tester                string // before what a tester's simulation caused
}

// newTheme makes a theme that the terminal can show. The environment tells NO_COLOR
// (https://no-color.org) and the locale's character set, which is found as POSIX and tcell
// find it. colours is how many the terminal has. Without any, colours are not used at all:
// tcell would show some of them reversed, as the cursor is shown. now is as in Options.
func newTheme(getenv func(string) string, colours int, now func() time.Time) *theme {
	t := &theme{
		now:  now,
		good: "✓", bad: "✗", warn: "!", info: "i", gap: "▒", other: "·", pending: "○",
		folded: "▸", unfolded: "▾", rule: "─", bar: "│", ellipsis: "…", dot: "·", to: "→", from: "←", tester: "◇",
		bookmark: "★", noted: "≠", differs: "≠",
	}
	if !isUTF8(getenv) {
		t.good, t.bad, t.gap, t.other, t.pending = "+", "x", "#", "-", "o"
		t.folded, t.unfolded, t.rule, t.bar, t.ellipsis, t.dot = ">", "v", "-", "|", "...", "|"
		t.to, t.from, t.tester = ">", "<", "*"
		t.bookmark, t.noted, t.differs = "@", "=", "#"
	}
	// Users choose the sixteen basic colours themselves, so that they can read them on their
	// background. Yellow is left out, because on a light background it is hard to read.
	t.tags = [styles]string{
		plain: "[-:-:-]", strong: "[::b]", faint: "[::d]", isKey: "[teal]", isGood: "[green]",
		isError: "[red::b]", isWarning: "[olive::b]", isInfo: "[teal]", isGap: "[fuchsia::b]", isTab: "[::rb]", isPending: "[-:-:-]", isFound: "[::bu]",
	}
	if getenv("NO_COLOR") != "" || colours == 0 {
		t.tags[isKey], t.tags[isGood], t.tags[isInfo] = "[-:-:-]", "[-:-:-]", "[-:-:-]"
		t.tags[isError], t.tags[isWarning], t.tags[isGap] = "[::b]", "[::b]", "[::b]"
	}
	return t
}

// isUTF8 tells whether the locale's character set is UTF-8. A locale that names none is taken
// for UTF-8, as on all of today's systems; C and POSIX are not.
func isUTF8(getenv func(string) string) bool {
	var locale string
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if locale = getenv(name); locale != "" {
			break
		}
	}
	if locale == "C" || locale == "POSIX" {
		return false
	}
	_, set, named := strings.Cut(locale, ".")
	set, _, _ = strings.Cut(set, "@")
	return !named || strings.EqualFold(strings.ReplaceAll(set, "-", ""), "utf8")
}

// severity is the glyph and the style of a severity.
func (t *theme) severity(s record.Severity) (glyph string, st style) {
	switch s {
	case record.Error:
		return t.bad, isError
	case record.Warning:
		return t.warn, isWarning
	case record.Info:
		return t.info, isInfo
	}
	return t.good, isGood
}

// cell is a text in exactly n cells. The text may come from anywhere.
func (t *theme) cell(s string, n int) string {
	return pad(visible(t.head(s, maxSpan)), n, t.ellipsis)
}

// clock is a time in a narrow column.
func (t *theme) clock(at time.Time) string { return clock(at, t.now(), false) }

// ago says how long ago a time was.
func (t *theme) ago(at time.Time) string { return ago(at, t.now()) }

// stamp is a time in full.
func (t *theme) stamp(at record.Time) string { return stamp(at, t.now().Location()) }
