package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/browser"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/simulation"
	"userlike-inspector/nativehost/internal/store"
	"userlike-inspector/nativehost/internal/wire"
)

// A visit that shows nothing of the site says why, in the browser's own words, and what to
// do. A password in an address is left out.
func TestUnjudged(t *testing.T) {
	opened := func(status int) browser.Happening {
		return browser.Happening{What: browser.Opened, URL: "https://me:secret@shop.example/?email=a@b.example", Status: status}
	}
	failed := func(reason string) browser.Happening {
		return browser.Happening{What: browser.Failed, URL: "http://shop.example/", Text: reason, Instead: "https://shop.example/"}
	}
	for _, tt := range []struct {
		name  string
		all   []browser.Happening
		died  bool
		pages int
		want  string // "" where it does show the site
	}{
		{"fine", []browser.Happening{opened(200)}, false, 1, ""},
		{"an error page", []browser.Happening{opened(500)}, false, 1, ""},
		{"refused", []browser.Happening{failed("net::ERR_CONNECTION_REFUSED")}, false, 0,
			"Chromium could not open http://shop.example/: net::ERR_CONNECTION_REFUSED (and before that, https://shop.example/); nothing answers at this address: check its host and port, and whether the site runs"},
		{"no such host in Firefox", []browser.Happening{failed("NS_ERROR_UNKNOWN_HOST")}, false, 0, "; there is no such host: check its spelling and your network"},
		{"bad certificate", []browser.Happening{failed("net::ERR_CERT_DATE_INVALID")}, false, 0, "; --insecure accepts any certificate"},
		{"login", []browser.Happening{opened(401)}, false, 1, "401 Unauthorized, the server asks for a user name and password"},
		{
			name:  "crash",
			all:   []browser.Happening{opened(200), {What: browser.Crashed, URL: "https://shop.example/"}},
			pages: 1,
			want:  "https://shop.example/ crashed in Chromium",
		},
		{"the browser crashed", []browser.Happening{opened(200)}, true, 1, "ended by itself"},
		{"no extension", []browser.Happening{opened(200)}, false, 0, "the extension was not running"},
		{"no answer", nil, false, 0, "https://shop.example/ had not answered in Chromium before the visit ended: nothing came for 30s"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := newVisit("Chromium", "https://shop.example/")
			for _, h := range tt.all {
				v.note(h)
			}
			got := v.unjudged("nothing came for 30s", tt.died, tt.pages)
			if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
				t.Errorf("%q, want %q", got, tt.want)
			}
			for _, secret := range []string{"secret", "b.example"} {
				if strings.Contains(got, secret) {
					t.Errorf("%q tells %q", got, secret)
				}
			}
		})
	}
}

// However many dialogs a page shows, only some are listed and the rest is counted.
func TestNotes(t *testing.T) {
	v := newVisit("Firefox", "https://shop.example/")
	for range 1000 {
		v.note(browser.Happening{What: browser.Dialog, Dialog: "alert", URL: "https://shop.example/", Text: "again", Answer: "OK"})
	}
	for i := range 1000 {
		v.note(browser.Happening{What: browser.Dialog, Dialog: "confirm", URL: "https://shop.example/", Text: fmt.Sprint("question ", i), Answer: "Cancel"})
	}
	notes := v.notes(true)
	if len(notes) != maxHappened+1 || !strings.Contains(notes[0], "“again”; it was answered with OK, 1000 times.") ||
		!strings.Contains(notes[maxHappened], "951 more questions") {
		t.Errorf("%d notes, %q … %q", len(notes), notes[0], notes[len(notes)-1])
	}
	for _, note := range v.notes(false) {
		if strings.Contains(note, "again") || strings.Contains(note, "question 1") {
			t.Errorf("%q tells a dialog's text", note)
		}
	}
}

