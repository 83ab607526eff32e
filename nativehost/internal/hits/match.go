package hits

import (
	"bytes"
	"encoding/base64"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/schema"
)

// pattern is a text that is searched for: a value of calls, or its hash.
type pattern struct {
	text  string
	role  role
	form  record.Form
	plain *pattern // of a hash, the pattern of the value itself; else this pattern
	fold  bool     // its case does not matter
	key   string   // the longest word of it, in lower case
	from  int      // where in text that word begins
	calls []*Call  // of a plain one: the calls with this value

	expected bool // it is a documented name, and stays in the index without any call
}

// index finds the values of calls in texts.
type index struct {
	all   map[patternKey]*pattern
	words map[string][]*pattern // by their keys
	whole map[string][]*pattern // those without any word, in lower case
}

// patternKey names a pattern: the same text can be values of two roles.
type patternKey struct {
	role role
	form record.Form
	text string
}

// maxBucket bounds how many patterns have the same longest word.
const maxBucket = 200

func newIndex() *index {
	return &index{map[patternKey]*pattern{}, map[string][]*pattern{}, map[string][]*pattern{}}
}

// plainKey is the key of a value's own pattern.
func (v value) plainKey() patternKey {
	if v.role.folds() {
		return patternKey{v.role, "", strings.ToLower(v.text)}
	}
	return patternKey{v.role, "", v.text}
}

// folds tells whether the case of such values does not matter.
func (r role) folds() bool { return r == person || r == operator }

// add takes in a call. Calls come in the order of their arrival.
func (x *index) add(c *Call) {
	c.patterns = nil
	for _, v := range c.values {
		key := v.plainKey()
		plain := x.all[key]
		if plain == nil {
			plain = x.insert(&pattern{text: v.text, role: v.role, fold: v.role.folds()}, key)
		}
		if len(plain.calls) == 0 {
			for _, h := range record.Hashes(v.text) {
				if key := (patternKey{v.role, h.Form, h.Text}); x.all[key] == nil {
					x.insert(&pattern{text: h.Text, role: v.role, form: h.Form, plain: plain, fold: h.AnyCase}, key)
				}
			}
		}
		if n := len(plain.calls); n == 0 || plain.calls[n-1] != c {
			plain.calls = append(plain.calls, c)
			c.patterns = append(c.patterns, plain)
		}
	}
}

// expect puts a documented name into the index, whether a call has it or not.
func (x *index) expect(name string) {
	key := patternKey{eventName, "", name}
	if x.all[key] == nil {
		x.insert(&pattern{text: name, role: eventName, expected: true}, key)
	}
}

// remove takes a call out again.
func (x *index) remove(c *Call) {
	for _, v := range c.values {
		plain := x.all[v.plainKey()]
		if plain == nil {
			continue
		}
		plain.calls = without(plain.calls, c)
		if len(plain.calls) > 0 || plain.expected {
			continue
		}
		x.drop(plain, v.plainKey())
		for _, h := range record.Hashes(v.text) {
			key := patternKey{v.role, h.Form, h.Text}
			if p := x.all[key]; p != nil && p.plain == plain {
				x.drop(p, key)
			}
		}
	}
}

// without is a list of calls without one, which most often is the first.
func without(calls []*Call, c *Call) []*Call {
	i := slices.Index(calls, c)
	switch {
	case i < 0:
		return calls
	case i == 0:
		calls[0] = nil
		return calls[1:]
	}
	return slices.Delete(calls, i, i+1)
}

func (x *index) insert(p *pattern, key patternKey) *pattern {
	if p.plain == nil {
		p.plain = p
	}
	p.from, p.key = longestWord(p.text)
	x.all[key] = p
	bucket, name := x.bucket(p)
	if len(bucket[name]) < maxBucket {
		bucket[name] = append(bucket[name], p)
	}
	return p
}

func (x *index) bucket(p *pattern) (bucket map[string][]*pattern, name string) {
	if p.key == "" {
		return x.whole, strings.ToLower(p.text)
	}
	return x.words, p.key
}

func (x *index) drop(p *pattern, key patternKey) {
	delete(x.all, key)
	bucket, name := x.bucket(p)
	if bucket[name] = slices.DeleteFunc(bucket[name], func(other *pattern) bool { return other == p }); len(bucket[name]) == 0 {
		delete(bucket, name)
	}
}

