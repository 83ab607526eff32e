// Package simulation has an inspected page call its own userlikeTrackingEvent, as
// the client would, because a tester asks for it: what is called with, and the
// request's way from a command to a host. From there on it is the extension's.
package simulation

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/wire"
	"userlike-inspector/schema"
)

// Variant says how much a sample call tells.
type Variant string

// The variants.
const (
	Full     Variant = "full"     // every documented field
	Sparse   Variant = "sparse"   // only what is always there; the rest is undefined
	Recorded Variant = "recorded" // a call of a recording, as it was
)

// Call is a call that a page is to make.
type Call struct {
	Event   string
	Variant Variant
	wire.SimulatedCall
}

// Samples are two calls for each event, full and sparse. Run and the call's number
// are in every value, so that one finds it again in a tracking system. Run is a
// few letters or digits. Data is the custom_data of full calls, nil for the documented one.
func Samples(events []string, run string, data map[string]any) []Call {
	var calls []Call
	for _, event := range events {
		for _, variant := range []Variant{Full, Sparse} {
			calls = append(calls, sample(event, variant, run, len(calls)+1, data))
		}
	}
	return calls
}

// sample is one call, the n-th of its run.
func sample(event string, variant Variant, run string, n int, data map[string]any) Call {
	c := Call{Event: event, Variant: variant}
	args := []any{event, map[string]any{}, map[string]any{}}
	c.Undefined = []string{}
	for _, f := range schema.Catalogue().Fields {
		tokens, _ := schema.Tokens(f.At)
		i, _ := strconv.Atoi(tokens[0])
		if variant == Sparse && !f.Required {
			c.Undefined = append(c.Undefined, f.At)
			continue
		}
		value := marked(f.Sample, run, n)
		if f.Name == "custom_data" && data != nil {
			value = data
		}
		args[i].(map[string]any)[tokens[1]] = value
	}
	c.Args, _ = json.Marshal(args) // maps of texts and numbers
	return c
}

// marked puts a run and a call's number into a sample's value.
func marked(v any, run string, n int) any {
	switch v := v.(type) {
	case string:
		return strings.NewReplacer("{run}", run, "{n}", strconv.Itoa(n), "{hex}", fmt.Sprintf("%012x", n)).Replace(v)
	case float64:
		return int64(v) + int64(n)
	case map[string]any:
		members := make(map[string]any, len(v))
		for name, value := range v {
			members[name] = marked(value, run, n)
		}
		return members
	}
	return v
}

// Unsent is a call of a recording that cannot be made again, and why.
type Unsent struct {
	Record, Event, Why string
}

// unsaid are the notes whose values can be neither written as JSON nor made anew.
var unsaid = map[string]string{
	"truncated": "the recording has only a part of it", "cycle": "it refers to itself", "getter": "its value was not read",
}

// FromRecording makes calls of a recording's, and says which of them cannot be made
// again. Each delivers its records.
func FromRecording(each func(func(*record.Record) error) error) (calls []Call, unsent []Unsent, err error) {
	err = each(func(r *record.Record) error {
		if r.Kind != record.Call {
			return nil
		}
		if call, not := FromRecord(r); not != nil {
			unsent = append(unsent, *not)
		} else {
			calls = append(calls, call)
		}
		return nil
	})
	return calls, unsent, err
}

// FromRecord is a recorded call to be made again, or why it cannot be.
func FromRecord(r *record.Record) (Call, *Unsent) {
	c := Call{Event: r.EventName(), Variant: Recorded}
	c.Args, c.Undefined = r.Args, []string{}
	refuse := func(why string) (Call, *Unsent) { return Call{}, &Unsent{r.ID, c.Event, why} }
	if len(r.Redacted) > 0 {
		return refuse("its values are pseudonyms")
	}
	for _, n := range r.Notes {
		switch {
		case n.Is == "undefined":
			c.Undefined = append(c.Undefined, n.At)
		case n.Is == "-0", n.Is == "lone-surrogate":
		default:
			why, known := unsaid[n.Is]
			if !known {
				why = "it is " + n.Is + ", which cannot be made again"
			}
			return refuse(n.At + ": " + why)
		}
	}
	return c, nil
}
