package record_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/record"
)

// lines are records of every kind as Encode writes them.
var lines = []string{
	`{"v":1,"kind":"call","id":"5f0c/7","seq":7,"time":"2026-11-22T10:13:04.123Z",` +
		`"received":"2026-11-22T10:13:04.131Z","browser":{"name":"Chromium","version":"156.0","profile":"9a"},"tab":12,` +
		`"frame":0,"document":"5f0c","url":"https://shop.example/a?b=<c>&d","top_url":"https://shop.example/",` +
		`"title":"Shop","args":["chat_started",{"client_uuid":"u"},{"session_id":"s","chat_id":null}],` +
		`"notes":[{"at":"/2/chat_id","is":"undefined"},{"at":"/1/x","is":"bigint","text":"12"}],` +
		`"handler":{"state":"assigned","threw":"TypeError: x"},` +
		`"findings":[{"rule":"wrong-type","severity":"error","at":"/1/operator_group_id","message":"It is a string.",` +
		`"expected":"integer","actual":"string","demand":"catalogue"}]}`,
	`{"v":1,"kind":"call","id":"d/1","seq":1,"time":"0000-01-01T00:00:00.000Z","args":[]}`,
	`{"v":1,"kind":"page","id":"d/2","seq":2,"time":"2026-11-22T10:13:04.120Z","tab":0,"event":"opened","hooked_from_start":false}`,
	`{"v":1,"kind":"handler","id":"d/3","seq":3,"time":"2026-11-22T10:13:04.000Z","state":"shadowed","text":"let, const or class declares it"}`,
	`{"v":1,"kind":"client","id":"d/4","seq":4,"time":"2026-11-22T10:13:04.000Z","state":"framed","text":"its frame"}`,
	`{"v":1,"kind":"gap","id":"d/5","seq":5,"time":"2026-11-22T10:13:04.000Z","lost":3,"why":"paused by the tester"}`,
	`{"v":1,"kind":"mark","id":"m/1","seq":1,"time":"9999-12-31T23:59:59.999Z","text":"login\u0000 \u2028 ü"}`,
	`{"v":1,"kind":"hit","id":"5f0c/hit-7","seq":0,"time":"2026-11-22T10:13:05.000Z","tab":12,"frame":0,` +
		`"document":"5f0c","notes":[{"at":"/body","is":"truncated","text":"100000"}],"hit":{"via":"request",` +
		`"to":"https://www.google-analytics.com/g/collect","system":"Google Analytics 4","method":"POST","type":"beacon",` +
		`"because":"content","calls":["5f0c/7"],"carries":[{"what":"/0","at":"/query/ep.ChatAction"},` +
		`{"what":"/2/client_email","at":"/body/0/em","as":"sha256"}],"data":{"query":{"en":"Userlike_Action"},"body":"…"}}}`,
	`{"v":1,"kind":"call","id":"5f0c/9","seq":9,"time":"2026-11-22T10:13:05.000Z","args":["chat_started"],"simulated":true}`,
	`{"v":1,"kind":"hit","id":"5f0c/hit-8","seq":0,"time":"2026-11-22T10:13:05.000Z",` +
		`"hit":{"via":"request","to":"https://stats.example/","because":"time","calls":["5f0c/7"],"unreadable":true}}`,
}

func TestDecodeEncodeGivesTheLineBack(t *testing.T) {
	for _, line := range lines {
		r, err := record.Decode([]byte(line))
		if err != nil {
			t.Fatalf("%s\n%v", line, err)
		}
		b, err := record.Encode(r)
		if err != nil {
			t.Fatalf("%s\n%v", line, err)
		}
		if string(b) != line {
			t.Errorf("got  %s\nwant %s", b, line)
		}
	}
}

func TestEveryKindHasALine(t *testing.T) {
	seen := map[record.Kind]bool{}
	for _, line := range lines {
		r, err := record.Decode([]byte(line))
		if err != nil {
			t.Fatal(err)
		}
		seen[r.Kind] = true
	}
	for _, kind := range record.Kinds {
		if !seen[kind] {
			t.Errorf("no record of kind %q", kind)
		}
	}
}

