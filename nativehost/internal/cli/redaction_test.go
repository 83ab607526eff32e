package cli_test

import (
	"bytes"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"userlike-inspector/nativehost/internal/cli"
)

// encodings are the ways in which a page or a tool may write a value.
var encodings = map[string]func(string) string{
	"plain":          func(s string) string { return s },
	"upper case":     strings.ToUpper,
	"lower case":     strings.ToLower,
	"query":          url.QueryEscape,
	"path":           url.PathEscape,
	"query twice":    func(s string) string { return url.QueryEscape(url.QueryEscape(s)) },
	"all in percent": func(s string) string { return percent(s, "%%%02x") },
	"JSON": func(s string) string {
		b, _ := json.Marshal(s)
		return string(b)
	},
	"escapes": func(s string) string {
		var b strings.Builder
		for _, u := range utf16.Encode([]rune(s)) {
			fmt.Fprintf(&b, `\u%04x`, u)
		}
		return b.String()
	},
	"HTML":             html.EscapeString,
	"HTML, by numbers": func(s string) string { return runes(s, "&#%d;") },
	"base64":           func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	"base64 for addresses": func(s string) string {
		return base64.RawURLEncoding.EncodeToString([]byte("{\"who\":\"" + s + "\"}"))
	},
	"SHA-256": func(s string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(strings.ToLower(s)))) },
	"SHA-1":   func(s string) string { return fmt.Sprintf("%x", sha1.Sum([]byte(strings.ToLower(s)))) },
	"MD5":     func(s string) string { return fmt.Sprintf("%x", md5.Sum([]byte(strings.ToLower(s)))) },
}

func percent(s, format string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		fmt.Fprintf(&b, format, c)
	}
	return b.String()
}

func runes(s, format string) string {
	var b strings.Builder
	for _, r := range s {
		fmt.Fprintf(&b, format, r)
	}
	return b.String()
}

// secrets are values that must be in no output.
func secrets(random *rand.Rand) []string {
	letters := func(n int, of string) string {
		all := []rune(of)
		var b strings.Builder
		for range n {
			b.WriteRune(all[random.IntN(len(all))])
		}
		return b.String()
	}
	const small, large = "bcdfghjkmnpqvwxz", "BCDFGHJKMNPQVWXZ"
	return []string{
		letters(1, large) + letters(5, small) + " " + letters(1, large) + letters(7, small),
		letters(6, small) + "." + letters(4, small) + "@" + letters(7, small) + ".example",
		letters(5, large),
		letters(1, large) + "ü" + letters(4, small) + "ß",
		letters(9, "123456789"),
		letters(3, "123456789") + "," + letters(2, "123456789"),
		letters(4, small) + "&" + letters(3, small) + "\"<" + letters(3, small) + ">'",
		"+49 " + letters(3, "123456789") + " " + letters(6, "123456789"),
		letters(30, small+large+"123456789 "+"-_/"),
		"漢字" + letters(4, small),
	}
}

// A value that is personal in one record is in no redacted output, wherever in the
// recording it was and however it was encoded.
func TestRedactionLeavesNoTrace(t *testing.T) {
	for seed := range uint64(2) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { traceless(t, rand.New(rand.NewPCG(seed, 1))) })
	}
}

