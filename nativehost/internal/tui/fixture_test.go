package tui_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gdamore/tcell/v2"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/redact"
	"userlike-inspector/nativehost/internal/simulation"
	"userlike-inspector/nativehost/internal/store"
	"userlike-inspector/nativehost/internal/tui"
	"userlike-inspector/nativehost/internal/tui/tuitest"
)

var update = flag.Bool("update", false, "write the golden screens and the README's picture anew")

// noon is the time of all tests.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// document is the id of the document that numbered puts records into.
const document = "0b0f6a1e-1111-4222-8333-444455556666"

// global is a valid global_ctx.
const global = `{"client_uuid":"c","operator_group_id":1,"widget_id":2,"widget_lang":"de"}`

// visit is a short visit to a shop, with mistakes in it. It has every kind of record but hits.
func visit() []*record.Record {
	const global = `{"client_uuid":"6b1e4e1e-5f5a-4a52-9c56-0a7d8f0b1c2d","operator_group_id":1234,"widget_id":5678,"widget_lang":"de"}`
	yes := true
	records := []*record.Record{
		{Kind: record.Page, Event: "opened", HookedFromStart: &yes},
		{Kind: record.Handler, State: "appeared"},
		{Kind: record.Client, State: record.Framed},
		call("button_displayed", global, `{}`),
		call("chat_requested", global, `{"session_id":"s-91f3"}`),
		call("disclaimer_ok", `{"client_uuid":"6b1e4e1e","operator_group_id":"1234","widget_id":5678}`, `{"session_id":"s-91f3"}`),
		call("chat_startet", global, `{"session_id":"s-91f3","chat_id":"c-22"}`),
		call("contact_first_message", global, `{"session_id":"s-91f3","client_nickname":"Ada","custom_data":{"basket":[{"sku":"TEA-01","qty":2}]}}`),
		{Kind: record.Gap, Lost: 12, Why: record.QueueFull},
		{Kind: record.Mark, Text: "again, after the fix"},
		call("chat_window_minimized", global, `{"session_id":"s-91f3"}`),
	}
	records[7].Notes = []record.Note{
		{At: "/2/chat_id", Is: "undefined"},
		{At: "/2/custom_data/onDone", Is: "function", Text: "onDone"},
	}
	records[10].Handled.Threw = "TypeError: Cannot read properties of undefined (reading 'widget_id')"
	return numbered(records, 1)
}

// checkoutPlan is a plan for visits.
const checkoutPlan = `name: Checkout chat
events:
  disclaimer_ok: {count: 1, before: [chat_started]}
  chat_started: {after: [chat_requested], within: 5m30s}
  contact_first_message: {after: [chat_connected], within: 50s}
  error_message: {count: 0}
`

