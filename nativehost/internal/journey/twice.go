package journey

import (
	"encoding/json"
	"fmt"
	"hash/maphash"
	"net/url"
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
	at   string // JSON Pointer into the hit's data
}

// same tells whether two parts are the same data sent twice.
func (p part) same(other part) bool {
	return p.hash == other.hash && (p.id == "" || p.id != other.id)
}

// with is a part together with what is beside it in the hit.
func (p part) with(beside part) part {
	return part{p.hash*31 + beside.hash, max(p.id, beside.id), p.at}
}

// part makes the part of a hit that is v, at a place of its data.
func (j *Judge) part(v any, at string, h *hit) part {
	own := own{sent: h.time}
	if h.via == record.Request {
		own.counters = j.following.known.Counters(h.system)
	}
	raw, err := json.Marshal(own.without(v))
	if err != nil {
		return part{} // cannot be: it has been decoded
	}
	return part{maphash.Bytes(j.seed, raw), own.id, at}
}

// own is what is new in every hit.
type own struct {
	sent     int64    // when the hit was sent, in ms
	counters []string // parameters of the system that are new in every request
	id       string   // the hit's own id, once it was found
}

var (
	// ids are names of members that hold a hit's id, in lower case and without
	// punctuation.
	ids = []string{"messageid", "eventid", "insertid", "dedupid", "dedupeid", "deduplicationid", "eid", "uuid"}
	// counters are names of members that count hits, or that prevent caching, whatever the
	// system.
	counters = []string{"_s", "_et", "_z", "z", "_", "cb", "rand", "random", "rnd", "ord", "cachebuster", "nocache", "gtm.uniqueeventid"}
	// aDate matches a time as a date, aClock as a number: seconds since 1970, also in
	// milliseconds or microseconds. aDraw matches a result of Math.random.
	aDate  = regexp.MustCompile(`^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)?$`)
	aClock = regexp.MustCompile(`^1\d{9}(?:\d{3}|\d{6})?(?:\.\d+)?$`)
	aDraw  = regexp.MustCompile(`^0\.\d{6,}$`)
)

// aroundSent is how far from when a hit was sent the times in it can be, in ms. Numbers of
// accounts look like times, but hardly ever like one of the same day.
const aroundSent = 24 * 60 * 60 * 1000

// without is data without what is new in every hit.
func (o *own) without(v any) any {
	switch v := v.(type) {
	case json.Number:
		if o.is(v.String()) {
			return nil
		}
	case string:
		if o.is(v) {
			return nil
		}
		if trimmed := strings.TrimSpace(v); trimmed != "" && (trimmed[0] == '{' || trimmed[0] == '[') {
			if inner, err := schema.Decode([]byte(trimmed)); err == nil {
				values := own{sent: o.sent} // of the site, not parameters
				kept := values.without(inner)
				o.id = max(o.id, values.id)
				return kept
			}
		}
		if isQuery(v) {
			if query, err := url.ParseQuery(v[1:]); err == nil {
				inner := make(map[string]any, len(query))
				for name, values := range query {
					inner[name] = strings.Join(values, "&")
				}
				return o.without(inner)
			}
		}
	case []any:
		kept := make([]any, len(v))
		for i, e := range v {
			kept[i] = o.without(e)
		}
		return kept
	case map[string]any:
		kept := make(map[string]any, len(v))
		for name, e := range v {
			lower := strings.ToLower(name)
			text, isText := e.(string)
			switch {
			case slices.Contains(counters, lower), slices.Contains(o.counters, name):
			case isText && slices.Contains(ids, strings.NewReplacer("_", "", "-", "", "$", "").Replace(lower)):
				o.id = max(o.id, text) // the result must not depend on the order of members
			default:
				kept[name] = o.without(e)
			}
		}
		return kept
	}
	return v
}

// is tells whether a text is a time at which the hit may have been made, or a number that
// was drawn.
func (o *own) is(text string) bool {
	if aDate.MatchString(text) || aDraw.MatchString(text) {
		return true
	}
	if !aClock.MatchString(text) {
		return false
	}
	digits, _, _ := strings.Cut(text, ".")
	ms, err := strconv.ParseInt((digits + "000")[:13], 10, 64)
	return err == nil && max(ms-o.sent, o.sent-ms) < aroundSent
}

// twiceWithin is within how many ms an equal hit counts as sent twice.
const twiceWithin = 2000

// maxCompared is how many hits of one call, and how many parts of one hit, are compared
// with each other at most.
const maxCompared = 1000

// twice looks for an equal hit of the call at the same place just before. ofCall tells whether
// a part is that call's.
func (a *arrival) twice(others []*arrival, ofCall func(part) bool) {
	if slices.ContainsFunc(a.double, ofCall) {
		a.doubled = a.hit
	}
	for _, other := range others[max(0, len(others)-maxCompared):] {
		if a.doubled != nil {
			return
		}
		apart := max(a.time-other.time, other.time-a.time)
		if other.failed != 0 && other.failed <= a.time || a.failed != 0 && a.failed <= other.time {
			continue // the request failed, so this is a retry
		}
		if other.place == a.place && apart <= twiceWithin && slices.ContainsFunc(a.parts, func(p part) bool { return slices.ContainsFunc(other.parts, p.same) && ofCall(p) }) {
			a.doubled = other.hit
		}
	}
}

// judgeDoubles finds the calls that arrived at one place twice.
func (k *known) judgeDoubles() {
	j, v := k.j, k.v
	type reach struct {
		call  uint32
		place string
	}
	often := map[reach]int{}
	for _, d := range v.doubled {
		often[reach{d.call, d.place}]++
	}
	for _, d := range v.doubled { // in order, so that the finding is on the first
		at := reach{d.call, d.place}
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
