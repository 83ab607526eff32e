package browser

import (
	"context"
	"time"
)

// poll waits for what neither a browser nor the system tells of: it looks again and again,
// until holds says so or ctx ends, whose cause it returns.
func poll(ctx context.Context, holds func() bool) error {
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for !holds() {
		select {
		case <-look.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}
