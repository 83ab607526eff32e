package tui_test

import (
	"testing"

	"userlike-inspector/nativehost/internal/tui/tuitest"
)

// TestNarrowEvents: in a narrow window the list of events shows findings instead of sites.
func TestNarrowEvents(t *testing.T) {
	for _, cells := range []int{40, 60} {
		screen := tuitest.New(cells, 20)
		run(t, options(newStore(t, visit()), screen))
		screen.WaitText(t, "6 calls", "✗ handler-thr")
	}
}
