//go:build browsers && linux

package e2e

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/store"
	"userlike-inspector/nativehost/internal/tui"
	"userlike-inspector/nativehost/internal/tui/tuitest"
)

// BenchmarkMillion shows a store of a million records. It measures how soon the newest records
// are on the screen, how long a page up takes, how soon a filter's newest matches are shown and
// when everything has been searched, and within a scope how long the slowest key takes. Then it
// starts the program in a terminal until it has judged everything, and lnav on the same records
// as JSON Lines, to compare their memory.
//
//	go test -tags browsers -run '^$' -bench Million -benchtime 1x ./nativehost/e2e
func BenchmarkMillion(b *testing.B) {
	s, lines := large(b, mistakes{}, true)
	show := func(b *testing.B) (screen *tuitest.Screen, end func()) {
		screen = tuitest.New(120, 40)
		ctx, cancel := context.WithCancel(b.Context())
		o := options(b, s, screen)
		o.Now = func() time.Time { return noon }
		ended := make(chan error, 1)
		go func() { ended <- tui.Run(ctx, o) }()
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
	b.Run("keys in a scope", func(b *testing.B) {
		screen.Press(b, "/", "Ctrl-U")
		screen.Type("-event:slot_check")
		screen.Press(b, "Enter")
		screen.WaitText(b, "990000 of 1000000") // which is judged meanwhile
		keys := strings.Fields("2 3 4 5 6 7 8 1 k j N x b u ' t t t Tab n Tab g G y Esc / Esc Space")
		worst, slowest := time.Duration(0), ""
		for b.Loop() {
			for _, key := range keys {
				syncs, began := screen.Syncs(), time.Now()
				screen.Press(b, key, "Ctrl-L")
				screen.Wait(b, key, func(tuitest.Frame) bool { return screen.Syncs() != syncs })
				if took := time.Since(began); took > worst {
					worst, slowest = took, key
				}
			}
		}
		b.Logf("the slowest key is %s", slowest)
		b.ReportMetric(float64(worst.Microseconds())/1000, "ms-slowest-key")
	})
	end()
	b.Run("program", func(b *testing.B) { inViews(b, s) })
	b.Run("lnav", func(b *testing.B) {
		command := "HOME=" + b.TempDir() + " lnav -I " + lnavFormat(b) + " " + lines
		_, resident := inTerminal(b, command, fmt.Sprintf("document-%d/50", million/50-1), func(string) bool { return true })
		b.ReportMetric(resident(), "MB-resident")
	})
}

// BenchmarkMemory measures the memory that the program takes for a million records with more
// and more mistakes in them, in every view.
//
//	go test -tags browsers -run '^$' -bench Memory -benchtime 1x ./nativehost/e2e
func BenchmarkMemory(b *testing.B) {
	for _, m := range []struct {
		name string
		mistakes
	}{
		{"three findings on each visit", mistakes{ofVisits: 15}},
		{"a finding on visits with each call", mistakes{ofVisits: 1}},
		{"a finding on each other call, stored", mistakes{own: 2, stored: true}},
		{"findings on each call, not stored", mistakes{own: 1}}, // as by a plan
		{"both with each call", mistakes{own: 1, ofVisits: 1}},
	} {
		b.Run(m.name, func(b *testing.B) {
			s, _ := large(b, m.mistakes, false)
			inViews(b, s)
		})
	}
}

// inViews starts the program in a terminal, waits until it has judged everything, and goes
// through its views, of all that there is and of a scope.
func inViews(b *testing.B, s *store.Store) {
	command := self(b) + " --store " + s.Path()
	term, resident := inTerminal(b, command, "── chat_window_minimized", func(shown string) bool { return !strings.Contains(shown, "judging") })
	most := resident()
	views := func() {
		for _, view := range [][2]string{{"2", "RULE"}, {"3", "EXPECTED"}, {"4", "WHAT WAS SENT"}, {"5", "PLACE"}, {"6", "FUNCTION"}, {"8", "BEGAN"}} {
			term.press(view[0])
			term.wait(view[1])
			most = max(most, resident())
		}
	}
	views()
	term.press("1", "/")
	term.press("-l", "kind:call")
	term.press("Enter")
	term.wait("/kind:call")
	views()
	b.ReportMetric(most, "MB-resident")
}

// inTerminal starts a program in a terminal. It reports how soon the newest record is shown and
// when the program is done. resident is the memory that the program has when it is called.
func inTerminal(b *testing.B, command, newest string, done func(shown string) bool) (term *terminal, resident func() float64) {
	pid := filepath.Join(b.TempDir(), "pid")
	began := time.Now()
	term = startInTmux(b, 120, 40, fmt.Sprintf("sh -c 'echo $$ >%s; LC_ALL=C.UTF-8 exec env %s'", pid, command))
	shown := term.wait(newest)
	b.ReportMetric(float64(time.Since(began).Milliseconds()), "ms-to-newest")
	for again := time.NewTicker(time.Second); !done(shown); shown = term.wait(newest) {
		<-again.C
	}
	b.ReportMetric(time.Since(began).Seconds(), "s-to-done")
	number, err := os.ReadFile(pid)
	if err != nil {
		b.Fatal(err)
	}
	return term, func() float64 {
		rss, err := exec.Command("ps", "-o", "rss=", "-p", strings.TrimSpace(string(number))).Output()
		if err != nil {
			b.Fatal(err)
		}
		kb, err := strconv.ParseFloat(strings.TrimSpace(string(rss)), 64)
		if err != nil {
			b.Fatal(err)
		}
		return kb / 1024
	}
}

// lnavFormat makes a folder with lnav's description of our JSON Lines.
func lnavFormat(b *testing.B) string {
	dir := b.TempDir()
	format := filepath.Join(dir, "formats", "records")
	if err := os.MkdirAll(format, 0o755); err != nil {
		b.Fatal(err)
	}
	write(b, filepath.Join(format, "format.json"), `{
		"$schema": "https://lnav.org/schemas/format-v1.schema.json",
		"records": {
			"title": "Records",
			"json": true,
			"hide-extra": true,
			"timestamp-field": "time",
			"body-field": "id",
			"value": {"id": {"kind": "string"}, "kind": {"kind": "string"}},
			"line-format": [{"field": "__timestamp__"}, " ", {"field": "kind"}, " ", {"field": "id"}]
		}
	}`)
	return dir
}

// mistakes says which mistakes a large store has besides the usual ones.
type mistakes struct {
	ofVisits int  // every n-th call of a visit brings a finding on the visit; 0 for none
	own      int  // every n-th call has findings on itself; 0 for none
	stored   bool // these are stored with the call; they are not if a plan brings them
}

const million = 1_000_000

// noon is when a large store ends.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// large makes a store of visits of 50 records each, about 1 KB a record and, if asLines is set,
// a file of the same as JSON Lines.
func large(b *testing.B, m mistakes, asLines bool) (s *store.Store, lines string) {
	b.Helper()
	lines = filepath.Join(b.TempDir(), "events.jsonl")
	file, err := os.Create(lines)
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	w := bufio.NewWriter(file)
	defer func() {
		if err := w.Flush(); err != nil {
			b.Fatal(err)
		}
	}()
	s, err = store.Open(b.Context(), filepath.Join(b.TempDir(), "events.db"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	in, err := inspect.New()
	if err != nil {
		b.Fatal(err)
	}
	var batch []*record.Record
	for i := range million {
		r := m.record(i)
		if m.stored {
			r.Findings = in.Judge(r)
		}
		if asLines {
			line, err := record.Encode(r)
			if err != nil {
				b.Fatal(err)
			}
			w.Write(append(line, '\n')) // Flush returns its error
		}
		if batch = append(batch, r); len(batch) == 2000 {
			if _, err := s.Append(b.Context(), batch); err != nil {
				b.Fatal(err)
			}
			batch = batch[:0]
		}
	}
	return s, lines
}

// record is the i-th record of a large store.
func (m mistakes) record(i int) *record.Record {
	names := []string{"button_displayed", "chat_requested", "disclaimer_ok", "chat_started", "contact_first_message", "chat_connected"}
	visit, seq := i/50, i%50+1
	r := &record.Record{Kind: record.Page, Event: "opened"}
	if seq > 1 {
		name, widget := []string{"message_client_terminating", "message_operator_terminating"}[seq%2], "34"
		switch {
		case i == million-1:
			name = "chat_window_minimized"
		case m.ofVisits > 0 && seq%m.ofVisits == 0:
			name = "error_message"
		case i%100 == 60: // no answer follows
			name = "slot_check"
		case visit%10 == 9 && seq == 3: // in the place of the event that later ones need
			name = "chat_window_maximized"
		case seq-2 < len(names):
			name = names[seq-2]
		}
		if m.own > 0 && i%m.own == 0 {
			widget = `"34"`
		}
		global := fmt.Sprintf(`{"client_uuid":"c-%d","operator_group_id":12,"widget_id":%s,"widget_lang":"de"}`, visit, widget)
		session := fmt.Sprintf(`{"session_id":"s-%d","custom_data":{"basket":{"total":%d,"note":%q}}}`, visit, i%90, strings.Repeat("tea ", 150))
		r = &record.Record{
			Kind:    record.Call,
			Args:    json.RawMessage(fmt.Sprintf("[%q,%s,%s]", name, global, session)),
			Handled: &record.HandlerAtCall{State: record.Assigned},
		}
	}
	tab := visit % 9
	r.V, r.Seq, r.Document = 1, int64(seq), fmt.Sprintf("document-%d", visit)
	r.ID, r.Tab, r.URL = fmt.Sprintf("%s/%d", r.Document, seq), &tab, "https://shop.example/basket"
	r.TopURL, r.Browser = r.URL, &record.Browser{Name: "Chromium", Version: "156.0", Profile: "p"}
	r.Time = record.At(noon.Add(time.Duration(i-million) * time.Second))
	return r
}
