package journey

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/schema"
)

// This file splits a hit into the parts that carry its calls. They are what is compared to
// find calls that were sent twice.

// partsOf are the parts of a hit that carry its calls.
func (j *Judge) partsOf(r *record.Record, data any, h *hit) []part {
	switch data := data.(type) {
	case []any:
		return j.pushedParts(r, data, h)
	case map[string]any:
		return j.sentParts(r, data, h)
	}
	return nil
}

// tooMany are the parts that a hit has more often than it has calls.
func tooMany(parts []part, calls int) (all []part) {
	for i, one := range parts {
		again := 1
		for _, other := range parts[:i] {
			if one.same(other) {
				again++
			}
		}
		if again > calls {
			all = append(all, one)
		}
	}
	return all
}

// isOf tells whether a part of a hit is a call's: all are where the hit has no other call,
// else those with the event's name.
func (h *hit) isOf(p part, data any, event string) bool {
	if h.calls == 1 {
		return true
	}
	tokens, _ := schema.Tokens(p.at)
	v, _ := schema.Lookup(data, tokens)
	return inspect.Holds(v, event, true)
}

// ofCall tells whether what a hit carries is of its calls more than of any others of the
// visit. A person's name or address is not, in a request to the page's own site: a form that
// is checked twice has it, too.
func (h *hit) ofCall(c record.Carried) bool {
	switch {
	case c.What == "/1/client_uuid", c.What == "/2/session_id":
		return false
	case inspect.IsPersonal(c):
		return h.via == record.Queue || h.leaves || h.system != ""
	}
	return true
}

// pushedParts are the values in a queue that carry the call.
func (j *Judge) pushedParts(r *record.Record, pushed []any, h *hit) (parts []part) {
	for i, one := range pushed {
		at := "/" + strconv.Itoa(i)
		if len(parts) < maxCompared && slices.ContainsFunc(r.Handed.Carries, func(c record.Carried) bool {
			return h.ofCall(c) && (c.At == at || strings.HasPrefix(c.At, at+"/"))
		}) {
			parts = append(parts, j.part(one, at, h))
		}
	}
	if len(parts) == 0 && r.Handed.Because == record.DuringHandler {
		return j.unnamedParts(pushed, h)
	}
	return parts
}

// maxBatches is how many lists of events of one request are looked at.
const maxBatches = 10

// sentParts are the events of a request. What is beside a batch is a part of each of its
// events, and is looked at only once.
func (j *Judge) sentParts(r *record.Record, data map[string]any, h *hit) (parts []part) {
	beside := map[string]part{} // by the pointer to the batch
	for _, unit := range h.units(r, data) {
		if len(parts) == maxCompared {
			break
		}
		if len(unit) == 0 {
			parts = append(parts, j.part(data, "", h))
			continue
		}
		batch := unit[:len(unit)-1]
		at := schema.Pointer(batch...)
		rest, known := beside[at]
		if !known {
			if len(beside) == maxBatches {
				continue
			}
			rest = j.part(without(data, batch), "", h)
			beside[at] = rest
		}
		event, _ := schema.Lookup(data, unit)
		parts = append(parts, j.part(event, schema.Pointer(unit...), h).with(rest))
	}
	return parts
}

// unnamedParts are the parts of what the site's function pushed under names of its own,
// with nothing of the call. It is not known which of the events is the call, and which only
// helps. So there are parts only if each event is there twice.
func (j *Judge) unnamedParts(pushed []any, h *hit) (parts []part) {
	for i, one := range pushed {
		object, _ := one.(map[string]any)
		if _, event := object["event"].(string); event && len(parts) < maxCompared {
			parts = append(parts, j.part(one, "/"+strconv.Itoa(i), h))
		}
	}
	for i, one := range parts {
		if !slices.ContainsFunc(parts[:i], one.same) && !slices.ContainsFunc(parts[i+1:], one.same) {
			return nil
		}
	}
	return parts
}

// units are where in a request's data its events are: each element of a batch that carries
// the name of a call, or where there is no name, something else of it. It is all of the data
// if that is about one event.
func (h *hit) units(r *record.Record, data map[string]any) [][]string {
	named := slices.ContainsFunc(r.Handed.Carries, func(c record.Carried) bool { return c.What == "/0" })
	var all [][]string
	carries := false
	for _, c := range r.Handed.Carries {
		if !h.ofCall(c) || named && c.What != "/0" {
			continue
		}
		carries = true
		if strings.HasPrefix(c.What, "/2/custom_data/") {
			continue // lists of one event have it too, such as those of products
		}
		tokens, _ := schema.Tokens(c.At)
		unit := inBatch(data, tokens)
		if len(unit) == 0 {
			return [][]string{nil} // it stands outside of all lists, so these are only a part of the event
		}
		if !slices.ContainsFunc(all, func(other []string) bool { return slices.Equal(unit, other) }) {
			all = append(all, unit)
		}
	}
	if len(all) == 0 && carries {
		return [][]string{nil}
	}
	return all
}

// inBatch is the way to the element of a batch that a place is in, nil if it is in none.
func inBatch(data any, way []string) []string {
	for i, token := range way {
		switch v := data.(type) {
		case map[string]any:
			data = v[token]
		case []any:
			n, err := strconv.Atoi(token)
			if err != nil || n < 0 || n >= len(v) {
				return nil
			}
			if isBatch(v) {
				return way[:i+1]
			}
			data = v[n]
		}
	}
	return nil
}

// isBatch tells whether each element of a list can be an event: an object, a list, or a query
// as Matomo has them. A list that begins with a text is a command and its arguments, and pairs
// of a name and a value are one event's.
func isBatch(list []any) bool {
	return !slices.ContainsFunc(list, func(element any) bool {
		switch v := element.(type) {
		case map[string]any:
			return len(v) <= 3 && slices.ContainsFunc([]string{"value", "val", "v"}, func(name string) bool { _, has := v[name]; return has })
		case []any:
			return false
		case string:
			return !isQuery(v)
		}
		return true
	})
}

// isQuery tells whether a text is a query that stands by itself.
func isQuery(text string) bool { return strings.HasPrefix(text, "?") && strings.Contains(text, "=") }

// without is data without what the way leads to.
func without(data any, way []string) any {
	if len(way) == 0 {
		return nil
	}
	switch v := data.(type) {
	case map[string]any:
		v = maps.Clone(v)
		v[way[0]] = without(v[way[0]], way[1:])
		return v
	case []any:
		n, _ := strconv.Atoi(way[0]) // a way that inBatch went
		v = slices.Clone(v)
		v[n] = without(v[n], way[1:])
		return v
	}
	return data
}
