// Package redact prepares recordings for other people: it replaces everything that may say
// who a contact is by pseudonyms.
//
// A pseudonym has the type, the length and the punctuation of the original value, so that
// findings on types and shapes do not change: "Ada-1" may become "Qxf-8", 42.50 may become
// 17.93. With the same key, equal values always get the same pseudonym, and different
// values get different ones. So what was equal stays equal, and nothing else becomes equal.
// Without the key, nobody can find a value by trying which one gives the pseudonym.
//
// These are replaced: fields that the catalogue calls personal; fields that it does not
// document, since a site may put anything there; email addresses anywhere; and the same
// values everywhere else in the recording, however they are encoded (but not the hosts of
// the recording's own addresses, see sites). Lengths, true, false
// and null stay.
package redact

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/words"
	"userlike-inspector/schema"
)

// Redactor redacts the records of one recording. Learn must be called with all of them
// before the first is redacted. It is not safe for concurrent use.
type Redactor struct {
	key    []byte
	known  map[string]bool // documented fields that are not personal, by JSON Pointer
	words  map[string]bool // documented names, which say nothing of a contact
	judge  func(*record.Record) []record.Finding
	values values
	short  map[string]string // values too short to be searched everywhere, with their pseudonyms
	brief  map[string]bool   // personal fields that had such a value, by JSON Pointer
	sites  sites
}

// New makes a redactor, whose pseudonyms depend on the key. Findings quote values, so judge
// is called to make the findings on redacted records anew.
func New(key []byte, judge func(*record.Record) []record.Finding) *Redactor {
	x := &Redactor{key: slices.Clone(key), known: map[string]bool{"/0": true}, words: map[string]bool{}, judge: judge, values: newValues(), short: map[string]string{}, brief: map[string]bool{}, sites: newSites()}
	for _, f := range schema.Catalogue().Fields {
		x.known[f.At] = !f.Personal
		x.words[fold(f.Name)] = true
		for _, part := range strings.FieldsFunc(f.Name, func(r rune) bool { return r == '_' || r == '.' }) {
			x.words[fold(part)] = true
		}
	}
	for _, word := range ours {
		x.words[word] = true
	}
	for _, e := range schema.Catalogue().Events {
		x.words[fold(e.Name)] = true
	}
	return x
}

// ours are words that this program itself writes into records.
var ours = []string{
	"string", "number", "numeric", "integer", "object", "array", "boolean", "undefined", "function", "symbol", "bigint", "infinity", "regexp", "instance",
	"opened", "hooked", "closed", "appeared", "replaced", "removed", "shadowed", "not-writable", "assigned", "declared", "missing",
	"error", "warning", "event", "events", "value", "values", "argument", "arguments", "documented", "hidden", "character", "characters", "chrome", "chromium", "firefox",
}

// personal tells whether the value at a place of the arguments must be replaced.
func (x *Redactor) personal(tokens []string) bool {
	return len(tokens) > 0 && !x.known[schema.Pointer(tokens...)]
}

var address = regexp.MustCompile(`[\pL\pN._%+-]+@[\pL\pN-]+(?:\.[\pL\pN-]+)+`)

// Learn learns the personal values of a record.
func (x *Redactor) Learn(r *record.Record) {
	x.visit(r.URL)
	x.visit(r.TopURL)
	for _, text := range []string{r.URL, r.TopURL, r.Title, r.Text, string(r.Why), r.Threw()} {
		x.learnAddresses(text)
	}
	if r.Kind == record.Hit {
		x.visit(r.Handed.To)
		x.learnHit(r)
	}
	if r.Kind != record.Call {
		return
	}
	if args, err := schema.Decode(r.Args); err == nil {
		x.learnFrom(args, nil)
	}
	for _, n := range r.Notes {
		if x.tellsValue(n) {
			x.learn(n.Text)
		}
	}
}

