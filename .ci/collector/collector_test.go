// Package collector tests export --otlp with the real OpenTelemetry Collector. It is a
// module of its own, because the Collector needs many modules that the product does not.
package collector

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/provider/yamlprovider"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/otelcol"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
	"go.opentelemetry.io/collector/service/telemetry/otelconftelemetry"
)

// recording has a page, a call with a finding, and a mark, as export writes them.
const recording = `{"v":1,"kind":"page","id":"d/1","seq":1,"time":"2026-11-22T10:00:00.000Z",` +
	`"document":"d","url":"https://shop.example/","event":"opened","hooked_from_start":true}` + "\n" +
	`{"v":1,"kind":"call","id":"d/2","seq":2,"time":"2026-11-22T10:00:01.000Z","received":"2026-11-22T10:00:01.005Z",` +
	`"document":"d","url":"https://shop.example/",` +
	`"args":["button_displayed",{"client_uuid":"u","operator_group_id":1,"widget_id":"2","widget_lang":"de"},{"session_id":"s"}],` +
	`"findings":[{"rule":"wrong-type","severity":"error","at":"/1/widget_id","message":"global_ctx.widget_id must be an integer"}]}` + "\n" +
	`{"v":1,"kind":"mark","id":"m/1","seq":1,"time":"2026-11-22T10:00:02.000Z","text":"Grüße"}` + "\n"

// sink is the end of the Collector's pipeline, which keeps the logs that arrive.
type sink struct {
	component.StartFunc
	component.ShutdownFunc
	mu  sync.Mutex
	got []plog.LogRecord
}

func (*sink) Capabilities() consumer.Capabilities { return consumer.Capabilities{} }

func (s *sink) ConsumeLogs(_ context.Context, logs plog.Logs) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, resource := range logs.ResourceLogs().All() {
		for _, scope := range resource.ScopeLogs().All() {
			for _, one := range scope.LogRecords().All() {
				kept := plog.NewLogRecord()
				one.CopyTo(kept)
				s.got = append(s.got, kept)
			}
		}
	}
	return nil
}

// start runs a Collector that receives logs at address until the test ends.
func (s *sink) start(t *testing.T, address string) {
	t.Helper()
	config := fmt.Sprintf(`yaml:
receivers: {otlp: {protocols: {http: {endpoint: %q}}}}
exporters: {sink: {}}
service:
  pipelines: {logs: {receivers: [otlp], exporters: [sink]}}
  telemetry: {metrics: {level: none}, logs: {level: error}}
`, address)
	c, err := otelcol.NewCollector(otelcol.CollectorSettings{
		BuildInfo:               component.NewDefaultBuildInfo(),
		DisableGracefulShutdown: true,
		Factories: func() (f otelcol.Factories, err error) {
			f.Receivers, err = otelcol.MakeFactoryMap[receiver.Factory](otlpreceiver.NewFactory())
			if err != nil {
				return f, err
			}
			f.Telemetry = otelconftelemetry.NewFactory()
			logs := func(context.Context, exporter.Settings, component.Config) (exporter.Logs, error) { return s, nil }
			f.Exporters, err = otelcol.MakeFactoryMap[exporter.Factory](exporter.NewFactory(
				component.MustNewType("sink"), func() component.Config { return &struct{}{} },
				exporter.WithLogs(logs, component.StabilityLevelStable)))
			return f, err
		},
		ConfigProviderSettings: otelcol.ConfigProviderSettings{ResolverSettings: confmap.ResolverSettings{
			URIs: []string{config}, ProviderFactories: []confmap.ProviderFactory{yamlprovider.NewFactory()},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx) }()
	// The Collector's state can only be asked for again and again: nothing reports a change.
	for tick := time.Tick(10 * time.Millisecond); c.GetState() != otelcol.StateRunning; {
		select {
		case err := <-done:
			t.Fatalf("the Collector ended: %v", err)
		case <-tick:
		}
	}
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// Every record arrives once and unchanged, even if the Collector starts after the export.
func TestCollector(t *testing.T) {
	dir := t.TempDir()
	product := filepath.Join(dir, "userlike-inspector")
	run(t, "go", "build", "-C", "../..", "-o", product, "./nativehost")
	file, store := filepath.Join(dir, "recording.jsonl"), filepath.Join(dir, "events.db")
	if err := os.WriteFile(file, []byte(recording), 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, product, "import", "--store", store, file)

	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	export := exec.CommandContext(t.Context(), product, "export", "--store", store, "--otlp", "http://"+address, "--timeout", "1m")
	export.Stderr = &said
	if err := export.Start(); err != nil {
		t.Fatal(err)
	}
	s := &sink{}
	s.start(t, address)
	if err := export.Wait(); err != nil {
		t.Fatalf("%v: %s", err, said.String())
	}
	if want := "3 records sent to http://" + address + "\n"; said.String() != want {
		t.Errorf("said %q, want %q", said.String(), want)
	}

	s.mu.Lock()
	defer s.mu.Unlock()
	lines := strings.Split(strings.TrimSuffix(recording, "\n"), "\n")
	if len(s.got) != len(lines) {
		t.Fatalf("%d of %d records arrived", len(s.got), len(lines))
	}
	for i, line := range lines {
		if got := s.got[i].Body().Str(); got != line {
			t.Errorf("arrived %s, want %s", got, line)
		}
	}
	call := s.got[1]
	findings, _ := call.Attributes().Get("userlike.findings")
	if call.SeverityNumber() != plog.SeverityNumberError || call.EventName() != "userlike.call" || findings.Slice().Len() != 1 ||
		!call.Timestamp().AsTime().Equal(time.Date(2026, 11, 22, 10, 0, 1, 0, time.UTC)) {
		t.Errorf("the call arrived as %s %s at %s with findings %s", call.SeverityNumber(), call.EventName(), call.Timestamp().AsTime(), findings.AsString())
	}
	if got := s.got[0].SeverityNumber(); got != plog.SeverityNumberInfo {
		t.Errorf("the page arrived as %s", got)
	}
}

// run runs a program, which must succeed.
func run(t *testing.T, program string, args ...string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), program, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", program, strings.Join(args, " "), err, out)
	}
}
