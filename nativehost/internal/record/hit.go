package record

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"userlike-inspector/nativehost/internal/words"
)

// Handed is what a page passed on to a tracking system because of calls: the body
// of a Hit record. The record's Notes point into Data.
type Handed struct {
	Via Via `json:"via"`
	// To is a queue's name ("dataLayer") or a request's address without its query
	// and fragment.
	To string `json:"to"`
	// System is the tracking system's name where it is known.
	System string `json:"system,omitempty"`
	Method string `json:"method,omitempty"` // a request's
	Type   string `json:"type,omitempty"`   // a request's, in the browser's word: beacon, image …

	Because Because `json:"because"`
	// Calls are the ids of the calls that it belongs to, oldest first.
	Calls []string `json:"calls"`
	// Carries says what of these calls is in Data.
	Carries []Carried `json:"carries,omitempty"`

	// Data is, for a queue, the array of what was pushed, written as Args are; for a
	// request {"query": …, "body": …}. A body that the browser does not show is
	// absent, and Unreadable is set.
	Data       json.RawMessage `json:"data,omitempty"`
	Unreadable bool            `json:"unreadable,omitempty"`

	// Failed is when a request failed: no answer came, or the server answered with an
	// error. It is nil where no failure was seen.
	Failed *Time `json:"failed,omitempty"`
}

// Carried is one value of a call within a hit's data.
type Carried struct {
	What string `json:"what"` // JSON Pointer into the call's arguments
	At   string `json:"at"`   // JSON Pointer into the hit's data
	As   Form   `json:"as,omitempty"`
}

// Via is the way that a hit took.
type Via string

// The ways of hits.
const (
	Queue   Via = "queue"
	Request Via = "request"
)

// Because says why a hit belongs to its calls.
type Because string

// The reasons, the surest first.
const (
	DuringHandler Because = "handler" // pushed while the site's function ran the call
	ByContent     Because = "content" // it carries something that only these calls have
	ByTime        Because = "time"    // soon after the call, to a place where calls go
)

// Form is how a value is written in a hit. "" means unchanged, as in the call.
type Form string

// The forms besides the plain one. Hashes are of the trimmed, lower-cased value,
// in hex.
const (
	Base64 Form = "base64"
	SHA256 Form = "sha256"
	SHA1   Form = "sha1"
	MD5    Form = "md5"
)

// Hash is a hash of a value, as tracking systems write it.
type Hash struct {
	Form    Form
	Text    string
	AnyCase bool // it is in hex, so that its case does not matter
}

// Hashes are the hashes of a value. SHA-256 is there in base64 too, without padding, in the
// alphabets for addresses and for texts: Google's tags write em=tv.1~em.z-AN3kbvlCY….
func Hashes(value string) []Hash {
	b := []byte(strings.ToLower(strings.TrimSpace(value)))
	h256, h1, h5 := sha256.Sum256(b), sha1.Sum(b), md5.Sum(b)
	return []Hash{
		{SHA256, hex.EncodeToString(h256[:]), true},
		{SHA1, hex.EncodeToString(h1[:]), true},
		{MD5, hex.EncodeToString(h5[:]), true},
		{SHA256, base64.RawURLEncoding.EncodeToString(h256[:]), false},
		{SHA256, base64.RawStdEncoding.EncodeToString(h256[:]), false},
	}
}

// check returns an error that says which part of a hit is missing or wrong.
func (h *Handed) check(id string) error {
	switch {
	case h == nil:
		return fmt.Errorf(`hit record %s has no "hit"`, words.Quote(id))
	case h.Via != Queue && h.Via != Request:
		return fmt.Errorf("hit record %s has the unknown via %s", words.Quote(id), words.Quote(string(h.Via)))
	case h.To == "":
		return fmt.Errorf(`hit record %s has no "to"`, words.Quote(id))
	case len(h.Calls) == 0:
		return fmt.Errorf("hit record %s belongs to no call", words.Quote(id))
	}
	return nil
}
