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
	"userlike-inspector/nativehost/internal/simulation"
	"userlike-inspector/nativehost/internal/store"
	"userlike-inspector/nativehost/internal/tui"
	"userlike-inspector/nativehost/internal/tui/tuitest"
)

var update = flag.Bool("update", false, "write the golden screens and the README's picture anew")

// noon is when all tests take place.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

const document = "0b0f6a1e-1111-4222-8333-444455556666"

// visit is a small visit to a shop with mistakes in it, and every kind of record.
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
	records[7].Notes = []record.Note{{At: "/2/chat_id", Is: "undefined"}, {At: "/2/custom_data/onDone", Is: "function", Text: "onDone"}}
	records[10].Handled.Threw = "TypeError: Cannot read properties of undefined (reading 'widget_id')"
	return numbered(records, 1)
}

// checkoutPlan is what is expected of visits.
const checkoutPlan = `name: Checkout chat
events:
  disclaimer_ok: {count: 1, before: [chat_started]}
  chat_started: {after: [chat_requested], within: 5m30s}
  contact_first_message: {after: [chat_connected], within: 50s}
  error_message: {count: 0}
`

// visits are two to the same shop: in the first the contact's address is sent
// too early, in the second the conversation has not begun yet.
func visits() []*record.Record {
	yes := true
	var all []*record.Record
	visit := func(session, page string, calls ...*record.Record) {
		records := append([]*record.Record{{Kind: record.Page, Event: "opened", HookedFromStart: &yes}, {Kind: record.Page, Event: "hooked"},
			{Kind: record.Handler, State: "appeared"}, {Kind: record.Client, State: record.Framed}}, calls...)
		for i, r := range numbered(records, len(all)+1) {
			r.Seq = int64(i + 1)
			r.ID, r.Document, r.URL, r.TopURL = fmt.Sprintf("%s/%d", session, i+1), session, "https://shop.example"+page, "https://shop.example"+page
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
		two("button_displayed", `1234`), two("disclaimer_ok", `1234`), two("chat_requested", `1234`),
		two("chat_connected", `"1234"`), two("chat_window_maximized", `1234`))
	last := all[len(all)-1]
	last.Time = record.At(last.Time.Add(2 * time.Minute)) // the contact takes time
	return all
}

// call is a call of userlikeTrackingEvent.
func call(event, global, session string) *record.Record {
	name, err := json.Marshal(event)
	if err != nil {
		panic(err)
	}
	return &record.Record{Kind: record.Call, Args: json.RawMessage("[" + string(name) + "," + global + "," + session + "]"),
		Handled: &record.HandlerAtCall{State: "assigned"}}
}

// numbered completes records as those of one document.
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

// elsewhere makes records those of another document, on a site of its own.
func elsewhere(records []*record.Record, name string) []*record.Record {
	for i, r := range records {
		r.ID = fmt.Sprintf("%s/%d", name, i+1)
		if r.Kind != record.Mark {
			r.Document, r.URL, r.TopURL = name, "https://"+name+".example/", "https://"+name+".example/"
		}
	}
	return records
}

// inspector judges as the host does that stores records.
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
		Store: s, StorePath: "/home/ada/events.db", Browser: "Chromium 156", URL: "https://shop.example/", Screen: screen,
		Inspector: inspector(),
		Now:       func() time.Time { return noon },
		Simulator: browsers{pages: []simulation.Page{openPage(document, "https://shop.example/basket?step=2"), openPage("fourth", "https://fourth.example/")}},
		Stop:      func() error { return nil },
		Copy:      func(context.Context, string) error { return nil },
		Mark:      func(context.Context, string) error { return nil }, Getenv: environment(map[string]string{"LANG": "de_DE.UTF-8"}),
	}
}

func environment(vars map[string]string) func(string) string {
	return func(name string) string { return vars[name] }
}

// run starts the interface. The channel brings how it ended; at the end of
// the test it is ended if it hasn't.
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

// settled is the screen when all keys pressed so far have been dealt with and
// what they asked the store for is there.
func settled(t *testing.T, screen *tuitest.Screen) tuitest.Frame {
	t.Helper()
	syncs := screen.Syncs()
	screen.Press(t, "Ctrl-L")
	return screen.Wait(t, "what the keys asked for", func(f tuitest.Frame) bool {
		if screen.Syncs() == syncs || strings.Contains(f.Text(), "% searched") || strings.Contains(f.Text(), "judging") || strings.Contains(f.Text(), "Judging what") {
			return false
		}
		rows := strings.Split(f.Text(), "\n")
		divider := slices.IndexFunc(rows, func(row string) bool { return strings.HasPrefix(row, "── ") })
		for y := 3; y < divider; y++ {
			// The detail is to be of the row under the cursor, which is reversed.
			if _, _, attributes := f.Cells[y*f.Width+1].Style.Decompose(); attributes&tcell.AttrReverse != 0 {
				return strings.Contains(rows[divider], strings.Fields(rows[y])[0])
			}
		}
		return divider < 3 // none, or the detail has the whole screen
	})
}

// golden compares the screen, when it is settled and has all of texts, with
// the golden one.
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
	// Verdicts that have changed are made again for the rows on the screen, a moment later.
	screen.Wait(t, fmt.Sprintf("the screen of %s (-update makes it so):\n%s", path, want), func(f tuitest.Frame) bool { return f.Text() == string(want) })
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
