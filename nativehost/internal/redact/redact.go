// Package redact makes recordings fit to be handed on: it puts pseudonyms in
// the place of what may tell who a contact is.
//
// A pseudonym has the type, the length and the punctuation of what it stands for,
// so that the verdicts on types and shapes stay true: "Ada-1" may become
// "Qxf-8", 42.50 may become 17.93. The same value gets the same pseudonym wherever it
// stands and whenever it is redacted with the same key, so that what was equal
// stays equal; without the key nobody can try which value gives a pseudonym.
//
// Replaced are the fields that the catalogue calls personal, whatever it does
// not document, since a site may have put anything there, and the same texts where
// they occur again in addresses, titles and exceptions. Names of members, lengths,
// true, false and null stay.
package redact

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/schema"
)

// Redactor redacts records. It is safe for concurrent use.
type Redactor struct {
	key   []byte
	known map[string]bool // documented fields that are not personal, by JSON Pointer
	judge func(*record.Record) []record.Finding
}

// New makes a redactor. The key makes its pseudonyms its own. What was found in a
// record quotes values, so judge has to find it again in the redacted one.
func New(key []byte, judge func(*record.Record) []record.Finding) *Redactor {
	x := &Redactor{key: slices.Clone(key), known: map[string]bool{"/0": true}, judge: judge}
	for _, f := range schema.Catalogue().Fields {
		x.known[f.At] = !f.Personal
	}
	return x
}

// Record is r without personal values; r itself where it has none. What was
// replaced is in Redacted.
func (x *Redactor) Record(r *record.Record) (*record.Record, error) {
	w := &walk{redactor: x, decoder: json.NewDecoder(bytes.NewReader(r.Args)), pseudonyms: map[string]string{}}
	if r.Kind == record.Call {
		w.decoder.UseNumber()
		if err := w.value(nil); err != nil {
			return nil, fmt.Errorf("redacting record %q: %w", r.ID, err)
		}
	}
	out := *r
	out.Notes = slices.Clone(r.Notes)
	for i := range out.Notes {
		w.note(&out.Notes[i])
	}
	if len(w.places) == 0 {
		return r, nil
	}
	out.Args = w.out.Bytes()
	out.Redacted = slices.Concat(r.Redacted, w.places)
	w.elsewhere(&out)
	slices.Sort(out.Redacted)
	out.Redacted = slices.Compact(out.Redacted)
	out.Findings = x.judge(&out)
	return &out, nil
}

// walk copies a call's arguments, with pseudonyms.
type walk struct {
	redactor   *Redactor
	decoder    *json.Decoder
	out        bytes.Buffer
	places     []string          // pointers into the record, of fields
	pseudonyms map[string]string // what was replaced, by what
}

// personal tells whether the value at a place of the arguments is to be replaced.
func (x *Redactor) personal(tokens []string) bool {
	return len(tokens) > 0 && !x.known[schema.Pointer(tokens...)]
}

// value copies the next value, which is at a place.
func (w *walk) value(tokens []string) error {
	token, err := w.decoder.Token()
	if err != nil {
		return err
	}
	switch t := token.(type) {
	case json.Delim:
		return w.members(t, tokens)
	case string:
		if w.redactor.personal(tokens) {
			t = w.replace(t, tokens)
		}
		return w.write(t)
	case json.Number:
		if w.redactor.personal(tokens) {
			t = json.Number(w.number(t.String(), tokens))
		}
		return w.write(t)
	}
	return w.write(token) // true, false, null
}

// members copies an object or array, the beginning of which has been read.
func (w *walk) members(open json.Delim, tokens []string) error {
	w.out.WriteString(open.String())
	for i := 0; w.decoder.More(); i++ {
		if i > 0 {
			w.out.WriteByte(',')
		}
		name := strconv.Itoa(i)
		if open == '{' {
			key, err := w.decoder.Token()
			if err != nil {
				return err
			}
			name = key.(string) // the decoder takes nothing else there
			if err := w.write(name); err != nil {
				return err
			}
			w.out.WriteByte(':')
		}
		if err := w.value(append(tokens[:len(tokens):len(tokens)], name)); err != nil {
			return err
		}
	}
	end, err := w.decoder.Token()
	if err != nil {
		return err
	}
	w.out.WriteString(end.(json.Delim).String())
	return nil
}

func (w *walk) write(v any) error {
	e := json.NewEncoder(&w.out)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err
	}
	w.out.Truncate(w.out.Len() - 1) // the newline
	return nil
}

// replace is the pseudonym for a text, and notes that it was needed.
func (w *walk) replace(text string, tokens []string) string {
	pseudonym := w.redactor.text(text)
	if pseudonym != text {
		w.noteRedacted(tokens)
		w.pseudonyms[text] = pseudonym
	}
	return pseudonym
}

