package tui_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/tui/tuitest"
)

// TestSources: whatever is wrong on the way of a call, there is an answer.
func TestSources(t *testing.T) {
	no := false
	opened, hooked := &record.Record{Kind: record.Page, Event: "opened"}, &record.Record{Kind: record.Page, Event: "hooked"}
	client := &record.Record{Kind: record.Client, State: record.Framed}
	for _, tt := range []struct {
		name    string
		records []*record.Record
		want    string
	}{
		{"the page's script does not answer", []*record.Record{opened}, "does not answer"},
		{"late", []*record.Record{{Kind: record.Page, Event: "opened", HookedFromStart: &no}, hooked, {Kind: record.Handler, State: "appeared"}}, "open before the extension"},
		{"shadowed", []*record.Record{opened, hooked, {Kind: record.Handler, State: "shadowed"}}, "let, const or class"},
		{"locked", []*record.Record{opened, hooked, {Kind: record.Handler, State: "not-writable"}}, "has locked"},
		{"no function", []*record.Record{opened, hooked, client}, "has no userlikeTrackingEvent"},
		{"no client", []*record.Record{opened, hooked, {Kind: record.Handler, State: "appeared"}}, "no Userlike client"},
		{"neither", []*record.Record{opened, hooked}, "Neither the Userlike client"},
		{"held back", []*record.Record{opened, hooked, {Kind: record.Client, State: record.HeldBack}}, "consent manager holds"},
		{"refused", []*record.Record{opened, hooked, {Kind: record.Client, State: record.Refused}}, "could not be loaded"},
		{"ended", []*record.Record{opened, hooked, client, {Kind: record.Handler, State: "appeared"}}, "has ended loads and then"},
		{"not called", []*record.Record{opened, hooked, client, {Kind: record.Client, State: record.Mounted}, {Kind: record.Handler, State: "appeared"}}, "has not called"},
		{"removed", []*record.Record{opened, hooked, client, call("slot_check", `{}`, `{}`), {Kind: record.Handler, State: "removed"}}, "has taken its userlikeTrackingEvent away"},
		{"paused", []*record.Record{opened, hooked, client, call("slot_check", `{}`, `{}`), {Kind: record.Gap, Lost: 2, Why: record.PausedByTester}}, "2 calls were not recorded: paused by the tester."},
		{"well", []*record.Record{opened, hooked, client, call("slot_check", `{}`, `{}`)}, "Calls arrive"},
		{"lost", []*record.Record{opened, hooked, {Kind: record.Gap, Lost: 2, Why: record.QueueFull}}, "2 calls were not recorded: too many calls waited"},
		{"lost, and shadowed since then", []*record.Record{opened, hooked, {Kind: record.Gap, Lost: 2, Why: record.QueueFull}, {Kind: record.Handler, State: "shadowed"}}, "let, const or class"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var records []*record.Record
			for _, r := range tt.records {
				one := *r
				records = append(records, &one)
			}
			screen := tuitest.New(100, 30)
			run(t, options(newStore(t, numbered(records, 1)), screen))
			screen.WaitText(t, "following", "── ")
			screen.Press(t, "6")
			settled(t, screen)
			screen.Press(t, "j")
			screen.WaitText(t, tt.want)
		})
	}
}

// TestBrowserCounts: a browser's calls are those of all its documents, of which
// some are left.
func TestBrowserCounts(t *testing.T) {
	left := elsewhere(numbered([]*record.Record{{Kind: record.Page, Event: "opened"}, call("slot_check", `{}`, `{}`), {Kind: record.Page, Event: "closed"}}, 1), "left")
	screen := tuitest.New(100, 30)
	run(t, options(newStore(t, append(left, numbered([]*record.Record{call("slot_check", `{}`, `{}`)}, 4)...)), screen))
	screen.WaitText(t, "2 calls", "── slot_check")
	screen.Press(t, "6")
	screen.WaitText(t, "1 document open", "2 calls in 2 documents listed here (1 open).")
}

// TestManyDocuments: those that are not listed are counted.
func TestManyDocuments(t *testing.T) {
	var records []*record.Record
	for i := range 1003 {
		records = append(records, elsewhere(numbered([]*record.Record{call("slot_check", `{}`, `{}`)}, 1), fmt.Sprintf("d%d", i))...)
	}
	screen := tuitest.New(100, 30)
	run(t, options(newStore(t, records), screen))
	screen.WaitText(t, "1003 calls", "── slot_check")
	screen.Press(t, "6")
	screen.WaitText(t, "1000 calls in 1000 documents listed here")
	screen.Press(t, "G")
	screen.WaitText(t, "3 older documents not listed")
}

// TestHitsInSources: hits tell nothing of the way of calls: they come later, make no
// call and no document.
func TestHitsInSources(t *testing.T) {
	records := forwarded()
	late := record.At(noon.Add(-time.Second))
	stray := inDocument(forwarded(), "worker")
	records = append(records, stray[len(stray)-1])
	for _, r := range records {
		if r.Kind == record.Hit {
			r.Time, r.Received = late, &late
		}
	}
	screen := tuitest.New(100, 30)
	run(t, options(newStore(t, records), screen))
	screen.WaitText(t, "4 calls", "hidden", "── ")
	screen.Press(t, "6")
	f := screen.WaitText(t, "heard 4 min ago, 1 document open", "4 calls in 1 document listed here")
	if strings.Contains(f.Text(), "worker") {
		t.Errorf("a hit makes a document:\n%s", f.Text())
	}
}