// visits are two visits to the same shop. In the first one the contact's address is sent too
// early; in the second one the conversation has not begun yet.
func visits() []*record.Record {
	yes := true
	var all []*record.Record
	visit := func(session, page string, calls ...*record.Record) {
		records := append([]*record.Record{
			{Kind: record.Page, Event: "opened", HookedFromStart: &yes},
			{Kind: record.Page, Event: "hooked"},
			{Kind: record.Handler, State: "appeared"},
			{Kind: record.Client, State: record.Framed},
		}, calls...)
		for i, r := range numbered(records, len(all)+1) {
			r.Seq = int64(i + 1)
			r.ID, r.Document = fmt.Sprintf("%s/%d", session, i+1), session
			r.URL, r.TopURL = "https://shop.example"+page, "https://shop.example"+page
		}
		all = append(all, records...)
	}
	one := func(event, more, custom string) *record.Record {
		return call(event, `{"client_uuid":"6b1e4e1e","operator_group_id":1234,"widget_id":5678,"widget_lang":"de"}`,
			`{"session_id":"s-91f3",`+more+`"custom_data":{"page":"/tea","basket":{`+custom+`}}}`)
	}
	const early, ada = `"client_email":"ada@shop.example",`, `"client_name":"Ada","client_email":"ada@shop.example",`
	visit("s-91f3", "/tea",
		one("button_displayed", "", `"items":0,"total":"0.00"`),
		one("chat_requested", early, `"items":0,"total":"0.00"`),
		one("disclaimer_ok", "", `"items":1,"total":"19.90"`),
		one("chat_connected", "", `"items":1,"total":"19.90"`),
		one("chat_started", ada, `"items":1,"total":"19.90","coupon":"SPRING"`),
		one("contact_first_message", ada, `"items":1,"total":"19.90","coupon":"SPRING"`),
		one("chat_window_minimzed", ada, `"items":1,"total":"19.90","coupon":"SPRING"`))
	two := func(event, group string) *record.Record {
		return call(event, `{"client_uuid":"c07de1a2","operator_group_id":`+group+`,"widget_id":5678,"widget_lang":"de"}`,
			`{"session_id":"s-a204","custom_data":{"page":"/checkout","basket":{"items":2,"total":24.5}}}`)
	}
	visit("s-a204", "/checkout",
		two("button_displayed", `1234`),
		two("disclaimer_ok", `1234`),
		two("chat_requested", `1234`),
		two("chat_connected", `"1234"`),
		two("chat_window_maximized", `1234`))
	last := all[len(all)-1]
	last.Time = record.At(last.Time.Add(2 * time.Minute)) // so that times between events differ
	return all
}

// call is a call of userlikeTrackingEvent.
func call(event, global, session string) *record.Record {
	name, err := json.Marshal(event)
	if err != nil {
		panic(err)
	}
	return &record.Record{
		Kind:    record.Call,
		Args:    json.RawMessage("[" + string(name) + "," + global + "," + session + "]"),
		Handled: &record.HandlerAtCall{State: "assigned"},
	}
}

// numbered makes records complete, as those of one document, with seq from a number on and about
// a second between them.
func numbered(records []*record.Record, from int) []*record.Record {
	for i, r := range records {
		n := from + i
		r.V, r.Seq, r.ID = 1, int64(n), fmt.Sprintf("%s/%d", document, n)
		r.Time = record.At(noon.Add(-5*time.Minute + time.Duration(n)*1234*time.Millisecond))
		if r.Kind == record.Mark {
			continue
		}
		tab, frame := 12, 0
		r.Document, r.Tab, r.Frame, r.Title = document, &tab, &frame, "Basket – Tea & Mugs"
		r.URL, r.TopURL = "https://shop.example/basket?step=2", "https://shop.example/basket?step=2"
		r.Browser = &record.Browser{Name: "Chromium", Version: "156.0"}
		r.Findings = inspector().Judge(r)
	}
	return records
}

// elsewhere moves records to another document, on a site of its own.
func elsewhere(records []*record.Record, name string) []*record.Record {
	for i, r := range records {
		r.ID = fmt.Sprintf("%s/%d", name, i+1)
		if r.Kind != record.Mark {
			r.Document, r.URL, r.TopURL = name, "https://"+name+".example/", "https://"+name+".example/"
		}
	}
	return records
}

// inspector judges as the host does when it stores records: without a plan.
var inspector = sync.OnceValue(func() *inspect.Inspector {
	in, err := inspect.New()
	if err != nil {
		panic(err)
	}
	return in
})

// newStore makes a store with records in it.
func newStore(t testing.TB, records []*record.Record) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), filepath.Join(t.TempDir(), "events.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	add(t, s, records)
	return s
}

func add(t testing.TB, s *store.Store, records []*record.Record) {
	t.Helper()
	if _, err := s.Append(context.Background(), records); err != nil {
		t.Fatal(err)
	}
}

