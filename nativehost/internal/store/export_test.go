package store

import (
	"context"
	"fmt"
)

// SetFree makes s believe in so much free space.
func SetFree(s *Store, bytes uint64) { s.free = func(string) (uint64, error) { return bytes, nil } }

// LimitPages keeps the writer from using more than n pages of the file, but not
// fewer than it has: what a full disk does. 0 takes the limit away.
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
