//go:build browsers

package e2e

import (
	"encoding/json"
	"fmt"
	"html"
	"image/color"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// handler is a site that makes one call, which has a mistake.
const handler = `<!doctype html><title>Shop</title>
<script>function userlikeTrackingEvent() {}</script>
<iframe id="userlike-frame-1" srcdoc="<script>
	setTimeout(() => parent.userlikeTrackingEvent('button_displayed',
		{client_uuid: 'u', operator_group_id: '1', widget_id: 2, widget_lang: 'de'}, {session_id: 's', client_name: 'Ada Lovelace'}), 500);
</script>"></iframe>`

// An inspection in several browsers makes one recording and one report, and the report's
// page looks right in each of them.
func TestReportOfBrowsers(t *testing.T) {
	t.Parallel()
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		io.WriteString(w, handler)
	}))
	defer site.Close()
	home := t.TempDir()
	p := &product{home: home, store: filepath.Join(home, "events.db")}
	args := []string{"inspect", "--headless", "--until-idle", "6s", "--format", "json", site.URL}
	for _, b := range browsers {
		args = append(args, "--browser", b)
	}
	var r struct {
		Inspected struct {
			Sites    []string
			Browsers []struct{ Name string }
		}
		Summary  struct{ Calls, Journeys int }
		Findings []struct{ Rule string }
	}
	if err := json.Unmarshal(p.run(t, 1, args...), &r); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, b := range r.Inspected.Browsers {
		names = append(names, b.Name)
	}
	if !slices.Equal(names, []string{"Chromium", "Firefox"}) || !slices.Equal(r.Inspected.Sites, []string{site.URL}) ||
		r.Summary.Calls != 2 || r.Summary.Journeys != 2 {
		t.Errorf("one report on both has %+v", r)
	}
	report := string(p.run(t, 1, "check", "--format", "html"))
	if strings.Contains(report, "Lovelace") {
		t.Error("the report tells the contact's name")
	}
	for _, b := range browsers {
		t.Run(b, func(t *testing.T) {
			t.Parallel()
			seesReport(t, b, report)
		})
	}
}

// seesReport opens a report in a browser, takes a picture of it, and checks some colours
// in the picture. Nothing in the report may violate its Content-Security-Policy: one
// violation is added here, to see that violations are noticed, and only that one may be
// reported.
func seesReport(t *testing.T, browser, report string) {
	m := regexp.MustCompile(`<meta http-equiv="Content-Security-Policy" content="([^"]*)">`).FindStringSubmatch(report)
	if m == nil {
		t.Fatal("the report has no policy")
	}
	policy := html.UnescapeString(m[1])
	var lock sync.Mutex
	var violations []string
	reported := make(chan struct{})
	mux := http.NewServeMux()
	// The page keeps loading until the added violation has been reported. It is the last one
	// in the report, so all others have been reported by then.
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		io.WriteString(w, `<!doctype html><body style="margin: 0">
			<iframe src="/report" style="border: 0; width: 1000px; height: 700px"></iframe>
			<img src="/wait">`)
	})
	mux.HandleFunc("/wait", func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-reported:
		case <-time.After(time.Minute):
		case <-r.Context().Done():
		}
	})
	mux.HandleFunc("/report", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy-Report-Only", policy+"; report-uri /violation")
		io.WriteString(w, strings.Replace(report, "</body>", `<p style="color: red"></p></body>`, 1))
	})
	mux.HandleFunc("/violation", func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var v struct {
			Report struct {
				Directive string `json:"effective-directive"`
			} `json:"csp-report"`
		}
		if err := json.Unmarshal(body, &v); err != nil {
			v.Report.Directive = string(body)
		}
		lock.Lock()
		defer lock.Unlock()
		violations = append(violations, v.Report.Directive)
		if len(violations) == 1 {
			close(reported)
		}
	})
	server := httptest.NewServer(mux)
	defer server.Close()
	shot := screenshot(t, browser, server.URL)
	lock.Lock()
	defer lock.Unlock()
	if !slices.Equal(violations, []string{"style-src-attr"}) {
		t.Errorf("against the policy were %q, want only what the test added", violations)
	}
	file, err := os.Open(shot)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	picture, err := png.Decode(file)
	if err != nil {
		t.Fatal(err)
	}
	for what, want := range map[string]struct {
		x, y  int
		color color.RGBA
	}{
		"the page's background":  {4, 4, color.RGBA{0xf6, 0xf7, 0xf9, 0xff}},
		"the bar of the verdict": {500, 27, color.RGBA{0xb4, 0x23, 0x18, 0xff}},
		"the verdict's box":      {500, 36, color.RGBA{0xff, 0xff, 0xff, 0xff}},
	} {
		if got := color.RGBAModel.Convert(picture.At(want.x, want.y)); got != want.color {
			t.Errorf("%s is %v, want %v", what, got, want.color)
		}
	}
}

// screenshot opens a page in a plain browser and returns the path of a picture of it.
func screenshot(t *testing.T, browser, url string) string {
	t.Helper()
	home := t.TempDir()
	shot := filepath.Join(home, "shot.png")
	args := []string{"--headless", "--profile", home, "--window-size", "1000,700", "--screenshot", shot, url}
	if browser == "chromium" {
		args = []string{"--headless", "--no-first-run", "--disable-background-networking", "--hide-scrollbars", "--user-data-dir=" + home,
			"--window-size=1000,700", "--screenshot=" + shot, url}
		if os.Getuid() == 0 {
			args = append([]string{"--no-sandbox"}, args...)
		}
	}
	cmd := exec.CommandContext(t.Context(), browser, args...)
	cmd.Env = append(os.Environ(), "HOME="+home)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatal(fmt.Errorf("%s: %w\n%s", browser, err, out))
	}
	return shot
}
