package browser

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"
)

// patience is how long a page may take to answer before it is taken for stuck.
const patience = 3 * time.Second

// Stuck gives the addresses of pages that do not answer, because a script in them runs
// without end. It can be asked for in a browser without a window only.
func (s *Session) Stuck(ctx context.Context) []string {
	stuck := s.driver.stuck(ctx)
	slices.Sort(stuck)
	return slices.Compact(stuck)
}

// stuck asks every page for something that takes it no time.
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
			// An error that says that the page has gone comes in time.
			_ = c.callIn(ctx, session, "Runtime.evaluate", map[string]any{"expression": "0"}, nil)
			if ctx.Err() != nil {
				mu.Lock()
				defer mu.Unlock()
				all = append(all, address)
			}
		})
	}
	asking.Wait()
	return all
}

//go:embed answers.js
var answers string

// stuck leaves it to answers.js to ask every page.
func (f *firefox) stuck(ctx context.Context) (all []string) {
	if !f.headless {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 2*patience)
	defer cancel()
	said, err := f.evaluate(ctx, fmt.Sprintf("{ const patience = %d;\n%s }", patience.Milliseconds(), answers), true)
	if err != nil || json.Unmarshal([]byte(said), &all) != nil {
		return nil // the browser is about to end
	}
	return all
}
