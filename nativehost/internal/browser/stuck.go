package browser

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// patience is how long a page may take to answer before it counts as stuck. A page that
// is only slow, on a busy machine, answers earlier.
const patience = 10 * time.Second

// Stuck returns the addresses of pages that do not answer because a script in them never ends.
// It works only in a browser without a window. After Hurry ends, pages without an answer are
// not listed.
func (s *Session) Stuck() []string {
	stuck := s.driver.stuck(s.hurry)
	slices.Sort(stuck)
	return slices.Compact(stuck)
}

// stuck asks every page to evaluate something trivial.
func (c *chromium) stuck(ctx context.Context) (all []string) {
	u := c.unattended
	if u == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	u.mu.Lock()
	pages := make(map[string]string, len(u.pages))
	for session, target := range u.pages {
		pages[session] = u.addresses[target]
	}
	u.mu.Unlock()
	var asking sync.WaitGroup
	var mu sync.Mutex
	for session, address := range pages {
		asking.Go(func() {
			// If the page has gone, the error comes in time too.
			_ = c.callIn(ctx, session, "Runtime.evaluate", map[string]any{"expression": "0"}, nil)
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				mu.Lock()
				defer mu.Unlock()
				all = append(all, address)
			}
		})
	}
	asking.Wait()
	return all
}

//go:embed stuck.js
var stuckScript string

// stuck lets stuck.js ask every page.
func (f *firefox) stuck(ctx context.Context) (all []string) {
	if !f.headless {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 2*patience)
	defer cancel()
	said, err := f.evaluate(ctx, fmt.Sprintf("{ const patience = %d;\n%s }", patience.Milliseconds(), stuckScript), true)
	if err != nil || json.Unmarshal([]byte(said), &all) != nil {
		return nil // the browser is ending
	}
	return all
}
