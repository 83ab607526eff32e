package pagestate_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/glossary"
	"userlike-inspector/nativehost/internal/pagestate"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/record/recordtest"
	"userlike-inspector/schema"
)

// start is when a document is opened.
var start = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

// recording makes a document's records from words, one per second. A state can have a text:
// "replaced:passes calls on later". "call" is a call, "call-" one that was not passed on,
// "call+" one that was. A word that begins with a number comes that many seconds after the
// one before it.
func recording(t *testing.T, frame int, words string) (all []*record.Record) {
	t.Helper()
	now := start
	for i, word := range strings.Fields(words) {
		after, rest, timed := strings.Cut(word, "s:")
		wait, err := strconv.ParseFloat(after, 64)
		if !timed || err != nil {
			wait, rest = 1, word
		}
		now = now.Add(time.Duration(wait * float64(time.Second)))
		what, text, _ := strings.Cut(rest, ":")
		yes, no, tab := true, false, 7
		r := &record.Record{
			V: 1, ID: fmt.Sprintf("d/%d", i+1), Seq: int64(i + 1), Document: "d", Time: record.At(now), URL: "https://shop.example/",
			Tab: &tab, Frame: &frame, Text: strings.ReplaceAll(text, "_", " "),
		}
		switch what {
		case "opened", "hooked", "closed":
			r.Kind, r.Event, r.HookedFromStart = record.Page, record.PageEvent(what), &yes
		case "late":
			r.Kind, r.Event, r.HookedFromStart = record.Page, record.Opened, &no
		case "held-back", "refused", "loaded", "framed", "mounted":
			r.Kind, r.State = record.Client, record.State(what)
		case "client":
			r.Kind = record.Client
		case "lost", "paused":
			r.Kind, r.Lost, r.Why = record.Gap, 1, map[string]record.Reason{"lost": record.QueueFull, "paused": record.PausedByTester}[what]
		case "call", "call+", "call-", "stand-in":
			r.Kind, r.Args, r.Handled = record.Call, []byte(`["slot_check"]`), &record.HandlerAtCall{State: record.Assigned}
			switch what {
			case "call+":
				r.Handled.PassedOn = &yes
			case "call-":
				r.Handled.PassedOn = &no
			case "stand-in":
				r.Handled.State = record.StandIn
			}
		default:
			r.Kind, r.State = record.Handler, record.State(what)
		}
		if what != "client" {
			recordtest.Made(t, r)
		}
		all = append(all, r)
	}
	return all
}

func document(records []*record.Record) *pagestate.Document {
	d := &pagestate.Document{}
	for i, r := range records {
		d.Add(r, pagestate.Sighting{ID: r.ID, Order: int64(i), Time: r.Time.UnixMilli()})
	}
	return d
}

func TestState(t *testing.T) {
	for _, c := range []struct {
		words string
		want  glossary.Code
	}{
		{"", glossary.PageUnheard},
		{"opened", glossary.HookSilent},
		{"opened framed", glossary.HookSilent},
		{"opened hooked", glossary.ChatAbsent},
		{"opened hooked appeared", glossary.ClientAbsent},
		{"opened hooked closed opened", glossary.ChatAbsent}, // back from the browser's cache

		{"opened hooked held-back", glossary.ClientHeldBack},
		{"opened hooked appeared held-back", glossary.ClientHeldBack},
		{"opened hooked appeared held-back loaded framed mounted", glossary.HandlerReady},
		{"opened hooked appeared refused", glossary.ClientRefused},
		{"opened hooked appeared loaded refused", glossary.ClientLoaded},
		{"opened hooked appeared loaded", glossary.ClientLoaded},
		{"opened hooked appeared loaded framed", glossary.ClientFramed},
		{"opened hooked appeared loaded framed 30s:paused", glossary.ClientSilent},
		{"opened hooked appeared framed mounted 30s:paused", glossary.HandlerReady},
		{"opened hooked appeared mounted", glossary.ClientAbsent}, // something that looks like it
		{"opened hooked appeared framed call", glossary.CallsArrive},
		{"opened hooked client:its_frame appeared 30s:paused", glossary.HandlerReady}, // an older program's
		{"opened hooked client:its_script", glossary.HandlerAbsent},

		{"opened hooked framed", glossary.HandlerAbsent},
		{"opened hooked framed appeared removed", glossary.HandlerRemoved},
		{"opened hooked framed appeared call removed", glossary.HandlerRemoved},
		{"opened hooked framed appeared call removed appeared", glossary.CallsArrive},
		{"opened hooked framed shadowed", glossary.HandlerShadowed},
		{"opened hooked framed appeared call shadowed", glossary.HandlerShadowed},
		{"opened hooked framed not-writable", glossary.HandlerLocked},
		{"opened hooked framed stand-in", glossary.HandlerStandIn},
		{"opened hooked framed stand-in appeared call", glossary.CallsArrive},
		{"opened hooked framed appeared call replaced", glossary.CallsArrive},
		{"opened hooked framed appeared call replaced call-", glossary.HandlerReplaced},
		{"opened hooked framed appeared call replaced call+", glossary.CallsArrive},
		{"opened hooked framed appeared call replaced call- call+", glossary.CallsArrive},
		{"opened hooked framed appeared call replaced call- replaced:passes_calls_on_later", glossary.CallsArrive},
		{"opened hooked framed appeared call replaced call+ replaced call-", glossary.HandlerReplaced},
		{"opened hooked framed appeared call removed 0s:appeared call-", glossary.CallsArrive}, // set up anew

		{"late hooked appeared call", glossary.HookLate},
		{"opened hooked appeared lost call", glossary.CallsArrive},
	} {
		d := document(recording(t, 0, c.words))
		now := start.Add(time.Duration(len(strings.Fields(c.words))) * time.Second)
		if strings.Contains(c.words, "30s:") {
			now = now.Add(30 * time.Second)
		}
		if got := d.State(now); got != c.want {
			t.Errorf("%q is %s, want %s", c.words, got, c.want)
		}
	}
}