// options are those of a started Chromium, in a terminal with UTF-8 and colours.
func options(s tui.Store, screen *tuitest.Screen) tui.Options {
	return tui.Options{
		Store:     s,
		StorePath: "/home/ada/events.db",
		Inspector: inspector(),
		Browser:   "Chromium 156",
		URL:       "https://shop.example/",
		Mark:      func(context.Context, string) error { return nil },
		Simulator: browsers{pages: []simulation.Page{
			openPage(document, "https://shop.example/basket?step=2"),
			openPage("fourth", "https://fourth.example/"),
		}},
		Redactor: func(judge func(*record.Record) []record.Finding) (*redact.Redactor, error) {
			return redact.New([]byte("a key of the tests"), judge), nil
		},
		Copy:   func(context.Context, string) error { return nil },
		Stop:   func() error { return nil },
		Screen: screen,
		Now:    func() time.Time { return noon },
		Getenv: environment(map[string]string{"LANG": "de_DE.UTF-8"}),
	}
}

func environment(vars map[string]string) func(string) string {
	return func(name string) string { return vars[name] }
}

// run starts the interface. The channel brings what Run returned. If it still runs at the end of
// the test, it is ended then.
func run(t testing.TB, o tui.Options) <-chan error {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended, gone := make(chan error, 1), make(chan struct{})
	go func() {
		defer close(gone)
		ended <- tui.Run(ctx, o)
	}()
	t.Cleanup(func() {
		cancel()
		<-gone
	})
	return ended
}

// settled is the screen when all keys pressed so far have been handled and what they asked the
// store for is there. It presses ^L, which draws the screen anew after those keys.
func settled(t *testing.T, screen *tuitest.Screen) tuitest.Frame {
	t.Helper()
	syncs := screen.Syncs()
	screen.Press(t, "Ctrl-L")
	busy := []string{"% searched", "judging", "Judging what", "Reading both"}
	return screen.Wait(t, "what the keys asked for", func(f tuitest.Frame) bool {
		if screen.Syncs() == syncs || slices.ContainsFunc(busy, func(text string) bool { return strings.Contains(f.Text(), text) }) {
			return false
		}
		rows := strings.Split(f.Text(), "\n")
		divider := slices.IndexFunc(rows, func(row string) bool { return strings.HasPrefix(row, "── ") })
		for y := 3; y < divider; y++ {
			// The row under the cursor is reversed. The detail has to be about this row: its title
			// has the same time, unless the row shows how long after the row above it came.
			if _, _, attributes := f.Cells[y*f.Width+1].Style.Decompose(); attributes&tcell.AttrReverse != 0 {
				when := strings.FieldsFunc(rows[y], func(r rune) bool { return r == ' ' || r > '~' })
				for len(when) > 0 && !strings.ContainsAny(when[0], "0123456789") {
					when = when[1:] // the verdict's sign
				}
				return len(when) == 0 || strings.HasPrefix(when[0], "+") || strings.Contains(rows[divider], when[0])
			}
		}
		return divider < 3 // there is no detail, or it has the whole screen
	})
}

// golden compares the screen with a golden one, once it is settled and has all of texts.
func golden(t *testing.T, screen *tuitest.Screen, name string, texts ...string) {
	t.Helper()
	screen.WaitText(t, texts...)
	settled(t, screen)
	got := screen.WaitText(t, texts...).Text()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		write(t, path, got)
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; -update writes it", err)
	}
	// It may take a moment longer until rows with new verdicts have been read again.
	screen.Wait(t, fmt.Sprintf("the screen of %s (-update makes it so):\n%s", path, want), func(f tuitest.Frame) bool {
		return f.Text() == string(want)
	})
}

func write(t testing.TB, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// shows waits, as the condition of Screen.Wait, for a screen that has all of some texts and none
// of others.
func shows(texts, not []string) func(tuitest.Frame) bool {
	return func(f tuitest.Frame) bool {
		has := func(text string) bool { return strings.Contains(f.Text(), text) }
		return !slices.ContainsFunc(texts, func(text string) bool { return !has(text) }) && !slices.ContainsFunc(not, has)
	}
}
