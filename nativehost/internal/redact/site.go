package redact

import (
	"net/url"
	"strings"
	"unicode/utf8"
)

// sites are the hosts of the recording's own addresses. Sites often hand on the address of
// their page as custom_data. If it were replaced as a whole in the pages' addresses too,
// each page would become a site of its own, and verdicts would change. So of a value that
// is an address of a known host, only what follows the host is searched everywhere.
type sites struct {
	known map[string]bool     // hosts, with their ports, in lower case
	whole map[string][]string // learnt addresses of other hosts, which may turn out to be sites, by host
}

func newSites() sites { return sites{known: map[string]bool{}, whole: map[string][]string{}} }

// visit notes the host of an address of the recording.
func (x *Redactor) visit(address string) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return
	}
	for _, host := range []string{fold(u.Host), fold(u.Hostname())} {
		if x.sites.known[host] {
			continue
		}
		x.sites.known[host] = true
		for _, value := range x.sites.whole[host] {
			x.values.forget(fold(value))
			x.learnPath(value)
		}
		delete(x.sites.whole, host)
	}
}

// learnPath learns what follows the host in a value that is an address, and tells whether
// that is all there is to learn of it.
func (x *Redactor) learnPath(value string) bool {
	_, rest, has := strings.Cut(value, "://")
	if !has {
		rest = value
	}
	path := ""
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest, path = rest[:i], rest[i:]
	}
	host := fold(rest)
	if !strings.Contains(host, ".") && !has || strings.ContainsAny(host, "@ ") {
		return false
	}
	if !x.sites.known[host] {
		if all := x.sites.whole[host]; len(all) < maxAddresses {
			x.sites.whole[host] = append(all, value)
		}
		return false
	}
	if n := utf8.RuneCountInString(path); n >= shortest {
		instead := []rune(fold(x.Pseudonym(value)))
		x.values.add(fold(path), string(instead[len(instead)-n:]))
	}
	return true
}

// maxAddresses is how many addresses are kept of a host that is no site so far.
const maxAddresses = 10_000