// The client's own frame runs its scripts but has no function. The document around it has.
func TestClientsOwnFrame(t *testing.T) {
	for _, words := range []string{"opened hooked loaded", "opened hooked client:its_script", "opened hooked loaded mounted"} {
		if d := document(recording(t, 3, words)); d.Running != nil {
			t.Errorf("%q in a frame is a client that runs there", words)
		}
	}
	if d := document(recording(t, 3, "opened hooked loaded framed")); d.Running == nil {
		t.Error("a page in a frame has no client")
	}
}

func TestCounts(t *testing.T) {
	d := document(recording(t, 0, "opened hooked lost call paused lost paused paused"))
	if d.Calls != 1 || d.Lost != 2 || d.Gaps != 2 || d.Uncalled != 3 || d.Why != record.QueueFull {
		t.Errorf("%+v", d)
	}
}

// A document whose first records went to another host is not reported as incomplete.
func TestFirstRecordsElsewhere(t *testing.T) {
	if got := document(recording(t, 0, "opened hooked call call")[2:3]).State(start); got != glossary.CallsArrive {
		t.Errorf("it is %s", got)
	}
	if got := document(recording(t, 0, "opened hooked closed opened")[3:]).State(start); got != glossary.ChatAbsent {
		t.Errorf("it is %s", got)
	}
}

func TestTabs(t *testing.T) {
	tabs := pagestate.NewTabs()
	said := func(documents string, frame int, words string) {
		for _, r := range recording(t, frame, words) {
			r.Document = documents
			r.ID = fmt.Sprintf("%s/%d", documents, r.Seq)
			tabs.Add(r)
		}
	}
	expect := func(when string, want ...pagestate.Tab) {
		t.Helper()
		got := tabs.Changed(start)
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: %v, want %v", when, got, want)
		}
	}
	tab := func(code glossary.Code, severity record.Severity, lost int64) pagestate.Tab {
		return pagestate.Tab{Tab: 7, State: code, Severity: severity, Lost: lost, Gaps: int(lost)}
	}
	expect("nothing heard")
	said("top", 0, "opened hooked appeared loaded framed mounted")
	expect("the page is ready", tab(glossary.HandlerReady, record.Info, 0))
	said("own", 3, "opened hooked loaded")
	expect("the client's own frame says nothing of it")
	said("shop", 4, "opened hooked appeared framed call lost")
	expect("a frame has a chat", tab(glossary.CallsArrive, "", 1))
	said("shop", 4, "opened hooked appeared framed call lost")
	expect("the same again")
	said("shop", 4, "opened hooked appeared framed call lost closed")
	expect("the frame is gone", tab(glossary.HandlerReady, record.Info, 0))
	said("next", 0, "opened hooked")
	expect("another page", tab(glossary.ChatAbsent, record.Info, 0))
	for _, r := range recording(t, 0, "opened hooked appeared loaded framed mounted closed opened")[7:] {
		r.Document = "top"
		r.ID = fmt.Sprintf("%s/%d", "top", r.Seq)
		tabs.Add(r)
	}
	expect("back", tab(glossary.HandlerReady, record.Info, 0))
}

func TestTabsAreBounded(t *testing.T) {
	tabs := pagestate.NewTabs()
	r := recording(t, 0, "opened")[0]
	for i := range pagestate.MaxDocuments + 10 {
		one := *r
		one.Document = fmt.Sprint(i)
		one.Tab = &i
		tabs.Add(&one)
	}
	if got := len(tabs.Changed(start)); got != pagestate.MaxDocuments {
		t.Errorf("%d tabs are known, want %d", got, pagestate.MaxDocuments)
	}
	if tabs.Knows("0") || !tabs.Knows("10") {
		t.Error("others than the oldest were forgotten")
	}
}

// The wire schema has all states that the host sends.
func TestWireKnowsTheStates(t *testing.T) {
	var s struct {
		Defs struct {
			PageState struct{ Enum []glossary.Code }
		} `json:"$defs"`
	}
	if err := json.Unmarshal(schema.Text(schema.Wire), &s); err != nil {
		t.Fatal(err)
	}
	if got := pagestate.States; !slices.Equal(got, s.Defs.PageState.Enum) {
		t.Errorf("the schema has %q, the program %q", s.Defs.PageState.Enum, got)
	}
}
