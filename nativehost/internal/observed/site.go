package observed

import (
	"net"
	"strings"

	"golang.org/x/net/publicsuffix"

	"userlike-inspector/nativehost/internal/record"
)

// SiteOfAddress is the site of an address, "" for one without.
func SiteOfAddress(address string) string { return SiteOf(&record.Record{URL: address}) }

// SiteOf is the site of the page that a record is about, "" for none: the
// registrable domain, whatever the scheme; an IP address or a host without a domain,
// such as localhost, with its port.
func SiteOf(r *record.Record) string {
	scheme, host, found := strings.Cut(r.Site(), "://")
	if !found {
		return ""
	}
	if scheme == "file" || host == "" {
		return scheme + "://"
	}
	host = strings.ToLower(host)
	name, port := host, ""
	if h, p, err := net.SplitHostPort(host); err == nil {
		name, port = h, p
	} else {
		name = strings.Trim(name, "[]")
	}
	name = strings.TrimSuffix(name, ".")
	if ip := net.ParseIP(name); ip == nil && strings.Contains(name, ".") && !strings.HasSuffix(name, ".localhost") {
		if domain, err := publicsuffix.EffectiveTLDPlusOne(name); err == nil {
			return domain
		}
		return name // a public suffix itself
	}
	if port == "" || port == map[string]string{"http": "80", "https": "443"}[scheme] {
		return name
	}
	return net.JoinHostPort(name, port)
}
