package tui

import (
	"encoding/json"
	"testing"
)

// TestJSONText: a text as the tree shows it is valid JSON, and everything in it can be seen.
func TestJSONText(t *testing.T) {
	for s, want := range map[string]string{
		"Ada":        `"Ada"`,
		"a\"b\\c":    `"a\"b\\c"`,
		"\a\v\x7f":   `"\u0007\u000b\u007f"`,
		"\b\f\n\r\t": `"\b\f\n\r\t"`,
		"\u200bä":    `"\u200bä"`,
		"\U000e0001": `"\udb40\udc01"`,
		"<b>&":       `"<b>&"`,
	} {
		got := jsonText(s)
		var again string
		if err := json.Unmarshal([]byte(got), &again); err != nil || again != s || got != want {
			t.Errorf("%q: got %s (%q, %v), want %s", s, got, again, err, want)
		}
	}
}
