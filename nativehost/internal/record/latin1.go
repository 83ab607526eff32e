package record

import (
	"strings"
	"unicode"
)

// Latin1 is a text that is written in Latin-1, a byte for each character, as btoa of the
// browsers takes it. It returns false for bytes that are hardly text: some are control
// characters, or more than a quarter are no ASCII.
func Latin1(b []byte) (string, bool) {
	foreign := 0
	for _, c := range b {
		if r := rune(c); unicode.IsControl(r) && !unicode.IsSpace(r) {
			return "", false
		}
		if c > unicode.MaxASCII {
			foreign++
		}
	}
	if 4*foreign > len(b) {
		return "", false
	}
	var text strings.Builder
	for _, c := range b {
		text.WriteRune(rune(c))
	}
	return text.String(), true
}
