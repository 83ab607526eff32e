package corpus

import (
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// Shop and Other are sites of their own, on plain http, and so, unlike
// 127.0.0.1, no secure contexts. A browser reaches them through Site's proxy.
const (
	Shop  = "http://shop.test"
	Other = "http://other.test"
)

// Patience is how long a page may take before the browser goes on without it.
const Patience = 6 * time.Second

// Site serves pages to one browser.
type Site struct {
	// URL leads to the first page; from there it goes on by itself.
	URL string
	// Proxy must be the browser's http_proxy: it is the way to Shop and Other.
	Proxy string
	// Done is closed when the last page is done.
	Done <-chan struct{}

	own  string // origin of 127.0.0.1
	next map[string]string
	page map[string]Page

	mu    sync.Mutex
	saw   map[string]Saw
	close func()
}

// Saw is what a page reports, by name. A page that was not done in time saw
// nothing: it is nil.
type Saw map[string]json.RawMessage

// Serve serves pages on 127.0.0.1 until the test ends.
func Serve(t testing.TB, pages []Page) *Site {
	t.Helper()
	done := make(chan struct{})
	s := &Site{
		Done: done, next: map[string]string{}, page: map[string]Page{}, saw: map[string]Saw{},
		close: sync.OnceFunc(func() { close(done) }),
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /start", func(w http.ResponseWriter, r *http.Request) { s.goTo(w, r, s.next["start"]) })
	mux.HandleFunc("GET /next", s.goOn)
	mux.HandleFunc("GET /end", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "That was the last page.")
		s.close()
	})
	mux.HandleFunc("GET /", s.file)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	s.own, s.Proxy, s.URL = server.URL, server.URL, server.URL+"/start"
	at := "start"
	for _, p := range pages {
		s.next[at], s.page[p.Path] = p.Path, p
		at = p.Path
	}
	s.next[at] = "/end"
	return s
}

// Saw returns what that page reported, and whether it went on at all.
func (s *Site) Saw(page string) (Saw, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	saw, went := s.saw[page]
	return saw, went
}

// goTo leads the browser to a page, on the site where it belongs.
func (s *Site) goTo(w http.ResponseWriter, r *http.Request, to string) {
	origin := s.page[to].Site
	if origin == "" {
		origin = s.own
	}
	http.Redirect(w, r, origin+to, http.StatusFound)
}

// goOn takes a page's report and leads to the next.
func (s *Site) goOn(w http.ResponseWriter, r *http.Request) {
	page := r.FormValue("page")
	next, known := s.next[page]
	if !known {
		http.NotFound(w, r)
		return
	}
	var saw Saw
	if text := r.FormValue("saw"); text != "" {
		if err := json.Unmarshal([]byte(text), &saw); err != nil {
			saw = nil // as if it had not been done
		}
	}
	s.mu.Lock()
	if _, went := s.saw[page]; !went {
		s.saw[page] = saw
	}
	s.mu.Unlock()
	s.goTo(w, r, next)
}

// file serves what is in pages/. "?after=200ms" makes the answer take so long.
func (s *Site) file(w http.ResponseWriter, r *http.Request) {
	if origin := "http://" + r.Host; origin != s.own && origin != Shop && origin != Other {
		http.Error(w, "not of this corpus", http.StatusBadGateway) // the browser's own errands
		return
	}
	if after, err := time.ParseDuration(r.FormValue("after")); err == nil {
		select {
		case <-time.After(after):
		case <-r.Context().Done():
			return
		}
	}
	name := path.Clean(r.URL.Path)
	body, err := files.ReadFile("pages" + name)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", contentType(name))
	if p, known := s.page[name]; known {
		// Without a script, so that it holds under any policy.
		w.Header().Set("Refresh", strconv.Itoa(int(Patience.Seconds()))+"; url=/next?page="+url.QueryEscape(name))
		for key, value := range p.Headers {
			w.Header().Set(key, value)
		}
	}
	w.Write(body) // an error means that the browser has gone
}

func contentType(name string) string {
	switch ext := path.Ext(name); ext {
	case ".xhtml":
		return "application/xhtml+xml"
	case ".js":
		return "text/javascript; charset=utf-8"
	default:
		t := mime.TypeByExtension(ext)
		if !strings.Contains(t, "charset") && strings.HasPrefix(t, "text/") {
			t += "; charset=utf-8"
		}
		return t
	}
}