// with is a valid call with one member set to a JSON value, or removed for "".
func with(t *testing.T, member, value string) []byte {
	t.Helper()
	m := map[string]json.RawMessage{}
	if err := json.Unmarshal([]byte(lines[0]), &m); err != nil {
		t.Fatal(err)
	}
	if value == "" {
		delete(m, member)
	} else {
		m[member] = json.RawMessage(value)
	}
	b, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestDecodeSaysWhatIsWrongAndWhere(t *testing.T) {
	tests := []struct {
		name string
		in   []byte
		want []string // each is part of the error
	}{
		{"empty", nil, []string{"not a JSON object", "byte 0"}},
		{"syntax", []byte(`{"v":1,"kind":}`), []string{"not a JSON object", "'}'", "byte 15"}},
		{"an apostrophe", []byte(`{'v':1}`), []string{"not a JSON object: unexpected ' at byte 2"}},
		{"cut", []byte(lines[0][:100]), []string{"not a JSON object", "byte 100"}},
		{"two", []byte(lines[1] + lines[1]), []string{"not a JSON object", "byte 8"}},
		{"not UTF-8", []byte("{\"v\":1,\"title\":\"\xff\"}"), []string{"UTF-8"}},
		{"array", []byte(`[1]`), []string{"JSON array", "object"}},
		{"null", []byte(`null`), []string{`"v": 1`}},
		{"too deep", []byte(strings.Repeat("[", 20000)), []string{"not a JSON object", "nested too deep at byte 10001"}},
		{"no version", with(t, "v", ""), []string{`"v": 1`}},
		{"version of another type", with(t, "v", `"1"`), []string{`"v"`, "string", "number"}},
		{"negative version", with(t, "v", `-1`), []string{"version -1"}},
		{"newer", with(t, "v", `2`), []string{"version 2", "reads 1", "update"}},
		{"no kind", with(t, "kind", ""), []string{`5f0c/7`, `"kind"`}},
		{"unknown kind", with(t, "kind", `"dance"`), []string{"5f0c/7", `"dance"`}},
		{"no id", with(t, "id", ""), []string{`"id"`}},
		{"long id", with(t, "id", `"`+strings.Repeat("x", 201)+`"`), []string{"201", "200"}},
		{"no time", with(t, "time", ""), []string{"5f0c/7", `"time"`}},
		{"time is null", with(t, "time", "null"), []string{`"time"`, `""`}},
		{"not a time", with(t, "time", `"today"`), []string{`"time"`, `"today"`, "2026-11-22T10:13:04.123Z"}},
		{"time is a number", with(t, "time", `12`), []string{`"time"`, "string"}},
		{"not a time of receipt", with(t, "received", `"today"`), []string{`"received"`, `"today"`}},
		{"before year 0", with(t, "time", `"0000-01-01T00:00:00+01:00"`), []string{`"time"`, "years 0 to 9999"}},
		{"negative seq", with(t, "seq", `-7`), []string{"5f0c/7", "-7"}},
		{"hit without its body", with(t, "kind", `"hit"`), []string{"5f0c/7", `"hit"`}},
		{
			name: "hit of no call",
			in:   []byte(`{"v":1,"kind":"hit","id":"d/hit-1","seq":0,"time":"2026-11-22T10:13:04Z","hit":{"via":"queue","to":"dataLayer","calls":[]}}`),
			want: []string{"d/hit-1", "no call"},
		},
		{
			name: "hit by an unknown way",
			in:   []byte(`{"v":1,"kind":"hit","id":"d/hit-1","seq":0,"time":"2026-11-22T10:13:04Z","hit":{"via":"smoke","to":"dataLayer","calls":["d/1"]}}`),
			want: []string{"d/hit-1", `"smoke"`},
		},
		{
			name: "hit to nowhere",
			in:   []byte(`{"v":1,"kind":"hit","id":"d/hit-1","seq":0,"time":"2026-11-22T10:13:04Z","hit":{"via":"queue","calls":["d/1"]}}`),
			want: []string{"d/hit-1", `"to"`},
		},
		{"seq is not whole", with(t, "seq", `1.5`), []string{`"seq"`, "1.5", "whole number"}},
		{"seq too great", with(t, "seq", `1e300`), []string{`"seq"`, "1e300"}},
		{"tab is text", with(t, "tab", `"12"`), []string{`"tab"`, "string"}},
		{"browser's name", with(t, "browser", `{"name":1}`), []string{`"browser.name"`, "number", "a string"}},
		{"browser is text", with(t, "browser", `"Firefox"`), []string{`"browser"`, "string", "an object"}},
		{"notes are an object", with(t, "notes", `{}`), []string{`"notes"`, "object", "an array"}},
		{"handler at a call", with(t, "handler", `"assigned"`), []string{`"handler"`, "string"}},
		{"hooked", with(t, "hooked_from_start", `1`), []string{`"hooked_from_start"`, "true or false"}},
		{"call without args", with(t, "args", ""), []string{"5f0c/7", `"args"`}},
		{"args are an object", with(t, "args", `{}`), []string{"5f0c/7", `"args"`}},
		{"args are null", with(t, "args", `null`), []string{"5f0c/7", `"args"`}},
		{
			name: "severity",
			in:   with(t, "findings", `[{"rule":"a","severity":"info","message":""},{"rule":"b","severity":"fatal","message":""}]`),
			want: []string{"5f0c/7", `"fatal"`, "finding 1"},
		},
		{"page", with(t, "kind", `"page"`), []string{"page", "5f0c/7", `"event"`}},
		{"handler", with(t, "kind", `"handler"`), []string{"handler", "5f0c/7", `"state"`}},
		{"gap", with(t, "kind", `"gap"`), []string{"gap", "5f0c/7", `"why"`}},
		{"mark", with(t, "kind", `"mark"`), []string{"mark", "5f0c/7", `"text"`}},
		{
			name: "gap lost",
			in:   []byte(`{"v":1,"kind":"gap","id":"g","seq":1,"time":"2026-11-22T10:13:04Z","lost":-1,"why":"w"}`),
			want: []string{`"g"`, "-1"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r, err := record.Decode(test.in)
			if err == nil {
				t.Fatalf("decoded as %+v", r)
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q does not say %q", err, want)
				}
			}
		})
	}
}

