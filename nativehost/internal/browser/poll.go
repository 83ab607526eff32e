package browser

import (
	"context"
	"time"
)

// poll waits for something that nothing reports: it calls holds again and again until that is
// true. If ctx ends before, it returns its cause.
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
