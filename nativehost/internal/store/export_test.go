package store

import (
	"context"
	"fmt"
)

// SetFree makes s see so much free space.
func SetFree(s *Store, bytes uint64) { s.free = func(string) (uint64, error) { return bytes, nil } }

// LimitPages acts like a full disk: the file cannot grow beyond n pages, or beyond the
// pages that it already has. 0 removes the limit.
func LimitPages(ctx context.Context, s *Store, n int64) error {
	if n == 0 {
		n = 1 << 30
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.openWriter(ctx); err != nil {
		return err
	}
	_, err := s.writer.conn.ExecContext(ctx, fmt.Sprintf("PRAGMA max_page_count = %d", n))
	return err
}

// Restful is how long it takes until a follower that finds nothing looks only rarely.
const Restful = (lively + 2) * poll
