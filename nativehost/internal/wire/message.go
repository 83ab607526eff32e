package wire

import (
	"encoding/json"

	"userlike-inspector/nativehost/internal/glossary"
	"userlike-inspector/nativehost/internal/record"
)

// Protocol is the version of the conversation between extension and host,
// described by schema/wire.schema.json. Both sides say theirs at the start.
const Protocol = 1

// The types of message. The extension begins with Hello and then sends
// Records and Candidates; the host answers Welcome or Refused, then Ack, Settled and
// Store, and a Page for every tab whose page stands in another way than the last Page
// said. When the browser's pages are gone and it is to be ended, the host says Finish, and the
// extension answers Finished once the host has acknowledged all they have said.
const (
	Hello      = "hello"
	Records    = "records"
	Candidates = "candidates"
	Finished   = "finished"

	Welcome = "welcome"
	Refused = "refused"
	Ack     = "ack"
	Settled = "settled"
	Store   = "store"
	Page    = "page"
	Finish  = "finish"
)

// FromExtension is any message of the extension's; Type says which fields count.
type FromExtension struct {
	Type string `json:"type"`

	// Hello.
	Protocol  int             `json:"protocol,omitempty"`
	Extension string          `json:"extension,omitempty"` // its version
	Browser   *record.Browser `json:"browser,omitempty"`
	Trace     []string        `json:"trace,omitempty"` // places of its options

	// Records: each one a record without browser, received and findings,
	// which the host adds.
	Records []json.RawMessage `json:"records,omitempty"`

	// Candidates: each one a Candidate. Dropped is how many could not be kept until
	// they were handed over.
	Candidates []json.RawMessage `json:"candidates,omitempty"`
	Dropped    int64             `json:"dropped,omitempty"`
}

// Pushed is what was put into a queue of the page's while its function ran a call:
// an element of the call record's "pushed".
type Pushed struct {
	To    string          `json:"to"`
	Data  json.RawMessage `json:"data"`
	Notes []record.Note   `json:"notes,omitempty"`
	Time  *record.Time    `json:"time,omitempty"` // nil where it is the call's
}

// Candidate is what may belong to calls: a request, or what was found in a queue.
type Candidate struct {
	ID       string          `json:"id"`
	Time     record.Time     `json:"time"`
	Via      record.Via      `json:"via"`
	To       string          `json:"to"` // a queue's name, or the whole address
	Tab      *int            `json:"tab,omitempty"`
	Frame    *int            `json:"frame,omitempty"`
	Document string          `json:"document,omitempty"`
	URL      string          `json:"url,omitempty"`
	TopURL   string          `json:"top_url,omitempty"`
	Title    string          `json:"title,omitempty"`
	Site     string          `json:"site,omitempty"` // the initiator's origin
	Method   string          `json:"method,omitempty"`
	Type     string          `json:"type,omitempty"`
	Body     *Body           `json:"body,omitempty"` // nil for none
	Size     int64           `json:"size,omitempty"` // the body's, where Body has only some of it
	Data     json.RawMessage `json:"data,omitempty"` // what was pushed
	Notes    []record.Note   `json:"notes,omitempty"`
}

// Body is a request's body as the browser shows it.
type Body struct {
	Bytes      []byte              `json:"bytes,omitempty"`
	Form       map[string][]string `json:"form,omitempty"`
	Unreadable bool                `json:"unreadable,omitempty"`
}

// FromHost is any message of the host's; Type says which fields count.
type FromHost struct {
	Type string `json:"type"`

	// Welcome and Refused.
	Protocol int    `json:"protocol,omitempty"`
	Host     string `json:"host,omitempty"` // its version

	// Welcome: whether the tester wants a stand-in for the site's function
	// wherever a site defines none.
	StandIn bool `json:"stand_in,omitempty"`

	// Refused: the conversation is over until Update ("host" or "extension")
	// has been updated.
	Update string `json:"update,omitempty"`

	// Page: how the page in a tab stands, its top document with its frames, by all
	// that is stored of it. It holds until the next Page of that tab.
	*PageState

	// Ack: these are stored for good (or were already) and may be forgotten.
	Records []Verdict `json:"records,omitempty"`

	// Settled: it is decided of these whether they belong to calls, and what does is
	// stored.
	Candidates []Settlement `json:"candidates,omitempty"`

	// Store: whether records can be stored at the moment. When not, the host
	// goes on trying and the extension keeps what is not acknowledged.
	OK *bool `json:"ok,omitempty"`

	// Refused, Store: a sentence for the user.
	Message string `json:"message,omitempty"`
}

// PageState is the host's word on the page in a tab.
type PageState struct {
	Tab      int           `json:"tab"`
	State    glossary.Code `json:"state"`    // in the glossary's words
	Severity string        `json:"severity"` // error where calls are or will be missed; "" where all is well
	Lost     int64         `json:"lost"`     // calls that were lost in the page; those of a pause are not
}

// Verdict acknowledges one record and counts its findings by severity.
type Verdict struct {
	ID      string `json:"id"`
	Error   int    `json:"error"`
	Warning int    `json:"warning"`
	Info    int    `json:"info"`
}

// Settlement says what became of a candidate.
type Settlement struct {
	ID     string `json:"id"`
	To     string `json:"to,omitempty"` // where the hit went; "" where it belongs to no call
	System string `json:"system,omitempty"`
}