// tellsValue tells whether a note's text is a personal value, not a class's name
// or a length.
func (x *Redactor) tellsValue(n record.Note) bool {
	tokens, ok := schema.Tokens(n.At)
	return n.Is != "instance" && n.Is != "node" && n.Is != "truncated" && n.Text != "" && (!ok || x.personal(tokens))
}

func (x *Redactor) learnFrom(v any, tokens []string) {
	below := func(name string, v any) { x.learnFrom(v, append(tokens[:len(tokens):len(tokens)], name)) }
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			x.learnAddresses(name)
			below(name, member)
		}
	case []any:
		for i, element := range v {
			below(strconv.Itoa(i), element)
		}
	case string:
		x.learnAt(tokens, v)
		x.learnAddresses(v)
	case json.Number:
		x.learnAt(tokens, v.String())
	}
}

// learnAt learns the value at a place of the arguments, if it is personal.
func (x *Redactor) learnAt(tokens []string, value string) {
	if !x.personal(tokens) {
		return
	}
	x.learn(value)
	if utf8.RuneCountInString(strings.TrimSpace(value)) < shortest && len(x.brief) < maxShort {
		x.brief[schema.Pointer(tokens...)] = true
	}
}

// learnAddresses learns the email addresses in a text.
func (x *Redactor) learnAddresses(text string) {
	if !strings.Contains(text, "@") && !strings.Contains(text, "%40") {
		return
	}
	for _, v := range views(text) {
		for _, found := range address.FindAllString(v.text(), -1) {
			x.learn(found)
		}
	}
}

// learn adds a personal value to those that are searched everywhere. Spaces at its ends may
// be missing elsewhere.
func (x *Redactor) learn(value string) {
	value = strings.TrimSpace(value)
	folded := fold(value)
	switch {
	case x.words[folded] || x.values.has(folded):
	case x.learnPath(value):
	case utf8.RuneCountInString(value) >= shortest:
		x.values.add(folded, fold(x.Pseudonym(value)))
	case value != "" && len(x.short) < maxShort && x.short[folded] == "":
		x.short[folded] = fold(x.Pseudonym(value))
	}
}

// Text is a text, such as a file's name, without the personal values that were learnt.
func (x *Redactor) Text(text string) string { return x.values.replaced(text, true) }

// Record is r without personal values, or r itself if it has none. The field Redacted lists
// what was replaced.
func (x *Redactor) Record(r *record.Record) (*record.Record, error) {
	x.Learn(r) // in case that was not done before
	w := &walk{redactor: x, root: []string{"args"}, places: slices.Clone(r.Redacted)}
	out := *r
	var err error
	switch r.Kind {
	case record.Call:
		w.decode(r.Args)
		err = w.value(nil)
		out.Args = w.out.Bytes()
	case record.Hit:
		w.decode(r.Handed.Data)
		err = w.hit(&out)
	}
	if err != nil {
		return nil, fmt.Errorf("redacting record %s: %w", words.Quote(r.ID), err)
	}
	w.notes(&out)
	w.rest(&out)
	if len(w.places) == len(r.Redacted) && !w.changed {
		return r, nil
	}
	slices.Sort(w.places)
	out.Redacted = slices.Compact(w.places)
	out.Findings = x.judge(&out)
	for i := range out.Findings {
		f := &out.Findings[i]
		f.Message, f.Expected, f.Actual, f.Demand = x.Text(f.Message), x.Text(f.Expected), x.Text(f.Actual), x.Text(f.Demand)
	}
	return &out, nil
}

// walk copies a record, with pseudonyms.
type walk struct {
	redactor *Redactor
	decoder  *json.Decoder
	out      bytes.Buffer
	root     []string                    // where in the record the copied value is
	carried  map[string][]record.Carried // for a hit: what is personal of its calls, by where it is
	places   []string                    // JSON Pointers into the record, of fields that were changed
	changed  bool
}

