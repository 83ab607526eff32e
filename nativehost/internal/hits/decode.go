package hits

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/wire"
	"userlike-inspector/schema"
)

const (
	// maxUnpacked is how many bytes of a compressed body are looked at, once unpacked.
	maxUnpacked = 512 << 10
	// maxParts bounds the parts of a multipart form.
	maxParts = 1000
)

// Data is what a page handed over.
type Data struct {
	JSON       json.RawMessage
	Notes      []record.Note // their pointers lead into JSON
	Unreadable bool          // the browser does not show the request's body

	root  *node
	texts []placed
}

// placed is a text and where it is in the data.
type placed struct {
	at   string
	text string
}

// DecodeRequest decodes a request's address and its body, which may be nil. If size is greater
// than the number of the body's bytes, the body was cut.
func DecodeRequest(address string, body *wire.Body, size int64) Data {
	root := &node{kind: object}
	seen := map[string]int{}
	address, _, _ = strings.Cut(address, "#")
	if _, query, found := strings.Cut(address, "?"); found && query != "" {
		root.set(seen, "query", parseQuery(query))
	}
	var d Data
	switch {
	case body == nil:
	case body.Unreadable:
		d.Unreadable = true
	case body.Form != nil:
		n := form(body.Form)
		if size > 0 {
			n.cut = strconv.FormatInt(size, 10)
		}
		root.set(seen, "body", n)
	case len(body.Bytes) > 0:
		cut := size > int64(len(body.Bytes))
		n, whole := decodeBody(body.Bytes, cut, 0)
		switch {
		case cut:
			n.cut = strconv.FormatInt(size, 10)
		case !whole:
			n.cut = "more"
		}
		root.set(seen, "body", n)
	}
	room := min(len(pathOf(To(address))), maxPath) + len(`{"path":"",`)
	d.write(root, maxData-closers-room)
	return d
}

// DecodePushed decodes what was pushed to a queue: an array, and the notes on it.
func DecodePushed(data json.RawMessage, notes []record.Note) (Data, error) {
	root, ok := parseJSON(data, false)
	if !ok || root.kind != array {
		return Data{}, fmt.Errorf("what was pushed is no array, in %d bytes", len(data))
	}
	var d Data
	d.write(root, maxPushed)
	d.Notes = append(slices.Clone(notes), d.Notes...)
	return d, nil
}

// maxPushed is how many bytes of pushed data a hit keeps. The extension's own limits are lower.
const maxPushed = 2 << 20

// write sets what the data is as JSON, and collects its texts.
func (d *Data) write(root *node, limit int) {
	w := &writer{limit: limit}
	w.value(root, nil)
	d.JSON, d.Notes, d.root = w.b, w.notes, root
	d.collect(root, "", true)
}

// collect lists the texts of a value. Texts that the written JSON lacks, or whose pointer is too
// long, are listed too, with the place of what is around them.
func (d *Data) collect(n *node, at string, shown bool) {
	if n.kind == text && n.text != "" {
		d.texts = append(d.texts, placed{at, n.text})
	}
	if n.plus != "" {
		d.texts = append(d.texts, placed{at, n.plus})
	}
	for i, item := range n.items {
		token := strconv.Itoa(i)
		if n.kind == object {
			token = n.names[i]
		}
		if !shown || i >= n.shown || len(at)+len(token) >= maxPointer {
			d.collect(item, at, false)
			continue
		}
		d.collect(item, at+schema.Pointer(token), true)
	}
}

// parseQuery reads a query or form as an object. Its members are texts, or arrays of texts if a
// name is repeated.
func parseQuery(s string) *node {
	n, seen := &node{kind: object}, map[string]int{}
	for part := range strings.SplitSeq(s, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		item := textNode(unescape(value))
		if strings.Contains(value, "+") {
			item.plus = strings.ToValidUTF8(unescapePath(value), "\uFFFD")
		}
		n.add(seen, unescape(name), item)
	}
	return n
}

// add is like set, but collects several values of one name in an array.
func (n *node) add(seen map[string]int, name string, value *node) {
	name = strings.ToValidUTF8(name, "\uFFFD")
	i, again := seen[name]
	switch {
	case !again:
		n.set(seen, name, value)
	case n.items[i].kind == array:
		n.items[i].items = append(n.items[i].items, value)
	default:
		n.items[i] = &node{kind: array, items: []*node{n.items[i], value}}
	}
}

