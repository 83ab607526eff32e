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
			rec.V, rec.ID, rec.Seq, rec.Time, rec.Document, rec.URL = 1, fmt.Sprintf("%s/%d", document, seq), seq, record.At(at), document, "https://shop.example/"
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

func TestCompare(t *testing.T) {
	visit := steps(usual...)
	tests := []struct {
		name          string
		before, after [][]step
		want          string // the changes, a line each
		noise         bool
	}{
		{"the same", times(2, visit), times(3, visit), "", false},
		{"an event is gone", times(1, visit), times(1, steps(without(usual, "disclaimer_ok")...)),
			"worse event disclaimer_ok: was in the only journey, is in none of 1 journey", false},
		{"an event is gone from one of three journeys", times(3, visit), append(times(2, visit), steps(without(usual, "disclaimer_ok")...)), "", true},
		{"an event is gone from half of forty journeys", times(40, visit), append(times(20, visit), times(20, steps(without(usual, "disclaimer_ok")...))...),
			"worse event disclaimer_ok: was in all 40 journeys, is in 20 of 40 journeys", false},
		{"an event that only some journeys had", [][]step{visit, steps(append(usual, "rating_submit")...)}, times(2, visit), "", true},
		{"a new event", times(1, visit), times(1, steps(append(usual, "chat_window_maximized")...)),
			"changed event chat_window_maximized: is new, in the only journey", false},
		{"an error is shown", times(1, visit), times(1, steps(append(usual, "error_message")...)),
			"worse event error_message: was in none of 1 journey, is in the only journey\n" +
				"worse finding error-shown in error_message: is new (warning, once)", false},
		{"an error is gone", times(1, steps(append(usual, "error_message")...)), times(1, visit),
			"better event error_message: was in the only journey, is in none of 1 journey", false},
		{"an event comes less often", times(3, steps(append(usual, "message_operator_terminating", "message_operator_terminating")...)), times(3, steps(append(usual, "message_operator_terminating")...)),
			"worse count message_operator_terminating: came twice in each journey, comes once", false},
		{"an event comes less often in one visit", times(1, steps(append(usual, "message_operator_terminating", "message_operator_terminating")...)), times(1, steps(append(usual, "message_operator_terminating")...)), "", true},
		{"another order", times(1, visit), times(1, steps("button_displayed", "chat_requested", "chat_connected", "chat_started", "disclaimer_ok", "contact_first_message")),
			"", true},
		{"another order of what needs another", times(1, visit), times(1, steps("button_displayed", "chat_connected", "chat_requested", "disclaimer_ok", "chat_started", "contact_first_message")),
			"worse order chat_requested before chat_connected: so in the only journey, now in none of 1 journey", false},
		{"another order in three visits", times(3, visit), times(3, steps("button_displayed", "chat_requested", "chat_connected", "chat_started", "disclaimer_ok", "contact_first_message")),
			"worse order disclaimer_ok before chat_started: so in all 3 journeys, now in none of 3 journeys", false},
		{"a mended typo", times(1, steps("button_displayed", "chat_requested", "chat_connected", "chat_strated", "contact_first_message")), times(1, steps("button_displayed", "chat_requested", "chat_connected", "chat_started", "contact_first_message")),
			"better event chat_strated: was in the only journey, is in none of 1 journey\nbetter finding undocumented-event in chat_strated at /0: is gone (error, it came once)", false},
		{"a finding that went with its event", times(1, withData(`{"d":"2026-11-22T10:00:00.000Z"}`, record.Note{At: "/2/custom_data/d", Is: "date"})), times(1, withData(`{}`)[:4]),
			"changed finding not-serializable in contact_first_message at /2/custom_data/d: is gone with its event, which did not come (error, it came once)\nworse event", false},
		{"every call twice", times(1, visit), times(1, append(slices.Clone(visit), visit...)), "worse count all: every call comes twice as often", false},
		{"custom_data lost a member", times(1, visit), times(1, withData(`{"basket":{"items":[{"sku":"a"},{"sku":"b"}]}}`)),
			"worse custom_data session_ctx.custom_data.basket.total: is missing in button_displayed: none of 1 value, was the only value; chat_connected: none of 1 value, was the only value; chat_requested: none of 1 value, was the only value; chat_started: none of 1 value, was the only value; and 2 other events", false},
		{"custom_data is gone", times(1, visit), times(1, withData("")),
			"worse field session_ctx.custom_data: is missing in button_displayed: none of 1 call, was the only call; chat_connected: none of 1 call, was the only call; chat_requested: none of 1 call, was the only call; chat_started: none of 1 call, was the only call; and 2 other events", false},
		{"custom_data has a new member", times(1, visit), times(1, withData(`{"basket":{"total":12.5,"items":[{"sku":"a","n":1},{"sku":"b"}]}}`)),
			"changed custom_data session_ctx.custom_data.basket.items[*].n: is new, a number", false},
		{"a type changed", times(1, visit), times(1, withData(`{"basket":{"total":"12.50","items":[{"sku":"a"},{"sku":"b"}]}}`)),
			"worse custom_data session_ctx.custom_data.basket.total: is now string, was number", false},
		{"an integer is a number", times(1, visit), times(1, withData(`{"basket":{"total":12,"items":[{"sku":"a"}]}}`)), "", false},
		{"findings come and go", times(1, withData(`{"basket":{"total":1,"items":[]},"d":"2026-11-22T10:00:00.000Z"}`, record.Note{At: "/2/custom_data/d", Is: "date"})), times(1, steps(append(usual, "chat_strated")...)),
			"worse finding undocumented-event in chat_strated at /0: is new (error, once)\n" +
				"better finding not-serializable in chat_started at /2/custom_data/d: is gone (error, it came once)", false},
		{"nothing came", times(2, visit), nil, "worse event all: no call was recorded, there were 12 before", false},
	}
	for _, test := range tests {
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

// TestChanceIsNoRegression draws recordings from the same contacts, some of whom
// do not do everything.
func TestChanceIsNoRegression(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	draw := func(n int) (visits [][]step) {
		for range n {
			visit := steps(usual...)
			for _, e := range []string{"message_operator_terminating", "message_operator_terminating", "feedback_rating_show", "post_survey_show", "chat_window_maximized"} {
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
