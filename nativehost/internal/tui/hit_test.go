package tui_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/tui/tuitest"
)

// handed makes a hit of calls, so many milliseconds after the first of them.
func handed(after int, h record.Handed, calls ...*record.Record) *record.Record {
	first := calls[0]
	for _, c := range calls {
		h.Calls = append(h.Calls, c.ID)
	}
	hit := *first // the hit is of the same document
	hit.Kind, hit.ID, hit.Seq = record.Hit, fmt.Sprintf("%s/hit-%d-%s", first.Document, first.Seq, h.To), 0
	hit.Time = record.At(first.Time.Add(time.Duration(after) * time.Millisecond))
	hit.Handed = &h
	hit.Args, hit.Notes, hit.Handled, hit.Findings = nil, nil, nil, nil
	return &hit
}

// pushed is a hit of a call in the page's data layer.
func pushed(c *record.Record) *record.Record {
	return handed(0, record.Handed{
		Via:     record.Queue,
		To:      "dataLayer",
		Because: record.DuringHandler,
		Carries: []record.Carried{{What: "/0", At: "/0/ChatAction"}, {What: "/1/client_uuid", At: "/0/visitor/uuid"}},
		Data:    json.RawMessage(`[{"event":"Userlike_Action","ChatAction":"` + c.EventName() + `","visitor":{"uuid":"6b1e4e1e-5f5a-4a52-9c56-0a7d8f0b1c2d"}}]`),
	}, c)
}

// pixel is a hit of a call at a company that gets the contact's address, hashed.
func pixel(c *record.Record) *record.Record {
	const hash = "0b3f5a1c2d4e6f708192a3b4c5d6e7f80b3f5a1c2d4e6f708192a3b4c5d6e7f8"
	return handed(412, record.Handed{
		Via:     record.Request,
		To:      "https://track.adco.example/pixel",
		Method:  "GET",
		Type:    "image",
		Because: record.ByContent,
		Carries: []record.Carried{{What: "/0", At: "/query/e"}, {What: "/2/client_email", At: "/query/em", As: record.SHA256}},
		Data:    json.RawMessage(`{"query":{"e":"` + c.EventName() + `","em":"` + hash + `"}}`),
	}, c)
}

// forwarded is a visit whose site hands calls on to its data layer and to the pixel, and also to
// Google, as a batch, and to a collector of its own.
func forwarded() []*record.Record {
	yes := true
	const global = `{"client_uuid":"6b1e4e1e-5f5a-4a52-9c56-0a7d8f0b1c2d","operator_group_id":1234,"widget_id":5678,"widget_lang":"de"}`
	records := numbered([]*record.Record{
		{Kind: record.Page, Event: "opened", HookedFromStart: &yes},
		{Kind: record.Page, Event: "hooked"},
		{Kind: record.Handler, State: "appeared"},
		{Kind: record.Client, State: record.Framed},
		call("button_displayed", global, `{}`),
		call("chat_requested", global, `{"session_id":"s-91f3","client_email":"ada@shop.example"}`),
		call("disclaimer_ok", global, `{"session_id":"s-91f3"}`),
		call("chat_started", global, `{"session_id":"s-91f3","chat_id":"c-22","client_email":"ada@shop.example"}`),
	}, 1)
	out := records[:4:4]
	for _, c := range records[4:] {
		push := pushed(c)
		if c.EventName() == "button_displayed" {
			push.Notes = []record.Note{{At: "/0/done", Is: "function", Text: "done"}}
		}
		out = append(out, c, push)
		if name := c.EventName(); name == "chat_requested" || name == "chat_started" {
			out = append(out, pixel(c))
		}
	}
	batch := handed(3210, record.Handed{
		Via:     record.Request,
		To:      "https://www.google-analytics.com/g/collect",
		System:  "Google Analytics 4",
		Method:  "POST",
		Type:    "ping",
		Because: record.ByContent,
		Carries: []record.Carried{{What: "/0", At: "/body/0/ep.ChatAction"}, {What: "/0", At: "/body/1/ep.ChatAction"}},
		Data: json.RawMessage(`{"query":{"v":"2","tid":"G-1"},"body":[` +
			`{"en":"Userlike_Action","ep.ChatAction":"button_displayed"},` +
			`{"en":"Userlike_Action","ep.ChatAction":"chat_requested"}]}`),
	}, records[4], records[5])
	unreadable := handed(900, record.Handed{
		Via:        record.Request,
		To:         "https://stats.shop.example/collect",
		Method:     "POST",
		Type:       "ping",
		Because:    record.ByTime,
		Unreadable: true,
		Data:       json.RawMessage(`{"query":{}}`),
	}, records[7])
	out = append(out, batch, unreadable)
	for _, r := range out {
		r.Findings = inspector().Judge(r)
	}
	return out
}

