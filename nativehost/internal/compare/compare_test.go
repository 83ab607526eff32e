package compare_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/compare"
	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/record"
)

// step is a call of a visit, two seconds after the one before.
type step struct {
	event string
	data  string // of custom_data, JSON
	notes []record.Note
}

func steps(events ...string) []step {
	var all []step
	for _, e := range events {
		all = append(all, step{event: e, data: `{"basket":{"total":12.5,"items":[{"sku":"a"},{"sku":"b"}]}}`})
	}
	return all
}

var usual = []string{"button_displayed", "chat_requested", "chat_connected", "disclaimer_ok", "chat_started", "contact_first_message"}

// inspector is compiled once for all recordings.
var inspector = sync.OnceValues(inspect.New)

// recorded is a recording of visits, each a journey from its beginning.
func recorded(t *testing.T, visits ...[]step) *compare.Recording {
	t.Helper()
	in, err := inspector()
	if err != nil {
		t.Fatal(err)
	}
	r := compare.New(in)
	at := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	for v, visit := range visits {
		document := fmt.Sprintf("d%d", v)
		seq := int64(0)
		add := func(rec record.Record) {
			seq++
			at = at.Add(2 * time.Second)
			hooked := true
			rec.V, rec.ID, rec.Seq, rec.Time = 1, fmt.Sprintf("%s/%d", document, seq), seq, record.At(at)
			rec.Document, rec.URL = document, "https://shop.example/"
			if rec.Kind == record.Page {
				rec.HookedFromStart = &hooked
			}
			r.Add(&rec)
		}
		add(record.Record{Kind: record.Page, Event: "opened"})
		add(record.Record{Kind: record.Handler, State: "appeared"})
		for _, s := range visit {
			args := fmt.Sprintf(`[%q,{"client_uuid":"u","operator_group_id":1,"widget_id":2,"widget_lang":"de"},{"session_id":"s%d"`, s.event, v)
			if s.data != "" {
				args += `,"custom_data":` + s.data
			}
			add(record.Record{Kind: record.Call, Args: json.RawMessage(args + "}]"), Notes: s.notes, Handled: &record.HandlerAtCall{State: "assigned"}})
		}
		add(record.Record{Kind: record.Page, Event: "closed"})
	}
	r.End()
	return r
}

func times(n int, visit []step) [][]step {
	var all [][]step
	for range n {
		all = append(all, visit)
	}
	return all
}

func without(events []string, gone string) []string {
	var all []string
	for _, e := range events {
		if e != gone {
			all = append(all, e)
		}
	}
	return all
}

func withData(data string, notes ...record.Note) []step {
	visit := steps(usual...)
	for i := range visit {
		visit[i].data, visit[i].notes = data, notes
	}
	return visit
}

// comparison are two recordings, each a list of visits, and what changed between them.
type comparison struct {
	name          string
	before, after [][]step
	want          string // the changes, a line each
	noise         bool   // whether there are small differences, which are only counted
}

