// Package record defines the one piece of plain data that travels through the
// whole product: what the extension saw in a page, as the store keeps it and
// as export writes it.
//
// schema/record.schema.json describes it for other tools. This package knows only
// the shape: package inspect judges records, package store keeps them.
package record

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"userlike-inspector/nativehost/internal/sanitize"
	"userlike-inspector/nativehost/internal/words"
)

// Version is the record format this program reads and writes.
const Version = 1

// Kind says what a record reports.
type Kind string

// The kinds of record.
const (
	Call    Kind = "call"    // the page's function was called; Args, Notes, Handler
	Page    Kind = "page"    // a document's life: Event
	Handler Kind = "handler" // the page's own function changed: State and Text
	Client  Kind = "client"  // the Userlike client has come further in the page: State and Text
	Gap     Kind = "gap"     // Lost calls were not recorded; Why says the reason
	Mark    Kind = "mark"    // a tester's label, Text
	Hit     Kind = "hit"     // the page passed something on because of calls: Handed, Notes
)

// Kinds lists every kind, in the order the documentation uses.
var Kinds = [...]Kind{Call, Page, Handler, Client, Gap, Mark, Hit}

// maxIDLength bounds ids, which come from outside and become database keys.
const maxIDLength = 200

// Record is one thing that was seen. Some fields are pointers so that an absent
// value differs from zero: tab 0 and frame 0 exist.
type Record struct {
	V        int      `json:"v"`
	Kind     Kind     `json:"kind"`
	ID       string   `json:"id"`  // "<document uuid>/<seq>", unique; "<document uuid>/hit-…" of a hit
	Seq      int64    `json:"seq"` // 1, 2, 3 … within the document; 0 of a hit
	Time     Time     `json:"time"`
	Received *Time    `json:"received,omitempty"` // when the host had it
	Browser  *Browser `json:"browser,omitempty"`
	Tab      *int     `json:"tab,omitempty"`
	Frame    *int     `json:"frame,omitempty"` // 0 is the top frame
	Document string   `json:"document,omitempty"`
	URL      string   `json:"url,omitempty"`
	TopURL   string   `json:"top_url,omitempty"`
	Title    string   `json:"title,omitempty"`

	// Args is a call's argument list, a JSON array; Notes say what JSON could not.
	Args    json.RawMessage `json:"args,omitempty"`
	Notes   []Note          `json:"notes,omitempty"`
	Handled *HandlerAtCall  `json:"handler,omitempty"`

	Event           PageEvent `json:"event,omitempty"`             // page
	HookedFromStart *bool     `json:"hooked_from_start,omitempty"` // page
	State           State     `json:"state,omitempty"`             // handler, client
	Text            string    `json:"text,omitempty"`              // page, handler, client, mark
	Lost            int64     `json:"lost,omitempty"`              // gap: how many calls
	Hits            int64     `json:"hits,omitempty"`              // gap: how many requests and pushes that may have been hits
	Why             Reason    `json:"why,omitempty"`               // gap

	Handed *Handed `json:"hit,omitempty"` // hit

	// Simulated says that a tester's simulation caused the call or the hit, not the
	// client.
	Simulated bool `json:"simulated,omitempty"`

	// Findings are the verdicts on this record alone, as of when it was stored.
	Findings []Finding `json:"findings,omitempty"`

	// Redacted lists JSON Pointers into the record. At these places, and everywhere
	// below them, texts and numbers are pseudonyms.
	Redacted []string `json:"redacted,omitempty"`
}

// Browser says where a record was made. Profile is a random UUID of one
// installation of the extension; it names no person.
type Browser struct {
	Name    string `json:"name,omitempty"`
	Version string `json:"version,omitempty"`
	Profile string `json:"profile,omitempty"`
}

// Note says what JSON could not about one place in Args or in a hit's Data. At
// is a JSON Pointer (RFC 6901) into these; Is is one of the words of record.schema.json.
type Note struct {
	At   string `json:"at"`
	Is   string `json:"is"`
	Text string `json:"text,omitempty"` // class name, digits, original length
}

