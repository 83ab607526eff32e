package plan

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/words"
)

// Place is where hits go: a queue, or a host with its subdomains, optionally with a port
// and the beginning of a path. Without a port, any port matches. A name without dots
// and slashes can be a queue or a host. The zero value matches nothing.
type Place struct {
	text string // as it is written

	host string // "" if it can only be a queue
	port string
	path string // unescaped
}

// ReadPlace reads a place. The error says what to write instead.
func ReadPlace(text string) (Place, error) {
	const expected = "write a queue's name such as dataLayer, or a host with the beginning of a path, such as google-analytics.com/g/collect"
	p := Place{text: text}
	if _, rest, ok := strings.Cut(text, "://"); ok || strings.HasPrefix(text, "//") {
		rest, _, _ = strings.Cut(rest, "?")
		return p, fmt.Errorf("a place has no scheme; write %s", strings.TrimLeft(rest, "/"))
	}
	host, path := text, ""
	if i := strings.IndexByte(text, '/'); i >= 0 {
		host, path = text[:i], text[i:]
	}
	switch {
	case strings.ContainsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }):
		return p, errors.New(expected)
	case strings.ContainsAny(text, "?#"):
		return p, errors.New("a place has no query; leave out the ? or # and what is after it")
	case strings.Contains(host, "*"):
		return p, errors.New("a host stands for its subdomains too; write it without *")
	case strings.Contains(path, "*"):
		return p, errors.New("a path stands for all that begins with it; write it without *")
	case strings.Contains(host, "@"):
		return p, errors.New("leave out what is before the @")
	case host == "":
		return p, errors.New("there is no host before the path; " + expected)
	}
	if i := strings.LastIndexByte(host, ':'); i > strings.LastIndexByte(host, ']') {
		number, err := strconv.ParseUint(host[i+1:], 10, 16)
		if err != nil {
			return p, fmt.Errorf("%s is no port; write a number, or leave it out for any", words.Typed(host[i+1:]))
		}
		host, p.port = host[:i], strconv.FormatUint(number, 10)
	}
	normal, err := normalHost(strings.TrimSuffix(host, "."))
	switch {
	case err == nil:
		p.host, p.path = normal, unescaped(path)
	case p.port != "" || path != "" || strings.ContainsAny(host, ".[]"):
		return p, err
	}
	return p, nil
}

// String is the place as the plan writes it.
func (p Place) String() string { return p.text }

// Same tells whether two places are the same, however they are written.
func (p Place) Same(other Place) bool {
	if p.port != "" || p.path != "" || strings.ContainsAny(p.host, ".:") {
		return p.host == other.host && p.port == other.port && p.path == other.path
	}
	return p.text == other.text
}

// Has tells whether a hit is at this place. via and to are the hit's Via and To.
func (p Place) Has(via record.Via, to string) bool {
	if via == record.Queue {
		return p.text == to
	}
	if p.host == "" {
		return false
	}
	_, host, port, path, ok := splitAddress(to)
	if !ok {
		return false
	}
	if p.port != "" {
		scheme, _, _ := strings.Cut(to, ":")
		if port == "" {
			port = defaultPort(strings.ToLower(scheme))
		}
		if port != p.port {
			return false
		}
	}
	host = strings.TrimSuffix(host[strings.LastIndexByte(host, '@')+1:], ".")
	if normal, err := normalHost(host); err == nil {
		host = normal
	}
	if host != p.host && !strings.HasSuffix(host, "."+p.host) {
		return false
	}
	if p.path == "" || p.path == "/" {
		return true
	}
	path, _, _ = strings.Cut(path, "?")
	return strings.HasPrefix(unescaped(path), p.path)
}

func unescaped(path string) string {
	if plain, err := url.PathUnescape(path); err == nil {
		return plain
	}
	return path
}
