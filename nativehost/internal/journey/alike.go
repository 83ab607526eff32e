package journey

import (
	"encoding/json"
	"hash/maphash"
	"regexp"
	"slices"
	"strings"

	"userlike-inspector/schema"
)

// Two hits of one call are the same one sent twice where they differ at most in what
// every hit has of its own: when it was sent, a number that counts or that keeps caches
// away, and an id of its own. One with the id of another is no second one: whoever
// receives it knows it again, as after a request that failed.

// part is what of a hit carries a call.
type part struct {
	hash uint64 // of all but what is its own
	id   string // that it has of its own, "" for none
}

// same tells whether two parts are the same data, sent twice.
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
	// ids are members that give a hit an id, in lower case and without punctuation.
	ids = []string{"messageid", "eventid", "insertid", "dedupid", "dedupeid", "deduplicationid", "eid", "uuid"}
	// counters are members that count hits, or keep caches from answering.
	counters = []string{"_s", "_et", "_z", "z", "_", "cb", "rand", "random", "rnd", "ord", "cachebuster", "nocache", "gtm.uniqueeventid"}
	// aClock is a time as texts and numbers have it: since 1970 in seconds, or smaller
	// parts of these, or by the calendar. aDraw is what Math.random gives.
	aClock = regexp.MustCompile(`^(?:1[4-9]\d{8}(?:\d{3}|\d{6})?(?:\.\d+)?|\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)?)$`)
	aDraw  = regexp.MustCompile(`^0\.\d{6,}$`)
)

// withoutOwn is data without what a hit has of its own; its id is noted.
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
				*id = max(*id, text) // whatever the members' order
			default:
				kept[name] = withoutOwn(e, id)
			}
		}
		return kept
	}
	return v
}

func isOwn(text string) bool { return aClock.MatchString(text) || aDraw.MatchString(text) }
