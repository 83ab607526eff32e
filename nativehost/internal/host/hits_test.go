package host_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/host"
	"userlike-inspector/nativehost/internal/plan"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/wire"
)

func pushing(seq int, pushed string) string {
	return strings.TrimSuffix(call(seq), "}") + `,"tab":3,"url":"https://shop.example/","pushed":` + pushed + "}"
}

// What a call pushed to queues is kept as hits, with the same ids each time that the call is
// sent. The call is kept, whatever was pushed.
func TestPushed(t *testing.T) {
	for name, c := range map[string]struct {
		pushed string
		want   []string
	}{
		"nothing": {`[]`, nil},
		"two queues": {
			pushed: `[{"to":"dataLayer","data":[{"event":"a","x":null}],"notes":[{"at":"/0/x","is":"nan"}]},` +
				`{"to":"_paq","data":[["b"]],"time":"2026-11-22T10:13:04.200Z"}]`,
			want: []string{`d/hit-1-0 dataLayer [{"event":"a","x":null}] [{/0/x nan }] 10:13:04.123`, `d/hit-1-1 _paq [["b"]] [] 10:13:04.200`},
		},
		"no list": {`7`, nil}, // which is counted once for each time that it is sent
		"no name": {`[{"data":[1]},{"to":"_mtm","data":[]}]`, []string{`d/hit-1-1 _mtm [] [] 10:13:04.123`}},
	} {
		store := &memory{}
		again := pushing(1, c.pushed)
		if got := acknowledged(t, options(nil, nil, store), records(again, call(2)), records(again)); !slices.Equal(got, []string{"d/1", "d/2", "d/1"}) {
			t.Errorf("%s: acknowledged %q", name, got)
		}
		var got []string
		for _, r := range store.kept {
			if r.Kind == record.Hit {
				got = append(got, fmt.Sprint(r.ID, " ", r.Handed.To, " ", string(r.Handed.Data), " ", r.Notes, " ", r.Time.Format("15:04:05.000")))
				if r.Seq != 0 || *r.Tab != 3 || r.Document != "d" || r.URL != "https://shop.example/" || r.Browser.Profile != "p" || r.Received == nil ||
					r.Handed.Via != record.Queue || r.Handed.Because != record.DuringHandler || !slices.Equal(r.Handed.Calls, []string{"d/1"}) {
					t.Errorf("%s: %+v %+v", name, r, r.Handed)
				}
			}
		}
		if !slices.Equal(got, append(slices.Clone(c.want), c.want...)) {
			t.Errorf("%s: kept %q", name, got)
		}
	}
}

// What was pushed counts towards a document's quota, and is kept or dropped together with its
// call.
func TestPushedOverTheQuota(t *testing.T) {
	store := &memory{}
	o := options(nil, nil, store)
	o.Quota = host.Quota{Document: 5000, Day: 1 << 30}
	acknowledged(t, o, records(call(1), pushing(2, `[{"to":"dataLayer","data":["`+strings.Repeat("x", 5000)+`"]}]`)))
	if len(store.kept) != 2 || store.kept[0].ID != "d/1" || store.kept[1].ID != "d/over-2-2" || store.kept[1].Lost != 1 {
		t.Errorf("kept %d: %+v", len(store.kept), store.kept)
	}
}

// candidate is a request of the document of call, as long after it in milliseconds.
func candidate(id string, after int, to string) string {
	at := time.Date(2026, 11, 22, 10, 13, 4, 123e6, time.UTC).Add(time.Duration(after) * time.Millisecond)
	return fmt.Sprintf(`{"id":%q,"time":%q,"via":"request","to":%q,"tab":3,"document":"d","url":"https://shop.example/","type":"ping",`+
		`"method":"POST"}`, id, at.Format(time.RFC3339Nano), to)
}

func candidates(all ...string) string {
	return `{"type":"candidates","candidates":[` + strings.Join(all, ",") + `]}`
}

// conversation is a talk with a host, whose clock stands still until the test moves it.
type conversation struct {
	t     *testing.T
	in    io.WriteCloser
	said  chan wire.FromHost
	clock atomic.Int64 // milliseconds
	done  chan error
}

func converse(t *testing.T, store host.Store, change func(*host.Options)) *conversation {
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	c := &conversation{t: t, in: inW, said: make(chan wire.FromHost, 1000), done: make(chan error, 1)}
	o := options(inR, outW, store)
	o.Settling = 2 * time.Second
	o.Now = func() time.Time {
		return time.Date(2026, 11, 22, 10, 13, 5, 0, time.UTC).Add(time.Duration(c.clock.Load()) * time.Millisecond)
	}
	if change != nil {
		change(&o)
	}
	go func() {
		err := host.Serve(context.Background(), o)
		outW.Close()
		c.done <- err
	}()
	go c.listen(outR)
	c.send(hello)
	c.hear(wire.Welcome)
	return c
}

func (c *conversation) send(messages ...string) {
	c.t.Helper()
	if _, err := c.in.Write(frames(messages...)); err != nil {
		c.t.Fatal(err)
	}
}