func TestDecodeTellsNewerRecordsApart(t *testing.T) {
	for _, line := range []string{
		`{"v":2,"kind":"call"}`,
		`{"kind":["call"],"time":{},"v":2}`, // of other types
	} {
		if _, err := record.Decode([]byte(line)); !errors.Is(err, record.ErrNewer) {
			t.Errorf("%s: %v", line, err)
		}
	}
	if _, err := record.Decode([]byte(`{"v":1,"kind":["call"]}`)); err == nil || errors.Is(err, record.ErrNewer) {
		t.Errorf("a broken record of this version: %v", err)
	}
}

func TestEncodeRefusesWhatDecodeWould(t *testing.T) {
	valid := func() *record.Record {
		return &record.Record{V: 1, Kind: record.Call, ID: "d/1", Seq: 1, Time: record.At(time.UnixMilli(1)), Args: json.RawMessage(`[ 1 ]`)}
	}
	if b, err := record.Encode(valid()); err != nil || !bytes.Contains(b, []byte(`"args":[1]}`)) {
		t.Fatalf("%s, %v", b, err)
	}
	tests := []struct {
		name   string
		damage func(*record.Record)
		want   string
	}{
		{"version", func(r *record.Record) { r.V = 0 }, `"v": 1`},
		{"id", func(r *record.Record) { r.ID = "" }, `"id"`},
		{"args", func(r *record.Record) { r.Args = nil }, `"args"`},
		{"syntax of args", func(r *record.Record) { r.Args = json.RawMessage(`[1`) }, `"d/1"`},
		{"bytes of args", func(r *record.Record) { r.Args = json.RawMessage("[\"\xff\"]") }, "UTF-8"},
		{"time", func(r *record.Record) { r.Time = record.At(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)) }, "years 0 to 9999"},
		{"severity", func(r *record.Record) { r.Findings = []record.Finding{{Rule: "a"}} }, "severity"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := valid()
			test.damage(r)
			b, err := record.Encode(r)
			if err == nil {
				t.Fatalf("encoded as %s", b)
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %q does not say %q", err, test.want)
			}
		})
	}
}

func TestTimesAreUTCMilliseconds(t *testing.T) {
	r, err := record.Decode([]byte(`{"v":1,"kind":"client","id":"d/1","seq":1,"time":"2026-11-22T12:13:04.123999+02:00"}`))
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Time.String(); got != "2026-11-22T10:13:04.123Z" {
		t.Error(got)
	}
}

func TestWorst(t *testing.T) {
	finding := func(s record.Severity) record.Finding { return record.Finding{Severity: s} }
	tests := []struct {
		findings []record.Finding
		want     record.Severity
	}{
		{nil, ""},
		{[]record.Finding{finding(record.Info)}, record.Info},
		{[]record.Finding{finding(record.Info), finding(record.Error), finding(record.Warning)}, record.Error},
	}
	for _, test := range tests {
		if got := record.Worst(test.findings); got != test.want {
			t.Errorf("worst of %v is %q, not %q", test.findings, got, test.want)
		}
	}
}

