package plan

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/idna"

	"userlike-inspector/nativehost/internal/words"
)

// This file decides whether an address is on a site. Patterns and addresses are both
// normalised as browsers write addresses (https://url.spec.whatwg.org), so that their
// spelling makes no difference. The extension's settings.js does the same; both are
// tested with schema/testdata/sites.json.

// site is a pattern of addresses. * stands for any text, but in the host only for text
// without /, ? and #.
type site struct {
	schemes []string
	host    string // with * for any text
	port    string // may contain * too; "" if the pattern names none
	rest    string // path, query and fragment
}

// recordable are the schemes of pages that can be recorded, with their default ports.
var recordable = []struct{ scheme, port string }{{"file", ""}, {"http", "80"}, {"https", "443"}}

// defaultPort is a scheme's, "" if it has none.
func defaultPort(scheme string) string {
	for _, r := range recordable {
		if r.scheme == scheme {
			return r.port
		}
	}
	return ""
}

// readSite reads a pattern. The error says why it could never match, and what to
// write instead.
func readSite(pattern string) (site, error) {
	s := site{}
	scheme, host, port, rest, ok := splitAddress(pattern)
	if !ok {
		return s, fmt.Errorf("there is no scheme; write https://%s", strings.TrimLeft(pattern, "/"))
	}
	for _, r := range recordable {
		if glob(scheme, r.scheme) {
			s.schemes = append(s.schemes, r.scheme)
		}
	}
	if len(s.schemes) == 0 {
		return s, fmt.Errorf("pages of %s: are not recorded; write https://, http:// or file:///", scheme)
	}
	var err error
	if scheme == "file" {
		if host != "" && host != "localhost" || port != "" {
			return s, errors.New("files have no host; write file:/// with three slashes")
		}
		host = ""
	} else if s.host, err = readHost(host); err != nil {
		return s, err
	}
	s.port = port
	if number, err := strconv.Atoi(port); err == nil {
		s.port = strconv.Itoa(number)
		if number > 65535 {
			return s, fmt.Errorf("there is no port %s; the last one is 65535", port)
		}
	} else if strings.Trim(port, "0123456789*") != "" || len(strings.ReplaceAll(port, "*", "")) > 5 {
		return s, fmt.Errorf("%s is no port; write a number, or * for any", words.Typed(port))
	}
	if rest == "" {
		s.rest = "*"
		return s, nil
	}
	var parts []string
	for _, part := range strings.Split(normalPath(rest), "*") {
		parts = append(parts, normalText(part))
	}
	s.rest = strings.Join(parts, "*")
	return s, nil
}

// readHost reads the host of a pattern.
func readHost(host string) (string, error) {
	if host == "" {
		return "", errors.New("there is no host; write * for any, as in https://*/checkout")
	}
	if strings.Contains(host, "@") {
		return "", errors.New("addresses are recorded without a user's name; leave out what is before the @")
	}
	if !strings.Contains(host, "*") {
		return normalHost(host)
	}
	labels := strings.FieldsFunc(strings.ReplaceAll(host, ".", "\x00.\x00"), func(r rune) bool { return r == 0 })
	for i, label := range labels {
		if strings.Contains(label, "*") {
			labels[i] = strings.ToLower(label)
			if strings.Trim(labels[i], "abcdefghijklmnopqrstuvwxyz0123456789-_*") != "" {
				return "", fmt.Errorf("%s can match no part of a host; beside a * only letters from a to z, digits, - and _ can stand, or write * for the whole part", words.Typed(label))
			}
		} else if label != "." {
			normal, err := normalHost(label + ".a")
			if err != nil {
				return "", err
			}
			labels[i] = strings.TrimSuffix(normal, ".a")
		}
	}
	return strings.Join(labels, ""), nil
}

// match tells whether an address that a browser wrote is on the site.
func (s site) match(a address) bool { return glob(s.rest, a.rest) && s.matchOrigin(a) }

