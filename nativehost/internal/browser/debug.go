//go:build browsers

package browser

import (
	"context"
	"encoding/json"
	"fmt"

	"userlike-inspector/nativehost/internal/words"
)

// Debug sends the browser a command in its own debugging protocol. Tests use it to do what
// can happen to a tester's browser, so it is only built for them. For Chromium it is a
// method of the Chrome DevTools Protocol, whose result is returned; for Firefox it is
// JavaScript for the parent process that evaluates to a promise of a string.
func (s *Session) Debug(ctx context.Context, command string, params map[string]any) (string, error) {
	if f, ok := s.driver.(*firefox); ok {
		answer, err := f.evaluate(ctx, command, true)
		if err != nil {
			return "", fmt.Errorf("evaluating %s: %w", words.Quote(command), err)
		}
		return answer, nil
	}
	return s.DebugIn(ctx, "", command, params)
}

// DebugIn is Debug for one target of Chromium. session is the answer of
// Target.attachToTarget.
func (s *Session) DebugIn(ctx context.Context, session, command string, params map[string]any) (string, error) {
	var result json.RawMessage
	err := s.driver.(*chromium).callIn(ctx, session, command, params, &result)
	return string(result), err
}
