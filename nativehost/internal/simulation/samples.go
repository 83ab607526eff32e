// Package simulation makes an inspected page call its own userlikeTrackingEvent, as the
// client would, when a tester asks for it. It chooses the arguments, and passes the request
// from a command to a host. The extension does the rest.
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

// Variant says how much a sample call contains.
type Variant string

// The variants.
const (
	Full     Variant = "full"     // every documented field
	Sparse   Variant = "sparse"   // only fields that are always there; the rest is undefined
	Recorded Variant = "recorded" // a call of a recording, as it was
)

// Call is a call that a page is to make.
type Call struct {
	Event   string
	Variant Variant
	wire.SimulatedCall
}

// Samples are two calls for each event, full and sparse. Every value contains run, a few
// letters or digits, and the call's number, so that one can find it in a tracking system.
// data is the custom_data of full calls, nil for the documented one.
func Samples(events []string, run string, data map[string]any) []Call {
	var calls []Call
	for _, event := range events {
		for _, variant := range []Variant{Full, Sparse} {
			calls = append(calls, sample(event, variant, run, len(calls)+1, data))
		}
	}
	return calls
}

// sample is the n-th call of a run.
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
	c.Args, _ = json.Marshal(args) // cannot fail for texts and numbers
	return c
}

// marked adds the run and a call's number to a sample's value.
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

// unsaid are the notes on values that JSON cannot express and that cannot be made again.
var unsaid = map[string]string{
	"truncated": "the recording has only a part of it", "cycle": "it refers to itself", "getter": "its value was not read",
}

// FromRecording turns the calls of a recording into calls to make, and lists those that
// cannot be made again. each calls its argument for every record.
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

// FromRecord turns a recorded call into a call to make, or says why that is not possible.
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
