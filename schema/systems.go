package schema

import (
	"encoding/json"
	"fmt"
)

// System is a tracking system to which sites forward calls.
type System struct {
	Name   string        `json:"name"`
	Source string        `json:"source,omitempty"` // a page of the vendor, or of a tool that reads its requests
	Queues []string      `json:"queues,omitempty"`
	Places []SystemPlace `json:"places,omitempty"`

	// Property are JSON Pointers into a hit's data, to the id of the account, site or
	// stream. The first one that finds a value counts. A token * is each element of an array.
	Property []string `json:"property,omitempty"`

	// Event are JSON Pointers to the event's name, as Property's are. A hit may have the name
	// elsewhere, in its parameters, as well or instead.
	Event []string `json:"event,omitempty"`

	// Random is a regular expression for the part of an address's path that differs in each
	// request, so that no cache answers it.
	Random string `json:"random,omitempty"`

	// Counters are parameters that the system's tracker makes anew for each request: numbers
	// that count requests or prevent caching, the time on the page, and what only the first
	// request of a visit has. CountersSource is a page, or the tracker itself, that says so.
	Counters       []string `json:"counters,omitempty"`
	CountersSource string   `json:"counters_source,omitempty"`
}

// SystemPlace describes addresses of a system. All members that are set must match.
type SystemPlace struct {
	Host   string   `json:"host,omitempty"`   // the host, or a subdomain of it
	Path   string   `json:"path,omitempty"`   // how the path begins
	End    string   `json:"end,omitempty"`    // how the path ends
	Within string   `json:"within,omitempty"` // a text somewhere in the path
	Has    []string `json:"has,omitempty"`    // parameters of the query or the body
}

// Systems reads the embedded list of tracking systems. Each call returns a new copy. It
// panics if the list is broken, which the tests exclude.
func Systems() []System {
	raw, err := files.ReadFile("systems.json")
	if err != nil {
		panic(err)
	}
	var list struct {
		Systems []System `json:"systems"`
	}
	if err := json.Unmarshal(raw, &list); err != nil {
		panic(fmt.Errorf("systems.json: %w", err))
	}
	return list.Systems
}
