package store

import (
	"context"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

const (
	// An event on the WAL can come before the commit is visible: its frames are
	// written, then the index in shared memory says so, without an event. So a
	// follower looks at once and again after this. (A file that writers touch after
	// the commit would be exact, but costs each of them a system call a commit and a third
	// file, and does not tell of the commit of a writer that dies between the two.)
	settled = time.Millisecond

	// poll finds what no event told: on network file systems, with no watches
	// left, or when a writer is held up in mid-commit.
	poll = 50 * time.Millisecond

	// Where events have told of commits, and a poll never of one that they had not,
	// there is only a look at every restful'th poll when none came in the last lively
	// ones: a terminal that is open all day is to cost nothing.
	lively, restful = 20, 10
)

// Follow returns a channel that wakes its reader at once, and then when any process
// has appended something or the store has become unreadable or readable again, which the
// reader's next call tells. Wakes do not pile up: one stands for all that
// happened since the last was received. The channel is closed when ctx ends or the
// store is closed.
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

// follower is what one Follow has seen and told.
type follower struct {
	store  *Store
	wake   chan<- struct{}
	last   int64
	failed bool
}

func (f *follower) run(ctx context.Context) {
	var events <-chan fsnotify.Event
	var failures <-chan error
	// The folder, not the file: the WAL is deleted and made anew when all have
	// closed the store in between.
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
		case <-failures: // too many events: look, it has to be read to get more
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

// look wakes the reader if the store is not as it was when last looked at, and
// tells whether that is so.
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
	default: // the reader has one waiting
	}
	return true
}
