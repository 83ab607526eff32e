package hits_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
)

// Values of a call in the path of an address are found, and shown with the other data.
func TestInPath(t *testing.T) {
	started := call("1", 0, args("chat_started", chat))
	for name, c := range map[string]struct{ to, want, data string }{
		"plain": {
			to:   "https://t.example/u/ada@example.org/chat_started",
			want: "content 1 /0=/path /2/client_email=/path",
			data: `{"path":"/u/ada@example.org/chat_started"}`,
		},
		"escaped, beside a query": {
			to:   "https://t.example/u/ada%40example.org?e=chat_started",
			want: "content 1 /0=/query/e /2/client_email=/path",
			data: `{"path":"/u/ada@example.org","query":{"e":"chat_started"}}`,
		},
		"escaped twice": {
			to:   "https://t.example/u/ada%2540example.org?e=chat_started",
			want: "content 1 /0=/query/e /2/client_email=/path",
			data: `{"path":"/u/ada%40example.org","query":{"e":"chat_started"}}`,
		},
		"in base64": {
			to:   "https://t.example/" + base64.RawURLEncoding.EncodeToString([]byte("ada@example.org")) + "?e=chat_started",
			want: "content 1 /0=/query/e /2/client_email=/path(base64)",
			data: `{"path":"/YWRhQGV4YW1wbGUub3Jn","query":{"e":"chat_started"}}`,
		},
		"as a hash": {
			to:   "https://t.example/h/" + emailSHA256 + "/chat_started",
			want: "content 1 /0=/path /2/client_email=/path(sha256)",
			data: `{"path":"/h/` + emailSHA256 + `/chat_started"}`,
		},
		"in a part of a step": {
			to:   "https://t.example/v1;m=ada@example.org;x=1/e?e=chat_started",
			want: "content 1 /0=/query/e /2/client_email=/path",
			data: `{"path":"/v1;m=ada@example.org;x=1/e","query":{"e":"chat_started"}}`,
		},
		"a name of two words": {
			to:   "https://t.example/Ada%20Lovelace/?e=chat_started",
			want: "content 1 /0=/query/e /2/client_name=/path",
			data: `{"path":"/Ada Lovelace/","query":{"e":"chat_started"}}`,
		},
		"with a broken escape": {
			to:   "https://t.example/%zz/ada@example.org?e=chat_started",
			want: "content 1 /0=/query/e /2/client_email=/path",
			data: `{"path":"/%zz/ada@example.org","query":{"e":"chat_started"}}`,
		},
		"the address alone": {
			to:   "https://t.example/u/ada@example.org",
			want: "content 1 /2/client_email=/path",
			data: `{"path":"/u/ada@example.org"}`,
		},
		"another's address": {
			to:   "https://t.example/u/ada+x@example.org?e=chat_started",
			want: "content 1 /0=/query/e",
			data: `{"query":{"e":"chat_started"}}`,
		},
		"a longer one": {
			to:   "https://t.example/u/xada@example.org?e=chat_started",
			want: "content 1 /0=/query/e",
			data: `{"query":{"e":"chat_started"}}`,
		},
		"an event as part of one": {
			to:   "https://t.example/chat_started.html?e=chat_started",
			want: "content 1 /0=/query/e",
			data: `{"query":{"e":"chat_started"}}`,
		},
		"a path with nothing else": {"https://t.example/a/b?e=chat_started", "content 1 /0=/query/e", `{"query":{"e":"chat_started"}}`},
		"no path":                  {"https://t.example?e=chat_started", "content 1 /0=/query/e", `{"query":{"e":"chat_started"}}`},
	} {
		got := tracker(started).Decide(request(300, c.to, ""))
		if said(got) != c.want {
			t.Errorf("%s: %s, want %s", name, said(got), c.want)
			continue
		}
		if data := string(got[0].Handed.Data); data != c.data {
			t.Errorf("%s: %s, want %s", name, data, c.data)
		}
	}
	got := tracker(started).Decide(request(300, "https://t.example/ada@example.org/"+strings.Repeat("x", 9000), `{"e":"chat_started"}`))
	if len(got) != 1 || len(got[0].Handed.Data) > 5000 || fmt.Sprint(got[0].Notes) != "[{/path truncated 9017}]" {
		t.Errorf("a long path: %s %v", said(got), got[0].Notes)
	}
}
