//go:build browsers && unix

package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"syscall"
	"testing"

	"userlike-inspector/nativehost/internal/paths"
	"userlike-inspector/nativehost/internal/record"
)

// Without a user, dialogs are answered: the calls before, between and after them are
// recorded, and the report names each dialog. An exception that the function throws after a
// dialog belongs to its call.
func TestDialogsAreAnswered(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, p *product) {
		site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			io.WriteString(w, `<!doctype html><title>staging</title><script>
				userlikeTrackingEvent = function (event, global, session) {
					if (event !== "chat_connected") return;
					alert("Connected");
					throw new TypeError("after the dialog");
				};
				const call = (name) => userlikeTrackingEvent(name, {client_uuid: "c", operator_group_id: 1, widget_id: 2, widget_lang: "de"}, {});
				call("button_displayed");
				alert("Staging!");
				call("chat_requested");
				confirm("Go on?");
				try { call("chat_connected"); } catch {}
				prompt("Code?");
				call("chat_started");
				</script>`)
		}))
		defer site.Close()
		said, talked := p.runHeard(t, 0, "inspect", "--browser", p.browser, "--format", "json",
			"--fail-on", "never", "--until-idle", "4s", site.URL)
		if !strings.Contains(string(talked), "There is no terminal") {
			t.Errorf("it does not say why it is headless: %s", talked)
		}
		var r struct {
			Journeys []struct{ Calls []struct{ Event string } }
			Notes    []string
			Findings []struct{ Rule, Actual string }
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
		thrown := ""
		for _, f := range r.Findings {
			if f.Rule == "handler-threw" {
				thrown += f.Actual
			}
		}
		if thrown != "TypeError: after the dialog" {
			t.Errorf("what the function threw is %q", thrown)
		}
		notes := strings.Join(r.Notes, "\n")
		for _, dialog := range []string{"Staging!", "Go on?", "Connected", "Code?"} {
			if !strings.Contains(notes, dialog) || !strings.Contains(string(talked), dialog) {
				t.Errorf("the dialog %q is not named: %s", dialog, notes)
			}
		}
	})
}

// A site that cannot be opened is no pass, and the reason is the browser's own.
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

// shownOnce serves a page with a script, which can make calls by call(event).
func shownOnce(script string) *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { show(w, script) }))
}

// show writes the page of shownOnce.
func show(w http.ResponseWriter, script string) {
	w.Header().Set("Content-Type", "text/html")
	io.WriteString(w, `<!doctype html><title>page</title><script>
		userlikeTrackingEvent = function (event, global, session) {};
		const call = (name) => userlikeTrackingEvent(name, {client_uuid: "c", operator_group_id: 1, widget_id: 2, widget_lang: "de"}, {});
		`+script+`</script>`)
}

// A page in which a script runs without end is neither idle nor a pass.
func TestStuckPage(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, p *product) {
		stuck := make(chan struct{})
		site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				close(stuck)
				return
			}
			show(w, `call("button_displayed");
				setTimeout(() => {
					const r = new XMLHttpRequest();
					r.open("POST", "/stuck", false);
					r.send();
					for (;;);
				}, 500);`)
		}))
		defer site.Close()
		said, talked := p.runUntil(t, 2, stuck, "inspect", "--browser", p.browser, "--format", "json", "--for", "2m", site.URL)
		for _, text := range []string{string(said), string(talked)} {
			if !strings.Contains(text, "did not answer any more") {
				t.Errorf("it is not said that the page was stuck: %s", text)
			}
		}
		if !strings.Contains(string(said), `"button_displayed"`) {
			t.Errorf("what was called before is missing: %s", said)
		}
		// Firefox stops the script when the tab is closed. The page then sends its end itself.
		ended := func(r *record.Record) bool { return r.Event == record.Closed && !record.ClosedForPage(r.ID) }
		if !slices.ContainsFunc(p.export(t), ended) {
			p.mayLack(t)
		}
	})
}

// A visit whose page crashes, or whose browser dies, proves nothing, and the recording says
// that calls may be missing.
func TestCrashes(t *testing.T) {
	for says, kill := range map[string]func(*product){"crashed in": (*product).killPages, "ended by itself": (*product).killBrowser} {
		t.Run(says, func(t *testing.T) {
			inEachBrowser(t, func(t *testing.T, p *product) {
				site := shownOnce(`call("button_displayed")`)
				defer site.Close()
				recorded := p.recorded(t, "button_displayed")
				go func() {
					<-recorded
					kill(p)
				}()
				said, talked := p.runHeard(t, 2, "inspect", "--browser", p.browser, "--format", "json", "--for", "2m", site.URL)
				for _, text := range []string{string(said), string(talked)} {
					if !strings.Contains(text, says) {
						t.Errorf("the end is not told: %s", text)
					}
				}
				if !strings.Contains(string(said), `"button_displayed"`) {
					t.Errorf("what was called before is missing: %s", said)
				}
				p.mayLack(t)
			})
		})
	}
}

// mayLack checks that the recording says of a page that its last calls may be missing.
func (p *product) mayLack(t *testing.T) {
	t.Helper()
	if !slices.ContainsFunc(p.export(t), func(r *record.Record) bool { return r.Kind == record.Gap && r.Why == record.NoEnd }) {
		t.Error("the recording does not say that calls may be missing")
	}
}

// killBrowser kills the browsers of this product, without their hosts.
func (p *product) killBrowser() {
	signalAll(syscall.SIGKILL, func(q process) bool { return strings.Contains(q.line, "\x00--headless") && p.started(q) })
}

// killPages kills the processes of the pages in the browsers of this product, without that
// of the extension.
func (p *product) killPages() {
	signalAll(syscall.SIGKILL, func(q process) bool {
		chromium := strings.Contains(q.line, "--type=renderer") && !strings.Contains(q.line, "--extension-process")
		firefox := strings.HasPrefix(q.name, "Isolated Web Co") || strings.HasPrefix(q.name, "Web Content")
		return (chromium || firefox) && p.started(q)
	})
}

// started tells whether a process was started by this product, or by one that was.
func (p *product) started(q process) bool {
	for ; q.id > 1; q = q.parent() {
		if strings.Contains(q.environ, paths.StoreVariable+"="+p.store+"\x00") {
			return true
		}
	}
	return false
}

// A visit of pages that open windows, print, and go to the next page without end is over
// when its time is up, and their calls are recorded.
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
