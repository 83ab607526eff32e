//go:build !windows

package cli

import "context"

// hurry returns a context that never ends: on these systems a program may take its time
// to end.
func hurry() context.Context { return context.Background() }