// matchOrigin tells whether some page with the address's scheme, host and port matches.
func (s site) matchOrigin(a address) bool {
	if !slices.Contains(s.schemes, a.scheme) {
		return false
	}
	if s.port != "" {
		return glob(s.host, a.host) && glob(s.port, a.port)
	}
	host := a.host
	if a.port != defaultPort(a.scheme) {
		host += ":" + a.port
	}
	return glob(s.host, host)
}

// address is a page's address in its normal form.
type address struct{ scheme, host, port, rest string }

func readAddress(text string) (a address, ok bool) {
	scheme, host, port, rest, ok := splitAddress(text)
	if !ok {
		return a, false
	}
	host = host[strings.LastIndexByte(host, '@')+1:]
	if scheme == "file" && host == "localhost" {
		host = ""
	}
	if host != "" {
		var err error
		if host, err = normalHost(host); err != nil {
			return a, false
		}
	}
	if port == "" {
		port = defaultPort(scheme)
	} else if n, err := strconv.ParseUint(port, 10, 16); err == nil {
		port = strconv.FormatUint(n, 10)
	} else {
		return a, false
	}
	if rest == "" {
		rest = "/"
	}
	return address{scheme, host, port, strings.ReplaceAll(normalText(normalPath(rest)), "*", "%2A")}, true
}

// splitAddress splits an address or a pattern, and drops the characters that browsers
// drop. The rest is "" or begins with a slash.
func splitAddress(text string) (scheme, host, port, rest string, ok bool) {
	text = strings.Trim(text, " \t\r\n\f\v\x00")
	if strings.ContainsAny(text, "\t\r\n") {
		text = strings.NewReplacer("\t", "", "\r", "", "\n", "").Replace(text)
	}
	scheme, text, ok = strings.Cut(text, ":")
	if !ok || len(text) < 2 || strings.Trim(text[:2], `/\`) != "" {
		return "", "", "", "", false
	}
	text = text[2:]
	if i := strings.IndexAny(text, `/\?#`); i >= 0 {
		text, rest = text[:i], text[i:]
		if rest[0] == '?' || rest[0] == '#' {
			rest = "/" + rest
		}
	}
	host = text
	if i := strings.LastIndexByte(text, ':'); i > strings.LastIndexAny(text, "]@") {
		host, port = text[:i], text[i+1:]
	}
	return strings.ToLower(scheme), host, port, rest, true
}

// hosts maps and checks names as browsers do: https://url.spec.whatwg.org/#concept-domain-to-ascii
var hosts = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false), idna.VerifyDNSLength(false),
	idna.CheckHyphens(false), idna.CheckJoiners(true), idna.BidiRule())

// normalHost is a host as browsers write it.
func normalHost(host string) (string, error) {
	bad := fmt.Errorf("%s is no host that a browser can open; check its spelling", words.Typed(host))
	if inside, ok := strings.CutPrefix(host, "["); ok {
		ip, err := netip.ParseAddr(strings.TrimSuffix(inside, "]"))
		if err != nil || !strings.HasSuffix(host, "]") || !ip.Is6() || ip.Zone() != "" {
			return "", bad
		}
		if ip.Is4In6() { // browsers write the last four bytes in hexadecimal, not as 1.2.3.4
			b := ip.As16()
			return fmt.Sprintf("[::ffff:%x:%x]", uint16(b[12])<<8|uint16(b[13]), uint16(b[14])<<8|uint16(b[15])), nil
		}
		return "[" + ip.String() + "]", nil
	}
	if plainHost(host) {
		return host, nil
	}
	name, err := url.PathUnescape(host)
	if err != nil {
		return "", bad
	}
	if name, err = hosts.ToASCII(name); err != nil || name == "" || strings.ContainsAny(name, "\x00\t\n\r #/:<>?@[\\]^|%\x7f") || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' }) {
		return "", bad
	}
	labels := strings.Split(strings.TrimSuffix(name, "."), ".")
	if last := labels[len(labels)-1]; number(last) {
		return ipv4(labels, bad)
	}
	return name, nil
}