func (w *walk) decode(raw json.RawMessage) {
	w.decoder = json.NewDecoder(bytes.NewReader(raw))
	w.decoder.UseNumber()
}

// personal tells whether the value at a place must be replaced, whatever it is.
func (w *walk) personal(tokens []string) bool {
	if w.carried != nil { // a hit's
		_, carried := w.carried[schema.Pointer(tokens...)]
		return carried
	}
	return w.redactor.personal(tokens)
}

// rest replaces personal values in the other members than arguments and notes.
func (w *walk) rest(r *record.Record) {
	put := func(field *string, at string) {
		if text := w.redactor.Text(*field); text != *field {
			*field = text
			w.places = append(w.places, at)
		}
	}
	put(&r.URL, "/url")
	put(&r.TopURL, "/top_url")
	put(&r.Title, "/title")
	put(&r.Text, "/text")
	put(&r.Document, "/document")
	put(&r.ID, "/id")
	why := string(r.Why)
	put(&why, "/why")
	r.Why = record.Reason(why)
	if r.Handled != nil {
		handled := *r.Handled
		put(&handled.Threw, "/handler/threw")
		r.Handled = &handled
	}
	if r.Browser != nil {
		browser := *r.Browser
		put(&browser.Name, "/browser/name")
		put(&browser.Version, "/browser/version")
		put(&browser.Profile, "/browser/profile")
		r.Browser = &browser
	}
}

// notes replaces personal values in the notes: names of members in their pointers, and
// values in their texts.
func (w *walk) notes(r *record.Record) {
	r.Notes = slices.Clone(r.Notes)
	for i := range r.Notes {
		n := &r.Notes[i]
		tokens, ok := schema.Tokens(n.At)
		text := n.Text
		if w.redactor.tellsValue(*n) {
			n.Text = w.redactor.Pseudonym(n.Text)
		} else {
			n.Text = w.redactor.Text(n.Text)
		}
		if n.Text != text && ok && len(tokens) > 0 {
			w.note(tokens)
		}
		w.changed = w.changed || n.Text != text
		for j, token := range tokens {
			tokens[j] = w.redactor.Text(token)
		}
		if at := schema.Pointer(tokens...); ok && at != n.At {
			n.At, w.changed = at, true
		}
	}
}

// value copies the next value, whose place is given.
func (w *walk) value(tokens []string) error {
	token, err := w.decoder.Token()
	if err != nil {
		return err
	}
	personal := w.personal(tokens)
	switch t := token.(type) {
	case json.Delim:
		return w.members(t, tokens)
	case string:
		text := t
		switch {
		case personal && w.carried != nil:
			t = w.carriedText(t, w.carried[schema.Pointer(tokens...)])
		case personal:
			t = w.redactor.Pseudonym(t)
		default:
			t = w.redactor.Text(t)
		}
		if t != text {
			w.note(tokens)
		}
		return w.write(t)
	case json.Number:
		number := t.String()
		if personal || w.redactor.values.has(fold(number)) {
			number = w.redactor.Pseudonym(number)
		}
		if number != t.String() {
			w.note(tokens)
		}
		return w.write(json.Number(number))
	}
	return w.write(token) // true, false, null
}

// members copies an object or array, whose opening bracket has been read.
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
			name = key.(string) // the decoder accepts nothing else here
			shown := w.redactor.Text(name)
			if shown != name {
				w.note(append(tokens[:len(tokens):len(tokens)], shown))
			}
			if err := w.write(shown); err != nil {
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

// note remembers that the argument or field around a place was changed.
func (w *walk) note(tokens []string) {
	short := append(slices.Clone(w.root), tokens[:min(len(tokens), 2)]...)
	for i := range short {
		short[i] = w.redactor.Text(short[i])
	}
	if at := schema.Pointer(short...); !slices.Contains(w.places, at) {
		w.places = append(w.places, at)
	}
}
