package store

import (
	"context"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

const (
	// A file event on the WAL can come before the commit is visible: SQLite writes
	// the frames first and then the index in shared memory, which causes no event.
	// So a follower looks at once, and once more after this time. (A file that
	// writers touch after each commit would be exact, but needs one more system call
	// for each commit, and misses the commit of a writer that dies before it.)
	settled = time.Millisecond

	// poll is how often a follower looks without an event. It finds commits on
	// network file systems, when the system has no watches left, or when a writer
	// was interrupted in the middle of a commit.
	poll = 50 * time.Millisecond

	// If file events work here, and no event came during the last lively polls, a
	// follower looks only at every restful'th poll, so that a terminal that is open
	// all day costs almost nothing. Events work if they have announced commits, and
	// no poll has ever found one that they had missed.
	lively, restful = 20, 10
)

// Follow returns a channel that gives a value at once, and then each time that any
// process has appended something, or the store has become unreadable or readable again.
// Values do not pile up: one stands for all that happened since the last was received.
// The reader then calls After, Rows or the like, whose error says whether the store can
// be read. The channel is closed when ctx ends or the store is closed.
func (s *Store) Follow(ctx context.Context) (<-chan struct{}, error) {
	last, err := s.Last(ctx)
	if err != nil {
		return nil, err
	}
	wake := make(chan struct{}, 1)
	wake <- struct{}{}
	f := &follower{store: s, wake: wake, last: last}
	ctx, cancel := context.WithCancel(ctx)
	context.AfterFunc(s.closing, cancel)
	s.followers.Go(func() {
		defer close(wake)
		defer cancel()
		f.run(ctx)
	})
	return wake, nil
}

// follower is the state of one call of Follow.
type follower struct {
	store  *Store
	wake   chan<- struct{}
	last   int64
	failed bool
}

func (f *follower) run(ctx context.Context) {
	var events <-chan fsnotify.Event
	var failures <-chan error
	// Watch the folder, not the file: SQLite deletes the WAL when the last process
	// closes the store, and makes a new one later.
	if watcher, err := fsnotify.NewWatcher(); err == nil {
		defer watcher.Close()
		if watcher.Add(filepath.Dir(f.store.resolved)) == nil {
			events, failures = watcher.Events, watcher.Errors
		}
	}
	name := filepath.Base(f.store.resolved)
	poll := time.NewTicker(poll)
	defer poll.Stop()
	again := time.NewTimer(settled)
	defer again.Stop()
	quiet := 0 // polls since the last event
	var told, missed bool
	for {
		select {
		case <-ctx.Done():
			return
		case event := <-events:
			if !strings.HasPrefix(filepath.Base(event.Name), name) {
				continue
			}
			again.Reset(settled)
			quiet = 0
		case <-failures: // too many events; it must be received, or no more come
			quiet = 0
		case <-again.C:
		case <-poll.C:
			if quiet++; told && !missed && quiet > lively && quiet%restful != 0 {
				continue
			}
		}
		if f.look(ctx) {
			told = told || quiet <= 1
			missed = missed || quiet > lively
		}
	}
}

// look wakes the reader if the store has changed since the last look, and returns
// whether it has.
func (f *follower) look(ctx context.Context) bool {
	last, err := f.store.Last(ctx)
	if ctx.Err() != nil {
		return false
	}
	failed := err != nil
	if failed == f.failed && (failed || last == f.last) {
		return false
	}
	f.failed = failed
	if !failed {
		f.last = last
	}
	select {
	case f.wake <- struct{}{}:
	default: // the reader has not yet received the last one
	}
	return true
}
