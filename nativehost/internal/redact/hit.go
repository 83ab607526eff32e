package redact

import (
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

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
	w.carried = map[string][]record.Carried{}
	for _, c := range h.Carries {
		if tokens, ok := schema.Tokens(c.What); ok && x.personal(tokens) {
			w.carried[c.At] = append(w.carried[c.At], c)
		}
	}
	if len(h.Data) > 0 {
		if err := w.value(nil); err != nil {
			return err
		}
		h.Data = slices.Clone(w.out.Bytes())
	}
	to := x.to(h.To)
	if all := w.carried["/path"]; len(all) > 0 {
		to = w.carriedPath(h.To, to, all)
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

// carriedText redacts a text that is known to contain personal values.
func (w *walk) carriedText(text string, carried []record.Carried) string {
	shown := w.shortTexts(w.redactor.Text(text), carried)
	if shown == text {
		return w.redactor.Pseudonym(text)
	}
	return shown
}

// shortTexts replaces in a text those of the personal values in it that may be too short to
// be searched everywhere.
func (w *walk) shortTexts(text string, carried []record.Carried) string {
	for _, c := range carried {
		if w.redactor.brief[c.What] {
			text = w.redactor.shortText(text, c.As)
		}
	}
	return text
}

// shortText replaces short personal values that are words of the text or of the base64 in it,
// or whose hash the text is.
func (x *Redactor) shortText(text string, as record.Form) string {
	switch as {
	case "":
		return x.shortWords(text)
	case record.Base64:
		return mayBeBase64.ReplaceAllStringFunc(text, func(run string) string {
			if inside, ok := recoded(run, x.shortWords); ok {
				return inside
			}
			return run
		})
	}
	for short, pseudonym := range x.short {
		for i, hash := range record.Hashes(short) {
			if hash.Text == text || hash.AnyCase && strings.EqualFold(hash.Text, text) {
				return record.Hashes(pseudonym)[i].Text
			}
		}
	}
	return text
}

// carriedPath redacts an address whose path is known to contain personal values: to, of which
// shown is what has become of it so far.
func (w *walk) carriedPath(to, shown string, carried []record.Carried) string {
	scheme, rest, _ := strings.Cut(shown, "://")
	host, path, _ := strings.Cut(rest, "/")
	steps := strings.Split(path, "/")
	for i, step := range steps {
		if plain, err := url.PathUnescape(step); err == nil && utf8.ValidString(plain) {
			if short := w.shortTexts(plain, carried); short != plain {
				steps[i] = url.PathEscape(short)
			}
		}
	}
	shown = scheme + "://" + host + "/" + strings.Join(steps, "/")
	if shown == to {
		return scheme + "://" + host + "/" + url.PathEscape(w.redactor.Pseudonym(path))
	}
	return shown
}

// shortWords replaces the values in a text that are too short to be searched everywhere, as
// whole words.
func (x *Redactor) shortWords(text string) string {
	all := []rune(text)
	ofWord := func(i int) bool {
		return i >= 0 && i < len(all) && (unicode.IsLetter(all[i]) || unicode.IsDigit(all[i]))
	}
	var b strings.Builder
	for i := 0; i < len(all); {
		n := 0
		if !ofWord(i - 1) {
			for n = min(shortest-1, len(all)-i); n > 0; n-- {
				if x.short[fold(string(all[i:i+n]))] != "" && !(ofWord(i+n-1) && ofWord(i+n)) {
					break
				}
			}
		}
		if n == 0 {
			b.WriteRune(all[i])
			i++
			continue
		}
		b.WriteString(x.Pseudonym(string(all[i : i+n])))
		i += n
	}
	return b.String()
}