// plainHost tells whether a host is already in its normal form and needs no work.
func plainHost(host string) bool {
	for i := range len(host) {
		if c := host[i]; (c < 'a' || c > 'z') && c != '.' && c != '-' && (c < '0' || c > '9' || i == 0) {
			return false
		}
	}
	last := host[strings.LastIndexByte(host, '.')+1:]
	return !strings.Contains(host, "xn--") && last != "" && (last[0] < '0' || last[0] > '9')
}

// number tells whether browsers treat a host as an IP address because of its last label.
func number(label string) bool {
	hex, isHex := strings.CutPrefix(label, "0x")
	return isHex && strings.Trim(hex, "0123456789abcdef") == "" || label != "" && strings.Trim(label, "0123456789") == ""
}

// ipv4 normalises an IP address of one to four numbers, each decimal, octal or
// hexadecimal: https://url.spec.whatwg.org/#concept-ipv4-parser
func ipv4(labels []string, bad error) (string, error) {
	if len(labels) > 4 {
		return "", bad
	}
	var whole uint64
	for i, label := range labels {
		base := 10
		digits, isHex := strings.CutPrefix(label, "0x")
		switch {
		case isHex:
			base = 16
		case len(label) > 1 && label[0] == '0':
			base = 8
		}
		n, err := strconv.ParseUint("0"+digits, base, 64)
		last := i == len(labels)-1
		if err != nil || label == "" || !last && n > 255 || last && n >= 1<<(8*(5-len(labels))) {
			return "", bad
		}
		if last {
			whole |= n
		} else {
			whole |= n << (8 * (3 - i))
		}
	}
	return netip.AddrFrom4([4]byte{byte(whole >> 24), byte(whole >> 16), byte(whole >> 8), byte(whole)}).String(), nil
}

// normalPath is path, query and fragment. Backslashes and dot segments of the path are
// written as browsers write them.
func normalPath(rest string) string {
	path, behind := rest, ""
	if i := strings.IndexAny(rest, "?#"); i >= 0 {
		path, behind = rest[:i], rest[i:]
	}
	path = strings.ReplaceAll(path, `\`, "/")
	lower := strings.ToLower(path)
	if !strings.Contains(path, "/.") && !strings.Contains(lower, "/%2e") {
		return path + behind
	}
	var kept []string
	segments := strings.Split(path[1:], "/")
	for i, segment := range segments {
		last := i == len(segments)-1
		switch strings.ReplaceAll(strings.ToLower(segment), "%2e", ".") {
		case "..":
			kept = kept[:max(0, len(kept)-1)]
		case ".":
		default:
			kept = append(kept, segment)
			last = false
		}
		if last {
			kept = append(kept, "")
		}
	}
	return "/" + strings.Join(kept, "/") + behind
}

// normalText escapes the characters that browsers escape anywhere in an address, and
// removes escapes that no character needs.
func normalText(text string) string {
	plain := func(c byte) bool {
		return c > ' ' && c < 0x7f && !strings.ContainsRune("\"'<>\\^`{|}%", rune(c))
	}
	if i := strings.IndexFunc(text, func(r rune) bool { return r >= 0x7f || !plain(byte(r)) }); i < 0 {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == '%' && i+2 < len(text) {
			if n, err := strconv.ParseUint(text[i+1:i+3], 16, 8); err == nil {
				if c = byte(n); unreserved(c) {
					b.WriteByte(c)
				} else {
					fmt.Fprintf(&b, "%%%02X", c)
				}
				i += 2
				continue
			}
		}
		if plain(c) || c == '%' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// unreserved tells whether a character means the same with an escape and without
// (RFC 3986, 2.3).
func unreserved(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0
}

// glob tells whether s matches pattern, in which * is any text.
func glob(pattern, s string) bool {
	parts := strings.Split(pattern, "*")
	if !strings.HasPrefix(s, parts[0]) {
		return false
	}
	s = s[len(parts[0]):]
	if len(parts) == 1 {
		return s == ""
	}
	last := len(parts) - 1
	for _, part := range parts[1:last] {
		i := strings.Index(s, part)
		if i < 0 {
			return false
		}
		s = s[i+len(part):]
	}
	return strings.HasSuffix(s, parts[last])
}
