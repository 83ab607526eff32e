// Package plan reads what a team expects of its own site: which events come,
// how often, in which order and time, what custom_data looks like, and what
// may only be sent once the contact has agreed.
//
// A plan is data. Reading one tells every mistake in it with its line; judging
// by it is inspect's and journey's.
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

// SchemaLine is the first line of written plans, by which editors find the schema.
const SchemaLine = "# yaml-language-server: $schema=./plan.schema.json\n"

// Plan is a plan that has been read and is free of contradictions. It is not
// changed any more and safe for concurrent use. A nil *Plan expects nothing.
type Plan struct {
	Name string // "" if it has none
	File string // as the user named it
	Hash string // SHA-256 of the file, in hexadecimal
	Sum  string // the same of all that was read: the file, and what it refers to

	Refers []Reference // to what it refers, by name

	Events     []Event // as the file orders them
	CustomData *Schema // nil for none
	Consent    *Consent
	Accept     []Acceptance

	Forward      []Forward     // as the file orders them
	PersonalData *PersonalData // nil where it does not say

	// SampleData is the custom_data that a simulation sends, nil for its own.
	SampleData map[string]any

	files    map[string]*source // that it was read from, by the name that demands have
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
	PerChat      bool      // count, after and within hold for each chat_id, instead of for the journey
	When         *Ref      // the entry is about journeys with this event alone; nil for all
	Because      string    // why, in the plan's words; "" where it does not say
	Contexts     []*Schema // of global_ctx and session_ctx
	Source       string    // where it is written, "plan.yaml:4"
	WithinSource string
}

// Excerpt is the line of a file that a finding's demand names, with a caret below
// what demands it; nil where the demand names none.
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

// Why is the plan's reason for what it expects, as a sentence behind others; "" where
// it gives none.
func (e *Event) Why() string {
	if e == nil || e.Because == "" {
		return ""
	}
	return " The plan says why: " + strings.TrimRight(words.OneLine(e.Because), ".") + "."
}

// Order says before which events it is to come, as the end of a sentence on how often
// it is to come; "" for none.
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
	Where    string // it is written, "plan.yaml:4: custom_data"
	OnValues bool   // it demands more of values than what their pseudonyms have in common with them
	Source   func(schema.Violation) string
}

// HasSites tells whether the plan is about some sites only.
func (p *Plan) HasSites() bool { return p != nil && len(p.sites) > 0 }

// OnSite tells whether a page's address is on one of the plan's sites.
func (p *Plan) OnSite(address string) bool {
	if p == nil || !p.HasSites() {
		return p != nil
	}
	a, ok := readAddress(address)
	return ok && slices.ContainsFunc(p.sites, func(s site) bool { return s.match(a) })
}

// OnOrigin tells whether a page that once had the address may have been on one of the
// plan's sites: a page can change what is behind its host.
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

// Severity is what the plan makes of a rule's severity; off is true where the
// rule is not to be judged.
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