// inDocument moves records, hits included, to another document.
func inDocument(records []*record.Record, name string) []*record.Record {
	for _, r := range records {
		r.ID, r.Document = strings.Replace(r.ID, document, name, 1), name
		r.URL, r.TopURL = "https://"+name+".example/", "https://"+name+".example/"
		if r.Handed != nil {
			for i := range r.Handed.Calls {
				r.Handed.Calls[i] = strings.Replace(r.Handed.Calls[i], document, name, 1)
			}
		}
	}
	return records
}

// TestHitScreens compares screens that show where calls went with golden ones.
func TestHitScreens(t *testing.T) {
	to := func(filter string, keys ...string) func(*testing.T, *tuitest.Screen, func(int)) {
		return func(t *testing.T, s *tuitest.Screen, _ func(int)) {
			s.Press(t, "/")
			s.Type(filter)
			s.Press(t, "Enter")
			settled(t, s)
			s.Press(t, keys...)
		}
	}
	for _, tt := range []struct {
		name  string
		act   func(*testing.T, *tuitest.Screen, func(int))
		texts []string
	}{
		{
			name:  "hits-hidden",
			act:   func(*testing.T, *tuitest.Screen, func(int)) {},
			texts: []string{"→ 6 ", "personal-data-forward", "before-consent"},
		},
		{
			name:  "hits",
			act:   func(t *testing.T, s *tuitest.Screen, _ func(int)) { s.Press(t, "H") },
			texts: []string{"→ 8", "Google Analytics 4", "disclaimer_ok", "chat_started", "button_displayed, cha"},
		},
		{
			name:  "hit",
			act:   to("kind:hit to:*track.adco*", "Tab"),
			texts: []string{"← client_email as sha256", "track.adco.example"},
		},
		{
			name:  "hit-batch",
			act:   to("kind:hit event:*google*", "Tab", "\\"),
			texts: []string{"← button_displayed", "← chat_requested", "after 3.2 s"},
		},
		{
			name:  "hit-unreadable",
			act:   to("kind:hit event:*stats*", "Tab"),
			texts: []string{"time does", "does not show"},
		},
		{
			name:  "forwarding",
			act:   press("7", "j", "j", "l", "l"),
			texts: []string{"[✓ 1/1]", "place 3 of 4"},
		},
		{
			name:  "forwarding-personal",
			act:   press("7", "l", "l", "G"),
			texts: []string{"[! client_e", "place 3 of 4"},
		},
		{
			name:  "consent-hits",
			act:   press("4", "j", "j"),
			texts: []string{"2 things sent before", "to       https://track.adco"},
		},
		{
			name:  "call-hits",
			act:   to("event:chat_requested", "Tab", "\\"),
			texts: []string{"→ dataLayer", "carries event_name and client_email as sha256"},
		},
	} {
		for _, size := range [][2]int{{80, 24}, {120, 40}} {
			t.Run(fmt.Sprintf("%s/%dx%d", tt.name, size[0], size[1]), func(t *testing.T) {
				t.Parallel()
				screen := tuitest.New(size[0], size[1])
				run(t, options(newStore(t, forwarded()), screen))
				screen.WaitText(t, "4 calls", "hidden", "── ")
				tt.act(t, screen, nil)
				golden(t, screen, fmt.Sprintf("%s-%dx%d", tt.name, size[0], size[1]), tt.texts...)
			})
		}
	}
}

