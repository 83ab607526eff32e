package otlp_test

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	collector "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	logs "go.opentelemetry.io/proto/otlp/logs/v1"
	"google.golang.org/protobuf/proto"

	"userlike-inspector/nativehost/internal/otlp"
	"userlike-inspector/nativehost/internal/record"
)

// receiver is a collector, with the protocol's own types. It gives its answers in order;
// after the last one it accepts everything.
type receiver struct {
	mu      sync.Mutex
	answers []func(http.ResponseWriter)
	paths   []string
	got     []*logs.LogRecord
	service string
}

func (c *receiver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.paths = append(c.paths, r.URL.Path)
	if len(c.answers) > 0 {
		answer := c.answers[0]
		c.answers = c.answers[1:]
		answer(w)
		return
	}
	var in io.Reader = r.Body
	if r.Header.Get("Content-Encoding") == "gzip" {
		in, _ = gzip.NewReader(r.Body)
	}
	body, err := io.ReadAll(in)
	var request collector.ExportLogsServiceRequest
	if err == nil {
		err = proto.Unmarshal(body, &request)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	for _, resource := range request.ResourceLogs {
		c.service = text(resource.Resource.Attributes, "service.name")
		for _, scope := range resource.ScopeLogs {
			c.got = append(c.got, scope.LogRecords...)
		}
	}
	w.Header().Set("Content-Type", "application/x-protobuf")
}

func text(attributes []*common.KeyValue, key string) string {
	for _, a := range attributes {
		if a.Key == key {
			return a.Value.GetStringValue()
		}
	}
	return ""
}

func call(n int, findings ...record.Finding) *record.Record {
	tab := 3
	at := record.At(time.UnixMilli(1795342384123 + int64(n)))
	return &record.Record{V: record.Version, Kind: record.Call, ID: fmt.Sprint("d/", n), Seq: int64(n), Time: at, Received: &at, Tab: &tab,
		URL: "https://shop.example/checkout", Browser: &record.Browser{Name: "Firefox", Version: "153.0"},
		Args: json.RawMessage(`["chat_started",{},{"session_id":"s-1"}]`), Findings: findings}
}

func sender(t *testing.T, url string, patience time.Duration) *otlp.Sender {
	t.Helper()
	s, err := otlp.New(t.Context(), url, "userlike-inspector", "1.2.3", patience)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close(t.Context()) })
	return s
}

