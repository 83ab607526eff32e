package wire_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/wire"
)

// A record that is too deep, or no JSON at all, leaves the others what they are.
func TestDecodeKeepsRecordsApart(t *testing.T) {
	good := `{"id":"d/1","a":"]}, \" \\"}`
	deep := `{"id":"d/2","args":` + strings.Repeat("[", 10_001) + strings.Repeat("]", 10_001) + `}`
	for name, bad := range map[string]string{"deep": deep, "no JSON": `{"id":"d/2","args":[nul, 'a']}`, "a number": "1.2.3", "a word": "undefined"} {
		m, err := wire.Decode([]byte(` { "records" : [ ` + good + " ,\n" + bad + "," + good + `] , "type":"records" } `))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if m.Type != wire.Records || len(m.Records) != 3 || string(m.Records[0]) != good || string(m.Records[1]) != bad || string(m.Records[2]) != good {
			t.Errorf("%s: %d records", name, len(m.Records))
		}
	}
	if members, ok := wire.Members([]byte(deep)); !ok || string(members["id"]) != `"d/2"` {
		t.Errorf("%s", members["id"])
	}
	for _, frame := range []string{
		"",
		"{",
		"[]",
		`{"type":"records"`,
		`{"type":"records","records":{}}`,
		`{"type":"records","records":["]}`,
		`{"type":5}`,
		`{"type":"hello","protocol":"1"}`,
	} {
		if m, err := wire.Decode([]byte(frame)); err == nil {
			t.Errorf("%s is %+v", frame, m)
		}
	}
}

// What encoding/json reads, Members reads as well.
func FuzzMembers(f *testing.F) {
	for _, s := range []string{`{}`, `{"a":1,"b":[{"c":"\"}"}],"a":null}`, ` { "" : "" } `, `{"a":1,}`, `{"a"}`, `{"\u0061":[[]]}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		members, ok := wire.Members(b)
		var want map[string]json.RawMessage
		if json.Unmarshal(b, &want) != nil || want == nil {
			return
		}
		if !ok || len(members) != len(want) {
			t.Fatalf("%q has %v, not %v", b, members, want)
		}
		for name, value := range want {
			if !reflect.DeepEqual(strings.TrimSpace(string(members[name])), strings.TrimSpace(string(value))) {
				t.Fatalf("%q: %q is %q, not %q", b, name, members[name], value)
			}
		}
	})
}