// everywhere is a recording that has each value, in each encoding, in every text that a
// record can have. Only the last record says that the values are personal.
func everywhere(t *testing.T, values []string) []byte {
	t.Helper()
	var lines bytes.Buffer
	e := json.NewEncoder(&lines)
	e.SetEscapeHTML(false)
	add := func(r map[string]any) {
		t.Helper()
		if err := e.Encode(r); err != nil {
			t.Fatal(err)
		}
	}
	const at = "2026-11-22T10:13:04.123Z"
	n := 0
	for name, encode := range encodings {
		for _, value := range values {
			n++
			s := encode(value)
			// None of these is where a personal value belongs.
			add(map[string]any{"v": 1, "kind": "page", "id": fmt.Sprint("p/", n), "seq": n, "time": at, "document": "p", "event": "opened",
				"url": "https://shop.example/a/" + s + "/b?c=" + s + "#" + s, "top_url": "https://shop.example/?x=" + s, "title": "About " + s + ", " + name,
				"browser": map[string]any{"name": "B", "version": s, "profile": "p-" + s}})
			add(map[string]any{
				"v":        1,
				"kind":     "handler",
				"id":       fmt.Sprint("p/h", n),
				"seq":      n,
				"time":     at,
				"document": "p",
				"state":    "replaced",
				"text":     "by " + s,
			})
			add(map[string]any{"v": 1, "kind": "gap", "id": fmt.Sprint("p/g", n), "seq": n, "time": at, "document": "p", "lost": 1, "why": "because of " + s})
			add(map[string]any{"v": 1, "kind": "mark", "id": fmt.Sprint("m/", n), "seq": 1, "time": at, "text": "test of " + s})
			add(map[string]any{"v": 1, "kind": "hit", "id": fmt.Sprint("d/hit-", n), "seq": 0, "time": at, "document": "d", "url": "https://shop.example/",
				"hit": map[string]any{"via": "request", "to": "https://stats.example/c/" + strings.NewReplacer("/", "%2F").Replace(s),
					"because": "content", "calls": []any{"c/1"},
					"carries": []any{
						map[string]any{"what": "/2/client_name", "at": "/query/q"},
						map[string]any{"what": "/2/custom_data/all", "at": "/body/0/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(s)},
					},
					"data": map[string]any{
						"query": map[string]any{"q": s, s: "1", "u": "https://shop.example/?x=" + url.QueryEscape(s)},
						"body":  []any{map[string]any{s: []any{s, "a " + s + " b"}}, s},
					}},
				"notes": []any{map[string]any{"at": "/query/q", "is": "bigint", "text": s}}})
			add(map[string]any{"v": 1, "kind": "hit", "id": fmt.Sprint("d/hit-q", n), "seq": 0, "time": at, "document": "d", "url": "https://shop.example/",
				"hit": map[string]any{
					"via":     "queue",
					"to":      "dataLayer",
					"because": "handler",
					"calls":   []any{"c/1"},
					"data":    []any{map[string]any{"event": "x", "who": s}},
				}})
			add(map[string]any{"v": 1, "kind": "call", "id": fmt.Sprint("d/", n), "seq": n, "time": at, "document": "d", "url": "https://shop.example/" + s,
				"args": []any{
					"my_" + s,
					map[string]any{"client_uuid": "u-" + s, "operator_group_id": s, "widget_lang": s},
					map[string]any{"session_id": s, "custom_data": map[string]any{s: 1}},
				},
				"notes": []any{map[string]any{
					"at":   "/2/custom_data/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(s),
					"is":   "instance",
					"text": "Class of " + s,
				}},
				"handler":  map[string]any{"state": "assigned", "threw": "TypeError: " + s},
				"findings": []any{map[string]any{"rule": "wrong-type", "severity": "error", "at": "/1", "message": "it is " + s, "actual": s}}})
		}
	}
	add(map[string]any{"v": 1, "kind": "call", "id": "c/1", "seq": 1, "time": at, "document": "c", "url": "https://shop.example/",
		"args": []any{
			"chat_started",
			map[string]any{},
			map[string]any{"client_name": values[0], "client_email": values[1], "custom_data": map[string]any{"all": values}},
		}})
	return lines.Bytes()
}

func traceless(t *testing.T, random *rand.Rand) {
	home := t.TempDir()
	t.Chdir(home)
	for _, name := range []string{"HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "USERPROFILE", "LOCALAPPDATA"} {
		t.Setenv(name, filepath.Join(home, "home"))
	}
	values := secrets(random)
	recording := "of " + strings.ReplaceAll(values[0], "/", "") + ".jsonl"
	if err := os.WriteFile(recording, everywhere(t, values), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) string {
		t.Helper()
		var stdout, stderr bytes.Buffer
		if code := cli.Run(args, strings.NewReader(""), &stdout, &stderr); code == 2 {
			t.Fatalf("%q: %s", args, &stderr)
		}
		return stdout.String()
	}
	run("import", recording)
	outputs := map[string]string{"jsonl": run("export", "--redact"), "csv": run("export", "--redact", "--format", "csv"),
		"markdown": run("check", recording, "--format", "markdown"), "html": run("check", recording, "--format", "html")}
	if err := os.WriteFile("redacted.jsonl", []byte(outputs["jsonl"]), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, format := range []string{"text", "json", "junit"} {
		outputs["redacted "+format] = run("check", "redacted.jsonl", "--format", format)
	}
	for output, text := range outputs {
		folded := strings.ToLower(text)
		for name, encode := range encodings {
			for _, value := range values {
				s := strings.ToLower(strings.Trim(encode(value), `"`))
				if i := strings.Index(folded, s); i >= 0 {
					t.Errorf("%s has %q as %s: %.200q", output, value, name, text[max(0, i-80):])
				}
			}
		}
		if strings.HasPrefix(output, "redacted") && !strings.Contains(text, "Values are hidden") {
			t.Errorf("%s does not say that values are hidden", output)
		}
	}
}
