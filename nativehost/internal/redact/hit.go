package redact

import (
	"net/url"
	"slices"
	"strings"
	"unicode"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/schema"
)

// The names in a hit's data are chosen by the site, so they do not say what is personal. Two
// kinds of values are replaced: those that are personal elsewhere in the recording, in all
// forms, and those that the hit itself says to be from a personal field of its calls,
// however short they are.

// maxShort is how many values are kept that are too short to be searched everywhere.
const maxShort = 100_000

// learnHit learns the email addresses in a hit.
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

// hit replaces personal values in a hit.
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
	to := x.to(h.To)
	if as, carried := w.carried["/path"]; carried && to == h.To {
		to = w.carriedPath(to, as)
	}
	if to != h.To {
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

// to is where a hit went, without personal values. The name of a queue and a host stay,
// because plans name them.
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

// pointer is a JSON Pointer in which names that are personal values are replaced.
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

// carriedText redacts a text that is known to contain a personal value in a form.
func (w *walk) carriedText(text string, as record.Form) string {
	x := w.redactor
	if shown := x.Text(text); shown != text {
		return shown
	}
	if shown := w.shortText(text, as); shown != text {
		return shown
	}
	return x.Pseudonym(text)
}

// shortText replaces short personal values that are words of the text, or whose hash the
// text is.
func (w *walk) shortText(text string, as record.Form) string {
	if as == "" {
		return w.redactor.shortWords(text)
	}
	if hash := hashes[as]; hash != nil {
		for short, pseudonym := range w.redactor.short {
			if strings.EqualFold(hash(short), text) {
				return hash(pseudonym)
			}
		}
	}
	return text
}

// carriedPath redacts an address whose path is known to contain a personal value that is too
// short to be searched everywhere.
func (w *walk) carriedPath(to string, as record.Form) string {
	scheme, rest, _ := strings.Cut(to, "://")
	host, path, _ := strings.Cut(rest, "/")
	steps := strings.Split(path, "/")
	for i, step := range steps {
		if plain, err := url.PathUnescape(step); err == nil {
			if shown := w.shortText(plain, as); shown != plain {
				steps[i] = url.PathEscape(shown)
			}
		}
	}
	if shown := strings.Join(steps, "/"); shown != path {
		return scheme + "://" + host + "/" + shown
	}
	return scheme + "://" + host + "/" + url.PathEscape(w.redactor.Pseudonym(path))
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
