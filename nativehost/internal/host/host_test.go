package host_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/host"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/simulation"
	"userlike-inspector/nativehost/internal/store"
	"userlike-inspector/nativehost/internal/wire"
)

const hello = `{"type":"hello","protocol":1,"extension":"0.1.0","browser":{"name":"Chromium","version":"156.0","profile":"p"}}`

func call(seq int) string {
	return fmt.Sprintf(`{"v":1,"kind":"call","id":"d/%d","seq":%d,"time":"2026-11-22T10:13:04.123Z","document":"d","args":["chat_started"]}`, seq, seq)
}

func records(recs ...string) string {
	return `{"type":"records","records":[` + strings.Join(recs, ",") + `]}`
}

// memory is a store that keeps what it is given, and fails while fail says so.
type memory struct {
	mu   sync.Mutex
	kept []*record.Record
	fail func() error
}

func (m *memory) Append(_ context.Context, recs []*record.Record) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		if err := m.fail(); err != nil {
			return 0, err
		}
	}
	m.kept = append(m.kept, recs...)
	return len(recs), nil
}

func (m *memory) Missing(_ context.Context, document string, last int64) ([]store.Span, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var missing []store.Span
	for seq := int64(1); seq <= last; seq++ {
		if !slices.ContainsFunc(m.kept, func(r *record.Record) bool { return r.ID == fmt.Sprint(document, "/", seq) }) {
			missing = append(missing, store.Span{From: seq, To: seq})
		}
	}
	return missing, nil
}

func (m *memory) Document(_ context.Context, document string, limit int) (all []store.Stored, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i, r := range m.kept {
		if strings.HasPrefix(r.ID, document+"/") && len(all) < limit {
			all = append(all, store.Stored{Row: int64(i + 1), Record: r})
		}
	}
	return all, nil
}

func (m *memory) Records(_ context.Context, q store.Query) (all []store.Stored, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	end := len(m.kept)
	if q.Before > 0 {
		end = min(end, int(q.Before)-1)
	}
	for i := max(0, end-q.Limit); i < end; i++ {
		all = append(all, store.Stored{Row: int64(i + 1), Record: m.kept[i]})
	}
	return all, nil
}

func options(in io.Reader, out io.Writer, to host.Store) host.Options {
	return host.Options{
		In: in, Out: out, Version: "0.1.0",
		Open: func(context.Context) (host.Store, error) { return to, nil },
		Judge: func(r *record.Record) []record.Finding {
			if r.Kind != record.Call {
				return nil
			}
			return []record.Finding{{Rule: "a", Severity: record.Error}, {Rule: "b", Severity: record.Warning}}
		},
		Heard:    func(wire.FromExtension) {},
		Finished: func(wire.FromExtension) {},
		Requests: func(context.Context, string) <-chan simulation.Request { return nil },
		Answer:   func(string, string, simulation.Answer) error { return nil },
		Patience: time.Hour,
		Settling: time.Hour,
		Quota:    host.Quota{Document: 1 << 30, Day: 1 << 40},
		Now:      func() time.Time { return time.Date(2026, 11, 22, 10, 13, 5, 0, time.UTC) },
		Log:      slog.New(slog.DiscardHandler),
	}
}

// frames writes messages as a browser does.
func frames(messages ...string) []byte {
	var b []byte
	for _, m := range messages {
		b = binary.NativeEndian.AppendUint32(b, uint32(len(m)))
		b = append(b, m...)
	}
	return b
}

// replies reads all that the host said.
func replies(t *testing.T, out io.Reader) []wire.FromHost {
	t.Helper()
	var all []wire.FromHost
	for {
		frame, err := wire.ReadFrame(out)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("the host's output: %v", err)
		}
		var m wire.FromHost
		if err := json.Unmarshal(frame, &m); err != nil {
			t.Fatalf("%s: %v", frame, err)
		}
		all = append(all, m)
	}
}

