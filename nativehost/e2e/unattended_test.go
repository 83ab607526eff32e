//go:build browsers && unix

package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// What a page asks its user stops nothing without one: each call before, between
// and after is recorded, and each dialog is named.
func TestDialogsAreAnswered(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, p *product) {
		site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			io.WriteString(w, `<!doctype html><title>staging</title><script>
				userlikeTrackingEvent = function (event, global, session) {};
				const call = (name) => userlikeTrackingEvent(name, {client_uuid: "c", operator_group_id: 1, widget_id: 2, widget_lang: "de"}, {});
				call("button_displayed"); alert("Staging!"); call("chat_requested"); confirm("Go on?"); call("chat_connected");
				prompt("Code?"); call("chat_started");
				</script>`)
		}))
		defer site.Close()
		said, talked := p.runHeard(t, 0, "inspect", "--browser", p.browser, "--format", "json", "--fail-on", "never", "--until-idle", "4s", site.URL)
		if !strings.Contains(string(talked), "There is no terminal") {
			t.Errorf("it does not say why it is headless: %s", talked)
		}
		var r struct {
			Journeys []struct{ Calls []struct{ Event string } }
			Notes    []string
		}
		if err := json.Unmarshal(said, &r); err != nil {
			t.Fatal(err)
		}
		var events []string
		for _, j := range r.Journeys {
			for _, c := range j.Calls {
				events = append(events, c.Event)
			}
		}
		if got := strings.Join(events, " "); got != "button_displayed chat_requested chat_connected chat_started" {
			t.Errorf("recorded %s", got)
		}
		notes := strings.Join(r.Notes, "\n")
		for _, dialog := range []string{"Staging!", "Go on?", "Code?"} {
			if !strings.Contains(notes, dialog) || !strings.Contains(string(talked), dialog) {
				t.Errorf("the dialog %q is not named: %s", dialog, notes)
			}
		}
	})
}

// A site that cannot be opened passes nowhere, and the browser says why.
func TestUnreachableSite(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, p *product) {
		site := httptest.NewServer(http.NotFoundHandler())
		site.Close()
		said, talked := p.runHeard(t, 2, "inspect", "--browser", p.browser, "--format", "junit", site.URL)
		for _, text := range []string{string(said), string(talked)} {
			if !strings.Contains(text, "CONNECTION_REFUSED") {
				t.Errorf("the reason is missing in %s", text)
			}
		}
		if !strings.Contains(string(said), `tests="1" failures="0" errors="1"`) {
			t.Errorf("the report is %s", said)
		}
	})
}

// shownOnce serves a page whose script has call(event).
func shownOnce(script string) *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		io.WriteString(w, `<!doctype html><title>page</title><script>
			userlikeTrackingEvent = function (event, global, session) {};
			const call = (name) => userlikeTrackingEvent(name, {client_uuid: "c", operator_group_id: 1, widget_id: 2, widget_lang: "de"}, {});
			`+script+`</script>`)
	}))
}

// A page in which a script runs without end is neither idle nor a pass.
func TestStuckPage(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, p *product) {
		site := shownOnce(`call("button_displayed"); setTimeout(() => { for (;;); }, 500);`)
		defer site.Close()
		said, talked := p.runHeard(t, 2, "inspect", "--browser", p.browser, "--format", "json", "--for", "4s", site.URL)
		for _, text := range []string{string(said), string(talked)} {
			if !strings.Contains(text, "did not answer any more") {
				t.Errorf("it is not said that the page was stuck: %s", text)
			}
		}
		if !strings.Contains(string(said), `"button_displayed"`) {
			t.Errorf("what was called before is missing: %s", said)
		}
	})
}

// Pages that open windows, print, and go on to others without end are left in time,
// with all that they called.
func TestRestlessPage(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, p *product) {
		site := shownOnce(`call("button_displayed"); window.open("/pop"); print(); call("chat_requested");
			setTimeout(() => { location.search = Math.random(); }, 500);`)
		defer site.Close()
		said, talked := p.runHeard(t, 0, "inspect", "--browser", p.browser, "--format", "json", "--fail-on", "never", "--for", "5s", site.URL)
		if !strings.Contains(string(talked), "its time (--for 5s) was up") {
			t.Errorf("it does not say how it ended: %s", talked)
		}
		var r struct {
			Journeys []struct{ Calls []struct{ Event string } }
		}
		if err := json.Unmarshal(said, &r); err != nil {
			t.Fatal(err)
		}
		count := map[string]int{}
		for _, j := range r.Journeys {
			for _, c := range j.Calls {
				count[c.Event]++
			}
		}
		if count["button_displayed"] < 2 || count["chat_requested"] != count["button_displayed"] {
			t.Errorf("recorded %v", count)
		}
	})
}
