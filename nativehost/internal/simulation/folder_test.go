package simulation_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/simulation"
	"userlike-inspector/nativehost/internal/wire"
)

const deadline = 20 * time.Second

// receive waits for the next request.
func receive(t *testing.T, requests <-chan simulation.Request) simulation.Request {
	t.Helper()
	select {
	case r := <-requests:
		return r
	case <-time.After(deadline):
		t.Fatal("no request came")
	}
	return simulation.Request{}
}

// A request that is forgotten while a host takes it leaves nothing behind. Otherwise the
// extension would think that somebody still waits for it.
func TestForgottenWhileTaken(t *testing.T) {
	t.Parallel()
	folder := simulation.Of(filepath.Join(t.TempDir(), "events.db"))
	for n := range 200 {
		id := fmt.Sprint("run", n)
		if err := folder.Put(simulation.Request{ID: id}); err != nil {
			t.Fatal(err)
		}
		request := filepath.Join(string(folder), id+".json")
		taken := make(chan error)
		go func() { taken <- os.Rename(request, filepath.Join(string(folder), id+".taken")) }()
		folder.Forget(id)
		<-taken // an error where it was too late
		gone(t, folder)
	}
}

// gone fails if a folder is still there.
func gone(t *testing.T, folder simulation.Folder) {
	t.Helper()
	if left, err := os.ReadDir(string(folder)); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("the folder is still there, with %v: %v", left, err)
	}
}

// Without the store's own folder, a request cannot be put anywhere.
func TestNowhereToPut(t *testing.T) {
	t.Parallel()
	folder := simulation.Of(filepath.Join(t.TempDir(), "none", "events.db"))
	if err := folder.Put(simulation.Request{ID: "run"}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it says %v", err)
	}
}

// Of two commands that end at the same time, one removes the folder, and a third one that
// starts then makes it anew.
func TestForgottenAtOnce(t *testing.T) {
	t.Parallel()
	folder := simulation.Of(filepath.Join(t.TempDir(), "events.db"))
	for n := range 200 {
		ids := []string{fmt.Sprint("a", n), fmt.Sprint("b", n)}
		for _, id := range ids {
			if err := folder.Put(simulation.Request{ID: id}); err != nil {
				t.Fatal(err)
			}
			if err := folder.Answer(id, "p", simulation.Answer{Taken: true}); err != nil {
				t.Fatal(err)
			}
		}
		var ending sync.WaitGroup
		for _, id := range ids {
			ending.Go(func() { folder.Forget(id) })
		}
		third := fmt.Sprint("c", n)
		if n%2 == 0 {
			if err := folder.Put(simulation.Request{ID: third}); err != nil {
				t.Fatal(err)
			}
		}
		ending.Wait()
		folder.Forget(third)
		gone(t, folder)
	}
}

// An answer that comes when the command is just ending leaves nothing behind.
func TestAnsweredAtTheEnd(t *testing.T) {
	t.Parallel()
	folder := simulation.Of(filepath.Join(t.TempDir(), "events.db"))
	for n := range 200 {
		id := fmt.Sprint("run", n)
		for _, r := range []string{id, "other"} {
			if err := folder.Put(simulation.Request{ID: r}); err != nil {
				t.Fatal(err)
			}
		}
		var answering sync.WaitGroup
		for profile := range 8 {
			answering.Go(func() {
				if err := folder.Answer(id, fmt.Sprint(profile), simulation.Answer{Taken: true}); err != nil && !errors.Is(err, simulation.ErrForgotten) {
					t.Error(err)
				}
			})
		}
		folder.Forget(id)
		answering.Wait()
		folder.Forget("other")
		gone(t, folder)
	}
}

func TestRequestsAreTakenOnceByWhomTheyAreFor(t *testing.T) {
	folder := simulation.Of(filepath.Join(t.TempDir(), "events.db"))
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	later := record.At(now.Add(time.Minute))
	ctx, stop := context.WithCancel(t.Context())
	first := folder.Requests(ctx, "a", clock)
	other := folder.Requests(t.Context(), "b", clock)
	calls := []wire.SimulatedCall{{Args: []byte(`["chat_started"]`), Undefined: []string{}}}

	for _, r := range []simulation.Request{
		{ID: "late", Until: record.At(now.Add(-time.Second)), Profile: "a", Calls: calls},
		{ID: "pages", Until: later},
	} {
		if err := folder.Put(r); err != nil {
			t.Fatal(err)
		}
	}
	for _, requests := range []<-chan simulation.Request{first, other} {
		if r := receive(t, requests); r.ID != "pages" {
			t.Errorf("got %q, want the question for pages", r.ID)
		}
	}
	if err := folder.Put(simulation.Request{ID: "run", Until: later, Profile: "a", Document: "d", Calls: calls}); err != nil {
		t.Fatal(err)
	}
	if r := receive(t, first); r.ID != "run" || r.Document != "d" || string(r.Calls[0].Args) != `["chat_started"]` {
		t.Errorf("got %+v", r)
	}
	stop()
	again := folder.Requests(t.Context(), "a", clock) // as if the host had died and was started again
	if r := receive(t, again); r.ID != "pages" {
		t.Errorf("got %q a second time", r.ID)
	}
	if err := folder.Put(simulation.Request{ID: "next", Until: later, Profile: "a", Calls: calls}); err != nil {
		t.Fatal(err)
	}
	if r := receive(t, again); r.ID != "next" {
		t.Errorf("got %q, which another host had taken", r.ID)
	}

	for _, a := range []simulation.Answer{{Taken: true}, {Step: &wire.Step{Stage: wire.Ended}}} {
		if err := folder.Answer("next", "a", a); err != nil {
			t.Fatal(err)
		}
	}
	answers, err := folder.Answers("next")
	if err != nil || len(answers) != 2 || !answers[0].Taken || answers[1].Step.Stage != wire.Ended {
		t.Errorf("answers %+v, %v", answers, err)
	}
	for _, id := range []string{"late", "pages", "run", "next"} {
		folder.Forget(id)
	}
	if err := folder.Answer("next", "a", simulation.Answer{Taken: true}); !errors.Is(err, simulation.ErrForgotten) {
		t.Errorf("an answer that nobody waits for: %v", err)
	}
	if left, _ := filepath.Glob(string(folder)); len(left) > 0 {
		t.Errorf("%s is left", left)
	}
}