func TestEventNameAndSessionID(t *testing.T) {
	tests := []struct{ kind, args, event, session string }{
		{"call", `["chat_started",{},{"session_id":"s"}]`, "chat_started", "s"},
		{"call", `["chat_started",{"session_id":"no"},{"Session_ID":"no","session_id":5}]`, "chat_started", ""},
		{"call", `["a\u0000b",{},null]`, "a\x00b", ""},
		{"call", `[]`, "", ""},
		{"call", `[null,null,{"session_id":"s"}]`, "", "s"},
		{"call", `[{"name":"x"},1,[]]`, "", ""},
		{"client", `["chat_started",{},{"session_id":"s"}]`, "", ""},
	}
	for _, test := range tests {
		r := &record.Record{Kind: record.Kind(test.kind), Args: json.RawMessage(test.args)}
		if event, session := r.EventName(), r.SessionID(); event != test.event || session != test.session {
			t.Errorf("%s %s: event %q and session %q, not %q and %q", test.kind, test.args, event, session, test.event, test.session)
		}
	}
}

func TestSite(t *testing.T) {
	tests := []struct{ url, top, want string }{
		{"https://shop.example/a?b=http://c", "https://other.example/", "https://shop.example"},
		{"http://127.0.0.1:8080", "", "http://127.0.0.1:8080"},
		{"http://[::1]:8080/%zz", "", "http://[::1]:8080"},
		{"https://user:p@ss@shop.example#x", "", "https://shop.example"},
		{"about:srcdoc", "https://shop.example/x", "https://shop.example"},
		{"about:blank", "", ""},
		{"blob:https://shop.example/9c1e", "", "https://shop.example"},
		{"data:text/html,https://evil.example/", "https://shop.example/", "https://shop.example"},
		{"file:///home/a/page.html", "", "file://"},
		{"https://?x", "", ""},
		{"", "", ""},
	}
	for _, test := range tests {
		r := &record.Record{URL: test.url, TopURL: test.top}
		if got := r.Site(); got != test.want {
			t.Errorf("site of %q in %q is %q, not %q", test.url, test.top, got, test.want)
		}
	}
}

// FuzzDecode: whatever the bytes, Decode gives an error or a record that Encode
// writes and Decode reads back the same, byte for byte from then on.
func FuzzDecode(f *testing.F) {
	for _, line := range lines {
		f.Add([]byte(line))
	}
	f.Add([]byte(`{"v":1,"V":2,"kind":"call","id":"\ud800","seq":0,"time":"2026-01-01T00:00:00+23:59",` +
		`"args": [ "\ud800", 1e999, -0 ] ,"notes":[],"browser":{},"handler":{}}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		first, err := record.Decode(in)
		if err != nil {
			if first != nil || err.Error() == "" {
				t.Fatalf("record %v with error %q", first, err)
			}
			return
		}
		line, err := record.Encode(first)
		if err != nil {
			t.Fatalf("%q decodes but does not encode: %v", in, err)
		}
		if bytes.ContainsAny(line, "\n\r") {
			t.Fatalf("%q is not one line", line)
		}
		second, err := record.Decode(line)
		if err != nil {
			t.Fatalf("%q does not decode: %v", line, err)
		}
		again, err := record.Encode(second)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(line, again) {
			t.Fatalf("%q becomes %q", line, again)
		}
		if first.EventName() != second.EventName() || first.SessionID() != second.SessionID() || first.Site() != second.Site() {
			t.Fatalf("%q says other things than %q", line, in)
		}
		// What Encode does not keep: white space in args and data, and empty lists.
		first.Args, second.Args = nil, nil
		for _, r := range []*record.Record{first, second} {
			if h := r.Handed; h != nil {
				h.Data = nil
				h.Carries = append([]record.Carried(nil), h.Carries...)
			}
		}
		if len(first.Notes) == 0 {
			first.Notes = nil
		}
		if len(first.Findings) == 0 {
			first.Findings = nil
		}
		if !reflect.DeepEqual(first, second) {
			t.Fatalf("%+v becomes %+v", first, second)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	line := []byte(lines[0])
	b.SetBytes(int64(len(line)))
	for b.Loop() {
		if _, err := record.Decode(line); err != nil {
			b.Fatal(err)
		}
	}
}