// listen takes in all that the host says.
func (c *conversation) listen(out io.Reader) {
	defer close(c.said)
	for {
		frame, err := wire.ReadFrame(out)
		if err != nil {
			return
		}
		var m struct {
			Type       string
			Candidates []wire.Settlement
		}
		if json.Unmarshal(frame, &m) == nil {
			c.said <- wire.FromHost{Type: m.Type, Candidates: m.Candidates}
		}
	}
}

// hear waits for a message of that type.
func (c *conversation) hear(kind string) wire.FromHost {
	c.t.Helper()
	late := time.After(20 * time.Second)
	pass := time.NewTicker(5 * time.Millisecond)
	defer pass.Stop()
	for {
		select {
		case <-pass.C:
			if kind != wire.Ack && kind != wire.Welcome { // what is waited for takes its time
				c.clock.Add(200)
			}
		case m, open := <-c.said:
			if !open {
				c.t.Fatalf("the host has ended without saying %q", kind)
			}
			if m.Type == kind {
				return m
			}
		case <-late:
			c.t.Fatalf("the host has not said %q", kind)
		}
	}
}

func (c *conversation) close() {
	c.t.Helper()
	c.in.Close()
	if err := <-c.done; err != nil {
		c.t.Error(err)
	}
}

func hitsOf(m *memory) (all []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range m.kept {
		if r.Kind == record.Hit {
			all = append(all, r.ID+" "+string(r.Handed.Because)+" "+strings.Join(r.Handed.Calls, ","))
		}
	}
	return all
}

const collected = "https://collect.example/?e=chat_started"

func inTab3(seq int) string { return pushing(seq, "[]") }

// A request may overtake its call, so the host waits before it decides, and settles the
// request when its hits have been stored. A request that belongs to no call is not stored.
func TestCandidatesSettle(t *testing.T) {
	store := &memory{}
	c := converse(t, store, nil)
	c.send(candidates(candidate("early", 30, collected), candidate("none", 40, "https://shop.example/cart?n=1")))
	c.send(records(inTab3(1)))
	c.hear(wire.Ack)
	if got := hitsOf(store); len(got) > 0 {
		t.Errorf("decided at once: %q", got)
	}
	got := c.hear(wire.Settled).Candidates
	want := []wire.Settlement{{ID: "early", To: "https://collect.example/"}, {ID: "none"}}
	if !slices.Equal(got, want) {
		t.Errorf("settled %+v, want %+v", got, want)
	}
	if got := hitsOf(store); !slices.Equal(got, []string{"d/hit-early content d/1"}) {
		t.Errorf("kept %q", got)
	}
	for _, r := range store.kept {
		if r.Kind == record.Hit && (r.Browser.Profile != "p" || r.Received == nil) {
			t.Errorf("%+v", r)
		}
	}
	c.close()
	if len(store.kept) != 2 {
		t.Errorf("%d records are kept", len(store.kept))
	}
}

// That a request has failed is often reported after the request.
func TestCandidateFails(t *testing.T) {
	store := &memory{}
	c := converse(t, store, nil)
	c.send(records(inTab3(1)))
	c.hear(wire.Ack)
	one := candidate("a", 30, collected)
	c.send(candidates(one), candidates(strings.TrimSuffix(one, "}")+`,"failed":"2026-11-22T10:13:04.200Z"}`))
	if got := c.hear(wire.Settled).Candidates; len(got) != 1 || got[0].To == "" {
		t.Errorf("settled %+v", got)
	}
	c.close()
	if n := len(store.kept); n != 2 || store.kept[1].Handed.Failed == nil || store.kept[1].Handed.Failed.String() != "2026-11-22T10:13:04.200Z" {
		t.Errorf("kept %d: %+v", n, store.kept[n-1].Handed)
	}
}

// At the end nothing can overtake anything any more, so all candidates are decided.
func TestCandidatesAtTheEnd(t *testing.T) {
	for name, last := range map[string][]string{"closed": nil, "finished": {`{"type":"finished"}`}} {
		store := &memory{}
		finished := make(chan int, 1)
		c := converse(t, store, func(o *host.Options) {
			o.Finished = func(wire.FromExtension) { finished <- len(hitsOf(store)) }
		})
		c.send(candidates(candidate("a", 30, collected)), records(inTab3(1)))
		c.hear(wire.Ack)
		if c.send(last...); last != nil {
			c.hear(wire.Settled)
			if n := <-finished; n != 1 {
				t.Errorf("%s: said to be finished with %d hits", name, n)
			}
		}
		c.close()
		if got := hitsOf(store); !slices.Equal(got, []string{"d/hit-a content d/1"}) {
			t.Errorf("%s: kept %q", name, got)
		}
	}
}

