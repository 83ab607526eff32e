package redact

import (
	"slices"
	"strings"
	"unicode"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/schema"
)

// What a page hands on is the site's own, whatever its names mean: of a hit's data
// those values are replaced that are personal elsewhere, in all their forms, and what
// the hit itself says to be of a personal field of its calls, however short.

// maxShort bounds how many values are known that are too short to be looked for
// everywhere.
const maxShort = 100_000

// learnHit takes in the e-mail addresses in a hit.
func (x *Redactor) learnHit(r *record.Record) {
	x.learnAddresses(r.Handed.To)
	if data, err := schema.Decode(r.Handed.Data); err == nil {
		x.learnAddressesIn(data)
	}
	for _, n := range r.Notes {
		x.learnAddresses(n.Text)
	}
}

func (x *Redactor) learnAddressesIn(v any) {
	switch v := v.(type) {
	case string:
		x.learnAddresses(v)
	case []any:
		for _, e := range v {
			x.learnAddressesIn(e)
		}
	case map[string]any:
		for name, e := range v {
			x.learnAddresses(name)
			x.learnAddressesIn(e)
		}
	}
}

// hit replaces in what a hit says.
func (w *walk) hit(r *record.Record) error {
	x, h := w.redactor, *r.Handed
	w.root = []string{"hit", "data"}
	w.carried = map[string]record.Form{}
	for _, c := range h.Carries {
		if tokens, ok := schema.Tokens(c.What); ok && x.personal(tokens) {
			w.carried[c.At] = c.As
		}
	}
	if len(h.Data) > 0 {
		if err := w.value(nil); err != nil {
			return err
		}
		h.Data = slices.Clone(w.out.Bytes())
	}
	if to := x.to(h.To); to != h.To {
		h.To = to
		w.places = append(w.places, "/hit/to")
	}
	put := func(text string, is func(string) string) string {
		shown := is(text)
		w.changed = w.changed || shown != text
		return shown
	}
	h.Calls = slices.Clone(h.Calls)
	for i, id := range h.Calls {
		h.Calls[i] = put(id, x.Text)
	}
	h.Carries = slices.Clone(h.Carries)
	for i, c := range h.Carries {
		h.Carries[i].What, h.Carries[i].At = put(c.What, x.pointer), put(c.At, x.pointer)
	}
	r.Handed = &h
	return nil
}

// to is where a hit went without personal values. A queue's name and a host are the
// site's own, and what plans name: they stay.
func (x *Redactor) to(to string) string {
	scheme, rest, ok := strings.Cut(to, "://")
	if !ok {
		return to
	}
	host, path, _ := strings.Cut(rest, "/")
	if len(host) == len(rest) {
		return to
	}
	return scheme + "://" + host + "/" + x.Text(path)
}

// pointer is a JSON Pointer without personal names.
func (x *Redactor) pointer(at string) string {
	tokens, ok := schema.Tokens(at)
	if !ok {
		return x.Text(at)
	}
	for i, token := range tokens {
		tokens[i] = x.Text(token)
	}
	return schema.Pointer(tokens...)
}

// carriedText is a text that is known to have a personal value in it.
func (w *walk) carriedText(text string, as record.Form) string {
	x := w.redactor
	if shown := x.Text(text); shown != text {
		return shown
	}
	if as == "" {
		if shown := x.shortWords(text); shown != text {
			return shown
		}
	} else if hash := hashes[as]; hash != nil {
		for short, pseudonym := range x.short {
			if strings.EqualFold(hash(short), text) {
				return hash(pseudonym)
			}
		}
	}
	return x.Pseudonym(text)
}

// shortWords replaces the words of a text that are personal values.
func (x *Redactor) shortWords(text string) string {
	var b strings.Builder
	ofWord := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
	for text != "" {
		end := strings.IndexFunc(text, func(r rune) bool { return !ofWord(r) })
		if end < 0 {
			end = len(text)
		}
		word := text[:end]
		if _, known := x.short[fold(word)]; known {
			word = x.Pseudonym(word)
		}
		b.WriteString(word)
		text = text[end:]
		if i := strings.IndexFunc(text, ofWord); i < 0 {
			b.WriteString(text)
			break
		} else {
			b.WriteString(text[:i])
			text = text[i:]
		}
	}
	return b.String()
}
