package tui_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/store"
	"userlike-inspector/nativehost/internal/tui"
	"userlike-inspector/nativehost/internal/tui/tuitest"
)

// moody is a store that calls a test's functions before it answers. They may be nil.
type moody struct {
	tui.Store
	rows    func(context.Context) error // before Rows, which fails with its error
	record  func()                      // before Record
	records func()                      // before Records
}

func (m *moody) Records(ctx context.Context, q store.Query) ([]store.Stored, error) {
	if m.records != nil {
		m.records()
	}
	return m.Store.Records(ctx, q)
}

func (m *moody) Rows(ctx context.Context, q store.Query) ([]store.Row, error) {
	if m.rows != nil {
		if err := m.rows(ctx); err != nil {
			return nil, err
		}
	}
	return m.Store.Rows(ctx, q)
}

func (m *moody) Record(ctx context.Context, row int64) (*record.Record, error) {
	if m.record != nil {
		m.record()
	}
	return m.Store.Record(ctx, row)
}

// TestPanic: after a panic, wherever it was, the terminal is given back and the panic returned.
func TestPanic(t *testing.T) {
	empty := newStore(t, nil)
	for name, spoil := range map[string]func(*tui.Options, *moody){
		"in a query": func(_ *tui.Options, m *moody) { m.record = func() { panic("out of cheese") } },
		"in judging": func(_ *tui.Options, m *moody) { m.records = func() { panic("out of cheese") } },
		"in looking": func(o *tui.Options, m *moody) {
			m.Store = empty
			o.Installation = func(context.Context) ([]tui.Check, error) { panic("out of cheese") }
		},
		"in reopening": func(o *tui.Options, m *moody) {
			m.rows = func(context.Context) error { return store.ErrReplaced }
			o.Reopen = func(context.Context) (tui.Store, error) { panic("out of cheese") }
		},
		"in drawing": func(o *tui.Options, _ *moody) { o.Now = func() time.Time { panic("out of cheese") } },
	} {
		t.Run(name, func(t *testing.T) {
			screen := tuitest.New(80, 24)
			m := &moody{Store: newStore(t, visit())}
			o := options(m, screen)
			spoil(&o, m)
			err := <-run(t, o)
			if err == nil || !strings.Contains(err.Error(), "out of cheese") || !strings.Contains(err.Error(), "_test.go") {
				t.Errorf("got %v, want the panic and where it was", err)
			}
			if !screen.Finished() {
				t.Error("the terminal was not given back")
			}
		})
	}
}

