package ending_test

import (
	"bytes"
	"context"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/contact"
	"userlike-inspector/nativehost/internal/ending"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/store"
)

// At the browser's end, the program waits until the extension has finished. If that takes too
// long, it says what may be missing.
func TestEndings(t *testing.T) {
	const own, other = "7e8f4a52-2f4f-4a6c-9be5-6f3f3a1f0c11", "0b7c9d8e-5a6f-4f0e-8d3c-2b1a09f8e7d6"
	for _, tt := range []struct {
		name  string
		pages string // document:profile's first letter:event, in order of arrival
		state string // of the extension
		says  string // "" where all is there
	}{
		{"finished", "a:o:opened a:o:hooked a:o:closed", "finished", ""},
		{"finished, nothing recorded", "", "finished", ""},
		{
			name:  "ended by the browser",
			pages: "a:o:opened b:o:opened c:t:opened a:o:gone b:o:closed c:t:gone",
			state: "finished",
			says: "before they had sent everything, so calls made as they were closed may be missing:\n" +
				"  https://shop.example/a\n",
		},
		{"nobody heard", "", "unheard", "see whether \"/state/host.log\" says why."},
		{"unfinished", "a:o:opened a:o:closed", "heard", "did not confirm in time that it has sent everything"},
		{"open", "a:o:opened a:o:hooked b:o:opened b:o:closed", "heard", "may be missing:\n  https://shop.example/a\n"},
		{"only hooked", "a:o:hooked", "heard", "may be missing:\n  https://shop.example/a\n"},
		{"open again", "a:o:opened a:o:closed a:o:opened", "heard", "may be missing:\n  https://shop.example/a\n"},
		{"closed again", "a:o:opened a:o:closed a:o:opened a:o:closed", "heard", "did not confirm in time that it has sent everything"},
		{"another browser's", "b:t:opened", "heard", "did not confirm in time that it has sent everything"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			folder := t.TempDir()
			s, err := store.Open(t.Context(), filepath.Join(folder, "events.db"))
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			for i, page := range strings.Fields(tt.pages) {
				part := strings.Split(page, ":")
				last := strconv.Itoa(i + 1)
				profile := map[string]string{"o": own, "t": other}[part[1]]
				if part[2] == "gone" {
					part[2], last = "closed", "closed"
				}
				r := &record.Record{
					V: record.Version, Kind: record.Page, ID: part[0] + "/" + last, Seq: int64(i + 1), Time: record.At(time.Now()),
					Document: part[0], URL: "https://shop.example/" + part[0], Event: record.PageEvent(part[2]), Browser: &record.Browser{Profile: profile},
				}
				if _, err := s.Append(t.Context(), []*record.Record{r}); err != nil {
					t.Fatal(err)
				}
			}
			note := func(finished bool) {
				c := contact.Contact{Browser: record.Browser{Profile: own}, Finished: finished}
				if err := contact.Note(contact.Of(folder), c); err != nil {
					t.Error(err)
				}
			}
			if tt.state != "unheard" {
				note(false)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			asked := contact.Finishing(ctx, folder)
			go func() {
				<-asked
				if tt.state == "finished" {
					note(true)
				} else {
					cancel() // the extension does not finish in time
				}
			}()
			e := ending.For(s, 0)
			e.Settle(ctx, folder)
			if waited := ctx.Err() != nil; waited != (tt.state == "heard" || tt.state == "unheard") {
				t.Errorf("waited in vain: %v", waited)
			}
			gaps := gapsIn(t, s)
			want := strings.Count(tt.says, "https://")
			if want == 0 && tt.state == "heard" {
				want = 1 // on no page
			}
			if tt.state == "heard" && len(gaps) != want || tt.state != "heard" && len(gaps) > 0 {
				t.Errorf("recorded are the gaps %+v, want %d", gaps, want)
			}
			if err := e.KeepCut(t.Context()); err != nil {
				t.Error(err)
			}
			if cut := gapsIn(t, s); len(cut) != want {
				t.Errorf("with those of pages that the browser ended, recorded are the gaps %+v, want %d", cut, want)
			}
			var said bytes.Buffer
			e.Complain(&said, "/state/host.log")
			if tt.says == "" && said.Len() > 0 || !strings.Contains(said.String(), tt.says) {
				t.Errorf("said %q, want %q", said.String(), tt.says)
			}
		})
	}
}

// gapsIn are the rows of a store which say that something may be missing.
func gapsIn(t *testing.T, s *store.Store) []store.Row {
	t.Helper()
	rows, err := s.Rows(t.Context(), store.Query{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(rows, func(r store.Row) bool { return r.Kind != record.Gap })
}
