// Package systems knows the tracking systems that schema/systems.json describes. It
// recognises a system by the place that a hit goes to, reads from a hit the property (account,
// site or stream), and knows which parameters are new in each hit.
package systems

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/schema"
)

// Systems are the known ones.
type Systems struct {
	all    []schema.System
	byName map[string]*schema.System
	random map[string]*regexp.Regexp // by name: see schema.System
}

// Known reads the embedded list.
func Known() *Systems {
	s := &Systems{all: schema.Systems(), byName: map[string]*schema.System{}, random: map[string]*regexp.Regexp{}}
	for i := range s.all {
		one := &s.all[i]
		s.byName[one.Name] = one
		if one.Random != "" {
			s.random[one.Name] = regexp.MustCompile(one.Random)
		}
	}
	return s
}

// OfQueue is the name of the system whose queue has that name, "" for none.
func (s *Systems) OfQueue(name string) string {
	for _, one := range s.all {
		if slices.Contains(one.Queues, name) {
			return one.Name
		}
	}
	return ""
}

// OfRequest is the name of the system that an address belongs to, "" for none. The address
// has no query. has tells whether the request has a parameter: a system that can run at any
// address is recognised by its parameters.
func (s *Systems) OfRequest(to string, has func(parameter string) bool) string {
	host, path := split(to)
	for _, one := range s.all {
		for _, p := range one.Places {
			if matches(p, host, path) && !slices.ContainsFunc(p.Has, func(name string) bool { return !has(name) }) {
				return one.Name
			}
		}
	}
	return ""
}

// OwnHost tells whether an address is at a host of a system's own, not at one where a site
// runs the system itself.
func (s *Systems) OwnHost(system, to string) bool {
	one := s.byName[system]
	if one == nil {
		return false
	}
	host, _ := split(to)
	return slices.ContainsFunc(one.Places, func(p schema.SystemPlace) bool { return p.Host != "" && isAt(p.Host, host) })
}

func matches(p schema.SystemPlace, host, path string) bool {
	switch {
	case p.Host != "" && !isAt(p.Host, host):
		return false
	case p.End != "" && !strings.HasSuffix(strings.TrimSuffix(path, "/"), p.End):
		return false
	case p.Within != "" && !strings.Contains(path, p.Within):
		return false
	}
	return strings.HasPrefix(path, p.Path)
}

// isAt tells whether a host is domain or below it.
func isAt(domain, host string) bool { return host == domain || strings.HasSuffix(host, "."+domain) }

// split returns the host and path of an address.
func split(address string) (host, path string) {
	_, rest, _ := strings.Cut(address, "://")
	host, path = rest, "/"
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		host, path = rest[:i], rest[i:]
	}
	if i := strings.LastIndexByte(host, ':'); i > strings.LastIndexByte(host, ']') {
		host = host[:i]
	}
	return strings.TrimSuffix(strings.ToLower(host), "."), path
}

// userlike matches Userlike's own hosts, as its page on content security policy lists them.
// lime-connect is the product's newer name; the hosts of its content networks all begin in
// the same way. following.js of the extension has the same expression. client.js needs
// only the hosts of the client itself.
var userlike = regexp.MustCompile(`^userlike-cdn|^(?:[\w-]+\.)*(?:userlike|lime-connect)\.com$|^userlike-[\w-]+\.(?:s3[\w.-]*\.amazonaws\.com|b-cdn\.net)$`)

// IsUserlike tells whether an address belongs to Userlike itself, which has all the data
// anyway.
func IsUserlike(address string) bool {
	host, _ := split(address)
	return userlike.MatchString(host)
}

// Counters are the parameters that a system's tracker makes anew for each request.
func (s *Systems) Counters(system string) []string {
	if one := s.byName[system]; one != nil {
		return one.Counters
	}
	return nil
}

// Property is the id of the account, site or stream that a hit is for, "" if not known.
// Several, as in a batch, are separated by spaces.
func (s *Systems) Property(h *record.Handed) string {
	one := s.byName[h.System]
	if one == nil || len(one.Property) == 0 || len(h.Data) == 0 {
		return ""
	}
	data, err := schema.Decode(h.Data)
	if err != nil {
		return ""
	}
	return s.propertyIn(h, data)
}

func (s *Systems) propertyIn(h *record.Handed, data any) string {
	one := s.byName[h.System]
	if one == nil {
		return ""
	}
	return strings.Join(values(data, one.Property), " ")
}

// EventAt are JSON Pointers, with * for each element of an array, to where a system has the
// event's name, none if not known.
func (s *Systems) EventAt(system string) []string {
	if one := s.byName[system]; one != nil {
		return one.Event
	}
	return nil
}

// Place names where a hit arrives: the same for all hits of one kind, and for another
// property another one.
func (s *Systems) Place(h *record.Handed) string { return s.place(h, s.Property(h)) }

// PlaceIn is Place for a hit whose data has been decoded already.
func (s *Systems) PlaceIn(h *record.Handed, data any) string {
	return s.place(h, s.propertyIn(h, data))
}

func (s *Systems) place(h *record.Handed, property string) string {
	return string(h.Via) + " " + s.Address(h.System, h.To) + " " + property
}

// Address is where a hit went, with * for what the system makes up for each request.
func (s *Systems) Address(system, to string) string {
	if random := s.random[system]; random != nil {
		return random.ReplaceAllLiteralString(to, "/*")
	}
	return to
}

// values are the different texts and numbers at the first JSON Pointer that has any. A token
// * is each element of an array.
func values(data any, pointers []string) []string {
	for _, p := range pointers {
		tokens, _ := schema.Tokens(p)
		var all []string
		collect(data, tokens, &all)
		if len(all) > 0 {
			return all
		}
	}
	return nil
}

func collect(v any, tokens []string, all *[]string) {
	if len(tokens) == 0 {
		var text string
		switch v := v.(type) {
		case string:
			text = v
		case json.Number:
			text = v.String()
		}
		if text != "" && !slices.Contains(*all, text) {
			*all = append(*all, text)
		}
		return
	}
	if list, ok := v.([]any); ok && tokens[0] == "*" {
		for _, element := range list {
			collect(element, tokens[1:], all)
		}
		return
	}
	if next, ok := schema.Lookup(v, tokens[:1]); ok {
		collect(next, tokens[1:], all)
	}
}