// HandlerAtCall is what the page's own function was when it was called.
type HandlerAtCall struct {
	State HandlerState `json:"state,omitempty"`
	Threw string       `json:"threw,omitempty"` // "TypeError: …", when it threw
	// PassedOn says whether the function that was there before this one was
	// called from within it or later; nil where there was none before.
	PassedOn *bool `json:"passed_on,omitempty"`
}

// Severity orders findings.
type Severity string

// The severities, worst first.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Info    Severity = "info"
)

// Rank is 3 for an error, 2 for a warning, 1 for an info, 0 for none.
func (s Severity) Rank() int {
	switch s {
	case Error:
		return 3
	case Warning:
		return 2
	case Info:
		return 1
	}
	return 0
}

// Finding is one verdict. Message is a sentence fit for a ticket; Demand says
// where what was expected is written (catalogue, schema, plan).
type Finding struct {
	Rule     string   `json:"rule"`
	Severity Severity `json:"severity"`
	At       string   `json:"at,omitempty"` // JSON Pointer into Args, or a hit's Data; "" is all of it
	Message  string   `json:"message"`
	Expected string   `json:"expected,omitempty"`
	Actual   string   `json:"actual,omitempty"`
	Demand   string   `json:"demand,omitempty"`
}

// Worst is the worst severity among findings, "" for none.
func Worst(findings []Finding) Severity {
	var worst Severity
	for _, f := range findings {
		if f.Severity.Rank() > worst.Rank() {
			worst = f.Severity
		}
	}
	return worst
}

// timeLayout always writes milliseconds, so that equal times are equal bytes.
const timeLayout = "2006-01-02T15:04:05.000Z"

// Time is an instant, written in UTC with milliseconds.
type Time struct{ time.Time }

// At makes a Time of t, cut to milliseconds.
func At(t time.Time) Time { return Time{t.UTC().Truncate(time.Millisecond)} }

// String is t in the form records use.
func (t Time) String() string { return t.UTC().Format(timeLayout) }

// inRange tells whether RFC 3339 can express t: its years have four digits.
func (t Time) inRange() bool {
	year := t.UTC().Year()
	return year >= 0 && year <= 9999
}

// MarshalJSON writes t as RFC 3339 in UTC with milliseconds.
func (t Time) MarshalJSON() ([]byte, error) {
	if !t.inRange() {
		return nil, fmt.Errorf("%s is not within the years 0 to 9999", t)
	}
	return []byte(`"` + t.String() + `"`), nil
}

// UnmarshalJSON reads any RFC 3339 time.
func (t *Time) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return errors.New("a time is a string such as 2026-11-22T10:13:04.123Z")
	}
	parsed, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return fmt.Errorf("%s is not a time such as 2026-11-22T10:13:04.123Z", words.Quote(s))
	}
	if *t = At(parsed); !t.inRange() {
		return fmt.Errorf("%s is not within the years 0 to 9999", words.Quote(s))
	}
	return nil
}

// ErrNewer is wrapped by Decode's error for a record of a later format.
var ErrNewer = errors.New("a newer version of this program wrote it; update this one")

// Decode reads one record from its JSON. The error says what is wrong and with
// which field or at which byte; it never panics, whatever the bytes.
func Decode(b []byte) (*Record, error) {
	if !utf8.Valid(b) {
		return nil, errors.New("record is not UTF-8")
	}
	var r Record
	if err := json.Unmarshal(b, &r); err != nil {
		// A later format may use other types. Then "a newer version wrote it" helps
		// more than a complaint about a type.
		var head struct {
			V int `json:"v"`
		}
		if json.Unmarshal(b, &head) == nil && head.V > Version {
			return nil, newer(head.V)
		}
		return nil, misfit(b, err)
	}
	if err := r.check(); err != nil {
		return nil, err
	}
	return &r, nil
}

func newer(version int) error {
	return fmt.Errorf("record has version %d, this program reads %d: %w", version, Version, ErrNewer)
}