func TestSendsRecordsAsLogs(t *testing.T) {
	c := &receiver{}
	server := httptest.NewServer(c)
	defer server.Close()
	s := sender(t, server.URL, 0)
	finding := record.Finding{Rule: "wrong-type", Severity: record.Error, At: "/1/widget_id", Message: "must be an integer"}
	for _, r := range []*record.Record{call(1, finding), call(2, record.Finding{Rule: "x", Severity: record.Warning}), call(3)} {
		if err := s.Add(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s.Sent() != 3 || len(c.got) != 3 || c.service != "userlike-inspector" || c.paths[0] != "/v1/logs" {
		t.Fatalf("sent %d, got %d from %q at %q", s.Sent(), len(c.got), c.service, c.paths)
	}
	for i, severity := range []logs.SeverityNumber{
		logs.SeverityNumber_SEVERITY_NUMBER_ERROR,
		logs.SeverityNumber_SEVERITY_NUMBER_WARN,
		logs.SeverityNumber_SEVERITY_NUMBER_INFO,
	} {
		if c.got[i].SeverityNumber != severity {
			t.Errorf("severity %s, not %s", c.got[i].SeverityNumber, severity)
		}
	}
	first := c.got[0]
	line, err := record.Encode(call(1, finding))
	if err != nil {
		t.Fatal(err)
	}
	if first.Body.GetStringValue() != string(line) || first.EventName != "userlike.call" || first.TimeUnixNano != 1795342384124*1_000_000 {
		t.Errorf("got %v", first)
	}
	for key, want := range map[string]string{
		"log.record.uid": "d/1",
		"userlike.event": "chat_started",
		"session.id":     "s-1",
		"url.full":       "https://shop.example/checkout",
		"browser.name":   "Firefox",
	} {
		if got := text(first.Attributes, key); got != want {
			t.Errorf("%s is %q, not %q", key, got, want)
		}
	}
	for _, a := range first.Attributes {
		if a.Key == "userlike.findings" {
			if got := text(a.Value.GetArrayValue().Values[0].GetKvlistValue().Values, "rule"); got != "wrong-type" {
				t.Errorf("the finding's rule is %q", got)
			}
			return
		}
	}
	t.Error("no findings")
}

// A collector can tell a simulation's calls from the client's.
func TestSaysWhatIsSimulated(t *testing.T) {
	c := &receiver{}
	server := httptest.NewServer(c)
	defer server.Close()
	s := sender(t, server.URL, 0)
	for i, simulated := range []bool{true, false} {
		r := call(i + 1)
		r.Simulated = simulated
		if err := s.Add(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	var got []bool
	for _, l := range c.got {
		got = append(got, slices.ContainsFunc(l.Attributes, func(a *common.KeyValue) bool {
			return a.Key == "userlike.simulated" && a.Value.GetBoolValue()
		}))
	}
	if !slices.Equal(got, []bool{true, false}) {
		t.Errorf("simulated are %v, want the first alone", got)
	}
}

func TestSendsInBatches(t *testing.T) {
	c := &receiver{}
	server := httptest.NewServer(c)
	defer server.Close()
	s := sender(t, server.URL+"/own/v1/logs", 0)
	for n := range 1200 {
		if err := s.Add(t.Context(), call(n)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(c.paths) != 3 || c.paths[0] != "/own/v1/logs" || len(c.got) != 1200 || s.Sent() != 1200 {
		t.Errorf("%d requests to %q with %d records, %d sent", len(c.paths), c.paths, len(c.got), s.Sent())
	}
}

func TestTriesAgainAndSaysWhatFailed(t *testing.T) {
	status := func(code int) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) { http.Error(w, "because", code) }
	}
	hangUp := func(http.ResponseWriter) { panic(http.ErrAbortHandler) }
	tests := []struct {
		name     string
		answers  []func(http.ResponseWriter)
		patience time.Duration
		sent     int
		err      string
	}{
		{"busy at first", []func(http.ResponseWriter){status(503), status(429)}, 30 * time.Second, 1, ""},
		{"gone at first", []func(http.ResponseWriter){hangUp, hangUp}, 30 * time.Second, 1, ""},
		{"busy, without patience", []func(http.ResponseWriter){status(503)}, 0, 0, "it was not ready to take them, body: because; see its log, or try longer with --timeout"},
		{"gone, without patience", []func(http.ResponseWriter){hangUp}, 0, 0, "EOF"},
		{"refused", []func(http.ResponseWriter){status(400)}, 30 * time.Second, 0, "it answered 400 Bad Request (body: because); see its log"},
		{"not allowed", []func(http.ResponseWriter){status(401)}, 30 * time.Second, 0, "it answered 401 Unauthorized (body: because); put an authorization into"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := &receiver{answers: test.answers}
			server := httptest.NewServer(c)
			defer server.Close()
			s := sender(t, server.URL, test.patience)
			if err := s.Add(t.Context(), call(1)); err != nil {
				t.Fatal(err)
			}
			err := s.Flush(t.Context())
			if test.err == "" && err != nil || test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)) {
				t.Errorf("error %v, want %q", err, test.err)
			}
			if s.Sent() != test.sent || len(c.got) != test.sent {
				t.Errorf("sent %d, got %d", s.Sent(), len(c.got))
			}
		})
	}
}

// If a collector redirects to another host, nothing is sent there, and there is no second
// attempt.
func TestFollowsNoRedirectToAnotherHost(t *testing.T) {
	var elsewhere int
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere++ }))
	defer other.Close()
	for _, code := range []int{301, 302, 303, 307, 308} {
		asked := 0
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked++
			http.Redirect(w, r, strings.Replace(other.URL, "127.0.0.1", "user:secret@localhost", 1)+"/v1/logs?key=secret", code)
		}))
		defer server.Close()
		t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-key=secret")
		s := sender(t, server.URL, 30*time.Second)
		if err := s.Add(t.Context(), call(1)); err != nil {
			t.Fatal(err)
		}
		err := s.Flush(t.Context())
		if err == nil || !strings.Contains(err.Error(), "redirects to http://…@localhost:") || strings.Contains(err.Error(), "secret") {
			t.Errorf("%d: error %v", code, err)
		}
		if s.Sent() != 0 || elsewhere != 0 || asked != 1 {
			t.Errorf("%d: sent %d, %d requests elsewhere, %d asked", code, s.Sent(), elsewhere, asked)
		}
	}
}

