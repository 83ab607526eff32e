package reporttest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/simulation"
	"userlike-inspector/nativehost/internal/wire"
)

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

// HostileHits are n calls with evil names, each with a hit at one of many evil places.
func HostileHits(t *testing.T, n int) []*record.Record {
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
