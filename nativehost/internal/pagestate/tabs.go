package pagestate

import (
	"cmp"
	"slices"
	"time"

	"userlike-inspector/nativehost/internal/glossary"
	"userlike-inspector/nativehost/internal/record"
)

// MaxDocuments is how many documents Tabs keeps. Closed ones are dropped first, then those
// whose last record is oldest.
const MaxDocuments = 1000

// Tab is the state of the page in a browser's tab: its top document with its frames.
type Tab struct {
	Tab      int
	State    glossary.Code
	Severity record.Severity
	Lost     int64 // calls that were lost in it
	Gaps     int   // how often
}

// Tabs are the pages in the tabs of one browser profile.
type Tabs struct {
	documents map[string]*inTab
	said      map[int]Tab
	heard     int64
}

type inTab struct {
	Document
	tab   int
	seq   int64 // the greatest
	heard int64 // greater if its last record came later
}

// NewTabs are the tabs of a browser without records.
func NewTabs() *Tabs {
	return &Tabs{documents: map[string]*inTab{}, said: map[int]Tab{}}
}

// Knows tells whether there was a record of a document.
func (t *Tabs) Knows(document string) bool { return t.documents[document] != nil }

// Add adds a record.
func (t *Tabs) Add(r *record.Record) {
	d := t.documents[r.Document]
	switch {
	case r.Document == "" || d == nil && r.Tab == nil || r.AboutHits():
		return
	case d == nil:
		if len(t.documents) >= MaxDocuments {
			t.forget()
		}
		d = &inTab{}
		t.documents[r.Document] = d
	}
	if r.ID == record.NumberedID(r.Document, r.Seq) {
		if r.Seq <= d.seq {
			return // it came before: the extension sends a record again if it got no answer
		}
		d.seq = r.Seq
	}
	t.heard++
	d.heard = t.heard
	if r.Tab != nil {
		d.tab = *r.Tab
	}
	d.Add(r, Sighting{ID: r.ID, Order: t.heard, Time: r.Time.UnixMilli()})
	if r.Kind == record.Page && r.Event == record.Opened && r.Frame != nil && *r.Frame == 0 {
		// A new page, or one that comes back. The page before is closed, whether a record
		// says so or not.
		for _, other := range t.documents {
			if other != d && other.tab == d.tab {
				other.Closed = true
			}
		}
	}
}

// forget makes room for one more document.
func (t *Tabs) forget() {
	var oldest string
	for id, d := range t.documents {
		if o := t.documents[oldest]; o == nil || d.Closed && !o.Closed || d.Closed == o.Closed && d.heard < o.heard {
			oldest = id
		}
	}
	delete(t.documents, oldest)
}

// Changed lists, by number, the tabs whose state differs from the last time. The state can
// change just because time passes. Tabs without an open document are not listed.
func (t *Tabs) Changed(now time.Time) []Tab {
	open := map[int][]*inTab{}
	for _, d := range t.documents {
		if !d.Closed {
			open[d.tab] = append(open[d.tab], d)
		}
	}
	var changed []Tab
	for tab, documents := range open {
		if word := one(tab, documents, now); t.said[tab] != word {
			t.said[tab] = word
			changed = append(changed, word)
		}
	}
	for tab := range t.said {
		if open[tab] == nil {
			delete(t.said, tab)
		}
	}
	slices.SortFunc(changed, func(a, b Tab) int { return cmp.Compare(a.Tab, b.Tab) })
	return changed
}

// telling orders the states of documents by how much they say of the whole page, most
// first: a frame without a chat, for example, says nothing of its page.
var telling = []glossary.Code{
	glossary.HandlerShadowed, glossary.HandlerLocked, glossary.HandlerRemoved, glossary.HandlerReplaced, glossary.HandlerAbsent,
	glossary.HookLate, glossary.HandlerStandIn, glossary.CallsArrive,
	glossary.ClientSilent, glossary.ClientRefused, glossary.ClientHeldBack, glossary.ClientLoaded, glossary.ClientFramed, glossary.HandlerReady,
	glossary.HookSilent, glossary.ClientAbsent, glossary.ChatAbsent, glossary.PageUnheard,
}

// one is the state of a page that consists of several documents.
func one(tab int, documents []*inTab, now time.Time) Tab {
	word := Tab{Tab: tab, State: glossary.PageUnheard}
	for _, d := range documents {
		if s := d.State(now); slices.Index(telling, s) < slices.Index(telling, word.State) {
			word.State = s
		}
		word.Lost += d.Lost
		word.Gaps += d.Gaps
	}
	word.Severity = Severity(word.State)
	return word
}
