package journey_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"userlike-inspector/nativehost/internal/record"
)

// somewhere is the index of a random scene, but not of the first.
func (l *life) somewhere() int { return 1 + l.r.IntN(len(l.scenes)-1) }

// insert puts a scene in front of another, in its document and at its time.
func (l *life) insert(i int, of record.Record) *scene {
	s := l.scenes[i]
	s.tag, s.lost, s.hidden, s.of = "", false, false, of
	s.at = max(s.at-1, l.scenes[max(0, i-1)].at)
	if s.of.URL == "" {
		s.of.URL = "https://shop.example/cart"
	}
	l.scenes = slices.Insert(l.scenes, i, s)
	return &l.scenes[i]
}

// later delays everything from a scene on.
func (l *life) later(from, ms int) {
	for i := range l.scenes[from:] {
		l.scenes[from+i].at += ms
	}
}

// unrecorded removes calls of one document, from a scene on. The record instead takes the
// place of the last one; if it is empty, the numbers are missing. n is how many calls.
func (l *life) unrecorded(from, most int, instead record.Record) (n int) {
	doc := l.scenes[from].doc
	var last int
	for i := from; i < len(l.scenes) && n < most; i++ {
		if s := &l.scenes[i]; s.doc == doc && s.call() {
			n, last = n+1, i
			s.lost, s.hidden = instead.Kind == "", instead.Kind != ""
		}
	}
	if n == 0 {
		return 0
	}
	l.hides = true
	if instead.Kind == "" {
		return n
	}
	if instead.Kind == record.Gap {
		instead.Lost = int64(n)
	} else {
		last = slices.IndexFunc(l.scenes, func(s scene) bool { return s.hidden }) // one of them was hidden before already
	}
	l.insert(last, instead)
	l.scenes = slices.DeleteFunc(l.scenes, func(s scene) bool { return s.hidden })
	return n
}

// gap replaces calls by a gap.
func (l *life) gap(why record.Reason, url string) {
	i := l.somewhere()
	if n := l.unrecorded(i, 1+l.r.IntN(5), record.Record{Kind: record.Gap, Why: why, URL: url}); n > 0 {
		l.allowed = append(l.allowed, "error capture-gap")
	}
}

// moved moves everything that happens in a document, from a scene on, to another one.
func (l *life) moved(from int, doc string, tab int) {
	old, yes := l.scenes[from].doc, true
	for i := from; i < len(l.scenes); i++ {
		if s := &l.scenes[i]; s.doc == old {
			s.doc, s.tab = doc, tab
		}
	}
	l.insert(from, record.Record{Kind: record.Page, Event: record.Opened, HookedFromStart: &yes})
}

