package journey_test

import (
	"encoding/json"
	"fmt"
	"iter"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/record/recordtest"
	"userlike-inspector/nativehost/internal/systems"
)

var start = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

// recording makes records from a script. Each line is a record:
//
//	SECONDS [s] [simulated] [@DOCUMENT] [#SESSION] [~CLIENT] [^TAB] [!ADDRESS] [%FRAME] WHAT …
//
// WHAT is an event's name, or one of opened, late, hooked, closed, gap, args, and
// a state of the client or of the handler, with its text; standin before an event's
// name is a call that the stand-in took. What follows it are members of the contexts,
// session_ctx {…} and global_ctx {…}, or the whole of args […], and then
// note PLACE WORD, passed true or false, and threw "TEXT". The document is d, the session s and the
// client c, unless said otherwise; "#-" is no session. The site is the
// document's letter: https://d.example for d, d1 and d2.
//
// Possible hits that were not looked at are "missed DURATION", "nowhere" where nobody
// knows in which page. A hit is
//
//	hit TO CALL[,CALL…] [DATA] [because WORD] [unreadable] [failed DURATION] [note PLACE WORD] [has WHAT PLACE[=FORM]]…
//
// and a request where TO is an address. Its system is found as the host finds it.
func recording(t testing.TB, script string) []*record.Record {
	t.Helper()
	var all []*record.Record
	seq := map[string]int64{}
	for line := range strings.Lines(script) {
		if line = strings.TrimSpace(line); line != "" && line != "ends" {
			if r := parseLine(t, line, seq); r != nil {
				all = append(all, r)
			}
		}
	}
	recordtest.Made(t, all...)
	return all
}

// visited makes records from a script. It closes the documents 20 s after the last record,
// unless the script closes one itself or has a line "ends".
func visited(t testing.TB, script string) []*record.Record {
	t.Helper()
	all := recording(t, script)
	if strings.HasSuffix(strings.TrimSpace(script), "ends") || slices.ContainsFunc(all, func(r *record.Record) bool { return r.Event == record.Closed }) {
		return all
	}
	last := map[string]*record.Record{}
	var documents []string
	var end time.Time
	for _, r := range all {
		if r.AboutHits() {
			continue
		}
		if last[r.Document] == nil {
			documents = append(documents, r.Document)
		}
		last[r.Document] = r
		if r.Time.After(end) {
			end = r.Time.Time
		}
	}
	yes := true
	for _, d := range documents {
		closed := *last[d]
		closed.Kind, closed.Event, closed.HookedFromStart = record.Page, record.Closed, &yes
		closed.Args, closed.Notes, closed.Handled, closed.State, closed.Text, closed.Lost, closed.Why = nil, nil, nil, "", "", 0, ""
		closed.Seq++
		closed.ID, closed.Time = fmt.Sprintf("%s/%d", d, closed.Seq), record.At(end.Add(20*time.Second))
		all = append(all, &closed)
	}
	return all
}

