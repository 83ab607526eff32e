// Package recordtest keeps fixtures honest: what a test puts into a record is to
// be what the extension and the host write.
package recordtest

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/schema"
)

// Made fails the test unless this version's extension or host could have made
// each record. Members that every record has may be absent: tests leave out what
// they are not about. It gives the records back.
func Made(t testing.TB, records ...*record.Record) []*record.Record {
	t.Helper()
	s, err := schema.Compile(schema.Record + "#/$defs/made")
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
