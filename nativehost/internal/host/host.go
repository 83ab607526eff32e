// Package host is the native messaging host: the loop that a browser starts
// and talks to over stdin and stdout.
//
// It promises one thing: a record that it acknowledges is stored. The extension keeps all
// others, so the host may be killed at any moment. While the store cannot be written, the
// host keeps trying, tells the extension, and reads only as much as its buffers can hold;
// the browser keeps the rest.
package host

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"userlike-inspector/nativehost/internal/pagestate"
	"userlike-inspector/nativehost/internal/plan"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/simulation"
	"userlike-inspector/nativehost/internal/store"
	"userlike-inspector/nativehost/internal/wire"
	"userlike-inspector/nativehost/internal/words"
)

// Store is where records go; see package store.
type Store interface {
	Append(ctx context.Context, recs []*record.Record) (added int, err error)
	Missing(ctx context.Context, document string, last int64) ([]store.Span, error)
	Document(ctx context.Context, document string, limit int) ([]store.Stored, error)
	Records(ctx context.Context, q store.Query) ([]store.Stored, error)
}

// Options are what a host works with. All fields but Finish and Trace are required.
type Options struct {
	In      io.Reader
	Out     io.Writer
	Version string // the host's own, said at the handshake
	StandIn bool   // whether the extension is to put stand-ins in place
	// Open opens the store. It is called until it succeeds, and again when the opened store has
	// failed.
	Open  func(context.Context) (Store, error)
	Judge func(*record.Record) []record.Finding
	// Heard is called with the extension's hello, also when it is refused, and
	// with the same hello again after each later message.
	Heard func(hello wire.FromExtension)
	// Finish is closed when the browser is to be ended, after its last page.
	Finish <-chan struct{}
	// Finished is called when all records from before Finish are stored.
	Finished func(hello wire.FromExtension)
	// Requests returns the requests of testers' commands to the profile's host, until ctx ends.
	Requests func(ctx context.Context, profile string) <-chan simulation.Request
	// Answer passes on an answer to the request with that id. It fails with
	// simulation.ErrForgotten when nobody waits for it any more.
	Answer func(id, profile string, a simulation.Answer) error
	// Patience is how long a record may be overtaken by later ones of its
	// document before it counts as lost.
	Patience time.Duration
	// Settling is how long a candidate waits until it is decided, because it may have
	// overtaken the record of its call.
	Settling time.Duration
	// Trace are places that the tester wants to watch: a request there belongs to the call
	// just before it.
	Trace []plan.Place
	Quota Quota
	Now   func() time.Time
	Log   *slog.Logger
}

const (
	// maxBatch bounds one transaction, and with it how long the first record
	// of a flood waits for its acknowledgement.
	maxBatch = 1000
	// maxAck is how many bytes an acknowledgement may have, and ackOverhead how many it needs
	// at most for each record besides its id.
	maxAck      = wire.MaxFromHost - 1<<10
	ackOverhead = 200
	// firstRetry and lastRetry bound the pause between attempts to store.
	firstRetry, lastRetry = 100 * time.Millisecond, 5 * time.Second
	// parting is how long the host keeps trying to store after the browser has ended.
	parting = 10 * time.Second
)

// errRefused ends a conversation that cannot continue. The extension was told why.
var errRefused = errors.New("refused")

type host struct {
	Options
	order   order
	hello   wire.FromExtension
	store   Store
	trouble string // what the extension was last told of the store, "" when well
	tabs    *pagestate.Tabs
	usage   usage
	misses  misses
	follow  follower
}

// Serve talks to the extension until the browser closes the stream, which is
// a clean end (nil), or the stream makes no sense any more.
func Serve(ctx context.Context, o Options) error {
	h := &host{Options: o, order: order{}, tabs: pagestate.NewTabs(), usage: usage{quota: o.Quota, documents: map[string]*share{}}, misses: misses{}}
	if err := h.greet(); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, errRefused) {
			return nil
		}
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	h.follow = h.newFollower()
	batches := make(chan arrival)
	var readErr error
	go func() {
		defer close(batches)
		readErr = h.read(ctx, batches)
		if ctx.Err() == nil {
			// Keep trying for a while to store what has been read.
			time.AfterFunc(parting, func() { cancel(errors.New("the browser has gone and the store can't be written")) })
		}
	}()
	writeErr := h.write(ctx, batches)
	if writeErr != nil {
		// The reader may wait forever for the browser, so it is not waited for.
		return writeErr
	}
	return readErr
}

