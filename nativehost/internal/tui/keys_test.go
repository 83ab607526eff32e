package tui_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/filter"
	"userlike-inspector/nativehost/internal/tui"
	"userlike-inspector/nativehost/internal/tui/tuitest"
)

// TestEveryKey presses every key of the table in every place where it is
// bound, and sees that the screen changes by it.
func TestEveryKey(t *testing.T) {
	// Enough events before and after the cursor, with findings on both sides, and
	// enough pages and visits.
	records := numbered(append(append(visit(), many(30)...), visit()...), 1)
	records = slices.Concat(inDocument(forwarded(), "fifth"), records)
	for _, document := range []string{"second", "third", "fourth"} {
		records = slices.Concat(elsewhere(numbered(visit(), 1), document), records)
	}
	s := newStore(t, records)
	reach := map[string][][]string{ // what to press to get to the middle of a place, step by step
		"events":   {{"g", "Ctrl-F", "Ctrl-F", "Ctrl-F", "Ctrl-F"}},
		"detail":   {{"g", "j", "j", "j", "j", "j"}, {"Tab", "j", "j", "j", "j", "j", "j"}},
		"findings": {{"2"}, {"j", "j", "j"}}, "coverage": {{"3"}, {"j", "j", "j", "j"}}, "consent": {{"4"}, {"j", "j", "j", "j", "j"}},
		"shape": {{"5"}, {"j", "j", "j", "j", "j", "j", "j"}}, "sources": {{"6"}, {"j", "j"}},
		"forwarding": {{"7"}, {"j", "j", "l"}},
		"help":       {{"?", "j", "j", "j", "j"}},
		"filter":     {{"/", "s"}},
		"prompt":     {{"m", "x"}},
		"simulate":   {{"g", "j", "j", "j", "j", "j"}, {"S"}},
		"agreement":  {{"g", "j", "j", "j", "j", "j"}, {"s"}},
		"copy":       {{"g", "j", "j", "j", "j", "j"}, {"Tab", "j"}, {"y"}},
	}
	first := map[string][]string{ // what makes a key that has nothing to do there do something
		"events Esc": {"\\"}, "detail l": {"h"}, "detail Right": {"h"},
	}
	for _, b := range tui.Keys() {
		for _, place := range b.Places {
			for _, key := range b.Keys {
				t.Run(fmt.Sprintf("%s/%s", place, key), func(t *testing.T) {
					t.Parallel()
					screen := tuitest.New(80, 24)
					ended := run(t, options(s, screen))
					screen.WaitText(t, "64 calls", "── chat_window_minimized")
					for _, keys := range append(reach[place], first[place+" "+key]) {
						screen.Press(t, keys...)
						settled(t, screen)
					}
					before := settled(t, screen)
					syncs := screen.Syncs()
					screen.Press(t, key)
					switch {
					case strings.HasPrefix(b.Does, "quit") || b.Does == "back, or quit" && place == "events":
						if err := <-ended; err != nil {
							t.Error(err)
						}
					case key == "Ctrl-L", key == "Ctrl-Z":
						screen.Wait(t, "a screen drawn anew", func(tuitest.Frame) bool { return screen.Syncs() > syncs })
					default:
						screen.Wait(t, "a change by "+key+" of:\n"+before.Text(), func(f tuitest.Frame) bool { return !reflect.DeepEqual(f, before) })
					}
				})
			}
		}
	}
}

// TestHelp: the help page tells of every key and of every term of a filter, in
// narrow windows on more lines.
func TestHelp(t *testing.T) {
	for _, width := range []int{100, 50} {
		screen := tuitest.New(width, 250)
		run(t, options(newStore(t, visit()), screen))
		screen.WaitText(t, "── chat_window_minimized")
		screen.Press(t, "?")
		text := squeeze(screen.WaitText(t, "Events and detail").Text())
		for _, b := range tui.Keys() {
			if len(b.Places) == 1 && b.Places[0] == "help" {
				continue // the hint bar tells of those while help is shown
			}
			if !strings.Contains(text, squeeze(b.Show+b.Does)) {
				t.Errorf("the help page %d cells wide lacks %s: %s", width, b.Show, b.Does)
			}
		}
		for _, term := range filter.Terms() {
			if !strings.Contains(text, squeeze(term.Example+term.Meaning)) {
				t.Errorf("the help page %d cells wide lacks %s: %s", width, term.Example, term.Meaning)
			}
		}
	}
}

// TestHelpScrolls: the first page down already shows what was out of sight.
func TestHelpScrolls(t *testing.T) {
	screen := tuitest.New(80, 24)
	run(t, options(newStore(t, visit()), screen))
	screen.WaitText(t, "── chat_window_minimized")
	screen.Press(t, "?")
	screen.WaitText(t, "Events and detail")
	screen.Press(t, "PgDn")
	screen.WaitText(t, "quit at once")
	screen.Press(t, "k", "k", "PgUp")
	screen.WaitText(t, "Events and detail")
	screen.Press(t, "G", "k")
	f := screen.Wait(t, "the end", func(f tuitest.Frame) bool { return !strings.Contains(f.Text(), "Events and detail") })
	screen.Press(t, "PgUp")
	screen.Wait(t, "another page", func(next tuitest.Frame) bool { return next.Text() != f.Text() })
}

// squeeze leaves out of a text where it is broken into lines.
func squeeze(s string) string { return strings.Join(strings.Fields(s), "") }