func (w *walk) number(text string, tokens []string) string {
	pseudonym := w.redactor.number(text)
	if pseudonym != text {
		w.noteRedacted(tokens)
	}
	return pseudonym
}

// noteRedacted remembers the argument or field that a place is in.
func (w *walk) noteRedacted(tokens []string) {
	at := schema.Pointer(append([]string{"args"}, tokens[:min(len(tokens), 2)]...)...)
	if !slices.Contains(w.places, at) {
		w.places = append(w.places, at)
	}
}

// note redacts what a note tells of a value. Names of classes and lengths stay.
func (w *walk) note(n *record.Note) {
	tokens, ok := schema.Tokens(n.At)
	switch {
	case n.Is == "instance" || n.Is == "node" || n.Is == "truncated" || n.Text == "":
	case ok && w.redactor.personal(tokens):
		n.Text = w.replace(n.Text, tokens)
	}
}

// shortest is the length in bytes from which on a text is looked for elsewhere:
// shorter ones are in everything.
const shortest = 3

// elsewhere replaces what was replaced in the arguments also where else r has
// it. Of an address the site stays, and the path except for e-mail addresses in it:
// what was inspected has to be known.
func (w *walk) elsewhere(r *record.Record) {
	var all, addresses []string
	texts := make([]string, 0, len(w.pseudonyms))
	for text := range w.pseudonyms {
		if len(text) >= shortest {
			texts = append(texts, text)
		}
	}
	slices.SortFunc(texts, func(a, b string) int { // the longest first: a part must not spoil the whole
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	for _, text := range texts {
		pairs := pairs(text, w.pseudonyms[text])
		all = append(all, pairs...)
		if strings.Contains(text, "@") {
			addresses = append(addresses, pairs...)
		}
	}
	everywhere, paths := strings.NewReplacer(all...), strings.NewReplacer(addresses...)
	put := func(field *string, at, value string) {
		if *field != value {
			*field = value
			r.Redacted = append(r.Redacted, at)
		}
	}
	put(&r.Title, "/title", everywhere.Replace(r.Title))
	put(&r.URL, "/url", address(r.URL, paths, everywhere))
	put(&r.TopURL, "/top_url", address(r.TopURL, paths, everywhere))
	if r.Handled != nil {
		handled := *r.Handled
		r.Handled = &handled
		put(&handled.Threw, "/handler/threw", everywhere.Replace(handled.Threw))
	}
}

// address replaces in an address: behind "?" or "#" everything, before it what is in paths.
func address(s string, paths, everywhere *strings.Replacer) string {
	end := strings.IndexAny(s, "?#")
	if end < 0 {
		end = len(s)
	}
	return paths.Replace(s[:end]) + everywhere.Replace(s[end:])
}

// pairs are text and pseudonym in the ways in which addresses write them too.
func pairs(text, pseudonym string) []string {
	return []string{text, pseudonym, url.QueryEscape(text), url.QueryEscape(pseudonym), url.PathEscape(text), url.PathEscape(pseudonym)}
}

// text is the pseudonym for a text: each letter gives another letter of its
// case, each digit another digit.
func (x *Redactor) text(s string) string {
	random := x.stream(s)
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return other(r, '0', 10, random())
		case r >= 'a' && r <= 'z':
			return other(r, 'a', 26, random())
		case r >= 'A' && r <= 'Z':
			return other(r, 'A', 26, random())
		case unicode.IsUpper(r):
			return 'A' + rune(random()%26)
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			return 'a' + rune(random()%26)
		}
		return r
	}, s)
}

// other is another one of the n characters from first on than r.
func other(r, first rune, n uint16, random uint16) rune {
	return first + (r-first+1+rune(random%(n-1)))%rune(n)
}

// number is the pseudonym for a JSON number: other digits, except that one which
// begins a number does not become 0, and neither sign nor exponent change.
func (x *Redactor) number(s string) string {
	random := x.stream(s)
	digits := []byte(s)
	for i, c := range digits {
		switch begins := i == 0 || digits[i-1] == '-'; {
		case c == 'e' || c == 'E':
			return string(digits)
		case c < '0' || c > '9' || begins && c == '0':
		case begins:
			digits[i] = byte(other(rune(c), '1', 9, random()))
		default:
			digits[i] = byte(other(rune(c), '0', 10, random()))
		}
	}
	return string(digits)
}

// stream gives numbers that depend on nothing but key and value.
func (x *Redactor) stream(value string) func() uint16 {
	mac := hmac.New(sha256.New, x.key)
	mac.Write([]byte(value))
	seed := mac.Sum(nil)
	var block []byte
	return func() uint16 {
		if len(block) == 0 {
			sum := sha256.Sum256(seed)
			block = sum[:]
			mac.Reset()
			mac.Write(seed)
			seed = mac.Sum(nil)
		}
		n := uint16(block[0])<<8 | uint16(block[1])
		block = block[2:]
		return n
	}
}