func parseLine(t testing.TB, line string, seq map[string]int64) *record.Record {
	t.Helper()
	doc, session, client, tab := "d", "s", "c", 1
	var frame *int
	address, simulated := "", false
	time0, rest, _ := strings.Cut(line, " ")
	seconds, err := strconv.ParseFloat(time0, 64)
	if err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	var what string
	for what == "" {
		var word string
		word, rest, _ = strings.Cut(strings.TrimSpace(rest), " ")
		switch {
		case word == "s":
		case word == "simulated":
			simulated = true
		case word == "":
			t.Fatalf("%q does not say what", line)
		case word[0] == '@':
			doc = word[1:]
		case word[0] == '#':
			session = strings.TrimPrefix(word[1:], "-")
		case word[0] == '~':
			client = word[1:]
		case word[0] == '^':
			tab, _ = strconv.Atoi(word[1:])
		case word[0] == '%':
			n, _ := strconv.Atoi(word[1:])
			frame = &n
		case word[0] == '!':
			address = word[1:]
		default:
			what = word
		}
	}
	if what != "hit" && what != "missed" {
		seq[doc]++
	}
	r := &record.Record{
		V: 1, ID: fmt.Sprintf("%s/%d", doc, seq[doc]), Seq: seq[doc], Document: doc, Tab: &tab, Frame: frame,
		Time: record.At(start.Add(time.Duration(math.Round(seconds*1000)) * time.Millisecond)), URL: "https://" + doc[:1] + ".example/",
	}
	if address != "" {
		r.URL = address
	}
	r.Simulated = simulated
	yes, no := true, false
	switch what {
	case "hit":
		seq["hit"]++
		r.Seq, r.ID = 0, fmt.Sprintf("%s/hit-%d", doc, seq["hit"])
		parseHit(t, r, strings.TrimSpace(rest))
	case "missed":
		seq["hit"]++
		r.Seq, r.ID = 0, fmt.Sprintf("%s/missed-%d", doc, seq["hit"])
		parseMissed(t, r, strings.TrimSpace(rest))
	case "unfollowed":
		r.Kind, r.Event, r.HookedFromStart, r.Text = record.Page, record.Hooked, &yes, record.NotFollowed
	case "lost": // only its seq is used up
		return nil
	case "mark":
		return &record.Record{V: 1, Kind: record.Mark, ID: fmt.Sprint("m/", seconds), Seq: 1, Time: r.Time, Text: "x"}
	case "paused":
		r.Kind, r.Lost, r.Why = record.Gap, 1, record.PausedByTester
		r.URL = strings.TrimSuffix(r.URL, "/") // only the origin of the address is kept then
	case "opened", "hooked", "closed":
		r.Kind, r.Event, r.HookedFromStart = record.Page, record.PageEvent(what), &yes
	case "late":
		r.Kind, r.Event, r.HookedFromStart = record.Page, "opened", &no
	case "held-back", "refused", "loaded", "framed", "mounted":
		r.Kind, r.State, r.Text = record.Client, record.State(what), strings.TrimSpace(rest)
	case "appeared", "replaced", "removed", "shadowed", "not-writable":
		r.Kind, r.State, r.Text = record.Handler, record.State(what), strings.TrimSpace(rest)
	case "gap":
		r.Kind, r.Lost, r.Why = record.Gap, 1, record.QueueFull
	case "args":
		r.Kind, r.Args = record.Call, json.RawMessage(rest)
	case "standin":
		event, more, _ := strings.Cut(strings.TrimSpace(rest), " ")
		parseCall(t, r, event, session, client, more)
		r.Handled = &record.HandlerAtCall{State: record.StandIn}
	default:
		parseCall(t, r, what, session, client, rest)
	}
	return r
}

// parseMissed makes r a gap of possible hits that nobody looked at for some seconds.
func parseMissed(t testing.TB, r *record.Record, rest string) {
	t.Helper()
	long, where, _ := strings.Cut(rest, " ")
	lasted, err := time.ParseDuration(long)
	if err != nil {
		t.Fatal(err)
	}
	until := record.At(r.Time.Add(lasted))
	r.Kind, r.Hits, r.Why, r.Received = record.Gap, 7, record.TooManyHits, &until
	if where == "nowhere" {
		r.Document, r.URL, r.Tab, r.ID = "", "", nil, "missed/"+r.ID
	}
}

// parseCall makes r a call of an event. rest says how it differs from a usual one.
func parseCall(t testing.TB, r *record.Record, event, session, client, rest string) {
	t.Helper()
	r.Kind = record.Call
	global := map[string]any{"client_uuid": client, "operator_group_id": 1, "widget_id": 2, "widget_lang": "de"}
	context := map[string]any{}
	if session != "" {
		context["session_id"] = session
	}
	for rest = strings.TrimSpace(rest); rest != ""; rest = strings.TrimSpace(rest) {
		var word string
		if rest[0] == '{' {
			word = "session_ctx"
		} else {
			word, rest, _ = strings.Cut(rest, " ")
		}
		into := &context
		switch word {
		case "global_ctx":
			into = &global
		case "session_ctx":
		case "note":
			var n record.Note
			n.At, rest, _ = strings.Cut(rest, " ")
			n.Is, rest, _ = strings.Cut(rest, " ")
			r.Notes = append(r.Notes, n)
			continue
		case "passed":
			word, rest, _ = strings.Cut(rest, " ")
			on := word == "true"
			r.Handled = &record.HandlerAtCall{State: record.Assigned, PassedOn: &on}
			continue
		case "threw":
			text, err := strconv.Unquote(rest)
			if err != nil {
				t.Fatalf("%s: %v", rest, err)
			}
			r.Handled, rest = &record.HandlerAtCall{State: "assigned", Threw: text}, ""
			continue
		default:
			t.Fatalf("the script says %q", word)
		}
		d := json.NewDecoder(strings.NewReader(rest))
		if err := d.Decode(into); err != nil {
			t.Fatalf("%s: %v", rest, err)
		}
		rest = rest[d.InputOffset():]
	}
	args, err := json.Marshal([]any{event, global, context})
	if err != nil {
		t.Fatal(err)
	}
	r.Args = args
}

