//go:build browsers && unix

package session

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"userlike-inspector/nativehost/internal/browser"
)

// diary keeps what happens.
type diary struct {
	mu  sync.Mutex
	all []browser.Happening
}

func (d *diary) note(h browser.Happening) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.all = append(d.all, h)
}

func (d *diary) happened() []browser.Happening {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.all[:len(d.all):len(d.all)]
}

// has says whether something of a kind has happened whose text has this in it.
func (d *diary) has(what browser.What, text string) bool {
	for _, h := range d.happened() {
		if h.What == what && strings.Contains(fmt.Sprintf("%+v", h), text) {
			return true
		}
	}
	return false
}

// site answers as sites do that cannot be opened, or only with an error.
func site(reached chan<- string) http.Handler {
	page := func(w http.ResponseWriter, status int, content string) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(status)
		io.WriteString(w, "<!doctype html><title>page</title>"+content)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/404", "/500":
			var status int
			fmt.Sscanf(r.URL.Path, "/%d", &status)
			page(w, status, "an error page")
		case "/empty500":
			w.WriteHeader(500)
		case "/reset":
			c, _, err := w.(http.Hijacker).Hijack()
			if err == nil {
				c.(*net.TCPConn).SetLinger(0)
				c.Close()
			}
		case "/login":
			if name, password, _ := r.BasicAuth(); name == "tester" && password == "secret" {
				page(w, 200, "come in")
				return
			}
			w.Header().Set("WWW-Authenticate", `Basic realm="staging"`)
			page(w, 401, "keep out")
		case "/nothing":
			w.WriteHeader(204)
		case "/file":
			w.Header().Set("Content-Disposition", `attachment; filename="prices.bin"`)
			w.Write([]byte("bytes"))
		case "/asks":
			page(w, 200, `<iframe src="/frame"></iframe><script>
				open("/popup?1"); open("/popup?2");
				alert("Test system!"); alert("Second");
				const answers = [confirm("Sure?"), prompt("Name?", "Joe")];
				const image = new Image();
				const geo = new Promise((resolve) => navigator.geolocation.getCurrentPosition(() => resolve("here"), () => resolve("denied")));
				const login = new Promise((resolve) => { image.onload = () => resolve("loaded"); image.onerror = () => resolve("kept out"); });
				image.src = "/login";
				Promise.all([geo, login]).then(([g, l]) => fetch("/reached?" + encodeURIComponent([...answers, g, l].join())));
				</script>`)
		case "/frame":
			page(w, 200, `<script>alert("From the frame"); fetch("/reached?frame")</script>`)
		case "/reached":
			reached <- r.URL.RawQuery
		default:
			page(w, 200, "hello")
		}
	})
}

