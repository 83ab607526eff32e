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
	return s.DebugIn(ctx, "", command, params)
}

// DebugIn is Debug for a part of Chromium: session is what
// Target.attachToTarget has answered.
func (s *Session) DebugIn(ctx context.Context, session, command string, params map[string]any) (string, error) {
	var result json.RawMessage
	err := s.driver.(*chromium).callIn(ctx, session, command, params, &result)
	return string(result), err
}
