package cli

import (
	"cmp"
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
	"userlike-inspector/nativehost/internal/recording"
	"userlike-inspector/nativehost/internal/store"
	"userlike-inspector/nativehost/internal/wire"
)

// contactNote keeps, for other processes, that this host has heard an extension.
type contactNote struct {
	app  *app
	log  *slog.Logger
	last time.Time // when it was noted
	done bool      // the extension has finished
}

func (n *contactNote) heard(hello wire.FromExtension) {
	if hello.Browser != nil && n.app.now().Sub(n.last) >= time.Minute {
		n.note(hello)
	}
}

func (n *contactNote) finished(hello wire.FromExtension) {
	if hello.Browser != nil {
		n.done = true
		n.note(hello)
	}
}

func (n *contactNote) note(hello wire.FromExtension) {
	n.last = n.app.now()
	dir, err := contact.Folder(n.app.system)
	if err == nil {
		var path string
		path, _ = n.app.storePath() // "" is said by whoever needs the store
		err = contact.Note(dir, contact.Contact{
			Browser: *hello.Browser, Extension: hello.Extension, Protocol: hello.Protocol,
			Host: extension.Version, Store: path, At: record.At(n.last), Finished: n.done,
		})
	}
	if err != nil {
		n.log.Error("noting the contact", "error", err)
	}
}

// endings waits for what a browser's pages said last to be in the store.
type endings struct {
	store *store.Store
	after int64 // rows up to this one are from before

	open       map[string]document // not yet closed ones of any browser, by id
	unheard    bool                // no extension has reached a host
	unfinished bool                // one may still have records
	left       []string            // this browser's open documents
	cut        []string            // and of those that could not say their last
	err        error               // why none of this could be seen
}

// document is what is known of an open one.
type document struct {
	browser *record.Browser
	url     string
}

// wait asks the extension of the browser of the session, whose pages are gone,
// for all that they have said, and returns when it is stored, or when ctx ends.
func (e *endings) wait(ctx context.Context, folder string) {
	e.open = map[string]document{}
	if e.err = contact.Finish(folder); e.err != nil {
		return
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for waiting := true; waiting; {
		select {
		case <-tick.C:
		case <-ctx.Done():
			waiting = false // but for a last look
		}
		var finished bool
		if finished, e.err = e.look(context.WithoutCancel(ctx), contact.Of(folder)); finished || e.err != nil {
			return
		}
	}
	e.err = e.keepUnheard(context.WithoutCancel(ctx))
}

// keepUnheard records of every page that is left open that its last calls may be
// missing. The extension says the same, by the same id, of a page that hangs.
func (e *endings) keepUnheard(ctx context.Context) error {
	now := record.At(time.Now())
	var gaps []*record.Record
	for _, id := range e.left {
		d := e.open[id]
		gap := &record.Record{
			V: record.Version, Kind: record.Gap, ID: id + "/unheard", Time: now, Received: &now,
			Browser: d.browser, Document: id, URL: d.url, Why: record.NoEnd,
		}
		gaps = append(gaps, gap)
	}
	if len(gaps) == 0 {
		return nil
	}
	_, err := e.store.Append(ctx, gaps)
	return err
}

// look tells whether every extension that has been heard says that it has
// finished, and reads on in the store: what it says is stored before.
func (e *endings) look(ctx context.Context, contacts string) (finished bool, err error) {
	heard, err := contact.All(contacts)
	if err != nil {
		return false, err
	}
	if err := e.read(ctx); err != nil {
		return false, err
	}
	e.unheard, e.unfinished = len(heard) == 0, false
	for _, c := range heard {
		e.unfinished = e.unfinished || !c.Finished
	}
	e.left = nil
	for id, d := range e.open {
		if slices.ContainsFunc(heard, func(c contact.Contact) bool { return d.browser != nil && c.Browser.Profile == d.browser.Profile }) {
			e.left = append(e.left, id)
		}
	}
	slices.SortFunc(e.left, func(a, b string) int { return cmp.Or(cmp.Compare(e.open[a].url, e.open[b].url), cmp.Compare(a, b)) })
	return !e.unheard && !e.unfinished, nil
}

// read reads on in the store.
func (e *endings) read(ctx context.Context) error {
	for {
		rows, err := e.store.Rows(ctx, store.Query{After: e.after, Limit: recording.Page})
		if err != nil || len(rows) == 0 {
			return err
		}
		for _, row := range rows {
			e.after = row.Row
			if row.Kind != record.Page {
				continue
			}
			id, last, _ := strings.Cut(row.ID, "/")
			if row.Event == "closed" {
				if last == "closed" { // said by the background, in the page's stead
					e.cut = append(e.cut, e.open[id].url)
				}
				delete(e.open, id)
				continue
			}
			if _, known := e.open[id]; known {
				continue
			}
			r, err := e.store.Record(ctx, row.Row)
			if err != nil {
				return err
			}
			e.open[id] = document{url: r.URL, browser: r.Browser}
		}
	}
}

// addresses are those of the documents that are left open.
func (e *endings) addresses() (all []string) {
	for _, id := range e.left {
		all = append(all, e.open[id].url)
	}
	return all
}

// complain says what the end of the visit may have cost.
func (e *endings) complain(w io.Writer) {
	switch {
	case e.err != nil:
		fmt.Fprintf(w, "Whether the last calls were recorded could not be seen: %v\n", e.err)
	case e.unheard:
		fmt.Fprintln(w, "Nothing was recorded: the extension did not reach this program. Run it again; if it stays so, host.log in the state folder says why.")
	case e.unfinished && len(e.left) > 0:
		fmt.Fprintf(w, "The last records of these pages did not arrive in time, so calls made as they were closed may be missing:\n  %s\n", strings.Join(e.addresses(), "\n  "))
	case e.unfinished:
		fmt.Fprintln(w, "The extension did not say in time that it has handed everything over, so the last calls may be missing.")
	case len(e.cut) > 0:
		fmt.Fprintf(w, "The browser ended these pages before they had said their last, so calls made as they were closed may be missing:\n  %s\n", strings.Join(e.cut, "\n  "))
	}
}