// A redirect to the same host, such as to another path, is followed.
func TestFollowsARedirectToItself(t *testing.T) {
	c := &receiver{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v1/logs" {
			http.Redirect(w, r, "/other/v1/logs", http.StatusPermanentRedirect)
			return
		}
		c.ServeHTTP(w, r)
	}))
	defer server.Close()
	s := sender(t, server.URL, 0)
	if err := s.Add(t.Context(), call(1)); err != nil {
		t.Fatal(err)
	}
	if err := s.Flush(t.Context()); err != nil || s.Sent() != 1 {
		t.Errorf("sent %d, %v", s.Sent(), err)
	}
}

func TestShowsNoSecretOfAnAddress(t *testing.T) {
	for _, url := range []string{
		"http://user:secret@127.0.0.1:9", "https://secret@127.0.0.1:9/v1/logs", "http://127.0.0.1:9?key=secret", "http://127.0.0.1:9/#secret",
		"user:secret@127.0.0.1:9", "http://user:sec@secret@127.0.0.1:9", "http://user:secret%zz@127.0.0.1:9", "ftp://user:secret@127.0.0.1/?a=secret",
	} {
		_, err := otlp.New(t.Context(), url, "p", "v", 0)
		if err == nil || strings.Contains(err.Error(), "sec") || !strings.Contains(err.Error(), "127.0.0.1") {
			t.Errorf("%q: %v", url, err)
		}
	}
}

func TestRefusesWhatIsNoCollector(t *testing.T) {
	for _, url := range []string{"", "127.0.0.1:4318", "ftp://collector", "http://"} {
		if _, err := otlp.New(t.Context(), url, "p", "v", 0); err == nil ||
			!strings.Contains(err.Error(), "is not the address of a collector; write one such as http://127.0.0.1:4318") {
			t.Errorf("%q: %v", url, err)
		}
	}
}

// A hit has attributes for the place that it went to and for what it carries.
func TestSendsHits(t *testing.T) {
	c := &receiver{}
	server := httptest.NewServer(c)
	defer server.Close()
	s := sender(t, server.URL, 0)
	if err := s.Add(t.Context(), &record.Record{V: record.Version, Kind: record.Hit, ID: "d/hit-1",
		Time: record.At(time.UnixMilli(1795342384123)), Handed: &record.Handed{
			Via: record.Request, To: "https://stats.example/c", System: "Matomo", Because: record.ByContent, Calls: []string{"d/1"},
			Carries: []record.Carried{{What: "/0", At: "/query/e"}},
		}}); err != nil {
		t.Fatal(err)
	}
	if err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(c.got) != 1 || c.got[0].EventName != "userlike.hit" {
		t.Fatalf("got %v", c.got)
	}
	for key, want := range map[string]string{
		"userlike.event":       "https://stats.example/c",
		"userlike.hit.to":      "https://stats.example/c",
		"userlike.hit.system":  "Matomo",
		"userlike.hit.because": "content",
	} {
		if got := text(c.got[0].Attributes, key); got != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
	for key, want := range map[string]string{"userlike.hit.calls": "d/1", "userlike.hit.carries": "/0"} {
		var got []string
		for _, a := range c.got[0].Attributes {
			if a.Key == key {
				for _, v := range a.Value.GetArrayValue().GetValues() {
					got = append(got, v.GetStringValue())
				}
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
}
