// Package tuitest is a terminal for tests: a simulation screen that can be
// read while a program draws on it, and waited for.
package tuitest

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gdamore/tcell/v2"
)

// patience is how long a test waits for the screen before it fails.
const patience = time.Minute

// A Cell is what one place of the screen shows.
type Cell struct {
	Runes []rune // a character and what combines with it; none behind a wide one
	Style tcell.Style
}

// A Frame is what the screen showed at one moment.
type Frame struct {
	Width, Height int
	Cells         []Cell // row by row
}

// Screen is a simulation screen whose frames may be read from any goroutine.
// Hand it to tui.Options; it is initialised and finished there.
type Screen struct {
	tcell.SimulationScreen

	mu       sync.Mutex
	frame    Frame
	changed  chan struct{} // closed and replaced when a frame is drawn
	syncing  int           // how often Sync was called since the last frame
	syncs    int           // how often Sync was called before the last frame
	bells    int           // how often Beep was called
	mouse    bool          // the program gets the mouse
	finished bool          // Fini was called
}

// New makes a screen of a size, for a locale with UTF-8.
func New(width, height int) *Screen {
	s := &Screen{SimulationScreen: tcell.NewSimulationScreen("UTF-8"), changed: make(chan struct{})}
	s.frame = Frame{Width: width, Height: height}
	return s
}

// Init is called by the program under test.
func (s *Screen) Init() error {
	if err := s.SimulationScreen.Init(); err != nil {
		return err
	}
	s.SimulationScreen.SetSize(s.frame.Width, s.frame.Height)
	return nil
}

// Show is called by the program under test when a frame is complete.
func (s *Screen) Show() {
	s.SimulationScreen.Show()
	cells, width, height := s.GetContents()
	frame := Frame{Width: width, Height: height, Cells: make([]Cell, len(cells))}
	runes := make([]rune, 0, 2*len(cells)) // of all cells, because many small slices take much time
	for i, c := range cells {
		from := len(runes)
		runes = append(runes, c.Runes...)
		frame.Cells[i] = Cell{Runes: runes[from:len(runes):len(runes)], Style: c.Style}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.frame = frame
	s.syncs, s.syncing = s.syncs+s.syncing, 0
	close(s.changed)
	s.changed = make(chan struct{})
}

// Sync is called by the program under test to draw everything anew.
func (s *Screen) Sync() {
	s.SimulationScreen.Sync()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.syncing++
}

// EnableMouse is called by the program under test to get the mouse, DisableMouse
// to leave it to the terminal.
func (s *Screen) EnableMouse(flags ...tcell.MouseFlags) {
	s.SimulationScreen.EnableMouse(flags...)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mouse = true
}

func (s *Screen) DisableMouse() {
	s.SimulationScreen.DisableMouse()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mouse = false
}

// Mouse tells whether the program gets the mouse.
func (s *Screen) Mouse() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.mouse
}

// Fini is called by the program under test at its end.
func (s *Screen) Fini() {
	s.SimulationScreen.Fini()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.finished = true
}

// Finished tells whether the program has given the terminal back.
func (s *Screen) Finished() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.finished
}

// Beep counts a bell.
func (s *Screen) Beep() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bells++
	return nil
}

// Bells is how often the bell rang.
func (s *Screen) Bells() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bells
}

// Syncs is how often everything was drawn anew, as far as frames show it.
func (s *Screen) Syncs() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.syncs
}

// Frame is what the screen shows now.
func (s *Screen) Frame() Frame {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.frame
}

// Text is the frame as lines of text, without spaces at their ends.
func (f Frame) Text() string {
	var b strings.Builder
	for y := range f.Height {
		var row strings.Builder
		for x := 0; x < f.Width && y*f.Width+x < len(f.Cells); x++ {
			row.WriteString(string(f.Cells[y*f.Width+x].Runes))
		}
		b.WriteString(strings.TrimRight(row.String(), " \x00") + "\n")
	}
	return b.String()
}

// Wait waits until the screen is as wanted and returns that frame. It fails
// the test when that does not happen, saying what was waited for and what the
// screen shows.
func (s *Screen) Wait(t testing.TB, what string, wanted func(Frame) bool) Frame {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	for {
		s.mu.Lock()
		frame, changed := s.frame, s.changed
		s.mu.Unlock()
		if wanted(frame) {
			return frame
		}
		select {
		case <-changed:
		case <-deadline.C:
			t.Fatalf("waited in vain for %s; the screen shows:\n%s", what, frame.Text())
		}
	}
}

// WaitText waits until the screen shows all of these texts.
func (s *Screen) WaitText(t testing.TB, texts ...string) Frame {
	t.Helper()
	return s.Wait(t, strings.Join(texts, ", "), func(f Frame) bool {
		shown := f.Text()
		return !slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(shown, text) })
	})
}

// Press presses keys: single characters, "Space", or tcell's names such as
// "Enter", "Esc", "Ctrl-F", "PgDn". An unknown name fails the test.
func (s *Screen) Press(t testing.TB, keys ...string) {
	t.Helper()
	for _, name := range keys {
		if key, ok := keyNamed(name); ok {
			s.InjectKey(key, 0, tcell.ModNone)
		} else if name == "Space" {
			s.InjectKey(tcell.KeyRune, ' ', tcell.ModNone)
		} else if runes := []rune(name); len(runes) == 1 {
			s.InjectKey(tcell.KeyRune, runes[0], tcell.ModNone)
		} else {
			t.Fatalf("there is no key %q", name)
		}
	}
}

func keyNamed(name string) (tcell.Key, bool) {
	for key, n := range tcell.KeyNames {
		if n == name {
			return key, true
		}
	}
	return 0, false
}

// Type types text.
func (s *Screen) Type(text string) {
	for _, r := range text {
		s.InjectKey(tcell.KeyRune, r, tcell.ModNone)
	}
}

// ResizeTo changes the terminal's size.
func (s *Screen) ResizeTo(t testing.TB, width, height int) {
	t.Helper()
	s.SimulationScreen.SetSize(width, height)
	s.Post(t, tcell.NewEventResize(width, height))
}

// Post sends an event as the terminal would, when there is room for it.
func (s *Screen) Post(t testing.TB, event tcell.Event) {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	again := time.NewTicker(time.Millisecond)
	defer again.Stop()
	for s.PostEvent(event) != nil {
		select {
		case <-again.C:
		case <-deadline.C:
			t.Fatalf("nobody takes the event %T", event)
		}
	}
}

// Click presses the mouse's button at a place and lets it go.
func (s *Screen) Click(t testing.TB, x, y int) {
	t.Helper()
	s.Post(t, tcell.NewEventMouse(x, y, tcell.Button1, tcell.ModNone))
	s.Post(t, tcell.NewEventMouse(x, y, tcell.ButtonNone, tcell.ModNone))
}

// Wheel turns the mouse's wheel at a place by notches, upwards if negative.
func (s *Screen) Wheel(t testing.TB, x, y, notches int) {
	t.Helper()
	to := tcell.WheelDown
	if notches < 0 {
		to, notches = tcell.WheelUp, -notches
	}
	for range notches {
		s.Post(t, tcell.NewEventMouse(x, y, to, tcell.ModNone))
	}
}
