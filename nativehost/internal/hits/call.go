package hits

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"userlike-inspector/nativehost/internal/observed"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/schema"
)

const (
	// shortest is the length in characters of the shortest text that can prove that something
	// comes from a call.
	shortest = 6
	// maxStrings bounds the strings of a call's custom_data that are looked for, and
	// maxString their length.
	maxStrings, maxString = 200, 2000
)

// Call is what is needed of a call to recognise it in hits.
type Call struct {
	ID       string
	Document string
	Tab      *int
	Frame    *int
	URL      string
	TopURL   string
	Title    string
	Time     time.Time
	Site     string // as observed.SiteOf gives it

	Simulated bool

	values   []value
	patterns []*pattern // its values in the index, the plain ones

	reached map[string][]time.Time // its hits by place: when each failed, or zero if it did not
}

// value is a text of a call that is looked for.
type value struct {
	at   string // JSON Pointer into the call's arguments
	text string
	role role
}

// role says what a value identifies.
type role uint8

const (
	eventName role = iota
	contactID      // client_uuid, session_id: who the contact is, in all calls
	chatID         // chat_id
	person         // client_name, client_email
	operator       // operator_name
	custom         // a text of custom_data
)

// fields are the values that are looked for besides the event's name.
var fields = [...]struct {
	at   string
	role role
}{
	{"/1/client_uuid", contactID}, {"/2/session_id", contactID}, {"/2/chat_id", chatID},
	{"/2/client_name", person}, {"/2/client_email", person}, {"/2/operator_name", operator},
}

// NewCall takes from a call's record what matters.
func NewCall(r *record.Record) *Call {
	c := &Call{
		ID: r.ID, Document: r.DocumentID(), Tab: r.Tab, Frame: r.Frame, URL: r.URL, TopURL: r.TopURL, Title: r.Title,
		Time: r.Time.Time, Site: observed.SiteOf(r), Simulated: r.Simulated,
	}
	args, ok := parseJSON(r.Args, false)
	if !ok || args.kind != array {
		return c
	}
	if len(args.items) > 0 {
		c.look("/0", args.items[0], eventName)
	}
	for _, f := range fields {
		if n := find(args, f.at); n != nil {
			c.look(f.at, n, f.role)
		}
	}
	if n := find(args, "/2/custom_data"); n != nil {
		left := maxStrings
		c.lookWithin("/2/custom_data", n, &left)
	}
	return c
}

// find is what a JSON Pointer leads to, nil for nothing.
func find(n *node, pointer string) *node {
	tokens, _ := schema.Tokens(pointer)
	for _, t := range tokens {
		switch n.kind {
		case object:
			n = n.member(t)
		case array:
			i, err := strconv.Atoi(t)
			if err != nil || i < 0 || i >= len(n.items) {
				return nil
			}
			n = n.items[i]
		default:
			return nil
		}
		if n == nil {
			return nil
		}
	}
	return n
}

func (c *Call) look(at string, n *node, r role) {
	if t := strings.TrimSpace(n.text); n.kind == text && t != "" && len(t) <= maxString {
		c.values = append(c.values, value{at, t, r})
	}
}

func (c *Call) lookWithin(at string, n *node, left *int) {
	if n.kind == text && *left > 0 && length(n.text) >= shortest {
		*left--
		c.look(at, n, custom)
	}
	for i, item := range n.items {
		token := strconv.Itoa(i)
		if n.kind == object {
			token = n.names[i]
		}
		c.lookWithin(at+schema.Pointer(token), item, left)
	}
}

// name is the event's name, "" where it is no text.
func (c *Call) name() string {
	if len(c.values) > 0 && c.values[0].role == eventName {
		return c.values[0].text
	}
	return ""
}

// ofThePage tells whether a text is the page's address or title, which other requests of the
// page contain as well.
func (c *Call) ofThePage(s string) bool {
	if strings.EqualFold(s, c.Title) {
		return true
	}
	for _, address := range []string{c.URL, c.TopURL} {
		u, err := url.Parse(address)
		if err == nil && (strings.EqualFold(trimmed(s), trimmed(address)) || strings.EqualFold(s, u.Host) || strings.EqualFold(s, u.Hostname()) ||
			trimmed(s) == trimmed(u.Path) || slices.Contains(strings.FieldsFunc(u.Path, func(r rune) bool { return r == '/' || r == '.' }), s)) {
			return true
		}
	}
	return false
}

func trimmed(address string) string { return strings.Trim(address, "/") }

// inWord tells what words are made of.
func inWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.M, r) || r == '_'
}
