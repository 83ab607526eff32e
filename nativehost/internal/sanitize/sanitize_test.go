package sanitize_test

import (
	"testing"
	"unicode"
	"unicode/utf8"

	"userlike-inspector/nativehost/internal/sanitize"
)

func TestLine(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"plain", "chat_started", "chat_started"},
		{"letters of any script stay", "Grüße, 東京 🙂", "Grüße, 東京 🙂"},
		{"lines", "a\r\nb\tc", `a\r\nb\tc`},
		{"escape sequence", "\x1b]52;c;aGk=\a", `\x1b]52;c;aGk=\x07`},
		{"C1", "\u009b31m", `\x9b31m`},
		{"bidi", "\u202egnp.exe", `\u202egnp.exe`},
		{"zero width", "a\u200bb\ufeff", `a\u200bb\ufeff`},
		{"tag characters", "a\U000e0041", `a\U000e0041`},
		{"line separator", "a\u2028b", `a\u2028b`},
		{"not UTF-8", "a\xffb", `a\xffb`},
		{"the replacement character is one", "a\ufffdb", "a\ufffdb"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := sanitize.Line(tt.in); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func FuzzLine(f *testing.F) {
	f.Add("\x1b[31m\u202e\u200b\xff")
	f.Fuzz(func(t *testing.T, s string) {
		got := sanitize.Line(s)
		if !utf8.ValidString(got) {
			t.Fatalf("%q is not UTF-8", got)
		}
		for _, r := range got {
			if !unicode.IsPrint(r) {
				t.Fatalf("%q holds %U", got, r)
			}
		}
		if again := sanitize.Line(got); again != got {
			t.Errorf("%q becomes %q", got, again)
		}
	})
}
