package tui_test

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/store"
	"userlike-inspector/nativehost/internal/tui"
	"userlike-inspector/nativehost/internal/tui/tuitest"
)

// BenchmarkMillion shows a store of a million records: how soon the newest are
// on the screen, how long a page up takes, how soon a filter's newest matches
// are there and when all has been searched, and what memory it all takes, once
// everything has been judged.
func BenchmarkMillion(b *testing.B) {
	const records = 1_000_000
	s := large(b, records)
	show := func(b *testing.B) (screen *tuitest.Screen, end func()) {
		screen = tuitest.New(120, 40)
		ctx, cancel := context.WithCancel(b.Context())
		ended := runUntil(ctx, options(s, screen))
		screen.WaitText(b, "following", "── chat_window_minimized")
		return screen, func() {
			cancel()
			if err := <-ended; err != nil {
				b.Error(err)
			}
		}
	}
	b.Run("open", func(b *testing.B) {
		for b.Loop() {
			_, end := show(b)
			end()
		}
	})
	screen, end := show(b)
	defer end()
	b.Run("page up", func(b *testing.B) {
		for b.Loop() {
			before := screen.Frame().Text()
			screen.Press(b, "Ctrl-B")
			screen.Wait(b, "a page up", func(f tuitest.Frame) bool { return f.Text() != before && !strings.Contains(f.Text(), "  …") })
		}
	})
	filtered := func(b *testing.B, found, done string) {
		for b.Loop() {
			screen.Press(b, "/", "Ctrl-U")
			screen.Type("event:slot_check")
			screen.WaitText(b, found, done)
			screen.Press(b, "Esc")
			screen.Wait(b, "all again", func(f tuitest.Frame) bool { return !strings.Contains(f.Text(), " of 1000000") })
		}
	}
	b.Run("filter, first found", func(b *testing.B) { filtered(b, "slot_check", " of 1000000") })
	b.Run("filter, all found", func(b *testing.B) { filtered(b, "slot_check", "10000 of 1000000") })
	b.Run("judge everything", func(b *testing.B) {
		began := time.Now()
		for b.Loop() {
			waitLong(b, screen, func(f tuitest.Frame) bool { return !strings.Contains(f.Text(), "judging") })
		}
		b.ReportMetric(time.Since(began).Seconds(), "s")
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		b.ReportMetric(float64(m.HeapAlloc)/(1<<20), "MB-heap")
	})
}

// runUntil runs the interface until ctx ends.
func runUntil(ctx context.Context, o tui.Options) <-chan error {
	ended := make(chan error, 1)
	go func() { ended <- tui.Run(ctx, o) }()
	return ended
}

// waitLong waits for what takes minutes.
func waitLong(b *testing.B, screen *tuitest.Screen, wanted func(tuitest.Frame) bool) {
	deadline := time.After(10 * time.Minute)
	look := time.NewTicker(100 * time.Millisecond)
	defer look.Stop()
	for !wanted(screen.Frame()) {
		select {
		case <-look.C:
		case <-deadline:
			b.Fatalf("it takes too long:\n%s", screen.Frame().Text())
		}
	}
}

// large makes a store of visits of 50 records each, about 1 KB a record.
func large(b *testing.B, n int) *store.Store {
	b.Helper()
	s, err := store.Open(b.Context(), filepath.Join(b.TempDir(), "events.db"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	names := []string{"button_displayed", "chat_window_maximized", "chat_requested", "disclaimer_ok", "chat_started", "contact_first_message", "chat_window_minimized"}
	filler := strings.Repeat("tea ", 150)
	var batch []*record.Record
	for i := range n {
		visit, seq := i/50, i%50+1
		r := &record.Record{Kind: record.Page, Event: "opened"}
		if seq > 1 {
			name := names[i%len(names)]
			if i%100 == 7 {
				name = "slot_check"
			}
			if i == n-1 {
				name = "chat_window_minimized"
			}
			r = call(name, fmt.Sprintf(`{"client_uuid":"c-%d","operator_group_id":12,"widget_id":34,"widget_lang":"de"}`, visit),
				fmt.Sprintf(`{"session_id":"s-%d","custom_data":{"basket":{"total":%d,"note":%q}}}`, visit, i%90, filler))
		}
		tab := visit % 9
		r.V, r.Seq, r.Document = 1, int64(seq), fmt.Sprintf("document-%d", visit)
		r.ID, r.Tab, r.URL = fmt.Sprintf("%s/%d", r.Document, seq), &tab, "https://shop.example/basket"
		r.TopURL, r.Browser = r.URL, &record.Browser{Name: "Chromium", Version: "156.0", Profile: "p"}
		r.Time = record.At(noon.Add(time.Duration(i-n) * time.Second))
		if batch = append(batch, r); len(batch) == 2000 || i == n-1 {
			if _, err := s.Append(b.Context(), batch); err != nil {
				b.Fatal(err)
			}
			batch = batch[:0]
		}
	}
	return s
}
