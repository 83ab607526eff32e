package hits_test

import (
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/hits"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/systems"
	"userlike-inspector/nativehost/internal/wire"
	"userlike-inspector/schema"
)

// sound checks what is true of every hit: it can be stored and read back, its size is
// limited, and its pointers lead to something.
func sound(t *testing.T, r *record.Record) {
	t.Helper()
	line, err := record.Encode(r)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := record.Decode(line); err != nil {
		t.Fatalf("%v in %.300s", err, line)
	}
	if r.Handed.Via == record.Request && len(r.Handed.Data) > 64<<10 {
		t.Errorf("%d bytes of data", len(r.Handed.Data))
	}
	data, err := schema.Decode(r.Handed.Data)
	if err != nil {
		t.Fatalf("%v in %.300s", err, r.Handed.Data)
	}
	leads := func(what, at string) {
		tokens, ok := schema.Tokens(at)
		if _, found := schema.Lookup(data, tokens); !ok || !found {
			t.Errorf("%s %.300q leads nowhere in %.300s", what, at, r.Handed.Data)
		}
	}
	for _, n := range r.Notes {
		leads("note", n.At)
	}
	for _, c := range r.Handed.Carries {
		leads("what is carried", c.At)
	}
}

// Whatever a page sends, hits have a limited size, and notes say what was cut.
func TestHostileRequests(t *testing.T) {
	const to = "https://collect.example/?e=chat_started"
	deep := func(n int) string { return strings.Repeat(`{"a":[`, n) + `"chat_started"` + strings.Repeat(`]}`, n) }
	var names strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&names, "&n%d=%d", i, i)
	}
	var list strings.Builder
	for i := range 30_000 {
		fmt.Fprintf(&list, `{"i":%d},`, i)
	}
	for name, c := range map[string]struct {
		to, body string
		size     int64
		notes    string // the first ones
		carries  string // besides the name in the address
	}{
		"a long path and a long body": {
			to:   "https://collect.example/chat_started/" + strings.Repeat("\"", 50_000) + "?e=chat_started",
			body: strings.Repeat("b", 100_000),
			size: 0,
			notes: "/path truncated 50014\n" +
				"/body truncated 100000",
			carries: " /0=/query/e /0=/path",
		},
		"10 000 deep":             {to, deep(5000), 0, "/body" + strings.Repeat("/a/0", 32) + " truncated ", ""},
		"deeper than JSON may be": {to, strings.Repeat("[", 100_000), 0, "/body truncated 100000", ""},
		"100 000 names":           {to + names.String(), "", 0, "/query truncated 100001", ""},
		"100 000 names in a form": {to, names.String()[1:], 0, "/body truncated 100000", ""},
		"a long text":             {to, strings.Repeat("ä", 100_000), 0, "/body truncated 100000", ""},
		"a long text in JSON":     {to, `{"x":"` + strings.Repeat("\\u0001", 100_000) + `","y":1}`, 0, "/body/x truncated 100000", ""},
		"a list that is cut": {
			to:      to,
			body:    `[` + list.String() + `{"e":"ada@example.org"}]`,
			size:    0,
			notes:   "/body truncated 30001",
			carries: " /2/client_email=/body",
		},
		"a gzip bomb":          {to, gzipped(strings.Repeat("0", 20<<20)), 0, "/body truncated ", ""},
		"a deflate bomb":       {to, zlibbed(strings.Repeat("a=b&", 5<<20)), 0, "/body truncated ", ""},
		"gzip in gzip in gzip": {to, gzipped(gzipped(gzipped(gzipped("chat_started")))), 0, "", ""},
		"the beginning of JSON": {
			to:      to,
			body:    `{"a":1,"m":"ada@example.org","b":[1,{"c":"cut he`,
			size:    100 << 20,
			notes:   "/body truncated 104857600",
			carries: " /2/client_email=/body/m",
		},
		"the beginning of a name": {to, `{"a":1,"b`, 1000, "/body truncated 1000", ""},
		"the beginning of lines": {
			to: to,
			body: `{"a":1}` + "\n" +
				`{"m":"ada@example.org","b"`,
			size:    1000,
			notes:   "/body truncated 1000",
			carries: " /2/client_email=/body/1/m",
		},
		"the beginning of gzip": {
			to:      to,
			body:    gzipped(`{"m":"ada@example.org"}` + strings.Repeat(" ", 100))[:40],
			size:    1000,
			notes:   "/body truncated 1000",
			carries: " /2/client_email=/body/m",
		},
		"a character cut in two": {to, "Zürich ada@example.org Z\xc3", 1000, "/body truncated 1000", " /2/client_email=/body"},
		"an empty beginning":     {to, "\xc3", 1000, "/body truncated 1000", ""},
		"many names that are none": {
			to:      to,
			body:    strings.Repeat("chat_started ada@example.org ", 5000),
			size:    0,
			notes:   "/body truncated 145000",
			carries: " /0=/body /2/client_email=/body",
		},
		"base64 without end":  {to, encoded(encoded(encoded(encoded(encoded("ada@example.org"))))), 0, "", ""},
		"escapes without end": {to + "&x=" + strings.Repeat("%25", 3000) + "40", "", 0, "", ""},
		"every byte":          {to, strings.Repeat("\x00\xff\xfe\x80\xc0", 1000), 0, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := tracker(call("1", 0, args("chat_started", chat))).Decide(&wire.Candidate{
				ID: "r", Time: record.At(began.Add(300e6)), Via: record.Request, To: c.to, Tab: number(3), Document: "d", Size: c.size,
				Body: &wire.Body{Bytes: []byte(c.body)},
			})
			if len(got) != 1 {
				t.Fatalf("%d hits", len(got))
			}
			sound(t, got[0])
			var notes strings.Builder
			for _, n := range got[0].Notes {
				fmt.Fprintf(&notes, "%s %s %s\n", n.At, n.Is, n.Text)
			}
			if !strings.HasPrefix(notes.String(), c.notes) || c.notes == "" && notes.Len() > 0 {
				t.Errorf("notes %.500q, want %q", notes.String(), c.notes)
			}
			// The name in the address comes first, unless it was cut off.
			if said := said(got); !strings.HasSuffix(said, c.carries) || c.carries == "" && strings.Count(said, "=") > 1 {
				t.Errorf("%s, want%s", said, c.carries)
			}
		})
	}
}

