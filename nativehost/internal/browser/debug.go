package browser

import (
	"context"
	"encoding/json"
	"fmt"
)

// Debug gives the browser a command in its own debugging protocol, for tests
// that do to a browser what befalls a tester's: to Chromium a method of the
// Chrome DevTools Protocol, whose result is the answer; to Firefox JavaScript,
// for its parent process, that gives a promise of a string.
func (s *Session) Debug(ctx context.Context, command string, params map[string]any) (string, error) {
	if f, ok := s.driver.(*firefox); ok {
		answer, err := f.evaluate(ctx, command, true)
		if err != nil {
			return "", fmt.Errorf("evaluating %q: %w", command, err)
		}
		return answer, nil
	}
	var result json.RawMessage
	err := s.driver.(*chromium).call(ctx, command, params, &result)
	return string(result), err
}
