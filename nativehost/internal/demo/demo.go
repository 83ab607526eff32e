// Package demo is a small web shop with a chat, for trying the inspector
// without a site of one's own and for testing it from end to end.
//
// The shop defines userlikeTrackingEvent the way sites do, and its chat is a
// stand-in for Userlike's client that is loaded the way the published loader
// (@userlike/messenger 1.3.2) loads the real one: the page makes a hidden
// frame, fetches <base>/umm-manifest.json, adds the scripts named there inside
// the frame and calls the frame's run with its own window. So the calls come
// from another realm than the page's, as they do on a real site. The chat
// makes the calls of an ordinary visit, with a few mistakes that Visit lists. The shop's
// tag manager hands the calls on to a data layer and to a collector at another address,
// and makes the mistakes that Slips lists.
//
// All files are embedded in the program, and only this machine can open the shop.
package demo

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"userlike-inspector/nativehost/internal/words"
)

//go:embed site
var embedded embed.FS

// WidgetKey is the key by which the shop asks for its chat.
const WidgetKey = "fern-and-kiln"

// ClientPath is where the stand-in for Userlike's client is served from: the
// loader's baseUrl is the server's URL and this path.
const ClientPath = "/userlike"

// policy is the Content-Security-Policy that a careful shop would send; %s is the address
// of its collector. The client's frame inherits the page's policy
// (https://www.w3.org/TR/CSP3/#security-inherit-csp).
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self' %s; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// product is one thing the shop sells; Price is in euro cents.
type product struct {
	Slug, Name, Blurb, About string
	Price                    int
	Facts                    []string
}

// Euro is the price as it stands on a tag: "€24.50".
func (p product) Euro() string { return fmt.Sprintf("€%d.%02d", p.Price/100, p.Price%100) }

// collectPath is where the shop's collector takes what the shop's tag manager sends.
const collectPath = "/collect"

// Collector answers what shops of any origin send it with 204, and keeps nothing.
func Collector() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+collectPath, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.WriteHeader(http.StatusNoContent)
	})
	return onlyThisMachine(mux)
}

// Handler serves the shop and its chat. collector is the address that the shop's tag
// manager sends to. Requests for any host but this machine are refused, so that no other
// site can reach the shop through DNS rebinding (https://en.wikipedia.org/wiki/DNS_rebinding).
func Handler(collector string) http.Handler {
	site, err := fs.Sub(embedded, "site")
	if err != nil {
		panic(err) // the path above is a constant
	}
	pages := template.Must(template.New("").Funcs(template.FuncMap{"collector": func() string { return collector }}).ParseFS(site, "*.html"))
	files := http.FileServerFS(site)
	shop := products()

	mux := http.NewServeMux()
	show := func(name string, data any) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			var page bytes.Buffer
			if err := pages.ExecuteTemplate(&page, name, data); err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.Write(page.Bytes())
		}
	}
	mux.Handle("GET /{$}", show("home.html", shop))
	mux.Handle("GET /checkout", show("checkout.html", shop))
	for _, p := range shop {
		mux.Handle("GET /product/"+p.Slug, show("product.html", p))
	}
	mux.Handle("GET /assets/{file...}", files)
	mux.Handle("GET "+ClientPath+"/", ClientHandler())
	return onlyThisMachine(withHeaders(mux, collector))
}

// ClientHandler serves only the chat, below ClientPath, for any host name. Tests use it to
// serve the chat at Userlike's own addresses.
func ClientHandler() http.Handler {
	site, err := fs.Sub(embedded, "site")
	if err != nil {
		panic(err) // the path above is a constant
	}
	return client(http.FileServerFS(site))
}

// client serves what Userlike's CDN would: the manifest, the widget's
// configuration and the scripts, to pages of any origin.
func client(files http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+ClientPath+"/umm-manifest.json", func(w http.ResponseWriter, r *http.Request) {
		// The addresses name the host, because the frame resolves them against the page's
		// address, which may be on another one.
		base := "//" + r.Host + ClientPath
		sendJSON(w, []string{base + "/view.js", base + "/autoplay.js", base + "/client.js"})
	})
	mux.HandleFunc("GET "+ClientPath+"/"+WidgetKey+".json", func(w http.ResponseWriter, r *http.Request) {
		sendJSON(w, map[string]any{
			"widget_id":         19532,
			"widget_lang":       "en",
			"operator_group_id": 8412,
			"operator":          map[string]any{"id": 3071, "name": "Mara"},
			"visit":             Visit(),
		})
	})
	mux.Handle("GET "+ClientPath+"/{file}", files)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
		mux.ServeHTTP(w, r)
	})
}

func sendJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(v) // an error means that the browser has gone
}

func withHeaders(next http.Handler, collector string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", fmt.Sprintf(policy, collector))
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-cache")
		next.ServeHTTP(w, r)
	})
}

func onlyThisMachine(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = r.Host // no port
		}
		if host = strings.Trim(host, "[]"); host != "localhost" && !net.ParseIP(host).IsLoopback() {
			http.Error(w, fmt.Sprintf("the demo shop does not serve the host %s: open it by the address that inspect prints", words.Quote(host)), http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// Server is a running shop, with its collector at another address.
type Server struct {
	URL       string // "http://127.0.0.1:PORT", without a slash at the end
	Collector string // the address that the shop's tag manager sends to
	servers   []*http.Server
	serving   sync.WaitGroup
}

// Serve starts the shop and its collector on free ports of 127.0.0.1, until Close is
// called.
func Serve(ctx context.Context) (*Server, error) {
	s := &Server{}
	origin, err := s.serve(ctx, Collector())
	if err != nil {
		return nil, err
	}
	s.Collector = origin + collectPath
	if s.URL, err = s.serve(ctx, Handler(s.Collector)); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Server) serve(ctx context.Context, handler http.Handler) (origin string, err error) {
	var listen net.ListenConfig
	l, err := listen.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("the demo shop cannot listen on 127.0.0.1 (name a site to inspect instead): %w", err)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	s.servers = append(s.servers, server)
	s.serving.Go(func() { server.Serve(l) }) // always returns an error: that it was closed
	return "http://" + l.Addr().String(), nil
}

// Plan is a plan in YAML that says where the shop's calls are to be forwarded to. Without
// it, nobody would know that the tag manager leaves an event out.
func (s *Server) Plan() string { return plan(s.URL, s.Collector) }

// AutoplayURL is the address of a page that plays Visit by itself. At the end of the visit
// the document element has data-demo-visit="done", or "failed" and the reason in
// data-demo-why.
func (s *Server) AutoplayURL() string { return s.URL + "/?autoplay" }

// Close ends the shop and every connection to it.
func (s *Server) Close() (err error) {
	for _, server := range s.servers {
		err = errors.Join(err, server.Close())
	}
	s.serving.Wait()
	return err
}
