package demo_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/demo"
	"userlike-inspector/nativehost/internal/plan"
	"userlike-inspector/nativehost/internal/record"
)

const host = "127.0.0.1:8080"

// get asks the handler for a path as a browser on this machine would.
func get(t *testing.T, path string) *http.Response {
	t.Helper()
	return ask(t, http.MethodGet, path, host)
}

func ask(t *testing.T, method, path, host string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, path, nil)
	r.Host = host
	w := httptest.NewRecorder()
	demo.Handler("http://127.0.0.1:8081/collect").ServeHTTP(w, r)
	return w.Result()
}

func text(t *testing.T, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Every link of the shop leads to a page or file with the headers of a careful site, and
// none to another host.
func TestShop(t *testing.T) {
	links := regexp.MustCompile(`(?:href|src)="([^"]*)"`)
	inline := regexp.MustCompile(`<script(?:\s+defer)?>|<style|\sstyle=|\son[a-z]+=`)
	elsewhere := regexp.MustCompile(`(?:https?:)?//[a-z0-9-]+\.[a-z.]+`)
	seen := map[string]bool{}
	queue := []string{"/", "/assets/hero.svg", "/userlike/view.js", "/userlike/autoplay.js", "/userlike/client.js", "/userlike/messenger.css"}
	for len(queue) > 0 {
		path, _, _ := strings.Cut(queue[0], "#")
		queue = queue[1:]
		if path == "" || seen[path] {
			continue
		}
		seen[path] = true
		r := get(t, path)
		if r.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", path, r.Status)
			continue
		}
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'; script-src 'self'; ",
			"X-Content-Type-Options":  "nosniff",
			"Referrer-Policy":         "same-origin",
		} {
			if got := r.Header.Get(name); !strings.HasPrefix(got, want) {
				t.Errorf("%s: %s is %q, want it to begin with %q", path, name, got, want)
			}
		}
		body := text(t, r)
		if found := elsewhere.FindString(strings.ReplaceAll(body, "http://www.w3.org/2000/svg", "")); found != "" {
			t.Errorf("%s refers to %q: the shop must not need any other host", path, found)
		}
		if !strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") {
			continue
		}
		if found := inline.FindString(body); found != "" {
			t.Errorf("%s has %q, which the policy forbids", path, found)
		}
		for _, link := range links.FindAllStringSubmatch(body, -1) {
			queue = append(queue, link[1])
		}
	}
	for _, path := range []string{"/checkout", "/product/monstera", "/assets/art/olive-tree.svg", "/assets/tags.js", "/assets/shop.css"} {
		if !seen[path] {
			t.Errorf("no link leads to %s", path)
		}
	}
}

// The client is found the way the published loader looks for it.
func TestClient(t *testing.T) {
	var scripts []string
	manifest := get(t, demo.ClientPath+"/umm-manifest.json")
	if err := json.Unmarshal([]byte(text(t, manifest)), &scripts); err != nil {
		t.Fatalf("the manifest: %v", err)
	}
	if len(scripts) == 0 {
		t.Fatal("the manifest names no script")
	}
	for _, script := range scripts {
		path, ok := strings.CutPrefix(script, "//"+host)
		if !ok {
			t.Fatalf("%q is not an address of this server", script)
		}
		r := get(t, path)
		if kind := r.Header.Get("Content-Type"); r.StatusCode != http.StatusOK || !strings.HasPrefix(kind, "text/javascript") {
			t.Errorf("%s: %s, %s", path, r.Status, kind)
		}
		if r.Header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s: pages of other origins cannot use it", path)
		}
	}

	var config struct{ Visit []demo.Call }
	if err := json.Unmarshal([]byte(text(t, get(t, demo.ClientPath+"/"+demo.WidgetKey+".json"))), &config); err != nil {
		t.Fatalf("the configuration: %v", err)
	}
	want := demo.Visit()
	for _, call := range want {
		if call.Mistake != nil {
			call.Mistake.Rule = "" // for tests, not for the page
		}
	}
	if !reflect.DeepEqual(config.Visit, want) {
		t.Errorf("the page is told the visit %+v, want %+v", config.Visit, want)
	}
}

func TestRefused(t *testing.T) {
	for _, c := range []struct {
		method, path, host string
		want               int
	}{
		{"GET", "/", "127.0.0.1", http.StatusOK},
		{"GET", "/", "localhost:80", http.StatusOK},
		{"GET", "/", "[::1]:80", http.StatusOK},
		{"GET", "/", "shop.example:80", http.StatusMisdirectedRequest},
		{"GET", "/userlike/umm-manifest.json", "127.0.0.1.evil.example", http.StatusMisdirectedRequest},
		{"GET", "/", "192.168.1.2:80", http.StatusMisdirectedRequest},
		{"GET", "/", "", http.StatusMisdirectedRequest},
		{"POST", "/checkout", host, http.StatusMethodNotAllowed},
		{"GET", "/product/unicorn", host, http.StatusNotFound},
		{"GET", "/layout.html", host, http.StatusNotFound},
		{"GET", "/userlike/other-key.json", host, http.StatusNotFound},
	} {
		r := ask(t, c.method, c.path, c.host)
		if r.StatusCode != c.want {
			t.Errorf("%s %s at %q: %s, want %d", c.method, c.path, c.host, r.Status, c.want)
		}
		if r.StatusCode == http.StatusMisdirectedRequest && !strings.Contains(text(t, r), "inspect") {
			t.Errorf("the refusal for %q does not say what to do", c.host)
		}
	}
}

func TestServe(t *testing.T) {
	s, err := demo.Serve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(s.URL, "http://127.0.0.1:") {
		t.Errorf("served at %s, want the loopback address", s.URL)
	}
	r, err := http.Get(s.AutoplayURL())
	if err != nil {
		t.Fatal(err)
	}
	if page := text(t, r); r.StatusCode != http.StatusOK || !strings.Contains(page, "Fern &amp; Kiln") {
		t.Errorf("%s: %s\n%s", s.AutoplayURL(), r.Status, page)
	}
	r.Body.Close()
	if r, err = http.Post(s.Collector, "text/plain", strings.NewReader("{}")); err != nil || r.StatusCode != http.StatusNoContent {
		t.Errorf("the collector answers %v, %v", r, err)
	}
	p, err := plan.Parse("demo.yaml", "/demo.yaml", []byte(s.Plan()), nil)
	if err != nil {
		t.Fatal(err)
	}
	if !p.OnSite(s.AutoplayURL()) || p.OnSite(s.Collector) || len(p.Forward) != 2 || !p.Forward[1].To.Has(record.Request, s.Collector) {
		t.Errorf("the shop's plan is %s", s.Plan())
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if r, err := http.Get(s.URL); err == nil {
		r.Body.Close()
		t.Error("it still answers after Close")
	}
}
