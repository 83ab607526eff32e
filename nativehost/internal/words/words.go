// Package words writes recorded data in a form that fits into a sentence. A page may send
// anything, so values are cut, and characters that cannot be printed are escaped.
package words

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/agnivade/levenshtein"
)

// Findings show values only so that they can be recognised. They are cut, because tickets
// reach more people than recordings, and a page may send anything.
const (
	MaxShown = 60  // characters of a value or name
	MaxPath  = 160 // characters of a path in words
	maxText  = 300 // characters of an explanation: an exception, a reason
)

// Quote is s in quotes on one line, cut to MaxShown characters, with unprintable characters
// escaped.
func Quote(s string) string { return strconv.Quote(Clip(s, MaxShown)) }

// Short is Quote without the quotes.
func Short(s string) string { return OneLine(Clip(s, MaxShown)) }

// Address is an address for the first lines of a report: without a password, and without
// the query, where sites put what they know of their visitors.
func Address(address string) string {
	if u, err := url.Parse(address); err == nil {
		if u.RawQuery != "" {
			u.RawQuery = "…"
		}
		u.Fragment = ""
		u.User = nil
		address = strings.ReplaceAll(u.String(), "%E2%80%A6", "…")
	}
	return Short(address)
}

// Place is where a hit went, in a form that fits into a sentence.
func Place(to string) string { return OneLine(Clip(to, MaxPath)) }

// OneLine is s on one line, cut to maxText characters, with unprintable characters escaped.
func OneLine(s string) string { return printable(Clip(s, maxText)) }

func printable(s string) string {
	q := strconv.Quote(s)
	return strings.ReplaceAll(q[1:len(q)-1], `\"`, `"`)
}

// Verbatim is OneLine, but backslashes are not doubled: for texts with many of them, such as
// regular expressions.
func Verbatim(s string) string { return verbatim(Clip(s, maxText)) }

func verbatim(s string) string {
	parts := strings.Split(s, `\`)
	for i, part := range parts {
		parts[i] = printable(part)
	}
	return strings.Join(parts, `\`)
}

// Path is the path of a file in quotes, not cut and without doubled backslashes, so that
// people can copy it. Unprintable characters are escaped.
func Path(path string) string { return `"` + verbatim(path) + `"` }

// Typed is what a user has typed, in quotes and without doubled backslashes, so that people
// recognise it. Unprintable characters are escaped.
func Typed(s string) string { return `"` + Verbatim(s) + `"` }

// NotJSON says in plain words why a text is not JSON. The place is in err.
func NotJSON(text []byte, err *json.SyntaxError) string {
	// Only the text of err tells these two from a character that is not allowed.
	switch said := err.Error(); {
	case strings.HasPrefix(said, "unexpected end"):
		return "it ends too early"
	case strings.HasSuffix(said, "exceeded max depth"):
		return "it is nested too deep"
	case err.Offset < 1 || err.Offset > int64(len(text)):
		return OneLine(said)
	}
	found, _ := utf8.DecodeRune(text[err.Offset-1:])
	if found == '\'' {
		return "unexpected '"
	}
	return "unexpected '" + printable(string(found)) + "'"
}

// Shown is Short, or words for a text that could not be seen, such as an empty one.
func Shown(s string) string {
	if s == "" {
		return "an empty string"
	}
	return Short(s)
}

// Clip cuts s to n characters. A text that was cut ends in "…".
func Clip(s string, n int) string {
	count := 0
	for i := range s {
		if count == n-1 && len(s)-i > 1 {
			return s[:i] + "…"
		}
		count++
	}
	return s
}

// Article puts "a" or "an" before a type.
func Article(noun string) string {
	if strings.ContainsAny(noun[:min(1, len(noun))], "aeiou") {
		return "an " + noun
	}
	return "a " + noun
}

// Plural is n things in words.
func Plural[N int | int64](n N, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// Times is how often, in words.
func Times(n int) string {
	switch n {
	case 1:
		return "once"
	case 2:
		return "twice"
	}
	return fmt.Sprintf("%d times", n)
}

// MaxCompared is the longest text, in bytes, that Nearest compares. All documented names are
// much shorter.
const MaxCompared = 64

// Nearest is the candidate that is most similar to name, whatever the case, "" if none is
// similar. Up to a third of the letters may differ, or two letters may be swapped.
func Nearest(name string, candidates []string) string {
	if len(name) > MaxCompared {
		return ""
	}
	best, least := "", 0
	for _, c := range candidates {
		if len(c) > MaxCompared {
			continue
		}
		d := levenshtein.ComputeDistance(strings.ToLower(name), strings.ToLower(c))
		if (d <= len(c)/3 || d == 2 && sameLetters(name, c)) && (best == "" || d < least) {
			best, least = c, d
		}
	}
	return best
}

// sameLetters tells whether two words have the same letters in another order.
func sameLetters(a, b string) bool {
	letters := func(s string) []rune {
		r := []rune(strings.ToLower(s))
		slices.Sort(r)
		return r
	}
	return slices.Equal(letters(a), letters(b))
}

// List joins names by commas, the last one by the conjunction: "a, b or c".
func List(names []string, conjunction string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " " + conjunction + " " + names[last]
}

// Apart is the time between two events, in at most seven characters if it is less than
// 10 000 days. It must not be negative.
func Apart(d time.Duration) string {
	switch {
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < 100*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < 100*time.Hour:
		return fmt.Sprintf("%.1f h", d.Hours())
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}

// After is how long after another an event came, as Apart has it, with its sign. It is negative
// where a clock was set back meanwhile, or where the events come from several machines.
func After(d time.Duration) string {
	if d < 0 {
		return "-" + Apart(-d)
	}
	return "+" + Apart(d)
}
