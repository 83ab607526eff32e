package tui

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/gdamore/tcell/v2"
	"github.com/rivo/tview"

	"userlike-inspector/nativehost/internal/filter"
	"userlike-inspector/nativehost/internal/infer"
	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/pagestate"
	"userlike-inspector/nativehost/internal/plan"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/store"
)

func TestVisible(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"letters of any script stay", "Grüße, 東京 한 हिन्दी 🙂", "Grüße, 東京 한 हिन्दी 🙂"},
		{"controls", "a\x1b[31m\r\n\u009b", `a\x1b[31m\r\n\x9b`},
		{"bidi and zero width", "\u202egnp\u200b", `\u202egnp\u200b`},
		{"variation selector", "❤\ufe0f", `❤\ufe0f`},
		{"filler", "a\u3164b\u115f", `a\u3164b\u115f`},
		{"a mark without a letter", "\u0301a", `\u0301a`},
		{"marks that keep to their cell", "e\u0302\u0301", "e\u0302\u0301"},
		{"a stack of marks", "e\u0301\u0302\u0303\u0304\u0305", "e\u0301\u0302\u0303\\u0304\\u0305"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := visible(tt.in); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestWrap(t *testing.T) {
	for _, tt := range []struct {
		in    string
		cells int
		want  string
	}{
		{"", 10, ""},
		{"one line", 10, "one line"},
		{"words go to the next line", 10, "words go|to the|next line"},
		{"exactly10! and more", 10, "exactly10!|and more"},
		{"averylongwordwithoutspaces", 10, "averylongw|ordwithout|spaces"},
		{"東京東京東京", 8, "東京東京|東京"},
	} {
		if got := strings.Join(wrap(tt.in, tt.cells), "|"); got != tt.want {
			t.Errorf("wrap(%q, %d) = %q, want %q", tt.in, tt.cells, got, tt.want)
		}
	}
}

func TestClip(t *testing.T) {
	for _, tt := range []struct {
		in    string
		cells int
		want  string
	}{
		{"fits", 4, "fits"}, {"does not", 4, "doe…"}, {"東京都", 4, "東…"}, {"abc", 1, "."}, {"abc", 0, ""}, {"", 0, ""},
	} {
		if got := clip(tt.in, tt.cells, "…"); got != tt.want {
			t.Errorf("clip(%q, %d) = %q, want %q", tt.in, tt.cells, got, tt.want)
		}
	}
}

func TestClock(t *testing.T) {
	now := time.Date(2026, 11, 22, 0, 10, 0, 0, time.UTC)
	for _, tt := range []struct {
		at           string
		narrow, wide string
	}{
		{"2026-11-22T00:09:01.5Z", "00:09:01", "00:09:01.500"},
		{"2026-11-21T23:59:01.5Z", "23:59:01", "23:59:01.500"}, // yesterday, but less than 24 hours ago
		{"2026-11-20T23:59:01.5Z", "20 23:59", "Nov 20 23:59"},
	} {
		at, err := time.Parse(time.RFC3339, tt.at)
		if err != nil {
			t.Fatal(err)
		}
		if narrow, wide := clock(at, now, false), clock(at, now, true); narrow != tt.narrow || wide != tt.wide {
			t.Errorf("%s is %q and %q, want %q and %q", tt.at, narrow, wide, tt.narrow, tt.wide)
		}
	}
}

// FuzzPaint: a text that went through paint is drawn as visible returns it, and changes no style.
func FuzzPaint(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	th := newTheme(func(string) string { return "" }, 256, time.Now)
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) > 50 { // escapes take up to ten cells each
			return
		}
		screen := tcell.NewSimulationScreen("UTF-8")
		if err := screen.Init(); err != nil {
			t.Fatal(err)
		}
		defer screen.Fini()
		screen.SetSize(600, 1)
		tview.Print(screen, th.paint([]span{{plain, s}}, 600), 0, 0, 600, tview.AlignLeft, tcell.ColorDefault)
		screen.Show()
		cells, _, _ := screen.GetContents()
		var drawn strings.Builder
		for x := 0; x < len(cells); x++ {
			drawn.WriteString(string(cells[x].Runes))
			if cells[x].Style != tcell.StyleDefault {
				t.Fatalf("%q styles cell %d", s, x)
			}
			_, _, w := screen.Get(x, 0)
			x += max(w-1, 0)
		}
		if got, want := strings.TrimRight(drawn.String(), " "), strings.TrimRight(visible(s), " "); got != want {
			t.Errorf("%q is drawn as %q, want %q", s, got, want)
		}
	})
}

