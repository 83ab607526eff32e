// Package recordtest checks the records that tests make: a test must not use a
// record that the extension and the host would never write.
package recordtest

import (
	"bytes"
	"encoding/json"
	"sync"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/schema"
)

var made = sync.OnceValues(func() (*schema.Schema, error) { return schema.Compile(schema.Record + "#/$defs/made") })

// Made returns the records, and fails the test unless this version's extension or
// host could have written each of them. Members that every record has may be
// absent, so that a test can leave out what it does not need.
func Made(t testing.TB, records ...*record.Record) []*record.Record {
	t.Helper()
	s, err := made()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		whole := *r
		if whole.V == 0 {
			whole.V = record.Version
		}
		if whole.ID == "" {
			whole.ID = "d/1"
		}
		if whole.Time.IsZero() {
			whole.Time = record.At(time.Unix(0, 0))
		}
		raw, err := record.Encode(&whole)
		if err != nil {
			t.Errorf("no record: %v", err)
			continue
		}
		d := json.NewDecoder(bytes.NewReader(raw))
		d.UseNumber()
		var v any
		if err := d.Decode(&v); err != nil {
			t.Fatal(err)
		}
		for _, violation := range s.Check(v) {
			t.Errorf("neither extension nor host writes this: %s at %q in %s", violation.Keyword, violation.At, raw)
		}
	}
	return records
}
