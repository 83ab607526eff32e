package tui

import (
	"strings"

	"userlike-inspector/nativehost/internal/record"
)

// A style is what a stretch of text is for; the theme says how that looks.
type style int

const (
	plain style = iota
	strong
	faint
	isKey // a member's name, a key of the keyboard
	isGood
	isError
	isWarning
	isInfo
	isTab // the view that is shown
	isGap // calls are missing here
	styles
)

// theme is how things look on this terminal. Colour never says anything
// alone: there is a glyph or a word beside it.
type theme struct {
	tags [styles]string // tview's tag that begins each style

	good, bad, warn, info, gap, other string // glyphs, one cell each
	folded, unfolded, rule, ellipsis  string
	dot                               string // between facts
	to, from                          string // before where something went, and what is there
	tester                            string // before what a tester's simulation brought about
}

// newTheme reads the terminal's abilities from its environment: NO_COLOR
// (https://no-color.org) and the locale's character set, found as POSIX and
// tcell find it. colours is how many it has; where it has none, tcell would show
// text in some as the cursor is shown.
func newTheme(getenv func(string) string, colours int) *theme {
	t := &theme{
		good: "✓", bad: "✗", warn: "!", info: "i", gap: "▒", other: "·",
		folded: "▸", unfolded: "▾", rule: "─", ellipsis: "…", dot: "·", to: "→", from: "←", tester: "◇",
	}
	if !isUTF8(getenv) {
		t.good, t.bad, t.gap, t.other = "+", "x", "#", "-"
		t.folded, t.unfolded, t.rule, t.ellipsis, t.dot = ">", "v", "-", "...", "|"
		t.to, t.from, t.tester = ">", "<", "*"
	}
	// The sixteen colours are the user's own, so they can be read on dark and
	// on light backgrounds; yellow is left out because it often can't.
	t.tags = [styles]string{
		plain: "[-:-:-]", strong: "[::b]", faint: "[::d]", isKey: "[teal]", isGood: "[green]",
		isError: "[red::b]", isWarning: "[olive::b]", isInfo: "[teal]", isGap: "[fuchsia::b]", isTab: "[::rb]",
	}
	if getenv("NO_COLOR") != "" || colours == 0 {
		t.tags[isKey], t.tags[isGood], t.tags[isInfo] = "[-:-:-]", "[-:-:-]", "[-:-:-]"
		t.tags[isError], t.tags[isWarning], t.tags[isGap] = "[::b]", "[::b]", "[::b]"
	}
	return t
}

// isUTF8 tells whether the locale's character set is UTF-8. A locale that
// names no set is taken to be (every one of today's systems), C and POSIX are not.
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
