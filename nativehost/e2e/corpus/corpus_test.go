package corpus_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"userlike-inspector/extension"
	"userlike-inspector/nativehost/e2e/corpus"
	"userlike-inspector/nativehost/internal/record"
)

func pages(t *testing.T) []corpus.Page {
	t.Helper()
	all, err := corpus.Pages("chromium")
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Every page says what it is about in a sentence of its own.
func TestPages(t *testing.T) {
	said := map[string]string{}
	for _, p := range pages(t) {
		if !strings.HasSuffix(p.About, ".") {
			t.Errorf("%s: %q is no sentence", p.Path, p.About)
		}
		if other := said[p.About]; other != "" {
			t.Errorf("%s and %s are about the same", p.Path, other)
		}
		said[p.About] = p.Path
	}
}

// A page that only Chromium can show is not among Firefox's.
func TestPagesOfABrowser(t *testing.T) {
	firefox, err := corpus.Pages("firefox-esr")
	if err != nil {
		t.Fatal(err)
	}
	prerendered := func(p corpus.Page) bool { return p.Path == "/calling/prerendered.html" }
	if !slices.ContainsFunc(pages(t), prerendered) || slices.ContainsFunc(firefox, prerendered) {
		t.Error("prerendered.html is for chromium alone")
	}
}

// The table of differences names existing pages and gives a reason for each difference.
func TestDifferences(t *testing.T) {
	all, err := corpus.Differences()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range all {
		if !strings.HasSuffix(d.Because, ".") || len(d.Seen) == 0 {
			t.Errorf("%q is no reason for %v", d.Because, d.Seen)
		}
		for _, s := range d.Seen {
			if !slices.ContainsFunc(pages(t), func(p corpus.Page) bool { return p.Path == s.Page }) {
				t.Errorf("there is no page %q", s.Page)
			}
		}
	}
}

// The page that tries to load the extension's files uses the extension's real id.
func TestExtensionFilesAreAskedFor(t *testing.T) {
	if !strings.Contains(corpus.Text(t, "/unseen/extension-files.html"), "chrome-extension://"+extension.ChromiumID+"/") {
		t.Error("/unseen/extension-files.html does not name the extension's id")
	}
}

const document = "6e1f7a52-52a8-4c56-8d5c-3c0e7f1b9a11"

// recorded makes the records of a page that was recorded without a fault.
func recorded(p corpus.Page) []*record.Record {
	seen := true
	at := "http://127.0.0.1:8000" + p.Path
	var all []*record.Record
	add := func(r record.Record) {
		r.V, r.Seq, r.Document, r.URL, r.TopURL = record.Version, int64(len(all)+1), document, at, at
		r.Time = record.At(time.Unix(0, 0))
		all = append(all, &r)
	}
	add(record.Record{Kind: record.Page, Event: "opened", HookedFromStart: &seen})
	add(record.Record{Kind: record.Page, Event: "hooked", HookedFromStart: &seen})
	for _, state := range p.Handler {
		add(record.Record{Kind: record.Handler, State: record.State(state)})
	}
	for _, c := range p.Calls {
		for range c.Times {
			add(record.Record{
				Kind: record.Call, Args: c.Args, Notes: slices.Clone(c.Notes),
				Handled: &record.HandlerAtCall{State: record.HandlerState(c.State), Threw: c.Threw},
			})
		}
	}
	add(record.Record{Kind: record.Page, Event: "closed", HookedFromStart: &seen})
	return all
}

func find(t *testing.T, path string) corpus.Page {
	t.Helper()
	all := pages(t)
	i := slices.IndexFunc(all, func(p corpus.Page) bool { return p.Path == path })
	if i < 0 {
		t.Fatalf("there is no page %q", path)
	}
	return all[i]
}

// Check accepts what a page expects and finds everything that is wrong with it.
func TestCheck(t *testing.T) {
	p := find(t, "/arguments/primitives.html")
	// In a faultless recording: opened, hooked, appeared, then the calls.
	const call = 4 // the second, which has notes
	for name, c := range map[string]struct {
		spoil func([]*record.Record) []*record.Record
		want  string // part of the complaint; "" for none
	}{
		"faultless":      {func(all []*record.Record) []*record.Record { return all }, ""},
		"nothing at all": {func([]*record.Record) []*record.Record { return nil }, "0 documents, want 1"},
		"a call lost":    {func(all []*record.Record) []*record.Record { return slices.Delete(all, call, call+1) }, "calls"},
		"a call twice":   {func(all []*record.Record) []*record.Record { return slices.Insert(all, call, all[call]) }, "calls"},
		"calls swapped":  {func(all []*record.Record) []*record.Record { all[call].Seq, all[call-1].Seq = call, call+1; return all }, "calls"},
		"a gap in seq":   {func(all []*record.Record) []*record.Record { all[len(all)-1].Seq++; return all }, "seq"},
		"other argument": {func(all []*record.Record) []*record.Record {
			all[call].Args = json.RawMessage(`[null,null,null,1]`)
			return all
		}, "arguments"},
		"a note too few": {func(all []*record.Record) []*record.Record { all[call].Notes = all[call].Notes[1:]; return all }, "no note"},
		"a note too many": {func(all []*record.Record) []*record.Record {
			all[call].Notes = append(all[call].Notes, record.Note{At: "/0", Is: "nan"})
			return all
		}, "notes"},
		"a note's text": {func(all []*record.Record) []*record.Record { all[call].Notes[1].Text = "t"; return all }, "no note"},
		"other state":   {func(all []*record.Record) []*record.Record { all[call].Handled.State = "missing"; return all }, "handler"},
		"threw":         {func(all []*record.Record) []*record.Record { all[call].Handled.Threw = "TypeError"; return all }, "threw"},
		"hooked late":   {func(all []*record.Record) []*record.Record { late := false; all[0].HookedFromStart = &late; return all }, "from the start"},
		"never closed":  {func(all []*record.Record) []*record.Record { return all[:len(all)-1] }, "its life"},
		"closed twice": {func(all []*record.Record) []*record.Record {
			again := *all[len(all)-1]
			again.Seq++
			return append(all, &again)
		}, "its life"},
		"handler came back": {func(all []*record.Record) []*record.Record { all[2].State = "replaced"; return all }, "the function"},
		"a gap": {func(all []*record.Record) []*record.Record {
			return append(all, &record.Record{
				Kind: record.Gap, Lost: 3, Why: record.QueueFull,
				Document: document, Seq: int64(len(all) + 1), URL: all[0].URL, TopURL: all[0].URL,
			})
		}, "3 calls lost"},
		"another document": {func(all []*record.Record) []*record.Record { all[call].Document = "other"; return all }, "2 documents"},
	} {
		t.Run(name, func(t *testing.T) {
			sorted := corpus.Sort(c.spoil(recorded(p)), []corpus.Page{p})
			complaint := strings.Join(p.Check(sorted[p.Path]), "\n")
			if (c.want == "") != (complaint == "") || !strings.Contains(complaint, c.want) {
				t.Errorf("complains %q, want %q", complaint, c.want)
			}
		})
	}
}

func TestPlace(t *testing.T) {
	for address, want := range map[string]string{
		"http://127.0.0.1:8000/calling/a.html?b#c":                "/calling/a.html",
		"http://shop.test/":                                       "/",
		"about:srcdoc":                                            "about:srcdoc",
		"blob:http://127.0.0.1:8000/0b9a7c9e-1d0c-4c1b-8b7":       "blob:",
		"data:text/html,<script>userlikeTrackingEvent()</script>": "data:",
	} {
		if got := corpus.Place(address); got != want {
			t.Errorf("Place(%q) = %q, want %q", address, got, want)
		}
	}
}
