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

// A tester's requests go to the extension, and its answers back.
func TestRequests(t *testing.T) {
	const profile = "d2719b5c-6e6e-4f52-9f0e-6b0a7a3f4f11"
	in, extension := io.Pipe()
	out, said := io.Pipe()
	o := options(in, said, &memory{})
	until := record.At(time.Date(2026, 11, 22, 10, 14, 0, 0, time.UTC))
	call := wire.SimulatedCall{Args: json.RawMessage(`["chat_started"]`), Undefined: []string{}}
	large := wire.SimulatedCall{Args: json.RawMessage(`["` + strings.Repeat("x", 1<<20) + `"]`), Undefined: []string{}}
	requests := make(chan simulation.Request, 3)
	for _, r := range []simulation.Request{
		{ID: "pages", Until: until},
		{ID: "large", Until: until, Document: "d", Calls: []wire.SimulatedCall{large}},
		{ID: "run", Until: until, Document: "d", Calls: []wire.SimulatedCall{call}, Pause: 100},
	} {
		requests <- r
	}
	o.Requests = func(_ context.Context, of string) <-chan simulation.Request {
		if of != profile {
			t.Errorf("requests of %q", of)
		}
		return requests
	}
	type answered struct {
		id string
		simulation.Answer
	}
	answers := make(chan answered, 10)
	o.Answer = func(id, of string, a simulation.Answer) error {
		if of != profile || a.Browser.Profile != profile {
			t.Errorf("an answer of %q", of)
		}
		answers <- answered{id, a}
		if id == "left" {
			return simulation.ErrForgotten
		}
		return nil
	}
	done := make(chan error, 1)
	go func() { done <- host.Serve(t.Context(), o) }()
	write := func(messages ...string) {
		if _, err := extension.Write(frames(messages...)); err != nil {
			t.Error(err)
		}
	}
	next := func() wire.FromHost {
		t.Helper()
		frame, err := wire.ReadFrame(out)
		if err != nil {
			t.Fatal(err)
		}
		var m wire.FromHost
		if err := json.Unmarshal(frame, &m); err != nil {
			t.Fatal(err)
		}
		return m
	}
	go write(`{"type":"hello","protocol":1,"extension":"0.1.0","browser":{"name":"Firefox","profile":"` + profile + `"}}`)
	if m := next(); m.Type != wire.Welcome {
		t.Fatalf("%+v", m)
	}
	if m := next(); m.Type != wire.AskPages || m.ID != "pages" {
		t.Errorf("got %+v, want the question for pages", m)
	}
	if a := <-answers; a.id != "large" || a.Step == nil || a.Step.Stage != wire.Stopped || a.Step.Why != "too-large" {
		t.Errorf("a request that no browser takes: %+v", a)
	}
	m := next()
	if m.Type != wire.Simulate || m.ID != "run" || m.Document != "d" || m.Pause != 100 || !m.Until.Equal(until.Time) || len(m.Calls) != 1 || string(m.Calls[0].Args) != `["chat_started"]` {
		t.Errorf("got %+v", m)
	}
	if a := <-answers; a.id != "run" || !a.Taken {
		t.Errorf("%+v, want that it was taken", a)
	}
	write(
		`{"type":"pages","id":"pages","pages":[{"document":"d","tab":1,"frame":0,"url":"https://shop.example/","handler":true}]}`,
		`{"type":"simulation","id":"run","stage":"called","index":0,"record":"d/7","outcome":"threw","threw":"TypeError: x"}`,
		`{"type":"simulation"}`, `{"type":"pages","pages":7}`,
	)
	if a := <-answers; a.id != "pages" || !a.Asked || !slices.Equal(a.Pages, []wire.OpenPage{{Document: "d", Tab: 1, URL: "https://shop.example/", Handler: true}}) {
		t.Errorf("%+v", a)
	}
	if a := <-answers; a.id != "run" || *a.Step != (wire.Step{Stage: wire.Called, Record: "d/7", Outcome: wire.Threw, Threw: "TypeError: x"}) {
		t.Errorf("%+v", a)
	}
	go write(
		`{"type":"simulation","id":"left","stage":"calling","index":3}`, // whose command was interrupted
		`{"type":"simulation","id":"left","stage":"stopped","index":4,"why":"cancelled"}`,
	)
	if m := next(); m.Type != wire.Cancel || m.ID != "left" {
		t.Errorf("got %+v, want an end of what nobody waits for", m)
	}
	<-answers
	<-answers
	go io.Copy(io.Discard, out)
	extension.Close()
	if err := <-done; err != nil {
		t.Error(err)
	}
	select {
	case a := <-answers:
		t.Errorf("an answer without a question: %+v", a)
	default:
	}
}
