// Package words makes what is said of recorded data fit for a sentence: a page
// may send anything, so values are cut and what is not printable is escaped.
package words

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/agnivade/levenshtein"
)

// Values are shown in findings to be recognised, not to be copied: tickets
// travel farther than recordings, and a page may send anything.
const (
	MaxShown = 60  // characters of a value or name
	MaxPath  = 160 // characters of a path in words
	maxText  = 300 // characters of an explanation: an exception, a reason
)

// Quote is s in quotes on one line, cut to MaxShown characters, with what is
// not printable escaped.
func Quote(s string) string { return strconv.Quote(Clip(s, MaxShown)) }

// Short is Quote without the quotes.
func Short(s string) string { return OneLine(Clip(s, MaxShown)) }

// Address is an address for a report's first lines: without a password and
// without the query, where sites put what they know of their visitors.
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

// Place is where a hit went, fit for a sentence.
func Place(to string) string { return OneLine(Clip(to, MaxPath)) }

// OneLine is s, cut to maxText characters, with what is not printable escaped.
func OneLine(s string) string {
	q := strconv.Quote(Clip(s, maxText))
	return strings.ReplaceAll(q[1:len(q)-1], `\"`, `"`)
}

// Verbatim is OneLine, with backslashes as they are: for texts such as regular
// expressions, which are full of them.
func Verbatim(s string) string {
	parts := strings.Split(Clip(s, maxText), `\`)
	for i, part := range parts {
		parts[i] = OneLine(part)
	}
	return strings.Join(parts, `\`)
}

// Shown is Short, or words for what would not be seen.
func Shown(s string) string {
	if s == "" {
		return "an empty string"
	}
	return Short(s)
}

// Clip cuts s to n characters and shows that it did.
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

// MaxCompared bounds what edit distances are computed of, in bytes; nothing
// documented is near anything longer.
const MaxCompared = 64

// Nearest is the candidate that is most like name, regardless of case, or ""
// if none is like it: a third of its letters may differ, or two that are swapped.
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

// sameLetters tells whether two words are the same but for their letters' order.
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
