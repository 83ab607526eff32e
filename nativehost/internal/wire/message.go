package wire

import (
	"bytes"
	"encoding/json"
	"fmt"

	"userlike-inspector/nativehost/internal/glossary"
	"userlike-inspector/nativehost/internal/record"
)

// Protocol is the version of the conversation between extension and host,
// described by schema/wire.schema.json. Both sides say theirs at the start.
const Protocol = 1

// The types of message. The extension begins with Hello, and the host answers Welcome or
// Refused. Then the extension sends Records and Candidates, and the host answers with Ack,
// Settled and Store. It also sends a Page for every tab whose page has another state than
// the last Page said. When the browser is to be ended and its pages are gone, the host sends
// Finish. The extension answers Finished once the host has acknowledged all that the pages
// have said. For a tester's simulation, the host sends AskPages and Simulate.
const (
	Hello      = "hello"
	Records    = "records"
	Candidates = "candidates"
	Finished   = "finished"
	Pages      = "pages"
	Simulation = "simulation"

	Welcome = "welcome"
	Refused = "refused"
	Ack     = "ack"
	Settled = "settled"
	Store   = "store"
	Page    = "page"
	Finish  = "finish"
	// AskPages is answered by Pages, and Simulate by a Simulation for each step.
	AskPages = "ask-pages"
	Simulate = "simulate"
	// Cancel ends what is left of a Simulate.
	Cancel = "cancel"
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

	// Candidates: each one a Candidate. Dropped is how many could not be kept until they
	// could be sent, and Missed says where these were, as far as that is known.
	Candidates []json.RawMessage `json:"candidates,omitempty"`
	Dropped    int64             `json:"dropped,omitempty"`
	Missed     []Missed          `json:"missed,omitempty"`

	// Pages: the documents that could be asked to call their function. ID is the one of
	// AskPages.
	ID    string     `json:"id,omitempty"`
	Pages []OpenPage `json:"pages,omitempty"`

	// Simulation: how far a Simulate has come. ID is the one of that Simulate.
	*Step
}

// OpenPage is a document that is open and watched.
type OpenPage struct {
	Document string `json:"document"`
	Tab      int    `json:"tab"`
	Frame    int    `json:"frame"`
	URL      string `json:"url"`
	Title    string `json:"title,omitempty"`
	Handler  bool   `json:"handler"` // it has a function to call
}

// Stage is how far a simulation has come.
type Stage string

// The stages of a simulation, in their order. Calling and Called come for each
// call. Stopped comes instead of what is left, and says why.
const (
	Reached Stage = "reached" // the page has it
	Calling Stage = "calling" // the function is about to be called
	Called  Stage = "called"  // it has been called: Record, Outcome and Threw say more
	Ended   Stage = "ended"
	Stopped Stage = "stopped" // the rest is not called: Why says the reason
)

// Over says that no step comes after it.
func (s *Step) Over() bool { return s.Stage == Ended || s.Stage == Stopped }

// Outcome is the result of a simulated call.
type Outcome string

// The outcomes.
const (
	Returned  Outcome = "returned"
	Threw     Outcome = "threw"
	NoHandler Outcome = "no handler"
)

// Step is a simulation's newest step.
type Step struct {
	Stage   Stage   `json:"stage"`
	Index   int     `json:"index"`            // which call it is about, from 0
	Record  string  `json:"record,omitempty"` // the call's id, "" where it was not recorded
	Outcome Outcome `json:"outcome,omitempty"`
	Threw   string  `json:"threw,omitempty"`
	Why     string  `json:"why,omitempty"`
}

// SimulatedCall is a call that a page is to make of its own function.
type SimulatedCall struct {
	Args json.RawMessage `json:"args"` // an array
	// Undefined are the members whose value is undefined, as JSON Pointers into Args. JSON
	// cannot express that.
	Undefined []string `json:"undefined"`
}

// Missed is how many candidates of a tab's calls could not be kept, from Time on. The
// rest says where the newest of these calls was made.
type Missed struct {
	Count    int64       `json:"count"`
	Time     record.Time `json:"time"`
	Tab      *int        `json:"tab,omitempty"`
	Frame    *int        `json:"frame,omitempty"`
	Document string      `json:"document,omitempty"`
	URL      string      `json:"url,omitempty"`
	TopURL   string      `json:"top_url,omitempty"`
	Title    string      `json:"title,omitempty"`
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
	Body     *Body           `json:"body,omitempty"`   // nil for none
	Size     int64           `json:"size,omitempty"`   // the body's, where Body has only some of it
	Failed   *record.Time    `json:"failed,omitempty"` // when the request failed, nil if it did not
	Data     json.RawMessage `json:"data,omitempty"`   // what was pushed
	Notes    []record.Note   `json:"notes,omitempty"`
}

// Body is a request's body as the browser shows it.
type Body struct {
	Bytes      []byte `json:"bytes,omitempty"`
	Form       Form   `json:"form,omitempty"` // nil for none
	Unreadable bool   `json:"unreadable,omitempty"`
}

// Form is a form that the browser has read: its fields, in their order.
type Form []Field

// Field is a field of a form, with a value for each time that it is there.
type Field struct {
	Name   string
	Values []string
}

// UnmarshalJSON reads an object whose members are arrays of texts.
func (f *Form) UnmarshalJSON(b []byte) error {
	d := json.NewDecoder(bytes.NewReader(b))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return fmt.Errorf("a form is no object, but %.20q", b)
	}
	*f = Form{}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		one := Field{Name: name.(string)} // the decoder accepts nothing else here
		if err := d.Decode(&one.Values); err != nil {
			return err
		}
		*f = append(*f, one)
	}
	return nil
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

	// Page: the state of the page in a tab (its top document and frames), by all that is
	// stored of it. It holds until the next Page of that tab.
	*PageState

	// Ack: these records are stored for good, now or before. The extension may forget them.
	Records []Verdict `json:"records,omitempty"`

	// Settled: of these candidates it is decided whether they belong to calls. Those that do
	// are stored as hits.
	Candidates []Settlement `json:"candidates,omitempty"`

	// Store: whether records can be stored at the moment. When not, the host
	// goes on trying and the extension keeps what is not acknowledged.
	OK *bool `json:"ok,omitempty"`

	// Refused, Store: a sentence for the user.
	Message string `json:"message,omitempty"`

	// AskPages, Simulate: names the question, for its answers.
	ID string `json:"id,omitempty"`

	// Simulate: the document is to make these calls, with a pause of milliseconds
	// between them, and none after Until.
	Document string          `json:"document,omitempty"`
	Calls    []SimulatedCall `json:"calls,omitempty"`
	Pause    int64           `json:"pause,omitempty"`
	Until    *record.Time    `json:"until,omitempty"`
}

// PageState is the state of the page in a tab, as the host sees it.
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
