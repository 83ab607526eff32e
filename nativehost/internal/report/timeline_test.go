package report_test

import (
	"encoding/json"
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/report"
	"userlike-inspector/nativehost/internal/report/reporttest"
)

// TestTimeline: a visit's table in the page has hits and gaps between the calls, in the order of
// their times, with how long after the last call they were. The links of findings lead to its rows.
func TestTimeline(t *testing.T) {
	const global = `{"client_uuid":"c","operator_group_id":1,"widget_id":2,"widget_lang":"de"}`
	at := func(ms int) record.Time {
		return record.At(time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC).Add(time.Duration(ms) * time.Millisecond))
	}
	yes, seq := true, int64(0)
	one := func(ms int, r record.Record) *record.Record {
		seq++
		r.V, r.Seq, r.ID, r.Time, r.Document, r.URL = 1, seq, fmt.Sprint("d/", seq), at(ms), "d", "https://shop.example/"
		return &r
	}
	call := func(ms int, event, session string) *record.Record {
		return one(ms, record.Record{
			Kind:    record.Call,
			Handled: &record.HandlerAtCall{State: "assigned"},
			Args:    json.RawMessage(`["` + event + `",` + global + `,{"session_id":"` + session + `"}]`),
		})
	}
	hit := func(ms int, id string, of ...string) *record.Record {
		return &record.Record{
			V: 1, Kind: record.Hit, ID: id, Time: at(ms), Document: "d", URL: "https://shop.example/",
			Handed: &record.Handed{
				Via:     record.Request,
				To:      "https://stats.example/c",
				Because: record.ByContent,
				Calls:   of,
				Data:    json.RawMessage(`{"query":{}}`),
			},
		}
	}
	elsewhere := func(r *record.Record) *record.Record { // in another document
		r.Document, r.ID = "e", fmt.Sprint("e/", r.Seq)
		return r
	}
	records := []*record.Record{
		one(0, record.Record{Kind: record.Page, Event: "opened", HookedFromStart: &yes}),
		call(1000, "button_displayed", "s"),
		hit(1500, "d/hit-1", "d/2"),
		one(2000, record.Record{Kind: record.Gap, Lost: 3, Why: record.QueueFull}),
		call(3000, "disclaimer_ok", "s"),
		hit(9000, "d/hit-2", "d/2"),
		elsewhere(call(20_000, "chat_window_minimized", "s2")),
		hit(20_500, "d/hit-3", "d/2", "e/5"),
	}
	var page strings.Builder
	if err := reporttest.Judge(t, records, nil, false).HTML(&page); err != nil {
		t.Fatal(err)
	}
	var rows []string
	for _, m := range regexp.MustCompile(`<tr id="(record-[^"]*)".*?<td class="after">(.*?)</td>|<tr class="(agreed)"`).FindAllStringSubmatch(page.String(), -1) {
		rows = append(rows, html.UnescapeString(m[1]+m[2]+m[3]))
	}
	want := []string{
		"record-d-2",
		"record-d-hit-1+500 ms",
		"record-d-3+1.0 s",
		"record-d-4+2.0 s",
		"agreed",
		"record-d-hit-2+6.0 s",
		"record-d-hit-3+17.5 s",
		"record-e-5", // the second visit
		"record-d-hit-3+500 ms",
	}
	if !slices.Equal(rows, want) {
		t.Errorf("rows %q, want %q in\n%s", rows, want, page.String())
	}
	for event, want := range map[string]int{"button_displayed": 3, "chat_window_minimized": 1} { // one hit is of both
		if n := strings.Count(page.String(), "→ <code>https://stats.example/c</code>: <code>"+event+"</code></td>"); n != want {
			t.Errorf("%d hits are shown as of %s, want %d", n, event, want)
		}
	}
	if !strings.Contains(page.String(), `<a href="#record-d-3"><code>d/3</code></a>`) {
		t.Error("the finding on the gap does not lead to its row")
	}
}

// TestSizeOfPage: a page stays small enough for a browser, however much was recorded, and says what
// it leaves out.
func TestSizeOfPage(t *testing.T) {
	long := &report.Report{}
	for v := range 600 {
		one := journey.Journey{ID: fmt.Sprint("s", v, "@shop.example")}
		for i := range 50 {
			at, id := record.At(time.UnixMilli(int64(i)*1000)), fmt.Sprintf("%036d/", v)
			one.Calls = append(one.Calls, journey.Moment{
				Event:  []string{"slot_check", "slot_available"}[i%2],
				Time:   at,
				Record: id + fmt.Sprint(i),
			})
			one.Hits = append(one.Hits, journey.Hit{
				Time:   at,
				Record: id + fmt.Sprint("hit-", i),
				To:     "https://www.google-analytics.com/g/collect",
				System: "Google Analytics 4",
				Events: []string{"slot_check"},
			})
		}
		long.Journeys = append(long.Journeys, one)
	}
	var page strings.Builder
	if err := long.HTML(&page); err != nil {
		t.Fatal(err)
	}
	if page.Len() > 12<<20 || !strings.Contains(page.String(), "… and 10 more calls;") || !strings.Contains(page.String(), "… and 10 more hits;") {
		t.Errorf("the page has %d bytes, or does not say what it leaves out", page.Len())
	}
}
