//go:build browsers

package e2e

import (
	"io/fs"
	"net/http"
	"os"
	"slices"
	"testing"

	"userlike-inspector/nativehost/e2e/realloader"
	"userlike-inspector/nativehost/e2e/world"
	"userlike-inspector/nativehost/internal/demo"
	"userlike-inspector/nativehost/internal/record"
)

const (
	shopHost = "www.teegarten.example"
	shopURL  = "https://" + shopHost
	cdnHost  = "userlike-cdn-widgets.s3-eu-west-1.amazonaws.com"
)

// realSites are a shop, Userlike's CDN, a consent manager and a tag manager, by the host
// names that they have in reality.
func realSites(t *testing.T) map[string]http.Handler {
	t.Helper()
	files := os.DirFS("testdata/realsites")
	folder := func(name string) http.FileSystem {
		sub, err := fs.Sub(files, name)
		if err != nil {
			t.Fatal(err)
		}
		return http.FS(sub)
	}
	cdn := http.NewServeMux()
	cdn.HandleFunc("GET /umm-manifest.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Write([]byte(`["https://` + cdnHost + `/client.js"]`))
	})
	cdn.HandleFunc("GET /a1b2c3.js", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFileFS(w, r, files, "cdn/widget.js")
	})
	cdn.Handle("GET /", http.FileServer(folder("cdn")))
	shop := http.FileServer(folder("shop"))
	return map[string]http.Handler{
		cdnHost:                    public(cdn),
		"consent.cookiebot.com":    public(http.FileServer(folder("consent"))),
		"www.googletagmanager.com": public(http.FileServer(folder("tagmanager"))),
		shopHost:                   shop,
		// The shop's pages, with headers that careful sites send.
		"strict.teegarten.example": with(shop, map[string]string{
			"Content-Security-Policy": "default-src 'self'; img-src data:; " +
				"script-src 'self' 'unsafe-inline' https://" + cdnHost + "; connect-src https://" + cdnHost,
			"X-Frame-Options":    "DENY",
			"Permissions-Policy": "camera=(), geolocation=(), microphone=()",
		}),
		"isolated.teegarten.example": with(shop, map[string]string{
			"Cross-Origin-Opener-Policy":   "same-origin",
			"Cross-Origin-Embedder-Policy": "require-corp",
		}),
		"refusing.teegarten.example": with(shop, map[string]string{
			"Content-Security-Policy": "script-src 'self' 'unsafe-inline'",
		}),
	}
}

func with(next http.Handler, headers map[string]string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, value := range headers {
			w.Header().Set(name, value)
		}
		next.ServeHTTP(w, r)
	})
}

// public lets pages of every origin use what next serves.
func public(next http.Handler) http.Handler {
	return with(next, map[string]string{"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"})
}

// On sites that do everything right, every call is recorded once and there is no finding.
func TestRealSites(t *testing.T) {
	visit := []string{"button_displayed", "chat_requested", "chat_connected", "disclaimer_ok", "chat_started"}
	for _, tt := range []struct {
		name, url string
		want      []string
		stages    []record.State // stages of the client that must be recorded; there may be more
	}{
		{"tag", shopURL + "/tag.html", visit, []record.State{record.Loaded, record.Framed, record.Mounted}},
		{"tag in the head", shopURL + "/head.html", visit, []record.State{record.Loaded, record.Framed, record.Mounted}},
		{"consent manager", shopURL + "/consent.html", visit, []record.State{record.HeldBack, record.Loaded, record.Framed}},
		{"tag manager", shopURL + "/tagmanager.html", visit, []record.State{record.Loaded, record.Framed}},
		{"policies", "https://strict.teegarten.example/tag.html", visit, []record.State{record.Loaded, record.Framed}},
		{"isolated from other origins", "https://isolated.teegarten.example/tag.html", visit, []record.State{record.Loaded, record.Framed}},
		{"prerendered", shopURL + "/listing.html", visit, []record.State{record.Loaded, record.Framed}},
		{"back/forward cache", shopURL + "/back.html", append(slices.Clone(visit), "chat_window_maximized"), []record.State{record.Loaded, record.Framed}},
		{"client refused by a policy", "https://refusing.teegarten.example/tag.html", nil, []record.State{record.Refused}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inEachBrowser(t, func(t *testing.T, p *product) {
				p.env = world.New(t, realSites(t)).Env()
				var over <-chan struct{}
				if len(tt.want) > 0 {
					over = p.recorded(t, tt.want[len(tt.want)-1])
				}
				report := p.inspect(t, 0, over, "--insecure", tt.url)
				if got := eventNames(p.calls(t)); !slices.Equal(got, tt.want) {
					t.Errorf("calls\n got %q\nwant %q", got, tt.want)
				}
				if len(report.Findings) > 0 {
					t.Errorf("a site that does everything right is accused: %v", report.Findings)
				}
				var stages []record.State
				for _, r := range p.export(t) {
					if r.Kind == record.Client {
						stages = append(stages, r.State)
					}
				}
				for _, stage := range tt.stages {
					if !slices.Contains(stages, stage) {
						t.Errorf("the client was not seen to be %s, only %q", stage, stages)
					}
				}
			})
		})
	}
}

// The demo's client makes the same calls when the published loader loads it, and all are
// recorded.
func TestPublishedLoader(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, p *product) {
		sites := realSites(t)
		sites[cdnHost] = demo.ClientHandler()
		sites[shopHost] = realloader.Handler(t, "https://"+cdnHost)
		p.env = world.New(t, sites).Env()
		p.inspect(t, 1, p.recorded(t, "chat_window_minimized"), "--insecure", shopURL+"/?autoplay")
		var want []string
		for _, c := range demo.Visit() {
			want = append(want, c.Sends())
		}
		calls := p.calls(t)
		if got := eventNames(calls); !slices.Equal(got, want) {
			t.Fatalf("calls\n got %q\nwant %q", got, want)
		}
		for _, r := range calls {
			if r.Handled.State != "declared" {
				t.Errorf("%s: the handler was %q, want declared", r.ID, r.Handled.State)
			}
		}
		if !slices.ContainsFunc(p.export(t), func(r *record.Record) bool { return r.Kind == record.Client && r.State == record.Framed }) {
			t.Error("the client's frame was not seen")
		}
	})
}
