package schema

import (
	"encoding/json"
	"fmt"
)

// System is a tracking system that sites hand calls on to.
type System struct {
	Name   string        `json:"name"`
	Source string        `json:"source,omitempty"` // where the vendor says so, or a tool that reads its requests
	Queues []string      `json:"queues,omitempty"`
	Places []SystemPlace `json:"places,omitempty"`

	// Event and Property are JSON Pointers into a hit's data, of which the first counts
	// that leads to something; a token * is each element of an array. They lead to the
	// event's name, and to the id of the account, site or stream.
	Event    []string `json:"event,omitempty"`
	Property []string `json:"property,omitempty"`
}

// SystemPlace is an address of a system's; all that is told of it has to be so.
type SystemPlace struct {
	Host   string   `json:"host,omitempty"`   // or a subdomain of it
	Path   string   `json:"path,omitempty"`   // how the path begins
	End    string   `json:"end,omitempty"`    // how the path ends
	Within string   `json:"within,omitempty"` // what is somewhere in the path
	Has    []string `json:"has,omitempty"`    // parameters of the query or the body
}

// Systems reads the embedded list of tracking systems; each caller has a copy of its
// own. It panics if this program was built with a broken one, which the tests exclude.
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
