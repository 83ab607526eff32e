package cli

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/atotto/clipboard"
)

// copyTimeout is how long copying may take. On some systems the clipboard is reached
// through another program, which may hang.
const copyTimeout = 5 * time.Second

// copyText puts text on this machine's clipboard. Over SSH that is an error, because the
// user sits at another machine.
func copyText(ctx context.Context, text string) error {
	if os.Getenv("SSH_CONNECTION") != "" {
		return errors.New("the clipboard is on another machine")
	}
	ctx, cancel := context.WithTimeout(ctx, copyTimeout)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- clipboard.WriteAll(text) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
