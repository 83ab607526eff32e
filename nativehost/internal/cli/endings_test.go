package cli

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/contact"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/store"
)

// The browser's end waits for the documents of its own that are open, and says
// which it has waited for in vain.
func TestEndings(t *testing.T) {
	const own, other = "7e8f4a52-2f4f-4a6c-9be5-6f3f3a1f0c11", "0b7c9d8e-5a6f-4f0e-8d3c-2b1a09f8e7d6"
	for _, tt := range []struct {
		name   string
		pages  string // document:profile's first letter:event, in order of arrival
		unsaid bool   // no extension has been heard
		says   string // "" where all is there
	}{
		{"closed", "a:o:opened a:o:hooked a:o:closed", false, ""},
		{"open", "a:o:opened a:o:hooked b:o:opened b:o:closed", false, "https://shop.example/a"},
		{"only hooked", "a:o:hooked", false, "https://shop.example/a"},
		{"open again", "a:o:opened a:o:closed a:o:opened", false, "https://shop.example/a"},
		{"closed again", "a:o:opened a:o:closed a:o:opened a:o:closed", false, ""},
		{"another browser's", "a:o:opened b:t:opened a:o:closed", false, ""},
		{"nothing recorded", "", false, ""},
		{"nobody heard", "", true, "the extension did not reach"},
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
				profile := map[string]string{"o": own, "t": other}[part[1]]
				r := &record.Record{
					V: record.Version, Kind: record.Page, ID: fmt.Sprintf("%s/%d", part[0], i+1), Seq: int64(i + 1), Time: record.At(time.Now()),
					Document: part[0], URL: "https://shop.example/" + part[0], Event: part[2], Browser: &record.Browser{Profile: profile},
				}
				if _, err := s.Append(t.Context(), []*record.Record{r}); err != nil {
					t.Fatal(err)
				}
			}
			if !tt.unsaid {
				if err := contact.Note(contact.Of(folder), contact.Contact{Browser: record.Browser{Profile: own}}); err != nil {
					t.Fatal(err)
				}
			}
			// What is there is seen at once; for what isn't, the wait is in vain.
			patience := 30 * time.Second
			if tt.says != "" {
				patience = 2 * quiet
			}
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			e := endings{store: s}
			e.wait(ctx, folder)
			if waited := ctx.Err() != nil; waited != (tt.says != "") {
				t.Errorf("waited in vain: %v", waited)
			}
			var said bytes.Buffer
			e.complain(&said)
			if tt.says == "" && said.Len() > 0 || !strings.Contains(said.String(), tt.says) {
				t.Errorf("said %q, want %q", said.String(), tt.says)
			}
		})
	}
}
