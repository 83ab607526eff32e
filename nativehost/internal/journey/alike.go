package journey

import (
	"encoding/json"
	"fmt"
	"hash/maphash"
	"regexp"
	"slices"
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

func (j *Judge) duplicate(c call, after int64) Finding {
	event := words.Shown(j.names.text(c.event))
	return verdict(inspect.DuplicateEvent, record.Finding{
		Message:  fmt.Sprintf("%s came again after %s with equal arguments, in the same document. Check whether the widget is loaded twice or the call is made twice: it would be counted twice.", event, span(after)),
		Expected: "each event once",
		Actual:   "the same call after " + span(after),
		Demand:   "two equal calls of one document within " + span(duplicateWithin),
	})
}