// A call may be as odd as a request.
func TestHostileCalls(t *testing.T) {
	for _, args := range []string{
		`[]`, `[null]`, `[""]`, `[" "]`, `[7,[],{}]`, `["a",{"client_uuid":{}},{"custom_data":[[["abcdef"]]],"client_name":""}]`,
		`["chat_started",null,{"client_email":"` + strings.Repeat("x", 100_000) + `",` +
			`"custom_data":` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + `}]`,
		`["!!!!!!",{},{"client_name":"\u0130\u0307","chat_id":"------"}]`, `{}`, ``,
		`["chat_started",{},{"custom_data":{"/a~b":"abcdefgh","":"abcdefgh"}}]`,
	} {
		for _, text := range []string{"!!!!!!", "------", "İ̇", "i̇", "abcdef abcdefgh", "chat_started"} {
			body, _ := json.Marshal(text)
			for _, r := range tracker(call("1", 0, args)).Decide(request(100, ga, string(body))) {
				sound(t, r)
			}
		}
	}
}

// What is pushed is kept unchanged, even a million values, within the limits of a record.
func TestHostilePushes(t *testing.T) {
	c := call("1", 0, args("chat_started", chat))
	for name, data := range map[string]string{
		"a million": "[" + strings.Repeat("1,", 999_999) + `"chat_started"]`,
		"deep":      strings.Repeat("[", 5000) + strings.Repeat("]", 5000),
		"long":      `["` + strings.Repeat("x", 3<<20) + `"]`,
	} {
		d, err := hits.DecodePushed(json.RawMessage(data), nil)
		if err != nil || len(d.JSON) > 3<<20 || len(d.Notes) == 0 || !json.Valid(d.JSON) {
			t.Errorf("%s: %d bytes, %v, %v", name, len(d.JSON), d.Notes, err)
		}
		hits.Carried(c, &d)
	}
	for _, data := range []string{"", "{}", "[", "7", "[1] [2]"} {
		if _, err := hits.DecodePushed(json.RawMessage(data), nil); err == nil {
			t.Errorf("%q is taken for what was pushed", data)
		}
	}
}