// Why a site could not be opened is reported in the browser's own words. An HTTP error that
// came with a page is no such reason.
func TestOpening(t *testing.T) {
	reached := make(chan string, 10)
	server := httptest.NewServer(site(reached))
	defer server.Close()
	secure := httptest.NewTLSServer(site(reached))
	defer secure.Close()
	closed := httptest.NewServer(site(reached))
	closed.Close()
	for _, tt := range []struct {
		name, url string
		spoil     func(*browser.Options)
		want      browser.What
		status    int
		reasons   map[browser.Family]string
	}{
		{"a page", server.URL + "/", nil, browser.Opened, 200, nil},
		{"not found", server.URL + "/404", nil, browser.Opened, 404, nil},
		{"broken", server.URL + "/500", nil, browser.Opened, 500, nil},
		{"broken without a page", server.URL + "/empty500", nil, browser.Failed, 0, map[browser.Family]string{
			browser.Chromium: "500", browser.Firefox: "500"}},
		{"refused", closed.URL + "/", nil, browser.Failed, 0, map[browser.Family]string{
			browser.Chromium: "net::ERR_CONNECTION_REFUSED", browser.Firefox: "NS_ERROR_CONNECTION_REFUSED"}},
		{"unknown host", "http://shop.invalid/", nil, browser.Failed, 0, map[browser.Family]string{
			browser.Chromium: "net::ERR_NAME_NOT_RESOLVED", browser.Firefox: "NS_ERROR_UNKNOWN_HOST"}},
		{"self-signed", secure.URL + "/", nil, browser.Failed, 0, map[browser.Family]string{
			browser.Chromium: "net::ERR_CERT_AUTHORITY_INVALID", browser.Firefox: "self-signed"}},
		{"self-signed, accepted", secure.URL + "/", func(o *browser.Options) { o.Insecure = true }, browser.Opened, 200, nil},
		{"reset", server.URL + "/reset", nil, browser.Failed, 0, map[browser.Family]string{
			browser.Chromium: "net::ERR_CONNECTION_RESET", browser.Firefox: "NS_ERROR_NET_RESET"}},
		{"login", server.URL + "/login", nil, browser.Opened, 401, nil},
		{"login, answered", strings.Replace(server.URL, "//", "//tester:secret@", 1) + "/login", nil, browser.Opened, 200, nil},
		{"no page", server.URL + "/nothing", nil, browser.Failed, 0, map[browser.Family]string{
			browser.Chromium: "no page", browser.Firefox: "no page"}},
		{"a file", server.URL + "/file", nil, browser.Failed, 0, map[browser.Family]string{
			browser.Chromium: "prices.bin", browser.Firefox: "prices.bin"}},
		{"no https", strings.Replace(server.URL, "http:", "https:", 1) + "/", func(o *browser.Options) { o.Fallback = server.URL + "/" },
			browser.Opened, 200, nil},
		{"neither", strings.Replace(closed.URL, "http:", "https:", 1) + "/", func(o *browser.Options) { o.Fallback = closed.URL + "/" },
			browser.Failed, 0, map[browser.Family]string{browser.Chromium: "net::ERR_CONNECTION_REFUSED", browser.Firefox: "NS_ERROR_CONNECTION_REFUSED"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			everyBrowser(t, func(t *testing.T, b browser.Browser) {
				p, d := newPlace(t), diary{}
				o := options(b)
				o.URL, o.Happened = tt.url, d.note
				if tt.spoil != nil {
					tt.spoil(&o)
				}
				s, err := browser.Launch(t.Context(), o)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { s.Close() })
				until(t, "it is known how the page was opened", func() bool { return d.has(browser.Opened, "") || d.has(browser.Failed, "") })
				if err := s.Close(); err != nil {
					t.Error(err)
				}
				var got []browser.Happening
				for _, h := range d.happened() {
					if h.What == browser.Opened || h.What == browser.Failed {
						got = append(got, h)
					}
				}
				if len(got) != 1 || got[0].What != tt.want || got[0].Status != tt.status || !strings.Contains(got[0].Text, tt.reasons[b.Family]) {
					t.Errorf("%+v, want %s with status %d and %q", got, tt.want, tt.status, tt.reasons[b.Family])
				}
				t.Logf("%+v", d.happened())
				p.nothingLeft(t)
			})
		})
	}
}

// What pages and servers ask a person is answered automatically and reported, and stops
// nothing.
func TestQuestions(t *testing.T) {
	everyBrowser(t, func(t *testing.T, b browser.Browser) {
		reached := make(chan string, 10)
		server := httptest.NewServer(site(reached))
		defer server.Close()
		p, d := newPlace(t), diary{}
		o := options(b)
		o.URL, o.Happened = server.URL+"/asks", d.note
		s, err := browser.Launch(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		said := map[string]bool{}
		until(t, "the page and its frame have got their answers", func() bool {
			select {
			case query := <-reached:
				said[query] = true
			default:
			}
			return len(said) == 2
		})
		if !said["frame"] || !said["false%2C%2Cdenied%2Ckept%20out"] {
			t.Errorf("the pages got %v", said)
		}
		popups := []string{server.URL + "/popup?1", server.URL + "/popup?2"}
		until(t, "windows that were kept from opening are told of", func() bool {
			return d.has(browser.Popup, popups[0]) && d.has(browser.Popup, popups[1])
		})
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		for what, texts := range map[browser.What][]string{
			browser.Dialog:     {"Test system!", "Second", "Sure?", "Name?", "From the frame"},
			browser.Login:      {"/"},
			browser.Permission: {"geolocation"},
		} {
			for _, text := range texts {
				if !d.has(what, text) {
					t.Errorf("nothing was said of the %s %q: %+v", what, text, d.happened())
				}
			}
		}
		p.nothingLeft(t)
	})
}

// The first page is the first one in its tab's history, so it cannot see how it was opened.
func TestFirstPage(t *testing.T) {
	everyBrowser(t, func(t *testing.T, b browser.Browser) {
		seen := make(chan string, 10)
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/seen" {
				seen <- r.URL.RawQuery
				return
			}
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, `<script>fetch("/seen?" + [history.length, document.referrer.length, performance.getEntriesByType("navigation")[0].type])</script>`)
		}))
		defer server.Close()
		newPlace(t)
		o := options(b)
		o.URL = server.URL + "/"
		s, err := browser.Launch(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		until(t, "the page has been opened", func() bool { return len(seen) > 0 })
		if got := <-seen; got != "1,0,navigate" {
			t.Errorf("history, referrer and navigation are %s", got)
		}
	})
}
