package cli

import (
	"fmt"
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/browser"
)

// A visit that shows nothing of the site says why, in the browser's own words and
// with what to do, and without what an address must not tell.
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
			"Chromium could not open http://shop.example/: net::ERR_CONNECTION_REFUSED (and before that, https://shop.example/)"},
		{"bad certificate", []browser.Happening{failed("net::ERR_CERT_DATE_INVALID")}, false, 0, "; --insecure accepts any certificate"},
		{"login", []browser.Happening{opened(401)}, false, 1, "401 Unauthorized, the server asks for a user name and password"},
		{"crash", []browser.Happening{opened(200), {What: browser.Crashed, URL: "https://shop.example/"}}, false, 1, "https://shop.example/ crashed in Chromium"},
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

// However much a page asks, what is said of it stays short, and counts the rest.
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