// longestWord is the longest word of a text in lower case, and where it is.
func longestWord(s string) (from int, word string) {
	eachWord(s, func(start, end int) {
		if end-start > len(word) {
			from, word = start, s[start:end]
		}
	})
	return from, strings.ToLower(word)
}

func eachWord(s string, f func(from, to int)) {
	start := -1
	for i, r := range s {
		switch {
		case inWord(r) && start < 0:
			start = i
		case !inWord(r) && start >= 0:
			f(start, i)
			start = -1
		}
	}
	if start >= 0 {
		f(start, len(s))
	}
}

// found is a value that was found in data.
type found struct {
	*pattern
	position
	as    record.Form
	whole bool // it is the whole text there
	again bool // it was found in the same text of the data before
}

// position is where a value is.
type position struct {
	at     string // JSON Pointer into the data, to a text
	inside string // where that text is JSON: the pointer into it, "" for all of it
}

// path leads to the value, through JSON that is a text in the data too.
func (p position) path() string { return p.at + p.inside }

// maxPointer bounds the length of a pointer, in bytes before escaping. Values with a longer one count as being
// at the place of what is around them: each value has its pointer, and a page can choose names
// of any length.
const maxPointer = 512

// maxWork is how many bytes of text, decoded text included, are searched for one candidate, and
// maxFound how many found values are kept.
const maxWork, maxFound = 2 << 20, 2000

// matcher looks through one candidate's texts.
type matcher struct {
	*index
	work  int
	found []found
	seen  map[foundKey]bool
}

type foundKey struct {
	pattern *pattern
	position
}

// match finds the values of calls in data.
func (x *index) match(d *Data) []found {
	m := &matcher{index: x, work: maxWork, seen: map[foundKey]bool{}}
	for _, t := range d.texts {
		m.look(t.text, position{at: t.at}, "", 0)
	}
	return m.found
}

// look searches a text, and what it is when it is decoded.
func (m *matcher) look(s string, at position, as record.Form, depth int) {
	if m.work -= len(s); m.work < 0 || s == "" {
		return
	}
	if depth == 4 {
		m.wordsOf(s, at, as)
		return
	}
	if n := structured(s, false); n != nil {
		n.eachText(at.inside, func(inside, text string) { m.look(text, position{at.at, inside}, as, depth+1) })
		m.wordsOf(s, at, as) // what is in none of its texts, such as a name of a member
		return
	}
	m.wordsOf(s, at, as)
	if strings.ContainsAny(s, "%+") {
		for _, plain := range slices.Compact([]string{unescape(s), unescapePath(s)}) { // with plus signs as spaces, and as they are
			if plain = strings.ToValidUTF8(plain, "\uFFFD"); plain != s {
				m.look(plain, at, as, depth+1)
			}
		}
	}
	if as == "" {
		m.base64(s, at, depth)
	}
}

// eachText calls f with each text in a value, and the pointer to it.
func (n *node) eachText(at string, f func(at, text string)) {
	if n.kind == text {
		f(at, n.text)
	}
	for i, item := range n.items {
		token := strconv.Itoa(i)
		if n.kind == object {
			token = n.names[i]
		}
		below := at
		if len(at)+len(token) < maxPointer {
			below += schema.Pointer(token)
		}
		item.eachText(below, f)
	}
}

// wordsOf finds values that are the whole text, or whole words in it.
func (m *matcher) wordsOf(s string, at position, as record.Form) {
	if len(m.whole) > 0 {
		for _, p := range m.whole[strings.ToLower(s)] {
			m.take(p, s, 0, at, as)
		}
	}
	eachWord(s, func(from, to int) {
		for _, p := range m.words[strings.ToLower(s[from:to])] {
			m.take(p, s, from-p.from, at, as)
		}
	})
}

