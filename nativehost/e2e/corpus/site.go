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

// Shop and Other are two more sites, which a browser reaches through Site's proxy. They
// are on plain http, so unlike 127.0.0.1 they are not secure contexts
// (https://developer.mozilla.org/docs/Web/Security/Secure_Contexts).
const (
	Shop  = "http://shop.test"
	Other = "http://other.test"
)

// Patience is how long a page may take. After that the browser leaves it for the next one.
const Patience = 30 * time.Second

// Site serves pages to one browser.
type Site struct {
	// URL leads to the first page. Each page then leads to the next one.
	URL string
	// Proxy must be the browser's http_proxy: it is the way to Shop and Other.
	Proxy string
	// Done is closed when the last page is done.
	Done <-chan struct{}

	own  string            // the origin at 127.0.0.1
	next map[string]string // the path of the page after the page at a path, or after "start"
	page map[string]Page   // by path

	mu    sync.Mutex
	saw   map[string]Saw
	close func()
}

// Saw holds the values that a page reports, by name. It is nil for a page that was not done
// in time.
type Saw map[string]json.RawMessage

// Serve serves the pages, and the proxy, until the test ends.
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

// Saw returns what the page at a path reported, and whether the browser has left it.
func (s *Site) Saw(page string) (Saw, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	saw, went := s.saw[page]
	return saw, went
}

// goTo redirects the browser to a page, at the page's own site.
func (s *Site) goTo(w http.ResponseWriter, r *http.Request, to string) {
	origin := s.page[to].Site
	if origin == "" {
		origin = s.own
	}
	http.Redirect(w, r, origin+to, http.StatusFound)
}

// goOn keeps a page's report and redirects to the next page.
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
			saw = nil // as for a page that was not done in time
		}
	}
	s.mu.Lock()
	if _, went := s.saw[page]; !went {
		s.saw[page] = saw
	}
	s.mu.Unlock()
	s.goTo(w, r, next)
}

// file serves the files of pages/. With "?after=200ms" the answer comes that much later.
func (s *Site) file(w http.ResponseWriter, r *http.Request) {
	if origin := "http://" + r.Host; origin != s.own && origin != Shop && origin != Other {
		// Browsers make requests of their own through the proxy, such as for updates.
		http.Error(w, "not of this corpus", http.StatusBadGateway)
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
		// This header leaves a page that hangs. A script could be forbidden by the page's policy.
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
