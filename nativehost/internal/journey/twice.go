package journey

import (
	"encoding/json"
	"fmt"
	"hash/maphash"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/words"
	"userlike-inspector/schema"
)

// This file tells whether a call was sent to a place twice. Two hits of one call count as
// sent twice if they differ at most in what is new in every hit: the time, a counter, a
// number that prevents caching, and an id. Two hits with the same id do not count: the
// receiver recognises the second one, for example as a retry of a failed request.

// part is the part of a hit that carries one call.
type part struct {
	hash uint64 // of everything except what is new in every hit
	id   string // the hit's own id, "" for none
}

// same tells whether two parts are the same data sent twice.
func (p part) same(other part) bool {
	return p.hash == other.hash && (p.id == "" || p.id != other.id)
}

func (j *Judge) part(v any) part {
	var p part
	raw, err := json.Marshal(withoutOwn(v, &p.id))
	if err != nil {
		return p // cannot be: it has been decoded
	}
	p.hash = maphash.Bytes(j.seed, raw)
	return p
}

var (
	// ids are names of members that hold a hit's id, in lower case and without
	// punctuation.
	ids = []string{"messageid", "eventid", "insertid", "dedupid", "dedupeid", "deduplicationid", "eid", "uuid"}
	// counters are names of members that count hits, or that prevent caching.
	counters = []string{"_s", "_et", "_z", "z", "_", "cb", "rand", "random", "rnd", "ord", "cachebuster", "nocache", "gtm.uniqueeventid"}
	// aClock matches a time: seconds since 1970, also in milliseconds or
	// microseconds, or a date. aDraw matches a result of Math.random.
	aClock = regexp.MustCompile(`^(?:1[4-9]\d{8}(?:\d{3}|\d{6})?(?:\.\d+)?|\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)?)$`)
	aDraw  = regexp.MustCompile(`^0\.\d{6,}$`)
)

// withoutOwn is data without what is new in every hit. It stores the hit's id in *id.
func withoutOwn(v any, id *string) any {
	switch v := v.(type) {
	case json.Number:
		if isOwn(v.String()) {
			return nil
		}
	case string:
		if isOwn(v) {
			return nil
		}
		if trimmed := strings.TrimSpace(v); trimmed != "" && (trimmed[0] == '{' || trimmed[0] == '[') {
			if inner, err := schema.Decode([]byte(trimmed)); err == nil {
				return withoutOwn(inner, id)
			}
		}
	case []any:
		kept := make([]any, len(v))
		for i, e := range v {
			kept[i] = withoutOwn(e, id)
		}
		return kept
	case map[string]any:
		kept := make(map[string]any, len(v))
		for name, e := range v {
			lower := strings.ToLower(name)
			text, isText := e.(string)
			switch {
			case slices.Contains(counters, lower):
			case isText && slices.Contains(ids, strings.NewReplacer("_", "", "-", "", "$", "").Replace(lower)):
				*id = max(*id, text) // the result must not depend on the order of members
			default:
				kept[name] = withoutOwn(e, id)
			}
		}
		return kept
	}
	return v
}

func isOwn(text string) bool { return aClock.MatchString(text) || aDraw.MatchString(text) }

// twiceWithin is within how many ms an equal hit counts as sent twice.
const twiceWithin = 2000

// maxCompared is how many hits of one call, and how many parts of one hit, are compared
// with each other at most.
const maxCompared = 1000

// twice looks for an equal hit of the call at the same place just before.
func (a *arrival) twice(others []*arrival) {
	for _, other := range others[max(0, len(others)-maxCompared):] {
		if a.doubled != nil {
			return
		}
		apart := max(a.time-other.time, other.time-a.time)
		if other.failed != 0 && other.failed <= a.time || a.failed != 0 && a.failed <= other.time {
			continue // the request failed, so this is a retry
		}
		if other.via == a.via && other.to == a.to && apart <= twiceWithin && slices.ContainsFunc(a.parts, func(p part) bool { return slices.ContainsFunc(other.parts, p.same) }) {
			a.doubled = other.hit
		}
	}
}

