//go:build unix

package doctor_test

import (
	"fmt"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/doctor"
	"userlike-inspector/nativehost/internal/glossary"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/store"
)

// For an open page with recent records, the stage that the client did not reach is named.
func TestPages(t *testing.T) {
	o := healthy(t, t.TempDir())
	s, err := store.Open(t.Context(), o.Store)
	if err != nil {
		t.Fatal(err)
	}
	frame := 0
	add := func(tab int, ago time.Duration, records ...record.Record) {
		for i, r := range records {
			document := fmt.Sprint("d", tab)
			r.V, r.ID, r.Seq, r.Document, r.Tab, r.Frame = 1, fmt.Sprintf("%s/%d", document, i+1), int64(i+1), document, &tab, &frame
			r.Time, r.URL = record.At(now.Add(-ago)), fmt.Sprintf("https://shop%d.example/a?b=c", tab)
			r.Browser = &record.Browser{Name: "Chromium", Profile: "p"}
			if _, err := s.Append(t.Context(), []*record.Record{&r}); err != nil {
				t.Fatal(err)
			}
		}
	}
	opened, hooked := record.Record{Kind: record.Page, Event: record.Opened}, record.Record{Kind: record.Page, Event: record.Hooked}
	held, closed := record.Record{Kind: record.Client, State: record.HeldBack}, record.Record{Kind: record.Page, Event: record.Closed}
	add(1, time.Hour, opened, hooked, held)
	add(2, time.Minute, opened, hooked, held)
	add(3, time.Minute, opened, hooked, held, closed)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := doctor.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	var pages []doctor.Check
	for _, c := range r.Checks {
		if c.What == "page" {
			pages = append(pages, c)
		}
	}
	term := glossary.ClientHeldBack.Of()
	want := doctor.Check{What: "page", Which: "https://shop2.example (Chromium, tab 2)", State: term.Code, Text: term.Meaning, Remedy: term.Remedy}
	if len(pages) != 1 || pages[0] != want {
		t.Errorf("got %+v, want %+v alone", pages, want)
	}
}