// comparisons are recordings that differ in their events.
func comparisons() []comparison {
	visit := steps(usual...)
	late := steps("button_displayed", "chat_requested", "chat_connected", "chat_started", "disclaimer_ok", "contact_first_message")
	date := record.Note{At: "/2/custom_data/d", Is: "date"}
	return []comparison{
		{name: "the same", before: times(2, visit), after: times(3, visit)},
		{
			name:   "an event is gone",
			before: times(1, visit),
			after:  times(1, steps(without(usual, "disclaimer_ok")...)),
			want:   "worse event disclaimer_ok: was in the only journey, is in none of 1 journey",
		},
		{
			name:   "an event is gone from one of three journeys",
			before: times(3, visit),
			after:  append(times(2, visit), steps(without(usual, "disclaimer_ok")...)),
			noise:  true,
		},
		{
			name:   "an event is gone from half of forty journeys",
			before: times(40, visit),
			after:  append(times(20, visit), times(20, steps(without(usual, "disclaimer_ok")...))...),
			want:   "worse event disclaimer_ok: was in all 40 journeys, is in 20 of 40 journeys",
		},
		{
			name:   "an event that only some journeys had",
			before: [][]step{visit, steps(append(usual, "rating_submit")...)},
			after:  times(2, visit),
			noise:  true,
		},
		{
			name:   "a new event",
			before: times(1, visit),
			after:  times(1, steps(append(usual, "chat_window_maximized")...)),
			want:   "changed event chat_window_maximized: is new, in the only journey",
		},
		{
			name:   "an error is shown",
			before: times(1, visit),
			after:  times(1, steps(append(usual, "error_message")...)),
			want: "worse event error_message: was in none of 1 journey, is in the only journey\n" +
				"worse finding error-shown in error_message: is new (warning, once)",
		},
		{
			name:   "an error is gone",
			before: times(1, steps(append(usual, "error_message")...)),
			after:  times(1, visit),
			want:   "better event error_message: was in the only journey, is in none of 1 journey",
		},
		{
			name:   "an event comes less often",
			before: times(3, steps(append(usual, "message_operator_terminating", "message_operator_terminating")...)),
			after:  times(3, steps(append(usual, "message_operator_terminating")...)),
			want:   "worse count message_operator_terminating: came twice in each journey, comes once",
		},
		{
			name:   "an event comes less often in one visit",
			before: times(1, steps(append(usual, "message_operator_terminating", "message_operator_terminating")...)),
			after:  times(1, steps(append(usual, "message_operator_terminating")...)),
			noise:  true,
		},
		{
			name:   "another order",
			before: times(1, visit),
			after:  times(1, late),
			noise:  true,
		},
		{
			name:   "another order of what needs another",
			before: times(1, visit),
			after: times(1, steps("button_displayed", "chat_connected", "chat_requested",
				"disclaimer_ok", "chat_started", "contact_first_message")),
			want: "worse order chat_requested before chat_connected: so in the only journey, now in none of 1 journey",
		},
		{
			name:   "another order in three visits",
			before: times(3, visit),
			after:  times(3, late),
			want:   "worse order disclaimer_ok before chat_started: so in all 3 journeys, now in none of 3 journeys",
		},
		{
			name:   "a mended typo",
			before: times(1, steps("button_displayed", "chat_requested", "chat_connected", "chat_strated", "contact_first_message")),
			after:  times(1, steps("button_displayed", "chat_requested", "chat_connected", "chat_started", "contact_first_message")),
			want: "better event chat_strated: was in the only journey, is in none of 1 journey\n" +
				"better finding undocumented-event in chat_strated at /0: is gone (error, it came once)",
		},
		{
			name:   "a finding that went with its event",
			before: times(1, withData(`{"d":"2026-11-22T10:00:00.000Z"}`, date)),
			after:  times(1, withData(`{}`)[:4]),
			want: "changed finding not-serializable in contact_first_message at /2/custom_data/d: " +
				"is gone with its event, which did not come (error, it came once)\n" +
				"worse event",
		},
		{
			name:   "every call twice",
			before: times(1, visit),
			after:  times(1, append(slices.Clone(visit), visit...)),
			want:   "worse count all: every call comes twice as often",
		},
		{name: "nothing came", before: times(2, visit), want: "worse event all: no call was recorded, there were 12 before"},
	}
}