// A host that is started anew knows the calls and hits of the one before.
func TestCandidatesAfterARestart(t *testing.T) {
	store := &memory{}
	c := converse(t, store, nil)
	c.send(records(inTab3(1), inTab3(2)))
	c.hear(wire.Ack)
	c.send(candidates(candidate("a", 30, collected)))
	c.hear(wire.Settled)
	c.close()

	c = converse(t, store, nil)
	c.send(candidates(candidate("a", 30, collected), candidate("b", 40, collected)))
	got := c.hear(wire.Settled).Candidates
	want := []wire.Settlement{{ID: "a", To: "https://collect.example/"}, {ID: "b", To: "https://collect.example/"}}
	if !slices.Equal(got, want) {
		t.Errorf("settled %+v, want %+v", got, want)
	}
	c.close()
	if got := hitsOf(store); !slices.Equal(got, []string{"d/hit-a content d/1", "d/hit-b content d/2"}) {
		t.Errorf("kept %q", got)
	}

	// Calls of another browser do not count.
	c = converse(t, store, func(o *host.Options) {
		for _, r := range store.kept {
			b := *r.Browser
			b.Profile = "another"
			r.Browser = &b
		}
	})
	c.send(candidates(candidate("c", 50, collected)))
	if got := c.hear(wire.Settled).Candidates; !slices.Equal(got, []wire.Settlement{{ID: "c"}}) {
		t.Errorf("settled %+v", got)
	}
	c.close()
}

// The same holds however much was recorded since: the calls of the last two minutes are
// known.
func TestCandidatesAfterARestartAmongManyRecords(t *testing.T) {
	kept := &memory{}
	c := converse(t, kept, nil)
	c.send(records(inTab3(1)))
	c.hear(wire.Ack)
	c.close()
	call := kept.kept[0]
	for n := range 20_000 {
		kept.kept = append(kept.kept, &record.Record{
			V:        record.Version,
			ID:       fmt.Sprint("e/", n+1),
			Kind:     record.Page,
			Event:    "opened",
			Time:     call.Time,
			Browser:  call.Browser,
			Document: "e",
		})
	}
	c = converse(t, kept, nil)
	c.send(candidates(candidate("a", 30, collected)))
	if got := c.hear(wire.Settled).Candidates; !slices.Equal(got, []wire.Settlement{{ID: "a", To: "https://collect.example/"}}) {
		t.Errorf("settled %+v", got)
	}
	c.close()
}

// Hits wait for the store, and candidates for their hits.
func TestCandidatesAndStoreTrouble(t *testing.T) {
	store := &memory{}
	c := converse(t, store, nil)
	c.send(records(inTab3(1)))
	c.hear(wire.Ack)
	troubles := atomic.Int64{}
	store.mu.Lock()
	store.fail = func() error {
		if troubles.Add(1) < 3 {
			return errors.New("disk is full")
		}
		return nil
	}
	store.mu.Unlock()
	c.send(candidates(candidate("a", 30, collected)))
	c.hear("store")
	if got := c.hear(wire.Settled).Candidates; len(got) != 1 || got[0].To == "" || troubles.Load() < 3 {
		t.Errorf("settled %+v after %d attempts", got, troubles.Load())
	}
	c.close()
}

// Requests to traced places are attributed by their time.
func TestTrace(t *testing.T) {
	place, err := plan.ReadPlace("localhost/collect")
	if err != nil {
		t.Fatal(err)
	}
	store := &memory{}
	c := converse(t, store, func(o *host.Options) { o.Trace = []plan.Place{place} })
	c.send(records(inTab3(1)), candidates(candidate("a", 30, "http://localhost:8080/collect/1?x=y"), candidate("b", 30, "http://localhost:8080/other")))
	c.hear(wire.Ack)
	c.close()
	if got := hitsOf(store); !slices.Equal(got, []string{"d/hit-a time d/1"}) {
		t.Errorf("kept %q", got)
	}
}

// Whatever comes for a candidate, the conversation goes on.
func TestBadCandidates(t *testing.T) {
	deep := `{"id":"deep","data":` + strings.Repeat("[", 10_001) + strings.Repeat("]", 10_001) + `}`
	store := &memory{}
	c := converse(t, store, nil)
	c.send(records(inTab3(1)))
	c.hear(wire.Ack)
	c.send(candidates(`{"id":"bare"}`, `7`, `{"id":9}`, deep, candidate(strings.Repeat("l", 101), 30, collected),
		`{"id":"base64","time":"2026-11-22T10:13:04.123Z","via":"request","to":"x","body":{"bytes":"?"}}`))
	got := c.hear(wire.Settled).Candidates
	want := []wire.Settlement{{ID: "bare"}, {ID: "deep"}, {ID: strings.Repeat("l", 101)}, {ID: "base64"}}
	if !slices.Equal(got, want) {
		t.Errorf("settled %+v, want %+v", got, want)
	}
	c.send(candidates(candidate("a", 30, collected), candidate("a", 30, collected)))
	c.close()
	if got := hitsOf(store); !slices.Equal(got, []string{"d/hit-a content d/1"}) || len(store.kept) != 3 {
		t.Errorf("kept %q", got)
	}
	if got := timeless(gapsOf(store)); !slices.Equal(got, []string{"- - 6 the host could not read some requests or pushes"}) {
		t.Errorf("counted %q", got)
	}
}