// hostile are texts with which a page might try to break the screen.
var hostile = []string{
	"[red]", "[:::https://evil.example]click", "[red[]", "[[", "[", "[]", "[::b", `["x"]y[""]`, "a[::b]b[-:-:-]", "[-", "][",
	"\x1b]8;;http://evil\a", "\x9b31m", "\u202egnp.exe", "a\u200bb\u200dc\ufeff", "\xff\xfe", "e\u0301\u0301\u0301\u0301\u0301\u0301",
	"👩\u200d👩\u200d👧", "🇩🇪🇩", "🏿🏿", "\u1100\u1100\u1100\u1100\u1100\u1161\u11a8", "ﷺ", "\U000e0041", "日本語[red]",
}

// FuzzScreen puts a text everywhere where a page can put one, and looks at the cells of the
// screen: none may have characters that can't be seen, or a style that is not the theme's. The
// bits of state choose what is shown.
func FuzzScreen(f *testing.F) {
	for _, s := range hostile {
		f.Add(s, uint8(0))
	}
	screen := tcell.NewSimulationScreen("UTF-8")
	if err := screen.Init(); err != nil {
		f.Fatal(err)
	}
	f.Cleanup(screen.Fini)
	inspector, err := inspect.New()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, s string, state uint8) {
		screen.SetSize(80+int(state)%50, 30)
		a := newApp(t.Context(), Options{
			Inspector: inspector,
			Browser:   s,
			URL:       s,
			StorePath: s,
			Getenv:    func(string) string { return "" },
			Now:       func() time.Time { return time.Unix(0, 0).UTC() },
		}, screen)
		kind := record.Kinds[int(state)%len(record.Kinds)]
		r := hostileRecord(t, s, kind, state%2 == 1)
		rows := []store.Row{{Row: 1, ID: s, Kind: kind, Site: s, Event: s, Severity: int(state) % 5, Rules: []string{s, s}, Finding: s}}
		a.status, a.flash, a.events.hitsShown = s, s, true
		a.news(1, rows, nil)
		a.rows([]listed{{rows[0], lineOf(r.Handed, map[string]string{s: s}), r.Findings}}, 0, nil)
		if state >= 128 {
			a.events.list = listing{filter: &filter.Filter{}, last: 1}
			a.openFilter()
			a.field.SetText(onlyVisible(s))
			a.found(false, rows[:state%2], 1, nil)
		}
		a.draw()
		hit := &record.Record{Kind: record.Hit, ID: s, Handed: r.Handed, Findings: r.Findings}
		a.shown(1, &reading{
			record: r,
			tree:   newTree(r, nil),
			hits:   []store.Stored{{Row: 2, Record: hit}},
			calls:  rows,
			others: int(state) % 3,
			looked: state%2 == 0,
		}, 0, nil)
		a.detail.fold(state%3 == 0)
		if a.pane = inDetail; state%2 == 1 {
			a.detail.toggleRaw()
		}
		a.draw()
		check(t, screen)
		if state >= 128 {
			a.answered()
		}
		v := viewEvents + 1 + view(state)%view(len(a.kinds)-1)
		a.verdicts = &verdicts{look: look{view: v}, content: hostileContents(s)[a.kinds[v].name]}
		a.show(v)
		for n := range 2 { // the line of a site, a browser or a visit, and one below it
			a.fill(a.board(), 0)
			a.board().cursor = n
			a.draw()
			check(t, screen)
		}
	})
}

