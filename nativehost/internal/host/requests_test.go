package host_test

import (
	"context"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/host"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/simulation"
	"userlike-inspector/nativehost/internal/wire"
)

const simulating = "d2719b5c-6e6e-4f52-9f0e-6b0a7a3f4f11" // the profile of the browser that is asked

// answered is an answer that the host has given to a request.
type answered struct {
	id string
	simulation.Answer
}

// asked is a host that gets requests, with the extension's end of its pipes.
type asked struct {
	extension io.WriteCloser
	out       io.Reader
	answers   chan answered
	done      chan error // gets what host.Serve returns
}

// ask runs a host that gets these requests. Nobody waits for the answer to one with the id
// "left".
func ask(t *testing.T, all ...simulation.Request) *asked {
	t.Helper()
	in, extension := io.Pipe()
	out, said := io.Pipe()
	a := &asked{extension: extension, out: out, answers: make(chan answered, 10), done: make(chan error, 1)}
	requests := make(chan simulation.Request, len(all))
	for _, r := range all {
		requests <- r
	}
	o := options(in, said, &memory{})
	o.Requests = func(_ context.Context, of string) <-chan simulation.Request {
		if of != simulating {
			t.Errorf("requests of %q", of)
		}
		return requests
	}
	o.Answer = func(id, of string, given simulation.Answer) error {
		if of != simulating || given.Browser.Profile != simulating {
			t.Errorf("an answer of %q", of)
		}
		a.answers <- answered{id, given}
		if id == "left" {
			return simulation.ErrForgotten
		}
		return nil
	}
	go func() { a.done <- host.Serve(t.Context(), o) }()
	return a
}

// write sends messages to the host.
func (a *asked) write(t *testing.T, messages ...string) {
	if _, err := a.extension.Write(frames(messages...)); err != nil {
		t.Error(err)
	}
}

// next reads a message of the host.
func (a *asked) next(t *testing.T) wire.FromHost {
	t.Helper()
	frame, err := wire.ReadFrame(a.out)
	if err != nil {
		t.Fatal(err)
	}
	var m wire.FromHost
	if err := json.Unmarshal(frame, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// A tester's requests go to the extension, and its answers back.
func TestRequests(t *testing.T) {
	until := record.At(time.Date(2026, 11, 22, 10, 14, 0, 0, time.UTC))
	call := wire.SimulatedCall{Args: json.RawMessage(`["chat_started"]`), Undefined: []string{}}
	large := wire.SimulatedCall{Args: json.RawMessage(`["` + strings.Repeat("x", 1<<20) + `"]`), Undefined: []string{}}
	h := ask(t,
		simulation.Request{ID: "pages", Until: until},
		simulation.Request{ID: "large", Until: until, Document: "d", Calls: []wire.SimulatedCall{large}},
		simulation.Request{ID: "run", Until: until, Document: "d", Calls: []wire.SimulatedCall{call}, Pause: 100},
	)
	go h.write(t, `{"type":"hello","protocol":1,"extension":"0.1.0","browser":{"name":"Firefox","profile":"`+simulating+`"}}`)
	if m := h.next(t); m.Type != wire.Welcome {
		t.Fatalf("%+v", m)
	}
	if m := h.next(t); m.Type != wire.AskPages || m.ID != "pages" {
		t.Errorf("got %+v, want the question for pages", m)
	}
	if a := <-h.answers; a.id != "large" || a.Step == nil || a.Step.Stage != wire.Stopped || a.Step.Why != "too-large" {
		t.Errorf("a request that no browser takes: %+v", a)
	}
	m := h.next(t)
	if m.Type != wire.Simulate || m.ID != "run" || m.Document != "d" || m.Pause != 100 || !m.Until.Equal(until.Time) ||
		len(m.Calls) != 1 || string(m.Calls[0].Args) != `["chat_started"]` {
		t.Errorf("got %+v", m)
	}
	if a := <-h.answers; a.id != "run" || !a.Taken {
		t.Errorf("%+v, want that it was taken", a)
	}
	h.write(t,
		`{"type":"pages","id":"pages","pages":[{"document":"d","tab":1,"frame":0,"url":"https://shop.example/","handler":true}]}`,
		`{"type":"simulation","id":"run","stage":"called","index":0,"record":"d/7","outcome":"threw","threw":"TypeError: x"}`,
		`{"type":"simulation"}`, `{"type":"pages","pages":7}`,
	)
	page := wire.OpenPage{Document: "d", Tab: 1, URL: "https://shop.example/", Handler: true}
	if a := <-h.answers; a.id != "pages" || !a.Asked || !slices.Equal(a.Pages, []wire.OpenPage{page}) {
		t.Errorf("%+v", a)
	}
	if a := <-h.answers; a.id != "run" || *a.Step != (wire.Step{Stage: wire.Called, Record: "d/7", Outcome: wire.Threw, Threw: "TypeError: x"}) {
		t.Errorf("%+v", a)
	}
	go h.write(t,
		`{"type":"simulation","id":"left","stage":"calling","index":3}`, // whose command was interrupted
		`{"type":"simulation","id":"left","stage":"stopped","index":4,"why":"cancelled"}`,
	)
	if m := h.next(t); m.Type != wire.Cancel || m.ID != "left" {
		t.Errorf("got %+v, want an end of what nobody waits for", m)
	}
	<-h.answers
	<-h.answers
	go io.Copy(io.Discard, h.out)
	h.extension.Close()
	if err := <-h.done; err != nil {
		t.Error(err)
	}
	select {
	case a := <-h.answers:
		t.Errorf("an answer without a question: %+v", a)
	default:
	}
}

// A host that is told to end has stored and acknowledged what it had read, and says so
// before it does.
func TestEnd(t *testing.T) {
	in, extension := io.Pipe()
	out, said := io.Pipe()
	m := &memory{}
	o := options(in, said, m)
	requests := make(chan simulation.Request)
	o.Requests = func(context.Context, string) <-chan simulation.Request { return requests }
	answers := make(chan simulation.Answer, 1)
	o.Answer = func(_, _ string, a simulation.Answer) error { answers <- a; return nil }
	done := make(chan error, 1)
	go func() { done <- host.Serve(t.Context(), o) }()
	for _, message := range []string{hello, records(call(1))} {
		if _, err := extension.Write(frames(message)); err != nil {
			t.Fatal(err)
		}
		if _, err := wire.ReadFrame(out); err != nil {
			t.Fatal(err)
		}
	}
	requests <- simulation.Request{ID: "end", End: true}
	if err := <-done; err != nil {
		t.Error(err)
	}
	if a := <-answers; !a.Taken {
		t.Errorf("answer %+v", a)
	}
}
