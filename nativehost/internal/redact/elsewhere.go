package redact

import (
	"encoding/base64"
	"html"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"userlike-inspector/nativehost/internal/record"
)

const (
	// shortest is the least length, in characters, of values that are searched
	// everywhere. Shorter ones occur in every text by chance.
	shortest = 5
	// longest is how many characters of a value are searched.
	longest = 4096
)

// values are the personal values that are searched, whatever their case, with their
// pseudonyms.
type values struct {
	pseudonym map[string]string
	lengths   map[string][]int // lengths of the values in characters, the longest first, by the values' first characters
}

func newValues() values { return values{map[string]string{}, map[string][]int{}} }

func (v *values) has(folded string) bool { return v.pseudonym[folded] != "" }

// add adds a value, its hashes as tracking systems make them, and what becomes of it in a
// query in which its plus signs were not escaped.
func (v *values) add(folded, pseudonym string) {
	v.one(folded, pseudonym)
	v.one(strings.ReplaceAll(folded, "+", " "), strings.ReplaceAll(pseudonym, "+", " "))
	if n := utf8.RuneCountInString(folded); n < shortest {
		return
	}
	instead := record.Hashes(pseudonym)
	for i, hash := range record.Hashes(folded) {
		v.one(fold(hash.Text), fold(instead[i].Text))
	}
}

// forget takes a value out again. Its hashes stay.
func (v *values) forget(folded string) {
	delete(v.pseudonym, folded)
	delete(v.pseudonym, strings.ReplaceAll(folded, "+", " "))
}

func (v *values) one(folded, pseudonym string) {
	whole, instead := []rune(folded), []rune(pseudonym)
	if len(whole) < shortest || folded == pseudonym {
		return
	}
	n := min(len(whole), longest)
	folded = string(whole[:n])
	if v.pseudonym[folded] != "" {
		return
	}
	v.pseudonym[folded] = string(instead[:n])
	begin := string(whole[:shortest])
	lengths := v.lengths[begin]
	if i, there := slices.BinarySearchFunc(lengths, n, func(a, b int) int { return b - a }); !there {
		v.lengths[begin] = slices.Insert(lengths, i, n)
	}
}

// A unit is a character of a text, and where it is written in the source.
type unit struct {
	r        rune
	from, to int
}

// view is a text after one kind of decoding.
type view []unit

func (v view) text() string {
	var b strings.Builder
	for _, u := range v {
		b.WriteRune(u.r)
	}
	return b.String()
}

// A change replaces a part of a text.
type change struct {
	from, to int
	text     string
}

// replaced is a text with pseudonyms for the values in it, however they are encoded. If
// within is set, it also decodes base64, but not base64 in base64.
func (v *values) replaced(text string, within bool) string {
	if len(v.pseudonym) == 0 || text == "" {
		return text
	}
	var changes []change
	free := func(from, to int) bool {
		return !slices.ContainsFunc(changes, func(c change) bool { return from < c.to && c.from < to })
	}
	for _, one := range views(text) {
		changes = append(changes, v.matches(text, one, free)...)
	}
	if within {
		for _, run := range encoded.FindAllStringIndex(text, -1) {
			for _, at := range pieces(text, run[0], run[1]) {
				if !free(at[0], at[1]) {
					continue
				}
				if inside, ok := recoded(text[at[0]:at[1]], func(plain string) string { return v.replaced(plain, false) }); ok {
					changes = append(changes, change{at[0], at[1], inside})
				}
			}
		}
	}
	if len(changes) == 0 {
		return text
	}
	slices.SortFunc(changes, func(a, b change) int { return a.from - b.from })
	var b strings.Builder
	end := 0
	for _, c := range changes {
		b.WriteString(text[end:c.from])
		b.WriteString(c.text)
		end = c.to
	}
	b.WriteString(text[end:])
	return b.String()
}

// matches finds the values in a view, the longest one at each place. Characters that do not
// change keep their encoding.
func (v *values) matches(text string, units view, free func(from, to int) bool) []change {
	var folded strings.Builder
	at := make([]int, 0, len(units)+1)
	for _, u := range units {
		at = append(at, folded.Len())
		folded.WriteRune(unicode.ToLower(u.r))
	}
	at = append(at, folded.Len())
	whole := folded.String()
	var changes []change
	for i := 0; i+shortest <= len(units); i++ {
		for _, n := range v.lengths[whole[at[i]:at[i+shortest]]] {
			if i+n > len(units) {
				continue
			}
			pseudonym, ok := v.pseudonym[whole[at[i]:at[i+n]]]
			if !ok || !free(units[i].from, units[i+n-1].to) {
				continue
			}
			var b strings.Builder
			for j, r := range []rune(pseudonym) {
				u := units[i+j]
				switch {
				case r == unicode.ToLower(u.r):
					b.WriteString(text[u.from:u.to])
				case unicode.IsUpper(u.r):
					b.WriteRune(unicode.ToUpper(r))
				default:
					b.WriteRune(r)
				}
			}
			changes = append(changes, change{units[i].from, units[i+n-1].to, b.String()})
			i += n - 1
			break
		}
	}
	return changes
}

// maxViews is in how many ways a text is decoded.
const maxViews = 24

