// Package plan reads what a team expects of its own site: which events come,
// how often, in which order and time, what custom_data looks like, and what
// may only be sent once the contact has agreed.
//
// A plan is only data. Reading one reports every mistake in it with its line. Packages
// inspect and journey judge by it.
package plan

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/words"
	"userlike-inspector/schema"
)

// SchemaLine is the first line of plans that this program writes. Editors find the
// schema by it.
const SchemaLine = "# yaml-language-server: $schema=./plan.schema.json\n"

// Plan is a plan that has been read without problems. It never changes, so it is safe
// for concurrent use. A nil *Plan expects nothing.
type Plan struct {
	Name string // "" if it has none
	File string // as the user named it
	Hash string // SHA-256 of the file, in hexadecimal
	Sum  string // the same of all files: the plan's and those that it refers to

	Refers []Reference // the files that it refers to, sorted by name

	Events     []Event // as the file orders them
	CustomData *Schema // nil for none
	Consent    *Consent
	Accept     []Acceptance

	Forward      []Forward     // as the file orders them
	PersonalData *PersonalData // nil if the plan does not say

	// SampleData is the custom_data that a simulation sends, nil for the built-in one.
	SampleData map[string]any

	files    map[string]*source // the files that it was read from, by the name that findings use
	sites    []site
	events   map[string]bool            // allow.events
	fields   map[string]bool            // allow.fields, JSON Pointers
	severity map[string]record.Severity // by rule, "" is off
}

// Reference is a file that a plan refers to: a schema, or a plan that it extends.
type Reference struct {
	Name string // its path as seen from the plan's folder
	Hash string // SHA-256 of the file, in hexadecimal
}

// Event is what is expected of one event in a journey.
type Event struct {
	Name         string
	Count        *Count
	Before       []Ref // it comes before each of these, if both come
	After        []Ref // each of these has come before it
	Within       time.Duration
	PerChat      bool      // count, after and within are judged for each chat_id instead of for the journey
	When         *Ref      // the entry applies only to journeys with this event; nil for all
	Because      string    // the plan's reason; "" if it gives none
	Contexts     []*Schema // of global_ctx and session_ctx
	Source       string    // where it is written, "plan.yaml:4"
	WithinSource string
}

// Excerpt is the line of the file that a finding's Demand names, and a second line with
// a caret below the place; nil if the demand names no line.
func (p *Plan) Excerpt(demand string) []string {
	if p == nil {
		return nil
	}
	for name, s := range p.files {
		rest, ok := strings.CutPrefix(demand, name+":")
		if !ok {
			continue
		}
		number, what, _ := strings.Cut(rest, ":")
		line, err := strconv.Atoi(number)
		lines := strings.Split(string(s.text), "\n")
		if err != nil || line < 1 || line > len(lines) {
			continue
		}
		text := lines[line-1]
		at := len(text) - len(strings.TrimLeft(text, " \t-{"))
		demands := strings.FieldsFunc(what, func(r rune) bool { return strings.ContainsRune(" /#", r) })
		for _, word := range slices.Backward(demands) {
			if i := strings.Index(text, word); i >= 0 {
				at = i
				break
			}
		}
		return s.excerpt(line, utf8.RuneCountInString(text[:at])+1)
	}
	return nil
}

// Why is the plan's reason as a sentence that can follow others; "" if it gives none.
func (e *Event) Why() string {
	if e == nil || e.Because == "" {
		return ""
	}
	return " The plan says why: " + strings.TrimRight(words.OneLine(e.Because), ".") + "."
}

// Order says before which events it has to come. It is the end of a sentence on how often
// the event has to come; "" for none.
func (e *Event) Order() string {
	if len(e.Before) == 0 {
		return ""
	}
	names := make([]string, len(e.Before))
	for i, ref := range e.Before {
		names[i] = words.Short(ref.Event)
	}
	return ", before " + words.List(names, "and")
}

// Ref names another event.
type Ref struct {
	Event  string
	Source string
}

// Count bounds how often an event comes in a journey.
type Count struct {
	Min, Max int // Max is -1 for no bound
	Text     string
	Source   string
}

// Consent is what must not be sent before an event.
type Consent struct {
	Event  string
	Guards []Guard
	Source string
}

// Guard is an event's name or a field's JSON Pointer.
type Guard struct {
	Event  string
	Field  string
	Source string
}

// Schema demands something of a value within a call.
type Schema struct {
	*schema.Schema
	At       string // JSON Pointer of the value, into the arguments
	Where    string // where it is written, "plan.yaml:4: custom_data"
	OnValues bool   // it depends on the values themselves, so it cannot be judged on pseudonyms
	Source   func(schema.Violation) string
}

// HasSites tells whether the plan applies to some sites only.
func (p *Plan) HasSites() bool { return p != nil && len(p.sites) > 0 }

// OnSite tells whether a page's address is on one of the plan's sites.
func (p *Plan) OnSite(address string) bool {
	if p == nil || !p.HasSites() {
		return p != nil
	}
	a, ok := readAddress(address)
	return ok && slices.ContainsFunc(p.sites, func(s site) bool { return s.match(a) })
}

// OnOrigin tells whether a page that once had the address may also have been on one of
// the plan's sites: a page can change its path, query and fragment, but not its origin.
func (p *Plan) OnOrigin(address string) bool {
	if p == nil || !p.HasSites() {
		return p != nil
	}
	a, ok := readAddress(address)
	return ok && slices.ContainsFunc(p.sites, func(s site) bool { return s.matchOrigin(a) })
}

// AllowsEvent tells whether the plan allows an undocumented event.
func (p *Plan) AllowsEvent(name string) bool { return p != nil && p.events[name] }

// AllowsField tells whether the plan allows an undocumented field.
func (p *Plan) AllowsField(at string) bool { return p != nil && p.fields[at] }

// Severity is a rule's severity as the plan changes it; off says that the plan switches the
// rule off.
func (p *Plan) Severity(rule string, usual record.Severity) (s record.Severity, off bool) {
	if p == nil {
		return usual, false
	}
	if s, ok := p.severity[rule]; ok {
		return s, s == ""
	}
	return usual, false
}

// HasContexts tells whether the plan has a schema for a context of any event.
func (p *Plan) HasContexts() bool {
	return p != nil && slices.ContainsFunc(p.Events, func(e Event) bool { return len(e.Contexts) > 0 })
}

// Demands tells whether the plan demands anything that has an outcome.
func (p *Plan) Demands() bool {
	return p != nil && (p.Consent != nil || len(p.Forward) > 0 || slices.ContainsFunc(p.Events, func(e Event) bool {
		return e.Count != nil || e.Within > 0 || len(e.After)+len(e.Before) > 0
	}))
}

// Event finds what is expected of an event, nil for nothing.
func (p *Plan) Event(name string) *Event {
	if p == nil {
		return nil
	}
	i := slices.IndexFunc(p.Events, func(e Event) bool { return e.Name == name })
	if i < 0 {
		return nil
	}
	return &p.Events[i]
}
