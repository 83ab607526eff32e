package schema

import (
	"net/mail"
	"net/netip"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"
	"golang.org/x/net/idna"
)

// ownFormats are formats for which the validator is too lenient or too strict.
var ownFormats = map[string]func(any) bool{
	"idn-email":     isEmail,
	"ipv4":          ofText(func(s string) bool { a, err := netip.ParseAddr(s); return err == nil && a.Is4() }),
	"hostname":      ofText(isHostname),
	"idn-hostname":  ofText(isIDNHostname),
	"uri":           stricter("uri", isURI),
	"uri-reference": stricter("uri-reference", isURI),
}

// ofText makes a check for texts. As in JSON Schema, other values pass.
func ofText(is func(string) bool) func(any) bool {
	return func(v any) bool {
		s, ok := v.(string)
		return !ok || is(s)
	}
}

// stricter adds a check to that of the validator.
func stricter(format string, is func(string) bool) func(any) bool {
	usual := jsonschema.Formats[format]
	return func(v any) bool { return usual(v) && ofText(is)(v) }
}

// hostnames checks names by the rules for registration (RFC 5891).
var hostnames = idna.New(idna.ValidateForRegistration(), idna.BidiRule(), idna.CheckJoiners(true), idna.VerifyDNSLength(true), idna.StrictDomainName(true))

// isHostname tells whether a text is a hostname in ASCII (RFC 1123), which may have parts in
// Punycode.
func isHostname(s string) bool {
	if s == "" || len(s) > 253 || strings.ContainsFunc(s, func(r rune) bool { return r > 0x7f }) {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' ||
			strings.Trim(label, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") != "" {
			return false
		}
		if strings.HasPrefix(strings.ToLower(label), "xn--") {
			if _, err := hostnames.ToUnicode(strings.ToLower(label)); err != nil {
				return false
			}
		} else if len(label) > 3 && label[2:4] == "--" {
			return false
		}
	}
	return true
}

// isIDNHostname tells whether a text is a hostname in any script (RFC 5890). Its parts may be
// separated by any of the characters that count as dots there.
func isIDNHostname(s string) bool {
	s = strings.NewReplacer("\u3002", ".", "\uff0e", ".", "\uff61", ".").Replace(s)
	_, err := hostnames.ToASCII(s)
	return err == nil && s != "" && !strings.HasSuffix(s, ".")
}

// isURI tells whether a text has only characters that an address may have (RFC 3986).
func isURI(s string) bool {
	if strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune("\"<>\\^`{|}", r) }) {
		return false
	}
	_, rest, ok := strings.Cut(s, "//")
	if !ok {
		return !strings.ContainsAny(s, "[]")
	}
	authority := rest
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		authority, rest = rest[:i], rest[i:]
	} else {
		rest = ""
	}
	return strings.Count(authority, "@") < 2 && !strings.ContainsAny(rest, "[]")
}

// isEmail is the format "idn-email": one bare address, which may have letters
// of any script (RFC 6531). The validator's own "email" would refuse those.
func isEmail(v any) bool {
	s, ok := v.(string)
	if !ok {
		return true
	}
	a, err := mail.ParseAddress(s)
	// A name and brackets are allowed in a mail header, but not here.
	return err == nil && a.Name == "" && a.String() == "<"+s+">"
}

// HasFormat tells whether a text has a format that schemas know by name.
func HasFormat(name, text string) bool {
	f := ownFormats[name]
	if f == nil {
		f = jsonschema.Formats[name]
	}
	return f != nil && f(text)
}
