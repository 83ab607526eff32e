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

// reports are of all that the tests know, hostile and huge ones included.
func reports(t *testing.T, redacted bool) map[string]*report.Report {
	simulated := judge(t, load(t, "simulated"), nil, redacted)
	simulated.Simulation = append(simulationIn(t, load(t, "simulated")), hostileCalls()...)
	return map[string]*report.Report{
		"visit":   judge(t, load(t, "visit"), visitPlan(t), redacted),
		"nothing": judge(t, nil, nil, redacted),
		"hostile": judge(t, load(t, "hostile"), nil, redacted),
		"huge":    judge(t, huge(t), nil, redacted),
		"hits":    judge(t, hostileHits(t), nil, redacted),

		"simulated": simulated,
	}
}

// huge is a recording of many different mistakes in many journeys.
func huge(t *testing.T) []*record.Record {
	t.Helper()
	var all []*record.Record
	long := strings.Repeat("|`<b>*_ ", 40)
	for i := range 1500 {
		r, err := record.Decode(fmt.Appendf(nil, `{"v":1,"kind":"call","id":"d%d/1","seq":1,"time":"2026-11-22T10:13:04.123Z","document":"d%d","url":"https://shop-%d.example/","args":["%s%d",{},{"session_id":"%s%d","client_name":"x"}]}`, i, i, i%40, long, i, long, i/3))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	return all
}

// hostileCalls are a recording's, made again, whose names and errors would be
// structure or code.
func hostileCalls() []simulation.Followed {
	evil := "</style></script><script>alert(1)</script><img src=x onerror=alert(1)> | a `b` |\n# c @all \x1b[2J\u202e"
	call := simulation.Followed{Event: evil, Variant: simulation.Recorded, Outcome: wire.Threw, Threw: strings.Repeat(evil, 20), Hits: []simulation.Hit{{To: evil}, {To: "x", System: evil}}}
	return []simulation.Followed{call, call, {Variant: simulation.Recorded, Outcome: wire.NoHandler, Hits: []simulation.Hit{}}}
}

// hostileHits are of many places, whose names would be structure or code.
func hostileHits(t *testing.T) []*record.Record {
	t.Helper()
	var all []*record.Record
	add := func(line []byte) {
		r, err := record.Decode(line)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	evil := "</style></script><script>alert(1)</script><img src=x onerror=alert(1)> | a `b` |\n# c @all \x1b[2J\u202e"
	for i := range 300 {
		event, to, system := fmt.Sprintf("e%d %s", i%50, evil), fmt.Sprintf("https://h%d.example/%s", i%60, evil), evil
		if i%3 == 0 {
			to, system = fmt.Sprintf("q%d %s", i%60, evil), ""
		}
		args, _ := json.Marshal([]any{event, map[string]any{}, map[string]any{"session_id": fmt.Sprint("s", i/100), "client_email": "a@b.example"}})
		add(fmt.Appendf(nil, `{"v":1,"kind":"call","id":"d/%d","seq":%d,"time":"2026-11-22T10:13:04.123Z","document":"d","url":"https://shop.example/","args":%s}`, i+1, i+1, args))
		via := "request"
		data := `{"query":{"e":"x"},"body":"a@b.example"}`
		if i%3 == 0 {
			via, data = "queue", `[{"e":"x"},{"e":"x"}]`
		}
		hit, _ := json.Marshal(map[string]any{"via": via, "to": to, "system": system, "because": "content", "calls": []string{fmt.Sprintf("d/%d", i+1)}, "data": json.RawMessage(data),
			"carries": []any{map[string]any{"what": "/0", "at": "/0/e"}, map[string]any{"what": "/2/client_email", "at": "/" + strings.NewReplacer("/", "~1").Replace(evil)}}})
		add(fmt.Appendf(nil, `{"v":1,"kind":"hit","id":"d/hit-%d","seq":0,"time":"2026-11-22T10:13:04.200Z","document":"d","url":"https://shop.example/","hit":%s}`, i, hit))
	}
	return all
}

// A terminal is told nothing but letters, and colours of this program's.
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

// The page holds only elements of its own, and nothing that loads or runs.
func TestHostileHTML(t *testing.T) {
	const own = " html head meta title style body header p h1 h2 h3 span ul li b nav a main section dl div dt dd article code details summary table thead tbody tr th td br footer "
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
				if attr := regexp.MustCompile(`(?i)\s(on[a-z]+|src|style|srcset)=`).FindString(m[2]); attr != "" {
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