// TestHiddenHits: hits without findings are hidden until H shows them, or a filter asks for hits.
func TestHiddenHits(t *testing.T) {
	records := forwarded()
	s := newStore(t, records[:4])
	screen := tuitest.New(120, 40)
	o := options(s, screen)
	run(t, o)
	f := screen.WaitText(t, "0 calls", "── Userlike client")
	if strings.Contains(f.Text(), "hits") {
		t.Errorf("hits are told of though there are none:\n%s", f.Text())
	}
	add(t, s, records[4:])
	f = screen.WaitText(t, "4 calls", "→ 6 hits hidden (H)", "── → track.adco.example/pixel", "H hits")
	if strings.Contains(f.Text(), "→ dataLayer  ") {
		t.Errorf("a hit of which nothing is said is listed:\n%s", f.Text())
	}
	screen.Press(t, "H")
	screen.WaitText(t, "where calls went is listed too", "→ 8 hits", "→ dataLayer", "button_displayed, chat_requested  www.google")
	screen.Press(t, "H")
	screen.Wait(t, "the hits hidden", func(f tuitest.Frame) bool { return !strings.Contains(f.Text(), "→ Google Analytics 4") })

	// A filter that asks for hits shows them, and Esc hides them again.
	screen.Press(t, "/")
	screen.Type("kind:hit")
	screen.Press(t, "Enter")
	screen.WaitText(t, "/kind:hit 8 of 16", "→ dataLayer", "→ 8 hits ")
	screen.Press(t, "Esc")
	screen.WaitText(t, "→ 6 hits hidden", "button_displayed", "→ track.adco")

	// A file has them too: without them the calls would seem not to have been forwarded.
	path := filepath.Join(t.TempDir(), "all.jsonl")
	screen.Press(t, "w")
	screen.WaitText(t, "write 10 records and the hidden hits to:")
	screen.Press(t, "Ctrl-U")
	screen.Type(path)
	screen.Press(t, "Enter")
	screen.WaitText(t, "wrote 16 records")
	if data, err := os.ReadFile(path); err != nil || strings.Count(string(data), `"kind":"hit"`) != 8 {
		t.Errorf("the file has other hits than the 8: %v", err)
	}
}

// TestForwarding: Enter on a cell of the matrix lists its hits.
func TestForwarding(t *testing.T) {
	s := newStore(t, forwarded())
	screen := tuitest.New(120, 40)
	run(t, options(s, screen))
	screen.WaitText(t, "4 calls", "hidden", "── ")
	for _, tt := range []struct {
		keys []string
		want []string
	}{
		{[]string{"j"}, []string{"button_displayed at dataLayer 1 of 16", "── → dataLayer", "← event_name"}},
		{[]string{"l"}, []string{"button_displayed at stats.shop.example/collect 0 of 16"}},
		{[]string{"j", "j"}, []string{"chat_started at stats.shop.example/collect 1 of 16", "only"}},
		{[]string{"l", "g"}, []string{"hits at track.adco.example/pixel 2 of 16"}},
		{[]string{"l", "j", "j"}, []string{"chat_requested at www.google-analytics.com/g/collect 1 of 16"}},
		{[]string{"h", "G"}, []string{"personal data at track.adco.example/pixel 2 of 16"}},
	} {
		press("7", tt.keys...)(t, screen, nil)
		settled(t, screen)
		screen.Press(t, "Enter")
		screen.WaitText(t, tt.want...)
		screen.Press(t, "Esc")
		screen.WaitText(t, "EVENT", "personal data", "h ← place")
	}
	screen.Press(t, "h", "h", "h", "h", "h")
	screen.WaitText(t, "there is no place further that way")
}

