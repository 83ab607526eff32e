package tui_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/tui/tuitest"
)

// TestSources: whatever keeps calls from arriving, the view says what it is.
func TestSources(t *testing.T) {
	no := false
	var (
		opened   = &record.Record{Kind: record.Page, Event: "opened"}
		late     = &record.Record{Kind: record.Page, Event: "opened", HookedFromStart: &no}
		hooked   = &record.Record{Kind: record.Page, Event: "hooked"}
		framed   = &record.Record{Kind: record.Client, State: record.Framed}
		mounted  = &record.Record{Kind: record.Client, State: record.Mounted}
		heldBack = &record.Record{Kind: record.Client, State: record.HeldBack}
		refused  = &record.Record{Kind: record.Client, State: record.Refused}
		appeared = &record.Record{Kind: record.Handler, State: record.Appeared}
		removed  = &record.Record{Kind: record.Handler, State: record.Removed}
		shadowed = &record.Record{Kind: record.Handler, State: record.Shadowed}
		locked   = &record.Record{Kind: record.Handler, State: record.NotWritable}
		called   = call("slot_check", `{}`, `{}`)
		paused   = &record.Record{Kind: record.Gap, Lost: 2, Why: record.PausedByTester}
		lost     = &record.Record{Kind: record.Gap, Lost: 2, Why: record.QueueFull}
	)
	type all = []*record.Record
	for _, tt := range []struct {
		name    string
		records all
		want    string
	}{
		{"the page's script does not answer", all{opened}, "does not answer"},
		{"late", all{late, hooked, appeared}, "open before the extension"},
		{"shadowed", all{opened, hooked, shadowed}, "let, const or class"},
		{"locked", all{opened, hooked, locked}, "has locked"},
		{"no function", all{opened, hooked, framed}, "has no userlikeTrackingEvent"},
		{"no client", all{opened, hooked, appeared}, "no Userlike client"},
		{"neither", all{opened, hooked}, "Neither the Userlike client"},
		{"held back", all{opened, hooked, heldBack}, "consent manager holds"},
		{"refused", all{opened, hooked, refused}, "could not be loaded"},
		{"ended", all{opened, hooked, framed, appeared}, "has ended loads and then"},
		{"not called", all{opened, hooked, framed, mounted, appeared}, "has not called"},
		{"removed", all{opened, hooked, framed, called, removed}, "has taken its userlikeTrackingEvent away"},
		{"paused", all{opened, hooked, framed, called, paused}, "2 calls were not recorded: paused by the tester."},
		{"well", all{opened, hooked, framed, called}, "Calls arrive"},
		{"lost", all{opened, hooked, lost}, "2 calls were not recorded: too many calls waited"},
		{"lost, and shadowed since then", all{opened, hooked, lost, shadowed}, "let, const or class"},
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

// TestBrowserCounts: a browser's calls are those of all its documents, also of those that the user
// has left.
func TestBrowserCounts(t *testing.T) {
	left := elsewhere(numbered([]*record.Record{
		{Kind: record.Page, Event: "opened"},
		call("slot_check", `{}`, `{}`),
		{Kind: record.Page, Event: "closed"},
	}, 1), "left")
	open := numbered([]*record.Record{call("slot_check", `{}`, `{}`)}, 4)
	screen := tuitest.New(100, 30)
	run(t, options(newStore(t, append(left, open...)), screen))
	screen.WaitText(t, "2 calls", "── slot_check")
	screen.Press(t, "6")
	screen.WaitText(t, "1 document open", "2 calls in 2 documents listed here (1 open).")
}

// TestManyDocuments: if there are too many documents to list, the others are counted.
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

// TestHitsInSources: hits don't change what the view says of documents and calls. They come late,
// and some from documents such as workers that make no calls.
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