func FuzzDecide(f *testing.F) {
	for _, body := range []string{
		"en=chat_started\nen=page_view", `{"batch":[{"event":"chat_started"}]}`, gzipped(`{"e":"chat_started"}`), zlibbed("a=b"),
		encoded(`{"e":"chat_started"}`),
		"--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nchat_started\r\n--b--", `{"a":"%7B%22e%22%3A%22chat_started%22%7D"}`, "\x1f\x8b\x08", "x\x9c",
	} {
		f.Add("?e=chat_started", []byte(body), int64(0))
		f.Add("?e=ada%40example.org#x", []byte(body), int64(len(body)+1))
	}
	known := systems.Known()
	f.Fuzz(func(t *testing.T, query string, body []byte, size int64) {
		tr := hits.NewTracker(known, func(string) bool { return true })
		tr.Add(call("1", 0, args("chat_started", chat)), began)
		for _, r := range tr.Decide(&wire.Candidate{
			ID: "r", Time: record.At(began.Add(300e6)), Via: record.Request, To: "https://collect.example/" + query, Tab: number(3), Document: "d",
			Body: &wire.Body{Bytes: body}, Size: size,
		}) {
			sound(t, r)
		}
	})
}

func FuzzQueue(f *testing.F) {
	f.Add([]byte(`[{"e":"chat_started"},1,["chat_requested"]]`), "/0/e")
	f.Add([]byte(`[[[[]]]]`), "")
	f.Fuzz(func(t *testing.T, data []byte, at string) {
		tr := tracker(call("1", 0, args("chat_started", chat)))
		for _, r := range tr.Decide(&wire.Candidate{
			ID: "q", Time: record.At(began.Add(300e6)), Via: record.Queue, To: "dataLayer", Tab: number(3), Document: "d", Data: data,
		}) {
			sound(t, r)
		}
		if d, err := hits.DecodePushed(data, nil); err == nil && !json.Valid(d.JSON) {
			t.Errorf("%q is no JSON", d.JSON)
		}
	})
}

// The name of a member is part of the pointer to each value in it. That must not multiply it.
func TestLongName(t *testing.T) {
	name := strings.Repeat("n", 30<<10)
	for what, body := range map[string]string{
		"many values": `{"` + name + `":["chat_started"` + strings.Repeat(`,"x"`, 20_000) + `]}`,
		"many values that are too deep": `{"` + name + `":["chat_started",` +
			strings.Repeat("[", 62) + `[]` + strings.Repeat(`,[]`, 11_000) + strings.Repeat("]", 62) + `]}`,
	} {
		t.Run(what, func(t *testing.T) {
			c := request(50, "https://collect.example/", body)
			tr := tracker(call("1", 0, args("chat_started", chat)))
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			got := tr.Decide(c)
			runtime.ReadMemStats(&after)
			if len(got) != 1 || len(got[0].Handed.Carries) != 1 || got[0].Handed.Carries[0].At != "/body" {
				t.Fatalf("%.300s", said(got))
			}
			sound(t, got[0])
			if used := after.TotalAlloc - before.TotalAlloc; used > 100*uint64(len(body)) {
				t.Errorf("a request of %d bytes took %d", len(body), used)
			}
		})
	}
}
