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
// Records; the host answers Welcome or Refused, then Ack and Store, and a Page for
// every tab whose page stands in another way than the last Page said. When the
// browser's pages are gone and it is to be ended, the host says Finish, and the
// extension answers Finished once the host has acknowledged all they have said.
const (
	Hello    = "hello"
	Records  = "records"
	Finished = "finished"

	Welcome = "welcome"
	Refused = "refused"
	Ack     = "ack"
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

	// Records: each one a record without browser, received and findings,
	// which the host adds.
	Records []json.RawMessage `json:"records,omitempty"`
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
