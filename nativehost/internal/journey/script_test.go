package journey_test

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/record"
)

var start = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

// recording makes records of a script: one a line,
//
//	SECONDS [@DOCUMENT] [#SESSION] [~CLIENT] [^TAB] WHAT [JSON]
//
// WHAT is an event's name, or one of opened, late, closed, client, appeared,
// removed, shadowed and gap. JSON are members of session_ctx, or of global_ctx
// where a g comes before it. The document is d, the session s and the client c,
// unless said otherwise; "#-" is no session. The site is the document's letter:
// https://d.example for d, d1 and d2.
func recording(t testing.TB, script string) []*record.Record {
	t.Helper()
	var all []*record.Record
	seq := map[string]int64{}
	for line := range strings.Lines(script) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		head, extra, _ := strings.Cut(line, "{")
		if extra != "" {
			extra = "{" + extra
		}
		words := strings.Fields(head)
		seconds, err := strconv.ParseFloat(words[0], 64)
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		doc, session, client, what, tab, global := "d", "s", "c", "", 1, false
		for _, w := range words[1:] {
			switch {
			case w[0] == '@':
				doc = w[1:]
			case w[0] == '#':
				session = strings.TrimPrefix(w[1:], "-")
			case w[0] == '~':
				client = w[1:]
			case w[0] == '^':
				tab, _ = strconv.Atoi(w[1:])
			case w == "g":
				global = true
			default:
				what = w
			}
		}
		seq[doc]++
		r := &record.Record{
			V: 1, ID: fmt.Sprintf("%s/%d", doc, seq[doc]), Seq: seq[doc], Document: doc, Tab: &tab,
			Time: record.At(start.Add(time.Duration(math.Round(seconds*1000)) * time.Millisecond)), URL: "https://" + doc[:1] + ".example/",
		}
		fill(t, r, what, session, client, extra, global)
		all = append(all, r)
	}
	return all
}

func fill(t testing.TB, r *record.Record, what, session, client, extra string, global bool) {
	yes, no := true, false
	switch what {
	case "opened":
		r.Kind, r.Event, r.HookedFromStart = record.Page, "opened", &yes
	case "late":
		r.Kind, r.Event, r.HookedFromStart = record.Page, "opened", &no
	case "closed":
		r.Kind, r.Event, r.HookedFromStart = record.Page, "closed", &yes
	case "client":
		r.Kind, r.Text = record.Client, "frame"
	case "appeared", "removed", "shadowed":
		r.Kind, r.State = record.Handler, what
	case "gap":
		r.Kind, r.Lost, r.Why = record.Gap, 1, "the script says so"
	default:
		r.Kind = record.Call
		contexts := []map[string]any{{"client_uuid": client, "operator_group_id": 1, "widget_id": 2, "widget_lang": "de"}, {}}
		if session != "" {
			contexts[1]["session_id"] = session
		}
		if extra != "" {
			into := &contexts[1]
			if global {
				into = &contexts[0]
			}
			if err := json.Unmarshal([]byte(extra), into); err != nil {
				t.Fatalf("%s: %v", extra, err)
			}
		}
		args, err := json.Marshal([]any{what, contexts[0], contexts[1]})
		if err != nil {
			t.Fatal(err)
		}
		r.Args = args
	}
}

func inspector(t testing.TB) *inspect.Inspector {
	t.Helper()
	in, err := inspect.New()
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// judge gives the verdicts on records.
func judge(in *inspect.Inspector, records []*record.Record) []journey.Finding {
	r := journey.NewRecording(in)
	for _, rec := range records {
		r.Add(rec)
	}
	return r.End()
}

// lines are findings in short.
func lines(found []journey.Finding) []string {
	var out []string
	for _, f := range found {
		out = append(out, strings.Join(slices.DeleteFunc([]string{string(f.Severity), f.Rule, f.Record, f.At}, func(s string) bool { return s == "" }), " "))
	}
	return out
}