// take notes a pattern if it is in a text at that position, as whole words.
func (m *matcher) take(p *pattern, s string, from int, at position, as record.Form) {
	to := from + len(p.text)
	if from < 0 || to > len(s) || len(m.found) >= maxFound {
		return
	}
	same := s[from:to] == p.text || p.fold && strings.EqualFold(s[from:to], p.text)
	if !same || !p.wholeWord(s[:from], s[to:]) {
		return
	}
	if key := (foundKey{p, at}); !m.seen[key] {
		again := m.seen[foundKey{p, position{at: at.at}}]
		m.seen[key] = true
		for i, c := range at.inside { // in what is around it, it need not be found again
			if c == '/' {
				m.seen[foundKey{p, position{at.at, at.inside[:i]}}] = true
			}
		}
		if p.form != "" {
			as = p.form
		}
		m.found = append(m.found, found{p, at, as, len(p.text) == len(s), again})
	}
}

// wholeWord tells whether a value begins and ends where words do. Characters that join the
// words of a value, such as a hyphen in a name, also join others to it: an e-mail address
// is not found within a longer one, nor the name Max within Max-Planck-Ring.
func (p *pattern) wholeWord(before, after string) bool {
	r, size := utf8.DecodeLastRuneInString(before)
	if size > 0 && inWord(r) {
		return false
	}
	next, nextSize := utf8.DecodeRuneInString(after)
	if nextSize > 0 && inWord(next) {
		return false
	}
	joins := ""
	switch p.role {
	case person, operator:
		joins = ".-+@'’"
	case contactID, chatID:
		joins = "-"
	}
	if p.form != "" {
		joins = ""
	}
	if size > 0 && strings.ContainsRune(joins, r) {
		if r, n := utf8.DecodeLastRuneInString(before[:len(before)-size]); n > 0 && inWord(r) {
			return false
		}
	}
	if nextSize > 0 && strings.ContainsRune(joins, next) {
		if r, n := utf8.DecodeRuneInString(after[nextSize:]); n > 0 && inWord(r) {
			return false
		}
	}
	return true
}

// maxEncoded bounds how many words of a text are tried as base64.
const maxEncoded = 200

// base64 searches what a text, or a word in it, is when it is decoded as base64.
func (m *matcher) base64(s string, at position, depth int) {
	if strings.Contains(s, " ") { // a + that was not escaped
		if plain := fromBase64(strings.ReplaceAll(s, " ", "+")); plain != "" {
			m.look(plain, at, record.Base64, depth+1)
			return
		}
	}
	tried := 0
	for word := range strings.FieldsFuncSeq(s, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(`&,;:"'()[]{}<>?|`, r) }) {
		if _, value, ok := strings.Cut(word, "="); ok && strings.Trim(value, "=") != "" {
			word = value // of a query
		}
		if plain := fromBase64(word); plain != "" {
			m.look(plain, at, record.Base64, depth+1)
		}
		if tried++; tried >= maxEncoded {
			return
		}
	}
}

// fromBase64 decodes a text from base64, "" if it is not a text in base64.
func fromBase64(s string) string {
	if strings.Contains(s, "%") {
		if plain, err := url.PathUnescape(s); err == nil {
			s = plain
		}
	}
	s = strings.TrimRight(s, "=.") // some write dots for =
	if len(s) < 4 || len(s)%4 == 1 || len(s) > maxWork {
		return ""
	}
	encoding := base64.RawStdEncoding
	if strings.ContainsAny(s, "-_") {
		encoding = base64.RawURLEncoding
	}
	plain, err := encoding.DecodeString(s)
	if err != nil {
		return ""
	}
	if unpacked, _, ok := unpack(plain, false); ok {
		plain = unpacked
	}
	plain = bytes.TrimSpace(plain)
	if !utf8.Valid(plain) {
		text, _ := record.Latin1(plain)
		return text
	}
	if bytes.ContainsFunc(plain, func(r rune) bool { return unicode.IsControl(r) && !unicode.IsSpace(r) }) {
		return ""
	}
	return string(plain)
}

// Carried lists which values of a call are in data.
func Carried(c *Call, d *Data) []record.Carried {
	x := newIndex()
	x.add(c)
	return c.carried(x.match(d))
}

// carried lists which values of a call were found, with their places in the call and in the
// data.
func (c *Call) carried(all []found) []record.Carried {
	var carries []record.Carried
	for _, v := range c.values {
		for _, f := range all {
			if len(carries) < maxFound && !f.again && f.plain.role == v.role && (f.plain.text == v.text || v.role.folds() && strings.EqualFold(f.plain.text, v.text)) {
				carries = append(carries, record.Carried{What: v.at, At: f.at, As: f.as})
			}
		}
	}
	return carries
}
