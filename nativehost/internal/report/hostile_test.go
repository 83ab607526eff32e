package report_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/report"
	"userlike-inspector/nativehost/internal/simulation"
	"userlike-inspector/nativehost/internal/wire"
)

func written(t *testing.T, write func(io.Writer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	if !utf8.Valid(b.Bytes()) {
		t.Error("the report is not UTF-8")
	}
	return b.Bytes()
}

// reports are reports on all recordings of the tests, including hostile and huge ones.
func reports(t *testing.T, redacted bool) map[string]*report.Report {
	simulated := judge(t, load(t, "simulated"), nil, redacted)
	simulated.Simulation = append(simulationIn(t, load(t, "simulated")), hostileCalls()...)
	return map[string]*report.Report{
		"visit":   judge(t, load(t, "visit"), visitPlan(t), redacted),
		"nothing": judge(t, nil, nil, redacted),
		"hostile": judge(t, load(t, "hostile"), nil, redacted),
		"huge":    judge(t, huge(t), nil, redacted),
		"hits":    judge(t, hostileHits(t, 300), nil, redacted),

		"simulated": simulated,
	}
}

// huge is a recording of many different mistakes in many journeys.
func huge(t *testing.T) []*record.Record {
	t.Helper()
	var all []*record.Record
	long := strings.Repeat("|`<b>*_ ", 40)
	for i := range 1500 {
		all = append(all, decoded(t, map[string]any{
			"v": 1, "kind": "call", "id": fmt.Sprintf("d%d/1", i), "seq": 1,
			"time":     "2026-11-22T10:13:04.123Z",
			"document": fmt.Sprintf("d%d", i),
			"url":      fmt.Sprintf("https://shop-%d.example/", i%40),
			"args": []any{
				fmt.Sprint(long, i),
				map[string]any{},
				map[string]any{"session_id": fmt.Sprint(long, i/3), "client_name": "x"},
			},
		}))
	}
	return all
}

// decoded is a record as if it were read from a recording.
func decoded(t *testing.T, members map[string]any) *record.Record {
	t.Helper()
	line, err := json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	r, err := record.Decode(line)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// evil is a text that tries to be markup, code, a mention, or a command to the terminal.
const evil = "</style></script><script>alert(1)</script><img src=x onerror=alert(1)> | a `b` |\n# c @all \x1b[2J\u202e"

// hostileCalls are simulated calls with evil names and errors.
func hostileCalls() []simulation.Followed {
	call := simulation.Followed{
		Event:   evil,
		Variant: simulation.Recorded,
		Outcome: wire.Threw,
		Threw:   strings.Repeat(evil, 20),
		Hits:    []simulation.Hit{{To: evil}, {To: "x", System: evil}},
	}
	nameless := simulation.Followed{Variant: simulation.Recorded, Outcome: wire.NoHandler, Hits: []simulation.Hit{}}
	return []simulation.Followed{call, call, nameless}
}

// hostileHits are n calls with evil names, each with a hit at one of many evil places.
func hostileHits(t *testing.T, n int) []*record.Record {
	t.Helper()
	var all []*record.Record
	for i := range n {
		id := fmt.Sprintf("d/%d", i+1)
		all = append(all, decoded(t, map[string]any{
			"v": 1, "kind": "call", "id": id, "seq": i + 1,
			"time":     "2026-11-22T10:13:04.123Z",
			"document": "d",
			"url":      "https://shop.example/",
			"args": []any{
				fmt.Sprintf("e%d %s", i%50, evil),
				map[string]any{},
				map[string]any{"session_id": fmt.Sprint("s", i/100), "client_email": "a@b.example"},
			},
		}))
		hit := map[string]any{
			"via":     "request",
			"to":      fmt.Sprintf("https://h%d.example/%s", i%60, evil),
			"system":  evil,
			"because": "content",
			"calls":   []string{id},
			"data":    json.RawMessage(`{"query":{"e":"x"},"body":"a@b.example"}`),
			"carries": []map[string]any{
				{"what": "/0", "at": "/0/e"},
				{"what": "/2/client_email", "at": "/" + strings.ReplaceAll(evil, "/", "~1")},
			},
		}
		if i%3 == 0 {
			hit["via"], hit["to"], hit["system"] = "queue", fmt.Sprintf("q%d %s", i%60, evil), ""
			hit["data"] = json.RawMessage(`[{"e":"x"},{"e":"x"}]`)
		}
		all = append(all, decoded(t, map[string]any{
			"v": 1, "kind": "hit", "id": fmt.Sprintf("d/hit-%d", i), "seq": 0,
			"time":     "2026-11-22T10:13:04.200Z",
			"document": "d",
			"url":      "https://shop.example/",
			"hit":      hit,
		}))
	}
	return all
}

// TestHostileText: the text report contains only printable characters, and this program's own
// colours.
func TestHostileText(t *testing.T) {
	for name, r := range reports(t, false) {
		text := string(written(t, func(w io.Writer) error { return r.Text(w, true) }))
		text = regexp.MustCompile(`\x1b\[(1|1;31|33|36|32|0)m`).ReplaceAllString(text, "")
		if bad := regexp.MustCompile(`[\x00-\x09\x0b-\x1f\x7f-\x{9f}\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2066}-\x{2069}\x{feff}\x{fffe}]`).FindStringIndex(text); bad != nil {
			t.Errorf("%s has %q in %q", name, text[bad[0]:bad[1]], text[max(0, bad[0]-40):bad[1]])
		}
	}
}

func TestHostileJSON(t *testing.T) {
	for name, r := range reports(t, false) {
		if !json.Valid(written(t, r.JSON)) {
			t.Errorf("%s is not JSON", name)
		}
	}
}

func around(text, part string) string {
	i := strings.Index(text, part)
	return text[max(0, i-200):min(len(text), i+200)]
}

// TestHostileHTML: the HTML report contains only elements of its own, and nothing that loads or
// runs.
func TestHostileHTML(t *testing.T) {
	const own = " html head meta title style body header p h1 h2 h3 span ul li b nav a main section dl div dt dd article code details summary table thead tbody tr th td br footer label input "
	allowed := map[string]bool{}
	for _, name := range strings.Fields(own) {
		allowed[name] = true
	}
	for _, redacted := range []bool{true, false} {
		for name, r := range reports(t, redacted) {
			page := string(written(t, r.HTML))
			if len(page) > 8<<20 {
				t.Errorf("%s has %d bytes", name, len(page))
			}
			for _, m := range regexp.MustCompile(`<([a-zA-Z][a-zA-Z0-9]*)([^>]*)>`).FindAllStringSubmatch(page, -1) {
				if !allowed[m[1]] {
					t.Errorf("%s has the element %s", name, m[0])
				}
				names := regexp.MustCompile(`"[^"]*"`).ReplaceAllString(m[2], `""`) // without the values
				if attr := regexp.MustCompile(`(?i)\s(on[a-z]+|src|style|srcset)=`).FindString(names); attr != "" {
					t.Errorf("%s has the attribute%s in %s", name, attr, m[0])
				}
				if m[1] == "a" && !strings.HasPrefix(m[2], ` href="#`) {
					t.Errorf("%s has a link to elsewhere: %s", name, m[0])
				}
			}
			if strings.Contains(page, "\u202e") || strings.Contains(page, "\x1b") || strings.Contains(page, "ZgotmplZ") {
				t.Errorf("%s has an invisible character, or a value that the template refused", name)
			}
		}
	}
}