// A page in which a script runs without end is not idle: it is waited for, and a visit that
// ends while it runs is no pass.
func TestStuckPage(t *testing.T) {
	s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "events.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	r := &record.Record{V: record.Version, Kind: record.Page, ID: "d/1", Seq: 1, Time: record.At(time.Now()), Document: "d", Event: record.Opened}
	asked := 0
	stuck := func(times int) func() []string {
		asked = 0
		return func() []string {
			if asked++; asked > times {
				return nil
			}
			return []string{"https://shop.example/stuck?q=1"}
		}
	}
	o := &inspection{untilIdle: time.Millisecond}
	v := newVisit("Chromium", "https://shop.example/")
	v.note(browser.Happening{What: browser.Opened, URL: "https://shop.example/", Status: 200})
	go func() {
		if _, err := s.Append(context.WithoutCancel(t.Context()), []*record.Record{r}); err != nil {
			t.Error(err)
		}
	}()
	ending, err := o.wait(t.Context(), s, 0, nil, v, stuck(2), nil)
	if err != nil || ending != "nothing came for 1ms" || asked != 3 || v.unjudged(ending, false, 1) != "" {
		t.Errorf("%v, %q after asking %d times; %q", err, ending, asked, v.unjudged(ending, false, 1))
	}
	o = &inspection{length: time.Millisecond}
	ending, err = o.wait(t.Context(), s, 1, nil, v, stuck(9), nil)
	want := "the page https://shop.example/stuck?… did not answer any more in Chromium"
	if why := v.unjudged(ending, false, 1); err != nil || !strings.Contains(ending, "ran without end") || !strings.HasPrefix(why, want) {
		t.Errorf("%v, %q, %q", err, ending, why)
	}
}

// onWrite is a function that is called with each text that is written.
type onWrite func()

func (f onWrite) Write(text []byte) (int, error) { f(); return len(text), nil }

// A visit whose simulation was interrupted is no pass, neither before a call nor after some.
func TestInterruptedSimulation(t *testing.T) {
	t.Parallel()
	hurried, hurry := context.WithCancel(t.Context())
	hurry() // hits of the call need not be waited for
	for name, tt := range map[string]struct {
		made int
		want string
	}{
		"before it began": {0, "nothing was called in Chromium: it was interrupted"},
		"after a call":    {1, "the simulation in Chromium was interrupted after 1 of 70 calls"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := &app{now: time.Now, storeFile: filepath.Join(t.TempDir(), "events.db"), hurry: hurried}
			s, err := a.openStore(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			page := wire.OpenPage{Document: "d", URL: "https://shop.example/", Handler: true}
			opened := &record.Record{V: record.Version, Kind: record.Page, ID: "d/1", Seq: 1, Time: record.At(time.Now()), Document: "d",
				Event: record.Opened, Browser: &record.Browser{Name: "Chromium", Profile: "p"}}
			if _, err := s.Append(t.Context(), []*record.Record{opened}); err != nil {
				t.Fatal(err)
			}
			ctx, interrupt := context.WithCancel(t.Context())
			if tt.made == 0 {
				interrupt()
			}
			folder, err := a.requests()
			if err != nil {
				t.Fatal(err)
			}
			go func() { // as a host
				for r := range folder.Requests(t.Context(), "p", time.Now) {
					answers := []simulation.Answer{{Asked: true, Browser: opened.Browser, Pages: []wire.OpenPage{page}}}
					if len(r.Calls) > 0 {
						answers = []simulation.Answer{{Taken: true}, {Step: &wire.Step{Stage: wire.Called, Record: "d/2", Outcome: wire.Returned}}}
					}
					for _, answer := range answers {
						if err := folder.Answer(r.ID, "p", answer); err != nil && !errors.Is(err, simulation.ErrForgotten) {
							t.Error(err)
						}
					}
				}
			}()
			v := newVisit("Chromium", page.URL)
			_, err = a.simulateVisit(ctx, s, 0, nil, v, nil, &progress{w: onWrite(interrupt), store: s})
			if err != nil || v.broken != tt.want || len(v.simulation) != tt.made {
				t.Errorf("%q after %d calls, %v; want %q", v.broken, len(v.simulation), err, tt.want)
			}
		})
	}
}