// TestRandomPlace: requests to addresses of which a system makes up a part are at one place,
// and Enter and "only" list them all.
func TestRandomPlace(t *testing.T) {
	records := forwarded()
	made := 0
	for _, r := range records {
		if r.Handed != nil && strings.Contains(r.Handed.To, "adco") {
			made++
			r.Handed.To, r.Handed.System = fmt.Sprintf("https://shop.sc.omtrdc.net/b/ss/Shop/1/JS-2.22.0/s%d", made), "Adobe Analytics"
		}
	}
	screen := tuitest.New(120, 40)
	run(t, options(newStore(t, records), screen))
	screen.WaitText(t, "4 calls", "hidden", "── ")
	press("7", "g", "l")(t, screen, nil)
	settled(t, screen)
	screen.Press(t, "Enter")
	screen.WaitText(t, "hits at shop.sc.omtrdc.net/b/ss/Shop/1/JS-2.22.0/* 2 of 16")
	screen.Press(t, "Esc")
	screen.WaitText(t, "EVENT")
	screen.Press(t, "f", "w")
	screen.WaitText(t, "→ 2 hits", "Only this is looked at: /to:shop.sc.omtrdc.net/b/ss/Shop/1/JS-2.22.0/*.")
	screen.Press(t, "W", "1", "/")
	screen.Type("kind:hit to:*omtrdc*")
	screen.Press(t, "Enter")
	screen.WaitText(t, "2 of 16")
	screen.Press(t, "f", "w")
	screen.WaitText(t, "/kind:hit to:*omtrdc* to:shop.sc.omtrdc.net/b/ss/Shop/1/JS-… 2 of 16")
}

// TestFailedHit: that a request failed is told with the hit, its call and its place.
func TestFailedHit(t *testing.T) {
	records := forwarded()
	for _, r := range records {
		if r.Handed != nil && strings.Contains(r.Handed.To, "google") {
			r.Handed.Failed = &r.Time
		}
	}
	screen := tuitest.New(120, 40)
	run(t, options(newStore(t, records), screen))
	screen.WaitText(t, "4 calls", "hidden", "── ")
	screen.Press(t, "/")
	screen.Type("kind:hit to:*google*")
	screen.Press(t, "Enter")
	screen.WaitText(t, "1 of 16", "button_displayed, chat_requested  failed", "This request failed", "still counts as handed on")
	screen.Press(t, "Esc", "/")
	screen.Type("event:button_displayed")
	screen.Press(t, "Enter")
	screen.WaitText(t, "1 of 16", "── button_displayed", "it failed")
	screen.Press(t, "Esc")
	press("7", "j", "l", "l", "l")(t, screen, nil)
	screen.WaitText(t, "[! 1/1]", "1 hit, 1 of which failed", "The request failed for 1 of them")
}

// TestHitJumps: Enter goes from a call to its hits and from a hit to its calls, and Esc goes back.
func TestHitJumps(t *testing.T) {
	s := newStore(t, forwarded())
	screen := tuitest.New(120, 40)
	run(t, options(s, screen))
	screen.WaitText(t, "4 calls", "hidden", "── ")
	screen.Press(t, "/")
	screen.Type("event:button_displayed")
	screen.Press(t, "Enter")
	screen.WaitText(t, "1 of 16", "── button_displayed", "→ www.google-analytics.com/g/collect  Google Analytics 4  after 3.2 s, by what it carries")
	screen.Press(t, "Tab", "\\")
	goTo(t, screen, "j", "→ www.google")
	screen.Press(t, "\\", "Enter")
	screen.WaitText(t, "── → Google Analytics 4", "← chat_requested", "← event_name")
	settled(t, screen)
	screen.Press(t, "Tab")
	goTo(t, screen, "j", "← chat_requested")
	screen.Press(t, "Enter")
	screen.WaitText(t, "── chat_requested", "→ track.adco.example/pixel")
	screen.Press(t, "Esc")
	f := screen.WaitText(t, "1 of 16", "── button_displayed")
	if strings.Contains(f.Text(), "→ Google") {
		t.Errorf("the hits are still listed:\n%s", f.Text())
	}
}