// greet reads the extension's hello and answers it.
func (h *host) greet() error {
	frame, err := wire.ReadFrame(h.In)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(frame, &h.hello); err != nil {
		return fmt.Errorf("the extension's first message is not JSON: %w", err)
	}
	hello := h.hello
	if hello.Type != wire.Hello {
		return fmt.Errorf("the extension's first message is %s instead of %s", words.Quote(hello.Type), words.Quote(wire.Hello))
	}
	h.Heard(hello)
	if hello.Protocol != wire.Protocol {
		update := "extension"
		if hello.Protocol > wire.Protocol {
			update = "host"
		}
		message := fmt.Sprintf("The extension (%s) and the host (%s) don't fit together: update the %s.", hello.Extension, h.Version, update)
		h.Log.Error("refused", "extension", hello.Extension, "protocol", hello.Protocol, "update", update)
		if err := h.say(wire.FromHost{Type: wire.Refused, Protocol: wire.Protocol, Host: h.Version, Update: update, Message: message}); err != nil {
			return err
		}
		return errRefused
	}
	h.Log.Info("connected", "extension", hello.Extension, "browser", hello.Browser)
	return h.say(wire.FromHost{Type: wire.Welcome, Protocol: wire.Protocol, Host: h.Version, StandIn: h.StandIn})
}

func (h *host) say(m wire.FromHost) error { return wire.WriteFrame(h.Out, m) }

// write stores batches and acknowledges them, in order. In between it looks
// for records that never came.
func (h *host) write(ctx context.Context, batches <-chan arrival) error {
	overdue := time.NewTicker(max(h.Patience/4, time.Millisecond))
	defer overdue.Stop()
	finish := h.Finish
	requests := h.Requests(ctx, h.profile())
	for {
		select {
		case r, open := <-requests:
			switch {
			case !open:
				requests = nil
			case r.End:
				err := errors.Join(h.settle(ctx, true), h.countOver(ctx, true))
				h.answer(r.ID, simulation.Answer{Taken: true})
				return err
			default:
				if err := h.request(r); err != nil {
					return err
				}
			}
		case got, open := <-batches:
			if !open {
				return errors.Join(h.settle(ctx, true), h.countOver(ctx, true))
			}
			if err := h.takeAll(ctx, gather(got, batches)); err != nil {
				return err
			}
		case <-h.follow.due():
			if err := h.settle(ctx, false); err != nil {
				return err
			}
		case <-overdue.C:
			if err := h.countOver(ctx, false); err != nil {
				return err
			}
			if err := h.reportMissing(ctx); err != nil {
				return err
			}
			if err := h.tellPages(); err != nil {
				return err
			}
		case <-finish:
			finish = nil
			if err := h.say(wire.FromHost{Type: wire.Finish}); err != nil {
				return err
			}
		}
	}
}

// takeAll handles an arrival, its parts in the order in which they depend on each other.
func (h *host) takeAll(ctx context.Context, got arrival) error {
	if len(got.receipts) > 0 {
		if err := h.take(ctx, got.receipts); err != nil {
			return err
		}
		if err := h.tellPages(); err != nil {
			return err
		}
	}
	if err := h.sayTo(got.settled); err != nil {
		return err
	}
	for _, id := range got.unwanted {
		if err := h.say(wire.FromHost{Type: wire.Cancel, ID: id}); err != nil {
			return err
		}
	}
	if err := h.countMissed(ctx, got); err != nil {
		return err
	}
	h.hold(got.candidates)
	if err := h.settle(ctx, got.finished); err != nil {
		return err
	}
	if got.finished {
		h.Finished(h.hello)
	}
	return nil
}