// TestSlowStore: keys are handled while a query of the store takes long.
func TestSlowStore(t *testing.T) {
	ready, blocked := make(chan struct{}), make(chan struct{}, 1)
	m := &moody{Store: newStore(t, visit())}
	m.rows = func(ctx context.Context) error {
		select {
		case blocked <- struct{}{}:
		default:
		}
		select {
		case <-ready:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	screen := tuitest.New(80, 24)
	run(t, options(m, screen))
	<-blocked
	screen.Press(t, "?")
	screen.WaitText(t, "Events and detail")
	screen.Press(t, "Esc")
	close(ready)
	screen.WaitText(t, "── chat_window_minimized")
}

// TestBurst: keys are handled while ten thousand records come in, and in the end all of them are
// there.
func TestBurst(t *testing.T) {
	s := newStore(t, visit())
	screen := tuitest.New(80, 24)
	run(t, options(s, screen))
	screen.WaitText(t, "── chat_window_minimized")
	keys, done := make(chan struct{}), make(chan error, 1)
	records := numbered(many(10000), 12)
	go func() {
		var err error
		for i := 0; i < len(records) && err == nil; i += 100 {
			if i%2000 == 1000 {
				<-keys
			}
			_, err = s.Append(context.Background(), records[i:i+100])
		}
		done <- err
	}()
	for coming := true; coming; {
		screen.Press(t, "?")
		screen.WaitText(t, "Events and detail")
		screen.Press(t, "Esc")
		screen.Wait(t, "the events", func(f tuitest.Frame) bool { return !strings.Contains(f.Text(), "Events and detail") })
		select {
		case keys <- struct{}{}: // more records come only after these keys were handled
		case err := <-done:
			if coming = false; err != nil {
				t.Fatal(err)
			}
		}
	}
	screen.WaitText(t, "10006 calls", "── chat_window_maximized")
	screen.Press(t, "g")
	screen.WaitText(t, "── page opened")
}

// TestStoreError: an error of the store is shown. When it is over, everything goes on, also a
// search that failed.
func TestStoreError(t *testing.T) {
	var broken atomic.Bool
	s := newStore(t, visit())
	m := &moody{Store: s, rows: func(context.Context) error {
		if broken.Load() {
			return errors.New("disk on fire")
		}
		return nil
	}}
	screen := tuitest.New(80, 24)
	run(t, options(m, screen))
	screen.WaitText(t, "── chat_window_minimized")
	screen.Press(t, "/")
	screen.Type("maximized")
	screen.WaitText(t, "No record matches")
	broken.Store(true)
	add(t, s, numbered(many(1), 12))
	screen.WaitText(t, "disk on fire")
	broken.Store(false)
	screen.Wait(t, "the record", func(f tuitest.Frame) bool {
		return strings.Contains(f.Text(), "1 of 12") && strings.Contains(f.Text(), "7 calls") && !strings.Contains(f.Text(), "disk on fire")
	})
}

// reopening are the options for a store whose file the terminal UI looks after.
func reopening(s *store.Store, screen *tuitest.Screen) tui.Options {
	o := options(s, screen)
	o.StorePath = s.Path()
	o.Reopen = func(ctx context.Context) (tui.Store, error) { return store.OpenExisting(ctx, s.Path()) }
	return o
}

// TestStoreEmptied: when the store's file is emptied, that is shown, and the file stays empty.
func TestStoreEmptied(t *testing.T) {
	s := newStore(t, visit())
	screen := tuitest.New(80, 24)
	ended := run(t, reopening(s, screen))
	screen.WaitText(t, "6 calls", "── chat_window_minimized")
	if err := os.Truncate(s.Path(), 0); err != nil {
		t.Fatal(err)
	}
	screen.WaitText(t, "✗ the file was emptied or cut while it was open", "nothing was recorded into it")
	screen.Press(t, "m", "x", "Enter")
	screen.WaitText(t, "not marked: the file was emptied or cut")
	screen.Press(t, "q")
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(s.Path()); err != nil || len(b) > 0 {
		t.Errorf("the file has %d bytes, %v", len(b), err)
	}
	if left := descriptors(t, s.Path()); left > 0 {
		t.Errorf("%d descriptors of the file are left", left)
	}
}

// descriptors counts this process's open descriptors of a store's files. On systems without /proc
// it is 0.
func descriptors(t *testing.T, path string) (count int) {
	t.Helper()
	open, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range open {
		if to, err := os.Readlink(one); err == nil && strings.HasPrefix(to, path) {
			count++
		}
	}
	return count
}

// overwritten is a store that answers from another one, if there is one, as if that had been
// written into its file.
type overwritten struct {
	tui.Store
	other atomic.Pointer[store.Store]
}

func (s *overwritten) now() tui.Store {
	if other := s.other.Load(); other != nil {
		return other
	}
	return s.Store
}

func (s *overwritten) Last(ctx context.Context) (int64, error) { return s.now().Last(ctx) }
func (s *overwritten) Rows(ctx context.Context, q store.Query) ([]store.Row, error) {
	return s.now().Rows(ctx, q)
}
func (s *overwritten) Record(ctx context.Context, row int64) (*record.Record, error) {
	return s.now().Record(ctx, row)
}
func (s *overwritten) Records(ctx context.Context, q store.Query) ([]store.Stored, error) {
	return s.now().Records(ctx, q)
}

// TestStoreOverwritten: when another recording, shorter or longer, is copied over the one that is
// shown, it is shown from its beginning.
func TestStoreOverwritten(t *testing.T) {
	for _, n := range []int{3, 30} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			s := newStore(t, visit())
			other := newStore(t, elsewhere(numbered(many(n), 1), "other"))
			shown := &overwritten{Store: s}
			screen := tuitest.New(100, 24)
			o := options(shown, screen)
			o.Reopen = func(ctx context.Context) (tui.Store, error) { return store.Open(ctx, other.Path()) }
			run(t, o)
			screen.WaitText(t, "6 calls", "── chat_window_minimized")
			shown.other.Store(other)
			add(t, s, numbered(many(1), 12)) // so that the interface looks at the store
			screen.WaitText(t, "another recording was written into the file while it was open; this is what is there now")
			screen.WaitText(t, fmt.Sprintf("%d calls  ✗ %d ", n, 4*n), "── chat_window_maximized")
		})
	}
}