// unescape decodes the escapes in a part of a query. Invalid ones stay as they are.
func unescape(s string) string {
	if !strings.ContainsAny(s, "%+") {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '+':
			b = append(b, ' ')
		case s[i] == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
			v, _ := strconv.ParseUint(s[i+1:i+3], 16, 8)
			b = append(b, byte(v))
			i += 2
		default:
			b = append(b, s[i])
		}
	}
	return string(b)
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// form is a form that the browser has parsed.
func form(fields wire.Form) *node {
	n := jsonInForm(fields)
	if n == nil {
		seen := map[string]int{}
		n = &node{kind: object}
		for _, f := range fields {
			for _, value := range f.Values {
				n.add(seen, f.Name, textNode(value))
			}
		}
	}
	n.spacesMayBePlus()
	return n
}

// jsonInForm is JSON that was sent as a form, as its content type says, nil for any other form.
// Firefox has split it at each & and =, and has lost what came after a second = in one part:
// then what is before that is read, or the text there lacks it. Parts whose names are whole
// numbers come first, as JavaScript orders them, so that such JSON is not recognised. Chromium
// takes no JSON for a form.
func jsonInForm(fields wire.Form) *node {
	var b strings.Builder
	for _, f := range fields {
		for _, value := range f.Values {
			if b.Len() > 0 {
				b.WriteByte('&')
			}
			b.WriteString(f.Name)
			if value != "" {
				b.WriteString("=" + value)
			}
		}
	}
	if n := structured(b.String(), false); n != nil {
		return n
	}
	n := structured(b.String(), true)
	if n != nil {
		n.cut = "more"
	}
	return n
}

// spacesMayBePlus is for a form that the browser has read: it does not say which spaces were
// plus signs.
func (n *node) spacesMayBePlus() {
	if n.kind == text && strings.Contains(n.text, " ") {
		n.plus = strings.ReplaceAll(n.text, " ", "+")
	}
	for _, item := range n.items {
		item.spacesMayBePlus()
	}
}

// structured is a text that is an object or array in JSON, nil for any other.
func structured(s string, beginning bool) *node {
	s = strings.TrimSpace(strings.TrimPrefix(s, "\uFEFF"))
	if s == "" || s[0] != '{' && s[0] != '[' {
		return nil
	}
	if n, ok := parseJSON([]byte(s), beginning); ok {
		return n
	}
	return nil
}

// decodeBody reads a body by its content, whatever its type says. whole is false if only the
// beginning was looked at.
func decodeBody(b []byte, cut bool, depth int) (n *node, whole bool) {
	if depth < 3 {
		if plain, all, ok := unpack(b, true); ok {
			n, whole = decodeBody(plain, cut || !all, depth+1)
			return n, whole && all
		}
	}
	if n := multipartForm(b); n != nil {
		return n, true
	}
	if cut {
		b = wholeRunes(b)
	}
	s := strings.ToValidUTF8(strings.TrimPrefix(string(b), "\uFEFF"), "\uFFFD")
	if n := structured(s, cut); n != nil {
		return n, true
	}
	if t := strings.TrimSpace(s); strings.HasPrefix(t, `"`) {
		if n, ok := parseJSON([]byte(t), false); ok {
			return n, true
		}
	}
	if n := lines(s, cut); n != nil {
		return n, true
	}
	if t := strings.TrimSpace(s); isQuery(t) {
		return parseQuery(t), true
	}
	return textNode(s), true
}

// wholeRunes is b without an incomplete character at its end.
func wholeRunes(b []byte) []byte {
	for i := 1; i < utf8.UTFMax && i <= len(b); i++ {
		if c := b[len(b)-i]; utf8.RuneStart(c) {
			if !utf8.FullRune(b[len(b)-i:]) {
				return b[:len(b)-i]
			}
			break
		}
	}
	return b
}

// lines reads a text of several lines if each of them is JSON, or each is a query.
func lines(s string, cut bool) *node {
	all := strings.FieldsFunc(s, func(r rune) bool { return r == '\n' || r == '\r' })
	if len(all) < 2 {
		return nil
	}
	n := &node{kind: array}
	if first := strings.TrimSpace(all[0]); strings.HasPrefix(first, "{") || strings.HasPrefix(first, "[") {
		for i, line := range all {
			item := structured(line, cut && i == len(all)-1)
			if item == nil {
				return nil
			}
			n.items = append(n.items, item)
		}
		return n
	}
	for _, line := range all {
		if line = strings.TrimSpace(line); !isQuery(line) {
			return nil
		}
		n.items = append(n.items, parseQuery(line))
	}
	return n
}