// misfit turns an error of encoding/json into one that names the place in b.
func misfit(b []byte, err error) error {
	var syntax *json.SyntaxError
	var mismatch *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Errorf("record is not a JSON object: %s at byte %d", words.NotJSON(b, syntax), syntax.Offset)
	case errors.As(err, &mismatch) && mismatch.Field == "":
		return fmt.Errorf("record is a JSON %s, not an object", mismatch.Value)
	case errors.As(err, &mismatch):
		return fmt.Errorf("record's \"%s\" is a JSON %s, not %s", mismatch.Field, mismatch.Value, jsonType(mismatch.Type))
	}
	// Only times are left. For them encoding/json does not name the field.
	field := "received"
	var only struct {
		Time Time `json:"time"`
	}
	if json.Unmarshal(b, &only) != nil {
		field = "time"
	}
	return fmt.Errorf("record's \"%s\": %w", field, err)
}

// jsonType names the JSON type that a Go value of type t is read from.
func jsonType(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice:
		return "an array"
	case reflect.Struct:
		return "an object"
	}
	return "a whole number of its range"
}

// CheckID returns an error that says why id cannot be a record's id, nil when it can.
func CheckID(id string) error {
	switch {
	case id == "":
		return errors.New(`record has no "id"`)
	case len(id) > maxIDLength:
		return fmt.Errorf("record id is %d bytes long, at most %d are allowed", len(id), maxIDLength)
	}
	return nil
}

// NumberedID is the id of a document's record with a number. Records that are not from the
// page, such as hits and some gaps, have other ids.
func NumberedID(document string, seq int64) string {
	return document + "/" + strconv.FormatInt(seq, 10)
}

// DocumentOf is the document that a record's id begins with, the whole id if it names none.
func DocumentOf(id string) string {
	return id[:documentEnd(id)]
}

// ClosedForPage tells whether id is that of the record of a document's end which the
// background makes when the page could not make it itself.
func ClosedForPage(id string) bool { return id[documentEnd(id):] == "/closed" }

// documentEnd is the length of the document's part of an id.
func documentEnd(id string) int {
	if i := strings.LastIndexByte(id, '/'); i >= 0 {
		return i
	}
	return len(id)
}

// DocumentID is the document that r is about. A record that does not say has the one of
// its id for that.
func (r *Record) DocumentID() string { return cmp.Or(r.Document, DocumentOf(r.ID)) }

// check returns an error for a record whose members have the right types but
// values that make no sense.
func (r *Record) check() error {
	switch {
	case r.V == 0:
		return errors.New(`record has no version ("v": 1)`)
	case r.V > Version:
		return newer(r.V)
	case r.V < 1:
		return fmt.Errorf("record has version %d; versions start at 1", r.V)
	}
	if err := CheckID(r.ID); err != nil {
		return err
	}
	switch {
	case r.Time.IsZero():
		return fmt.Errorf(`record %s has no "time"`, words.Quote(r.ID))
	case r.Seq < 0:
		return fmt.Errorf("record %s has the negative seq %d", words.Quote(r.ID), r.Seq)
	}
	for i, f := range r.Findings {
		if f.Severity.Rank() == 0 {
			return fmt.Errorf("record %s has the unknown severity %s in finding %d", words.Quote(r.ID), words.Quote(string(f.Severity)), i)
		}
	}
	var missing string
	switch r.Kind {
	case Call:
		// encoding/json has checked the syntax already; what is left is the type.
		if args := bytes.TrimSpace(r.Args); len(args) == 0 || args[0] != '[' {
			return fmt.Errorf(`call %s has no "args" array`, words.Quote(r.ID))
		}
	case Page:
		if r.Event == "" {
			missing = "event"
		}
	case Handler:
		if r.State == "" {
			missing = "state"
		}
	case Gap:
		if r.Why == "" {
			missing = "why"
		}
		if r.Lost < 0 {
			return fmt.Errorf("gap %s has lost %d calls", words.Quote(r.ID), r.Lost)
		}
		if r.Hits < 0 {
			return fmt.Errorf("gap %s has lost %d hits", words.Quote(r.ID), r.Hits)
		}
	case Mark:
		if r.Text == "" {
			missing = "text"
		}
	case Client:
	case Hit:
		if err := r.Handed.check(r.ID); err != nil {
			return err
		}
	case "":
		missing = "kind"
	default:
		return fmt.Errorf("record %s has the unknown kind %s", words.Quote(r.ID), words.Quote(string(r.Kind)))
	}
	if missing != "" {
		return fmt.Errorf("%s record %s has no %s", r.Kind, words.Quote(r.ID), words.Quote(missing))
	}
	return nil
}