func TestServe(t *testing.T) {
	for _, tt := range []struct {
		name    string
		in      []byte
		said    string // the types of the messages that come back
		kept    string // the ids stored
		wantErr string
	}{
		{name: "hello and goodbye", in: frames(hello), said: "welcome"},
		{name: "goodbye at once", in: nil},
		{name: "records", in: frames(hello, records(call(1), call(2))), said: "welcome ack", kept: "d/1 d/2"},
		{name: "no records", in: frames(hello, records()), said: "welcome"},
		{name: "no hello", in: frames(records(call(1))), wantErr: `"records" instead of "hello"`},
		{name: "hello is not JSON", in: frames("{"), wantErr: "not JSON"},
		{name: "extension too old", in: frames(`{"type":"hello","protocol":0}`), said: "refused:extension"},
		{name: "host too old", in: frames(`{"type":"hello","protocol":2}`), said: "refused:host"},
		{name: "unknown message", in: frames(hello, `{"type":"news"}`, records(call(1))), said: "welcome ack", kept: "d/1"},
		{
			name: "not JSON",
			in:   frames(hello, records(call(1)), "{", records(call(2))),
			said: "welcome ack",
			kept: "d/1 refused/08cd1699-d4f8-5d52-917a-dc5948dff645(gap) d/2",
		},
		{
			name:    "truncated",
			in:      append(frames(hello, records(call(1))), 9, 0, 0),
			said:    "welcome ack",
			kept:    "d/1",
			wantErr: "within a message's length",
		},
		{
			name:    "oversized",
			in:      append(frames(hello, records(call(1))), 0xff, 0xff, 0xff, 0xff),
			said:    "welcome ack",
			kept:    "d/1",
			wantErr: "at most",
		},
		{
			name: "malformed record",
			in:   frames(hello, records(`{"v":1,"kind":"call","id":"d/1"}`, call(2))),
			said: "welcome ack",
			kept: "d/1(gap) d/2",
		},
		{name: "newer record", in: frames(hello, records(`{"v":2,"id":"d/1"}`)), said: "welcome ack", kept: "d/1(gap)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			mem := &memory{}
			err := host.Serve(t.Context(), options(bytes.NewReader(tt.in), &out, mem))
			if tt.wantErr == "" && err != nil || tt.wantErr != "" && (err == nil || !strings.Contains(err.Error(), tt.wantErr)) {
				t.Errorf("error %v, want %q", err, tt.wantErr)
			}
			var said, kept, acked []string
			for _, m := range replies(t, &out) {
				if m.Type == wire.Refused {
					m.Type += ":" + m.Update
				}
				for _, v := range m.Records {
					acked = append(acked, v.ID)
				}
				if m.Type == wire.Ack && len(said) > 0 && said[len(said)-1] == wire.Ack {
					continue // how many acknowledgements there are is the host's business
				}
				said = append(said, m.Type)
			}
			for _, r := range mem.kept {
				if !strings.HasPrefix(r.ID, "refused/") { // it has no id that could be acknowledged
					if len(acked) == 0 || acked[0] != r.ID {
						t.Fatalf("acknowledged %q, stored %q", acked, r.ID)
					}
					acked = acked[1:]
				}
				if r.Kind == record.Gap {
					r.ID += "(gap)"
				}
				kept = append(kept, r.ID)
			}
			if got := strings.Join(said, " "); got != tt.said {
				t.Errorf("said %q, want %q", got, tt.said)
			}
			if got := strings.Join(kept, " "); got != tt.kept {
				t.Errorf("kept %q, want %q", got, tt.kept)
			}
		})
	}
}