// isQuery tells whether a text looks like a query: names, and values without white space.
func isQuery(s string) bool {
	if !strings.Contains(s, "=") || strings.ContainsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || r == '\uFFFD' }) {
		return false
	}
	named := false
	for part := range strings.SplitSeq(s, "&") {
		name, value, found := strings.Cut(part, "=")
		if strings.ContainsAny(name, `{}"<>\`) || found && name == "" {
			return false
		}
		named = named || found && strings.Trim(value, "=") != "" // base64 ends in = as well
	}
	return named
}

// unpack decompresses data, but not more than maxUnpacked bytes. With bare, it also tries data
// without a compression header, unless that is text. all says that nothing is missing.
func unpack(b []byte, bare bool) (plain []byte, all, ok bool) {
	if len(b) < 4 {
		return nil, false, false
	}
	var r io.Reader
	var err error
	switch {
	case b[0] == 0x1f && b[1] == 0x8b:
		r, err = gzip.NewReader(bytes.NewReader(b))
	case b[0]&0x0f == 8 && b[0]>>4 <= 7 && (uint(b[0])<<8|uint(b[1]))%31 == 0:
		r, err = zlib.NewReader(bytes.NewReader(b))
	case bare && !utf8.Valid(wholeRunes(b)):
		r = flate.NewReader(bytes.NewReader(b))
	default:
		return nil, false, false
	}
	if err != nil {
		return nil, false, false
	}
	plain, err = io.ReadAll(io.LimitReader(r, maxUnpacked+1))
	if len(plain) > maxUnpacked {
		return plain[:maxUnpacked], false, true
	}
	// If the data was cut or damaged, its beginning is used. But it may also not be compressed
	// data at all.
	if len(plain) == 0 || err != nil && (utf8.Valid(b) || !utf8.Valid(wholeRunes(plain))) {
		return nil, false, false
	}
	return plain, err == nil, true
}

// multipartForm reads a form of parts, by its first line, nil for anything else.
func multipartForm(b []byte) *node {
	line, rest, found := bytes.Cut(b, []byte("\r\n"))
	if !found || len(line) < 3 || len(line) > 80 || !bytes.HasPrefix(line, []byte("--")) || !bytes.HasPrefix(bytes.ToLower(rest[:min(len(rest), 20)]), []byte("content-disposition:")) {
		return nil
	}
	n, seen := &node{kind: object}, map[string]int{}
	r := multipart.NewReader(bytes.NewReader(b), string(line[2:]))
	for range maxParts {
		part, err := r.NextRawPart()
		if err != nil {
			break
		}
		value, _ := io.ReadAll(io.LimitReader(part, maxUnpacked)) // the last one may be cut
		n.add(seen, part.FormName(), textNode(string(value)))
	}
	if len(n.items) == 0 {
		return nil
	}
	return n
}

// pathAt is the place of the address's path in a request's data. The path is there only if it
// carries something of a call.
const pathAt = "/path"

// maxPath is how many bytes of the path are kept in the data.
const maxPath = 4 << 10

// addPath puts the path of an address before the other data.
func (d *Data) addPath(to string) {
	w := &writer{b: []byte(`{"path":`), limit: min(maxPath, maxData-len(d.JSON))}
	w.text(textNode(unescapePath(pathOf(to))), (*step)(nil).to("path"))
	if len(d.JSON) > len("{}") {
		w.b = append(w.b, ',')
	}
	d.JSON, d.Notes = append(w.b, d.JSON[1:]...), append(w.notes, d.Notes...)
}

// pathOf is the path of an address without its query, as it is written.
func pathOf(to string) string {
	_, rest, _ := strings.Cut(to, "://")
	i := strings.IndexByte(rest, '/')
	if i < 0 {
		return ""
	}
	return rest[i:]
}

// unescapePath decodes the escapes in a part of a path. In a path, a plus sign stands for
// itself.
func unescapePath(s string) string {
	return unescape(strings.ReplaceAll(s, "+", "%2B"))
}

// To is an address as a hit names it: without query, fragment, user and password.
func To(address string) string {
	if i := strings.IndexAny(address, "?#"); i >= 0 {
		address = address[:i]
	}
	address = strings.ToValidUTF8(address, "\uFFFD")
	u, err := url.Parse(address)
	if err != nil || u.User == nil {
		return address
	}
	u.User = nil
	return u.String()
}
