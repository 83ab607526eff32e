// Package otlp sends records to an OpenTelemetry collector, as logs over HTTP with the
// official SDK, so that a team has them where it keeps its other logs.
//
// It sends one batch after the other and knows what has arrived. The batching of the SDK is
// not used, as it drops records without notice when the collector is slow.
package otlp

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp"
	"go.opentelemetry.io/otel/log"
	sdk "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/resource"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/words"
)

const (
	// A batch is sent when it has so many records or bytes of JSON: collectors
	// limit a request to some megabytes.
	maxBatch = 500
	maxBytes = 2 << 20

	// firstPause and longestPause are the pauses between two attempts.
	firstPause   = 100 * time.Millisecond
	longestPause = 5 * time.Second
)

// Sender sends records to one collector. It is not safe for concurrent use.
type Sender struct {
	exporter *otlploghttp.Exporter
	provider *sdk.LoggerProvider
	logger   log.Logger
	patience time.Duration

	batch []sdk.Record
	bytes int
	sent  int
}

// New makes a sender. address is the collector's base URL, such as http://127.0.0.1:4318, or
// its full one, which ends in /v1/logs. Headers and other settings come from the standard
// variables OTEL_EXPORTER_OTLP_…. A batch that the collector does not accept for the moment
// is sent again for as long as patience.
func New(ctx context.Context, address, product, version string, patience time.Duration) (*Sender, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil || !isPort(u.Port()) || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("%s is not the address of a collector; write one such as http://127.0.0.1:4318", words.Typed(withoutSecrets(address)))
	case u.User != nil:
		return nil, fmt.Errorf("%s: leave out what is before the @, because other programs can read command lines; put an authorization into OTEL_EXPORTER_OTLP_HEADERS", words.Typed(withoutSecrets(address)))
	case u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("%s: leave out what is after the ? or #; put keys into OTEL_EXPORTER_OTLP_HEADERS", words.Typed(withoutSecrets(address)))
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = "/v1/logs"
	}
	exporter, err := otlploghttp.New(ctx,
		otlploghttp.WithEndpointURL(u.String()),
		otlploghttp.WithProxy(only(u)),
		otlploghttp.WithRetry(otlploghttp.RetryConfig{Enabled: patience > 0, InitialInterval: firstPause, MaxInterval: longestPause, MaxElapsedTime: patience}))
	if err != nil {
		return nil, fmt.Errorf("collector %s: %w", words.Typed(withoutSecrets(address)), err)
	}
	s := &Sender{exporter: exporter, patience: patience}
	s.provider = sdk.NewLoggerProvider(sdk.WithProcessor(s), sdk.WithAttributeCountLimit(-1),
		sdk.WithResource(resource.NewSchemaless(attribute.String("service.name", product), attribute.String("service.version", version))))
	s.logger = s.provider.Logger(product)
	return s, nil
}

func isPort(port string) bool {
	_, err := strconv.ParseUint(port, 10, 16)
	return port == "" || err == nil
}

// withoutSecrets is an address in the form in which it may be shown: without user, password,
// query and fragment, even if it is not a valid address.
func withoutSecrets(address string) string {
	address, _, hidden := strings.Cut(address, "?")
	if before, _, there := strings.Cut(address, "#"); there {
		address, hidden = before, true
	}
	scheme, rest, there := strings.Cut(address, "://")
	if !there {
		scheme, rest = "", address
	}
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		rest = "…" + rest[i:]
	}
	if there {
		rest = scheme + "://" + rest
	}
	if hidden {
		rest += "…"
	}
	return rest
}

var errElsewhere = errors.New("nothing is sent there")

// only refuses requests to other hosts than u's, because a collector may try to redirect
// and records and headers are meant only for this one. It does so in the function that
// chooses the proxy: that one is called for every request, and with it the exporter keeps
// its own settings for certificates and timeouts.
func only(u *url.URL) otlploghttp.HTTPTransportProxyFunc {
	return func(r *http.Request) (*url.URL, error) {
		if r.URL.Scheme != u.Scheme || r.URL.Host != u.Host {
			return nil, fmt.Errorf("%s redirects to %s: %w; if that is meant, name it as the collector", u.Host, withoutSecrets(r.URL.String()), errElsewhere)
		}
		return http.ProxyFromEnvironment(r)
	}
}

// Sent is how many records the collector has accepted.
func (s *Sender) Sent() int { return s.sent }

// Add adds a record to the batch, which is sent when it is full.
func (s *Sender) Add(ctx context.Context, r *record.Record) error {
	line, err := record.Encode(r)
	if err != nil {
		return err
	}
	if s.bytes+len(line) > maxBytes || len(s.batch) >= maxBatch {
		if err := s.Flush(ctx); err != nil {
			return err
		}
	}
	s.bytes += len(line)
	s.logger.Emit(ctx, logRecord(r, line))
	return nil
}

// Flush sends what was added. After an error, the collector has accepted nothing of the
// batch or only a part, and the sender does not keep it.
func (s *Sender) Flush(ctx context.Context) error {
	if len(s.batch) == 0 {
		return nil
	}
	err := s.export(ctx)
	if err == nil {
		s.sent += len(s.batch)
	}
	s.batch, s.bytes = s.batch[:0], 0
	return err
}