// TestInstallation: keys are handled while the installation is checked. The checks, or an error, are
// shown until something is recorded.
func TestInstallation(t *testing.T) {
	s := newStore(t, nil)
	screen := tuitest.New(80, 24)
	o := options(s, screen)
	o.Browser, o.URL = "", ""
	found := make(chan error)
	o.Installation = func(ctx context.Context) ([]tui.Check, error) {
		select {
		case err := <-found:
			return nil, err
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	run(t, o)
	if f := screen.WaitText(t, "Looking at them", "j ↓ down", "? F1 help"); strings.Contains(f.Text(), "Enter") {
		t.Errorf("there is nothing to open:\n%s", f.Text())
	}
	for key, says := range map[string]string{
		"e": "there is nothing to write",
		"w": "there is nothing to write",
		"z": "nothing has been recorded yet",
	} {
		screen.Press(t, key)
		screen.WaitText(t, says)
	}
	screen.Press(t, "?")
	screen.WaitText(t, "Events and detail")
	screen.Press(t, "Esc")
	found <- errors.New("there is no browser here")
	screen.WaitText(t, "there is no browser here")
	add(t, s, numbered(many(1), 1))
	f := screen.WaitText(t, "1 call", "── chat_window_maximized")
	if strings.Contains(f.Text(), "no browser") {
		t.Errorf("the installation is still told of:\n%s", f.Text())
	}
}

// TestLongTrouble: a message that is too long for the header or the footer is shown in full above
// the footer.
func TestLongTrouble(t *testing.T) {
	const long = "the disk is on fire; put it out, then wait for the smoke to clear, and try again in a while"
	var broken atomic.Bool
	s := newStore(t, visit())
	m := &moody{Store: s, rows: func(context.Context) error {
		if broken.Load() {
			return errors.New(long)
		}
		return nil
	}}
	screen := tuitest.New(80, 24)
	o := options(m, screen)
	file := byPlan(t, &o, "plan.yaml", "name: Checkout\n")
	o.Mark = func(context.Context, string) error { return errors.New(long) }
	run(t, o)
	screen.WaitText(t, "plan Checkout", "── chat_window_minimized")
	const second = "name: Second\n"
	write(t, file, second)
	screen.WaitText(t, "plan Second", "the plan has changed")
	write(t, file, "events:\n  buton_displayed: {count: 0}\n")
	screen.WaitText(t, "✗ plan.yaml:2:3: there is no event", "did you mean button_displayed?")
	screen.Press(t, "/")
	screen.WaitText(t, "✗ plan.yaml:2:3: there is no event", "did you mean button_displayed?", "✓ event:")
	screen.Press(t, "Esc")
	write(t, file, second)
	f := screen.Wait(t, "no complaint", func(f tuitest.Frame) bool { return !strings.Contains(f.Text(), "buton_displayed") })
	if strings.Contains(f.Text(), "the plan has changed") {
		t.Errorf("the plan is as it was before, but:\n%s", f.Text())
	}
	screen.Press(t, "m", "x", "Enter")
	screen.WaitText(t, "not marked: the disk is on fire", "again in a while")
	screen.Press(t, "k")
	screen.Wait(t, "no complaint", func(f tuitest.Frame) bool { return !strings.Contains(f.Text(), "on fire") })
	broken.Store(true)
	add(t, s, numbered(many(1), 12))
	screen.WaitText(t, "✗ the disk is on fire", "again in a while")
	broken.Store(false)
	screen.Wait(t, "no complaint", func(f tuitest.Frame) bool { return !strings.Contains(f.Text(), "on fire") })
}

// slow is a store whose older rows can be searched only when a test opens the gate.
type slow struct {
	tui.Store
	half int64 // the rows up to this one are the older ones
	gate chan struct{}
}

func (s slow) Rows(ctx context.Context, q store.Query) ([]store.Row, error) {
	if len(q.Where) > 0 && q.After < s.half {
		select {
		case <-s.gate:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return s.Store.Rows(ctx, q)
}

// TestSlowSearch: a search goes back through a long recording. The cursor is in the end on the row
// that it was on, or on the first one, unless the user has moved it meanwhile.
func TestSlowSearch(t *testing.T) {
	var records []*record.Record
	for i := range 5000 {
		event := "chat_window_maximized"
		if slices.Contains([]int{4, 9, 3499, 4899}, i) {
			event = "error_message"
		}
		records = append(records, call(event, global, `{}`))
	}
	all := newStore(t, numbered(records, 1))
	on := func(n string) string { return "record   " + document + "/" + n + "\n" }
	for name, tt := range map[string]struct {
		keys []string // pressed first; after a "/" a filter is typed
		then []string // pressed while the older half is still to be searched
		want string   // on the screen when all has been searched
	}{
		"the first of a board's": {[]string{"2", "Enter"}, nil, on("5")},
		"stays on its row":       {[]string{"g", "j", "j", "j", "j", "j", "j", "j", "j", "j", "/"}, nil, on("10")},
		"the user moves":         {[]string{"g", "/"}, []string{"G", "k"}, on("3500")},
		"as it was":              {[]string{"g", "j", "/"}, []string{"Esc"}, on("2")},
	} {
		t.Run(name, func(t *testing.T) {
			s := slow{all, 3000, make(chan struct{})}
			screen := tuitest.New(120, 40)
			run(t, options(s, screen))
			screen.WaitText(t, "5000 calls", on("5000"))
			for _, key := range tt.keys {
				settled(t, screen)
				screen.Press(t, key)
			}
			if tt.keys[len(tt.keys)-1] == "/" {
				screen.Type("event:error_message")
				screen.WaitText(t, "% searched", "2 of 5000")
				if name != "as it was" {
					screen.Press(t, "Enter")
				}
			}
			screen.WaitText(t, "── error_message")
			screen.Press(t, tt.then...)
			if name == "the user moves" {
				screen.WaitText(t, tt.want)
			}
			close(s.gate)
			screen.Wait(t, "the end of the search", func(f tuitest.Frame) bool { return !strings.Contains(f.Text(), "% searched") })
			screen.WaitText(t, tt.want)
		})
	}
}