// messes are what happens to recordings in real life without changing the visit itself.
var messes = map[string]func(l *life){
	"the page moves on": func(l *life) {
		for i := range l.scenes {
			l.scenes[i].of.URL += fmt.Sprintf("/step/%d?all=yes", i/3)
		}
		last := &l.scenes[len(l.scenes)-1]
		last.of.URL = "https://shop.example/thanks"
	},
	"the lid is closed": func(l *life) {
		l.later(l.somewhere(), 2*3600_000)
		l.unclear = true
	},
	"the clock is put back": func(l *life) {
		from := l.somewhere()
		for i := range l.scenes[from:] {
			l.scenes[from+i].clock -= 3600_000
		}
		l.unclear = true
	},
	"the tab is paused":   func(l *life) { l.gap(record.PausedByTester, "https://shop.example") },
	"calls are lost":      func(l *life) { l.gap(record.QueueFull, "") },
	"numbers are missing": func(l *life) { l.unrecorded(l.somewhere(), 1+l.r.IntN(3), record.Record{}) },
	"the function is locked": func(l *life) {
		if l.unrecorded(l.somewhere(), len(l.scenes), record.Record{Kind: record.Handler, State: record.NotWritable, Text: "made constant"}) > 0 {
			l.allowed = append(l.allowed, "warning capture-gap")
		}
	},
	"the page is kept in the cache": func(l *life) {
		i, yes := l.somewhere(), true
		if slices.ContainsFunc(l.scenes, func(s scene) bool { return s.doc != l.scenes[i].doc }) {
			return // time would go on for the other documents
		}
		l.later(i, 600_000)
		l.insert(i, record.Record{Kind: record.Page, Event: record.Opened, HookedFromStart: &yes})
		l.insert(i, record.Record{Kind: record.Page, Event: record.Closed, HookedFromStart: &yes}).at -= 600_000
		l.unclear = true
	},
	"records arrive in any order": func(l *life) { l.mixed, l.unclear = true, true },
	"the next page": func(l *life) {
		i, yes := l.somewhere(), true
		if l.moves {
			return
		}
		l.moves = true
		old := l.scenes[i]
		l.moved(i, old.doc+"'", old.tab)
		closed := l.insert(i, record.Record{Kind: record.Page, Event: record.Closed, HookedFromStart: &yes})
		closed.doc, closed.tab = old.doc, old.tab
		l.unclear = true
	},
	"it goes on in another tab": func(l *life) {
		i, yes := l.somewhere(), true
		if l.moves || slices.ContainsFunc(l.scenes[:len(l.scenes)-1], func(s scene) bool { return s.of.Event == record.Closed }) {
			return // time would have gone on in the first tab
		}
		l.moves = true
		old := l.scenes[i]
		l.moved(i, old.doc+"+", old.tab+1)
		last := l.scenes[len(l.scenes)-1]
		last.doc, last.tab, last.at = old.doc, old.tab, last.at+1000
		last.of = record.Record{Kind: record.Page, Event: record.Closed, HookedFromStart: &yes, URL: "https://shop.example/cart"}
		l.scenes = append(l.scenes, last)
		l.unclear = true
	},
	"another tab of the contact is open": func(l *life) {
		l.beside("b", "c", "s", "button_displayed")
	},
	"somebody else's visit": func(l *life) {
		l.beside("e", "e", "other", "button_displayed", "chat_requested", "disclaimer_ok", "chat_connected", "chat_started",
			"contact_first_message", "transcript_show", "transcript_cancel")
	},
	"the session is renewed": func(l *life) {
		from := l.somewhere()
		if l.moves {
			return // a page that begins with another session would be another visit
		}
		l.moves = true
		for i := range l.scenes[from:] {
			of := &l.scenes[from+i].of
			of.Args = []byte(strings.Replace(string(of.Args), `"session_id":"s"`, `"session_id":"t"`, 1))
		}
		l.hides = true
		l.allowed = append(l.allowed, "warning identity-changed")
	},
	"the extension came late": func(l *life) {
		i, no := l.somewhere(), false
		l.scenes = l.scenes[i:]
		for k := range l.scenes {
			if l.scenes[k].of.Kind == record.Page {
				l.scenes[k].of.HookedFromStart = &no
			}
		}
		l.insert(0, record.Record{Kind: record.Page, Event: record.Opened, HookedFromStart: &no})
		l.hides = true
	},
	"the recording is cut": func(l *life) {
		of := l.scenes[0].doc
		for i := range l.somewhere() {
			if !slices.ContainsFunc(l.scenes[i+1:], func(s scene) bool { return s.doc == of && !s.lost }) {
				break // no record would say that something came before
			}
			l.scenes[i].lost = true
		}
		l.hides = true
	},
}

// beside adds another document of a contact, in another tab, during the visit.
func (l *life) beside(doc, client, session string, events ...string) {
	yes := true
	at := l.scenes[l.somewhere()].at
	if l.scenes[len(l.scenes)-1].at < at+60_000 {
		return // it is over
	}
	put := func(of record.Record) {
		i := slices.IndexFunc(l.scenes, func(s scene) bool { return s.at > at })
		if i < 0 {
			i = len(l.scenes) - 1
		}
		s := l.insert(i, of)
		s.doc, s.tab, s.at = doc, 9, at
		at += 1500 + l.r.IntN(3000)
	}
	put(record.Record{Kind: record.Page, Event: record.Opened, HookedFromStart: &yes})
	for _, event := range events {
		args, _ := json.Marshal([]any{
			event,
			map[string]any{"client_uuid": client, "operator_group_id": 1, "widget_id": 2, "widget_lang": "de"},
			map[string]any{"session_id": session},
		})
		put(record.Record{Kind: record.Call, Args: args, Handled: &record.HandlerAtCall{State: record.Assigned}})
	}
	put(record.Record{Kind: record.Page, Event: record.Closed, HookedFromStart: &yes})
}