// When the browser is to be ended, the extension is asked to finish, and its
// answer is passed on.
func TestFinish(t *testing.T) {
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	finish, finished := make(chan struct{}), make(chan string, 1)
	o := options(inR, outW, &memory{})
	o.Finish, o.Finished = finish, func(hello wire.FromExtension) { finished <- hello.Browser.Profile }
	done := make(chan error, 1)
	go func() { done <- host.Serve(t.Context(), o) }()
	go inW.Write(frames(hello))
	for _, want := range []string{wire.Welcome, wire.Finish} {
		frame, err := wire.ReadFrame(outR)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(frame); !strings.Contains(got, `"type":"`+want+`"`) {
			t.Errorf("said %s, want %q", got, want)
		}
		if want == wire.Welcome {
			close(finish)
		}
	}
	inW.Write(frames(`{"type":"finished"}`))
	if got := <-finished; got != "p" {
		t.Errorf("finished: %q", got)
	}
	inW.Close()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestStandIn(t *testing.T) {
	for _, on := range []bool{false, true} {
		var out bytes.Buffer
		o := options(bytes.NewReader(frames(hello)), &out, &memory{})
		o.StandIn = on
		if err := host.Serve(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		if got := replies(t, &out)[0].StandIn; got != on {
			t.Errorf("the extension is told %v, want %v", got, on)
		}
	}
}

func TestWhatTheHostAdds(t *testing.T) {
	var out bytes.Buffer
	mem := &memory{}
	forged := `{"v":1,"kind":"call","id":"d/1","seq":1,"time":"2026-11-22T10:13:04.123Z","args":[],
		"received":"1999-01-01T00:00:00Z","browser":{"name":"Netscape"},"findings":[{"rule":"forged","severity":"error","message":"x"}]}`
	if err := host.Serve(t.Context(), options(bytes.NewReader(frames(hello, records(forged))), &out, mem)); err != nil {
		t.Fatal(err)
	}
	r := mem.kept[0]
	if r.Browser.Name != "Chromium" || r.Received.String() != "2026-11-22T10:13:05.000Z" || len(r.Findings) != 2 {
		t.Errorf("browser, arrival and findings are the host's to say, got %v %v %v", r.Browser, r.Received, r.Findings)
	}
	got := replies(t, &out)[1].Records[0]
	if want := (wire.Verdict{ID: "d/1", Error: 1, Warning: 1}); got != want {
		t.Errorf("acknowledged %+v, want %+v", got, want)
	}
}

// A store that can't be opened, then can't be written, is waited for.
func TestStoreTrouble(t *testing.T) {
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	troubles := []string{"database is locked", "database is locked", "disk is full"}
	mem := &memory{}
	mem.fail = func() error {
		if len(troubles) == 0 {
			return nil
		}
		defer func() { troubles = troubles[1:] }()
		return errors.New(troubles[0])
	}
	o := options(inR, outW, mem)
	tries := 0
	o.Open = func(context.Context) (host.Store, error) {
		if tries++; tries == 1 {
			return nil, errors.New("no such folder")
		}
		return mem, nil
	}
	done := make(chan error, 1)
	go func() { done <- host.Serve(t.Context(), o) }()
	go inW.Write(frames(hello, records(call(1))))
	var said []string
	for len(said) < 6 {
		frame, err := wire.ReadFrame(outR)
		if err != nil {
			t.Fatal(err)
		}
		var m wire.FromHost
		if err := json.Unmarshal(frame, &m); err != nil {
			t.Fatal(err)
		}
		said = append(said, strings.TrimSpace(m.Type+" "+m.Message))
	}
	want := "welcome|store no such folder|store database is locked|store disk is full|store|ack"
	if got := strings.Join(said, "|"); got != want {
		t.Errorf("said %q, want %q", got, want)
	}
	if tries != 5 {
		t.Errorf("the store was opened %d times, want 5: it may have been replaced each time it failed", tries)
	}
	inW.Close()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// In a flood every record is stored and acknowledged once.
func TestFlood(t *testing.T) {
	const n = 5000
	messages := []string{hello}
	for i := range n {
		messages = append(messages, records(call(i+1)))
	}
	var out bytes.Buffer
	mem := &memory{}
	if err := host.Serve(t.Context(), options(bytes.NewReader(frames(messages...)), &out, mem)); err != nil {
		t.Fatal(err)
	}
	acked := map[string]int{}
	for _, m := range replies(t, &out) {
		for _, v := range m.Records {
			acked[v.ID]++
		}
	}
	if len(mem.kept) != n || len(acked) != n {
		t.Errorf("%d of %d stored, %d acknowledged", len(mem.kept), n, len(acked))
	}
}

// A number that never arrives becomes a gap. One that is only late, or that an earlier host
// stored, does not.
func TestMissingRecords(t *testing.T) {
	of := func(document string, seq int) string {
		return strings.NewReplacer(`"d/`, `"`+document+`/`, `"document":"d"`, `"document":"`+document+`"`).Replace(call(seq))
	}
	earlier, err := record.Decode([]byte(of("e", 1)))
	if err != nil {
		t.Fatal(err)
	}
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	o := options(inR, outW, &memory{kept: []*record.Record{earlier}})
	var clock atomic.Int64 // stands still until all has been stored
	o.Patience, o.Now = time.Millisecond, func() time.Time { return time.Unix(clock.Load(), 0) }
	gaps := make(chan *record.Record, 10)
	o.Judge = func(r *record.Record) []record.Finding {
		if r.Kind == record.Gap {
			gaps <- r
		}
		return nil
	}
	done := make(chan error, 1)
	go func() { done <- host.Serve(t.Context(), o) }()
	go inW.Write(frames(hello, records(of("e", 2), of("late", 2)), records(of("late", 1), of("d", 1), of("d", 3))))
	for acked := 0; acked < 5; {
		frame, err := wire.ReadFrame(outR)
		if err != nil {
			t.Fatal(err)
		}
		var m wire.FromHost
		if err := json.Unmarshal(frame, &m); err != nil {
			t.Fatal(err)
		}
		acked += len(m.Records)
	}
	clock.Store(1)
	gap := <-gaps
	if gap.ID != "d/missing-2-2" || gap.Lost != 1 || gap.Document != "d" || gap.Browser.Name != "Chromium" {
		t.Errorf("gap %+v", gap)
	}
	inW.Close()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if len(gaps) > 0 {
		t.Errorf("also said to be missing: %+v", <-gaps)
	}
}
