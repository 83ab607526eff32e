package schema

import (
	"encoding/json"
	"fmt"
	"time"
)

// Documented is the catalogue: what Userlike's page on the Client Tracking API documents, in
// our words, and our interpretation of it.
type Documented struct {
	Source    string      `json:"source"`    // the page's name
	Arguments []Field     `json:"arguments"` // the three arguments, in order
	Fields    []Field     `json:"fields"`    // the members of the two contexts
	Events    []DocEvent  `json:"events"`    // by name
	Elsewhere []Elsewhere `json:"elsewhere"` // names that exist only in other editions of the page
}

// Field is an argument or a context's member.
type Field struct {
	At          string `json:"at"`   // JSON Pointer into the arguments
	Name        string `json:"name"` // its own name, without the context's
	Type        string `json:"type"` // as in JSON Schema
	Required    bool   `json:"required"`
	Personal    bool   `json:"personal,omitempty"` // may tell who the contact is
	Description string `json:"description"`
	// Sample is the value of a context's member in a simulation. In texts, {run}, {n}
	// and {hex} are replaced by the run and the call's number. Numbers are increased
	// by the call's number.
	Sample any `json:"sample,omitempty"`
}

// DocEvent is a documented event. What it needs is our interpretation of the page, not a
// promise of Userlike.
type DocEvent struct {
	Name        string `json:"name"`
	Description string `json:"description"`

	// Needs: at least one of these must have come earlier in the same journey. If
	// that is often not the case, NeedsSeverity is "info" and NeedsWhy says why.
	Needs         []string `json:"needs,omitempty"`
	NeedsSeverity string   `json:"needs_severity,omitempty"`
	NeedsWhy      string   `json:"needs_why,omitempty"`
	// MayFollow are those of Needs that may also come afterwards.
	MayFollow    []string `json:"may_follow,omitempty"`
	MayFollowWhy string   `json:"may_follow_why,omitempty"`

	// Then: one of these must follow within the time Within.
	Then   []string `json:"then,omitempty"`
	Within Duration `json:"within,omitzero"`

	Resumes    bool `json:"resumes,omitempty"`     // continues something that began earlier
	ShowsError bool `json:"shows_error,omitempty"` // says that the contact saw an error
	Passive    bool `json:"passive,omitempty"`     // does not need an action of the contact
	Consents   bool `json:"consents,omitempty"`    // the contact agrees to the data privacy notice
	MayRepeat  bool `json:"may_repeat,omitempty"`  // may come twice at the same time, on purpose
}

// Elsewhere is a name that another edition or integration knows.
type Elsewhere struct {
	Name  string `json:"name"`
	Here  string `json:"here,omitempty"` // the documented name for the same event
	Where string `json:"where"`
}

// Duration is a time span, written in JSON as Go writes it: "10s".
type Duration struct{ time.Duration }

// UnmarshalJSON reads a string such as "10s".
func (d *Duration) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf("a duration is a string like %q", "10s")
	}
	parsed, err := time.ParseDuration(s)
	if err != nil {
		return fmt.Errorf("%q is not a duration like %q", s, "10s")
	}
	d.Duration = parsed
	return nil
}

// MarshalJSON writes d as a string such as "10s".
func (d Duration) MarshalJSON() ([]byte, error) { return json.Marshal(d.String()) }

// Catalogue reads the embedded catalogue. Each call returns a new copy. It panics if the
// catalogue is broken, which the tests exclude.
func Catalogue() *Documented {
	raw, err := files.ReadFile("catalogue.json")
	if err != nil {
		panic(err)
	}
	var c Documented
	if err := json.Unmarshal(raw, &c); err != nil {
		panic(fmt.Errorf("catalogue.json: %w", err))
	}
	return &c
}
