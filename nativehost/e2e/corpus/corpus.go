// Package corpus holds web pages for tests. Each page defines the tracking function and
// calls it, in one of the many ways in which sites do, without any click. Its first
// comment says which records must result.
//
// The pages are the files of pages/, in a folder for each subject: defining the function,
// calling it, its arguments, and what a page can see of the inspector (unseen). A page
// begins with a comment: a sentence on what the page is about, then what is expected, as
// JSON (see Expectation). When the page is done, it goes to /next with a report of what it
// saw, and /next leads to the following page.
//
// A test opens all pages in a browser with the inspector and compares the records with
// the expectations. It opens them in a plain browser as well, and compares what the pages
// saw in both. Every difference must be listed in differences.json.
package corpus

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"userlike-inspector/nativehost/internal/record"
)

//go:embed pages differences.json
var files embed.FS

// subjects are the folders of pages, in the order in which they are visited.
var subjects = [...]string{"defining", "calling", "arguments", "unseen"}

// Page is one page of the corpus.
type Page struct {
	Path  string // as served: "/defining/declaration-in-head.html"
	About string // a sentence on what the page is about
	Expectation
}

// Expectation is what a page's comment says, as JSON: how to serve the page, and what must
// be recorded of it.
type Expectation struct {
	// Site is the origin that serves the page. Default: the server's own address. That is a
	// secure context; the other two origins, Shop and Other, are not.
	Site string `json:"site"`
	// Headers are added to the response, such as a Content-Security-Policy.
	Headers map[string]string `json:"headers"`
	// State is the handler's state in all calls that do not name another one. Default:
	// assigned.
	State string `json:"state"`
	// Calls are those that must be recorded, in order within each document, and no others.
	Calls []Call `json:"calls"`
	// Handler lists the states of the handler records of the page's own document, in order.
	// Default: only "appeared". With only "any", they are not compared.
	Handler []string `json:"handler"`
	// Client is whether a client record is expected.
	Client bool `json:"client"`
	// Cut is for calls that are too large to be written down: only their first argument is
	// compared, and an expected note without a place may be at any place.
	Cut bool `json:"cut"`
	// Visits is how many documents are expected at the page's own address. Default: 1.
	Visits int `json:"visits"`
	// Prepared lists documents, named as by Place, whose window another document could change
	// before the extension's scripts ran in it. Their records must say that they were not
	// hooked from the start.
	Prepared []string `json:"prepared"`
	// Only names a browser, such as "chromium", if no other one can do what the page is
	// about. Default: all browsers.
	Only string `json:"only"`
}

// Call is one call that must be recorded. In the page's comment it may be just a string,
// the event's name; then the arguments are those that lib/client.js sends.
type Call struct {
	Args  json.RawMessage `json:"args"`
	Notes []record.Note   `json:"notes"` // in any order; a note's text is compared only if it is given here
	State string          `json:"state"`
	Threw string          `json:"threw"`
	// In is the document whose function was called, named as by Place. Default: the page's own.
	In string `json:"in"`
	// At is the path of the document's address at the time of the call. Default: not compared.
	At    string `json:"at"`
	Times int    `json:"times"` // how often the call comes; default: 1
}

// UnmarshalJSON reads a call, either as an object or as the name of an event.
func (c *Call) UnmarshalJSON(b []byte) error {
	if bytes.HasPrefix(b, []byte(`"`)) {
		args := `[` + string(b) + `,{"client_uuid":"c-1","operator_group_id":1,"widget_id":2,"widget_lang":"en"},{"session_id":"s-1"}]`
		*c = Call{Args: json.RawMessage(args)}
		return nil
	}
	type plain Call // has no UnmarshalJSON, which would call itself
	return strict(b, (*plain)(c))
}

// strict decodes JSON and refuses unknown members.
func strict(b []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	return d.Decode(v)
}

// Pages lists the pages for a browser, such as "chromium", in the order in which they are
// visited.
func Pages(browser string) ([]Page, error) {
	var all []Page
	for _, subject := range subjects {
		entries, err := fs.ReadDir(files, "pages/"+subject)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if ext := path.Ext(e.Name()); e.IsDir() || ext != ".html" && ext != ".xhtml" {
				continue // a file that pages load
			}
			p, err := read("/" + subject + "/" + e.Name())
			if err != nil {
				return nil, err
			}
			if p.Only == "" || p.Only == browser {
				all = append(all, p)
			}
		}
	}
	return all, nil
}

func read(address string) (Page, error) {
	b, err := files.ReadFile("pages" + address)
	if err != nil {
		return Page{}, err
	}
	p, err := parse(address, string(b))
	if err != nil {
		return Page{}, fmt.Errorf("pages%s: %w", address, err)
	}
	return p, nil
}

// parse reads the comment at the top of the page at address.
func parse(address, text string) (Page, error) {
	head, _, closed := strings.Cut(text, "-->")
	head, opened := strings.CutPrefix(head, "<!--")
	brace := strings.Index(head, "\n{")
	if !opened || !closed || brace < 0 {
		return Page{}, errors.New("want a comment at the very top: a sentence, then a line with the expectation's JSON")
	}
	p := Page{Path: address, About: strings.Join(strings.Fields(head[:brace]), " ")}
	if err := strict([]byte(head[brace:]), &p.Expectation); err != nil {
		return Page{}, fmt.Errorf("the expectation: %w", err)
	}
	if p.About == "" {
		return Page{}, errors.New("the comment does not say what the page is about")
	}
	p.complete()
	return p, nil
}

// complete sets the defaults that Expectation and Call name.
func (p *Page) complete() {
	if p.State == "" {
		p.State = "assigned"
	}
	if p.Visits == 0 {
		p.Visits = 1
	}
	if p.Handler == nil {
		p.Handler = []string{"appeared"}
	}
	for i := range p.Calls {
		c := &p.Calls[i]
		if c.State == "" {
			c.State = p.State
		}
		if c.In == "" {
			c.In = p.Path
		}
		c.Times = max(c.Times, 1)
	}
}

// Place shortens a document's address to what expectations name it by: its path for http
// and https, the scheme alone for data: and blob:, all of it otherwise, such as
// "about:srcdoc".
func Place(address string) string {
	switch scheme, rest, _ := strings.Cut(address, ":"); scheme {
	case "http", "https":
		_, tail, _ := strings.Cut(strings.TrimPrefix(rest, "//"), "/")
		return "/" + strings.TrimRight(cutAny(tail), "/")
	case "data", "blob":
		return scheme + ":"
	}
	return address
}

func cutAny(s string) string {
	if i := strings.IndexAny(s, "?#"); i >= 0 {
		return s[:i]
	}
	return s
}

// Difference is something that pages can see of the inspector, because no way is known to
// hide it.
type Difference struct {
	Because string     `json:"because"` // why it can be seen
	Seen    []Sighting `json:"seen"`
}

// Sighting is one value that a page sees differently with the inspector than without. An
// absent value is null.
type Sighting struct {
	Page    string          `json:"page"`
	Saw     string          `json:"saw"`     // the name under which the page reports it
	Browser string          `json:"browser"` // "" for all
	Plain   json.RawMessage `json:"plain"`   // in a plain browser
	Here    json.RawMessage `json:"here"`    // with the inspector
}

// Differences lists everything that pages may see of the inspector.
func Differences() ([]Difference, error) {
	b, err := files.ReadFile("differences.json")
	if err != nil {
		return nil, err
	}
	var all []Difference
	if err := strict(b, &all); err != nil {
		return nil, fmt.Errorf("differences.json: %w", err)
	}
	return all, nil
}