// hostileRecord is a record with a text in all its parts, whatever its kind is.
func hostileRecord(t *testing.T, s string, kind record.Kind, unreadable bool) *record.Record {
	t.Helper()
	args, err := json.Marshal([]any{s, map[string]any{s: s, "x" + s: []string{s}}, strings.Repeat(s, 30)})
	if err != nil {
		t.Fatal(err)
	}
	return &record.Record{
		Kind:    kind,
		ID:      s,
		URL:     s,
		TopURL:  s + s,
		Title:   s,
		Args:    args,
		Event:   record.PageEvent(s),
		State:   record.State(s),
		Text:    s,
		Why:     record.Reason(s),
		Browser: &record.Browser{Name: s, Version: s},
		Notes:   []record.Note{{At: "/1/" + s, Is: s, Text: s}, {At: s, Is: "instance", Text: s}},
		Handled: &record.HandlerAtCall{State: record.HandlerState(s), Threw: s},
		Handed: &record.Handed{
			Via:        record.Via(s),
			To:         s,
			System:     s,
			Method:     s,
			Type:       s,
			Because:    record.Because(s),
			Calls:      []string{s, s + s},
			Carries:    []record.Carried{{What: "/1/" + s, At: "/1/" + s, As: record.Form(s)}, {What: s, At: "/0"}},
			Data:       args,
			Unreadable: unreadable,
		},
		Findings: []record.Finding{{
			Rule:     s,
			Severity: record.Severity(s),
			At:       "/1/" + s + "/y",
			Message:  s,
			Expected: s,
			Actual:   s,
			Demand:   s,
		}},
	}
}

// hostileContents are the contents of all boards, by the names of their views, with a text
// wherever a page can put one.
func hostileContents(s string) map[string]content {
	moment := journey.Moment{Event: s, Record: s, Time: record.At(time.Unix(0, 0))}
	early := &journey.Finding{Finding: record.Finding{Rule: s, Severity: record.Error, Message: s}}
	sent := []journey.Sent{{What: s, At: s, To: s, Calls: 2, First: moment, Last: moment, Early: 900, Found: early}}
	outcome := journey.Outcome{Journey: s, Event: s, Expected: s, Source: s, Why: s, State: journey.Pending}
	return map[string]content{
		"Findings": findings{
			groups: []group{
				{
					groupKey: groupKey{rule: s, at: s},
					severity: record.Error,
					newest:   record.Finding{Rule: s, Message: s, Expected: s, Actual: s, Demand: s},
				},
				{
					groupKey: groupKey{rule: s, at: s, by: &plan.Acceptance{Because: s, Source: s}},
					severity: record.Error,
					newest:   record.Finding{Rule: s, Message: s},
				},
			},
			open: []undecided{{rule: s, count: 1, last: journey.Unsettled{Why: s, Record: s, Journey: s}}},
		},
		"Coverage": coverage{
			seen:   []journey.Seen{{Event: s, Calls: 1}},
			expect: map[string]*expected{s: {listed: []demand{{Outcome: outcome}}}},
		},
		"Consent": consents{
			{Journey: s, Site: s, Event: s, Agreed: &moment, Before: sent, After: sent, ForwardedBefore: sent, ForwardedAfter: sent},
			{Journey: s, Site: s, Event: s, After: sent},
		},
		"Shape": shapes{{Site: s, Paths: []infer.Path{{
			At:       "/2/custom_data/" + s,
			Types:    []string{"string", "null"},
			Calls:    []int{2, 1},
			Distinct: []string{s, s},
			First:    []infer.First{{Type: "string", Call: infer.Call{Event: s, Record: s}}, {Type: "null"}},
		}}}},
		"Sources": sources{list: []source{{
			document: s,
			url:      s,
			state:    pagestate.Document{Handler: record.State(s), Client: record.State(s), Why: record.Reason(s), Gaps: 1},
			browser:  record.Browser{Name: s, Version: s, Profile: s},
		}}},
		"Forwarding": forwarding{cursor: &placeKey{}, places: []journey.Place{
			{
				To:     s,
				System: s,
				Via:    record.Request,
				Hits:   2,
				Unread: 1,
				Events: []journey.Arrived{
					{Event: s, Calls: 2, Forwarded: 1},
					{Event: s + s, Calls: 2, Forwarded: 2, Doubled: 1},
				},
				Personal: []string{s, "/2/" + s},
			},
			{To: s + s, Via: record.Queue},
			{To: s},
		}},
		"Visits": visits{
			{
				Visit: journey.Visit{
					ID: s, Session: s, Site: s, Contacts: []string{s, s + s}, Middle: s, Calls: []int64{1},
					First: moment.Time, End: moment.Time, Outcomes: []journey.Outcome{outcome},
					Consent: journey.Consent{Journey: s, Site: s, Event: s, Agreed: &moment, Before: sent},
				},
				found:    []record.Finding{early.Finding},
				own:      1,
				ownWorst: record.Error,
				ownRow:   1,
				demands:  []demand{{Outcome: outcome}},
			},
			{Visit: journey.Visit{ID: s + s, Site: s, GoesOn: true}},
		},
	}
}

