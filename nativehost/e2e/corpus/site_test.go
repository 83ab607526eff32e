package corpus_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"userlike-inspector/nativehost/e2e/corpus"
)

// browse fetches an address through the site's proxy, as a browser would.
func browse(t *testing.T, site *corpus.Site, address string) (body string, final *url.URL, header http.Header) {
	t.Helper()
	proxy, err := url.Parse(site.Proxy)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{Proxy: func(r *http.Request) (*url.URL, error) {
		if strings.HasSuffix(r.URL.Host, ".test") || strings.HasSuffix(r.URL.Host, ".example") {
			return proxy, nil
		}
		return nil, nil
	}}
	defer transport.CloseIdleConnections()
	response, err := (&http.Client{Transport: transport}).Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	b, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b), response.Request.URL, response.Header
}

// The site leads from page to page, each at its own origin, keeps their reports, and says
// when the last one is done.
func TestSite(t *testing.T) {
	first := find(t, "/calling/strict-policy.html")
	insecure := find(t, "/calling/insecure.html")
	last := find(t, "/calling/xhtml.xhtml")
	site := corpus.Serve(t, []corpus.Page{first, insecure, last})

	_, at, header := browse(t, site, site.URL)
	if at.Path != first.Path || "http://"+at.Host != site.Proxy {
		t.Errorf("starts at %v", at)
	}
	if header.Get("Content-Security-Policy") != first.Headers["Content-Security-Policy"] {
		t.Errorf("%s has the headers %v", at, header)
	}
	if want := fmt.Sprintf("%.0f; url=/next?page=%%2Fcalling%%2Fstrict-policy.html", corpus.Patience.Seconds()); header.Get("Refresh") != want {
		t.Errorf("leaves a page that hangs by %q, want %q", header.Get("Refresh"), want)
	}

	next := func(page, saw string) *url.URL {
		_, at, _ := browse(t, site, site.Proxy+"/next?page="+url.QueryEscape(page)+"&saw="+url.QueryEscape(saw))
		return at
	}
	if at := next(first.Path, `{"a":[1]}`); at.String() != corpus.Shop+insecure.Path {
		t.Errorf("goes on to %v", at)
	}
	if at := next(insecure.Path, "no JSON"); at.Path != last.Path {
		t.Errorf("goes on to %v", at)
	}
	if saw, went := site.Saw(first.Path); !went || string(saw["a"]) != "[1]" {
		t.Errorf("the first saw %v, %t", saw, went)
	}
	if saw, went := site.Saw(insecure.Path); !went || saw != nil {
		t.Errorf("the second saw %v, %t", saw, went)
	}
	if _, went := site.Saw(last.Path); went {
		t.Error("the last is not done yet")
	}
	if at := next(last.Path, ""); at.Path != "/end" {
		t.Errorf("ends at %v", at)
	}
	<-site.Done
}

// The proxy refuses requests for other sites.
func TestSiteRefusesOthers(t *testing.T) {
	site := corpus.Serve(t, nil)
	if body, _, _ := browse(t, site, "http://updates.example/lib/client.js"); !strings.Contains(body, "not of this corpus") {
		t.Errorf("answers %q", body)
	}
	if _, at, _ := browse(t, site, site.URL); at.Path != "/end" {
		t.Errorf("without pages it leads to %v", at)
	}
}
