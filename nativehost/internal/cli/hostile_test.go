package cli_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode"

	"userlike-inspector/nativehost/internal/cli"
)

// hostile has characters that a terminal acts on, or that make a text look like another
// one.
const hostile = "\x1b]0;title\a\u009b31m\u202egnp\u2066\u200b\u2028\u00ad\x7f\ufeff\U000e0041"

// hidden is the first character of an output that is one of these; colours are
// not asked for.
func hidden(out string) string {
	for i, r := range strings.TrimPrefix(out, "\ufeff") { // the mark of a csv file
		if r != '\n' && r != '\t' && r != '\r' && !unicode.IsPrint(r) && !unicode.Is(unicode.Zs, r) {
			return fmt.Sprintf("%q in %q", r, out[max(0, i-80):min(len(out), i+80)])
		}
	}
	return ""
}

// hostileCall is a call in which every text is hostile.
func hostileCall(t *testing.T, n int, event string) string {
	t.Helper()
	r := map[string]any{
		"v": 1, "kind": "call", "id": fmt.Sprint("d", hostile, "/", n), "seq": n, "time": fmt.Sprintf("2026-11-22T10:13:%02d.123Z", n),
		"browser":  map[string]any{"name": "B" + hostile, "version": hostile, "profile": hostile},
		"document": "d" + hostile, "url": "https://shop.example/" + hostile, "top_url": "https://shop.example/" + hostile, "title": hostile,
		"args": []any{event, map[string]any{"client_uuid": hostile, "operator_group_id": hostile, hostile: hostile},
			map[string]any{"session_id": hostile, "client_name": hostile, "custom_data": map[string]any{hostile: hostile, "n": hostile}}},
		"notes":   []any{map[string]any{"at": "/2/custom_data/n", "is": "symbol", "text": hostile}},
		"handler": map[string]any{"state": "assigned", "threw": hostile},
		"findings": []any{map[string]any{
			"rule":     "wrong-type",
			"severity": "error",
			"at":       "/1/" + hostile,
			"message":  hostile,
			"expected": hostile,
			"actual":   hostile,
			"demand":   hostile,
		}},
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(r); err != nil {
		t.Fatal(err)
	}
	// As a tool may write it: Go's own would escape these two.
	return strings.NewReplacer(`\u2028`, "\u2028", `\u2029`, "\u2029").Replace(b.String())
}

// Whatever a page, a file or its name says, no command writes it to a terminal raw.
func TestNothingHiddenReachesATerminal(t *testing.T) {
	home := t.TempDir()
	t.Chdir(home)
	for _, name := range []string{"HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "USERPROFILE", "LOCALAPPDATA"} {
		t.Setenv(name, filepath.Join(home, name))
	}
	file := "r" + strings.ReplaceAll(hostile, "/", "") + ".jsonl"
	if runtime.GOOS == "windows" { // which has no such names
		file = strings.NewReplacer("\x1b", "", "\a", "").Replace(file)
	}
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	events := []string{"chat_started", "chat_started", "my" + hostile, "error_message", "chat_startd"}
	var whole strings.Builder
	for i, event := range events {
		whole.WriteString(hostileCall(t, i+1, event))
	}
	mark := fmt.Sprintf(`{"v":1,"kind":"mark","id":"m","seq":1,"time":"2026-11-22T10:13:09.123Z","text":"m%s"}`+"\n",
		strings.ReplaceAll(strings.ReplaceAll(hostile, "\x1b", `\u001b`), "\a", `\u0007`))
	write(file, whole.String()+mark)
	write("other"+file, hostileCall(t, 1, "chat_requested"))
	write("bad"+file, "{"+hostile)
	write("plan"+file, "events: {"+`"x\u001b\u009b": {count: 1}}`)
	write("plan.yaml", "name: \"p\\e\\u009b\\u202e\"\nevents: {error_message: {count: 0}, chat_requested: {count: 1}}\n")
	run := func(args ...string) (string, string, int) {
		var stdout, stderr bytes.Buffer
		code := cli.Run(args, strings.NewReader(""), &stdout, &stderr)
		return stdout.String(), stderr.String(), code
	}
	commands := [][]string{
		{"check", file}, {"check", file, "--format", "json"}, {"check", file, "--format", "junit"},
		{"check", file, "--format", "markdown"}, {"check", file, "--format", "html"},
		{"check", file, "--format", "html", "--show-personal-data"}, {"check", file, "--format", "markdown", "--show-personal-data"},
		{"check", file, "--plan", "plan.yaml"}, {"check", file, "--plan", "plan" + file}, {"check", "no" + file},
		{"check", "bad" + file}, {"check", file, "--since", "mark:" + hostile}, {"check", file, "--where", hostile + ":"},
		{"check", file, "--plan", hostile}, {"check", file, "--format", hostile}, {"check", "--" + hostile},
		{"compare", file, "other" + file}, {"compare", "other" + file, file}, {"compare", "no" + file, file}, {"compare", "bad" + file, file},
		{"infer", file}, {"infer", "bad" + file},
		{"import", file, "bad" + file}, {"import", "no" + file},
		{"export"}, {"export", "--format", "csv"},
		{"export", "--redact"}, {"export", "--redact", "--format", "csv"},
		{"export", "--output", hostile + "/x"}, {"export", "--otlp", "http://" + hostile},
		{"export", "--seal", "--output", "sealed" + file, "--plan", "plan.yaml"},
		{"check", "sealed" + file}, {"check", "sealed" + file, "--plan", "plan.yaml"},
		{"wait", "chat_started", "--timeout", "0s"}, {"wait", "chat" + hostile, "--timeout", "0s"},
		{"wait", "chat_started", "--timeout", "0s", "--since", "mark:" + hostile},
		{"mark", hostile}, {hostile}, {"help", hostile}, {"check", "--store", "x" + hostile}, {"export", "--store", file},
		{"extension", "path"}, {"doctor", "--user-data-dir", hostile}, {"install", "--dry-run", "--user-data-dir", hostile},
		{"inspect", "--headless", "--browser", hostile}, {"events", hostile}, {"infer", file, "--where", hostile},
	}
	for _, args := range commands {
		stdout, stderr, _ := run(args...)
		if found := hidden(stdout); found != "" {
			t.Errorf("%q writes to stdout %s", args, found)
		}
		if found := hidden(stderr); found != "" {
			t.Errorf("%q writes to stderr %s", args, found)
		}
		if stdout+stderr == "" && !slices.Contains(args, "--output") && args[0] != "mark" {
			t.Errorf("%q says nothing", args)
		}
	}
	// It was all there to be shown.
	if stdout, stderr, code := run("export", "--where", "event:my*"); code != 0 || !strings.Contains(stdout, `"my\u001b]0;title\u0007\u009b31m\u202egnp`) {
		t.Errorf("%d %q %q", code, stdout, stderr)
	}
}
