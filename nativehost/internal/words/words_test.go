package words_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/words"
)

func TestPath(t *testing.T) {
	t.Parallel()
	long := `C:\` + strings.Repeat(`folder\`, 100) + "events.db"
	for path, want := range map[string]string{
		"/home/a b/events.db":        `"/home/a b/events.db"`,
		`C:\Users\a b\events.db`:     `"C:\Users\a b\events.db"`,
		`\\server\share\events.db`:   `"\\server\share\events.db"`,
		"/tmp/\x1b[31mred\nlines":    `"/tmp/\x1b[31mred\nlines"`,
		"/tmp/called \"so\".db":      `"/tmp/called "so".db"`,
		"/tmp/\xff and \u202e.jsonl": `"/tmp/\xff and \u202e.jsonl"`,
		long:                         `"` + long + `"`,
	} {
		if got := words.Path(path); got != want {
			t.Errorf("%q is shown as %s, want %s", path, got, want)
		}
	}
}

// The texts are made from errors of encoding/json, which may say it otherwise one day.
func TestNotJSON(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                         "it ends too early",
		`{"a": `:                   "it ends too early",
		`{"a`:                      "it ends too early",
		strings.Repeat("[", 20000): "it is nested too deep",
		`{"a": 1 "b": 2}`:          `unexpected '"'`,
		`{'a': 1}`:                 `unexpected '`,
		`{é: 1}`:                   `unexpected 'é'`,
		"{\"a\": \"b\n\"}":         `unexpected '\n'`,
		"{\"a\": \"\\d\"}":         `unexpected 'd'`,
		`{"a": 1}}`:                `unexpected '}'`,
		`{"a": tru}`:               `unexpected '}'`,
		"[1, \xff]":                `unexpected '�'`,
	} {
		var syntax *json.SyntaxError
		if err := json.Unmarshal([]byte(text), new(any)); !errors.As(err, &syntax) {
			t.Errorf("%.20q: %v", text, err)
		} else if got := words.NotJSON([]byte(text), syntax); got != want {
			t.Errorf("%.20q: %s, want %s", text, got, want)
		}
	}
}
