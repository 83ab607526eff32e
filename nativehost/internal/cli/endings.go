package cli

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"userlike-inspector/extension"
	"userlike-inspector/nativehost/internal/contact"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/store"
	"userlike-inspector/nativehost/internal/wire"
)

// noteContact keeps, for other processes, that this host has heard an extension.
func (a *app) noteContact(log *slog.Logger) func(wire.FromExtension) {
	var last time.Time
	return func(hello wire.FromExtension) {
		now := a.now()
		if hello.Browser == nil || now.Sub(last) < time.Minute {
			return
		}
		last = now
		dir, err := contact.Folder(a.system)
		if err == nil {
			var path string
			path, _ = a.storePath() // "" is said by whoever needs the store
			err = contact.Note(dir, contact.Contact{
				Browser: *hello.Browser, Extension: hello.Extension, Protocol: hello.Protocol,
				Host: extension.Version, Store: path, At: record.At(now),
			})
		}
		if err != nil {
			log.Error("noting the contact", "error", err)
		}
	}
}

// quiet is how long nothing more must have come when every document that is
// known is closed: one that was opened just before may not be known yet. It
// takes 1 to 50 ms from a page to the store on an idle machine.
const quiet = 250 * time.Millisecond

// endings waits for what a browser's pages said last to be in the store.
type endings struct {
	store *store.Store
	after int64 // rows up to this one are from before

	open    map[string]document // not yet closed ones of any browser, by id
	unheard bool                // no extension has reached a host
	left    []string            // addresses of this browser's open documents
	err     error               // why none of this could be seen
}

// document is what is known of an open one.
type document struct {
	profile string
	url     string
}

// wait returns when every document that the browser of the session has told of
// is said to be closed, which is a document's last record, and nothing more
// comes; or when ctx ends.
func (e *endings) wait(ctx context.Context, folder string) {
	e.open = map[string]document{}
	last, since := e.after, time.Now()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		settled, err := e.look(ctx, contact.Of(folder))
		if ctx.Err() != nil {
			return // what the last look has seen stands
		}
		if e.after != last {
			last, since = e.after, time.Now()
		}
		if e.err = err; settled && time.Since(since) > quiet || err != nil {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// look reads on in the store and tells whether all is there.
func (e *endings) look(ctx context.Context, contacts string) (settled bool, err error) {
	for {
		rows, err := e.store.Rows(ctx, store.Query{After: e.after, Limit: page})
		if err != nil {
			return false, err
		}
		for _, row := range rows {
			e.after = row.Row
			if row.Kind != record.Page {
				continue
			}
			id, _, _ := strings.Cut(row.ID, "/")
			if row.Event == "closed" {
				delete(e.open, id)
				continue
			}
			if _, known := e.open[id]; known {
				continue
			}
			r, err := e.store.Record(ctx, row.Row)
			if err != nil {
				return false, err
			}
			d := document{url: r.URL}
			if r.Browser != nil {
				d.profile = r.Browser.Profile
			}
			e.open[id] = d
		}
		if len(rows) == 0 {
			break
		}
	}
	heard, err := contact.All(contacts)
	if err != nil {
		return false, err
	}
	e.unheard = len(heard) == 0
	e.left = nil
	for _, d := range e.open {
		if slices.ContainsFunc(heard, func(c contact.Contact) bool { return c.Browser.Profile == d.profile }) {
			e.left = append(e.left, d.url)
		}
	}
	slices.Sort(e.left)
	return !e.unheard && len(e.left) == 0, nil
}

// complain says what the end of the visit may have cost.
func (e *endings) complain(w io.Writer) {
	switch {
	case e.err != nil:
		fmt.Fprintf(w, "Whether the last calls were recorded could not be seen: %v\n", e.err)
	case e.unheard:
		fmt.Fprintln(w, "Nothing was recorded: the extension did not reach this program. Run it again; if it stays so, host.log in the state folder says why.")
	case len(e.left) > 0:
		fmt.Fprintf(w, "The last records of these pages did not arrive in time, so calls made as they were closed may be missing:\n  %s\n", strings.Join(e.left, "\n  "))
	}
}
