package browser_test

import (
	"context"
	"testing"

	"userlike-inspector/nativehost/internal/browser"
)

// A page that had no time to answer, because the system is about to end this program, is
// not called stuck.
func TestNoTimeToAnswer(t *testing.T) {
	t.Parallel()
	hurry, cancel := context.WithCancel(t.Context())
	cancel()
	if stuck := browser.Unanswered(t, hurry).Stuck(); len(stuck) > 0 {
		t.Errorf("%q count as stuck", stuck)
	}
}