// export sends the batch. When the collector answers that it is busy, the exporter itself
// tries again; when it cannot be reached, this function does.
func (s *Sender) export(ctx context.Context) error {
	deadline := time.Now().Add(s.patience)
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		err := s.exporter.Export(ctx, s.batch)
		var unreachable *url.Error
		if errors.Is(err, errElsewhere) && errors.As(err, &unreachable) {
			return unreachable.Err // the error's text without the whole address
		}
		if err != nil && !errors.As(err, &unreachable) {
			return answered(err)
		}
		if err == nil || ctx.Err() != nil || time.Now().Add(pause).After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

// answered says in plain words what a collector has answered. The exporter has only a text
// for that.
func answered(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if _, answer, busy := strings.Cut(err.Error(), "retry-able request failure: "); busy {
		return fmt.Errorf("it was not ready to take them, %s; see its log, or try longer with --timeout", words.Verbatim(answer))
	}
	_, answer, told := strings.Cut(err.Error(), "failed to send logs to ")
	if _, status, is := strings.Cut(answer, ": "); told && is {
		answer = status
	} else {
		return err
	}
	remedy := "see its log"
	switch status, _, _ := strings.Cut(answer, " "); status {
	case "401", "403", "407":
		remedy = "put an authorization into OTEL_EXPORTER_OTLP_HEADERS"
	case "404", "405":
		remedy = "check the address, and whether it takes logs over HTTP there"
	}
	return fmt.Errorf("it answered %s; %s", words.Verbatim(answer), remedy)
}

// Close ends the connection. What was not flushed is not sent.
func (s *Sender) Close(ctx context.Context) error {
	return errors.Join(s.provider.Shutdown(ctx), s.exporter.Shutdown(ctx))
}

// Enabled, OnEmit, ForceFlush and Shutdown make the sender a processor of the SDK, because
// only a processor gets records that have their resource and scope.

func (s *Sender) Enabled(context.Context, sdk.EnabledParameters) bool { return true }

func (s *Sender) OnEmit(_ context.Context, r *sdk.Record) error {
	s.batch = append(s.batch, r.Clone())
	return nil
}

func (s *Sender) ForceFlush(context.Context) error { return nil }

func (s *Sender) Shutdown(context.Context) error { return nil }

// logRecord is r as a log record. The body is its line of JSON. What people search by are
// attributes, with the names of OpenTelemetry's semantic conventions where there are any.
func logRecord(r *record.Record, line []byte) log.Record {
	var l log.Record
	l.SetTimestamp(r.Time.Time)
	if r.Received != nil {
		l.SetObservedTimestamp(r.Received.Time)
	}
	l.SetBody(attribute.StringValue(string(line)))
	l.SetEventName("userlike." + string(r.Kind))
	worst := record.Worst(r.Findings)
	l.SetSeverity(severity(worst))
	l.SetSeverityText(string(worst))
	text := func(name, value string) {
		if value != "" {
			l.AddAttributes(attribute.String(name, value))
		}
	}
	l.AddAttributes(attribute.String("log.record.uid", r.ID))
	text("userlike.event", r.Happening())
	text("session.id", r.SessionID())
	text("url.full", r.URL)
	text("userlike.site", r.Site())
	text("exception.message", r.Threw())
	if r.Browser != nil {
		text("browser.name", r.Browser.Name)
		text("browser.version", r.Browser.Version)
		text("userlike.browser.profile", r.Browser.Profile)
	}
	if r.Tab != nil {
		l.AddAttributes(attribute.Int("userlike.tab", *r.Tab))
	}
	if r.Simulated {
		l.AddAttributes(attribute.Bool("userlike.simulated", true))
	}
	if h := r.Handed; h != nil {
		text("userlike.hit.to", h.To)
		text("userlike.hit.system", h.System)
		text("userlike.hit.because", string(h.Because))
		text("http.request.method", h.Method)
		l.AddAttributes(attribute.StringSlice("userlike.hit.calls", h.Calls))
		if len(h.Carries) > 0 {
			var carries []string
			for _, c := range h.Carries {
				carries = append(carries, c.What)
			}
			l.AddAttributes(attribute.StringSlice("userlike.hit.carries", carries))
		}
	}
	if len(r.Findings) > 0 {
		l.AddAttributes(attribute.Slice("userlike.findings", findings(r.Findings)...))
	}
	return l
}

func severity(s record.Severity) log.Severity {
	switch s {
	case record.Error:
		return log.SeverityError
	case record.Warning:
		return log.SeverityWarn
	}
	return log.SeverityInfo
}

func findings(all []record.Finding) []attribute.Value {
	var values []attribute.Value
	for _, f := range all {
		members := []attribute.KeyValue{attribute.String("rule", f.Rule), attribute.String("severity", string(f.Severity)), attribute.String("message", f.Message)}
		for _, m := range []struct{ name, value string }{{"at", f.At}, {"expected", f.Expected}, {"actual", f.Actual}, {"demand", f.Demand}} {
			if m.value != "" {
				members = append(members, attribute.String(m.name, m.value))
			}
		}
		values = append(values, attribute.MapValue(members...))
	}
	return values
}