// Encode writes r as one line of JSON without the newline. Text stays readable
// ("<" stays "<") for people and grep; only invisible characters are escaped.
// Encode refuses every record that Decode would refuse.
func Encode(r *Record) ([]byte, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(r); err != nil {
		return nil, fmt.Errorf("record %s: %w", words.Quote(r.ID), err)
	}
	// encoding/json repairs invalid UTF-8 in strings, but copies raw arguments.
	if !utf8.Valid(r.Args) {
		return nil, fmt.Errorf("record %s has arguments that are not UTF-8", words.Quote(r.ID))
	}
	if r.Handed != nil && !utf8.Valid(r.Handed.Data) {
		return nil, fmt.Errorf("record %s has data that is not UTF-8", words.Quote(r.ID))
	}
	return sanitize.JSON(bytes.TrimSuffix(b.Bytes(), []byte("\n"))), nil
}

// EventName is a call's first argument when that is a string, else "".
func (r *Record) EventName() string {
	var name string
	if args := r.arguments(); len(args) > 0 && json.Unmarshal(args[0], &name) == nil {
		return name
	}
	return ""
}

// SessionID is a call's session_ctx.session_id when that is a string, else "".
func (r *Record) SessionID() string {
	var context map[string]json.RawMessage // not a struct: encoding/json matches a struct's fields whatever their case
	var id string
	if args := r.arguments(); len(args) > 2 && json.Unmarshal(args[2], &context) == nil && json.Unmarshal(context["session_id"], &id) == nil {
		return id
	}
	return ""
}

// Happening is what happened, in one word or a few: a call's event name ("" when it
// has none), a page's event, a handler's or client's state, a gap's reason, a
// mark's text, the place that a hit went to.
func (r *Record) Happening() string {
	switch r.Kind {
	case Call:
		return r.EventName()
	case Page:
		return string(r.Event)
	case Handler, Client:
		return string(r.State)
	case Gap:
		return string(r.Why)
	case Mark:
		return r.Text
	case Hit:
		if r.Handed != nil {
			return r.Handed.To
		}
	}
	return ""
}

func (r *Record) arguments() []json.RawMessage {
	var args []json.RawMessage
	if r.Kind != Call || json.Unmarshal(r.Args, &args) != nil {
		return nil
	}
	return args
}

// Site is the origin of the page that a record is about, like "https://shop.example".
// Documents at about:blank, about:srcdoc and data: have no origin of their own; for
// them it is the origin of the tab. It is "" where neither is known.
func (r *Record) Site() string {
	if o := origin(r.URL); o != "" {
		return o
	}
	return origin(r.TopURL)
}

// origin is the scheme and host of address, "file://" for a file, "" for an
// address without an origin. It does not use net/url, which refuses some addresses
// that browsers accept, such as one with "%zz" in its path.
func origin(address string) string {
	scheme, rest, found := strings.Cut(strings.TrimPrefix(address, "blob:"), "://")
	if !found || strings.ContainsAny(scheme, ":/?#") {
		return ""
	}
	if scheme == "file" {
		return "file://"
	}
	host := rest
	if end := strings.IndexAny(rest, `/?#`); end >= 0 {
		host = rest[:end]
	}
	host = host[strings.LastIndex(host, "@")+1:]
	if host == "" {
		return ""
	}
	return scheme + "://" + host
}