// TestHostileContents: each board has hostile contents to be tried with.
func TestHostileContents(t *testing.T) {
	contents := hostileContents("x")
	for _, kind := range viewKinds() {
		if kind.content != nil && contents[kind.name] == nil {
			t.Errorf("hostileContents lacks the view %s: put there what it shows, with the text wherever a page can put one", kind.name)
		}
		delete(contents, kind.name)
	}
	for name := range contents {
		t.Errorf("hostileContents has %s, which is no board", name)
	}
}

// check looks at every cell of a screen.
func check(t *testing.T, screen tcell.SimulationScreen) {
	t.Helper()
	cells, w, _ := screen.GetContents()
	for i, c := range cells {
		checkCell(t, i%w, i/w, c)
	}
}

func checkCell(t *testing.T, x, y int, c tcell.SimCell) {
	t.Helper()
	for i, r := range c.Runes {
		if r == 0 {
			continue // the second cell of a wide character
		}
		if !unicode.IsPrint(r) || unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) || i >= maxCluster {
			t.Fatalf("cell %d,%d holds %U", x, y, c.Runes)
		}
	}
	if c.Style.Url("") != c.Style {
		t.Fatalf("cell %d,%d is a hyperlink", x, y)
	}
	switch fg, bg, attributes := c.Style.Decompose(); {
	case bg != tcell.ColorDefault,
		attributes&^(tcell.AttrBold|tcell.AttrDim|tcell.AttrReverse) != 0:
		t.Fatalf("cell %d,%d has the style %v %v %v", x, y, fg, bg, attributes)
	default:
		switch fg {
		case tcell.ColorDefault, tcell.ColorTeal, tcell.ColorGreen, tcell.ColorRed, tcell.ColorOlive, tcell.ColorFuchsia:
		default:
			t.Fatalf("cell %d,%d has the colour %v", x, y, fg)
		}
	}
}

// TestLostFinding: when N goes to a record's last finding and that is gone by then, the cursor ends
// up on a line of the detail, and showing the record again does not fail.
func TestLostFinding(t *testing.T) {
	screen := tcell.NewSimulationScreen("UTF-8")
	if err := screen.Init(); err != nil {
		t.Fatal(err)
	}
	defer screen.Fini()
	inspector, err := inspect.New()
	if err != nil {
		t.Fatal(err)
	}
	a := newApp(t.Context(), Options{Inspector: inspector, Getenv: func(string) string { return "" }, Now: time.Now}, screen)
	a.news(1, []store.Row{{Row: 1, Kind: record.Page}}, nil)
	a.draw()
	for range 2 {
		a.detail.toFinding, a.detail.row = -1, 0
		a.shown(1, &reading{record: &record.Record{Kind: record.Page, ID: "d/1"}}, 0, nil)
	}
	if a.detail.row != 1 {
		t.Errorf("the detail is of row %d, want 1", a.detail.row)
	}
}
