package hits_test

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"encoding/json"
	"testing"

	"userlike-inspector/nativehost/internal/hits"
	"userlike-inspector/nativehost/internal/wire"
)

func gzipped(s string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write([]byte(s))
	w.Close()
	return b.String()
}

func zlibbed(s string) string {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	w.Write([]byte(s))
	w.Close()
	return b.String()
}

func encoded(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// Data is decoded by its content, whatever its type says.
func TestDecodeRequest(t *testing.T) {
	const to = "https://stats.example/c"
	for name, c := range map[string]struct{ address, body, want string }{
		"nothing":           {to, "", `{}`},
		"a query":           {to + "?a=1&b=x%20y&c=%C3%A4&d=+&e", "", `{"query":{"a":"1","b":"x y","c":"ä","d":" ","e":""}}`},
		"repeated names":    {to + "?a=1&b=2&a=3&a=", "", `{"query":{"a":["1","3",""],"b":"2"}}`},
		"wrong escapes":     {to + "?a=%zz%&b=100%25&%41=%C3", "", `{"query":{"a":"%zz%","b":"100%","A":"�"}}`},
		"a fragment":        {to + "?a=1#b=2", "", `{"query":{"a":"1"}}`},
		"JSON":              {to, ` {"z":1,"a":[null,true,-1.50e3,"<é>"]} `, `{"body":{"z":1,"a":[null,true,-1.50e3,"<é>"]}}`},
		"JSON of a text":    {to, `"chat_started"`, `{"body":"chat_started"}`},
		"a name twice":      {to, `{"a":1,"a":2}`, `{"body":{"a":2}}`},
		"a form":            {to, "en=chat_started&dt=a+b", `{"body":{"en":"chat_started","dt":"a b"}}`},
		"lines of queries":  {to, "en=a&x=1\r\nen=b", `{"body":[{"en":"a","x":"1"},{"en":"b"}]}`},
		"lines of JSON":     {to, "{\"a\":1}\n{\"b\":2}\n", `{"body":[{"a":1},{"b":2}]}`},
		"a text":            {to, "Hello, a = b & c", `{"body":"Hello, a = b & c"}`},
		"a number":          {to, "123", `{"body":"123"}`},
		"base64":            {to, "eyJhIjoxfQ==", `{"body":"eyJhIjoxfQ=="}`},
		"nearly JSON":       {to, `{"a":1}}`, `{"body":"{\"a\":1}}"}`},
		"lines of both":     {to, "{\"a\":1}\na=1", `{"body":"{\"a\":1}\na=1"}`},
		"gzip":              {to, gzipped(`{"a":1}`), `{"body":{"a":1}}`},
		"deflate":           {to, zlibbed("en=a&b=c"), `{"body":{"en":"a","b":"c"}}`},
		"no UTF-8":          {to, "a\xffb", `{"body":"a�b"}`},
		"a byte order mark": {to, "\uFEFF[1]", `{"body":[1]}`},
		"multipart": {
			address: to,
			body: "--xyz\r\n" +
				"Content-Disposition: form-data; name=\"ev\"\r\n" +
				"\r\n" +
				"chat_started\r\n" +
				"--xyz\r\n" +
				"Content-Disposition: form-data; name=\"cd[a]\"\r\n" +
				"\r\n" +
				"1\r\n" +
				"--xyz--\r\n",
			want: `{"body":{"ev":"chat_started","cd[a]":"1"}}`,
		},
		"half a surrogate":   {to, `{"a":"\ud83d"}`, `{"body":{"a":"�"}}`},
		"text like gzip":     {to, "\x1f\x8bno", `{"body":"\u001f�no"}`},
		"text like deflate":  {to, "x^2 = 4", `{"body":"x^2 = 4"}`},
		"address of nothing": {"", "", `{}`},
	} {
		t.Run(name, func(t *testing.T) {
			var body *wire.Body
			if c.body != "" {
				body = &wire.Body{Bytes: []byte(c.body)}
			}
			d := hits.DecodeRequest(c.address, body, 0)
			if string(d.JSON) != c.want || len(d.Notes) > 0 || d.Unreadable {
				t.Errorf("%s %v, want %s", d.JSON, d.Notes, c.want)
			}
		})
	}
}

// A form that the browser has read is one, or the JSON that was sent as one. The forms are as
// Firefox makes them of each body.
func TestDecodeForm(t *testing.T) {
	for body, c := range map[string]struct{ form, want, note string }{
		`b=1&a=2&b=`:                           {`{"b":["1",""],"a":["2"]}`, `{"b":["1",""],"a":"2"}`, ""},
		`{"a":1}`:                              {`{"{\"a\":1}":[""]}`, `{"a":1}`, ""},
		`{"a":"x=y"}`:                          {`{"{\"a\":\"x":["y\"}"]}`, `{"a":"x=y"}`, ""},
		`{"a":"x&y=z","u":"?b&c"}`:             {`{"{\"a\":\"x":[""],"y":["z\",\"u\":\"?b"],"c\"}":[""]}`, `{"a":"x&y=z","u":"?b&c"}`, ""},
		`[{"a":"&n=1"},{"a":"&n=2"}]`:          {`{"[{\"a\":\"":[""],"n":["1\"},{\"a\":\"","2\"}]"]}`, `[{"a":"&n=1"},{"a":"&n=2"}]`, ""},
		`{"event":"chat_started","d":"YWI=="}`: {`{"{\"event\":\"chat_started\",\"d\":\"YWI":[""]}`, `{"event":"chat_started"}`, "/body"},
		`[]=1&[]=2`:                            {`{"[]":["1","2"]}`, `{"[]":["1","2"]}`, ""},
		`{x}=1`:                                {`{"{x}":["1"]}`, `{"{x}":"1"}`, ""},
	} {
		var read wire.Body
		if err := json.Unmarshal([]byte(`{"form":`+c.form+`}`), &read); err != nil {
			t.Fatal(err)
		}
		d := hits.DecodeRequest("https://stats.example/c", &read, 0)
		note := ""
		for _, n := range d.Notes {
			note += n.At
		}
		if got := string(d.JSON); got != `{"body":`+c.want+`}` || note != c.note {
			t.Errorf("%s: %s %q, want %s %q", body, got, note, c.want, c.note)
		}
	}
}
