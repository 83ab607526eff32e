package store_test

import (
	"context"
	"os"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/store"
)

// follow starts to follow s and takes the first wake.
func follow(t *testing.T, s *store.Store) <-chan struct{} {
	t.Helper()
	wakes, err := s.Follow(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	wake(t, wakes)
	return wakes
}

// wake waits for a wake.
func wake(t *testing.T, wakes <-chan struct{}) {
	t.Helper()
	select {
	case _, open := <-wakes:
		if !open {
			t.Fatal("the channel is closed")
		}
	case <-time.After(deadline):
		t.Fatal("no wake came")
	}
}

// await waits until s has the row last, looking only when woken.
func await(t *testing.T, s *store.Store, wakes <-chan struct{}, last int64) {
	t.Helper()
	for {
		wake(t, wakes)
		got, err := s.Last(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if got >= last {
			return
		}
	}
}

func TestFollowWakesForEveryStore(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	mine, other := open(t, path), open(t, path)
	first, second := follow(t, mine), follow(t, mine)
	add(t, mine, call("d", 1))
	await(t, mine, first, 1)
	await(t, mine, second, 1)
	add(t, other, call("d", 2))
	await(t, mine, first, 2)
	await(t, mine, second, 2)
}

func TestFollowCoalesces(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	s, other := open(t, path), open(t, path)
	wakes, err := s.Follow(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for seq := range 100 {
		add(t, other, call("d", seq))
	}
	// One wake waits, as the reader has not received it. Two more can come later: from
	// a look that had already begun, and from the second look after an event.
	wake(t, wakes)
	if last, err := s.Last(t.Context()); last != 100 || err != nil {
		t.Fatalf("last row %d, %v", last, err)
	}
	more := 0
	for more < 3 {
		select {
		case <-wakes:
			more++
			continue
		case <-time.After(200 * time.Millisecond): // longer than the slowest look
		}
		break
	}
	if more > 2 {
		t.Errorf("%d more wakes without news", more)
	}
}

// A commit without a file event is found too, even after events announced all others.
func TestFollowWithoutEvents(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	s := open(t, path)
	wakes := follow(t, s)
	add(t, s, call("d", 1))
	await(t, s, wakes, 1)
	// Hard links in another folder are the same files, but writing through them causes
	// no events in the folder that is watched.
	elsewhere := newPath(t)
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Link(path+suffix, elsewhere+suffix); err != nil {
			t.Fatal(err)
		}
	}
	other := open(t, elsewhere)
	<-time.After(store.Restful)
	for seq := 2; seq <= 4; seq++ {
		add(t, other, call("d", seq))
		await(t, s, wakes, int64(seq))
	}
}

func TestFollowEnds(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*store.Store, context.CancelFunc){
		"with its context": func(_ *store.Store, cancel context.CancelFunc) { cancel() },
		"with its store":   func(s *store.Store, _ context.CancelFunc) { s.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, newPath(t))
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			wakes, err := s.Follow(ctx)
			if err != nil {
				t.Fatal(err)
			}
			wake(t, wakes)
			end(s, cancel)
			select {
			case _, open := <-wakes:
				if open {
					t.Error("a wake without news")
				}
			case <-time.After(deadline):
				t.Error("the channel stays open")
			}
		})
	}
}