// take stores what has come and acknowledges it.
func (h *host) take(ctx context.Context, got []receipt) error {
	recs := h.usage.admit(got, h.Now())
	for _, r := range recs {
		if r.Findings == nil && r.Kind == record.Gap {
			r.Findings = h.Judge(r)
		}
	}
	if err := h.keep(ctx, recs); err != nil {
		h.Log.Error("not stored, and so not acknowledged", "records", len(recs), "error", err)
		return err
	}
	h.order.note(recs, h.Now())
	h.follow.note(recs, h.Now())
	if err := h.acknowledge(got); err != nil {
		return err
	}
	h.see(ctx, recs)
	return nil
}

// gather adds what else has arrived by now. So a flood is stored in few transactions, and a
// single record does not wait.
func gather(got arrival, batches <-chan arrival) arrival {
	for len(got.receipts)+len(got.candidates) < maxBatch && !got.finished {
		select {
		case more, open := <-batches:
			if !open {
				return got
			}
			got.receipts = append(got.receipts, more.receipts...)
			got.candidates = append(got.candidates, more.candidates...)
			got.settled = append(got.settled, more.settled...)
			got.unreadable += more.unreadable
			got.dropped += more.dropped
			got.missed = append(got.missed, more.missed...)
			got.unwanted = append(got.unwanted, more.unwanted...)
			got.finished = more.finished
		default:
			return got
		}
	}
	return got
}

// keep stores recs however long it takes, telling the extension when it can't
// and when it can again. It fails only when ctx ends.
func (h *host) keep(ctx context.Context, recs []*record.Record) error {
	for pause := firstRetry; ; pause = min(2*pause, lastRetry) {
		err := h.try(ctx, recs)
		if err == nil {
			return h.tell("")
		}
		if ctx.Err() != nil {
			return fmt.Errorf("%w: %w", context.Cause(ctx), err)
		}
		if err := h.tell(words.Plain(err)); err != nil {
			return err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", context.Cause(ctx), err)
		}
	}
}

func (h *host) try(ctx context.Context, recs []*record.Record) error {
	if err := h.open(ctx); err != nil {
		return err
	}
	_, err := h.store.Append(ctx, recs)
	if err != nil {
		h.store = nil // the file may have been deleted or replaced: open it anew
	}
	return err
}

// open opens the store if it is not open, and reads back what an earlier host left.
func (h *host) open(ctx context.Context) error {
	if h.store == nil {
		s, err := h.Open(ctx)
		if err != nil {
			return err
		}
		h.store = s
	}
	return h.recall(ctx)
}

// tell sends the state of the store if it has changed.
func (h *host) tell(trouble string) error {
	if trouble == h.trouble {
		return nil
	}
	h.trouble = trouble
	ok := trouble == ""
	if ok {
		h.Log.Info("store is well again")
	} else {
		h.Log.Error("store can't be written, will try again", "error", trouble)
	}
	return h.say(wire.FromHost{Type: wire.Store, OK: &ok, Message: trouble})
}

// acknowledge tells the extension that records are stored or counted, with the number of
// their findings, by the ids under which it sent them.
func (h *host) acknowledge(got []receipt) error {
	var verdicts []wire.Verdict
	size := 0
	say := func() error {
		if len(verdicts) == 0 {
			return nil
		}
		err := h.say(wire.FromHost{Type: wire.Ack, Records: verdicts})
		verdicts, size = nil, 0
		return err
	}
	for _, r := range got {
		name, err := json.Marshal(r.sent)
		if err != nil || r.sent == "" || len(name) > maxAck {
			h.Log.Error("a record cannot be acknowledged by its name", "bytes", len(r.sent))
			continue
		}
		if size += len(name) + ackOverhead; size > maxAck {
			if err := say(); err != nil {
				return err
			}
			size = len(name) + ackOverhead
		}
		verdict := wire.Verdict{ID: r.sent}
		for _, f := range r.Findings {
			switch f.Severity {
			case record.Error:
				verdict.Error++
			case record.Warning:
				verdict.Warning++
			case record.Info:
				verdict.Info++
			}
		}
		verdicts = append(verdicts, verdict)
	}
	return say()
}
