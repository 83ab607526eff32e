package filter_test

import (
	"encoding/json"
	"testing"

	"userlike-inspector/nativehost/internal/filter"
	"userlike-inspector/nativehost/internal/record"
)

// A filter made by Calls matches the calls that fit, in the store as in records, also within
// another filter.
func TestCalls(t *testing.T) {
	simulated := &record.Record{
		V:         record.Version,
		Kind:      record.Call,
		ID:        "simulated",
		Simulated: true,
		Time:      record.At(now),
		Args:      json.RawMessage(`["chat_started",{},{}]`),
	}
	all := append(recording(), simulated)
	s := storedOf(t, all)
	f := filter.Calls("those", func(r *record.Record) bool {
		if r.Kind != record.Call || r.Simulated {
			t.Errorf("%s, which is no call of the client, was tried", r.ID)
		}
		return r.ID != "plain"
	})
	agreesOn(t, s, f, all)
	within := f.Within(parsed(t, "event:chat_*"))
	agreesOn(t, s, within, all)
	if f.Name() != "those" || f.String() != "" || within.Name() != "those" {
		t.Errorf("it is called %q and %q within another, its text is %q", f.Name(), within.Name(), f.String())
	}
	some := 0
	for _, r := range all {
		want := r.Kind == record.Call && !r.Simulated && r.ID != "plain"
		if f.Match(r) != want {
			t.Errorf("%s matches: %t", r.ID, !want)
		}
		if want {
			some++
		}
	}
	if some < 2 {
		t.Fatal("the recording is not fit for this test")
	}
}