// dataComparisons are recordings that differ in custom_data.
func dataComparisons() []comparison {
	visit := steps(usual...)
	date := record.Note{At: "/2/custom_data/d", Is: "date"}
	return []comparison{
		{
			name:   "custom_data lost a member",
			before: times(1, visit),
			after:  times(1, withData(`{"basket":{"items":[{"sku":"a"},{"sku":"b"}]}}`)),
			want: "worse custom_data session_ctx.custom_data.basket.total: is missing in " +
				"button_displayed: none of 1 value, was the only value; " +
				"chat_connected: none of 1 value, was the only value; " +
				"chat_requested: none of 1 value, was the only value; " +
				"chat_started: none of 1 value, was the only value; and 2 other events",
		},
		{
			name:   "custom_data is gone",
			before: times(1, visit),
			after:  times(1, withData("")),
			want: "worse field session_ctx.custom_data: is missing in " +
				"button_displayed: none of 1 call, was the only call; " +
				"chat_connected: none of 1 call, was the only call; " +
				"chat_requested: none of 1 call, was the only call; " +
				"chat_started: none of 1 call, was the only call; and 2 other events",
		},
		{
			name:   "custom_data has a new member",
			before: times(1, visit),
			after:  times(1, withData(`{"basket":{"total":12.5,"items":[{"sku":"a","n":1},{"sku":"b"}]}}`)),
			want:   "changed custom_data session_ctx.custom_data.basket.items[*].n: is new, a number",
		},
		{
			name:   "a type changed",
			before: times(1, visit),
			after:  times(1, withData(`{"basket":{"total":"12.50","items":[{"sku":"a"},{"sku":"b"}]}}`)),
			want:   "worse custom_data session_ctx.custom_data.basket.total: is now string, was number",
		},
		{
			name:   "an integer is a number",
			before: times(1, visit),
			after:  times(1, withData(`{"basket":{"total":12,"items":[{"sku":"a"}]}}`)),
		},
		{
			name:   "findings come and go",
			before: times(1, withData(`{"basket":{"total":1,"items":[]},"d":"2026-11-22T10:00:00.000Z"}`, date)),
			after:  times(1, steps(append(usual, "chat_strated")...)),
			want: "worse finding undocumented-event in chat_strated at /0: is new (error, once)\n" +
				"better finding not-serializable in chat_started at /2/custom_data/d: is gone (error, it came once)",
		},
	}
}

func TestCompare(t *testing.T) {
	for _, test := range append(comparisons(), dataComparisons()...) {
		t.Run(test.name, func(t *testing.T) {
			got := compare.Compare(recorded(t, test.before...), recorded(t, test.after...))
			var lines []string
			for _, c := range got.Changes {
				lines = append(lines, fmt.Sprintf("%s %s %s: %s", c.Verdict, c.Aspect, c.What, c.Message))
			}
			all := strings.Join(lines, "\n")
			for _, want := range strings.Split(test.want, "\n") {
				if !strings.Contains(all, want) {
					t.Errorf("no %q in\n%s", want, all)
				}
			}
			if test.want == "" && got.Worse() || strings.Contains(test.want, "worse") != got.Worse() {
				t.Errorf("worse is %t:\n%s", got.Worse(), all)
			}
			if test.noise && len(got.Small) == 0 {
				t.Errorf("no noise:\n%s", all)
			}
		})
	}
}

// TestChanceIsNoRegression draws two recordings from the same contacts, of whom some do not
// do everything. There must be no regression.
func TestChanceIsNoRegression(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	draw := func(n int) (visits [][]step) {
		for range n {
			visit := steps(usual...)
			for _, e := range []string{
				"message_operator_terminating",
				"message_operator_terminating",
				"feedback_rating_show",
				"post_survey_show",
				"chat_window_maximized",
			} {
				if random.IntN(2) == 0 {
					visit = append(visit, steps(e)...)
				}
			}
			for i := range visit {
				if random.IntN(3) == 0 {
					visit[i].data = `{"basket":{"items":[]},"voucher":"x"}`
				}
			}
			visits = append(visits, visit)
		}
		return visits
	}
	for range 30 {
		before, after := draw(20+random.IntN(20)), draw(20+random.IntN(20))
		if got := compare.Compare(recorded(t, before...), recorded(t, after...)); got.Worse() {
			t.Errorf("a regression by chance: %+v", got.Changes)
		}
	}
}
