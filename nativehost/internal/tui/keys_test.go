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

// reach is what to press, step by step, to get to the middle of a place. Each place of a view
// has the view's name, in small letters.
var reach = map[string][][]string{
	"events":     {{"g", "Ctrl-F", "Ctrl-F", "Ctrl-F", "Ctrl-F"}},
	"detail":     {{"g", "j", "j", "j", "j", "j"}, {"Tab", "j", "j", "j", "j", "j", "j"}},
	"findings":   {{"2"}, {"j", "j", "j"}},
	"coverage":   {{"3"}, {"j", "j", "j", "j"}},
	"consent":    {{"4"}, {"j", "j", "j", "j", "j"}},
	"shape":      {{"5"}, {"j", "j", "j", "j", "j", "j", "j"}},
	"sources":    {{"6"}, {"j", "j"}},
	"forwarding": {{"7"}, {"j", "j", "l"}},
	"visits":     {{"8"}, {"j"}},
	"help":       {{"?", "j", "j", "j", "j"}},
	"quitting":   {{"q"}},
	"filter":     {{"/", "k", "i", "n", "d", ":", "c", "a", "l", "l", "Enter"}, {"/", "Ctrl-U", "s", "Enter"}, {"/", "Up"}},
	"prompt":     {{"w", "Ctrl-U", "/", "n", "o", "/", "x", "Enter"}, {"w", "Ctrl-U", "/"}},
	"simulate":   {{"g", "j", "j", "j", "j", "j"}, {"S"}},
	"agreement":  {{"g", "j", "j", "j", "j", "j"}, {"s"}},
	"compare":    {{"g", "j", "j", "j", "j", "j"}, {"c"}, {"j", "j"}, {"c"}, {"n", "n"}},
	"only":       {{"g", "j", "j", "j", "j", "j"}, {"Tab", "j"}, {"f"}},
	"copy":       {{"g", "j", "j", "j", "j", "j"}, {"Tab", "j"}, {"y"}},
}

// besides is what else to press, where a key would otherwise have nothing to do.
var besides = map[string][]string{
	"events Esc":   {"\\"},
	"detail l":     {"h"},
	"detail Right": {"h"},
	"filter Down":  {"Up"},
	"prompt Down":  {"Up"},
}

// TestEveryKey presses every key of the table in every place where it is bound, and sees that
// the screen changes.
func TestEveryKey(t *testing.T) {
	// There are enough events before and after the cursor, with findings on both sides, and
	// enough pages and visits.
	records := numbered(append(append(visit(), many(30)...), visit()...), 1)
	records = slices.Concat(inDocument(forwarded(), "fifth"), records)
	for _, document := range []string{"second", "third", "fourth"} {
		records = slices.Concat(elsewhere(numbered(visit(), 1), document), records)
	}
	s := newStore(t, records)
	for _, b := range tui.Keys() {
		for _, place := range b.Places {
			if reach[place] == nil {
				t.Fatalf("reach lacks %q: add what to press to get to the middle of it, where every key has something to do", place)
			}
			for _, key := range b.Keys {
				t.Run(fmt.Sprintf("%s/%s", place, key), func(t *testing.T) {
					t.Parallel()
					screen := tuitest.New(80, 24)
					o := options(s, screen)
					if place == "quitting" {
						o.Status = make(chan string) // the browser is there
					}
					ended := run(t, o)
					screen.WaitText(t, "64 calls", "── chat_window_minimized")
					for _, keys := range append(reach[place], besides[place+" "+key]) {
						screen.Press(t, keys...)
						settled(t, screen)
					}
					before := settled(t, screen)
					syncs := screen.Syncs()
					screen.Press(t, key)
					switch {
					case strings.HasPrefix(b.Does, "quit") || strings.HasPrefix(b.Does, "back, ") && place == "events":
						if err := <-ended; err != nil {
							t.Error(err)
						}
					case key == "Ctrl-L", key == "Ctrl-Z":
						screen.Wait(t, "a screen drawn anew", func(tuitest.Frame) bool { return screen.Syncs() > syncs })
					default:
						screen.Wait(t, "a change by "+key+" of:\n"+before.Text(), func(f tuitest.Frame) bool {
							return !reflect.DeepEqual(f, before)
						})
					}
				})
			}
		}
	}
}

// TestHelp: the help page has every key and every term of a filter, in wide and narrow windows.
func TestHelp(t *testing.T) {
	for _, width := range []int{100, 50} {
		screen := tuitest.New(width, 400)
		run(t, options(newStore(t, visit()), screen))
		screen.WaitText(t, "── chat_window_minimized")
		screen.Press(t, "?")
		text := squeeze(screen.WaitText(t, "Events and detail").Text())
		for _, b := range tui.Keys() {
			if len(b.Places) == 1 && b.Places[0] == "help" {
				continue // the hint bar shows these while the help is open
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

// TestHelpOfTyping: what brings back and completes is told of whatever is typed.
func TestHelpOfTyping(t *testing.T) {
	screen := tuitest.New(100, 400)
	run(t, options(newStore(t, visit()), screen))
	screen.WaitText(t, "── chat_window_minimized")
	screen.Press(t, "?")
	_, text, _ := strings.Cut(screen.WaitText(t, "While a filter is typed").Text(), "While a filter is typed")
	filtering, rest, _ := strings.Cut(text, "While anything else is typed")
	other, _, _ := strings.Cut(rest, "Mouse")
	for _, key := range []string{"Enter", "Esc", "Tab", "S-Tab", "↑", "↓"} {
		for name, part := range map[string]string{"a filter": filtering, "anything else": other} {
			if !strings.Contains(part, "  "+key+" ") {
				t.Errorf("the help lacks %s while %s is typed:\n%s", key, name, part)
			}
		}
	}
}

// TestHelpScrolls: each page down or up shows another part of the help, the first one already.
func TestHelpScrolls(t *testing.T) {
	screen := tuitest.New(80, 24)
	run(t, options(newStore(t, visit()), screen))
	screen.WaitText(t, "── chat_window_minimized")
	screen.Press(t, "?")
	screen.WaitText(t, "Events and detail")
	screen.Press(t, "PgDn")
	screen.WaitText(t, "put a mark, a label")
	screen.Press(t, "k", "k", "PgUp")
	screen.WaitText(t, "Events and detail")
	screen.Press(t, "G", "k")
	f := screen.Wait(t, "the end", func(f tuitest.Frame) bool { return !strings.Contains(f.Text(), "Events and detail") })
	screen.Press(t, "PgUp")
	screen.Wait(t, "another page", func(next tuitest.Frame) bool { return next.Text() != f.Text() })
}

// squeeze removes all spaces from a text, and so the places where it is broken into lines.
func squeeze(s string) string { return strings.Join(strings.Fields(s), "") }