// views are a text as it is, and after decoding the escapes of addresses, JSON and HTML,
// also in each other.
func views(text string) []view {
	var first view
	for i, r := range text {
		size := utf8.RuneLen(r)
		if r == utf8.RuneError {
			_, size = utf8.DecodeRuneInString(text[i:])
		}
		first = append(first, unit{r, i, i + size})
	}
	all := []view{first}
	if !strings.ContainsAny(text, `%+\&`) {
		return all
	}
	for i := 0; i < len(all) && len(all) < maxViews; i++ {
		for _, decode := range []func(view, int) (rune, int){percent, plus, backslash, entity} {
			if next, changed := all[i].decoded(decode); changed && len(all) < maxViews {
				all = append(all, next)
			}
		}
	}
	return all
}

// decoded applies decode at each place of the view. decode returns a character and how many
// units it was written with, 0 for none.
func (v view) decoded(decode func(view, int) (rune, int)) (next view, changed bool) {
	for i := 0; i < len(v); {
		r, n := decode(v, i)
		if n == 0 {
			next = append(next, v[i])
			i++
			continue
		}
		changed = true
		next = append(next, unit{r, v[i].from, v[i+n-1].to})
		i += n
	}
	return next, changed
}

// ascii is up to n units from i on, as text.
func (v view) ascii(i, n int) string {
	var b strings.Builder
	for _, u := range v[min(i, len(v)):min(i+n, len(v))] {
		if u.r >= utf8.RuneSelf {
			break
		}
		b.WriteByte(byte(u.r))
	}
	return b.String()
}

func percent(v view, i int) (rune, int) {
	if v[i].r != '%' {
		return 0, 0
	}
	var b []byte
	for n := i; n+2 < len(v) && v[n].r == '%' && len(b) < utf8.UTFMax; n += 3 {
		octet, err := strconv.ParseUint(v.ascii(n+1, 2), 16, 8)
		if err != nil || v[n+2].r >= utf8.RuneSelf {
			break
		}
		b = append(b, byte(octet))
	}
	r, size := utf8.DecodeRune(b)
	if size == 0 || r == utf8.RuneError {
		return 0, 0
	}
	return r, 3 * size
}

func plus(v view, i int) (rune, int) {
	if v[i].r == '+' {
		return ' ', 1
	}
	return 0, 0
}

func backslash(v view, i int) (rune, int) {
	if v[i].r != '\\' || i+1 == len(v) {
		return 0, 0
	}
	code := func(from, n int) (rune, bool) {
		text := v.ascii(from, n)
		c, err := strconv.ParseUint(text, 16, 32)
		return rune(c), err == nil && len(text) == n
	}
	switch v[i+1].r {
	case '"', '\\', '/', '\'':
		return v[i+1].r, 2
	case 'n':
		return '\n', 2
	case 't':
		return '\t', 2
	case 'r':
		return '\r', 2
	case 'x':
		if c, ok := code(i+2, 2); ok {
			return c, 4
		}
	case 'U':
		if c, ok := code(i+2, 8); ok && utf8.ValidRune(c) {
			return c, 10
		}
	case 'u':
		c, ok := code(i+2, 4)
		if !ok {
			return 0, 0
		}
		if low, ok := code(i+8, 4); ok && v.ascii(i+6, 2) == `\u` && utf16.DecodeRune(c, low) != utf8.RuneError {
			return utf16.DecodeRune(c, low), 12
		}
		return c, 6
	}
	return 0, 0
}

// maxEntity is the length of the longest HTML entity that is decoded.
const maxEntity = 10

func entity(v view, i int) (rune, int) {
	if v[i].r != '&' {
		return 0, 0
	}
	text := v.ascii(i, maxEntity)
	end := strings.IndexByte(text, ';')
	if end < 0 {
		return 0, 0
	}
	plain := html.UnescapeString(text[:end+1])
	r, size := utf8.DecodeRuneInString(plain)
	if size != len(plain) {
		return 0, 0
	}
	return r, end + 1
}

// maxPieces is how many beginnings are tried in a text that may be base64.
const maxPieces = 16

// pieces are the parts of a text between two places that may be base64, the longest first at
// each place. There are several, because "/", "-" and "_" also separate parts of addresses.
func pieces(text string, from, to int) [][2]int {
	begins, ends := []int{from}, []int{}
	for i := from; i < to && len(begins) < maxPieces; i++ {
		if strings.IndexByte("/-_+", text[i]) >= 0 {
			begins, ends = append(begins, i+1), append(ends, i)
		}
	}
	ends = append(ends, to)
	slices.Reverse(ends)
	var all [][2]int
	for _, begin := range begins {
		for _, end := range ends {
			if end-begin >= shortest {
				all = append(all, [2]int{begin, end})
			}
		}
	}
	return all
}

// encoded matches a text that may be base64.
var encoded = regexp.MustCompile(`[A-Za-z0-9+/_-]{7,}={0,2}`)

// mayBeBase64 matches a text that may be base64 of a short value too.
var mayBeBase64 = regexp.MustCompile(`[A-Za-z0-9+/_-]{2,}={0,2}`)

// recoded decodes base64, replaces values in it by pseudonyms and encodes it again. It returns
// false if there is nothing to replace.
func recoded(text string, replaced func(plain string) string) (string, bool) {
	for _, coding := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
		b, err := coding.DecodeString(text)
		if err != nil {
			continue
		}
		plain, latin1 := string(b), false
		if !utf8.Valid(b) {
			if plain, latin1 = record.Latin1(b); !latin1 {
				continue
			}
		}
		if shown := replaced(plain); shown != plain {
			b = []byte(shown)
			if latin1 {
				b = b[:0]
				for _, r := range shown { // pseudonyms are in Latin-1 too
					b = append(b, byte(r))
				}
			}
			return coding.EncodeToString(b), true
		}
	}
	return "", false
}
