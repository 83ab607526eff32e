//go:build unix

package store_test

import (
	"slices"
	"testing"
	"time"
)

// Windows may tell of what is written to a file that is open only when it reaches the
// disk (https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-readdirectorychangesw):
// there the poll finds it.
func TestFollowIsPrompt(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	s, other := open(t, path), open(t, path)
	wakes := follow(t, s)
	var delays []time.Duration
	for seq := 1; seq <= 41; seq++ {
		start := time.Now()
		add(t, other, call("d", seq))
		await(t, s, wakes, int64(seq))
		delays = append(delays, time.Since(start))
	}
	slices.Sort(delays)
	if median := delays[len(delays)/2]; median > 25*time.Millisecond {
		t.Errorf("a wake takes %v at the median: only the poll finds changes", median)
	}
}
