// Package corpus holds pages that drive themselves, for tests alone: each
// defines the tracking function and calls it in one of the ways that sites and
// browsers know, and says at its top which records that must make.
//
// A page is a file of pages/, in a folder by subject: defining the function,
// calling it, its arguments, and what a page can see of the inspector
// (unseen). It begins with a comment: a sentence on what the page is about,
// then what it expects, as JSON (see Expectation). When it is done it goes to
// /next, which leads to the page after it, and takes along what it saw. A test
// runs all pages in a browser with the inspector, compares the records with
// what the pages expect, and compares what the pages saw with a second run in
// a plain browser. What differs must be in differences.json.
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

// Subjects are the folders of pages, in the order in which they are visited.
var subjects = [...]string{"defining", "calling", "arguments", "unseen"}

// Page is one page of the corpus.
type Page struct {
	Path  string // as served: "/defining/declaration-in-head.html"
	About string // a sentence
	Expectation
}

// Expectation is what a page says of itself.
type Expectation struct {
	// Site is the origin that serves the page. Default: the server's own
	// address, which is a secure context; Shop and Other are not.
	Site string `json:"site"`
	// Headers of the response, such as a Content-Security-Policy.
	Headers map[string]string `json:"headers"`
	// State is the handler's state in calls that do not say another. Default: assigned.
	State string `json:"state"`
	// Calls that must be recorded, in order within each document.
	Calls []Call `json:"calls"`
	// Handler lists the states of the handler records of the page's own
	// document, in order. Default: appeared alone. "any" is any at all.
	Handler []string `json:"handler"`
	// Client is whether the page shows the Userlike client.
	Client bool `json:"client"`
	// Cut is set where the calls are too large to spell out: of their arguments
	// the first is compared, and a note at "" may be anywhere.
	Cut bool `json:"cut"`
	// Visits is how many documents the page's own address makes. Default: 1.
	Visits int `json:"visits"`
	// Prepared lists the documents, as Place says, whose window another one has
	// had in hand before any script of the extension ran in it: they must say so.
	Prepared []string `json:"prepared"`
	// Only names the one browser that can do what the page is about, such as
	// "chromium". Default: every one.
	Only string `json:"only"`
}

// Call is one call that must be recorded. In the page's comment it may be the
// event's name alone: then the arguments are those of client.js.
type Call struct {
	Args  json.RawMessage `json:"args"`
	Notes []record.Note   `json:"notes"` // in any order; a note's text is compared when it is given
	State string          `json:"state"`
	Threw string          `json:"threw"`
	// In is the document that was called, as Place says. Default: the page's own.
	In string `json:"in"`
	// At is the path of the address at the time of the call, where it isn't the document's first one.
	At    string `json:"at"`
	Times int    `json:"times"` // default: 1
}

// UnmarshalJSON reads a call or the name of an event.
func (c *Call) UnmarshalJSON(b []byte) error {
	if bytes.HasPrefix(b, []byte(`"`)) {
		args := `[` + string(b) + `,{"client_uuid":"c-1","operator_group_id":1,"widget_id":2,"widget_lang":"en"},{"session_id":"s-1"}]`
		*c = Call{Args: json.RawMessage(args)}
		return nil
	}
	type plain Call // without this method
	return strict(b, (*plain)(c))
}

func strict(b []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	return d.Decode(v)
}

// Pages lists the pages for the browser of that name, in the order in which
// they are visited.
func Pages(browser string) ([]Page, error) {
	var all []Page
	for _, subject := range subjects {
		entries, err := fs.ReadDir(files, "pages/"+subject)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if ext := path.Ext(e.Name()); e.IsDir() || ext != ".html" && ext != ".xhtml" {
				continue // what pages load
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

// parse reads the comment at a page's top.
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

// Place is a document's address as expectations name it: the path for those
// that a server gave, the scheme for data: and blob:, all of it for about:.
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

// Difference is what pages see of the inspector for one reason, because no way
// is known to hide it.
type Difference struct {
	Because string     `json:"because"`
	Seen    []Sighting `json:"seen"`
}

// Sighting is one value that a page sees otherwise with the inspector than
// without. What is absent is null.
type Sighting struct {
	Page    string          `json:"page"`
	Saw     string          `json:"saw"`     // the name under which the page reports it
	Browser string          `json:"browser"` // "" is every one
	Plain   json.RawMessage `json:"plain"`   // in a plain browser
	Here    json.RawMessage `json:"here"`    // with the inspector
}

// Differences lists all that a page may see.
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