// TestLateHit: a hit that comes while its call is being read is shown at once.
func TestLateHit(t *testing.T) {
	records := forwarded()
	s := newStore(t, records[:5])
	screen := tuitest.New(120, 40)
	run(t, options(s, screen))
	screen.WaitText(t, "1 call", "── button_displayed", "nothing was seen")
	screen.Press(t, "Enter")
	add(t, s, records[5:6])
	f := screen.WaitText(t, "→ dataLayer  at once, while the site's function ran", "carries event_name and client_uuid")
	if strings.Contains(f.Text(), "nothing was seen") {
		t.Errorf("it still says that nothing was seen:\n%s", f.Text())
	}
}

// TestNotFollowed: where nobody looked for hits, or not for all of them, a call without a hit is
// not said to have gone nowhere.
func TestNotFollowed(t *testing.T) {
	records := numbered([]*record.Record{
		{Kind: record.Page, Event: "opened", Text: record.NotFollowed},
		{Kind: record.Page, Event: "hooked"},
		call("slot_check", `{}`, `{}`),
	}, 1)
	screen := tuitest.New(120, 40)
	run(t, options(newStore(t, records), screen))
	screen.WaitText(t, "── slot_check", "missing-field")
	screen.Press(t, "Tab", "G")
	screen.WaitText(t, "went to  not known: in this page it was not followed")

	// Here some possible hits were not looked at.
	records = numbered([]*record.Record{{Kind: record.Page, Event: "opened"}, call("slot_check", `{}`, `{}`)}, 1)
	gap := *records[1]
	gap.Kind, gap.ID, gap.Seq, gap.Args, gap.Hits, gap.Why = record.Gap, "missed/1", 0, nil, 7, record.TooManyHits
	screen = tuitest.New(120, 40)
	run(t, options(newStore(t, append(records, &gap)), screen))
	screen.WaitText(t, "HITS LOST", "7 possible hits could not be looked at here", "No call was lost")
	screen.Press(t, "k")
	screen.WaitText(t, "── slot_check", "missing-field")
	screen.Press(t, "Tab", "G")
	screen.WaitText(t, "went to  nothing was seen; not all requests and pushes could be")

	// Here other calls went somewhere, so this one is said to have gone nowhere.
	more := inDocument(forwarded(), "other")
	lost := *more[4]
	lost.ID, lost.Seq = "other/99", 99
	screen = tuitest.New(120, 40)
	run(t, options(newStore(t, append(more, &lost)), screen))
	screen.WaitText(t, "── button_displayed", "went to  nowhere that was seen; other calls did go somewhere")
}

// TestCompletingPlaces: the places and systems of hits are suggested for a filter, but not as
// events.
func TestCompletingPlaces(t *testing.T) {
	screen := tuitest.New(120, 40)
	run(t, options(newStore(t, forwarded()), screen))
	screen.WaitText(t, "4 calls", "hidden", "── ")
	screen.Press(t, "H")
	screen.WaitText(t, "→ Google Analytics 4", "button_displayed, chat_requested")
	screen.Press(t, "/")
	screen.Type("to:tr")
	screen.WaitText(t, "track.adco.example/pixel")
	screen.Press(t, "Tab")
	screen.WaitText(t, "/to:track.adco.example/pixel", "2 of 16")
	screen.Press(t, "Ctrl-U")
	screen.Type("system:")
	screen.WaitText(t, `"Google Analytics 4"`)
	screen.Press(t, "Ctrl-U")
	screen.Type("event:d")
	f := screen.WaitText(t, "/event:d ", "disclaimer_ok")
	if strings.Contains(f.Text(), "dataLayer") {
		t.Errorf("a place is suggested for an event:\n%s", f.Text())
	}
}