// partsOf are the parts of a hit that carry its calls: each value that was pushed, each
// element of a body that is a list, else the whole data. twice is h if it has one call
// twice, else nil.
func (j *Judge) partsOf(r *record.Record, data any, h *hit) (parts []part, twice *hit) {
	names := func(pointer string) bool {
		return slices.ContainsFunc(r.Handed.Carries, func(c record.Carried) bool {
			return c.What != "/1/client_uuid" && c.What != "/2/session_id" && (c.At == pointer || strings.HasPrefix(c.At, pointer+"/"))
		})
	}
	add := func(pointer string, data any, named bool) {
		if len(parts) == maxCompared || !named && !names(pointer) {
			return
		}
		one, again := j.part(data), 1
		for _, other := range parts {
			if one.same(other) {
				again++
			}
		}
		if parts = append(parts, one); again > h.calls {
			twice = h
		}
	}
	switch v := data.(type) {
	case []any:
		for i, pushed := range v {
			object, _ := pushed.(map[string]any)
			_, event := object["event"].(string)
			add("/"+strconv.Itoa(i), pushed, event && r.Handed.Because == record.DuringHandler)
		}
	case map[string]any:
		list, _ := v["body"].([]any)
		if len(list) < 2 {
			add("", v, false)
			break
		}
		for i, element := range list {
			add("/body/"+strconv.Itoa(i), []any{v["query"], element}, false)
		}
	}
	return parts, twice
}

// judgeDoubles finds the calls that arrived at one place twice.
func (k *known) judgeDoubles() {
	j, v := k.j, k.v
	type reach struct {
		call uint32
		via  record.Via
		to   string
	}
	often := map[reach]int{}
	for _, d := range v.doubled {
		often[reach{d.call, d.via, d.to}]++
	}
	for _, d := range v.doubled { // in order, so that the finding is on the first
		at := reach{d.call, d.via, d.to}
		if n := often[at]; n > 0 {
			k.tell(j.forwardedTwice(v.calls[d.call], d.arrival, n+1), v.calls[d.call])
			delete(often, at)
		}
	}
	k.awaitDoubles()
}

// lastLook is for how long after a call its hits are looked at again, in ms.
const lastLook = 60_000

// awaitDoubles notes the calls that are so recent that they may still arrive at a place
// twice.
func (k *known) awaitDoubles() {
	j, calls := k.j, k.v.calls
	for _, c := range slices.Backward(calls[max(0, len(calls)-maxLookedBack):]) {
		if k.over || c.time() < j.clock-lastLook {
			return
		}
		if j.origin(c).document.unfollowed != "" {
			continue
		}
		until := c.time() + twiceWithin + settleWithin
		if j.following != nil {
			for _, a := range j.following.hits[j.keyOf(c)] {
				until = max(until, a.time+twiceWithin+settleWithin)
			}
		}
		k.await(inspect.ForwardedTwice, c, "if it arrives twice at one place", hold{open: j.clock < until, until: until})
	}
}

func (j *Judge) forwardedTwice(c call, a *arrival, often int) Finding {
	event, to := words.Shown(j.names.text(c.event)), words.Place(a.to)
	apart := "at once"
	if ms := max(a.time-a.doubled.time, a.doubled.time-a.time); ms > 0 {
		apart = span(ms) + " apart"
	}
	return verdict(inspect.ForwardedTwice, record.Finding{
		Message:  fmt.Sprintf("%s reached %s %s with equal data, %s: it is counted more than once. Check whether the site's function hands it on twice, or a tag manager has the same tag twice.", event, to, words.Times(often), apart),
		Expected: event + " once at " + to,
		Actual:   words.Times(often),
		Demand:   "equal data of one call at one place within " + span(twiceWithin),
	})
}
