package recording_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/recording"
)

// csvOf is the row of a record, by column, and its line.
func csvOf(t *testing.T, r *record.Record) (map[string]string, string) {
	t.Helper()
	var b bytes.Buffer
	w := recording.NewCSV(&b)
	if err := w.Add(r); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	text, marked := strings.CutPrefix(b.String(), "\ufeff")
	if !marked {
		t.Errorf("no byte order mark before %.40q", text)
	}
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(rows) != 2 {
		t.Fatalf("%v in %q", err, text)
	}
	row := map[string]string{}
	for i, name := range rows[0] {
		row[name] = rows[1][i]
	}
	_, line, _ := strings.Cut(text, "\r\n")
	return row, line
}

func withName(t *testing.T, name any) *record.Record {
	t.Helper()
	args, err := json.Marshal([]any{"chat_started", map[string]any{}, map[string]any{"client_name": name}})
	if err != nil {
		t.Fatal(err)
	}
	return &record.Record{V: 1, Kind: record.Call, ID: "d/1", Seq: 1, Time: record.At(time.UnixMilli(1)), Args: args}
}

// What a spreadsheet shows is what was recorded.
func TestCSVKeepsTextsTexts(t *testing.T) {
	as := func(s string) string { return `="` + s + `"` }
	for _, s := range []string{
		"12345678901234567890", "1E5", "1e-5", "00012", "12", "-5", "+5", ".5", "1.50", "1,5", "1.000,50", "1 000", "5%", "5 €", "$5", "(5)",
		"1/2", "1-2", "2026-11-22", "22.11.2026", "22.11.", "2026-11-22 10:13", "10:13", "1:2:3", "5 pm", "1 1/2", "2-Mar", "MARCH1", "Sep 2", "March 2, 2026",
		"TRUE", "false", "Wahr", "#N/A", "#DIV/0!",
	} {
		if row, _ := csvOf(t, withName(t, s)); row["client_name"] != as(s) {
			t.Errorf("%q is %q", s, row["client_name"])
		}
	}
	for _, s := range []string{
		"", "chat_started", "d/1", "Ada Lovelace", "ada@mail.example", "Mark", "March", "may I", "1.2.3.4", "5f0c-12", "12 apples",
		"E5", "T-Shirt", "1e", "0x12", "#1 shop", "de",
	} {
		if row, _ := csvOf(t, withName(t, s)); row["client_name"] != s {
			t.Errorf("%q is %q", s, row["client_name"])
		}
	}
	for v, want := range map[string]string{
		"12":                    "12",
		"-5":                    "-5",
		"1.5e3":                 "1500",
		"123456789012345":       "123456789012345",
		"100000000000000000000": "100000000000000000000",
		"12345678901234567890":  as("12345678901234567890"),
		"true":                  "true",
		"null":                  "null",
	} {
		if row, _ := csvOf(t, withName(t, json.RawMessage(v))); row["client_name"] != want {
			t.Errorf("the number %s is %q, want %q", v, row["client_name"], want)
		}
	}
}

// Nothing is computed, whatever separator a spreadsheet uses, and nothing is split.
func TestCSVDisarmsFormulas(t *testing.T) {
	for in, want := range map[string]string{
		"=1+1":           "'=1+1",
		" =1":            " '=1",
		"@SUM(A1)":       "'@SUM(A1)",
		"+49 30, 1":      "'+49 30, 1",
		"＝1":             "'＝1",
		"a;=1+1":         "a;'=1+1",
		"a\t=1":          "a\t'=1",
		"a; \"=1\";-b;c": "a; \"'=1\";'-b;c",
		"a\n=1":          "a\n'=1",
		"a=1;b=2":        "a=1;b=2",
		"a, =1":          "a, =1", // a comma is quoted by us
	} {
		row, line := csvOf(t, withName(t, in))
		if row["client_name"] != want {
			t.Errorf("%q is %q, want %q", in, row["client_name"], want)
		}
		if quoted := `"` + strings.ReplaceAll(want, `"`, `""`) + `"`; strings.ContainsAny(want, ";\t\n") && !strings.Contains(line, quoted) {
			t.Errorf("%q is not in quotes in %q", want, line)
		}
	}
}

func TestCSVShowsWhatIsHidden(t *testing.T) {
	row, line := csvOf(t, withName(t, "a\x1b[31m\u009b\u202e\u200bb\x7f"))
	if row["client_name"] != `a\x1b[31m\x9b\u202e\u200bb\x7f` {
		t.Errorf("%q", row["client_name"])
	}
	if strings.ContainsAny(line, "\x1b\u009b\u202e\x7f") {
		t.Errorf("%q", line)
	}
}

// A text that a cell cannot hold is cut and says so. Shorter texts are not cut.
func TestCSVCutsWhatACellCannotHold(t *testing.T) {
	const limit = 32_767
	for _, s := range []string{
		strings.Repeat("a", limit+1),
		strings.Repeat("🙂", limit/2+1),
		strings.Repeat("1", limit+1),
		"=" + strings.Repeat("a", limit-1),
	} {
		row, _ := csvOf(t, withName(t, s))
		got := row["client_name"]
		if n := len(utf16.Encode([]rune(got))); n > limit || n < limit-2 || !strings.Contains(got, "cut here") {
			t.Errorf("%.10q… has %d units and ends in %q", s, n, got[len(got)-80:])
		}
	}
	whole := strings.Repeat("a", limit)
	if row, _ := csvOf(t, withName(t, whole)); row["client_name"] != whole {
		t.Error("a text that a cell can hold was cut")
	}
}

// A hit is a row with the place that it went to, and what it carries of its calls.
func TestCSVOfHits(t *testing.T) {
	failed := record.At(time.UnixMilli(1700000000000))
	row, _ := csvOf(t, &record.Record{V: 1, Kind: record.Hit, ID: "d/hit-1", Time: record.At(time.UnixMilli(1)), Handed: &record.Handed{
		Via: record.Request, To: "https://stats.example/c", System: "Matomo", Because: record.ByContent, Calls: []string{"d/1", "d/2"},
		Carries: []record.Carried{{What: "/0", At: "/query/e"}, {What: "/2/client_email", At: "/query/m", As: record.SHA256}},
		Data:    json.RawMessage(`{"query":{"e":"chat_started"}}`), Failed: &failed,
	}})
	for name, want := range map[string]string{
		"kind": "hit", "event": "https://stats.example/c", "to": "https://stats.example/c", "system": "Matomo", "because": "content", "calls": "d/1\nd/2",
		"carries": "/0 at /query/e\n/2/client_email at /query/m sha256", "data": `{"query":{"e":"chat_started"}}`, "args": "", "client_email": "",
		"failed": "2023-11-14T22:13:20.000Z",
	} {
		if row[name] != want {
			t.Errorf("%s is %q, want %q", name, row[name], want)
		}
	}
}

// A column says which calls and hits are from a simulation.
func TestCSVOfSimulations(t *testing.T) {
	for _, r := range []*record.Record{
		withName(t, "Ada"),
		{
			V:      1,
			Kind:   record.Hit,
			ID:     "d/hit-1",
			Time:   record.At(time.UnixMilli(1)),
			Handed: &record.Handed{Via: record.Queue, To: "dataLayer", Data: json.RawMessage(`[{}]`)},
		},
	} {
		for simulated, want := range map[bool]string{true: "yes", false: ""} {
			r.Simulated = simulated
			if row, _ := csvOf(t, r); row["simulated"] != want {
				t.Errorf("%s, simulated %v: the column says %q, not %q", r.Kind, simulated, row["simulated"], want)
			}
		}
	}
}