// parseHit makes r a hit.
func parseHit(t testing.TB, r *record.Record, rest string) {
	t.Helper()
	next := func() (word string) {
		word, rest, _ = strings.Cut(rest, " ")
		rest = strings.TrimSpace(rest)
		return word
	}
	h := &record.Handed{Via: record.Queue, To: next(), Because: record.DuringHandler, Calls: strings.Split(next(), ",")}
	if strings.Contains(h.To, "://") {
		h.Via, h.Because, h.Method, h.Type = record.Request, record.ByContent, "POST", "beacon"
	}
	r.Kind, r.Handed = record.Hit, h
	if strings.HasPrefix(rest, "{") || strings.HasPrefix(rest, "[") {
		d := json.NewDecoder(strings.NewReader(rest))
		if err := d.Decode(&h.Data); err != nil {
			t.Fatalf("%s: %v", rest, err)
		}
		rest = strings.TrimSpace(rest[d.InputOffset():])
	}
	for rest != "" {
		switch word := next(); word {
		case "because":
			h.Because = record.Because(next())
		case "unreadable":
			h.Unreadable = true
		case "failed":
			after, err := time.ParseDuration(next())
			if err != nil {
				t.Fatal(err)
			}
			at := record.At(r.Time.Add(after))
			h.Failed = &at
		case "system":
			h.System = next()
		case "note":
			r.Notes = append(r.Notes, record.Note{At: next(), Is: next()})
		case "has":
			what := next()
			at, as, _ := strings.Cut(next(), "=")
			h.Carries = append(h.Carries, record.Carried{What: what, At: at, As: record.Form(as)})
		default:
			t.Fatalf("the hit says %q", word)
		}
	}
	if h.Via == record.Request && h.System == "" {
		h.System = systems.Known().OfRequest(h.To, func(name string) bool {
			var data struct{ Query, Body map[string]any }
			_ = json.Unmarshal(h.Data, &data) // what cannot be read has no parameters
			_, inQuery := data.Query[name]
			_, inBody := data.Body[name]
			return inQuery || inBody
		})
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

// lines are findings in a short form.
func lines(found []journey.Finding) []string {
	var out []string
	for _, f := range found {
		out = append(out, strings.Join(slices.DeleteFunc([]string{string(f.Severity), f.Rule, f.Record, f.At}, func(s string) bool { return s == "" }), " "))
	}
	return out
}

// recorded is a recording, and what it is judged by.
type recorded struct {
	name    string
	in      *inspect.Inspector
	records []*record.Record
}

// recordings are all recordings of these tests and of other packages.
func recordings(t *testing.T) (all []recorded) {
	in := inspector(t)
	for _, c := range cases {
		all = append(all, recorded{c.name, in, visited(t, c.script)}, recorded{c.name + ", still open", in, recording(t, c.script)})
	}
	for _, c := range planCases {
		planned := in.With(parsePlan(t, c.plan))
		all = append(all, recorded{c.name, planned, visited(t, c.script)}, recorded{c.name + ", still open", planned, recording(t, c.script)})
	}
	for _, c := range slices.Concat(situations, handedOn) {
		by := in
		if c.plan != "" {
			by = in.With(parsePlan(t, c.plan))
		}
		all = append(all, recorded{c.name, by, recording(t, c.script)})
	}
	planned := in.With(parsePlan(t, lifePlan))
	for name, records := range stored(t) {
		all = append(all, recorded{name, in, records}, recorded{name + " by a plan", planned, records})
	}
	return all
}

// stored are the recordings in files of this and other packages, by the files' names.
func stored(t *testing.T) iter.Seq2[string, []*record.Record] {
	files, err := filepath.Glob("../*/testdata/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatalf("no recordings: %v", err)
	}
	return func(yield func(string, []*record.Record) bool) {
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var records []*record.Record
			for line := range strings.Lines(string(text)) {
				r, err := record.Decode([]byte(line))
				if err != nil {
					t.Fatalf("%s: %v", file, err)
				}
				records = append(records, r)
			}
			if !yield(file, records) {
				return
			}
		}
	}
}
